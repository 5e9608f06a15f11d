package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"sen/internal/callback"
	"sen/internal/fault"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/sandbox"
	"sen/internal/store"
)

// A sandbox that has been in use for a month, to measure what size costs. What
// is in it was carried out by the rules themselves, through the same store; only
// HTTP is left out, and many calls share a transaction.

// A Growth says how a sandbox is grown.
type Growth struct {
	// Dir is the data directory. One that was grown before goes on from there.
	Dir string
	// Orders is how many there will be in all; at most MostGrown.
	Orders int64
	Log    *slog.Logger
	// Progress is told how many orders there are, every second or so.
	Progress func(orders int64)
}

// The life of a grown sandbox: orders come at a fixed pace from a month before
// the day on which it was begun.
const (
	grownFor   = 30 * 24 * time.Hour
	growthPace = 250 * time.Millisecond
	// MostGrown is how many orders fit into the month.
	MostGrown = int64(grownFor / growthPace)
)

// What there is of everything else, and of what kind orders are, in percent.
const (
	grownApps     = 1_000
	grownWallets  = 10_000
	firstGrownApp = 3_000_000
	toFirstApp    = 10 // of the orders are one merchant's
	unpaid        = 10
	byToken       = 25
	refundedPart  = 5
	refusedCalls  = 1
)

// growthBatch is how many orders share a transaction: about as many as callers
// at a busy gateway do.
const growthBatch = 512

var errGrowth = fault.New(fault.Invalid, "growth", "A sandbox can grow to 1 to "+strconv.FormatInt(MostGrown, 10)+" orders.")

// Grow makes a sandbox with that many orders, most of them paid. It may be
// stopped at any time, and goes on when it is called again.
func Grow(ctx context.Context, c Growth) (err error) {
	if c.Orders < 1 || c.Orders > MostGrown {
		return errGrowth
	}
	g, err := Open(ctx, Config{
		Mode: Sandbox, Addr: "127.0.0.1:0", Data: c.Dir, Log: c.Log, Worlds: -1,
		Machine: func() time.Time { return time.Now().Add(-grownFor) }, // nothing in it is later than the month
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	gr, err := g.newGrower(ctx)
	if err != nil {
		return err
	}
	for said := time.Now(); gr.made < c.Orders; {
		if err := gr.step(ctx, min(growthBatch, c.Orders-gr.made)); err != nil {
			return errors.Join(err, gr.delivered())
		}
		if c.Progress != nil && time.Since(said) > time.Second {
			c.Progress(gr.made)
			said = time.Now()
		}
	}
	return gr.finish(ctx)
}

// A grower grows a sandbox.
type grower struct {
	store   *store.Store
	pay     pay.Service
	round   inTransaction
	numbers reserved
	from    time.Time // when the first order was made
	now     time.Time
	made    int64
	apps    []merchant.App
	wallets []grownWallet
	open    []pay.Order   // made in the batch before
	paid    []pay.Payment // likewise
	// delivered waits for the callbacks that are being made.
	delivered func() error
}

// A grownWallet is a wallet and the token by which one merchant charges it.
type grownWallet struct {
	id    pay.WalletID
	app   merchant.App
	token string
	user  string
}

const grownFrom = "grown_from"

func (g *Gateway) newGrower(ctx context.Context) (*grower, error) {
	begun := time.Now().Add(-grownFor).Truncate(time.Second)
	kept, err := g.store.EnsureSetting(ctx, grownFrom, begun.UTC().Format(time.RFC3339))
	if err != nil {
		return nil, err
	}
	gr := &grower{store: g.store, pay: *g.pay, delivered: func() error { return nil }}
	if gr.from, err = time.Parse(time.RFC3339, kept); err != nil {
		return nil, err
	}
	gr.round.Store = g.store
	gr.pay.Store = &gr.round
	gr.pay.Now = func() time.Time { return gr.now }
	gr.pay.InTurn = true
	gr.pay.Numbers = &id.Numbers{Reserve: gr.numbers.take}
	gr.now = gr.from
	if err := gr.count(ctx); err != nil {
		return nil, err
	}
	if err := gr.haveApps(ctx, g); err != nil {
		return nil, err
	}
	return gr, gr.haveWallets(ctx)
}

// count finds out how far an earlier run came: the time of its last order says.
// What was made since is of others.
func (gr *grower) count(ctx context.Context) error {
	last, _, err := gr.store.FindOrders(ctx, store.OrderSearch{After: store.Newest, Until: gr.from.Add(grownFor)}, 1)
	if err != nil || len(last) == 0 {
		return err
	}
	gr.made = int64(last[0].CreatedAt.Sub(gr.from)/growthPace) + 1
	gr.now = gr.at(gr.made)
	return nil
}

// at is when the nth order is made.
func (gr *grower) at(n int64) time.Time { return gr.from.Add(time.Duration(n) * growthPace) }

func (gr *grower) haveApps(ctx context.Context, g *Gateway) error {
	for i := range merchant.ID(grownApps) {
		app := firstGrownApp + i
		if _, err := g.apps.Known(app); err == nil {
			continue
		}
		a := merchant.App{
			ID: app, Name: "Shop " + strconv.Itoa(int(i)), CreatedAt: gr.from, CallbackURL: "http://127.0.0.1:9/callback",
			Terms: merchant.Terms{FeeBP: 110},
		}
		if _, err := g.addApp(ctx, a); err != nil && !errors.Is(err, merchant.ErrExists) {
			return err
		}
	}
	if err := g.apps.Refresh(ctx); err != nil {
		return err
	}
	for i := range merchant.ID(grownApps) {
		a, err := g.apps.Known(firstGrownApp + i)
		if err != nil {
			return err
		}
		gr.apps = append(gr.apps, a)
	}
	return nil
}

func (gr *grower) haveWallets(ctx context.Context) error {
	hash, err := gr.pay.HashPIN(sandbox.PIN)
	if err != nil {
		return err
	}
	for n := 0; n < grownWallets; n += growthBatch {
		err := gr.together(ctx, func(ctx context.Context) error {
			for i := n; i < min(n+growthBatch, grownWallets); i++ {
				w, err := gr.haveWallet(ctx, i, hash)
				if err != nil {
					return err
				}
				gr.wallets = append(gr.wallets, w)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// haveWallet makes the nth wallet, and has it agree with one merchant.
func (gr *grower) haveWallet(ctx context.Context, n int, hash string) (grownWallet, error) {
	w := grownWallet{app: gr.apps[n%len(gr.apps)], user: "user" + strconv.Itoa(n)}
	phone := fmt.Sprintf("091%07d", n)
	const rich money.Amount = 100_000_000
	made, err := gr.pay.OpenWallet(ctx, pay.Wallet{Phone: phone, Name: "Nguyễn Văn " + strconv.Itoa(n), PINHash: hash, KYC: pay.Full, RefillTo: rich})
	if errors.Is(err, pay.ErrWalletExists) {
		made, err = gr.pay.WalletByPhone(ctx, phone)
	} else if err == nil {
		_, err = gr.pay.TopUp(ctx, phone, rich)
	}
	if err != nil {
		return w, err
	}
	w.id = made.ID
	name := id.Day(gr.from) + "_bind" + strconv.Itoa(n)
	b, err := gr.pay.BindingByTransID(ctx, w.app.ID, name)
	if errors.Is(err, pay.ErrBindingNotFound) {
		b, err = gr.pay.CreateBinding(ctx, pay.NewBinding{
			App: w.app, AppTransID: name, Kind: pay.WalletBinding, Identifier: w.user, Data: "{}", ReqDate: gr.now,
		})
		if err == nil {
			b, err = gr.pay.ConfirmBinding(ctx, b.Token, w.id)
		}
	}
	w.token = b.PayToken
	return w, err
}

// together runs f in one transaction, in which f's own transactions take part.
func (gr *grower) together(ctx context.Context, f func(context.Context) error) error {
	if err := gr.numbers.fill(ctx, gr.store, gr.now); err != nil {
		return err
	}
	return gr.store.Update(ctx, func(tx pay.Tx) error {
		gr.round.tx = tx
		defer func() { gr.round.tx = nil }()
		return f(ctx)
	})
}

// step makes n orders, pays those of the step before, gives some of what was paid
// then back, and has callbacks delivered.
func (gr *grower) step(ctx context.Context, n int64) error {
	gr.now = gr.at(gr.made)
	open, paid := gr.open, gr.paid
	err := gr.together(ctx, func(ctx context.Context) error {
		gr.open, gr.paid = nil, nil
		for _, p := range paid {
			if rand.IntN(100) < refundedPart {
				if err := gr.refund(ctx, p); err != nil {
					return err
				}
			}
		}
		if _, err := gr.pay.RunRefunds(ctx); err != nil {
			return err
		}
		for _, o := range open {
			if err := gr.settleOrder(ctx, o); err != nil {
				return err
			}
		}
		if _, err := gr.pay.ExpireOrders(ctx); err != nil {
			return err
		}
		for i := range n {
			if err := gr.order(ctx, gr.made+i); err != nil {
				return err
			}
		}
		return nil
	})
	gr.made += n
	if err := errors.Join(err, gr.delivered()); err != nil {
		return err
	}
	now := gr.at(gr.made)
	gr.delivered = inBackground(func() error { return gr.deliver(ctx, now) })
	return nil
}

// inBackground runs f beside what comes, and returns how to wait for its end.
func inBackground(f func() error) (wait func() error) {
	ended := make(chan error, 1)
	go func() { ended <- f() }()
	return sync.OnceValue(func() error { return <-ended })
}

// order makes the nth order.
func (gr *grower) order(ctx context.Context, n int64) error {
	gr.now = gr.at(n)
	app := gr.apps[0]
	if rand.IntN(100) >= toFirstApp {
		app = gr.apps[rand.IntN(len(gr.apps))]
	}
	o, err := gr.pay.CreateOrder(ctx, pay.NewOrder{
		App: app, AppTransID: id.Day(gr.now) + "_" + strconv.FormatInt(n, 36), AppUser: "user" + strconv.FormatInt(n%100_000, 10), AppTime: gr.now,
		Amount: money.Amount(10_000 + 1_000*rand.Int64N(500)), Description: "Payment for the order #" + strconv.FormatInt(n, 10),
		Item:      `[{"itemid":"` + strconv.FormatInt(n%997, 10) + `","itemname":"Cà phê sữa đá","itemprice":29000,"itemquantity":1}]`,
		EmbedData: `{"redirecturl":"https://shop.example/back"}`,
	})
	gr.open = append(gr.open, o)
	return err
}

// settleOrder pays an order, or leaves it.
func (gr *grower) settleOrder(ctx context.Context, o pay.Order) error {
	if rand.IntN(100) < unpaid {
		return nil
	}
	var p pay.Payment
	var err error
	w := gr.wallets[rand.IntN(len(gr.wallets))]
	if rand.IntN(100) < byToken {
		// The wallets that agreed with the nth merchant are n, n+apps, …
		k := int(o.App-firstGrownApp) + len(gr.apps)*rand.IntN(len(gr.wallets)/len(gr.apps))
		w = gr.wallets[k]
		var rc pay.Receipt
		rc, err = gr.pay.PayByToken(ctx, pay.TokenPayment{App: w.app, PayToken: w.token, Identifier: w.user, OrderToken: o.Token})
		p = rc.Payment
	} else {
		p, err = gr.pay.PayFromWallet(ctx, o.Key, w.id)
	}
	gr.paid = append(gr.paid, p)
	return err
}

// refund gives a third of a payment back.
func (gr *grower) refund(ctx context.Context, p pay.Payment) error {
	app := gr.apps[p.App-firstGrownApp]
	name := fmt.Sprintf("%s_%d_%d", id.Day(gr.now), p.App, p.Number)
	_, err := gr.pay.RequestRefund(ctx, pay.NewRefund{
		App: app, MRefundID: name, Payment: p.Number, Amount: p.Amount / 3, Description: "A part came back", Timestamp: gr.now, MAC: name,
	})
	return err
}

// deliver claims callbacks and notes that their merchants took them, or not.
func (gr *grower) deliver(ctx context.Context, now time.Time) error {
	due, err := gr.store.ClaimDeliveries(ctx, now, gr.pay.Machine(), time.Minute, 2*growthBatch)
	if err != nil {
		return err
	}
	errs := make([]error, len(due))
	var all sync.WaitGroup
	for i, d := range due {
		all.Go(func() {
			a := callback.Attempt{
				Delivery: d.ID, N: d.Attempts, At: now, Took: time.Duration(rand.Int64N(int64(time.Second))), Status: 200,
				Answer: `{"return_code":1,"return_message":"success"}`, Outcome: callback.Accepted,
			}
			if rand.IntN(100) < refusedCalls {
				a.Answer, a.Outcome = `{"return_code":2,"return_message":"unknown order"}`, callback.Refused
			}
			state, again := callback.Next(a.Outcome, d.Round, now)
			errs[i] = gr.store.SettleDelivery(ctx, []callback.Attempt{a}, state, again)
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// finish does what is still due.
func (gr *grower) finish(ctx context.Context) error {
	if err := errors.Join(gr.step(ctx, 0), gr.delivered()); err != nil {
		return err
	}
	for more := true; more; {
		var err error
		if more, err = gr.store.CountHours(ctx, time.Now()); err != nil {
			return err
		}
	}
	for more := true; more; {
		var err error
		if more, err = gr.store.SumHours(ctx, 1); err != nil {
			return err
		}
	}
	return nil
}

// inTransaction is a store whose transactions are parts of the one under way.
// Without one they are the store's own.
type inTransaction struct {
	pay.Store
	tx pay.Tx
}

// Update runs fn in the transaction under way.
func (t *inTransaction) Update(ctx context.Context, fn func(pay.Tx) error) error {
	if t.tx == nil {
		return t.Store.Update(ctx, fn)
	}
	return fn(t.tx)
}

// View lets fn see what the transaction under way has written.
func (t *inTransaction) View(ctx context.Context, fn func(pay.Reader) error) error {
	if t.tx == nil {
		return t.Store.View(ctx, fn)
	}
	return fn(t.tx)
}

// reserved are numbers that were reserved before a transaction, in which no
// other one can begin.
type reserved struct {
	day         string
	first, last int64
}

var errNumbers = errors.New("too few numbers were reserved before the transaction")

func (r *reserved) take(_ context.Context, day string, n int64) (int64, error) {
	if r.first+n > r.last+1 || day != r.day {
		return 0, errNumbers
	}
	r.first += n
	return r.first - n, nil
}

// fill reserves numbers if the next transaction may run out of them.
func (r *reserved) fill(ctx context.Context, s *store.Store, now time.Time) (err error) {
	const most, least = 100_000, 10_000
	if r.day == id.Day(now) && r.last-r.first > least {
		return nil
	}
	r.day = id.Day(now)
	r.first, err = s.ReserveNumbers(ctx, r.day, most)
	r.last = r.first + most - 1
	return err
}

// DatabaseFile is the database in a data directory.
const DatabaseFile = store.FileName
