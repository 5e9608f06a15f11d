package metric_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"sen/internal/metric"
)

// TestWrite has the parser of Prometheus itself read what is written.
func TestWrite(t *testing.T) {
	t.Parallel()
	var calls metric.Counter
	var took metric.Durations
	var sizes metric.Sizes
	s := &metric.Set{}
	s.Counter("calls_total", "Calls.", &calls, "of", `a "quoted" \ name`)
	s.Durations("took_seconds", "Time.", &took, "of", "x")
	s.Sizes("batch", "Sizes.", &sizes)
	s.Gauge("unknown", "Nobody knows.", func() float64 { return math.NaN() })
	looked := 0
	s.Before(func() { looked++ })
	calls.Add(2)
	calls.Inc()
	for _, d := range []time.Duration{0, time.Millisecond, time.Millisecond + 1, time.Minute} {
		took.Observe(d)
	}
	sizes.Observe(256)
	sizes.Observe(257)

	var b strings.Builder
	if err := s.Write(&b); err != nil || looked != 1 {
		t.Fatal(err, looked)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	found, err := parser.TextToMetricFamilies(strings.NewReader(b.String()))
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	if c := found["calls_total"].GetMetric()[0]; c.GetCounter().GetValue() != 3 || c.GetLabel()[0].GetValue() != `a "quoted" \ name` {
		t.Errorf("got %v", c)
	}
	h := found["took_seconds"].GetMetric()[0].GetHistogram()
	if h.GetSampleCount() != 4 || h.GetSampleSum() != 60.002000001 {
		t.Errorf("got %v", h)
	}
	want := map[float64]uint64{0.0005: 1, 0.001: 2, 0.0025: 3, 30: 3, math.Inf(1): 4}
	for _, bucket := range h.GetBucket() {
		if n, ok := want[bucket.GetUpperBound()]; ok && n != bucket.GetCumulativeCount() {
			t.Errorf("up to %v: %d, want %d", bucket.GetUpperBound(), bucket.GetCumulativeCount(), n)
		}
		delete(want, bucket.GetUpperBound())
	}
	if len(want) > 0 {
		t.Errorf("no buckets for %v", want)
	}
	z := found["batch"].GetMetric()[0].GetHistogram()
	if n := z.GetBucket()[len(z.GetBucket())-2].GetCumulativeCount(); n != 1 || z.GetSampleSum() != 513 {
		t.Errorf("got %v", z)
	}
	if len(found["unknown"].GetMetric()) != 0 {
		t.Error("what nobody knows was told")
	}
}

// BenchmarkCount is what a request pays.
func BenchmarkCount(b *testing.B) {
	var calls metric.Counter
	var took metric.Durations
	for b.Loop() {
		began := time.Now()
		calls.Inc()
		took.Since(began)
	}
}
