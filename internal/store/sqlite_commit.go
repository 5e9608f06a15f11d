package store

import (
	"fmt"
	"sync/atomic"
)

// A committer runs the calls of a batch one after the other in one
// transaction, each in a savepoint of its own: one that fails undoes only
// itself. No call is answered before the commit is on disk.
type committer struct {
	conn   *connection
	chain  *atomic.Pointer[chain]
	posted []posted // by the calls of the batch that did not fail
}

func (c *committer) run(batch []*call) (again []*call) {
	c.commit(batch)
	return nil
}

// commit runs the batch in one transaction. An error of the transaction itself
// is the result of every call that had none of its own: whether it is on disk
// is then unknown, and none of them says success.
func (c *committer) commit(batch []*call) {
	chain := c.chain.Load()
	err := c.control("BEGIN IMMEDIATE")
	if err == nil {
		err = c.runAll(batch)
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

func (c *committer) runAll(batch []*call) error {
	c.posted = c.posted[:0]
	for _, w := range batch {
		if w.err = w.ctx.Err(); w.err != nil {
			continue
		}
		if err := c.control("SAVEPOINT call"); err != nil {
			return err
		}
		t := &tx{session: c.conn}
		if w.err = guarded(func() error { return w.fn(t) }); w.err != nil {
			if err := c.control("ROLLBACK TO call"); err != nil {
				return err
			}
		} else {
			c.posted = append(c.posted, t.posted...)
		}
		if err := c.control("RELEASE call"); err != nil {
			return err
		}
	}
	return nil
}

func (c *committer) control(text string) error {
	_, err := c.conn.exec(text)
	return err
}
