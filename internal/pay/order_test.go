package pay_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen/internal/callback"
	"sen/internal/fault"
	"sen/internal/id"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

// TestOrderMoves tries every move between two states.
func TestOrderMoves(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{})
	states := []pay.OrderState{
		pay.OrderCreated, pay.OrderProcessing, pay.OrderPaid, pay.OrderExpired, pay.OrderCancelled, "unheard",
	}
	for _, from := range states {
		for _, to := range states {
			o := g.order(t, a, 1)
			err := g.store.Update(t.Context(), func(tx pay.Tx) error {
				now := o
				if from != pay.OrderCreated {
					now.State = from
					if from != pay.OrderProcessing {
						now.ClosedAt = start
					}
					if from == pay.OrderPaid {
						now.Payment = 1
					}
					if err := tx.MoveOrder(t.Context(), now, pay.OrderCreated); err != nil {
						return err
					}
				}
				if to == pay.OrderPaid {
					now.Payment = 1
				}
				return g.MoveOrder(t.Context(), tx, &now, to, g.time())
			})
			if !slices.Contains(pay.OrderMoves[from], to) {
				if err == nil || fault.KindOf(err) != fault.Internal {
					t.Errorf("%s to %s: %v, want an internal refusal", from, to, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s to %s: %v", from, to, err)
			}
			g.orderIs(t, o, to)
		}
	}
}

func TestCreateOrder(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a, other := g.app(t, merchant.Terms{}), g.app(t, merchant.Terms{})
	used := g.order(t, a, 1)
	late := func(d time.Duration) func(*pay.NewOrder) {
		return func(n *pay.NewOrder) { n.AppTime = g.time().Add(d) }
	}
	for _, c := range []struct {
		name   string
		change func(*pay.NewOrder)
		want   error
	}{
		{"as it should be", func(*pay.NewOrder) {}, nil},
		{"15 minutes late", late(-15 * time.Minute), nil},
		{"15 minutes early", late(15 * time.Minute), nil},
		{"a moment more late", late(-15*time.Minute - time.Millisecond), pay.ErrClock},
		{"a moment more early", late(15*time.Minute + time.Millisecond), pay.ErrClock},
		{"the beginning of time", func(n *pay.NewOrder) { n.AppTime = time.UnixMilli(0) }, pay.ErrClock},
		{"far in the past", func(n *pay.NewOrder) { n.AppTime = time.UnixMilli(-1 << 63) }, pay.ErrClock},
		{"far in the future", func(n *pay.NewOrder) { n.AppTime = time.UnixMilli(1<<63 - 1) }, pay.ErrClock},
		{"no time", func(n *pay.NewOrder) { n.AppTime = time.Time{} }, pay.ErrClock},
		{"yesterday's name", func(n *pay.NewOrder) { n.AppTransID = "260313_1" }, pay.ErrDatePrefix},
		{"tomorrow's name", func(n *pay.NewOrder) { n.AppTransID = "260315_1" }, pay.ErrDatePrefix},
		{"a short name", func(n *pay.NewOrder) { n.AppTransID = "26031" }, pay.ErrDatePrefix},
		{"no name", func(n *pay.NewOrder) { n.AppTransID = "" }, pay.ErrDatePrefix},
		{"a used name", func(n *pay.NewOrder) { n.AppTransID = used.AppTransID }, pay.ErrOrderDuplicate},
		{"a name that another app used", func(n *pay.NewOrder) { n.App, n.AppTransID = other, used.AppTransID }, nil},
	} {
		n := g.newOrder(a, 1)
		c.change(&n)
		if _, err := g.CreateOrder(t.Context(), n); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// TestDatePrefix looks at the minutes around midnight GMT+7.
func TestDatePrefix(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{})
	midnight := time.Date(2026, 3, 15, 0, 0, 0, 0, id.Vietnam)
	for _, c := range []struct {
		name         string
		ours, theirs time.Time
		prefix       string
		want         error
	}{
		{"just before", midnight.Add(-time.Millisecond), midnight.Add(-time.Millisecond), "260314", nil},
		{"just before, the new day", midnight.Add(-time.Millisecond), midnight.Add(-time.Millisecond), "260315", pay.ErrDatePrefix},
		{"at midnight", midnight, midnight, "260315", nil},
		{"at midnight, the old day", midnight, midnight, "260314", pay.ErrDatePrefix},
		{"made before, read after", midnight.Add(time.Second), midnight.Add(-time.Second), "260314", nil},
		{"made before, read after, the new day", midnight.Add(time.Second), midnight.Add(-time.Second), "260315", nil},
		{"their clock is ahead", midnight.Add(-time.Second), midnight.Add(time.Second), "260315", nil},
		{"midnight in UTC is no midnight", midnight.Add(7 * time.Hour), midnight.Add(7 * time.Hour), "260314", pay.ErrDatePrefix},
	} {
		g.set(c.ours)
		n := g.newOrder(a, 1)
		n.AppTime, n.AppTransID = c.theirs, c.prefix+"_"+strings.ReplaceAll(c.name, " ", "")
		if _, err := g.CreateOrder(t.Context(), n); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// TestDuplicateForever uses the name of an order again, whatever became of it.
func TestDuplicateForever(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{})
	paid, cancelled, expired := g.order(t, a, 1), g.order(t, a, 1), g.order(t, a, 1)
	if _, err := g.PayFromWallet(t.Context(), paid.Key, g.wallet(t, 1).ID); err != nil {
		t.Fatal(err)
	}
	if _, err := g.CancelOrder(t.Context(), a.ID, cancelled.AppTransID); err != nil {
		t.Fatal(err)
	}
	g.move(15 * time.Minute)
	if more, err := g.ExpireOrders(t.Context()); more || err != nil {
		t.Fatalf("ExpireOrders = %v, %v", more, err)
	}
	for want, o := range map[pay.OrderState]pay.Order{pay.OrderPaid: paid, pay.OrderCancelled: cancelled, pay.OrderExpired: expired} {
		g.orderIs(t, o, want)
		n := g.newOrder(a, 2)
		n.AppTransID = o.AppTransID
		if _, err := g.CreateOrder(t.Context(), n); !errors.Is(err, pay.ErrOrderDuplicate) {
			t.Errorf("the name of an order that is %s: %v, want ErrOrderDuplicate", want, err)
		}
	}
}

func TestOrderByToken(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	o := g.order(t, g.app(t, merchant.Terms{}), 1)
	if got, err := g.OrderByToken(t.Context(), o.Token); err != nil || got.Key != o.Key {
		t.Errorf("OrderByToken = %d, %v, want %d", got.Key, err, o.Key)
	}
	guess := []byte(o.Token)
	guess[len(guess)-1] ^= 1 // the right key, but not what was drawn
	for _, token := range []string{"", "x", string(guess), o.Token + "A", o.Token[:23], strings.ToLower(o.Token)} {
		if _, err := g.OrderByToken(t.Context(), token); !errors.Is(err, pay.ErrOrderNotFound) {
			t.Errorf("OrderByToken(%q): %v, want ErrOrderNotFound", token, err)
		}
	}
}

func TestCancelOrder(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{})
	o := g.order(t, a, 1)
	for range 2 { // a second time changes nothing
		if _, err := g.CancelOrder(t.Context(), a.ID, o.AppTransID); err != nil {
			t.Errorf("CancelOrder: %v", err)
		}
		g.orderIs(t, o, pay.OrderCancelled)
	}
	w := g.wallet(t, 1)
	if _, err := g.PayFromWallet(t.Context(), o.Key, w.ID); !errors.Is(err, pay.ErrOrderCancelled) {
		t.Errorf("paying it: %v, want ErrOrderCancelled", err)
	}
	paid := g.order(t, a, 1)
	if _, err := g.PayFromWallet(t.Context(), paid.Key, w.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := g.CancelOrder(t.Context(), a.ID, paid.AppTransID); !errors.Is(err, pay.ErrOrderPaid) {
		t.Errorf("a paid one: %v, want ErrOrderPaid", err)
	}
	if _, err := g.CancelOrder(t.Context(), a.ID, "260314_none"); !errors.Is(err, pay.ErrOrderNotFound) {
		t.Errorf("none: %v, want ErrOrderNotFound", err)
	}
	overdue := g.order(t, a, 1)
	g.move(15 * time.Minute)
	if _, err := g.CancelOrder(t.Context(), a.ID, overdue.AppTransID); err != nil {
		t.Errorf("an overdue one: %v", err)
	}
	g.orderIs(t, overdue, pay.OrderCreated) // it expires; it was not cancelled
}

// TestExpiry pays at the last moment and at the instant of expiry, before and
// after the worker has been.
func TestExpiry(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		after time.Duration
		work  bool
		want  error
	}{
		{"at the last moment", 5*time.Minute - time.Microsecond, false, nil},
		{"at the last moment, the worker was here", 5*time.Minute - time.Microsecond, true, nil},
		{"at the instant", 5 * time.Minute, false, pay.ErrOrderExpired},
		{"at the instant, the worker was here", 5 * time.Minute, true, pay.ErrOrderExpired},
	} {
		g := newGateway(t)
		n := g.newOrder(g.app(t, merchant.Terms{}), 1)
		n.Life = pay.MinLife
		o, err := g.CreateOrder(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		w := g.wallet(t, 1)
		g.move(c.after)
		if c.work {
			if _, err := g.ExpireOrders(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := g.PayFromWallet(t.Context(), o.Key, w.ID); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// TestPay pays an order of 100 in every condition of a wallet.
func TestPay(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	yes := true
	for _, c := range []struct {
		name    string
		wallet  pay.Wallet
		balance money.Amount
		set     func(phone string) error
		want    error
		left    money.Amount
	}{
		{"just enough", pay.Wallet{PINHash: "x"}, 100, nil, nil, 0},
		{"one less", pay.Wallet{PINHash: "x"}, 99, nil, pay.ErrBalanceLow, 99},
		{"no PIN", pay.Wallet{}, 100, nil, pay.ErrPINNotSet, 100},
		{"locked", pay.Wallet{PINHash: "x"}, 100, func(p string) error { _, err := g.SetConditions(t.Context(), p, &yes, nil); return err }, pay.ErrWalletLocked, 100},
		{"payments off", pay.Wallet{PINHash: "x"}, 100, func(p string) error { _, err := g.SetConditions(t.Context(), p, nil, &yes); return err }, pay.ErrPaymentsOff, 100},
		{"refills", pay.Wallet{PINHash: "x", RefillTo: 150}, 150, nil, nil, 150},
		{"refills from less", pay.Wallet{PINHash: "x", RefillTo: 150}, 100, nil, nil, 150},
		{"has more than it refills to", pay.Wallet{PINHash: "x", RefillTo: 150}, 300, nil, nil, 200},
		{"refills only after it paid", pay.Wallet{PINHash: "x", RefillTo: 150}, 99, nil, pay.ErrBalanceLow, 99},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := g.app(t, merchant.Terms{FeeBP: 250})
			o := g.order(t, a, 100)
			c.wallet.Phone = fmt.Sprintf("08%08d", g.serial.Add(1))
			w, err := g.OpenWallet(t.Context(), c.wallet)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := g.TopUp(t.Context(), w.Phone, c.balance); err != nil {
				t.Fatal(err)
			}
			if c.set != nil {
				if err := c.set(w.Phone); err != nil {
					t.Fatal(err)
				}
			}
			_, err = g.PayFromWallet(t.Context(), o.Key, w.ID)
			if !errors.Is(err, c.want) {
				t.Errorf("PayFromWallet = %v, want %v", err, c.want)
			}
			g.has(t, w, c.left)
			state, held, fees, failure := pay.OrderPaid, money.Amount(98), money.Amount(2), pay.NoFailure
			if c.want != nil {
				state, held, fees = pay.OrderCreated, 0, 0
			}
			if errors.Is(c.want, pay.ErrBalanceLow) {
				failure = pay.LowBalance
			}
			g.orderIs(t, o, state)
			got, _ := g.OrderByTransID(t.Context(), a.ID, o.AppTransID)
			if got.Failure != failure {
				t.Errorf("failure %q, want %q", got.Failure, failure)
			}
			if h, f := g.balance(t, ledger.Payable, int64(a.ID)), g.balance(t, ledger.Fees, int64(a.ID)); h != held || f != fees {
				t.Errorf("held %v, earned %v, want %v and %v", h, f, held, fees)
			}
		})
	}
	g.sound(t)
}

// TestPayTwice pays an order again, from the same wallet and from another.
func TestPayTwice(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{})
	o, mine, other := g.order(t, a, 100), g.wallet(t, 300), g.wallet(t, 300)
	first, err := g.PayFromWallet(t.Context(), o.Key, mine.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.PayFromWallet(t.Context(), o.Key, other.ID); !errors.Is(err, pay.ErrOrderPaid) {
		t.Errorf("from another wallet: %v, want ErrOrderPaid", err)
	}
	g.move(time.Hour) // even when the order's time is up
	again, err := g.PayFromWallet(t.Context(), o.Key, mine.ID)
	if diff := cmp.Diff(first, again); diff != "" || err != nil {
		t.Errorf("from the same wallet: %v (-first +again):\n%s", err, diff)
	}
	g.has(t, mine, 200)
	g.has(t, other, 300)
	if _, err := g.PayFromWallet(t.Context(), o.Key+1, mine.ID); !errors.Is(err, pay.ErrOrderNotFound) {
		t.Errorf("no order: %v, want ErrOrderNotFound", err)
	}
	if _, err := g.PayFromWallet(t.Context(), g.order(t, a, 1).Key, 404); !errors.Is(err, pay.ErrWalletNotFound) {
		t.Errorf("no wallet: %v, want ErrWalletNotFound", err)
	}
	g.sound(t)
}

// TestPayAtOnce has many payers of one order.
func TestPayAtOnce(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{})
	o := g.order(t, a, 100)
	mine, other := g.wallet(t, 10_000), g.wallet(t, 10_000)
	type result struct {
		p   pay.Payment
		w   pay.WalletID
		err error
	}
	results := make(chan result, 20)
	for i := range cap(results) {
		w := mine.ID
		if i%2 == 0 {
			w = other.ID
		}
		go func() {
			p, err := g.PayFromWallet(t.Context(), o.Key, w)
			results <- result{p, w, err}
		}()
	}
	paid := map[int64]pay.WalletID{}
	for range cap(results) {
		r := <-results
		switch {
		case r.err == nil:
			paid[r.p.Number] = r.w
		case !errors.Is(r.err, pay.ErrOrderPaid):
			t.Error(r.err)
		}
	}
	if len(paid) != 1 {
		t.Errorf("paid %d times: %v", len(paid), paid)
	}
	if got := g.balance(t, ledger.Payable, int64(a.ID)); got != 100 {
		t.Errorf("the merchant got %v, want 100", got)
	}
	g.sound(t)
}

func TestPayDisabledApp(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{})
	o, w := g.order(t, a, 100), g.wallet(t, 100)
	g.change(t, a.ID, func(a *merchant.App) { a.DisabledAt = g.time() })
	if _, err := g.PayFromWallet(t.Context(), o.Key, w.ID); !errors.Is(err, merchant.ErrUnknown) {
		t.Errorf("PayFromWallet = %v, want ErrUnknown", err)
	}
	g.has(t, w, 100)
}

func TestCallbackOwed(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{})
	silent := g.app(t, merchant.Terms{})
	g.change(t, silent.ID, func(a *merchant.App) { a.CallbackURL = "" })
	for _, c := range []struct {
		name, own string
		app       merchant.App
		url       string
		state     callback.State
	}{
		{"the app's", "", a, a.CallbackURL, callback.Due},
		{"its own", "https://own.example/", a, "https://own.example/", callback.Due},
		{"nowhere", "", silent, "", callback.Unaddressed},
	} {
		n := g.newOrder(c.app, 10)
		n.CallbackURL = c.own
		o, err := g.CreateOrder(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		before := g.owed.Load()
		p, err := g.PayFromWallet(t.Context(), o.Key, g.wallet(t, 10).ID)
		if err != nil {
			t.Fatal(err)
		}
		if g.owed.Load() == before {
			t.Errorf("%s: nobody was woken", c.name)
		}
		all, err := g.store.DeliveriesOfOrder(t.Context(), int64(o.Key))
		if err != nil || len(all) != 1 || all[0].URL != c.url || all[0].State != c.state {
			t.Errorf("%s: %+v, %v", c.name, all, err)
			continue
		}
		app, _ := g.Apps.App(o.App)
		if want, _ := g.RenderOrder(app, o, p); string(all[0].Body) != string(want) {
			t.Errorf("%s: body %s, want %s", c.name, all[0].Body, want)
		}
	}
}

func TestAmountsOfMovements(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{})
	_, _ = g.paid(t, a, 100)
	w := g.wallet(t, 100)
	for _, amount := range []money.Amount{0, -1, -1 << 63, money.Max + 1} {
		if _, err := g.TopUp(t.Context(), w.Phone, amount); !errors.Is(err, money.ErrInvalid) {
			t.Errorf("TopUp(%d) = %v, want ErrInvalid", amount, err)
		}
		if err := g.PayOut(t.Context(), a.ID, amount); !errors.Is(err, money.ErrInvalid) {
			t.Errorf("PayOut(%d) = %v, want ErrInvalid", amount, err)
		}
	}
	if err := g.PayOut(t.Context(), a.ID, 101); !errors.Is(err, ledger.ErrFloor) {
		t.Errorf("PayOut of more than is held: %v, want ErrFloor", err)
	}
	g.has(t, w, 100)
	g.sound(t)
}

// TestMerchantFee takes amounts at which one basis point, or rounding the
// other way, makes a difference.
func TestMerchantFee(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	for _, c := range []struct {
		bp          int64
		amount, fee money.Amount
	}{{0, 1_000_000, 0}, {1, 1_000_000, 100}, {250, 1_000_000, 25_000}, {250, 79, 1}, {250, 39, 0}, {10_000, 1_000_000, 1_000_000}, {333, money.Max, 332_999_999_999}} {
		a := g.app(t, merchant.Terms{FeeBP: c.bp})
		p, _ := g.paid(t, a, c.amount)
		held, fees := g.balance(t, ledger.Payable, int64(a.ID)), g.balance(t, ledger.Fees, int64(a.ID))
		if p.MerchantFee != c.fee || fees != c.fee || held != c.amount-c.fee {
			t.Errorf("%d bp of %v: fee %v, earned %v, held %v; want a fee of %v", c.bp, c.amount, p.MerchantFee, fees, held, c.fee)
		}
	}
	g.sound(t)
}
