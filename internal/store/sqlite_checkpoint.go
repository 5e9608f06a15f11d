package store

import (
	"sync"

	"github.com/ncruces/go-sqlite3"
)

// Pages of the log at which it is copied into the database. Rarer is cheaper,
// since a page that changed often is copied once, until the log is so long
// that searching it costs more.
const checkpointAt = 10_000

// A checkpointer copies the log into the database while the writer goes on, so
// that no caller waits for tens of milliseconds. What was written meanwhile is
// left for the writer, who alone can start the log anew: little, because the
// checkpointer goes over the log twice.
type checkpointer struct {
	open func() (*connection, error) // its connection, when it is needed first
	wake chan struct{}
	done chan struct{} // holds a token when the writer's turn has come
	end  sync.WaitGroup

	// The writer's own.
	every int  // so many pages a copy: checkpointAt
	pages int  // in the log
	next  int  // at how many it is copied again
	busy  bool // the checkpointer is on its way, or done
}

func newCheckpointer(open func() (*connection, error)) *checkpointer {
	c := &checkpointer{open: open, wake: make(chan struct{}, 1), done: make(chan struct{}, 1), every: checkpointAt, next: checkpointAt}
	c.end.Go(c.work)
	return c
}

// work copies the log twice whenever it is woken. A failure leaves the log as
// it is: longer, and not wrong. The writer meets what is behind it itself.
func (c *checkpointer) work() {
	var conn *connection
	for range c.wake {
		if conn == nil {
			conn, _ = c.open()
		}
		for range 2 {
			if conn != nil {
				_, _, _ = conn.conn.WALCheckpoint("", sqlite3.CHECKPOINT_PASSIVE)
			}
		}
		c.done <- struct{}{}
	}
	if conn != nil {
		_ = conn.close() // it has nothing to lose
	}
}

// watch counts the pages of the log, in place of SQLite's own checkpoints, and
// has them noted after each commit.
func (c *checkpointer) watch(writer *connection, note func(pages int)) {
	writer.conn.WALHook(func(_ *sqlite3.Conn, _ string, pages int) error {
		if pages < c.pages {
			c.next = c.every // the log was started anew
		}
		c.pages = pages
		note(pages)
		return nil
	})
}

// between is called by the writer when it has no transaction. What readers saw
// last, however long ago, is where a copy ends: so free makes them forget it
// first, and again once all of the log is copied, to look at the database
// instead. The next commit then starts the log anew; archive lets the rest of
// the log be copied before that.
func (c *checkpointer) between(writer *connection, archive, free func()) {
	switch {
	case !c.busy && c.pages >= c.next:
		c.busy = true
		free()
		c.wake <- struct{}{}
	case c.busy && len(c.done) > 0:
		<-c.done
		c.busy = false
		archive()
		free()
		_, _, _ = writer.conn.WALCheckpoint("", sqlite3.CHECKPOINT_PASSIVE) // as above
		free()
		c.next = c.pages + c.every
	}
}

func (c *checkpointer) close() {
	close(c.wake)
	c.end.Wait()
}
