// Package storetest holds what every engine under the store must do. An
// engine passes when Run does.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sen/internal/callback"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/store"
)

// Run tests the engine behind open, which returns an empty store of its own
// at each call and closes it when its test is over.
func Run(t *testing.T, open func(testing.TB) *store.Store) {
	t.Helper()
	for _, group := range []map[string]func(*testing.T, *fixture){
		transactions, orders, payments, refunds, claims, wallets, accounts, deliveries, numbers, settings, apps, sessions, nodes, exchanges, lookups,
	} {
		for name, test := range group {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, &fixture{Store: open(t), t: t})
			})
		}
	}
}

// at is the present of every test.
var at = time.Date(2026, 3, 14, 15, 9, 26, 535_897_000, time.UTC)

// errTest is the failure of a function that fails on purpose.
var errTest = errors.New("on purpose")

// A fixture is a store and short ways to fill it. Its methods that write fail
// the test when the store does, so they are for the goroutine of the test.
type fixture struct {
	*store.Store
	t    *testing.T
	last atomic.Int64
}

// id returns a number that no other call returned.
func (f *fixture) id() int64 { return 1000 + f.last.Add(1) }

func (f *fixture) update(fn func(pay.Tx) error) {
	f.t.Helper()
	if err := f.Update(f.t.Context(), fn); err != nil {
		f.t.Fatalf("Update: %v", err)
	}
}

// stale wants a write to find that its row is not what was read, so that the
// function that makes it runs again.
func (f *fixture) stale(what string, write func(pay.Tx) error) {
	f.t.Helper()
	runs := 0
	err := f.Update(f.t.Context(), func(tx pay.Tx) error {
		if runs++; runs > 1 {
			return errTest
		}
		return write(tx)
	})
	if runs != 2 || !errors.Is(err, errTest) {
		f.t.Errorf("%s: %d runs, %v; want the write to be stale", what, runs, err)
	}
}

func (f *fixture) view(fn func(pay.Reader) error) {
	f.t.Helper()
	if err := f.View(f.t.Context(), fn); err != nil {
		f.t.Fatalf("View: %v", err)
	}
}

// app adds an app with those terms.
func (f *fixture) app(terms merchant.Terms) merchant.App {
	f.t.Helper()
	n := f.id()
	a := merchant.App{
		ID: merchant.ID(n), Name: "Quán sen", Key1: fmt.Sprintf("key-one-%08d", n), Key2: fmt.Sprintf("key-two-%08d", n),
		CallbackURL: "https://shop.example/callback", CreatedAt: at, Terms: terms,
	}
	if err := f.InsertApp(f.t.Context(), a); err != nil {
		f.t.Fatalf("InsertApp: %v", err)
	}
	return a
}

// wallet adds a wallet with that much in it.
func (f *fixture) wallet(balance money.Amount) pay.Wallet {
	f.t.Helper()
	n := f.id()
	w := pay.Wallet{ID: pay.WalletID(n), Phone: fmt.Sprintf("09%08d", n), Name: "Sen", PINHash: "hash", CreatedAt: at}
	f.update(func(tx pay.Tx) error { return inserted(tx.InsertWallet(f.t.Context(), w)) })
	if balance != 0 {
		e := f.entry(clearing, walletAccount(w), balance)
		f.update(func(tx pay.Tx) error { return tx.Post(f.t.Context(), e) })
	}
	return w
}

// order adds an order of app 1 that can be paid.
func (f *fixture) order() pay.Order {
	f.t.Helper()
	o := f.newOrder(1)
	f.update(func(tx pay.Tx) error { return inserted(tx.InsertOrder(f.t.Context(), o)) })
	return o
}

func (f *fixture) newOrder(app merchant.ID) pay.Order {
	n := f.id()
	return pay.Order{
		Key: pay.OrderKey(n), App: app, AppTransID: fmt.Sprintf("260314_%d", n), AppUser: "an", AppTime: at, Amount: 50_000,
		Token: fmt.Sprint("AC", n), State: pay.OrderCreated, CreatedAt: at, ExpiresAt: at.Add(15 * time.Minute),
	}
}

// payment adds a payment of that amount without moving money.
func (f *fixture) payment(amount money.Amount) pay.Payment {
	f.t.Helper()
	n := f.id()
	p := pay.Payment{Number: n, Order: pay.OrderKey(n), App: 1, Wallet: 1, Channel: pay.WalletChannel, Amount: amount, At: at}
	f.update(func(tx pay.Tx) error { return tx.InsertPayment(f.t.Context(), p) })
	return p
}

// delivery adds a delivery that is due.
func (f *fixture) delivery(due time.Time) callback.Delivery {
	f.t.Helper()
	d := f.newDelivery(due)
	f.update(func(tx pay.Tx) error { return tx.InsertDelivery(f.t.Context(), d) })
	return d
}

func (f *fixture) newDelivery(due time.Time) callback.Delivery {
	n := f.id()
	return callback.Delivery{
		ID: callback.ID(n), App: 1, Subject: callback.OrderPaid, Order: n, URL: "https://shop.example/", Body: []byte(`{"a":1}`),
		State: callback.Due, CreatedAt: at, DueAt: due, Cause: "why",
	}
}

const clearing = ledger.AccountID(38<<4 | int64(ledger.Clearing))

func walletAccount(w pay.Wallet) ledger.AccountID { return ledger.Account(ledger.Wallet, int64(w.ID)) }

// entry moves the amount from one account to another.
func (f *fixture) entry(from, to ledger.AccountID, amount money.Amount) ledger.Entry {
	f.t.Helper()
	e, err := transfer(f.id(), from, to, amount)
	if err != nil {
		f.t.Fatalf("entry: %v", err)
	}
	return e
}

func transfer(id int64, from, to ledger.AccountID, amount money.Amount) (ledger.Entry, error) {
	return ledger.NewEntry(id, ledger.TopUp, at,
		ledger.Posting{Account: from, Amount: -amount}, ledger.Posting{Account: to, Amount: amount})
}

func (f *fixture) balance(account ledger.AccountID) (b money.Amount) {
	f.t.Helper()
	f.view(func(r pay.Reader) (err error) {
		b, err = r.Balance(f.t.Context(), account)
		return err
	})
	return b
}

// sound fails the test when Verify finds something.
func (f *fixture) sound() {
	f.t.Helper()
	r, err := f.Verify(f.t.Context())
	if err != nil {
		f.t.Fatalf("Verify: %v", err)
	}
	for _, problem := range r.Problems {
		f.t.Errorf("Verify: %s", problem)
	}
}

var errNotInserted = errors.New("not inserted")

// inserted turns the answer "there was one already" into an error.
func inserted(ok bool, err error) error {
	if err == nil && !ok {
		err = errNotInserted
	}
	return err
}

// together runs f in n goroutines at a time and returns its errors in order.
func together(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range n {
		done.Go(func() {
			start.Wait()
			errs[i] = f(i)
		})
	}
	start.Done()
	done.Wait()
	return errs
}

// successes returns how many errors are none.
func successes(errs []error) (n int) {
	for _, err := range errs {
		if err == nil {
			n++
		}
	}
	return n
}

// unexpected returns the first error that is none of the targets.
func unexpected(errs []error, targets ...error) error {
	for _, err := range errs {
		if err != nil && !slices.ContainsFunc(targets, func(t error) bool { return errors.Is(err, t) }) {
			return err
		}
	}
	return nil
}

// ask runs a read that returns one value.
func ask[T any](f *fixture, read func(context.Context, pay.Reader) (T, error)) (v T, err error) {
	err = f.View(f.t.Context(), func(r pay.Reader) (err error) {
		v, err = read(f.t.Context(), r)
		return err
	})
	return v, err
}
