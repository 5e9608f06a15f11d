package walletapp_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/payer"
	"sen/internal/paytest"
	"sen/internal/vietqr"
	"sen/internal/walletapp"
	"sen/internal/web"
	"sen/internal/web/webtest"
)

const phone = "0900000001"

func TestTexts(t *testing.T) {
	t.Parallel()
	webtest.CheckTexts(t, os.DirFS("."))
}

// site is a gateway with the payers' pages in front.
type site struct {
	*paytest.Gateway
	server *httptest.Server
	log    *webtest.Log
}

func newSite(t *testing.T) *site {
	t.Helper()
	return newSiteOf(t, true)
}

func newSiteOf(t *testing.T, sandbox bool) *site {
	t.Helper()
	s := &site{Gateway: paytest.New(t), log: &webtest.Log{}}
	pages, err := web.New(web.Config{
		Log: slog.New(slog.NewTextHandler(s.log, nil)), Now: time.Now, IDs: s.IDs, Store: s.Store, Sandbox: sandbox,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := walletapp.Server{
		Desk: &payer.Desk{Site: pages, Pay: s.Pay}, Apps: s.Apps, Store: s.Store,
		Issuer: vietqr.DefaultIssuer(), Now: s.Clock.Now, Cards: true,
	}
	s.server = httptest.NewServer(server.Handler())
	t.Cleanup(s.server.Close)
	return s
}

// browser is somebody who visits and has not signed in.
func (s *site) browser(t *testing.T) *webtest.Browser {
	t.Helper()
	return webtest.Open(t, s.server.URL)
}

// owner is somebody who is signed in to the wallet.
func (s *site) owner(t *testing.T, phone string) *webtest.Browser {
	t.Helper()
	b := s.browser(t)
	signIn(b, phone, paytest.PIN).Want(t, "sign in", http.StatusOK, `aria-current="page"`)
	return b
}

func signIn(b *webtest.Browser, phone, pin string) webtest.Page {
	return b.Send("/wallet/sign-in", url.Values{"phone": {phone}, "pin": {pin}})
}

func (s *site) wantBalance(t *testing.T, w pay.WalletID, want money.Amount) {
	t.Helper()
	if got := s.Balance(t, w); got != want {
		t.Errorf("the balance is %s, want %s", got, want)
	}
}

// change changes a wallet behind its owner's back.
func (s *site) change(t *testing.T, phone string, change func(*pay.Wallet)) {
	t.Helper()
	_, err := s.Pay.ChangeWallet(t.Context(), phone, func(w *pay.Wallet) error {
		change(w)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// bind confirms a binding from the wallet.
func (s *site) bind(t *testing.T, w pay.WalletID, change func(*pay.NewBinding)) pay.Binding {
	t.Helper()
	x, err := s.Pay.ConfirmBinding(t.Context(), s.Binding(t, change).Token, w)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// needOwner lists every page that needs somebody to be signed in.
var needOwner = map[string][]string{
	http.MethodGet: {
		"/wallet/history", "/wallet/top-up", "/wallet/open", "/wallet/bindings", "/wallet/bindings/x",
		"/wallet/account", "/wallet/limits", "/wallet/pin", "/wallet/cards", "/wallet/cards/link", "/wallet/cards/checks/1",
		"/wallet/cards/checks/1/state",
	},
	http.MethodPost: {
		"/wallet/top-up", "/wallet/open", "/wallet/bindings/x/end", "/wallet/payments", "/wallet/pin", "/wallet/cards/link",
		"/wallet/cards/1/remove", "/wallet/cards/checks/1/otp",
	},
}

func TestNeedsSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	for method, paths := range needOwner {
		for _, path := range paths {
			b.Do(method, path, url.Values{}).WantRedirect(t, method+" "+path, "/wallet")
		}
	}
	b.Get("/wallet").Want(t, "where it leads", http.StatusOK, `role="alert"`, "You are no longer signed in", `name="pin"`)
}

// Every page in both languages, with the marks that all pages have.
func TestPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 80_000)
	x := s.bind(t, w.ID, nil)
	b := s.owner(t, phone)
	for _, c := range []struct{ path, vi, en string }{
		{"/wallet", "Giao dịch gần đây", "Last movements"},
		{"/wallet/history", "Lịch sử giao dịch", "Movements"},
		{"/wallet/top-up", "ngân hàng thử nghiệm", "test bank"},
		{"/wallet/open", "Dán đường dẫn", "Paste the link"},
		{"/wallet/bindings", "Cửa hàng đã liên kết", "Linked shops"},
		{"/wallet/bindings/" + x.Token, "đang hoạt động", "active"},
		{"/wallet/account", "Tắt thanh toán", "Switch payments off"},
		{"/wallet/limits", "Hạn mức và xác minh", "Limits and verification"},
		{"/wallet/pin", "Mã PIN cũ", "Old PIN"},
		{"/wallet/cards", "Thẻ đã liên kết", "Linked cards"},
		{"/wallet/cards/link", "Bạn không bị trừ tiền", "You are not charged"},
	} {
		a := b.Get(c.path + "?lang=vi")
		a.Want(t, c.path, http.StatusOK, c.vi, `<html lang="vi">`, `<nav class="tabs"`, `aria-current="page"`, "không phải tiền thật", "không liên kết với Zalopay")
		a = b.Get(c.path + "?lang=en")
		a.Want(t, c.path, http.StatusOK, c.en, `<html lang="en">`, `<nav class="tabs"`, "no real money", "not affiliated with Zalopay")
		a.Lack(t, c.path, phone, w.PINHash)
		if got := a.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q, want no-store", c.path, got)
		}
	}
	b.Get("/wallet/nothing").Want(t, "unknown", http.StatusNotFound, "Page not found")
}

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 80_000)
	b := s.browser(t)
	for range 4 {
		signIn(b, phone, "999999").Want(t, "wrong PIN", http.StatusOK, `role="alert"`, "The phone number or the PIN is wrong.")
	}
	signIn(b, "0911111111", "999999").Want(t, "unknown phone", http.StatusOK, "The phone number or the PIN is wrong.")
	signIn(b, "12", "1").Want(t, "no phone", http.StatusOK, "A phone number has ten digits")
	a := signIn(b, "+84 900 000 001", paytest.PIN)
	a.Want(t, "signed in", http.StatusOK, "Nguyễn Thị Sen", "****0001", "80.000 ₫")
	left := b.Do(http.MethodPost, "/wallet/sign-out", url.Values{})
	if got := left.Header.Get("Clear-Site-Data"); got != `"cache", "storage"` {
		t.Errorf("the browser is to forget %s", got)
	}
	b.Get("/wallet").Want(t, "signed out", http.StatusOK, `role="status"`, "You are signed out", `name="pin"`)
	b.Get("/wallet/account").WantRedirect(t, "after", "/wallet")
}

// A form of another site changes nothing.
func TestForeignForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 0)
	x := s.bind(t, w.ID, nil)
	b := s.owner(t, phone)
	for path, form := range map[string]url.Values{
		"/wallet/top-up":                       {"key": {"k"}, "amount": {"1000"}},
		"/wallet/bindings/" + x.Token + "/end": {},
		"/wallet/payments":                     {"payments": {"off"}},
		"/wallet/pin":                          {"pin": {paytest.PIN}, "new_pin": {"222222"}, "new_pin_again": {"222222"}},
		"/wallet/sign-out":                     {},
		"/wallet/sign-in":                      {"phone": {phone}, "pin": {paytest.PIN}},
	} {
		for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
			b.Do(http.MethodPost, path, form, header...).Want(t, path, http.StatusForbidden)
		}
	}
	b.Get("/wallet").Want(t, "still signed in", http.StatusOK, "0 ₫", "Nothing has happened")
	got, err := s.Pay.BindingByToken(t.Context(), x.Token)
	if err != nil || got.State != pay.BindingConfirmed {
		t.Errorf("the binding is %s (%v)", got.State, err)
	}
	signIn(s.browser(t), phone, paytest.PIN).Want(t, "the PIN is the old one", http.StatusOK, "Nguyễn Thị Sen")
}

func TestLogKeepsSecrets(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 80_000)
	x, o := s.bind(t, w.ID, nil), s.Order(t, nil)
	b := s.browser(t)
	signIn(b, phone, "999999")
	signIn(b, phone, paytest.PIN)
	b.Get("/wallet/bindings/" + x.Token)
	b.Send("/wallet/bindings/"+x.Token+"/end", url.Values{})
	b.Do(http.MethodPost, "/wallet/open", url.Values{"text": {vietqr.DefaultIssuer().Encode(o.Token, int64(o.Key), o.Amount)}})
	b.Send("/wallet/pin", url.Values{"pin": {paytest.PIN}, "new_pin": {"272727"}, "new_pin_again": {"272727"}})
	b.Do(http.MethodPost, "/wallet/sign-up", url.Values{"phone": {"0912345678"}, "name": {"Lan"}, "new_pin": {"282828"}, "new_pin_again": {"282828"}})
	for _, line := range []string{fmt.Sprintf("msg=\"payer refused\" wallet=%d why=pin_wrong", w.ID), fmt.Sprintf("msg=\"payer signed in\" wallet=%d by=pin", w.ID)} {
		if !strings.Contains(s.log.String(), line) {
			t.Errorf("the log lacks %s", line)
		}
	}
	s.log.WantRoutes(t,
		[]string{"/wallet/bindings/{token}/end", "/wallet/open", "/wallet/pin", "/wallet/sign-up"},
		[]string{phone, "900000001", "912345678", "999999", paytest.PIN, "272727", "282828", x.Token, x.PayToken, o.Token, "Lan"})
}

var formKey = regexp.MustCompile(`name="key" value="([^"]+)"`)

// keyOf returns what names the top-up form of a page.
func keyOf(t *testing.T, a webtest.Page) string {
	t.Helper()
	m := formKey.FindStringSubmatch(a.Body)
	if m == nil {
		t.Fatalf("the form has no key:\n%s", a.Body)
	}
	return m[1]
}
