//go:build browser

package browsertest

import (
	"fmt"
	"testing"
	"time"

	"sen"
	"sen/internal/control"
)

// An order is paid at the hosted page; the shop hears it twice, by the browser
// and by callback, and both verify.
func TestBrowserPay(t *testing.T) {
	t.Parallel()
	g := start(t)
	v := open(t, g.url, "vi")
	appTransID, o := g.order(t, 50_000)
	v.visit(o.OrderURL)
	v.wantText(".card h1", "Sen Coffee")
	v.wantText(".amount", "50.000 ₫")
	v.signIn(payer, pin)
	v.press(`form[action$="/pay"] button`)
	v.ended("Thanh toán thành công")
	v.leaves()
	v.wantText("#said", fmt.Sprintf("%s: 1 of 50000 by %d, cart 42", appTransID, sen.MethodWallet))

	c := g.heard(t)
	if c.Order == nil || c.Order.AppTransID != appTransID || c.Order.Amount != 50_000 {
		t.Errorf("the callback says %+v", c.Order)
	}
	g.wantSpent(t, 50_000)
	v.visit(g.url + "/wallet") // signed in at the order is signed in at the wallet
	v.wantText(".balance-card .amount", "4.950.000 ₫")
	v.wantText(".lines .sum", "−50.000 ₫")
}

// The page goes on by itself when nobody presses anything.
func TestBrowserReturnsByItself(t *testing.T) {
	t.Parallel()
	g := start(t)
	v := open(t, g.url, "en")
	appTransID, o := g.order(t, 60_000)
	v.visit(o.OrderURL)
	v.read("#time-left")
	if _, err := g.control.Pay(t.Context(), control.PayOrder{Order: o.OrderURL, Wallet: payer}); err != nil {
		t.Fatal(err)
	}
	v.ended("Payment successful")
	v.wantText("#said", fmt.Sprintf("%s: 1 of 60000 by %d, cart 42", appTransID, sen.MethodWallet))
}

// A payer lets the shop charge the wallet, is charged, and ends it.
func TestBrowserBind(t *testing.T) {
	t.Parallel()
	g := start(t)
	v := open(t, g.url, "en")
	b := g.bind(t, "bind")
	v.visit(b.BindingQRLink)
	v.wantText(".card h1", "Sen Coffee")
	v.signIn(payer, pin)
	v.press(`form[action$="/confirm"] button`)
	v.ended("The wallet is linked")
	v.leaves()
	v.wantText("#said", b.BindingID+": 1, user lan")
	agreed := g.wantAgreement(t, b.BindingID, sen.BindingConfirmed, sen.BindingCreatedMessage)

	appTransID, o := g.order(t, 70_000)
	charge := func(o *sen.CreateOrderResponse) sen.PayByTokenWalletResponse {
		t.Helper()
		return call[sen.PayByTokenWalletResponse](t, g, "/v2/agreement/pay", map[string]string{
			"identifier": "lan", "zp_trans_token": o.ZPTransToken, "pay_token": agreed.PayToken,
		})
	}
	if paid := charge(o); paid.ReturnCode != sen.Success && paid.ReturnCode != sen.Processing {
		t.Fatalf("charging was refused: %+v", paid)
	}
	if c := g.heard(t); c.Order == nil || c.Order.AppTransID != appTransID {
		t.Errorf("the callback says %+v, want the order %s", c, appTransID)
	}

	v.visit(g.url + "/wallet/bindings")
	v.press(".lines a")
	v.press(`form[action$="/end"] button`)
	v.wantText(".notice", "The link has ended.")
	g.wantAgreement(t, b.BindingID, sen.BindingCancelled, sen.BindingChangedMessage)
	_, o = g.order(t, 80_000)
	if refused := charge(o); refused.ReturnCode != sen.Failure {
		t.Errorf("charging after the end: %+v", refused)
	}
	g.wantSpent(t, 70_000)
}

func TestBrowserDecline(t *testing.T) {
	t.Parallel()
	g := start(t)
	v := open(t, g.url, "vi")
	b := g.bind(t, "decline")
	v.visit(b.ShortLink)
	v.press(`form[action$="/decline"] button`)
	v.ended("Bạn đã từ chối")
	v.wantText("#said", b.BindingID+": -1, user lan")
}

// Time runs out under an open page, which says so by itself.
func TestBrowserExpiry(t *testing.T) {
	t.Parallel()
	g := start(t)
	v, w := open(t, g.url, "vi"), open(t, g.url, "en")
	began := time.Now()
	appTransID, o := g.order(t, 90_000)
	b := g.bind(t, "expiry")
	v.visit(o.OrderURL)
	w.visit(b.BindingURL)
	for _, page := range []*visitor{v, w} {
		shown := page.read("#time-left")
		var minutes, seconds time.Duration
		if _, err := fmt.Sscanf(shown, "%d:%d", &minutes, &seconds); err != nil {
			t.Fatalf("%q are left: %v", shown, err)
		}
		const all, apart = 15 * time.Minute, 2 * time.Second // the page shows full seconds
		left := minutes*time.Minute + seconds*time.Second
		if left > all || left < all-time.Since(began)-apart {
			t.Errorf("%s are left %s after it began, of %s", shown, time.Since(began), all)
		}
	}
	if _, err := g.control.MoveClock(t.Context(), control.MoveClock{Advance: "15m"}); err != nil {
		t.Fatal(err)
	}
	v.wantText(".result h1", "Đơn hàng đã hết hạn")
	v.press(`a[href$="/return"]`)
	v.wantText("#said", fmt.Sprintf("%s: %d of 90000 by 0, cart 42", appTransID, sen.CodeExpired))
	w.wantText(".result h1", "The time to answer is over")
	w.press(`a[href$="/return"]`)
	w.wantText("#said", b.BindingID+": -1, user lan")
}
