package pay_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

// pays has a wallet pay an order of that amount.
func (g *gateway) pays(t testing.TB, a merchant.App, w pay.Wallet, amount money.Amount) pay.Payment {
	t.Helper()
	o, err := g.CreateOrder(t.Context(), g.newOrder(a, amount))
	if err != nil {
		t.Fatal(err)
	}
	p, err := g.PayFromWallet(t.Context(), o.Key, w.ID)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// givesBack refunds a part of a payment and lets it run.
func (g *gateway) givesBack(t testing.TB, a merchant.App, p pay.Payment, amount money.Amount) {
	t.Helper()
	g.refund(t, pay.NewRefund{App: a, Payment: p.Number, Amount: amount})
	g.run(t, time.Second)
}

// paysByCard pays with a card whose bank takes nothing back.
func (g *gateway) paysByCard(t testing.TB, a merchant.App, amount money.Amount) pay.Payment {
	t.Helper()
	o := g.order(t, a, amount)
	_, err := g.byCard(t, o, nrbCard, "111111")
	rc, err2 := g.Receipt(t.Context(), a.ID, o.AppTransID)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	return rc.Payment
}

// settled closes days up to the one before the present, of which there is one
// that is open.
func (g *gateway) settled(t testing.TB, a merchant.App) pay.Settlement {
	t.Helper()
	all, err := g.SettleDay(t.Context(), a.ID, pay.DayOf(g.time()).Previous())
	if err != nil || len(all) != 1 {
		t.Fatalf("settled %+v, %v", all, err)
	}
	return all[0]
}

func (g *gateway) nextDay() { g.set(pay.DayOf(g.time()).End()) }

// wantHeld compares what is in payable, receivable and on its way to banks.
func (g *gateway) wantHeld(t testing.TB, a merchant.App, payable, receivable, out money.Amount) {
	t.Helper()
	for account, want := range map[ledger.AccountID]money.Amount{
		ledger.Account(ledger.Payable, int64(a.ID)): payable, ledger.Account(ledger.Receivable, int64(a.ID)): receivable,
		ledger.Account(ledger.Clearing, int64(pay.PayoutChannel)): out,
	} {
		got, err := g.store.Account(t.Context(), account)
		if err != nil || got.Balance != want {
			t.Errorf("%v holds %v, want %v (%v)", account, got.Balance, want, err)
		}
	}
}

// TestSettleDay goes through days in which a merchant earns, comes to owe, pays
// back, and loses after midnight what it earned before.
func TestSettleDay(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{FeeBP: 100, ReceivableLimit: 100_000})
	w := g.wallet(t, 1_000_000)
	first := g.pays(t, a, w, 10_000)
	if _, err := g.SettleDay(t.Context(), a.ID, pay.DayOf(g.time())); !errors.Is(err, pay.ErrDayOpen) {
		t.Errorf("a day that is not over: %v", err)
	}
	g.set(pay.DayOf(g.time()).End().Add(-time.Microsecond)) // the last moment of the day
	g.pays(t, a, w, 1_000)
	g.nextDay()
	g.pays(t, a, w, 2_000) // the first of the next
	st := g.settled(t, a)
	if st.Day != "2026-03-14" || st.Payments != 2 || st.PaymentAmount != 11_000 || st.FeeAmount != -110 || st.PaidOut != 10_890 || st.CarriedOut != 0 {
		t.Errorf("the first day: %+v", st)
	}
	g.wantHeld(t, a, 1_980, 0, 10_890)
	if again, err := g.SettleDay(t.Context(), a.ID, st.Day); err != nil || len(again) != 0 {
		t.Errorf("closed again: %+v, %v", again, err)
	}

	// More is refunded than is held: the merchant owes, and carries it.
	g.givesBack(t, a, first, 10_000)
	g.nextDay()
	st = g.settled(t, a)
	if st.Day != "2026-03-15" || st.Net() != 1_980-10_000 || st.PaidOut != 0 || st.PaidBack != 0 || st.CarriedOut != -8_020 || st.Entry != 0 {
		t.Errorf("the day of the debt: %+v", st)
	}
	g.wantHeld(t, a, 0, -8_020, 10_890)

	// It is paid back before anything is paid out.
	third := g.pays(t, a, w, 5_000)
	g.nextDay()
	if st = g.settled(t, a); st.PaidBack != 4_950 || st.PaidOut != 0 || st.CarriedIn != -8_020 || st.CarriedOut != -3_070 {
		t.Errorf("the first part: %+v", st)
	}
	g.pays(t, a, w, 10_000)
	g.nextDay()
	// Of what that day earned, a refund of the next takes most before it is closed.
	g.givesBack(t, a, third, 5_000)
	if st = g.settled(t, a); st.PaidBack != 3_070 || st.PaidOut != 1_830 || st.CarriedOut != 5_000 {
		t.Errorf("the rest: %+v", st)
	}
	g.wantHeld(t, a, 0, 0, 12_720)
	g.nextDay()
	if st = g.settled(t, a); st.CarriedIn != 5_000 || st.Net() != -5_000 || st.CarriedOut != 0 || st.Moved() {
		t.Errorf("the day of the refund: %+v", st)
	}
	// What an operator pays out by hand counts too, and idle days leave no trace.
	g.move(72 * time.Hour)
	g.pays(t, a, w, 1_000)
	if err := g.PayOut(t.Context(), a.ID, 90); err != nil {
		t.Fatal(err)
	}
	g.nextDay()
	if st = g.settled(t, a); st.Payouts != 1 || st.PayoutAmount != -90 || st.PaidOut != 900 || st.CarriedOut != 0 {
		t.Errorf("a payout by hand: %+v", st)
	}
	g.verified(t)
}

func (g *gateway) verified(t testing.TB) {
	t.Helper()
	report, err := g.store.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range report.Problems {
		t.Error(problem)
	}
}

// TestSettleReversal has a bank refuse a refund after its day was closed: it comes
// into the next.
func TestSettleReversal(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{})
	g.refund(t, pay.NewRefund{App: a, Payment: g.paysByCard(t, a, 10_000).Number, Amount: 4_000})
	g.set(pay.DayOf(g.time()).End().Add(-time.Second))
	g.bank.SetOutage(true) // booked, but the bank can't be asked
	g.run(t, 0)
	g.nextDay()
	if st := g.settled(t, a); st.RefundAmount != -4_000 || st.Reversals != 0 || st.PaidOut != 6_000 {
		t.Errorf("the day: %+v", st)
	}
	g.bank.SetOutage(false)
	g.run(t, time.Minute)
	g.nextDay()
	if st := g.settled(t, a); st.Reversals != 1 || st.ReversalAmount != 4_000 || st.PaidOut != 4_000 {
		t.Errorf("the next: %+v", st)
	}
	g.verified(t)
}

// TestSettleReversalOfDebt has a bank refuse a refund for which the merchant came
// to owe, after the debt was paid back: the merchant gets that money.
func TestSettleReversalOfDebt(t *testing.T) {
	t.Parallel()
	for _, earned := range []money.Amount{0, 3_000, 10_000} { // between the refund and the settlement
		t.Run(earned.Digits(), func(t *testing.T) {
			t.Parallel()
			g := newGateway(t)
			a := g.app(t, merchant.Terms{ReceivableLimit: 100_000})
			p := g.paysByCard(t, a, 10_000)
			if err := g.PayOut(t.Context(), a.ID, 9_000); err != nil {
				t.Fatal(err)
			}
			g.refund(t, pay.NewRefund{App: a, Payment: p.Number, Amount: 6_000})
			g.bank.SetOutage(true) // booked, but the bank can't be asked
			g.run(t, time.Second)
			g.wantHeld(t, a, 0, -5_000, 0)
			if earned > 0 {
				g.pays(t, a, g.wallet(t, 20_000), earned)
			}
			g.nextDay()
			if st := g.settled(t, a); st.PaidBack != min(5_000, earned) || st.PaidOut != max(0, earned-5_000) {
				t.Errorf("the day: %+v", st)
			}
			g.bank.SetOutage(false)
			g.run(t, time.Minute)
			g.nextDay()
			if st := g.settled(t, a); st.ReversalAmount != 6_000 || st.PaidOut != earned+1_000-max(0, earned-5_000) || st.CarriedOut != 0 {
				t.Errorf("the next: %+v", st)
			}
			g.wantHeld(t, a, 0, 0, 1_000+earned)
			g.verified(t)
		})
	}
}

// TestSettleRace closes one day many times at once, while payments go on.
func TestSettleRace(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{FeeBP: 100, ReceivableLimit: 50_000})
	w := g.wallet(t, 1_000_000)
	for range 10 {
		g.givesBack(t, a, g.pays(t, a, w, 1_000), 500)
	}
	day := pay.DayOf(g.time())
	g.nextDay()
	var all sync.WaitGroup
	var mu sync.Mutex
	var closed []pay.Settlement
	for range 8 {
		all.Go(func() {
			some, err := g.SettleDay(t.Context(), a.ID, day)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			closed = append(closed, some...)
			mu.Unlock()
		})
		all.Go(func() {
			o, err := g.CreateOrder(t.Context(), g.newOrder(a, 100))
			if err == nil {
				_, err = g.PayFromWallet(t.Context(), o.Key, w.ID)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(closed) != 1 {
		t.Fatalf("closed %d times", len(closed))
	}
	for _, st := range closed {
		if st.Day != day || st.PaidOut != 10*(990-500) {
			t.Errorf("closed as %+v", st)
		}
	}
	g.wantHeld(t, a, 8*99, 0, 4_900)
	g.verified(t)
}

// TestSettleAll closes the day before once, for all.
func TestSettleAll(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a, b := g.app(t, merchant.Terms{}), g.app(t, merchant.Terms{})
	w := g.wallet(t, 1_000_000)
	g.pays(t, a, w, 1_000)
	g.pays(t, b, w, 2_000)
	apps := []merchant.ID{a.ID, b.ID}
	g.nextDay()
	g.move(5 * time.Minute) // what was paid in the last second may not be in the books yet
	if done, err := g.SettleAll(t.Context(), apps, ""); err != nil || done != "2026-03-13" {
		t.Errorf("early: done %s, %v", done, err)
	}
	g.wantHeld(t, a, 1_000, 0, 0)
	g.move(5 * time.Minute)
	for range 2 {
		if done, err := g.SettleAll(t.Context(), apps, "2026-03-13"); err != nil || done != "2026-03-14" {
			t.Errorf("done %s, %v", done, err)
		}
	}
	g.wantHeld(t, a, 0, 0, 3_000)
}

func TestParseDay(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "2026-13-01", "2026-02-29", "26-01-01", "2026-1-1", "2026-01-01T00:00:00Z", "9999999"} {
		if d, err := pay.ParseDay(text); !errors.Is(err, pay.ErrDay) {
			t.Errorf("%q is the day %s, %v", text, d, err)
		}
	}
	d, err := pay.ParseDay("2026-11-21")
	if err != nil || !d.Start().Equal(time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC)) || d.Next() != "2026-11-22" || d.Previous() != "2026-11-20" {
		t.Errorf("%s begins at %v, %v", d, d.Start(), err)
	}
}
