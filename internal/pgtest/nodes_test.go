package pgtest_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sen/internal/pgtest"
)

// replaced is how long it may take until another node leads: the lease of the
// dead one, and a slow machine.
const replaced = 3 * time.Minute

// A writer inserts one row after the other at whichever node takes them, and
// remembers those that were acknowledged.
type writer struct {
	t   *testing.T
	dsn string

	mu           sync.Mutex
	acknowledged []int
	node         int           // that took the last one
	at           time.Time     // when
	gap          time.Duration // the longest between two
}

// startWriter starts a writer on a new database. It ends with stop.
func startWriter(t *testing.T, nodes *pgtest.NodeSet) (w *writer, stop func()) {
	t.Helper()
	w = &writer{t: t, dsn: pgtest.DSN(t)}
	if _, err := connect(t, w.dsn).Exec(t.Context(), "CREATE TABLE a (n int PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.run(ctx, nodes)
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return w, stop
}

func (w *writer) run(ctx context.Context, nodes *pgtest.NodeSet) {
	var conn *pgx.Conn
	for n := 0; ctx.Err() == nil; n++ {
		try, cancel := context.WithTimeout(ctx, 5*time.Second) // a node that is gone may not say so
		if conn == nil || conn.IsClosed() {
			conn, _ = pgx.Connect(try, w.dsn) // nil where nobody leads yet
		}
		if conn != nil {
			if _, err := conn.Exec(try, "INSERT INTO a VALUES ($1)", n); err == nil {
				w.acknowledge(n, nodes.Of(conn.PgConn()))
			} else {
				conn.Close(try) // whoever leads next is somewhere else
			}
		} else {
			time.Sleep(20 * time.Millisecond)
		}
		cancel()
	}
	if conn != nil {
		conn.Close(context.Background())
	}
}

func (w *writer) acknowledge(n, node int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if !w.at.IsZero() {
		w.gap = max(w.gap, now.Sub(w.at))
	}
	w.acknowledged, w.node, w.at = append(w.acknowledged, n), node, now
}

func (w *writer) state() (acknowledged, node int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.acknowledged), w.node
}

// goesOn waits until more rows are acknowledged, and returns the node that took them.
func (w *writer) goesOn(after string) int {
	w.t.Helper()
	before, _ := w.state()
	for limit := time.Now().Add(replaced); time.Now().Before(limit); time.Sleep(10 * time.Millisecond) {
		if now, node := w.state(); now >= before+20 {
			return node
		}
	}
	w.t.Fatalf("%s: nothing was written for %v", after, replaced)
	return -1
}

// TestDeathOfNodes kills the node that takes the writes, twice, and one that
// does not: writes go on, and nothing that was acknowledged is lost.
func TestDeathOfNodes(t *testing.T) {
	nodes := pgtest.DistributedNodes(t)
	w, stop := startWriter(t, nodes)
	for _, victim := range []string{"leader", "leader", "follower"} {
		leader := w.goesOn("before the next death")
		dying := leader
		if victim == "follower" {
			dying = (leader + 1) % nodes.Len()
		}
		before, _ := w.state()
		start := time.Now()
		nodes.Kill(t, dying)
		next := w.goesOn("death of a " + victim)
		if victim == "leader" && next == dying {
			t.Errorf("node %d was killed, and takes writes", dying)
		}
		t.Logf("the %s, node %d, died after %d rows; 20 more within %v, at node %d", victim, dying, before, time.Since(start).Round(time.Millisecond), next)
		nodes.Restart(t, dying)
		w.catchesUp(nodes, dying)
		t.Logf("node %d is back after %v", dying, time.Since(start).Round(time.Millisecond))
	}
	stop()
	w.verify()
}

// TestPausedLeader lets a leader sleep until another one has replaced it: when
// it wakes, it does not take writes that the others don't know of.
func TestPausedLeader(t *testing.T) {
	nodes := pgtest.DistributedNodes(t)
	w, stop := startWriter(t, nodes)
	leader := w.goesOn("before the leader sleeps")
	start := time.Now()
	nodes.Pause(t, leader)
	defer nodes.Resume(t, leader) // also if it fails in between
	if next := w.goesOn("a leader that sleeps"); next == leader {
		t.Errorf("node %d sleeps, and takes writes", leader)
	}
	t.Logf("the leader, node %d, slept; 20 more rows within %v", leader, time.Since(start).Round(time.Millisecond))
	nodes.Resume(t, leader)
	w.catchesUp(nodes, leader)
	t.Logf("node %d is back after %v", leader, time.Since(start).Round(time.Millisecond))
	stop()
	w.verify()
}

// catchesUp waits until a node knows all that was acknowledged before.
func (w *writer) catchesUp(nodes *pgtest.NodeSet, i int) {
	w.t.Helper()
	want, _ := w.state()
	var err error
	for limit := time.Now().Add(replaced); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
		var got int
		if got, err = count(w.t.Context(), nodes.At(w.t, i, w.dsn)); err == nil && got >= want {
			return
		}
	}
	w.t.Fatalf("node %d does not catch up: %v", i, err)
}

func count(ctx context.Context, dsn string) (n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return 0, err
	}
	config.RuntimeParams["default_transaction_isolation"] = "repeatable read" // followers refuse serializable
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, "SELECT count(*) FROM a").Scan(&n)
	return n, err
}

// verify looks for every row that was acknowledged.
func (w *writer) verify() {
	w.t.Helper()
	conn := connect(w.t, w.dsn)
	rows, err := conn.Query(w.t.Context(), "SELECT n FROM a")
	if err != nil {
		w.t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		w.t.Fatal(err)
	}
	there := map[int]bool{}
	for _, n := range found {
		there[n] = true
	}
	for _, n := range w.acknowledged {
		if !there[n] {
			w.t.Errorf("row %d was acknowledged and is lost", n)
		}
	}
	w.t.Logf("%d rows acknowledged, %d found, the longest pause %v", len(w.acknowledged), len(found), w.gap.Round(time.Millisecond))
}
