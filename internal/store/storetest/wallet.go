package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen/internal/ledger"
	"sen/internal/pay"
)

var wallets = map[string]func(*testing.T, *fixture){
	"Wallet/comes back as it went in":          walletRoundTrip,
	"Wallet/is inserted or not":                insertWallet,
	"Wallet/a change needs what was read":      updateWallet,
	"Wallet/two changes at a time both stay":   updateWalletRace,
	"Wallet/wrong PINs are swapped":            notePIN,
	"Wallet/no debits once stopped":            stopDebits,
	"Wallet/no debit commits after a stop did": stopRace,
	"Wallet/pages":                             walletPages,
}

func (f *fixture) walletIs(want pay.Wallet) {
	f.t.Helper()
	got, err := ask(f, func(ctx context.Context, r pay.Reader) (pay.Wallet, error) { return r.Wallet(ctx, want.ID) })
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		f.t.Errorf("Wallet: %v (-want +got):\n%s", err, diff)
	}
	got, err = ask(f, func(ctx context.Context, r pay.Reader) (pay.Wallet, error) { return r.WalletByPhone(ctx, want.Phone) })
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		f.t.Errorf("WalletByPhone: %v (-want +got):\n%s", err, diff)
	}
}

func walletRoundTrip(t *testing.T, f *fixture) {
	w := pay.Wallet{
		ID: 1<<59 - 1, Phone: "0900000001", Name: "Đỗ 😀", PINHash: "$a$b", LockedAt: at, PaymentsOffAt: at.Add(time.Second),
		RefillTo: 5, PINFailures: 3, PINPause: at.Add(time.Minute), CreatedAt: at,
	}
	f.update(func(tx pay.Tx) error { return inserted(tx.InsertWallet(t.Context(), w)) })
	f.walletIs(w)
	if got := f.balance(walletAccount(w)); got != 0 {
		t.Errorf("a new wallet has %v", got)
	}
	was := w
	w.Name, w.PINHash, w.LockedAt, w.PaymentsOffAt, w.RefillTo = "An", "", time.Time{}, time.Time{}, 0
	f.update(func(tx pay.Tx) error { return tx.UpdateWallet(t.Context(), w, was) })
	f.walletIs(w)
	f.view(func(r pay.Reader) error {
		_, byID := r.Wallet(t.Context(), 1)
		_, byPhone := r.WalletByPhone(t.Context(), "0900000002")
		for _, err := range []error{byID, byPhone} {
			if !errors.Is(err, pay.ErrWalletNotFound) {
				t.Errorf("got %v, want ErrWalletNotFound", err)
			}
		}
		return nil
	})
}

func insertWallet(t *testing.T, f *fixture) {
	w := f.wallet(7)
	again := w
	again.ID, again.Name = pay.WalletID(f.id()), "another"
	f.update(func(tx pay.Tx) error {
		if err := inserted(tx.InsertWallet(t.Context(), again)); !errors.Is(err, errNotInserted) {
			t.Errorf("the same phone: %v, want no insert and no error", err)
		}
		return nil
	})
	f.walletIs(w)
	if _, err := ask(f, func(ctx context.Context, r pay.Reader) (pay.Wallet, error) { return r.Wallet(ctx, again.ID) }); !errors.Is(err, pay.ErrWalletNotFound) {
		t.Errorf("the wallet that was refused: %v, want not found", err)
	}
	f.sound()
}

// updateWallet changes a wallet on the strength of what it no longer is.
func updateWallet(t *testing.T, f *fixture) {
	was := f.wallet(0)
	locked, off := was, was
	locked.LockedAt, off.PaymentsOffAt = at, at
	f.update(func(tx pay.Tx) error { return tx.UpdateWallet(t.Context(), locked, was) })
	// It would free a locked wallet.
	f.stale("a wallet that was locked", func(tx pay.Tx) error { return tx.UpdateWallet(t.Context(), off, was) })
	f.walletIs(locked)
}

func updateWalletRace(t *testing.T, f *fixture) {
	w := f.wallet(0)
	errs := together(8, func(i int) error {
		return f.Update(t.Context(), func(tx pay.Tx) error {
			was, err := tx.Wallet(t.Context(), w.ID)
			if err != nil {
				return err
			}
			now := was
			now.RefillTo++
			if i == 3 {
				now.LockedAt = at
			}
			return tx.UpdateWallet(t.Context(), now, was)
		})
	})
	if err := unexpected(errs); err != nil {
		t.Fatal(err)
	}
	w.RefillTo, w.LockedAt = 8, at
	f.walletIs(w)
}

func notePIN(t *testing.T, f *fixture) {
	w := f.wallet(0)
	pause := at.Add(time.Minute)
	f.update(func(tx pay.Tx) error { return tx.NotePIN(t.Context(), w.ID, 1, 0, pause) })
	f.stale("a count that is not what was read", func(tx pay.Tx) error { return tx.NotePIN(t.Context(), w.ID, 1, 0, pause) })
	w.PINFailures, w.PINPause = 1, pause
	f.walletIs(w)
	errs := together(20, func(int) error {
		return f.Update(t.Context(), func(tx pay.Tx) error {
			was, err := tx.Wallet(t.Context(), w.ID)
			if err != nil {
				return err
			}
			return tx.NotePIN(t.Context(), w.ID, was.PINFailures+1, was.PINFailures, time.Time{})
		})
	})
	if err := unexpected(errs); err != nil {
		t.Fatal(err)
	}
	w.PINFailures, w.PINPause = 21, time.Time{}
	f.walletIs(w)
}

func stopDebits(t *testing.T, f *fixture) {
	for name, stop := range map[string]func(*pay.Wallet){
		"locked":       func(w *pay.Wallet) { w.LockedAt = at },
		"payments off": func(w *pay.Wallet) { w.PaymentsOffAt = at },
		"both":         func(w *pay.Wallet) { w.LockedAt, w.PaymentsOffAt = at, at },
	} {
		was := f.wallet(10)
		now := was
		stop(&now)
		f.update(func(tx pay.Tx) error { return tx.UpdateWallet(t.Context(), now, was) })
		out, in, free := f.entry(walletAccount(was), clearing, 1), f.entry(clearing, walletAccount(was), 1), f.entry(walletAccount(was), clearing, 1)
		// Whoever pays has to look at the wallet again.
		f.stale(name, func(tx pay.Tx) error { return tx.Post(t.Context(), out) })
		f.update(func(tx pay.Tx) error { return tx.Post(t.Context(), in) })
		f.update(func(tx pay.Tx) error { return tx.UpdateWallet(t.Context(), was, now) })
		f.update(func(tx pay.Tx) error { return tx.Post(t.Context(), free) })
	}
}

// stopRace locks a wallet while it pays. Whatever commits after the lock's
// commit was reported must not have taken money.
func stopRace(t *testing.T, f *fixture) {
	w := f.wallet(1_000_000)
	entries := make([]ledger.Entry, 200)
	for i := range entries {
		entries[i] = f.entry(walletAccount(w), clearing, 1)
	}
	var locked atomic.Bool
	late := atomic.Int64{}
	errs := together(len(entries), func(i int) error {
		if i == len(entries)/2 {
			stopped := w
			stopped.LockedAt = at
			err := f.Update(t.Context(), func(tx pay.Tx) error { return tx.UpdateWallet(t.Context(), stopped, w) })
			locked.Store(true)
			return err
		}
		began := locked.Load()
		err := f.Update(t.Context(), func(tx pay.Tx) error {
			now, err := tx.Wallet(t.Context(), w.ID)
			if err != nil {
				return err
			}
			if err := now.MayPay(); err != nil {
				return err
			}
			return tx.Post(t.Context(), entries[i])
		})
		if err == nil && began {
			late.Add(1)
		}
		return err
	})
	if err := unexpected(errs, pay.ErrWalletLocked); err != nil {
		t.Fatal(err)
	}
	if n := late.Load(); n != 0 {
		t.Errorf("%d payments began after the lock had been committed, and succeeded", n)
	}
	f.sound()
}

func walletPages(t *testing.T, f *fixture) {
	var want []string
	for range 7 {
		want = append(want, f.wallet(0).Phone)
	}
	slices.Sort(want)
	var got []string
	for after := ""; ; after = got[len(got)-1] {
		page, err := f.Wallets(t.Context(), after, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range page {
			got = append(got, w.Phone)
		}
		if len(page) < 3 {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("three at a time (-want +got):\n%s", diff)
	}
	if page, err := f.Wallets(t.Context(), want[6], 3); err != nil || len(page) != 0 {
		t.Errorf("after the last: %v, %v", fmt.Sprint(page), err)
	}
}
