package walletapp_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sen/internal/merchant"
	"sen/internal/pay"
	"sen/internal/paytest"
	"sen/internal/web/webtest"
)

func TestBindings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, other := s.OpenWallet(t, phone, 100_000), s.OpenWallet(t, "0900000002", 0)
	b := s.owner(t, phone)
	b.Get("/wallet/bindings").Want(t, "none", http.StatusOK, "linked to no shop")
	x := s.bind(t, w.ID, func(n *pay.NewBinding) { n.MaxAmount, n.Identifier = 2_000_000, `<i>lan</i>` })
	theirs := s.bind(t, other.ID, nil)
	s.Binding(t, nil) // nobody's yet

	b.Get("/wallet/bindings").Want(t, "one", http.StatusOK, "Tiệm Trà Sen", "active", "Linked on 02/01/2026", "/wallet/bindings/"+x.Token)
	a := b.Get("/wallet/bindings/" + x.Token)
	a.Want(t, "details", http.StatusOK, "2.000.000 ₫", "&lt;i&gt;lan&lt;/i&gt;", "End the link")
	a.Lack(t, "details", "<i>lan", x.PayToken)
	for _, token := range []string{theirs.Token, "x", "%3Cscript%3E"} {
		b.Get("/wallet/bindings/"+token).Want(t, token, http.StatusNotFound)
		b.Do(http.MethodPost, "/wallet/bindings/"+token+"/end", url.Values{}).Want(t, token, http.StatusNotFound)
	}
	for range 2 { // pressed twice
		a = b.Send("/wallet/bindings/"+x.Token+"/end", url.Values{})
		a.Want(t, "ended", http.StatusOK, "The link has ended", "ended", "Ended on")
		a.Lack(t, "ended", "End the link")
	}
	for token, want := range map[string]pay.BindingState{x.Token: pay.BindingCancelled, theirs.Token: pay.BindingConfirmed} {
		got, err := s.Pay.BindingByToken(t.Context(), token)
		if err != nil || got.State != want {
			t.Errorf("the binding is %s (%v), want %s", got.State, err, want)
		}
	}
	due, err := s.Store.DeliveriesOfOrder(t.Context(), int64(x.Key))
	if err != nil || len(due) != 2 {
		t.Errorf("%d callbacks (%v), want 2: confirmed and ended", len(due), err)
	}
}

// A binding that no longer pays says why.
func TestBindingStates(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 0)
	disabled := s.bind(t, w.ID, nil)
	if _, err := s.Pay.EndBinding(t.Context(), disabled.Token, pay.Ender{Operator: true}); err != nil {
		t.Fatal(err)
	}
	_, err := s.Store.UpdateApp(t.Context(), s.App.ID, func(a *merchant.App) error {
		a.Terms.TokenLife = 48 * time.Hour
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Refresh(t)
	short := s.bind(t, w.ID, nil)
	b := s.owner(t, phone)
	b.Get("/wallet/bindings/"+disabled.Token).Want(t, "disabled", http.StatusOK, "ended by Sen")
	b.Get("/wallet/bindings/"+short.Token).Want(t, "with an end", http.StatusOK, "active", "04/01/2026")
	s.Clock.Move(48 * time.Hour)
	a := b.Get("/wallet/bindings/" + short.Token)
	a.Want(t, "past its end", http.StatusOK, "expired")
	a.Lack(t, "past its end", "End the link")
}

func TestBindingPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 0)
	for range 21 {
		s.bind(t, w.ID, nil)
	}
	b := s.owner(t, phone)
	first := b.Get("/wallet/bindings")
	m := regexp.MustCompile(`href="(/wallet/bindings\?before=\d+)"`).FindStringSubmatch(first.Body)
	if m == nil {
		t.Fatalf("there is no way to the older ones:\n%s", first.Body)
	}
	second := b.Get(m[1])
	second.Want(t, "second page", http.StatusOK, "Back to the newest")
	if a, b := strings.Count(first.Body, "Linked on"), strings.Count(second.Body, "Linked on"); a != 20 || b != 1 {
		t.Errorf("%d and %d bindings, want 20 and 1", a, b)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 1_000_000)
	b := s.owner(t, phone)
	a := b.Get("/wallet/limits")
	a.Want(t, "no limits", http.StatusOK, "full", "no limit", "All payments: 0 ₫, no limit")
	a.Lack(t, "no limits", "<progress", "From the balance", "In twelve months")

	s.change(t, phone, func(w *pay.Wallet) {
		w.KYC = pay.Basic
		w.Limits.Day[pay.AllSources], w.Limits.Month[pay.FromCard] = 100_000, 300_000
	})
	payOne := func() {
		t.Helper()
		if _, err := s.Pay.PayFromWallet(t.Context(), s.Order(t, nil).Key, w.ID); err != nil {
			t.Fatal(err)
		}
	}
	payOne()
	b.Get("/wallet/limits").Want(t, "used", http.StatusOK, "basic", "20.000.000 ₫", "50.000 ₫ of 200.000.000 ₫",
		"All payments: 50.000 ₫ of 100.000 ₫", "From the balance: 50.000 ₫, no limit", "From cards: 0 ₫ of 300.000 ₫",
		`max="100000" value="50000"`)
	b.Lang = "vi"
	b.Get("/wallet/limits").Want(t, "in Vietnamese", http.StatusOK, "cơ bản", "50.000 ₫ trên 100.000 ₫", "không giới hạn")
	b.Lang = "en"
	move := func(to time.Time, day, month, year string) {
		t.Helper()
		s.Clock.Move(to.Sub(paytest.Start))
		b.Get("/wallet/limits").Want(t, to.String(), http.StatusOK, "All payments: "+day+" of 100.000 ₫",
			"All payments: "+month+", no limit", "<p>"+year+" of 200.000.000 ₫")
	}
	move(paytest.Start.AddDate(0, 0, 1), "0 ₫", "50.000 ₫", "50.000 ₫")
	move(paytest.Start.AddDate(0, 1, 0), "0 ₫", "0 ₫", "50.000 ₫")
	payOne()
	move(paytest.Start.AddDate(0, 1, 0), "50.000 ₫", "50.000 ₫", "100.000 ₫")
	move(paytest.Start.AddDate(0, 12, 0), "0 ₫", "0 ₫", "50.000 ₫")
	move(paytest.Start.AddDate(0, 13, 0), "0 ₫", "0 ₫", "0 ₫")
}

func TestSwitchPayments(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 100_000)
	b := s.owner(t, phone)
	for range 2 { // sent twice
		b.Send("/wallet/payments", url.Values{"payments": {"off"}}).Want(t, "off", http.StatusOK, "Payments are off", "Switch payments on")
	}
	b.Get("/wallet").Want(t, "home", http.StatusOK, "You have switched payments off")
	o := s.Order(t, nil)
	if _, err := s.Pay.PayFromWallet(t.Context(), o.Key, w.ID); err == nil {
		t.Error("the wallet paid with payments off")
	}
	b.Send("/wallet/payments", url.Values{"payments": {"on"}}).Want(t, "on", http.StatusOK, "Payments are on", "Switch payments off")
	if _, err := s.Pay.PayFromWallet(t.Context(), o.Key, w.ID); err != nil {
		t.Errorf("with payments on again: %v", err)
	}
}

func TestChangePIN(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 0)
	b, elsewhere := s.owner(t, phone), s.owner(t, phone)
	change := func(old, pin, again string) url.Values {
		return url.Values{"pin": {old}, "new_pin": {pin}, "new_pin_again": {again}}
	}
	refuse := func(form url.Values, want string) {
		t.Helper()
		b.Do(http.MethodPost, "/wallet/pin", form).Want(t, fmt.Sprint(form), http.StatusUnprocessableEntity, `role="alert"`, want)
	}
	refuse(change(paytest.PIN, "1", "1"), "A PIN has six digits")
	refuse(change(paytest.PIN, "222222", "222223"), "The two PINs are not the same")
	refuse(change("999999", "222222", "222222"), "The old PIN is wrong")
	elsewhere.Get("/wallet/account").Want(t, "still signed in", http.StatusOK, "Account")
	b.Send("/wallet/pin", change(paytest.PIN, "222222", "222222")).Want(t, "changed", http.StatusOK, "The PIN is set", "Account")
	elsewhere.Get("/wallet/account").WantRedirect(t, "elsewhere", "/wallet")
	signIn(s.browser(t), phone, paytest.PIN).Want(t, "old PIN", http.StatusOK, "The phone number or the PIN is wrong")
	signIn(s.browser(t), phone, "222222").Want(t, "new PIN", http.StatusOK, "Nguyễn Thị Sen")
}

// Of changes made together with the same old PIN one is made.
func TestChangePINTogether(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 0)
	browsers := make([]*webtest.Browser, 3) // more would lead to a pause
	for i := range browsers {
		browsers[i] = s.owner(t, phone)
	}
	led := make([]string, len(browsers))
	var changes sync.WaitGroup
	for i, b := range browsers {
		changes.Go(func() {
			pin := strings.Repeat(strconv.Itoa(i+2), 6)
			a := b.Do(http.MethodPost, "/wallet/pin", url.Values{"pin": {paytest.PIN}, "new_pin": {pin}, "new_pin_again": {pin}})
			led[i] = a.Header.Get("Location")
		})
	}
	changes.Wait()
	made := 0
	for _, where := range led {
		if where == "/wallet/account" { // the others see a refusal, or are signed out by the change
			made++
		}
	}
	if made != 1 {
		t.Errorf("%d changes were made, want 1; led to %q", made, led)
	}
}

// Somebody who found an open phone can't try PINs without end.
func TestChangePINPauses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 0)
	b := s.owner(t, phone)
	form := url.Values{"pin": {"999999"}, "new_pin": {"222222"}, "new_pin_again": {"222222"}}
	for range 4 {
		b.Do(http.MethodPost, "/wallet/pin", form).Want(t, "wrong", http.StatusUnprocessableEntity, "The old PIN is wrong")
	}
	b.Do(http.MethodPost, "/wallet/pin", form).Want(t, "fifth", http.StatusUnprocessableEntity, "Too many wrong PINs")
	form.Set("pin", paytest.PIN)
	b.Do(http.MethodPost, "/wallet/pin", form).Want(t, "in the pause", http.StatusUnprocessableEntity, "Too many wrong PINs")
	s.Clock.Move(15 * time.Minute)
	b.Send("/wallet/pin", form).Want(t, "after it", http.StatusOK, "The PIN is set")
}
