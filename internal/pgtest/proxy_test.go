package pgtest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sen/internal/pgtest"
)

// patience is for what must happen, however slow the machine.
const patience = 2 * time.Minute

// A bench is a table behind a proxy, and a way to it that nothing breaks.
type bench struct {
	*testing.T
	*pgtest.Proxy
	direct *pgx.Conn
}

func newBench(t *testing.T) *bench {
	t.Helper()
	return benchOn(t, pgtest.DSN(t))
}

func benchOn(t *testing.T, dsn string) *bench {
	t.Helper()
	b := &bench{T: t, Proxy: pgtest.NewProxy(t, dsn), direct: connect(t, dsn)}
	if err := b.direct.PgConn().Exec(t.Context(), "DROP TABLE IF EXISTS a; CREATE TABLE a (n int PRIMARY KEY)").Close(); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) has(n int) bool {
	b.Helper()
	var found bool
	if err := b.direct.QueryRow(b.Context(), "SELECT count(*) > 0 FROM a WHERE n = $1", n).Scan(&found); err != nil {
		b.Fatal(err)
	}
	return found
}

// A way is how a client speaks one transaction.
type way struct {
	prepare  func(context.Context, *pgconn.PgConn) error
	transact func(ctx context.Context, c *pgconn.PgConn, n int) error
	counts   pgtest.Counts // of transact
}

var statements = []string{"BEGIN", "INSERT INTO a VALUES ($1)", "commit"}

func arguments(sql string, n int) [][]byte {
	if sql == statements[1] {
		return [][]byte{[]byte(fmt.Sprint(n))}
	}
	return nil
}

func prepare(ctx context.Context, c *pgconn.PgConn) error {
	for _, sql := range statements {
		if _, err := c.Prepare(ctx, "s "+sql, sql, nil); err != nil {
			return err
		}
	}
	return nil
}

var ways = map[string]way{
	"simple queries": {
		transact: func(ctx context.Context, c *pgconn.PgConn, n int) error {
			for _, sql := range []string{"BEGIN", fmt.Sprintf("INSERT INTO a VALUES (%d)", n), " commit; "} {
				if err := c.Exec(ctx, sql).Close(); err != nil {
					return err
				}
			}
			return nil
		},
		counts: pgtest.Counts{Messages: 3, Trips: 3, Statements: 3, Commits: 1},
	},
	"parameters": {
		transact: func(ctx context.Context, c *pgconn.PgConn, n int) error {
			for _, sql := range statements {
				if _, err := c.ExecParams(ctx, sql, arguments(sql, n), nil, nil, nil).Close(); err != nil {
					return err
				}
			}
			return nil
		},
		counts: pgtest.Counts{Messages: 15, Trips: 3, Statements: 3, Commits: 1},
	},
	"prepared": {
		prepare: prepare,
		transact: func(ctx context.Context, c *pgconn.PgConn, n int) error {
			for _, sql := range statements {
				if _, err := c.ExecPrepared(ctx, "s "+sql, arguments(sql, n), nil, nil).Close(); err != nil {
					return err
				}
			}
			return nil
		},
		counts: pgtest.Counts{Messages: 12, Trips: 3, Statements: 3, Commits: 1},
	},
	"one pipeline": {
		prepare: prepare,
		transact: func(ctx context.Context, c *pgconn.PgConn, n int) error {
			pipeline := c.StartPipeline(ctx)
			for _, sql := range statements {
				pipeline.SendQueryPrepared("s "+sql, arguments(sql, n), nil, nil)
			}
			return drain(pipeline)
		},
		counts: pgtest.Counts{Messages: 10, Trips: 1, Statements: 3, Commits: 1},
	},
}

// drain ends a pipeline and returns its first error.
func drain(pipeline *pgconn.Pipeline) error {
	first := pipeline.Sync()
	for {
		results, err := pipeline.GetResults()
		if reader, ok := results.(*pgconn.ResultReader); ok && err == nil {
			_, err = reader.Close()
		}
		if results == nil && err == nil {
			break
		}
		if first == nil {
			first = err
		}
		var pgErr *pgconn.PgError
		if _, synced := results.(*pgconn.PipelineSync); synced || err != nil && !errors.As(err, &pgErr) {
			break
		}
	}
	return errors.Join(first, pipeline.Close())
}

// each runs f for every way, with a connection through a proxy of its own.
func each(t *testing.T, f func(b *bench, w way, c *pgconn.PgConn)) {
	t.Helper()
	dsn := pgtest.DSN(t)
	for name, w := range ways {
		t.Run(name, func(t *testing.T) {
			b := benchOn(t, dsn)
			f(b, w, b.client(w))
		})
	}
}

// client connects through the proxy and starts counting.
func (b *bench) client(w way) *pgconn.PgConn {
	b.Helper()
	c, err := pgconn.Connect(b.Context(), b.DSN())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close(context.Background()) })
	if w.prepare != nil {
		if err := w.prepare(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
	b.Reset()
	return c
}

func code(err error) string {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		return pgErr.Code
	}
	return ""
}

func TestProxyCountsAndChangesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench, w way, c *pgconn.PgConn) {
		if err := w.transact(b.Context(), c, 1); err != nil || !b.has(1) {
			b.Fatalf("%v, committed: %t", err, b.has(1))
		}
		if got := b.Counts(); got != w.counts {
			b.Errorf("counted %+v, want %+v", got, w.counts)
		}
		if err := w.transact(b.Context(), c, 1); code(err) != "23505" {
			b.Errorf("the same row again: %v, want the server's own 23505", err)
		}
	})
}

// TestProxyFaultsAtCommit shows what each fault does to a COMMIT, whichever
// way it is said.
func TestProxyFaultsAtCommit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		fault     pgtest.Fault
		code      string // of the error that the client sees; "" for a connection that ended
		committed bool
		usable    bool // the connection afterwards
	}{
		{"refused", pgtest.Fault{Do: pgtest.AnswerError}, "40001", false, true},
		{"in doubt", pgtest.Fault{Do: pgtest.AnswerErrorAfter}, "40003", true, true},
		{"cut before", pgtest.Fault{Do: pgtest.CutBefore}, "", false, false},
		{"cut before, and rolled back", pgtest.Fault{Do: pgtest.CutBefore, Wait: true}, "", false, false},
		{"cut after, and committed", pgtest.Fault{Do: pgtest.CutAfter, Wait: true}, "", true, false},
		{"cut after", pgtest.Fault{Do: pgtest.CutAfter}, "", true, false},
		{"cut after, and late", pgtest.Fault{Do: pgtest.CutAfter, Delay: 50 * time.Millisecond}, "", true, false},
		{"shut down", pgtest.Fault{Do: pgtest.Terminate}, "57P01", false, false},
		{"shut down, and rolled back", pgtest.Fault{Do: pgtest.Terminate, Wait: true}, "57P01", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			each(t, func(b *bench, w way, conn *pgconn.PgConn) {
				c.fault.When = pgtest.OnCommit
				fault := b.Inject(c.fault)
				err := w.transact(b.Context(), conn, 1)
				if err == nil || code(err) != c.code {
					b.Errorf("the client saw %v, want %q", err, c.code)
				}
				if fault.Fired() != 1 {
					b.Errorf("fired %d times", fault.Fired())
				}
				b.settles(c.fault, 1, c.committed)
				if conn.IsClosed() == c.usable {
					b.Fatalf("closed: %t, want %t", conn.IsClosed(), !c.usable)
				}
				if !c.usable {
					conn = b.client(w)
				} else if conn.TxStatus() != 'I' {
					b.Errorf("a transaction is left: %c", conn.TxStatus())
				}
				if err := w.transact(b.Context(), conn, 2); err != nil || !b.has(2) {
					b.Errorf("the next transaction: %v, committed: %t", err, b.has(2))
				}
			})
		})
	}
}

// settles holds what is in the database against what should be. Where the
// proxy was told to wait, it is so already.
func (b *bench) settles(f pgtest.Fault, n int, want bool) {
	b.Helper()
	if want && f.Do == pgtest.CutAfter && !f.Wait {
		for limit := time.Now().Add(patience); !b.has(n) && time.Now().Before(limit); {
			time.Sleep(time.Millisecond)
		}
	}
	if got := b.has(n); got != want {
		b.Errorf("committed: %t, want %t: %+v", got, want, f)
	}
}

// TestProxyRefusesAnyStatement shows that an error in place of any statement
// leaves the client where an error of the server would.
func TestProxyRefusesAnyStatement(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench, w way, c *pgconn.PgConn) {
		for n := 1; n <= w.counts.Statements; n++ {
			b.Reset()
			fault := b.Inject(pgtest.Fault{When: pgtest.OnStatement(n), Do: pgtest.AnswerError})
			if err := w.transact(b.Context(), c, n); code(err) != "40001" || fault.Fired() != 1 {
				b.Errorf("statement %d: %v, fired %d times", n, err, fault.Fired())
			}
			want := map[int]byte{1: 'I', 2: 'E', 3: 'I'}[n]
			if c.TxStatus() != want || b.has(n) {
				b.Errorf("statement %d leaves the transaction in %c, want %c; committed: %t", n, c.TxStatus(), want, b.has(n))
			}
			if err := c.Exec(b.Context(), "ROLLBACK").Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// TestProxyBreaksAnywhere goes through every message and every round trip of a
// transaction, and holds what the client was told against what happened.
func TestProxyBreaksAnywhere(t *testing.T) {
	t.Parallel()
	actions := []pgtest.Fault{
		{Do: pgtest.AnswerError},
		{Do: pgtest.CutBefore, Wait: true},
		{Do: pgtest.CutAfter, Wait: true},
		{Do: pgtest.CutAfter},
		{Do: pgtest.Terminate, Wait: true},
	}
	each(t, func(b *bench, w way, c *pgconn.PgConn) {
		row := 0
		try := func(place string, fault pgtest.Fault, last bool) {
			row++
			if c.IsClosed() || c.TxStatus() != 'I' {
				c.Close(b.Context())
				c = b.client(w)
			}
			b.Reset()
			injected := b.Inject(fault)
			err := w.transact(b.Context(), c, row)
			if err == nil || injected.Fired() != 1 {
				b.Errorf("%s, %+v: %v, fired %d times", place, fault, err, injected.Fired())
			}
			b.settles(fault, row, last && fault.Do == pgtest.CutAfter)
		}
		for _, fault := range actions {
			for n := 1; n <= w.counts.Trips; n++ {
				fault.When = pgtest.OnTrip(n)
				try(fmt.Sprint("trip ", n), fault, n == w.counts.Trips)
			}
			for n := 1; n <= w.counts.Messages; n++ {
				if fault.Do == pgtest.CutBefore || fault.Do == pgtest.Terminate {
					continue // a Sync after the COMMIT is one message too late to stop it
				}
				fault.When = pgtest.OnMessage(n)
				perTrip := w.counts.Messages / w.counts.Trips
				last := n > w.counts.Messages-perTrip
				if fault.Do == pgtest.AnswerError && n == w.counts.Messages && perTrip > 1 {
					continue // the same
				}
				try(fmt.Sprint("message ", n), fault, last)
			}
		}
	})
}

func TestProxyHolds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.client(way{})
	fault := b.Inject(pgtest.Fault{When: pgtest.OnCommit, Do: pgtest.Hold, Delay: 50 * time.Millisecond, Times: 2})
	for n := range 3 {
		start := time.Now()
		if err := ways["simple queries"].transact(t.Context(), c, n); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); n < 2 && took < fault.Delay {
			t.Errorf("transaction %d took %v", n, took)
		}
	}
	if fault.Fired() != 2 {
		t.Errorf("fired %d times, want 2", fault.Fired())
	}
}

func TestProxyRefusesConnections(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.client(way{})
	b.Refuse(true)
	if _, err := pgconn.Connect(t.Context(), b.DSN()); err == nil {
		t.Error("a new connection was let in")
	}
	if err := c.Exec(t.Context(), "SELECT 1").Close(); err != nil {
		t.Errorf("the open connection: %v", err)
	}
	b.Refuse(false)
	b.client(way{})
	b.CutAll()
	if err := c.Exec(t.Context(), "SELECT 1").Close(); err == nil {
		t.Error("CutAll left a connection")
	}
}

// TestProxyCopies shows that bulk data passes, and fails where it should.
func TestProxyCopies(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	conn := connect(t, b.DSN())
	rows := make([][]any, 20_000)
	for i := range rows {
		rows[i] = []any{i}
	}
	load := func() (int64, error) {
		return conn.CopyFrom(t.Context(), pgx.Identifier{"a"}, []string{"n"}, pgx.CopyFromRows(rows))
	}
	b.Inject(pgtest.Fault{When: func(m pgtest.Message) bool { return m.Type == 'd' }, Do: pgtest.AnswerError})
	if _, err := load(); code(err) != "40001" || b.has(1) {
		t.Errorf("a refused copy: %v, copied: %t", err, b.has(1))
	}
	if n, err := load(); n != 20_000 || err != nil || !b.has(19_999) {
		t.Errorf("a copy: %d rows, %v", n, err)
	}
}

// TestProxyCancels shows that a client's request to cancel finds its statement.
func TestProxyCancels(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.client(way{})
	done := make(chan error)
	go func() { done <- c.Exec(t.Context(), "SELECT pg_sleep(600)").Close() }()
	for {
		var running bool
		err := b.direct.QueryRow(t.Context(), "SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = $1 AND wait_event IS NOT NULL", c.PID()).Scan(&running)
		if err == nil && running {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := c.CancelRequest(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; code(err) != "57014" {
		t.Errorf("%v, want 57014", err)
	}
}

// TestProxyChance shows that faults may come at random: When is never called
// for two messages at once.
func TestProxyChance(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	calls := 0
	fault := b.Inject(pgtest.Fault{Do: pgtest.CutBefore, Times: -1, When: func(m pgtest.Message) bool {
		calls++
		return m.SQL != "" && calls%7 == 0
	}})
	done := make(chan struct{})
	for hand := range 4 {
		go func() {
			defer func() { done <- struct{}{} }()
			for n := range 20 {
				c, err := pgconn.Connect(t.Context(), b.DSN())
				if err != nil {
					t.Error(err)
					return
				}
				_ = ways["simple queries"].transact(t.Context(), c, 100*hand+n) // may fail, that is the point
				c.Close(t.Context())
			}
		}()
	}
	for range 4 {
		<-done
	}
	if fault.Fired() == 0 || calls != b.Counts().Messages {
		t.Errorf("%d calls, %d messages, fired %d times", calls, b.Counts().Messages, fault.Fired())
	}
}
