package app

import (
	"errors"
	"net"
	"net/http"
	"os"
	"testing"
	"time"
)

// TestLongestIdle makes room by those who have been idle for longest, and never
// by one that is at work.
func TestLongestIdle(t *testing.T) {
	t.Parallel()
	s := newConnections(nil, 3)
	var in []*connection
	come := func(want bool) {
		t.Helper()
		client, server := net.Pipe()
		t.Cleanup(func() { _ = client.Close() })
		c, ok := s.admit(server)
		if ok != want {
			t.Fatalf("let in: %v, want %v", ok, want)
		}
		in = append(in, c)
	}
	open := func(want ...bool) {
		t.Helper()
		for i, want := range want {
			_ = in[i].SetWriteDeadline(time.Unix(1, 0)) // fails where it is closed
			_, err := in[i].Write([]byte{1})
			if got := errors.Is(err, os.ErrDeadlineExceeded); got != want {
				t.Errorf("connection %d is open: %v, want %v: %v", i, got, want, err)
			}
		}
	}
	for range 3 {
		come(true)
	}
	come(false) // all are at work
	in = in[:3]
	s.note(in[1], http.StateIdle)
	s.note(in[0], http.StateIdle)
	open(true, true, true)
	come(true)
	open(true, false, true)
	come(true)
	open(false, false, true)
	come(false)
}
