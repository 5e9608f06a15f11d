//go:build unix

package deploy_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// elsewhere are commands of the runbook that other tests run, since they need
// more than a gateway with its own database.
var elsewhere = []string{
	"sen callback", "sen refund", "sen requests", // names of commands, in a sentence
	"sen migrate copy", "sen ledger verify --database",
	"sen ledger verify --data /var/lib/sen --since FILE", "sen ledger export", // a new live gateway has sealed nothing yet
}

// TestRunbookCommandsRun runs the commands of the runbook as they are written, in
// their order and beside a gateway that serves, and wants each to end well.
func TestRunbookCommandsRun(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	in := func(name string) string { return filepath.Join(top, name) }
	program, data := in("sen"), in("data")
	// As make builds it: then most of it is in the cache.
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-o", program, "sen/cmd/sen").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	gateway := exec.CommandContext(t.Context(), program, "serve", "--quiet", "--mode", "live", "--public-url", "https://pay.example", "--addr", "127.0.0.1:0", "--data", data, "--archive", in("archive"))
	said, err := gateway.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := gateway.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = gateway.Process.Signal(syscall.SIGTERM)
		_ = gateway.Wait()
	})
	for lines := bufio.NewScanner(said); ; {
		if !lines.Scan() {
			t.Fatalf("it does not start: %v", lines.Err())
		}
		if strings.Contains(lines.Text(), " is ready at ") {
			break
		}
	}
	run := func(words ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), program, words...)
		cmd.Env = append(os.Environ(), "SEN_DATA="+data)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	// eventually is for what the gateway has to do first.
	eventually := func(what string, words ...string) {
		t.Helper()
		for until := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
			out, err := run(words...)
			if err == nil {
				return
			}
			if time.Now().After(until) {
				t.Fatalf("%s: %v\n%s", what, err, out)
			}
		}
	}
	eventually("an archive", "restore", "--from", in("archive"), "--data", in("archived"))
	for _, words := range []string{
		"app create --id 2553 --name Shop --data " + data,
		"operator add somebody --role operator --data " + data,
		"backup --data " + data + " --to " + in("FILE.db"),
	} {
		if out, err := run(strings.Fields(words)...); err != nil {
			t.Fatalf("%s: %v\n%s", words, err, out)
		}
	}
	ran, places := 0, 0
	for _, m := range ours.FindAllStringSubmatch(page(t, "runbook.md"), -1) {
		line, _, _ := strings.Cut(m[1]+m[2], " #")
		line = strings.TrimSpace(line)
		if strings.Contains(line, "…") || hasPrefix(line, elsewhere) {
			continue
		}
		ran++
		words := strings.Fields(line)[1:]
		places++
		for i, w := range words {
			switch w {
			case "/var/lib/sen":
				words[i] = data
				if words[0] == "restore" {
					words[i] = in("restored" + string(rune('a'+places)))
				}
			case "/mnt/archive/sen":
				words[i] = in("archive")
			case "/var/backups/sen/FILE.db":
				words[i] = in("FILE.db")
			case "NAME":
				words[i] = "somebody"
			case "N":
				words[i] = "2553"
			case "FILE":
				words[i] = in("FILE")
				if words[0] == "backup" {
					words[i] = in("another.db")
				}
			case "ledger.jsonl":
				words[i] = in(w)
			case "2026-11-22T20:00:00+07:00":
				words[i] = time.Now().Format(time.RFC3339Nano)
			}
		}
		if strings.HasPrefix(line, "sen vault retire") {
			eventually(line, words...)
			continue
		}
		if out, err := run(words...); err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
	}
	if ran < 25 {
		t.Errorf("ran %d commands only", ran)
	}
}

func hasPrefix(line string, any []string) bool {
	for _, p := range any {
		if line == p || strings.HasPrefix(line, p+" ") {
			return true
		}
	}
	return false
}
