package metric

import (
	"bytes"
	"math"
	"os"
	"runtime/metrics"
	"strconv"
)

// Process adds what the process takes of its machine, under the names that
// every program has. What only Linux tells is left out elsewhere.
func (s *Set) Process() {
	began := Now()
	s.Gauge("process_start_time_seconds", "When the process began, in Unix time.",
		func() float64 { return float64(began.UnixMilli()) / 1000 })
	for _, m := range []struct{ kind, name, help, from string }{
		{gauge, "go_goroutines", "Goroutines that there are.", "/sched/goroutines:goroutines"},
		{gauge, "go_memstats_alloc_bytes", "Memory in use, in bytes.", "/memory/classes/heap/objects:bytes"},
		{gauge, "go_memstats_sys_bytes", "Memory taken from the system, in bytes.", "/memory/classes/total:bytes"},
		{counter, "go_gc_cycles_total", "Collections of garbage.", "/gc/cycles/total:gc-cycles"},
		{counter, "go_gc_cpu_seconds_total", "Processor time that collections took, estimated.", "/cpu/classes/gc/total:cpu-seconds"},
	} {
		s.value(m.kind, m.name, m.help, func() float64 { return runtimeMetric(m.from) }, nil)
	}
	s.Gauge("process_resident_memory_bytes", "Memory that is in the machine's, in bytes.",
		func() float64 { return field("/proc/self/statm", 1) * float64(os.Getpagesize()) })
	s.Sum("process_cpu_seconds_total", "Processor time, in seconds.",
		func() float64 { return (field("/proc/self/stat", 13) + field("/proc/self/stat", 14)) / ticks })
	s.Gauge("process_open_fds", "Files and connections that are open.", openFiles)
}

// ticks is the unit of processor time that Linux tells programs, on every
// architecture that Go runs on: 1/100 s.
const ticks = 100

func runtimeMetric(name string) float64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	switch v := sample[0].Value; v.Kind() {
	case metrics.KindUint64:
		return float64(v.Uint64())
	case metrics.KindFloat64:
		return v.Float64()
	case metrics.KindBad, metrics.KindFloat64Histogram:
	}
	return math.NaN()
}

// field is a number in a file of the kernel's, counted from 0; NaN if there is
// none. A name in brackets, with whatever is in it, is one field.
func field(file string, n int) float64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return math.NaN()
	}
	if end := bytes.LastIndexByte(text, ')'); end >= 0 {
		text, n = text[end+1:], n-2
	}
	fields := bytes.Fields(text)
	if n >= len(fields) {
		return math.NaN()
	}
	v, err := strconv.ParseFloat(string(fields[n]), 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

func openFiles() float64 {
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return math.NaN()
	}
	return float64(len(all) - 1) // less the one that reads the directory
}
