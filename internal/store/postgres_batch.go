package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// A batch is calls that go through one transaction in step: each statement
// that several of them wait for is sent once, for all of them.
type batch struct {
	*link
	begin   string
	writes  bool
	chain   *chain // nil: nothing is sealed
	strands []*strand
	turns   map[turn]*strand
	later   []*call // must run again, in the next batch
	begun   bool
}

// A turn is a row that a strand has looked at in order to change it.
type turn struct {
	name string
	key  any
}

// suspected ends a batch in which calls failed after the database had changed
// for them. All is rolled back, and they run alone.
type suspected struct {
	calls []*call
	cause error // of the first
}

func (s *suspected) Error() string { return s.cause.Error() }
func (s *suspected) Unwrap() error { return s.cause }

// run takes the calls through the transaction. On nil each call has its
// result, but those that must run again; on an error none has.
func (b *batch) run(ctx context.Context, calls []*call, texts *texts) error {
	b.turns = map[turn]*strand{}
	for _, c := range b.admit(calls) {
		b.strands = append(b.strands, newStrand(c, texts))
	}
	defer func() {
		for _, s := range b.strands {
			s.stop()
		}
	}()
	if err := b.weave(ctx); err != nil {
		return b.end(ctx, err)
	}
	err := b.commit(ctx)
	b.chain.ended(err == nil)
	if err != nil {
		return b.end(ctx, err)
	}
	for _, s := range b.strands {
		s.call.err = s.err
	}
	return nil
}

// admit leaves out, for the next batch, all but the first of the calls that came
// too late for the same turn: of a hundred payments by one wallet, each batch
// would take all through what comes before the wallet, and one past it.
func (b *batch) admit(calls []*call) []*call {
	admitted := make([]*call, 0, len(calls))
	first := map[turn]bool{}
	for _, c := range calls {
		if c.lost != (turn{}) && first[c.lost] {
			b.later = append(b.later, c)
			continue
		}
		first[c.lost] = true
		admitted = append(admitted, c)
	}
	return admitted
}

// weave runs the functions until each has ended, a round trip at a time, and
// then what they still owe.
func (b *batch) weave(ctx context.Context) error {
	for _, s := range b.strands {
		s.advance()
	}
	for {
		r, waiting := b.gather()
		if len(waiting) == 0 {
			break
		}
		if err := b.send(ctx, r); err != nil {
			return err
		}
		for _, s := range waiting {
			if !s.ask.guard {
				s.settle()
			}
			s.advance()
		}
	}
	if err := b.suspects(); err != nil {
		return err
	}
	return b.pay(ctx)
}

// gather takes what the strands wait for into one round, each after what it
// owes.
func (b *batch) gather() (*round, []*strand) {
	r := &round{}
	waiting, kept := make([]*strand, 0, len(b.strands)), b.strands[:0]
	for _, s := range b.strands {
		if s.ask != nil && !b.turnOf(s) {
			s.call.lost = s.ask.awaits()
			b.later = append(b.later, s.call)
			s.stop()
			continue
		}
		kept = append(kept, s)
		if s.ask == nil {
			continue
		}
		waiting = append(waiting, s)
		place := 0
		if !s.ask.guard {
			for _, a := range s.owed {
				place = r.add(a, place)
			}
		}
		r.add(s.ask, place)
	}
	clear(b.strands[len(kept):])
	b.strands = kept
	return r, waiting
}

// turnOf reports whether it is the strand's turn at the row that it looks at. A
// strand that has written can't wait for the next batch, and need not: its
// writes carry their conditions.
func (b *batch) turnOf(s *strand) bool {
	if !b.writes || s.ask.turn == "" {
		return true
	}
	t := s.ask.awaits()
	owner := b.turns[t]
	if owner == nil {
		b.turns[t] = s
	}
	return owner == nil || owner == s || s.wrote
}

// awaits is the turn that the ask is about.
func (a *ask) awaits() turn { return turn{a.turn, a.args[0]} }

// suspects is an error when a call failed that the database has changed for.
func (b *batch) suspects() error {
	var found []*call
	var cause error
	for _, s := range b.strands {
		if s.err != nil && s.wrote {
			found = append(found, s.call)
			if cause == nil {
				cause = s.err
			}
		}
	}
	if found == nil {
		return nil
	}
	return &suspected{found, cause}
}

// pay sends what is still owed.
func (b *batch) pay(ctx context.Context) error {
	r := &round{}
	for _, s := range b.strands {
		place := 0
		for _, a := range s.owed {
			place = r.add(a, place)
			s.wrote = true // whatever becomes of it, it can't be forgotten
		}
	}
	if len(r.groups) == 0 {
		return nil
	}
	if err := b.send(ctx, r); err != nil {
		return err
	}
	for _, s := range b.strands {
		s.settle()
	}
	return b.suspects()
}

// commit ends the transaction. One that wrote leaves a mark, by which we can
// find out later whether it was kept.
func (b *batch) commit(ctx context.Context) error {
	if !b.begun {
		return nil
	}
	if !b.wrote() {
		if err := b.control(ctx, "COMMIT"); err != nil {
			return err
		}
		return b.believe(ctx)
	}
	end := &endSession{link: b.link, ctx: ctx}
	if err := b.chain.seal(&tx{session: end}, b.posted()); err != nil {
		return err
	}
	mark := rand.Int64() //nolint:gosec // a name, not a secret
	began, heard := time.Now(), b.warnings
	if err := b.mark(ctx, mark, began, end.owed...); err != nil {
		return err
	}
	err := b.control(ctx, "COMMIT")
	switch {
	case err == nil && b.warnings != heard:
		// It may be durable on one machine only: a server that is told to stop
		// waiting for the others says no more than this.
		err = errWarned
	case err == nil:
		b.committed = began
		return nil
	case !isLost(err):
		return err
	}
	b.drop()
	kept, fenced := b.server.kept(mark)
	switch {
	case fenced != nil:
		return errors.Join(ErrUnknownOutcome, err, fenced)
	case kept:
		return nil
	}
	return err
}

// posted is what the calls entered in the ledger.
func (b *batch) posted() (all []posted) {
	for _, s := range b.strands {
		if s.err == nil {
			all = append(all, s.posted...)
		}
	}
	return all
}

func (b *batch) wrote() bool {
	for _, s := range b.strands {
		if s.wrote {
			return true
		}
	}
	return false
}

// send carries out a round.
func (b *batch) send(ctx context.Context, r *round) error {
	requests := make([]request, 0, len(r.groups)+1)
	if !b.begun {
		st, err := b.prepare(ctx, b.begin)
		if err != nil {
			return err
		}
		requests = append(requests, request{prepared: st})
	}
	for _, g := range r.groups {
		q, err := b.request(ctx, g)
		if err != nil {
			return err
		}
		requests = append(requests, q)
	}
	err := b.pipeline(ctx, requests)
	b.begun = true
	return err
}

// request is a group as it is sent: alone, or as a set.
func (b *batch) request(ctx context.Context, g *group) (q request, err error) {
	if q.prepared, err = b.prepare(ctx, g.text); err != nil {
		return q, err
	}
	types := q.prepared.ParamOIDs
	if len(g.rows) == 1 {
		q.args, err = encodedAll(g.rows[0])
		q.read = g.readOne
		return q, err
	}
	text, err := g.typed(types)
	if err != nil {
		return q, err
	}
	if q.prepared, err = b.prepare(ctx, text); err != nil {
		return q, err
	}
	q.args, err = encodedArrays(types, g.rows)
	q.read = g.readSet
	return q, err
}

// end rolls back what is open, or gives up the connection.
func (b *batch) end(ctx context.Context, err error) error {
	if b.conn == nil {
		return err
	}
	if b.conn.IsClosed() || isLost(err) {
		b.drop()
		return err
	}
	if b.conn.TxStatus() != idle {
		if _, failed := b.conn.Exec(ctx, "ROLLBACK").ReadAll(); failed != nil {
			b.drop()
		}
	}
	return err
}

// idle is the state of a connection without a transaction.
const idle = 'I'
