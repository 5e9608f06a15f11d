package store

import (
	"context"
	"errors"
	"slices"
	"time"
)

// A lane is a connection and the batches that go over it, one after the other.
type lane struct {
	*link
	begin  string // the statement that begins a transaction
	writes bool
}

// run carries out calls and returns those that must run again in the next
// batch.
func (l *lane) run(calls []*call) (again []*call) {
	until := time.Now().Add(patience)
	for try := 0; ; try++ {
		later, err := l.attempt(calls)
		suspects, some := errors.AsType[*suspected](err)
		switch {
		case err == nil:
			return later
		case some && len(calls) > 1:
			// Each runs alone, where its failure takes nobody with it. The
			// others lose nothing but time.
			again = l.run(without(calls, suspects.calls))
			for _, c := range suspects.calls {
				again = append(again, l.run([]*call{c})...)
			}
			return again
		case some: // alone: the failure is its own, and nothing of it is kept
			calls[0].err = suspects.cause
			return nil
		case (isConflict(err) || errors.Is(err, errChainMoved)) && time.Now().Before(until):
			l.server.metrics.Conflicts.Inc()
			time.Sleep(jitter(1 << min(try, 8)))
		case isLost(err) && time.Now().Before(until) && !l.server.away():
			l.server.metrics.Broken.Inc()
			time.Sleep(jitter(50))
		case isRefusal(err) && len(calls) > 1: // somebody's statement: halve until it is found
			half := len(calls) / 2
			return append(l.run(calls[:half:half]), l.run(calls[half:])...)
		default:
			for _, c := range calls {
				c.err = err
			}
			return nil
		}
	}
}

func (l *lane) attempt(calls []*call) (later []*call, err error) {
	if len(calls) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), batchTime)
	defer cancel()
	if err := l.connect(ctx); err != nil {
		return nil, err
	}
	b := &batch{link: l.link, begin: l.begin, writes: l.writes}
	if l.writes {
		b.chain = l.server.chain.Load()
	}
	err = b.run(ctx, calls, l.server.texts)
	return b.later, err
}

func without(all, some []*call) []*call {
	return slices.DeleteFunc(slices.Clone(all), func(c *call) bool { return slices.Contains(some, c) })
}
