package exchange

import (
	"sync"
	"sync/atomic"
)

// A Stream hears of exchanges as they are kept.
type Stream struct {
	// C gives them in order. It is closed when the gateway stops.
	C       <-chan Exchange
	send    chan Exchange
	dropped atomic.Int64
}

// Dropped returns how many it has missed because they were not taken from C in
// time.
func (s *Stream) Dropped() int64 { return s.dropped.Load() }

// streamed is how many exchanges wait for one who watches.
const streamed = 256

type streams struct {
	mu     sync.Mutex
	all    map[*Stream]bool
	closed bool
}

// Watch returns a stream of what is kept from now on, and what ends it.
func (l *Log) Watch() (s *Stream, stop func()) {
	c := make(chan Exchange, streamed)
	s = &Stream{C: c, send: c}
	l.streams.mu.Lock()
	defer l.streams.mu.Unlock()
	if l.streams.closed {
		close(c)
		return s, func() {}
	}
	if l.streams.all == nil {
		l.streams.all = map[*Stream]bool{}
	}
	l.streams.all[s] = true
	return s, func() {
		l.streams.mu.Lock()
		defer l.streams.mu.Unlock()
		delete(l.streams.all, s)
	}
}

// EndStreams closes every stream: a server that waits for its last answers
// would wait for these for ever.
func (l *Log) EndStreams() {
	l.streams.mu.Lock()
	defer l.streams.mu.Unlock()
	for s := range l.streams.all {
		close(s.send)
	}
	l.streams.all, l.streams.closed = nil, true
}

func (s *streams) send(all []Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for one := range s.all {
		for i := range all {
			select {
			case one.send <- all[i]:
			default:
				one.dropped.Add(1)
			}
		}
	}
}
