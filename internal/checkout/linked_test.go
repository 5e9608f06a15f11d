package checkout_test

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"sen/internal/bank"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/paytest"
	"sen/internal/web/webtest"
)

const goodCard bank.Number = "9704540000000062"

// link links a card to the wallet.
func (s *site) link(t *testing.T, w pay.Wallet, n bank.Number) pay.CardID {
	t.Helper()
	c, err := s.Pay.LinkCard(t.Context(), w.ID, bank.Card{Number: n, Expiry: "1239", CVV: "123"})
	if err == nil && c.State == pay.ChargeOTP {
		_, err = s.Pay.SubmitOTP(t.Context(), c.Number, bank.OTP)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c.Card
}

func (b *browser) payLinked(o pay.Order, id pay.CardID) webtest.Page {
	return b.Send("/checkout/"+o.Token+"/card", url.Values{"linked": {strconv.FormatInt(int64(id), 10)}})
}

func TestPayLinked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 80_000)
	id := s.link(t, w, goodCard)
	s.Clock.Move(time.Second)
	s.link(t, w, "4111111111111111")
	o := s.Order(t, nil)
	b := s.browser(t)
	b.Get("/checkout/"+o.Token).Lack(t, "nobody", "linked card", "0062\"")
	a := b.signIn(o, phone, paytest.PIN)
	a.Want(t, "signed in", http.StatusOK, "Pay 50.000 ₫ with a linked card", "NAPAS", "•••• 0062", "VISA", "•••• 1111")
	a.Lack(t, "signed in", "970454", "411111", string(goodCard))
	a = b.Get("/checkout/" + o.Token + "?method=domestic")
	a.Want(t, "domestic", http.StatusOK, "•••• 0062", "Or enter another card")
	a.Lack(t, "domestic", "•••• 1111")

	b.payLinked(o, id).Want(t, "asked for a code", http.StatusOK, "Enter the code from your bank", "970454******0062")
	b.prove(o, "222222").Want(t, "wrong code", http.StatusOK, `role="alert"`, `name="otp"`)
	b.prove(o, bank.OTP).Want(t, "paid", http.StatusOK, "Payment successful", "970454******0062")
	a = b.payLinked(o, id)
	a.Want(t, "pressed twice", http.StatusOK, "Payment successful")
	a.Lack(t, "pressed twice", "been paid before")
	wantBalance(t, s, w.ID, 80_000)
	if spent, err := s.Pay.Spent(t.Context(), w.ID); err != nil || spent.ByDay[pay.FromBank] != 50_000 {
		t.Errorf("it counts as %v (%v)", spent.ByDay, err)
	}
}

// Nobody pays with a card that is not theirs, or is gone, or over a limit.
func TestPayLinkedRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, other := s.OpenWallet(t, phone, 0), s.OpenWallet(t, "0900000002", 0)
	mine, theirs := s.link(t, w, goodCard), s.link(t, other, goodCard)
	o := s.Order(t, nil)
	b := s.browser(t)
	b.payLinked(o, mine).Want(t, "signed out", http.StatusOK, "no longer signed in", `name="pin"`)
	b.signIn(o, phone, paytest.PIN)
	for _, id := range []pay.CardID{theirs, 1, -1} {
		b.payLinked(o, id).Want(t, "another's", http.StatusOK, "no longer linked", "Pay 50.000 ₫")
	}
	wallet := s.Order(t, func(n *pay.NewOrder) { n.BankCode = "zalopayapp" })
	b.Get("/checkout/"+wallet.Token).Lack(t, "no cards wanted", "•••• 0062")
	b.payLinked(wallet, mine).Want(t, "no cards wanted", http.StatusOK, "no longer linked")

	limit := func(most money.Amount) {
		t.Helper()
		_, err := s.Pay.ChangeWallet(t.Context(), phone, func(w *pay.Wallet) error {
			w.Limits.Day[pay.FromBank] = most
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	limit(o.Amount - 1)
	b.payLinked(o, mine).Want(t, "over the limit", http.StatusOK, "passes the wallet", "Pay 50.000 ₫")
	limit(0)
	if err := s.Pay.UnlinkCard(t.Context(), w.ID, mine); err != nil {
		t.Fatal(err)
	}
	b.payLinked(o, mine).Want(t, "removed", http.StatusOK, "no longer linked")
	got, err := s.Pay.OrderByToken(t.Context(), o.Token)
	if err != nil || got.State != pay.OrderCreated {
		t.Errorf("the order is %s (%v)", got.State, err)
	}
}

// What a promotion takes off is told before and after.
func TestDiscount(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	now := s.Clock.Now()
	err := s.Pay.OpenCampaign(t.Context(), pay.Campaign{
		Code: "TET", StartsAt: now, EndsAt: now.Add(time.Hour), Budget: 5_000, Discount: 5_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	w := s.OpenWallet(t, phone, 45_000)
	promoted := func(n *pay.NewOrder) { n.EmbedData = `{"promotioninfo":"{\"campaigncode\":\"TET\"}"}` }
	o, late := s.Order(t, promoted), s.Order(t, promoted)
	b := s.browser(t)
	b.Get("/checkout/"+late.Token).Want(t, "guest", http.StatusOK, "Promotion", "−5.000 ₫", "45.000 ₫", "50.000 ₫")
	a := b.signIn(o, phone, paytest.PIN)
	a.Want(t, "signed in", http.StatusOK, "−5.000 ₫", "Pay 45.000 ₫")
	a.Lack(t, "signed in", "too low")
	b.pay(o).Want(t, "paid", http.StatusOK, "Payment successful", "45.000 ₫", "−5.000 ₫")
	wantBalance(t, s, w.ID, 0)
	a = b.Get("/checkout/" + late.Token) // the budget is used up
	a.Want(t, "late", http.StatusOK, "Pay 50.000 ₫")
	a.Lack(t, "late", "Promotion")
}
