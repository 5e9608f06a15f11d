//go:build unix

package killtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sen/internal/control"
)

// fleetSize is how many gateways share a database.
const fleetSize = 3

// patience is how long a client of a fleet waits for an answer. It is shorter
// than the gateway's own, so that some answers come too late to be heard.
const patience = 4 * time.Second

// A fleet is gateways that serve from one database server, each with a
// directory of its own and the same keys of secrets.
type fleet struct {
	t        *testing.T
	database string
	dirs     []string
	mu       sync.Mutex
	nodes    []*server
	kills    int
}

// openFleet starts n gateways.
func openFleet(t *testing.T, database string, n int) *fleet {
	t.Helper()
	f := &fleet{t: t, database: database, nodes: make([]*server, n)}
	top := t.TempDir()
	t.Cleanup(func() {
		for i := range f.nodes {
			if s := f.node(i); s != nil {
				s.kill()
			}
		}
	})
	for i := range n {
		f.dirs = append(f.dirs, filepath.Join(top, "node"+string(rune('0'+i))))
		if err := f.prepare(i); err != nil {
			t.Fatal(err)
		}
		s, err := launch(f.dirs[i], "--database", database)
		if err != nil {
			t.Fatal(err)
		}
		f.serve(i, s)
	}
	return f
}

// prepare makes a gateway's directory, with the keys of the first.
func (f *fleet) prepare(i int) error {
	if err := os.Mkdir(f.dirs[i], 0o700); err != nil || i == 0 {
		return err
	}
	keys, err := os.ReadFile(filepath.Join(f.dirs[0], "vault.json"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(f.dirs[i], "vault.json"), keys, 0o600)
}

// start starts a gateway again, and returns when it is ready.
func (f *fleet) start(i int) {
	f.t.Helper()
	s, err := launch(f.dirs[i], "--database", f.database)
	for limit := time.Now().Add(goesOnWithin); err != nil && time.Now().Before(limit); { // the database may be changing hands
		time.Sleep(100 * time.Millisecond)
		s, err = launch(f.dirs[i], "--database", f.database)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	f.serve(i, s)
}

func (f *fleet) serve(i int, s *server) {
	s.http.Timeout = patience
	f.mu.Lock()
	defer f.mu.Unlock()
	f.nodes[i] = s
}

func (f *fleet) node(i int) *server {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.nodes[i]
}

// kill kills a gateway and starts it again.
func (f *fleet) kill(i int) {
	f.t.Helper()
	f.kills++
	f.node(i).kill()
	f.start(i)
}

// restart stops a gateway in order and starts it again.
func (f *fleet) restart(i int) {
	f.t.Helper()
	if err := f.node(i).stop(); err != nil {
		f.t.Errorf("gateway %d was told to stop, and ended with %v", i, err)
	}
	f.start(i)
}

// killAll kills all gateways at once and starts them again.
func (f *fleet) killAll() {
	f.t.Helper()
	for i := range f.nodes {
		f.kills++
		f.node(i).kill()
	}
	for i := range f.nodes {
		f.start(i)
	}
}

// pause stops a gateway without ending it: it neither answers nor refuses.
func (f *fleet) pause(i int) { f.signal(i, syscall.SIGSTOP) }

// resume lets a paused gateway go on.
func (f *fleet) resume(i int) { f.signal(i, syscall.SIGCONT) }

func (f *fleet) signal(i int, s syscall.Signal) {
	f.t.Helper()
	if err := f.node(i).cmd.Process.Signal(s); err != nil {
		f.t.Fatal(err)
	}
}

// crashes returns what gateways have logged that no fault of a database excuses.
func (f *fleet) crashes() (lines []string) {
	for _, dir := range f.dirs {
		text, err := os.ReadFile(dir + ".log")
		if err != nil {
			f.t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, "panic") || strings.Contains(line, "DATA RACE") {
				lines = append(lines, strings.TrimSpace(line))
			}
		}
	}
	return lines
}

// verify runs 'sen ledger verify' on a database.
func verify(database string) (l control.Ledger, err error) {
	cmd := program("ledger", "verify", "--database", database, "--json")
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil && out.Len() == 0 {
		return l, fmt.Errorf("%w: %s", err, said.Bytes())
	}
	return l, json.Unmarshal(out.Bytes(), &l) // which says what is wrong, if something is
}
