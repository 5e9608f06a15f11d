package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen/internal/pay"
)

// claims are what workers on several nodes rely on.
var claims = map[string]func(*testing.T, *fixture){
	"Claim/refunds that are due":            claimRefunds,
	"Claim/refunds of one payment in order": claimInOrder,
	"Claim/charges that are due":            claimCharges,
	"Claim/one charge":                      claimOneCharge,
	"Claim/nothing twice":                   claimsRace,
	"Claim/a late worker writes nothing":    claimLate,
	"Claim/given back":                      unclaim,
	"Claim/one check of a binding":          oneCheck,
}

// workTime is how long the claims of these tests last.
const workTime = 20 * time.Second

func (f *fixture) claimRefunds(now, machine time.Time, n int) (claimed []pay.Refund) {
	f.t.Helper()
	f.update(func(tx pay.Tx) (err error) {
		claimed, err = tx.ClaimRefunds(f.t.Context(), now, machine, machine.Add(workTime), n)
		return err
	})
	return claimed
}

func (f *fixture) claimCharges(now, machine time.Time, n int) (claimed []pay.Charge) {
	f.t.Helper()
	f.update(func(tx pay.Tx) (err error) {
		claimed, err = tx.ClaimCharges(f.t.Context(), now, machine, machine.Add(workTime), n)
		return err
	})
	return claimed
}

// numbersAre compares what was claimed, in whatever order, with those numbers.
func (f *fixture) numbersAre(what string, got []int64, want ...int64) {
	f.t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		f.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func refundNumbers(all []pay.Refund) (n []int64) {
	for _, r := range all {
		n = append(n, r.Number)
	}
	return n
}

func chargeNumbers(all []pay.Charge) (n []int64) {
	for _, c := range all {
		n = append(n, c.Number)
	}
	return n
}

func (f *fixture) charge(change func(*pay.Charge)) pay.Charge {
	f.t.Helper()
	n := f.id()
	c := pay.Charge{Number: n, Order: pay.OrderKey(n), App: 1, Amount: 10, State: pay.ChargeStarted, CreatedAt: at, DueAt: at, CountedDay: "261123"}
	change(&c)
	f.update(func(tx pay.Tx) error { return tx.InsertCharge(f.t.Context(), c) })
	return c
}

func claimRefunds(t *testing.T, f *fixture) {
	dueIn := func(after time.Duration) int64 {
		return f.refund(func(r *pay.Refund) { r.Payment, r.DueAt = f.id(), at.Add(after) }).Number
	}
	third, first, second := dueIn(0), dueIn(-2*time.Second), dueIn(-time.Second)
	later := dueIn(time.Microsecond)
	f.refund(func(r *pay.Refund) { r.State, r.DueAt = pay.RefundPending, time.Time{} })
	due := func(now, machine time.Time) bool {
		some, err := ask(f, func(ctx context.Context, r pay.Reader) (bool, error) { return r.RefundsDue(ctx, now, machine) })
		if err != nil {
			t.Fatal(err)
		}
		return some
	}
	if !due(at, at) || due(at.Add(-time.Minute), at) {
		t.Error("RefundsDue does not see what is due, or sees what is not")
	}
	f.numbersAre("two", refundNumbers(f.claimRefunds(at, at, 2)), first, second)
	f.numbersAre("the rest", refundNumbers(f.claimRefunds(at, at, 10)), third)
	if due(at, at.Add(workTime-time.Microsecond)) || len(f.claimRefunds(at, at.Add(workTime-time.Microsecond), 10)) != 0 {
		t.Error("claimed under a lease")
	}
	f.numbersAre("the clock of the business moved", refundNumbers(f.claimRefunds(at.Add(time.Hour), at, 10)), later)
	if !due(at, at.Add(workTime)) {
		t.Error("nothing is due after the leases")
	}
	f.numbersAre("after the leases", refundNumbers(f.claimRefunds(at, at.Add(workTime), 10)), first, second, third)
}

func claimInOrder(t *testing.T, f *fixture) {
	of := func(payment int64, change func(*pay.Refund)) int64 {
		return f.refund(func(r *pay.Refund) { r.Payment = payment; change(r) }).Number
	}
	second := of(7, func(*pay.Refund) {})
	first := of(7, func(r *pay.Refund) { r.DueAt = at.Add(-time.Second) })
	judged := of(7, func(r *pay.Refund) { r.State, r.DueAt = pay.RefundBlocked, at.Add(-time.Minute) })
	other := of(8, func(*pay.Refund) {})
	got := f.claimRefunds(at, at, 10)
	f.numbersAre("at once", refundNumbers(got), first, judged, other)
	if more := f.claimRefunds(at, at, 10); len(more) != 0 {
		t.Errorf("claimed %v while an older one of its payment is worked on", refundNumbers(more))
	}
	for _, r := range got {
		if r.Number == first {
			r.State, r.DueAt, r.ClosedAt = pay.RefundSucceeded, time.Time{}, at
			f.update(func(tx pay.Tx) error { return tx.MoveRefund(t.Context(), r, pay.RefundRunning) })
		}
	}
	f.numbersAre("then", refundNumbers(f.claimRefunds(at, at, 10)), second)
}

func claimCharges(t *testing.T, f *fixture) {
	dueIn := func(after time.Duration) int64 {
		return f.charge(func(c *pay.Charge) { c.DueAt = at.Add(after) }).Number
	}
	second, first := dueIn(0), dueIn(-time.Second)
	dueIn(time.Microsecond)
	f.charge(func(c *pay.Charge) { c.State, c.DueAt, c.ClosedAt = pay.ChargeFailed, time.Time{}, at })
	f.charge(func(c *pay.Charge) { c.Lease = pay.Lease(at.Add(time.Second).UnixMicro()) })
	f.numbersAre("one", chargeNumbers(f.claimCharges(at, at, 1)), first)
	f.numbersAre("the rest", chargeNumbers(f.claimCharges(at, at, 10)), second)
	if got := f.claimCharges(at, at.Add(time.Second-time.Microsecond), 10); len(got) != 0 {
		t.Errorf("claimed %v under a lease", chargeNumbers(got))
	}
	if got := f.claimCharges(at, at.Add(time.Second), 10); len(got) != 1 {
		t.Errorf("claimed %v, want the one whose lease is over", chargeNumbers(got))
	}
}

func claimOneCharge(t *testing.T, f *fixture) {
	c := f.charge(func(c *pay.Charge) { c.DueAt = at.Add(time.Hour) })
	claim := func(number int64, machine time.Time) (taken bool) {
		f.update(func(tx pay.Tx) (err error) {
			taken, err = tx.ClaimCharge(t.Context(), number, machine, machine.Add(workTime))
			return err
		})
		return taken
	}
	for i, want := range []bool{true, false} {
		if got := claim(c.Number, at); got != want {
			t.Errorf("claim %d: %v", i+1, got)
		}
	}
	if !claim(c.Number, at.Add(workTime)) {
		t.Error("not claimed after the lease")
	}
	if closed := f.charge(func(c *pay.Charge) { c.State, c.ClosedAt = pay.ChargeFailed, at }); claim(closed.Number, at) {
		t.Error("a charge that is over was claimed")
	}
}

// claimsRace lets many workers claim, each row once.
func claimsRace(t *testing.T, f *fixture) {
	const all, workers = 200, 8
	for i := range all {
		f.refund(func(r *pay.Refund) { r.Payment = int64(1 + i/2) })
		f.charge(func(*pay.Charge) {})
	}
	var mu sync.Mutex
	times := map[int64]int{}
	count := func(numbers []int64) {
		mu.Lock()
		defer mu.Unlock()
		for _, n := range numbers {
			times[n]++
		}
	}
	errs := together(workers, func(int) error {
		for {
			var refunds []pay.Refund
			var charges []pay.Charge
			err := f.Update(t.Context(), func(tx pay.Tx) (err error) {
				if refunds, err = tx.ClaimRefunds(t.Context(), at, at, at.Add(workTime), 7); err != nil {
					return err
				}
				charges, err = tx.ClaimCharges(t.Context(), at, at, at.Add(workTime), 7)
				return err
			})
			if err != nil || len(refunds)+len(charges) == 0 {
				return err
			}
			count(refundNumbers(refunds))
			count(chargeNumbers(charges))
		}
	})
	if err := unexpected(errs); err != nil {
		t.Fatal(err)
	}
	for number, n := range times {
		if n != 1 {
			t.Errorf("%d was claimed %d times", number, n)
		}
	}
	if want := all + all/2; len(times) != want { // every charge, and the first refund of each payment
		t.Errorf("%d were claimed, want %d", len(times), want)
	}
}

func claimLate(t *testing.T, f *fixture) {
	f.refund(func(*pay.Refund) {})
	f.charge(func(*pay.Charge) {})
	lateRefund, lateCharge := f.claimRefunds(at, at, 1)[0], f.claimCharges(at, at, 1)[0]
	refund, charge := f.claimRefunds(at, at.Add(workTime), 1)[0], f.claimCharges(at, at.Add(workTime), 1)[0]
	moveRefund := func(r pay.Refund) func(pay.Tx) error {
		r.State, r.DueAt, r.ClosedAt = pay.RefundSucceeded, time.Time{}, at
		return func(tx pay.Tx) error { return tx.MoveRefund(t.Context(), r, pay.RefundRunning) }
	}
	moveCharge := func(c pay.Charge) func(pay.Tx) error {
		c.State, c.DueAt, c.ClosedAt = pay.ChargeSucceeded, time.Time{}, at
		return func(tx pay.Tx) error { return tx.MoveCharge(t.Context(), c, pay.ChargeStarted) }
	}
	f.stale("the refund of a late worker", moveRefund(lateRefund))
	f.stale("the charge of a late worker", moveCharge(lateCharge))
	f.refundIs(refund)
	f.update(moveRefund(refund)) // who has the lease
	f.update(moveCharge(charge))
}

func unclaim(t *testing.T, f *fixture) {
	f.refund(func(*pay.Refund) {})
	f.charge(func(*pay.Charge) {})
	giveBack := func(r pay.Refund, c pay.Charge) {
		f.update(func(tx pay.Tx) error {
			return errors.Join(tx.UnclaimRefund(t.Context(), r), tx.UnclaimCharge(t.Context(), c))
		})
	}
	late, lateCharge := f.claimRefunds(at, at, 1)[0], f.claimCharges(at, at, 1)[0]
	giveBack(late, lateCharge)
	refund, charge := f.claimRefunds(at, at.Add(time.Second), 1), f.claimCharges(at, at.Add(time.Second), 1)
	if len(refund) != 1 || len(charge) != 1 {
		t.Fatalf("claimed %d and %d of what was given back, want 1 and 1", len(refund), len(charge))
	}
	giveBack(late, lateCharge) // again, too late
	if got := f.claimRefunds(at, at.Add(time.Second), 1); len(got) != 0 {
		t.Error("a late worker gave back the claim of another")
	}
	if got := f.claimCharges(at, at.Add(time.Second), 1); len(got) != 0 {
		t.Error("a late worker gave back the claim of another")
	}
}

// oneCheck begins two checks of the card of one binding.
func oneCheck(t *testing.T, f *fixture) {
	check := func(c *pay.Charge) { c.Order, c.Binding, c.Amount = 0, 5, 0 }
	first := f.charge(check)
	second := first
	second.Number = f.id()
	insert := func(tx pay.Tx) error { return tx.InsertCharge(t.Context(), second) }
	f.stale("a second check at the same time", insert)
	f.charge(func(c *pay.Charge) { c.Binding = 5 }) // the binding pays an order meanwhile
	first.State, first.DueAt, first.ClosedAt = pay.ChargeFailed, time.Time{}, at
	f.update(func(tx pay.Tx) error { return tx.MoveCharge(t.Context(), first, pay.ChargeStarted) })
	f.update(insert) // after the first
}
