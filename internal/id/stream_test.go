package id_test

import (
	"bytes"
	"io"
	"testing"

	"sen/internal/id"
)

func draw(t *testing.T, r io.Reader, n int) []byte {
	t.Helper()
	out := make([]byte, n)
	if _, err := io.ReadFull(r, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestStream draws the same again by the same name, in whatever pieces, and
// something else by any other.
func TestStream(t *testing.T) {
	t.Parallel()
	want := draw(t, id.Stream(1, 1, "rows"), 1000)
	again := id.Stream(1, 1, "rows")
	if got := append(draw(t, again, 7), draw(t, again, 993)...); !bytes.Equal(got, want) {
		t.Error("the same stream gave something else")
	}
	for name, other := range map[string]io.Reader{
		"seed": id.Stream(2, 1, "rows"), "life": id.Stream(1, 2, "rows"), "purpose": id.Stream(1, 1, "pages"),
		"a seed and life that read alike": id.Stream(11, 1, "rows"),
	} {
		if bytes.Equal(draw(t, other, 1000), want) {
			t.Errorf("another %s gave the same", name)
		}
	}
}
