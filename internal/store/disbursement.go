package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sen/internal/merchant"
	"sen/internal/pay"
)

const disbursementColumns = `number, app_id, partner_order_id, wallet_id, amount, description, embed_data, extra_info,
	state, failure, created_at, due_at, closed_at, hold, held_at, released_at`

func scanDisbursement(scan func(...any) error) (d pay.Disbursement, err error) {
	err = scan(&d.Number, &d.App, &d.PartnerOrderID, &d.Wallet, &d.Amount, &d.Description, &d.EmbedData, &d.ExtraInfo,
		&d.State, &d.Failure, instant{&d.CreatedAt}, instant{&d.DueAt}, instant{&d.ClosedAt},
		&d.Hold, instant{&d.HeldAt}, instant{&d.ReleasedAt})
	if errors.Is(err, sql.ErrNoRows) {
		err = pay.ErrDisbursementNotFound
	}
	return d, err
}

func (t *tx) disbursement(text string, args ...any) (pay.Disbursement, error) {
	return scanDisbursement(func(dest ...any) error { return t.row(text, args, dest...) })
}

const disbursementByNumber = `SELECT ` + disbursementColumns + ` FROM disbursements WHERE number = $1`

// Disbursement returns the disbursement with that number.
func (t *tx) Disbursement(_ context.Context, number int64) (pay.Disbursement, error) {
	return t.disbursement(disbursementByNumber, number)
}

const disbursementByPartnerID = `SELECT ` + disbursementColumns + ` FROM disbursements WHERE app_id = $1 AND partner_order_id = $2`

// DisbursementByPartnerID returns the app's disbursement.
func (t *tx) DisbursementByPartnerID(_ context.Context, app merchant.ID, partnerOrderID string) (pay.Disbursement, error) {
	return t.disbursement(disbursementByPartnerID, int64(app), partnerOrderID)
}

const disbursementsDue = `SELECT number FROM disbursements WHERE due_at <= $1 ORDER BY due_at, number LIMIT $2`

// DisbursementsDue returns the numbers of those that are to be tried at now.
func (t *tx) DisbursementsDue(_ context.Context, now time.Time, n int) (due []int64, err error) {
	err = t.rows(disbursementsDue, []any{micros(now), int64(n)}, func(scan func(...any) error) error {
		var number int64
		err := scan(&number)
		due = append(due, number)
		return err
	})
	return due, err
}

const insertDisbursement = `
INSERT INTO disbursements (` + disbursementColumns + `)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (app_id, partner_order_id) DO NOTHING`

// InsertDisbursement adds one unless the app used its partner_order_id before.
func (t *tx) InsertDisbursement(_ context.Context, d pay.Disbursement) (bool, error) {
	n, err := t.exec(insertDisbursement, d.Number, int64(d.App), d.PartnerOrderID, int64(d.Wallet), int64(d.Amount),
		d.Description, d.EmbedData, d.ExtraInfo, string(d.State), string(d.Failure), micros(d.CreatedAt), micros(d.DueAt),
		micros(d.ClosedAt), string(d.Hold), micros(d.HeldAt), micros(d.ReleasedAt))
	return n == 1, err
}

const moveDisbursement = `
UPDATE disbursements SET state = $2, failure = $3, due_at = $4, closed_at = $5, hold = $7, held_at = $8, released_at = $9
WHERE number = $1 AND state = $6`

// MoveDisbursement writes what may change of one that is still in state from.
func (t *tx) MoveDisbursement(_ context.Context, d pay.Disbursement, from pay.DisbursementState) error {
	return t.swap(moveDisbursement, d.Number, string(d.State), string(d.Failure), micros(d.DueAt), micros(d.ClosedAt), string(from),
		string(d.Hold), micros(d.HeldAt), micros(d.ReleasedAt))
}

// The test of the time says what the index over those that wait says.
const wakeDisbursements = `UPDATE disbursements SET due_at = $2 WHERE app_id = $1 AND due_at > $2`

// WakeDisbursements makes those of an app due that wait.
func (t *tx) WakeDisbursements(_ context.Context, app merchant.ID, now time.Time) error {
	_, err := t.exec(wakeDisbursements, int64(app), micros(now))
	return err
}

const disbursementsOf = `
SELECT ` + disbursementColumns + ` FROM disbursements WHERE app_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3`

// Disbursements returns at most n disbursements of an app with numbers below
// before, the newest first.
func (s *Store) Disbursements(ctx context.Context, app merchant.ID, before int64, n int) ([]pay.Disbursement, error) {
	return s.someDisbursements(ctx, disbursementsOf, int64(app), before, int64(n))
}

const claimFunding = `INSERT INTO payout_fundings (app_id, reference) VALUES ($1, $2) ON CONFLICT DO NOTHING`

// ClaimFunding notes the reference unless the app was given money under it before.
func (t *tx) ClaimFunding(_ context.Context, app merchant.ID, reference string) (bool, error) {
	n, err := t.exec(claimFunding, int64(app), reference)
	return n == 1, err
}

// A DisbursementSearch says which disbursements are wanted; what is empty is not
// asked for.
type DisbursementSearch struct {
	Scope  Scope
	State  pay.DisbursementState
	Before int64 // numbers below; 0: the newest
}

const disbursementsBefore = `SELECT ` + disbursementColumns + ` FROM disbursements WHERE number < $1 ORDER BY number DESC LIMIT $2`

const heldDisbursementsBefore = `
SELECT ` + disbursementColumns + ` FROM disbursements WHERE state = 'held' AND number < $1 ORDER BY number DESC LIMIT $2`

// FindDisbursements returns at most n disbursements, the newest first, and the
// number where the search ended, 0 when there are no more.
func (s *Store) FindDisbursements(ctx context.Context, q DisbursementSearch, n int) ([]pay.Disbursement, int64, error) {
	mark := func(d pay.Disbursement) Mark { return Mark{Key: d.Number} }
	look := func(after Mark, n int) ([]pay.Disbursement, error) {
		return inScope(q.Scope, n, mark, func(app merchant.ID) ([]pay.Disbursement, error) {
			if app != 0 {
				return s.Disbursements(ctx, app, after.Key, n)
			}
			text := disbursementsBefore
			if q.State == pay.DisbursementHeld {
				text = heldDisbursementsBefore
			}
			return s.someDisbursements(ctx, text, after.Key, int64(n))
		})
	}
	wanted := func(d pay.Disbursement) bool { return q.State == "" || d.State == q.State }
	found, end, err := find(before(q.Before), n, look, wanted, mark)
	return found, end.Key, err
}

func (s *Store) someDisbursements(ctx context.Context, text string, args ...any) (all []pay.Disbursement, err error) {
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(text, args, func(scan func(...any) error) error {
			d, err := scanDisbursement(scan)
			all = append(all, d)
			return err
		})
	})
	return all, err
}
