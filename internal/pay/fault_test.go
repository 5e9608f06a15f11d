package pay_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/pgtest"
)

// A faulty is a gateway whose connections to the database break, and what its
// books must come to.
type faulty struct {
	*gateway
	proxy  *pgtest.Proxy
	app    merchant.App
	wallet pay.Wallet
	paid   money.Amount // by the wallet, less what came back
}

func newFaulty(t *testing.T) *faulty {
	t.Helper()
	if !pgtest.Wanted() {
		pgtest.DSN(t) // skips, and says why
	}
	f := &faulty{gateway: &gateway{pins: &plainPINs{}}, proxy: pgtest.NewProxy(t, place(t))}
	f.set(start)
	f.place = f.proxy.DSN()
	if err := f.open(context.Background(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.store.Close(); err != nil {
			t.Error(err)
		}
	})
	f.app = f.gateway.app(t, merchant.Terms{FeeBP: 100, ReceivableLimit: 1_000_000})
	f.wallet = f.gateway.wallet(t, 1_000_000_000)
	f.push(t)
	return f
}

const (
	price  = 1000
	plenty = 1_000_000_000
)

// push pays and refunds, so that money is where refunds take it from.
func (f *faulty) push(t *testing.T) {
	t.Helper()
	for range 3 {
		if err := f.buy(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// buy orders and pays.
func (f *faulty) buy(ctx context.Context) error {
	o, err := f.CreateOrder(ctx, f.newOrder(f.app, price))
	if err != nil {
		return fmt.Errorf("create: %w", err)
	}
	if _, err := f.PayFromWallet(ctx, o.Key, f.wallet.ID); err != nil {
		return fmt.Errorf("pay: %w", err)
	}
	f.paid += price
	return nil
}

// buyTogether pays many orders at once, one of them twice, and one that the
// wallet can't pay.
func (f *faulty) buyTogether(ctx context.Context) error {
	const n = 5
	var orders []pay.Order
	for i := range n {
		amount := money.Amount(price)
		if i == 0 {
			amount = plenty
		}
		o, err := f.CreateOrder(ctx, f.newOrder(f.app, amount))
		if err != nil {
			return fmt.Errorf("create: %w", err)
		}
		orders = append(orders, o)
	}
	orders = append(orders, orders[1])
	errs := make([]error, len(orders))
	var all sync.WaitGroup
	for i, o := range orders {
		all.Go(func() { _, errs[i] = f.PayFromWallet(ctx, o.Key, f.wallet.ID) })
	}
	all.Wait()
	if !errors.Is(errs[0], pay.ErrBalanceLow) {
		return fmt.Errorf("paying what is not there: %w", errs[0])
	}
	f.paid += (n - 1) * price
	return errors.Join(errs[1:]...)
}

// giveBack pays and takes it back.
func (f *faulty) giveBack(ctx context.Context) error {
	o, err := f.CreateOrder(ctx, f.newOrder(f.app, price))
	if err != nil {
		return fmt.Errorf("create: %w", err)
	}
	p, err := f.PayFromWallet(ctx, o.Key, f.wallet.ID)
	if err != nil {
		return fmt.Errorf("pay: %w", err)
	}
	r, err := f.RequestRefund(ctx, pay.NewRefund{App: f.app, Payment: p.Number, MRefundID: f.name(), Amount: price, Timestamp: f.time()})
	if err != nil {
		return fmt.Errorf("refund: %w", err)
	}
	f.move(2 * time.Second)
	if _, err := f.RunRefunds(ctx); err != nil {
		return fmt.Errorf("run refunds: %w", err)
	}
	got, err := f.RefundByMerchantID(ctx, f.app.ID, r.MRefundID)
	if err == nil && got.State != pay.RefundSucceeded {
		err = fmt.Errorf("the refund is %s", got.State)
	}
	return err
}

func (f *faulty) topUp(ctx context.Context) error {
	_, err := f.TopUp(ctx, f.wallet.Phone, price)
	f.paid -= price
	return err
}

// tried reports whether an operation meets the fault at its nth point: at all of
// them, if somebody has the time, or at some, and at others in the next round.
func tried(n int) bool {
	if os.Getenv("SEN_TEST_EVERY_FAULT") != "" {
		return true
	}
	round, _ := strconv.Atoi(os.Getenv("SEN_TEST_FAULT_ROUND")) // none: the first
	return (n+round)%10 == 0
}

// points are where an operation is to meet the fault: a part of all, those
// around each COMMIT among them.
func (f *faulty) points(t *testing.T, fault pgtest.Fault, do func(*faulty, context.Context) error) (points []int, at func(int) func(pgtest.Message) bool) {
	t.Helper()
	if err := do(f, t.Context()); err != nil { // the first time may have more to do
		t.Fatal(err)
	}
	var commits []int
	f.proxy.Reset()
	f.proxy.Inject(pgtest.Fault{Do: pgtest.Hold, When: func(m pgtest.Message) bool {
		if m.Commit {
			commits = append(commits, m.N-1, m.N, m.N+1)
		}
		return false
	}})
	if err := do(f, t.Context()); err != nil {
		t.Fatal(err)
	}
	f.proxy.Clear()
	last, at := f.proxy.Counts().Messages, pgtest.OnMessage
	if fault.Do == pgtest.AnswerError { // a server says this of statements only
		last, at, commits = f.proxy.Counts().Statements, pgtest.OnStatement, nil
	}
	for n := 1; n <= last; n++ {
		if tried(n) || slices.Contains(commits, n) {
			points = append(points, n)
		}
	}
	return points, at
}

// TestFaultsEverywhere breaks the connection to the database, in each way that
// there is, at each message that an operation sends: what is acknowledged
// happened, once, and nothing else did.
func TestFaultsEverywhere(t *testing.T) {
	t.Parallel()
	for op, do := range faultyFlows {
		for kind, fault := range map[string]pgtest.Fault{
			"conflict":           {Do: pgtest.AnswerError},
			"deadlock":           {Do: pgtest.AnswerError, Code: "40P01"},
			"cut before":         {Do: pgtest.CutBefore},
			"cut after":          {Do: pgtest.CutAfter, Wait: true},
			"cut, arrives later": {Do: pgtest.CutAfter, Delay: 20 * time.Millisecond},
			"completion unknown": {Do: pgtest.AnswerErrorAfter},
			"server shuts down":  {Do: pgtest.Terminate},
		} {
			t.Run(op+", "+kind, func(t *testing.T) {
				t.Parallel()
				f := newFaulty(t)
				points, at := f.points(t, fault, do)
				fired := 0
				for _, n := range points {
					f.proxy.Reset()
					fault := fault
					fault.When = at(n)
					injected := f.proxy.Inject(fault)
					if err := do(f, t.Context()); err != nil {
						t.Fatalf("point %d of %d: %v", n, points[len(points)-1], err)
					}
					fired += injected.Fired()
					f.proxy.Clear()
				}
				if fired < len(points)/2 {
					t.Errorf("%d faults came about at %d points", fired, len(points))
				}
				f.has(t, f.wallet, plenty-f.paid)
				f.sound(t)
			})
		}
	}
}
