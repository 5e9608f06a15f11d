package cli

import (
	"fmt"
	"net"
	"os"
	"strconv"
)

// firstSocket is the first file that whoever starts us passes on, after the
// standard ones.
const firstSocket = 3

// inherited is the socket that we were given by whoever started us, in the way
// of systemd: it stays open while we are replaced, so that connections wait for
// the next process instead of being refused. nil: none was given.
func inherited() (net.Listener, error) {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil, nil //nolint:nilnil // there need not be one
	}
	if n := os.Getenv("LISTEN_FDS"); n != "1" {
		return nil, fmt.Errorf("got %s sockets, and serve on one: put one ListenStream into the socket unit", n)
	}
	file := os.NewFile(firstSocket, "socket")
	defer func() { _ = file.Close() }() // the listener has a copy
	l, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("the socket that was passed on: %w", err)
	}
	return l, nil
}
