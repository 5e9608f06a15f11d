package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"sen/internal/money"
	"sen/internal/pay"
)

const campaignColumns = `code, apps, starts_at, ends_at, budget, spent, uses_per_payer, min_amount, discount`

func scanCampaign(scan func(...any) error) (c pay.Campaign, err error) {
	var apps string
	err = scan(&c.Code, &apps, instant{&c.StartsAt}, instant{&c.EndsAt}, &c.Budget, &c.Spent, &c.UsesPerPayer,
		&c.MinAmount, &c.Discount)
	if errors.Is(err, sql.ErrNoRows) {
		err = pay.ErrPromotion
	}
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal([]byte(apps), &c.Apps)
}

const campaignByCode = `SELECT ` + campaignColumns + ` FROM campaigns WHERE code = $1`

// Campaign returns the campaign with that code.
func (t *tx) Campaign(_ context.Context, code string) (pay.Campaign, error) {
	return scanCampaign(func(dest ...any) error { return t.row(campaignByCode, []any{code}, dest...) })
}

const campaignsRunning = `
SELECT ` + campaignColumns + ` FROM campaigns WHERE starts_at <= $1 AND ends_at > $1 ORDER BY code LIMIT 1000`

// CampaignsRunning returns the campaigns that run at now.
func (t *tx) CampaignsRunning(_ context.Context, now time.Time) ([]pay.Campaign, error) {
	return t.campaigns(campaignsRunning, micros(now))
}

func (t *tx) campaigns(text string, args ...any) (all []pay.Campaign, err error) {
	err = t.rows(text, args, func(scan func(...any) error) error {
		c, err := scanCampaign(scan)
		all = append(all, c)
		return err
	})
	return all, err
}

const allCampaigns = `SELECT ` + campaignColumns + ` FROM campaigns ORDER BY code LIMIT 1000`

// Campaigns returns all campaigns.
func (s *Store) Campaigns(ctx context.Context) (all []pay.Campaign, err error) {
	err = s.view(ctx, func(t *tx) (err error) {
		all, err = t.campaigns(allCampaigns)
		return err
	})
	return all, err
}

const insertCampaign = `
INSERT INTO campaigns (` + campaignColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (code) DO NOTHING`

// InsertCampaign adds a campaign unless its code is taken.
func (t *tx) InsertCampaign(_ context.Context, c pay.Campaign) (bool, error) {
	apps, err := json.Marshal(c.Apps)
	if err != nil {
		return false, err
	}
	n, err := t.exec(insertCampaign, c.Code, string(apps), micros(c.StartsAt), micros(c.EndsAt), int64(c.Budget),
		int64(c.Spent), c.UsesPerPayer, int64(c.MinAmount), int64(c.Discount))
	return n == 1, err
}

const updateCampaign = `
UPDATE campaigns SET apps = $2, starts_at = $3, ends_at = $4, budget = $5, uses_per_payer = $6, min_amount = $7, discount = $8
WHERE code = $1 AND spent = $9`

// UpdateCampaign writes the terms of a campaign that spent as much as was read.
func (t *tx) UpdateCampaign(_ context.Context, c pay.Campaign) error {
	apps, err := json.Marshal(c.Apps)
	if err != nil {
		return err
	}
	return t.swap(updateCampaign, c.Code, string(apps), micros(c.StartsAt), micros(c.EndsAt), int64(c.Budget),
		c.UsesPerPayer, int64(c.MinAmount), int64(c.Discount), int64(c.Spent))
}

const campaignUses = `SELECT uses FROM campaign_uses WHERE code = $1 AND wallet_id = $2`

// CampaignUses returns how often the payer used the campaign.
func (t *tx) CampaignUses(_ context.Context, code string, w pay.WalletID) (uses int64, err error) {
	err = t.row(campaignUses, []any{code, int64(w)}, &uses)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return uses, err
}

const spendCampaign = `UPDATE campaigns SET spent = spent + $2 WHERE code = $1 AND spent + $2 <= budget`

// 0 uses per payer means that there is no such limit.
const countCampaignUse = `
INSERT INTO campaign_uses (code, wallet_id, uses) VALUES ($1, $2, 1)
ON CONFLICT (code, wallet_id) DO UPDATE SET uses = campaign_uses.uses + 1
WHERE CAST($3 AS BIGINT) = 0 OR campaign_uses.uses < $3`

// UseCampaign takes a discount for a payer if both limits allow it; the
// conditions are the rules themselves, so losing them is an answer.
func (t *tx) UseCampaign(_ context.Context, c pay.Campaign, w pay.WalletID, discount money.Amount) error {
	n, err := t.exec(countCampaignUse, c.Code, int64(w), c.UsesPerPayer)
	if err != nil {
		return err
	}
	if n == 0 {
		return pay.ErrPromotionEligible
	}
	if n, err = t.exec(spendCampaign, c.Code, int64(discount)); err == nil && n == 0 {
		err = pay.ErrPromotion
	}
	return err
}

const (
	refillCampaign    = `UPDATE campaigns SET spent = spent - $2 WHERE code = $1 AND spent >= $2`
	uncountCampaign   = `UPDATE campaign_uses SET uses = uses - 1 WHERE code = $1 AND wallet_id = $2 AND uses > 1`
	forgetCampaignUse = `DELETE FROM campaign_uses WHERE code = $1 AND wallet_id = $2 AND uses = 1`
)

// ReleaseCampaign gives back a discount whose payment failed.
func (t *tx) ReleaseCampaign(_ context.Context, code string, w pay.WalletID, discount money.Amount) error {
	if err := t.swap(refillCampaign, code, int64(discount)); err != nil {
		return err
	}
	n, err := t.exec(uncountCampaign, code, int64(w))
	if err != nil || n == 1 {
		return err
	}
	_, err = t.exec(forgetCampaignUse, code, int64(w))
	return err
}
