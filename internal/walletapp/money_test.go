package walletapp_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sen/internal/money"
	"sen/internal/orderlink"
	"sen/internal/pay"
	"sen/internal/vietqr"
)

func TestTopUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 0)
	b := s.owner(t, phone)
	total := money.Amount(0)
	for _, c := range []struct {
		amount, choice string
		want           money.Amount
	}{{"50000", "", 50_000}, {"50.000", "", 50_000}, {" 1,000 ₫", "", 1_000}, {"", "100000", 100_000}, {"100.000.000", "", 100_000_000}} {
		key := keyOf(t, b.Get("/wallet/top-up"))
		a := b.Send("/wallet/top-up", url.Values{"key": {key}, "amount": {c.amount}, "choice": {c.choice}})
		total += c.want
		a.Want(t, c.amount+c.choice, http.StatusOK, "The money is in your wallet", total.String())
	}
	for _, amount := range []string{"", "0", "-5", "1e3", "x", "100.000.001", "99999999999999999999"} {
		a := b.Do(http.MethodPost, "/wallet/top-up", url.Values{"key": {"k"}, "amount": {amount}})
		a.Want(t, amount, http.StatusUnprocessableEntity, `role="alert"`, "from 1 ₫ to 100.000.000 ₫", `value="`+amount+`"`)
	}
	b.Do(http.MethodPost, "/wallet/top-up", url.Values{"amount": {"1000"}}).Want(t, "no key", http.StatusBadRequest)
	s.wantBalance(t, w.ID, total)
}

// However often and fast a form is sent, it brings the money once.
func TestTopUpTwice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, other := s.OpenWallet(t, phone, 0), s.OpenWallet(t, "0900000002", 0)
	b := s.owner(t, phone)
	form := url.Values{"key": {keyOf(t, b.Get("/wallet/top-up"))}, "amount": {"70000"}}
	var presses sync.WaitGroup
	for range 8 {
		presses.Go(func() {
			b.Do(http.MethodPost, "/wallet/top-up", form).WantRedirect(t, "top-up", "/wallet")
		})
	}
	presses.Wait()
	s.wantBalance(t, w.ID, 70_000)
	s.owner(t, other.Phone).Send("/wallet/top-up", form)
	s.wantBalance(t, other.ID, 70_000)
}

// A locked wallet can receive.
func TestConditionsAtHome(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 0)
	b := s.owner(t, phone)
	b.Get("/wallet").Lack(t, "free", "locked", "switched payments off")
	s.change(t, phone, func(w *pay.Wallet) { w.Lock(true, s.Clock.Now()) })
	b.Get("/wallet").Want(t, "locked", http.StatusOK, "This wallet is locked")
	key := keyOf(t, b.Get("/wallet/top-up"))
	b.Send("/wallet/top-up", url.Values{"key": {key}, "amount": {"1000"}}).Want(t, "top-up", http.StatusOK, "1.000 ₫")
}

var lineNumber = regexp.MustCompile(`No\. (\d+)`)

// numbersOf returns the numbers of the movements on a page.
func numbersOf(body string) (all []string) {
	for _, m := range lineNumber.FindAllStringSubmatch(body, -1) {
		all = append(all, m[1])
	}
	return all
}

func TestHistory(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.owner(t, s.OpenWallet(t, phone, 0).Phone)
	b.Get("/wallet/history").Want(t, "nothing yet", http.StatusOK, "Nothing has happened")

	w, err := s.Pay.WalletByPhone(t.Context(), phone)
	if err != nil {
		t.Fatal(err)
	}
	s.TopUp(t, phone, 500_000)
	other := s.OpenWallet(t, "0900000002", 700_000)
	o := s.Order(t, func(n *pay.NewOrder) { n.Description = "Quà <b>Tết</b>" })
	p, err := s.Pay.PayFromWallet(t.Context(), o.Key, w.ID)
	if err != nil {
		t.Fatal(err)
	}
	s.refund(t, p, 20_000)
	x := s.bind(t, w.ID, nil)
	charged := s.Order(t, nil)
	_, err = s.Pay.PayByToken(t.Context(), pay.TokenPayment{App: s.App, PayToken: x.PayToken, Identifier: x.Identifier, OrderToken: charged.Token})
	if err != nil {
		t.Fatal(err)
	}
	a := b.Get("/wallet/history")
	a.Want(t, "history", http.StatusOK, "&#43;500.000 ₫", "−50.000 ₫", "&#43;20.000 ₫", "Payment · Tiệm Trà Sen", "Refund · Tiệm Trà Sen",
		"Top-up", "Quà &lt;b&gt;Tết&lt;/b&gt;", strconv.FormatInt(p.Number, 10), "charged by link", "12:00:00 02/01/2026")
	a.Lack(t, "history", "<b>Tết", "700.000", "Older")
	if got := len(numbersOf(a.Body)); got != 4 {
		t.Errorf("%d movements, want 4", got)
	}
	b.Lang = "vi"
	b.Get("/wallet/history").Want(t, "in Vietnamese", http.StatusOK, "Thanh toán · Tiệm Trà Sen", "Hoàn tiền", "trừ qua liên kết")
	s.owner(t, other.Phone).Get("/wallet/history").Lack(t, "somebody else's", "50.000", "Tiệm Trà Sen")
}

// refund carries out a refund of the payment.
func (s *site) refund(t *testing.T, p pay.Payment, amount money.Amount) {
	t.Helper()
	now := s.Clock.Now()
	_, err := s.Pay.RequestRefund(t.Context(), pay.NewRefund{
		App: s.App, MRefundID: now.Format("060102") + "_" + strconv.FormatInt(int64(s.App.ID), 10) + "_1",
		Payment: p.Number, Amount: amount, Timestamp: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pay.RunRefunds(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// The pages of a history hold every movement once, also when a new one is made
// between them.
func TestHistoryPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 0)
	for range 45 {
		s.TopUp(t, phone, 1_000)
	}
	b := s.owner(t, phone)
	older := regexp.MustCompile(`href="(/wallet/history\?before=\d+)"`)
	var numbers []string
	var counts []int
	for path := "/wallet/history"; path != ""; {
		a := b.Get(path)
		found := numbersOf(a.Body)
		numbers, counts = append(numbers, found...), append(counts, len(found))
		s.TopUp(t, phone, 1_000)
		path = ""
		if m := older.FindStringSubmatch(a.Body); m != nil {
			path = m[1]
		}
	}
	if diff := cmp.Diff([]int{20, 20, 5}, counts); diff != "" {
		t.Errorf("movements on each page (-want +got):\n%s", diff)
	}
	if !slices.IsSortedFunc(numbers, func(a, b string) int { return strings.Compare(b, a) }) || len(slices.Compact(numbers)) != 45 {
		t.Errorf("the numbers do not fall: %q", numbers)
	}
	b.Get("/wallet/history?before=1").Want(t, "the end", http.StatusOK, "There is nothing older", "Back to the newest")
	for _, odd := range []string{"x", "-1", "0", "99999999999999999999"} {
		if got := len(numbersOf(b.Get("/wallet/history?before=" + odd).Body)); got != 20 {
			t.Errorf("before %s: %d movements, want the first page", odd, got)
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 0)
	o, x := s.Order(t, nil), s.Binding(t, nil)
	b := s.owner(t, phone)
	issuer := vietqr.DefaultIssuer()
	for name, c := range map[string]struct{ text, want string }{
		"link":         {orderlink.OrderURL("https://elsewhere.example", o.Token, o.App), orderlink.Page(o.Token)},
		"page":         {"https://pay.example" + orderlink.Page(o.Token), orderlink.Page(o.Token)},
		"code":         {" " + issuer.Encode(o.Token, int64(o.Key), o.Amount) + "\r\n", orderlink.Page(o.Token)},
		"binding":      {orderlink.BindingURL("https://pay.example", x.Token), orderlink.BindingPage(x.Token)},
		"binding code": {orderlink.BindingShortURL("https://pay.example", x.Token), orderlink.BindingPage(x.Token)},
	} {
		b.Do(http.MethodPost, "/wallet/open", url.Values{"text": {c.text}}).WantRedirect(t, name, c.want)
	}
	for name, text := range map[string]string{
		"nothing":         "",
		"a word":          "hello",
		"elsewhere":       "https://evil.example/",
		"no such order":   orderlink.OrderURL("", o.Token[:23]+"!", o.App),
		"no such binding": orderlink.BindingURL("", x.Token[:31]+"!"),
		"a path":          "https://pay.example/checkout/..%2F..%2F%2Fevil.example",
		"another issuer":  vietqr.Issuer{GUID: "com.other", BIN: "999997", Prefix: "99SN"}.Encode(o.Token, 1, 1),
		"long":            strings.Repeat("x", 5_000),
	} {
		a := b.Do(http.MethodPost, "/wallet/open", url.Values{"text": {text}})
		a.Want(t, name, http.StatusUnprocessableEntity, `role="alert"`, "This names no order that we know")
	}
	a := b.Do(http.MethodPost, "/wallet/open", url.Values{"text": {`</textarea><script>x</script>`}})
	a.Lack(t, "escaping", "<script>x")
}
