package apiv2

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sen"
	"sen/internal/merchant"
	"sen/internal/paytest"
	"sen/internal/store"
)

func openStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Serve(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func limited(id merchant.ID, perSecond int64) merchant.App {
	return merchant.App{ID: id, Terms: merchant.Terms{RatePerSecond: perSecond}}
}

// passes reports whether a call got through.
func passes(t rapid.TB, l *Limits, app merchant.App, now time.Time) bool {
	t.Helper()
	err := l.allow(context.Background(), app, "create_order", now)
	if err != nil && !errors.Is(err, errLimited) {
		t.Fatal(err)
	}
	return err == nil
}

// TestSharedLimit calls several nodes in any order, by clocks that are less than
// a second apart. In each second the fastest clock has counted, the app gets no
// more than its limit through; so in any window of real time no more than the
// limit for each second that it touches.
func TestSharedLimit(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	app := merchant.ID(0)
	rapid.Check(t, func(t *rapid.T) {
		app++ // has taken nothing yet
		limit := rapid.Int64Range(1, 60).Draw(t, "limit")
		n := rapid.IntRange(2, 5).Draw(t, "nodes")
		nodes, off := make([]*Limits, n), make([]time.Duration, n)
		for i := range nodes {
			nodes[i] = &Limits{Permits: s, Nodes: func() int64 { return int64(n) }}
			off[i] = time.Duration(rapid.IntRange(-500, 499).Draw(t, "clock")) * time.Millisecond
		}
		start := time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
		now := start
		var through []time.Time
		for range rapid.IntRange(1, 150).Draw(t, "calls") {
			now = now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "ms")) * time.Millisecond)
			i := rapid.IntRange(0, n-1).Draw(t, "node")
			if passes(t, nodes[i], limited(app, limit), now.Add(off[i])) {
				through = append(through, now)
			}
		}
		for a := range through {
			for b := a; b < len(through); b++ {
				// Real time from a to b lies in so many seconds of clocks that differ
				// by up to one.
				seconds := int64(through[b].Sub(through[a])/time.Second) + 3
				if got := int64(b - a + 1); got > limit*seconds {
					t.Fatalf("%d calls in %v, limit %d", got, through[b].Sub(through[a]), limit)
				}
			}
		}
	})
}

// TestSharedLimitOneClock is the same by one clock: then a second is a second.
func TestSharedLimitOneClock(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	app := merchant.ID(0)
	rapid.Check(t, func(t *rapid.T) {
		app++
		limit := rapid.Int64Range(1, 60).Draw(t, "limit")
		n := rapid.IntRange(2, 5).Draw(t, "nodes")
		nodes := make([]*Limits, n)
		for i := range nodes {
			nodes[i] = &Limits{Permits: s, Nodes: func() int64 { return int64(n) }}
		}
		now := time.Unix(1_700_000_000, 0)
		through, asked := map[int64]int64{}, map[int64][]int64{}
		for range rapid.IntRange(1, 200).Draw(t, "calls") {
			now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "ms")) * time.Millisecond)
			second, i := now.Unix(), rapid.IntRange(0, n-1).Draw(t, "node")
			asked[second] = append(asked[second], int64(i))
			if passes(t, nodes[i], limited(app, limit), now) {
				through[second]++
			}
		}
		for second, calls := range asked {
			if through[second] > limit {
				t.Fatalf("%d calls in a second, limit %d", through[second], limit)
			}
			// A node that calls alone can use all of it.
			alone := len(slices.Compact(slices.Sorted(slices.Values(calls)))) == 1
			if want := min(limit, int64(len(calls))); alone && through[second] != want {
				t.Fatalf("%d of %d calls of one node got through, limit %d", through[second], len(calls), limit)
			}
		}
	})
}

// TestSharedLimitTogether has nodes call at the same time.
func TestSharedLimitTogether(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	const limit, nodes, each = 100, 4, 60
	now := time.Unix(1_700_000_000, 0)
	var through atomic.Int64
	var all sync.WaitGroup
	for range nodes {
		l := &Limits{Permits: s, Nodes: func() int64 { return nodes }}
		for range each {
			all.Go(func() {
				if passes(t, l, limited(7, limit), now) {
					through.Add(1)
				}
			})
		}
	}
	all.Wait()
	if got := through.Load(); got != limit {
		t.Errorf("%d calls got through, want %d", got, limit)
	}
}

// A ledger of permits that counts, and can be away.
type countedPermits struct {
	Permits
	asked int
	err   error
}

func (c *countedPermits) TakePermits(ctx context.Context, app int64, operation string, second, n, limit int64) (int64, error) {
	c.asked++
	if c.err != nil {
		return 0, c.err
	}
	return c.Permits.TakePermits(ctx, app, operation, second, n, limit)
}

// TestPermitsAsked counts how often the database is asked.
func TestPermitsAsked(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	for _, c := range []struct {
		name  string
		limit int64
		nodes int64
		calls int
		want  int
	}{
		{"no limit", 0, 3, 1000, 0},
		{"alone", 100, 1, 1000, 0},
		{"within the limit", 320, 2, 100, 5},     // 20 at a time
		{"beyond the limit", 320, 2, 1000, 17},   // the last one finds none left
		{"a small limit", 3, 3, 1000, 4},         // one at a time
		{"a whole second", 8000, 4, 8000, 8 * 4}, // 250 at a time
	} {
		p := &countedPermits{Permits: openStore(t)}
		l := &Limits{Permits: p, Nodes: func() int64 { return c.nodes }}
		for range c.calls {
			passes(t, l, limited(7, c.limit), now)
		}
		if p.asked != c.want {
			t.Errorf("%s: asked %d times, want %d", c.name, p.asked, c.want)
		}
	}
}

// TestPermitsAway can't count, and lets nothing through; nor does it blame the
// app.
func TestPermitsAway(t *testing.T) {
	t.Parallel()
	away := errors.New("away, on purpose")
	p := &countedPermits{err: away}
	l := &Limits{Permits: p, Nodes: func() int64 { return 2 }}
	for range 2 {
		if err := l.allow(t.Context(), limited(7, 5), "create_order", time.Unix(1, 0)); !errors.Is(err, away) {
			t.Errorf("got %v, want the failure", err)
		}
	}
	if err := l.allow(t.Context(), limited(7, 0), "create_order", time.Unix(1, 0)); err != nil {
		t.Errorf("an app without a limit: %v", err)
	}
}

// TestNotReady asks a node that may not have the latest configuration.
func TestNotReady(t *testing.T) {
	t.Parallel()
	g := paytest.New(t)
	var log strings.Builder
	var cutOff atomic.Bool
	api := httptest.NewServer((&Server{
		Pay: g.Pay, Apps: g.Apps, Now: g.Clock.Now, Log: slog.New(slog.NewTextHandler(&log, nil)),
		Ready: func(context.Context) error {
			if cutOff.Load() {
				return errors.New("cut off, on purpose")
			}
			return nil
		},
	}).Handler())
	t.Cleanup(api.Close)
	form := url.Values{"app_id": {"2553"}, "app_trans_id": {"260102_x"}}
	form.Set("mac", sen.OpQueryOrder.Sign(g.App.Key1, form.Get))
	for off, want := range map[bool]string{false: `"sub_return_code":-101`, true: `"sub_return_code":-500`} {
		cutOff.Store(off)
		res, err := http.PostForm(api.URL+sen.OpQueryOrder.Path, form)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || !strings.Contains(string(body), want) {
			t.Errorf("cut off %v: %s, %v, want %s", off, body, err, want)
		}
	}
	if !strings.Contains(log.String(), "cut off, on purpose") {
		t.Errorf("the log does not say why: %s", log.String())
	}
}
