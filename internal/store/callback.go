package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sen/internal/callback"
)

const deliveryColumns = `id, app_id, subject, order_id, url, body, state, attempts, round, created_at, due_at, cause`

func scanDelivery(scan func(...any) error) (d callback.Delivery, err error) {
	err = scan(&d.ID, &d.App, &d.Subject, &d.Order, &d.URL, &d.Body, &d.State, &d.Attempts, &d.Round,
		instant{&d.CreatedAt}, instant{&d.DueAt}, &d.Cause)
	if errors.Is(err, sql.ErrNoRows) {
		err = callback.ErrNotFound
	}
	return d, err
}

const insertDelivery = `
INSERT INTO deliveries (` + deliveryColumns + `, leased_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0)
ON CONFLICT (id) DO NOTHING`

// InsertDelivery owes a merchant a call, under the delivery's id or, when that is
// taken, the next one that is free.
func (t *tx) InsertDelivery(_ context.Context, d callback.Delivery) error {
	return nextFree(int64(d.ID), func(id int64) (int64, error) {
		return t.exec(insertDelivery, id, int64(d.App), string(d.Subject), d.Order, d.URL, d.Body,
			string(d.State), int64(d.Attempts), int64(d.Round), micros(d.CreatedAt), micros(d.DueAt), d.Cause)
	})
}

// Counting the attempt at the claim is what fences off a worker that comes
// back after its lease is over: its count is then no longer the delivery's.
const claimDeliveries = `
UPDATE deliveries SET attempts = attempts + 1, round = round + 1, leased_until = $3
WHERE state = 'due' AND due_at <= $1 AND leased_until <= $2 AND id IN (
	SELECT id FROM deliveries
	WHERE due_at IS NOT NULL AND due_at <= $1 AND leased_until <= $2
	ORDER BY due_at LIMIT $4)
RETURNING ` + deliveryColumns

const anyDue = `
SELECT COUNT(*) FROM (SELECT 1 FROM deliveries
WHERE due_at IS NOT NULL AND due_at <= $1 AND leased_until <= $2 LIMIT 1) AS due`

// ClaimDeliveries takes at most n deliveries that are due at now, in business
// time, for the length of a lease from the machine's time.
func (s *Store) ClaimDeliveries(ctx context.Context, now, machine time.Time, lease time.Duration, n int) (claimed []callback.Delivery, err error) {
	// Most looks find nothing, and a read disturbs nobody.
	var due int
	err = s.view(ctx, func(t *tx) error {
		return t.row(anyDue, []any{micros(now), micros(machine)}, &due)
	})
	if err != nil || due == 0 {
		return nil, err
	}
	err = s.update(ctx, func(t *tx) error {
		claimed = nil
		args := []any{micros(now), micros(machine), micros(machine.Add(lease)), int64(n)}
		return t.rows(claimDeliveries, args, func(scan func(...any) error) error {
			d, err := scanDelivery(scan)
			claimed = append(claimed, d)
			return err
		})
	})
	return claimed, err
}

const attemptColumns = `delivery_id, n, at, took, status, answer, error, outcome, rule_id, mishap, sent`

const insertAttempt = `
INSERT INTO attempts (` + attemptColumns + `)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (delivery_id, n) DO NOTHING`

// What a rule held was no try: it does not count in the round. The copies that a
// rule made count as attempts.
const settleDelivery = `
UPDATE deliveries SET state = $3, due_at = $4, leased_until = 0, attempts = attempts + $5, round = round - $6
WHERE id = $1 AND attempts = $2 AND state = 'due' AND round > 0`

// SettleDelivery records the attempts of a claim, of which there is one unless a
// rule made copies, and what becomes of their delivery. Of a delivery that was
// claimed again or replayed meanwhile, only the attempts are recorded, and of
// these not more than were counted.
func (s *Store) SettleDelivery(ctx context.Context, all []callback.Attempt, state callback.State, due time.Time) error {
	first := all[0]
	held := int64(0)
	if first.Outcome == callback.Held {
		held = 1
	}
	return s.update(ctx, func(t *tx) error {
		if len(all) == 1 {
			if err := t.oweAttempt(first); err != nil {
				return err
			}
			return t.owe(nil, settleDelivery, int64(first.Delivery), int64(first.N), string(state), micros(due), int64(0), held)
		}
		n, err := t.exec(settleDelivery, int64(first.Delivery), int64(first.N), string(state), micros(due), int64(len(all)-1), held)
		if err != nil {
			return err
		}
		if n == 0 {
			return t.oweAttempt(first)
		}
		for _, a := range all {
			if err := t.oweAttempt(a); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) oweAttempt(a callback.Attempt) error {
	var sent any
	if a.Sent != nil {
		sent = a.Sent
	}
	return t.owe(nil, insertAttempt, int64(a.Delivery), int64(a.N), micros(a.At), a.Took.Microseconds(),
		int64(a.Status), a.Answer, a.Err, string(a.Outcome), a.Rule, a.Mishap, sent)
}

const (
	releaseDeliveries = `UPDATE deliveries SET leased_until = 0 WHERE due_at IS NOT NULL AND leased_until > 0`
	releaseRefunds    = `UPDATE refunds SET leased_until = 0 WHERE due_at IS NOT NULL AND leased_until > 0`
	releaseCharges    = `UPDATE charges SET leased_until = 0 WHERE due_at IS NOT NULL AND leased_until > 0`
)

// ReleaseLeases frees what a process that is gone had claimed. Only the one
// process that serves from an embedded database may call it: what another one
// has claimed is being worked on.
func (s *Store) ReleaseLeases(ctx context.Context) error {
	return s.update(ctx, func(t *tx) error {
		for _, text := range []string{releaseDeliveries, releaseRefunds, releaseCharges} {
			if _, err := t.exec(text); err != nil {
				return err
			}
		}
		return nil
	})
}

const replayDelivery = `
UPDATE deliveries SET state = 'due', due_at = $2, round = 0, url = $3, leased_until = 0 WHERE id = $1`

const deliveryByID = `SELECT ` + deliveryColumns + ` FROM deliveries WHERE id = $1`

// ReplayDelivery makes a delivery due again with a fresh round of attempts, to
// another URL if one is given.
func (s *Store) ReplayDelivery(ctx context.Context, id callback.ID, now time.Time, url string) (d callback.Delivery, err error) {
	err = s.audited(ctx, func(t *tx) (err error) {
		d, err = t.delivery(id)
		if err != nil {
			return err
		}
		if url != "" {
			d.URL = url
		}
		if d.URL == "" {
			return callback.ErrNoURL
		}
		d.State, d.DueAt = callback.Due, now
		return t.swap(replayDelivery, int64(id), micros(now), d.URL)
	})
	return d, err
}

const deliveriesBefore = `
SELECT ` + deliveryColumns + ` FROM deliveries WHERE id < $1 ORDER BY id DESC LIMIT $2`

const deliveriesOfOrder = `
SELECT ` + deliveryColumns + ` FROM deliveries WHERE order_id = $1 ORDER BY id`

// Deliveries returns at most n deliveries older than before, newest first.
func (s *Store) Deliveries(ctx context.Context, before callback.ID, n int) ([]callback.Delivery, error) {
	return s.deliveries(ctx, deliveriesBefore, int64(before), int64(n))
}

// DeliveriesOfOrder returns every delivery about the order, or the binding, with
// that key, oldest first.
func (s *Store) DeliveriesOfOrder(ctx context.Context, order int64) ([]callback.Delivery, error) {
	return s.deliveries(ctx, deliveriesOfOrder, order)
}

func (s *Store) deliveries(ctx context.Context, text string, args ...any) (all []callback.Delivery, err error) {
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(text, args, func(scan func(...any) error) error {
			d, err := scanDelivery(scan)
			all = append(all, d)
			return err
		})
	})
	return all, err
}

const attemptsOf = `
SELECT ` + attemptColumns + ` FROM attempts WHERE delivery_id = $1 ORDER BY n`

// Delivery returns one delivery, or callback.ErrNotFound.
func (s *Store) Delivery(ctx context.Context, id callback.ID) (d callback.Delivery, err error) {
	err = s.view(ctx, func(t *tx) (err error) {
		d, err = t.delivery(id)
		return err
	})
	return d, err
}

// Attempts returns what came of each call of a delivery, oldest first.
func (s *Store) Attempts(ctx context.Context, id callback.ID) (all []callback.Attempt, err error) {
	err = s.view(ctx, func(t *tx) (err error) {
		all, err = t.attempts(id)
		return err
	})
	return all, err
}

// DeliveryHistory returns both as they are at one moment: read one after the
// other, the state could be older than the attempts.
func (s *Store) DeliveryHistory(ctx context.Context, id callback.ID) (d callback.Delivery, all []callback.Attempt, err error) {
	err = s.view(ctx, func(t *tx) (err error) {
		if d, err = t.delivery(id); err != nil {
			return err
		}
		all, err = t.attempts(id)
		return err
	})
	return d, all, err
}

func (t *tx) attempts(id callback.ID) (all []callback.Attempt, err error) {
	err = t.rows(attemptsOf, []any{int64(id)}, func(scan func(...any) error) error {
		var a callback.Attempt
		var took int64
		err := scan(&a.Delivery, &a.N, instant{&a.At}, &took, &a.Status, &a.Answer, &a.Err, &a.Outcome, &a.Rule, &a.Mishap, &a.Sent)
		a.Took = time.Duration(took) * time.Microsecond
		all = append(all, a)
		return err
	})
	return all, err
}

func (t *tx) delivery(id callback.ID) (callback.Delivery, error) {
	return scanDelivery(func(dest ...any) error { return t.row(deliveryByID, []any{int64(id)}, dest...) })
}
