package secret

import (
	"crypto/rand"
	"math"
	"os"
	"testing"

	"sen/internal/timing"
)

// TestTimingPIN reports whether time tells a PIN that nobody has from a wrong
// one; see 'make timing'.
func TestTimingPIN(t *testing.T) {
	if os.Getenv("SEN_TIMING") == "" {
		t.Skip("measures; see make timing")
	}
	p := NewPINs(rand.Reader)
	hash, err := p.Hash("111111")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what   string
		hashes [2]string
		pins   [2]string
	}{
		{"a wallet that there is, and one that there is not", [2]string{hash, ""}, [2]string{"222222", "222222"}},
		{"a PIN wrong in the first and in the last digit", [2]string{hash, hash}, [2]string{"211111", "111112"}},
	} {
		r := timing.Measure(150, 1, func(kind int) {
			if p.Check(c.hashes[kind], c.pins[kind]) {
				t.Error("a wrong PIN is taken")
			}
		})
		t.Logf("%s: t = %.2f over %d samples, medians %v (told apart: %v)", c.what, r.T, r.Samples, r.Medians, math.Abs(r.T) > timing.Leaks)
	}
}
