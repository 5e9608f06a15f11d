package store

import (
	"errors"
	"fmt"
)

// A committer runs the calls of a batch one after the other in one
// transaction. A call that fails undoes only itself. No call is answered
// before the commit is on disk.
type committer struct {
	conn   *connection
	of     *embedded
	posted []posted // by the calls of the batch that did not fail
}

func (c *committer) run(batch []*call) (again []*call) {
	c.of.log.between(c.conn, c.of.archive.catchUp, c.of.freeReaders)
	c.commit(batch)
	return nil
}

// errHalfDone says that a call failed after it had written.
var errHalfDone = errors.New("a call that failed has written")

// commit runs the batch in one transaction. An error of the transaction itself
// is the result of every call that had none of its own: whether it is on disk
// is then unknown, and none of them says success.
//
// Calls that fail nearly always do so before they write. So savepoints, which
// make SQLite keep a copy of each page that a call changes, are only used
// where the batch turned out to need them.
func (c *committer) commit(batch []*call) {
	err := c.transaction(batch, c.together)
	if errors.Is(err, errHalfDone) {
		if len(batch) == 1 && batch[0].err != nil {
			return // nothing of it is left
		}
		err = c.transaction(batch, c.apart)
	}
	if err == nil {
		return
	}
	for _, w := range batch {
		if w.err == nil {
			w.err = fmt.Errorf("commit: %w", err)
		}
	}
}

// transaction runs the calls and seals what they have entered in the ledger.
func (c *committer) transaction(batch []*call, run func([]*call) error) error {
	chain := c.of.chain.Load()
	c.posted = c.posted[:0]
	err := c.control("BEGIN IMMEDIATE")
	if err != nil {
		return err
	}
	err = run(batch)
	if err == nil {
		err = chain.seal(&tx{session: c.conn}, c.posted)
	}
	if err == nil {
		err = c.control("COMMIT")
	}
	chain.ended(err == nil)
	if err != nil {
		// The engine may have rolled back by itself; then this fails, and
		// there is nothing left to roll back.
		_ = c.control("ROLLBACK")
	}
	c.of.state.Add(1) // also where it is not known what became of it
	return err
}

// together runs the calls until one has to be undone.
func (c *committer) together(batch []*call) error {
	for _, w := range batch {
		before := c.conn.conn.TotalChanges()
		c.call(w)
		wrote := c.conn.conn.TotalChanges() != before
		if w.err != nil && wrote || c.conn.conn.GetAutocommit() { // the engine itself may have undone all
			return errHalfDone
		}
	}
	return nil
}

// apart runs each call in a savepoint of its own.
func (c *committer) apart(batch []*call) error {
	for _, w := range batch {
		if err := c.control("SAVEPOINT call"); err != nil {
			return err
		}
		if c.call(w); w.err != nil {
			if err := c.control("ROLLBACK TO call"); err != nil {
				return err
			}
		}
		if err := c.control("RELEASE call"); err != nil {
			return err
		}
	}
	return nil
}

// call runs one call, unless nobody waits for it any more.
func (c *committer) call(w *call) {
	if w.err = w.ctx.Err(); w.err != nil {
		return
	}
	t := &tx{session: c.conn}
	if w.err = guarded(func() error { return w.fn(t) }); w.err == nil {
		c.posted = append(c.posted, t.posted...)
	}
}

func (c *committer) control(text string) error {
	_, err := c.conn.exec(text)
	return err
}
