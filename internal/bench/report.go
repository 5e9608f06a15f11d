package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"
)

// A Report is what was measured.
type Report struct {
	System string `json:"system"`
	Go     string `json:"go"`
	CPUs   int    `json:"cpus"`
	// Database says what the database server is; "": the embedded one.
	Database string `json:"database,omitempty"`
	// Merchants and Wallets are what the work was spread over, and Preparing
	// how long it took to make them.
	Merchants int           `json:"merchants"`
	Wallets   int           `json:"wallets"`
	Preparing time.Duration `json:"preparing_ns,omitempty"`
	// NotRun says what was left out, and why.
	NotRun []string `json:"not_run,omitempty"`
	// Syncs is how often per second the disk keeps a page for good.
	Syncs  float64 `json:"disk_syncs_per_second,omitempty"`
	Binary int64   `json:"binary_bytes,omitempty"`
	// Start-up runs from the start of the process to the first order answered.
	StartFresh time.Duration `json:"start_fresh_ns,omitempty"`
	StartAgain time.Duration `json:"start_again_ns,omitempty"`
	IdleRSS    int64         `json:"idle_rss_bytes,omitempty"`
	LoadedRSS  int64         `json:"loaded_rss_bytes,omitempty"`
	PeakRSS    int64         `json:"peak_rss_bytes,omitempty"`
	Figures    []Figure      `json:"figures"`
	// Steady has the latencies at four fifths of the throughput.
	Steady []Figure `json:"steady"`
	// Crowded has those of the calls that were accepted when twice the
	// throughput was asked for.
	Crowded []Figure `json:"crowded"`
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
	P90        int64   `json:"p90_us"`
	P99        int64   `json:"p99_us"`
	P999       int64   `json:"p999_us"`
	Max        int64   `json:"max_us"`
	// Histogram has all latencies, in microseconds: an HDR histogram in the second
	// format, compressed, in base64.
	Histogram string `json:"hdr_histogram,omitempty"`
	// CPU is the processor time of the server per operation in microseconds,
	// with the work it did afterwards; 0: not known.
	CPU float64 `json:"server_cpu_us,omitempty"`
	// DatabaseCPU is that of the database server, all its processes.
	DatabaseCPU float64 `json:"database_cpu_us,omitempty"`
	// OfPgbench and OfFloor are the throughput as a multiple of the
	// yardsticks', the better one of pgbench's.
	OfPgbench float64 `json:"of_pgbench,omitempty"`
	OfFloor   float64 `json:"of_floor,omitempty"`
	// OfSpread is the throughput with one merchant as a share of that with
	// many.
	OfSpread float64 `json:"of_spread,omitempty"`
	// OfCeiling is the throughput as a share of the bare handler's.
	OfCeiling float64 `json:"of_ceiling,omitempty"`
	// Refused is how many calls per second were refused because there were too
	// many, and RefusedP99 how long that took.
	Refused    float64 `json:"refused_per_second,omitempty"`
	RefusedP99 int64   `json:"refused_p99_us,omitempty"`
	// OfSteady is P99 as a multiple of that at four fifths of the throughput.
	OfSteady float64 `json:"p99_of_steady,omitempty"`
	Errors   int64   `json:"errors"`
	Error    string  `json:"first_error,omitempty"`
	// Settled counts what the operations left to the server to do, and how
	// long after the last call the last of it was done.
	SettledPerSecond float64 `json:"settled_per_second,omitempty"`
	SettledLate      int64   `json:"settled_late_ms,omitempty"`
}

// compare fills in how figures that were measured in turn relate.
func compare(group []Figure) {
	best := map[string]float64{}
	for _, f := range group {
		best[f.Workload] = max(best[f.Workload], f.PerSecond)
	}
	of := func(f Figure, name string) float64 {
		if best[name] == 0 {
			return 0
		}
		return f.PerSecond / best[name]
	}
	for i, f := range group {
		switch f.Workload {
		case pgbench, floor:
			group[i].OfPgbench, group[i].OfFloor = of(f, pgbench), of(f, floor)
			continue
		case payTokenHot:
			group[i].OfSpread = of(f, payToken)
		case ceiling:
			group[i].OfCeiling = 1
			continue
		}
		group[i].OfCeiling, group[i].OfPgbench, group[i].OfFloor = of(f, ceiling), of(f, pgbench), of(f, floor)
	}
}

// all returns the figures of all tables.
func (r *Report) all() []Figure { return slices.Concat(r.Figures, r.Steady, r.Crowded) }

// Errors counts the answers that were not as expected.
func (r *Report) Errors() (n int64) {
	for _, f := range r.all() {
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
	if err := r.table(w, r.Figures); err != nil {
		return err
	}
	r.hot(w)
	for _, what := range r.NotRun {
		fmt.Fprintf(w, "not run: %s\n", what)
	}
	if len(r.Steady) > 0 {
		fmt.Fprintf(w, "\nAsked for a steady %.0f %% of the throughput, which is measured in between\n", steadyShare*100)
		if err := r.table(w, r.Steady); err != nil {
			return err
		}
	}
	for _, f := range r.Crowded {
		fmt.Fprintf(w, "%s asked for %.0f times a second by %d callers, twice the throughput, who come again %v after they were refused: %.0f a second carried out, p99 %.1f ms (%.1f times that of the steady load); %.0f a second refused, p99 %.1f ms\n",
			f.Workload, f.Asked, f.Callers, impatience, f.PerSecond, float64(f.P99)/milli, f.OfSteady, f.Refused, float64(f.RefusedP99)/milli)
	}
	r.goals(w)
	return r.errors(w)
}

// hot says what one busy merchant costs.
func (r *Report) hot(w io.Writer) {
	for _, f := range r.Figures {
		if f.OfSpread > 0 {
			fmt.Fprintf(w, "%d callers: one merchant takes %.2f of what many take\n", f.Callers, f.OfSpread)
		}
	}
}

// A column is one of the table's. What a database server tells is left out
// without one.
type column struct {
	title    string
	value    func(Figure) string
	database bool
}

const milli = 1000

var columns = []column{
	{title: "callers", value: func(f Figure) string { return strconv.Itoa(f.Callers) }},
	{title: "workload", value: func(f Figure) string { return f.Workload }},
	{title: "asked/s", value: func(f Figure) string { return orNone(f.Asked, 0) }},
	{title: "ops/s", value: func(f Figure) string { return strconv.FormatFloat(f.PerSecond, 'f', 0, 64) }},
	{title: "of ceiling", value: func(f Figure) string { return orNone(f.OfCeiling, 2) }},
	{title: "of pgbench", value: func(f Figure) string { return orNone(f.OfPgbench, 2) }, database: true},
	{title: "of floor", value: func(f Figure) string { return orNone(f.OfFloor, 2) }, database: true},
	{title: "p50 ms", value: func(f Figure) string { return orNone(float64(f.P50)/milli, 2) }},
	{title: "p99 ms", value: func(f Figure) string { return orNone(float64(f.P99)/milli, 2) }},
	{title: "p99.9 ms", value: func(f Figure) string { return orNone(float64(f.P999)/milli, 2) }},
	{title: "server CPU µs/op", value: func(f Figure) string { return orNone(f.CPU, 0) }},
	{title: "db CPU µs/op", value: func(f Figure) string { return orNone(f.DatabaseCPU, 0) }, database: true},
	{title: "errors", value: func(f Figure) string { return strconv.FormatInt(f.Errors, 10) }},
	{title: "settled/s", value: func(f Figure) string { return orNone(f.SettledPerSecond, 0) }},
	{title: "last after ms", value: func(f Figure) string { return orNone(float64(f.SettledLate), 0) }},
}

func (r *Report) table(w io.Writer, figures []Figure) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	line := func(cell func(column) string) {
		for _, c := range columns {
			if !c.database || r.Database != "" {
				fmt.Fprint(t, cell(c), "\t")
			}
		}
		fmt.Fprintln(t)
	}
	line(func(c column) string { return c.title })
	for _, f := range figures {
		line(func(c column) string { return c.value(f) })
	}
	return t.Flush()
}

func (r *Report) head(w io.Writer) {
	fmt.Fprintf(w, "%s, %d processors, %s; the load generator runs on the same machine\n", r.System, r.CPUs, r.Go)
	if r.Binary > 0 {
		const mega = 1e6
		fmt.Fprintf(w, "Binary %.1f MB; start to first order %d ms with a new database, %d ms with an existing one; memory %.1f MB idle, %.1f MB after the load, %.1f MB at most\n",
			float64(r.Binary)/mega, r.StartFresh.Milliseconds(), r.StartAgain.Milliseconds(), float64(r.IdleRSS)/mega, float64(r.LoadedRSS)/mega, float64(r.PeakRSS)/mega)
	}
	if r.Database != "" {
		fmt.Fprintln(w, r.Database)
	} else if r.Syncs > 0 {
		fmt.Fprintf(w, "The disk keeps %.0f pages per second\n", r.Syncs)
	}
	if r.Preparing > 0 {
		fmt.Fprintf(w, "Spread over %d merchants and %d wallets, which took %.1f s to make\n", r.Merchants, r.Wallets, r.Preparing.Seconds())
	}
	fmt.Fprintln(w)
}

// orNone writes a figure that may be missing.
func orNone(v float64, decimals int) string {
	if v == 0 {
		return "-"
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

func (r *Report) errors(w io.Writer) error {
	for _, f := range r.all() {
		if f.Errors > 0 {
			if _, err := fmt.Fprintf(w, "\n%s, %d callers: %d errors, the first: %s\n", f.Workload, f.Callers, f.Errors, f.Error); err != nil {
				return err
			}
		}
	}
	return nil
}
