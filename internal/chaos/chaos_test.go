package chaos_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen/internal/chaos"
	"sen/internal/clock"
	"sen/internal/merchant"
	"sen/internal/pay"
)

// healthy is a store in which every transaction succeeds.
type healthy struct{}

func (healthy) Update(context.Context, func(pay.Tx) error) error   { return nil }
func (healthy) View(context.Context, func(pay.Reader) error) error { return nil }

func newStore() (*chaos.Store, *clock.Clock) {
	now := &clock.Clock{Machine: func() time.Time { return time.Date(2026, 1, 2, 5, 0, 0, 0, time.UTC) }}
	return &chaos.Store{Store: healthy{}, Now: now.Now}, now
}

func inject(t *testing.T, s *chaos.Store, f chaos.Fault) {
	t.Helper()
	if err := s.Inject(f); err != nil {
		t.Fatal(err)
	}
}

// TestCalls counts under concurrency: exactly as many fail as were asked for,
// and only the app's.
func TestCalls(t *testing.T) {
	t.Parallel()
	s, _ := newStore()
	inject(t, s, chaos.Fault{App: 7, Calls: 30})
	var failed [2]atomic.Int64
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			app := merchant.ID(7 + i%2)
			ctx := merchant.WithCaller(t.Context(), app)
			call := func() error { return s.Update(ctx, nil) }
			if i%4 < 2 {
				call = func() error { return s.View(ctx, nil) }
			}
			if call() != nil {
				failed[app-7].Add(1)
			}
		})
	}
	wg.Wait()
	if mine, others := failed[0].Load(), failed[1].Load(); mine != 30 || others != 0 {
		t.Errorf("%d transactions of the app failed and %d of another, want 30 and 0", mine, others)
	}
	if left := s.Faults(); len(left) != 0 {
		t.Errorf("left are %+v, want none", left)
	}
}

func TestUntil(t *testing.T) {
	t.Parallel()
	s, now := newStore()
	want := chaos.Fault{ID: 3, Until: now.Now().Add(time.Minute)}
	inject(t, s, want)
	if diff := cmp.Diff([]chaos.Fault{want}, s.Faults()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if s.Update(t.Context(), nil) == nil || s.View(t.Context(), nil) == nil {
		t.Error("a transaction passed within the minute")
	}
	now.Move(time.Minute)
	if err := s.Update(t.Context(), nil); err != nil {
		t.Errorf("after the minute: %v", err)
	}
	inject(t, s, chaos.Fault{Calls: 1})
	s.Mend()
	if err := s.View(t.Context(), nil); err != nil {
		t.Errorf("mended: %v", err)
	}
}

func TestInjectRefused(t *testing.T) {
	t.Parallel()
	s, _ := newStore()
	for _, f := range []chaos.Fault{{}, {App: 7}, {Calls: -1}, {Calls: 1_000_001}} {
		if err := s.Inject(f); !errors.Is(err, chaos.ErrFault) {
			t.Errorf("%+v: got %v, want %v", f, err, chaos.ErrFault)
		}
	}
}
