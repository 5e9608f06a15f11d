package store

import (
	"context"
	"errors"
	"time"

	"sen/internal/metric"
)

// Metrics is what a store counts about itself.
type Metrics struct {
	Writes, Reads Lane
	// Stale is how often a transaction began again because the data changed
	// under it, and Conflicts how often the server said so.
	Stale, Conflicts metric.Counter
	// Connects counts connections made, Unreachable those that could not be, and
	// Broken the batches whose connection was lost.
	Connects, Unreachable, Broken metric.Counter
	// Lookups is how often a commit was not answered and its mark was looked up;
	// Unknown those of which nobody learned what became of them.
	Lookups, Unknown metric.Counter
}

// A Lane is what is counted of batches.
type Lane struct {
	Batches metric.Durations // from the begin of a batch until it is durable
	Sizes   metric.Sizes     // calls in a batch
	Waits   metric.Durations // of calls, until their batch begins
}

// watch counts what goes through the batches of a queue.
func (l *Lane) watch(run func([]*call) []*call) func([]*call) []*call {
	return func(batch []*call) []*call {
		began := metric.Now()
		for _, c := range batch {
			l.Waits.Observe(began.Sub(c.at))
		}
		l.Sizes.Observe(len(batch))
		again := run(batch)
		l.Batches.Since(began)
		return again
	}
}

// Metrics is what the store has counted since it was opened.
func (s *Store) Metrics() *Metrics { return s.engine.counted() }

// Queued is how many calls wait now to write, and to read.
func (s *Store) Queued() (writes, reads int) { return s.engine.queued() }

// IsServer reports whether the data is on a server.
func (s *Store) IsServer() bool {
	_, is := s.engine.(*server)
	return is
}

func (e *embedded) counted() *Metrics           { return &e.metrics }
func (e *embedded) queued() (writes, reads int) { return len(e.writes.calls), 0 }
func (e *server) counted() *Metrics             { return &e.metrics }
func (e *server) queued() (writes, reads int)   { return len(e.writes.calls), len(e.reads.calls) }

// A Backlog is what is owed by all nodes together. Counts end at BacklogMost:
// looking must not cost more than the work.
type Backlog struct {
	Callbacks   int64     // due now or later
	CallbackDue time.Time // of the one that has been due for longest; zero: none
	Failed      int64     // callbacks that were given up
	Refunds     int64     // accepted and not decided by their bank or funds
	RefundDue   time.Time
	Approvals   int64 // refunds that wait for a person
	Reviews     int64 // payouts that do
	Charges     int64 // of cards, open
	ChargeDue   time.Time
	Expired     int64 // orders whose time is up and that are still open
	OrderDue    time.Time
	Revision    int64 // of the configuration
	Nodes       int64 // that hold a lease
}

// BacklogMost is where the counts of a Backlog end.
const BacklogMost = 10_000

const (
	callbacksOwed = `
SELECT COUNT(*), MIN(due_at) FROM (SELECT due_at FROM deliveries WHERE due_at IS NOT NULL ORDER BY due_at LIMIT $1) AS owed`
	callbacksFailed = `SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE state = 'failed' LIMIT $1) AS failed`
	refundsOwed     = `
SELECT COUNT(*), MIN(due_at) FROM (SELECT due_at FROM refunds WHERE due_at IS NOT NULL ORDER BY due_at LIMIT $1) AS owed`
	refundsWaiting = `SELECT COUNT(*) FROM (SELECT 1 FROM refunds WHERE state = 'pending' LIMIT $1) AS waiting`
	payoutsWaiting = `SELECT COUNT(*) FROM (SELECT 1 FROM disbursements WHERE state = 'held' LIMIT $1) AS waiting`
	chargesOpen    = `
SELECT COUNT(*), MIN(due_at) FROM (SELECT due_at FROM charges WHERE due_at IS NOT NULL ORDER BY due_at LIMIT $1) AS open`
	ordersOver = `
SELECT COUNT(*), MIN(expires_at) FROM (
	SELECT expires_at FROM orders WHERE state = 'created' AND expires_at <= $1 ORDER BY expires_at LIMIT $2) AS over_due`
)

// Backlog reads what is owed at now, in business time.
func (s *Store) Backlog(ctx context.Context, now, machine time.Time) (b Backlog, err error) {
	most := int64(BacklogMost)
	err = s.view(ctx, func(t *tx) error {
		b = Backlog{}
		return errors.Join(
			t.row(callbacksOwed, []any{most}, &b.Callbacks, instant{&b.CallbackDue}),
			t.row(callbacksFailed, []any{most}, &b.Failed),
			t.row(refundsOwed, []any{most}, &b.Refunds, instant{&b.RefundDue}),
			t.row(refundsWaiting, []any{most}, &b.Approvals),
			t.row(payoutsWaiting, []any{most}, &b.Reviews),
			t.row(chargesOpen, []any{most}, &b.Charges, instant{&b.ChargeDue}),
			t.row(ordersOver, []any{micros(now), most}, &b.Expired, instant{&b.OrderDue}),
			t.row(revisionAndNodes, []any{micros(machine)}, &b.Revision, &b.Nodes),
		)
	})
	return b, err
}
