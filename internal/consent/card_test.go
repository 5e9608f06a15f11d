package consent_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen/internal/bank"
	"sen/internal/consent"
	"sen/internal/orderlink"
	"sen/internal/pay"
	"sen/internal/payer"
	"sen/internal/paytest"
	"sen/internal/web/webtest"
)

func cardForm(number string) url.Values {
	if strings.HasPrefix(number, "9704") {
		return url.Values{"method": {"domestic"}, "card_number": {number}, "card_month": {"1018"}}
	}
	return url.Values{"method": {"international"}, "card_number": {number}, "card_month": {"1239"}, "cvv": {"7391"}}
}

func giveCard(b *webtest.Browser, x pay.Binding, number string) webtest.Page {
	return b.Send(orderlink.BindingPage(x.Token)+"/card", cardForm(number))
}

func prove(b *webtest.Browser, x pay.Binding, otp string) webtest.Page {
	return b.Send(orderlink.BindingPage(x.Token)+"/otp", url.Values{"otp": {otp}})
}

// cardBinding asks for the binding of a card; an amount is to be paid with it.
func (s *site) cardBinding(t *testing.T, pays bool) pay.Binding {
	t.Helper()
	return s.Binding(t, func(n *pay.NewBinding) {
		n.Kind, n.CallbackURL = pay.CardBinding, "https://shop.example/callback"
		if pays {
			n.Pay = &pay.NewOrder{
				App: n.App, AppTransID: n.AppTransID, AppUser: n.Identifier, AppTime: n.ReqDate, Amount: 50_000,
				Description: "Gói tháng", Item: "[]", EmbedData: "{}", RedirectURL: n.RedirectURL, Life: pay.DefaultLife,
			}
		}
	})
}

func (s *site) wantCardState(t *testing.T, x pay.Binding, want pay.BindingState, masked string) pay.BindingStatus {
	t.Helper()
	got, err := s.Pay.BindingStatus(t.Context(), x.App, x.AppTransID)
	if err != nil || got.Binding.State != want || got.Card.Masked != masked {
		t.Errorf("the binding is %s of card %q (%v), want %s of %q", got.Binding.State, got.Card.Masked, err, want, masked)
	}
	return got
}

func wantStateJSON(t *testing.T, b *webtest.Browser, x pay.Binding, want string) {
	t.Helper()
	if diff := cmp.Diff(want, b.Get(orderlink.BindingPage(x.Token)+"/state").Body); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
}

// inBoth looks at the page of a binding in both languages.
func inBoth(t *testing.T, b *webtest.Browser, what string, x pay.Binding, vi, en string, both ...string) {
	t.Helper()
	page := orderlink.BindingPage(x.Token)
	b.Get(page+"?lang=vi").Want(t, what, http.StatusOK, append(both, vi, `<html lang="vi">`)...)
	b.Get(page+"?lang=en").Want(t, what, http.StatusOK, append(both, en, `<html lang="en">`)...)
}

func TestCardAsked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	x := s.cardBinding(t, false)
	inBoth(t, b, "asked", x, "Yêu cầu lưu thẻ của bạn", "You are not charged now", "Tiệm Trà Sen", "lan@shop.example",
		"15:00", `autocomplete="cc-number"`, "/decline\"", `<svg class="qr"`, "9704 5400 0000 0062")
	b.Get(orderlink.BindingPage(x.Token)).Lack(t, "asked", `name="pin"`, "₫")
	b.Get(orderlink.BindingPage(x.Token)+"?method=international").Want(t, "international", http.StatusOK, `autocomplete="cc-csc"`, "4111 1111 1111 1111")
	paying := s.cardBinding(t, true)
	inBoth(t, b, "asked to pay", paying, "bạn trả ngay 50.000 ₫", "you pay 50.000 ₫ now", "Gói tháng", `class="amount">50.000 ₫`)
}

func TestBindInternational(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	x := s.cardBinding(t, false)
	a := giveCard(b, x, paytest.GoodInternational)
	a.Want(t, "bound", http.StatusOK, "The card is stored", "555555******4444", "Tiệm Trà Sen may now charge your card")
	a.Lack(t, "bound", "₫")
	if got, want := a.Header.Get("Refresh"), "5; url="+orderlink.BindingPage(x.Token)+"/return"; got != want {
		t.Errorf("Refresh is %q, want %q", got, want)
	}
	b.Get(orderlink.BindingPage(x.Token)+"?lang=vi").Want(t, "bound", http.StatusOK, "Đã lưu thẻ")
	s.wantCardState(t, x, pay.BindingConfirmed, "555555******4444")
	s.wantReturn(t, "bound", x, "https://shop.example/linked?cart=42&binding_id="+x.Token+"&status=1")
	wantStateJSON(t, b, x, `{"state":"confirmed","seconds_left":0}`)
	b.Lang = "en"
	giveCard(b, x, paytest.GoodDomestic).Want(t, "another card", http.StatusOK, "Đã lưu thẻ")
	s.wantCardState(t, x, pay.BindingConfirmed, "555555******4444")
	if _, err := s.Pay.EndBinding(t.Context(), x.Token, pay.Ender{Operator: true}); err != nil {
		t.Fatal(err)
	}
	inBoth(t, b, "ended", x, "Liên kết đã chấm dứt", "can no longer charge your card")
}

func TestBindDomestic(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	x := s.cardBinding(t, true)
	giveCard(b, x, paytest.GoodDomestic).Want(t, "code", http.StatusOK, `name="otp"`, "50.000 ₫", "970454******0070", "/return\"")
	inBoth(t, b, "code", x, "Nhập mã của ngân hàng", "Enter the code from your bank", "970454******0070")
	wantStateJSON(t, b, x, `{"state":"otp","seconds_left":300}`)
	s.wantReturn(t, "code", x, "https://shop.example/linked?cart=42&binding_id="+x.Token+"&status=-1")
	answer(b, x, "decline").Want(t, "declined in flight", http.StatusOK, `name="otp"`)
	giveCard(b, x, paytest.GoodInternational).Want(t, "another card in flight", http.StatusOK, "970454******0070", `name="otp"`)
	for _, wrong := range []string{"", "x", "999999", "999999"} {
		prove(b, x, wrong).Want(t, "wrong code", http.StatusOK, `role="alert"`, "The code is wrong.", `name="otp"`)
	}
	prove(b, x, bank.OTP).Want(t, "bound", http.StatusOK, "The card is stored", "50.000 ₫", "Paid")
	prove(b, x, bank.OTP).Want(t, "sent again", http.StatusOK, "The card is stored")
	st := s.wantCardState(t, x, pay.BindingConfirmed, "970454******0070")
	if st.Order.State != pay.OrderPaid {
		t.Errorf("the order is %s, want paid", st.Order.State)
	}
}

func TestBindDeclines(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, c := range []struct {
		number string
		pays   bool
		vi, en string
	}{
		{paytest.LostDomestic, false, "thẻ đã bị báo mất", "the card was reported lost"},
		{paytest.EmptyDomestic, true, "thẻ không đủ tiền", "there is not enough money"},
		{"4000000000009995", true, "thẻ không đủ tiền", "there is not enough money"},
		{"4242424242424242", false, "Hãy hỏi ngân hàng", "Please ask your bank"},
	} {
		b := s.browser(t)
		x := s.cardBinding(t, c.pays)
		giveCard(b, x, c.number).Want(t, c.number, http.StatusOK, `role="alert"`, c.en, `name="method" value="`+cardForm(c.number).Get("method")+`"`)
		inBoth(t, b, c.number, x, c.vi, c.en, `name="card_number"`)
		wantStateJSON(t, b, x, `{"state":"open","seconds_left":900}`)
		s.wantCardState(t, x, pay.BindingPending, "")
		giveCard(b, x, paytest.GoodInternational).Want(t, "another card", http.StatusOK, "The card is stored")
	}
}

func TestBindWrongCards(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	x := s.cardBinding(t, false)
	for member, c := range map[string]struct{ value, want string }{
		"card_number": {"5555555555554445", "check every digit"},
		"card_month":  {"1225", "the card has expired"},
		"cvv":         {"12", "The CVV is wrong"},
		"method":      {"wallet", "not offered here"},
	} {
		form := cardForm(paytest.GoodInternational)
		form.Set(member, c.value)
		a := b.Send(orderlink.BindingPage(x.Token)+"/card", form)
		a.Want(t, member, http.StatusOK, `role="alert"`, c.want, `name="card_number"`)
		a.Lack(t, member, paytest.GoodInternational, "5554445", "1225", "7391")
	}
	s.wantCardState(t, x, pay.BindingPending, "")
}

func TestBindSilentBanks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	late, never := s.cardBinding(t, false), s.cardBinding(t, true)
	a := giveCard(b, late, paytest.FlakyDomestic)
	a.Want(t, "waiting", http.StatusOK, "Waiting for the bank", `data-state="processing"`)
	if got, want := a.Header.Get("Refresh"), "5; url="+orderlink.BindingPage(late.Token); got != want {
		t.Errorf("Refresh is %q, want %q", got, want)
	}
	inBoth(t, b, "waiting", late, "Đang chờ ngân hàng", "Waiting for the bank")
	wantStateJSON(t, b, late, `{"state":"processing","seconds_left":0}`)
	giveCard(b, never, paytest.SilentDomestic)
	s.Clock.Move(31 * time.Second)
	s.RunCharges(t)
	inBoth(t, b, "bound", late, "Đã lưu thẻ", "The card is stored", "970454******0112")
	inBoth(t, b, "declined", never, "đã từ chối", "The bank took too long", `name="card_number"`)
}

// A card that the bank looks at when the time is up is waited for: the binding
// does not lapse under a charge.
func TestBindTooLate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	idle, busy := s.cardBinding(t, false), s.cardBinding(t, true)
	s.Clock.Move(pay.ConfirmTime - time.Second)
	giveCard(b, busy, paytest.GoodDomestic)
	s.Clock.Move(pay.ConfirmTime)
	if _, err := s.Pay.LapseBindings(t.Context()); err != nil {
		t.Fatal(err)
	}
	inBoth(t, b, "idle", idle, "Đã hết thời gian", "The card is not stored", "/return\"")
	giveCard(b, idle, paytest.GoodInternational).Want(t, "a card at last", http.StatusOK, "The time to answer is over")
	b.Get(orderlink.BindingPage(busy.Token)).Want(t, "busy", http.StatusOK, `name="otp"`)
	prove(b, busy, bank.OTP).Want(t, "finished", http.StatusOK, "The card is stored", "Paid", "50.000 ₫")
	s.wantCardState(t, busy, pay.BindingConfirmed, "970454******0070")
	s.wantCardState(t, idle, pay.BindingLapsed, "")
}

func TestCardDeclined(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	x := s.cardBinding(t, false)
	answer(b, x, "decline").Want(t, "declined", http.StatusOK, "You declined", "charge your card")
	giveCard(b, x, paytest.GoodInternational).Want(t, "changed their mind", http.StatusOK, "You declined")
	prove(b, x, bank.OTP).Want(t, "a code for nothing", http.StatusOK, "You declined")
	s.wantCardState(t, x, pay.BindingLapsed, "")
}

// The order that comes with a binding is paid once, whoever pays it.
func TestBindOrderClosed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 80_000)
	b := s.browser(t)
	x := s.cardBinding(t, true)
	if _, err := s.Pay.PayFromWallet(t.Context(), x.Order, w.ID); err != nil {
		t.Fatal(err)
	}
	giveCard(b, x, paytest.GoodInternational).Want(t, "paid", http.StatusOK, "can&#39;t be paid any more", "not been charged")
	s.wantCardState(t, x, pay.BindingPending, "")
}

// A card that would pay an order whose promotion is over is told so.
func TestBindNoPromotion(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	x := s.Binding(t, func(n *pay.NewBinding) {
		n.Kind, n.CallbackURL = pay.CardBinding, "https://shop.example/callback"
		n.Pay = &pay.NewOrder{
			App: n.App, AppTransID: n.AppTransID, AppUser: n.Identifier, AppTime: n.ReqDate, Amount: 50_000, Description: "Gói tháng",
			Item: "[]", EmbedData: `{"promotioninfo":"{\"campaigncode\":\"GONE\"}"}`, Life: pay.DefaultLife,
		}
	})
	giveCard(b, x, paytest.GoodInternational).Want(t, "no campaign", http.StatusOK, "The promotion of the order is over", `name="card_number"`)
	s.wantCardState(t, x, pay.BindingPending, "")
}

func TestBindTwice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	x := s.cardBinding(t, true)
	press := func(path string, form url.Values) {
		t.Helper()
		var presses sync.WaitGroup
		for range 6 {
			presses.Go(func() {
				if a := b.Do(http.MethodPost, orderlink.BindingPage(x.Token)+path, form); a.Status != http.StatusSeeOther {
					t.Errorf("%s: status %d, want 303", path, a.Status)
				}
			})
		}
		presses.Wait()
	}
	press("/card", cardForm(paytest.GoodDomestic))
	press("/otp", url.Values{"otp": {bank.OTP}})
	a := b.Get(orderlink.BindingPage(x.Token))
	a.Want(t, "bound", http.StatusOK, "The card is stored")
	a.Lack(t, "bound", `role="alert"`)
	due, err := s.Store.DeliveriesOfOrder(t.Context(), int64(x.Key))
	if err != nil || len(due) != 1 {
		t.Errorf("%d callbacks of the binding (%v), want 1", len(due), err)
	}
}

// What a card's page takes is nothing for a wallet's, and the other way round.
func TestKindsApart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 0)
	b := s.browser(t)
	wallet, card := s.Binding(t, nil), s.cardBinding(t, false)
	b.Do(http.MethodPost, orderlink.BindingPage(wallet.Token)+"/card", cardForm(paytest.GoodInternational)).Want(t, "card for a wallet", http.StatusConflict)
	b.Get(orderlink.BindingPage(wallet.Token)).Lack(t, "wallet", "card_number")
	signIn(b, wallet, phone, paytest.PIN)
	b.Do(http.MethodPost, orderlink.BindingPage(card.Token)+"/confirm", url.Values{}).Want(t, "wallet for a card", http.StatusConflict)
	s.wantState(t, wallet, pay.BindingPending, 0)
	s.wantCardState(t, card, pay.BindingPending, "")
}

func TestNoCards(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	server := consent.Server{Desk: &payer.Desk{Site: s.pages, Pay: s.Pay}, Apps: s.Apps, Now: s.Clock.Now, BaseURL: "https://pay.example"}
	s.server = httptest.NewServer(server.Handler())
	t.Cleanup(s.server.Close)
	b := s.browser(t)
	x := s.cardBinding(t, false)
	inBoth(t, b, "no cards", x, "Hiện không lưu được thẻ", "No card can be stored at the moment", "/decline\"")
	b.Get(orderlink.BindingPage(x.Token)).Lack(t, "no cards", "card_number", "9704")
	giveCard(b, x, paytest.GoodInternational).Want(t, "tried", http.StatusOK, "not offered here")
	s.wantCardState(t, x, pay.BindingPending, "")
}

func TestCardsStaySecret(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	numbers := []string{paytest.GoodDomestic, paytest.GoodInternational, paytest.LostDomestic, paytest.EmptyDomestic, paytest.SilentDomestic, paytest.FlakyDomestic}
	secrets := []string{`"7391"`, "cvv=", "828282"}
	for _, n := range numbers {
		secrets = append(secrets, n, n[6:], n[:4]+" "+n[4:8]+" "+n[8:12]+" "+n[12:])
	}
	for _, number := range append(numbers, "5555555555554445") {
		x := s.cardBinding(t, true)
		page := orderlink.BindingPage(x.Token)
		pages := []webtest.Page{
			b.Do(http.MethodPost, page+"/card", cardForm(number)), b.Get(page),
			b.Do(http.MethodPost, page+"/otp", url.Values{"otp": {"828282"}}), b.Get(page),
			b.Do(http.MethodPost, page+"/otp", url.Values{"otp": {bank.OTP}}), b.Get(page), b.Get(page + "/return"),
		}
		for _, a := range pages {
			a.Lack(t, number, secrets...)
			for _, secret := range secrets {
				for name, values := range a.Header {
					if strings.Contains(strings.Join(values, " "), secret) {
						t.Errorf("the header %s has %q: %q", name, secret, values)
					}
				}
			}
		}
	}
	s.Clock.Move(2 * time.Minute)
	s.RunCharges(t)
	s.log.WantRoutes(t, []string{"/binding/{token}/card", "/binding/{token}/otp"}, secrets)
	s.WantNowhere(t, secrets...)
}
