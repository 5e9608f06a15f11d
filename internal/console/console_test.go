package console_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sen"
	"sen/internal/callback"
	"sen/internal/conformance"
	"sen/internal/console"
	"sen/internal/exchange"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/paytest"
	furniture "sen/internal/sandbox"
	"sen/internal/scenario"
	"sen/internal/secret"
	"sen/internal/settlement"
	"sen/internal/store"
	"sen/internal/web"
	"sen/internal/web/webtest"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	webtest.CheckTexts(t, os.DirFS("."))
}

// TestEarned wants to be told of every value how it comes about, and more than
// what the provider documents.
func TestEarned(t *testing.T) {
	t.Parallel()
	if n := len(conformance.Documented()); n != 113 {
		t.Errorf("%d values are documented, want 113", n)
	}
	for _, st := range sen.Statuses() {
		if !console.Earned(st.Operation, st.Value) {
			t.Errorf("nothing says how %s comes to answer %d", st.Operation, st.Value)
		}
	}
}

func TestActionsNamed(t *testing.T) {
	t.Parallel()
	for _, a := range operator.Actions() {
		if !console.Named(a) {
			t.Errorf("%s has no text", a)
		}
	}
}

// ours is the app of the merchant who signs in; theirs belongs to another.
const ours, theirs merchant.ID = 2553, 7001

const password = "a password that is long"

// site is a gateway with the console in front.
type site struct {
	*paytest.Gateway
	server    *httptest.Server
	log       *webtest.Log
	operators *operator.Service
	console   *console.Server
	machine   time.Time // of passwords and records; it stands still until it is moved
	other     merchant.App
	owed      int
	requests  *exchange.Log
	api       *httptest.Server
	asked     atomic.Int64 // times that the log looked at its clock
}

func newSite(t *testing.T, sandbox bool) *site {
	t.Helper()
	s := &site{Gateway: paytest.New(t), log: &webtest.Log{}, machine: paytest.Start}
	s.other = s.AddApp(t, merchant.App{ID: theirs, Name: "Their Shop", Key1: "their-key-number-one", Key2: "their-key-number-two"})
	pages, err := web.New(web.Config{
		Log: slog.New(slog.NewTextHandler(s.log, nil)), Now: time.Now, IDs: s.IDs, Store: s.Store, Sandbox: sandbox,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.operators = &operator.Service{
		Store: s.Store, Passwords: secret.NewPINs(rand.Reader), Now: func() time.Time { return s.machine },
		IDs: &id.Source{Rand: rand.Reader, Shards: 1},
	}
	s.openAPI(t)
	rules := *s.Pay
	rules.Store = store.Audited(s.Pay.Store)
	rules.CallbackOwed = func() { s.owed++ }
	s.console = &console.Server{
		Site: pages, Operators: s.operators, Pay: &rules, Store: s.Store, Apps: s.Apps, Now: s.Clock.Now,
		Exchanges: s.requests, BaseURL: "https://pay.example", Reach: callback.Reach{Public: !sandbox},
		ReplaceKeys: func(a *merchant.App, overlap time.Duration) error {
			now := s.Clock.Now()
			a.ReplaceKeys(rand.Text(), rand.Text(), now, now.Add(overlap))
			return nil
		},
		NewCodeKey: func() (string, error) { return merchant.NewCodeKey(rand.Reader) },
		Changed:    s.Apps.Refresh,
		AddApp: func(ctx context.Context, a merchant.App) (merchant.App, error) {
			a.Key1, a.Key2 = rand.Text(), rand.Text()
			if err := a.Check(); err != nil {
				return a, err
			}
			return a, s.Store.InsertApp(ctx, a)
		},
	}
	if sandbox {
		s.operators.Guests = operator.Guests(ours)
		s.console.Lab = &console.Lab{
			Rules: &scenario.Book{Store: s.Store, Now: s.Clock.Now}, Offset: s.Clock.Offset,
			Move: func(ctx context.Context, offset time.Duration) error {
				s.Clock.Move(offset)
				return s.Store.SetSetting(ctx, "clock", strconv.FormatInt(int64(offset), 10))
			},
			Outage: s.Bank.Outage,
			SetOutage: func(ctx context.Context, on bool) error {
				s.Bank.SetOutage(on)
				return s.Store.SetSetting(ctx, "bank_outage", strconv.FormatBool(on))
			},
		}
	}
	handler, stop := s.console.Handler()
	mux := http.NewServeMux()
	mux.Handle("/", handler)
	mux.Handle(web.AssetPath, pages.Assets())
	s.server = httptest.NewServer(mux)
	t.Cleanup(func() { stop(); s.server.Close() })
	return s
}

// add makes operators that sign in with the password: "ann" who may everything,
// "sue" of support, and "max" of the merchant.
func (s *site) add(t *testing.T) {
	t.Helper()
	for _, o := range []operator.Operator{
		{Name: "ann", Role: operator.Admin}, {Name: "sue", Role: operator.Support}, {Name: "max", Role: operator.Merchant, Apps: []merchant.ID{ours}},
	} {
		if err := s.operators.Add(t.Context(), operator.ByHand, o, password); err != nil {
			t.Fatal(err)
		}
	}
}

// as is somebody who is signed in as a guest of that role.
func (s *site) as(t *testing.T, role operator.Role) *webtest.Browser {
	t.Helper()
	b := webtest.Open(t, s.server.URL)
	b.Send("/console/sign-in", url.Values{"role": {string(role)}}).Want(t, "sign in", http.StatusOK, `aria-current="page"`)
	return b
}

// by is somebody who is signed in by name.
func (s *site) by(t *testing.T, name string) *webtest.Browser {
	t.Helper()
	b := webtest.Open(t, s.server.URL)
	b.Send("/console/sign-in", url.Values{"name": {name}, "password": {password}}).Want(t, "sign in", http.StatusOK, `aria-current="page"`)
	return b
}

// trade is what an app has to show: a paid order with its callback, a refund
// that waits, and a binding.
type trade struct {
	app      merchant.App
	order    pay.Order
	payment  pay.Payment
	refund   pay.Refund
	payout   pay.Disbursement
	binding  pay.Binding
	delivery callback.Delivery
	wallet   pay.Wallet
	request  exchange.Exchange
}

// trade makes an app trade. mark stands in everything that only its merchant
// may read.
func (s *site) trade(t *testing.T, app merchant.App, phone, mark string) (tr trade) {
	t.Helper()
	ctx := t.Context()
	app, err := s.Store.UpdateApp(ctx, app.ID, func(a *merchant.App) error {
		a.Terms.RefundApprovalFrom = 1
		a.CallbackURL = "https://" + mark + ".example/callback"
		a.Disbursement = furniture.Apps()[0].Disbursement
		a.Disbursement.ReviewFrom = 1
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Refresh(t)
	tr.app, tr.wallet = app, s.OpenWallet(t, phone, 1_000_000)
	tr.order = s.Order(t, func(n *pay.NewOrder) {
		n.App, n.AppTransID, n.Description, n.AppUser = app, id.Day(s.Clock.Now())+"_"+mark, "order "+mark, "user "+mark
	})
	if tr.payment, err = s.Pay.PayFromWallet(ctx, tr.order.Key, tr.wallet.ID); err != nil {
		t.Fatal(err)
	}
	tr.refund, err = s.Pay.RequestRefund(ctx, pay.NewRefund{
		App: app, MRefundID: id.Day(s.Clock.Now()) + "_" + strconv.Itoa(int(app.ID)) + "_" + mark, Payment: tr.payment.Number, Amount: 10_000,
		Description: "refund " + mark, Timestamp: s.Clock.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	tr.payout = s.payOut(t, app, tr.wallet, "salary_"+mark, 5_000)
	b := s.Binding(t, func(n *pay.NewBinding) {
		n.App, n.AppTransID, n.Identifier = app, id.Day(s.Clock.Now())+"_b"+mark, "identifier "+mark
	})
	if tr.binding, err = s.Pay.ConfirmBinding(ctx, b.Token, tr.wallet.ID); err != nil {
		t.Fatal(err)
	}
	all, err := s.Store.DeliveriesOfOrder(ctx, int64(tr.order.Key))
	if err != nil || len(all) != 1 {
		t.Fatalf("%d callbacks, %v", len(all), err)
	}
	tr.delivery = all[0]
	err = s.Store.Update(ctx, func(tx pay.Tx) error {
		return tx.InsertSettlement(ctx, pay.Settlement{App: app.ID, Day: settledDay, At: s.Clock.Now()})
	})
	if err != nil {
		t.Fatal(err)
	}
	s.ask(t, sen.OpQueryOrder, app, map[string]string{"app_trans_id": tr.order.AppTransID, "mac": "wrong " + mark})
	tr.request = s.newest(t, exchange.Filter{App: app.ID})
	return tr
}

// settledDay is a day on which no app traded, and that is closed.
const settledDay pay.Day = "2026-01-01"

// fill puts what belongs to a trade into the places of a route.
func (tr trade) fill(path string) string {
	return strings.NewReplacer(
		"/orders/{key}", "/orders/"+strconv.Itoa(int(tr.order.Key)),
		"/refunds/{number}", "/refunds/"+strconv.Itoa(int(tr.refund.Number)),
		"/payouts/{number}", "/payouts/"+strconv.Itoa(int(tr.payout.Number)),
		"/payouts/accounts/{app}", "/payouts/accounts/"+strconv.Itoa(int(tr.app.ID)),
		"/callbacks/{id}", "/callbacks/"+strconv.Itoa(int(tr.delivery.ID)),
		"/requests/{id}", "/requests/"+strconv.Itoa(int(tr.request.ID)), "{language}", "python",
		"/bindings/{key}", "/bindings/"+strconv.Itoa(int(tr.binding.Key)),
		"/apps/{app}", "/apps/"+strconv.Itoa(int(tr.app.ID)),
		"/wallets/{id}", "/wallets/"+strconv.Itoa(int(tr.wallet.ID)),
		"/ledger/accounts/{id}", "/ledger/accounts/"+strconv.Itoa(int(tr.wallet.ID)<<4|1),
		"/ledger/entries/{number}", "/ledger/entries/"+strconv.Itoa(int(tr.payment.Number)),
		"/settlements/{app}/{day}", "/settlements/"+strconv.Itoa(int(tr.app.ID))+"/"+string(settledDay),
		"{file}", settlement.FileName(settlement.Transactions, tr.app.ID, settledDay),
		"/codes/{operation}/{value}", "/codes/query_order/-63",
		"/campaigns/{code}", "/campaigns/TET",
		"{card}", "1", "{id}", "1", "{name}", "sue",
	).Replace(path)
}

// may says who may use each route: o for operators, s for support, m for the
// merchant of the app.
var may = map[string]string{
	"GET /console": "osm", "GET /console/orders": "osm", "GET /console/orders/{key}": "osm", "GET /console/refunds": "osm",
	"GET /console/callbacks": "osm", "GET /console/callbacks/{id}": "osm", "GET /console/bindings": "osm",
	"GET /console/bindings/{key}": "osm", "GET /console/apps": "osm", "GET /console/apps/{app}": "osm",
	"GET /console/codes": "osm", "GET /console/codes/{operation}/{value}": "osm",
	"GET /console/wallets": "os", "GET /console/wallets/{id}": "os", "GET /console/cards": "os",
	"GET /console/ledger": "os", "GET /console/ledger/accounts": "os", "GET /console/ledger/accounts/{id}": "os",
	"GET /console/ledger/entries/{number}": "os", "GET /console/limits": "os", "GET /console/campaigns": "os",
	"GET /console/campaigns/{code}": "o", "GET /console/maintenance": "os", "GET /console/rules": "os", "GET /console/clock": "os",
	"GET /console/audit": "os", "GET /console/faults": "os", "GET /console/callback-rules": "os",
	"GET /console/operators": "o", "GET /console/operators/{name}": "o", "GET /console/account": "osm", "GET /console/prove": "osm",
	"GET /console/requests": "osm", "GET /console/requests/{id}": "osm", "GET /console/requests/{id}/{language}": "osm",

	"GET /console/settlements": "osm", "GET /console/settlements/{app}/{day}": "osm",
	"GET /console/settlements/{app}/{day}/{file}": "osm", "POST /console/settlements": "o",

	"GET /console/payouts": "osm", "GET /console/payouts/{number}": "osm", "GET /console/payouts/accounts": "osm",
	"GET /console/payouts/accounts/{app}": "osm", "POST /console/payouts/{number}/hold": "o", "POST /console/payouts/{number}/release": "o",
	"POST /console/payouts/{number}/reject": "o", "POST /console/payouts/accounts/{app}/fund": "o",
	"POST /console/payouts/accounts/{app}/hold": "o", "POST /console/payouts/accounts/{app}/review": "o",

	"POST /console/callbacks/{id}/replay": "osm",
	"POST /console/apps/{app}/addresses":  "om", "POST /console/apps/{app}/keys": "om", "POST /console/apps/{app}/rotate": "om",
	"POST /console/apps/{app}/drop-old-keys": "om", "POST /console/apps/{app}/code-key": "om",
	"POST /console/refunds/{number}/decide": "o", "POST /console/bindings/{key}/end": "o", "POST /console/cards/{card}/delete": "o",
	"POST /console/wallets/{id}/lock": "o", "POST /console/wallets/{id}/payments": "o", "POST /console/wallets/{id}/limits": "o",
	"POST /console/wallets/{id}/top-up": "o", "POST /console/apps": "o", "POST /console/apps/{app}/terms": "o",
	"POST /console/apps/{app}/able": "o", "POST /console/campaigns": "o", "POST /console/campaigns/{code}": "o",
	"POST /console/maintenance": "o", "POST /console/maintenance/{id}/lift": "o", "POST /console/rules": "o",
	"POST /console/rules/{id}/remove": "o", "POST /console/clock": "o",
	"POST /console/faults": "o", "POST /console/faults/end": "o", "POST /console/outage": "o",
	"POST /console/callback-rules": "o", "POST /console/callback-rules/{id}/remove": "o",
	"POST /console/operators": "o", "POST /console/operators/{name}/role": "o", "POST /console/operators/{name}/able": "o",
	"POST /console/operators/{name}/code": "o", "POST /console/operators/{name}/sessions": "o", "POST /console/operators/{name}/password": "o",
	"POST /console/account/sessions": "osm", "POST /console/account/password": "osm", "POST /console/account/code": "osm", "POST /console/prove": "osm",
}

// open are the routes that need nobody to be signed in, or look after that in a
// way of their own.
var open = map[string]bool{
	"GET /console/sign-in": true, "POST /console/sign-in": true, "POST /console/sign-out": true, "GET /console/live": true,
}

var roleLetters = map[operator.Role]string{operator.Admin: "o", operator.Support: "s", operator.Merchant: "m"}

// TestRights tries every route as everybody.
func TestRights(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	s.add(t)
	tr := s.trade(t, s.App, "0900000001", "ours")
	if err := s.Pay.OpenCampaign(t.Context(), pay.Campaign{Code: "TET", StartsAt: s.Clock.Now(), EndsAt: s.Clock.Now().Add(time.Hour), Discount: 1}); err != nil {
		t.Fatal(err)
	}
	routes := console.Routes(s.console)
	for route := range may {
		if !strings.Contains("\n"+strings.Join(routes, "\n")+"\n", "\n"+route+"\n") {
			t.Errorf("there is no route %s", route)
		}
	}
	nobody := webtest.Open(t, s.server.URL)
	for _, route := range routes {
		if open[route] {
			continue
		}
		letters, listed := may[route]
		if !listed {
			t.Errorf("nobody has said who may use %s", route)
			continue
		}
		method, pattern, _ := strings.Cut(route, " ")
		path := tr.fill(pattern)
		if p := nobody.Do(method, path, form(method)); p.Status != http.StatusSeeOther || !strings.HasPrefix(p.Header.Get("Location"), "/console/sign-in") {
			t.Errorf("%s, signed out: %d to %s", route, p.Status, p.Header.Get("Location"))
		}
		for role, letter := range roleLetters {
			status := s.try(t, role, method, path)
			if allowed := strings.Contains(letters, letter); allowed != (status != http.StatusForbidden) {
				t.Errorf("%s as %s: status %d, allowed %v", route, role, status, allowed)
			}
			if method == http.MethodGet && strings.Contains(letters, letter) && status != http.StatusOK && !strings.HasSuffix(pattern, "/ledger/accounts") {
				t.Errorf("%s as %s: status %d", route, role, status)
			}
		}
	}
}

// try makes a request as a guest. A form that changes something is empty, which
// most refuse once they have found who sends it.
func (s *site) try(t *testing.T, role operator.Role, method, path string) int {
	t.Helper()
	return s.as(t, role).Do(method, path, form(method)).Status
}

func form(method string) url.Values {
	if method == http.MethodGet {
		return nil
	}
	return url.Values{}
}

// TestLab wants nothing of a sandbox's in a live gateway: no roles to choose, no
// clock, no rules, no money from nowhere.
func TestLab(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	s.add(t)
	tr := s.trade(t, s.App, "0900000001", "ours")
	b := s.by(t, "ann")
	for _, path := range []string{"/console/clock", "/console/rules", "/console/faults"} {
		b.Get(path).Want(t, path, http.StatusNotFound)
	}
	for _, path := range []string{"/console/clock", "/console/rules", "/console/rules/1/remove", "/console/faults", "/console/faults/end", "/console/outage", tr.fill("/console/wallets/{id}/top-up")} {
		b.Do(http.MethodPost, path, url.Values{"amount": {"1000"}, "advance": {"1h"}}).Want(t, path, http.StatusNotFound)
	}
	page := b.Get("/console")
	page.Lack(t, "the menu", `href="/console/clock"`, `href="/console/rules"`, `href="/console/faults"`)
	b.Get(tr.fill("/console/wallets/{id}")).Lack(t, "a wallet", "top-up")
	out := webtest.Open(t, s.server.URL)
	out.Get("/console/sign-in").Lack(t, "the sign-in page", `name="role"`)
	out.Do(http.MethodPost, "/console/sign-in", url.Values{"role": {"operator"}}).Want(t, "a guest", http.StatusForbidden)
	out.Get("/console").WantRedirect(t, "still out", "/console/sign-in?to=%2Fconsole")
	if got := s.Balance(t, tr.wallet.ID); got != 950_000 {
		t.Errorf("the wallet has %s", got)
	}
}

// TestInside gives a live gateway addresses that only it can reach.
func TestInside(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	s.add(t)
	tr := s.trade(t, s.App, "0900000001", "ours")
	b := s.by(t, "ann")
	for path, field := range map[string]string{"/console/apps/2553/addresses": "callback_url", tr.fill("/console/callbacks/{id}/replay"): "url"} {
		for _, inside := range []string{"http://127.0.0.1/", "http://10.0.0.1/", "http://[::1]/", "http://localhost/", "https://shop.example:8443/", "http://2130706433/"} {
			b.Send(path, url.Values{field: {inside}}).Want(t, inside, http.StatusOK, "A live gateway calls public addresses only", `role="alert"`)
		}
		page := b.Send(path, url.Values{field: {"https://shop.example/cb"}})
		page.Want(t, "a public address", http.StatusOK)
		page.Lack(t, "a public address", `role="alert"`)
	}
	if a, err := s.Apps.App(ours); err != nil || a.CallbackURL != "https://shop.example/cb" {
		t.Errorf("the app calls %q, %v", a.CallbackURL, err)
	}
}

// TestForeign sends every form there is from another site: none is carried out,
// and none is even looked at.
func TestForeign(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	tr := s.trade(t, s.App, "0900000001", "ours")
	b := s.as(t, operator.Admin)
	records := func() []operator.Record {
		all, err := s.Store.Records(t.Context(), store.RecordSearch{}, 500)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	before, forms := len(records()), 0
	for _, route := range console.Routes(s.console) {
		method, pattern, _ := strings.Cut(route, " ")
		if method != http.MethodPost {
			continue
		}
		forms++
		for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
			p := b.Do(method, tr.fill(pattern), url.Values{"approve": {"yes"}, "role": {"operator"}}, header...)
			p.Want(t, route+" "+header[1], http.StatusForbidden)
		}
	}
	if forms < 35 {
		t.Errorf("%d forms were tried: some hide", forms)
	}
	if after := len(records()); after != before {
		t.Errorf("%d records were written", after-before)
	}
	if got := s.refund(t, tr).State; got != pay.RefundPending {
		t.Errorf("the refund is %s", got)
	}
}

func (s *site) refund(t *testing.T, tr trade) (rf pay.Refund) {
	t.Helper()
	err := s.Store.View(t.Context(), func(r pay.Reader) (err error) {
		rf, err = r.Refund(t.Context(), tr.refund.Number)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rf
}

// TestMerchantSeesOwn walks every page as one merchant and looks for another's.
func TestMerchantSeesOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	mine := s.trade(t, s.App, "0911000001", "mine")
	other := s.trade(t, s.other, "0911000002", "theirs")
	never := []string{
		"theirs", "Their Shop", strconv.Itoa(int(other.order.Key)), strconv.Itoa(int(other.payment.Number)), strconv.Itoa(int(other.refund.Number)),
		strconv.Itoa(int(other.delivery.ID)), strconv.Itoa(int(other.binding.Key)), strconv.Itoa(int(other.wallet.ID)), other.order.Token,
		strconv.Itoa(int(other.request.ID)), "0911000001", "0911000002", strconv.Itoa(int(mine.wallet.ID)), strconv.Itoa(int(theirs)),
	}
	b := s.as(t, operator.Merchant)
	seen := map[string]bool{}
	walk(t, b, "/console", seen, func(path string, p webtest.Page) {
		p.Want(t, path, http.StatusOK)
		p.Lack(t, path, never...)
	})
	for _, path := range []string{
		mine.fill("/console/orders/{key}"), mine.fill("/console/callbacks/{id}"), mine.fill("/console/bindings/{key}"), "/console/apps/2553", "/console/codes",
		mine.fill("/console/settlements/{app}/{day}/{file}"), mine.fill("/console/payouts/{number}"), "/console/payouts/accounts/2553",
		mine.fill("/console/requests/{id}"), mine.fill("/console/requests/{id}/{language}"),
	} {
		if !seen[path] {
			t.Errorf("the walk did not come to %s", path)
		}
	}
	for route := range may {
		method, pattern, _ := strings.Cut(route, " ")
		if path := other.fill(pattern); strings.Contains(may[route], "m") && path != mine.fill(pattern) {
			p := b.Do(method, path, form(method))
			p.Want(t, route+" of another", http.StatusNotFound)
			p.Lack(t, route+" of another", never[:3]...)
		}
	}
	for _, q := range never[2:9] {
		for _, list := range []string{"orders", "refunds", "bindings"} {
			for _, more := range []string{"", "&app=7001"} {
				p := b.Get("/console/" + list + "?q=" + url.QueryEscape(q) + more)
				p.Want(t, list+" "+q, http.StatusOK)
				p.Lack(t, list+" "+q, "theirs", "Their Shop", "/console/"+list+"/"+q)
			}
		}
	}
	for _, q := range []string{other.order.AppTransID, other.refund.MRefundID, other.binding.AppTransID, other.binding.Token, other.binding.PayToken, other.payout.PartnerOrderID, strconv.Itoa(int(other.payout.Number))} {
		for _, list := range []string{"orders", "refunds", "bindings", "payouts"} {
			b.Get("/console/"+list+"?q="+url.QueryEscape(q)).Lack(t, list+" "+q, "Their Shop", `class="grid"`)
		}
	}
	for _, list := range []string{"orders", "refunds", "bindings", "callbacks", "requests", "payouts"} {
		b.Get("/console/"+list+"?app=7001").Lack(t, list+" of the other app", `class="grid"`)
	}
	b.Get("/console/requests?app_trans_id="+other.order.AppTransID).Lack(t, "requests about another's order", "Their Shop", `class="grid"`)
	for _, path := range []string{"/console/orders/{key}", "/console/requests/{id}", "/console/payouts/{number}", "/console/payouts/accounts/{app}"} {
		p := b.Get("/console/live?page=" + url.QueryEscape(other.fill(path)))
		p.Want(t, "a stream of another's "+path, http.StatusNotFound)
	}
}

// TestNobodysApp wants no merchant of the app 0: in a search that is every app.
func TestNobodysApp(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	err := s.operators.Add(t.Context(), operator.ByHand, operator.Operator{Name: "zoe", Role: operator.Merchant, Apps: []merchant.ID{ours, 0}}, password)
	if !errors.Is(err, operator.ErrApps) {
		t.Errorf("a merchant of the app 0: %v, want ErrApps", err)
	}
}

// walk follows every link below the console, each once.
func walk(t *testing.T, b *webtest.Browser, path string, seen map[string]bool, visit func(string, webtest.Page)) {
	t.Helper()
	if seen[path] {
		return
	}
	seen[path] = true
	p := b.Get(path)
	visit(path, p)
	for rest := p.Body; ; {
		_, after, ok := strings.Cut(rest, `href="/console`)
		if !ok {
			return
		}
		link, more, _ := strings.Cut(after, `"`)
		rest = more
		next := strings.ReplaceAll("/console"+link, "&amp;", "&")
		few := strings.HasPrefix(next, "/console/codes/") || strings.Count(next, "/") == 4 && strings.HasPrefix(next, "/console/requests/") && !strings.HasSuffix(next, "/python")
		if !few || len(seen) < 40 {
			walk(t, b, next, seen, visit)
		}
	}
}

// TestLockout guesses a password until nobody is let in, and waits.
func TestLockout(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	s.add(t)
	b := webtest.Open(t, s.server.URL)
	guess := func(name, password string) webtest.Page {
		return b.Do(http.MethodPost, "/console/sign-in", url.Values{"name": {name}, "password": {password}})
	}
	for _, name := range []string{"ann", "nobody", "PASSWORD typed here"} { // whether there is such a name does not show
		for range 5 {
			guess(name, "wrong").Want(t, "a guess", http.StatusUnprocessableEntity, "The name, the password or the code is wrong.")
		}
		guess(name, password).Want(t, "the sixth, right or not", http.StatusUnprocessableEntity, "Too many wrong passwords.")
	}
	guess("sue", password).WantRedirect(t, "somebody else meanwhile", "/console")
	s.machine = s.machine.Add(15 * time.Minute)
	guess("ann", password).WantRedirect(t, "after the pause", "/console")
	got := map[operator.Action]int{}
	for _, r := range s.records(t, store.RecordSearch{Subject: "ann"}) {
		got[r.Action]++
	}
	if got[operator.SignInRefused] != 5 || got[operator.SignedIn] != 1 {
		t.Errorf("the log has %v, want 5 refusals and 1 sign-in", got)
	}
	if all := fmt.Sprint(s.records(t, store.RecordSearch{})); strings.Contains(all, "PASSWORD") {
		t.Error("the log repeats a name that nobody has")
	}
	// The pause is doubled by each further wrong one, up to an hour.
	for _, pause := range []time.Duration{0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60} {
		guess("max", "wrong").Want(t, "a guess", http.StatusUnprocessableEntity, "The name, the password or the code is wrong.")
		if pause > 0 {
			s.machine = s.machine.Add(pause*time.Minute - time.Second)
			guess("max", password).Want(t, "just before the end of the pause", http.StatusUnprocessableEntity, "Too many wrong passwords.")
			s.machine = s.machine.Add(time.Second)
		}
	}
	guess("max", password).WantRedirect(t, "after the last pause", "/console")
}

// TestRefusalsAreLogged asks for what one may not have, and tries in a pause.
func TestRefusalsAreLogged(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	s.add(t)
	tr := s.trade(t, s.other, "0900000002", "theirs")
	sue, max := s.by(t, "sue"), s.by(t, "max")
	sue.Get("/console/orders")
	sue.Get("/console/nothing")
	if log := s.log.String(); strings.Contains(log, "refused") {
		t.Errorf("nothing was refused: %s", log)
	}
	sue.Get("/console/operators").Want(t, "operators", http.StatusForbidden)
	sue.Do(http.MethodPost, "/console/maintenance", url.Values{}).Want(t, "a deed", http.StatusForbidden)
	max.Get(tr.fill("/console/orders/{key}")).Want(t, "an order of others", http.StatusNotFound)
	max.Get(tr.fill("/console/settlements/{app}/{day}/{file}")).Want(t, "a file of others", http.StatusNotFound)
	max.Do(http.MethodPost, "/console/apps/7001/keys", url.Values{}).Want(t, "keys of others", http.StatusNotFound)
	for range 6 {
		webtest.Open(t, s.server.URL).Do(http.MethodPost, "/console/sign-in", url.Values{"name": {"TYPED HERE"}, "password": {"wrong"}})
	}
	log := s.log.String()
	for _, line := range []string{
		`msg="access refused" operator=sue role=support route="GET /console/operators"`,
		`msg="access refused" operator=sue role=support route="POST /console/maintenance"`,
		`msg="access refused" operator=max role=merchant route="GET /console/orders/{key}"`,
		`msg="access refused" operator=max role=merchant route="GET /console/settlements/{app}/{day}/{file}"`,
		`msg="access refused" operator=max role=merchant route="POST /console/apps/{app}/keys"`,
		`msg="sign-in refused" why=password_paused`,
	} {
		if strings.Count(log, line) != 1 {
			t.Errorf("%d times in the log: %s", strings.Count(log, line), line)
		}
	}
	if strings.Contains(log, "TYPED") {
		t.Error("the log repeats a name that nobody has")
	}
}

// TestSession changes what a session stands on.
func TestSession(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	s.add(t)
	planted := webtest.Open(t, s.server.URL)
	p := planted.Do(http.MethodPost, "/console/sign-in", url.Values{"name": {"ann"}, "password": {password}})
	first := p.Header.Get("Set-Cookie")
	p = planted.Do(http.MethodPost, "/console/sign-in", url.Values{"name": {"ann"}, "password": {password}})
	if second := p.Header.Get("Set-Cookie"); first == "" || second == "" || first == second {
		t.Errorf("signing in again kept the session: %q, %q", first, second)
	}
	for what, change := range map[string]func(name string) error{
		"a new password": func(name string) error {
			_, err := s.operators.SetPassword(t.Context(), operator.ByHand, name, "another long password")
			return err
		},
		"shut out": func(name string) error {
			_, err := s.operators.Disable(t.Context(), operator.ByHand, name, true)
			return err
		},
	} {
		name := map[string]string{"a new password": "ann", "shut out": "sue"}[what]
		b := s.by(t, name)
		if err := change(name); err != nil {
			t.Fatal(err)
		}
		b.Get("/console").WantRedirect(t, what, "/console/sign-in?to=%2Fconsole")
	}
	b := s.by(t, "max")
	left := b.Do(http.MethodPost, "/console/sign-out", url.Values{})
	left.WantRedirect(t, "sign out", "/console/sign-in")
	if got := left.Header.Get("Clear-Site-Data"); got != `"cache", "storage"` {
		t.Errorf("the browser is to forget %s", got)
	}
	b.Get("/console/sign-in").Want(t, "signed out", http.StatusOK, `type="password"`)
	b.Get("/console/orders").WantRedirect(t, "after signing out", "/console/sign-in?to=%2Fconsole%2Forders")
	for _, to := range []string{"https://evil.example/", "//evil.example", "/consolex", "/wallet", "javascript:1"} {
		webtest.Open(t, s.server.URL).Do(http.MethodPost, "/console/sign-in", url.Values{"name": {"max"}, "password": {password}, "to": {to}}).
			WantRedirect(t, "to "+to, "/console")
	}
}

func (s *site) records(t *testing.T, q store.RecordSearch) []operator.Record {
	t.Helper()
	all, err := s.Store.Records(t.Context(), q, 500)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestDeeds does everything that can be done and reads of it in the log.
func TestDeeds(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	tr := s.trade(t, s.App, "0900000001", "ours")
	b := s.as(t, operator.Admin)
	now := s.Clock.Now().In(id.Vietnam)
	at := func(d time.Duration) string { return now.Add(d).Format("2006-01-02T15:04") }
	for _, c := range []struct {
		path        string
		form        url.Values
		action      operator.Action
		was, became string // that the record has
		answer      string
	}{
		{tr.fill("/console/refunds/{number}/decide"), url.Values{"approve": {"yes"}, "back": {"/console/refunds"}}, operator.RefundApproved, "pending 10000", "running", "The refund was approved."},
		{tr.fill("/console/callbacks/{id}/replay"), url.Values{"url": {"https://elsewhere.example/hook"}}, operator.CallbackReplayed, "ours.example", "elsewhere.example", "The callback is being sent again."},
		{tr.fill("/console/bindings/{key}/end"), nil, operator.BindingEnded, "confirmed", "disabled", "The binding has ended."},
		{tr.fill("/console/wallets/{id}/lock"), url.Values{"locked": {"yes"}}, operator.WalletChanged, "level=2", "locked", "Saved."},
		{tr.fill("/console/wallets/{id}/payments"), url.Values{"off": {"yes"}}, operator.WalletChanged, "locked", "payments off", "Saved."},
		{tr.fill("/console/wallets/{id}/limits"), url.Values{"kyc": {"1"}, "day_all": {"500.000"}}, operator.WalletChanged, "level=2", "level=1 locked payments off day_all=500000", "Saved."},
		{tr.fill("/console/wallets/{id}/top-up"), url.Values{"amount": {"7000"}}, operator.WalletToppedUp, "", "7000", "The wallet was topped up."},
		{"/console/apps", url.Values{"id": {"8001"}, "name": {"New Shop"}}, operator.AppCreated, "", "name=New Shop", "Created."},
		{"/console/apps/2553/terms", url.Values{"name": {"Tea"}, "fee_bp": {"150"}, "refund_period": {"720h"}}, operator.AppChanged, "fee_bp=0", "fee_bp=150", "Saved."},
		{"/console/apps/2553/addresses", url.Values{"callback_url": {"https://new.example/cb"}}, operator.AppChanged, "ours.example", "new.example", "Saved."},
		{"/console/apps/2553/able", url.Values{"disabled": {"yes"}}, operator.AppChanged, "enabled=true", "enabled=false", "Saved."},
		{"/console/apps/2553/rotate", nil, operator.KeysRotated, "the old keys", "new keys", "The app has new keys."},
		{"/console/apps/2553/code-key", nil, operator.CodeKeyMade, "", "code_key=made", "BEGIN PUBLIC KEY"},
		{"/console/campaigns", url.Values{"code": {"TET"}, "starts_at": {at(0)}, "ends_at": {at(time.Hour)}, "budget": {"1.000.000"}, "discount": {"5000"}, "apps": {"2553, 7001"}}, operator.CampaignOpened, "", "apps=2553, 7001", "Created."},
		{"/console/campaigns/TET", url.Values{"ends_at": {at(2 * time.Hour)}, "budget": {"2000000"}, "discount": {"6000"}}, operator.CampaignChanged, "discount=5000", "discount=6000", "Saved."},
		{"/console/maintenance", url.Values{"operation": {"query_order"}, "app": {"2553"}, "from": {at(0)}, "until": {at(time.Hour)}}, operator.WindowAnnounced, "", "operation=query_order app=2553", "The maintenance was announced."},
		{"/console/rules", url.Values{"operation": {"query_order"}, "value": {"-63"}, "calls": {"2"}, "match": {"app_trans_id=x"}}, operator.RuleAdded, "", "value=-63", "Saved."},
		{"/console/clock", url.Values{"advance": {"15m"}}, operator.ClockMoved, "0s", "15m0s", "The clock was set."},
		{"/console/faults", url.Values{"app": {"7001"}, "calls": {"3"}, "for": {"5m"}}, operator.FaultAdded, "", "app=7001 calls=3 until=", "The store fails from now on."},
		{"/console/faults/end", nil, operator.FaultsEnded, "1", "0", "The store works again."},
		{"/console/outage", url.Values{"outage": {"yes"}}, operator.OutageSet, "outage=false", "outage=true", "The state of the bank was set."},
	} {
		b.Send(c.path, c.form).Want(t, c.path, http.StatusOK, c.answer)
		r := s.records(t, store.RecordSearch{})[0]
		if r.Action != c.action || r.Actor != "sandbox/operator" || !strings.Contains(r.Was, c.was) || !strings.Contains(r.Became, c.became) {
			t.Errorf("%s: the record is %+v, want %s from %q to %q", c.path, r, c.action, c.was, c.became)
		}
	}
	if s.owed == 0 {
		t.Error("nobody told the dispatcher of the callback")
	}
	s.wantDone(t, tr)
	s.removals(t, b)
}

// wantDone looks at what the deeds changed.
func (s *site) wantDone(t *testing.T, tr trade) {
	t.Helper()
	reg, err := s.Store.Register(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a := reg.Apps[ours]
	if a.Name != "Tea" || a.Terms.FeeBP != 150 || a.Terms.RefundPeriod != 720*time.Hour || a.Enabled() || a.CallbackURL != "https://new.example/cb" || a.Key1 == s.App.Key1 {
		t.Errorf("the app is %s %+v %s", a.Name, a.Terms, a.CallbackURL)
	}
	if len(reg.Windows) != 1 || reg.Windows[0].Operation != "query_order" || reg.Windows[0].Until.Sub(reg.Windows[0].From) != time.Hour {
		t.Errorf("the windows are %+v", reg.Windows)
	}
	if got := s.refund(t, tr).State; got != pay.RefundRunning {
		t.Errorf("the refund is %s", got)
	}
	w, balance, err := s.Pay.WalletBalance(t.Context(), tr.wallet.ID)
	if err != nil || w.LockedAt.IsZero() || w.PaymentsOffAt.IsZero() || w.Limits.Day[pay.AllSources] != 500_000 || balance != 957_000 {
		t.Errorf("the wallet is %+v with %s, %v", w, balance, err)
	}
	d, err := s.Store.Delivery(t.Context(), tr.delivery.ID)
	if err != nil || d.State != callback.Due || d.URL != "https://elsewhere.example/hook" || d.Round != 0 {
		t.Errorf("the callback is %+v, %v", d, err)
	}
	for _, r := range s.records(t, store.RecordSearch{}) {
		for _, key := range []string{s.App.Key1, s.App.Key2, a.Key1, a.Key2} {
			if strings.Contains(r.Was+r.Became, key) {
				t.Errorf("a key is in the record %s", r.Action)
			}
		}
	}
}

// removals takes back what has an id that the pages know.
func (s *site) removals(t *testing.T, b *webtest.Browser) {
	t.Helper()
	for page, action := range map[string]operator.Action{"maintenance": operator.WindowLifted, "rules": operator.RuleRemoved} {
		p := b.Get("/console/" + page)
		_, after, _ := strings.Cut(p.Body, `action="/console/`+page+`/`)
		path, _, _ := strings.Cut(after, `"`)
		b.Send("/console/"+page+"/"+path, nil).Want(t, page, http.StatusOK, "Removed.")
		if r := s.records(t, store.RecordSearch{})[0]; r.Action != action || r.Was == "" {
			t.Errorf("%s: the record is %+v", page, r)
		}
	}
}

// TestRefused sends what can't be done. It is told, and neither done nor noted.
func TestRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	tr := s.trade(t, s.App, "0900000001", "ours")
	b := s.as(t, operator.Admin)
	b.Send(tr.fill("/console/refunds/{number}/decide"), url.Values{"approve": {"no"}})
	before := len(s.records(t, store.RecordSearch{}))
	for _, c := range []struct {
		path string
		form url.Values
		want string
	}{
		{tr.fill("/console/refunds/{number}/decide"), url.Values{"approve": {"yes"}}, "Somebody has decided about this refund already."},
		{tr.fill("/console/callbacks/{id}/replay"), url.Values{"url": {"ftp://x"}}, "A callback URL begins with"},
		{tr.fill("/console/wallets/{id}/limits"), url.Values{"kyc": {"7"}}, "A verification level is 0, 1 or 2."},
		{tr.fill("/console/wallets/{id}/limits"), url.Values{"day_all": {"-1"}}, "An amount is a whole number"},
		{tr.fill("/console/wallets/{id}/top-up"), url.Values{"amount": {"0"}}, "Amount: An amount is a whole number"},
		{"/console/apps/2553/terms", url.Values{"name": {"x"}, "fee_bp": {"10001"}}, "Fee, in basis points: The value is out of range."},
		{"/console/apps/2553/terms", url.Values{"name": {"x"}, "refund_period": {"soon"}}, "Refundable for: Write a duration"},
		{"/console/apps/2553/addresses", url.Values{"callback_url": {"nowhere"}}, "A callback URL begins with"},
		{"/console/apps", url.Values{"id": {"2553"}, "name": {"x"}}, "There is an app with this app_id already."},
		{"/console/campaigns", url.Values{"code": {""}}, "The end must be after"},
		{"/console/maintenance", url.Values{"from": {"2026-01-02T12:00"}, "until": {"2026-01-02T11:00"}}, "The end must be after the beginning."},
		{"/console/rules", url.Values{}, "The rule can&#39;t be read."},
		{"/console/rules", url.Values{"operation": {"query_order"}, "value": {"-99999"}}, "The operation never answers this value."},
		{"/console/clock", url.Values{"set": {"2099-01-01T00:00"}}, "The clock can be set from 2020 to 2080."},
		{"/console/faults", url.Values{}, "Calls: Say how many calls"},
		{"/console/faults", url.Values{"for": {"-5m"}}, "Write a duration"},
	} {
		if c.path == "/console/campaigns" {
			c.form, c.want = url.Values{"code": {"X"}, "starts_at": {"2026-01-02T12:00"}, "ends_at": {"2026-01-02T11:00"}, "discount": {"1"}}, "Ends: The value is not possible."
		}
		b.Send(c.path, c.form).Want(t, c.path, http.StatusOK, c.want, `role="alert"`)
	}
	if after := len(s.records(t, store.RecordSearch{})); after != before {
		t.Errorf("%d records for what was not done", after-before)
	}
}

// TestKeys shows keys once, and never without a record.
func TestKeys(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	for role, want := range map[operator.Role]int{operator.Admin: http.StatusOK, operator.Merchant: http.StatusOK, operator.Support: http.StatusForbidden} {
		b := s.as(t, role)
		b.Get("/console/apps/2553").Lack(t, "the page of the app", s.App.Key1, s.App.Key2)
		p := b.Do(http.MethodPost, "/console/apps/2553/keys", url.Values{})
		p.Want(t, "keys as "+string(role), want)
		r := s.records(t, store.RecordSearch{})[0]
		if want != http.StatusOK {
			p.Lack(t, "keys", s.App.Key1)
			continue
		}
		p.Want(t, "keys", http.StatusOK, s.App.Key1, s.App.Key2)
		if r.Action != operator.KeysShown || r.Role != role || r.App != ours || p.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("the record is %+v, Cache-Control %q", r, p.Header.Get("Cache-Control"))
		}
	}
	if log := s.log.String(); strings.Contains(log, s.App.Key1) {
		t.Error("a key is in the log")
	}
}

// maxPage is what a page may weigh with everything that it loads.
const maxPage = 100_000

// TestWeight fills the lists and weighs every page, in both languages.
func TestWeight(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	tr := s.trade(t, s.App, "0900000001", "ours")
	s.TopUp(t, tr.wallet.Phone, 10_000_000)
	for i := range 60 {
		o := s.Order(t, func(n *pay.NewOrder) { n.Description = strings.Repeat("Một đơn hàng dài. ", 12) })
		p, err := s.Pay.PayFromWallet(t.Context(), o.Key, tr.wallet.ID)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Pay.RequestRefund(t.Context(), pay.NewRefund{
			App: s.App, MRefundID: id.Day(s.Clock.Now()) + "_2553_" + strconv.Itoa(i), Payment: p.Number, Amount: 1000,
			Timestamp: s.Clock.Now(), Description: strings.Repeat("Khách đổi ý. ", 7),
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Binding(t, nil)
		s.payOut(t, tr.app, tr.wallet, strings.Repeat("d", 48)+strconv.Itoa(10+i), 1000)
		s.ask(t, sen.OpQueryOrder, s.App, map[string]string{"app_trans_id": strings.Repeat(`"`, 9000), "mac": "no mac"})
	}
	for range 10 { // different, so that the timeline has them all
		s.ask(t, sen.OpQueryOrder, s.App, map[string]string{"app_trans_id": tr.order.AppTransID, "mac": rand.Text()})
	}
	for _, lang := range web.Langs {
		b := s.as(t, operator.Admin)
		b.Lang = string(lang)
		assets := map[string]int{}
		heaviest, most := "", 0
		walk(t, b, "/console", map[string]bool{}, func(path string, p webtest.Page) {
			if strings.Contains(path, "{") || p.Status == http.StatusNotFound {
				t.Errorf("%s: status %d", path, p.Status)
			}
			weight := len(p.Body)
			for _, asset := range assetsOf(p.Body) {
				if assets[asset] == 0 {
					assets[asset] = len(b.Get(asset).Body)
				}
				weight += assets[asset]
			}
			if weight > most {
				heaviest, most = path, weight
			}
			if weight > maxPage {
				t.Errorf("%s weighs %d bytes in %s", path, weight, lang)
			}
		})
		t.Logf("%s: the heaviest is %s with %d bytes", lang, heaviest, most)
	}
}

func assetsOf(body string) (all []string) {
	for rest := body; ; {
		_, after, ok := strings.Cut(rest, `"`+web.AssetPath)
		if !ok {
			return all
		}
		name, more, _ := strings.Cut(after, `"`)
		all, rest = append(all, web.AssetPath+name), more
	}
}

// events is a stream of a page.
type events struct {
	lines  chan string
	cancel context.CancelFunc
}

// listen opens the stream of the page at path, as its script does.
func (s *site) listen(t *testing.T, b *webtest.Browser, cookies []*http.Cookie, path string) *events {
	t.Helper()
	p := b.Get(path)
	_, after, ok := strings.Cut(p.Body, `data-live="`)
	address, _, _ := strings.Cut(after, `"`)
	if !ok {
		t.Fatalf("%s has no stream", path)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.server.URL+strings.ReplaceAll(address, "&amp;", "&"), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Language", "en")
	for _, c := range cookies {
		r.AddCookie(c)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("the stream: %s, %s", res.Status, res.Header.Get("Content-Type"))
	}
	e := &events{lines: make(chan string, 100), cancel: cancel}
	t.Cleanup(cancel)
	go func() {
		defer close(e.lines)
		defer func() { _ = res.Body.Close() }()
		buf := make([]byte, 4096)
		for {
			n, err := res.Body.Read(buf)
			if n > 0 {
				e.lines <- string(buf[:n])
			}
			if err != nil {
				return
			}
		}
	}()
	return e
}

// want waits for an event of that name.
func (e *events) want(t *testing.T, name string) {
	t.Helper()
	late := time.After(2 * time.Minute)
	for {
		select {
		case text, ok := <-e.lines:
			if strings.Contains(text, "event: "+name+"\n") {
				return
			}
			if !ok {
				t.Fatalf("the stream ended before %s", name)
			}
		case <-late:
			t.Fatalf("no event %s", name)
		}
	}
}

// wantEnd waits until the stream is over.
func (e *events) wantEnd(t *testing.T) {
	t.Helper()
	late := time.After(2 * time.Minute)
	for {
		select {
		case _, ok := <-e.lines:
			if !ok {
				return
			}
		case <-late:
			t.Fatal("the stream does not end")
		}
	}
}

// TestLive watches pages: who looks hears of what is new, whoever makes it, and
// only as long as the session lasts. There are more streams than connections to
// the database, which serves others all the while.
func TestLive(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	w := s.OpenWallet(t, "0900000001", 1_000_000)
	o := s.Order(t, nil)
	b, cookies := s.signedIn(t)
	page := "/console/orders/" + strconv.Itoa(int(o.Key))
	var all []*events
	for range 12 {
		all = append(all, s.listen(t, b, cookies, page))
	}
	list := s.listen(t, b, cookies, "/console/orders")
	if _, err := s.Pay.PayFromWallet(t.Context(), o.Key, w.ID); err != nil {
		t.Fatal(err)
	}
	for _, e := range append(all, list) {
		e.want(t, "changed")
	}
	b.Get(page).Want(t, "the order", http.StatusOK, "Paid")
	b.Do(http.MethodPost, "/console/sign-out", url.Values{}).WantRedirect(t, "sign out", "/console/sign-in")
	for _, e := range append(all, list) {
		e.want(t, "over")
		e.wantEnd(t)
	}
	out := webtest.Open(t, s.server.URL).Get("/console/live?page=/console/orders")
	out.Want(t, "a stream without a session", http.StatusUnauthorized)
}

// signedIn is an operator, with the cookies of the session.
func (s *site) signedIn(t *testing.T) (*webtest.Browser, []*http.Cookie) {
	t.Helper()
	b := webtest.Open(t, s.server.URL)
	p := b.Do(http.MethodPost, "/console/sign-in", url.Values{"role": {"operator"}})
	cookies := (&http.Response{Header: p.Header}).Cookies()
	return b, cookies
}

// TestLiveTargets asks for streams of what is no page.
func TestLiveTargets(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	b := s.as(t, operator.Support)
	for page, want := range map[string]int{
		"": 404, "https://evil.example/": 404, "/wallet": 404, "/console/nothing": 404, "/console/live": 404, "/console/orders/1": 404,
		"//evil.example/console": 404, "/console/../wallet": 404, "/console/campaigns/TET": 403, "/console/sign-in": 404,
	} {
		b.Get("/console/live?page="+url.QueryEscape(page)).Want(t, "a stream of "+page, want)
	}
}
