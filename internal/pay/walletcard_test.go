package pay_test

import (
	"errors"
	"testing"
	"time"

	"sen/internal/bank"
	"sen/internal/merchant"
	"sen/internal/pay"
)

// link has the wallet's owner link a card; the code follows when the bank asks.
func (g *gateway) link(t testing.TB, w pay.Wallet, n bank.Number) (pay.Charge, error) {
	t.Helper()
	c, err := g.LinkCard(t.Context(), w.ID, card(n))
	if err == nil && c.State == pay.ChargeOTP {
		c, err = g.SubmitOTP(t.Context(), c.Number, bank.OTP)
	}
	return c, err
}

// linked returns a card that the wallet has.
func (g *gateway) linked(t testing.TB, w pay.Wallet, n bank.Number) pay.CardID {
	t.Helper()
	c, err := g.link(t, w, n)
	if err != nil {
		t.Fatal(err)
	}
	return c.Card
}

// hasCards checks which cards the wallet has.
func (g *gateway) hasCards(t testing.TB, w pay.Wallet, want ...pay.CardID) {
	t.Helper()
	all, err := g.WalletCards(t.Context(), w.ID)
	if err != nil || len(all) != len(want) {
		t.Fatalf("the wallet has %d cards (%v), want %d", len(all), err, len(want))
	}
	for i, c := range all {
		if c.ID != want[i] {
			t.Errorf("card %d is %d, want %d", i, c.ID, want[i])
		}
	}
}

// forgotten checks that nothing of a card's number is left.
func (g *gateway) forgotten(t testing.TB, id pay.CardID) {
	t.Helper()
	err := g.store.View(t.Context(), func(r pay.Reader) error {
		c, err := r.Card(t.Context(), id)
		if err == nil && (c.Sealed != nil || c.Fingerprint != "" || c.DeletedAt.IsZero()) {
			t.Errorf("the card %d is still kept", id)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// payLinked pays with a card of the wallet.
func (g *gateway) payLinked(t testing.TB, o pay.Order, w pay.WalletID, id pay.CardID) (pay.Charge, error) {
	t.Helper()
	c, err := g.PayWithCard(t.Context(), pay.CardPayment{Order: o.Key, Wallet: w, Linked: id})
	if err == nil && c.State == pay.ChargeOTP {
		c, err = g.SubmitOTP(t.Context(), c.Number, bank.OTP)
	}
	return c, err
}

func TestLinkCard(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	w, other := g.wallet(t, 500), g.wallet(t, 0)
	c, err := g.LinkCard(t.Context(), w.ID, card(goodCard))
	if err != nil || c.State != pay.ChargeOTP || c.Amount != 0 {
		t.Fatalf("LinkCard = %s of %v, %v, want it to wait for a code and take nothing", c.State, c.Amount, err)
	}
	g.hasCards(t, w) // the bank has not said yes yet
	if _, err := g.SubmitOTP(t.Context(), c.Number, "000000"); !errors.Is(err, pay.ErrOTPWrong) {
		t.Errorf("a wrong code: %v, want ErrOTPWrong", err)
	}
	if _, err := g.SubmitOTP(t.Context(), c.Number, bank.OTP); err != nil {
		t.Fatal(err)
	}
	g.hasCards(t, w, c.Card)
	if _, err := g.link(t, w, goodCard); !errors.Is(err, pay.ErrCardLinked) {
		t.Errorf("the same card again: %v, want ErrCardLinked", err)
	}
	g.move(time.Minute)
	visa := g.linked(t, w, visaCard)
	g.hasCards(t, w, visa, c.Card) // the latest first
	g.hasCards(t, other, g.linked(t, other, goodCard))
	for who, want := range map[pay.WalletID]error{w.ID: nil, other.ID: pay.ErrChargeNotFound} {
		if _, err := g.LinkCharge(t.Context(), who, c.Number); !errors.Is(err, want) {
			t.Errorf("LinkCharge of wallet %d: %v, want %v", who, err, want)
		}
	}
	g.has(t, w, 500)
	if sp, err := g.Spent(t.Context(), w.ID); err != nil || sp.ByDay != (pay.ByScope{}) {
		t.Errorf("linking counts as %v (%v)", sp.ByDay, err)
	}
	g.sound(t)
}

// A card that no bank finds good is not kept, nor one that came twice at once.
func TestLinkCardForgets(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	w := g.wallet(t, 0)
	c, err := g.link(t, w, lostCard)
	if !errors.Is(err, pay.ErrBankDeclined) {
		t.Errorf("a lost card: %v, want ErrBankDeclined", err)
	}
	g.forgotten(t, c.Card)
	c, err = g.LinkCard(t.Context(), w.ID, card(goodCard))
	if err != nil {
		t.Fatal(err)
	}
	g.runCharges(t, 5*time.Minute) // nobody types the code in
	g.forgotten(t, c.Card)
	g.hasCards(t, w)

	first, err := g.LinkCard(t.Context(), w.ID, card(goodCard))
	second, err2 := g.LinkCard(t.Context(), w.ID, card(goodCard))
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	for _, c := range []pay.Charge{second, first} {
		if _, err := g.SubmitOTP(t.Context(), c.Number, bank.OTP); err != nil {
			t.Error(err)
		}
	}
	g.hasCards(t, w, second.Card)
	g.forgotten(t, first.Card)
	g.sound(t)
}

func TestLinkCardRefuses(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	w, locked := g.wallet(t, 0), g.wallet(t, 0)
	yes := true
	if _, err := g.SetConditions(t.Context(), locked.Phone, &yes, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := g.link(t, locked, goodCard); !errors.Is(err, pay.ErrWalletLocked) {
		t.Errorf("a locked wallet: %v, want ErrWalletLocked", err)
	}
	if _, err := g.LinkCard(t.Context(), w.ID, bank.Card{Number: visaCard, Expiry: "0126", CVV: "123"}); !errors.Is(err, pay.ErrCardExpiry) {
		t.Errorf("an old card: %v, want ErrCardExpiry", err)
	}
	good := 0
	for _, c := range bank.TestCards() {
		if c.Behaviour == bank.Good || c.Behaviour == bank.Unrefundable {
			g.linked(t, w, c.Number)
			good++
		}
	}
	if _, err := g.link(t, w, flakyCard); good != 10 || !errors.Is(err, pay.ErrCardsMany) {
		t.Errorf("a card after %d: %v, want ErrCardsMany after 10", good, err)
	}
}

// TestPayLinked pays with cards of one's own and of others.
func TestPayLinked(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{})
	w, other := g.wallet(t, 0), g.wallet(t, 0)
	id, visa := g.linked(t, w, goodCard), g.linked(t, w, visaCard)
	b := g.bindCard(t, a, "9704540000000070")
	o := g.order(t, a, 100)
	for name, p := range map[string]pay.CardPayment{
		"another wallet": {Order: o.Key, Wallet: other.ID, Linked: id},
		"a guest":        {Order: o.Key, Linked: id},
		"no card":        {Order: o.Key, Wallet: w.ID, Linked: 404},
		"a shop's card":  {Order: o.Key, Wallet: w.ID, Linked: b.Card},
		"that by guests": {Order: o.Key, Linked: b.Card},
	} {
		if _, err := g.PayWithCard(t.Context(), p); !errors.Is(err, pay.ErrCardNotFound) {
			t.Errorf("%s: %v, want ErrCardNotFound", name, err)
		}
		g.orderIs(t, o, pay.OrderCreated)
	}
	c, err := g.payLinked(t, o, w.ID, id)
	if err != nil || c.State != pay.ChargeSucceeded {
		t.Fatalf("paying: %s, %v", c.State, err)
	}
	rc, err := g.Receipt(t.Context(), a.ID, o.AppTransID)
	if err != nil || rc.Payment.Wallet != w.ID || rc.Payment.Channel != pay.DomesticChannel || rc.Payment.Card != goodCard.Masked() {
		t.Errorf("the payment is %+v (%v)", rc.Payment, err)
	}
	if _, err := g.payLinked(t, g.order(t, a, 30), w.ID, visa); err != nil {
		t.Error(err)
	}
	sp, err := g.Spent(t.Context(), w.ID)
	if err != nil || sp.ByDay[pay.FromBank] != 100 || sp.ByDay[pay.FromCard] != 30 || sp.ByDay[pay.AllSources] != 130 {
		t.Errorf("it counts as %v (%v)", sp.ByDay, err)
	}
	if _, err := g.ChangeWallet(t.Context(), w.Phone, func(w *pay.Wallet) error { w.Limits.Day[pay.FromBank] = 150; return nil }); err != nil {
		t.Fatal(err)
	}
	over := g.order(t, a, 51)
	if _, err := g.payLinked(t, over, w.ID, id); !errors.Is(err, pay.ErrLimit) {
		t.Errorf("over the limit: %v, want ErrLimit", err)
	}
	g.orderIs(t, over, pay.OrderCreated)

	// A wrong code three times is no reason to lose the card.
	failed, err := g.PayWithCard(t.Context(), pay.CardPayment{Order: g.order(t, a, 1).Key, Wallet: w.ID, Linked: id})
	for range 3 {
		_, err = g.SubmitOTP(t.Context(), failed.Number, "000000")
	}
	if !errors.Is(err, pay.ErrBankDeclined) {
		t.Errorf("three wrong codes: %v, want ErrBankDeclined", err)
	}
	g.hasCards(t, w, visa, id)
	g.set(time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)) // past the date on the international one
	if _, err := g.payLinked(t, g.order(t, a, 1), w.ID, visa); !errors.Is(err, pay.ErrCardExpiry) {
		t.Errorf("a card whose date has passed: %v, want ErrCardExpiry", err)
	}
	if _, err := g.payLinked(t, g.order(t, a, 1), w.ID, id); err != nil {
		t.Error(err)
	}
	g.sound(t)
}

func TestUnlinkCard(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{})
	w, other := g.wallet(t, 0), g.wallet(t, 0)
	id := g.linked(t, w, goodCard)
	o := g.order(t, a, 100)
	c, err := g.PayWithCard(t.Context(), pay.CardPayment{Order: o.Key, Wallet: w.ID, Linked: id})
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []pay.WalletID{other.ID, 0} {
		if err := g.UnlinkCard(t.Context(), who, id); !errors.Is(err, pay.ErrCardNotFound) {
			t.Errorf("by wallet %d: %v, want ErrCardNotFound", who, err)
		}
	}
	bound := g.bindCard(t, a, visaCard)
	if err := g.UnlinkCard(t.Context(), 0, bound.Card); !errors.Is(err, pay.ErrCardNotFound) {
		t.Errorf("a shop's card: %v, want ErrCardNotFound", err)
	}
	g.hasCards(t, w, id)
	if err := g.UnlinkCard(t.Context(), w.ID, id); err != nil {
		t.Fatal(err)
	}
	g.hasCards(t, w)
	g.forgotten(t, id)
	if err := g.UnlinkCard(t.Context(), w.ID, id); !errors.Is(err, pay.ErrCardNotFound) {
		t.Errorf("again: %v, want ErrCardNotFound", err)
	}
	if _, err := g.SubmitOTP(t.Context(), c.Number, bank.OTP); err != nil {
		t.Errorf("what was under way: %v", err)
	}
	g.orderIs(t, o, pay.OrderPaid)
	next := g.order(t, a, 1)
	if _, err := g.payLinked(t, next, w.ID, id); !errors.Is(err, pay.ErrCardNotFound) {
		t.Errorf("paying with it: %v, want ErrCardNotFound", err)
	}
	g.orderIs(t, next, pay.OrderCreated)
	g.hasCards(t, w, g.linked(t, w, goodCard)) // it can be linked anew
	g.sound(t)
}

// TestUnlinkWhilePaying removes a card while many pay with it: whoever was
// first, no charge begins after the number is gone.
func TestUnlinkWhilePaying(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a, w := g.app(t, merchant.Terms{}), g.wallet(t, 0)
	id := g.linked(t, w, visaCard)
	results := make(chan error, 11)
	for i := range cap(results) {
		if i == 5 {
			go func() { results <- g.UnlinkCard(t.Context(), w.ID, id) }()
			continue
		}
		o := g.order(t, a, 1)
		go func() {
			_, err := g.PayWithCard(t.Context(), pay.CardPayment{Order: o.Key, Wallet: w.ID, Linked: id})
			results <- err
		}()
	}
	for range cap(results) {
		if err := <-results; err != nil && !errors.Is(err, pay.ErrCardNotFound) {
			t.Error(err)
		}
	}
	g.forgotten(t, id)
	g.sound(t)
}
