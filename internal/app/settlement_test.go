package app_test

import (
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/pay"
	"sen/internal/store"
	"sen/internal/vault"
)

// tradeOn has an app in a database be paid at a time.
func tradeOn(ctx context.Context, s *store.Store, a merchant.App, at time.Time) error {
	apps := &merchant.Directory{Load: s.Register}
	if err := apps.Refresh(ctx); err != nil {
		return err
	}
	g := &pay.Service{
		Store: s, Apps: apps, Now: func() time.Time { return at }, Machine: time.Now,
		IDs: &id.Source{Rand: rand.Reader, Shards: s.Shards()}, Numbers: &id.Numbers{Reserve: s.ReserveNumbers},
		RenderOrder: func(merchant.App, pay.Order, pay.Payment) ([]byte, error) { return []byte("{}"), nil },
		NoteLost:    func(context.Context, pay.OrderKey, error) {}, CallbackOwed: func() {}, RefundOwed: func() {}, ChargeOwed: func() {},
	}
	w, err := g.OpenWallet(ctx, pay.Wallet{Phone: "0912345678", Name: "An", PINHash: "x", KYC: pay.Full})
	if err != nil {
		return err
	}
	if _, err := g.TopUp(ctx, w.Phone, 100_000); err != nil {
		return err
	}
	o, err := g.CreateOrder(ctx, pay.NewOrder{App: a, AppTransID: id.Day(at) + "_1", AppTime: at, Amount: 70_000})
	if err == nil {
		_, err = g.PayFromWallet(ctx, o.Key, w.ID)
	}
	return err
}

// tradeAt is tradeOn in the database of a gateway that does not serve yet.
func tradeAt(t *testing.T, place app.Where, a merchant.App, at time.Time) {
	t.Helper()
	s, err := store.Open(t.Context(), place.Database())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := vault.Open(filepath.Join(place.Data, "vault.json"), true)
	if err != nil {
		t.Fatal(err)
	}
	s.Unlock(keys, true)
	if err := errors.Join(tradeOn(t.Context(), s, a, at), s.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestLiveSettles starts a live gateway that has something of yesterday's: it
// settles that by itself, and keeps that it did.
func TestLiveSettles(t *testing.T) {
	t.Parallel()
	var place app.Where
	g := apptest.Start(t, func(c *app.Config) {
		c.Mode, c.PublicURL = app.Live, "https://pay.example"
		place = livePlace(t, c)
		a, err := app.CreateApp(t.Context(), place, app.Live, merchant.App{ID: 7, Name: "Sen"})
		if err != nil {
			t.Fatal(err)
		}
		tradeAt(t, place, a, apptest.Noon.Add(-24*time.Hour))
	})
	s, err := store.Open(t.Context(), g.Place())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	yesterday := pay.DayOf(apptest.Noon).Previous()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for done := ""; done != string(yesterday); <-look.C {
		if done, err = s.Setting(t.Context(), "settled"); err != nil {
			t.Fatal(err)
		}
	}
	st, err := s.Settlement(t.Context(), 7, yesterday)
	if err != nil || st.PaidOut != 70_000 || !st.At.Equal(apptest.Noon) {
		t.Errorf("settled %+v, %v", st, err)
	}
	// By hand nothing is left, and the books are right but for the merchant's server.
	err = app.KeepBooks(t.Context(), place, func(k control.Bookkeeper, simulated bool) error {
		if simulated {
			t.Error("a live gateway has no simulated bank")
		}
		again, err := k.Settle(t.Context(), control.Settle{App: 7, Day: string(yesterday)})
		if err != nil || len(again) != 0 {
			t.Errorf("settled again: %+v, %v", again, err)
		}
		found, err := k.Reconcile(t.Context(), control.Reconcile{App: 7, Day: string(yesterday)}, simulated)
		if err != nil || len(found.Differences) != 1 || found.Differences[0].Kind != "callback_content_differs" {
			t.Errorf("reconciled: %+v, %v", found, err)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
