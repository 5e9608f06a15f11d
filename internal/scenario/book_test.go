package scenario_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sen/internal/scenario"
)

// shelf keeps one rule, whose id says which change of it this is.
type shelf struct{ id atomic.Int64 }

func (s *shelf) Rules(context.Context) ([]scenario.Rule, error) {
	id := s.id.Load()
	runtime.Gosched() // a read takes a while
	return []scenario.Rule{{ID: id, Effect: scenario.Effect{Delay: time.Duration(id)}, Left: scenario.Unlimited}}, nil
}

func (*shelf) TakeRule(context.Context, int64) (bool, error) { return true, nil }

// TestRefreshInOrder changes rules from many sides at once: whoever has
// refreshed the book finds its own change in it or a later one.
func TestRefreshInOrder(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	b := &scenario.Book{Store: s, Now: time.Now}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 500 {
				mine := s.id.Add(1)
				if err := b.Refresh(t.Context()); err != nil {
					t.Error(err)
				}
				r, ok, err := b.For(t.Context(), "create_order", 7, nil)
				if err != nil || !ok || int64(r.Effect.Delay) < mine {
					t.Errorf("found change %d, %v, %v, after change %d was refreshed", int64(r.Effect.Delay), ok, err, mine)
					return
				}
			}
		})
	}
	wg.Wait()
}
