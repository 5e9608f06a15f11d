package pay_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sen/internal/callback"
	"sen/internal/id"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

// A model is what the gateway should hold, kept in plain maps by rules written
// a second time, as simply as can be.
type model struct {
	wallets []*modelWallet
	apps    []*modelApp
	orders  []*modelOrder
	refunds []*modelRefund
}

type modelWallet struct {
	pay.Wallet
	balance money.Amount
}

type modelApp struct {
	merchant.App
	held, debt, fees money.Amount // what we owe it, what it owes us, what we earned
	given            money.Amount // discounts that its payers got
}

type modelOrder struct {
	pay.Order
	app      *modelApp
	payer    *modelWallet // nil until it is paid
	payment  pay.Payment
	refunded money.Amount
}

type modelRefund struct {
	pay.Refund
	order *modelOrder
}

func (o *modelOrder) pay(w *modelWallet, now time.Time) error {
	switch {
	case o.State == pay.OrderPaid && o.payer == w:
		return nil
	case o.State == pay.OrderPaid:
		return pay.ErrOrderPaid
	case o.State == pay.OrderCancelled:
		return pay.ErrOrderCancelled
	case o.State == pay.OrderExpired || !now.Before(o.ExpiresAt):
		return pay.ErrOrderExpired
	case !w.LockedAt.IsZero():
		return pay.ErrWalletLocked
	case !w.PaymentsOffAt.IsZero():
		return pay.ErrPaymentsOff
	case w.PINHash == "":
		return pay.ErrPINNotSet
	case w.balance < o.Amount:
		o.Failure = pay.LowBalance
		return pay.ErrBalanceLow
	}
	fee := o.Amount * money.Amount(o.app.Terms.FeeBP) / 10_000
	w.balance = max(w.balance-o.Amount, w.RefillTo)
	o.app.held += o.Amount - fee
	o.app.fees += fee
	o.State, o.Failure, o.payer = pay.OrderPaid, pay.NoFailure, w
	return nil
}

func (o *modelOrder) cancel(now time.Time) error {
	if o.State == pay.OrderPaid {
		return pay.ErrOrderPaid
	}
	if o.State == pay.OrderCreated && now.Before(o.ExpiresAt) {
		o.State = pay.OrderCancelled
	}
	return nil
}

func (m *model) expire(now time.Time) {
	for _, o := range m.orders {
		if o.State == pay.OrderCreated && !now.Before(o.ExpiresAt) {
			o.State = pay.OrderExpired
		}
	}
}

// run carries out the refunds that are due, in the order in which they are.
func (m *model) run(now time.Time) {
	due := slices.DeleteFunc(slices.Clone(m.refunds), func(r *modelRefund) bool {
		return (r.State != pay.RefundRunning && r.State != pay.RefundBlocked) || r.DueAt.After(now)
	})
	slices.SortFunc(due, func(a, b *modelRefund) int {
		if c := a.DueAt.Compare(b.DueAt); c != 0 {
			return c
		}
		return int(a.Number - b.Number)
	})
	for _, r := range due {
		r.run(now)
	}
}

func (r *modelRefund) run(now time.Time) {
	o, app := r.order, r.order.app
	if r.State == pay.RefundRunning {
		period := app.Terms.RefundPeriod
		switch {
		case period > 0 && r.CreatedAt.Sub(o.payment.At) > period:
			r.State, r.Failure = pay.RefundFailed, pay.RefundPeriod
			return
		case o.refunded+r.Amount > o.Amount:
			r.State, r.Failure = pay.RefundFailed, pay.RefundAmount
			return
		}
		o.refunded += r.Amount
	}
	fromHeld := min(app.held, r.Amount)
	if app.debt+r.Amount-fromHeld > app.Terms.ReceivableLimit {
		r.State, r.DueAt = pay.RefundBlocked, now.Add(time.Minute)
		return
	}
	app.held -= fromHeld
	app.debt += r.Amount - fromHeld
	app.fees += r.Fee
	app.given -= o.payment.Discount
	o.payer.balance += r.Amount - r.Fee - o.payment.Discount
	r.State = pay.RefundSucceeded
}

// A machine runs the gateway and the model side by side.
type machine struct {
	g   *gateway
	m   model
	dir string
}

func emptyMachine(t testing.TB) *machine {
	t.Helper()
	dir := t.TempDir()
	g := &gateway{pins: &plainPINs{}, place: place(t)}
	g.set(start)
	if err := g.open(context.Background(), dir); err != nil {
		t.Fatal(err)
	}
	return &machine{g: g, dir: dir}
}

func newMachine(t testing.TB) *machine {
	t.Helper()
	x := emptyMachine(t)
	for _, terms := range []merchant.Terms{
		{},
		{FeeBP: 333, ReceivableLimit: 150, RefundPeriod: 10 * time.Minute},
		{FeeBP: 10_000, RefundApprovalFrom: 60},
	} {
		x.m.apps = append(x.m.apps, &modelApp{App: x.g.app(t, terms)})
	}
	for _, w := range []modelWallet{
		{balance: 300},
		{balance: 120},
		{Wallet: pay.Wallet{RefillTo: 90}, balance: 90},
		{Wallet: pay.Wallet{PINHash: "none"}, balance: 50},
	} {
		w.KYC = pay.Full
		x.addWallet(t, w)
	}
	return x
}

func (x *machine) addWallet(t testing.TB, w modelWallet) {
	t.Helper()
	hash := "hash of 111111"
	if w.PINHash == "none" {
		hash = ""
	}
	opened, err := x.g.OpenWallet(t.Context(), pay.Wallet{
		Phone: fmt.Sprintf("09%08d", x.g.serial.Add(1)), PINHash: hash, RefillTo: w.RefillTo, KYC: w.KYC, Limits: w.Limits,
	})
	if err == nil {
		_, err = x.g.TopUp(t.Context(), opened.Phone, w.balance)
	}
	if err != nil {
		t.Fatal(err)
	}
	x.m.wallets = append(x.m.wallets, &modelWallet{Wallet: opened, balance: w.balance})
}

// expect compares the answer of the gateway with the model's.
func expect(t rapid.TB, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

func (x *machine) create(t *rapid.T) {
	app := rapid.SampledFrom(x.m.apps).Draw(t, "app")
	n := x.g.newOrder(app.App, money.Amount(rapid.Int64Range(1, 150).Draw(t, "amount")))
	n.AppTransID = fmt.Sprintf("%s_%d", id.Day(x.g.time()), rapid.IntRange(0, 60).Draw(t, "name"))
	n.Life = rapid.SampledFrom([]time.Duration{0, pay.MinLife}).Draw(t, "life")
	var want error
	if slices.ContainsFunc(x.m.orders, func(o *modelOrder) bool { return o.App == app.ID && o.AppTransID == n.AppTransID }) {
		want = pay.ErrOrderDuplicate
	}
	o, err := x.g.CreateOrder(context.Background(), n)
	expect(t, "create", err, want)
	if err == nil {
		x.m.orders = append(x.m.orders, &modelOrder{Order: o, app: app})
	}
}

// any draws one of all, mostly a late one; nil if there is none.
func anyOf[T any](t *rapid.T, all []*T, what string) *T {
	if len(all) == 0 {
		t.Skip("no " + what)
	}
	return all[max(0, len(all)-1-rapid.IntRange(0, min(12, len(all)-1)).Draw(t, what))]
}

func (x *machine) pay(t *rapid.T) {
	o, w := anyOf(t, x.m.orders, "order"), anyOf(t, x.m.wallets, "wallet")
	before := o.payment
	p, err := x.g.PayFromWallet(context.Background(), o.Key, w.ID)
	expect(t, "pay", err, o.pay(w, x.g.time()))
	if err != nil {
		return
	}
	if before.Number != 0 && p.Number != before.Number {
		t.Fatalf("paid again: payment %d, then %d", before.Number, p.Number)
	}
	o.payment = p
}

func (x *machine) cancel(t *rapid.T) {
	o := anyOf(t, x.m.orders, "order")
	_, err := x.g.CancelOrder(context.Background(), o.App, o.AppTransID)
	expect(t, "cancel", err, o.cancel(x.g.time()))
}

func (x *machine) refund(t *rapid.T) {
	paid := slices.DeleteFunc(slices.Clone(x.m.orders), func(o *modelOrder) bool { return o.payer == nil })
	o := anyOf(t, paid, "paid order")
	amount := money.Amount(rapid.Int64Range(1, int64(o.Amount)+2).Draw(t, "amount"))
	n := pay.NewRefund{
		App: o.app.App, MRefundID: fmt.Sprintf("%s_%d", id.Day(x.g.time()), rapid.IntRange(0, 60).Draw(t, "name")),
		Payment: o.payment.Number, Amount: amount, Fee: money.Amount(rapid.Int64Range(0, int64(amount)).Draw(t, "fee")),
		Timestamp: x.g.time(),
	}
	discount := o.payment.Discount
	if rapid.Bool().Draw(t, "full") {
		n.Amount, n.Fee = o.Amount, min(n.Fee, o.Amount-discount)
	}
	amount = n.Amount
	var want error
	switch {
	case slices.ContainsFunc(x.m.refunds, func(r *modelRefund) bool { return r.App == n.App.ID && r.MRefundID == n.MRefundID }):
		want = pay.ErrRefundDuplicate
	case discount > 0 && (amount != o.Amount || n.Fee > amount-discount):
		want = pay.ErrRefundPartial
	}
	r, err := x.g.RequestRefund(context.Background(), n)
	expect(t, "refund", err, want)
	if errors.Is(want, pay.ErrRefundPartial) {
		r, err = x.g.RefundByMerchantID(context.Background(), n.App.ID, n.MRefundID)
		expect(t, "look for a refund that was refused", err, nil)
		r.State, r.Failure = pay.RefundFailed, pay.RefundPartial
		x.m.refunds = append(x.m.refunds, &modelRefund{Refund: r, order: o})
	}
	if want != nil {
		return
	}
	if from := o.app.Terms.RefundApprovalFrom; (r.State == pay.RefundPending) != (from > 0 && amount >= from) {
		t.Fatalf("a refund of %v is %s", amount, r.State)
	}
	x.m.refunds = append(x.m.refunds, &modelRefund{Refund: r, order: o})
}

func (x *machine) decide(t *rapid.T) {
	r, approve := anyOf(t, x.m.refunds, "refund"), rapid.Bool().Draw(t, "approve")
	got, err := x.g.DecideRefund(context.Background(), r.Number, approve)
	if r.State != pay.RefundPending {
		expect(t, "decide", err, pay.ErrRefundDecided)
		return
	}
	expect(t, "decide", err, nil)
	r.State, r.DueAt = pay.RefundRunning, got.DueAt
	if !approve {
		r.State, r.Failure = pay.RefundFailed, pay.RefundRejected
	}
}

func (x *machine) runRefunds(t *rapid.T) {
	_, err := x.g.RunRefunds(context.Background())
	expect(t, "run refunds", err, nil)
	x.m.run(x.g.time())
}

func (x *machine) expire(t *rapid.T) {
	_, err := x.g.ExpireOrders(context.Background())
	expect(t, "expire", err, nil)
	x.m.expire(x.g.time())
}

func (x *machine) conditions(t *rapid.T) {
	w := anyOf(t, x.m.wallets, "wallet")
	locked, off := rapid.Bool().Draw(t, "locked"), rapid.Bool().Draw(t, "off")
	got, err := x.g.SetConditions(context.Background(), w.Phone, &locked, &off)
	expect(t, "conditions", err, nil)
	w.LockedAt, w.PaymentsOffAt = got.LockedAt, got.PaymentsOffAt
	if locked == w.LockedAt.IsZero() || off == w.PaymentsOffAt.IsZero() {
		t.Fatalf("locked %v, off %v: %+v", locked, off, got)
	}
}

func (x *machine) free(t *rapid.T) {
	w, no := anyOf(t, x.m.wallets, "wallet"), false
	_, err := x.g.SetConditions(context.Background(), w.Phone, &no, &no)
	expect(t, "free", err, nil)
	w.LockedAt, w.PaymentsOffAt = time.Time{}, time.Time{}
}

func (x *machine) topUp(t *rapid.T) {
	w, amount := anyOf(t, x.m.wallets, "wallet"), money.Amount(rapid.Int64Range(-1, 100).Draw(t, "amount"))
	_, err := x.g.TopUp(context.Background(), w.Phone, amount)
	if amount <= 0 {
		expect(t, "top up", err, money.ErrInvalid)
		return
	}
	expect(t, "top up", err, nil)
	w.balance += amount
}

func (x *machine) payOut(t *rapid.T) {
	a, amount := anyOf(t, x.m.apps, "app"), money.Amount(rapid.Int64Range(-1, 150).Draw(t, "amount"))
	err := x.g.PayOut(context.Background(), a.ID, amount)
	switch {
	case amount <= 0:
		expect(t, "pay out", err, money.ErrInvalid)
	case amount > a.held:
		expect(t, "pay out", err, ledger.ErrFloor)
	default:
		expect(t, "pay out", err, nil)
		a.held -= amount
	}
}

func (x *machine) clock(t *rapid.T) {
	x.g.move(time.Duration(rapid.IntRange(-10, 20).Draw(t, "minutes")) * time.Minute)
}

func (x *machine) second(*rapid.T) { x.g.move(time.Second) }

func (x *machine) reopen(t *rapid.T) {
	if err := x.g.store.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, "reopen", x.g.open(context.Background(), x.dir), nil)
}

func (x *machine) crash(t *rapid.T) {
	dir, err := os.MkdirTemp(x.dir, "crashed")
	expect(t, "make a directory", err, nil)
	expect(t, "crash", x.g.crash(context.Background(), x.dir, dir), nil)
	x.dir = dir
}

// check compares everything that can be seen, after each step.
func (x *machine) check(t *rapid.T) {
	ctx := context.Background()
	var sum money.Amount
	is := func(r pay.Reader, kind ledger.Kind, owner int64, want money.Amount) {
		got, err := r.Balance(ctx, ledger.Account(kind, owner))
		if err != nil || got != want {
			t.Fatalf("%v/%d has %v, %v, want %v", kind, owner, got, err, want)
		}
		sum += got
	}
	expect(t, "look", x.g.store.View(ctx, func(r pay.Reader) error {
		for _, w := range x.m.wallets {
			is(r, ledger.Wallet, int64(w.ID), w.balance)
		}
		for _, a := range x.m.apps {
			is(r, ledger.Payable, int64(a.ID), a.held)
			is(r, ledger.Receivable, int64(a.ID), -a.debt)
			is(r, ledger.Fees, int64(a.ID), a.fees)
			is(r, ledger.Promotions, int64(a.ID), -a.given)
		}
		for _, o := range x.m.orders {
			got, err := r.Order(ctx, o.Key)
			if err != nil || got.State != o.State || got.Failure != o.Failure || got.Payment != o.payment.Number {
				t.Fatalf("order %d: %s %q, payment %d, %v; want %s %q, payment %d", o.Key, got.State, got.Failure, got.Payment, err,
					o.State, o.Failure, o.payment.Number)
			}
			if o.payer == nil {
				continue
			}
			if p, err := r.Payment(ctx, o.payment.Number); err != nil || p.Refunded != o.refunded || p.Refunded > p.Amount {
				t.Fatalf("payment %d: %v of %v refunded, %v, want %v", p.Number, p.Refunded, p.Amount, err, o.refunded)
			}
		}
		for _, rf := range x.m.refunds {
			got, err := r.Refund(ctx, rf.Number)
			if err != nil || got.State != rf.State || got.Failure != rf.Failure {
				t.Fatalf("refund %d: %s %q, %v, want %s %q", rf.Number, got.State, got.Failure, err, rf.State, rf.Failure)
			}
		}
		// Money outside is the mirror of all money inside.
		is(r, ledger.Clearing, int64(pay.WalletChannel), -sum)
		return nil
	}), nil)
}

// about returns the callbacks about an order or a binding. Two processes may
// give both the same key.
func (g *gateway) about(subject callback.Subject, key int64) ([]callback.Delivery, error) {
	all, err := g.store.DeliveriesOfOrder(context.Background(), key)
	return slices.DeleteFunc(all, func(d callback.Delivery) bool { return d.Subject != subject }), err
}

// callbacks wants one for each order that is paid and none for another.
func (x *machine) callbacks(t rapid.TB) {
	t.Helper()
	for _, o := range x.m.orders {
		got, err := x.g.about(callback.OrderPaid, int64(o.Key))
		want := 0
		if o.State == pay.OrderPaid {
			want = 1
		}
		if err != nil || len(got) != want {
			t.Fatalf("%d callbacks for an order that is %s (%v)", len(got), o.State, err)
		}
	}
}

func TestServiceAgainstModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		x := newMachine(t)
		defer func() { _ = x.g.store.Close() }()
		rt.Repeat(map[string]func(*rapid.T){
			"create": x.create, "create another": x.create, "create a third": x.create,
			"pay": x.pay, "pay another": x.pay, "pay a third": x.pay, "pay a fourth": x.pay,
			"cancel": x.cancel, "refund": x.refund, "refund another": x.refund, "refund a third": x.refund, "decide": x.decide,
			"run refunds": x.runRefunds, "run them again": x.runRefunds, "expire": x.expire,
			"conditions": x.conditions, "free": x.free, "top up": x.topUp, "pay out": x.payOut,
			"move the clock": x.clock, "a second": x.second, "another second": x.second, "reopen": x.reopen, "crash": x.crash,
			"": x.check,
		})
		x.callbacks(rt)
		x.g.sound(rt)
	})
}

// TestServiceTogether does everything at a time. Which call wins is chance;
// what must hold when all are done is not.
func TestServiceTogether(t *testing.T) {
	t.Parallel()
	const workers, steps = 8, 60
	x := newMachine(t)
	defer func() { _ = x.g.store.Close() }()
	for i := range 12 {
		o := x.g.order(t, x.m.apps[i%3].App, money.Amount(10+i))
		x.m.orders = append(x.m.orders, &modelOrder{Order: o})
	}
	var done sync.WaitGroup
	for i := range workers {
		done.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(i)))
			for range steps {
				if err := x.any(t.Context(), r); err != nil {
					t.Errorf("worker %d: %v", i, err)
				}
			}
		})
	}
	done.Wait()
	x.g.sound(t)
	for _, w := range x.m.wallets {
		if got := x.g.balance(t, ledger.Wallet, int64(w.ID)); got < 0 {
			t.Errorf("wallet %d has %v", w.ID, got)
		}
	}
	paid := 0
	for _, o := range x.m.orders {
		rc, err := x.g.Receipt(t.Context(), o.App, o.AppTransID)
		if err != nil {
			t.Fatal(err)
		}
		if o.State = rc.Order.State; o.State == pay.OrderPaid {
			paid++
		}
		if rc.Payment.Refunded > rc.Payment.Amount {
			t.Errorf("%v of %v refunded", rc.Payment.Refunded, rc.Payment.Amount)
		}
	}
	if paid == 0 {
		t.Error("nothing was paid: the test shows nothing")
	}
	x.callbacks(t)
	if x.g.lost.Load() != 0 {
		t.Errorf("%d notes were lost", x.g.lost.Load())
	}
}

// any does one thing. A refusal is an answer; what it returns is an error of
// ours.
func (x *machine) any(ctx context.Context, r *rand.Rand) error {
	o, w := x.m.orders[r.IntN(len(x.m.orders))], x.m.wallets[r.IntN(len(x.m.wallets))]
	yes, no := true, false
	var err error
	switch r.IntN(16) {
	case 0, 1, 2, 3, 4, 5:
		_, err = x.g.PayFromWallet(ctx, o.Key, w.ID)
	case 6:
		if r.IntN(8) == 0 {
			_, err = x.g.CancelOrder(ctx, o.App, o.AppTransID)
		}
	case 7, 8, 9:
		err = x.refundAny(ctx, o, r)
	case 10:
		x.g.move(time.Second)
		_, err = x.g.RunRefunds(ctx)
	case 11:
		_, err = x.g.SetConditions(ctx, w.Phone, &yes, nil)
	case 12, 13:
		_, err = x.g.SetConditions(ctx, w.Phone, &no, nil)
	case 14:
		_, err = x.g.TopUp(ctx, w.Phone, 20)
	case 15:
		err = x.g.PayOut(ctx, o.App, money.Amount(1+r.IntN(5)))
	}
	for _, refusal := range []error{
		pay.ErrOrderPaid, pay.ErrOrderCancelled, pay.ErrWalletLocked, pay.ErrPINNotSet, pay.ErrBalanceLow, ledger.ErrFloor,
		// Somebody else's refund took what was left, between the attempt and
		// the decision to block it: the next run settles that.
		pay.ErrRefundAmount,
	} {
		if errors.Is(err, refusal) {
			return nil
		}
	}
	return err
}

func (x *machine) refundAny(ctx context.Context, o *modelOrder, r *rand.Rand) error {
	rc, err := x.g.Receipt(ctx, o.App, o.AppTransID)
	if err != nil || rc.Payment.Number == 0 {
		return err
	}
	app, err := x.g.Apps.App(o.App)
	if err != nil {
		return err
	}
	_, err = x.g.RequestRefund(ctx, pay.NewRefund{
		App: app, MRefundID: x.g.name(), Payment: rc.Payment.Number, Amount: money.Amount(1 + r.IntN(12)), Timestamp: x.g.time(),
	})
	return err
}
