package store

import (
	"errors"
	"iter"
)

// A strand is a call under way. Its function runs until it needs the database,
// then rests until the answer is there: so the functions of a batch can be
// taken through their statements side by side, and a statement that many of
// them wait for is run once for all.
type strand struct {
	call *call
	next func() (*ask, bool)
	stop func()

	ask  *ask   // what it waits for; nil when its function has ended
	owed []*ask // what nobody waits for and that was not sent yet
	err  error  // why it fails
	// posted is what it entered in the ledger, once its function has ended.
	posted []posted
	// wrote is set when the database has changed for it, so that a failure
	// takes more than forgetting it.
	wrote bool
}

// An ask is a statement with its arguments, and what came of it.
type ask struct {
	*statement
	strand *strand
	args   []any
	guard  bool  // depends on nothing that its strand owes
	missed error // why the strand fails when nothing was changed; nil: it does not

	changed int64
	found   result
}

// A result holds the rows of a query.
type result struct {
	types []uint32
	rows  [][][]byte
}

func (r result) each(each func(scan func(...any) error) error) error {
	for _, values := range r.rows {
		scan := func(dest ...any) error { return fill(wireRow{values, r.types}, dest) }
		if err := each(scan); err != nil {
			return err
		}
	}
	return nil
}

// errAborted ends the function of a strand that is given up. It is nobody's
// result: the call runs again.
var errAborted = errors.New("the batch was given up")

// newStrand returns a strand that has not begun.
func newStrand(c *call, texts *texts) *strand {
	s := &strand{call: c}
	s.next, s.stop = iter.Pull(func(yield func(*ask) bool) {
		err := s.run(&strandSession{strand: s, texts: texts, yield: yield})
		if s.err == nil {
			s.err = err
		}
	})
	return s
}

func (s *strand) run(session *strandSession) error {
	if err := s.call.ctx.Err(); err != nil {
		return err
	}
	t := &tx{session: session}
	err := guarded(func() error { return s.call.fn(t) })
	s.posted = t.posted
	return err
}

// advance lets the function run to its next statement or to its end.
func (s *strand) advance() {
	s.ask, _ = s.next()
	if s.ask == nil && s.err != nil {
		s.owed = nil
	}
}

// settle takes note of what came of the writes that were owed.
func (s *strand) settle() {
	for _, a := range s.owed {
		if a.changed == 0 && a.missed != nil && s.err == nil {
			s.err = a.missed
		}
	}
	s.owed = nil
}

// strandSession is what the function of a strand sees.
type strandSession struct {
	strand *strand
	texts  *texts
	yield  func(*ask) bool
}

func (s *strandSession) ask(a *ask) (*ask, error) {
	switch {
	case s.strand.err != nil:
		return a, s.strand.err
	case !s.yield(a):
		return a, errAborted
	}
	return a, s.strand.err
}

func (s *strandSession) make(text string, args []any) *ask {
	return &ask{strand: s.strand, statement: s.texts.of(text), args: args}
}

func (s *strandSession) exec(text string, args ...any) (int64, error) {
	a, err := s.ask(s.make(text, args))
	return a.changed, err
}

func (s *strandSession) guard(text string, args ...any) (int64, error) {
	a := s.make(text, args)
	a.guard = true
	_, err := s.ask(a)
	return a.changed, err
}

func (s *strandSession) owe(missed error, text string, args ...any) error {
	a := s.make(text, args)
	a.missed = missed
	s.strand.owed = append(s.strand.owed, a)
	return s.strand.err
}

func (s *strandSession) rows(text string, args []any, each func(scan func(...any) error) error) error {
	a, err := s.ask(s.make(text, args))
	if err != nil {
		return err
	}
	return a.found.each(each)
}
