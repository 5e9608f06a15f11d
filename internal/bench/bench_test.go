package bench_test

import (
	"bytes"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/jackc/pgx/v5/pgconn"

	"sen"
	"sen/internal/bench"
	"sen/internal/cli"
	"sen/internal/pgtest"
)

// asProgram makes the test binary be the program: so the whole way is tested,
// from the command line to the report, without building anything.
const asProgram = "SEN_BENCH_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(cli.Run("test", os.Args[1:], os.Stdout, os.Stderr))
	}
	if err := os.Setenv(asProgram, "yes"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// few keeps the preparations of a test short.
func few(c bench.Config) bench.Config {
	c.Binary, c.Merchants, c.Wallets = os.Args[0], 3, 7
	return c
}

func TestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r, err := bench.Run(t.Context(), few(bench.Config{Dir: dir, Duration: 80 * time.Millisecond, Concurrency: []int{2, 5}}))
	if err != nil {
		t.Fatal(err)
	}
	if want := 2 * len(bench.Names); len(r.Figures) != want {
		t.Errorf("%d figures, want %d", len(r.Figures), want)
	}
	checkFigures(t, r)
	checkCrowd(t, r)
	if r.Syncs == 0 || r.StartFresh == 0 || r.StartAgain == 0 || r.Binary == 0 || r.Preparing == 0 {
		t.Errorf("not measured: %+v", r)
	}
	if runtime.GOOS == "linux" && (r.IdleRSS == 0 || r.LoadedRSS == 0 || r.PeakRSS < r.LoadedRSS) {
		t.Errorf("the memory is not measured: %+v", r)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	for _, part := range append(bench.Names[:len(bench.Names):len(bench.Names)], "Goals", "p99 of orders at 80 % load") {
		if text := textOf(t, r); !strings.Contains(text, part) {
			t.Errorf("the text does not say %q:\n%s", part, text)
		}
	}
}

// checkFigures finds figures that can't be.
func checkFigures(t *testing.T, r *bench.Report) {
	t.Helper()
	for _, f := range append(r.Figures, r.Steady...) {
		if f.Workload == "pgbench" && f.Operations == 0 {
			continue // on a slow machine its short time goes by with connecting
		}
		if f.Operations == 0 || f.Errors != 0 || f.PerSecond <= 0 || f.P99 < f.P50 {
			t.Errorf("a figure that can't be: %+v", f)
		}
		if f.P90 < f.P50 || f.P99 < f.P90 || f.P999 < f.P99 || f.Max < f.P999 {
			t.Errorf("latencies that can't be: %+v", f)
		}
		if h, err := hdrhistogram.Decode([]byte(f.Histogram)); f.Workload != "pgbench" && (err != nil || h.TotalCount() != f.Operations) {
			t.Errorf("%s: the histogram can't be read, or lacks calls: %v", f.Workload, err)
		}
		if f.P50 == 0 && f.Workload != "pgbench" { // which does not tell
			t.Errorf("%s has no latency", f.Workload)
		}
		settles := f.Workload == "pay-callback" || f.Workload == "refund" || f.Workload == "day" && f.Operations >= 50 // its whole mix
		if settles && f.SettledPerSecond == 0 {
			t.Errorf("%s settled nothing", f.Workload)
		}
		if f.Workload == "pay-token-hot" && f.OfSpread == 0 {
			t.Errorf("the merchant that all pay is compared with nobody: %+v", f)
		}
	}
}

// checkCrowd wants calls beyond what can be done to be carried out or refused.
func checkCrowd(t *testing.T, r *bench.Report) {
	t.Helper()
	if len(r.Crowded) != len(r.Steady) {
		t.Errorf("%d figures of a crowd, want %d", len(r.Crowded), len(r.Steady))
	}
	for _, f := range r.Crowded {
		if f.Errors != 0 || f.Operations == 0 && f.Refused == 0 {
			t.Errorf("a crowd that was not answered: %+v", f)
		}
	}
}

func textOf(t *testing.T, r *bench.Report) string {
	t.Helper()
	var text bytes.Buffer
	if err := r.Text(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestRunOnServer(t *testing.T) { //nolint:paralleltest // it counts the databases that runs leave behind
	url := pgtest.DSN(t)
	r, err := bench.Run(t.Context(), few(bench.Config{
		Database: url, Dir: t.TempDir(), Duration: 80 * time.Millisecond, Concurrency: []int{4},
	}))
	if err != nil {
		t.Fatal(err)
	}
	checkFigures(t, r)
	checkCrowd(t, r)
	want := len(bench.Names) + 1 + 2 // the floor, and pgbench with two numbers of callers
	if len(r.NotRun) > 0 {
		want -= 2
	}
	if len(r.Figures) != want {
		t.Errorf("%d figures, want %d: %+v", len(r.Figures), want, r.Figures)
	}
	text := textOf(t, r)
	for _, part := range []string{"PostgreSQL", "fsync", "db CPU", "of floor", "one merchant takes"} {
		if !strings.Contains(text, part) {
			t.Errorf("the text does not say %q:\n%s", part, text)
		}
	}
	if left := databases(t, url); left != "0" {
		t.Errorf("%s databases are left behind", left)
	}
}

// databases counts those of runs.
func databases(t *testing.T, url string) string {
	t.Helper()
	conn, err := pgconn.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	all, err := conn.Exec(t.Context(), `SELECT count(*) FROM pg_database WHERE datname LIKE 'sen\_bench\_%'`).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return string(all[0].Rows[0][0])
}

// TestDatabaseTime makes the server work until the run sees that it did: so it
// ends on a slow machine too.
func TestDatabaseTime(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("not run: only Linux tells the processor time of others")
	}
	url := pgtest.DSN(t)
	for {
		r, err := bench.Run(t.Context(), few(bench.Config{
			Database: url, Dir: t.TempDir(), Duration: 400 * time.Millisecond, Concurrency: []int{16}, Only: []string{"floor"},
		}))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(r.Database, "on this machine") {
			t.Skip("not run: the server is not on this machine")
		}
		if r.Figures[0].DatabaseCPU > 0 {
			return
		}
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		config bench.Config
		want   string
	}{
		{"unknown workload", bench.Config{Only: []string{"nonsense"}}, "there is no workload"},
		{"yardstick of no server", bench.Config{Only: []string{"floor"}}, "name one with --database"},
		{"target that is none", bench.Config{Target: "ftp://example.com"}, "must begin with http://"},
		{"target and database", bench.Config{Target: "http://127.0.0.1:1", Database: "postgres://127.0.0.1:1/x"}, "choose one"},
		{"app of no target", bench.Config{App: sen.App{ID: 1, Key1: "k"}}, "at --target knows"},
		{"app without a key", bench.Config{Target: "http://127.0.0.1:1", App: sen.App{ID: 1}}, "SEN_BENCH_KEY1"},
		{"app that can't do it", bench.Config{Target: "http://127.0.0.1:1", App: sen.App{ID: 1, Key1: "k"}, Only: []string{"refund"}}, "create and query-unpaid"},
		{"negative rate", bench.Config{Rate: -1}, "calls per second"},
		{"database that is none", bench.Config{Database: "mysql://127.0.0.1/x", Dir: t.TempDir()}, "give --database a URL"},
		{"database that is not there", bench.Config{Database: "postgres://sen:hidden@127.0.0.1:1/x", Dir: t.TempDir()}, "127.0.0.1"},
	} {
		_, err := bench.Run(t.Context(), few(c.config))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: got %v, want %q in it", c.name, err, c.want)
		}
	}
	for _, c := range []bench.Config{
		{Binary: "/nonexistent/sen", Merchants: 1, Wallets: 1, Dir: t.TempDir()},
		{Binary: os.Args[0], Merchants: 0, Wallets: 1},
		{Binary: os.Args[0], Merchants: 1, Wallets: 0},
	} {
		if _, err := bench.Run(t.Context(), c); err == nil {
			t.Errorf("it takes %+v", c)
		}
	}
}
