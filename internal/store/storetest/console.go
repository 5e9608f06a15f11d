package storetest

import (
	"cmp"
	crand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"sen/internal/callback"
	"sen/internal/id"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/store"
)

var lookups = map[string]func(*testing.T, *fixture){
	"Lookup/orders, a page at a time":        ordersPaged,
	"Lookup/orders by their app's name":      ordersNamed,
	"Lookup/refunds, a page at a time":       refundsPaged,
	"Lookup/payouts, a page at a time":       payoutsPaged,
	"Lookup/bindings, a page at a time":      bindingsPaged,
	"Lookup/deliveries, a page at a time":    deliveriesPaged,
	"Lookup/the history of an order":         orderHistory,
	"Lookup/an account at any moment":        balanceAt,
	"Lookup/an account by sums":              balanceBySums,
	"Lookup/the movements of an account":     statement,
	"Lookup/hours are what happened in them": hours,
	"Lookup/hours when the clock goes back":  hoursBack,
	"Operator/comes back as it went in":      operatorRoundTrip,
	"Operator/one try at a time counts":      operatorRace,
	"Audit/with the change or not at all":    auditTogether,
	"Audit/a page at a time":                 auditPaged,
}

// seeded returns chance that is the same in every run.
func seeded() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) } //nolint:gosec // a test's, which must be the same each time

// someOrders adds orders of three apps in all states. Several have the same
// time.
func (f *fixture) someOrders(n int) (all []pay.Order) {
	f.t.Helper()
	chance := seeded()
	states := []pay.OrderState{pay.OrderCreated, pay.OrderExpired, pay.OrderCancelled, pay.OrderPaid}
	for range n {
		o := f.newOrder(merchant.ID(1 + chance.IntN(3)))
		o.CreatedAt = at.Add(time.Duration(chance.IntN(n/2)) * time.Second)
		if o.State = states[chance.IntN(len(states))]; o.State != pay.OrderCreated {
			o.ClosedAt = at
		}
		if o.State == pay.OrderPaid {
			o.Payment = int64(o.Key)
		}
		all = append(all, o)
	}
	f.update(func(tx pay.Tx) error {
		for _, o := range all {
			if err := inserted(tx.InsertOrder(f.t.Context(), o)); err != nil {
				return err
			}
		}
		return nil
	})
	slices.SortFunc(all, func(a, b pay.Order) int { return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.Key, a.Key)) })
	return all
}

// ordersPaged holds every search, page by page, against what was put in.
func ordersPaged(t *testing.T, f *fixture) {
	all := f.someOrders(120)
	middle := at.Add(20 * time.Second)
	for _, q := range []store.OrderSearch{
		{},
		{State: pay.OrderPaid},
		{State: pay.OrderProcessing},
		{Scope: store.Scope{2}},
		{Scope: store.Scope{1, 3}},
		{Scope: store.Scope{}},
		{Scope: store.Scope{3, 1}, State: pay.OrderCancelled},
		{From: middle},
		{Until: middle},
		{Scope: store.Scope{1}, State: pay.OrderExpired, Until: middle},
		{State: pay.OrderCreated, From: middle},
	} {
		var want []pay.OrderKey
		for _, o := range all {
			if (q.Scope == nil || slices.Contains(q.Scope, o.App)) && (q.State == "" || o.State == q.State) &&
				!o.CreatedAt.Before(q.From) && (q.Until.IsZero() || o.CreatedAt.Before(q.Until)) {
				want = append(want, o.Key)
			}
		}
		for _, size := range []int{1, 7, 500} {
			var got []pay.OrderKey
			q.After = store.Newest
			pages(t, size, func() (int, bool) {
				some, end, err := f.FindOrders(t.Context(), q, size)
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range some {
					got = append(got, o.Key)
				}
				q.After = end
				return len(some), end == store.Mark{}
			})
			if !slices.Equal(got, want) {
				t.Errorf("%+v, %d at a time: %d orders %v, want %d %v", q, size, len(got), got, len(want), want)
			}
		}
	}
}

// pages turns pages until there are no more, and no longer than is plausible.
func pages(t *testing.T, size int, next func() (n int, last bool)) {
	t.Helper()
	for range 1000 {
		n, last := next()
		if n > size {
			t.Fatalf("a page of %d has %d rows", size, n)
		}
		if last {
			return
		}
	}
	t.Fatal("the pages do not end")
}

func ordersNamed(t *testing.T, f *fixture) {
	one, other := f.app(merchant.Terms{}), f.app(merchant.Terms{})
	for _, a := range []merchant.App{one, other} {
		o := f.newOrder(a.ID)
		o.AppTransID = "260314_same"
		f.update(func(tx pay.Tx) error { return inserted(tx.InsertOrder(t.Context(), o)) })
	}
	for name, want := range map[string]int{"260314_same": 2, "260314_none": 0} {
		if got, err := f.OrdersNamed(t.Context(), name, 10); err != nil || len(got) != want {
			t.Errorf("%s: %d orders, %v, want %d", name, len(got), err, want)
		}
	}
}

func refundsPaged(t *testing.T, f *fixture) {
	chance := seeded()
	var all []pay.Refund
	for range 60 {
		n := f.id()
		r := pay.Refund{Number: n, App: merchant.ID(1 + chance.IntN(2)), MRefundID: fmt.Sprint(n), Payment: 1, Amount: 1, State: pay.RefundPending, CreatedAt: at}
		if chance.IntN(3) > 0 {
			r.State, r.ClosedAt = pay.RefundSucceeded, at
		}
		f.update(func(tx pay.Tx) error { return inserted(tx.InsertRefund(t.Context(), r)) })
		all = append(all, r)
	}
	slices.Reverse(all)
	for _, q := range []store.RefundSearch{{}, {State: pay.RefundPending}, {State: pay.RefundFailed}, {Scope: store.Scope{2}, State: pay.RefundPending}, {Scope: store.Scope{1, 2}}} {
		var want, got []int64
		for _, r := range all {
			if (q.Scope == nil || slices.Contains(q.Scope, r.App)) && (q.State == "" || r.State == q.State) {
				want = append(want, r.Number)
			}
		}
		pages(t, 7, func() (int, bool) {
			some, end, err := f.FindRefunds(t.Context(), q, 7)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range some {
				got = append(got, r.Number)
			}
			q.Before = end
			return len(some), end == 0
		})
		if !slices.Equal(got, want) {
			t.Errorf("%+v: %v, want %v", q, got, want)
		}
	}
}

// payoutsPaged holds every search, page by page, against what was put in.
func payoutsPaged(t *testing.T, f *fixture) {
	chance := seeded()
	var all []pay.Disbursement
	for range 60 {
		n := f.id()
		d := pay.Disbursement{
			Number: n, App: merchant.ID(1 + chance.IntN(2)), PartnerOrderID: fmt.Sprint(n), Wallet: 1, Amount: 1,
			State: pay.DisbursementHeld, Hold: pay.HeldByHand, CreatedAt: at, HeldAt: at.Add(time.Second),
		}
		if chance.IntN(3) > 0 {
			d.State, d.ReleasedAt, d.ClosedAt = pay.DisbursementSucceeded, at.Add(time.Minute), at.Add(time.Minute)
		}
		f.update(func(tx pay.Tx) error { return inserted(tx.InsertDisbursement(t.Context(), d)) })
		all = append(all, d)
	}
	slices.Reverse(all)
	for _, q := range []store.DisbursementSearch{
		{}, {State: pay.DisbursementHeld}, {State: pay.DisbursementPending}, {Scope: store.Scope{2}, State: pay.DisbursementHeld}, {Scope: store.Scope{1, 2}},
	} {
		var want, got []pay.Disbursement
		for _, d := range all {
			if (q.Scope == nil || slices.Contains(q.Scope, d.App)) && (q.State == "" || d.State == q.State) {
				want = append(want, d)
			}
		}
		pages(t, 7, func() (int, bool) {
			some, end, err := f.FindDisbursements(t.Context(), q, 7)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, some...)
			q.Before = end
			return len(some), end == 0
		})
		if !slices.Equal(got, want) {
			t.Errorf("%+v: %v, want %v", q, got, want)
		}
	}
}

func bindingsPaged(t *testing.T, f *fixture) {
	var want, got []pay.BindingKey
	for i := range 30 {
		n := f.id()
		b := pay.Binding{
			Key: pay.BindingKey(n), App: merchant.ID(1 + i%2), AppTransID: fmt.Sprint(n), Kind: pay.WalletBinding,
			State: pay.BindingPending, CreatedAt: at.Add(time.Duration(i/3) * time.Second), ConfirmBy: at,
		}
		f.update(func(tx pay.Tx) error { return inserted(tx.InsertBinding(t.Context(), b)) })
		if b.App == 2 {
			want = append(want, b.Key)
		}
	}
	slices.Reverse(want)
	q := store.BindingSearch{Scope: store.Scope{2}, State: pay.BindingPending, After: store.Newest}
	pages(t, 4, func() (int, bool) {
		some, end, err := f.FindBindings(t.Context(), q, 4)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range some {
			got = append(got, b.Key)
		}
		q.After = end
		return len(some), end == store.Mark{}
	})
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func deliveriesPaged(t *testing.T, f *fixture) {
	var all []callback.Delivery
	states := []callback.State{callback.Due, callback.Delivered, callback.Failed, callback.Unaddressed}
	for i := range 40 {
		d := f.newDelivery(time.Time{})
		d.App, d.State = merchant.ID(1+i%3), states[i%4]
		if d.State == callback.Due {
			d.DueAt = at
		}
		f.update(func(tx pay.Tx) error { return tx.InsertDelivery(t.Context(), d) })
		all = append(all, d)
	}
	slices.Reverse(all)
	for _, scope := range []store.Scope{nil, {1}, {1, 3}} {
		for _, state := range append(states, "") {
			var want, got []callback.ID
			for _, d := range all {
				if (scope == nil || slices.Contains(scope, d.App)) && (state == "" || d.State == state) {
					want = append(want, d.ID)
				}
			}
			q := store.DeliverySearch{Scope: scope, State: state}
			pages(t, 3, func() (int, bool) {
				some, end, err := f.FindDeliveries(t.Context(), q, 3)
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range some {
					got = append(got, d.ID)
				}
				q.Before = end
				return len(some), end == 0
			})
			if !slices.Equal(got, want) {
				t.Errorf("%v %s: %v, want %v", scope, state, got, want)
			}
		}
	}
	w, err := f.Work(t.Context())
	if err != nil || w.Callbacks != 10 || !w.OldestDue.Equal(at) || w.Refunds != 0 {
		t.Errorf("what waits is %+v, %v, want 10 callbacks", w, err)
	}
}

func orderHistory(t *testing.T, f *fixture) {
	w := f.wallet(0)
	o := f.newOrder(1)
	number := f.id()
	o.State, o.Payment, o.ClosedAt = pay.OrderPaid, number, at
	e, err := transfer(number, clearing, walletAccount(w), 50_000)
	if err != nil {
		t.Fatal(err)
	}
	r := pay.Refund{Number: f.id(), App: 1, MRefundID: "r", Payment: number, Amount: 1, State: pay.RefundPending, CreatedAt: at}
	d := f.newDelivery(at)
	d.Order = int64(o.Key)
	other := f.newDelivery(at)
	other.Order, other.Subject = int64(o.Key), callback.BindingChanged
	f.update(func(tx pay.Tx) error {
		return errors.Join(inserted(tx.InsertOrder(t.Context(), o)), tx.Post(t.Context(), e),
			tx.InsertPayment(t.Context(), pay.Payment{Number: number, Order: o.Key, App: 1, Amount: 50_000, At: at}),
			inserted(tx.InsertRefund(t.Context(), r)), tx.InsertDelivery(t.Context(), d), tx.InsertDelivery(t.Context(), other))
	})
	h, err := f.OrderHistory(t.Context(), o.Key)
	if err != nil || h.Order.Key != o.Key || h.Payment.Number != number || len(h.Refunds) != 1 || len(h.Deliveries) != 1 ||
		h.Deliveries[0].ID != d.ID || len(h.Bookings) != 1 || len(h.Bookings[0].Postings) != 2 {
		t.Errorf("the history is %+v, %v", h, err)
	}
	if _, err := f.OrderHistory(t.Context(), 1); !errors.Is(err, pay.ErrOrderNotFound) {
		t.Errorf("of no order: %v", err)
	}
}

// someEntries moves money to and fro over some days, under numbers that begin
// with the day.
func (f *fixture) someEntries(n int, accounts ...ledger.AccountID) (all []ledger.Entry) {
	f.t.Helper()
	chance := seeded()
	for i := range n {
		when := at.Add(time.Duration(i) * 5 * time.Hour)
		number := int64(0)
		if _, err := fmt.Sscanf(id.Day(when), "%d", &number); err != nil {
			f.t.Fatal(err)
		}
		e, err := ledger.NewEntry(number*1_000_000_000+int64(i)+1, ledger.TopUp, when,
			ledger.Posting{Account: clearing, Amount: -money.Amount(i + 1)},
			ledger.Posting{Account: accounts[chance.IntN(len(accounts))], Amount: money.Amount(i + 1)})
		if err != nil {
			f.t.Fatal(err)
		}
		f.update(func(tx pay.Tx) error { return tx.Post(f.t.Context(), e) })
		all = append(all, e)
	}
	return all
}

// lateRefund is one that was asked for on the first day and carried out on the
// third, under the number of the first; with the entry of what it gives back.
func (f *fixture) lateRefund(to, from ledger.AccountID) []ledger.Entry {
	f.t.Helper()
	first := int64(0)
	if _, err := fmt.Sscanf(id.Day(at), "%d", &first); err != nil {
		f.t.Fatal(err)
	}
	first *= 1_000_000_000
	r := f.refund(func(r *pay.Refund) {
		r.Number, r.State, r.DueAt, r.ClosedAt = first+999, pay.RefundSucceeded, time.Time{}, at.Add(50*time.Hour)
	})
	const amount = 7
	var both []ledger.Entry
	for _, e := range []struct {
		id        int64
		reason    ledger.Reason
		at        time.Time
		out, into ledger.AccountID
	}{{first + 998, ledger.TopUp, at, clearing, from}, {r.Number, ledger.Refund, r.ClosedAt, from, to}} {
		entry, err := ledger.NewEntry(e.id, e.reason, e.at,
			ledger.Posting{Account: e.out, Amount: -amount}, ledger.Posting{Account: e.into, Amount: amount})
		if err != nil {
			f.t.Fatal(err)
		}
		both = append(both, entry)
	}
	for _, e := range both {
		f.update(func(tx pay.Tx) error { return tx.Post(f.t.Context(), e) })
	}
	return both
}

// balanceAt asks before, at and after every movement.
func balanceAt(t *testing.T, f *fixture) {
	wallet, app := walletAccount(f.wallet(0)), ledger.Account(ledger.Payable, int64(f.app(merchant.Terms{}).ID))
	all := append(f.someEntries(30, wallet, app), f.lateRefund(wallet, app)...)
	for _, account := range []ledger.AccountID{wallet, app, clearing} {
		for _, e := range all {
			for _, moment := range []time.Time{e.At.Add(-time.Microsecond), e.At, e.At.Add(time.Hour)} {
				var want money.Amount
				for _, past := range all {
					for _, p := range past.Postings {
						if p.Account == account && !past.At.After(moment) {
							want += p.Amount
						}
					}
				}
				if got, err := f.BalanceAt(t.Context(), account, moment); err != nil || got != want {
					t.Fatalf("%v at %v: %s, %v, want %s", account, moment, got, err, want)
				}
			}
		}
	}
	if _, err := f.BalanceAt(t.Context(), 77, at); !errors.Is(err, store.ErrNoAccount) {
		t.Errorf("of no account: %v", err)
	}
	if sum, err := f.SumOfBalances(t.Context()); sum != 0 || err != nil {
		t.Errorf("all together: %s, %v", sum, err)
	}
}

// balanceBySums posts entries whose times and numbers have nothing to do with each
// other, as a clock that is moved and refunds that wait leave them, sums them now
// and then, twice at once, and asks.
func balanceBySums(t *testing.T, f *fixture) {
	keys, err := ledger.NewKeys([]byte("a secret that is long enough to be one"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Seal(t.Context(), keys, store.Origins{Chance: crand.Reader, Now: func() time.Time { return at }}); err != nil {
		t.Fatal(err)
	}
	wallet, app := walletAccount(f.wallet(0)), f.app(merchant.Terms{}).ID
	payable, fees := ledger.Account(ledger.Payable, int64(app)), ledger.Account(ledger.Fees, int64(app))
	chance := seeded()
	var all []ledger.Entry
	for round := range 40 {
		var some []ledger.Entry
		for range 1 + chance.IntN(4) {
			some = append(some, f.entryAnyTime(chance, int64(len(all)+len(some)), payable, fees, wallet))
		}
		all = append(all, some...)
		f.update(func(tx pay.Tx) error {
			for _, e := range some {
				if err := tx.Post(t.Context(), e); err != nil {
					return err
				}
			}
			return nil
		})
		if round%5 == 2 {
			f.sumHours()
		}
		if round%10 == 4 {
			f.balancesAre(chance, all, payable, fees, wallet, clearing)
		}
	}
	f.sumHours()
	f.balancesAre(chance, all, payable, fees, wallet, clearing)
}

// entryAnyTime has a number of some day and is of some time.
func (f *fixture) entryAnyTime(chance *rand.Rand, n int64, to ...ledger.AccountID) ledger.Entry {
	f.t.Helper()
	const days = 3
	number := int64(0)
	day := at.Add(time.Duration(chance.IntN(days)) * 24 * time.Hour)
	if _, err := fmt.Sscanf(id.Day(day), "%d", &number); err != nil {
		f.t.Fatal(err)
	}
	when := at.Add(time.Duration(chance.Int64N(int64(days * 24 * time.Hour))))
	if n%3 == 0 { // many of one hour
		when = at.Add(time.Duration(chance.Int64N(int64(time.Hour))))
	}
	amount := money.Amount(1 + chance.Int64N(1000))
	e, err := ledger.NewEntry(number*1_000_000_000+n*977+1, ledger.TopUp, when.Truncate(time.Microsecond),
		ledger.Posting{Account: clearing, Amount: -amount}, ledger.Posting{Account: to[chance.IntN(len(to))], Amount: amount})
	if err != nil {
		f.t.Fatal(err)
	}
	return e
}

// sumHours has two sum at the same time until all is summed.
func (f *fixture) sumHours() {
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			for more := true; more; {
				var err error
				if more, err = f.SumHours(f.t.Context(), 1); err != nil {
					f.t.Error("SumHours:", err)
				}
			}
		})
	}
	both.Wait()
}

// balancesAre asks for each account at some moments, of which some are those of
// entries and some the ends of hours.
func (f *fixture) balancesAre(chance *rand.Rand, all []ledger.Entry, accounts ...ledger.AccountID) {
	f.t.Helper()
	for range 12 {
		moment := all[chance.IntN(len(all))].At
		switch chance.IntN(4) {
		case 0:
			moment = moment.Add(-time.Microsecond)
		case 1:
			moment = moment.Truncate(time.Hour)
		case 2:
			moment = moment.Truncate(time.Hour).Add(-time.Microsecond)
		}
		for _, account := range accounts {
			var want money.Amount
			for _, e := range all {
				for _, p := range e.Postings {
					if p.Account == account && !e.At.After(moment) {
						want += p.Amount
					}
				}
			}
			if got, err := f.BalanceAt(f.t.Context(), account, moment); err != nil || got != want {
				f.t.Fatalf("%v at %v of %d entries: %s, %v, want %s", account, moment, len(all), got, err, want)
			}
		}
	}
}

func statement(t *testing.T, f *fixture) {
	wallet, app := walletAccount(f.wallet(0)), ledger.Account(ledger.Payable, int64(f.app(merchant.Terms{}).ID))
	all := f.someEntries(30, wallet, app)
	slices.Reverse(all)
	for _, account := range []ledger.AccountID{wallet, app, clearing, ledger.Account(ledger.Fees, app.Owner())} {
		var want, got []int64
		for _, e := range all {
			for _, p := range e.Postings {
				if p.Account == account {
					want = append(want, e.ID)
				}
			}
		}
		before := int64(0)
		pages(t, 4, func() (int, bool) {
			some, end, err := f.Statement(t.Context(), account, before, 4)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range some {
				got = append(got, l.Entry)
			}
			before = end
			return len(some), end == 0
		})
		if !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", account, got, want)
		}
	}
	a, err := f.Account(t.Context(), wallet)
	if err != nil || a.Floor == nil || *a.Floor != 0 {
		t.Errorf("the wallet's account is %+v, %v", a, err)
	}
	if a, err = f.Account(t.Context(), clearing); err != nil || a.Floor != nil {
		t.Errorf("the clearing account is %+v, %v", a, err)
	}
	if found, err := f.Accounts(t.Context(), []ledger.AccountID{wallet, 77}); err != nil || len(found) != 1 {
		t.Errorf("of two accounts, one of which is none: %+v, %v", found, err)
	}
}

// someSales adds orders over some hours, most of them paid after a minute.
func (f *fixture) someSales(n int, start time.Time) {
	f.t.Helper()
	for i := range n {
		o := f.newOrder(merchant.ID(1 + i%2))
		o.CreatedAt = start.Add(time.Duration(i) * 7 * time.Minute)
		if i%4 > 0 {
			o.State, o.Payment, o.ClosedAt = pay.OrderPaid, f.id(), o.CreatedAt.Add(time.Minute)
		}
		f.update(func(tx pay.Tx) error {
			if err := inserted(tx.InsertOrder(f.t.Context(), o)); err != nil || o.Payment == 0 {
				return err
			}
			return tx.InsertPayment(f.t.Context(), pay.Payment{Number: o.Payment, Order: o.Key, App: o.App, Amount: o.Amount, At: o.ClosedAt})
		})
	}
}

// hours compares what was kept, as time goes by, with what happened.
func hours(t *testing.T, f *fixture) {
	start := at.Truncate(time.Hour)
	f.someSales(60, start) // seven hours
	for _, now := range []time.Time{start.Add(10 * time.Minute), start.Add(3 * time.Hour), start.Add(7*time.Hour + 40*time.Minute), start.Add(30 * time.Hour)} {
		f.countAll(now)
		for _, scope := range []store.Scope{nil, {1}, {1, 2}, {3}, {}} {
			f.wantHours(scope, now, 48, start)
		}
	}
}

func (f *fixture) countAll(now time.Time) {
	f.t.Helper()
	pages(f.t, 0, func() (int, bool) {
		more, err := f.CountHours(f.t.Context(), now)
		if err != nil {
			f.t.Fatal(err)
		}
		return 0, !more
	})
}

// wantHours holds the hours up to now against the sales since start.
func (f *fixture) wantHours(scope store.Scope, now time.Time, n int, start time.Time) {
	f.t.Helper()
	all, err := f.Hours(f.t.Context(), scope, now, n)
	if err != nil || len(all) != n {
		f.t.Fatalf("%d hours, %v", len(all), err)
	}
	for _, h := range all {
		want := store.Hour{Start: h.Start}
		for i := range 60 {
			app, made := merchant.ID(1+i%2), start.Add(time.Duration(i)*7*time.Minute)
			if scope != nil && !slices.Contains(scope, app) {
				continue
			}
			if made.Truncate(time.Hour).Equal(h.Start) {
				want.Orders++
				if i%4 > 0 {
					want.Paid++
				}
			}
			if i%4 > 0 && made.Add(time.Minute).Truncate(time.Hour).Equal(h.Start) {
				want.Payments, want.Amount, want.Wait = want.Payments+1, want.Amount+50_000, want.Wait+time.Minute
			}
		}
		if h != want {
			f.t.Fatalf("scope %v at %v: the hour is %+v, want %+v", scope, now, h, want)
		}
	}
}

// hoursBack counts in the future, turns the clock back and lets more happen. The
// worker looks whenever the clock was moved.
func hoursBack(_ *testing.T, f *fixture) {
	start := at.Truncate(time.Hour)
	f.countAll(start.Add(20 * time.Hour))
	f.countAll(start)
	f.someSales(60, start)
	now := start.Add(8 * time.Hour)
	f.countAll(now)
	f.wantHours(nil, now, 24, start)
	f.wantHours(store.Scope{2}, now, 24, start)
}

func operatorRoundTrip(t *testing.T, f *fixture) {
	want := operator.Operator{Name: "max", Role: operator.Merchant, Apps: []merchant.ID{7, 8}, PasswordHash: "hash", CreatedAt: at}
	if err := f.InsertOperator(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if err := f.InsertOperator(t.Context(), want); !errors.Is(err, operator.ErrExists) {
		t.Errorf("a second one: %v", err)
	}
	got, err := f.Operator(t.Context(), "max")
	if err != nil || got.Mark() != want.Mark() || got.Name != "max" || !got.CreatedAt.Equal(at) || !got.DisabledAt.IsZero() {
		t.Errorf("it is %+v, %v", got, err)
	}
	if _, err := f.Operator(t.Context(), "nobody"); !errors.Is(err, operator.ErrUnknown) {
		t.Errorf("nobody: %v", err)
	}
	if all, err := f.Operators(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("all: %v, %v", all, err)
	}
}

func operatorRace(t *testing.T, f *fixture) {
	if err := f.InsertOperator(t.Context(), operator.Operator{Name: "ann", Role: operator.Admin, CreatedAt: at}); err != nil {
		t.Fatal(err)
	}
	const tries = 50
	errs := together(tries, func(int) error {
		_, err := f.UpdateOperator(t.Context(), "ann", func(o *operator.Operator) error { o.TOTPStep++; return nil })
		return err
	})
	o, err := f.Operator(t.Context(), "ann")
	if err != nil || successes(errs) != tries || o.TOTPStep != tries {
		t.Errorf("%d of %d tries were made and %d counted, %v", successes(errs), tries, o.TOTPStep, err)
	}
}

func (f *fixture) note(subject string) operator.Note {
	return operator.Note{Record: operator.Record{ID: f.id(), At: at, Actor: "ann", Role: operator.Admin, Action: operator.AppChanged, Subject: subject}}
}

// auditTogether makes changes that fail: nothing of them is on record.
func auditTogether(t *testing.T, f *fixture) {
	a := f.app(merchant.Terms{})
	ctx := operator.WithNote(t.Context(), f.note("fails"))
	_, err := f.UpdateApp(ctx, a.ID, func(*merchant.App) error { return errTest })
	if !errors.Is(err, errTest) {
		t.Errorf("UpdateApp = %v", err)
	}
	audited := store.Audited(f.Store)
	w := f.wallet(10)
	err = audited.Update(ctx, func(tx pay.Tx) error {
		return errors.Join(tx.Post(t.Context(), f.entry(walletAccount(w), clearing, 5)), errTest)
	})
	if !errors.Is(err, errTest) || f.balance(walletAccount(w)) != 10 {
		t.Errorf("Update = %v, the balance is %s", err, f.balance(walletAccount(w)))
	}
	if all, err := f.Records(t.Context(), store.RecordSearch{}, 10); len(all) != 0 || err != nil {
		t.Errorf("the records are %v, %v", all, err)
	}
	n := f.note("works")
	n.Detail = func() (string, string) { return "10", "less" }
	ctx = operator.WithNote(t.Context(), n)
	err = audited.Update(ctx, func(tx pay.Tx) error { return tx.Post(t.Context(), f.entry(walletAccount(w), clearing, 5)) })
	if err != nil {
		t.Fatal(err)
	}
	err = audited.Update(ctx, func(tx pay.Tx) error { return tx.Post(t.Context(), f.entry(walletAccount(w), clearing, 5)) })
	if err == nil || f.balance(walletAccount(w)) != 5 {
		t.Errorf("a change whose record can't be written: %v, the balance is %s", err, f.balance(walletAccount(w)))
	}
	all, err := f.Records(t.Context(), store.RecordSearch{Subject: "works"}, 10)
	if err != nil || len(all) != 1 || all[0].Was != "10" || all[0].Became != "less" || all[0].ID != n.Record.ID {
		t.Errorf("the records are %+v, %v", all, err)
	}
}

func auditPaged(t *testing.T, f *fixture) {
	var want, got []int64
	for i := range 20 {
		n := f.note(fmt.Sprint("subject ", i%2))
		if err := f.AddRecord(t.Context(), n.Record); err != nil {
			t.Fatal(err)
		}
		want = append(want, n.Record.ID)
	}
	slices.Reverse(want)
	q := store.RecordSearch{Actor: "ann"}
	pages(t, 6, func() (int, bool) {
		some, err := f.Records(t.Context(), q, 6)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range some {
			got = append(got, r.ID)
			q.Before = r.ID
		}
		return len(some), len(some) < 6
	})
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for q, want := range map[store.RecordSearch]int{{Subject: "subject 1"}: 10, {Subject: "nothing"}: 0, {Actor: "bob"}: 0, {}: 20} {
		if some, err := f.Records(t.Context(), q, 100); err != nil || len(some) != want {
			t.Errorf("%+v: %d records, %v, want %d", q, len(some), err, want)
		}
	}
}
