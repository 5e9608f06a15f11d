package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"
)

// A Report is what was measured.
type Report struct {
	System string `json:"system"`
	Go     string `json:"go"`
	CPUs   int    `json:"cpus"`
	// Syncs is how often per second the disk keeps a page for good.
	Syncs  float64 `json:"disk_syncs_per_second,omitempty"`
	Binary int64   `json:"binary_bytes,omitempty"`
	// Start-up runs from the start of the process to the first order answered.
	StartFresh time.Duration `json:"start_fresh_ns,omitempty"`
	StartAgain time.Duration `json:"start_again_ns,omitempty"`
	IdleRSS    int64         `json:"idle_rss_bytes,omitempty"`
	LoadedRSS  int64         `json:"loaded_rss_bytes,omitempty"`
	Figures    []Figure      `json:"figures"`
	// Steady has the latencies at four fifths of the throughput.
	Steady []Figure `json:"steady"`
}

// A Figure is one workload at one concurrency.
type Figure struct {
	Workload   string  `json:"workload"`
	What       string  `json:"what"`
	Callers    int     `json:"callers"`
	Asked      float64 `json:"asked_per_second,omitempty"` // 0: as much as there is
	Operations int64   `json:"operations"`
	PerSecond  float64 `json:"per_second"`
	P50        int64   `json:"p50_us"`
	P99        int64   `json:"p99_us"`
	// CPU is the processor time of the server per operation in microseconds,
	// with the work it did afterwards; 0: not known.
	CPU float64 `json:"server_cpu_us,omitempty"`
	// OfCeiling is the throughput as a share of the bare handler's.
	OfCeiling float64 `json:"of_ceiling,omitempty"`
	Errors    int64   `json:"errors"`
	Error     string  `json:"first_error,omitempty"`
	// Settled counts what the operations left to the server to do, and how
	// long after the last call the last of it was done.
	SettledPerSecond float64 `json:"settled_per_second,omitempty"`
	SettledLate      int64   `json:"settled_late_ms,omitempty"`
}

// compare fills in the shares of the ceiling.
func (r *Report) compare() {
	ceilings := map[int]float64{}
	for _, f := range r.Figures {
		if f.Workload == ceiling {
			ceilings[f.Callers] = f.PerSecond
		}
	}
	for i := range r.Figures {
		f := &r.Figures[i]
		if c := ceilings[f.Callers]; c > 0 {
			f.OfCeiling = f.PerSecond / c
		}
	}
}

// Errors counts the answers that were not as expected.
func (r *Report) Errors() (n int64) {
	for _, f := range append(r.Figures[:len(r.Figures):len(r.Figures)], r.Steady...) {
		n += f.Errors
	}
	return n
}

// JSON writes the report for programs.
func (r *Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// Text writes the report for people.
func (r *Report) Text(w io.Writer) error {
	r.head(w)
	if err := table(w, r.Figures); err != nil {
		return err
	}
	if len(r.Steady) > 0 {
		fmt.Fprintf(w, "\nAsked for a steady %.0f %% of the throughput, which is measured in between\n", steadyShare*100)
		if err := table(w, r.Steady); err != nil {
			return err
		}
	}
	return r.errors(w)
}

func table(w io.Writer, figures []Figure) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "callers\tworkload\tasked/s\tops/s\tof ceiling\tp50 ms\tp99 ms\tserver CPU µs/op\terrors\tsettled/s\tlast after ms\t")
	for _, f := range figures {
		f.row(t)
	}
	return t.Flush()
}

func (r *Report) head(w io.Writer) {
	fmt.Fprintf(w, "%s, %d processors, %s; the load generator runs on the same machine\n", r.System, r.CPUs, r.Go)
	if r.Binary > 0 {
		const mega = 1e6
		fmt.Fprintf(w, "Binary %.1f MB; start to first order %d ms in a new directory, %d ms in an existing one; memory %.1f MB idle, %.1f MB after the load\n",
			float64(r.Binary)/mega, r.StartFresh.Milliseconds(), r.StartAgain.Milliseconds(), float64(r.IdleRSS)/mega, float64(r.LoadedRSS)/mega)
		fmt.Fprintf(w, "The disk keeps %.0f pages per second\n", r.Syncs)
	}
	fmt.Fprintln(w)
}

func (f Figure) row(w io.Writer) {
	const milli = 1000
	fmt.Fprintf(w, "%d\t%s\t%s\t%.0f\t%s\t%.2f\t%.2f\t%s\t%d\t%s\t%s\t\n", f.Callers, f.Workload, orNone(f.Asked, 0), f.PerSecond,
		orNone(f.OfCeiling, 2), float64(f.P50)/milli, float64(f.P99)/milli, orNone(f.CPU, 0), f.Errors,
		orNone(f.SettledPerSecond, 0), orNone(float64(f.SettledLate), 0))
}

// orNone writes a figure that may be missing.
func orNone(v float64, decimals int) string {
	if v == 0 {
		return "-"
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

func (r *Report) errors(w io.Writer) error {
	for _, f := range append(r.Figures[:len(r.Figures):len(r.Figures)], r.Steady...) {
		if f.Errors > 0 {
			if _, err := fmt.Fprintf(w, "\n%s, %d callers: %d errors, the first: %s\n", f.Workload, f.Callers, f.Errors, f.Error); err != nil {
				return err
			}
		}
	}
	return nil
}
