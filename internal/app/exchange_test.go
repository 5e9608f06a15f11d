package app_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
	"sen/internal/exchange"
	"sen/internal/merchant"
	"sen/internal/pgtest"
	"sen/internal/store"
)

// logged returns the newest request of the log.
func (s *shop) logged(query string) control.Request {
	s.t.Helper()
	all := apptest.Control[control.Requests](s.Gateway, http.MethodGet, "/control/requests?limit=1"+query, nil)
	if len(all.Requests) == 0 {
		s.t.Fatalf("no request in the log with %q", query)
	}
	return all.Requests[0]
}

// TestRequestLog makes calls of every kind and looks each up.
func TestRequestLog(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	create := s.signed(sen.OpCreateOrder, order("log"))
	made := s.send(http.MethodPost, "/v2/create?app_id=2553", "application/json", create.json(t))
	token, _ := made.Object["order_token"].(string)
	s.Pay(token, rich)
	paid := s.Order(2553, "261122_log").Payment.Number
	for _, c := range []struct {
		name string
		call func()
		want control.Request
	}{
		{"created", func() {}, control.Request{
			Operation: "create_order", MAC: "good", ReturnCode: 1, Value: 1, AppTransID: "261122_log", Change: "order_created",
		}},
		{"twice", func() { s.call(sen.OpCreateOrder, order("log")) }, control.Request{
			Operation: "create_order", MAC: "good", ReturnCode: 2, Value: -68, AppTransID: "261122_log",
			Reason: "This app used the app_trans_id before.",
		}},
		{"queried", func() { s.call(sen.OpQueryOrder, queried("log")) }, control.Request{
			Operation: "query_order", MAC: "good", ReturnCode: 1, Value: 1, AppTransID: "261122_log", Payment: paid,
		}},
		{"wrong mac", func() { s.call(sen.OpQueryOrder, queried("log").with(members{"mac": strings.Repeat("0", 64)})) }, control.Request{
			Operation: "query_order", MAC: "wrong", ReturnCode: 2, Value: -402, AppTransID: "261122_log", Reason: "mac is wrong, …",
		}},
		{"no such app", func() { s.call(sen.OpQueryOrder, queried("log").with(members{"app_id": "99"})) }, control.Request{
			App: 99, Operation: "query_order", ReturnCode: 2, Value: -402, AppTransID: "261122_log", Reason: "app_id is wrong: …",
		}},
		{"malformed", func() { s.call(sen.OpRefundOrder, refund("log", paid, 10).with(members{"amount": "x"})) }, control.Request{
			Operation: "refund_order", ReturnCode: 2, Value: -401, MRefundID: "261122_2553_log", Payment: paid, Reason: "amount …",
		}},
		{"refund", func() { s.call(sen.OpRefundOrder, refund("log", paid, 10)) }, control.Request{
			Operation: "refund_order", MAC: "good", ReturnCode: 3, Value: 2, MRefundID: "261122_2553_log", Payment: paid,
			Change: "refund_accepted",
		}},
		{"cancelled", func() {
			s.call(sen.OpCreateOrder, order("gone"))
			s.call(sen.OpCancelOrder, queried("gone"))
		}, control.Request{
			Operation: "cancel_order", MAC: "good", ReturnCode: 1, Value: 1, AppTransID: "261122_gone", Change: "order_cancelled",
		}},
		{"cancelled again", func() { s.call(sen.OpCancelOrder, queried("gone")) }, control.Request{
			Operation: "cancel_order", MAC: "good", ReturnCode: 1, Value: 1, AppTransID: "261122_gone",
		}},
		{"no operation", func() { s.send(http.MethodPost, "/v2/creat", "", "") }, control.Request{
			ReturnCode: 2, Value: -401, HTTPStatus: 404, App: -1,
		}},
		{"unreadable", func() { s.send(http.MethodPost, "/v2/create", "application/json", "{") }, control.Request{
			Operation: "create_order", ReturnCode: 2, Value: -401, App: -1, Reason: "the body …",
		}},
	} {
		c.call()
		got := s.logged("")
		if c.want.HTTPStatus == 0 {
			c.want.HTTPStatus = http.StatusOK
		}
		switch c.want.App {
		case 0:
			c.want.App = 2553
		case -1:
			c.want.App = 0
		}
		if start, _, cut := strings.Cut(c.want.Reason, "…"); cut && strings.HasPrefix(got.Reason, start) {
			c.want.Reason = got.Reason
		}
		if c.name == "refund" {
			if c.want.Refund = got.Refund; got.Refund == 0 {
				t.Error("the refund has no number")
			}
		}
		if diff := cmp.Diff(c.want, control.Request{
			App: got.App, Operation: got.Operation, MAC: got.MAC, HTTPStatus: got.HTTPStatus, ReturnCode: got.ReturnCode, Value: got.Value,
			Reason: got.Reason, AppTransID: got.AppTransID, MRefundID: got.MRefundID, Payment: got.Payment, Refund: got.Refund, Change: got.Change,
		}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	first := s.logged("&operation=create_order&value=1&app_trans_id=261122_log&app=2553&from=2020-01-01T00:00:00Z")
	one := apptest.Control[control.Request](s.Gateway, http.MethodGet, "/control/requests/"+first.ID, nil)
	if len(one.Callbacks) != 1 || one.Callbacks[0].Subject != "order" {
		t.Errorf("the callbacks of the order are %+v, want one", one.Callbacks)
	}
	if one.Body == nil || *one.Body != create.json(t) || one.BodySize != len(*one.Body) {
		t.Errorf("the body is %v, %d bytes, want %s", one.Body, one.BodySize, create.json(t))
	}
	if got := one.Fields[0]; got.Name != "app_id" || got.Value != "2553" || got.InQuery {
		t.Errorf("the first member is %+v, want app_id in its first place, with the body's value", got)
	}
	if !strings.Contains(one.Answer, `"zp_trans_token":"AC`) || one.Headers.ContentType != "application/json" || one.Remote == "" {
		t.Errorf("answer %s, headers %+v, from %q", one.Answer, one.Headers, one.Remote)
	}
}

// TestRequestLogScenarios looks for what interfered.
func TestRequestLogScenarios(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	rule := apptest.Control[control.Rule](s.Gateway, http.MethodPost, "/control/rules", control.Rule{Operation: "query_order", Value: ptr(-63), Calls: 1})
	s.call(sen.OpQueryOrder, queried("x"))
	if got := s.logged(""); got.Rule != rule.ID || got.Scenario != "value=-63" || got.Value != -63 || got.MAC != "" {
		t.Errorf("rule %q, scenario %q, value %d, mac %q", got.Rule, got.Scenario, got.Value, got.MAC)
	}
	for how, want := range map[string]int{"http_502": 502, "reset": 0, "not_json": 200} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/v2/query", strings.NewReader(s.signed(sen.OpQueryOrder, queried("x")).form()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Sen-Scenario", "break="+how)
		if response, err := http.DefaultClient.Do(r); err == nil {
			_ = response.Body.Close()
		} else if want != 0 {
			t.Errorf("%s: %v", how, err)
		}
		got := s.logged("")
		if got.Rule != "" || got.Scenario != "break="+how || got.Headers.Scenario != got.Scenario || got.HTTPStatus != want || got.Value != -101 {
			t.Errorf("%s: rule %q, scenario %q, HTTP %d, value %d", how, got.Rule, got.Scenario, got.HTTPStatus, got.Value)
		}
	}
}

// TestRequestLogRestart has the last requests kept when the gateway stops.
func TestRequestLogRestart(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for range 300 { // more than a batch
		s.call(sen.OpQueryOrder, queried("x"))
	}
	s.Restart(nil)
	all := apptest.Control[control.Requests](s.Gateway, http.MethodGet, "/control/requests?limit=500", nil)
	if len(all.Requests) != 300 {
		t.Errorf("%d requests after a restart, want 300", len(all.Requests))
	}
}

func TestRequestLogRefusals(t *testing.T) {
	t.Parallel()
	g := apptest.Start(t)
	for path, want := range map[string]int{
		"/control/requests?before=x":         http.StatusBadRequest,
		"/control/requests?from=yesterday":   http.StatusBadRequest,
		"/control/requests?operation=order":  http.StatusBadRequest,
		"/control/requests/stream?value=one": http.StatusBadRequest,
		"/control/requests/1":                http.StatusNotFound,
		"/control/requests/x":                http.StatusNotFound,
		"/control/requests/1/export?as=curl": http.StatusNotFound,
		"/control/requests/1/export?as=c":    http.StatusBadRequest,
	} {
		if status, body := apptest.TryControl(g, http.MethodGet, path, nil); status != want {
			t.Errorf("%s: HTTP %d: %s, want %d", path, status, body, want)
		}
	}
}

// TestRequestStream watches requests as they come; the stream ends when the
// gateway stops, and does not keep it from stopping.
func TestRequestStream(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/control/requests/stream?value=-101", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	s.call(sen.OpQueryOrder, queried("x").with(members{"mac": "0"})) // -402: not asked for
	s.call(sen.OpQueryOrder, queried("streamed"))
	lines := bufio.NewScanner(response.Body)
	var got []string
	for len(got) < 2 && lines.Scan() {
		got = append(got, lines.Text())
	}
	if len(got) < 2 || got[0] != "event: request" || !strings.Contains(got[1], `"app_trans_id":"261122_streamed"`) {
		t.Fatalf("the stream says %q, %v", got, lines.Err())
	}
	s.Restart(nil)
	for lines.Scan() {
		if lines.Text() != "" {
			t.Errorf("after that the stream says %q", lines.Text())
		}
	}
	if err := lines.Err(); err != nil {
		t.Errorf("the stream did not end, but broke: %v", err)
	}
}

// TestRequestLogTokens follows payments by token: who asks again is told the
// same, and changes nothing.
func TestRequestLogTokens(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	bound := s.call(sen.OpCreateBindingWallet, members{
		"app_trans_id": "261122_bind", "req_date": millis(0), "identifier": "an", "max_amount": "0", "binding_type": "WALLET",
		"binding_data": "{}",
	})
	id, _ := bound.Object["binding_id"].(string)
	if got := s.logged(""); got.Change != "binding_created" || got.AppTransID != "261122_bind" {
		t.Errorf("binding: change %q of %q", got.Change, got.AppTransID)
	}
	b := apptest.Control[control.Binding](s.Gateway, http.MethodPost, "/control/bindings/"+id+"/consent", control.Consent{Wallet: rich})
	token, _ := s.call(sen.OpCreateOrder, order("token")).Object["zp_trans_token"].(string)
	pay := members{"identifier": "an", "zp_trans_token": token, "pay_token": b.PayToken, "req_date": millis(0)}
	for _, want := range []string{"order_paid", ""} {
		a := s.call(sen.OpPayByTokenWallet, pay)
		got := s.logged("")
		if a.Sub != 1 || got.Change != want || got.AppTransID != "261122_token" || got.Payment == 0 {
			t.Errorf("answered %d; change %q of %q by %d, want %q", a.Sub, got.Change, got.AppTransID, got.Payment, want)
		}
	}
	s.call(sen.OpUnbindingWallet, members{"identifier": "an", "binding_id": id, "req_date": millis(0)})
	got := s.logged("")
	if got.Change != "binding_ended" || got.AppTransID != "261122_bind" {
		t.Errorf("end: change %q of %q", got.Change, got.AppTransID)
	}
	one := apptest.Control[control.Request](s.Gateway, http.MethodGet, "/control/requests/"+got.ID, nil)
	if len(one.Callbacks) != 2 || one.Callbacks[0].Subject != "binding" {
		t.Errorf("the callbacks of the binding are %+v, want two", one.Callbacks)
	}
}

// TestRequestLogLive looks at what a live gateway keeps: no mac, no telephone
// number, no body, but the reason that the merchant is not told. It has no
// control API, so the file is read.
func TestRequestLogLive(t *testing.T) {
	t.Parallel()
	var made merchant.App
	g := apptest.Start(t, func(c *app.Config) {
		c.Mode, c.PublicURL = app.Live, "https://pay.example"
		var err error
		made, err = app.CreateApp(t.Context(), livePlace(t, c), app.Live, merchant.App{ID: 7, Name: "Sen"})
		if err != nil {
			t.Fatal(err)
		}
	})
	s := &shop{g, t, sen.App{ID: 7, Key1: made.Key1}}
	if a := s.call(sen.OpCreateOrder, order("live").with(members{"phone": "0912345678", "description": "gọi 0912345678 " + made.Key2})); a.Sub != 1 {
		t.Errorf("answered %s", a.Body)
	}
	s.call(sen.OpCreateOrder, order("live").with(members{"amount": "x"}))
	var kept []exchange.Exchange
	g.Restart(func() {
		st, err := store.Open(t.Context(), g.Place())
		if err != nil {
			t.Fatal(err)
		}
		if kept, err = st.Exchanges(t.Context(), exchange.Filter{App: 7}, 0, 10); err != nil {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	if len(kept) != 2 || kept[1].Value != 1 || kept[0].Value != -401 || !strings.HasPrefix(kept[0].Reason, "amount ") {
		t.Fatalf("kept %+v", kept)
	}
	if all := fmt.Sprintf("%+v %s", kept, kept[1].Body); strings.Contains(all, "912345") || strings.Contains(all, made.Key1) || strings.Contains(all, made.Key2) {
		t.Errorf("kept %s", all)
	}
	for _, f := range kept[1].Fields {
		if hidden := f.Name == "mac" || f.Name == "phone" || f.Name == "description"; f.Hidden != hidden {
			t.Errorf("%s is %q, hidden: %v", f.Name, f.Value, f.Hidden)
		}
	}
	if kept[1].Body != nil || kept[1].BodySize == 0 {
		t.Errorf("the body is %q of %d bytes", kept[1].Body, kept[1].BodySize)
	}
}

// livePlace is where a gateway keeps its data that is filled before it starts:
// on a server, if tests have one.
func livePlace(t *testing.T, c *app.Config) app.Where {
	t.Helper()
	if pgtest.Wanted() {
		c.Database = pgtest.DSN(t)
	}
	return app.Where{Data: c.Data, URL: c.Database}
}
