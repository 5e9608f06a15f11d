package merchant_test

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sen/internal/merchant"
)

// TestRefreshInOrder changes an app from many sides at once: whoever has
// refreshed the directory finds its own change or a later one in it, never an
// older one that somebody read before.
func TestRefreshInOrder(t *testing.T) {
	t.Parallel()
	var stored atomic.Int64
	d := &merchant.Directory{Load: func(context.Context) (merchant.Register, error) {
		name := strconv.FormatInt(stored.Load(), 10)
		runtime.Gosched() // a read takes a while
		return merchant.Register{Apps: map[merchant.ID]merchant.App{7: {ID: 7, Name: name}}}, nil
	}}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 500 {
				mine := stored.Add(1)
				if err := d.Refresh(t.Context()); err != nil {
					t.Error(err)
				}
				app, err := d.App(7)
				found, _ := strconv.ParseInt(app.Name, 10, 64)
				if err != nil || found < mine {
					t.Errorf("found change %d, %v, after change %d was refreshed", found, err, mine)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestKnown(t *testing.T) {
	t.Parallel()
	d := &merchant.Directory{Load: func(context.Context) (merchant.Register, error) {
		return merchant.Register{Apps: map[merchant.ID]merchant.App{
			7: {ID: 7}, 8: {ID: 8, DisabledAt: time.Unix(1, 0)},
		}}, nil
	}}
	if _, err := d.Known(7); !errors.Is(err, merchant.ErrUnknown) {
		t.Errorf("before the first refresh: %v, want %v", err, merchant.ErrUnknown)
	}
	if err := d.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[merchant.ID][2]error{7: {nil, nil}, 8: {merchant.ErrUnknown, nil}, 9: {merchant.ErrUnknown, merchant.ErrUnknown}} {
		_, enabled := d.App(id)
		_, known := d.Known(id)
		if !errors.Is(enabled, want[0]) || !errors.Is(known, want[1]) {
			t.Errorf("app %d: enabled: %v, known: %v, want %v", id, enabled, known, want)
		}
	}
}

func TestCaller(t *testing.T) {
	t.Parallel()
	if got := merchant.Caller(t.Context()); got != 0 {
		t.Errorf("nobody's work is done for %d, want 0", got)
	}
	if got := merchant.Caller(merchant.WithCaller(t.Context(), 7)); got != 7 {
		t.Errorf("got %d, want 7", got)
	}
}
