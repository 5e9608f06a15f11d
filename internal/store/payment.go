package store

import (
	"context"
	"database/sql"
	"errors"

	"sen/internal/money"
	"sen/internal/pay"
)

const paymentColumns = `number, order_id, app_id, wallet_id, channel, amount, discount, payer_fee,
	merchant_fee, refunded, at, binding_id, bank_code, masked_card`

const paymentByNumber = `SELECT ` + paymentColumns + ` FROM payments WHERE number = $1`

// Payment returns the payment with that number.
func (t *tx) Payment(_ context.Context, number int64) (p pay.Payment, err error) {
	err = t.row(paymentByNumber, []any{number}, &p.Number, &p.Order, &p.App, &p.Wallet, &p.Channel,
		&p.Amount, &p.Discount, &p.PayerFee, &p.MerchantFee, &p.Refunded, instant{&p.At}, &p.Binding,
		&p.BankCode, &p.Card)
	if errors.Is(err, sql.ErrNoRows) {
		err = pay.ErrPaymentNotFound
	}
	return p, err
}

const insertPayment = `
INSERT INTO payments (` + paymentColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`

// InsertPayment adds a payment.
func (t *tx) InsertPayment(_ context.Context, p pay.Payment) error {
	return t.insert(insertPayment, p.Number, int64(p.Order), int64(p.App), int64(p.Wallet), int64(p.Channel),
		int64(p.Amount), int64(p.Discount), int64(p.PayerFee), int64(p.MerchantFee), int64(p.Refunded), micros(p.At),
		int64(p.Binding), p.BankCode, p.Card)
}

const reserveRefund = `
UPDATE payments SET refunded = refunded + $2 WHERE number = $1 AND refunded + $2 <= amount`

// ReserveRefund counts the amount as refunded if that much is left.
func (t *tx) ReserveRefund(_ context.Context, payment int64, amount money.Amount) error {
	n, err := t.guard(reserveRefund, payment, int64(amount))
	if err == nil && n == 0 {
		// The condition is the rule itself, so losing it is an answer.
		err = pay.ErrRefundAmount
	}
	return err
}

const releaseRefund = `
UPDATE payments SET refunded = refunded - $2 WHERE number = $1 AND refunded >= $2`

// ReleaseRefund takes a reservation back.
func (t *tx) ReleaseRefund(_ context.Context, payment int64, amount money.Amount) error {
	return t.swap(releaseRefund, payment, int64(amount))
}
