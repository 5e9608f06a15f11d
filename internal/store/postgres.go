package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	gooselock "github.com/pressly/goose/v3/lock"
)

// server is a database that speaks PostgreSQL's protocol. Calls that arrive
// together share transactions, statements and round trips: see batch.
type server struct {
	config  *pgconn.Config
	texts   *texts
	writes  *queue
	reads   *queue
	scans   chan *link
	chain   atomic.Pointer[chain]
	since   atomic.Int64 // when it could first not be reached, in micros; 0 while it can
	stop    context.CancelFunc
	swept   chan struct{}
	metrics Metrics
}

// The connections of one process. One lane for writes keeps calls that change
// the same rows in one batch, where they cost nothing, instead of in two
// transactions, where one waits for the other.
const (
	writeLanes = 1
	scanLinks  = 2
)

func readLanes() int { return min(4, max(2, runtime.NumCPU())) }

// Time limits. A server that hangs does not fail by itself, so everything that
// waits for one ends by the clock.
const (
	dialTime  = 3 * time.Second
	batchTime = 10 * time.Second
	scanTime  = 30 * time.Minute
	// patience is how long calls are held while the server can't be reached: a
	// restart goes unnoticed, and in a longer outage nobody waits for nothing.
	patience = 5 * time.Second
)

// serverSettings are asked for at every connection unless the URL says
// otherwise. A transaction whose process stands still gives its rows back.
var serverSettings = map[string]string{
	"application_name":                    "sen",
	"statement_timeout":                   "10000",
	"idle_in_transaction_session_timeout": "5000",
}

// laneSettings are asked for at the connections whose statements find their
// rows by key. A server keeps a plan until it has looked at the table again,
// which takes a minute or more: one made when the table was small would read
// all of it for every batch meanwhile.
var laneSettings = map[string]string{
	"enable_seqscan":   "off", // where there is another way
	"enable_hashjoin":  "off",
	"enable_mergejoin": "off",
	"jit":              "off", // or it would take the above for expensive
}

// connect opens the database behind a URL.
func connect(ctx context.Context, dsn string, prepare func(context.Context, *goose.Provider) error) (*Store, error) {
	config, err := serverConfig(dsn)
	if err != nil {
		return nil, err
	}
	if err := migrateServer(ctx, dsn, prepare); err != nil {
		return nil, fmt.Errorf("open the database at %s: %w", address(config), err)
	}
	e := &server{
		config: config, texts: &texts{by: map[string]*statement{}},
		writes: newQueue(), reads: newQueue(), scans: make(chan *link, scanLinks), swept: make(chan struct{}),
	}
	for range scanLinks {
		e.scans <- &link{server: e}
	}
	e.open(e.writes, writeLanes, "BEGIN", true)
	e.open(e.reads, readLanes(), "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", false)
	sweep, stop := context.WithCancel(context.Background())
	e.stop = stop
	go e.sweep(sweep)
	return &Store{engine: e}, nil
}

// serverConfig reads the URL. What pgx says of a wrong one has no password in it.
func serverConfig(dsn string) (*pgconn.Config, error) {
	config, err := pgconn.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("%w: give --database a URL like postgres://user:password@host:5432/sen", err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = dialTime
	}
	setDefaults(config, serverSettings)
	return config, nil
}

// setDefaults adds settings that the URL does not have.
func setDefaults(c *pgconn.Config, settings map[string]string) {
	for name, value := range settings {
		if _, ok := c.RuntimeParams[name]; !ok {
			c.RuntimeParams[name] = value
		}
	}
}

// address names the server in errors: without what it takes to get in.
func address(c *pgconn.Config) string {
	return (&url.URL{Scheme: "postgres", Host: net.JoinHostPort(c.Host, fmt.Sprint(c.Port)), Path: c.Database}).String()
}

func migrateServer(ctx context.Context, dsn string, prepare func(context.Context, *goose.Provider) error) (err error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*config)
	defer func() { err = errors.Join(err, db.Close()) }()
	one, err := oneAtATime()
	if err != nil {
		return err
	}
	p, err := provider(goose.DialectPostgres, db, "migrations/postgres", goose.WithLocker(one))
	if err != nil {
		return err
	}
	return prepare(ctx, p)
}

// oneAtATime is the lock under which tables change: a row, because not every
// engine that speaks the protocol has locks of another kind.
func oneAtATime() (gooselock.Locker, error) {
	return gooselock.NewPostgresTableLocker(
		gooselock.WithTableLockTimeout(500*time.Millisecond, 240),
		gooselock.WithTableLogger(slog.New(slog.DiscardHandler)),
	)
}

// open starts lanes over a queue.
func (e *server) open(q *queue, n int, begin string, writes bool) {
	for range n {
		l := &lane{link: &link{server: e, settings: laneSettings}, begin: begin, writes: writes}
		watched := &e.metrics.Reads
		if writes {
			watched = &e.metrics.Writes
		}
		q.work(watched.watch(l.run), l.drop)
	}
}

func (e *server) update(ctx context.Context, fn func(*tx) error) error { return e.writes.do(ctx, fn) }

func (e *server) view(ctx context.Context, fn func(*tx) error) error { return e.reads.do(ctx, fn) }

func (e *server) glance(ctx context.Context, fn func(*tx) error) error { return e.view(ctx, fn) }

// abreast gives fn one transaction: it is the server that would do the work of
// several, and it has other work.
func (e *server) abreast(ctx context.Context, _ int, fn func([]*tx) error) error {
	return e.scan(ctx, func(t *tx) error { return fn([]*tx{t}) })
}

// scan has a connection of its own, so that a long read holds nobody up.
func (e *server) scan(ctx context.Context, fn func(*tx) error) error {
	select {
	case l := <-e.scans:
		defer func() { e.scans <- l }()
		return l.scan(ctx, fn)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *server) schema() string {
	return `SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns
		WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position`
}

func (e *server) seal(c *chain) { e.chain.Store(c) }

// shards is as many as the keys have room for: an engine that splits tables by
// key writes to all of its parts at once.
func (e *server) shards() int64 { return 64 }

func (e *server) close() error {
	e.stop()
	<-e.swept
	e.writes.close()
	e.reads.close()
	for range cap(e.scans) {
		(<-e.scans).drop()
	}
	return nil
}

// dial connects, and keeps note of whether that works. warned is called for
// each warning that comes over the connection.
func (e *server) dial(ctx context.Context, settings map[string]string, warned func()) (*pgconn.PgConn, error) {
	config := e.config.Copy()
	setDefaults(config, settings)
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		if n.SeverityUnlocalized == "WARNING" {
			warned()
		}
	}
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		e.metrics.Unreachable.Inc()
		e.since.CompareAndSwap(0, time.Now().UnixMicro())
		return nil, &unreachable{address(e.config), err}
	}
	e.metrics.Connects.Inc()
	e.since.Store(0)
	return conn, nil
}

// away reports whether the server could not be reached for so long that nobody
// should wait for it.
func (e *server) away() bool {
	since := e.since.Load()
	return since != 0 && time.Since(time.UnixMicro(since)) > patience
}

// Whether it inserts or updates, it writes: so its own commit waits until the
// one that it asks about is wherever commits have to be.
const fence = `
INSERT INTO commits (id, kept, at) VALUES ($1, 0, $2) ON CONFLICT (id) DO UPDATE SET at = excluded.at RETURNING kept`

const oldMarks = `DELETE FROM commits WHERE id IN (SELECT id FROM commits WHERE at < $1 ORDER BY at LIMIT $2)`

// kept finds out whether a transaction was committed whose end we did not
// hear. It puts a mark of its own where the transaction's is or will be: that
// waits until the transaction is over, and one that comes later fails. So the
// answer is final.
func (e *server) kept(mark int64) (kept bool, err error) {
	e.metrics.Lookups.Inc()
	defer func() {
		if err != nil {
			e.metrics.Unknown.Inc()
		}
	}()
	until := time.Now().Add(2 * patience)
	for try := 0; ; try++ {
		if kept, err = e.fence(mark); err == nil || time.Now().After(until) {
			return kept, err
		}
		time.Sleep(jitter(50))
	}
}

func (e *server) fence(mark int64) (kept bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), batchTime)
	defer cancel()
	l := &link{server: e}
	if err := l.connect(ctx); err != nil {
		return false, err
	}
	defer l.drop()
	args, err := encodedAll([]any{mark, micros(time.Now())})
	if err != nil {
		return false, err
	}
	st, err := l.prepare(ctx, fence)
	if err != nil {
		return false, err
	}
	err = l.pipeline(ctx, []request{{prepared: st, args: args, read: func(rr *pgconn.ResultReader) error {
		found, _, err := readAll(fence, rr)
		if err == nil && len(found.rows) != 1 {
			err = fmt.Errorf("%d marks of one transaction", len(found.rows))
		}
		if err == nil {
			kept = wireRow{found.rows[0], found.types}.int(0) != 0
		}
		return err
	}}})
	if err == nil && l.warnings > 0 {
		err = errWarned
	}
	return kept, err
}

// marksKept is how long marks stay: far longer than anyone asks for them.
const marksKept = 10 * time.Minute

// sweep removes old marks.
func (e *server) sweep(ctx context.Context) {
	defer close(e.swept)
	const every, most = time.Minute, 1000
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
		for more := true; more && ctx.Err() == nil; {
			err := e.update(ctx, func(t *tx) error {
				n, err := t.exec(oldMarks, micros(time.Now().Add(-marksKept)), int64(most))
				more = n == most
				return err
			})
			if err != nil {
				break // the next time will do
			}
		}
	}
}
