package metric

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Set is what is written at one address. What is in it is added before the
// first Write.
type Set struct {
	families []*family
	before   []func()
	writing  sync.Mutex
}

// A family is all series of one name.
type family struct {
	name, kind, help string
	write            []func(*bytes.Buffer)
}

// The kinds of the text format.
const (
	counter   = "counter"
	gauge     = "gauge"
	histogram = "histogram"
)

// Before has f called before each Write: to look once at what several gauges
// tell.
func (s *Set) Before(f func()) { s.before = append(s.before, f) }

// Counter adds a series. Labels are names and values in turn, and so for all
// that follow; they are few, and none of them is a merchant's or a payer's.
func (s *Set) Counter(name, help string, c *Counter, labels ...string) {
	s.Sum(name, help, func() float64 { return float64(c.Value()) }, labels...)
}

// Sum adds a counter that is kept elsewhere.
func (s *Set) Sum(name, help string, f func() float64, labels ...string) {
	s.value(counter, name, help, f, labels)
}

// Gauge adds a series that goes up and down. One that is NaN, because nobody
// knows, is left out.
func (s *Set) Gauge(name, help string, f func() float64, labels ...string) {
	s.value(gauge, name, help, f, labels)
}

func (s *Set) value(kind, name, help string, f func() float64, labels []string) {
	line := name + braces(pairs(labels)) + " "
	s.add(kind, name, help, func(b *bytes.Buffer) {
		if v := f(); !math.IsNaN(v) {
			b.WriteString(line)
			b.WriteString(number(v))
			b.WriteByte('\n')
		}
	})
}

// Durations adds a histogram, in seconds.
func (s *Set) Durations(name, help string, d *Durations, labels ...string) {
	bounds := make([]float64, len(lengths))
	for i, l := range lengths {
		bounds[i] = l.Seconds()
	}
	s.histogram(name, help, bounds, d.counts[:], func() float64 { return time.Duration(d.sum.Load()).Seconds() }, labels)
}

// Sizes adds a histogram.
func (s *Set) Sizes(name, help string, z *Sizes, labels ...string) {
	bounds := make([]float64, len(numbers))
	for i, n := range numbers {
		bounds[i] = float64(n)
	}
	s.histogram(name, help, bounds, z.counts[:], func() float64 { return float64(z.sum.Load()) }, labels)
}

func (s *Set) histogram(name, help string, bounds []float64, counts []atomic.Int64, sum func() float64, labels []string) {
	given := pairs(labels)
	lines := make([]string, len(counts))
	for i := range lines {
		bound := math.Inf(1)
		if i < len(bounds) {
			bound = bounds[i]
		}
		lines[i] = name + "_bucket" + braces(append(pairs(labels), pairs([]string{"le", number(bound)})...)) + " "
	}
	s.add(histogram, name, help, func(b *bytes.Buffer) {
		total := int64(0)
		for i := range counts {
			total += counts[i].Load()
			fmt.Fprintf(b, "%s%d\n", lines[i], total)
		}
		fmt.Fprintf(b, "%s_sum%s %s\n%s_count%s %d\n", name, braces(given), number(sum()), name, braces(given), total)
	})
}

func (s *Set) add(kind, name, help string, write func(*bytes.Buffer)) {
	for _, f := range s.families {
		if f.name == name {
			f.write = append(f.write, write)
			return
		}
	}
	s.families = append(s.families, &family{name, kind, help, []func(*bytes.Buffer){write}})
}

func pairs(labels []string) (all []string) {
	for i := 0; i+1 < len(labels); i += 2 {
		all = append(all, labels[i]+`="`+escaper.Replace(labels[i+1])+`"`)
	}
	return all
}

var escaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func braces(pairs []string) string {
	if len(pairs) == 0 {
		return ""
	}
	return "{" + strings.Join(pairs, ",") + "}"
}

func number(v float64) string {
	if math.IsInf(v, 1) {
		return "+Inf"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// Write writes the set in the text format of Prometheus, version 0.0.4.
func (s *Set) Write(w io.Writer) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	for _, f := range s.before {
		f()
	}
	b := &bytes.Buffer{}
	for _, f := range s.families {
		fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s %s\n", f.name, f.help, f.name, f.kind)
		for _, write := range f.write {
			write(b)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// ServeHTTP answers a scrape.
func (s *Set) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = s.Write(w) // whoever asked is gone
}
