// Package sentest gives a merchant's Go tests a gateway of their own: a real Sen
// sandbox in the test's process, on a free port, with a clock that stands until
// the test moves it. The first takes a few tenths of a second, each after that
// some hundredths, so every test can have one, and they can run in parallel.
//
//	func TestCheckout(t *testing.T) {
//		gw := sentest.New(t)
//		shop := shop.New(gw.URL, gw.App)              // what is tested
//		gw.CallbacksTo(shop.Callbacks())
//		order := shop.Checkout("cart-42")
//		gw.Pay(order.AppTransID)                      // returns when the callback was answered
//		if !shop.Paid("cart-42") {
//			t.Error("the callback was lost")
//		}
//	}
//
// Nothing in a gateway happens by itself while its clock stands. What a call, or
// a move of the clock, makes due is done before the call returns; callbacks are
// sent one at a time, in the order in which they fell due. A call of this package
// must not be made from within the handler of a callback, because it may wait for
// that handler; calls of the merchant API may.
package sentest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/control"
)

// T is what this package needs of a *testing.T.
type T interface {
	Helper()
	Cleanup(f func())
	TempDir() string
	Fatalf(format string, args ...any)
}

// The test wallets.
const (
	Wallet       = "0900000001" // always has 100,000,000 dong
	SecondWallet = "0900000002" // likewise
	EmptyWallet  = "0900000006"
	LockedWallet = "0900000007" // by the operator
	OffWallet    = "0900000008" // its owner has switched payments off
)

// A Gateway is a sandbox that serves until its test ends. It is safe for
// concurrent use.
type Gateway struct {
	URL    string      // base URL for the code under test
	App    sen.App     // a merchant's app of this gateway
	Client *sen.Client // of App; lives in the gateway's time and tries nothing twice

	t       T
	control *control.Client
	mu      sync.Mutex
	now     time.Time
}

// An Option changes what a new gateway is like.
type Option func(*app.Config)

// At sets where the clock begins, from 2020 to 2080; the default is the present,
// to the second. Code under test that takes the time from the machine is refused
// when it is more than 15 minutes off.
func At(start time.Time) Option { return func(c *app.Config) { c.Start = start } }

// Seed makes identifiers and tokens other ones; the default is 1. Two gateways
// with the same seed and start that are asked the same give the same answers.
func Seed(n uint64) Option { return func(c *app.Config) { c.Seed = &n } }

// RefundsTake sets how long a refund takes at least; the default is no time.
func RefundsTake(d time.Duration) Option { return func(c *app.Config) { c.RefundDelay = d } }

// furniture is made once in a process: it is what takes long.
var furniture = sync.OnceValues(func() (*app.Furniture, error) { return app.NewFurniture(context.Background()) })

// New starts a gateway. It serves until the test ends.
func New(t T, options ...Option) *Gateway {
	t.Helper()
	c := app.Config{
		Mode: app.Sandbox, Addr: "127.0.0.1:0", Data: filepath.Join(t.TempDir(), "sen"), Version: "sentest",
		Start: machine().Truncate(time.Second), Seed: new(uint64(1)), Worlds: -1, Log: slog.New(slog.DiscardHandler),
	}
	for _, set := range options {
		set(&c)
	}
	made, err := furniture()
	if err == nil {
		err = made.Into(c.Data)
	}
	if err != nil {
		t.Fatalf("sentest: furnish a gateway: %v", err)
	}
	g := &Gateway{t: t, now: c.Start}
	g.start(c)
	apps, err := g.control.Apps(context.Background())
	if err != nil || len(apps) == 0 {
		t.Fatalf("sentest: look for an app: %v (%d)", err, len(apps))
	}
	for _, a := range apps {
		if a.ID == appID {
			g.App = sen.App{ID: appID, Key1: a.Key1, Key2: a.Key2}
		}
	}
	g.Client = g.ClientOf(g.App)
	return g
}

// appID is the app that examples everywhere use.
const appID = 2553

func machine() time.Time {
	return time.Now() //nolint:forbidigo // where the clock of a gateway begins
}

func (g *Gateway) start(c app.Config) {
	g.t.Helper()
	gateway, err := app.Open(context.Background(), c)
	if err != nil {
		g.t.Fatalf("sentest: start a gateway: %v", err)
	}
	g.URL, g.control = gateway.BaseURL, control.NewClient(gateway.BaseURL)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- gateway.Run(ctx) }()
	g.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			g.t.Fatalf("sentest: the gateway ended: %v", err)
		}
	})
}

// ClientOf returns a client of an app that lives in the gateway's time and tries
// nothing twice.
func (g *Gateway) ClientOf(a sen.App) *sen.Client {
	return sen.NewClient(a, sen.WithBaseURL(g.URL), sen.WithClock(g.Now), sen.WithRetries(0))
}

// CallbacksTo serves h, the merchant's handler, on a port of its own, and makes
// its address the callback URL of App, which orders without one of their own use.
// It returns the address.
func (g *Gateway) CallbacksTo(h http.Handler) (address string) {
	g.t.Helper()
	server := httptest.NewServer(h)
	g.t.Cleanup(server.Close)
	_, err := g.control.ChangeApp(context.Background(), int64(g.App.ID), control.ChangeApp{CallbackURL: &server.URL})
	g.check("set the callback URL", err)
	return server.URL
}

// Now is the gateway's time.
func (g *Gateway) Now() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

// Advance lets time pass: orders expire, callbacks are repeated, refunds fall
// due. It returns when all of that is done.
func (g *Gateway) Advance(d time.Duration) {
	g.t.Helper()
	c, err := g.control.MoveClock(context.Background(), control.MoveClock{Advance: d.String()})
	g.check("move the clock", err)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = c.Now
}

// Expire lets time pass until an order of App has expired, which it must not
// have been paid for.
func (g *Gateway) Expire(appTransID string) {
	g.t.Helper()
	o, err := g.control.Order(context.Background(), int64(g.App.ID), appTransID)
	g.check("look at the order", err)
	if left := o.ExpiresAt.Sub(g.Now()); left > 0 {
		g.Advance(left)
	}
	if o, err = g.control.Order(context.Background(), int64(g.App.ID), appTransID); err == nil && o.State != "expired" {
		g.t.Fatalf("sentest: expire %s: it is %s", appTransID, o.State)
	}
	g.check("look at the order", err)
}

// A Payment is money taken for an order.
type Payment struct {
	ZPTransID sen.TransID
	Wallet    string
	Amount    int64 // dong
	At        time.Time
}

// Pay pays an order from [Wallet]. The order is an app_trans_id of App, an
// order_url or a zp_trans_token. It returns when the callback was answered, or
// could not be delivered.
func (g *Gateway) Pay(order string) Payment {
	g.t.Helper()
	p, err := g.PayFrom(Wallet, order)
	g.check("pay "+order, err)
	return p
}

// PayFrom is Pay from any wallet. The error is why that can't pay.
func (g *Gateway) PayFrom(wallet, order string) (Payment, error) {
	g.t.Helper()
	ctx := context.Background()
	p, err := g.control.Pay(ctx, control.PayOrder{Order: order, App: int64(g.App.ID), Wallet: wallet})
	if err != nil {
		return Payment{}, err
	}
	_, err = g.control.Callbacks(ctx, 1) // who looks at callbacks waits for them
	g.check("wait for the callback", err)
	return Payment{ZPTransID: sen.TransID(p.Number), Wallet: p.Wallet, Amount: p.Amount, At: p.At}, nil
}

// Decline lets a payer try to pay an order, named as in Pay, from a wallet with
// nothing in it: the order can still be paid, and its query says
// [sen.CodeBalanceTooLow] meanwhile.
func (g *Gateway) Decline(order string) {
	g.t.Helper()
	if _, err := g.PayFrom(EmptyWallet, order); err == nil {
		g.t.Fatalf("sentest: decline %s: an empty wallet paid it", order)
	}
}

// PaymentCode has the owner of [Wallet] show a code, which pays one order by
// [sen.OrderService.QuickPay] within 90 seconds of the gateway's time.
func (g *Gateway) PaymentCode() string {
	g.t.Helper()
	code, err := g.control.PaymentCode(context.Background(), Wallet)
	g.check("show a payment code", err)
	return code.Code
}

// LoseCallback makes the next callback of App get lost on its way: it is not
// sent, nor repeated, as when the gateway's network fails for as long as it
// would try. [Gateway.Redeliver] sends it after all.
func (g *Gateway) LoseCallback() {
	g.t.Helper()
	_, err := g.control.AddCallbackRule(context.Background(), control.CallbackRule{App: int64(g.App.ID), Kind: "drop", Calls: 1})
	g.check("lose a callback", err)
}

// Redeliver sends the callbacks that were lost, the first one first, and returns
// how many there were. It returns when they were answered.
func (g *Gateway) Redeliver() int {
	g.t.Helper()
	ctx := context.Background()
	listed, err := g.control.Callbacks(ctx, page)
	g.check("look for lost callbacks", err)
	n := 0
	for _, c := range slices.Backward(listed) { // which has the newest first
		if c.State != lost {
			continue
		}
		_, err = g.control.Replay(ctx, c.ID, control.Replay{})
		g.check("send a lost callback", err)
		_, err = g.control.Callbacks(ctx, 1)
		g.check("wait for the callback", err)
		n++
	}
	return n
}

// Agree lets the owner of [Wallet] confirm a binding, and returns the token that
// pays. It returns when the callback was answered.
func (g *Gateway) Agree(bindingID string) (payToken string) {
	g.t.Helper()
	ctx := context.Background()
	b, err := g.control.Consent(ctx, bindingID, control.Consent{Wallet: Wallet})
	g.check("agree to "+bindingID, err)
	_, err = g.control.Callbacks(ctx, 1)
	g.check("wait for the callback", err)
	return b.PayToken
}

// Force makes every call of an operation answer a value, and change nothing,
// until undo is called.
func (g *Gateway) Force(op *sen.Operation, value sen.Code) (undo func()) {
	g.t.Helper()
	r, err := g.control.AddRule(context.Background(), control.Rule{Operation: op.Name, Value: new(int(value))})
	g.check("force a value", err)
	return sync.OnceFunc(func() {
		g.t.Helper()
		g.check("stop forcing a value", g.control.RemoveRule(context.Background(), r.ID))
	})
}

func (g *Gateway) check(what string, err error) {
	g.t.Helper()
	if err != nil {
		g.t.Fatalf("sentest: %s: %v", what, err)
	}
}
