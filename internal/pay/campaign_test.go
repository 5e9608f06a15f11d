package pay_test

import (
	"errors"
	"testing"
	"time"

	"sen/internal/merchant"
	"sen/internal/pay"
)

// TestChangeCampaign changes the terms of a campaign that has given something
// already.
func TestChangeCampaign(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{})
	w := g.wallet(t, 1000)
	now := g.Now()
	if err := g.OpenCampaign(t.Context(), pay.Campaign{
		Code: "TEA", StartsAt: now, EndsAt: now.Add(time.Hour), Budget: 25, Discount: 10,
	}); err != nil {
		t.Fatal(err)
	}
	buy := func() (pay.Payment, error) {
		n := g.newOrder(a, 100)
		n.EmbedData = `{"promotioninfo":"{\"campaigncode\":\"TEA\"}"}`
		o, err := g.CreateOrder(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		return g.PayFromWallet(t.Context(), o.Key, w.ID)
	}
	if p, err := buy(); err != nil || p.Discount != 10 {
		t.Fatalf("the first payment: discount %v, %v", p.Discount, err)
	}
	for name, c := range map[string]struct {
		change func(*pay.Campaign)
		want   error
	}{
		"a budget below what was spent": {func(c *pay.Campaign) { c.Budget = 9 }, pay.ErrCampaignShape},
		"no discount":                   {func(c *pay.Campaign) { c.Discount = 0 }, pay.ErrCampaignShape},
		"a budget that just lasts":      {func(c *pay.Campaign) { c.Budget = 10 }, nil},
	} {
		if _, err := g.ChangeCampaign(t.Context(), "TEA", c.change); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := g.ChangeCampaign(t.Context(), "COFFEE", func(*pay.Campaign) {}); !errors.Is(err, pay.ErrPromotion) {
		t.Errorf("an unknown campaign: %v, want %v", err, pay.ErrPromotion)
	}
	if _, err := buy(); !errors.Is(err, pay.ErrPromotion) {
		t.Errorf("a payment beyond the new budget: %v, want %v", err, pay.ErrPromotion)
	}
	if _, err := g.ChangeCampaign(t.Context(), "TEA", func(c *pay.Campaign) { c.Budget, c.Discount = 100, 30 }); err != nil {
		t.Fatal(err)
	}
	if p, err := buy(); err != nil || p.Discount != 30 {
		t.Errorf("a payment under new terms: discount %v, %v, want 30", p.Discount, err)
	}
	if _, err := g.ChangeCampaign(t.Context(), "TEA", func(c *pay.Campaign) { c.EndsAt = now.Add(time.Microsecond) }); err != nil {
		t.Fatal(err)
	}
	g.move(time.Second)
	if _, err := buy(); !errors.Is(err, pay.ErrPromotion) {
		t.Errorf("a payment after the end: %v, want %v", err, pay.ErrPromotion)
	}
	g.sound(t)
}
