package bench_test

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "github.com/ncruces/go-sqlite3/driver"

	"sen/internal/bench"
)

// program runs the program with these arguments to its end, and wants that to be
// well or not.
func program(t *testing.T, well bool, args ...string) (out, said string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); (err == nil) != well {
		t.Fatalf("%q: %v\n%s%s", args, err, &stdout, &stderr)
	}
	return stdout.String(), stderr.String()
}

// begun starts the program and returns the first line that it says of that form,
// and what interrupts it and waits for its end.
func begun(t *testing.T, pipe func(*exec.Cmd) (io.ReadCloser, error), form string, args ...string) (line string, stop func() (rest string)) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	said, err := pipe(cmd)
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, wanted := bufio.NewScanner(said), regexp.MustCompile(form)
	for line == "" {
		if !lines.Scan() {
			t.Fatalf("%q ended: %v", args, cmd.Wait())
		}
		if wanted.MatchString(lines.Text()) {
			line = lines.Text()
		}
	}
	return line, func() string {
		t.Helper()
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		var rest strings.Builder
		for lines.Scan() {
			rest.WriteString(lines.Text() + "\n")
		}
		_ = cmd.Wait() // what it said is looked at
		return rest.String()
	}
}

// ordersIn counts the orders in a data directory, and those of them whose place
// among all has been made twice.
func ordersIn(t *testing.T, dir string) (all, twice int64) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "sen.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.QueryRowContext(t.Context(), `SELECT COUNT(*), COUNT(*) - COUNT(DISTINCT created_at) FROM orders`).Scan(&all, &twice)
	if err != nil {
		t.Fatal(err)
	}
	return all, twice
}

// TestGrow stops a sandbox that grows, has it go on, and compares it with a new
// one.
func TestGrow(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("not run: nothing there asks a program to stop")
	}
	dir := t.TempDir()
	line, stop := begun(t, (*exec.Cmd).StderrPipe, `^\d+ orders, \d+ a second$`, "bench", "--grow", "10000000", "--dir", dir)
	if rest := stop(); !strings.HasSuffix(rest, "sen: stopped before it was done: the same command goes on\n") || strings.Contains(rest, "cancel") {
		t.Errorf("stopped, it says %q", rest)
	}
	made, twice := ordersIn(t, dir)
	if said, err := strconv.ParseInt(strings.Fields(line)[0], 10, 64); err != nil || made < said || twice != 0 {
		t.Fatalf("it said %q, and has %d orders, %d made twice", line, made, twice)
	}

	goal := made + 700
	wanted := []string{"bench", "--grow", strconv.FormatInt(goal, 10), "--dir", dir, "--json"}
	_, leave := begun(t, (*exec.Cmd).StdoutPipe, "is ready at", "serve", "--addr", "127.0.0.1:0", "--data", dir)
	for _, args := range [][]string{wanted, {"bench", "--against", dir}} {
		if _, said := program(t, false, args...); !strings.Contains(said, "another sen serves from this data directory") {
			t.Errorf("%q of a directory that is in use: %s", args[1], said)
		}
	}
	leave()

	out, _ := program(t, true, wanted...)
	var grown struct {
		Data          string
		Orders, Bytes int64
	}
	if err := json.Unmarshal([]byte(out), &grown); err != nil || grown.Data != dir || grown.Orders != goal || grown.Bytes == 0 {
		t.Errorf("%v, %s", err, out)
	}
	if all, twice := ordersIn(t, dir); all != goal || twice != 0 {
		t.Errorf("it went on to %d orders, %d made twice, want %d", all, twice, goal)
	}
	program(t, true, "ledger", "verify", "--data", dir)
	compared(t, dir)
	program(t, true, "ledger", "verify", "--data", dir)
}

// compared compares the sandbox with a new one.
func compared(t *testing.T, dir string) {
	t.Helper()
	around := t.TempDir()
	out, _ := program(t, true, "bench", "--against", dir, "--dir", around, "--duration", "80ms", "--merchants", "3", "--wallets", "7", "--concurrency", "2", "--json")
	var c bench.Comparison
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if c.Data != dir || c.StartNew <= 0 || c.StartGrown <= 0 {
		t.Errorf("compared %+v", c)
	}
	var work, pages []string
	for _, w := range c.Work {
		work = append(work, w.Workload)
	}
	if want := []string{"create", "query-paid", "pay-token"}; !slices.Equal(work, want) {
		t.Errorf("compared %q, want %q", work, want)
	}
	for _, p := range c.Pages {
		if pages = append(pages, p.Path); p.Grown == 0 {
			t.Errorf("%s is no page of what has grown", p.Path)
		}
	}
	for _, form := range []string{`^/console$`, `^/console/refunds$`, `accounts/48000002\?at=`, `accounts/614\?at=`, `^… /console/wallets`, `^… /console/ledger/entries`} {
		if !slices.ContainsFunc(pages, regexp.MustCompile(form).MatchString) {
			t.Errorf("nobody looked at a page like %s: %q", form, pages)
		}
	}
	var text strings.Builder
	if err := c.Text(&text); err != nil || !strings.Contains(text.String(), "start to the first order") {
		t.Errorf("%v: %s", err, &text)
	}
	if left, err := os.ReadDir(around); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if beside, err := filepath.Glob(dir + ".*"); err != nil || len(beside) > 0 {
		t.Errorf("left beside the data: %q, %v", beside, err)
	}
}

// TestGrowRefuses asks for what no sandbox can grow to.
func TestGrowRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for want, args := range map[string][]string{
		"say with --dir where":         {"--grow", "5"},
		"can grow to 1 to 10368000":    {"--grow", "10368001", "--dir", dir},
		"grow to 1 to 10368000 orders": {"--grow=-1", "--dir", dir},
		"no such file":                 {"--against", filepath.Join(dir, "none")},
	} {
		if _, said := program(t, false, append([]string{"bench"}, args...)...); !strings.Contains(said, want) {
			t.Errorf("%q: %s, want %q", args, said, want)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
