package bench_test

import (
	"bytes"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"sen/internal/bench"
	"sen/internal/cli"
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

func TestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r, err := bench.Run(t.Context(), bench.Config{
		Binary: os.Args[0], Dir: dir, Duration: 80 * time.Millisecond, Concurrency: []int{2, 5},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := 2 * len(bench.Names); len(r.Figures) != want {
		t.Errorf("%d figures, want %d", len(r.Figures), want)
	}
	for _, f := range append(r.Figures, r.Steady...) {
		if f.Operations == 0 || f.Errors != 0 || f.P50 == 0 || f.P99 < f.P50 {
			t.Errorf("a figure that can't be: %+v", f)
		}
		if (f.Workload == "pay-callback" || f.Workload == "refund") && f.SettledPerSecond == 0 {
			t.Errorf("%s settled nothing", f.Workload)
		}
	}
	if r.Syncs == 0 || r.StartFresh == 0 || r.StartAgain == 0 || r.Binary == 0 {
		t.Errorf("not measured: %+v", r)
	}
	if runtime.GOOS == "linux" && (r.IdleRSS == 0 || r.LoadedRSS == 0) {
		t.Errorf("the memory is not measured: %+v", r)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	var text bytes.Buffer
	if err := r.Text(&text); err != nil {
		t.Fatal(err)
	}
	for _, name := range bench.Names {
		if !strings.Contains(text.String(), name) {
			t.Errorf("the text does not say %q:\n%s", name, &text)
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
		{"target that is none", bench.Config{Target: "ftp://example.com"}, "must begin with http://"},
		{"binary that is none", bench.Config{Binary: "/nonexistent/sen", Dir: t.TempDir()}, "no such file"},
	} {
		if _, err := bench.Run(t.Context(), c.config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q in it", c.name, err, c.want)
		}
	}
}
