package pay_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sen/internal/bank"
	"sen/internal/callback"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

// A guardedBank sees who asks about what at a time, and can let one caller hang.
type guardedBank struct {
	bank.Channel
	t     *testing.T
	mu    sync.Mutex
	busy  map[int64]int // callers now
	calls map[int64]int // of Refund and Ask, in all
	hang  map[int64]chan struct{}
	hangs chan struct{} // is told when a caller hangs
}

func guard(t *testing.T, g *gateway) *guardedBank {
	b := &guardedBank{Channel: g.Bank, t: t, busy: map[int64]int{}, calls: map[int64]int{}, hang: map[int64]chan struct{}{}, hangs: make(chan struct{})}
	g.Bank = b
	return b
}

// hold lets the next caller who asks about that reference hang until the result
// is called.
func (b *guardedBank) hold(ref int64) (release func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	until := make(chan struct{})
	b.hang[ref] = until
	return func() { close(until) }
}

func (b *guardedBank) enter(ref int64) (leave func()) {
	b.mu.Lock()
	b.calls[ref]++
	until, hangs := b.hang[ref]
	delete(b.hang, ref)
	if !hangs { // who hangs has lost its lease by the time that others come
		if b.busy[ref]++; b.busy[ref] > 1 {
			b.t.Errorf("the bank is asked about %d by %d at once", ref, b.busy[ref])
		}
	}
	b.mu.Unlock()
	if hangs {
		b.hangs <- struct{}{}
		<-until
		return func() {}
	}
	for range 20 {
		runtime.Gosched()
	}
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.busy[ref]--
	}
}

func (b *guardedBank) Authorise(ctx context.Context, c bank.Charge) (bank.Outcome, error) {
	defer b.enter(c.Ref)()
	return b.Channel.Authorise(ctx, c)
}

func (b *guardedBank) Confirm(ctx context.Context, ref int64, otp string) (bank.Outcome, error) {
	defer b.enter(ref)()
	return b.Channel.Confirm(ctx, ref, otp)
}

func (b *guardedBank) Ask(ctx context.Context, ref int64) (bank.Outcome, error) {
	defer b.enter(ref)()
	return b.Channel.Ask(ctx, ref)
}

func (b *guardedBank) Void(ctx context.Context, ref int64) (bank.Outcome, error) {
	defer b.enter(ref)()
	return b.Channel.Void(ctx, ref)
}

func (b *guardedBank) Refund(ctx context.Context, ref, charge int64, amount money.Amount) (bank.Outcome, error) {
	defer b.enter(ref)()
	return b.Channel.Refund(ctx, ref, charge, amount)
}

func (b *guardedBank) called(ref int64) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls[ref]
}

// nodes are further processes that serve from the gateway's store.
func (g *gateway) nodes(n int) (all []*pay.Service) {
	for range n {
		s := *g.Service
		s.IDs, s.Numbers = &id.Source{Rand: rand.Reader, Shards: 1}, &id.Numbers{Reserve: g.store.ReserveNumbers}
		all = append(all, &s)
	}
	return all
}

// work lets all nodes work at once until nothing is due.
func work(t *testing.T, nodes []*pay.Service, run func(*pay.Service) (bool, error)) {
	t.Helper()
	var done sync.WaitGroup
	for _, s := range nodes {
		done.Go(func() {
			for more := true; more; {
				var err error
				if more, err = run(s); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done.Wait()
}

func (g *gateway) cardCharge(t *testing.T, a merchant.App, n bank.Number, amount money.Amount) pay.Charge {
	t.Helper()
	c, err := g.PayWithCard(t.Context(), pay.CardPayment{Order: g.order(t, a, amount).Key, Card: card(n)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (g *gateway) chargeIs(t *testing.T, number int64, want pay.ChargeState) {
	t.Helper()
	if c, err := g.charge(t, number); err != nil || c.State != want {
		t.Errorf("charge %d: %s, %v, want %s", number, c.State, err, want)
	}
}

// deliveries counts the callbacks that are owed.
func (g *gateway) deliveries(t *testing.T) int {
	t.Helper()
	all, err := g.store.Deliveries(t.Context(), callback.ID(1<<63-1), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// TestNodesShareCharges has many nodes look after the same charges.
func TestNodesShareCharges(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	b := guard(t, g)
	a := g.app(t, merchant.Terms{})
	const charges = 120 // more than one node takes at once
	var numbers []int64
	for range charges {
		numbers = append(numbers, g.cardCharge(t, a, lateCard, 100).Number)
	}
	g.move(2 * time.Minute)
	work(t, g.nodes(6), func(s *pay.Service) (bool, error) { return s.RunCharges(t.Context()) })
	for _, n := range numbers {
		g.chargeIs(t, n, pay.ChargeSucceeded)
		if got := b.called(n); got != 2 {
			t.Errorf("the bank was called %d times about %d, want 2: once to take the money, once to ask", got, n)
		}
	}
	if got := g.deliveries(t); got != charges {
		t.Errorf("%d callbacks are owed, want %d", got, charges)
	}
	g.sound(t)
}

// TestNodesShareRefunds has many nodes carry out the same refunds, to wallets
// and to cards. Of two of a payment the first comes first.
func TestNodesShareRefunds(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	b := guard(t, g)
	a := g.app(t, merchant.Terms{})
	type pair struct{ first, second pay.Refund }
	var pairs []pair
	for i := range 110 { // more than one node takes at once
		var number int64
		if i%3 == 0 {
			number = g.cardCharge(t, a, visaCard, 100).Number
		} else {
			p, _ := g.paid(t, a, 100)
			number = p.Number
		}
		first := g.refund(t, pay.NewRefund{App: a, Payment: number, Amount: 60})
		g.move(time.Microsecond)
		pairs = append(pairs, pair{first, g.refund(t, pay.NewRefund{App: a, Payment: number, Amount: 60})})
	}
	g.move(time.Minute)
	work(t, g.nodes(6), func(s *pay.Service) (bool, error) { return s.RunRefunds(t.Context()) })
	if _, err := g.RunRefunds(t.Context()); err != nil { // the seconds whose firsts were being worked on
		t.Error(err)
	}
	for i, p := range pairs {
		g.refundIs(t, p.first, pay.RefundSucceeded, "")
		g.refundIs(t, p.second, pay.RefundFailed, pay.RefundAmount)
		if got := b.called(p.first.Number); i%3 == 0 && got != 1 {
			t.Errorf("the bank was asked %d times for refund %d, want once", got, p.first.Number)
		}
	}
	g.sound(t)
}

// TestNodeDies stops a node while it asks the bank. Another goes on when the
// lease is over, and the first changes nothing when it wakes up.
func TestNodeDies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		begin func(*testing.T, *gateway, merchant.App) int64 // what is due, after a while
		run   func(*pay.Service) (bool, error)
		done  func(*testing.T, *gateway, int64) bool
	}{
		"a charge": {
			func(t *testing.T, g *gateway, a merchant.App) int64 { return g.cardCharge(t, a, lateCard, 100).Number },
			func(s *pay.Service) (bool, error) { return s.RunCharges(context.Background()) },
			func(t *testing.T, g *gateway, n int64) bool {
				c, err := g.charge(t, n)
				if err != nil {
					t.Fatal(err)
				}
				return c.State == pay.ChargeSucceeded
			},
		},
		"a refund": {
			func(t *testing.T, g *gateway, a merchant.App) int64 {
				r := g.refund(t, pay.NewRefund{App: a, Payment: g.cardCharge(t, a, visaCard, 100).Number, Amount: 60})
				return r.Number
			},
			func(s *pay.Service) (more bool, err error) {
				for more = true; more && err == nil; {
					more, err = s.RunRefunds(context.Background())
				}
				return more, err
			},
			func(t *testing.T, g *gateway, n int64) (done bool) {
				err := g.store.View(t.Context(), func(r pay.Reader) error {
					rf, err := r.Refund(t.Context(), n)
					done = rf.State == pay.RefundSucceeded
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				return done
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t)
			b := guard(t, g)
			number := c.begin(t, g, g.app(t, merchant.Terms{}))
			g.move(2 * time.Minute)
			nodes := g.nodes(2)
			release := b.hold(number)
			woken := make(chan error, 1)
			go func() { _, err := c.run(nodes[0]); woken <- err }()
			<-b.hangs
			g.move(pay.LeaseTime - time.Microsecond)
			if _, err := c.run(nodes[1]); err != nil || c.done(t, g, number) {
				t.Errorf("another took it over under a lease, %v", err)
			}
			g.move(time.Microsecond)
			if _, err := c.run(nodes[1]); err != nil || !c.done(t, g, number) {
				t.Errorf("nobody went on after the lease: %v", err)
			}
			owed := g.deliveries(t)
			release()
			if err := <-woken; err != nil {
				t.Errorf("who woke up too late: %v", err)
			}
			if got := g.deliveries(t); got != owed {
				t.Errorf("%d callbacks are owed after the late one, want %d", got, owed)
			}
			g.sound(t)
		})
	}
}

// TestLateAnswer has a node hear from the bank after it lost its lease, and after
// another has noted that the bank was silent: what the late one heard is not
// written, and the bank is asked again in its time.
func TestLateAnswer(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	b := guard(t, g)
	a := g.app(t, merchant.Terms{})
	nodes := g.nodes(2)
	run := func(s *pay.Service) error {
		_, charges := s.RunCharges(t.Context())
		_, booked := s.RunRefunds(t.Context())
		_, sent := s.RunRefunds(t.Context())
		return errors.Join(charges, booked, sent)
	}
	for _, begin := range []func() (number int64, is func(done bool)){
		func() (int64, func(bool)) {
			c := g.cardCharge(t, a, lateCard, 100)
			return c.Number, func(done bool) {
				g.chargeIs(t, c.Number, map[bool]pay.ChargeState{false: pay.ChargeUnknown, true: pay.ChargeSucceeded}[done])
			}
		},
		func() (int64, func(bool)) {
			r := g.refund(t, pay.NewRefund{App: a, Payment: g.cardCharge(t, a, visaCard, 100).Number, Amount: 60})
			return r.Number, func(done bool) {
				g.refundIs(t, r, map[bool]pay.RefundState{false: pay.RefundSent, true: pay.RefundSucceeded}[done], "")
			}
		},
	} {
		number, is := begin()
		g.move(2 * time.Minute)
		release := b.hold(number)
		late := make(chan error, 1)
		go func() { late <- run(nodes[0]) }()
		<-b.hangs
		g.move(pay.LeaseTime)
		g.bank.SetOutage(true)
		if err := run(nodes[1]); err != nil {
			t.Error(err)
		}
		g.bank.SetOutage(false)
		release()
		if err := <-late; err != nil {
			t.Error(err)
		}
		is(false)
		g.move(time.Minute)
		if err := run(nodes[1]); err != nil {
			t.Error(err)
		}
		is(true)
	}
	g.sound(t)
}

// TestPayerHasTheCharge lets workers come while a payer's bank is being asked:
// a sandbox's clock that moves makes the charge due, and takes it from nobody.
func TestPayerHasTheCharge(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	b := guard(t, g)
	g.Machine = func() time.Time { return start }
	a := g.app(t, merchant.Terms{})
	c := g.cardCharge(t, a, goodCard, 100)
	g.chargeIs(t, c.Number, pay.ChargeOTP)
	release := b.hold(c.Number)
	proved := make(chan error, 1)
	go func() { _, err := g.SubmitOTP(t.Context(), c.Number, bank.OTP); proved <- err }()
	<-b.hangs
	before := b.called(c.Number)
	g.move(time.Hour)
	if _, err := g.RunCharges(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := g.SubmitOTP(t.Context(), c.Number, bank.OTP); !errors.Is(err, pay.ErrChargeNotFound) {
		t.Errorf("a second code at the same time: %v, want ErrChargeNotFound", err)
	}
	if got := b.called(c.Number); got != before {
		t.Errorf("the bank was called %d times while it was being asked", got-before)
	}
	release()
	if err := <-proved; err != nil {
		t.Error(err)
	}
	g.chargeIs(t, c.Number, pay.ChargeSucceeded)
	g.sound(t)
}

// A brokenStore refuses the next transactions.
type brokenStore struct {
	pay.Store
	refuse atomic.Int64
}

var errBroken = errors.New("broken, on purpose")

func (s *brokenStore) Update(ctx context.Context, fn func(pay.Tx) error) error {
	return s.Store.Update(ctx, func(tx pay.Tx) error {
		err := fn(tx)
		if err == nil && s.refuse.Add(-1) == 0 {
			err = errBroken
		}
		return err
	})
}

// TestClaimGivenBack fails after the claim: it is not kept for the length of a
// lease.
func TestClaimGivenBack(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	broken := &brokenStore{Store: g.store}
	a := g.app(t, merchant.Terms{})
	c := g.cardCharge(t, a, lateCard, 100)
	p, _ := g.paid(t, a, 100)
	r := g.refund(t, pay.NewRefund{App: a, Payment: p.Number, Amount: 60})
	g.move(2 * time.Minute)
	g.Store = broken
	for name, run := range map[string]func() error{
		"a charge": func() error { _, err := g.RunCharges(t.Context()); return err },
		"a refund": func() error { _, err := g.RunRefunds(t.Context()); return err },
	} {
		broken.refuse.Store(2) // the claim is written, the work is not
		if err := run(); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v, want the failure", name, err)
		}
		if err := run(); err != nil {
			t.Errorf("%s, again: %v", name, err)
		}
	}
	g.chargeIs(t, c.Number, pay.ChargeSucceeded)
	g.refundIs(t, r, pay.RefundSucceeded, "")
	g.sound(t)
}

// sameChance draws the same for every process.
type sameChance struct{}

func (sameChance) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestSameKeys has nodes draw the same keys at the same time for everything
// that payers and merchants make.
func TestSameKeys(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{})
	nodes := g.nodes(3)
	for _, s := range nodes {
		s.IDs = &id.Source{Rand: sameChance{}, Shards: 1}
	}
	const each = 5
	payer := g.wallet(t, 10_000)
	orders := make([]pay.Order, each*len(nodes))
	for i := range orders {
		orders[i] = g.order(t, a, 100)
	}
	errs := make([]error, len(nodes))
	var all sync.WaitGroup
	for i, s := range nodes {
		all.Go(func() {
			errs[i] = func() error {
				for _, o := range orders[i*each : (i+1)*each] {
					if _, err := s.PayFromWallet(t.Context(), o.Key, payer.ID); err != nil {
						return err
					}
				}
				w, err := s.OpenWallet(t.Context(), pay.Wallet{Phone: fmt.Sprintf("091234567%d", i), Name: "An", KYC: pay.Full})
				if err != nil {
					return err
				}
				if _, err := s.LinkCard(t.Context(), w.ID, card(visaCard)); err != nil {
					return err
				}
				_, err = s.CreateOrder(t.Context(), g.newOrder(a, 100))
				return err
			}()
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	if got := g.deliveries(t); got != len(orders) {
		t.Errorf("%d callbacks are owed, want %d", got, len(orders))
	}
	g.sound(t)
}
