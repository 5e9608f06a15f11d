package trace

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
	"time"

	"sen/internal/metric"
)

// Config is where spans go.
type Config struct {
	// Endpoint is the URL of a collector that speaks OTLP over HTTP, without
	// v1/traces.
	Endpoint string
	// Headers are sent to it: they may hold a secret.
	Headers map[string]string
	Service string // as the collector knows us; "": sen
	Version string
	Chance  io.Reader // for the numbers of traces and spans
	Log     *slog.Logger
	// Every is after how long at most ended spans are sent; 0: 2 seconds.
	Every time.Duration
}

// Counts is what became of spans that ended.
type Counts struct{ Sent, Dropped metric.Counter }

// A Tracer makes spans and sends them. Nobody waits for it: when the collector is
// slower than we are, spans are dropped and counted. A nil one makes none.
type Tracer struct {
	Counts Counts

	config Config
	url    string
	client *http.Client
	queue  chan *Span
	told   time.Time // when the log was told that spans were not taken
}

// Limits of a tracer.
const (
	mostWaiting = 4096 // spans
	mostSent    = 512  // at a time
	sendEvery   = 2 * time.Second
	sendTime    = 5 * time.Second
	tellEvery   = time.Minute
)

// New returns a tracer for a collector, or nil if there is none.
func New(c Config) (*Tracer, error) {
	if c.Endpoint == "" {
		return nil, nil //nolint:nilnil // a nil tracer is one that makes no spans
	}
	u, err := url.Parse(c.Endpoint)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, errors.New("the address of the collector must begin with http:// or https:// and name a host: check --otlp-endpoint")
	}
	return &Tracer{
		config: c, url: strings.TrimSuffix(c.Endpoint, "/") + "/v1/traces", client: &http.Client{Timeout: sendTime},
		queue: make(chan *Span, mostWaiting),
	}, nil
}

// begin begins a span below another place; below none, a trace.
func (t *Tracer) begin(name string, k kind, above place) *Span {
	s := &Span{tracer: t, name: name, kind: k, place: above, above: above.span, began: time.Now()}
	var chance [24]byte
	_, _ = io.ReadFull(t.config.Chance, chance[:]) // neither source of chance fails
	copy(s.span[:], chance[:8])
	if above.trace == [16]byte{} {
		copy(s.trace[:], chance[8:])
		s.sampled = true
	}
	return s
}

func (t *Tracer) take(s *Span) {
	if !s.sampled {
		return
	}
	select {
	case t.queue <- s:
	default:
		t.Counts.Dropped.Inc()
	}
}

// Serve has each request be a span, part of its caller's trace if it names one.
func (t *Tracer) Serve(name string, next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := t.begin(name, server, calling(r.Header))
		defer func() {
			s.Text("sen.request", w.Header().Get(Header))
			s.End()
		}()
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), spanKey{}, s)))
	})
}

// Call begins the span of a call to a merchant's server, below what has that
// cause if there is one, and returns the context to make it in.
func (t *Tracer) Call(ctx context.Context, delivery int64, cause string) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	above, request := caused(cause)
	s := t.begin("callback", client, above)
	s.Text("sen.request", request)
	s.Number("sen.delivery", delivery)
	return context.WithValue(ctx, spanKey{}, s), s
}

// Start sends spans until stop is called, which sends those that have ended.
func (t *Tracer) Start() (stop func()) {
	if t == nil {
		return func() {}
	}
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		every := time.NewTicker(cmp.Or(t.config.Every, sendEvery))
		defer every.Stop()
		for {
			select {
			case s := <-t.queue:
				t.gather(s, every.C, over)
			case <-over:
				t.flush(nil)
				return
			}
		}
	}()
	return func() { close(over); <-done }
}

// gather sends a span with those that end soon after.
func (t *Tracer) gather(first *Span, due <-chan time.Time, over <-chan struct{}) {
	some := append(make([]*Span, 0, mostSent), first)
	for len(some) < mostSent {
		select {
		case s := <-t.queue:
			some = append(some, s)
			continue
		case <-due:
		case <-over:
		}
		break
	}
	t.send(some)
}

// flush sends what waits.
func (t *Tracer) flush(some []*Span) {
	for {
		select {
		case s := <-t.queue:
			if some = append(some, s); len(some) < mostSent {
				continue
			}
		default:
		}
		if len(some) == 0 {
			return
		}
		if !t.send(some) {
			t.Counts.Dropped.Add(int64(len(t.queue)))
			return // nobody takes them, and nobody waits
		}
		some = nil
	}
}

// send sends spans, or drops them.
func (t *Tracer) send(some []*Span) bool {
	err := t.post(t.encode(some))
	if err == nil {
		t.Counts.Sent.Add(int64(len(some)))
		return true
	}
	t.Counts.Dropped.Add(int64(len(some)))
	if time.Since(t.told) > tellEvery {
		t.told = time.Now()
		t.config.Log.Warn("spans were not taken", "spans", len(some), "error", err)
	}
	return false
}

func (t *Tracer) post(body []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), sendTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	for name, value := range t.config.Headers {
		r.Header.Set(name, value)
	}
	res, err := t.client.Do(r)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // without the URL, which may hold a password
		}
		return err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)) // to use the connection again
	_ = res.Body.Close()
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("the collector answered %s", res.Status)
	}
	return nil
}
