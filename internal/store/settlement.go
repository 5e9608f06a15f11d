package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

const settlementColumns = `app_id, day, entry_id, at, payments, payment_amount, fee_amount, refunds, refund_amount,
	reversals, reversal_amount, payouts, payout_amount, carried_in, paid_back, paid_out, carried_out`

func scanSettlement(scan func(...any) error) (st pay.Settlement, err error) {
	err = scan(&st.App, &st.Day, &st.Entry, instant{&st.At}, &st.Payments, &st.PaymentAmount, &st.FeeAmount, &st.Refunds,
		&st.RefundAmount, &st.Reversals, &st.ReversalAmount, &st.Payouts, &st.PayoutAmount, &st.CarriedIn, &st.PaidBack,
		&st.PaidOut, &st.CarriedOut)
	return st, err
}

const lastSettlement = `SELECT ` + settlementColumns + ` FROM settlements WHERE app_id = $1 ORDER BY day DESC LIMIT 1`

// LastSettlement returns the latest settlement of an app, or a zero one.
func (t *tx) LastSettlement(_ context.Context, app merchant.ID) (pay.Settlement, error) {
	st, err := scanSettlement(func(dest ...any) error { return t.row(lastSettlement, []any{int64(app)}, dest...) })
	if errors.Is(err, sql.ErrNoRows) {
		return pay.Settlement{}, nil
	}
	return st, err
}

// What moves a merchant's money besides payments: refunds, what undid them, and
// payouts by hand, from $2 until $3. The number of a refund is of the day on which
// it was asked for, from $5 up to $6; one from before can be carried out until it is
// closed. Payable is the account $4 of the app $1. That the reason is compared with
// the one that was found, and not named, keeps engines from taking the index of all
// merchants' refunds for the shorter way.
const othersOfApp = `(
SELECT number AS id, 'refund' AS reason FROM refunds WHERE app_id = $1 AND number >= $5 AND number < $6
UNION SELECT number, 'refund' FROM refunds WHERE app_id = $1 AND closed_at >= $2
UNION SELECT number, 'refund' FROM refunds WHERE app_id = $1 AND closed_at IS NULL
UNION SELECT reversal, 'refund_reversal' FROM refunds WHERE app_id = $1 AND closed_at >= $2 AND reversal <> 0
UNION SELECT x.id, 'payout' FROM entries x JOIN postings y ON y.entry_id = x.id AND y.account_id = $4
	WHERE x.reason = 'payout' AND x.at >= $2 AND x.at < $3
) AS m JOIN entries e ON e.id = m.id AND e.reason = m.reason`

const (
	firstPaymentUnsettled = `
SELECT COALESCE(MIN(p.at), 0) FROM payments p
WHERE p.app_id = $1 AND p.at >= $2 AND p.at < $3
	AND NOT EXISTS (SELECT 1 FROM settlement_lines l WHERE l.entry_id = p.number)`

	firstOtherUnsettled = `
SELECT COALESCE(MIN(e.at), 0) FROM ` + othersOfApp + `
WHERE e.at >= $2 AND e.at < $3 AND NOT EXISTS (SELECT 1 FROM settlement_lines l WHERE l.entry_id = e.id)`
)

// othersArgs are the arguments of othersOfApp.
func othersArgs(app merchant.ID, from, until time.Time) []any {
	payable, _ := merchantAccounts(app)
	first := int64(0)
	if !from.IsZero() {
		first = firstNumber(from)
	}
	return []any{int64(app), since(from), micros(until), payable, first, firstNumber(until.AddDate(0, 0, 1))}
}

// since is when a look begins; the zero time is before everything.
func since(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMicro()
}

// FirstUnsettled returns when the app's first movement was that is in no
// settlement.
func (t *tx) FirstUnsettled(_ context.Context, app merchant.ID, from, until time.Time) (at time.Time, err error) {
	var payment, other int64
	if err := t.row(firstPaymentUnsettled, []any{int64(app), since(from), micros(until)}, &payment); err != nil {
		return at, err
	}
	if err := t.row(firstOtherUnsettled, othersArgs(app, from, until), &other); err != nil {
		return at, err
	}
	first := payment
	if first == 0 || (other != 0 && other < first) {
		first = other
	}
	if first != 0 {
		at = time.UnixMicro(first).UTC()
	}
	return at, nil
}

func merchantAccounts(app merchant.ID) (payable, receivable int64) {
	return int64(ledger.Account(ledger.Payable, int64(app))), int64(ledger.Account(ledger.Receivable, int64(app)))
}

const (
	settlePayments = `
INSERT INTO settlement_lines (entry_id, app_id, day, kind, subject, amount, fee, net)
SELECT p.number, p.app_id, CAST($2 AS TEXT), 'payment', p.number, p.amount, -p.merchant_fee, p.amount - p.merchant_fee
FROM payments p
WHERE p.app_id = $1 AND p.at >= $3 AND p.at < $4
	AND NOT EXISTS (SELECT 1 FROM settlement_lines l WHERE l.entry_id = p.number)
ON CONFLICT (entry_id) DO NOTHING`

	settleOthers = `
INSERT INTO settlement_lines (entry_id, app_id, day, kind, subject, amount, fee, net)
SELECT e.id, CAST($1 AS BIGINT), CAST($8 AS TEXT), e.reason,
	MIN(CASE WHEN e.reason = 'refund_reversal' THEN COALESCE(r.number, 0) ELSE e.id END),
	CAST(SUM(po.amount) AS BIGINT), 0, CAST(SUM(po.amount) AS BIGINT)
FROM ` + othersOfApp + `
JOIN postings po ON po.entry_id = e.id AND po.account_id IN ($4, $7)
LEFT JOIN refunds r ON r.reversal = e.id AND r.reversal <> 0
WHERE e.at >= $2 AND e.at < $3 AND NOT EXISTS (SELECT 1 FROM settlement_lines l WHERE l.entry_id = e.id)
GROUP BY e.id, e.reason
ON CONFLICT (entry_id) DO NOTHING`

	settledSums = `
SELECT kind, COUNT(*), CAST(SUM(amount) AS BIGINT), CAST(SUM(fee) AS BIGINT)
FROM settlement_lines WHERE app_id = $1 AND day = $2 GROUP BY kind`
)

// SettleMovements puts what is not settled into the settlement of a day.
func (t *tx) SettleMovements(_ context.Context, app merchant.ID, day pay.Day, from, until time.Time) (pay.Totals, error) {
	if _, err := t.exec(settlePayments, int64(app), string(day), since(from), micros(until)); err != nil {
		return pay.Totals{}, err
	}
	_, receivable := merchantAccounts(app)
	if _, err := t.exec(settleOthers, append(othersArgs(app, from, until), receivable, string(day))...); err != nil {
		return pay.Totals{}, err
	}
	return t.settled(app, day)
}

// settled sums what is in the settlement of a day.
func (t *tx) settled(app merchant.ID, day pay.Day) (sums pay.Totals, err error) {
	sums = pay.Totals{}
	err = t.rows(settledSums, []any{int64(app), string(day)}, func(scan func(...any) error) error {
		var kind ledger.Reason
		var n int64
		var amount, fee money.Amount
		err := scan(&kind, &n, &amount, &fee)
		switch kind {
		case ledger.Payment:
			sums.Payments, sums.PaymentAmount, sums.FeeAmount = n, amount, fee
		case ledger.Refund:
			sums.Refunds, sums.RefundAmount = n, amount
		case ledger.RefundReversal:
			sums.Reversals, sums.ReversalAmount = n, amount
		case ledger.Payout:
			sums.Payouts, sums.PayoutAmount = n, amount
		case ledger.TopUp, ledger.Settlement, ledger.Funding, ledger.Disbursed: // no lines of settlements
		}
		return err
	})
	return sums, err
}

const holdAccount = `UPDATE accounts SET balance = balance + 0 WHERE id = $1`

// HoldAccount keeps a balance as it is until the transaction ends: others wait to
// change the row.
func (t *tx) HoldAccount(_ context.Context, account ledger.AccountID) error {
	n, err := t.exec(holdAccount, int64(account))
	if err == nil && n == 0 {
		err = noAccount(account)
	}
	return err
}

const insertSettlement = `
INSERT INTO settlements (` + settlementColumns + `)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT (app_id, day) DO NOTHING`

// InsertSettlement adds a settlement unless the day is closed.
func (t *tx) InsertSettlement(_ context.Context, st pay.Settlement) error {
	n, err := t.exec(insertSettlement, int64(st.App), string(st.Day), st.Entry, micros(st.At), st.Payments,
		int64(st.PaymentAmount), int64(st.FeeAmount), st.Refunds, int64(st.RefundAmount), st.Reversals,
		int64(st.ReversalAmount), st.Payouts, int64(st.PayoutAmount), int64(st.CarriedIn), int64(st.PaidBack),
		int64(st.PaidOut), int64(st.CarriedOut))
	if err == nil && n == 0 {
		err = pay.ErrStale
	}
	return err
}

const (
	settlementsBefore = `
SELECT ` + settlementColumns + ` FROM settlements WHERE day < $1 ORDER BY day DESC, app_id LIMIT $2`

	settlementsOfAppBefore = `
SELECT ` + settlementColumns + ` FROM settlements WHERE app_id = $3 AND day < $1 ORDER BY day DESC LIMIT $2`

	settlementOf = `SELECT ` + settlementColumns + ` FROM settlements WHERE app_id = $1 AND day = $2`
)

// Settlements returns at most n settlements of one app, or with 0 of all, of days
// before one, the newest first; "" is no bound.
func (s *Store) Settlements(ctx context.Context, app merchant.ID, before pay.Day, n int) (all []pay.Settlement, err error) {
	if before == "" {
		before = "9999"
	}
	text, args := settlementsBefore, []any{string(before), int64(n)}
	if app != 0 {
		text, args = settlementsOfAppBefore, append(args, int64(app))
	}
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(text, args, func(scan func(...any) error) error {
			st, err := scanSettlement(scan)
			all = append(all, st)
			return err
		})
	})
	return all, err
}

// Settlement returns the settlement of an app's day, or pay.ErrSettlementNotFound.
func (s *Store) Settlement(ctx context.Context, app merchant.ID, day pay.Day) (st pay.Settlement, err error) {
	err = s.view(ctx, func(t *tx) (err error) {
		st, err = t.settlement(app, day)
		return err
	})
	return st, err
}

func (t *tx) settlement(app merchant.ID, day pay.Day) (pay.Settlement, error) {
	st, err := scanSettlement(func(dest ...any) error { return t.row(settlementOf, []any{int64(app), string(day)}, dest...) })
	if errors.Is(err, sql.ErrNoRows) {
		err = pay.ErrSettlementNotFound
	}
	return st, err
}
