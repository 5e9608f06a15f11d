package app

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"
)

// mostConnections is how many clients may be connected at once. Each costs some
// 10 kB and a file.
const mostConnections = 10_000

// connections bounds how many there are. Where there is no room for another one,
// one that waits for its next request is closed, the longest first; when all are
// at work the newcomer is told to come again. So clients who connect and then do
// nothing can't keep others out.
type connections struct {
	net.Listener
	most int

	mu   sync.Mutex
	open map[*connection]time.Time // since when it is idle; zero: at work
}

// A connection counts itself out when it is closed.
type connection struct {
	net.Conn
	of   *connections
	once sync.Once
}

func newConnections(l net.Listener, most int) *connections {
	return &connections{Listener: l, most: most, open: map[*connection]time.Time{}}
}

// Close counts the connection out.
func (c *connection) Close() error {
	c.once.Do(func() { c.of.remove(c) })
	return c.Conn.Close()
}

func (s *connections) remove(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
}

// busy is all that a client hears for whom there is no room.
const busy = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

// Accept implements net.Listener.
func (s *connections) Accept() (net.Conn, error) {
	for {
		conn, err := s.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if c, ok := s.admit(conn); ok {
			return c, nil
		}
		// A few bytes fit into the socket's buffer: nobody waits for the client. One
		// that speaks TLS can't read them, and sees that it was cut off.
		_, _ = conn.Write([]byte(busy))
		_ = conn.Close() // it was never ours
	}
}

func (s *connections) admit(conn net.Conn) (*connection, bool) {
	c := &connection{Conn: conn, of: s}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.open) >= s.most {
		old := s.longestIdle()
		if old == nil {
			return nil, false
		}
		delete(s.open, old)
		_ = old.Conn.Close() // its server finds out when it reads on
	}
	s.open[c] = time.Time{}
	return c, true
}

func (s *connections) longestIdle() (longest *connection) {
	for c, since := range s.open {
		if !since.IsZero() && (longest == nil || since.Before(s.open[longest])) {
			longest = c
		}
	}
	return longest
}

// rest returns when none is at work, or when ctx ends.
func (s *connections) rest(ctx context.Context) {
	look := time.NewTicker(lookForRest)
	defer look.Stop()
	for s.works() {
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}

// lookForRest is how often rest looks.
const lookForRest = 5 * time.Millisecond

func (s *connections) works() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, since := range s.open {
		if since.IsZero() {
			return true
		}
	}
	return false
}

// note is told by the server what a connection does. One that has not sent
// anything yet is at work: the time-out of headers ends it soon.
func (s *connections) note(conn net.Conn, state http.ConnState) {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	c, ok := conn.(*connection)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.open[c]; !ok {
		return
	}
	s.open[c] = time.Time{}
	if state == http.StateIdle {
		s.open[c] = time.Now()
	}
}
