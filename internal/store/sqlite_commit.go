package store

import "fmt"

// A committer runs the calls of a batch one after the other in one
// transaction, each in a savepoint of its own: one that fails undoes only
// itself. No call is answered before the commit is on disk.
type committer struct{ conn *connection }

func (c *committer) run(batch []*call) (again []*call) {
	c.commit(batch)
	return nil
}

// commit runs the batch in one transaction. An error of the transaction itself
// is the result of every call that had none of its own: whether it is on disk
// is then unknown, and none of them says success.
func (c *committer) commit(batch []*call) {
	err := c.control("BEGIN IMMEDIATE")
	if err == nil {
		err = c.runAll(batch)
		if err == nil {
			err = c.control("COMMIT")
		}
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
	for _, w := range batch {
		if w.err = w.ctx.Err(); w.err != nil {
			continue
		}
		if err := c.control("SAVEPOINT call"); err != nil {
			return err
		}
		if w.err = guarded(func() error { return w.fn(&tx{c.conn}) }); w.err != nil {
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

func (c *committer) control(text string) error {
	_, err := c.conn.exec(text)
	return err
}
