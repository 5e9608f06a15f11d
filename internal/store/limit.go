package store

import (
	"context"
	"database/sql"
	"errors"

	"sen/internal/money"
	"sen/internal/pay"
)

const spendingOf = `
SELECT version, day, month, day_all, day_wallet, day_bank, day_card,
	month_all, month_wallet, month_bank, month_card, year_before
FROM spending WHERE wallet_id = $1`

// Spending returns what the wallet has paid; nothing, with version 0, if it
// never paid.
func (t *tx) Spending(_ context.Context, w pay.WalletID) (pay.Spending, error) {
	sp := pay.Spending{Wallet: w}
	d, m := &sp.ByDay, &sp.ByMonth
	err := t.row(spendingOf, []any{int64(w)}, &sp.Version, &sp.Day, &sp.Month,
		&d[pay.AllSources], &d[pay.FromWallet], &d[pay.FromBank], &d[pay.FromCard],
		&m[pay.AllSources], &m[pay.FromWallet], &m[pay.FromBank], &m[pay.FromCard], &sp.YearBefore)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return sp, err
}

const insertSpending = `
INSERT INTO spending (wallet_id, version, day, month, day_all, day_wallet, day_bank, day_card,
	month_all, month_wallet, month_bank, month_card, year_before)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (wallet_id) DO UPDATE SET version = excluded.version, day = excluded.day, month = excluded.month,
	day_all = excluded.day_all, day_wallet = excluded.day_wallet, day_bank = excluded.day_bank, day_card = excluded.day_card,
	month_all = excluded.month_all, month_wallet = excluded.month_wallet, month_bank = excluded.month_bank,
	month_card = excluded.month_card, year_before = excluded.year_before
WHERE spending.version = excluded.version - 1`

// KeepSpending writes the counters unless somebody else wrote them meanwhile.
func (t *tx) KeepSpending(_ context.Context, sp pay.Spending) error {
	d, m := sp.ByDay, sp.ByMonth
	return t.swap(insertSpending, int64(sp.Wallet), sp.Version+1, sp.Day, sp.Month,
		int64(d[pay.AllSources]), int64(d[pay.FromWallet]), int64(d[pay.FromBank]), int64(d[pay.FromCard]),
		int64(m[pay.AllSources]), int64(m[pay.FromWallet]), int64(m[pay.FromBank]), int64(m[pay.FromCard]),
		int64(sp.YearBefore))
}

const closeMonth = `
INSERT INTO spending_months (wallet_id, month, amount) VALUES ($1, $2, $3)
ON CONFLICT (wallet_id, month) DO UPDATE SET amount = spending_months.amount + excluded.amount`

// CloseMonth keeps what was paid in a month that is over.
func (t *tx) CloseMonth(_ context.Context, w pay.WalletID, month string, amount money.Amount) error {
	return t.insert(closeMonth, int64(w), month, int64(amount))
}

const correctMonth = `
UPDATE spending_months SET amount = amount - $3 WHERE wallet_id = $1 AND month = $2 AND amount >= $3`

// CorrectMonth takes an amount off a month that is over.
func (t *tx) CorrectMonth(_ context.Context, w pay.WalletID, month string, amount money.Amount) error {
	_, err := t.exec(correctMonth, int64(w), month, int64(amount))
	return err
}

const spentBetween = `
SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM spending_months WHERE wallet_id = $1 AND month >= $2 AND month < $3`

// SpentBetween sums closed months.
func (t *tx) SpentBetween(_ context.Context, w pay.WalletID, from, to string) (sum money.Amount, err error) {
	err = t.row(spentBetween, []any{int64(w), from, to}, &sum)
	return sum, err
}
