package checkout_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen/internal/orderlink"
	"sen/internal/pay"
)

// states has an order in each state.
type states struct{ open, paid, expired, cancelled, shut pay.Order }

// openStates opens the orders and moves the clock by ten minutes.
func openStates(t *testing.T, s *site) (o states) {
	t.Helper()
	w := s.OpenWallet(t, phone, 100_000)
	// The one that expires has the shortest life, so the others stay open.
	long := func(n *pay.NewOrder) {
		n.Life, n.Title, n.Description = time.Hour, "Quà Tết", "Đơn hàng #1024"
		n.Item = `[{"itemname":"Trà sen","itemquantity":2,"itemprice":18000},{"itemname":"Mứt","itemprice":"14000"}]`
	}
	o.expired = s.Order(t, func(n *pay.NewOrder) { n.Life = pay.MinLife })
	o.open, o.paid, o.cancelled = s.Order(t, long), s.Order(t, long), s.Order(t, long)
	if _, err := s.Pay.PayFromWallet(t.Context(), o.paid.Key, w.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pay.CancelOrder(t.Context(), o.cancelled.App, o.cancelled.AppTransID); err != nil {
		t.Fatal(err)
	}
	o.shut = s.closedShop(t)
	s.Clock.Move(10 * time.Minute)
	return o
}

// Every state of the page, in both languages.
func TestPageStates(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	o := openStates(t, s)
	for _, c := range []struct {
		name, token string
		status      int
		vi, en      string
		both        []string
	}{
		{"open", o.open.Token, 200, "Đăng nhập ví Sen", "Sign in to your Sen wallet", []string{
			"Tiệm Trà Sen", "Quà Tết", "Đơn hàng #1024", "50.000 ₫", "Trà sen", "2 × 18.000 ₫", "14.000 ₫", o.open.AppTransID,
			"50:00", `role="timer"`, "<svg class=\"qr\"", "0900000001", "/return\"",
		}},
		{"paid", o.paid.Token, 200, "Thanh toán thành công", "Payment successful", []string{"50.000 ₫", o.paid.AppTransID, "260102000000", "12:00:00 02/01/2026", "/return\""}},
		{"expired", o.expired.Token, 200, "Đơn hàng đã hết hạn", "The order has expired", []string{o.expired.AppTransID, "/return\""}},
		{"cancelled", o.cancelled.Token, 200, "Đơn hàng đã bị hủy", "The order was cancelled", []string{o.cancelled.AppTransID, "/return\""}},
		{"shut", o.shut.Token, 404, "không nhận thanh toán", "takes no payments", nil},
		{"unknown", "ACWH4QMH_wQUF_PxXGs4X4pg", 404, "Không tìm thấy đơn hàng", "Order not found", nil},
		{"garbage", "%3Cscript%3E", 404, "Không tìm thấy đơn hàng", "Order not found", nil},
	} {
		b := s.browser(t)
		a := b.Get("/checkout/" + c.token + "?lang=vi")
		a.Want(t, c.name, c.status, append(c.both, c.vi, `<html lang="vi">`, "không phải tiền thật", "không liên kết với Zalopay")...)
		a = b.Get("/checkout/" + c.token) // the choice is remembered, whatever the browser asks for
		a.Want(t, c.name+" again", c.status, c.vi)
		a = b.Get("/checkout/" + c.token + "?lang=en")
		a.Want(t, c.name, c.status, append(c.both, c.en, `<html lang="en">`, "no real money", "not affiliated with Zalopay")...)
		if got := a.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q, want no-store", c.name, got)
		}
	}
}

func TestState(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, "0900000001", 100_000)
	b := s.browser(t)
	open, paid, cancelled := s.Order(t, nil), s.Order(t, nil), s.Order(t, nil)
	if _, err := s.Pay.PayFromWallet(t.Context(), paid.Key, w.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pay.CancelOrder(t.Context(), cancelled.App, cancelled.AppTransID); err != nil {
		t.Fatal(err)
	}
	check := func(o pay.Order, want string) {
		t.Helper()
		if diff := cmp.Diff(want, b.Get("/checkout/"+o.Token+"/state").Body); diff != "" {
			t.Errorf("state (-want +got):\n%s", diff)
		}
	}
	check(open, `{"state":"open","seconds_left":900}`)
	s.Clock.Move(pay.DefaultLife - time.Millisecond)
	check(open, `{"state":"open","seconds_left":1}`)
	s.Clock.Move(pay.DefaultLife)
	check(open, `{"state":"expired","seconds_left":0}`)
	check(paid, `{"state":"paid","seconds_left":0}`)
	check(cancelled, `{"state":"cancelled","seconds_left":0}`)
	b.Get("/checkout/x/state").Want(t, "unknown", http.StatusNotFound)
}

// What a merchant writes is shown, never run.
func TestEscapes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const evil = `"><script>alert(1)</script>`
	o := s.Order(t, func(n *pay.NewOrder) {
		n.Title, n.Description = evil+"title", evil+"description"
		n.Item = `[{"itemname":"\"><script>alert(1)</script>item"}]`
	})
	a := s.browser(t).Get("/checkout/" + o.Token)
	a.Lack(t, "open", "<script>")
	for _, member := range []string{"title", "description", "item"} {
		a.Want(t, "open", http.StatusOK, "&gt;&lt;script&gt;alert(1)&lt;/script&gt;"+member)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	o := s.Order(t, nil)
	b := s.browser(t)
	link := strings.TrimPrefix(orderlink.OrderURL("", o.Token, o.App), orderlink.Path)
	for _, path := range []string{"/openinapp", "/pay", "/pay/v2/qr", "/pay/v2/vietqr"} {
		a := b.Get(path + link)
		if got, want := a.Header.Get("Location"), "/checkout/"+o.Token; a.Status != http.StatusSeeOther || got != want {
			t.Errorf("%s: %d to %q, want 303 to %q", path, a.Status, got, want)
		}
	}
	for _, link := range []string{
		"", "?order=", "?order=%00", "?order=e30=", "?order=https://evil.example/", "?order=eyJ6",
		strings.TrimPrefix(orderlink.OrderURL("", "//evil.example", o.App), orderlink.Path),
		strings.TrimPrefix(orderlink.OrderURL("", o.Token, 554), orderlink.Path), // another app's
	} {
		a := b.Get("/openinapp" + link)
		a.Want(t, "link "+link, http.StatusNotFound, "Order not found")
	}
}

func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	for _, path := range []string{"/", "/checkout/", "/checkout/x/y", "/assets/sen.css"} {
		if a := b.Get(path); a.Status != http.StatusNotFound {
			t.Errorf("GET %s: status %d, want 404", path, a.Status)
		}
	}
	b.Get("/nothing").Want(t, "GET /nothing", http.StatusNotFound, "Page not found", "Request id")
}
