package store

import (
	"context"

	"sen/internal/ledger"
	"sen/internal/pay"
)

// The test of the kind says what the index over wallets says; without it the
// index could not be used.
const movementsOfWallet = `
SELECT p.entry_id, e.reason, e.at, p.amount, COALESCE(m.app_id, b.app_id, 0), COALESCE(o.app_trans_id, b.partner_order_id, ''),
	COALESCE(o.description, b.description, ''), COALESCE(m.binding_id, 0)
FROM postings p
JOIN entries e ON e.id = p.entry_id
LEFT JOIN refunds r ON r.number = p.entry_id
LEFT JOIN payments m ON m.number = COALESCE(r.payment, p.entry_id)
LEFT JOIN orders o ON o.id = m.order_id
LEFT JOIN disbursements b ON b.number = p.entry_id
WHERE p.account_id = $1 AND (p.account_id & 15) = 1 AND p.entry_id < $2
ORDER BY p.entry_id DESC LIMIT $3`

// Movements returns at most n movements of the wallet with numbers below
// before, the newest first.
func (s *Store) Movements(ctx context.Context, w pay.WalletID, before int64, n int) (all []pay.Movement, err error) {
	account := ledger.Account(ledger.Wallet, int64(w))
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(movementsOfWallet, []any{int64(account), before, int64(n)}, func(scan func(...any) error) error {
			var m pay.Movement
			err := scan(&m.Number, &m.Reason, instant{&m.At}, &m.Amount, &m.App, &m.AppTransID, &m.Description, &m.Binding)
			all = append(all, m)
			return err
		})
	})
	return all, err
}

const claimTopUp = `INSERT INTO topups (wallet_id, key) VALUES ($1, $2) ON CONFLICT DO NOTHING`

// ClaimTopUp notes the key of a top-up unless the wallet used it before.
func (t *tx) ClaimTopUp(_ context.Context, w pay.WalletID, key string) (bool, error) {
	n, err := t.exec(claimTopUp, int64(w), key)
	return n == 1, err
}
