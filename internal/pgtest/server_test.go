//go:build unix

package pgtest_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"sen/internal/pgtest"
)

// TestServer shows that a killed server comes back with what it acknowledged,
// at the same address, and that a stopped one leaves nothing.
func TestServer(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	conn := connect(t, s.DSN())
	if _, err := conn.Exec(t.Context(), "CREATE TABLE a AS SELECT 1 AS n"); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	if _, err := conn.Exec(t.Context(), "SELECT 1"); err == nil {
		t.Error("a killed server answers")
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := connect(t, s.DSN()).QueryRow(t.Context(), "SELECT n FROM a").Scan(&n); err != nil || n != 1 {
		t.Errorf("after a kill: %d, %v", n, err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(s.Log()); !os.IsNotExist(err) {
		t.Errorf("a stopped server leaves its folder: %v", err)
	}
}

// installed returns what a server of the test's own can be made of, where
// servers are tested at all.
func installed(t *testing.T) pgtest.Installation {
	t.Helper()
	pgtest.DSN(t) // or skips
	i, err := pgtest.Find(t.Context(), "any")
	if err != nil {
		t.Skip("not run: a server of the test's own:", err)
	}
	return i
}

func newServer(t *testing.T) *pgtest.Server {
	t.Helper()
	s, err := pgtest.NewServer(t.Context(), installed(t), pgtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestWith shows that no server outlives the program that started it, whether
// its command ends, or it is asked to end, or killed.
func TestWith(t *testing.T) {
	t.Parallel()
	installed(t)
	program := filepath.Join(t.TempDir(), "with")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./with").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, c := range []struct {
		name   string
		end    func(cmd *exec.Cmd, in io.Closer) error
		status int // -1 for a signal
		left   int // folders
	}{
		{"the command ends", func(_ *exec.Cmd, in io.Closer) error { return in.Close() }, 3, 0},
		{"interrupt", func(cmd *exec.Cmd, _ io.Closer) error { return cmd.Process.Signal(syscall.SIGINT) }, 2, 0},
		{"terminate", func(cmd *exec.Cmd, _ io.Closer) error { return cmd.Process.Signal(syscall.SIGTERM) }, 2, 0},
		{"kill", func(cmd *exec.Cmd, _ io.Closer) error { return cmd.Process.Kill() }, -1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.status < 0 && runtime.GOOS != "linux" {
				t.Skip("not run: only Linux tells a server that its starter was killed")
			}
			dir := folder(t)
			// The shell ends when its input does, and so does what it has started.
			cmd := exec.Command(program, "-no-sync", "--", "sh", "-c", "echo $"+pgtest.Env+"; cat; exit 3")
			cmd.Env = append(os.Environ(), "TMPDIR="+dir)
			in, out := pipes(t, cmd)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { cmd.Process.Kill() })
			dsn, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			connect(t, strings.TrimSpace(dsn))
			if err := c.end(cmd, in); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()
			gone(t, strings.TrimSpace(dsn))
			left, err := os.ReadDir(dir)
			if got := cmd.ProcessState.ExitCode(); got != c.status || len(left) != c.left || err != nil {
				t.Errorf("status %d, %d folders left, %v; want %d, %d", got, len(left), err, c.status, c.left)
			}
		})
	}
}

func pipes(t *testing.T, cmd *exec.Cmd) (in io.Closer, out io.Reader) {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err = cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	return in, out
}

// folder returns a new one that the servers' account can reach; those of the
// test itself are for its owner only.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sen-with-") //nolint:usetesting // its folders lie in one that only the owner may enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// gone waits until nobody answers any more.
func gone(t *testing.T, dsn string) {
	t.Helper()
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(time.Millisecond) {
		conn, err := pgconn.Connect(t.Context(), dsn)
		if err != nil {
			return
		}
		conn.Close(context.Background())
	}
	t.Error("its server still answers")
}
