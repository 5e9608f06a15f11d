package pay_test

import (
	"errors"
	"testing"
	"time"

	"sen/internal/bank"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

// A payment that waited over midnight, or comes from a machine whose clock is
// behind, counts for the day that others have opened: turning back would forget
// what they paid on it.
func TestLimitsOutliveALatePayment(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{TokenDayCount: 2})
	w := g.wallet(t, 500)
	if _, err := g.ChangeWallet(t.Context(), w.Phone, func(w *pay.Wallet) error {
		w.Limits = pay.Limits{Day: pay.ByScope{100}, Month: pay.ByScope{100}}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	v := g.wallet(t, 500)
	midnight := time.Date(2026, 4, 1, 0, 0, 0, 0, id.Vietnam)
	g.set(midnight.Add(-time.Minute))
	b, err := g.CreateBinding(t.Context(), pay.NewBinding{App: a, AppTransID: g.name(), Kind: pay.WalletBinding, Identifier: "an", ReqDate: g.time()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.ConfirmBinding(t.Context(), b.Token, v.ID); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		at          time.Duration
		hand, token error
	}{
		{0, nil, nil}, {-time.Second, nil, nil}, {time.Second, pay.ErrLimit, pay.ErrOverAppLimit},
	} {
		g.set(midnight.Add(step.at))
		if _, err := g.PayFromWallet(t.Context(), g.order(t, a, 50).Key, w.ID); !errors.Is(err, step.hand) {
			t.Errorf("by hand %v after midnight: %v, want %v", step.at, err, step.hand)
		}
		pays := pay.TokenPayment{App: a, PayToken: b.PayToken, Identifier: "an", OrderToken: g.order(t, a, 50).Token}
		if _, err := g.PayByToken(t.Context(), pays); !errors.Is(err, step.token) {
			t.Errorf("by token %v after midnight: %v, want %v", step.at, err, step.token)
		}
	}
}

// byToken pays a new order by the token of a card, and submits codes as long as
// its bank asks.
func (g *gateway) byToken(t testing.TB, a merchant.App, b pay.Binding, amount money.Amount, codes ...string) (pay.Charge, error) {
	t.Helper()
	_, c, err := g.PayByCardToken(t.Context(), pay.TokenPayment{
		App: a, PayToken: b.PayToken, Identifier: b.Identifier, OrderToken: g.order(t, a, amount).Token,
	})
	for _, code := range codes {
		if err == nil || errors.Is(err, pay.ErrOTPWrong) {
			c, err = g.SubmitOTP(t.Context(), c.Number, code)
		}
	}
	return c, err
}

var wrongCodes = []string{"000000", "000000", "000000"}

// TestRefusedChargeIsNotCounted has a bank refuse what a merchant charged by the
// token of a card, in each way in which it can: the limits of the token for a
// day are as before.
func TestRefusedChargeIsNotCounted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		card  bank.Number
		codes []string
		after time.Duration
		down  bool
	}{
		{"at once", emptyCard, nil, 0, false},
		{"for its codes", goodCard, wrongCodes, 0, false},
		{"for the time that the code took", goodCard, nil, 5 * time.Minute, false},
		{"after it was silent", goodCard, nil, time.Minute, true},
	} {
		for name, terms := range map[string]merchant.Terms{"count": {TokenDayCount: 1}, "amount": {TokenDayAmount: 100}} {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				t.Parallel()
				g := newGateway(t)
				a := g.app(t, terms)
				b := g.bindCard(t, a, tt.card)
				g.bank.SetOutage(tt.down)
				for range 3 {
					c, err := g.byToken(t, a, b, 100, tt.codes...)
					if err != nil && !errors.Is(err, pay.ErrBankDeclined) {
						t.Fatalf("the token is refused: %v", err)
					}
					if c.State == pay.ChargeOTP || c.State == pay.ChargeUnknown {
						if _, err := g.byToken(t, a, b, 100); !errors.Is(err, pay.ErrOverAppLimit) {
							t.Errorf("a second charge while the first is open: %v", err)
						}
					}
					g.bank.SetOutage(false)
					g.runCharges(t, tt.after)
					if c, err = g.charge(t, c.Number); err != nil || c.State != pay.ChargeFailed {
						t.Fatalf("charge: %s, %v", c.State, err)
					}
					g.bank.SetOutage(tt.down)
				}
				g.sound(t)
			})
		}
	}
}

// TestRefusedChargeOfAnotherDay begins charges around midnight, which count for
// the day that others opened: it is that day which gets them back, and no other.
func TestRefusedChargeOfAnotherDay(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{TokenDayCount: 2})
	b := g.bindCard(t, a, goodCard)
	w := g.wallet(t, 0)
	if _, err := g.ChangeWallet(t.Context(), w.Phone, func(w *pay.Wallet) error { w.Limits.Day[pay.FromBank] = 200; return nil }); err != nil {
		t.Fatal(err)
	}
	byHand := func(codes ...string) error {
		c, err := g.PayWithCard(t.Context(), pay.CardPayment{Order: g.order(t, a, 100).Key, Wallet: w.ID, Card: card(goodCard)})
		for _, code := range codes {
			if err == nil || errors.Is(err, pay.ErrOTPWrong) {
				_, err = g.SubmitOTP(t.Context(), c.Number, code)
			}
		}
		return err
	}
	midnight := time.Date(2026, 4, 1, 0, 0, 0, 0, id.Vietnam)
	for _, step := range []struct {
		at    time.Duration
		codes []string
		want  error
	}{
		{-time.Minute, []string{bank.OTP}, nil},
		{time.Second, []string{bank.OTP}, nil},
		{-time.Second, wrongCodes, pay.ErrBankDeclined}, // late, so it counts for the new day
		{2 * time.Second, []string{bank.OTP}, nil},
	} {
		g.set(midnight.Add(step.at))
		if _, err := g.byToken(t, a, b, 100, step.codes...); !errors.Is(err, step.want) {
			t.Errorf("by token %v after midnight: %v, want %v", step.at, err, step.want)
		}
		if err := byHand(step.codes...); !errors.Is(err, step.want) {
			t.Errorf("by hand %v after midnight: %v, want %v", step.at, err, step.want)
		}
	}
	if _, err := g.byToken(t, a, b, 100); !errors.Is(err, pay.ErrOverAppLimit) {
		t.Errorf("a third payment of the day by token: %v", err)
	}
	if err := byHand(); !errors.Is(err, pay.ErrLimit) {
		t.Errorf("a third payment of the day by hand: %v", err)
	}
}

// TestRefusedChargeOfAnotherMonth has a bank refuse in April what was begun in
// March, after March was closed: the year of the wallet's level is free again by
// exactly that much, also in the months after.
func TestRefusedChargeOfAnotherMonth(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{})
	w := g.wallet(t, 40_000_000)
	if _, err := g.ChangeWallet(t.Context(), w.Phone, func(w *pay.Wallet) error { w.KYC = pay.Unverified; return nil }); err != nil {
		t.Fatal(err)
	}
	byWallet := func(amount money.Amount) error {
		_, err := g.PayFromWallet(t.Context(), g.order(t, a, amount).Key, w.ID)
		return err
	}
	most, year := pay.Unverified.Bounds()
	g.set(time.Date(2026, 3, 31, 23, 58, 0, 0, id.Vietnam))
	for range year/most - 2 {
		if err := byWallet(most); err != nil {
			t.Fatal(err)
		}
	}
	c, err := g.PayWithCard(t.Context(), pay.CardPayment{Order: g.order(t, a, most).Key, Wallet: w.ID, Card: card(goodCard)})
	if err != nil {
		t.Fatal(err)
	}
	g.set(time.Date(2026, 4, 1, 0, 1, 0, 0, id.Vietnam))
	if err := byWallet(most); err != nil {
		t.Fatal(err)
	}
	if err := byWallet(1); !errors.Is(err, pay.ErrKYC) {
		t.Fatalf("more than a year's worth: %v", err)
	}
	for range wrongCodes {
		_, err = g.SubmitOTP(t.Context(), c.Number, wrongCodes[0])
	}
	if !errors.Is(err, pay.ErrBankDeclined) {
		t.Fatal(err)
	}
	g.set(time.Date(2026, 6, 1, 12, 0, 0, 0, id.Vietnam))
	for _, step := range []struct {
		amount money.Amount
		want   error
	}{{most - 1, nil}, {2, pay.ErrKYC}, {1, nil}, {1, pay.ErrKYC}} {
		if err := byWallet(step.amount); !errors.Is(err, step.want) {
			t.Errorf("%v in June: %v, want %v", step.amount, err, step.want)
		}
	}
	if sp, err := g.Spent(t.Context(), w.ID); err != nil || sp.YearBefore+sp.ByMonth[pay.AllSources] != year {
		t.Errorf("spent %+v, %v, want %v in a year", sp, err, year)
	}
}
