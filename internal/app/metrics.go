package app

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"sen/internal/metric"
	"sen/internal/pay"
	"sen/internal/store"
)

// What operators measure. docs/operations.md lists all of it, which a test holds
// against what is written; ADR 0020 says what is measured, and where it is told.

const metricsPath = "/metrics"

// listenForScrapes opens the address for scrapes. They have one of their own
// because a live gateway's is open to the world.
func (g *Gateway) listenForScrapes(ctx context.Context) (err error) {
	if g.config.MetricsAddr == "" {
		return nil
	}
	if g.scrapes, err = (&net.ListenConfig{}).Listen(ctx, "tcp", g.config.MetricsAddr); err != nil {
		return fmt.Errorf("%w: choose another address with --metrics-addr", err)
	}
	return nil
}

// MetricsAddr is where scrapes are answered; nil: at no address of their own.
func (g *Gateway) MetricsAddr() net.Addr {
	if g.scrapes == nil {
		return nil
	}
	return g.scrapes.Addr()
}

// serveScrapes answers scrapes until stop is called, also while the gateway
// waits for requests under way.
func (g *Gateway) serveScrapes() (stop func()) {
	if g.scrapes == nil {
		return func() {}
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+metricsPath, g.metrics)
	server := &http.Server{
		Handler: careful(mux), ReadTimeout: g.headersWithin(), WriteTimeout: writeTimeout,
		ErrorLog: slog.NewLogLogger(g.config.Log.Handler(), slog.LevelWarn),
	}
	go func() { _ = server.Serve(g.scrapes) }() // ends with stop
	return func() { _ = server.Close() }
}

// openMetrics collects what the parts count.
func (g *Gateway) openMetrics() {
	s := &metric.Set{}
	g.metrics = s
	engine := "embedded"
	if g.store.IsServer() {
		engine = "postgresql"
	}
	s.Gauge("sen_build_info", "1, with the version, the mode and the database.", func() float64 { return 1 },
		"version", g.config.Version, "mode", string(g.config.Mode), "database", engine)
	g.measureCalls(s)
	g.measureMoney(s)
	g.measureCallbacks(s)
	g.measureStore(s)
	g.measureNode(s)
	g.measureBacklog(s)
	g.measureTraces(s)
	s.Process()
}

func (g *Gateway) measureCalls(s *metric.Set) {
	for _, c := range g.answered.Operations {
		s.Durations("sen_request_seconds", "Time until a call of the merchant API was answered.", &c.Seconds, "operation", c.Operation)
		for i := range c.Outcomes {
			o := &c.Outcomes[i]
			s.Counter("sen_requests_total", "Calls of the merchant API, by what they were answered.", &o.Count,
				"operation", c.Operation, "return_code", strconv.Itoa(o.ReturnCode), "sub_return_code", strconv.Itoa(o.Value))
		}
	}
	s.Counter("sen_requests_unknown_total", "Calls of paths that are no operation's.", &g.answered.Unknown)
	pages := g.site.Metrics()
	s.Durations("sen_page_seconds", "Time until a page was answered.", &pages.Seconds)
	for class := 1; class < len(pages.Answers); class++ {
		s.Counter("sen_pages_total", "Pages, by the class of their HTTP status.", &pages.Answers[class], "status", strconv.Itoa(class)+"xx")
	}
	s.Sum("sen_request_log_kept_total", "Requests that the log of requests kept.", func() float64 { kept, _ := g.exchanges.Counts(); return float64(kept) })
	s.Sum("sen_request_log_dropped_total", "Requests for which the log of requests had no room.", func() float64 { _, dropped := g.exchanges.Counts(); return float64(dropped) })
	s.Gauge("sen_request_log_waiting", "Requests that wait to be kept.", func() float64 { return float64(g.exchanges.Waiting()) })
}

func (g *Gateway) measureMoney(s *metric.Set) {
	t := g.pay.Moved
	ways := []struct {
		name string
		of   *pay.Total
	}{{"wallet", &t.Wallet}, {"token", &t.Token}, {"card", &t.Card}}
	for _, way := range ways {
		s.Counter("sen_payments_total", "Payments that this process booked, by how they were made.", &way.of.Count, "by", way.name)
		s.Counter("sen_payments_dong_total", "The same in đồng.", &way.of.Amount, "by", way.name)
	}
	s.Counter("sen_refunds_total", "Refunds that this process carried out.", &t.Refunds.Count)
	s.Counter("sen_refunds_dong_total", "The same in đồng.", &t.Refunds.Amount)
}

func (g *Gateway) measureCallbacks(s *metric.Set) {
	m := &g.calls.Metrics
	s.Durations("sen_callback_seconds", "Time that merchants' servers took to answer callbacks.", &m.Calls)
	for _, o := range []struct {
		name  string
		count *metric.Counter
	}{{"accepted", &m.Accepted}, {"refused", &m.Refused}, {"to_repeat", &m.Repeated}, {"given_up", &m.GivenUp}} {
		s.Counter("sen_callbacks_total", "Callbacks that were sent, by what came of it.", o.count, "outcome", o.name)
	}
	s.Counter("sen_callbacks_unrecorded_total", "Callbacks whose result could not be kept: they are sent again.", &m.Unrecorded)
	s.Gauge("sen_callbacks_underway", "Callbacks that are being sent.", func() float64 { return float64(g.calls.Underway()) })
}

func (g *Gateway) measureStore(s *metric.Set) {
	m := g.store.Metrics()
	lanes := []struct {
		name string
		lane *store.Lane
	}{{"write", &m.Writes}, {"read", &m.Reads}}
	if !g.store.IsServer() {
		lanes = lanes[:1] // reads of the embedded database share nothing
	}
	for _, l := range lanes {
		s.Durations("sen_database_batch_seconds", "Time of a transaction that calls share, until it is durable.", &l.lane.Batches, "lane", l.name)
		s.Sizes("sen_database_batch_calls", "Calls that shared a transaction.", &l.lane.Sizes, "lane", l.name)
		s.Durations("sen_database_wait_seconds", "Time that a call waited for its transaction to begin.", &l.lane.Waits, "lane", l.name)
	}
	s.Gauge("sen_database_queue", "Calls that wait for a transaction.", func() float64 { w, _ := g.store.Queued(); return float64(w) }, "lane", "write")
	if g.store.IsServer() {
		s.Gauge("sen_database_queue", "", func() float64 { _, r := g.store.Queued(); return float64(r) }, "lane", "read")
	}
	s.Gauge("sen_archive_late_seconds", "For how long a change has been missing in the archive of the embedded database, if there is one.",
		func() float64 { return g.store.ArchiveLate().Seconds() })
	s.Counter("sen_database_stale_total", "Transactions that began again because the data had changed.", &m.Stale)
	s.Counter("sen_database_conflicts_total", "The same, because the server said so.", &m.Conflicts)
	s.Counter("sen_database_connects_total", "Connections to the server.", &m.Connects)
	s.Counter("sen_database_unreachable_total", "Connections to the server that could not be made.", &m.Unreachable)
	s.Counter("sen_database_broken_total", "Transactions whose connection broke.", &m.Broken)
	s.Counter("sen_database_lookups_total", "Commits that were not answered and were looked up by their mark.", &m.Lookups)
	s.Counter("sen_database_unknown_total", "Commits of which nobody learned what became of them.", &m.Unknown)
	if !g.store.IsServer() {
		for _, name := range []string{store.FileName, store.FileName + "-wal"} {
			s.Gauge("sen_database_file_bytes", "Size of the embedded database's files.", func() float64 { return sizeOf(filepath.Join(g.config.Data, name)) }, "file", name)
		}
	}
}

// sizeOf is the size of a file; NaN if there is none.
func sizeOf(file string) float64 {
	info, err := os.Stat(file)
	if err != nil {
		return math.NaN()
	}
	return float64(info.Size())
}

func (g *Gateway) measureNode(s *metric.Set) {
	s.Gauge("sen_ready", "1 while the node may serve, as /readyz says.", func() float64 { return truth(g.mayServe()) })
	s.Counter("sen_node_cut_off_total", "How often the node lost touch with the database.", g.node.Cuts())
	s.Gauge("sen_node_revision", "Revision of the configuration that the node has in memory.", func() float64 { return float64(g.node.Known()) })
	for _, share := range g.shares {
		s.Gauge("sen_node_lease", "1 while the node does work that one does for all.", func() float64 { return truth(share.holds.Load()) }, "work", share.name)
	}
	for _, l := range g.loops {
		s.Durations("sen_work_seconds", "Time of a batch of the gateway's own work.", &l.Batches, "work", l.Name)
		s.Counter("sen_work_failures_total", "Batches of the gateway's own work that failed.", &l.Failures, "work", l.Name)
	}
}

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// A backlog is what was owed when somebody looked last.
type backlog struct {
	store.Backlog

	known bool
}

// backlogTime is how long a scrape waits for the database.
const backlogTime = 2 * time.Second

func (g *Gateway) measureBacklog(s *metric.Set) {
	s.Before(func() {
		ctx, cancel := context.WithTimeout(context.Background(), backlogTime)
		defer cancel()
		b, err := g.lookAtBacklog(ctx)
		g.backlog = backlog{b, err == nil}
	})
	told := func(f func(backlog) float64) func() float64 {
		return func() float64 {
			if !g.backlog.known {
				return math.NaN()
			}
			return f(g.backlog)
		}
	}
	late := func(at func(backlog) time.Time) func() float64 {
		return told(func(b backlog) float64 {
			if due := at(b); !due.IsZero() {
				return max(0, g.clock.Now().Sub(due).Seconds())
			}
			return 0
		})
	}
	s.Gauge("sen_database_up", "1 when the database answered this scrape within 2 s; without it, what is owed is not told.",
		func() float64 { return truth(g.backlog.known) })
	s.Gauge("sen_callbacks_owed", "Callbacks of all nodes that are not accepted and not given up, up to 10,000.", told(func(b backlog) float64 { return float64(b.Callbacks) }))
	s.Gauge("sen_callbacks_late_seconds", "For how long the oldest of them has been due.", late(func(b backlog) time.Time { return b.CallbackDue }))
	s.Gauge("sen_callbacks_failed", "Callbacks that were given up, up to 10,000.", told(func(b backlog) float64 { return float64(b.Failed) }))
	s.Gauge("sen_refunds_owed", "Refunds that are not carried out and not refused, up to 10,000.", told(func(b backlog) float64 { return float64(b.Refunds) }))
	s.Gauge("sen_refunds_late_seconds", "For how long the oldest of them has been due.", late(func(b backlog) time.Time { return b.RefundDue }))
	s.Gauge("sen_refunds_waiting", "Refunds that wait for a person's approval, up to 10,000.", told(func(b backlog) float64 { return float64(b.Approvals) }))
	s.Gauge("sen_payouts_held", "Payouts to wallets that wait for a person's review, up to 10,000.", told(func(b backlog) float64 { return float64(b.Reviews) }))
	s.Gauge("sen_charges_open", "Charges of cards that are not decided, up to 10,000.", told(func(b backlog) float64 { return float64(b.Charges) }))
	s.Gauge("sen_charges_late_seconds", "For how long the oldest of them has been due to be looked after.", late(func(b backlog) time.Time { return b.ChargeDue }))
	s.Gauge("sen_orders_over", "Orders whose time is up and that are still open, up to 10,000.", told(func(b backlog) float64 { return float64(b.Expired) }))
	s.Gauge("sen_orders_late_seconds", "For how long the time of the oldest of them has been up.", late(func(b backlog) time.Time { return b.OrderDue }))
	s.Gauge("sen_nodes", "Nodes that serve from the database.", told(func(b backlog) float64 { return max(1, float64(b.Nodes)) }))
	s.Gauge("sen_node_behind", "Revisions that the node has not taken over.", told(func(b backlog) float64 { return max(0, float64(b.Revision-g.node.Known())) }))
}

func (g *Gateway) lookAtBacklog(ctx context.Context) (store.Backlog, error) {
	type answer struct {
		b   store.Backlog
		err error
	}
	// A read that has begun is not given up when ctx ends.
	heard := make(chan answer, 1)
	go func() {
		b, err := g.store.Backlog(ctx, g.clock.Now(), time.Now())
		heard <- answer{b, err}
	}()
	select {
	case a := <-heard:
		return a.b, a.err
	case <-ctx.Done():
		return store.Backlog{}, ctx.Err()
	}
}
