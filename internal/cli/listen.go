package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"sen/internal/callback"
	"sen/internal/clock"
	"sen/internal/control"
)

type listenCmd struct {
	App       int64  `placeholder:"N" help:"Of this app only. Default: all."`
	ForwardTo string `placeholder:"URL" help:"Send every callback there too when it is made or replayed, byte by byte as it is, and print what is answered."`
}

// Run prints what merchants ask and what they are told, until it is told to
// stop, or the sandbox stops.
func (l *listenCmd) Run(ctx context.Context, c *console) error {
	if l.ForwardTo != "" {
		if _, err := callback.Target(l.ForwardTo); err != nil {
			return err
		}
	}
	t := &tail{console: c}
	f := &follower{ctl: c.control(), app: l.App, tail: t, forwardTo: l.ForwardTo}
	if err := f.begin(ctx); err != nil {
		return err
	}
	both, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() {
		done <- f.run(both)
		stop()
	}()
	filter := requestFilter{App: l.App}
	err := f.ctl.Watch(both, filter.query(), func() { t.note("Ready. %s", l.plan(c)) }, t.request, t.missed)
	stop()
	return t.end(ctx, errors.Join(err, <-done))
}

func (l *listenCmd) plan(c *console) string {
	if l.ForwardTo == "" {
		return "Requests to " + c.url() + " and callbacks appear here."
	}
	return "Callbacks of " + c.url() + " are sent to " + l.ForwardTo + " too."
}

// A tail prints what comes, a line each. Several may write to it.
type tail struct {
	console *console
	mu      sync.Mutex
}

// note is for people; programs read the output.
func (t *tail) note(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.console.err, format+"\n", args...)
}

// line prints one thing that happened.
func (t *tail) line(kind string, v any, human string) error {
	if t.console.json {
		text, err := asJSON(map[string]any{"kind": kind, kind: v})
		if err != nil {
			return err
		}
		human = text
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	_, err := fmt.Fprintln(t.console.out, human)
	return err
}

func (t *tail) request(r control.Request) error { return t.line("request", r, oneLine(r)) }

func (t *tail) missed(n int64) { t.note("%d requests were missed: they came too fast.", n) }

// end says why nothing more comes, unless it was asked for.
func (t *tail) end(ctx context.Context, err error) error {
	if _, gone := errors.AsType[*control.UnreachableError](err); gone {
		err = nil
	}
	if err == nil && ctx.Err() == nil {
		t.note("The sandbox has stopped.")
	}
	return err
}

// A follower sees callbacks come and change.
type follower struct {
	ctl       *control.Client
	app       int64
	tail      *tail
	forwardTo string
	seen      map[string]control.Callback
}

// due is the state of a callback that is not finished.
const due = "due"

// How often a follower looks, and at how many callbacks.
const (
	lookForCallbacks = 250 * time.Millisecond
	callbacksAtOnce  = 200
)

// begin notes which callbacks there are already.
func (f *follower) begin(ctx context.Context) error {
	all, err := f.ctl.Callbacks(ctx, callbacksAtOnce)
	f.remember(all)
	return err
}

func (f *follower) remember(all []control.Callback) {
	f.seen = make(map[string]control.Callback, len(all))
	for _, cb := range all {
		f.seen[cb.ID] = cb
	}
}

// run looks until ctx ends, which is no error.
func (f *follower) run(ctx context.Context) error {
	tick := time.NewTicker(lookForCallbacks)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := f.look(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// look tells what is new since it looked last, the oldest first.
func (f *follower) look(ctx context.Context) error {
	all, err := f.ctl.Callbacks(ctx, callbacksAtOnce)
	if err != nil {
		return err
	}
	before := f.seen
	f.remember(all)
	fresh := 0
	for _, cb := range slices.Backward(all) {
		old, known := before[cb.ID]
		if !known {
			fresh++
		}
		if known && old.State == cb.State && old.Attempts == cb.Attempts || f.app != 0 && f.app != cb.App {
			continue
		}
		if err := f.tail.line("callback", cb, callbackLine(cb)); err != nil {
			return err
		}
		// One that was finished and is not any more was replayed.
		if (!known || old.State != due) && f.forwardTo != "" {
			if err := f.forward(ctx, cb); err != nil {
				return err
			}
		}
	}
	if fresh == callbacksAtOnce {
		f.tail.note("Some callbacks may have been missed: they came too fast.")
	}
	return nil
}

func callbackLine(cb control.Callback) string {
	line := fmt.Sprintf("%s  <- callback  %s  app %d  %s", clockTime(cb.CreatedAt), cb.Subject, cb.App, cb.State)
	if cb.Attempts > 0 {
		line += "  attempt " + strconv.Itoa(cb.Attempts)
	}
	return line + "  " + orDash(cb.URL) + "  [" + cb.ID + "]"
}

// forwarded is what came of a callback that was sent to another address.
type forwarded struct {
	Callback string  `json:"callback"`
	To       string  `json:"to"`
	Status   int     `json:"status"` // 0: no answer
	Outcome  string  `json:"outcome"`
	TookMS   float64 `json:"took_ms"`
	Error    string  `json:"error,omitempty"`
	Answer   string  `json:"answer,omitempty"`
}

func (f *follower) forward(ctx context.Context, cb control.Callback) error {
	whole, err := f.ctl.Callback(ctx, cb.ID)
	if err != nil {
		return err
	}
	out := forwarded{Callback: cb.ID, To: f.forwardTo, Outcome: string(callback.Repeat)}
	began := machine()
	code, answer, err := send(ctx, f.forwardTo, whole.Body)
	out.TookMS = float64(machine().Sub(began).Microseconds()) / 1000
	if err != nil {
		out.Error = err.Error()
	} else {
		outcome, why := callback.Read(code, answer)
		out.Status, out.Outcome, out.Error = code, string(outcome), why
		out.Answer = string(answer[:min(len(answer), callback.MaxAnswer)])
	}
	a := control.Attempt{Status: out.Status, Outcome: out.Outcome, Error: out.Error}
	return f.tail.line("forwarded", out, fmt.Sprintf("%s  => %s  %s  %s  %s  [%s]",
		clockTime(machine()), out.To, status(a), meaning(a), visible(out.Answer), cb.ID))
}

// send makes the call that the gateway makes.
func send(ctx context.Context, to, body string) (status int, answer []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Sen-Callback/1")
	response, err := callback.NewClient(http.DefaultTransport, callback.Timeout).Do(r) //nolint:forbidigo // one server, on this machine
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // the line says where
		}
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	const enough = 64 << 10
	answer, err = io.ReadAll(io.LimitReader(response.Body, enough))
	return response.StatusCode, answer, err
}

// machine is this machine's time.
func machine() time.Time { return new(clock.Clock).Now() }
