// Package node keeps what a process has in memory the same on all processes
// that serve from one database: whoever changes it is answered when every living
// node has the change, and a node that can't know whether it has it does not
// serve. ADR 0011 has the reasoning.
package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"sen/internal/fault"
	"sen/internal/metric"
)

// Store is where nodes meet.
type Store interface {
	// Revision returns how often the configuration was changed, and how many
	// nodes hold a lease at that time of the machine's.
	Revision(ctx context.Context, machine time.Time) (revision, nodes int64, err error)
	// JoinNode adds a node that is behind every revision and holds a lease, and
	// returns the revision that this makes.
	JoinNode(ctx context.Context, id int64, machine, until time.Time) (revision int64, err error)
	// KeepNode writes what a node has in memory and until when its lease lasts;
	// false: the node was forgotten.
	KeepNode(ctx context.Context, id, revision int64, until time.Time) (known bool, err error)
	LeaveNode(ctx context.Context, id int64) error
	// NodesBehind counts the nodes that hold a lease and do not have the
	// revision.
	NodesBehind(ctx context.Context, revision int64, machine time.Time) (int64, error)
}

// Times of a lease. Who waits for a node waits until the lease in the database
// is over; the node itself stops serving earlier, so that the clocks of two
// machines may be skew apart.
const (
	Lease = 3 * time.Second
	skew  = time.Second
	// Look is how often a node looks for changes.
	Look = 200 * time.Millisecond
	// patience is how long a change is waited for, and more than a lease: a node
	// that died is not waited for any longer than that.
	patience = 6 * time.Second
	// lookAgain is how often who waits looks.
	lookAgain = 10 * time.Millisecond
	// hurry is how long a request waits for its node to come back.
	hurry = 3 * time.Second
)

// Refusals of this package.
var (
	// ErrBehind says that a change is kept and that a node has not taken it over.
	ErrBehind = fault.New(fault.Unavailable, "nodes_behind",
		"The change is kept, but a node that serves from this database has not taken it over yet; it stops serving until it does.")
	// ErrCutOff says that this node can't know what the configuration is.
	ErrCutOff = errors.New("this node lost touch with the database and may not have the latest configuration: it serves again once it can read it")
)

// A Node is one life of one process. All fields are needed.
type Node struct {
	ID    int64 // drawn by chance: no two lives have the same
	Store Store
	// Alone says that no other process can serve from the database: there is
	// nobody to wait for, and nothing is written.
	Alone   bool
	Machine func() time.Time
	Log     *slog.Logger
	// Refresh reads the configuration into memory.
	Refresh func(context.Context) error

	once    sync.Once
	joining chan struct{} // holds one token while a join is under way

	looking sync.Mutex
	read    bool      // whether the configuration was ever read
	seen    int64     // revision in memory
	leased  time.Time // when the lease in the database ends; zero: not joined

	valid atomic.Pointer[time.Time] // until when we may serve
	nodes atomic.Int64
	known atomic.Int64 // what seen is, for those who only look
	cuts  metric.Counter
	lost  atomic.Bool // whether the log knows that we are cut off
}

// Join reads the configuration, and makes the other nodes wait for this one from
// now on. It returns when all of them know that it is there.
func (n *Node) Join(ctx context.Context) error {
	if n.Alone {
		return n.Look(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	revision, err := n.join(ctx)
	if err != nil {
		return err
	}
	if err := n.await(ctx, revision); err != nil {
		return err
	}
	return n.serve(ctx)
}

// join takes a lease, and only then reads: a change that is made after that
// waits for us, and one that was made before is what we read.
func (n *Node) join(ctx context.Context) (revision int64, err error) {
	n.looking.Lock()
	defer n.looking.Unlock()
	n.valid.Store(nil)
	now := n.Machine()
	if revision, err = n.Store.JoinNode(ctx, n.ID, now, now.Add(Lease)); err != nil {
		return 0, err
	}
	n.seen, n.leased = -1, now.Add(Lease)
	return revision, n.look(ctx)
}

// serve lets the node serve as long as its lease says.
func (n *Node) serve(ctx context.Context) error {
	n.looking.Lock()
	defer n.looking.Unlock()
	if err := n.look(ctx); err != nil {
		return err
	}
	n.extend()
	if n.lost.Swap(false) {
		n.Log.InfoContext(ctx, "this node has the configuration again, and serves")
	}
	return nil
}

// extend moves the time until which we serve. The lease was written before the
// look that has just succeeded: whoever changed something after that look waits
// for us.
func (n *Node) extend() {
	until := n.leased.Add(-skew)
	n.valid.Store(&until)
}

// Ready reports ErrCutOff when this node may not have the latest configuration.
// It costs nothing while all is well; after a pause it reads what was missed.
func (n *Node) Ready(ctx context.Context) error {
	if n.Serves() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hurry)
	defer cancel()
	return n.comeBack(ctx)
}

// Serves reports whether Ready would say so at once. It waits for nobody.
func (n *Node) Serves() bool { return n.Alone || n.holds() }

// holds reports whether the lease holds by both clocks of the machine: the one
// that was stopped while the machine was, and the one that was set back.
func (n *Node) holds() bool {
	until := n.valid.Load()
	if until == nil {
		return false
	}
	now := n.Machine()
	return now.Before(*until) && now.Round(0).Before(until.Round(0))
}

// comeBack joins again. One caller does, the others wait for it.
func (n *Node) comeBack(ctx context.Context) error {
	n.once.Do(func() { n.joining = make(chan struct{}, 1) })
	err := ctx.Err()
	select {
	case n.joining <- struct{}{}:
		if !n.holds() {
			err = n.Join(ctx)
		}
		<-n.joining
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err == nil {
		return nil
	}
	if !n.lost.Swap(true) {
		n.cuts.Inc()
		n.Log.ErrorContext(ctx, ErrCutOff.Error(), "error", err)
	}
	return fmt.Errorf("%w: %w", ErrCutOff, err)
}

// Nodes returns how many nodes serve, this one included.
func (n *Node) Nodes() int64 {
	if n.Alone {
		return 1
	}
	return max(n.nodes.Load(), 1)
}

// Known is the revision of the configuration that the node has in memory.
func (n *Node) Known() int64 { return n.known.Load() }

// Cuts counts how often the node lost touch with the database.
func (n *Node) Cuts() *metric.Counter { return &n.cuts }

// Look reads what has changed, and keeps the lease. Call it every Look.
func (n *Node) Look(ctx context.Context) error {
	if !n.Alone && !n.holds() {
		return n.comeBack(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, Lease)
	defer cancel()
	n.looking.Lock()
	defer n.looking.Unlock()
	if err := n.look(ctx); err != nil || n.Alone {
		return err // a node that can't read what was changed does not keep its lease
	}
	now := n.Machine()
	if now.Add((Lease - skew) / 2).Before(n.leased.Add(-skew)) {
		return nil
	}
	if err := n.keep(ctx, now.Add(Lease)); err != nil {
		return err
	}
	if err := n.look(ctx); err != nil {
		return err
	}
	if n.holds() { // or else the others had stopped counting on us: join again
		n.extend()
	}
	return nil
}

// look reads the revision, and the configuration if that has changed. The
// revision comes first: what is read after it is at least as new.
func (n *Node) look(ctx context.Context) error {
	revision, nodes, err := n.Store.Revision(ctx, n.Machine())
	if err != nil {
		return err
	}
	n.nodes.Store(nodes)
	if n.read && revision == n.seen {
		return nil
	}
	if err := n.Refresh(ctx); err != nil {
		return err
	}
	n.read, n.seen = true, revision
	n.known.Store(revision)
	if n.Alone {
		return nil
	}
	return n.keep(ctx, n.leased)
}

// keep writes the node's row. A node that was forgotten was away for long.
func (n *Node) keep(ctx context.Context, until time.Time) error {
	known, err := n.Store.KeepNode(ctx, n.ID, n.seen, until)
	if err == nil && !known {
		n.valid.Store(nil)
		err = ErrCutOff
	}
	if err == nil {
		n.leased = until
	}
	return err
}

// Changed returns when this node and every other one that serves has what was
// changed before the call. ErrBehind says that one does not have it in time.
func (n *Node) Changed(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	revision, _, err := n.Store.Revision(ctx, n.Machine())
	if err != nil {
		return err
	}
	if n.Alone {
		return n.Look(ctx)
	}
	return n.await(ctx, revision)
}

// await looks until every node has the revision, this one too.
func (n *Node) await(ctx context.Context, revision int64) error {
	return await(ctx, n.Store, n.Machine, revision, func() error {
		n.looking.Lock()
		defer n.looking.Unlock()
		return n.look(ctx)
	})
}

// Await returns when every node has the revision that the database has now. It
// is for a process that changes something and does not serve.
func Await(ctx context.Context, store Store, machine func() time.Time) error {
	revision, _, err := store.Revision(ctx, machine())
	if err != nil {
		return err
	}
	return await(ctx, store, machine, revision, func() error { return nil })
}

func await(ctx context.Context, store Store, machine func() time.Time, revision int64, look func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for {
		err := look()
		if err != nil {
			return err
		}
		behind, err := store.NodesBehind(ctx, revision, machine())
		if err != nil || behind == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ErrBehind
		case <-tick.C:
		}
	}
}

// Leave makes the others stop waiting for this node.
func (n *Node) Leave(ctx context.Context) error {
	n.looking.Lock()
	defer n.looking.Unlock()
	joined := !n.leased.IsZero()
	n.leased = time.Time{}
	n.valid.Store(nil)
	if !joined {
		return nil
	}
	return n.Store.LeaveNode(ctx, n.ID)
}
