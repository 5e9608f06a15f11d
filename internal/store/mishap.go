package store

import (
	"context"
	"time"

	"sen/internal/callback"
	"sen/internal/merchant"
	"sen/internal/mishap"
)

const callbackRuleColumns = `id, app_id, subject, trans_id, kind, delay, calls_left, expires_at`

const allCallbackRules = `SELECT ` + callbackRuleColumns + ` FROM callback_rules ORDER BY id`

// CallbackRules returns the rules of a sandbox for its callbacks, the oldest
// first, also those that are used up.
func (s *Store) CallbackRules(ctx context.Context) (all []mishap.Rule, err error) {
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(allCallbackRules, nil, func(scan func(...any) error) error {
			var r mishap.Rule
			var delay int64
			err := scan(&r.ID, &r.App, &r.Subject, &r.TransID, &r.Kind, &delay, &r.Left, instant{&r.ExpiresAt})
			r.Delay = time.Duration(delay) * time.Microsecond
			all = append(all, r)
			return err
		})
	})
	return all, err
}

const insertCallbackRule = `INSERT INTO callback_rules (` + callbackRuleColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

// InsertCallbackRule adds a rule.
func (s *Store) InsertCallbackRule(ctx context.Context, r mishap.Rule) error {
	return s.configure(ctx, func(t *tx) error {
		return t.insert(insertCallbackRule, r.ID, int64(r.App), string(r.Subject), r.TransID, string(r.Kind),
			r.Delay.Microseconds(), r.Left, micros(r.ExpiresAt))
	})
}

const takeCallbackRule = `UPDATE callback_rules SET calls_left = calls_left - 1 WHERE id = $1 AND calls_left > 0`

// TakeCallbackRule uses up one callback of a rule and reports whether it had one
// left.
func (s *Store) TakeCallbackRule(ctx context.Context, id int64) (taken bool, err error) {
	err = s.update(ctx, func(t *tx) error {
		n, err := t.exec(takeCallbackRule, id)
		taken = n == 1
		return err
	})
	return taken, err
}

const (
	deleteCallbackRule     = `DELETE FROM callback_rules WHERE id = $1`
	deleteAllCallbackRules = `DELETE FROM callback_rules`
)

// DeleteCallbackRule removes a rule and reports whether there was one. What it
// holds goes when its time has come.
func (s *Store) DeleteCallbackRule(ctx context.Context, id int64) (found bool, err error) {
	err = s.configure(ctx, func(t *tx) error {
		n, err := t.exec(deleteCallbackRule, id)
		found = n > 0
		return err
	})
	return found, err
}

// DeleteCallbackRules removes all rules.
func (s *Store) DeleteCallbackRules(ctx context.Context) error {
	return s.configure(ctx, func(t *tx) error {
		_, err := t.exec(deleteAllCallbackRules)
		return err
	})
}

const heldBefore = `SELECT COUNT(*) FROM attempts WHERE delivery_id = $1 AND rule_id = $2 AND outcome = 'held'`

// HeldBefore reports whether a delivery was held by a rule already.
func (s *Store) HeldBefore(ctx context.Context, d callback.ID, rule int64) (bool, error) {
	return s.anyOf(ctx, heldBefore, int64(d), rule)
}

// What is held has had no attempt since.
const holdsNow = `
SELECT COUNT(*) FROM attempts a JOIN deliveries d ON d.id = a.delivery_id
WHERE a.rule_id = $1 AND a.rule_id <> 0 AND a.outcome = 'held' AND a.n = d.attempts AND d.state = 'due'`

// HoldsNow reports whether a rule holds any delivery at the moment.
func (s *Store) HoldsNow(ctx context.Context, rule int64) (bool, error) {
	return s.anyOf(ctx, holdsNow, rule)
}

func (s *Store) anyOf(ctx context.Context, text string, args ...any) (bool, error) {
	var n int64
	err := s.view(ctx, func(t *tx) error { return t.row(text, args, &n) })
	return n > 0, err
}

const letGo = `
UPDATE deliveries SET due_at = $3
WHERE app_id = $1 AND id <> $2 AND state = 'due' AND due_at > $3 AND EXISTS (
	SELECT 1 FROM attempts a
	WHERE a.delivery_id = deliveries.id AND a.n = deliveries.attempts AND a.outcome = 'held' AND a.mishap = 'reorder')`

// LetGo makes due at now what waits for the app's next callback, which but is.
func (s *Store) LetGo(ctx context.Context, app merchant.ID, but callback.ID, now time.Time) error {
	return s.update(ctx, func(t *tx) error {
		_, err := t.exec(letGo, int64(app), int64(but), micros(now))
		return err
	})
}

const orderExpiry = `SELECT expires_at FROM orders WHERE id = $1`

// OrderExpiry returns when an order expires, or would have if it were not paid.
func (s *Store) OrderExpiry(ctx context.Context, key int64) (at time.Time, err error) {
	err = s.view(ctx, func(t *tx) error { return t.row(orderExpiry, []any{key}, instant{&at}) })
	return at, err
}
