//go:build !linux

package guide_test

import (
	"net"
	"testing"
)

// reserveAddress returns an address that was free just now.
func reserveAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
