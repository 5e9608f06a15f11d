package apiv2

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"sen/internal/merchant"
)

// Limits bounds how often an app calls an operation. The zero value is ready,
// for a node that serves alone: a bucket in memory that holds a second's worth.
// Several nodes share permits that are counted in the database, at most the
// app's rate for each second of the clock. In any t seconds, rounded up, an app
// gets at most 1+t times its rate through, or 3+t when the clocks of nodes are
// up to a second apart; and once more when the number of nodes changes from one
// or to one, or a clock jumps.
type Limits struct {
	// Permits is where nodes share; nil where there is only one.
	Permits Permits
	// Nodes returns how many serve, this one included.
	Nodes func() int64

	mu     sync.Mutex
	meters map[meterKey]*meter
}

// Permits counts what an app may call in a second, for all nodes together.
type Permits interface {
	// TakePermits takes at most n of the permits of a second, which are limit in
	// all, and returns how many there were.
	TakePermits(ctx context.Context, app int64, operation string, second, n, limit int64) (int64, error)
}

type meterKey struct {
	app       merchant.ID
	operation string
}

// A meter counts the calls of one app and operation.
type meter struct {
	mu     sync.Mutex // held while permits are fetched: who else calls waits for them
	bucket *rate.Limiter
	// Permits that were taken for a second and not used yet. Those of a second
	// that is over are void, or else they would add to those of the next.
	second int64
	left   int64
	empty  bool // there are no more of that second
}

// allow counts a call and reports errLimited when it is beyond the app's terms.
// An app without a limit is not counted. When the permits can't be counted that
// is a failure of ours and not the app's: the call could do nothing without the
// database either.
func (l *Limits) allow(ctx context.Context, app merchant.App, operation string, now time.Time) error {
	perSecond := app.Terms.RatePerSecond
	if perSecond == 0 {
		return nil
	}
	m := l.meter(meterKey{app.ID, operation})
	m.mu.Lock()
	defer m.mu.Unlock()
	nodes := int64(1)
	if l.Nodes != nil {
		nodes = l.Nodes()
	}
	if nodes == 1 || l.Permits == nil {
		return beyond(!m.drip(perSecond, now))
	}
	ok, err := m.take(now, func(second int64) (int64, error) {
		return l.Permits.TakePermits(ctx, int64(app.ID), operation, second, chunk(perSecond, nodes), perSecond)
	})
	if err != nil {
		return fmt.Errorf("count a call: %w", err)
	}
	return beyond(!ok)
}

func beyond(terms bool) error {
	if terms {
		return errLimited
	}
	return nil
}

func (l *Limits) meter(key meterKey) *meter {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := l.meters[key]
	if m == nil {
		if l.meters == nil {
			l.meters = map[meterKey]*meter{}
		}
		m = &meter{}
		l.meters[key] = m
	}
	return m
}

// drip counts a call of a node that serves alone.
func (m *meter) drip(perSecond int64, now time.Time) bool {
	if m.bucket == nil || m.bucket.Burst() != int(perSecond) { // new, or its terms have changed
		m.bucket = rate.NewLimiter(rate.Limit(perSecond), int(perSecond))
	}
	return m.bucket.AllowN(now, 1)
}

// take uses a permit of now's second, and fetches some when there is none.
func (m *meter) take(now time.Time, fetch func(second int64) (int64, error)) (bool, error) {
	m.bucket = nil
	if second := now.Unix(); m.second != second {
		m.second, m.left, m.empty = second, 0, false
	}
	if m.left == 0 && !m.empty {
		granted, err := fetch(m.second)
		if err != nil {
			return false, err
		}
		m.left, m.empty = granted, granted == 0
	}
	if m.left == 0 {
		return false, nil
	}
	m.left--
	return true, nil
}

// chunksPerSecond is how often a node asks for permits in a second in which it
// has its full share of the calls. What a node has taken and does not use is
// lost for that second, so this is also how much of a limit can be lost at most.
const chunksPerSecond = 8

// chunk is how many permits are taken in one piece.
func chunk(perSecond, nodes int64) int64 { return max(perSecond/(nodes*chunksPerSecond), 1) }
