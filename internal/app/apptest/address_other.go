//go:build !linux

package apptest

import (
	"net"
	"testing"
)

// ReserveAddress returns an address that was free just now.
func ReserveAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
