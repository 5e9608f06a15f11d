package chaos_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sen/internal/chaos"
	"sen/internal/clock"
	"sen/internal/merchant"
	"sen/internal/pay"
	"sen/internal/store"
)

// healthy is a store in which every transaction succeeds.
type healthy struct{}

func (healthy) Update(context.Context, func(pay.Tx) error) error   { return nil }
func (healthy) View(context.Context, func(pay.Reader) error) error { return nil }

func newStore(t *testing.T, faults ...chaos.Fault) (*chaos.Store, *clock.Clock) {
	t.Helper()
	kept, err := store.Serve(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	now := &clock.Clock{Machine: func() time.Time { return noon }}
	s := &chaos.Store{Store: healthy{}, Faults: kept, Now: now.Now}
	for _, f := range faults {
		if err := errors.Join(f.Check(), kept.InsertFault(t.Context(), f)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, now
}

var noon = time.Date(2026, 1, 2, 5, 0, 0, 0, time.UTC)

// TestCalls counts under concurrency: exactly as many fail as were asked for,
// and only the app's.
func TestCalls(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t, chaos.Fault{ID: 1, App: 7, Calls: 30})
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
	if left, err := s.Faults.Faults(t.Context(), noon); len(left) != 0 || err != nil {
		t.Errorf("left are %+v, %v, want none", left, err)
	}
}

func TestUntil(t *testing.T) {
	t.Parallel()
	s, now := newStore(t, chaos.Fault{ID: 3, Until: noon.Add(time.Minute)})
	if s.Update(t.Context(), nil) == nil || s.View(t.Context(), nil) == nil {
		t.Error("a transaction passed within the minute")
	}
	now.Move(time.Minute)
	if err := s.Update(t.Context(), nil); err != nil {
		t.Errorf("after the minute: %v", err)
	}
}

// TestUnread leaves a store alone whose faults were never read.
func TestUnread(t *testing.T) {
	t.Parallel()
	s := &chaos.Store{Store: healthy{}}
	if err := errors.Join(s.Update(t.Context(), nil), s.View(t.Context(), nil)); err != nil {
		t.Error(err)
	}
}

func TestInjectRefused(t *testing.T) {
	t.Parallel()
	for _, f := range []chaos.Fault{{}, {App: 7}, {Calls: -1}, {Calls: 1_000_001}} {
		if err := f.Check(); !errors.Is(err, chaos.ErrFault) {
			t.Errorf("%+v: got %v, want %v", f, err, chaos.ErrFault)
		}
	}
}
