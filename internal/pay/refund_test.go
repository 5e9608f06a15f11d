package pay_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sen/internal/fault"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

// TestRefundOfDisabledApp has a refund of an app that was disabled meanwhile
// in front of another app's: both were accepted, so both are carried out.
func TestRefundOfDisabledApp(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	gone, here := g.app(t, merchant.Terms{}), g.app(t, merchant.Terms{})
	p1, w1 := g.paid(t, gone, 100)
	p2, w2 := g.paid(t, here, 100)
	r1 := g.refund(t, pay.NewRefund{App: gone, Payment: p1.Number, Amount: 100})
	g.move(time.Millisecond)
	r2 := g.refund(t, pay.NewRefund{App: here, Payment: p2.Number, Amount: 100})
	g.change(t, gone.ID, func(a *merchant.App) { a.DisabledAt = g.time() })
	g.move(time.Minute)
	if _, err := g.RunRefunds(t.Context()); err != nil {
		t.Errorf("RunRefunds: %v", err)
	}
	g.refundIs(t, r1, pay.RefundSucceeded, "")
	g.refundIs(t, r2, pay.RefundSucceeded, "")
	g.has(t, w1, 100)
	g.has(t, w2, 100)
}

// TestRefundThatCannotRun has a refund in front that fails for a reason of
// ours: the ones behind it are carried out all the same.
func TestRefundThatCannotRun(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{})
	broken := pay.Refund{
		Number: 1, App: a.ID, MRefundID: "broken", Payment: 404, Amount: 1, State: pay.RefundRunning, CreatedAt: g.time(), DueAt: g.time(),
	}
	err := g.store.Update(t.Context(), func(tx pay.Tx) error {
		_, err := tx.InsertRefund(t.Context(), broken)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p, w := g.paid(t, a, 100)
	r := g.refund(t, pay.NewRefund{App: a, Payment: p.Number, Amount: 100})
	g.move(time.Minute)
	if _, err := g.RunRefunds(t.Context()); err == nil {
		t.Error("nobody hears of the refund that can't run")
	}
	g.refundIs(t, r, pay.RefundSucceeded, "")
	g.has(t, w, 100)
}

// TestRefunds walks through what can become of one refund of a payment of
// 1,000.
func TestRefunds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		terms  merchant.Terms
		amount money.Amount
		fee    money.Amount
		payout money.Amount  // leaves the merchant with so much less
		age    time.Duration // of the payment
		state  pay.RefundState
		why    pay.RefundFailure
		wallet money.Amount
		held   money.Amount
		debt   money.Amount
		fees   money.Amount
	}{
		{name: "all", amount: 1000, state: pay.RefundSucceeded, wallet: 1000},
		{name: "a part", amount: 1, state: pay.RefundSucceeded, wallet: 1, held: 999},
		{name: "too much", amount: 1001, state: pay.RefundFailed, why: pay.RefundAmount, held: 1000},
		{name: "with a fee", amount: 400, fee: 30, state: pay.RefundSucceeded, wallet: 370, held: 600, fees: 30},
		{name: "all of it a fee", amount: 400, fee: 400, state: pay.RefundSucceeded, held: 600, fees: 400},
		{name: "not covered", amount: 500, payout: 501, state: pay.RefundBlocked, held: 499},
		{name: "covered to the last", amount: 500, payout: 500, state: pay.RefundSucceeded, wallet: 500},
		{name: "on credit", terms: merchant.Terms{ReceivableLimit: 1}, amount: 500, payout: 501, state: pay.RefundSucceeded, wallet: 500, debt: -1},
		{name: "over the credit", terms: merchant.Terms{ReceivableLimit: 1}, amount: 500, payout: 502, state: pay.RefundBlocked, held: 498},
		{name: "nothing held", terms: merchant.Terms{ReceivableLimit: 500}, amount: 500, payout: 1000, state: pay.RefundSucceeded, wallet: 500, debt: -500},
		{name: "the merchant's fee is not given back", terms: merchant.Terms{FeeBP: 250}, amount: 1000, state: pay.RefundBlocked, held: 975, fees: 25},
		{
			name: "the merchant's fee on credit", terms: merchant.Terms{FeeBP: 250, ReceivableLimit: 25}, amount: 1000,
			state: pay.RefundSucceeded, wallet: 1000, debt: -25, fees: 25,
		},
		{name: "all of it the merchant's fee", terms: merchant.Terms{FeeBP: 10_000}, amount: 1, state: pay.RefundBlocked, fees: 1000},
		{name: "at the end of the period", terms: merchant.Terms{RefundPeriod: time.Hour}, age: time.Hour, amount: 1000, state: pay.RefundSucceeded, wallet: 1000},
		{
			name: "after the period", terms: merchant.Terms{RefundPeriod: time.Hour}, age: time.Hour + time.Millisecond, amount: 1000,
			state: pay.RefundFailed, why: pay.RefundPeriod, held: 1000,
		},
		{name: "below approval", terms: merchant.Terms{RefundApprovalFrom: 1000}, amount: 999, state: pay.RefundSucceeded, wallet: 999, held: 1},
		{name: "for approval", terms: merchant.Terms{RefundApprovalFrom: 1000}, amount: 1000, state: pay.RefundPending, held: 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t)
			a := g.app(t, c.terms)
			p, w := g.paid(t, a, 1000)
			if c.payout > 0 {
				if err := g.PayOut(t.Context(), a.ID, c.payout); err != nil {
					t.Fatal(err)
				}
			}
			g.move(c.age)
			r := g.refund(t, pay.NewRefund{App: a, Payment: p.Number, Amount: c.amount, Fee: c.fee})
			g.run(t, time.Second-time.Microsecond)
			if r.State == pay.RefundRunning {
				g.refundIs(t, r, pay.RefundRunning, "") // not before its delay is over
			}
			g.run(t, time.Microsecond)
			g.refundIs(t, r, c.state, c.why)
			g.run(t, time.Second) // a second look changes nothing
			g.refundIs(t, r, c.state, c.why)
			g.has(t, w, c.wallet)
			for kind, want := range map[ledger.Kind]money.Amount{ledger.Payable: c.held, ledger.Receivable: c.debt, ledger.Fees: c.fees} {
				if got := g.balance(t, kind, int64(a.ID)); got != want {
					t.Errorf("%v: %v, want %v", kind, got, want)
				}
			}
			g.sound(t)
		})
	}
}

func TestBlockedRefundRunsOn(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{RefundPeriod: time.Hour})
	p, w := g.paid(t, a, 1000)
	if err := g.PayOut(t.Context(), a.ID, 1000); err != nil {
		t.Fatal(err)
	}
	r := g.refund(t, pay.NewRefund{App: a, Payment: p.Number, Amount: 700})
	g.run(t, time.Second)
	g.refundIs(t, r, pay.RefundBlocked, "")
	// Its amount is reserved, though it is not paid.
	other := g.refund(t, pay.NewRefund{App: a, Payment: p.Number, Amount: 301})
	g.run(t, time.Second)
	g.refundIs(t, other, pay.RefundFailed, pay.RefundAmount)
	g.run(t, time.Minute)
	g.refundIs(t, r, pay.RefundBlocked, "")
	g.paid(t, a, 699)
	g.run(t, 2*time.Hour) // the period is over: it was kept when the refund was made
	g.refundIs(t, r, pay.RefundBlocked, "")
	g.paid(t, a, 1)
	g.run(t, time.Minute-time.Microsecond)
	g.refundIs(t, r, pay.RefundBlocked, "")
	g.run(t, time.Microsecond)
	g.refundIs(t, r, pay.RefundSucceeded, "")
	g.has(t, w, 700)
	g.sound(t)
}

func TestDecideRefund(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{RefundApprovalFrom: 1})
	p, w := g.paid(t, a, 1000)
	yes := g.refund(t, pay.NewRefund{App: a, Payment: p.Number, Amount: 600})
	no := g.refund(t, pay.NewRefund{App: a, Payment: p.Number, Amount: 400})
	late := g.refund(t, pay.NewRefund{App: a, Payment: p.Number, Amount: 401})
	g.run(t, 24*time.Hour)
	for _, d := range []struct {
		r       pay.Refund
		approve bool
	}{{yes, true}, {no, false}, {late, true}} {
		if _, err := g.DecideRefund(t.Context(), d.r.Number, d.approve); err != nil {
			t.Fatal(err)
		}
		for _, again := range []bool{true, false} {
			if _, err := g.DecideRefund(t.Context(), d.r.Number, again); !errors.Is(err, pay.ErrRefundDecided) {
				t.Errorf("a second decision: %v, want ErrRefundDecided", err)
			}
		}
	}
	if _, err := g.DecideRefund(t.Context(), 404, true); !errors.Is(err, pay.ErrRefundNotFound) {
		t.Errorf("DecideRefund = %v, want ErrRefundNotFound", err)
	}
	g.refundIs(t, yes, pay.RefundRunning, "")
	g.refundIs(t, no, pay.RefundFailed, pay.RefundRejected)
	g.run(t, time.Second)
	g.refundIs(t, yes, pay.RefundSucceeded, "")
	g.refundIs(t, late, pay.RefundFailed, pay.RefundAmount)
	g.has(t, w, 600)
	g.sound(t)
}

func TestRequestRefundRefuses(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a, other := g.app(t, merchant.Terms{}), g.app(t, merchant.Terms{})
	p, _ := g.paid(t, a, 1000)
	used := g.refund(t, pay.NewRefund{App: a, Payment: p.Number, Amount: 1})
	for _, c := range []struct {
		name   string
		change func(*pay.NewRefund)
		want   error
	}{
		{"nothing", func(*pay.NewRefund) {}, nil},
		{"15 minutes late", func(n *pay.NewRefund) { n.Timestamp = g.time().Add(-15 * time.Minute) }, nil},
		{"15 minutes early", func(n *pay.NewRefund) { n.Timestamp = g.time().Add(15 * time.Minute) }, nil},
		{"too late", func(n *pay.NewRefund) { n.Timestamp = g.time().Add(-15*time.Minute - time.Millisecond) }, pay.ErrRefundClock},
		{"too early", func(n *pay.NewRefund) { n.Timestamp = g.time().Add(15*time.Minute + time.Millisecond) }, pay.ErrRefundClock},
		{"another day", func(n *pay.NewRefund) { n.MRefundID = "260313_1" }, pay.ErrDatePrefix},
		{"used", func(n *pay.NewRefund) { n.MRefundID = used.MRefundID }, pay.ErrRefundDuplicate},
		{"used by another app", func(n *pay.NewRefund) { n.MRefundID, n.App = used.MRefundID, other }, pay.ErrPaymentNotFound},
		{"another app's payment", func(n *pay.NewRefund) { n.App = other }, pay.ErrPaymentNotFound},
		{"no payment", func(n *pay.NewRefund) { n.Payment = 404 }, pay.ErrPaymentNotFound},
	} {
		n := pay.NewRefund{App: a, MRefundID: g.name(), Payment: p.Number, Amount: 1, Timestamp: g.time()}
		c.change(&n)
		if _, err := g.RequestRefund(t.Context(), n); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		_, err := g.RefundByMerchantID(t.Context(), n.App.ID, n.MRefundID)
		if kept := err == nil; kept != (c.want == nil || c.name == "used") {
			t.Errorf("%s: recorded: %v (%v)", c.name, kept, err)
		}
	}
	if err := g.CheckTime("timestamp", g.time().Add(15*time.Minute+time.Millisecond)); !errors.Is(err, pay.ErrClock) {
		t.Errorf("CheckRefundQuery = %v, want ErrClock", err)
	}
}

// TestRefundMoves tries every move between two states.
func TestRefundMoves(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	states := []pay.RefundState{pay.RefundPending, pay.RefundRunning, pay.RefundBlocked, pay.RefundSent, pay.RefundSucceeded, pay.RefundFailed, "unheard"}
	for _, from := range states {
		for _, to := range states {
			r := pay.Refund{
				Number: g.serial.Add(1), App: 1, MRefundID: g.name(), Payment: 1, Amount: 1, State: from, CreatedAt: start, DueAt: start,
			}
			moved := r
			err := g.store.Update(t.Context(), func(tx pay.Tx) error {
				if _, err := tx.InsertRefund(t.Context(), r); err != nil {
					return err
				}
				return g.MoveRefund(t.Context(), tx, &moved, to, g.time())
			})
			if !slices.Contains(pay.RefundMoves[from], to) {
				if err == nil || fault.KindOf(err) != fault.Internal {
					t.Errorf("%s to %s: %v, want an internal refusal", from, to, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s to %s: %v", from, to, err)
			}
			g.refundIs(t, r, to, "")
			if over := pay.RefundMoves[to] == nil; over != !moved.ClosedAt.IsZero() || over != moved.DueAt.IsZero() {
				t.Errorf("%s to %s: closed %v, due %v", from, to, moved.ClosedAt, moved.DueAt)
			}
		}
	}
}
