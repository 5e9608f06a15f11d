// Package apptest starts gateways for tests: the real one, on a free port, over
// a real database, with a clock that stands still until somebody moves it.
package apptest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/control"
	"sen/internal/openapi/openapitest"
	"sen/internal/pgtest"
)

// Noon is when the clock of a new gateway stands.
var Noon = time.Date(2026, 11, 22, 12, 0, 0, 0, sen.Zone())

// A Gateway is one that serves until the test ends.
type Gateway struct {
	URL string
	Dir string // its data directory
	Log *Log   // what it has logged
	// Metrics is where scrapes are answered, if it was given an address for that.
	Metrics net.Addr

	t      testing.TB
	config app.Config
	stop   func()
}

// patience is how long a gateway of a test waits for requests: where many tests
// share a processor, one of them may not get to send what it has begun for a while.
const patience = 2 * time.Minute

// Start starts a furnished sandbox. Its clock stands at Noon, refunds take no
// time, and set may change what it likes of that.
func Start(t testing.TB, set ...func(*app.Config)) *Gateway {
	t.Helper()
	g := &Gateway{t: t, Dir: t.TempDir(), Log: &Log{}}
	g.config = app.Config{
		Mode: app.Sandbox, Addr: "127.0.0.1:0", Data: g.Dir, Version: "test",
		Log:     slog.New(slog.NewTextHandler(g.Log, nil)),
		Machine: func() time.Time { return Noon },

		ReadTimeout: patience,
		AroundAPI:   openapitest.Watch(t),
	}
	for _, f := range set {
		f(&g.config)
	}
	g.place(t)
	g.start()
	t.Cleanup(func() { g.stop() })
	return g
}

func (g *Gateway) start() {
	g.t.Helper()
	// The test's own context ends before its cleanups, and a gateway that
	// stops at that moment would race with what they still look at.
	ctx, cancel := context.WithCancel(context.WithoutCancel(g.t.Context()))
	gateway, err := app.Open(ctx, g.config)
	if err != nil {
		cancel()
		g.t.Fatal(err)
	}
	g.URL, g.Metrics = "http://"+gateway.Addr().String(), gateway.MetricsAddr()
	done := make(chan error, 1)
	go func() { done <- gateway.Run(ctx) }()
	g.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			g.t.Errorf("the gateway stopped: %v", err)
		}
	})
}

// Restart stops the gateway, calls meanwhile, if there is one, and starts the
// gateway again over the same data, on another port, with the changes that set
// makes.
func (g *Gateway) Restart(meanwhile func(), set ...func(*app.Config)) {
	g.t.Helper()
	g.stop()
	for _, f := range set {
		f(&g.config)
	}
	if meanwhile != nil {
		meanwhile()
	}
	g.start()
}

// Stop stops the gateway for good.
func (g *Gateway) Stop() {
	g.t.Helper()
	g.stop()
}

// furnished holds the files of a new sandbox, made once in a process: it takes
// longer than most tests.
var furnished = sync.OnceValues(func() (files, error) { return furnish(context.Background(), "") })

// files are the contents of a data directory by name.
type files map[string][]byte

// The files in a data directory: the database, if it is there, and the keys of
// cards.
const (
	fileName  = "sen.db"
	vaultName = "vault.json"
)

// furnish makes a sandbox, on a server if one is given.
func furnish(ctx context.Context, dsn string) (files, error) {
	dir, err := os.MkdirTemp("", "apptest")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a directory left behind in the temporary one harms nobody
	g, err := app.Open(ctx, app.Config{
		Mode: app.Sandbox, Addr: "127.0.0.1:0", Data: dir, Database: dsn,
		Log:     slog.New(slog.DiscardHandler),
		Machine: func() time.Time { return Noon },
	})
	if err != nil {
		return nil, err
	}
	if err := g.Close(); err != nil {
		return nil, err
	}
	made := files{}
	for _, name := range []string{fileName, vaultName} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			made[name] = data
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return made, nil
}

// onServer holds the files that belong to the sandbox that is copied.
var onServer files

// place gives the gateway its data: on a server, if tests have one.
func (g *Gateway) place(t testing.TB) {
	t.Helper()
	switch {
	case g.config.Database != "":
	case pgtest.Wanted() && g.config.Mode == app.Live:
		g.config.Database = pgtest.DSN(t)
	case pgtest.Wanted():
		g.config.Database = pgtest.Copy(t, "sandbox", func(ctx context.Context, dsn string) (err error) {
			onServer, err = furnish(ctx, dsn)
			return err
		})
		g.write(t, onServer)
	case g.config.Mode == app.Sandbox:
		made, err := furnished()
		if err != nil {
			t.Fatal(err)
		}
		g.write(t, made)
	}
}

func (g *Gateway) write(t testing.TB, all files) {
	t.Helper()
	for name, data := range all {
		if err := os.WriteFile(filepath.Join(g.Dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Place is where its data is.
func (g *Gateway) Place() string { return cmp.Or(g.config.Database, g.Dir) }

// File is the database's file.
func (g *Gateway) File() string { return filepath.Join(g.Dir, fileName) }

// App returns a published app of the sandbox.
func (g *Gateway) App(id int) sen.App {
	g.t.Helper()
	for _, a := range Control[[]control.App](g, http.MethodGet, "/control/apps", nil) {
		if a.ID == int64(id) {
			return sen.App{ID: id, Key1: a.Key1, Key2: a.Key2}
		}
	}
	g.t.Fatalf("the sandbox has no app %d", id)
	return sen.App{}
}

// Client returns a client of the app that lives in the gateway's time and does
// not try again by itself.
func (g *Gateway) Client(id int) *sen.Client {
	return sen.NewClient(g.App(id), sen.WithBaseURL(g.URL), sen.WithClock(g.Now), sen.WithRetries(0))
}

// Now is the gateway's time.
func (g *Gateway) Now() time.Time {
	return Control[control.Clock](g, http.MethodGet, "/control/clock", nil).Now
}

// SetClock sets the gateway's time.
func (g *Gateway) SetClock(to time.Time) {
	g.t.Helper()
	Control[control.Clock](g, http.MethodPost, "/control/clock", control.MoveClock{Set: &to})
}

// Advance moves the gateway's time on.
func (g *Gateway) Advance(d time.Duration) {
	g.t.Helper()
	Control[control.Clock](g, http.MethodPost, "/control/clock", control.MoveClock{Advance: d.String()})
}

// Pay pays an order from the wallet with that phone number.
func (g *Gateway) Pay(order, wallet string) control.Payment {
	g.t.Helper()
	return Control[control.Payment](g, http.MethodPost, "/control/pay", control.PayOrder{Order: order, Wallet: wallet})
}

// Order returns what the gateway knows about an order.
func (g *Gateway) Order(appID int, appTransID string) control.Order {
	g.t.Helper()
	return Control[control.Order](g, http.MethodGet, fmt.Sprintf("/control/orders/%d/%s", appID, appTransID), nil)
}

// CheckLedger fails the test when the accounts are not in order.
func (g *Gateway) CheckLedger() control.Ledger {
	g.t.Helper()
	l := Control[control.Ledger](g, http.MethodGet, "/control/ledger", nil)
	if !l.OK {
		g.t.Errorf("the ledger is not in order: %q", l.Problems)
	}
	return l
}

// Control makes a call of the control API that must succeed.
func Control[T any](g *Gateway, method, path string, in any) T {
	g.t.Helper()
	status, body := TryControl(g, method, path, in)
	var out T
	if status != http.StatusOK {
		g.t.Fatalf("%s %s: HTTP %d: %s", method, path, status, body)
	}
	if err := json.Unmarshal(body, &out); err != nil {
		g.t.Fatalf("%s %s: %v: %s", method, path, err, body)
	}
	return out
}

// TryControl makes a call of the control API and returns its status and body.
func TryControl(g *Gateway, method, path string, in any) (status int, body []byte) {
	g.t.Helper()
	text, err := json.Marshal(in)
	if err != nil {
		g.t.Fatal(err)
	}
	ctx := context.WithoutCancel(g.t.Context()) // cleanups make calls too
	r, err := http.NewRequestWithContext(ctx, method, g.URL+path, bytes.NewReader(text))
	if err != nil {
		g.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := client.Do(r)
	if err != nil {
		g.t.Error(err)
		return 0, nil
	}
	defer func() { _ = res.Body.Close() }()
	if body, err = io.ReadAll(res.Body); err != nil {
		g.t.Error(err)
	}
	return res.StatusCode, body
}

// client keeps no connections: each would hold up a gateway that stops.
var client = &http.Client{Timeout: deadline, Transport: &http.Transport{DisableKeepAlives: true}}

// deadline is how long anything may take before it counts as hanging. It is
// long, because machines that test are busy.
const deadline = 2 * time.Minute

// Wait returns when done reports true, and fails the test when it does not in
// any reasonable time.
func Wait(t testing.TB, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(deadline); !done(); {
		select {
		case <-late:
			t.Fatalf("waited in vain for %s", what)
		case <-tick.C:
		}
	}
}

// Log keeps what is written to it. It is safe for concurrent use.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write adds to the log.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// String returns all of it.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// Lines returns the lines that have all the words.
func (l *Log) Lines(words ...string) []string {
	var found []string
	for line := range strings.Lines(l.String()) {
		ok := true
		for _, w := range words {
			ok = ok && strings.Contains(line, w)
		}
		if ok {
			found = append(found, line)
		}
	}
	return found
}
