package conformance

import (
	"context"
	"errors"
	"strconv"
	"time"

	"sen"
	"sen/internal/control"
)

// owner is the user of these checks in the terms of the merchant.
const owner = "user of the check"

// A token is a binding that its user confirmed.
type token struct{ transID, bindingID, payToken, identifier string }

func (b *bench) bindRequest(id, maxAmount string) members {
	return members{"app_trans_id": id, "identifier": owner, "max_amount": maxAmount, "req_date": b.now()}
}

// bound makes a binding that its user confirms.
func (b *bench) bound(ctx context.Context, maxAmount string) (token, error) {
	id := b.newID()
	a, err := b.call(ctx, sen.OpCreateBindingWallet, b.bindRequest(id, maxAmount), b.app.Key1, "")
	if err != nil {
		return token{}, err
	}
	if a.BindingID == "" {
		return token{}, errors.New("create_binding_wallet: " + strconv.Itoa(a.value()))
	}
	c, err := b.control.Consent(ctx, a.BindingID, control.Consent{Wallet: ownWallet})
	return token{id, a.BindingID, c.PayToken, owner}, err
}

func (b *bench) balanceRequest(t token, amount int64) members {
	return members{
		"identifier": t.identifier, "pay_token": t.payToken, "amount": strconv.FormatInt(amount, 10), "req_date": b.now(),
	}
}

// payRequest creates an order for the token to pay.
func (b *bench) payRequest(ctx context.Context, t token, amount int64) (members, error) {
	order, err := b.order(ctx, b.newID(), amount)
	return members{
		"identifier": t.identifier, "pay_token": t.payToken, "zp_trans_token": order, "req_date": b.now(),
	}, err
}

func (b *bench) endRequest(t token) members {
	return members{"identifier": t.identifier, "binding_id": t.bindingID, "req_date": b.now()}
}

func (b *bench) balance(ctx context.Context, t token, amount int64) (int, error) {
	return b.value(ctx, sen.OpQueryBalanceWallet, b.balanceRequest(t, amount))
}

func (b *bench) pay(ctx context.Context, t token, amount int64) (int, error) {
	m, err := b.payRequest(ctx, t, amount)
	if err != nil {
		return 0, err
	}
	return b.value(ctx, sen.OpPayByTokenWallet, m)
}

// A use is what a merchant does with a token.
type use func(b *bench, ctx context.Context, t token, amount int64) (int, error)

// spoilt uses a token after spoil has done something to it.
func spoilt(use use, spoil func(context.Context, *bench, *token) error) scene {
	return func(ctx context.Context, b *bench) (int, error) {
		t, err := b.bound(ctx, "0")
		if err != nil {
			return 0, err
		}
		if err := spoil(ctx, b, &t); err != nil {
			return 0, err
		}
		return use(b, ctx, t, price)
	}
}

func unknown(_ context.Context, _ *bench, t *token) error {
	t.payToken, t.bindingID = "nobody", "nothing"
	return nil
}

func ended(ctx context.Context, b *bench, t *token) error {
	_, err := b.control.EndBinding(ctx, t.bindingID, control.EndBinding{})
	return err
}

func locked(ctx context.Context, b *bench, _ *token) error {
	return b.changeWallet(ctx, control.Conditions{Locked: new(true)})
}

func switchedOff(ctx context.Context, b *bench, _ *token) error {
	return b.changeWallet(ctx, control.Conditions{PaymentsOff: new(true)})
}

func foreign(_ context.Context, _ *bench, t *token) error {
	t.identifier = "somebody else"
	return nil
}

// overdue uses a token after its end date.
func overdue(use use) scene {
	return func(ctx context.Context, b *bench) (int, error) {
		if err := b.changeApp(ctx, control.ChangeApp{TokenLife: new("1s")}); err != nil {
			return 0, err
		}
		t, err := b.bound(ctx, "0")
		if err != nil {
			return 0, err
		}
		if err := b.advance(ctx, time.Second); err != nil {
			return 0, err
		}
		return use(b, ctx, t, price)
	}
}

// unverified uses a token for more than a wallet may pay whose owner is hardly
// known.
func unverified(use use) scene {
	return spoilt(func(b *bench, ctx context.Context, t token, _ int64) (int, error) { return use(b, ctx, t, funds) },
		func(ctx context.Context, b *bench, _ *token) error {
			return b.changeWallet(ctx, control.Conditions{KYC: new(0)})
		})
}

func (b *bench) end(ctx context.Context, t token, _ int64) (int, error) {
	return b.value(ctx, sen.OpUnbindingWallet, b.endRequest(t))
}

var bindingCases = map[Key]scene{
	{"create_binding_wallet", -68}: func(ctx context.Context, b *bench) (int, error) {
		t, err := b.bound(ctx, "0")
		if err != nil {
			return 0, err
		}
		return b.value(ctx, sen.OpCreateBindingWallet, b.bindRequest(t.transID, "0"))
	},
	{"query_payment_token_wallet", -101}: func(ctx context.Context, b *bench) (int, error) {
		return b.value(ctx, sen.OpQueryPaymentTokenWallet, members{"app_trans_id": b.newID(), "req_date": b.now()})
	},

	{"query_balance_wallet", -101}:  spoilt((*bench).balance, unknown),
	{"query_balance_wallet", -1002}: spoilt((*bench).balance, ended),
	{"query_balance_wallet", -1007}: overdue((*bench).balance),
	{"query_balance_wallet", -1009}: spoilt((*bench).balance, locked),
	{"query_balance_wallet", -1011}: spoilt((*bench).balance, foreign),
	{"query_balance_wallet", -1800}: unverified((*bench).balance),

	{"pay_by_token_wallet", -101}:  spoilt((*bench).pay, unknown),
	{"pay_by_token_wallet", -1002}: spoilt((*bench).pay, ended),
	{"pay_by_token_wallet", -1007}: overdue((*bench).pay),
	{"pay_by_token_wallet", -1009}: spoilt((*bench).pay, locked),
	{"pay_by_token_wallet", -1010}: spoilt((*bench).pay, switchedOff),
	{"pay_by_token_wallet", -1011}: spoilt((*bench).pay, foreign),
	{"pay_by_token_wallet", -1800}: unverified((*bench).pay),
	{"pay_by_token_wallet", -1013}: func(ctx context.Context, b *bench) (int, error) {
		t, err := b.bound(ctx, strconv.Itoa(price-1))
		if err != nil {
			return 0, err
		}
		return b.pay(ctx, t, price)
	},
	{"pay_by_token_wallet", -1019}: func(ctx context.Context, b *bench) (int, error) {
		if err := b.changeApp(ctx, control.ChangeApp{TokenDayCount: new(int64(1))}); err != nil {
			return 0, err
		}
		t, err := b.bound(ctx, "0")
		if err != nil {
			return 0, err
		}
		if got, err := b.pay(ctx, t, price); err != nil || got != sen.Success {
			return got, err
		}
		return b.pay(ctx, t, price)
	},

	{"unbinding_wallet", -101}:  spoilt((*bench).end, unknown),
	{"unbinding_wallet", -1011}: spoilt((*bench).end, foreign),
}
