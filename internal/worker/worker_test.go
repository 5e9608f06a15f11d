package worker_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen/internal/worker"
)

// A script is a batch that does one thing after the other, and notes when.
type script struct {
	steps []func() (bool, error)
	began time.Time
	at    []time.Duration
}

func (s *script) batch(context.Context) (bool, error) {
	s.at = append(s.at, time.Since(s.began))
	if len(s.at) <= len(s.steps) {
		return s.steps[len(s.at)-1]()
	}
	return false, nil
}

func idle() (bool, error)   { return false, nil }
func busy() (bool, error)   { return true, nil }
func fail() (bool, error)   { return false, errors.New("on purpose") }
func panics() (bool, error) { panic("on purpose") }

// run runs a loop that looks every second for that long, and returns when it
// looked. during is run when a moment has passed.
func run(t *testing.T, d time.Duration, during func(*worker.Loop), steps ...func() (bool, error)) (at []time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: steps, began: time.Now()}
		l := worker.New("test", slog.New(slog.DiscardHandler), time.Second, s.batch)
		ctx, stop := context.WithTimeout(t.Context(), d)
		defer stop()
		if during != nil {
			go during(l)
		}
		l.Run(ctx)
		at = s.at
	})
	return at
}

func seconds(s ...float64) (d []time.Duration) {
	for _, n := range s {
		d = append(d, time.Duration(n*float64(time.Second)))
	}
	return d
}

func TestLoop(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		length time.Duration
		during func(*worker.Loop)
		steps  []func() (bool, error)
		want   []time.Duration
	}{
		{"nothing to do", 3500 * time.Millisecond, nil, nil, seconds(0, 1, 2, 3)},
		{"more to do", 1500 * time.Millisecond, nil, []func() (bool, error){busy, busy, idle}, seconds(0, 0, 0, 1)},
		{
			"patience grows, to a bound", 122500 * time.Millisecond, nil,
			[]func() (bool, error){fail, fail, fail, fail, fail, fail, fail},
			seconds(0, 2, 6, 14, 30, 60, 90, 120, 121, 122),
		},
		{"patience is short again after a success", 8500 * time.Millisecond, nil, []func() (bool, error){fail, fail, idle, fail}, seconds(0, 2, 6, 7)},
		{"and after more to do", 8500 * time.Millisecond, nil, []func() (bool, error){fail, fail, busy, fail}, seconds(0, 2, 6, 6, 8)},
		{"a panic is a failure", 3500 * time.Millisecond, nil, []func() (bool, error){panics}, seconds(0, 2, 3)},
		{
			"a wake cuts the wait short", 2 * time.Second, func(l *worker.Loop) {
				time.Sleep(250 * time.Millisecond)
				l.Wake()
			}, nil, seconds(0, .25, 1.25),
		},
		{
			"many wakes are one", 1200 * time.Millisecond, func(l *worker.Loop) {
				time.Sleep(250 * time.Millisecond)
				for range 100 {
					l.Wake()
				}
			}, []func() (bool, error){idle, idle, idle}, nil,
		},
		{"a wake during a failure's wait", 2200 * time.Millisecond, func(l *worker.Loop) {
			time.Sleep(500 * time.Millisecond)
			l.Wake()
		}, []func() (bool, error){fail, idle}, seconds(0, .5, 1.5)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := run(t, c.length, c.during, c.steps...)
			if c.want == nil { // how many of the wakes fall into one look is the scheduler's affair
				if len(got) < 2 || len(got) > 3+1 {
					t.Errorf("looked at %v", got)
				}
				return
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("looked at (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWakeDuringBatch wakes a loop that is at work: the work that the wake is
// about may have come too late for this look, so there must be another.
func TestWakeDuringBatch(t *testing.T) {
	t.Parallel()
	got := run(t, 1500*time.Millisecond, func(l *worker.Loop) {
		time.Sleep(100 * time.Millisecond)
		l.Wake()
	}, func() (bool, error) {
		time.Sleep(200 * time.Millisecond)
		return false, nil
	})
	if diff := cmp.Diff(seconds(0, .2, 1.2), got); diff != "" {
		t.Errorf("looked at (-want +got):\n%s", diff)
	}
}

// TestStop ends the context in the middle of a batch.
func TestStop(t *testing.T) {
	t.Parallel()
	finished := 0
	got := run(t, 100*time.Millisecond, nil, func() (bool, error) {
		time.Sleep(time.Minute)
		finished++
		return true, nil
	}, busy)
	if finished != 1 || len(got) != 1 {
		t.Errorf("%d batches begun, %d finished, want 1 and 1", len(got), finished)
	}
}

func TestStoppedBefore(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	worker.New("test", slog.New(slog.DiscardHandler), time.Second, func(context.Context) (bool, error) {
		t.Error("a stopped loop works")
		return false, nil
	}).Run(ctx)
}
