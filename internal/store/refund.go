package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"time"

	"sen/internal/merchant"
	"sen/internal/pay"
)

const refundColumns = `number, app_id, m_refund_id, payment, amount, fee, description, state, failure,
	created_at, due_at, closed_at, reversal, leased_until`

func scanRefund(scan func(...any) error) (r pay.Refund, err error) {
	err = scan(&r.Number, &r.App, &r.MRefundID, &r.Payment, &r.Amount, &r.Fee, &r.Description, &r.State,
		&r.Failure, instant{&r.CreatedAt}, instant{&r.DueAt}, instant{&r.ClosedAt}, &r.Reversal,
		&r.Lease)
	if errors.Is(err, sql.ErrNoRows) {
		err = pay.ErrRefundNotFound
	}
	return r, err
}

func (t *tx) refund(text string, args ...any) (pay.Refund, error) {
	return scanRefund(func(dest ...any) error { return t.row(text, args, dest...) })
}

const refundByNumber = `SELECT ` + refundColumns + ` FROM refunds WHERE number = $1`

// Refund returns the refund with that number.
func (t *tx) Refund(_ context.Context, number int64) (pay.Refund, error) {
	return t.refund(refundByNumber, number)
}

const refundByMerchantID = `SELECT ` + refundColumns + ` FROM refunds WHERE app_id = $1 AND m_refund_id = $2`

// RefundByMerchantID returns the app's refund.
func (t *tx) RefundByMerchantID(_ context.Context, app merchant.ID, mRefundID string) (pay.Refund, error) {
	return t.refund(refundByMerchantID, int64(app), mRefundID)
}

const insertRefund = `
INSERT INTO refunds (` + refundColumns + `)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0)
ON CONFLICT (app_id, m_refund_id) DO NOTHING`

// InsertRefund adds a refund unless the app used its m_refund_id before.
func (t *tx) InsertRefund(_ context.Context, r pay.Refund) (bool, error) {
	n, err := t.exec(insertRefund, r.Number, int64(r.App), r.MRefundID, r.Payment, int64(r.Amount), int64(r.Fee),
		r.Description, string(r.State), string(r.Failure), micros(r.CreatedAt), micros(r.DueAt), micros(r.ClosedAt),
		r.Reversal)
	return n == 1, err
}

const claimRefundMAC = `INSERT INTO refund_macs (app_id, mac, m_refund_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`

// ClaimRefundMAC keeps that a refund was asked for under a mac, unless one was
// before. Of the mac, which asks for money, only a hash is kept.
func (t *tx) ClaimRefundMAC(_ context.Context, r pay.Refund, mac string) (bool, error) {
	sum := sha256.Sum256([]byte(mac))
	n, err := t.exec(claimRefundMAC, int64(r.App), base64.RawURLEncoding.EncodeToString(sum[:]), r.MRefundID)
	return n == 1, err
}

const moveRefund = `
UPDATE refunds SET state = $3, failure = $4, due_at = $5, closed_at = $6, reversal = $7, leased_until = 0
WHERE number = $1 AND state = $2 AND leased_until = $8`

// MoveRefund writes what changes in the life of a refund, and ends its lease.
func (t *tx) MoveRefund(_ context.Context, r pay.Refund, from pay.RefundState) error {
	return t.swap(moveRefund, r.Number, string(from), string(r.State), string(r.Failure), micros(r.DueAt), micros(r.ClosedAt),
		r.Reversal, int64(r.Lease))
}

const refundsDue = `
SELECT COUNT(*) FROM (SELECT 1 FROM refunds
WHERE due_at IS NOT NULL AND due_at <= $1 AND leased_until <= $2 LIMIT 1) AS due`

// RefundsDue reports whether there are refunds to claim.
func (t *tx) RefundsDue(_ context.Context, now, machine time.Time) (bool, error) {
	var due int64
	err := t.row(refundsDue, []any{micros(now), micros(machine)}, &due)
	return due > 0, err
}

// A lease is later than any that the row had before, so it names the claim. Of
// the refunds of one payment that are still to be judged only the first can be
// claimed: who came first is served first, whichever node serves.
const claimRefunds = `
UPDATE refunds SET leased_until = $3
WHERE due_at IS NOT NULL AND due_at <= $1 AND leased_until <= $2 AND number IN (
	SELECT number FROM refunds AS r
	WHERE r.due_at IS NOT NULL AND r.due_at <= $1 AND r.leased_until <= $2 AND (r.state <> 'running' OR NOT EXISTS (
		SELECT 1 FROM refunds AS e WHERE e.payment = r.payment AND e.state = 'running' AND e.due_at IS NOT NULL
			AND (e.due_at < r.due_at OR (e.due_at = r.due_at AND e.number < r.number))))
	ORDER BY r.due_at, r.number LIMIT $4)
RETURNING ` + refundColumns

// ClaimRefunds takes refunds that are due.
func (t *tx) ClaimRefunds(_ context.Context, now, machine, until time.Time, n int) ([]pay.Refund, error) {
	return t.refunds(claimRefunds, micros(now), micros(machine), micros(until), int64(n))
}

const unclaimRefund = `UPDATE refunds SET leased_until = 0 WHERE number = $1 AND leased_until = $2`

// UnclaimRefund gives a claim back.
func (t *tx) UnclaimRefund(_ context.Context, r pay.Refund) error {
	_, err := t.exec(unclaimRefund, r.Number, int64(r.Lease))
	return err
}

func (t *tx) refunds(text string, args ...any) (all []pay.Refund, err error) {
	err = t.rows(text, args, func(scan func(...any) error) error {
		r, err := scanRefund(scan)
		all = append(all, r)
		return err
	})
	return all, err
}

const refundsPending = `SELECT ` + refundColumns + ` FROM refunds WHERE state = 'pending' ORDER BY number LIMIT $1`

// RefundsPending returns at most n refunds that wait for an operator, the
// oldest first.
func (s *Store) RefundsPending(ctx context.Context, n int) (all []pay.Refund, err error) {
	err = s.view(ctx, func(t *tx) (err error) {
		all, err = t.refunds(refundsPending, int64(n))
		return err
	})
	return all, err
}
