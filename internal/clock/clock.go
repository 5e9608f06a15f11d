// Package clock is the gateway's sense of time: the machine's clock plus an
// offset that a sandbox may move, so that expiry, retries, refunds and limits
// move together.
package clock

import (
	"sync"
	"sync/atomic"
	"time"
)

// Clock tells the time. The zero value is the machine's clock.
type Clock struct {
	// Machine is the clock underneath; nil means time.Now.
	Machine func() time.Time

	offset atomic.Int64 // nanoseconds
	mu     sync.Mutex
	moved  []func()
}

// Now returns the machine's time plus the offset.
func (c *Clock) Now() time.Time {
	return c.machine().Add(c.Offset())
}

// Offset returns how far the clock is ahead of the machine's.
func (c *Clock) Offset() time.Duration { return time.Duration(c.offset.Load()) }

// Move sets the offset and tells everyone who waits for time to pass.
func (c *Clock) Move(offset time.Duration) {
	c.offset.Store(int64(offset))
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.moved {
		f()
	}
}

// OnMove registers f to be called after each Move. f must not block.
func (c *Clock) OnMove(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved = append(c.moved, f)
}

func (c *Clock) machine() time.Time {
	if c.Machine != nil {
		return c.Machine()
	}
	return time.Now()
}
