package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sen/internal/pay"
)

const cardColumns = `id, fingerprint, sealed, masked, scheme, bank_code, expiry, created_at, deleted_at,
	wallet_id, used_at`

func scanCard(scan func(...any) error) (c pay.Card, err error) {
	err = scan(&c.ID, &c.Fingerprint, &c.Sealed, &c.Masked, &c.Scheme, &c.BankCode, &c.Expiry,
		instant{&c.CreatedAt}, instant{&c.DeletedAt}, &c.Wallet, instant{&c.UsedAt})
	if errors.Is(err, sql.ErrNoRows) {
		err = pay.ErrCardNotFound
	}
	return c, err
}

const cardByID = `SELECT ` + cardColumns + ` FROM cards WHERE id = $1`

// Card returns the stored card.
func (t *tx) Card(_ context.Context, id pay.CardID) (pay.Card, error) {
	return scanCard(func(dest ...any) error { return t.row(cardByID, []any{int64(id)}, dest...) })
}

const walletCards = `
SELECT ` + cardColumns + ` FROM cards
WHERE wallet_id = $1 AND wallet_id <> 0 AND deleted_at IS NULL ORDER BY used_at DESC, id DESC`

// WalletCards returns the cards that are linked to a wallet, the one that was
// used last first.
func (t *tx) WalletCards(_ context.Context, w pay.WalletID) (all []pay.Card, err error) {
	err = t.rows(walletCards, []any{int64(w)}, func(scan func(...any) error) error {
		c, err := scanCard(scan)
		all = append(all, c)
		return err
	})
	return all, err
}

const insertCard = `INSERT INTO cards (` + cardColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (id) DO NOTHING`

// InsertCard keeps a card, unless its key is taken.
func (t *tx) InsertCard(_ context.Context, c pay.Card) (bool, error) {
	n, err := t.exec(insertCard, int64(c.ID), c.Fingerprint, c.Sealed, c.Masked, c.Scheme, c.BankCode, c.Expiry,
		micros(c.CreatedAt), micros(c.DeletedAt), int64(c.Wallet), micros(c.UsedAt))
	return n == 1, err
}

const linkCard = `
UPDATE cards SET wallet_id = $2, used_at = $3 WHERE id = $1 AND wallet_id = 0 AND deleted_at IS NULL`

// LinkCard gives a card that is nobody's yet to a wallet.
func (t *tx) LinkCard(_ context.Context, id pay.CardID, w pay.WalletID, at time.Time) error {
	return t.swap(linkCard, int64(id), int64(w), micros(at))
}

const useCard = `UPDATE cards SET used_at = $3 WHERE id = $1 AND wallet_id = $2 AND deleted_at IS NULL`

// UseCard notes when a card was used that is still linked to the wallet.
func (t *tx) UseCard(_ context.Context, id pay.CardID, w pay.WalletID, at time.Time) error {
	return t.swap(useCard, int64(id), int64(w), micros(at))
}

const unlinkCard = `
UPDATE cards SET sealed = NULL, fingerprint = '', deleted_at = $3
WHERE id = $1 AND wallet_id = $2 AND wallet_id <> 0 AND deleted_at IS NULL`

// UnlinkCard removes the number of a card that is still linked to the wallet.
func (t *tx) UnlinkCard(_ context.Context, id pay.CardID, w pay.WalletID, at time.Time) error {
	return t.swap(unlinkCard, int64(id), int64(w), micros(at))
}

const deleteCard = `UPDATE cards SET sealed = NULL, fingerprint = '', deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL`

// DeleteCard removes the number of a card; deleting it twice changes nothing.
func (t *tx) DeleteCard(_ context.Context, id pay.CardID, at time.Time) error {
	_, err := t.exec(deleteCard, int64(id), micros(at))
	return err
}

const anyCard = `SELECT COUNT(*) FROM (SELECT 1 FROM cards WHERE sealed IS NOT NULL LIMIT 1) AS any_card`

// HasCards reports whether a card number is kept.
func (s *Store) HasCards(ctx context.Context) (bool, error) {
	var n int64
	err := s.view(ctx, func(t *tx) error { return t.row(anyCard, nil, &n) })
	return n > 0, err
}
