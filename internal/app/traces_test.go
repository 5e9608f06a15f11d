package app_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/trace"
)

// A collector takes spans as the OpenTelemetry Collector does.
type collector struct {
	*httptest.Server
	mu     sync.Mutex
	said   strings.Builder
	header http.Header
	spans  []span
}

// A span is one as it came.
type span struct {
	TraceID, SpanID, ParentSpanID, TraceState, Name string
	Kind                                            int
	StartTimeUnixNano, EndTimeUnixNano              string
	Attributes                                      []struct {
		Key   string
		Value struct{ StringValue, IntValue string }
	}
	Status struct{ Code int }
}

func (s span) of(key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return a.Value.StringValue + a.Value.IntValue
		}
	}
	return ""
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var came struct {
			ResourceSpans []struct {
				ScopeSpans []struct{ Spans []span }
			}
		}
		if err == nil {
			err = json.Unmarshal(body, &came)
		}
		if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %v: %v", r.URL.Path, r.Header, err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.header = r.Header
		c.said.Write(body)
		for _, rs := range came.ResourceSpans {
			for _, ss := range rs.ScopeSpans {
				c.spans = append(c.spans, ss.Spans...)
			}
		}
		_, _ = io.WriteString(w, `{"partialSuccess":{}}`)
	}))
	t.Cleanup(c.Close)
	return c
}

// find waits for a span.
func (c *collector) find(t *testing.T, what string, is func(span) bool) (found span) {
	t.Helper()
	apptest.Wait(t, what, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		i := slices.IndexFunc(c.spans, is)
		if i >= 0 {
			found = c.spans[i]
		}
		return i >= 0
	})
	return found
}

func (c *collector) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said.String()
}

// traced has a gateway send its spans there.
func (c *collector) traced(config *app.Config) {
	config.Traces = trace.Config{Endpoint: c.URL, Headers: map[string]string{"Authorization": "Bearer x"}, Every: 1}
}

const (
	callersTrace  = "4bf92f3577b34da6a3ce929d0e0e4736"
	callersParent = "00-" + callersTrace + "-00f067aa0ba902b7-01"
)

// TestTraces follows a payment by token: from the merchant's own span over the
// call, its rules and its commit to the callback, which the merchant gets in the
// same trace.
func TestTraces(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	s := openShop(t, c.traced)
	to := newReceiver(t)
	number := s.payTraced(to.URL, http.Header{"Traceparent": {callersParent}, "Tracestate": {"shop=1"}})
	call := c.find(t, "the call", func(x span) bool { return x.Name == sen.OpPayByTokenWallet.Name })
	if call.TraceID != callersTrace || call.ParentSpanID != "00f067aa0ba902b7" || call.Kind != 2 || call.TraceState != "shop=1" {
		t.Errorf("the call is %+v", call)
	}
	if call.of("sen.request") != number || number == "" || call.of("sen.return_code") != "1" {
		t.Errorf("the answer has the number %q, and the span is %+v", number, call)
	}
	for _, name := range []string{"rules", "commit"} {
		part := c.find(t, name, func(x span) bool { return x.Name == name && x.ParentSpanID == call.SpanID })
		if part.TraceID != callersTrace || part.StartTimeUnixNano < call.StartTimeUnixNano || part.EndTimeUnixNano > call.EndTimeUnixNano {
			t.Errorf("%s is %+v, and the call %+v", name, part, call)
		}
	}
	called := c.find(t, "the callback", func(x span) bool { return x.Name == "callback" && x.ParentSpanID == call.SpanID })
	if called.TraceID != callersTrace || called.Kind != 3 || called.of("sen.request") != number || called.of("http.response.status_code") != "200" || called.of("sen.outcome") != "accepted" {
		t.Errorf("the callback is %+v", called)
	}
	to.mu.Lock()
	defer to.mu.Unlock()
	if got, want := to.header.Get("Traceparent"), "00-"+callersTrace+"-"+called.SpanID+"-01"; got != want || to.header.Get("Tracestate") != "shop=1" {
		t.Errorf("the merchant got %q and %q, want %q", got, to.header.Get("Tracestate"), want)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.header.Get("Authorization") != "Bearer x" {
		t.Errorf("the collector got %v", c.header)
	}
}

// TestTraceOutlivesTheProcess pays, and the merchant refuses the callback until
// another process repeats it: the call is part of the same trace, with what other
// systems pass on, except what no text can hold.
func TestTraceOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]string{"shop=1": "shop=1", "shop=\xff": ""} {
		c := newCollector(t)
		s := openShop(t, c.traced)
		to := newReceiver(t)
		to.then(says(http.StatusInternalServerError, "no"))
		number := s.tracedCall(to.URL, http.Header{"Traceparent": {callersParent}, "Tracestate": {state}})
		s.attempted(s.Order(2553, "261122_a").Callbacks[0].ID, 1)
		s.Restart(func() { to.then(says(http.StatusOK, `{"return_code":1,"return_message":"ok"}`)) })
		s.Advance(time.Minute)
		call := c.find(t, "the call", func(x span) bool { return x.Name == sen.OpPayByTokenWallet.Name })
		again := c.find(t, "the callback that was accepted", func(x span) bool { return x.Name == "callback" && x.of("sen.outcome") == "accepted" })
		if again.TraceID != callersTrace || again.ParentSpanID != call.SpanID || again.of("sen.request") != number || number == "" {
			t.Errorf("the call is %+v, and after a restart the callback %+v", call, again)
		}
		to.mu.Lock()
		if got, parent := to.header.Get("Tracestate"), to.header.Get("Traceparent"); got != want || parent != "00-"+callersTrace+"-"+again.SpanID+"-01" {
			t.Errorf("the merchant got %q and %q, want %q", parent, got, want)
		}
		to.mu.Unlock()
	}
}

// payableByToken makes an order and a token that pays it.
func payableByToken(s *shop, callback string) members {
	_, token := s.confirmed()
	order, _ := s.made(order("a").with(members{"callback_url": callback})).Object["zp_trans_token"].(string)
	return members{"identifier": "u", "zp_trans_token": order, "pay_token": token, "req_date": millis(0)}
}

// payTraced pays an order by token in a call with those headers, and returns the
// number of the call when the callback has come.
func (s *shop) payTraced(callback string, header http.Header) (number string) {
	s.t.Helper()
	number = s.tracedCall(callback, header)
	apptest.Wait(s.t, "the callback", func() bool { return s.Order(2553, "261122_a").Callbacks[0].State == "delivered" })
	return number
}

func (s *shop) tracedCall(callback string, header http.Header) (number string) {
	s.t.Helper()
	m := s.signed(sen.OpPayByTokenWallet, payableByToken(s, callback))
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.URL+sen.OpPayByTokenWallet.Path, strings.NewReader(m.form()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header = header
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := plain.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(text), `"return_code":`) {
		s.t.Fatalf("%v: %s", err, text)
	}
	return res.Header.Get("X-Request-Id")
}

// TestUnwantedTraces: a caller that says that nobody looks at its trace, and
// headers that are none.
func TestUnwantedTraces(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	s := openShop(t, c.traced)
	to := newReceiver(t)
	s.payTraced(to.URL, http.Header{"Traceparent": {strings.TrimSuffix(callersParent, "1") + "0"}})
	to.mu.Lock()
	got := to.header.Get("Traceparent")
	to.mu.Unlock()
	if !strings.HasPrefix(got, "00-"+callersTrace) || !strings.HasSuffix(got, "-00") {
		t.Errorf("the merchant got %q", got)
	}
	for i, bad := range []string{
		"", "x", "00-" + strings.Repeat("0", 32) + "-00f067aa0ba902b7-01", "00-" + callersTrace + "-0000000000000000-01",
		"ff-" + callersTrace + "-00f067aa0ba902b7-01", strings.ToUpper(callersParent), callersParent + "-more", "00-" + callersTrace + "-00f067aa0ba902bx-01",
	} {
		if a := s.sendWith(http.MethodPost, sen.OpQueryOrder.Path, http.Header{"Traceparent": {bad}, "Tracestate": {"bad=1"}}, ""); a.Sub == 1 {
			t.Fatalf("%d: %+v", i, a)
		}
	}
	queries := func() (n int) {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, x := range c.spans {
			if x.Name == sen.OpQueryOrder.Name && x.ParentSpanID == "" && x.TraceID != callersTrace && x.TraceState == "" {
				n++
			}
		}
		return n
	}
	apptest.Wait(t, "eight traces that begin here", func() bool { return queries() == 8 })
	if strings.Contains(c.text(), callersTrace) {
		t.Error("a span came that nobody wanted")
	}
}

// TestNoTraces: without a collector nobody is told of traces.
func TestNoTraces(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	to := newReceiver(t)
	s.payTraced(to.URL, http.Header{"Traceparent": {callersParent}})
	to.mu.Lock()
	defer to.mu.Unlock()
	if got := to.header.Get("Traceparent"); got != "" {
		t.Errorf("the merchant got %q", got)
	}
}

// TestCollectorAway: nobody waits for a collector, and what it does not take is
// counted.
func TestCollectorAway(t *testing.T) {
	t.Parallel()
	away := httptest.NewServer(says(http.StatusServiceUnavailable, "no"))
	t.Cleanup(away.Close)
	s := openShop(t, func(c *app.Config) { c.Traces = trace.Config{Endpoint: away.URL, Every: 1} })
	to := newReceiver(t)
	s.payTraced(to.URL, http.Header{})
	apptest.Wait(t, "spans are dropped", func() bool {
		found := scrape(t, s.URL+"/metrics")
		return sum(found["sen_spans_dropped_total"]) > 3 && sum(found["sen_spans_sent_total"]) == 0
	})
	if lines := s.Log.Lines("spans were not taken"); len(lines) != 1 || !strings.Contains(lines[0], "503") {
		t.Errorf("the log has %q", lines)
	}
}

// TestSpansHaveNoSecrets does what takes or makes secrets, and looks for them in
// everything that the collector got.
func TestSpansHaveNoSecrets(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	s := openShop(t, c.traced)
	secrets := s.handleSecrets(t)
	c.find(t, "a page", func(x span) bool { return strings.Contains(x.Name, "/checkout/{") })
	c.find(t, "a control call", func(x span) bool { return x.Name == "control" })
	for what, secret := range secrets {
		if strings.Contains(c.text(), secret) {
			t.Errorf("%s, %q, is in a span", what, secret)
		}
	}
}
