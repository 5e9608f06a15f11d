package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
	"sen/internal/pgtest"
	"sen/internal/store"
)

// startNodes starts several gateways that serve from one database.
func startNodes(t *testing.T, n int) []*shop {
	t.Helper()
	dir := ""
	var nodes []*shop
	for range n {
		s := openShop(t, func(c *app.Config) {
			c.OpenStore = store.Open
			if pgtest.Wanted() {
				c.OpenStore = nil
			}
			if dir != "" {
				c.Data = dir
			}
			if pgtest.Wanted() && dir != "" {
				c.Database = nodes[0].Place()
			}
			dir = c.Data
		})
		nodes = append(nodes, s)
	}
	return nodes
}

func set[T any](v T) *T { return &v }

// TestNodesHaveEveryChange makes each kind of change on one node and looks at
// once on the others.
func TestNodesHaveEveryChange(t *testing.T) {
	t.Parallel()
	nodes := startNodes(t, 3)
	ctx := t.Context()
	serial := 0
	create := func(s *shop) int {
		serial++
		return s.call(sen.OpCreateOrder, order("n"+strconv.Itoa(serial)).with(members{"app_time": strconv.FormatInt(s.Now().UnixMilli(), 10)})).Sub
	}
	var window, fresh string
	for i, c := range []struct {
		name   string
		change func(*control.Client) error
		seen   func(*shop) int
		want   int
	}{
		{"nothing", func(*control.Client) error { return nil }, create, 1},
		{"a maintenance", func(c *control.Client) error {
			w, err := c.Announce(ctx, control.Window{Operation: "create_order"})
			window = w.ID
			return err
		}, create, -999},
		{"its end", func(c *control.Client) error { _, err := c.Lift(ctx, window); return err }, create, 1},
		{"an app disabled", func(c *control.Client) error {
			_, err := c.ChangeApp(ctx, 2553, control.ChangeApp{Disabled: set(true)})
			return err
		}, create, -402},
		{"an app enabled", func(c *control.Client) error {
			_, err := c.ChangeApp(ctx, 2553, control.ChangeApp{Disabled: set(false)})
			return err
		}, create, 1},
		{"a rule", func(c *control.Client) error {
			_, err := c.AddRule(ctx, control.Rule{Operation: "create_order", Value: set(-429)})
			return err
		}, create, -429},
		{"no rule", func(c *control.Client) error { return c.ClearRules(ctx) }, create, 1},
		{"a fault", func(c *control.Client) error {
			_, err := c.Inject(ctx, control.Fault{App: 2553, For: "1h"})
			return err
		}, create, -500},
		{"no fault", func(c *control.Client) error { return c.Mend(ctx) }, create, 1},
		{"the clock", func(c *control.Client) error {
			_, err := c.MoveClock(ctx, control.MoveClock{Advance: "1h"})
			return err
		}, func(s *shop) int { return int(s.Now().Sub(apptest.Noon).Minutes()) }, 60},
		{"an outage of the bank", func(c *control.Client) error {
			_, err := c.SetBank(ctx, control.Bank{Outage: true})
			return err
		}, func(s *shop) int {
			if b, err := s.operator().Bank(ctx); err != nil || !b.Outage {
				return 0
			}
			return 1
		}, 1},
		{"an app", func(c *control.Client) error {
			a, err := c.AddApp(ctx, control.NewApp{ID: 77, Name: "Quán mới"})
			fresh = a.Key1
			return err
		}, func(s *shop) int {
			other := &shop{s.Gateway, s.t, sen.App{ID: 77, Key1: fresh}}
			return create(other)
		}, 1},
	} {
		if err := c.change(nodes[i%len(nodes)].operator()); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for n, s := range nodes {
			if got := c.seen(s); got != c.want {
				t.Errorf("%s: node %d says %d, want %d", c.name, n+1, got, c.want)
			}
		}
	}
}

// TestNodesShareALimit calls several nodes at once, in a second that does not
// end.
func TestNodesShareALimit(t *testing.T) {
	t.Parallel()
	nodes := startNodes(t, 3)
	const perSecond = 40
	for second, callers := range [][]*shop{nodes, nodes[:1]} {
		// The second call is in another second: all of it is there again, for one
		// node alone too.
		if _, err := nodes[1].operator().ChangeApp(t.Context(), 2553, control.ChangeApp{RatePerSecond: set(int64(perSecond))}); err != nil {
			t.Fatal(err)
		}
		if second > 0 {
			nodes[2].Advance(time.Second)
		}
		var through, limited atomic.Int64
		atOnce(120, func(i int) {
			s := callers[i%len(callers)]
			switch a := s.call(sen.OpQueryOrder, members{"app_trans_id": "261122_nobody"}); a.Sub {
			case -101:
				through.Add(1)
			case -429:
				limited.Add(1)
			default:
				t.Errorf("got %d: %s", a.Sub, a.Body)
			}
		})
		if through.Load() != perSecond || limited.Load() != 120-perSecond {
			t.Errorf("second %d: %d calls got through and %d did not, want %d and %d", second, through.Load(), limited.Load(), perSecond, 120-perSecond)
		}
	}
}

// TestNodesShareTheWork pays on several nodes and refunds: each callback is sent
// once, each refund carried out once.
func TestNodesShareTheWork(t *testing.T) {
	t.Parallel()
	nodes := startNodes(t, 3)
	hook := newReceiver(t)
	const orders = 45
	numbers := make([]int64, orders)
	atOnce(orders, func(i int) {
		s, name := nodes[i%len(nodes)], "w"+strconv.Itoa(i)
		s.made(order(name).with(members{"callback_url": hook.URL, "amount": "1000"}))
		numbers[i] = s.payFrom(name, rich).Number
	})
	apptest.Wait(t, "all callbacks", func() bool { return len(hook.got()) >= orders })
	atOnce(orders, func(i int) {
		a := nodes[(i+1)%len(nodes)].call(sen.OpRefundOrder, members{
			"m_refund_id": fmt.Sprintf("261122_2553_%d", i), "zp_trans_id": sen.TransID(numbers[i]).String(),
			"amount": "1000", "timestamp": millis(0), "description": "back",
		})
		if a.Code != 3 {
			t.Errorf("refund %d: %s", i, a.Body)
		}
	})
	for i := range orders {
		apptest.Wait(t, "the refund", func() bool {
			r, err := nodes[0].operator().Refund(t.Context(), 2553, fmt.Sprintf("261122_2553_%d", i))
			return err == nil && r.State == "succeeded"
		})
	}
	times := map[string]int{}
	for _, body := range hook.got() {
		times[body]++
	}
	for body, n := range times {
		if n != 1 {
			t.Errorf("sent %d times: %s", n, body)
		}
	}
	if len(times) != orders {
		t.Errorf("%d callbacks, want %d", len(times), orders)
	}
	nodes[2].CheckLedger()
	for i, s := range nodes {
		if lines := s.Log.Lines("level=ERROR"); len(lines) != 0 {
			t.Errorf("node %d: %q", i+1, lines)
		}
	}
}

// TestNodeLeaves stops a node: nobody waits for it, and a change is answered
// sooner than its lease would end.
func TestNodeLeaves(t *testing.T) {
	t.Parallel()
	nodes := startNodes(t, 2)
	nodes[1].Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := nodes[0].operator().MoveClock(ctx, control.MoveClock{Advance: "1m"}); err != nil {
		t.Error(err)
	}
}

// TestNodesComeUp starts several nodes of a new sandbox at once: one furnishes
// it, and all serve.
func TestNodesComeUp(t *testing.T) {
	t.Parallel()
	dir, open, database := t.TempDir(), store.Open, ""
	if pgtest.Wanted() {
		open, database = nil, pgtest.DSN(t)
	} else {
		s, err := store.Serve(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
	}
	var up sync.WaitGroup
	var fresh atomic.Int64
	gateways := make([]*app.Gateway, 3)
	for i := range gateways {
		up.Go(func() {
			g, err := app.Open(context.WithoutCancel(t.Context()), app.Config{
				Mode: app.Sandbox, Addr: "127.0.0.1:0", Data: dir, Database: database, OpenStore: open, Log: slog.New(slog.DiscardHandler),
				Machine: func() time.Time { return apptest.Noon },
			})
			if err != nil {
				t.Error(err)
				return
			}
			if g.Fresh {
				fresh.Add(1)
			}
			gateways[i] = g
			ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
			ended := make(chan error, 1)
			go func() { ended <- g.Run(ctx) }()
			t.Cleanup(func() {
				stop()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
		})
	}
	up.Wait()
	if fresh.Load() != 1 {
		t.Errorf("%d nodes furnished the sandbox, want 1", fresh.Load())
	}
	for _, g := range gateways {
		if g == nil {
			continue
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+g.Addr().String()+"/control/wallets", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := plain.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body := new(strings.Builder)
		_ = res.Write(body)
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK || strings.Count(body.String(), `"phone"`) != 12 {
			t.Errorf("a node says %s", body)
		}
	}
}

// TestNodesHaveOneVault starts a second node that brings keys of its own: what
// one of them seals the other could not open.
func TestNodesHaveOneVault(t *testing.T) {
	t.Parallel()
	first := startNodes(t, 1)[0]
	dir := t.TempDir()
	if err := app.CreateVault(dir); err != nil {
		t.Fatal(err)
	}
	_, err := app.Open(t.Context(), app.Config{
		Mode: app.Sandbox, Addr: "127.0.0.1:0", Data: dir, Log: slog.New(slog.DiscardHandler),
		OpenStore: func(ctx context.Context, _ string) (*store.Store, error) { return store.Open(ctx, first.Place()) },
	})
	if err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "vault.json")+" has other keys") {
		t.Errorf("Open = %v, want it to name the file with the wrong keys", err)
	}
}
