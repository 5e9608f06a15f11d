package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sen/internal/merchant"
	"sen/internal/pay"
)

const bindingColumns = `id, app_id, app_trans_id, kind, identifier, max_amount, binding_data, callback_url,
	redirect_url, redirect_deep_link, token, pay_token, wallet_id, state, created_at, confirm_by, confirmed_at,
	ends_at, closed_at, used_day, used_count, used_amount, uses, card_id, order_id`

func scanBinding(scan func(...any) error) (b pay.Binding, err error) {
	err = scan(&b.Key, &b.App, &b.AppTransID, &b.Kind, &b.Identifier, &b.MaxAmount, &b.Data, &b.CallbackURL,
		&b.RedirectURL, &b.RedirectDeepLink, &b.Token, &b.PayToken, &b.Wallet, &b.State, instant{&b.CreatedAt},
		instant{&b.ConfirmBy}, instant{&b.ConfirmedAt}, instant{&b.EndsAt}, instant{&b.ClosedAt},
		&b.UsedDay, &b.UsedCount, &b.UsedAmount, &b.Uses, &b.Card, &b.Order)
	if errors.Is(err, sql.ErrNoRows) {
		err = pay.ErrBindingNotFound
	}
	return b, err
}

func (t *tx) binding(text string, args ...any) (pay.Binding, error) {
	return scanBinding(func(dest ...any) error { return t.row(text, args, dest...) })
}

const bindingByKey = `SELECT ` + bindingColumns + ` FROM bindings WHERE id = $1`

// Binding returns the binding with that key.
func (t *tx) Binding(_ context.Context, key pay.BindingKey) (pay.Binding, error) {
	return t.binding(bindingByKey, int64(key))
}

const bindingByTransID = `SELECT ` + bindingColumns + ` FROM bindings WHERE app_id = $1 AND app_trans_id = $2`

// BindingByTransID returns the app's binding.
func (t *tx) BindingByTransID(_ context.Context, app merchant.ID, appTransID string) (pay.Binding, error) {
	return t.binding(bindingByTransID, int64(app), appTransID)
}

const insertBinding = `
INSERT INTO bindings (` + bindingColumns + `)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)
ON CONFLICT DO NOTHING`

// InsertBinding adds a binding unless its key or its app_trans_id is taken.
func (t *tx) InsertBinding(_ context.Context, b pay.Binding) (bool, error) {
	n, err := t.exec(insertBinding, int64(b.Key), int64(b.App), b.AppTransID, string(b.Kind), b.Identifier,
		int64(b.MaxAmount), b.Data, b.CallbackURL, b.RedirectURL, b.RedirectDeepLink, b.Token, b.PayToken,
		int64(b.Wallet), string(b.State), micros(b.CreatedAt), micros(b.ConfirmBy), micros(b.ConfirmedAt),
		micros(b.EndsAt), micros(b.ClosedAt), b.UsedDay, b.UsedCount, int64(b.UsedAmount), b.Uses,
		int64(b.Card), int64(b.Order))
	return n == 1, err
}

const moveBinding = `
UPDATE bindings SET state = $3, wallet_id = $4, confirmed_at = $5, ends_at = $6, closed_at = $7, card_id = $8
WHERE id = $1 AND state = $2`

// MoveBinding writes what changes in the life of a binding.
func (t *tx) MoveBinding(_ context.Context, b pay.Binding, from pay.BindingState) error {
	return t.swap(moveBinding, int64(b.Key), string(from), string(b.State), int64(b.Wallet),
		micros(b.ConfirmedAt), micros(b.EndsAt), micros(b.ClosedAt), int64(b.Card))
}

// What failed is taken off again, so the number of uses alone does not say that
// nobody counted meanwhile.
const (
	unuseBinding = `
UPDATE bindings SET uses = $2, used_day = $3, used_count = $4, used_amount = $5
WHERE id = $1 AND uses = $6 AND used_day = $7 AND used_count = $8 AND used_amount = $9`
	useBinding = unuseBinding + ` AND state = 'confirmed'`
)

// UseBinding counts a payment by a binding that still pays.
func (t *tx) UseBinding(_ context.Context, b, was pay.Binding) error {
	return t.countUses(useBinding, b, was)
}

// UnuseBinding takes a payment that failed off the counts.
func (t *tx) UnuseBinding(_ context.Context, b, was pay.Binding) error {
	return t.countUses(unuseBinding, b, was)
}

func (t *tx) countUses(text string, b, was pay.Binding) error {
	return t.swap(text, int64(b.Key), b.Uses, b.UsedDay, b.UsedCount, int64(b.UsedAmount),
		was.Uses, was.UsedDay, was.UsedCount, int64(was.UsedAmount))
}

const lapseBindings = `
UPDATE bindings SET state = 'lapsed', closed_at = $1
WHERE state = 'pending' AND id IN (
	SELECT id FROM bindings WHERE state = 'pending' AND confirm_by <= $1
		AND NOT EXISTS (SELECT 1 FROM charges c WHERE c.binding_id = bindings.id AND c.binding_id <> 0 AND c.closed_at IS NULL)
	ORDER BY confirm_by LIMIT $2)`

// LapseBindings closes bindings that nobody confirmed in time. One whose card a
// bank is looking at waits for the bank.
func (t *tx) LapseBindings(_ context.Context, now time.Time, n int) (int, error) {
	closed, err := t.exec(lapseBindings, micros(now), int64(n))
	return int(closed), err
}

const bindingsOfWallet = `
SELECT ` + bindingColumns + ` FROM bindings WHERE wallet_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`

// BindingsOfWallet returns at most n bindings of the wallet older than before,
// the newest first.
func (s *Store) BindingsOfWallet(ctx context.Context, w pay.WalletID, before pay.BindingKey, n int) (all []pay.Binding, err error) {
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(bindingsOfWallet, []any{int64(w), int64(before), int64(n)}, func(scan func(...any) error) error {
			b, err := scanBinding(scan)
			all = append(all, b)
			return err
		})
	})
	return all, err
}
