// Package metric counts what a gateway does, and writes the counts for
// Prometheus. The zero values of the counters are ready: packages have them as
// fields, count, and need not know whether anybody looks. To count costs some
// tens of nanoseconds and never waits. ADR 0020 has the reasoning.
package metric

import (
	"sync/atomic"
	"time"
)

// A Counter only grows.
type Counter struct{ n atomic.Int64 }

// Inc adds one.
func (c *Counter) Inc() { c.n.Add(1) }

// Add adds n, which is not negative.
func (c *Counter) Add(n int64) { c.n.Add(n) }

// Value is the count since the process began.
func (c *Counter) Value() int64 { return c.n.Load() }

// lengths are the upper bounds of the buckets of Durations.
var lengths = [...]time.Duration{
	500 * time.Microsecond, time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond,
	25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second,
}

// Durations is how long something took, in buckets from 0.5 ms to 30 s.
type Durations struct {
	counts [len(lengths) + 1]atomic.Int64
	sum    atomic.Int64 // nanoseconds
}

// Observe counts one.
func (d *Durations) Observe(took time.Duration) {
	i := 0
	for i < len(lengths) && took > lengths[i] {
		i++
	}
	d.counts[i].Add(1)
	d.sum.Add(int64(took))
}

// Now is when something begins of which it is measured how long it takes: by the
// machine's clock, whatever the gateway's says.
func Now() time.Time { return time.Now() }

// Since counts one that began then.
func (d *Durations) Since(began time.Time) { d.Observe(Now().Sub(began)) }

// Count is how many were observed.
func (d *Durations) Count() (n int64) {
	for i := range d.counts {
		n += d.counts[i].Load()
	}
	return n
}

// numbers are the upper bounds of the buckets of Sizes.
var numbers = [...]int64{1, 2, 4, 8, 16, 32, 64, 128, 256}

// Sizes is how many there were of something at a time, in buckets from 1 to 256.
type Sizes struct {
	counts [len(numbers) + 1]atomic.Int64
	sum    atomic.Int64
}

// Observe counts one time.
func (s *Sizes) Observe(n int) {
	i := 0
	for i < len(numbers) && int64(n) > numbers[i] {
		i++
	}
	s.counts[i].Add(1)
	s.sum.Add(int64(n))
}
