package pay_test

import (
	"errors"
	"testing"
	"time"

	"sen/internal/bank"
	"sen/internal/merchant"
	"sen/internal/pay"
)

// The test cards, each named by how it goes.
const (
	goodCard   bank.Number = "9704540000000062"
	lostCard   bank.Number = "9704540000000013"
	emptyCard  bank.Number = "9704540000000047" // good to be bound, and to pay nothing
	silentCard bank.Number = "9704540000000039" // declined half a minute later
	lateCard   bank.Number = "9704540000000104" // approved a minute later
	flakyCard  bank.Number = "9704540000000112"
	nrbCard    bank.Number = "9704990000000018" // its bank takes nothing back
	visaCard   bank.Number = "4111111111111111"
)

func card(n bank.Number) bank.Card { return bank.Card{Number: n, Expiry: "1239", CVV: "123"} }

// byCard pays by the card of a guest; the code follows when the bank asks.
func (g *gateway) byCard(t testing.TB, o pay.Order, n bank.Number, otp string) (pay.Charge, error) {
	t.Helper()
	c, err := g.PayWithCard(t.Context(), pay.CardPayment{Order: o.Key, Card: card(n)})
	if err == nil && c.State == pay.ChargeOTP {
		c, err = g.SubmitOTP(t.Context(), c.Number, otp)
	}
	return c, err
}

// askForCard has a merchant ask for a card; p is what is paid with it, or nil.
func (g *gateway) askForCard(t testing.TB, a merchant.App, p *pay.NewOrder) pay.Binding {
	t.Helper()
	n := pay.NewBinding{
		App: a, AppTransID: g.name(), Kind: pay.CardBinding, Identifier: "an", Data: "{}", ReqDate: g.time(), Pay: p,
	}
	if p != nil {
		n.AppTransID = p.AppTransID
	}
	b, err := g.CreateBinding(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// bindCard has the holder of a card bind it.
func (g *gateway) bindCard(t testing.TB, a merchant.App, n bank.Number) pay.Binding {
	t.Helper()
	b := g.askForCard(t, a, nil)
	c, err := g.StartCardBinding(t.Context(), b.Token, card(n))
	if err == nil && c.State == pay.ChargeOTP {
		_, err = g.SubmitOTP(t.Context(), c.Number, bank.OTP)
	}
	if err != nil {
		t.Fatal(err)
	}
	if b, err = g.BindingByToken(t.Context(), b.Token); err != nil {
		t.Fatal(err)
	}
	return b
}

// runCharges looks after the charges that are due d from now.
func (g *gateway) runCharges(t testing.TB, d time.Duration) {
	t.Helper()
	g.move(d)
	if _, err := g.RunCharges(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestBindingCallbacksHaveTheirOwnKeys stops the clock: keys then follow one
// another without gaps, and none may be used that was not drawn.
func TestBindingCallbacksHaveTheirOwnKeys(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{})
	for range 20 {
		b := g.bindCard(t, a, visaCard)
		if _, err := g.EndBinding(t.Context(), b.Token, pay.Ender{Operator: true}); err != nil {
			t.Fatal(err)
		}
	}
	g.sound(t)
}

// TestChargeEnds goes through every way in which a card can go.
func TestChargeEnds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		card  bank.Number
		otp   string
		after time.Duration
		state pay.OrderState
		why   bank.Reason
	}{
		{"good", goodCard, bank.OTP, 0, pay.OrderPaid, ""},
		{"international", visaCard, "", 0, pay.OrderPaid, ""},
		{"lost", lostCard, "", 0, pay.OrderCreated, bank.Stolen},
		{"unknown", "9704540000009999", "", 0, pay.OrderCreated, bank.Refused},
		{"silent", silentCard, "", time.Second, pay.OrderProcessing, ""},
		{"silent, asked while the bank does not know", silentCard, "", 29 * time.Second, pay.OrderProcessing, ""},
		{"silent, then declined", silentCard, "", 31 * time.Second, pay.OrderCreated, bank.TimedOut},
		{"silent, then approved", lateCard, "", 61 * time.Second, pay.OrderPaid, ""},
		{"flaky", flakyCard, "", 31 * time.Second, pay.OrderPaid, ""},
		{"no code in time", goodCard, "-", 5 * time.Minute, pay.OrderCreated, bank.LateOTP},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t)
			o := g.order(t, g.app(t, merchant.Terms{}), 100)
			c, err := g.byCard(t, o, tt.card, tt.otp)
			if err != nil && !errors.Is(err, pay.ErrBankDeclined) && !errors.Is(err, pay.ErrOTPWrong) {
				t.Fatal(err)
			}
			g.runCharges(t, tt.after)
			g.orderIs(t, o, tt.state)
			if c, err = g.charge(t, c.Number); err != nil || c.Reason != tt.why {
				t.Errorf("charge: %s %q, %v, want %q", c.State, c.Reason, err, tt.why)
			}
			g.sound(t)
		})
	}
}

// TestForeignPaymentInOutage asks for a refund of a payment of somebody else's:
// that the bank is away must not tell whether there is one, and by what.
func TestForeignPaymentInOutage(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	mine, other := g.app(t, merchant.Terms{}), g.app(t, merchant.Terms{})
	c, err := g.byCard(t, g.order(t, other, 100), visaCard, "")
	if err != nil {
		t.Fatal(err)
	}
	g.bank.SetOutage(true)
	for _, tt := range []struct {
		app  merchant.App
		want error
	}{{mine, pay.ErrPaymentNotFound}, {other, pay.ErrRefundChannel}} {
		_, err := g.RequestRefund(t.Context(), pay.NewRefund{
			App: tt.app, MRefundID: g.name(), Payment: c.Number, Amount: 10, Timestamp: g.time(),
		})
		if !errors.Is(err, tt.want) {
			t.Errorf("app %d: %v, want %v", tt.app.ID, err, tt.want)
		}
	}
	g.sound(t)
}

func (g *gateway) charge(t testing.TB, number int64) (c pay.Charge, err error) {
	t.Helper()
	err = g.store.View(t.Context(), func(r pay.Reader) (err error) {
		c, err = r.Charge(t.Context(), number)
		return err
	})
	return c, err
}
