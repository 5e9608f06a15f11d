package console_test

import (
	"crypto/rand"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"sen"
	"sen/internal/apiv2"
	"sen/internal/callback"
	"sen/internal/exchange"
	"sen/internal/export"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/paytest"
)

// openAPI puts the merchant API in front of the gateway, with a log of its
// requests. The log's clock goes on by a millisecond whenever it is looked at.
func (s *site) openAPI(t *testing.T) {
	t.Helper()
	machine := func() time.Time { return paytest.Start.Add(time.Duration(s.asked.Add(1)) * time.Millisecond) }
	s.requests = exchange.NewLog(s.Store, machine, &id.Source{Rand: rand.Reader, Shards: 1}, exchange.Redactor{})
	s.api = httptest.NewServer((&apiv2.Server{
		Pay: s.Pay, Apps: s.Apps, Now: s.Clock.Now, Log: slog.New(slog.DiscardHandler), Explain: true, Exchanges: s.requests,
		OrderURL: func(o pay.Order) string { return o.Token }, QRCode: func(pay.Order) string { return "" },
		BindingLinks: func(pay.Binding) apiv2.BindingLinks { return apiv2.BindingLinks{} },
	}).Handler())
	t.Cleanup(s.api.Close)
}

// ask calls the merchant API, with the app's mac unless the members have one.
func (s *site) ask(t *testing.T, op *sen.Operation, app merchant.App, members map[string]string) string {
	t.Helper()
	form := url.Values{"app_id": {strconv.Itoa(int(app.ID))}}
	for name, value := range members {
		form.Set(name, value)
	}
	if form.Get("mac") == "" {
		form.Set("mac", op.Sign(app.Key1, form.Get))
	}
	res, err := http.PostForm(s.api.URL+op.Path, form)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }() // it has been read
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// newest returns the newest request that the filter chooses.
func (s *site) newest(t *testing.T, f exchange.Filter) exchange.Exchange {
	t.Helper()
	if err := s.requests.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := s.Store.Exchanges(t.Context(), f, 0, 1)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d requests, %v", len(all), err)
	}
	return all[0]
}

func (s *site) create(t *testing.T, name string) string {
	t.Helper()
	appTransID := id.Day(s.Clock.Now()) + "_" + name
	s.ask(t, sen.OpCreateOrder, s.App, map[string]string{
		"app_trans_id": appTransID, "app_user": "lan", "app_time": strconv.FormatInt(s.Clock.Now().UnixMilli(), 10), "amount": "50000",
		"item": `[{"name":"Trà"}]`, "embed_data": "{}", "description": "tea", "bank_code": "",
	})
	return appTransID
}

// TestRequests makes calls and finds out about them at the console.
func TestRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	w := s.OpenWallet(t, "0900000001", 1_000_000)
	appTransID := s.create(t, "tea")
	created := s.newest(t, exchange.Filter{})
	o, err := s.Pay.OrderByTransID(t.Context(), ours, appTransID)
	if err != nil {
		t.Fatal(err)
	}
	wrong := sen.OpQueryOrder.Sign(s.App.Key2, url.Values{"app_id": {"2553"}, "app_trans_id": {appTransID}}.Get)
	for range 3 {
		s.ask(t, sen.OpQueryOrder, s.App, map[string]string{"app_trans_id": appTransID})
	}
	s.ask(t, sen.OpQueryOrder, s.App, map[string]string{"app_trans_id": appTransID, "mac": wrong})
	refused := s.newest(t, exchange.Filter{})
	p, err := s.Pay.PayFromWallet(t.Context(), o.Key, w.ID)
	if err != nil {
		t.Fatal(err)
	}
	s.ask(t, sen.OpRefundOrder, s.App, map[string]string{
		"m_refund_id": id.Day(s.Clock.Now()) + "_2553_r1", "zp_trans_id": strconv.FormatInt(p.Number, 10), "amount": "60000",
		"timestamp": strconv.FormatInt(s.Clock.Now().UnixMilli(), 10), "description": "too much",
	})
	refund := s.newest(t, exchange.Filter{})
	b := s.as(t, operator.Merchant)

	page := "/console/requests/"
	b.Get(page+strconv.Itoa(int(created.ID))).Want(t, "the request that made the order", http.StatusOK,
		"create_order", "order created", "/console/orders/"+strconv.Itoa(int(o.Key)), html.EscapeString(`[{"name":"Trà"}]`), "/console/codes/create_order/1",
		"Callbacks about it")
	why := b.Get(page + strconv.Itoa(int(refused.ID)))
	why.Want(t, "a refused request", http.StatusOK, "-402", "Why it was refused", "key2", "The text to sign", "2553|"+appTransID+"|", `class="pill bad">wrong`)
	why.Lack(t, "a refused request", s.App.Key1, s.App.Key2)
	for _, at := range []string{"/console/requests", page + strconv.Itoa(int(refused.ID))} {
		b.Do(http.MethodGet, at, nil, "Accept-Language", "vi").Want(t, "why in Vietnamese", http.StatusOK, "mac được tạo bằng key2", "ký request bằng key1")
	}

	list := "/console/requests"
	for query, want := range map[string][2]int64{ // found and not found
		"?operation=create_order": {int64(created.ID), int64(refused.ID)}, "?value=-402": {int64(refused.ID), int64(created.ID)},
		"?app_trans_id=" + appTransID: {int64(created.ID), int64(refund.ID)}, "?app=2553&value=1": {int64(created.ID), int64(refused.ID)},
		"?from=2026-01-02T12:00": {int64(created.ID), 0}, "?until=2026-01-02T12:00": {0, int64(created.ID)}, "?value=x": {0, int64(created.ID)},
	} {
		found := b.Get(list + query)
		found.Want(t, query, http.StatusOK)
		if want[0] != 0 {
			found.Want(t, query, http.StatusOK, `href="/console/requests/`+strconv.FormatInt(want[0], 10))
		}
		if want[1] != 0 {
			found.Lack(t, query, `href="/console/requests/`+strconv.FormatInt(want[1], 10))
		}
	}
	b.Get(list).Lack(t, "the list of a merchant", "this process kept")
	s.as(t, operator.Support).Get(list).Want(t, "the list of support", http.StatusOK, "this process kept 6 requests and had no room for 0")
	b.Get("/console").Want(t, "the overview", http.StatusOK, `href="/console/requests?operation=query_order&amp;value=-402"`)

	order := b.Get("/console/orders/" + strconv.Itoa(int(o.Key)))
	order.Want(t, "the order", http.StatusOK, "Request create_order", "Request query_order", "Request refund_order", "asked 2 more times with the same answer")
	for _, x := range []exchange.Exchange{created, refused, refund} {
		order.Want(t, "the order", http.StatusOK, `href="/console/requests/`+strconv.Itoa(int(x.ID)))
	}
	if made, request := strings.Index(order.Body, "Order created"), strings.Index(order.Body, "Request create_order"); request > made {
		t.Error("the order was made before anybody asked for it")
	}
	for _, l := range export.Languages() {
		code := b.Get(page + strconv.Itoa(int(created.ID)) + "/" + l.Name)
		code.Want(t, l.Name, http.StatusOK, l.File, export.KeyVariable, appTransID, "https://pay.example/v2/create")
		code.Lack(t, l.Name, s.App.Key1)
	}
	b.Get(page+strconv.Itoa(int(created.ID))+"/cobol").Want(t, "no language", http.StatusNotFound)
	b.Get(page+"1").Want(t, "no request", http.StatusNotFound)
}

// TestRequestKept shows of requests what was kept of them.
func TestRequestKept(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	b := s.as(t, operator.Support)
	for name, c := range map[string]struct {
		members   map[string]string
		app       merchant.App
		want      []string
		lack      string
		programs  bool
		operation string
	}{
		"a card":        {map[string]string{"app_trans_id": "4111 1111 1111 1111"}, s.App, []string{"masked", "not kept", "can&#39;t be made again"}, "4111", false, ""},
		"no such app":   {map[string]string{"app_trans_id": "<b>"}, merchant.App{ID: 99}, []string{"no such app", "&lt;b&gt;", "not looked at"}, "/console/apps/99", true, ""},
		"a long member": {map[string]string{"app_trans_id": strings.Repeat("trà ", 4000)}, s.App, []string{"only how it begins"}, "", false, ""},
	} {
		s.ask(t, sen.OpQueryOrder, c.app, c.members)
		p := b.Get("/console/requests/" + strconv.Itoa(int(s.newest(t, exchange.Filter{}).ID)))
		p.Want(t, name, http.StatusOK, c.want...)
		if c.lack != "" {
			p.Lack(t, name, c.lack)
		}
		if got := strings.Contains(p.Body, `/python"`); got != c.programs {
			t.Errorf("%s: programs are offered: %v", name, got)
		}
	}
	s.ask(t, &sen.Operation{Path: "/v2/creat"}, s.App, map[string]string{"mac": "x"})
	p := b.Get("/console/requests/" + strconv.Itoa(int(s.newest(t, exchange.Filter{}).ID)))
	p.Want(t, "no operation", http.StatusOK, "POST /v2/creat", "there is nothing to sign")
	b.Get("/console/requests").Want(t, "the list", http.StatusOK, "POST /v2/creat", "no such app")
}

// TestRequestPages turns the pages of the list.
func TestRequestPages(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	for i := range 45 {
		s.ask(t, sen.OpQueryOrder, s.App, map[string]string{"app_trans_id": "260102_" + strconv.Itoa(i)})
	}
	b := s.as(t, operator.Merchant)
	first := b.Get("/console/requests?app=2553")
	_, after, ok := strings.Cut(first.Body, `href="/console/requests?app=2553&amp;before=`)
	before, _, _ := strings.Cut(after, `"`)
	if n := strings.Count(first.Body, `scope="row"`); n != 40 || !ok {
		t.Fatalf("the first page has %d rows, more %v", n, ok)
	}
	second := b.Get("/console/requests?app=2553&before=" + before)
	if n := strings.Count(second.Body, `scope="row"`); n != 5 || strings.Contains(second.Body, "before=") {
		t.Errorf("the second page has %d rows", n)
	}
	second.Want(t, "the last page", http.StatusOK, "260102_0<", "260102_4<")
}

// TestRequestClock moves the sandbox's clock between a request and the next: the
// timeline of the order goes by that clock, whatever the log goes by.
func TestRequestClock(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	s.Clock.Move(24 * time.Hour)
	appTransID := s.create(t, "late")
	s.Clock.Move(48 * time.Hour)
	s.ask(t, sen.OpQueryOrder, s.App, map[string]string{"app_trans_id": appTransID})
	o, err := s.Pay.OrderByTransID(t.Context(), ours, appTransID)
	if err != nil {
		t.Fatal(err)
	}
	p := s.as(t, operator.Merchant).Get("/console/orders/" + strconv.Itoa(int(o.Key)))
	_, asked, _ := strings.Cut(p.Body, `id="timeline"`)
	var order []string
	for event := range strings.SplitSeq(asked, `class="when">`) {
		at, rest, ok := strings.Cut(event, "<")
		_, title, _ := strings.Cut(rest, "<h3>")
		title, _, _ = strings.Cut(title, "<")
		if ok && title != "" && strings.Contains(at, "2026") {
			order = append(order, at[len(at)-10:]+" "+title)
		}
	}
	want := "03/01/2026 Request create_order, 03/01/2026 Order created, 04/01/2026 Request query_order"
	if got := strings.Join(order, ", "); got != want {
		t.Errorf("the timeline is %s, want %s", got, want)
	}
}

// TestRequestsLive watches the list: what was refused is there at once.
func TestRequestsLive(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	b, cookies := s.signedIn(t)
	list := s.listen(t, b, cookies, "/console/requests?value=-402")
	s.ask(t, sen.OpQueryOrder, s.App, map[string]string{"app_trans_id": "260102_x", "mac": "wrong"})
	if _, err := s.requests.WriteBatch(t.Context()); err != nil { // as the worker does every 200 ms
		t.Fatal(err)
	}
	list.want(t, "changed")
	b.Get("/console/requests?value=-402").Want(t, "the list", http.StatusOK, "260102_x")
}

// TestCallbackThatWentWrong looks at callbacks that a sandbox held back, changed
// and lost: what became of each, and what was sent instead of what was owed.
func TestCallbackThatWentWrong(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	tr := s.trade(t, s.App, "0912345671", "mishap")
	settle := func(a callback.Attempt, state callback.State, due time.Time) {
		t.Helper()
		claimed, err := s.Store.ClaimDeliveries(t.Context(), s.Clock.Now().Add(time.Hour), time.Now(), time.Minute, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range claimed {
			if d.ID != tr.delivery.ID {
				continue
			}
			a.Delivery, a.N, a.At = d.ID, d.Attempts, s.Clock.Now()
			if err := s.Store.SettleDelivery(t.Context(), []callback.Attempt{a}, state, due); err != nil {
				t.Fatal(err)
			}
		}
	}
	now := s.Clock.Now()
	settle(callback.Attempt{Outcome: callback.Held, Rule: 7, Mishap: "delay", Err: "held"}, callback.Due, now)
	settle(callback.Attempt{Outcome: callback.Repeat, Rule: 8, Mishap: "truncate", Sent: []byte(`{"data":"cut`), Status: 500}, callback.Due, now)
	settle(callback.Attempt{Outcome: callback.Lost, Rule: 9, Mishap: "drop"}, callback.Dropped, time.Time{})
	b := s.as(t, operator.Admin)
	for lang, words := range map[string][]string{
		"en": {"lost by a rule", "held back by a rule", "truncate", `{&#34;data&#34;:&#34;cut`, "Lost by a rule"},
		"vi": {"bị một quy tắc làm mất", "bị một quy tắc giữ lại", "truncate", `{&#34;data&#34;:&#34;cut`, "Bị quy tắc làm mất"},
	} {
		b.Get("/console/callbacks/"+strconv.Itoa(int(tr.delivery.ID))+"?lang="+lang).Want(t, "the callback, "+lang, http.StatusOK, words...)
		b.Get("/console/callbacks?state=dropped&lang="+lang).Want(t, "the list, "+lang, http.StatusOK, words[4], strconv.Itoa(int(tr.delivery.ID)))
		b.Get(tr.fill("/console/orders/{key}")+"?lang="+lang).Want(t, "the order, "+lang, http.StatusOK, words[0], words[3])
	}
}
