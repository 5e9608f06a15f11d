package store

import (
	"context"
	"encoding/json"
	"time"

	"sen/internal/scenario"
)

const ruleColumns = `id, operation, app_id, match, forced, value, delay, break, calls_left, expires_at`

const allRules = `SELECT ` + ruleColumns + ` FROM rules ORDER BY id`

// Rules returns the rules of a sandbox, the oldest first.
func (s *Store) Rules(ctx context.Context) (all []scenario.Rule, err error) {
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(allRules, nil, func(scan func(...any) error) error {
			var r scenario.Rule
			var match string
			var forced, delay int64
			err := scan(&r.ID, &r.Operation, &r.App, &match, &forced, &r.Effect.Value, &delay, &r.Effect.Break,
				&r.Left, instant{&r.ExpiresAt})
			if err != nil {
				return err
			}
			r.Effect.Forced, r.Effect.Delay = forced != 0, time.Duration(delay)*time.Microsecond
			all = append(all, r)
			return json.Unmarshal([]byte(match), &all[len(all)-1].Match)
		})
	})
	return all, err
}

const insertRule = `INSERT INTO rules (` + ruleColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

// InsertRule adds a rule.
func (s *Store) InsertRule(ctx context.Context, r scenario.Rule) error {
	match, err := json.Marshal(r.Match)
	if err != nil {
		return err
	}
	forced := int64(0)
	if r.Effect.Forced {
		forced = 1
	}
	return s.audited(ctx, func(t *tx) error {
		_, err := t.exec(insertRule, r.ID, r.Operation, int64(r.App), string(match), forced, int64(r.Effect.Value),
			r.Effect.Delay.Microseconds(), string(r.Effect.Break), r.Left, micros(r.ExpiresAt))
		return err
	})
}

const takeRule = `UPDATE rules SET calls_left = calls_left - 1 WHERE id = $1 AND calls_left > 0`

// TakeRule uses up one call of a rule and reports whether it had one left.
func (s *Store) TakeRule(ctx context.Context, id int64) (taken bool, err error) {
	err = s.update(ctx, func(t *tx) error {
		n, err := t.exec(takeRule, id)
		taken = n == 1
		return err
	})
	return taken, err
}

const (
	deleteRule     = `DELETE FROM rules WHERE id = $1`
	deleteAllRules = `DELETE FROM rules`
)

// DeleteRule removes a rule and reports whether there was one.
func (s *Store) DeleteRule(ctx context.Context, id int64) (found bool, err error) {
	err = s.audited(ctx, func(t *tx) error {
		n, err := t.exec(deleteRule, id)
		found = n > 0
		return err
	})
	return found, err
}

// DeleteRules removes all rules.
func (s *Store) DeleteRules(ctx context.Context) error {
	return s.audited(ctx, func(t *tx) error {
		_, err := t.exec(deleteAllRules)
		return err
	})
}
