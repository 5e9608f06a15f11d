package store_test

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"sen/internal/bank"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/store"
)

// noVault keeps nothing: these tests look at the books.
type noVault struct{}

func (noVault) Seal(int64, bank.Number) ([]byte, error)   { return []byte("sealed"), nil }
func (noVault) Reveal(int64, []byte) (bank.Number, error) { return "", nil }
func (noVault) Fingerprint(bank.Number) string            { return "" }

// furnishCards makes a payment by card with a discount, a charge that waits for
// a code, and a bound card.
func furnishCards(t *testing.T, s *store.Store) {
	t.Helper()
	ctx, now := t.Context(), time.Date(2026, 3, 14, 8, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	dir := &merchant.Directory{Load: s.Register}
	g := &pay.Service{
		Store: s, Apps: dir, Now: clock, Machine: clock, IDs: &id.Source{Rand: rand.Reader, Shards: 1}, Numbers: &id.Numbers{Reserve: s.ReserveNumbers},
		RenderOrder:   func(merchant.App, pay.Order, pay.Payment) ([]byte, error) { return []byte("{}"), nil },
		RenderBinding: func(merchant.App, pay.BindingStatus, time.Time) ([]byte, error) { return []byte("{}"), nil },
		NoteLost:      func(context.Context, pay.OrderKey, error) {},
		Bank:          &bank.Simulator{Ledger: s, Now: clock}, Vault: noVault{},
		CallbackOwed: func() {}, RefundOwed: func() {}, ChargeOwed: func() {},
	}
	a := merchant.App{ID: 1, Key1: "0123456789abcdef", Key2: "0123456789abcdef", CreatedAt: now}
	must(s.InsertApp(ctx, a))
	must(dir.Refresh(ctx))
	must(g.OpenCampaign(ctx, pay.Campaign{
		Code: "TET", StartsAt: now.Add(-time.Hour), EndsAt: now.Add(time.Hour), Budget: 100, Discount: 10,
	}))
	for i, n := range []bank.Number{"4111111111111111", "9704540000000062"} {
		o, err := g.CreateOrder(ctx, pay.NewOrder{
			App: a, AppTransID: []string{"260314_a", "260314_b"}[i], AppTime: now, Amount: money.Amount(1000),
			EmbedData: `{"promotioninfo":"{\"campaigncode\":\"TET\"}"}`,
		})
		must(err)
		_, err = g.PayWithCard(ctx, pay.CardPayment{Order: o.Key, Card: bank.Card{Number: n, Expiry: "1239", CVV: "123"}})
		must(err)
	}
	b, err := g.CreateBinding(ctx, pay.NewBinding{App: a, AppTransID: "260314_c", Kind: pay.CardBinding, Identifier: "u", Data: "{}", ReqDate: now})
	must(err)
	_, err = g.StartCardBinding(ctx, b.Token, bank.Card{Number: "4111111111111111", Expiry: "1239", CVV: "123"})
	must(err)
}

// TestVerifyFindsInCards damages what cards left in the books.
func TestVerifyFindsInCards(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	furnishCards(t, s)
	db := raw(t, dir)
	mend := backup(t, db)
	for _, c := range []struct{ damage, want string }{
		{`UPDATE charges SET amount = amount + 1 WHERE state = 'succeeded' AND order_id <> 0`, "say different things"},
		{`UPDATE charges SET discount = discount + 1 WHERE state = 'succeeded' AND order_id <> 0`, "say different things"},
		{`UPDATE charges SET channel = 39 WHERE state = 'succeeded' AND order_id <> 0`, "say different things"},
		{`UPDATE charges SET state = 'failed' WHERE state = 'succeeded' AND order_id <> 0`, "no charge succeeded"},
		{`UPDATE charges SET state = 'failed' WHERE state = 'otp'`, "open in one that is"},
		{`UPDATE charges SET closed_at = 1, due_at = NULL WHERE state = 'otp'`, "no charge is open"},
		{`UPDATE charges SET due_at = NULL WHERE state = 'otp'`, "nobody will look after it"},
		{`UPDATE charges SET discount = discount + 1 WHERE state = 'otp'`, "have spent -1 more"},
		{`DELETE FROM charges WHERE state = 'otp'`, "no charge is open"},
		{`DELETE FROM charges WHERE state = 'succeeded' AND order_id <> 0`, "no charge succeeded"},
		{`UPDATE orders SET state = 'created' WHERE state = 'processing'`, "its order is not in flight"},
		{`UPDATE payments SET channel = 38`, "took another amount"},
		{`UPDATE campaigns SET spent = spent + 5`, "have spent 5 more"},
		{`UPDATE bindings SET card_id = card_id + 1`, "there is no card"},
		{`DELETE FROM cards`, "there is no card"},
	} {
		result, err := db.ExecContext(t.Context(), c.damage)
		if err != nil {
			t.Fatalf("%s: %v", c.damage, err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			t.Errorf("%s changed nothing (%v)", c.damage, err)
		}
		if r := verify(t, s); !strings.Contains(strings.Join(r.Problems, "\n"), c.want) {
			t.Errorf("%s: found %q, want %q", c.damage, r.Problems, c.want)
		}
		mend()
	}
	if r := verify(t, s); !r.OK() {
		t.Errorf("after mending: %q", r.Problems)
	}
}
