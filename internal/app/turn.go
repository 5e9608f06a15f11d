package app

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sen/internal/callback"
	"sen/internal/control"
	"sen/internal/id"
)

// What makes a sandbox do the same again: a clock that stands, chance from a
// seed, and work that is done in turn. ADR 0015 has the reasoning.

// stands reports whether the clock stands still until somebody moves it.
func (c Config) stands() bool { return !c.Start.IsZero() }

func (c Config) checkRepeatable() error {
	switch {
	case !c.stands() && c.Seed != nil:
		return errors.New("--seed needs --clock: identifiers begin with the time, so nothing is the same again while it runs")
	case !c.stands():
		return nil
	case c.Mode != Sandbox:
		return errors.New("--clock and --seed are for sandboxes: a live gateway has the real time, and secrets that nobody can guess")
	case !c.alone():
		return errors.New("--clock and --seed need the embedded database: several processes can't share a clock that stands")
	case c.Start.UTC().Year() < 2020 || c.Start.UTC().Year() > 2080:
		return errors.New("--clock takes a time from 2020 to 2080")
	}
	return nil
}

// startSetting is the name under which it is kept where a standing clock began.
const startSetting = "clock_start"

// startClock lets a standing clock go on from where it was when it began at the
// same time in an earlier life, and otherwise begins anew.
func (g *Gateway) startClock(ctx context.Context) error {
	start := ""
	if g.config.stands() {
		start = g.config.Start.UTC().Format(time.RFC3339Nano)
	}
	kept, err := g.store.Setting(ctx, startSetting)
	if err != nil || kept == start {
		return err
	}
	if err := g.store.SetSetting(ctx, control.ClockSetting, ""); err != nil {
		return err
	}
	return g.store.SetSetting(ctx, startSetting, start)
}

// lifeSetting is the name under which a sandbox with a seed counts its lives.
const lifeSetting = "life"

// beginLife counts this life of the process, if that matters: a later one must
// not draw again what an earlier one drew.
func (g *Gateway) beginLife(ctx context.Context) error {
	if g.config.Seed == nil {
		return nil
	}
	text, err := g.store.Setting(ctx, lifeSetting)
	if err != nil {
		return err
	}
	if text != "" {
		if g.life, err = strconv.ParseInt(text, 10, 64); err != nil {
			return fmt.Errorf("the kept number of lives: %w", err)
		}
	}
	g.life++
	return g.store.SetSetting(ctx, lifeSetting, strconv.FormatInt(g.life, 10))
}

// chance is where chance for a purpose comes from.
func (g *Gateway) chance(purpose string) io.Reader {
	if g.config.Seed == nil {
		return rand.Reader
	}
	return id.Stream(*g.config.Seed, g.life, purpose)
}

// machine is the clock of leases and latencies. Where the clock stands, they
// must not tell how fast the machine was.
func (g *Gateway) machine() time.Time {
	if g.config.stands() {
		return g.clock.Now()
	}
	return time.Now()
}

// newKey returns a key with 160 bits of chance, in the characters and the length
// of the provider's.
func newKey(chance io.Reader) (string, error) {
	var raw [20]byte
	_, err := io.ReadFull(chance, raw[:])
	return base32.StdEncoding.EncodeToString(raw[:]), err
}

// A turn does what is owed in an order that does not depend on the machine: after
// each request, and when the clock moved, all that the gateway does by itself,
// kind by kind; then the calls to merchants, one at a time.
type turn struct {
	steps []func(context.Context) (more bool, err error)
	calls *callback.Dispatcher
	log   *slog.Logger

	owed    atomic.Bool // something was added to what is due
	working sync.Mutex
	sending sync.Mutex
}

// work does what is due, less the calls to merchants: a merchant may well ask us
// something before it answers one. What fails is tried again after the next
// request.
func (t *turn) work(ctx context.Context) {
	t.working.Lock()
	defer t.working.Unlock()
	ctx = context.WithoutCancel(ctx)
	for more := true; more; {
		t.owed.Store(false)
		more = false
		for _, step := range t.steps {
			again, err := step(ctx)
			if err != nil {
				t.log.ErrorContext(ctx, "work failed", "error", err)
				return
			}
			more = more || again
		}
		more = more || t.owed.Load()
	}
}

// call makes the call that was due first, and reports whether there may be more.
func (t *turn) call(ctx context.Context) (more bool, err error) {
	t.sending.Lock()
	defer t.sending.Unlock()
	more, err = t.claim(ctx)
	t.calls.Wait()
	return more, err
}

// claim does not begin a call in the midst of work that may owe an earlier one.
func (t *turn) claim(ctx context.Context) (more bool, err error) {
	t.working.Lock()
	defer t.working.Unlock()
	return t.calls.Once(ctx)
}

// settle returns when nothing is due any more.
func (t *turn) settle(ctx context.Context) error {
	for {
		t.work(ctx)
		if more, err := t.call(ctx); err != nil || !more {
			return err
		}
	}
}

// openTurn replaces the workers that go by the clock.
func (g *Gateway) openTurn() {
	g.turn = &turn{
		steps: []func(context.Context) (bool, error){
			g.pay.ExpireOrders, g.pay.LapseBindings, g.pay.RunCharges, g.pay.RunRefunds, g.pay.RunDisbursements, g.countHours, g.sumHours,
		},
		calls: g.calls, log: g.config.Log,
	}
	g.pay.RefundOwed = func() { g.turn.owed.Store(true) }
	g.pay.ChargeOwed, g.pay.DisbursementOwed = g.pay.RefundOwed, g.pay.RefundOwed
}

// changed is node.Changed; it also waits for what a moved clock made due.
func (g *Gateway) changed(ctx context.Context) error {
	err := g.node.Changed(ctx)
	if g.turn != nil {
		err = errors.Join(err, g.turn.settle(ctx))
	}
	return err
}

// inTurn makes answers of a gateway with a standing clock tell nothing of the
// machine, and does what each request made due.
func (g *Gateway) inTurn(h http.Handler) http.Handler {
	if g.turn == nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if looksAtCallbacks(r) {
			if err := g.turn.settle(r.Context()); err != nil {
				g.config.Log.ErrorContext(r.Context(), "work failed", "error", err)
			}
		}
		w.Header().Set("Date", g.clock.Now().UTC().Format(http.TimeFormat))
		if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
			r.RemoteAddr = net.JoinHostPort(host, "0") // the port is the client's machine's choice
		}
		defer g.turn.work(r.Context())
		h.ServeHTTP(w, r)
	})
}

// looksAtCallbacks reports whether a request sees, or decides, how far calls to
// merchants are. It waits for them. No other does: a merchant's server may ask
// before it answers.
func looksAtCallbacks(r *http.Request) bool {
	for _, path := range []string{"/control/clock", "/control/callbacks", "/control/orders/", "/control/requests/"} {
		if strings.HasPrefix(r.URL.Path, path) && r.URL.Path != "/control/requests/stream" {
			return r.Method != http.MethodGet || path != "/control/clock"
		}
	}
	return false
}
