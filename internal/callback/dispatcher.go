package callback

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"sen/internal/metric"
	"sen/internal/trace"
)

// Queue is where deliveries wait.
type Queue interface {
	// ClaimDeliveries takes at most n deliveries that are due at now for the
	// length of a lease, which runs in the machine's time.
	ClaimDeliveries(ctx context.Context, now, machine time.Time, lease time.Duration, n int) ([]Delivery, error)
	// SettleDelivery records the attempts of a claim and what becomes of its
	// delivery.
	SettleDelivery(ctx context.Context, all []Attempt, state State, due time.Time) error
}

// Mishaps let callbacks of a sandbox go wrong on their way.
type Mishaps interface {
	// Next returns what goes wrong with a delivery that was claimed.
	Next(ctx context.Context, d Delivery) (Mishap, error)
	// Gone is told that a delivery was sent and settled, which may make others due.
	Gone(ctx context.Context, d Delivery) error
}

// A Mishap is what goes wrong with one call; the zero value is nothing.
type Mishap struct {
	Rule      int64  // that wanted it
	Kind      string // how it names that
	HoldUntil time.Time
	Drop      bool
	Body      []byte        // sent instead; nil: the delivery's
	Copies    int           // sent beside the one that is owed
	AtOnce    bool          // at the same time
	Slow      time.Duration // how long the body takes to arrive
}

// Dispatcher makes the calls that are owed.
type Dispatcher struct {
	Queue   Queue
	Client  *http.Client     // see NewClient
	Now     func() time.Time // business time
	Machine func() time.Time // the machine's own, for leases and latencies
	Log     *slog.Logger
	// Free is called when a call is over and there is room for another.
	Free func()
	// Mishaps is nil in a live gateway, which sends what it owes.
	Mishaps Mishaps
	// Reach is where calls may go.
	Reach Reach
	// Parallel is how many calls are made at once; 0: 128. With 1 they are made in
	// the order in which they fell due.
	Parallel int
	// Tracer traces calls; nil: nobody does.
	Tracer *trace.Tracer
	// Metrics is what the dispatcher has counted.
	Metrics Metrics

	once     sync.Once
	slots    chan struct{}
	underway sync.WaitGroup
}

// Metrics is what a dispatcher counts.
type Metrics struct {
	Calls metric.Durations // to merchants' servers
	// What became of claimed deliveries: accepted, refused for good, to be
	// repeated, given up after the last repeat.
	Accepted, Refused, Repeated, GivenUp metric.Counter
	Unrecorded                           metric.Counter // calls whose result could not be kept
}

func (m *Metrics) count(o Outcome, to State) {
	switch {
	case o == Accepted:
		m.Accepted.Inc()
	case o == Refused:
		m.Refused.Inc()
	case o == Repeat && to == Failed:
		m.GivenUp.Inc()
	case o == Repeat:
		m.Repeated.Inc()
	}
}

// Underway is how many calls are being made. It may be asked before the first.
func (d *Dispatcher) Underway() int { return len(d.places()) }

// places has a token for each call that is being made.
func (d *Dispatcher) places() chan struct{} {
	d.once.Do(func() { d.slots = make(chan struct{}, cmp.Or(d.Parallel, parallel)) })
	return d.slots
}

// Limits of the dispatcher. The merchant protocol names no time-out; a lease
// outlives a call by far, so that only a process that is gone loses it.
const (
	Timeout  = 10 * time.Second
	lease    = 45 * time.Second
	parallel = 128
)

// NewClient returns the HTTP client for callbacks: it follows no redirects,
// because what is signed is meant for the address that the merchant gave.
func NewClient(transport http.RoundTripper, timeout time.Duration) *http.Client {
	return &http.Client{
		Transport:     transport,
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Once starts calls for what is due, as many as there is room for, and reports
// whether there may be more. It does not wait for the answers: one slow server
// must not hold up the others.
func (d *Dispatcher) Once(ctx context.Context) (more bool, err error) {
	places := d.places()
	room := cap(places) - len(places)
	if room == 0 {
		return false, nil // Free will come
	}
	due, err := d.Queue.ClaimDeliveries(ctx, d.Now(), d.Machine(), lease, room)
	if err != nil {
		return false, err
	}
	for _, delivery := range due {
		places <- struct{}{}
		d.underway.Go(func() {
			defer func() { <-places; d.Free() }()
			d.deliver(ctx, delivery)
		})
	}
	return len(due) == room, nil
}

// Wait returns when no call is under way.
func (d *Dispatcher) Wait() { d.underway.Wait() }

func (d *Dispatcher) deliver(ctx context.Context, delivery Delivery) {
	// A call that began is finished and recorded, also while we stop.
	ctx = context.WithoutCancel(ctx)
	m, err := d.mishap(ctx, delivery)
	if err != nil {
		// Its lease runs out, and it is tried again.
		d.Log.ErrorContext(ctx, "callback rules not read", "delivery", delivery.ID, "error", err)
		return
	}
	all := d.attempts(ctx, delivery, m)
	a := all[0]
	state, due := Next(outcomeOf(all), delivery.Round, d.Now())
	d.Metrics.count(outcomeOf(all), state)
	if a.Outcome == Held {
		due = m.HoldUntil
	}
	host := "-"
	if u, err := Target(delivery.URL); err == nil {
		host = u.Host
	}
	d.Log.InfoContext(ctx, "callback", "delivery", delivery.ID, "app_id", delivery.App, "order", delivery.Order,
		"host", host, "attempt", a.N, "status", a.Status, "took_ms", a.Took.Milliseconds(),
		"outcome", a.Outcome, "state", state, "reason", a.Err, "mishap", a.Mishap)
	if err := d.Queue.SettleDelivery(ctx, all, state, due); err != nil {
		// Its lease runs out, and it is sent again: at least once.
		d.Metrics.Unrecorded.Inc()
		d.Log.ErrorContext(ctx, "callback not recorded", "delivery", delivery.ID, "error", err)
		return
	}
	d.gone(ctx, delivery, a.Outcome)
}

func (d *Dispatcher) mishap(ctx context.Context, delivery Delivery) (Mishap, error) {
	if d.Mishaps == nil {
		return Mishap{}, nil
	}
	return d.Mishaps.Next(ctx, delivery)
}

// gone lets go what waited for this one.
func (d *Dispatcher) gone(ctx context.Context, delivery Delivery, outcome Outcome) {
	if d.Mishaps == nil || outcome == Held || outcome == Lost {
		return
	}
	if err := d.Mishaps.Gone(ctx, delivery); err != nil {
		// What is held has a time at which it goes by itself.
		d.Log.ErrorContext(ctx, "callbacks not let go", "delivery", delivery.ID, "error", err)
	}
}

// attempts does what is to be done about a claim. There is one attempt at least.
func (d *Dispatcher) attempts(ctx context.Context, delivery Delivery, m Mishap) []Attempt {
	first := Attempt{Delivery: delivery.ID, N: delivery.Attempts, At: d.Now(), Rule: m.Rule, Mishap: m.Kind}
	switch {
	case m.Drop:
		first.Outcome, first.Err = Lost, "a callback rule dropped it: it was not sent"
		return []Attempt{first}
	case !m.HoldUntil.IsZero():
		first.Outcome, first.Err = Held, "a callback rule holds it: it was not sent yet"
		return []Attempt{first}
	}
	all := make([]Attempt, 1+m.Copies)
	var copies sync.WaitGroup
	for i := range all {
		one := func() { all[i] = d.attempt(ctx, delivery, m, delivery.Attempts+i) }
		if m.AtOnce {
			copies.Go(one)
		} else {
			one()
		}
	}
	copies.Wait()
	return all
}

// outcomeOf is what copies mean for their delivery. A merchant that has accepted
// one may refuse the other.
func outcomeOf(all []Attempt) Outcome {
	for _, a := range all {
		if a.Outcome == Accepted {
			return Accepted
		}
	}
	return all[0].Outcome
}

func (d *Dispatcher) attempt(ctx context.Context, delivery Delivery, m Mishap, n int) (a Attempt) {
	a = Attempt{Delivery: delivery.ID, N: n, At: d.Now(), Rule: m.Rule, Mishap: m.Kind, Sent: m.Body}
	began := d.Machine()
	ctx, span := d.Tracer.Call(ctx, int64(delivery.ID), delivery.Cause)
	defer func() { tell(span, delivery, a) }()
	status, answer, err := d.send(ctx, delivery, m)
	a.Took = d.Machine().Sub(began)
	d.Metrics.Calls.Observe(a.Took)
	a.Status, a.Answer = status, text(answer[:min(len(answer), MaxAnswer)])
	if err != nil {
		a.Outcome, a.Err = Repeat, reason(err)
		if d.Reach.Check(delivery.URL) != nil {
			a.Outcome = Refused // no repeat can mend an address
		}
		return a
	}
	a.Outcome, a.Err = Read(status, answer)
	return a
}

// tell ends the span of an attempt.
func tell(span *trace.Span, d Delivery, a Attempt) {
	span.Number("sen.app_id", int64(d.App))
	span.Number("sen.attempt", int64(a.N))
	span.Number("http.response.status_code", int64(a.Status))
	span.Text("sen.outcome", string(a.Outcome))
	span.Fail(a.Outcome != Accepted)
	span.End()
}

// text is an answer as every database can store it.
func text(answer []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(answer), "\uFFFD"), "\x00", "\uFFFD")
}

func (d *Dispatcher) send(ctx context.Context, delivery Delivery, m Mishap) (status int, answer []byte, err error) {
	target, err := d.Reach.Target(delivery.URL)
	if err != nil {
		return 0, nil, err
	}
	body, client := delivery.Body, d.Client
	if m.Body != nil {
		body = m.Body
	}
	var content io.Reader = bytes.NewReader(body)
	if m.Slow > 0 {
		patient := *d.Client
		patient.Timeout += m.Slow
		content, client = newTrickle(ctx, body, m.Slow), &patient
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), content)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", errNotHTTP, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Sen-Callback/1")
	trace.Inject(ctx, req.Header)
	req.ContentLength = int64(len(body))
	res, err := client.Do(req)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // without the URL: its query may hold a secret of the merchant
		}
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err = io.ReadAll(io.LimitReader(res.Body, maxRead))
	return res.StatusCode, answer, err
}

// A trickle gives out bytes little by little.
type trickle struct {
	ctx   context.Context //nolint:containedctx // a reader has no other way to hear of an end
	rest  []byte
	piece int
	pause time.Duration
}

// trickles is in how many pieces a slow body comes.
const trickles = 10

func newTrickle(ctx context.Context, body []byte, whole time.Duration) *trickle {
	return &trickle{ctx: ctx, rest: body, piece: len(body)/trickles + 1, pause: whole / trickles}
}

// Read waits a while and gives a tenth of the body, at least a byte.
func (t *trickle) Read(p []byte) (int, error) {
	if len(t.rest) == 0 {
		return 0, io.EOF
	}
	timer := time.NewTimer(t.pause)
	defer timer.Stop()
	select {
	case <-t.ctx.Done():
		return 0, t.ctx.Err()
	case <-timer.C:
	}
	n := copy(p, t.rest[:min(len(t.rest), t.piece)])
	t.rest = t.rest[n:]
	return n, nil
}
