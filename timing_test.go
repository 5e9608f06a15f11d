package sen_test

import (
	"math"
	"os"
	"testing"

	"sen"
	"sen/internal/timing"
)

// TestTimingVerify reports whether time tells how much of a mac was right. It is
// run by 'make timing' and fails nothing: a t beyond 4.5 is something to look at.
func TestTimingVerify(t *testing.T) {
	if os.Getenv("SEN_TIMING") == "" {
		t.Skip("measures; see make timing")
	}
	input := []byte("2553|261122_1|50000")
	right := []byte(sen.Sign("key", input))
	first, last := append([]byte(nil), right...), append([]byte(nil), right...)
	first[0] ^= 1
	last[len(last)-1] ^= 1
	macs := [2]string{string(first), string(last)}
	r := timing.Measure(20_000, 20, func(kind int) {
		if sen.Verify("key", input, macs[kind]) {
			t.Error("a wrong mac is taken")
		}
	})
	t.Logf("sen.Verify, wrong in the first and in the last digit: t = %.2f over %d samples, medians %v (told apart: %v)",
		r.T, r.Samples, r.Medians, math.Abs(r.T) > timing.Leaks)
}
