package store

import (
	"context"
	"hash/maphash"
	"math/bits"
	"runtime"
	"sync"

	"sen/internal/ledger"
	"sen/internal/money"
)

// A look reads everything once, with as many readers as there are processors for
// it, all in the same state of the data.
type look struct {
	report   *Report
	keys     *ledger.Keys
	since    *ledger.Checkpoint
	progress func(int64)
	readers  []*lookReader
	cutter   *tx // finds where to cut what the readers share
	seen     tally
	seed     maphash.Seed
	rest     []int64            // the entries that are not summed, ascending
	spans    map[hourBlock]span // nil: sums are not looked at
}

// A lookReader is one of them, and what it alone has summed up.
type lookReader struct {
	*tx

	look   *look
	page   page // of the stretch that is being read
	sums   map[ledger.AccountID]*accountSum
	closed map[settledDay]money.Amount // net of the lines of each settlement

	hours   residue // what accounts moved in each hour
	outside []int64 // entries that are not where their hour says
	at      hourBlock
	atSpan  span
}

// mostReaders is where more would wait for the one that follows the chains.
const mostReaders = 8

func (s *Store) look(ctx context.Context, r *Report, how Verification, fn func(*look) error) error {
	n := how.Processors
	if n == 0 {
		n = runtime.GOMAXPROCS(0) / 2
	}
	n = min(max(n, 1), mostReaders)
	asked := n
	if n > 1 {
		asked++ // the cutter has its own
	}
	return s.engine.abreast(ctx, asked, func(all []*tx) error {
		l := &look{report: r, keys: s.keys.Load(), since: how.Since, progress: how.Progress, seed: maphash.MakeSeed(), cutter: all[len(all)-1]}
		for _, t := range all[:min(n, len(all))] {
			l.readers = append(l.readers, &lookReader{tx: t, look: l, sums: map[ledger.AccountID]*accountSum{}, closed: map[settledDay]money.Amount{}})
		}
		for d := range l.seen.doubts {
			l.seen.doubts[d] = how.doubtful
		}
		l.seen.doubts[always] = true
		return fn(l)
	})
}

// balances are the sums of what all readers have read.
func (l *look) balances() balances {
	all := balances{}
	for _, r := range l.readers {
		for id, one := range r.sums {
			all[id] += one.total
			r.endHour(id, one)
		}
		r.sums = nil
	}
	return all
}

// A piece is a part of the work: the rows with keys after one, up to another.
type piece struct {
	after, last int64
	done        chan taken
}

// taken is a piece that was read: what is left to do with it, in order.
type taken struct {
	take func() error
	err  error
}

// spread cuts work into pieces and has the readers read them side by side. What
// read returns is called in the order of the pieces, one at a time.
func (l *look) spread(cut func(each func(after, last int64) error) error, read func(r *lookReader, after, last int64) (func() error, error)) error {
	if len(l.readers) == 1 {
		return cut(func(after, last int64) error {
			take, err := read(l.readers[0], after, last)
			if err != nil {
				return err
			}
			return take()
		})
	}
	const waiting = 4 // pieces for each reader, read or to be read
	todo := make(chan piece)
	inOrder := make(chan piece, waiting*len(l.readers))
	stop := make(chan struct{})
	var all sync.WaitGroup
	for _, r := range l.readers {
		all.Go(func() {
			for p := range todo {
				var t taken
				t.err = guarded(func() (err error) {
					t.take, err = read(r, p.after, p.last)
					return err
				})
				p.done <- t
			}
		})
	}
	var cutting error
	all.Go(func() {
		defer close(inOrder)
		defer close(todo)
		cutting = guarded(func() error {
			return cut(func(after, last int64) error {
				return hand(piece{after, last, make(chan taken, 1)}, inOrder, todo, stop)
			})
		})
	})
	err := takeAll(inOrder)
	close(stop)
	for range inOrder {
	}
	all.Wait()
	if err == nil {
		err = cutting
	}
	return err
}

// errEnough ends the cutting of work that has failed.
var errEnough = context.Canceled

// hand gives a piece to whoever is free, and notes when its turn is.
func hand(p piece, inOrder, todo chan<- piece, stop <-chan struct{}) error {
	for _, to := range []chan<- piece{inOrder, todo} {
		select {
		case to <- p:
		case <-stop:
			close(p.done)
			return errEnough
		}
	}
	return nil
}

// takeAll takes the pieces in their order, until one fails.
func takeAll(inOrder <-chan piece) error {
	for p := range inOrder {
		t, ok := <-p.done
		if !ok {
			return errEnough
		}
		if t.err != nil {
			return t.err
		}
		if err := t.take(); err != nil {
			return err
		}
	}
	return nil
}

// A tally is what was seen in rows of large tables.
type tally struct {
	payments, refunds int64
	discount          money.Amount // of all payments
	doubts            [allDoubts]bool
	// Two ways to come to the same sum, for each doubt that is about two tables.
	sides [allDoubts][2]residue
}

// The sides of a comparison.
const (
	here  = 0
	there = 1
)

func (t *tally) add(more *tally) {
	t.payments += more.payments
	t.refunds += more.refunds
	t.discount += more.discount
	for d := range allDoubts {
		t.doubts[d] = t.doubts[d] || more.doubts[d]
		t.sides[d][here] = t.sides[d][here].plus(more.sides[d][here])
		t.sides[d][there] = t.sides[d][there].plus(more.sides[d][there])
	}
}

func (t *tally) count(d doubt, side int, n residue) { t.sides[d][side] = t.sides[d][side].plus(n) }

// doubted reports whether the database must be asked.
func (t *tally) doubted(d doubt) bool { return t.doubts[d] || t.sides[d][here] != t.sides[d][there] }

// A residue is a number modulo a prime. Rows of two tables that belong together,
// in whatever order they come, are the same when the sums of their hashes are:
// the hash has a seed of this look's own, so two sums of rows that are not the
// same are equal once in 2^61 looks, and nobody can make them so.
type residue uint64

const prime = 1<<61 - 1

func (a residue) plus(b residue) residue {
	if a += b; a >= prime {
		a -= prime
	}
	return a
}

// times is n times a.
func (a residue) times(n int64) residue {
	size := uint64(n) //nolint:gosec // made positive below
	if n < 0 {
		size = -size
	}
	high, low := bits.Mul64(uint64(a), size%prime)
	product := residue(bits.Rem64(high, low, prime))
	if n < 0 && product != 0 {
		product = prime - product
	}
	return product
}

// hash is that of a row, by the columns that matter.
func (l *look) hash(columns [4]int64) residue {
	return residue(maphash.Comparable(l.seed, columns) % prime)
}

// crossChecks asks the database about every rule that is in doubt.
func (l *look) crossChecks() error {
	var asked []crossCheck
	for _, c := range crossChecks {
		if l.seen.doubted(c.when) {
			asked = append(asked, c)
		}
	}
	return l.spread(func(each func(after, last int64) error) error {
		for i := range asked {
			if err := each(int64(i), int64(i)); err != nil {
				return err
			}
		}
		return nil
	}, func(r *lookReader, i, _ int64) (func() error, error) {
		problems, err := r.verifyCross(asked[i])
		return func() error {
			for _, text := range problems {
				l.report.problem("%s", text)
			}
			return nil
		}, err
	})
}
