package checkout_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen"
	"sen/internal/bank"
	"sen/internal/checkout"
	"sen/internal/pay"
	"sen/internal/payer"
	"sen/internal/paytest"
	"sen/internal/vietqr"
	"sen/internal/web/webtest"
)

func cardForm(number string) url.Values {
	if strings.HasPrefix(number, "9704") {
		return url.Values{"method": {"domestic"}, "card_number": {number}, "card_month": {"10/18"}}
	}
	return url.Values{"method": {"international"}, "card_number": {number}, "card_month": {"12/39"}, "cvv": {"7391"}}
}

func (b *browser) payByCard(o pay.Order, number string) webtest.Page {
	return b.Send("/checkout/"+o.Token+"/card", cardForm(number))
}

func (b *browser) prove(o pay.Order, otp string) webtest.Page {
	return b.Send("/checkout/"+o.Token+"/otp", url.Values{"otp": {otp}})
}

func (b *browser) wantState(t *testing.T, o pay.Order, want string) {
	t.Helper()
	if diff := cmp.Diff(want, b.Get("/checkout/"+o.Token+"/state").Body); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
}

func (s *site) wantOrder(t *testing.T, o pay.Order, want pay.OrderState) {
	t.Helper()
	got, err := s.Pay.OrderByToken(t.Context(), o.Token)
	if err != nil || got.State != want {
		t.Errorf("the order is %s (%v), want %s", got.State, err, want)
	}
}

// marks has what a page has only while a method is chosen.
var marks = map[string]string{
	"wallet": `name="pin"`, "domestic": `name="method" value="domestic"`, "international": `name="method" value="international"`,
}

// What the merchant wants decides what the page offers.
func TestMethods(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	all := []string{"wallet", "domestic", "international"}
	for _, c := range []struct {
		bankCode, embed string
		want            []string
	}{
		{"", "{}", all},
		{"zalopayapp", "{}", all[:1]},
		{"CC", "{}", all[2:]},
		{"SBI", "{}", all[1:2]},
		{"VCB", `{"preferred_payment_method":["zalopay_wallet"]}`, all[1:2]},
		{"", `{"bankgroup":"ATM"}`, all[1:2]},
		{"", `{"preferred_payment_method":["zalopay_wallet"]}`, all[:1]},
		{"", `{"preferred_payment_method":["domestic_card","account"]}`, all[1:2]},
		{"", `{"preferred_payment_method":["international_card"]}`, all[2:]},
		{"", `{"preferred_payment_method":["international_card","bnpl","zalopay_wallet"]}`, []string{"wallet", "international"}},
		{"", `{"preferred_payment_method":[]}`, all},
		{"", `{"preferred_payment_method":["bnpl"]}`, all},
		{"", `{"preferred_payment_method":"zalopay_wallet"}`, all},
		{"", `{"preferred_payment_method":["bnpl"],"bankgroup":"ATM"}`, all[1:2]},
		{"", `{"bankgroup":7}`, all},
	} {
		o := s.Order(t, func(n *pay.NewOrder) { n.BankCode, n.EmbedData = c.bankCode, c.embed })
		path := "/checkout/" + o.Token
		var got []string
		for _, m := range all {
			if strings.Contains(b.Get(path+"?method="+m).Body, marks[m]) {
				got = append(got, m)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("bank code %q, embed data %s (-want +got):\n%s", c.bankCode, c.embed, diff)
		}
		links := strings.Count(b.Get(path).Body, "?method=")
		if choices := len(c.want); links != choices && choices > 1 || choices == 1 && links != 0 {
			t.Errorf("bank code %q, embed data %s: %d links to methods", c.bankCode, c.embed, links)
		}
	}
}

func TestMethodRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 80_000)
	b := s.browser(t)
	const refusal = "This way to pay is not offered here."
	cards := s.Order(t, func(n *pay.NewOrder) { n.BankCode = "CC" })
	b.signIn(cards, phone, paytest.PIN)
	b.pay(cards).Want(t, "from the wallet", http.StatusOK, refusal, `value="international"`)
	b.payByCard(cards, paytest.GoodDomestic).Want(t, "a domestic card", http.StatusOK, refusal)
	wantBalance(t, s, w.ID, 80_000)
	wallets := s.Order(t, func(n *pay.NewOrder) { n.BankCode = "zalopayapp" })
	b.payByCard(wallets, paytest.GoodInternational).Want(t, "a card", http.StatusOK, refusal, "Pay 50.000 ₫")
	form := cardForm(paytest.GoodInternational)
	form.Set("method", "wallet")
	b.Send("/checkout/"+cards.Token+"/card", form).Want(t, "no kind of card", http.StatusOK, refusal)
}

// A gateway without a way to cards offers none.
func TestNoCards(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	server := checkout.Server{Desk: s.desk, Apps: s.Apps, Issuer: vietqr.DefaultIssuer(), Now: s.Clock.Now}
	s.server = httptest.NewServer(server.Handler())
	t.Cleanup(s.server.Close)
	b := s.browser(t)
	o := s.Order(t, nil)
	b.Get("/checkout/"+o.Token+"?method=international").Lack(t, "any method", "?method=", "card-number")
	b.payByCard(o, paytest.GoodInternational).Want(t, "tried", http.StatusOK, "not offered here")
	o = s.Order(t, func(n *pay.NewOrder) { n.BankCode = "CC" })
	a := b.Get("/checkout/" + o.Token)
	a.Want(t, "cards only", http.StatusOK, "There is no way to pay", "/return\"")
	a.Lack(t, "cards only", `name="pin"`, "<svg class=\"qr\"", "card-number")
	b.Get("/checkout/"+o.Token+"?lang=vi").Want(t, "cards only", http.StatusOK, "Không có phương thức thanh toán phù hợp")
}

func TestCardForms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	o := s.Order(t, nil)
	b := s.browser(t)
	const path = "/checkout/"
	a := b.Get(path + o.Token + "?method=international&lang=vi")
	a.Want(t, "international", http.StatusOK, `autocomplete="cc-number"`, `autocomplete="cc-exp"`, `autocomplete="cc-csc"`, `inputmode="numeric"`,
		"Thẻ dùng thử", "4111 1111 1111 1111", "thẻ bị báo mất", "Tháng hết hạn", `href="?method=international" aria-current="true"`)
	b.Get(path+o.Token+"?method=international&lang=en").Want(t, "international", http.StatusOK, "Test cards", "reported lost", "Expires")
	a = b.Get(path + o.Token + "?method=domestic")
	a.Want(t, "domestic", http.StatusOK, `autocomplete="cc-number"`, "9704 5400 0000 0062", "Month of issue", "111111")
	a.Lack(t, "domestic", "cvv", "cc-exp", "4111 1111")
}

func TestPayInternational(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	o := s.Order(t, nil)
	b := s.browser(t)
	a := b.payByCard(o, "5555 5555-5555 4444")
	a.Want(t, "paid", http.StatusOK, "Payment successful", "Card 555555******4444")
	if got, want := a.Header.Get("Refresh"), "5; url=/checkout/"+o.Token+"/return"; got != want {
		t.Errorf("Refresh is %q, want %q", got, want)
	}
	wantReturn(t, s, o, "https://shop.example/thanks?cart=42&", sen.Redirect{PMCID: 36, BankCode: "CC", Status: 1})
	b.wantState(t, o, `{"state":"paid","seconds_left":0}`)
	b.payByCard(o, paytest.GoodInternational).Lack(t, "pressed again", "been paid before")
	b.payByCard(o, "3530111333300000").Want(t, "another card", http.StatusOK, "had been paid before. You have not been charged")
	b.prove(o, bank.OTP).Want(t, "a code for nothing", http.StatusOK, "Payment successful")
}

func TestPayDomestic(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	o := s.Order(t, nil)
	b := s.browser(t)
	a := b.payByCard(o, paytest.GoodDomestic)
	a.Want(t, "code", http.StatusOK, "Enter the code from your bank", "Tiệm Trà Sen", "50.000 ₫", "970454******0070", `autocomplete="one-time-code"`,
		"the code of every card is 111111", "05:00", `data-state="otp"`, "/return\"")
	if got := a.Header.Get("Refresh"); got != "" {
		t.Errorf("a page that is typed into has Refresh %q", got)
	}
	b.Get("/checkout/"+o.Token+"?lang=vi").Want(t, "reloaded", http.StatusOK, "Nhập mã của ngân hàng", "Mã OTP")
	b.Get("/checkout/" + o.Token + "?lang=en")
	b.wantState(t, o, `{"state":"otp","seconds_left":300}`)
	wantReturn(t, s, o, "https://shop.example/", sen.Redirect{Status: -49})
	for _, wrong := range []string{"", "12", "abcdef", "1234567890", "999999", "999998"} {
		a = b.prove(o, wrong)
		a.Want(t, "wrong code "+wrong, http.StatusOK, `role="alert"`, "The code is wrong.", `name="otp"`)
		a.Lack(t, "wrong code "+wrong, "99999", "tries", "attempts")
	}
	b.prove(o, " "+bank.OTP+" ").Want(t, "paid", http.StatusOK, "Payment successful", "Card 970454******0070")
	wantReturn(t, s, o, "https://shop.example/", sen.Redirect{PMCID: 39, BankCode: "SBI", Status: 1})
	b.prove(o, bank.OTP).Want(t, "sent again", http.StatusOK, "Payment successful")
}

func TestPayWalletReturn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 80_000)
	o := s.Order(t, nil)
	b := s.browser(t)
	b.signIn(o, phone, paytest.PIN)
	b.pay(o).Want(t, "paid", http.StatusOK, "<dd class=\"number\">Sen wallet</dd>")
	wantReturn(t, s, o, "https://shop.example/", sen.Redirect{PMCID: 38, Status: 1})
}

// A bank that declines says why; the order can be paid in another way.
func TestDeclines(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, c := range []struct{ number, vi, en string }{
		{paytest.LostDomestic, "thẻ đã bị báo mất", "the card was reported lost"},
		{"4000000000009979", "thẻ đã bị báo mất", "the card was reported lost"},
		{paytest.EmptyDomestic, "thẻ không đủ tiền", "there is not enough money"},
		{"4000000000009995", "thẻ không đủ tiền", "there is not enough money"},
		{"9704540000000005", "Hãy hỏi ngân hàng", "Please ask your bank"},
		{"4242424242424242", "Hãy hỏi ngân hàng", "Please ask your bank"},
	} {
		o := s.Order(t, nil)
		b := s.browser(t)
		a := b.payByCard(o, c.number)
		a.Want(t, c.number, http.StatusOK, `role="alert"`, c.en, "You have not been charged", "Pay 50.000 ₫",
			`name="method" value="`+cardForm(c.number).Get("method")+`"`, `name="card_number"`)
		a.Lack(t, c.number, c.number, c.number[:6]+"**")
		b.Get("/checkout/"+o.Token+"?lang=vi").Want(t, c.number, http.StatusOK, c.vi, "Bạn không bị trừ tiền")
		b.Get("/checkout/" + o.Token + "?lang=en")
		b.wantState(t, o, `{"state":"open","seconds_left":900}`)
		b.payByCard(o, paytest.GoodInternational).Want(t, "another card", http.StatusOK, "Payment successful")
	}
}

func TestTooManyCodes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	o := s.Order(t, nil)
	b := s.browser(t)
	b.payByCard(o, paytest.GoodDomestic)
	b.prove(o, "999999")
	b.prove(o, "999999")
	b.prove(o, "999999").Want(t, "third", http.StatusOK, "too many wrong codes", "Pay 50.000 ₫", `value="domestic"`)
	b.payByCard(o, paytest.GoodDomestic)
	b.prove(o, bank.OTP).Want(t, "begun again", http.StatusOK, "Payment successful")
}

// What can't be a card never reaches a bank, and is not shown again.
func TestWrongCards(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	o := s.Order(t, nil)
	b := s.browser(t)
	for _, c := range []struct {
		member, value, number string
		vi, en                string
	}{
		{"card_number", "5555555555554445", paytest.GoodInternational, "kiểm tra từng chữ số", "check every digit"},
		{"card_number", "", paytest.GoodInternational, "kiểm tra từng chữ số", "check every digit"},
		{"card_number", "55555555555544x4", paytest.GoodInternational, "kiểm tra từng chữ số", "check every digit"},
		{"card_number", "6011111111111117", paytest.GoodInternational, "Visa, Mastercard và JCB", "Visa, Mastercard and JCB"},
		{"card_number", paytest.GoodDomestic, paytest.GoodInternational, "loại thẻ khác", "another kind of card"},
		{"card_number", paytest.GoodInternational, paytest.GoodDomestic, "loại thẻ khác", "another kind of card"},
		{"card_month", "12/25", paytest.GoodInternational, "thẻ đã hết hạn", "the card has expired"},
		{"card_month", "1339", paytest.GoodInternational, "thẻ đã hết hạn", "The month is wrong"},
		{"card_month", "", paytest.GoodDomestic, "thẻ đã hết hạn", "The month is wrong"},
		{"cvv", "7", paytest.GoodInternational, "Mã CVV không đúng", "The CVV is wrong"},
		{"cvv", "73x", paytest.GoodInternational, "Mã CVV không đúng", "The CVV is wrong"},
	} {
		form := cardForm(c.number)
		form.Set(c.member, c.value)
		for lang, text := range map[string]string{"vi": c.vi, "en": c.en} {
			b.Lang = lang
			a := b.Send("/checkout/"+o.Token+"/card", form)
			what := c.member + " " + c.value
			a.Want(t, what, http.StatusOK, `role="alert"`, text, `name="method" value="`+form.Get("method")+`"`)
			a.Lack(t, what, c.number, "5554445", `value="1`, `value="5`, `value="7`, `value="9`)
		}
	}
	s.wantOrder(t, o, pay.OrderCreated)
}

// A bank that answers late is waited for, and then it is as if it had answered
// at once.
func TestSilentBanks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, number string
		after        time.Duration
		want         string
		redirect     sen.Redirect
	}{
		{"approved", paytest.LateDomestic, 61 * time.Second, "Payment successful", sen.Redirect{PMCID: 39, BankCode: "SBI", Status: 1}},
		{"approved", "4000000000003220", 61 * time.Second, "Payment successful", sen.Redirect{PMCID: 36, BankCode: "CC", Status: 1}},
		{"approved when asked", paytest.FlakyDomestic, 31 * time.Second, "Payment successful", sen.Redirect{PMCID: 39, BankCode: "SBI", Status: 1}},
		{"declined", paytest.SilentDomestic, 31 * time.Second, "The bank took too long and declined", sen.Redirect{Status: -49}},
		{"declined", "4000000000000259", 31 * time.Second, "The bank took too long and declined", sen.Redirect{Status: -49}},
	} {
		s := newSite(t)
		o := s.Order(t, nil)
		b := s.browser(t)
		for _, a := range []webtest.Page{b.payByCard(o, c.number), b.Get("/checkout/" + o.Token)} {
			a.Want(t, c.name, http.StatusOK, "Waiting for the bank", "will not be charged twice", "<progress", `data-state="processing"`)
			a.Lack(t, c.name, `name="otp"`, `name="card_number"`)
			if got, want := a.Header.Get("Refresh"), "5; url=/checkout/"+o.Token; got != want {
				t.Errorf("%s: Refresh is %q, want %q", c.name, got, want)
			}
		}
		b.Get("/checkout/"+o.Token+"?lang=vi").Want(t, c.name, http.StatusOK, "Đang chờ ngân hàng")
		b.Get("/checkout/" + o.Token + "?lang=en")
		b.wantState(t, o, `{"state":"processing","seconds_left":0}`)
		wantReturn(t, s, o, "https://shop.example/", sen.Redirect{Status: -49})
		s.RunCharges(t)
		b.Get("/checkout/"+o.Token).Want(t, c.name+" too early", http.StatusOK, "Waiting for the bank")
		s.Clock.Move(c.after)
		s.RunCharges(t)
		b.Get("/checkout/"+o.Token).Want(t, c.name, http.StatusOK, c.want)
		wantReturn(t, s, o, "https://shop.example/", c.redirect)
	}
}

// While a bank is busy with the order, nothing else happens to it.
func TestInFlight(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 80_000)
	o := s.Order(t, func(n *pay.NewOrder) { n.Life = pay.MinLife })
	b, other := s.browser(t), s.browser(t)
	other.signIn(o, phone, paytest.PIN)
	s.Clock.Move(pay.MinLife - time.Second)
	b.payByCard(o, paytest.GoodDomestic).Want(t, "code", http.StatusOK, `name="otp"`)
	if _, err := s.Pay.CancelOrder(t.Context(), o.App, o.AppTransID); !errors.Is(err, pay.ErrOrderInFlight) {
		t.Errorf("CancelOrder: %v, want ErrOrderInFlight", err)
	}
	other.pay(o).Want(t, "from a wallet", http.StatusOK, `name="otp"`)
	other.payByCard(o, paytest.GoodInternational).Want(t, "with another card", http.StatusOK, `name="otp"`, "970454******0070")
	wantBalance(t, s, w.ID, 80_000)
	s.Clock.Move(pay.MinLife + time.Minute)
	if _, err := s.Pay.ExpireOrders(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.Get("/checkout/"+o.Token).Want(t, "after its time", http.StatusOK, `name="otp"`)
	b.prove(o, bank.OTP).Want(t, "finished", http.StatusOK, "Payment successful")
}

// A code that nobody types in ends the attempt: the order can be paid again, if
// there is time left.
func TestCodeTooLate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	long, short := s.Order(t, nil), s.Order(t, func(n *pay.NewOrder) { n.Life = pay.MinLife })
	b.payByCard(long, paytest.GoodDomestic)
	b.payByCard(short, paytest.GoodDomestic)
	s.Clock.Move(5 * time.Minute)
	b.wantState(t, long, `{"state":"otp","seconds_left":0}`)
	s.RunCharges(t)
	b.Get("/checkout/"+long.Token).Want(t, "time left", http.StatusOK, "The code was not entered in time", "Pay 50.000 ₫")
	b.Get("/checkout/"+short.Token).Want(t, "no time left", http.StatusOK, "The order has expired", "You have not been charged")
	b.prove(long, bank.OTP).Want(t, "the code at last", http.StatusOK, "Pay 50.000 ₫")
}

func TestBankOutage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	o := s.Order(t, nil)
	b := s.browser(t)
	b.payByCard(o, paytest.GoodDomestic)
	s.Bank.SetOutage(true)
	b.prove(o, bank.OTP).Want(t, "no bank", http.StatusOK, "Waiting for the bank")
	s.Bank.SetOutage(false)
	s.Clock.Move(31 * time.Second)
	s.RunCharges(t)
	b.Get("/checkout/"+o.Token).Want(t, "the bank is back", http.StatusOK, `name="otp"`)
	b.prove(o, bank.OTP).Want(t, "paid", http.StatusOK, "Payment successful")
}

// However often and fast the buttons are pressed, the card is charged once.
func TestCardTwice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	o := s.Order(t, nil)
	b := s.browser(t)
	press := func(path string, form url.Values) {
		t.Helper()
		var presses sync.WaitGroup
		for range 6 {
			presses.Go(func() {
				if a := b.Do(http.MethodPost, "/checkout/"+o.Token+path, form); a.Status != http.StatusSeeOther {
					t.Errorf("%s: status %d, want 303", path, a.Status)
				}
			})
		}
		presses.Wait()
	}
	press("/card", cardForm(paytest.GoodDomestic))
	press("/otp", url.Values{"otp": {bank.OTP}})
	a := b.Get("/checkout/" + o.Token)
	a.Want(t, "paid", http.StatusOK, "Payment successful")
	a.Lack(t, "paid", `role="alert"`)
	due, err := s.Store.DeliveriesOfOrder(t.Context(), int64(o.Key))
	if err != nil || len(due) > 1 {
		t.Errorf("%d callbacks (%v)", len(due), err)
	}
}

// A card that its owner uses while signed in counts towards the owner's limits;
// a declined one does not.
func TestCardLimits(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 0)
	_, err := s.Pay.ChangeWallet(t.Context(), phone, func(w *pay.Wallet) error {
		w.Limits.Day[pay.FromCard] = 60_000
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser(t)
	first, second := s.Order(t, nil), s.Order(t, nil)
	b.signIn(first, phone, paytest.PIN)
	b.Get("/checkout/"+first.Token+"?method=international").Want(t, "form", http.StatusOK, "counts towards the limits of Nguyễn Thị Sen", "/sign-out\"")
	b.payByCard(first, "4000000000009995").Want(t, "declined", http.StatusOK, "not enough money")
	b.payByCard(first, paytest.GoodInternational).Want(t, "paid", http.StatusOK, "Payment successful")
	b.payByCard(second, paytest.GoodInternational).Want(t, "over the limit", http.StatusOK, `role="alert"`, "passes the wallet&#39;s limit", `value="international"`)
	b.Lang = "vi"
	b.payByCard(second, paytest.GoodInternational).Want(t, "over the limit", http.StatusOK, "vượt hạn mức")
	spent, err := s.Pay.Spent(t.Context(), w.ID)
	if err != nil || spent.ByDay[pay.FromCard] != 50_000 {
		t.Errorf("spent %s (%v), want 50.000 ₫", spent.ByDay[pay.FromCard], err)
	}
	s.browser(t).payByCard(second, paytest.GoodInternational).Want(t, "a guest", http.StatusOK, "Payment successful")
}

func TestPromotionForms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	o := s.Order(t, func(n *pay.NewOrder) { n.EmbedData = `{"promotioninfo":"{\"campaigncode\":\"GONE\"}"}` })
	s.browser(t).payByCard(o, paytest.GoodInternational).Want(t, "no campaign", http.StatusOK, "the promotion of the order is over", "Pay 50.000 ₫")
}

func TestForeignCardForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	o := s.Order(t, nil)
	b := s.browser(t)
	for _, path := range []string{"/card", "/otp"} {
		b.Do(http.MethodPost, "/checkout/"+o.Token+path, cardForm(paytest.GoodInternational), "Sec-Fetch-Site", "cross-site").Want(t, path, http.StatusForbidden)
		b.Do(http.MethodPost, "/checkout/x"+path, cardForm(paytest.GoodInternational)).Want(t, path, http.StatusNotFound, "Order not found")
	}
	s.wantOrder(t, o, pay.OrderCreated)
}

// What is on a card goes to the bank and nowhere else: not into a page, a
// header, a log or the store.
func TestCardsStaySecret(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 80_000)
	b := s.browser(t)
	numbers := []string{paytest.GoodDomestic, paytest.GoodInternational, paytest.LostDomestic, paytest.EmptyDomestic, paytest.SilentDomestic, paytest.FlakyDomestic}
	secrets := []string{`"7391"`, "cvv=", "828282", paytest.LateDomestic}
	for _, n := range numbers {
		secrets = append(secrets, n, n[6:], n[:4]+" "+n[4:8]+" "+n[8:12]+" "+n[12:])
	}
	check := func(a webtest.Page) {
		t.Helper()
		for _, secret := range secrets {
			a.Lack(t, "page", secret)
			for name, values := range a.Header {
				if strings.Contains(strings.Join(values, " "), secret) {
					t.Errorf("the header %s has %q: %q", name, secret, values)
				}
			}
		}
	}
	for _, number := range append(numbers, paytest.LateDomestic, "5555555555554445") {
		o := s.Order(t, nil)
		b.signIn(o, phone, paytest.PIN)
		path := "/checkout/" + o.Token
		form := cardForm(number)
		check(b.Do(http.MethodPost, path+"/card", form))
		check(b.Get(path))
		check(b.Get(path + "?method=" + form.Get("method")))
		check(b.Do(http.MethodPost, path+"/otp", url.Values{"otp": {"828282"}}))
		check(b.Get(path))
		check(b.Do(http.MethodPost, path+"/otp", url.Values{"otp": {bank.OTP}}))
		check(b.Get(path))
		check(b.Get(path + "/return"))
		check(b.Do(http.MethodPost, path+"/card", url.Values{"method": {"domestic"}, "card_number": {number + "%zz"}}))
	}
	s.Clock.Move(2 * time.Minute)
	s.RunCharges(t)
	s.log.WantRoutes(t, []string{"/checkout/{token}/card", "/checkout/{token}/otp"}, secrets)
	s.WantNowhere(t, secrets...)
}

// The methods that a page shows are all those that there are.
func TestEveryMethodHasALabel(t *testing.T) {
	t.Parallel()
	offered := append([]payer.Method{payer.ByWallet}, payer.CardMethods()...)
	for _, c := range payer.Choices(offered, payer.ByDomestic) {
		if c.Label == "" || c.Chosen != (c.Method == payer.ByDomestic) {
			t.Errorf("choice %+v", c)
		}
	}
}
