package conformance

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"sen"
	"sen/internal/control"
)

// The test cards of these checks, each named by how it goes.
const (
	goodCard         = "9704540000000062"
	lostCard         = "9704540000000013"
	emptyCard        = "9704540000000047"
	silentCard       = "9704540000000039" // no answer; declined 30 s later
	unknownCard      = "9704540000009999"
	unrefundableCard = "9704990000000018"
	foreignCard      = "4111111111111111" // international
	otp              = "111111"
)

func (b *bench) bindCardRequest(id string) members {
	return members{
		"app_trans_id": id, "req_date": b.now(), "identifier": owner, "binding_type": "CARD", "binding_mode": "BIND",
		"device_type": "DESKTOP", "binding_data": "{}", "payment_data": "{}",
	}
}

// pendingCard makes a card binding that nobody has confirmed.
func (b *bench) pendingCard(ctx context.Context) (token, error) {
	id := b.newID()
	a, err := b.call(ctx, sen.OpCreateBindingCard, b.bindCardRequest(id), b.app.Key1, "")
	if err == nil && a.BindingToken == "" {
		err = errors.New("create_binding_card: " + strconv.Itoa(a.value()))
	}
	return token{id, a.BindingToken, "", owner}, err
}

// boundCard makes a card binding that its holder confirms.
func (b *bench) boundCard(ctx context.Context) (token, error) {
	t, err := b.pendingCard(ctx)
	if err != nil {
		return token{}, err
	}
	c, err := b.control.Consent(ctx, t.bindingID, control.Consent{Card: goodCard, OTP: otp})
	t.payToken = c.PayToken
	return t, err
}

// onBothRoads makes a call at the operation's own path, and at the one that it
// shares with wallets: there a card must be refused in the same words.
func (b *bench) onBothRoads(ctx context.Context, op *sen.Operation, m members) (int, error) {
	got, err := b.value(ctx, op, m)
	if err != nil {
		return got, err
	}
	shared := *op
	shared.Path = op.Shared
	other, err := b.value(ctx, &shared, m)
	if err == nil && other != got {
		err = fmt.Errorf("got %d, but %d at %s", got, other, op.Shared)
	}
	return got, err
}

// payByCard pays an order by a card whose holder knows the code.
func (b *bench) payByCard(ctx context.Context, order, card string) (control.Charge, error) {
	return b.control.PayByCard(ctx, control.PayOrder{Order: order, Card: card, OTP: otp})
}

// paidByCard creates an order and pays it by the card.
func (b *bench) paidByCard(ctx context.Context, card string) (payment int64, err error) {
	order, err := b.order(ctx, b.newID(), price)
	if err != nil {
		return 0, err
	}
	c, err := b.payByCard(ctx, order, card)
	return c.Number, err
}

// declined queries an order that was paid by each of some cards, all of which
// the bank declines: the value must be the same for all.
func declined(ctx context.Context, b *bench) (int, error) {
	var got int
	for _, card := range []string{unknownCard, lostCard, emptyCard, silentCard} {
		id := b.newID()
		order, err := b.order(ctx, id, price)
		if err != nil {
			return 0, err
		}
		if card == silentCard {
			got, err = b.timedOut(ctx, id, order)
		} else if err = refusal(b.payByCard(ctx, order, card)); err == nil {
			got, err = b.query(ctx, id)
		}
		if err != nil || got != -217 {
			return got, err
		}
	}
	return got, nil
}

// timedOut pays by a card whose bank says nothing for half a minute.
func (b *bench) timedOut(ctx context.Context, id, order string) (int, error) {
	if _, err := b.payByCard(ctx, order, silentCard); err != nil {
		return 0, err
	}
	if got, err := b.query(ctx, id); err != nil || got != sen.Processing {
		return got, err
	}
	if err := b.advance(ctx, 31*time.Second); err != nil {
		return 0, err
	}
	return b.until(ctx, sen.Processing, func() (int, error) { return b.query(ctx, id) })
}

// overByCard sets a limit of one dong on the wallet of somebody who then pays
// by card.
func overByCard(card string, c control.Conditions) scene {
	return func(ctx context.Context, b *bench) (int, error) {
		if err := b.changeWallet(ctx, c); err != nil {
			return 0, err
		}
		id := b.newID()
		order, err := b.order(ctx, id, price)
		if err != nil {
			return 0, err
		}
		attempt := control.PayOrder{Order: order, Card: card, OTP: otp, Wallet: ownWallet}
		if err := refusal(b.control.PayByCard(ctx, attempt)); err != nil {
			return 0, err
		}
		return b.query(ctx, id)
	}
}

// outage makes the bank unreachable until the case is over.
func (b *bench) outage(ctx context.Context) error {
	was, err := b.control.Bank(ctx)
	if err != nil {
		return err
	}
	b.later(func(ctx context.Context) error { _, err := b.control.SetBank(ctx, was); return err })
	_, err = b.control.SetBank(ctx, control.Bank{Outage: true})
	return err
}

// unreachable asks for a refund that nothing can carry. Nothing may be recorded
// of it.
func unreachable(ctx context.Context, b *bench) (int, error) {
	payment, err := b.paidByCard(ctx, goodCard)
	if err != nil {
		return 0, err
	}
	if err := b.outage(ctx); err != nil {
		return 0, err
	}
	id := b.newRefundID()
	got, err := b.value(ctx, sen.OpRefundOrder, b.refundRequest(id, payment, price))
	if err != nil {
		return got, err
	}
	later, err := b.value(ctx, sen.OpQueryRefund, members{"m_refund_id": id, "timestamp": b.now()})
	if err == nil && later != -101 {
		err = fmt.Errorf("query_refund: %d: something was recorded", later)
	}
	return got, err
}

func (b *bench) payByCardToken(ctx context.Context, t token) (int, error) {
	m, err := b.payRequest(ctx, t, price)
	if err != nil {
		return 0, err
	}
	return b.onBothRoads(ctx, sen.OpPayByTokenCard, m)
}

// byToken pays by a card's token after spoil has done something to it.
func byToken(spoil func(context.Context, *bench, *token) error) scene {
	return func(ctx context.Context, b *bench) (int, error) {
		t, err := b.boundCard(ctx)
		if err != nil {
			return 0, err
		}
		if err := spoil(ctx, b, &t); err != nil {
			return 0, err
		}
		return b.payByCardToken(ctx, t)
	}
}

// forOrder pays by a card's token an order that spoil has done something to.
func forOrder(spoil func(ctx context.Context, b *bench, id string, m members) error) scene {
	return func(ctx context.Context, b *bench) (int, error) {
		t, err := b.boundCard(ctx)
		if err != nil {
			return 0, err
		}
		id := b.newID()
		order, err := b.order(ctx, id, price)
		if err != nil {
			return 0, err
		}
		m := members{"identifier": t.identifier, "pay_token": t.payToken, "zp_trans_token": order, "req_date": b.now()}
		if err := spoil(ctx, b, id, m); err != nil {
			return 0, err
		}
		m["req_date"] = b.now()
		return b.onBothRoads(ctx, sen.OpPayByTokenCard, m)
	}
}

// each plays scenes that must all come to the same value.
func each(scenes ...scene) scene {
	return func(ctx context.Context, b *bench) (first int, err error) {
		for i, play := range scenes {
			got, err := play(ctx, b)
			if i == 0 {
				first = got
			}
			if err != nil || got != first {
				return got, err
			}
		}
		return first, nil
	}
}

// otherApp is one that every sandbox has.
const otherApp = 553

// orderOfAnother has another app make an order.
func (b *bench) orderOfAnother(ctx context.Context) (string, error) {
	a, err := b.control.App(ctx, otherApp)
	if err != nil {
		return "", err
	}
	own := b.app
	defer func() { b.app = own }()
	b.app = sen.App{ID: otherApp, Key1: a.Key1, Key2: a.Key2}
	return b.order(ctx, b.newID(), price)
}

// unknownToken pays by a token that nobody was given. At the shared path it is
// nobody's, so it is no card's either.
func unknownToken(ctx context.Context, b *bench) (int, error) {
	m, err := b.payRequest(ctx, token{payToken: "nobody", identifier: owner}, price)
	if err != nil {
		return 0, err
	}
	return b.value(ctx, sen.OpPayByTokenCard, m)
}

// endCard ends a card's binding after spoil has done something to it.
func endCard(spoil func(context.Context, *bench, *token) error) scene {
	return func(ctx context.Context, b *bench) (int, error) {
		t, err := b.boundCard(ctx)
		if err != nil {
			return 0, err
		}
		if err := spoil(ctx, b, &t); err != nil {
			return 0, err
		}
		return b.onBothRoads(ctx, sen.OpUnbindingCard, b.endRequest(t))
	}
}

var cardCases = map[Key]scene{
	{"query_order", -217}:  declined,
	{"query_order", -1332}: overByCard(goodCard, control.Conditions{DayBank: new(int64(1))}),
	{"query_order", -1342}: overByCard(goodCard, control.Conditions{MonthBank: new(int64(1))}),
	{"query_order", -1333}: overByCard(foreignCard, control.Conditions{DayCard: new(int64(1))}),
	{"query_order", -1343}: overByCard(foreignCard, control.Conditions{MonthCard: new(int64(1))}),
	{"refund_order", 0}:    unreachable,
	{"query_refund", -2}: func(ctx context.Context, b *bench) (int, error) {
		payment, err := b.paidByCard(ctx, unrefundableCard)
		if err != nil {
			return 0, err
		}
		id, err := b.refund(ctx, payment, price)
		if err != nil {
			return 0, err
		}
		return b.result(ctx, id)
	},

	{"create_binding_card", -68}: each(
		func(ctx context.Context, b *bench) (int, error) {
			t, err := b.boundCard(ctx)
			if err != nil {
				return 0, err
			}
			return b.value(ctx, sen.OpCreateBindingCard, b.bindCardRequest(t.transID))
		},
		func(ctx context.Context, b *bench) (int, error) { // wallets and cards share their names
			t, err := b.bound(ctx, "0")
			if err != nil {
				return 0, err
			}
			return b.value(ctx, sen.OpCreateBindingCard, b.bindCardRequest(t.transID))
		}),
	{"query_binding_card", -101}: each(
		func(ctx context.Context, b *bench) (int, error) {
			return b.onBothRoads(ctx, sen.OpQueryBindingCard, members{"app_trans_id": b.newID(), "req_date": b.now()})
		},
		func(ctx context.Context, b *bench) (int, error) { // nobody confirmed it
			t, err := b.pendingCard(ctx)
			if err != nil {
				return 0, err
			}
			if err := b.advance(ctx, 15*time.Minute); err != nil {
				return 0, err
			}
			return b.onBothRoads(ctx, sen.OpQueryBindingCard, members{"app_trans_id": t.transID, "req_date": b.now()})
		}),

	{"pay_by_token_card", -7202}: each(
		forOrder(func(_ context.Context, _ *bench, _ string, m members) error {
			m["zp_trans_token"] = "no-token"
			return nil
		}),
		forOrder(func(ctx context.Context, b *bench, _ string, m members) (err error) {
			m["zp_trans_token"], err = b.orderOfAnother(ctx)
			return err
		})),
	{"pay_by_token_card", -7032}: each(
		forOrder(func(_ context.Context, _ *bench, _ string, m members) error {
			last := m["zp_trans_token"][:len(m["zp_trans_token"])-1]
			if m["zp_trans_token"] == last+"A" { // well formed, and nobody's
				m["zp_trans_token"] = last + "E"
			} else {
				m["zp_trans_token"] = last + "A"
			}
			return nil
		}),
		forOrder(func(ctx context.Context, b *bench, _ string, _ members) error { return b.advance(ctx, 300*time.Second) }),
		forOrder(func(ctx context.Context, b *bench, id string, _ members) error {
			_, err := b.value(ctx, sen.OpCancelOrder, members{"app_trans_id": id})
			return err
		}),
		forOrder(func(ctx context.Context, b *bench, _ string, m members) error {
			_, err := b.payByCard(ctx, m["zp_trans_token"], goodCard)
			return err
		})),
	{"pay_by_token_card", -7041}: each(unknownToken, byToken(foreign)),
	{"pay_by_token_card", -7217}: each(byToken(ended), byToken(func(ctx context.Context, b *bench, t *token) error {
		_, err := b.control.EndBinding(ctx, t.bindingID, control.EndBinding{Operator: true})
		return err
	})),
	{"pay_by_token_card", -7223}: byToken(func(ctx context.Context, b *bench, t *token) error {
		_, err := b.control.ForgetCard(ctx, t.bindingID)
		return err
	}),

	{"unbinding_card", -101}:  each(endCard(unknown), endCard(ended)),
	{"unbinding_card", -7216}: endCard(foreign),
}
