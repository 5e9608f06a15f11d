package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sen/internal/merchant"
	"sen/internal/pay"
)

const orderColumns = `id, app_id, app_trans_id, app_user, app_time, amount, description, title, item,
	embed_data, bank_code, callback_url, redirect_url, extra, token, state, failure, payment,
	created_at, expires_at, closed_at, api_version`

func scanOrder(scan func(...any) error) (o pay.Order, err error) {
	err = scan(&o.Key, &o.App, &o.AppTransID, &o.AppUser, instant{&o.AppTime}, &o.Amount,
		&o.Description, &o.Title, &o.Item, &o.EmbedData, &o.BankCode, &o.CallbackURL, &o.RedirectURL,
		&o.Extra, &o.Token, &o.State, &o.Failure, &o.Payment,
		instant{&o.CreatedAt}, instant{&o.ExpiresAt}, instant{&o.ClosedAt}, &o.Version)
	if errors.Is(err, sql.ErrNoRows) {
		err = pay.ErrOrderNotFound
	}
	return o, err
}

func (t *tx) order(text string, args ...any) (pay.Order, error) {
	return scanOrder(func(dest ...any) error { return t.row(text, args, dest...) })
}

const orderByKey = `SELECT ` + orderColumns + ` FROM orders WHERE id = $1`

// Order returns the order with that key.
func (t *tx) Order(_ context.Context, key pay.OrderKey) (pay.Order, error) {
	return t.order(orderByKey, int64(key))
}

const orderByTransID = `SELECT ` + orderColumns + ` FROM orders WHERE app_id = $1 AND app_trans_id = $2`

// OrderByTransID returns the app's order.
func (t *tx) OrderByTransID(_ context.Context, app merchant.ID, appTransID string) (pay.Order, error) {
	return t.order(orderByTransID, int64(app), appTransID)
}

const insertOrder = `
INSERT INTO orders (` + orderColumns + `)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
ON CONFLICT DO NOTHING`

// InsertOrder adds an order unless its key or its app_trans_id is taken.
func (t *tx) InsertOrder(_ context.Context, o pay.Order) (bool, error) {
	n, err := t.exec(insertOrder, int64(o.Key), int64(o.App), o.AppTransID, o.AppUser, micros(o.AppTime),
		int64(o.Amount), o.Description, o.Title, o.Item, o.EmbedData, o.BankCode, o.CallbackURL,
		o.RedirectURL, o.Extra, o.Token, string(o.State), string(o.Failure), o.Payment,
		micros(o.CreatedAt), micros(o.ExpiresAt), micros(o.ClosedAt), int64(o.Version))
	return n == 1, err
}

const moveOrder = `
UPDATE orders SET state = $3, failure = $4, payment = $5, closed_at = $6
WHERE id = $1 AND state = $2`

// MoveOrder writes what changes in the life of an order.
func (t *tx) MoveOrder(_ context.Context, o pay.Order, from pay.OrderState) error {
	return t.swap(moveOrder, int64(o.Key), string(from), string(o.State), string(o.Failure), o.Payment, micros(o.ClosedAt))
}

const expireOrders = `
UPDATE orders SET state = 'expired', closed_at = $1
WHERE state = 'created' AND id IN (
	SELECT id FROM orders WHERE state = 'created' AND expires_at <= $1 ORDER BY expires_at LIMIT $2)`

// ExpireOrders closes orders whose time is up.
func (t *tx) ExpireOrders(_ context.Context, now time.Time, n int) (int, error) {
	closed, err := t.exec(expireOrders, micros(now), int64(n))
	return int(closed), err
}
