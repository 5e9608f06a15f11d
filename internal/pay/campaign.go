package pay

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"sen/internal/fault"
	"sen/internal/merchant"
	"sen/internal/money"
)

// A Campaign gives payers a discount that the app's promotions account pays.
type Campaign struct {
	Code         string
	Apps         []merchant.ID // empty: every app
	StartsAt     time.Time
	EndsAt       time.Time
	Budget       money.Amount
	Spent        money.Amount
	UsesPerPayer int64 // 0: as often as the budget lasts
	MinAmount    money.Amount
	Discount     money.Amount // per payment, at most what is paid
}

// Refusals about campaigns.
var (
	// ErrPromotion means that there is no such discount now: the campaign is
	// unknown, not running, or its budget is used up.
	ErrPromotion = fault.New(fault.Declined, "promotion", "The promotion of the order is unknown, not running or used up.")
	// ErrPromotionEligible means that this payer or this order does not
	// qualify.
	ErrPromotionEligible = fault.New(fault.Declined, "promotion_eligible", "The payer or the order does not qualify for the promotion.")
	ErrCampaignExists    = fault.New(fault.Conflict, "campaign_exists", "There is a campaign with this code already.")
	ErrCampaignShape     = fault.New(fault.Invalid, "campaign_invalid", "The campaign is not as it must be.")
)

// Check tells whether the campaign can be stored.
func (c Campaign) Check() error {
	switch {
	case c.Code == "" || len(c.Code) > 50:
		return ErrCampaignShape.On("code", "must have 1 to 50 characters")
	case !c.StartsAt.Before(c.EndsAt):
		return ErrCampaignShape.On("ends_at", "must be after starts_at")
	case c.Discount <= 0 || c.Discount > money.Max:
		return ErrCampaignShape.On("discount", "must be 1 to "+money.Max.Digits())
	case c.Budget < 0 || c.Budget > money.Max:
		return ErrCampaignShape.On("budget", "must be 0 to "+money.Max.Digits())
	case c.MinAmount < 0 || c.UsesPerPayer < 0:
		return ErrCampaignShape.On("min_amount", "and uses_per_payer must not be negative")
	}
	return nil
}

// CampaignCode returns the code of the campaign that the order's embed_data
// names, or "". promotioninfo is JSON text inside the JSON.
func (o Order) CampaignCode() string {
	if !strings.Contains(o.EmbedData, "promotioninfo") && !strings.Contains(o.EmbedData, `\u`) {
		return "" // as nearly every order
	}
	var embed struct {
		PromotionInfo string `json:"promotioninfo"`
	}
	var info struct {
		CampaignCode string `json:"campaigncode"`
	}
	// Whatever else stands there is the merchant's own affair.
	if json.Unmarshal([]byte(o.EmbedData), &embed) != nil || json.Unmarshal([]byte(embed.PromotionInfo), &info) != nil {
		return ""
	}
	return info.CampaignCode
}

// running reports whether the campaign gives anything at now.
func (c Campaign) running(now time.Time) bool {
	return !now.Before(c.StartsAt) && now.Before(c.EndsAt)
}

// suits reports whether the order qualifies.
func (c Campaign) suits(app merchant.ID, amount money.Amount) bool {
	return amount >= c.MinAmount && (len(c.Apps) == 0 || slices.Contains(c.Apps, app))
}

// off is the discount on an amount: never all of it, so that there is a
// payment left to make.
func (c Campaign) off(amount money.Amount) money.Amount { return min(c.Discount, amount-1) }

// Discount returns what the order's campaign takes off for anyone who
// qualifies, or 0. Whether this payer does is known only when paying.
func (s *Service) Discount(ctx context.Context, o Order) (d money.Amount, err error) {
	code := o.CampaignCode()
	if code == "" {
		return 0, nil
	}
	now := s.Now()
	err = s.Store.View(ctx, func(r Reader) error {
		c, err := r.Campaign(ctx, code)
		if err == nil && c.running(now) && c.suits(o.App, o.Amount) && c.Spent+c.off(o.Amount) <= c.Budget {
			d = c.off(o.Amount)
		}
		return err
	})
	if errors.Is(err, ErrPromotion) {
		return 0, nil // there is no such campaign: paying will say so
	}
	return d, err
}

// promote takes the order's discount from its campaign.
func promote(ctx context.Context, tx Tx, o Order, w WalletID, now time.Time) (money.Amount, error) {
	code := o.CampaignCode()
	if code == "" {
		return 0, nil
	}
	c, err := tx.Campaign(ctx, code)
	if err != nil {
		return 0, err
	}
	switch {
	case !c.running(now):
		return 0, ErrPromotion
	case !c.suits(o.App, o.Amount), w == 0 && c.UsesPerPayer > 0: // a guest can't be counted
		return 0, ErrPromotionEligible
	}
	return c.off(o.Amount), tx.UseCampaign(ctx, c, w, c.off(o.Amount))
}

// OpenCampaign adds a campaign.
func (s *Service) OpenCampaign(ctx context.Context, c Campaign) error {
	if err := c.Check(); err != nil {
		return err
	}
	return s.Store.Update(ctx, func(tx Tx) error {
		inserted, err := tx.InsertCampaign(ctx, c)
		if err == nil && !inserted {
			err = ErrCampaignExists
		}
		return err
	})
}

// ChangeCampaign applies change to a campaign and writes its dates, its budget
// and its terms. The budget can't fall below what was spent.
func (s *Service) ChangeCampaign(ctx context.Context, code string, change func(*Campaign)) (c Campaign, err error) {
	err = s.Store.Update(ctx, func(tx Tx) (err error) {
		if c, err = tx.Campaign(ctx, code); err != nil {
			return err
		}
		change(&c)
		if err := c.Check(); err != nil {
			return err
		}
		if c.Budget < c.Spent {
			return ErrCampaignShape.On("budget", "must be at least what was spent, "+c.Spent.Digits())
		}
		return tx.UpdateCampaign(ctx, c)
	})
	return c, err
}
