package store

import (
	"context"
	"slices"
	"sync"
	"time"

	"sen/internal/metric"
)

// A queue hands the calls of everyone to one goroutine in batches: whatever
// arrived while the last batch was on its way to disk is the next one. Making a
// commit durable costs about as much as twenty of our transactions, so sharing
// commits is what lets many callers write at once.
type queue struct {
	calls  chan *call
	mu     sync.RWMutex
	closed bool
	done   sync.WaitGroup
}

// A call is a function that waits to be run in a transaction.
type call struct {
	ctx  context.Context
	fn   func(*tx) error
	err  error
	done chan struct{}
	lost turn      // that it came too late for in the last batch; zero: none
	at   time.Time // when it began to wait
}

// maxBatch bounds one commit. At 16 a third of the throughput is lost; from
// 128 on there is little to gain, and the last call of a batch waits longer.
const maxBatch = 256

func newQueue() *queue { return &queue{calls: make(chan *call, maxBatch)} }

// work runs batches until the queue is closed and empty, and calls end then.
// run returns the calls that must run again, first of all in the next batch.
func (q *queue) work(run func([]*call) (again []*call), end func()) {
	q.done.Go(func() {
		defer end()
		batch := make([]*call, 0, maxBatch)
		var again []*call
		for {
			batch = append(batch[:0], again...)
			if len(batch) == 0 {
				first, ok := <-q.calls
				if !ok {
					return
				}
				batch = append(batch, first)
			}
			batch = q.gather(batch)
			again = run(batch)
			for _, w := range batch {
				if !slices.Contains(again, w) {
					close(w.done)
				}
			}
			clear(batch)
		}
	})
}

// gather adds the calls that wait already. It never waits for more: the time
// to gather is the time of the last commit.
func (q *queue) gather(batch []*call) []*call {
	for len(batch) < maxBatch {
		select {
		case w, ok := <-q.calls:
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

// do hands fn to a worker and waits for its commit.
func (q *queue) do(ctx context.Context, fn func(*tx) error) error {
	w := &call{ctx: ctx, fn: fn, done: make(chan struct{}), at: metric.Now()}
	if err := q.submit(w); err != nil {
		return err
	}
	// Once submitted a call is waited for, whatever becomes of ctx: the caller
	// must learn whether its money moved.
	<-w.done
	return w.err
}

func (q *queue) submit(w *call) error {
	if err := w.ctx.Err(); err != nil {
		return err // select would toss a coin
	}
	q.mu.RLock()
	defer q.mu.RUnlock()
	if q.closed {
		return ErrClosed
	}
	select {
	case q.calls <- w:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

// close waits for the calls that are queued.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	close(q.calls)
	q.mu.Unlock()
	q.done.Wait()
}
