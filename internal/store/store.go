// Package store keeps everything in a database. It is the only package that
// knows SQL: one text for every engine, written beside the method that runs
// it, with $1 for the first argument.
package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"sen/internal/pay"
)

// Store is an open database.
type Store struct {
	readers chan *connection
	commits *committer
	release func() error // gives the data directory back
	once    sync.Once
	closed  error // what Close returned
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
	// Not ErrStale itself: to a caller it would look like a refusal.
	return fmt.Errorf("gave up: the data changed under %d runs", maxRuns)
}

// View runs fn over one consistent state of the data.
func (s *Store) View(ctx context.Context, fn func(pay.Reader) error) error {
	return s.view(ctx, func(t *tx) error { return fn(t) })
}

func (s *Store) view(ctx context.Context, fn func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err // select would toss a coin
	}
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

// Close waits for the transactions that are under way and closes the file. To
// close again does nothing.
func (s *Store) Close() error {
	s.once.Do(func() { s.closed = s.close() })
	return s.closed
}

func (s *Store) close() error {
	err := s.commits.close()
	for range cap(s.readers) {
		r := <-s.readers
		err = errors.Join(err, r.close())
	}
	close(s.readers)
	return errors.Join(err, s.release())
}

// tx is a transaction under way.
type tx struct{ *connection }

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
