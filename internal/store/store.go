// Package store keeps everything in a database. It is the only package that
// knows SQL: one text for every engine, written beside the method that runs
// it, with $1 for the first argument.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"sen/internal/pay"
)

// Store is an open database.
type Store struct {
	db      *sql.DB
	readers chan *session
	commits *committer
}

var _ pay.Store = (*Store)(nil)

// maxRuns bounds how often a function is run again after it lost a race. A
// loser waits a little longer each time, so ten losses in a row mean that
// something is wrong.
const maxRuns = 10

// Update runs fn in a transaction and returns when what it wrote is on disk.
// When fn fails nothing of it is kept. fn may run more than once.
func (s *Store) Update(ctx context.Context, fn func(pay.Tx) error) error {
	return s.update(ctx, func(t *tx) error { return fn(t) })
}

func (s *Store) update(ctx context.Context, fn func(*tx) error) error {
	for run := range maxRuns {
		err := s.commits.do(ctx, fn)
		if !errors.Is(err, pay.ErrStale) {
			return err
		}
		time.Sleep(time.Duration(rand.Int64N(int64(run+1) * int64(time.Millisecond)))) //nolint:gosec // a pause, not a secret
	}
	return fmt.Errorf("gave up after %d runs: %w", maxRuns, pay.ErrStale)
}

// View runs fn over one consistent state of the data.
func (s *Store) View(ctx context.Context, fn func(pay.Reader) error) error {
	return s.view(ctx, func(t *tx) error { return fn(t) })
}

func (s *Store) view(ctx context.Context, fn func(*tx) error) error {
	select {
	case r, ok := <-s.readers:
		if !ok {
			return ErrClosed
		}
		defer func() { s.readers <- r }()
		return r.view(fn)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ErrClosed is returned after Close.
var ErrClosed = errors.New("the store is closed")

// Close waits for the transactions that are under way and closes the file.
func (s *Store) Close() error {
	s.commits.close()
	for range cap(s.readers) {
		<-s.readers
	}
	close(s.readers)
	return s.db.Close()
}

// A session is one connection with its prepared statements. It is used by one
// goroutine at a time.
type session struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

// background is the context of every statement on the embedded engine: there
// is no network to wait for, and a context that can end costs a goroutine per
// query.
var background = context.Background()

func newSession(db *sql.DB) (*session, error) {
	conn, err := db.Conn(background)
	if err != nil {
		return nil, err
	}
	return &session{conn: conn, stmts: map[string]*sql.Stmt{}}, nil
}

// stmt prepares a text once per connection. The engines that we know agree on
// ?1 but not on what $1 means, so that is changed here, once.
func (s *session) stmt(text string) (*sql.Stmt, error) {
	if st, ok := s.stmts[text]; ok {
		return st, nil
	}
	st, err := s.conn.PrepareContext(background, strings.ReplaceAll(text, "$", "?")) //nolint:sqlclosecheck // lives as long as the connection
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", text, err)
	}
	s.stmts[text] = st
	return st, nil
}

func (s *session) exec(text string, args ...any) (int64, error) {
	st, err := s.stmt(text)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(background, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// row scans the only row of a query, or returns sql.ErrNoRows.
func (s *session) row(text string, args []any, dest ...any) error {
	st, err := s.stmt(text)
	if err != nil {
		return err
	}
	return st.QueryRowContext(background, args...).Scan(dest...)
}

// rows calls each with every row's Scan, in order.
func (s *session) rows(text string, args []any, each func(scan func(...any) error) error) error {
	st, err := s.stmt(text)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(background, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *session) view(fn func(*tx) error) error {
	if _, err := s.exec("BEGIN"); err != nil {
		return err
	}
	err := fn(&tx{s})
	_, end := s.exec("ROLLBACK")
	return errors.Join(err, end)
}

// tx is a transaction under way.
type tx struct{ *session }

var _ pay.Tx = (*tx)(nil)

// swap runs a write that must change one row. None means that the row is no
// longer as it was read.
func (t *tx) swap(text string, args ...any) error {
	n, err := t.exec(text, args...)
	if err == nil && n == 0 {
		err = pay.ErrStale
	}
	return err
}

// micros is how a time is stored; a zero time is NULL.
func micros(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UnixMicro()
}

// instant reads what micros wrote.
type instant struct{ at *time.Time }

// Scan implements sql.Scanner.
func (i instant) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*i.at = time.Time{}
	case int64:
		*i.at = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("a time is stored as %T", v)
	}
	return nil
}
