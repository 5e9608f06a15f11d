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
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"sen/internal/ledger"
	"sen/internal/pay"
)

// Store is an open database.
type Store struct {
	engine engine
	once   sync.Once
	closed error // what Close returned

	keys    atomic.Pointer[ledger.Keys] // of the seals; nil: none are at hand
	secrets atomic.Pointer[secrets]
}

var _ pay.Store = (*Store)(nil)

// An engine runs functions in transactions.
type engine interface {
	// update runs fn and returns when what it wrote is durable. It may run fn
	// more than once, and returns pay.ErrStale when fn lost a race.
	update(ctx context.Context, fn func(*tx) error) error
	// view runs fn over one consistent state. What fn reads is small.
	view(ctx context.Context, fn func(*tx) error) error
	// glance is view that may miss, for a moment, what other processes have
	// written that do not serve: rows that only they change are not read so.
	glance(ctx context.Context, fn func(*tx) error) error
	// scan is view for reads that may be long.
	scan(ctx context.Context, fn func(*tx) error) error
	// abreast is scan with several transactions, n of them at the most, which all see
	// the same state. Each may be used by one goroutine at a time.
	abreast(ctx context.Context, n int, fn func([]*tx) error) error
	// schema is a query for the name of each table and, in their order, of each
	// of its columns.
	schema() string
	// seal has the entries of updates sealed in the chain from now on.
	seal(c *chain)
	// shards is over how many key ranges new rows should spread.
	shards() int64
	counted() *Metrics
	// queued is how many writes wait for a batch, and reads if those do.
	queued() (writes, reads int)
	close() error
}

// Serve opens a database for a process that serves from it and brings its
// tables up to date. The database is a directory, which is made when it is not
// there and serves one process, or the URL of a server that speaks
// PostgreSQL's protocol, for any number of processes.
func Serve(ctx context.Context, database string) (*Store, error) {
	s, err := serve(ctx, database)
	return whole(ctx, s, err)
}

// whole refuses a database that a copy was being made into.
func whole(ctx context.Context, s *Store, err error) (*Store, error) {
	if err != nil {
		return nil, err
	}
	half, err := s.Setting(ctx, copySetting)
	if err == nil && half != "" {
		err = ErrHalfCopied
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func serve(ctx context.Context, database string) (*Store, error) {
	if IsServer(database) {
		return connect(ctx, database, bringUp)
	}
	return serveDirectory(ctx, database, machine, nil)
}

// Open opens a database beside the processes that serve from it, to look at it
// or to administer it.
func Open(ctx context.Context, database string) (*Store, error) {
	if IsServer(database) {
		return connect(ctx, database, isCurrent)
	}
	return openDirectory(ctx, database)
}

// IsServer reports whether a database is the URL of a server, and no directory.
func IsServer(database string) bool {
	return strings.HasPrefix(database, "postgres://") || strings.HasPrefix(database, "postgresql://")
}

// Name is how a database is called in messages: its directory, or the URL of
// its server without what it takes to get in.
func Name(database string) string {
	if !IsServer(database) {
		return database
	}
	config, err := pgconn.ParseConfig(database)
	if err != nil {
		return "the database server"
	}
	return address(config)
}

// Shards is over how many key ranges new rows should spread; see id.Source.
func (s *Store) Shards() int64 { return s.engine.shards() }

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
		err := s.engine.update(ctx, fn)
		if !errors.Is(err, pay.ErrStale) {
			return err
		}
		s.engine.counted().Stale.Inc()
		time.Sleep(jitter(1<<min(run, 6) - 1))
	}
	// Not ErrStale itself: to a caller it would look like a refusal.
	return fmt.Errorf("gave up: the data changed under %d runs", maxRuns)
}

// jitter is how long to wait after losing a race for the nth time, from 0.
func jitter(n int) time.Duration {
	return time.Duration(rand.Int64N(int64(n+1) * int64(time.Millisecond))) //nolint:gosec // a pause, not a secret
}

// View runs fn over one consistent state of the data.
func (s *Store) View(ctx context.Context, fn func(pay.Reader) error) error {
	return s.engine.glance(ctx, func(t *tx) error { return fn(t) })
}

func (s *Store) view(ctx context.Context, fn func(*tx) error) error {
	return s.engine.view(ctx, fn)
}

// ErrClosed is returned after Close.
var ErrClosed = errors.New("the store is closed")

// Close waits for the transactions that are under way and closes the database.
// To close again does nothing.
func (s *Store) Close() error {
	s.once.Do(func() { s.closed = s.engine.close() })
	return s.closed
}

// A session runs the statements of one transaction. Arguments are int64,
// string, []byte or nil.
type session interface {
	// exec runs a statement and returns how many rows it changed.
	exec(text string, args ...any) (int64, error)
	// rows calls each with every row's scan, in order.
	rows(text string, args []any, each func(scan func(...any) error) error) error
	// guard is exec for a write that depends on nothing that the transaction
	// owes; see owe.
	guard(text string, args ...any) (int64, error)
	// owe runs a write that must change a row, at the latest when the
	// transaction ends or reads. When it changes none, the transaction fails
	// with missed: here, or then. What nobody waits for can share a round trip
	// with what comes after it.
	owe(missed error, text string, args ...any) error
}

// tx is a transaction under way.
type tx struct {
	session
	posted []posted // what it entered in the ledger
}

var _ pay.Tx = (*tx)(nil)

// row scans the first row of a query, or returns sql.ErrNoRows. The statement
// is run to its end all the same: an INSERT … RETURNING is only then done.
func (t *tx) row(text string, args []any, dest ...any) error {
	found := false
	err := t.rows(text, args, func(scan func(...any) error) error {
		if found {
			return nil
		}
		found = true
		return scan(dest...)
	})
	if err == nil && !found {
		err = sql.ErrNoRows
	}
	return err
}

// guarded runs a function of a transaction. A panic is its error: whoever
// shares the transaction has done nothing wrong.
func guarded(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a transaction: %v\n%s", p, debug.Stack())
		}
	}()
	return fn()
}

// swap runs a write that must change one row. None means that the row is no
// longer as it was read.
func (t *tx) swap(text string, args ...any) error {
	return t.owe(pay.ErrStale, text, args...)
}

var errNotInserted = errors.New("a row was not inserted")

// insert adds a row that can't be there yet.
func (t *tx) insert(text string, args ...any) error {
	return t.owe(errNotInserted, text, args...)
}

// micros is how a time is stored; a zero time is NULL.
func micros(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UnixMicro()
}

// instant is where a column of micros goes; NULL is the zero time.
type instant struct{ at *time.Time }
