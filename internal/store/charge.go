package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sen/internal/bank"
	"sen/internal/pay"
)

const chargeColumns = `number, order_id, app_id, wallet_id, card_id, binding_id, channel, bank_code, masked, campaign,
	amount, discount, state, reason, created_at, due_at, closed_at, leased_until, counted_day`

func scanCharge(scan func(...any) error) (c pay.Charge, err error) {
	err = scan(&c.Number, &c.Order, &c.App, &c.Wallet, &c.Card, &c.Binding, &c.Channel, &c.BankCode,
		&c.Masked, &c.Campaign, &c.Amount, &c.Discount, &c.State, &c.Reason,
		instant{&c.CreatedAt}, instant{&c.DueAt}, instant{&c.ClosedAt}, &c.Lease, &c.CountedDay)
	if errors.Is(err, sql.ErrNoRows) {
		err = pay.ErrChargeNotFound
	}
	return c, err
}

func (t *tx) charge(text string, args ...any) (pay.Charge, error) {
	return scanCharge(func(dest ...any) error { return t.row(text, args, dest...) })
}

const chargeByNumber = `SELECT ` + chargeColumns + ` FROM charges WHERE number = $1`

// Charge returns the charge with that number.
func (t *tx) Charge(_ context.Context, number int64) (pay.Charge, error) {
	return t.charge(chargeByNumber, number)
}

const openCharge = `SELECT ` + chargeColumns + ` FROM charges WHERE order_id = $1 AND closed_at IS NULL LIMIT 1`

// OpenCharge returns the charge that keeps an order in flight.
func (t *tx) OpenCharge(_ context.Context, o pay.OrderKey) (pay.Charge, error) {
	return t.charge(openCharge, int64(o))
}

const openBindingCharge = `
SELECT ` + chargeColumns + ` FROM charges WHERE binding_id = $1 AND binding_id <> 0 AND closed_at IS NULL LIMIT 1`

// OpenBindingCharge returns the charge that checks the card of a binding.
func (t *tx) OpenBindingCharge(_ context.Context, b pay.BindingKey) (pay.Charge, error) {
	return t.charge(openBindingCharge, int64(b))
}

const lastCharge = `
SELECT ` + chargeColumns + ` FROM charges WHERE order_id = $1 ORDER BY created_at DESC, number DESC LIMIT 1`

// LastCharge returns the latest charge of an order.
func (t *tx) LastCharge(_ context.Context, o pay.OrderKey) (pay.Charge, error) {
	return t.charge(lastCharge, int64(o))
}

const lastBindingCharge = `
SELECT ` + chargeColumns + ` FROM charges
WHERE binding_id = $1 AND binding_id <> 0 ORDER BY created_at DESC, number DESC LIMIT 1`

// LastBindingCharge returns the latest charge of a binding.
func (t *tx) LastBindingCharge(_ context.Context, b pay.BindingKey) (pay.Charge, error) {
	return t.charge(lastBindingCharge, int64(b))
}

const chargesDue = `
SELECT COUNT(*) FROM (SELECT 1 FROM charges
WHERE due_at IS NOT NULL AND due_at <= $1 AND leased_until <= $2 LIMIT 1) AS due`

// ChargesDue reports whether there are charges to claim.
func (t *tx) ChargesDue(_ context.Context, now, machine time.Time) (bool, error) {
	var due int64
	err := t.row(chargesDue, []any{micros(now), micros(machine)}, &due)
	return due > 0, err
}

const claimCharges = `
UPDATE charges SET leased_until = $3
WHERE due_at IS NOT NULL AND due_at <= $1 AND leased_until <= $2 AND number IN (
	SELECT number FROM charges
	WHERE due_at IS NOT NULL AND due_at <= $1 AND leased_until <= $2
	ORDER BY due_at LIMIT $4)
RETURNING ` + chargeColumns

// ClaimCharges takes charges that are due.
func (t *tx) ClaimCharges(_ context.Context, now, machine, until time.Time, n int) (claimed []pay.Charge, err error) {
	args := []any{micros(now), micros(machine), micros(until), int64(n)}
	err = t.rows(claimCharges, args, func(scan func(...any) error) error {
		c, err := scanCharge(scan)
		claimed = append(claimed, c)
		return err
	})
	return claimed, err
}

const claimCharge = `
UPDATE charges SET leased_until = $3 WHERE number = $1 AND leased_until <= $2 AND closed_at IS NULL`

// ClaimCharge takes one charge, due or not.
func (t *tx) ClaimCharge(_ context.Context, number int64, machine, until time.Time) (bool, error) {
	n, err := t.exec(claimCharge, number, micros(machine), micros(until))
	return n == 1, err
}

const unclaimCharge = `UPDATE charges SET leased_until = 0 WHERE number = $1 AND leased_until = $2`

// UnclaimCharge gives a claim back.
func (t *tx) UnclaimCharge(_ context.Context, c pay.Charge) error {
	_, err := t.exec(unclaimCharge, c.Number, int64(c.Lease))
	return err
}

const insertCharge = `
INSERT INTO charges (` + chargeColumns + `)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
ON CONFLICT DO NOTHING`

// InsertCharge adds a charge. There can be one already that checks the card of
// the same binding: then it is ErrStale, and who looks again finds that one.
func (t *tx) InsertCharge(_ context.Context, c pay.Charge) error {
	return t.swap(insertCharge, c.Number, int64(c.Order), int64(c.App), int64(c.Wallet), int64(c.Card),
		int64(c.Binding), int64(c.Channel), c.BankCode, c.Masked, c.Campaign, int64(c.Amount), int64(c.Discount),
		string(c.State), string(c.Reason), micros(c.CreatedAt), micros(c.DueAt), micros(c.ClosedAt), int64(c.Lease),
		c.CountedDay)
}

const moveCharge = `
UPDATE charges SET state = $3, reason = $4, due_at = $5, closed_at = $6, leased_until = 0
WHERE number = $1 AND state = $2 AND closed_at IS NULL AND leased_until = $7`

// MoveCharge writes what changes in the life of a charge, and ends its lease.
func (t *tx) MoveCharge(_ context.Context, c pay.Charge, from pay.ChargeState) error {
	return t.swap(moveCharge, c.Number, string(from), string(c.State), string(c.Reason), micros(c.DueAt), micros(c.ClosedAt),
		int64(c.Lease))
}

const bankColumns = `ref, charge, amount, last4, issuer, state, reason, otps, known_at`

const bankRecord = `SELECT ` + bankColumns + ` FROM bank_records WHERE ref = $1`

func (t *tx) bankRecord(ref int64) (r bank.Record, found bool, err error) {
	var otps int64
	err = t.row(bankRecord, []any{ref}, &r.Ref, &r.Charge, &r.Amount, &r.Last4, &r.Issuer, &r.State, &r.Reason, &otps,
		instant{&r.KnownAt})
	r.OTPs = int(otps)
	if errors.Is(err, sql.ErrNoRows) {
		return bank.Record{}, false, nil
	}
	return r, err == nil, err
}

// BankRecord returns what the simulated bank remembers.
func (s *Store) BankRecord(ctx context.Context, ref int64) (r bank.Record, found bool, err error) {
	err = s.view(ctx, func(t *tx) (err error) {
		r, found, err = t.bankRecord(ref)
		return err
	})
	return r, found, err
}

const insertBankRecord = `
INSERT INTO bank_records (` + bankColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (ref) DO NOTHING`

const updateBankRecord = `
UPDATE bank_records SET state = $2, reason = $3, otps = $4, known_at = $5
WHERE ref = $1 AND state = $6 AND otps = $7`

// ChangeBankRecord changes what the simulated bank remembers.
func (s *Store) ChangeBankRecord(ctx context.Context, ref int64, change func(*bank.Record, bool) error) error {
	return s.update(ctx, func(t *tx) error {
		r, found, err := t.bankRecord(ref)
		if err != nil {
			return err
		}
		was := r
		if err := change(&r, found); err != nil || r == (bank.Record{}) || r.Ref == 0 {
			return err
		}
		if !found {
			return t.swap(insertBankRecord, ref, r.Charge, int64(r.Amount), r.Last4, r.Issuer, string(r.State),
				string(r.Reason), int64(r.OTPs), micros(r.KnownAt))
		}
		return t.swap(updateBankRecord, ref, string(r.State), string(r.Reason), int64(r.OTPs), micros(r.KnownAt),
			string(was.State), int64(was.OTPs))
	})
}
