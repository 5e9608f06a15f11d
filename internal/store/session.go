package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

const sessionByToken = `SELECT data FROM sessions WHERE token = $1 AND expires_at > $2`

// Session returns the data of a session that has not ended at now.
func (s *Store) Session(ctx context.Context, token string, now time.Time) (data []byte, found bool, err error) {
	err = s.view(ctx, func(t *tx) error {
		err := t.row(sessionByToken, []any{token, micros(now)}, &data)
		found = err == nil
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return data, found, err
}

const putSession = `
INSERT INTO sessions (token, data, expires_at) VALUES ($1, $2, $3)
ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`

// PutSession writes a session.
func (s *Store) PutSession(ctx context.Context, token string, data []byte, expires time.Time) error {
	return s.update(ctx, func(t *tx) error {
		_, err := t.exec(putSession, token, data, micros(expires))
		return err
	})
}

const deleteSession = `DELETE FROM sessions WHERE token = $1`

// DeleteSession removes a session if it is there.
func (s *Store) DeleteSession(ctx context.Context, token string) error {
	return s.update(ctx, func(t *tx) error {
		_, err := t.exec(deleteSession, token)
		return err
	})
}

const deleteExpiredSessions = `
DELETE FROM sessions WHERE token IN (
	SELECT token FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)`

// DeleteExpiredSessions removes a batch of the sessions that had ended at now
// and reports whether there may be more.
func (s *Store) DeleteExpiredSessions(ctx context.Context, now time.Time) (more bool, err error) {
	const batch = 500
	err = s.update(ctx, func(t *tx) error {
		n, err := t.exec(deleteExpiredSessions, micros(now), int64(batch))
		more = n == batch
		return err
	})
	return more, err
}
