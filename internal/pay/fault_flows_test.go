package pay_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sen/internal/bank"
	"sen/internal/callback"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/store"
)

// faultyFlows are all that callers ask to be written, and what is done by itself. A
// flow fails when what came of it is not what was asked for.
var faultyFlows = map[string]func(*faulty, context.Context) error{
	"buy": (*faulty).buy, "buy together": (*faulty).buyTogether, "give back": (*faulty).giveBack, "top up": (*faulty).topUp,
	"cancel": (*faulty).cancel, "expire": (*faulty).expire, "approve": (*faulty).approve,
	"bind, pay by token, unbind": (*faulty).agree, "lapse": (*faulty).lapse,
	"pay by card": (*faulty).payByCard, "bind a card, pay by token": (*faulty).agreeByCard,
	"call back": (*faulty).callBack, "pay out": (*faulty).payOut, "discount": (*faulty).discount,
	"app": (*faulty).changeApp, "wallet": (*faulty).changeWallet, "settings": (*faulty).settings,
	"refused by the bank": (*faulty).refused, "operator": (*faulty).operate,
}

// ordered makes an order.
func (f *faulty) ordered(ctx context.Context) (pay.Order, error) {
	o, err := f.CreateOrder(ctx, f.newOrder(f.app, price))
	if err != nil {
		err = fmt.Errorf("create: %w", err)
	}
	return o, err
}

func (f *faulty) became(ctx context.Context, o pay.Order, want pay.OrderState) error {
	got, err := f.OrderByTransID(ctx, o.App, o.AppTransID)
	if err == nil && got.State != want {
		err = fmt.Errorf("the order is %s, want %s", got.State, want)
	}
	return err
}

func (f *faulty) cancel(ctx context.Context) error {
	o, err := f.ordered(ctx)
	if err != nil {
		return err
	}
	if _, err := f.CancelOrder(ctx, o.App, o.AppTransID); err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	return f.became(ctx, o, pay.OrderCancelled)
}

func (f *faulty) expire(ctx context.Context) error {
	o, err := f.ordered(ctx)
	if err != nil {
		return err
	}
	f.move(time.Hour)
	if _, err := f.ExpireOrders(ctx); err != nil {
		return fmt.Errorf("expire: %w", err)
	}
	return f.became(ctx, o, pay.OrderExpired)
}

// approve refunds what an operator must look at first.
func (f *faulty) approve(ctx context.Context) error {
	app, err := f.store.UpdateApp(ctx, f.app.ID, func(a *merchant.App) error { a.Terms.RefundApprovalFrom = 1; return nil })
	if err != nil {
		return fmt.Errorf("change the app: %w", err)
	}
	o, err := f.ordered(ctx)
	if err != nil {
		return err
	}
	p, err := f.PayFromWallet(ctx, o.Key, f.wallet.ID)
	if err != nil {
		return fmt.Errorf("pay: %w", err)
	}
	r, err := f.RequestRefund(ctx, pay.NewRefund{App: app, Payment: p.Number, MRefundID: f.name(), Amount: price, Timestamp: f.time()})
	if err != nil {
		return fmt.Errorf("refund: %w", err)
	}
	if _, err := f.DecideRefund(ctx, r.Number, true); err != nil && !errors.Is(err, pay.ErrRefundDecided) {
		return fmt.Errorf("approve: %w", err)
	}
	f.move(2 * time.Second)
	if _, err := f.RunRefunds(ctx); err != nil {
		return fmt.Errorf("run refunds: %w", err)
	}
	got, err := f.RefundByMerchantID(ctx, f.app.ID, r.MRefundID)
	if err == nil && got.State != pay.RefundSucceeded {
		err = fmt.Errorf("the refund is %s", got.State)
	}
	return err
}

func (f *faulty) bindingOf(ctx context.Context, kind pay.BindingKind) (pay.Binding, error) {
	b, err := f.CreateBinding(ctx, pay.NewBinding{App: f.app, AppTransID: f.name(), Kind: kind, Identifier: "an", ReqDate: f.time()})
	if err != nil {
		err = fmt.Errorf("bind: %w", err)
	}
	return b, err
}

func (f *faulty) agree(ctx context.Context) error {
	b, err := f.bindingOf(ctx, pay.WalletBinding)
	if err != nil {
		return err
	}
	if b, err = f.ConfirmBinding(ctx, b.Token, f.wallet.ID); err != nil {
		return fmt.Errorf("confirm: %w", err)
	}
	o, err := f.ordered(ctx)
	if err != nil {
		return err
	}
	if _, err := f.PayByToken(ctx, pay.TokenPayment{App: f.app, PayToken: b.PayToken, Identifier: "an", OrderToken: o.Token}); err != nil {
		return fmt.Errorf("pay: %w", err)
	}
	f.paid += price
	if _, err := f.EndBinding(ctx, b.Token, pay.Ender{Operator: true}); err != nil {
		return fmt.Errorf("unbind: %w", err)
	}
	return f.became(ctx, o, pay.OrderPaid)
}

func (f *faulty) lapse(ctx context.Context) error {
	b, err := f.bindingOf(ctx, pay.WalletBinding)
	if err != nil {
		return err
	}
	f.move(24 * time.Hour)
	if _, err := f.LapseBindings(ctx); err != nil {
		return fmt.Errorf("lapse: %w", err)
	}
	got, err := f.BindingByTransID(ctx, b.App, b.AppTransID)
	if err == nil && got.State != pay.BindingLapsed {
		err = fmt.Errorf("the binding is %s", got.State)
	}
	return err
}

// learned asks the bank what came of charges whose answer was lost.
func (f *faulty) learned(ctx context.Context) error {
	for range 5 {
		f.move(time.Minute)
		for more := true; more; {
			var err error
			if more, err = f.RunCharges(ctx); err != nil {
				return fmt.Errorf("run charges: %w", err)
			}
		}
	}
	return nil
}

func (f *faulty) payByCard(ctx context.Context) error {
	o, err := f.ordered(ctx)
	if err != nil {
		return err
	}
	if _, err := f.PayWithCard(ctx, pay.CardPayment{Order: o.Key, Card: card(visaCard)}); err != nil {
		return fmt.Errorf("pay: %w", err)
	}
	if err := f.learned(ctx); err != nil {
		return err
	}
	return f.became(ctx, o, pay.OrderPaid)
}

func (f *faulty) agreeByCard(ctx context.Context) error {
	b, err := f.bindingOf(ctx, pay.CardBinding)
	if err != nil {
		return err
	}
	if _, err := f.StartCardBinding(ctx, b.Token, card(visaCard)); err != nil {
		return fmt.Errorf("confirm: %w", err)
	}
	if err := f.learned(ctx); err != nil {
		return err
	}
	if b, err = f.BindingByTransID(ctx, b.App, b.AppTransID); err != nil {
		return err
	}
	o, err := f.ordered(ctx)
	if err != nil {
		return err
	}
	if _, _, err := f.PayByCardToken(ctx, pay.TokenPayment{App: f.app, PayToken: b.PayToken, Identifier: "an", OrderToken: o.Token}); err != nil {
		return fmt.Errorf("pay: %w", err)
	}
	if err := f.learned(ctx); err != nil {
		return err
	}
	if _, err := f.EndBinding(ctx, b.Token, pay.Ender{Operator: true}); err != nil {
		return fmt.Errorf("unbind: %w", err)
	}
	return f.became(ctx, o, pay.OrderPaid)
}

// callBack pays, and settles every callback that is owed: the first attempt is
// refused, the second accepted.
func (f *faulty) callBack(ctx context.Context) error {
	if err := f.buy(ctx); err != nil {
		return err
	}
	for _, last := range []bool{false, true} {
		f.move(time.Minute)
		claimed, err := f.store.ClaimDeliveries(ctx, f.time(), f.time(), time.Second, 100)
		if err != nil {
			return fmt.Errorf("claim: %w", err)
		}
		for _, d := range claimed {
			a := callback.Attempt{Delivery: d.ID, N: d.Attempts, At: f.time(), Status: 500, Outcome: callback.Repeat}
			state, due := callback.Due, f.time().Add(time.Minute)
			if last {
				a.Status, a.Outcome, state, due = 200, callback.Accepted, callback.Delivered, time.Time{}
			}
			if err := f.store.SettleDelivery(ctx, []callback.Attempt{a}, state, due); err != nil {
				return fmt.Errorf("settle: %w", err)
			}
		}
	}
	return nil
}

func (f *faulty) payOut(ctx context.Context) error {
	if err := f.buy(ctx); err != nil {
		return err
	}
	if err := f.PayOut(ctx, f.app.ID, price/2); err != nil {
		return fmt.Errorf("pay out: %w", err)
	}
	return nil
}

func (f *faulty) discount(ctx context.Context) error {
	code := "C" + f.name()
	if err := f.OpenCampaign(ctx, pay.Campaign{
		Code: code, Apps: []merchant.ID{f.app.ID}, StartsAt: f.time(), EndsAt: f.time().Add(time.Minute), Budget: 100, Discount: 100,
	}); err != nil {
		return fmt.Errorf("open the campaign: %w", err)
	}
	if _, err := f.ChangeCampaign(ctx, code, func(c *pay.Campaign) { c.MinAmount = 1 }); err != nil {
		return fmt.Errorf("change the campaign: %w", err)
	}
	return nil
}

func (f *faulty) changeApp(ctx context.Context) error {
	a := f.app
	a.ID = merchant.ID(f.serial.Add(1))
	if err := f.store.InsertApp(ctx, a); err != nil {
		return fmt.Errorf("add the app: %w", err)
	}
	got, err := f.store.UpdateApp(ctx, a.ID, func(a *merchant.App) error { a.Terms.FeeBP = 7; return nil })
	if err == nil && got.Terms.FeeBP != 7 {
		err = fmt.Errorf("the fee is %d", got.Terms.FeeBP)
	}
	return err
}

func (f *faulty) changeWallet(ctx context.Context) error {
	w, err := f.OpenWallet(ctx, pay.Wallet{Phone: fmt.Sprintf("08%08d", f.serial.Add(1)), Name: "An", PINHash: "hash of 111111", KYC: pay.Full})
	if err != nil {
		return fmt.Errorf("open the wallet: %w", err)
	}
	if err := f.TopUpOnce(ctx, w.ID, "once", price); err != nil {
		return fmt.Errorf("top up: %w", err)
	}
	if err := f.TopUpOnce(ctx, w.ID, "once", price); err != nil {
		return fmt.Errorf("top up again: %w", err)
	}
	if _, err := f.SignIn(ctx, w.Phone, "000000"); !errors.Is(err, pay.ErrPINWrong) {
		return fmt.Errorf("sign in with a wrong PIN: %w", err)
	}
	yes := true
	if _, err := f.SetConditions(ctx, w.Phone, &yes, &yes); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	_, has, err := f.WalletBalance(ctx, w.ID)
	if err == nil && has != money.Amount(price) {
		err = fmt.Errorf("the wallet has %v", has)
	}
	return err
}

func (f *faulty) settings(ctx context.Context) error {
	if err := f.store.SetSetting(ctx, "a", f.name()); err != nil {
		return fmt.Errorf("set: %w", err)
	}
	key := f.serial.Add(1)
	if err := f.store.InsertWindow(ctx, merchant.Window{ID: key, From: f.time().Add(time.Hour)}); err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	if _, err := f.store.DeleteWindow(ctx, key); err != nil {
		return fmt.Errorf("lift: %w", err)
	}
	if err := f.store.PutSession(ctx, f.name(), []byte("s"), f.time()); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	return nil
}

// refused charges the token of a card that its bank refuses: nothing of it stays
// counted.
func (f *faulty) refused(ctx context.Context) error {
	b, err := f.bindingOf(ctx, pay.CardBinding)
	if err != nil {
		return err
	}
	if _, err := f.StartCardBinding(ctx, b.Token, card(emptyCard)); err != nil {
		return fmt.Errorf("check the card: %w", err)
	}
	c, err := f.OpenBindingCharge(ctx, b.Key)
	if err == nil {
		_, err = f.SubmitOTP(ctx, c.Number, bank.OTP)
	}
	if err != nil && !errors.Is(err, pay.ErrChargeNotFound) {
		return fmt.Errorf("confirm: %w", err)
	}
	if err := f.learned(ctx); err != nil {
		return err
	}
	o, err := f.ordered(ctx)
	if err != nil {
		return err
	}
	_, _, err = f.PayByCardToken(ctx, pay.TokenPayment{App: f.app, PayToken: b.PayToken, Identifier: "an", OrderToken: o.Token})
	if !errors.Is(err, pay.ErrBankDeclined) {
		return fmt.Errorf("paying with an empty card: %w", err)
	}
	if b, err = f.BindingByTransID(ctx, b.App, b.AppTransID); err != nil {
		return err
	}
	if b.Uses != 0 || b.UsedCount != 0 || b.UsedAmount != 0 {
		return fmt.Errorf("the token was used %d times, %d of them today, for %v", b.Uses, b.UsedCount, b.UsedAmount)
	}
	return f.became(ctx, o, pay.OrderCreated)
}

// operate changes a wallet and the keys of an app as somebody who is on record:
// each change is there once, and so is its record.
func (f *faulty) operate(ctx context.Context) error {
	subject := f.name()
	noted := func(a operator.Action) context.Context {
		id := f.serial.Add(1)
		return operator.WithNote(ctx, operator.Note{Record: operator.Record{
			ID: id, At: f.time(), Actor: "ann", Role: operator.Admin, Action: a, Subject: subject, App: f.app.ID,
		}})
	}
	rules := *f.Service
	rules.Store = store.Audited(f.Store)
	w, err := rules.ChangeWallet(noted(operator.WalletChanged), f.wallet.Phone, func(w *pay.Wallet) error {
		w.Limits.Month[pay.FromCard]++
		return nil
	})
	if err != nil {
		return fmt.Errorf("change the wallet: %w", err)
	}
	got, _, err := f.WalletBalance(ctx, w.ID)
	if err != nil || got.Limits != w.Limits {
		return fmt.Errorf("the limits are %v, want %v, %w", got.Limits, w.Limits, err)
	}
	if _, err := rules.TopUp(noted(operator.WalletToppedUp), f.wallet.Phone, price); err != nil {
		return fmt.Errorf("fund the wallet: %w", err)
	}
	f.paid -= price
	_, err = f.store.UpdateApp(noted(operator.KeysRotated), f.app.ID, func(a *merchant.App) error {
		a.ReplaceKeys(a.Key2, a.Key1, f.time(), f.time().Add(time.Hour))
		return nil
	})
	if err != nil {
		return fmt.Errorf("rotate the keys: %w", err)
	}
	records, err := f.store.Records(ctx, store.RecordSearch{Subject: subject}, 10)
	if err == nil && len(records) != 3 {
		err = fmt.Errorf("%d changes are on record: %+v", len(records), records)
	}
	return err
}
