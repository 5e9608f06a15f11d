package apptest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/clock"
	"sen/internal/control"
	"sen/internal/openapi/openapitest"
)

// A Sandbox is a gateway seen through the SDK and the client of its control API,
// in the machine's time. It serves until the test ends.
type Sandbox struct {
	URL     string
	Dir     string // its data directory
	Control *control.Client
	Clock   clock.Clock // follows the sandbox's; see Advance
}

// StartSandbox serves a new sandbox from a directory of its own. Its refunds take no
// time.
func StartSandbox(t testing.TB) *Sandbox {
	t.Helper()
	return StartSandboxSlow(t, 0)
}

// StartSandboxSlow is StartSandbox for a sandbox whose refunds take that long.
func StartSandboxSlow(t testing.TB, refunds time.Duration) *Sandbox {
	t.Helper()
	return serveNew(t, app.Config{Mode: app.Sandbox, RefundDelay: refunds})
}

func serveNew(t testing.TB, c app.Config) *Sandbox {
	t.Helper()
	c.Addr, c.Data, c.Log = "127.0.0.1:0", t.TempDir(), slog.New(slog.DiscardHandler)
	c.AroundAPI = openapitest.Watch(t)
	g, err := app.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil && !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("the sandbox ended: %v", err)
		}
	})
	return &Sandbox{URL: "http://" + g.Addr().String(), Dir: c.Data, Control: control.NewClient("http://" + g.Addr().String())}
}

// StartLive serves a new live gateway without any app.
func StartLive(t testing.TB) *Sandbox {
	t.Helper()
	return serveNew(t, app.Config{Mode: app.Live, PublicURL: "https://pay.example"})
}

// App returns an app of the sandbox as its merchant knows it.
func (s *Sandbox) App(t testing.TB, id int64) sen.App {
	t.Helper()
	a, err := s.Control.App(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return sen.App{ID: int(id), Key1: a.Key1, Key2: a.Key2}
}

// Merchant returns the client of an app. It never tries a call twice.
func (s *Sandbox) Merchant(t testing.TB, id int64) *sen.Client {
	t.Helper()
	return sen.NewClient(s.App(t, id), sen.WithBaseURL(s.URL), sen.WithClock(s.Clock.Now), sen.WithRetries(0),
		sen.WithHTTPClient(&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}))
}

// MoveClock moves the sandbox's clock, and Clock with it.
func (s *Sandbox) MoveClock(t testing.TB, m control.MoveClock) {
	t.Helper()
	moved, err := s.Control.MoveClock(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	s.Clock.Move(0)
	s.Clock.Move(moved.Now.Sub(s.Clock.Now()))
}
