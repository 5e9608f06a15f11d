package conformance

import (
	"context"
	"errors"
	"strconv"
	"time"

	"sen"
	"sen/internal/control"
)

func (b *bench) newRefundID() string { return sen.MRefundID(b.clock.Now(), ownApp, suffix()) }

func (b *bench) refundRequest(id string, payment, amount int64) members {
	return members{
		"m_refund_id": id, "zp_trans_id": strconv.FormatInt(payment, 10), "amount": strconv.FormatInt(amount, 10),
		"description": ownName, "timestamp": b.now(),
	}
}

// paid creates an order, changed by change unless it is nil, pays it from the
// wallet, and returns the payment.
func (b *bench) paid(ctx context.Context, change func(members)) (payment int64, err error) {
	m := b.orderRequest(b.newID(), price)
	if change != nil {
		change(m)
	}
	token, err := b.create(ctx, m)
	if err != nil {
		return 0, err
	}
	p, err := b.control.Pay(ctx, control.PayOrder{Order: token, Wallet: ownWallet})
	return p.Number, err
}

// refunded asks for a refund of a new payment.
func (b *bench) refunded(ctx context.Context, amount int64) (id string, err error) {
	payment, err := b.paid(ctx, nil)
	if err != nil {
		return "", err
	}
	return b.refund(ctx, payment, amount)
}

// refund asks for a refund that is accepted.
func (b *bench) refund(ctx context.Context, payment, amount int64) (id string, err error) {
	const accepted = 2
	id = b.newRefundID()
	got, err := b.value(ctx, sen.OpRefundOrder, b.refundRequest(id, payment, amount))
	if err == nil && got != accepted {
		err = errors.New("refund_order: " + strconv.Itoa(got))
	}
	return id, err
}

// result waits until a refund is no longer processed, and returns what its query
// says then.
func (b *bench) result(ctx context.Context, id string) (int, error) {
	const processed = 2
	return b.until(ctx, processed, func() (int, error) {
		return b.value(ctx, sen.OpQueryRefund, members{"m_refund_id": id, "timestamp": b.now()})
	})
}

// partOfPromotion pays with a discount and asks for less than all of it back.
func (b *bench) partOfPromotion(ctx context.Context) (id string, got int, err error) {
	code, err := b.campaign(ctx, 0)
	if err != nil {
		return "", 0, err
	}
	payment, err := b.paid(ctx, func(m members) { m.promotion(code) })
	if err != nil {
		return "", 0, err
	}
	id = b.newRefundID()
	got, err = b.value(ctx, sen.OpRefundOrder, b.refundRequest(id, payment, price-1))
	return id, got, err
}

// payOut leaves the merchant nothing. Refunds that wait for funds may take some
// of them first; then there is less to pay out.
func (b *bench) payOut(ctx context.Context) error {
	for {
		a, err := b.control.App(ctx, ownApp)
		if err != nil || a.Balance == 0 {
			return err
		}
		_, err = b.control.PayOut(ctx, ownApp, a.Balance)
		if refusal, ok := errors.AsType[*control.Error](err); ok && refusal.Code == "balance_insufficient" {
			continue
		}
		return err
	}
}

var refundCases = map[Key]scene{
	{"refund_order", -13}: func(ctx context.Context, b *bench) (int, error) {
		payment, err := b.paid(ctx, nil)
		if err != nil {
			return 0, err
		}
		m := b.refundRequest(b.newRefundID(), payment, price)
		m["timestamp"] = millis(b.clock.Now().Add(-16 * time.Minute))
		return b.value(ctx, sen.OpRefundOrder, m)
	},
	{"refund_order", -101}: func(ctx context.Context, b *bench) (int, error) {
		return b.value(ctx, sen.OpRefundOrder, b.refundRequest(b.newRefundID(), 113, price))
	},
	{"refund_order", -32}: func(ctx context.Context, b *bench) (int, error) {
		_, got, err := b.partOfPromotion(ctx)
		return got, err
	},
	{"query_refund", -32}: func(ctx context.Context, b *bench) (int, error) {
		id, _, err := b.partOfPromotion(ctx)
		if err != nil {
			return 0, err
		}
		return b.result(ctx, id)
	},
	{"query_refund", -1}: func(ctx context.Context, b *bench) (int, error) {
		if err := b.changeApp(ctx, control.ChangeApp{RefundApprovalFrom: new(int64(price))}); err != nil {
			return 0, err
		}
		id, err := b.refunded(ctx, price)
		if err != nil {
			return 0, err
		}
		b.later(func(ctx context.Context) error { // nobody else is to be asked for approval
			r, err := b.control.Refund(ctx, ownApp, id)
			if err == nil {
				_, err = b.control.Decide(ctx, r.Number, false)
			}
			return err
		})
		return b.result(ctx, id)
	},
	{"query_refund", -13}: func(ctx context.Context, b *bench) (int, error) {
		if err := b.changeApp(ctx, control.ChangeApp{RefundPeriod: new("1s")}); err != nil {
			return 0, err
		}
		payment, err := b.paid(ctx, nil)
		if err != nil {
			return 0, err
		}
		if err := b.advance(ctx, 2*time.Second); err != nil {
			return 0, err
		}
		id, err := b.refund(ctx, payment, price)
		if err != nil {
			return 0, err
		}
		return b.result(ctx, id)
	},
	{"query_refund", -14}: func(ctx context.Context, b *bench) (int, error) {
		id, err := b.refunded(ctx, price+1)
		if err != nil {
			return 0, err
		}
		return b.result(ctx, id)
	},
	{"query_refund", -16}: func(ctx context.Context, b *bench) (int, error) {
		payment, err := b.paid(ctx, nil)
		if err != nil {
			return 0, err
		}
		if err := b.payOut(ctx); err != nil {
			return 0, err
		}
		id, err := b.refund(ctx, payment, price)
		if err != nil {
			return 0, err
		}
		b.later(func(ctx context.Context) error { // funds, so that the refund need not wait for ever
			_, err := b.paid(ctx, nil)
			return err
		})
		return b.result(ctx, id)
	},
	{"query_refund", -101}: func(ctx context.Context, b *bench) (int, error) {
		return b.value(ctx, sen.OpQueryRefund, members{"m_refund_id": b.newRefundID(), "timestamp": b.now()})
	},
}
