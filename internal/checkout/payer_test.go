package checkout_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"sen/internal/pay"
	"sen/internal/paytest"
)

const phone = "0900000001"

func TestPay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 80_000)
	o := s.Order(t, nil)
	b := s.browser(t)

	a := b.signIn(o, "+84 900 000 001", paytest.PIN)
	a.Want(t, "signed in", http.StatusOK, "Nguyễn Thị Sen", "****0001", "80.000 ₫", "Pay 50.000 ₫")
	a.Lack(t, "signed in", phone, "too low", `name="pin"`)

	a = b.pay(o)
	a.Want(t, "paid", http.StatusOK, "Payment successful", "Back to Tiệm Trà Sen")
	if got, want := a.Header.Get("Refresh"), "5; url=/checkout/"+o.Token+"/return"; got != want {
		t.Errorf("Refresh is %q, want %q", got, want)
	}
	wantBalance(t, s, w.ID, 30_000)
}

// However often and however fast the button is pressed, the order is paid once.
func TestPayTwice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 500_000)
	o := s.Order(t, nil)
	b := s.browser(t)
	b.signIn(o, phone, paytest.PIN)
	var presses sync.WaitGroup
	for range 8 {
		presses.Go(func() {
			a := b.Do(http.MethodPost, "/checkout/"+o.Token+"/pay", url.Values{})
			if a.Status != http.StatusSeeOther {
				t.Errorf("status %d, want 303", a.Status)
			}
		})
	}
	presses.Wait()
	a := b.pay(o)
	a.Want(t, "paid", http.StatusOK, "Payment successful")
	a.Lack(t, "paid", "been paid before")
	wantBalance(t, s, w.ID, 450_000)
}

func TestPayAfterSomebodyElse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first, second := s.OpenWallet(t, phone, 80_000), s.OpenWallet(t, "0900000002", 80_000)
	o := s.Order(t, nil)
	b := s.browser(t)
	b.signIn(o, "0900000002", paytest.PIN)
	if _, err := s.Pay.PayFromWallet(t.Context(), o.Key, first.ID); err != nil {
		t.Fatal(err)
	}
	b.pay(o).Want(t, "second", http.StatusOK, "had been paid before. You have not been charged")
	wantBalance(t, s, second.ID, 80_000)
}

func TestWrongPIN(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 80_000)
	o := s.Order(t, func(n *pay.NewOrder) { n.Life = time.Hour })
	b := s.browser(t)
	for range 4 {
		a := b.signIn(o, phone, "999999")
		a.Want(t, "wrong PIN", http.StatusOK, `role="alert"`, "The phone number or the PIN is wrong.", `name="pin"`)
	}
	b.signIn(o, phone, "999999").Want(t, "fifth wrong PIN", http.StatusOK, "Too many wrong PINs")
	b.signIn(o, phone, paytest.PIN).Want(t, "right PIN in the pause", http.StatusOK, "Too many wrong PINs", `name="pin"`)
	b.Get("/checkout/"+o.Token).Lack(t, "reload", "Too many wrong PINs")

	b.Lang = "vi"
	b.signIn(o, phone, "999999").Want(t, "in Vietnamese", http.StatusOK, "Nhập sai mã PIN quá nhiều lần")
	s.Clock.Move(15 * time.Minute)
	b.signIn(o, phone, paytest.PIN).Want(t, "after the pause", http.StatusOK, "Xác nhận thanh toán")
}

// Who has no wallet hears what who mistypes a PIN hears.
func TestUnknownPhone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	o := s.Order(t, nil)
	b := s.browser(t)
	b.signIn(o, "0911111111", "999999").Want(t, "unknown", http.StatusOK, "The phone number or the PIN is wrong.")
	b.signIn(o, "12", "999999").Want(t, "no phone", http.StatusOK, "A phone number has ten digits")
}

func TestLowBalance(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 20_000)
	o := s.Order(t, nil)
	b := s.browser(t)
	b.signIn(o, phone, paytest.PIN).Want(t, "signed in", http.StatusOK, "too low by 30.000 ₫", `href="/wallet/top-up"`, "Pay 50.000 ₫")
	b.pay(o).Want(t, "tried", http.StatusOK, `role="alert"`, "The payment failed: the balance is too low.", "Pay 50.000 ₫")
	noted, err := s.Pay.OrderByToken(t.Context(), o.Token)
	if err != nil || noted.Failure != pay.LowBalance || noted.State != pay.OrderCreated {
		t.Errorf("the order is %s with failure %q (%v), want it open and noted", noted.State, noted.Failure, err)
	}
	s.TopUp(t, phone, 30_000)
	b.pay(o).Want(t, "after the top-up", http.StatusOK, "Payment successful")
	wantBalance(t, s, w.ID, 0)
}

func TestExpiryBeforeConfirm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 80_000)
	o := s.Order(t, nil)
	b := s.browser(t)
	b.signIn(o, phone, paytest.PIN)
	s.Clock.Move(pay.DefaultLife)
	b.pay(o).Want(t, "confirmed too late", http.StatusOK, "The order has expired")
	wantBalance(t, s, w.ID, 80_000)
}

func TestWalletConditions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 80_000)
	o := s.Order(t, nil)
	b := s.browser(t)
	b.signIn(o, phone, paytest.PIN)
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
	b.pay(o).Want(t, "locked", http.StatusOK, "the wallet is locked", "Pay 50.000 ₫")
	set(false, true)
	b.pay(o).Want(t, "off", http.StatusOK, "switched payments off", "Pay 50.000 ₫")
	wantBalance(t, s, w.ID, 80_000)
	set(false, false)
	b.pay(o).Want(t, "free", http.StatusOK, "Payment successful")

	if _, err := s.Pay.OpenWallet(t.Context(), pay.Wallet{Phone: "0900000009", Name: "New"}); err != nil {
		t.Fatal(err)
	}
	b.signIn(s.Order(t, nil), "0900000009", paytest.PIN).Want(t, "no PIN", http.StatusOK, "This wallet has no PIN yet")
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 80_000)
	o := s.Order(t, nil)
	b := s.browser(t)
	b.signIn(o, phone, paytest.PIN)
	b.Send("/checkout/"+o.Token+"/sign-out", url.Values{}).Want(t, "signed out", http.StatusOK, `name="pin"`)
	b.pay(o).Want(t, "pay", http.StatusOK, "You are no longer signed in", `name="pin"`)
}

// Another site can't pay with a payer's session, and can't plant one: the
// cookie that was there before is not the one after.
func TestForeignForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 80_000)
	o := s.Order(t, nil)
	b := s.browser(t)
	b.signIn(o, phone, paytest.PIN)
	for _, header := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
	} {
		a := b.Do(http.MethodPost, "/checkout/"+o.Token+"/pay", url.Values{}, header...)
		a.Want(t, strings.Join(header, " "), http.StatusForbidden)
	}
	wantBalance(t, s, w.ID, 80_000)
	a := b.Do(http.MethodPost, "/checkout/"+o.Token+"/pay", url.Values{}, "Sec-Fetch-Site", "same-origin", "Origin", s.server.URL)
	a.Want(t, "our own form", http.StatusSeeOther)
	wantBalance(t, s, w.ID, 30_000)
}

func TestSessionChangesAtSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 80_000)
	o := s.Order(t, nil)
	b := s.browser(t)
	cookie := func() string {
		a := b.Do(http.MethodPost, "/checkout/"+o.Token+"/sign-in", url.Values{"phone": {phone}, "pin": {paytest.PIN}})
		for _, c := range a.Header.Values("Set-Cookie") {
			if strings.HasPrefix(c, "sen_session=") {
				return c
			}
		}
		t.Fatalf("no session cookie in %q", a.Header)
		return ""
	}
	first, second := cookie(), cookie()
	if first == second {
		t.Errorf("the session kept its cookie %q", first)
	}
	for _, attribute := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(first, attribute) {
			t.Errorf("the cookie %q lacks %s", first, attribute)
		}
	}
}

// The log says what happened, and nothing with which it could be done again.
func TestLogKeepsSecrets(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 80_000)
	o := s.Order(t, nil)
	b := s.browser(t)
	b.signIn(o, phone, "999999")
	b.signIn(o, phone, paytest.PIN)
	b.pay(o)
	b.Get("/checkout/" + o.Token + "/return")
	b.Get("/openinapp?order=c2VjcmV0")
	log := s.log.String()
	for _, secret := range []string{phone, "900000001", "999999", paytest.PIN, o.Token, "c2VjcmV0", "shop.example"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q:\n%s", secret, log)
		}
	}
	for _, route := range []string{"/checkout/{token}/sign-in", "/checkout/{token}/pay", "/openinapp"} {
		if !strings.Contains(log, route) {
			t.Errorf("the log lacks %q:\n%s", route, log)
		}
	}
}

func TestLargeForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	o := s.Order(t, nil)
	a := s.browser(t).Do(http.MethodPost, "/checkout/"+o.Token+"/sign-in", url.Values{"phone": {strings.Repeat("0", 1<<17)}})
	a.Want(t, "large form", http.StatusRequestEntityTooLarge)
}
