// Package timing measures whether the time that a function takes tells two kinds
// of input apart, as in "Dude, is my code constant time?" by Reparaz, Balasch and
// Verbauwhede (2017).
package timing

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Leaks is the t value from which on the two kinds are told apart: by chance it
// is reached once in some millions of measurements.
const Leaks = 4.5

// kept is the part of all samples that is looked at: the longest are those in
// which the machine did something else.
const kept = 0.9

// A Result compares two kinds of input.
type Result struct {
	T       float64          // Welch's t; its sign says which kind takes longer
	Medians [2]time.Duration // of what was measured, batch and all
	Samples int              // of both kinds, after cropping
}

// Measure calls f n times with each kind, 0 and 1, in an order that chance makes,
// and each time batch times over: as often as it takes for the clock to see it.
func Measure(n, batch int, f func(kind int)) Result {
	order := make([]int, 2*n)
	for i := range order {
		order[i] = i % 2
	}
	rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] }) //nolint:gosec // an order is no secret
	var samples [2][]float64
	for _, kind := range order {
		began := time.Now() //nolint:forbidigo // what is measured is the machine
		for range batch {
			f(kind)
		}
		samples[kind] = append(samples[kind], float64(time.Since(began))) //nolint:forbidigo // the same
	}
	return Compare(samples[0], samples[1])
}

// Compare compares samples in nanoseconds of two kinds.
func Compare(a, b []float64) Result {
	all := slices.Sorted(slices.Values(slices.Concat(a, b)))
	most := all[min(len(all)-1, int(kept*float64(len(all))))]
	r := Result{Medians: [2]time.Duration{median(a), median(b)}}
	a, b = crop(a, most), crop(b, most)
	r.Samples = len(a) + len(b)
	r.T = welch(a, b)
	return r
}

func median(a []float64) time.Duration {
	return time.Duration(slices.Sorted(slices.Values(a))[len(a)/2])
}

// crop leaves out what is longer, unless that leaves nearly nothing of a kind
// that is slow as a whole.
func crop(a []float64, most float64) []float64 {
	short := slices.DeleteFunc(slices.Clone(a), func(x float64) bool { return x > most })
	if len(short) < len(a)/2 {
		return a
	}
	return short
}

// welch is the t of Welch's test; 0 when nothing varies and nothing differs.
func welch(a, b []float64) float64 {
	meanA, varA := spread(a)
	meanB, varB := spread(b)
	e := math.Sqrt(varA/float64(len(a)) + varB/float64(len(b)))
	if meanA == meanB {
		return 0
	}
	return (meanA - meanB) / e
}

func spread(a []float64) (mean, variance float64) {
	for _, x := range a {
		mean += x
	}
	mean /= float64(len(a))
	for _, x := range a {
		variance += (x - mean) * (x - mean)
	}
	return mean, variance / float64(len(a)-1)
}
