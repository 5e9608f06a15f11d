package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"sen"
	"sen/internal/control"
)

// price is what the orders of these checks cost unless it matters.
const price = 1000

func (b *bench) orderRequest(id string, amount int64) members {
	return members{
		"app_trans_id": id, "app_user": "check", "amount": strconv.FormatInt(amount, 10), "app_time": b.now(),
		"item": "[]", "embed_data": "{}", "description": ownName, "expire_duration_seconds": "300",
	}
}

// order creates an order and returns the token that pays it.
func (b *bench) order(ctx context.Context, id string, amount int64) (token string, err error) {
	return b.create(ctx, b.orderRequest(id, amount))
}

func (b *bench) create(ctx context.Context, m members) (token string, err error) {
	a, err := b.call(ctx, sen.OpCreateOrder, m, b.app.Key1, "")
	if err == nil && a.OrderToken == "" {
		err = errors.New("create_order: " + strconv.Itoa(a.value()))
	}
	return a.OrderToken, err
}

func (b *bench) query(ctx context.Context, id string) (int, error) {
	return b.value(ctx, sen.OpQueryOrder, members{"app_trans_id": id})
}

// tryToPay pays from the wallet and expects to be refused.
func (b *bench) tryToPay(ctx context.Context, token string) error {
	return refusal(b.control.Pay(ctx, control.PayOrder{Order: token, Wallet: ownWallet}))
}

// refusal is nil when a payment was refused, as it was to be.
func refusal[T any](_ T, err error) error {
	if _, refused := errors.AsType[*control.Error](err); refused {
		return nil
	}
	if err == nil {
		err = errors.New("the payment was to fail, but did not")
	}
	return err
}

// afterFailure queries an order after a payment that the change makes fail.
func afterFailure(change func(context.Context, *bench, members) error) scene {
	return func(ctx context.Context, b *bench) (int, error) {
		m := b.orderRequest(b.newID(), price)
		if err := change(ctx, b, m); err != nil {
			return 0, err
		}
		token, err := b.create(ctx, m)
		if err != nil {
			return 0, err
		}
		if err := b.tryToPay(ctx, token); err != nil {
			return 0, err
		}
		return b.query(ctx, m["app_trans_id"])
	}
}

// over sets a limit of one dong on the wallet.
func over(c control.Conditions) scene {
	return afterFailure(func(ctx context.Context, b *bench, _ members) error { return b.changeWallet(ctx, c) })
}

// promotion makes the order name a campaign.
func (m members) promotion(code string) {
	info, _ := json.Marshal(map[string]string{"campaigncode": code})           // text always can be
	embed, _ := json.Marshal(map[string]string{"promotioninfo": string(info)}) // likewise
	m["embed_data"] = string(embed)
}

// campaign opens a campaign of the app for this run.
func (b *bench) campaign(ctx context.Context, least int64) (code string, err error) {
	now := b.clock.Now()
	c, err := b.control.OpenCampaign(ctx, control.Campaign{
		Code: "check-" + suffix(), Apps: []int64{ownApp}, StartsAt: now.Add(-time.Minute), EndsAt: now.Add(time.Hour),
		Budget: 100, Discount: 100, MinAmount: least,
	})
	return c.Code, err
}

var orderCases = map[Key]scene{
	{"create_order", -68}: func(ctx context.Context, b *bench) (int, error) {
		m := b.orderRequest(b.newID(), price)
		if _, err := b.create(ctx, m); err != nil {
			return 0, err
		}
		return b.value(ctx, sen.OpCreateOrder, m)
	},
	{"query_order", -54}: func(ctx context.Context, b *bench) (int, error) {
		id := b.newID()
		if _, err := b.order(ctx, id, price); err != nil {
			return 0, err
		}
		if err := b.advance(ctx, 300*time.Second); err != nil {
			return 0, err
		}
		return b.query(ctx, id)
	},
	{"query_order", -63}: afterFailure(func(ctx context.Context, b *bench, m members) error {
		w, err := b.control.ChangeWallet(ctx, ownWallet, control.Conditions{})
		m["amount"] = strconv.FormatInt(w.Balance+1, 10)
		return err
	}),
	{"query_order", -92}:  func(ctx context.Context, b *bench) (int, error) { return b.query(ctx, "not-a-date") },
	{"query_order", -101}: func(ctx context.Context, b *bench) (int, error) { return b.query(ctx, b.newID()) },
	{"query_order", -332}: afterFailure(func(_ context.Context, _ *bench, m members) error {
		m.promotion("no such campaign")
		return nil
	}),
	{"query_order", -333}: afterFailure(func(ctx context.Context, b *bench, m members) error {
		code, err := b.campaign(ctx, price+1)
		m.promotion(code)
		return err
	}),
	{"query_order", -1330}: over(control.Conditions{DayAll: new(int64(1))}),
	{"query_order", -1331}: over(control.Conditions{DayWallet: new(int64(1))}),
	{"query_order", -1340}: over(control.Conditions{MonthAll: new(int64(1))}),
	{"query_order", -1341}: over(control.Conditions{MonthWallet: new(int64(1))}),
	{"cancel_order", -101}: func(ctx context.Context, b *bench) (int, error) {
		return b.value(ctx, sen.OpCancelOrder, members{"app_trans_id": b.newID()})
	},
	{"cancel_order", -403}: func(ctx context.Context, b *bench) (int, error) {
		m := b.orderRequest(b.newID(), price)
		token, err := b.create(ctx, m)
		if err != nil {
			return 0, err
		}
		if _, err := b.control.Pay(ctx, control.PayOrder{Order: token, Wallet: ownWallet}); err != nil {
			return 0, err
		}
		return b.value(ctx, sen.OpCancelOrder, members{"app_trans_id": m["app_trans_id"]})
	},
}
