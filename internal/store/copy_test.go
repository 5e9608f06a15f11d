package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"sen/internal/callback"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/pgtest"
	"sen/internal/store"
)

// TestCopy moves a database into another one.
func TestCopy(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) (*store.Store, string){
		"to a directory": func(t *testing.T) (*store.Store, string) { dir := t.TempDir(); return serve(t, dir), dir },
		"to a server": func(t *testing.T) (*store.Store, string) {
			dsn := pgtest.DSN(t)
			return serve(t, dsn), dsn
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from := serve(t, t.TempDir())
			fillWithWork(t, from)
			to, place := open(t)
			rows := int64(0)
			if err := store.Copy(t.Context(), from, to, func(c store.Copied) { rows += c.Rows }); err != nil {
				t.Fatal(err)
			}
			if rows < 5000 {
				t.Errorf("%d rows were copied", rows)
			}
			r, err := to.Verify(t.Context())
			if err != nil || !r.OK() {
				t.Errorf("the copy: %v %q", err, r.Problems)
			}
			settingIs(t, to, "cà phê", "sữa đá")
			if err := store.Copy(t.Context(), from, to, func(store.Copied) {}); !errors.Is(err, store.ErrNotEmpty) {
				t.Errorf("a second copy: %v, want ErrNotEmpty", err)
			}
			if err := to.Close(); err != nil {
				t.Fatal(err)
			}
			settingIs(t, serve(t, place), "cà phê", "sữa đá") // it can be served from
		})
	}
}

// fillWithWork puts rows of many kinds into a store, and more of one than go
// into a transaction.
func fillWithWork(t *testing.T, s *store.Store) {
	t.Helper()
	at := time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
	a := merchant.App{ID: 1, Name: "Quán sen", Key1: "key-one-00000001", Key2: "key-two-00000001", CreatedAt: at}
	if err := errors.Join(s.InsertApp(t.Context(), a), s.SetSetting(t.Context(), "cà phê", "sữa đá")); err != nil {
		t.Fatal(err)
	}
	err := s.Update(t.Context(), func(tx pay.Tx) error {
		w := pay.Wallet{ID: 1, Phone: "0900000001", Name: "Sen", PINHash: "hash", CreatedAt: at, LockedAt: at}
		if _, err := tx.InsertWallet(t.Context(), w); err != nil {
			return err
		}
		for i := range int64(1700) {
			e, err := ledger.NewEntry(260314_000000000+i+1, ledger.TopUp, at,
				ledger.Posting{Account: ledger.Account(ledger.Wallet, 1), Amount: money.Amount(i + 1)},
				ledger.Posting{Account: ledger.Account(ledger.Clearing, 38), Amount: -money.Amount(i + 1)})
			if err != nil {
				return err
			}
			if err := tx.Post(t.Context(), e); err != nil {
				return err
			}
		}
		return tx.InsertDelivery(t.Context(), callback.Delivery{
			ID: 7, App: 1, Subject: callback.BindingChanged, Order: 9, Body: []byte("{}\x00\xff"), State: callback.Unaddressed, CreatedAt: at,
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ReserveNumbers(t.Context(), "260314", 5000); err != nil {
		t.Fatal(err)
	}
}

// TestCopyThatStops refuses to serve from what was copied in part.
func TestCopyThatStops(t *testing.T) {
	t.Parallel()
	from, dir := serve(t, t.TempDir()), t.TempDir()
	fillWithWork(t, from)
	to := serve(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	err := store.Copy(ctx, from, to, func(c store.Copied) {
		if c.Table == "entries" {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("Copy = %v, want it cancelled", err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Serve(t.Context(), dir); !errors.Is(err, store.ErrHalfCopied) {
		t.Errorf("Serve = %v, want ErrHalfCopied", err)
	}
}
