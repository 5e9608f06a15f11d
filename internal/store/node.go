package store

import (
	"context"
	"errors"
	"time"
)

// Of what nodes keep in memory every change raises the revision, and does so
// first: the row makes changes queue, so that what one of them reads is what
// the one before it wrote.
const raiseRevision = `UPDATE revision SET n = n + 1 WHERE id = 1`

// configure runs a change of what nodes keep in memory.
func (s *Store) configure(ctx context.Context, fn func(*tx) error) error {
	return s.audited(ctx, func(t *tx) error {
		if _, err := t.exec(raiseRevision); err != nil {
			return err
		}
		return fn(t)
	})
}

const revisionAndNodes = `
SELECT n, (SELECT COUNT(*) FROM nodes WHERE leased_until > $1) FROM revision WHERE id = 1`

// Revision returns how often the configuration was changed, and how many nodes
// hold a lease at that time of the machine's.
func (s *Store) Revision(ctx context.Context, machine time.Time) (revision, nodes int64, err error) {
	err = s.view(ctx, func(t *tx) error {
		return t.row(revisionAndNodes, []any{micros(machine)}, &revision, &nodes)
	})
	return revision, nodes, err
}

const putNode = `
INSERT INTO nodes (id, revision, leased_until) VALUES ($1, $2, $3)
ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, leased_until = excluded.leased_until`

const dropNodesBefore = `DELETE FROM nodes WHERE leased_until < $1`

// forgotten is how long after its lease a node is still listed.
const forgotten = time.Hour

// JoinNode adds a node, or one that comes back, and returns the revision that
// this makes: that there is one more concerns all of them. It holds a lease
// until then and is behind every revision.
func (s *Store) JoinNode(ctx context.Context, id int64, machine, until time.Time) (revision int64, err error) {
	err = s.configure(ctx, func(t *tx) error {
		if _, err := t.exec(dropNodesBefore, micros(machine.Add(-forgotten))); err != nil {
			return err
		}
		if _, err := t.exec(putNode, id, int64(-1), micros(until)); err != nil {
			return err
		}
		return t.row(revisionAndNodes, []any{micros(machine)}, &revision, new(int64))
	})
	return revision, err
}

const keepNode = `UPDATE nodes SET revision = $2, leased_until = $3 WHERE id = $1`

// KeepNode writes which revision a node has in memory, and until when its lease
// lasts. A node that was forgotten is not there: it is false.
func (s *Store) KeepNode(ctx context.Context, id, revision int64, until time.Time) (known bool, err error) {
	err = s.update(ctx, func(t *tx) error {
		n, err := t.exec(keepNode, id, revision, micros(until))
		known = n == 1
		return err
	})
	return known, err
}

const dropNode = `DELETE FROM nodes WHERE id = $1`

// LeaveNode removes a node that stops.
func (s *Store) LeaveNode(ctx context.Context, id int64) error {
	return s.configure(ctx, func(t *tx) error {
		_, err := t.exec(dropNode, id)
		return err
	})
}

const nodesBehind = `SELECT COUNT(*) FROM nodes WHERE revision < $1 AND leased_until > $2`

// NodesBehind counts the nodes that hold a lease at that time of the machine's
// and do not have the revision in memory yet.
func (s *Store) NodesBehind(ctx context.Context, revision int64, machine time.Time) (behind int64, err error) {
	err = s.view(ctx, func(t *tx) error {
		return t.row(nodesBehind, []any{revision, micros(machine)}, &behind)
	})
	return behind, err
}

const leaseHeld = `SELECT COUNT(*) FROM leases WHERE name = $1 AND owner <> $2 AND leased_until > $3`

const leaseFresh = `SELECT COUNT(*) FROM leases WHERE name = $1 AND owner = $2 AND leased_until > $3`

const takeLease = `
INSERT INTO leases (name, owner, leased_until) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, leased_until = excluded.leased_until
WHERE leases.owner = excluded.owner OR leases.leased_until <= $4`

// TakeLease takes a named lease, or keeps it, and reports whether the owner has
// it. It writes only when less than half of it is left.
func (s *Store) TakeLease(ctx context.Context, name string, owner int64, machine time.Time, length time.Duration) (mine bool, err error) {
	var others, fresh int64
	err = s.view(ctx, func(t *tx) error {
		if err := t.row(leaseHeld, []any{name, owner, micros(machine)}, &others); err != nil {
			return err
		}
		return t.row(leaseFresh, []any{name, owner, micros(machine.Add(length / 2))}, &fresh)
	})
	if err != nil || others > 0 || fresh > 0 {
		return fresh > 0, err
	}
	err = s.update(ctx, func(t *tx) error {
		n, err := t.exec(takeLease, name, owner, micros(machine.Add(length)), micros(machine))
		mine = n == 1
		return err
	})
	return mine, err
}

const dropLeases = `DELETE FROM leases WHERE owner = $1`

// DropLeases gives back the named leases of an owner that stops.
func (s *Store) DropLeases(ctx context.Context, owner int64) error {
	return s.update(ctx, func(t *tx) error {
		_, err := t.exec(dropLeases, owner)
		return err
	})
}

// The row is of the latest second that any node has asked for. Who asks for an
// earlier one, by a clock that is a little behind, shares the latest; who is
// further away lives after a jump of the clock. The values on the right are
// those before the update, so granted is what this call gets.
const takePermits = `
INSERT INTO permits (app_id, operation, at_second, taken, granted) VALUES ($1, $2, $3, $4, $4)
ON CONFLICT (app_id, operation) DO UPDATE SET
	granted = CASE WHEN permits.at_second < $3 OR permits.at_second > $3 + $6 THEN $4
		WHEN permits.taken + $4 > $5 THEN $5 - permits.taken ELSE $4 END,
	taken = CASE WHEN permits.at_second < $3 OR permits.at_second > $3 + $6 THEN $4
		WHEN permits.taken + $4 > $5 THEN $5 ELSE permits.taken + $4 END,
	at_second = CASE WHEN permits.at_second > $3 AND permits.at_second <= $3 + $6 THEN permits.at_second ELSE $3 END
WHERE permits.at_second < $3 OR permits.at_second > $3 + $6 OR permits.taken < $5
RETURNING granted`

// clocksApart is how many seconds the clocks of two nodes may be apart for both
// to take from the same permits.
const clocksApart = 2

// TakePermits takes at most n of the permits that an app has for calls of an
// operation in a second, which are limit in all, and returns how many there
// were; n is 1 to limit.
func (s *Store) TakePermits(ctx context.Context, app int64, operation string, second, n, limit int64) (granted int64, err error) {
	err = s.update(ctx, func(t *tx) error {
		granted = 0
		args := []any{app, operation, second, n, limit, int64(clocksApart)}
		return t.rows(takePermits, args, func(scan func(...any) error) error { return scan(&granted) })
	})
	return granted, err
}

// errKeys says that chance is broken.
var errKeys = errors.New("no free key was found")

// keysTried is how many neighbours of a taken key are tried.
const keysTried = 100

// nextFree runs an insert that does nothing when the key is taken, with the key
// and then with its neighbours. Two nodes draw the same key now and then.
func nextFree(key int64, insert func(key int64) (int64, error)) error {
	for try := range int64(keysTried) {
		n, err := insert(key + try)
		if err != nil || n == 1 {
			return err
		}
	}
	return errKeys
}
