package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// An operation is one call by one caller: it sends, and checks that the answer
// is the one expected. errEmpty says that nothing is left to do it with.
type operation func(c *caller) error

var errEmpty = errors.New("nothing is left to do it with")

// errRefused is the answer of a gateway that has too many calls.
var errRefused = errors.New("refused: too many calls")

// A caller sends one request after the other over a connection of its own.
type caller struct {
	*conn
	n        int // which one it is, from 0
	requests map[string]*request
	took     *hdrhistogram.Histogram
	refused  *hdrhistogram.Histogram // how long it took to hear that
	failed   int64
	failure  error // the first one
}

// Latencies are kept to one percent, from a microsecond to a minute.
const (
	longest   = int64(time.Minute / time.Microsecond)
	precision = 2
)

func newCaller(addr address, n int) *caller {
	return &caller{
		conn: &conn{addr: addr}, n: n, requests: map[string]*request{},
		took: hdrhistogram.New(1, longest, precision), refused: hdrhistogram.New(1, longest, precision),
	}
}

// request returns the caller's own request for the path.
func (c *caller) request(path, contentType string) *request {
	r := c.requests[path]
	if r == nil {
		r = newRequest(c.addr.host, path, contentType)
		c.requests[path] = r
	}
	return r
}

// A load is many callers doing the same for a while.
type load struct {
	callers []*caller
	op      operation
	stop    atomic.Bool
	// perSecond paces the callers together; 0 lets each go as fast as it can.
	perSecond float64
	// crowd says that more is asked than the server can do: it may refuse, and
	// how long an answer takes counts from when the call was made.
	crowd bool
	turns atomic.Int64
}

// impatience is how soon a caller that was refused makes its next call: ten
// times as soon as it was told to.
const impatience = 100 * time.Millisecond

// patience is how long an answer may take beyond the time of the load.
const patience = 2 * time.Minute

// run lets the callers work for the given time, or until there is nothing
// left to do it with, and returns how long they did.
func (l *load) run(ctx context.Context, d time.Duration) (time.Duration, error) {
	l.stop.Store(false)
	l.turns.Store(0)
	stopped := context.AfterFunc(ctx, func() { l.stop.Store(true) })
	defer stopped()
	timer := time.AfterFunc(d, func() { l.stop.Store(true) })
	defer timer.Stop()

	began := time.Now()
	var all sync.WaitGroup
	for _, c := range l.callers {
		if err := c.until(began.Add(d + patience)); err != nil {
			return 0, err
		}
		all.Go(func() { l.work(c, began) })
	}
	all.Wait()
	return time.Since(began), ctx.Err()
}

// work makes calls until it is told to stop, and at least one.
func (l *load) work(c *caller, began time.Time) {
	for first := true; first || !l.stop.Load(); first = false {
		from := time.Now()
		if l.perSecond > 0 {
			// From when the call was due: a server that falls behind is late
			// for everyone who waits, not only for those it has let in.
			from = began.Add(time.Duration(float64(l.turns.Add(1)) / l.perSecond * float64(time.Second)))
			time.Sleep(time.Until(from))
		}
		if l.crowd {
			from = time.Now()
		}
		err := l.op(c)
		if errors.Is(err, errEmpty) {
			l.stop.Store(true)
			return
		}
		took := min(longest, max(1, time.Since(from).Microseconds()))
		switch {
		case err == nil:
			c.took.RecordValue(took) //nolint:errcheck // it is in range
		case l.crowd && errors.Is(err, errRefused):
			c.refused.RecordValue(took) //nolint:errcheck // the same
			time.Sleep(impatience)
		default:
			c.fail(err)
		}
	}
}

func (c *caller) fail(err error) {
	c.failed++
	if c.failure == nil {
		c.failure = err
	}
}

// forget empties what the callers have measured.
func (l *load) forget() {
	for _, c := range l.callers {
		c.took.Reset()
		c.refused.Reset()
		c.failed, c.failure = 0, nil
	}
}

func (l *load) close() {
	for _, c := range l.callers {
		c.close()
	}
}

var tooMany = []byte(`"sub_return_code":-429`)

// unexpected is an answer that the operation did not expect.
func unexpected(what string, status int, body []byte) error {
	if bytes.Contains(body, tooMany) {
		return fmt.Errorf("%s: %w", what, errRefused)
	}
	return fmt.Errorf("%s: unexpected answer: HTTP %d: %.300s", what, status, body)
}
