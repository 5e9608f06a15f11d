package store

import (
	"errors"
	"time"
)

// snapshotLife is how long a reader goes by what it saw at first where nothing
// tells it of a change: another process may administer the database.
const snapshotLife = 20 * time.Millisecond

// A reader keeps its transaction from one view to the next, for as long as
// nothing was committed: to begin one takes locks on files, which cost more
// than to look up an order.
type reader struct {
	*connection

	open  bool
	state uint64 // how many commits there had been when it began
	since time.Time
}

// view runs fn over what is there after so many commits.
func (r *reader) view(state uint64, fn func(*tx) error) error {
	if r.open && (r.state != state || time.Since(r.since) > snapshotLife) { //nolint:forbidigo // the same
		if err := r.free(); err != nil {
			return err
		}
	}
	if !r.open {
		if _, err := r.exec("BEGIN"); err != nil {
			return err
		}
		r.open, r.state, r.since = true, state, time.Now() //nolint:forbidigo // the age of what this process saw
	}
	err := guarded(func() error { return fn(&tx{session: r.connection}) })
	if err != nil {
		return errors.Join(err, r.free()) // who knows in what state it was left
	}
	return nil
}

// free ends the transaction, if there is one.
func (r *reader) free() error {
	if !r.open {
		return nil
	}
	r.open = false
	if r.conn.GetAutocommit() {
		return nil // an error has ended it
	}
	_, err := r.exec("ROLLBACK")
	return err
}
