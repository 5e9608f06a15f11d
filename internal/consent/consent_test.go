package consent_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen/internal/consent"
	"sen/internal/merchant"
	"sen/internal/orderlink"
	"sen/internal/pay"
	"sen/internal/payer"
	"sen/internal/paytest"
	"sen/internal/web"
	"sen/internal/web/webtest"
)

const phone = "0900000001"

func TestTexts(t *testing.T) {
	t.Parallel()
	webtest.CheckTexts(t, os.DirFS("."))
}

// site is a gateway with the consent page in front.
type site struct {
	*paytest.Gateway
	pages  *web.Site
	server *httptest.Server
	log    *webtest.Log
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{Gateway: paytest.New(t), log: &webtest.Log{}}
	pages, err := web.New(web.Config{
		Log: slog.New(slog.NewTextHandler(s.log, nil)), Now: time.Now, IDs: s.IDs, Store: s.Store, Sandbox: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.pages = pages
	server := consent.Server{
		Desk: &payer.Desk{Site: pages, Pay: s.Pay, TestWallet: &payer.TestWallet{Phone: phone, PIN: paytest.PIN}},
		Apps: s.Apps, Now: s.Clock.Now, BaseURL: "https://pay.example", Cards: true,
	}
	s.server = httptest.NewServer(server.Handler())
	t.Cleanup(s.server.Close)
	return s
}

func (s *site) browser(t *testing.T) *webtest.Browser {
	t.Helper()
	return webtest.Open(t, s.server.URL)
}

func signIn(b *webtest.Browser, x pay.Binding, phone, pin string) webtest.Page {
	return b.Send(orderlink.BindingPage(x.Token)+"/sign-in", url.Values{"phone": {phone}, "pin": {pin}})
}

func answer(b *webtest.Browser, x pay.Binding, how string) webtest.Page {
	return b.Send(orderlink.BindingPage(x.Token)+"/"+how, url.Values{})
}

func (s *site) confirm(t *testing.T, x pay.Binding, w pay.WalletID) {
	t.Helper()
	if _, err := s.Pay.ConfirmBinding(t.Context(), x.Token, w); err != nil {
		t.Fatal(err)
	}
}

func (s *site) wantState(t *testing.T, x pay.Binding, want pay.BindingState, w pay.WalletID) {
	t.Helper()
	got, err := s.Pay.BindingByToken(t.Context(), x.Token)
	if err != nil || got.State != want || got.Wallet != w {
		t.Errorf("the binding is %s of wallet %d (%v), want %s of %d", got.State, got.Wallet, err, want, w)
	}
}

// shut asks for a binding to an app and disables the app.
func (s *site) shut(t *testing.T) pay.Binding {
	t.Helper()
	app := s.AddApp(t, merchant.App{ID: 7, Name: "Gone", Key1: "0123456789abcdef", Key2: "fedcba9876543210"})
	x := s.Binding(t, func(n *pay.NewBinding) { n.App = app })
	_, err := s.Store.UpdateApp(t.Context(), app.ID, func(a *merchant.App) error {
		a.DisabledAt = s.Clock.Now()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Refresh(t)
	return x
}

// Every state of the page, in both languages.
func TestPageStates(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 0)
	asked := s.Binding(t, func(n *pay.NewBinding) { n.MaxAmount = 2_000_000 })
	confirmed, ended, declined, shut := s.Binding(t, nil), s.Binding(t, nil), s.Binding(t, nil), s.shut(t)
	s.confirm(t, confirmed, w.ID)
	s.confirm(t, ended, w.ID)
	if _, err := s.Pay.EndBinding(t.Context(), ended.Token, pay.Ender{Wallet: w.ID}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pay.DeclineBinding(t.Context(), declined.Token); err != nil {
		t.Fatal(err)
	}
	const way = `/return"`
	check := func(name, token string, status int, vi, en string, both ...string) {
		t.Helper()
		b := s.browser(t)
		a := b.Get("/binding/" + token + "?lang=vi")
		a.Want(t, name, status, append(both, vi, `<html lang="vi">`, "không phải tiền thật", "không liên kết với Zalopay")...)
		a = b.Get("/binding/" + token + "?lang=en")
		a.Want(t, name, status, append(both, en, `<html lang="en">`, "no real money", "not affiliated with Zalopay")...)
		if got := a.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q, want no-store", name, got)
		}
	}
	check("asked", asked.Token, 200, "Yêu cầu trừ tiền", "without asking you each time", "Tiệm Trà Sen", "2.000.000 ₫",
		"lan@shop.example", "15:00", `role="timer"`, `<svg class="qr"`, phone, `/decline"`, `name="pin"`)
	check("confirmed", confirmed.Token, 200, "Đã liên kết ví", "The wallet is linked", "Tiệm Trà Sen", way)
	check("ended", ended.Token, 200, "Liên kết đã chấm dứt", "The link has ended", way)
	check("declined", declined.Token, 200, "Bạn đã từ chối", "You declined", way)
	check("shut", shut.Token, 404, "không nhận thanh toán", "takes no payments")
	check("unknown", asked.Token[:31]+"!", 404, "Không tìm thấy yêu cầu", "Request not found")
	check("garbage", "%3Cscript%3E", 404, "Không tìm thấy yêu cầu", "Request not found")
	s.Clock.Move(pay.ConfirmTime)
	check("lapsed", asked.Token, 200, "Đã hết thời gian", "The time to answer is over", way)
	if _, err := s.Pay.LapseBindings(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("lapsed and noted", asked.Token, 200, "Đã hết thời gian", "The time to answer is over", way)
}

// What the payer agrees to is said in full: a limit or none, an end or none.
func TestWhatIsAsked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 30_000)
	x := s.Binding(t, nil)
	b := s.browser(t)
	b.Get(orderlink.BindingPage(x.Token)).Want(t, "no terms", http.StatusOK, "your balance", "you end it")
	_, err := s.Store.UpdateApp(t.Context(), s.App.ID, func(a *merchant.App) error {
		a.Terms.TokenLife = 30 * 24 * time.Hour
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Refresh(t)
	a := b.Get(orderlink.BindingPage(x.Token))
	a.Want(t, "30 days", http.StatusOK, "01/02/2026")
	a.Lack(t, "30 days", "you end it")
	a = signIn(b, x, phone, paytest.PIN)
	a.Want(t, "signed in", http.StatusOK, "Nguyễn Thị Sen", "****0001", "30.000 ₫", "/confirm\"", "/decline\"")
	a.Lack(t, "signed in", phone, `name="pin"`)
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 0)
	other := s.OpenWallet(t, "0900000002", 0)
	x := s.Binding(t, nil)
	first, second := s.browser(t), s.browser(t)
	signIn(first, x, phone, paytest.PIN)
	signIn(second, x, other.Phone, paytest.PIN)
	a := answer(first, x, "confirm")
	a.Want(t, "confirmed", http.StatusOK, "The wallet is linked", "Tiệm Trà Sen may now charge")
	if got, want := a.Header.Get("Refresh"), "5; url="+orderlink.BindingPage(x.Token)+"/return"; got != want {
		t.Errorf("Refresh is %q, want %q", got, want)
	}
	answer(first, x, "confirm").Want(t, "again", http.StatusOK, "The wallet is linked", "may now charge")
	answer(first, x, "decline").Want(t, "declined too late", http.StatusOK, "The wallet is linked")
	a = answer(second, x, "confirm")
	a.Want(t, "second wallet", http.StatusOK, "Yours is not linked")
	a.Lack(t, "second wallet", "may now charge")
	s.wantState(t, x, pay.BindingConfirmed, w.ID)
}

// However often and fast the buttons are pressed, there is one consent and one
// callback.
func TestConfirmTogether(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 0)
	x := s.Binding(t, func(n *pay.NewBinding) { n.CallbackURL = "https://shop.example/callback" })
	b := s.browser(t)
	signIn(b, x, phone, paytest.PIN)
	var presses sync.WaitGroup
	for range 8 {
		presses.Go(func() {
			b.Do(http.MethodPost, orderlink.BindingPage(x.Token)+"/confirm", url.Values{}).WantRedirect(t, "confirm", orderlink.BindingPage(x.Token))
		})
	}
	presses.Wait()
	s.wantState(t, x, pay.BindingConfirmed, w.ID)
	due, err := s.Store.DeliveriesOfOrder(t.Context(), int64(x.Key))
	if err != nil || len(due) != 1 {
		t.Errorf("%d callbacks (%v), want 1", len(due), err)
	}
}

func TestDecline(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 0)
	x := s.Binding(t, nil)
	b := s.browser(t)
	answer(b, x, "decline").Want(t, "without signing in", http.StatusOK, "You declined")
	s.wantState(t, x, pay.BindingLapsed, 0)
	signIn(b, x, phone, paytest.PIN)
	answer(b, x, "confirm").Want(t, "changed their mind", http.StatusOK, "You declined")
	s.wantState(t, x, pay.BindingLapsed, 0)
}

func TestConfirmTooLate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 0)
	x := s.Binding(t, nil)
	b := s.browser(t)
	signIn(b, x, phone, paytest.PIN)
	s.Clock.Move(pay.ConfirmTime)
	answer(b, x, "confirm").Want(t, "late", http.StatusOK, "The time to answer is over")
	s.wantState(t, x, pay.BindingPending, 0)
}

func TestWalletConditions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 0)
	x := s.Binding(t, nil)
	b := s.browser(t)
	signIn(b, x, phone, "999999").Want(t, "wrong PIN", http.StatusOK, `role="alert"`, "The phone number or the PIN is wrong.")
	signIn(b, x, "12", "999999").Want(t, "no phone", http.StatusOK, "A phone number has ten digits")
	signIn(b, x, phone, paytest.PIN)
	set := func(locked, off bool) {
		t.Helper()
		_, err := s.Pay.ChangeWallet(t.Context(), phone, func(w *pay.Wallet) error {
			w.Lock(locked, s.Clock.Now())
			w.SwitchPayments(off, s.Clock.Now())
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	set(true, false)
	b.Get(orderlink.BindingPage(x.Token)).Want(t, "locked", http.StatusOK, "This wallet is locked")
	answer(b, x, "confirm").Want(t, "locked", http.StatusOK, `role="alert"`, "could not be linked: it is locked")
	s.wantState(t, x, pay.BindingPending, 0)
	set(false, true)
	b.Get(orderlink.BindingPage(x.Token)).Want(t, "off", http.StatusOK, "You have switched payments off")
	answer(b, x, "confirm").Want(t, "off", http.StatusOK, "The wallet is linked")
	s.wantState(t, x, pay.BindingConfirmed, w.ID)
}

func TestSignedOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 0)
	x := s.Binding(t, nil)
	b := s.browser(t)
	answer(b, x, "confirm").Want(t, "never signed in", http.StatusOK, "You are no longer signed in")
	signIn(b, x, phone, paytest.PIN)
	answer(b, x, "sign-out").Want(t, "signed out", http.StatusOK, `name="pin"`)
	answer(b, x, "confirm").Want(t, "signed out", http.StatusOK, "You are no longer signed in")
	signIn(b, x, phone, paytest.PIN)
	hash, err := s.Pay.HashPIN("222222")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pay.ChangeWallet(t.Context(), phone, func(w *pay.Wallet) error { w.PINHash = hash; return nil }); err != nil {
		t.Fatal(err)
	}
	answer(b, x, "confirm").Want(t, "the PIN was changed elsewhere", http.StatusOK, "You are no longer signed in")
	s.wantState(t, x, pay.BindingPending, 0)
}

func TestState(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 0)
	b := s.browser(t)
	asked, confirmed := s.Binding(t, nil), s.Binding(t, nil)
	check := func(x pay.Binding, want string) {
		t.Helper()
		if diff := cmp.Diff(want, b.Get(orderlink.BindingPage(x.Token)+"/state").Body); diff != "" {
			t.Errorf("state (-want +got):\n%s", diff)
		}
	}
	s.confirm(t, confirmed, w.ID)
	check(asked, `{"state":"open","seconds_left":900}`)
	check(confirmed, `{"state":"confirmed","seconds_left":0}`)
	s.Clock.Move(pay.ConfirmTime)
	check(asked, `{"state":"lapsed","seconds_left":0}`)
	b.Get("/binding/x/state").Want(t, "unknown", http.StatusNotFound)
}

func TestLinks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	x := s.Binding(t, nil)
	b := s.browser(t)
	for _, link := range []string{"/binding?binding_token=" + x.Token, "/oauthbe/agreement/" + x.Token} {
		b.Get(link).WantRedirect(t, link, "/binding/"+x.Token)
	}
	for _, link := range []string{
		"/binding", "/binding?binding_token=", "/binding?binding_token=//evil.example", "/oauthbe/agreement/x",
		"/oauthbe/agreement/%2F%2Fevil.example", "/binding?binding_token=" + strings.Repeat("0", 32),
	} {
		b.Get(link).Want(t, link, http.StatusNotFound, "Request not found")
	}
}

// What a merchant writes is shown, never run.
func TestEscapes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	x := s.Binding(t, func(n *pay.NewBinding) { n.Identifier = `"><script>alert(1)</script>` })
	a := s.browser(t).Get(orderlink.BindingPage(x.Token))
	a.Lack(t, "asked", "<script>")
	a.Want(t, "asked", http.StatusOK, "&gt;&lt;script&gt;alert(1)&lt;/script&gt;")
}

func TestForeignForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 0)
	x := s.Binding(t, nil)
	b := s.browser(t)
	signIn(b, x, phone, paytest.PIN)
	for _, how := range []string{"confirm", "decline"} {
		for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
			a := b.Do(http.MethodPost, orderlink.BindingPage(x.Token)+"/"+how, url.Values{}, header...)
			a.Want(t, how+" "+strings.Join(header, " "), http.StatusForbidden)
		}
	}
	s.wantState(t, x, pay.BindingPending, 0)
}

func TestLogKeepsSecrets(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 0)
	x := s.Binding(t, nil)
	b := s.browser(t)
	b.Get("/binding?binding_token=" + x.Token)
	signIn(b, x, phone, "999999")
	signIn(b, x, phone, paytest.PIN)
	answer(b, x, "confirm")
	b.Get(orderlink.BindingPage(x.Token) + "/return")
	s.log.WantRoutes(t,
		[]string{"/binding/{token}/sign-in", "/binding/{token}/confirm", "/binding/{token}/return"},
		[]string{phone, "900000001", "999999", paytest.PIN, x.Token, x.PayToken, "lan@", "shop.example"})
}
