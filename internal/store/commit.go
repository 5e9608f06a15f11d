package store

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
)

// A committer runs the writes of everyone, one after the other, in shared
// transactions: whatever calls arrived while the last commit was on its way to
// disk go into the next one. Forcing a commit to disk costs about as much as
// twenty of our transactions, so this is what lets many callers write at once
// on an engine with a single writer. Each call has its own savepoint: one that
// fails undoes only itself. No call is answered before its commit is on disk.
type committer struct {
	conn   *connection
	calls  chan *call
	mu     sync.RWMutex
	closed bool
	done   chan struct{}
}

type call struct {
	ctx  context.Context
	fn   func(*tx) error
	err  error
	done chan struct{}
}

// maxBatch bounds one commit. At 16 a third of the throughput is lost; from
// 128 on there is little to gain, and the last call of a batch waits longer.
const maxBatch = 256

func startCommitter(s *connection) *committer {
	c := &committer{conn: s, calls: make(chan *call, maxBatch), done: make(chan struct{})}
	go c.run()
	return c
}

// do hands fn to the writer and waits for its commit.
func (c *committer) do(ctx context.Context, fn func(*tx) error) error {
	w := &call{ctx: ctx, fn: fn, done: make(chan struct{})}
	if err := c.submit(w); err != nil {
		return err
	}
	// Once submitted a call is waited for, whatever becomes of ctx: the caller
	// must learn whether its money moved.
	<-w.done
	return w.err
}

func (c *committer) submit(w *call) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed {
		return ErrClosed
	}
	select {
	case c.calls <- w:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

func (c *committer) close() error {
	c.mu.Lock()
	c.closed = true
	close(c.calls)
	c.mu.Unlock()
	<-c.done
	return c.conn.close()
}

func (c *committer) run() {
	defer close(c.done)
	batch := make([]*call, 0, maxBatch)
	for first := range c.calls {
		batch = c.gather(append(batch[:0], first))
		c.commit(batch)
		for _, w := range batch {
			close(w.done)
		}
		clear(batch)
	}
}

// gather adds the calls that wait already. It never waits for more: the time
// to gather is the time of the last commit.
func (c *committer) gather(batch []*call) []*call {
	for len(batch) < maxBatch {
		select {
		case w, ok := <-c.calls:
			if !ok {
				return batch
			}
			batch = append(batch, w)
		default:
			return batch
		}
	}
	return batch
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
		if w.err = c.runOne(w); w.err != nil {
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

// runOne runs a call. A panic is that call's error: the others in the batch
// have done nothing wrong.
func (c *committer) runOne(w *call) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a transaction: %v\n%s", p, debug.Stack())
		}
	}()
	return w.fn(&tx{c.conn})
}

func (c *committer) control(text string) error {
	_, err := c.conn.exec(text)
	return err
}
