package store

import (
	"context"
	"database/sql"
	"errors"
)

const settingByName = `SELECT value FROM settings WHERE name = $1`

// Setting returns the value under that name, or "".
func (s *Store) Setting(ctx context.Context, name string) (value string, err error) {
	err = s.view(ctx, func(t *tx) error {
		err := t.row(settingByName, []any{name}, &value)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return value, err
}

const setSetting = `
INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`

// SetSetting writes the value under that name.
func (s *Store) SetSetting(ctx context.Context, name, value string) error {
	return s.audited(ctx, func(t *tx) error {
		_, err := t.exec(setSetting, name, value)
		return err
	})
}

const insertSetting = `INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`

// EnsureSetting writes the value under that name if there is none yet, and
// returns the one that is there.
func (s *Store) EnsureSetting(ctx context.Context, name, value string) (kept string, err error) {
	err = s.update(ctx, func(t *tx) error {
		if _, err := t.exec(insertSetting, name, value); err != nil {
			return err
		}
		return t.row(settingByName, []any{name}, &kept)
	})
	return kept, err
}

const reserveNumbers = `
INSERT INTO numbers (day, next) VALUES ($1, 1 + $2)
ON CONFLICT (day) DO UPDATE SET next = numbers.next + $2
RETURNING next - $2`

// ReserveNumbers takes n numbers of the day and returns the first; the first
// of a day is 1.
func (s *Store) ReserveNumbers(ctx context.Context, day string, n int64) (first int64, err error) {
	err = s.update(ctx, func(t *tx) error {
		return t.row(reserveNumbers, []any{day, n}, &first)
	})
	return first, err
}
