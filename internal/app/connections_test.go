package app_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"sen/internal/app"
	"sen/internal/app/apptest"
)

// dial opens a connection that the test closes.
func (s *shop) dial() net.Conn {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		s.t.Fatal(err)
	}
	return conn
}

// healthy asks on a connection that stays open.
func healthy(t *testing.T, conn net.Conn) bool {
	t.Helper()
	_, _ = io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// TestConnections has more clients than there is room for: who only waits makes
// room, and who comes when all are at work is told to come again.
func TestConnections(t *testing.T) {
	t.Parallel()
	const most = 4
	s := openShop(t, func(c *app.Config) { c.Connections, c.ReadTimeout = most, time.Minute })
	var idle []net.Conn
	for range 3 * most {
		conn := s.dial()
		apptest.Wait(t, "an answer", func() bool { // what went before may not have come to rest yet
			if healthy(t, conn) {
				return true
			}
			conn = s.dial()
			return false
		})
		idle = append(idle, conn)
	}
	left := 0
	for _, conn := range idle {
		if healthy(t, conn) {
			left++
		}
	}
	if left > most {
		t.Errorf("%d of %d idle connections made room", len(idle)-left, len(idle))
	}
	// Now clients who say nothing.
	var answer string
	apptest.Wait(t, "no room", func() bool {
		conn := s.dial()
		if err := conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		line, _ := bufio.NewReader(conn).ReadString('\n')
		answer = line
		return line != ""
	})
	if !strings.HasPrefix(answer, "HTTP/1.1 503 ") {
		t.Errorf("got %q", answer)
	}
}

// TestSlowBodies has clients that send a byte now and then: they are cut off, and
// hold up nobody meanwhile.
func TestSlowBodies(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.hurry(time.Second)
	for _, head := range []string{
		"POST /v2/create HTTP/1.1\r\nHost: x\r\nX-A: ",
		"POST /v2/create HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n",
		"POST /v2/create HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n",
		"POST /wallet/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\n",
	} {
		conn := s.dial()
		_, _ = io.WriteString(conn, head)
		over := make(chan struct{})
		go func() {
			defer close(over)
			for {
				if _, err := io.WriteString(conn, "a"); err != nil {
					return
				}
				select {
				case <-t.Context().Done():
					return
				case <-time.After(20 * time.Millisecond): // the client's own slowness
				}
			}
		}()
		apptest.Wait(t, "an answer to others", func() bool { // a busy machine may let us be slow, too
			return healthy(t, s.dial())
		})
		// The gateway answers or not, and closes.
		if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Errorf("never cut off: %q", head)
		}
		_ = conn.Close()
		<-over
	}
}
