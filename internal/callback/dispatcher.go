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
)

// Queue is where deliveries wait.
type Queue interface {
	// ClaimDeliveries takes at most n deliveries that are due at now for the
	// length of a lease, which runs in the machine's time.
	ClaimDeliveries(ctx context.Context, now, machine time.Time, lease time.Duration, n int) ([]Delivery, error)
	// SettleDelivery records an attempt and what becomes of its delivery.
	SettleDelivery(ctx context.Context, a Attempt, state State, due time.Time) error
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
	// Parallel is how many calls are made at once; 0: 128. With 1 they are made in
	// the order in which they fell due.
	Parallel int

	once     sync.Once
	slots    chan struct{}
	underway sync.WaitGroup
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
	d.once.Do(func() { d.slots = make(chan struct{}, cmp.Or(d.Parallel, parallel)) })
	room := cap(d.slots) - len(d.slots)
	if room == 0 {
		return false, nil // Free will come
	}
	due, err := d.Queue.ClaimDeliveries(ctx, d.Now(), d.Machine(), lease, room)
	if err != nil {
		return false, err
	}
	for _, delivery := range due {
		d.slots <- struct{}{}
		d.underway.Go(func() {
			defer func() { <-d.slots; d.Free() }()
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
	a := d.attempt(ctx, delivery)
	state, due := Next(a.Outcome, delivery.Round, d.Now())
	host := "-"
	if u, err := Target(delivery.URL); err == nil {
		host = u.Host
	}
	d.Log.InfoContext(ctx, "callback", "delivery", delivery.ID, "app_id", delivery.App, "order", delivery.Order,
		"host", host, "attempt", a.N, "status", a.Status, "took_ms", a.Took.Milliseconds(),
		"outcome", a.Outcome, "state", state, "reason", a.Err)
	if err := d.Queue.SettleDelivery(ctx, a, state, due); err != nil {
		// Its lease runs out, and it is sent again: at least once.
		d.Log.ErrorContext(ctx, "callback not recorded", "delivery", delivery.ID, "error", err)
	}
}

func (d *Dispatcher) attempt(ctx context.Context, delivery Delivery) Attempt {
	a := Attempt{Delivery: delivery.ID, N: delivery.Attempts, At: d.Now()}
	began := d.Machine()
	status, answer, err := d.send(ctx, delivery)
	a.Took = d.Machine().Sub(began)
	a.Status, a.Answer = status, text(answer[:min(len(answer), MaxAnswer)])
	if err != nil {
		a.Outcome, a.Err = Repeat, err.Error()
		if errors.Is(err, errNotHTTP) {
			a.Outcome = Refused // no repeat can mend an address
		}
		return a
	}
	a.Outcome, a.Err = Read(status, answer)
	return a
}

// text is an answer as every database can store it.
func text(answer []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(answer), "\uFFFD"), "\x00", "\uFFFD")
}

func (d *Dispatcher) send(ctx context.Context, delivery Delivery) (status int, answer []byte, err error) {
	target, err := Target(delivery.URL)
	if err != nil {
		return 0, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(delivery.Body))
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", errNotHTTP, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Sen-Callback/1")
	res, err := d.Client.Do(req)
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
