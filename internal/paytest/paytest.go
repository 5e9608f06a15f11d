// Package paytest builds the rules of the gateway over a real store in a
// temporary directory, for the tests of whatever stands in front of them.
package paytest

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sen/internal/bank"
	"sen/internal/clock"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/pgtest"
	"sen/internal/secret"
	"sen/internal/store"
	"sen/internal/vault"
)

// PIN is the PIN of the wallets that OpenWallet makes.
const PIN = "111111"

// Test cards that no page shows, so that a page that has one leaked it.
const (
	GoodDomestic      = "9704540000000070"
	GoodInternational = "5555555555554444"
	LostDomestic      = "9704540000000021"
	EmptyDomestic     = "9704541000000011"
	SilentDomestic    = "9704541000000037"
	LateDomestic      = "9704540000000104"
	FlakyDomestic     = "9704540000000112"
)

// A Gateway is everything behind the adapters.
type Gateway struct {
	Pay   *pay.Service
	Apps  *merchant.Directory
	Store *store.Store
	Clock *clock.Clock // of the business; it stands still until it is moved
	IDs   *id.Source
	App   merchant.App // is registered
	Place string       // of the store

	// Bank is the simulated one behind Pay.
	Bank *bank.Simulator

	orders, bindings atomic.Int64
}

// Start is where the clock of a new Gateway stands: midday in Vietnam, so that
// moving it by hours stays within a business day.
var Start = time.Date(2026, 1, 2, 5, 0, 0, 0, time.UTC)

// fill makes the tables of a database.
func fill(ctx context.Context, dsn string) error {
	s, err := store.Serve(ctx, dsn)
	if err != nil {
		return err
	}
	return s.Close()
}

// New opens a gateway with one app. It is closed when the test ends.
func New(t testing.TB) *Gateway {
	t.Helper()
	ctx := context.Background()
	place := pgtest.Place(t, "empty", fill)
	s, err := store.Serve(ctx, place)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	g := &Gateway{
		Store: s, Place: place,
		Apps:  &merchant.Directory{Load: s.Register},
		Clock: &clock.Clock{Machine: func() time.Time { return Start }},
		IDs:   &id.Source{Rand: rand.Reader, Shards: s.Shards()},
	}
	keys, err := vault.Open(filepath.Join(t.TempDir(), "vault.json"), false)
	if err != nil {
		t.Fatal(err)
	}
	g.Bank = &bank.Simulator{Ledger: s, Now: g.Clock.Now}
	g.Pay = &pay.Service{
		Store: s, Apps: g.Apps, Now: g.Clock.Now, Machine: g.Clock.Now, IDs: g.IDs,
		Numbers:     &id.Numbers{Reserve: s.ReserveNumbers},
		PINs:        secret.NewPINs(rand.Reader),
		RenderOrder: renderOrder, RenderBinding: renderBinding,
		UserKey: []byte("a key for the tests of the gateway"),
		NoteLost: func(_ context.Context, key pay.OrderKey, err error) {
			t.Errorf("the note about order %d was lost: %v", key, err)
		},
		Bank:         g.Bank,
		Vault:        keys,
		CallbackOwed: func() {}, RefundOwed: func() {}, ChargeOwed: func() {}, DisbursementOwed: func() {},
	}
	g.App = g.AddApp(t, merchant.App{
		ID: 2553, Name: "Tiệm Trà Sen",
		Key1: "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL", Key2: "kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz",
	})
	return g
}

func renderBinding(_ merchant.App, st pay.BindingStatus, _ time.Time) ([]byte, error) {
	return strconv.AppendQuote(nil, st.Binding.AppTransID), nil
}

// renderOrder stands in for the merchant API, which knows the real bytes.
func renderOrder(_ merchant.App, o pay.Order, _ pay.Payment) ([]byte, error) {
	return strconv.AppendQuote(nil, o.AppTransID), nil
}

// AddApp registers an app.
func (g *Gateway) AddApp(t testing.TB, a merchant.App) merchant.App {
	t.Helper()
	a.CreatedAt = g.Clock.Now()
	if err := g.Store.InsertApp(context.Background(), a); err != nil {
		t.Fatal(err)
	}
	g.Refresh(t)
	return a
}

// Refresh makes changes of apps known, as a worker does in a real gateway.
func (g *Gateway) Refresh(t testing.TB) {
	t.Helper()
	if err := g.Apps.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// Order opens an order of the gateway's app for 50.000 ₫, with the changes
// that change makes.
func (g *Gateway) Order(t testing.TB, change func(*pay.NewOrder)) pay.Order {
	t.Helper()
	now := g.Clock.Now()
	n := pay.NewOrder{
		App: g.App, AppTransID: id.Day(now) + "_order" + strconv.FormatInt(g.orders.Add(1), 10),
		AppUser: "user123", AppTime: now, Amount: 50_000, Description: "Đơn hàng thử",
		Item: "[]", EmbedData: "{}", RedirectURL: "https://shop.example/thanks?cart=42", Extra: "{}",
	}
	if change != nil {
		change(&n)
	}
	o, err := g.Pay.CreateOrder(context.Background(), n)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// Binding asks for a binding to the gateway's app, with the changes that change
// makes.
func (g *Gateway) Binding(t testing.TB, change func(*pay.NewBinding)) pay.Binding {
	t.Helper()
	now := g.Clock.Now()
	n := pay.NewBinding{
		App: g.App, AppTransID: id.Day(now) + "_binding" + strconv.FormatInt(g.bindings.Add(1), 10),
		Kind: pay.WalletBinding, Identifier: "lan@shop.example", ReqDate: now,
		RedirectURL: "https://shop.example/linked?cart=42",
	}
	if change != nil {
		change(&n)
	}
	b, err := g.Pay.CreateBinding(context.Background(), n)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// OpenWallet makes a wallet with PIN as its PIN and that much in it.
func (g *Gateway) OpenWallet(t testing.TB, phone string, balance money.Amount) pay.Wallet {
	t.Helper()
	hash, err := g.Pay.HashPIN(PIN)
	if err != nil {
		t.Fatal(err)
	}
	w, err := g.Pay.OpenWallet(context.Background(), pay.Wallet{Phone: phone, Name: "Nguyễn Thị Sen", PINHash: hash, KYC: pay.Full})
	if err != nil {
		t.Fatal(err)
	}
	if balance > 0 {
		g.TopUp(t, phone, balance)
	}
	return w
}

// TopUp puts money into a wallet.
func (g *Gateway) TopUp(t testing.TB, phone string, amount money.Amount) {
	t.Helper()
	if _, err := g.Pay.TopUp(context.Background(), phone, amount); err != nil {
		t.Fatal(err)
	}
}

// RunCharges lets the gateway look after the charges that are due.
func (g *Gateway) RunCharges(t testing.TB) {
	t.Helper()
	if _, err := g.Pay.RunCharges(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// WantNowhere checks that nothing that is stored has any of the texts.
func (g *Gateway) WantNowhere(t testing.TB, texts ...string) {
	t.Helper()
	for name, data := range pgtest.Contents(t, g.Place) {
		for _, text := range texts {
			if strings.Contains(data, text) {
				t.Errorf("%s has %q", name, text)
			}
		}
	}
}

// Balance returns what is in a wallet.
func (g *Gateway) Balance(t testing.TB, w pay.WalletID) money.Amount {
	t.Helper()
	_, balance, err := g.Pay.WalletBalance(context.Background(), w)
	if err != nil {
		t.Fatal(err)
	}
	return balance
}
