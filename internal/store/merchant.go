package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"sen/internal/ledger"
	"sen/internal/merchant"
)

const appColumns = `id, name, key1, key2, callback_url, redirect_url, created_at, disabled_at,
	rate_per_second, fee_bp, refund_approval_from, refund_period, receivable_limit,
	token_life, token_day_count, token_day_amount, old_key1, old_key2, old_until, code_key,
	payment_id, public_key, payouts_held_at, payout_review_from`

// scanApp reads an app as it is stored, its keys sealed.
func scanApp(scan func(...any) error) (a merchant.App, err error) {
	var period, life int64
	err = scan(&a.ID, &a.Name, &a.Key1, &a.Key2, &a.CallbackURL, &a.RedirectURL, instant{&a.CreatedAt},
		instant{&a.DisabledAt}, &a.Terms.RatePerSecond, &a.Terms.FeeBP, &a.Terms.RefundApprovalFrom,
		&period, &a.Terms.ReceivableLimit, &life, &a.Terms.TokenDayCount, &a.Terms.TokenDayAmount,
		&a.OldKey1, &a.OldKey2, instant{&a.OldUntil}, &a.CodeKey, &a.Disbursement.PaymentID, &a.Disbursement.PublicKey,
		instant{&a.Disbursement.HeldAt}, &a.Disbursement.ReviewFrom)
	if errors.Is(err, sql.ErrNoRows) {
		err = merchant.ErrUnknown
	}
	a.Terms.RefundPeriod = time.Duration(period) * time.Microsecond
	a.Terms.TokenLife = time.Duration(life) * time.Microsecond
	return a, err
}

const allApps = `SELECT ` + appColumns + ` FROM apps ORDER BY id`

const allWindows = `SELECT id, operation, app_id, from_at, until_at FROM maintenance ORDER BY id`

// Register returns all apps and maintenance windows.
func (s *Store) Register(ctx context.Context) (r merchant.Register, err error) {
	err = s.view(ctx, func(t *tx) error {
		r = merchant.Register{Apps: map[merchant.ID]merchant.App{}}
		err := t.rows(allApps, nil, func(scan func(...any) error) error {
			a, err := scanApp(scan)
			if err == nil {
				err = s.openApp(&a)
			}
			r.Apps[a.ID] = a
			return err
		})
		if err != nil {
			return err
		}
		return t.rows(allWindows, nil, func(scan func(...any) error) error {
			var w merchant.Window
			err := scan(&w.ID, &w.Operation, &w.App, instant{&w.From}, instant{&w.Until})
			r.Windows = append(r.Windows, w)
			return err
		})
	})
	return r, err
}

const insertApp = `
INSERT INTO apps (` + appColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
	$17, $18, $19, $20, $21, $22, $23, $24)
ON CONFLICT (id) DO NOTHING`

// InsertApp adds an app and its accounts, or returns ErrExists.
func (s *Store) InsertApp(ctx context.Context, a merchant.App) error {
	a, err := s.closeApp(a, merchant.App{}, merchant.App{})
	if err != nil {
		return err
	}
	return s.configure(ctx, func(t *tx) error {
		n, err := t.exec(insertApp, int64(a.ID), a.Name, a.Key1, a.Key2, a.CallbackURL, a.RedirectURL,
			micros(a.CreatedAt), micros(a.DisabledAt), a.Terms.RatePerSecond, a.Terms.FeeBP,
			int64(a.Terms.RefundApprovalFrom), a.Terms.RefundPeriod.Microseconds(), int64(a.Terms.ReceivableLimit),
			a.Terms.TokenLife.Microseconds(), a.Terms.TokenDayCount, int64(a.Terms.TokenDayAmount),
			a.OldKey1, a.OldKey2, micros(a.OldUntil), a.CodeKey, a.Disbursement.PaymentID, a.Disbursement.PublicKey,
			micros(a.Disbursement.HeldAt), int64(a.Disbursement.ReviewFrom))
		if err == nil && n == 0 {
			err = merchant.ErrExists
		}
		if err != nil {
			return err
		}
		if err := t.openAppAccounts(a); err != nil {
			return err
		}
		return t.agreeFee(a.ID, a.CreatedAt, a.Terms.FeeBP)
	})
}

func (t *tx) openAppAccounts(a merchant.App) error {
	zero, debt := int64(0), -int64(a.Terms.ReceivableLimit)
	for _, account := range []struct {
		kind  ledger.Kind
		floor *int64
	}{{ledger.Payable, &zero}, {ledger.Receivable, &debt}, {ledger.Fees, nil}, {ledger.Promotions, nil}, {ledger.Disbursement, &zero}} {
		if err := t.openAccount(ledger.Account(account.kind, int64(a.ID)), account.floor); err != nil {
			return err
		}
	}
	return nil
}

const appByID = `SELECT ` + appColumns + ` FROM apps WHERE id = $1`

const updateApp = `
UPDATE apps SET name = $2, key1 = $3, key2 = $4, callback_url = $5, redirect_url = $6, disabled_at = $7,
	rate_per_second = $8, fee_bp = $9, refund_approval_from = $10, refund_period = $11, receivable_limit = $12,
	token_life = $13, token_day_count = $14, token_day_amount = $15, old_key1 = $16, old_key2 = $17, old_until = $18,
	code_key = $19, payment_id = $20, public_key = $21, payouts_held_at = $22, payout_review_from = $23
WHERE id = $1 AND name = $24 AND key1 = $25 AND key2 = $26 AND callback_url = $27 AND redirect_url = $28
	AND disabled_at IS NOT DISTINCT FROM $29 AND rate_per_second = $30 AND fee_bp = $31
	AND refund_approval_from = $32 AND refund_period = $33 AND receivable_limit = $34
	AND token_life = $35 AND token_day_count = $36 AND token_day_amount = $37
	AND old_key1 = $38 AND old_key2 = $39 AND old_until IS NOT DISTINCT FROM $40 AND code_key = $41
	AND payment_id = $42 AND public_key = $43 AND payouts_held_at IS NOT DISTINCT FROM $44 AND payout_review_from = $45`

// terms are the columns of an app that can change.
func terms(a merchant.App) []any {
	return []any{
		a.Name, a.Key1, a.Key2, a.CallbackURL, a.RedirectURL, micros(a.DisabledAt),
		a.Terms.RatePerSecond, a.Terms.FeeBP, int64(a.Terms.RefundApprovalFrom),
		a.Terms.RefundPeriod.Microseconds(), int64(a.Terms.ReceivableLimit),
		a.Terms.TokenLife.Microseconds(), a.Terms.TokenDayCount, int64(a.Terms.TokenDayAmount),
		a.OldKey1, a.OldKey2, micros(a.OldUntil), a.CodeKey,
		a.Disbursement.PaymentID, a.Disbursement.PublicKey, micros(a.Disbursement.HeldAt), int64(a.Disbursement.ReviewFrom),
	}
}

// Of a limit below what the merchant owes already, the debt is the bound until
// the limit is set again.
const setFloor = `UPDATE accounts SET floor = CASE WHEN balance < $2 THEN balance ELSE $2 END WHERE id = $1`

// UpdateApp applies change to the app and writes it, or returns ErrUnknown.
func (s *Store) UpdateApp(ctx context.Context, id merchant.ID, change func(*merchant.App) error) (a merchant.App, err error) {
	err = s.configure(ctx, func(t *tx) (err error) {
		a, err = scanApp(func(dest ...any) error { return t.row(appByID, []any{int64(id)}, dest...) })
		if err != nil {
			return err
		}
		stored := a
		if err := s.openApp(&a); err != nil {
			return err
		}
		was := a
		if err := change(&a); err != nil {
			return err
		}
		if err := a.Check(); err != nil {
			return err
		}
		wanted, err := s.closeApp(a, was, stored)
		if err != nil {
			return err
		}
		err = t.swap(updateApp, slices.Concat([]any{int64(a.ID)}, terms(wanted), terms(stored))...)
		if err != nil {
			return err
		}
		if a.Disbursement.Enabled() { // an app that a version before made has no account for it
			floor := int64(0)
			if err := t.openAccount(ledger.Account(ledger.Disbursement, int64(a.ID)), &floor); err != nil {
				return err
			}
		}
		if a.Terms.FeeBP != was.Terms.FeeBP {
			if err := t.agreeFee(a.ID, a.TermsAt, a.Terms.FeeBP); err != nil {
				return err
			}
		}
		return t.swap(setFloor, int64(ledger.Account(ledger.Receivable, int64(a.ID))), -int64(a.Terms.ReceivableLimit))
	})
	return a, err
}

const (
	insertFeeRate = `
INSERT INTO fee_rates (app_id, from_at, fee_bp) VALUES ($1, $2, $3)
ON CONFLICT (app_id, from_at) DO UPDATE SET fee_bp = excluded.fee_bp`

	newestFeeRate = `SELECT COALESCE(MAX(from_at), 0) FROM fee_rates WHERE app_id = $1`

	forgetFeeRates = `DELETE FROM fee_rates WHERE app_id = $1`
)

// agreeFee keeps from when on a fee holds. When nobody said it, what was known of
// earlier ones is worth nothing either.
func (t *tx) agreeFee(app merchant.ID, from time.Time, bp int64) error {
	if from.IsZero() {
		_, err := t.exec(forgetFeeRates, int64(app))
		return err
	}
	// Under a clock that stands, changes follow each other within a moment.
	from = from.Truncate(time.Microsecond)
	var newest time.Time
	if err := t.row(newestFeeRate, []any{int64(app)}, instant{&newest}); err != nil {
		return err
	}
	if !newest.Before(from) && newest.Before(from.Add(time.Second)) {
		from = newest.Add(time.Microsecond)
	}
	_, err := t.exec(insertFeeRate, int64(app), micros(from), bp)
	return err
}

const insertWindow = `INSERT INTO maintenance (id, operation, app_id, from_at, until_at) VALUES ($1, $2, $3, $4, $5)`

// InsertWindow announces a maintenance.
func (s *Store) InsertWindow(ctx context.Context, w merchant.Window) error {
	return s.configure(ctx, func(t *tx) error {
		return t.insert(insertWindow, w.ID, w.Operation, int64(w.App), micros(w.From), micros(w.Until))
	})
}

const deleteWindow = `DELETE FROM maintenance WHERE id = $1`

// DeleteWindow lifts a maintenance and reports whether there was one.
func (s *Store) DeleteWindow(ctx context.Context, id int64) (found bool, err error) {
	err = s.configure(ctx, func(t *tx) error {
		n, err := t.exec(deleteWindow, id)
		found = n > 0
		return err
	})
	return found, err
}
