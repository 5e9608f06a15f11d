package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"sen/internal/ledger"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/store"
)

var transactions = map[string]func(*testing.T, *fixture){
	"Update/keeps nothing of a failure":         keepsNothing,
	"Update/a failure spares its companions":    sparesCompanions,
	"Update/a panic is an error":                panicIsError,
	"Update/runs again when stale":              runsAgain,
	"Update/gives up in the end":                givesUp,
	"Update/sees its own writes":                seesOwnWrites,
	"Update/a cancelled context writes nothing": cancelledBefore,
	"View/one state":                            oneState,
	"View/a panic breaks nothing":               panicInView,
	"View/a cancelled context":                  cancelledView,
	"Close/calls are answered":                  closeAnswers,
	"Close/twice":                               closeTwice,
}

func keepsNothing(t *testing.T, f *fixture) {
	w := f.wallet(100)
	other := f.wallet(0)
	o, e := f.newOrder(1), f.entry(walletAccount(w), walletAccount(other), 60)
	d := f.newDelivery(at)
	locked := w
	locked.LockedAt = at
	err := f.Update(t.Context(), func(tx pay.Tx) error {
		return errors.Join(
			inserted(tx.InsertOrder(t.Context(), o)),
			tx.Post(t.Context(), e),
			tx.UpdateWallet(t.Context(), locked, w),
			tx.InsertDelivery(t.Context(), d),
			errTest,
		)
	})
	if !errors.Is(err, errTest) {
		t.Fatalf("Update = %v, want the function's own error", err)
	}
	if got := f.balance(walletAccount(w)); got != 100 {
		t.Errorf("balance = %v, want 100", got)
	}
	if _, err := ask(f, func(ctx context.Context, r pay.Reader) (pay.Order, error) { return r.Order(ctx, o.Key) }); !errors.Is(err, pay.ErrOrderNotFound) {
		t.Errorf("the order: %v, want not found", err)
	}
	if got, err := ask(f, func(ctx context.Context, r pay.Reader) (pay.Wallet, error) { return r.Wallet(ctx, w.ID) }); err != nil || !got.LockedAt.IsZero() {
		t.Errorf("the wallet: %+v, %v, want one that is not locked", got, err)
	}
	if _, err := f.Delivery(t.Context(), d.ID); err == nil {
		t.Error("the delivery is there")
	}
	// Even the ids are free again.
	f.update(func(tx pay.Tx) error {
		return errors.Join(inserted(tx.InsertOrder(t.Context(), o)), tx.Post(t.Context(), e))
	})
	f.sound()
}

// sparesCompanions holds up the writer until many calls wait, so that an
// engine that shares commits has to share this one.
func sparesCompanions(t *testing.T, f *fixture) {
	const calls = 60
	accounts := make([]ledger.AccountID, calls)
	entries := make([]ledger.Entry, calls)
	for i := range calls {
		accounts[i] = walletAccount(f.wallet(0))
		entries[i] = f.entry(clearing, accounts[i], 5)
	}
	held, release := make(chan struct{}), make(chan struct{})
	holder := make(chan error, 1)
	go func() {
		once := false
		holder <- f.Update(t.Context(), func(pay.Tx) error {
			if !once {
				once = true
				close(held)
				<-release
			}
			return nil
		})
	}()
	<-held
	var arrived sync.WaitGroup
	arrived.Add(calls)
	results := make(chan []error, 1)
	go func() {
		results <- together(calls, func(i int) error {
			arrived.Done()
			return f.Update(t.Context(), func(tx pay.Tx) error {
				if err := tx.Post(t.Context(), entries[i]); err != nil {
					return err
				}
				switch i % 6 {
				case 1:
					return errTest
				case 2:
					panic("on purpose")
				}
				return nil
			})
		})
	}()
	arrived.Wait()
	close(release)
	if err := <-holder; err != nil {
		t.Errorf("the call that held the writer: %v", err)
	}
	for i, err := range <-results {
		fails := i%6 == 1 || i%6 == 2
		if (err != nil) != fails {
			t.Errorf("call %d: %v", i, err)
		}
		want := money.Amount(5)
		if fails {
			want = 0
		}
		if got := f.balance(accounts[i]); got != want {
			t.Errorf("call %d: balance %v, want %v", i, got, want)
		}
	}
	f.sound()
}

func panicIsError(t *testing.T, f *fixture) {
	o := f.newOrder(1)
	err := f.Update(t.Context(), func(tx pay.Tx) error {
		if _, err := tx.InsertOrder(t.Context(), o); err != nil {
			return err
		}
		panic("on purpose")
	})
	if err == nil || !strings.Contains(err.Error(), "on purpose") {
		t.Errorf("Update = %v, want the panic", err)
	}
	f.update(func(tx pay.Tx) error { return inserted(tx.InsertOrder(t.Context(), o)) })
}

func runsAgain(t *testing.T, f *fixture) {
	o, runs := f.newOrder(1), 0
	f.update(func(tx pay.Tx) error {
		runs++
		// Each run must find nothing of the one before.
		if err := inserted(tx.InsertOrder(t.Context(), o)); err != nil || runs == 3 {
			return err
		}
		return pay.ErrStale
	})
	if runs != 3 {
		t.Errorf("%d runs, want 3", runs)
	}
}

func givesUp(t *testing.T, f *fixture) {
	runs := 0
	err := f.Update(t.Context(), func(pay.Tx) error {
		runs++
		return pay.ErrStale
	})
	if err == nil || runs < 2 || runs > 100 {
		t.Errorf("%d runs, then %v, want an error after a few", runs, err)
	}
	if errors.Is(err, pay.ErrStale) {
		t.Errorf("Update = %v: no caller may see ErrStale", err)
	}
}

func seesOwnWrites(t *testing.T, f *fixture) {
	w := f.wallet(10)
	e := f.entry(walletAccount(w), clearing, 4)
	f.update(func(tx pay.Tx) error {
		if err := tx.Post(t.Context(), e); err != nil {
			return err
		}
		if got, err := tx.Balance(t.Context(), walletAccount(w)); err != nil || got != 6 {
			return fmt.Errorf("balance after the posting: %v, %w", got, err)
		}
		return nil
	})
}

func cancelledBefore(t *testing.T, f *fixture) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 50 { // a coin tossed somewhere falls on both sides in 50 tries
		err := f.Update(ctx, func(pay.Tx) error {
			t.Error("the function ran")
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("Update = %v, want context.Canceled", err)
		}
	}
}

func cancelledView(t *testing.T, f *fixture) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 50 {
		err := f.View(ctx, func(pay.Reader) error {
			t.Error("the function ran")
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("View = %v, want context.Canceled", err)
		}
	}
}

// oneState moves money between two wallets while a view looks at one and then
// at the other.
func oneState(t *testing.T, f *fixture) {
	a, b := walletAccount(f.wallet(1000)), walletAccount(f.wallet(0))
	e := f.entry(a, b, 300)
	var before, after money.Amount
	f.view(func(r pay.Reader) (err error) {
		if before, err = r.Balance(t.Context(), a); err != nil {
			return err
		}
		if err := f.Update(t.Context(), func(tx pay.Tx) error { return tx.Post(t.Context(), e) }); err != nil {
			return err
		}
		after, err = r.Balance(t.Context(), b)
		return err
	})
	if before != 1000 || after != 0 {
		t.Errorf("the view saw %v and %v, want 1000 and 0: the state at its beginning", before, after)
	}
	if got := f.balance(b); got != 300 {
		t.Errorf("the next view saw %v, want 300", got)
	}
}

func panicInView(t *testing.T, f *fixture) {
	w := f.wallet(7)
	for range 20 { // more than there are connections
		err := f.View(t.Context(), func(r pay.Reader) error {
			if _, err := r.Balance(t.Context(), walletAccount(w)); err != nil {
				return err
			}
			panic("on purpose")
		})
		if err == nil || !strings.Contains(err.Error(), "on purpose") {
			t.Errorf("View = %v, want the panic", err)
		}
	}
	e := f.entry(clearing, walletAccount(w), 1)
	f.update(func(tx pay.Tx) error { return tx.Post(t.Context(), e) })
	for range 20 {
		if got := f.balance(walletAccount(w)); got != 8 {
			t.Fatalf("balance after a panic = %v, want 8: no view of an old state stays open", got)
		}
	}
}

// closeAnswers closes while calls come in: each of them either did its work or
// says that the store is closed, and none waits for ever.
func closeAnswers(t *testing.T, f *fixture) {
	w := f.wallet(0)
	const calls = 40
	entries := make([]ledger.Entry, calls)
	for i := range entries {
		entries[i] = f.entry(clearing, walletAccount(w), 1)
	}
	closed := make(chan error, 1)
	errs := together(calls, func(i int) error {
		if i == calls/2 {
			closed <- f.Close()
			return nil
		}
		if i%2 == 0 {
			return f.View(t.Context(), func(r pay.Reader) error {
				_, err := r.Wallet(t.Context(), w.ID)
				return err
			})
		}
		return f.Update(t.Context(), func(tx pay.Tx) error { return tx.Post(t.Context(), entries[i]) })
	})
	if err := unexpected(errs, store.ErrClosed); err != nil {
		t.Errorf("a call during Close: %v", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := f.Update(t.Context(), func(pay.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Update after Close = %v, want ErrClosed", err)
	}
	if err := f.View(t.Context(), func(pay.Reader) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Errorf("View after Close = %v, want ErrClosed", err)
	}
}

func closeTwice(t *testing.T, f *fixture) {
	for range 2 {
		if err := f.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
}
