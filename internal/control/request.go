package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	"sen/internal/callback"
	"sen/internal/exchange"
	"sen/internal/export"
	"sen/internal/merchant"
	"sen/internal/pay"
)

func (s *Server) requests(r *http.Request) (any, error) {
	n, err := page(r)
	if err != nil {
		return nil, err
	}
	filter, err := filterOf(r.URL.Query())
	if err != nil {
		return nil, err
	}
	before, err := queryNumber(r.URL.Query(), "before")
	if err != nil {
		return nil, err
	}
	// Who looks now wants to see what was answered a moment ago.
	if err := s.Exchanges.Flush(r.Context()); err != nil {
		return nil, err
	}
	all, err := s.Store.Exchanges(r.Context(), filter, exchange.ID(before), n)
	if err != nil {
		return nil, err
	}
	out := Requests{Requests: make([]Request, 0, len(all))}
	out.Kept, out.Dropped = s.Exchanges.Counts()
	for i := range all {
		out.Requests = append(out.Requests, wireRequest(&all[i]))
	}
	return out, nil
}

// filterOf reads which requests are asked for.
func filterOf(q url.Values) (f exchange.Filter, err error) {
	f.Operation, f.AppTransID = q.Get("operation"), q.Get("app_trans_id")
	if err := knownOperation(f.Operation); err != nil {
		return f, err
	}
	app, err := queryNumber(q, "app")
	if err != nil {
		return f, err
	}
	f.App = merchant.ID(app)
	if q.Get("value") != "" {
		value, err := queryNumber(q, "value")
		if err != nil {
			return f, err
		}
		f.Value = new(int(value))
	}
	if f.From, err = queryTime(q, "from"); err == nil {
		f.To, err = queryTime(q, "to")
	}
	return f, err
}

// queryNumber reads a number; 0 when none is given.
func queryNumber(q url.Values, name string) (int64, error) {
	text := q.Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, errBody.On(name, "must be a whole number")
	}
	return n, nil
}

func queryTime(q url.Values, name string) (at time.Time, err error) {
	text := q.Get(name)
	if text == "" {
		return at, nil
	}
	if at, err = time.Parse(time.RFC3339, text); err != nil {
		return at, errBody.On(name, "must be a time as in 2026-11-22T12:00:00+07:00")
	}
	return at, nil
}

func (s *Server) request(r *http.Request) (any, error) {
	x, err := s.exchange(r)
	if err != nil {
		return nil, err
	}
	out := wireRequest(&x)
	out.Callbacks, err = s.callbacksOf(r.Context(), &x)
	return out, err
}

func (s *Server) exchange(r *http.Request) (x exchange.Exchange, err error) {
	id, err := pathNumber(r, "id")
	if err != nil {
		return x, err
	}
	if err := s.Exchanges.Flush(r.Context()); err != nil {
		return x, err
	}
	return s.Store.Exchange(r.Context(), exchange.ID(id))
}

// callbacksOf finds what the merchant was told about what the request was about:
// its order, and its binding.
func (s *Server) callbacksOf(ctx context.Context, x *exchange.Exchange) (all []Callback, err error) {
	order := x.Subject.Order
	if order == 0 && x.Subject.AppTransID != "" {
		o, err := s.Pay.OrderByTransID(ctx, x.App, x.Subject.AppTransID)
		if err != nil && !errors.Is(err, pay.ErrOrderNotFound) {
			return nil, err
		}
		order = int64(o.Key)
	}
	for _, about := range []struct {
		key     int64
		subject callback.Subject
	}{{order, callback.OrderPaid}, {x.Subject.Binding, callback.BindingChanged}} {
		if about.key == 0 {
			continue
		}
		deliveries, err := s.Store.DeliveriesOfOrder(ctx, about.key)
		if err != nil {
			return nil, err
		}
		for _, d := range deliveries {
			if d.Subject == about.subject {
				all = append(all, wireCallback(d))
			}
		}
	}
	return all, nil
}

func (s *Server) exportRequest(r *http.Request) (any, error) {
	language, err := export.Find(r.URL.Query().Get("as"))
	if err != nil {
		return nil, err
	}
	x, err := s.exchange(r)
	if err != nil {
		return nil, err
	}
	program, err := language.Program(x, s.BaseURL)
	return Export{Language: language.Name, File: language.File, Run: export.KeyVariable + "=… " + language.Run, Program: program}, err
}

// Names of the events of a stream.
const (
	requestEvent = "request"
	droppedEvent = "dropped"
)

// heartbeat is how often a stream that has nothing to say says so: somebody
// between may close a connection that is silent.
const heartbeat = 15 * time.Second

// streamRequests sends requests as they are kept, as server-sent events, until
// the client goes or the gateway stops. One who is too slow misses some, and is
// told how many.
func (s *Server) streamRequests(w http.ResponseWriter, r *http.Request) {
	filter, err := filterOf(r.URL.Query())
	if err != nil {
		s.adapt(func(*http.Request) (any, error) { return nil, err }).ServeHTTP(w, r)
		return
	}
	stream, stop := s.Exchanges.Watch()
	defer stop()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	c := http.NewResponseController(w)
	if errors.Join(c.SetReadDeadline(time.Time{}), c.SetWriteDeadline(time.Time{}), c.Flush()) != nil {
		return // it can't be kept open
	}
	s.relay(r.Context(), w, stream, filter)
}

func (s *Server) relay(ctx context.Context, w http.ResponseWriter, stream *exchange.Stream, filter exchange.Filter) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	var told int64
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			_, err = fmt.Fprint(w, ": nothing new\n\n")
		case x, open := <-stream.C:
			if !open {
				return
			}
			if missed := stream.Dropped(); missed > told {
				told = missed
				err = event(w, droppedEvent, map[string]int64{"dropped": missed})
			}
			if err == nil && filter.Matches(&x) {
				err = event(w, requestEvent, wireRequest(&x))
			}
		}
		if err != nil || http.NewResponseController(w).Flush() != nil {
			return // the client is gone
		}
	}
}

// event writes one event. JSON has no line breaks outside of texts, and none in
// them.
func event(w http.ResponseWriter, name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, text)
	return err
}

func wireRequest(x *exchange.Exchange) Request {
	out := Request{
		ID: idText(int64(x.ID)), At: x.At, TookMS: float64(x.Took.Microseconds()) / 1000, App: int64(x.App),
		Operation: x.Operation, Method: x.Method, Path: x.Path, Remote: x.Remote, Headers: x.Headers, Fields: x.Fields,
		BodySize: x.BodySize, MAC: string(x.MAC), HTTPStatus: x.HTTPStatus, ReturnCode: x.ReturnCode, Value: x.Value,
		Answer: x.Answer, Reason: x.Reason, Scenario: x.Effect,
		AppTransID: x.Subject.AppTransID, MRefundID: x.Subject.MRefundID, Payment: x.Subject.Payment,
		Refund: x.Subject.Refund, Change: string(x.Subject.Change),
	}
	if out.Fields == nil {
		out.Fields = []exchange.Field{}
	}
	if x.Body != nil || x.BodySize == 0 {
		body := string(x.Body)
		if !utf8.ValidString(body) {
			body = strconv.QuoteToASCII(body)
		}
		out.Body = &body
	}
	if x.Rule != 0 {
		out.Rule = idText(x.Rule)
	}
	return out
}
