//go:build unix

package killtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sen/internal/control"
	"sen/internal/history"
	"sen/internal/pgtest"
)

// A siege is a trial of a fleet: clients at work, and what is done to the machines
// meanwhile.
type siege struct {
	*shop
	nodes *pgtest.NodeSet // of the database; nil if it is one server
	dsn   string
	start time.Time
	// faults is how often something was killed or sent to sleep. Each time the
	// note that a callback was accepted may be lost, so that it comes again.
	faults int
	scans  atomic.Int64
	rows   atomic.Int64 // read by the longest scan
}

// hands at work at the same time.
const clients = 12

func besiege(t *testing.T, nodes *pgtest.NodeSet) *siege {
	t.Helper()
	seed := number(t, seedVar, uint64(time.Now().UnixNano()))
	t.Logf("%s=%d", seedVar, seed)
	path := os.Getenv(historyVar)
	if path == "" {
		path = filepath.Join(t.TempDir(), "history.jsonl")
	}
	lines, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lines.Close() })
	s := &siege{dsn: pgtest.DSN(t), nodes: nodes, start: time.Now()}
	s.shop = openShop(t, openFleet(t, s.dsn, fleetSize), 0, seed, lines, straight)
	s.note("%d gateways serve", fleetSize)
	s.open(clients)
	s.look()
	return s
}

// What else may be chosen from outside.
const (
	cyclesVar  = "SEN_KILL_CYCLES"  // how often all faults come
	historyVar = "SEN_KILL_HISTORY" // a file for the history, to be kept
)

func (s *siege) note(format string, args ...any) {
	s.t.Helper()
	s.t.Logf("%7.3f s  "+format, append([]any{time.Since(s.start).Seconds()}, args...)...)
}

// goesOn waits until more is acknowledged.
func (s *siege) goesOn(after string) {
	s.t.Helper()
	const more = 20
	start, before := time.Now(), s.acked.Load()
	for s.acked.Load() < before+more {
		if time.Since(start) > goesOnWithin {
			s.t.Fatalf("%s: nothing was acknowledged for %v", after, goesOnWithin)
		}
		time.Sleep(5 * time.Millisecond)
	}
	s.note("%s: %d more writes after %v", after, more, time.Since(start).Round(time.Millisecond))
}

// look reads the whole ledger again and again, as an operator does: it must be
// right at every moment.
func (s *siege) look() {
	s.hands.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-s.stop:
				return
			case <-time.After(500 * time.Millisecond):
			}
			auditor := *s.fleet.node(n % fleetSize)
			client := *auditor.http
			client.Timeout = time.Minute
			auditor.http = &client
			var l control.Ledger
			if err := auditor.control("GET", "ledger", nil, &l); err != nil {
				continue // it is being killed
			}
			s.scans.Add(1)
			s.rows.Store(max(s.rows.Load(), l.Postings)) // nobody else writes
			for _, p := range l.Problems {
				s.problem("ledger, under way: %s", p)
			}
		}
	})
}

// judge holds everything against everything.
func (s *siege) judge() {
	s.t.Helper()
	s.close()
	s.note("the clients have gone")
	s.settle()
	s.note("everything is settled")
	s.verify()
	ops, err := s.record.Ops()
	if err != nil {
		s.t.Fatal(err)
	}
	const most = 20
	found := history.Check(ops, s.faults)
	for i, v := range found {
		if i == most {
			s.t.Errorf("and %d more", len(found)-most)
			break
		}
		s.t.Errorf("%v", v)
	}
	for _, w := range s.wrong {
		s.t.Error(w)
	}
	for _, line := range s.fleet.crashes() {
		s.t.Errorf("a gateway's log says: %s", line)
	}
	s.note("%d faults, %d gateways killed; %v; %d scans of the ledger, the longest of %d postings",
		s.faults, s.fleet.kills, history.Sum(ops), s.scans.Load(), s.rows.Load())
}

// verify runs the operator's check against the database, and against each of
// its nodes by itself.
func (s *siege) verify() {
	s.t.Helper()
	l, err := verify(s.dsn)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, p := range l.Problems {
		s.t.Errorf("ledger: %s", p)
	}
	s.noteLedger(l)
	if s.nodes == nil {
		return
	}
	for i := range s.nodes.Len() {
		s.verifyNode(i, l)
	}
}

// verifyNode waits until a node knows what the others know, and says of it
// what they say.
func (s *siege) verifyNode(i int, want control.Ledger) {
	s.t.Helper()
	at := s.lookAt(i)
	var got control.Ledger
	var err error
	for limit := time.Now().Add(goesOnWithin); time.Now().Before(limit); time.Sleep(100 * time.Millisecond) {
		if got, err = verify(at); err == nil && got.Entries >= want.Entries {
			break
		}
	}
	if err != nil || !got.OK || got.Entries != want.Entries || got.Payments != want.Payments || got.Refunds != want.Refunds {
		s.t.Errorf("the ledger at node %d alone: %+v, %v, want %+v", i, got, err, want)
	}
}

// lookAt is the URL of one node of the database. Those that follow refuse to
// be serializable.
func (s *siege) lookAt(i int) string {
	return strings.Replace(s.nodes.At(s.t, i, s.dsn), "=serializable", "=repeatable%20read", 1)
}

// leader is the node that takes the writes; -1 if none does now.
func (s *siege) leader() int {
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.dsn)
	if err != nil {
		return -1
	}
	defer conn.Close(ctx)
	return s.nodes.Of(conn.PgConn())
}

// someLeader waits for a leader.
func (s *siege) someLeader() int {
	s.t.Helper()
	for limit := time.Now().Add(goesOnWithin); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
		if i := s.leader(); i >= 0 {
			return i
		}
	}
	s.t.Fatal("no node of the database takes writes")
	return -1
}

// killNode kills a node of the database, and starts it again when the others
// go on.
func (s *siege) killNode(what string, i int) {
	s.t.Helper()
	s.faults++
	s.nodes.Kill(s.t, i)
	s.goesOn(fmt.Sprintf("%s of the database, node %d, was killed", what, i))
	s.nodes.Restart(s.t, i)
	s.catchUp(i)
}

// freeze lets a gateway and the leader of the database sleep, as when the
// machine under both stands still, until another node leads. Those who asked the
// gateway meanwhile are answered when it wakes, a moment before its leader: it
// must not tell them what that one remembers.
func (s *siege) freeze(gateway int) {
	s.t.Helper()
	if os.Getenv(pgtest.EnvPause) == "" {
		s.note("not run: the leader of the database sleeps (set %s)", pgtest.EnvPause)
		return
	}
	leader := s.someLeader()
	s.faults += 2
	start := time.Now()
	s.fleet.pause(gateway)
	s.nodes.Pause(s.t, leader)
	awake := false
	defer func() { // also if nothing goes on
		if !awake {
			s.nodes.Resume(s.t, leader)
		}
	}()
	s.goesOn(fmt.Sprintf("gateway %d and the leader of the database, node %d, sleep", gateway, leader))
	answered := s.askAfter(s.sellSome((gateway+1)%fleetSize), gateway)
	s.fleet.resume(gateway)
	s.nodes.Resume(s.t, leader)
	awake = true
	answered.Wait()
	s.goesOn(fmt.Sprintf("they woke up after %v", time.Since(start).Round(time.Second)))
	s.catchUp(leader)
}

// sellSome sells orders at one gateway.
func (s *siege) sellSome(gateway int) (sold []*wanted) {
	h := s.newHand(98)
	for range 10 {
		h.node = gateway
		if w, ok := h.order(); ok {
			h.until(func() history.Op { return h.pay(w, h.wallets[1]) })
			sold = append(sold, w)
		}
	}
	return sold
}

// askAfter asks a gateway after orders, again and again for a while.
func (s *siege) askAfter(orders []*wanted, gateway int) *sync.WaitGroup {
	const times = 20
	var asking sync.WaitGroup
	for _, w := range orders {
		h := s.newHand(99)
		asking.Go(func() {
			for range times {
				h.node = gateway
				h.query(w)
			}
		})
	}
	return &asking
}

// catchUp waits until a node knows the orders that were there before.
func (s *siege) catchUp(i int) {
	s.t.Helper()
	start, want := time.Now(), 0
	for j := range s.nodes.Len() { // one that leads no more may believe that it does
		n, _ := s.orderCount(s.lookAt(j)) // 0 while it does not answer
		want = max(want, n)
	}
	for time.Since(start) < goesOnWithin {
		if got, _ := s.orderCount(s.lookAt(i)); got >= want {
			s.note("node %d of the database is back after %v", i, time.Since(start).Round(time.Millisecond))
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Fatalf("node %d of the database does not catch up with %d orders", i, want)
}

func (s *siege) orderCount(dsn string) (n int, err error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	return n, conn.QueryRow(ctx, "SELECT count(*) FROM orders").Scan(&n)
}

// Gateways sleep for longer than every lease: the longest is that of a
// callback under way, 45 seconds. Where that would take too long, for less.
const (
	longSleep  = 50 * time.Second
	shortSleep = 5 * time.Second
)

// killGateway kills a gateway and starts it again.
func (s *siege) killGateway(i int) {
	s.t.Helper()
	s.faults++
	s.fleet.kill(i)
	s.goesOn(fmt.Sprintf("gateway %d was killed", i))
}

// restartGateways stops and starts one gateway after the other, as somebody
// does who brings a new version.
func (s *siege) restartGateways() {
	s.t.Helper()
	for i := range s.fleet.nodes {
		s.fleet.restart(i)
	}
	s.goesOn("all gateways were restarted, one after the other")
}

func (s *siege) killGateways() {
	s.t.Helper()
	s.faults++
	s.fleet.killAll()
	s.goesOn("all gateways were killed")
}

// sleep pauses a gateway, does something else meanwhile, and resumes it when
// it has slept for long enough.
func (s *siege) sleep(i int, d time.Duration, meanwhile func()) {
	s.t.Helper()
	s.faults++
	start := time.Now()
	s.fleet.pause(i)
	s.goesOn(fmt.Sprintf("gateway %d sleeps", i))
	meanwhile()
	time.Sleep(d - time.Since(start))
	s.fleet.resume(i)
	s.goesOn(fmt.Sprintf("gateway %d woke up after %v", i, time.Since(start).Round(time.Second)))
}

// work is how long the clients work undisturbed between two faults.
const work = time.Second

// TestFleetOnOneServer kills gateways that share one database server, and lets
// one sleep.
func TestFleetOnOneServer(t *testing.T) {
	if os.Getenv(pgtest.EnvNodes) != "" {
		t.Skip("not run: a single server (the database has several nodes)")
	}
	s := besiege(t, nil)
	for range number(t, cyclesVar, 1) {
		s.goesOn("at first")
		time.Sleep(work)
		for i := range fleetSize {
			s.killGateway(i)
			time.Sleep(work)
		}
		s.sleep(1, shortSleep, func() {})
		s.restartGateways()
		s.killGateways()
		time.Sleep(work)
	}
	s.judge()
}

// TestFleetOnCluster kills gateways, and the nodes of the database that they
// share, and lets both sleep.
func TestFleetOnCluster(t *testing.T) {
	nodes := pgtest.DistributedNodes(t)
	s := besiege(t, nodes)
	s.fill()
	for cycle := range number(t, cyclesVar, 1) {
		s.goesOn("at first")
		time.Sleep(work)
		s.killGateway(int(cycle+1) % fleetSize)
		s.sleep(int(cycle)%fleetSize, longSleep, func() {
			s.killNode("the leader", s.someLeader())
			s.killNode("a follower", (s.someLeader()+1)%nodes.Len())
		})
		s.freeze(int(cycle+2) % fleetSize)
		s.restartGateways()
		s.killGateways()
		time.Sleep(work)
	}
	s.judge()
}

// fill works until a scan of the ledger reads so much that an engine of
// several machines has to fetch it in pieces.
func (s *siege) fill() {
	s.t.Helper()
	const enough, within = 10_000, 10 * time.Minute
	if !s.distributed() {
		return
	}
	s.hurry.Store(true)
	defer s.hurry.Store(false)
	for limit := time.Now().Add(within); s.rows.Load() <= enough; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(limit) {
			s.t.Fatalf("after %v the longest scan is of %d rows", within, s.rows.Load())
		}
	}
	s.note("a scan of the ledger reads %d rows", s.rows.Load())
}

// distributed reports whether the database is one that spreads a table over
// its nodes, and not PostgreSQL, each of whose nodes has all of it.
func (s *siege) distributed() bool {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.dsn)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close(s.t.Context())
	var version string
	if err := conn.QueryRow(s.t.Context(), "SELECT version()").Scan(&version); err != nil {
		s.t.Fatal(err)
	}
	return !strings.HasPrefix(version, "PostgreSQL ")
}
