package pay_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sen/internal/bank"
	"sen/internal/id"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/pgtest"
	"sen/internal/store"
	"sen/internal/vault"
)

// TestMain keeps the default run short; -rapid.checks=10000 is for the night.
func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		if err := flag.Set("rapid.checks", "20"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// start is when every test begins: 22:09 at GMT+7.
var start = time.Date(2026, 3, 14, 15, 9, 26, 535_897_000, time.UTC)

// A gateway is the rules over a real store, with a clock of its own.
type gateway struct {
	*pay.Service
	store  *store.Store
	place  string // URL of its database, or ""
	bank   *bank.Simulator
	pins   *plainPINs
	now    atomic.Int64 // microseconds
	serial atomic.Int64
	owed   atomic.Int64 // calls of CallbackOwed
	lost   atomic.Int64 // calls of NoteLost
}

// plainPINs hash nothing, so that tests of the rules do not wait for hashing.
type plainPINs struct{ checks, empty atomic.Int64 }

func (*plainPINs) Hash(pin string) (string, error) { return "hash of " + pin, nil }

func (*plainPINs) Stale(string) bool { return false }

func (p *plainPINs) Check(hash, pin string) bool {
	p.checks.Add(1)
	if hash == "" {
		p.empty.Add(1)
	}
	return hash == "hash of "+pin
}

func newGateway(t testing.TB) *gateway {
	t.Helper()
	g := &gateway{pins: &plainPINs{}}
	g.now.Store(start.UnixMicro())
	g.place = place(t)
	if err := g.open(context.Background(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// place is the database of a test on a server, or "".
func place(t testing.TB) string {
	if !pgtest.Wanted() {
		return ""
	}
	return pgtest.Copy(t, "empty", func(ctx context.Context, dsn string) error {
		s, err := store.Serve(ctx, dsn)
		if err != nil {
			return err
		}
		return s.Close()
	})
}

// open serves from dir, or from the test's database, with new sources of identity, as a new process has.
func (g *gateway) open(ctx context.Context, dir string) (err error) {
	if g.store, err = store.Serve(ctx, cmp.Or(g.place, dir)); err != nil {
		return err
	}
	keys, err := vault.Open(filepath.Join(dir, "vault.json"), false)
	if err != nil {
		return err
	}
	g.bank = &bank.Simulator{Ledger: g.store, Now: g.time}
	g.Service = &pay.Service{
		Bank: g.bank, Vault: keys, ChargeOwed: func() {},
		Store: g.store, Apps: &merchant.Directory{Load: g.store.Register}, Now: g.time, Machine: g.time,
		IDs: &id.Source{Rand: rand.Reader, Shards: g.store.Shards()}, Numbers: &id.Numbers{Reserve: g.store.ReserveNumbers}, PINs: g.pins,
		RenderOrder: func(_ merchant.App, o pay.Order, p pay.Payment) ([]byte, error) {
			return fmt.Appendf(nil, `{"order":%d,"payment":%d}`, o.Key, p.Number), nil
		},
		RenderBinding: func(_ merchant.App, st pay.BindingStatus, _ time.Time) ([]byte, error) {
			return fmt.Appendf(nil, `{"binding":%d}`, st.Binding.Key), nil
		},
		UserKey: []byte("key"), RefundDelay: time.Second,
		NoteLost:     func(context.Context, pay.OrderKey, error) { g.lost.Add(1) },
		CallbackOwed: func() { g.owed.Add(1) }, RefundOwed: func() {},
	}
	return g.Apps.Refresh(ctx)
}

// crash goes on with a copy of the files as they are on disk, as after the
// process was killed.
func (g *gateway) crash(ctx context.Context, from, to string) error {
	if g.place != "" {
		// What a killed process leaves behind is what the server has.
		if err := g.store.Close(); err != nil {
			return err
		}
		return g.open(ctx, from)
	}
	for _, name := range []string{store.FileName, store.FileName + "-wal", "vault.json"} {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, name), data, 0o600); err != nil {
			return err
		}
	}
	if err := g.store.Close(); err != nil {
		return err
	}
	return g.open(ctx, to)
}

func (g *gateway) time() time.Time { return time.UnixMicro(g.now.Load()).UTC() }

func (g *gateway) move(d time.Duration) { g.now.Add(d.Microseconds()) }

func (g *gateway) set(at time.Time) { g.now.Store(at.UnixMicro()) }

func (g *gateway) app(t testing.TB, terms merchant.Terms) merchant.App {
	t.Helper()
	n := g.serial.Add(1)
	a := merchant.App{
		ID: merchant.ID(n), Name: "Sen", Key1: "key-one-of-the-app", Key2: "key-two-of-the-app",
		CallbackURL: "https://shop.example/callback", CreatedAt: g.time(), Terms: terms,
	}
	if err := errors.Join(g.store.InsertApp(t.Context(), a), g.Apps.Refresh(t.Context())); err != nil {
		t.Fatal(err)
	}
	return a
}

func (g *gateway) change(t testing.TB, a merchant.ID, change func(*merchant.App)) {
	t.Helper()
	_, err := g.store.UpdateApp(t.Context(), a, func(a *merchant.App) error { change(a); return nil })
	if err := errors.Join(err, g.Apps.Refresh(t.Context())); err != nil {
		t.Fatal(err)
	}
}

func (g *gateway) wallet(t testing.TB, balance money.Amount) pay.Wallet {
	t.Helper()
	w, err := g.OpenWallet(t.Context(), pay.Wallet{
		Phone: fmt.Sprintf("09%08d", g.serial.Add(1)), Name: "An", PINHash: "hash of 111111", KYC: pay.Full,
	})
	if err != nil {
		t.Fatal(err)
	}
	if balance > 0 {
		if _, err := g.TopUp(t.Context(), w.Phone, balance); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func (g *gateway) newOrder(a merchant.App, amount money.Amount) pay.NewOrder {
	return pay.NewOrder{App: a, AppTransID: g.name(), AppUser: "an", AppTime: g.time(), Amount: amount}
}

// name returns an identifier of the day that was not used yet.
func (g *gateway) name() string { return fmt.Sprintf("%s_%d", id.Day(g.time()), g.serial.Add(1)) }

func (g *gateway) order(t testing.TB, a merchant.App, amount money.Amount) pay.Order {
	t.Helper()
	o, err := g.CreateOrder(t.Context(), g.newOrder(a, amount))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// paid returns a payment of that amount from a wallet that is empty now.
func (g *gateway) paid(t testing.TB, a merchant.App, amount money.Amount) (pay.Payment, pay.Wallet) {
	t.Helper()
	w := g.wallet(t, amount)
	p, err := g.PayFromWallet(t.Context(), g.order(t, a, amount).Key, w.ID)
	if err != nil {
		t.Fatal(err)
	}
	return p, w
}

func (g *gateway) refund(t testing.TB, n pay.NewRefund) pay.Refund {
	t.Helper()
	if n.MRefundID == "" {
		n.MRefundID = g.name()
	}
	n.Timestamp = g.time()
	r, err := g.RequestRefund(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// run carries out what is due d from now.
func (g *gateway) run(t testing.TB, d time.Duration) {
	t.Helper()
	g.move(d)
	if _, err := g.RunRefunds(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// RunRefunds runs refunds until none is due, as a worker does.
func (g *gateway) RunRefunds(ctx context.Context) (more bool, err error) {
	for more = true; more && err == nil; {
		more, err = g.Service.RunRefunds(ctx)
	}
	return more, err
}

func (g *gateway) refundIs(t testing.TB, r pay.Refund, state pay.RefundState, why pay.RefundFailure) {
	t.Helper()
	got, err := g.RefundByMerchantID(t.Context(), r.App, r.MRefundID)
	if err != nil || got.State != state || got.Failure != why {
		t.Errorf("refund: %s %q, %v, want %s %q", got.State, got.Failure, err, state, why)
	}
}

func (g *gateway) orderIs(t testing.TB, o pay.Order, state pay.OrderState) {
	t.Helper()
	got, err := g.OrderByTransID(t.Context(), o.App, o.AppTransID)
	if err != nil || got.State != state {
		t.Errorf("order: %s, %v, want %s", got.State, err, state)
	}
}

func (g *gateway) balance(t testing.TB, kind ledger.Kind, owner int64) (b money.Amount) {
	t.Helper()
	err := g.store.View(t.Context(), func(r pay.Reader) (err error) {
		b, err = r.Balance(t.Context(), ledger.Account(kind, owner))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (g *gateway) has(t testing.TB, w pay.Wallet, want money.Amount) {
	t.Helper()
	if got := g.balance(t, ledger.Wallet, int64(w.ID)); got != want {
		t.Errorf("the wallet has %v, want %v", got, want)
	}
}

// sound fails the test when Verify finds something.
func (g *gateway) sound(t rapid.TB) {
	t.Helper()
	r, err := g.store.Verify(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range r.Problems {
		t.Errorf("Verify: %s", problem)
	}
}

// SetConditions locks or frees a wallet, and switches its payments.
func (g *gateway) SetConditions(ctx context.Context, phone string, locked, off *bool) (pay.Wallet, error) {
	return g.ChangeWallet(ctx, phone, func(w *pay.Wallet) error {
		if locked != nil {
			w.Lock(*locked, g.Now())
		}
		if off != nil {
			w.SwitchPayments(*off, g.Now())
		}
		return nil
	})
}
