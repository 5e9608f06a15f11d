package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sen/internal/pay"
)

const cardColumns = `id, fingerprint, sealed, masked, scheme, bank_code, expiry, created_at, deleted_at`

const cardByID = `SELECT ` + cardColumns + ` FROM cards WHERE id = $1`

// Card returns the stored card.
func (t *tx) Card(_ context.Context, id pay.CardID) (c pay.Card, err error) {
	err = t.row(cardByID, []any{int64(id)}, &c.ID, &c.Fingerprint, &c.Sealed, &c.Masked, &c.Scheme, &c.BankCode,
		&c.Expiry, instant{&c.CreatedAt}, instant{&c.DeletedAt})
	if errors.Is(err, sql.ErrNoRows) {
		err = pay.ErrCardNotFound
	}
	return c, err
}

const insertCard = `INSERT INTO cards (` + cardColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

// InsertCard keeps a card.
func (t *tx) InsertCard(_ context.Context, c pay.Card) error {
	_, err := t.exec(insertCard, int64(c.ID), c.Fingerprint, c.Sealed, c.Masked, c.Scheme, c.BankCode, c.Expiry,
		micros(c.CreatedAt), micros(c.DeletedAt))
	return err
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
