package timing

import (
	"bytes"
	"crypto/subtle"
	"math"
	"testing"
)

// TestCompare computes t of samples whose t is known.
func TestCompare(t *testing.T) {
	t.Parallel()
	a, b := []float64{1, 2, 3, 4, 5}, []float64{2, 4, 6, 8, 10}
	if got, want := welch(a, b), -3/math.Sqrt(2.5/5+10.0/5); math.Abs(got-want) > 1e-9 {
		t.Errorf("t is %v, want %v", got, want)
	}
	if got := Compare(a, a); got.T != 0 {
		t.Errorf("t of the same samples is %v", got.T)
	}
	// One sample in which the machine slept must not hide the difference.
	long := append(bytes.Repeat([]byte{1}, 100), 255)
	x, y := make([]float64, 0, len(long)), make([]float64, 0, len(long))
	for i, v := range long {
		x, y = append(x, float64(v)*100+float64(i%3)), append(y, 110+float64(i%3))
	}
	x[len(x)-1] = 1e9
	if got := Compare(x, y); math.Abs(got.T) < Leaks {
		t.Errorf("one long sample hides a difference: t is %v", got.T)
	}
}

// TestFindsEarlyExit measures a comparison that stops at the first difference,
// over texts so long that any machine sees it.
func TestFindsEarlyExit(t *testing.T) {
	const size = 1 << 20
	secret, wrong, right := bytes.Repeat([]byte{1}, size), bytes.Repeat([]byte{2}, size), bytes.Repeat([]byte{1}, size)
	given := [2][]byte{wrong, right}
	equal := 0
	early := Measure(200, 1, func(kind int) {
		if bytes.Equal(given[kind], secret) {
			equal++
		}
	})
	if equal != 200 {
		t.Fatalf("%d were equal, want 200", equal)
	}
	if early.Medians[1] < 4*early.Medians[0] {
		t.Skipf("this machine is too busy to measure: %v and %v", early.Medians[0], early.Medians[1])
	}
	if math.Abs(early.T) < Leaks {
		// The medians are far apart, so that only a machine that slept in many of
		// the samples can hide it.
		t.Skipf("this machine is too busy to measure: t is %.1f", early.T)
	}
	constant := Measure(200, 1, func(kind int) { subtle.ConstantTimeCompare(given[kind], secret) })
	t.Logf("early exit: t = %.1f; constant time: t = %.1f", early.T, constant.T)
	if ratio := float64(constant.Medians[1]) / float64(constant.Medians[0]); ratio > 4 || ratio < 0.25 {
		t.Skipf("this machine is too busy to measure: the same work took %v and %v", constant.Medians[0], constant.Medians[1])
	}
	if early.T > 0 {
		t.Errorf("t is %.1f: the longer comparison counts as the shorter one", early.T)
	}
}
