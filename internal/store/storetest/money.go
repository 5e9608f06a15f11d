package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

var payments = map[string]func(*testing.T, *fixture){
	"Payment/comes back as it went in": paymentRoundTrip,
	"Payment/is not found":             paymentNotFound,
	"Payment/a number is used once":    paymentOnce,
}

func paymentRoundTrip(t *testing.T, f *fixture) {
	p := pay.Payment{
		Number: 260_314_000_000_001, Order: 11, App: 12, Wallet: 13, Channel: pay.WalletChannel,
		Amount: 50_000, Discount: 1, PayerFee: 2, MerchantFee: 3, Refunded: 4, At: at,
	}
	f.update(func(tx pay.Tx) error { return tx.InsertPayment(t.Context(), p) })
	got, err := ask(f, func(ctx context.Context, r pay.Reader) (pay.Payment, error) { return r.Payment(ctx, p.Number) })
	if diff := cmp.Diff(p, got); diff != "" || err != nil {
		t.Errorf("Payment: %v (-want +got):\n%s", err, diff)
	}
}

func paymentNotFound(_ *testing.T, f *fixture) {
	_, err := ask(f, func(ctx context.Context, r pay.Reader) (pay.Payment, error) { return r.Payment(ctx, 1) })
	if !errors.Is(err, pay.ErrPaymentNotFound) {
		f.t.Errorf("Payment = %v, want ErrPaymentNotFound", err)
	}
}

func paymentOnce(t *testing.T, f *fixture) {
	p := f.payment(10)
	if err := f.Update(t.Context(), func(tx pay.Tx) error { return tx.InsertPayment(t.Context(), p) }); err == nil {
		t.Error("a second payment took the same number")
	}
}

var refunds = map[string]func(*testing.T, *fixture){
	"Refund/comes back as it went in":      refundRoundTrip,
	"Refund/is inserted or not":            insertRefund,
	"Refund/one for each mac":              claimRefundMAC,
	"Refund/moves from the state it is in": moveRefund,
	"Refund/never more than the payment":   reserveRefund,
	"Refund/50 reservations at a time":     reserveRace,
	"Refund/what waits, the oldest first":  refundsPending,
}

func (f *fixture) newRefund(payment int64) pay.Refund {
	n := f.id()
	return pay.Refund{
		Number: n, App: 1, MRefundID: fmt.Sprintf("260314_1_%d", n), Payment: payment, Amount: 10,
		State: pay.RefundRunning, CreatedAt: at, DueAt: at,
	}
}

func (f *fixture) refund(change func(*pay.Refund)) pay.Refund {
	f.t.Helper()
	r := f.newRefund(1)
	change(&r)
	f.update(func(tx pay.Tx) error { return inserted(tx.InsertRefund(f.t.Context(), r)) })
	return r
}

func (f *fixture) refundIs(want pay.Refund) {
	f.t.Helper()
	got, err := ask(f, func(ctx context.Context, r pay.Reader) (pay.Refund, error) { return r.Refund(ctx, want.Number) })
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		f.t.Errorf("Refund: %v (-want +got):\n%s", err, diff)
	}
	got, err = ask(f, func(ctx context.Context, r pay.Reader) (pay.Refund, error) {
		return r.RefundByMerchantID(ctx, want.App, want.MRefundID)
	})
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		f.t.Errorf("RefundByMerchantID: %v (-want +got):\n%s", err, diff)
	}
}

func refundRoundTrip(t *testing.T, f *fixture) {
	r := f.refund(func(r *pay.Refund) { r.Fee, r.Description = 3, "hoàn tiền ☕" })
	f.refundIs(r)
	r.State, r.Failure, r.DueAt, r.ClosedAt = pay.RefundFailed, pay.RefundPeriod, time.Time{}, at.Add(time.Second)
	f.update(func(tx pay.Tx) error { return tx.MoveRefund(t.Context(), r, pay.RefundRunning) })
	f.refundIs(r)
}

func insertRefund(t *testing.T, f *fixture) {
	r := f.refund(func(*pay.Refund) {})
	again, elsewhere := f.newRefund(1), f.newRefund(1)
	again.MRefundID, elsewhere.MRefundID, elsewhere.App = r.MRefundID, r.MRefundID, 2
	f.update(func(tx pay.Tx) error {
		if err := inserted(tx.InsertRefund(t.Context(), again)); !errors.Is(err, errNotInserted) {
			t.Errorf("the same m_refund_id: %v, want no insert and no error", err)
		}
		return inserted(tx.InsertRefund(t.Context(), elsewhere))
	})
	f.refundIs(r)
	f.refundIs(elsewhere)
	f.view(func(rd pay.Reader) error {
		_, byNumber := rd.Refund(t.Context(), again.Number)
		_, byName := rd.RefundByMerchantID(t.Context(), 3, r.MRefundID)
		for _, err := range []error{byNumber, byName} {
			if !errors.Is(err, pay.ErrRefundNotFound) {
				t.Errorf("got %v, want ErrRefundNotFound", err)
			}
		}
		return nil
	})
}

func claimRefundMAC(t *testing.T, f *fixture) {
	r, elsewhere := f.refund(func(*pay.Refund) {}), f.refund(func(r *pay.Refund) { r.App = 2 })
	claim := func(r pay.Refund, mac string) (first bool) {
		f.update(func(tx pay.Tx) (err error) {
			first, err = tx.ClaimRefundMAC(t.Context(), r, mac)
			return err
		})
		return first
	}
	for _, c := range []struct {
		r    pay.Refund
		mac  string
		want bool
	}{{r, "a", true}, {r, "a", false}, {r, "b", true}, {elsewhere, "a", true}, {elsewhere, "a", false}} {
		if got := claim(c.r, c.mac); got != c.want {
			t.Errorf("mac %s of app %d: %t, want %t", c.mac, c.r.App, got, c.want)
		}
	}
	errs := together(20, func(int) error {
		return f.Update(t.Context(), func(tx pay.Tx) error { return inserted(tx.ClaimRefundMAC(t.Context(), r, "together")) })
	})
	if won := successes(errs); won != 1 || unexpected(errs, errNotInserted) != nil {
		t.Errorf("%d of 20 were first (%v)", won, unexpected(errs, errNotInserted))
	}
}

func moveRefund(t *testing.T, f *fixture) {
	r := f.refund(func(*pay.Refund) {})
	moved := r
	moved.State = pay.RefundSucceeded
	f.stale("from another state", func(tx pay.Tx) error { return tx.MoveRefund(t.Context(), moved, pay.RefundBlocked) })
	f.refundIs(r)
}

func (f *fixture) refunded(p pay.Payment) money.Amount {
	f.t.Helper()
	got, err := ask(f, func(ctx context.Context, r pay.Reader) (pay.Payment, error) { return r.Payment(ctx, p.Number) })
	if err != nil {
		f.t.Fatal(err)
	}
	return got.Refunded
}

func reserveRefund(t *testing.T, f *fixture) {
	p := f.payment(100)
	for _, c := range []struct {
		amount money.Amount
		want   error
		sum    money.Amount
	}{{101, pay.ErrRefundAmount, 0}, {60, nil, 60}, {41, pay.ErrRefundAmount, 60}, {40, nil, 100}, {1, pay.ErrRefundAmount, 100}} {
		err := f.Update(t.Context(), func(tx pay.Tx) error { return tx.ReserveRefund(t.Context(), p.Number, c.amount) })
		if !errors.Is(err, c.want) || f.refunded(p) != c.sum {
			t.Errorf("reserve %v: %v, refunded %v; want %v, %v", c.amount, err, f.refunded(p), c.want, c.sum)
		}
	}
}

func reserveRace(t *testing.T, f *fixture) {
	p := f.payment(100)
	errs := together(50, func(int) error {
		return f.Update(t.Context(), func(tx pay.Tx) error { return tx.ReserveRefund(t.Context(), p.Number, 7) })
	})
	if won := successes(errs); won != 14 || unexpected(errs, pay.ErrRefundAmount) != nil || f.refunded(p) != 98 {
		t.Errorf("%d of 50 won, %v refunded (%v), want 14 and 98", won, f.refunded(p), unexpected(errs, pay.ErrRefundAmount))
	}
}

func refundsPending(t *testing.T, f *fixture) {
	pending := func(r *pay.Refund) { r.State, r.DueAt = pay.RefundPending, time.Time{} }
	want := []pay.Refund{f.refund(pending), f.refund(pending)}
	f.refund(func(*pay.Refund) {})
	f.refund(pending)
	got, err := f.RefundsPending(t.Context(), 2)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("RefundsPending: %v (-want +got):\n%s", err, diff)
	}
}

var accounts = map[string]func(*testing.T, *fixture){
	"Ledger/moves what the entry says":      posts,
	"Ledger/an entry happens once":          postOnce,
	"Ledger/refuses what is not balanced":   postUnbalanced,
	"Ledger/needs accounts that exist":      postNowhere,
	"Ledger/holds floors":                   postFloor,
	"Ledger/holds floors under concurrency": postRace,
	"Ledger/moves nothing past an int64":    postOverflow,
	"Ledger/opposite entries do not lock":   postOpposite,
}

func posts(t *testing.T, f *fixture) {
	a, b := walletAccount(f.wallet(100)), walletAccount(f.wallet(0))
	e := f.entry(a, b, 100)
	f.update(func(tx pay.Tx) error { return tx.Post(t.Context(), e) })
	if x, y := f.balance(a), f.balance(b); x != 0 || y != 100 {
		t.Errorf("balances %v and %v, want 0 and 100", x, y)
	}
	f.sound()
}

func postOnce(t *testing.T, f *fixture) {
	a, b := walletAccount(f.wallet(100)), walletAccount(f.wallet(0))
	e := f.entry(a, b, 10)
	f.update(func(tx pay.Tx) error { return tx.Post(t.Context(), e) })
	if err := f.Update(t.Context(), func(tx pay.Tx) error { return tx.Post(t.Context(), e) }); err == nil {
		t.Error("the same entry was posted again")
	}
	if got := f.balance(b); got != 10 {
		t.Errorf("balance %v, want 10", got)
	}
}

func postUnbalanced(t *testing.T, f *fixture) {
	w := walletAccount(f.wallet(0))
	e := ledger.Entry{ID: f.id(), Reason: ledger.TopUp, At: at, Postings: []ledger.Posting{{Account: clearing, Amount: -1}, {Account: w, Amount: 2}}}
	if err := f.Update(t.Context(), func(tx pay.Tx) error { return tx.Post(t.Context(), e) }); err == nil {
		t.Error("an entry that makes money was posted")
	}
	f.sound()
}

func postNowhere(t *testing.T, f *fixture) {
	nowhere := ledger.Account(ledger.Wallet, 1)
	e := f.entry(clearing, nowhere, 1)
	err := f.Update(t.Context(), func(tx pay.Tx) error { return tx.Post(t.Context(), e) })
	if err == nil || errors.Is(err, ledger.ErrFloor) || errors.Is(err, pay.ErrStale) {
		t.Errorf("Post = %v, want an error of ours", err)
	}
	if _, err := ask(f, func(ctx context.Context, r pay.Reader) (money.Amount, error) { return r.Balance(ctx, nowhere) }); err == nil {
		t.Error("an account that is not there has a balance")
	}
	f.sound()
}

func postFloor(t *testing.T, f *fixture) {
	app := f.app(merchant.Terms{ReceivableLimit: 30})
	payable, debt := ledger.Account(ledger.Payable, int64(app.ID)), ledger.Account(ledger.Receivable, int64(app.ID))
	wallet := walletAccount(f.wallet(10))
	for _, c := range []struct {
		from   ledger.AccountID
		amount money.Amount
		want   error
	}{
		{wallet, 11, ledger.ErrFloor},
		{wallet, 10, nil},
		{wallet, 1, ledger.ErrFloor},
		{payable, 1, ledger.ErrFloor},
		{debt, 31, ledger.ErrFloor},
		{debt, 30, nil},
		{debt, 1, ledger.ErrFloor},
		{ledger.Account(ledger.Fees, int64(app.ID)), money.Max, nil},
		{ledger.Account(ledger.Promotions, int64(app.ID)), money.Max, nil},
	} {
		e := f.entry(c.from, clearing, c.amount)
		if err := f.Update(t.Context(), func(tx pay.Tx) error { return tx.Post(t.Context(), e) }); !errors.Is(err, c.want) {
			t.Errorf("%v out of %v: %v, want %v", c.amount, c.from, err, c.want)
		}
	}
	f.sound()
}

func postRace(t *testing.T, f *fixture) {
	from, to := walletAccount(f.wallet(100)), walletAccount(f.wallet(0))
	entries := make([]ledger.Entry, 60)
	for i := range entries {
		entries[i] = f.entry(from, to, 3)
	}
	errs := together(len(entries), func(i int) error {
		return f.Update(t.Context(), func(tx pay.Tx) error { return tx.Post(t.Context(), entries[i]) })
	})
	if won := successes(errs); won != 33 || unexpected(errs, ledger.ErrFloor) != nil || f.balance(from) != 1 || f.balance(to) != 99 {
		t.Errorf("%d of 60 won (%v), balances %v and %v; want 33, 1 and 99", won, unexpected(errs, ledger.ErrFloor), f.balance(from), f.balance(to))
	}
	f.sound()
}

func postOverflow(t *testing.T, f *fixture) {
	a := ledger.Account(ledger.Fees, int64(f.app(merchant.Terms{}).ID))
	b := ledger.Account(ledger.Fees, int64(f.app(merchant.Terms{}).ID))
	most := f.entry(a, b, math.MaxInt64)
	f.update(func(tx pay.Tx) error { return tx.Post(t.Context(), most) })
	for _, c := range []struct {
		name     string
		from, to ledger.AccountID
	}{{"above the top", clearing, b}, {"to the bottom and below", a, clearing}} {
		for range 2 {
			e := f.entry(c.from, c.to, 1)
			_ = f.Update(t.Context(), func(tx pay.Tx) error { return tx.Post(t.Context(), e) })
		}
	}
	f.sound()
	if x, y := f.balance(a), f.balance(b); x > -math.MaxInt64 || y != math.MaxInt64 {
		t.Errorf("balances %d and %d", x, y)
	}
}

func postOpposite(t *testing.T, f *fixture) {
	a, b := walletAccount(f.wallet(1000)), walletAccount(f.wallet(1000))
	entries := make([]ledger.Entry, 60)
	for i := range entries {
		entries[i] = f.entry(a, b, 1)
		if i%2 == 0 {
			entries[i] = f.entry(b, a, 1)
		}
	}
	errs := together(len(entries), func(i int) error {
		return f.Update(t.Context(), func(tx pay.Tx) error { return tx.Post(t.Context(), entries[i]) })
	})
	if err := unexpected(errs); err != nil {
		t.Error(err)
	}
	if x, y := f.balance(a), f.balance(b); x != 1000 || y != 1000 {
		t.Errorf("balances %v and %v, want 1000 each", x, y)
	}
}
