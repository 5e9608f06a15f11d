package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sen/internal/pay"
)

const paymentCode = `SELECT wallet_id, expires_at, order_id FROM payment_codes WHERE code = $1`

// PaymentCode returns the code with that hash, or pay.ErrCode.
func (t *tx) PaymentCode(_ context.Context, hash string) (pay.PaymentCode, error) {
	c := pay.PaymentCode{Hash: hash}
	err := t.row(paymentCode, []any{hash}, &c.Wallet, instant{&c.ExpiresAt}, &c.Order)
	if errors.Is(err, sql.ErrNoRows) {
		err = pay.ErrCode
	}
	return c, err
}

const insertPaymentCode = `INSERT INTO payment_codes (code, wallet_id, expires_at, order_id) VALUES ($1, $2, $3, 0)`

// InsertPaymentCode adds a code that paid nothing yet.
func (t *tx) InsertPaymentCode(_ context.Context, c pay.PaymentCode) error {
	return t.insert(insertPaymentCode, c.Hash, int64(c.Wallet), micros(c.ExpiresAt))
}

const usePaymentCode = `UPDATE payment_codes SET order_id = $2 WHERE code = $1 AND order_id = 0`

// UsePaymentCode notes what a code paid that paid nothing before.
func (t *tx) UsePaymentCode(_ context.Context, hash string, o pay.OrderKey) error {
	return t.swap(usePaymentCode, hash, int64(o))
}

const dropPaymentCodes = `DELETE FROM payment_codes WHERE wallet_id = $1 AND expires_at <= $2`

// DropPaymentCodes forgets the codes of a wallet whose time was up at now.
func (t *tx) DropPaymentCodes(_ context.Context, w pay.WalletID, now time.Time) error {
	_, err := t.exec(dropPaymentCodes, int64(w), micros(now))
	return err
}
