package killtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sen/internal/cli"
)

// asServer makes the test binary be the real program, race detector included.
const asServer = "SEN_KILLTEST_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(asServer) != "" {
		if len(os.Args) > 1 && os.Args[1] == "serve" {
			go endWithParent()
		}
		os.Exit(cli.Run("test", os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(run(m))
}

// ofProcess is a directory for what all tests share; it goes with the process.
var ofProcess string

func run(m *testing.M) (status int) {
	var err error
	if ofProcess, err = os.MkdirTemp("", "killtest"); err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(ofProcess) }() // a directory left behind in the temporary one harms nobody
	return m.Run()
}

// endWithParent ends a server when the test that feeds its standard input is
// gone, also one that had no time to clean up.
func endWithParent() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(1)
}

// program is a call of the real program.
func program(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asServer+"=yes")
	return cmd
}

// A server is one life of the gateway.
type server struct {
	URL  string
	cmd  *exec.Cmd
	log  string
	http *http.Client
}

// start starts the gateway over a directory, with more arguments.
func start(t *testing.T, data string, args ...string) *server {
	t.Helper()
	s, err := launch(data, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	return s
}

// launch is start for callers that can't end the test. They kill the server.
func launch(data string, args ...string) (*server, error) { return launchAs(program, data, args...) }

// launchAs is launch for another program, or the same under other circumstances.
func launchAs(program func(args ...string) *exec.Cmd, data string, args ...string) (*server, error) {
	s := &server{log: data + ".log", http: &http.Client{
		Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64},
	}}
	logged, err := os.OpenFile(s.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer logged.Close()
	s.cmd = program(append([]string{
		"serve", "--addr", "127.0.0.1:0", "--data", data,
		"--mode", "sandbox", "--public-url", "", "--refund-delay", "50ms", "--quiet",
	}, args...)...)
	s.cmd.Stderr = logged
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if _, err := s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	_, url, ok := strings.Cut(strings.TrimSpace(line), " is ready at ")
	if !ok {
		s.kill()
		text, _ := os.ReadFile(s.log)
		return nil, errors.Join(fmt.Errorf("the server is not ready: it says %q\n%s", line, text), err)
	}
	s.URL = url
	return s, nil
}

// kill ends the server at once, as a crash or an impatient operator does.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.http.CloseIdleConnections()
}

// stop ends the server as an operator does, and returns how it ended.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	err := s.cmd.Wait()
	s.http.CloseIdleConnections()
	return err
}

// failures returns what the server itself called an error.
func failures(t *testing.T, data string) (lines []string) {
	t.Helper()
	text, err := os.ReadFile(data + ".log")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "level=ERROR") || strings.Contains(line, "panic") || strings.Contains(line, "DATA RACE") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// A refusal is an answer of the control API that says no.
type refusal struct {
	Status int
	Code   string
}

func (r *refusal) Error() string { return fmt.Sprintf("HTTP %d: %s", r.Status, r.Code) }

// control calls the control API.
func (s *server) control(method, path string, in, out any) error {
	var body io.Reader = http.NoBody
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequest(method, s.URL+filepath.ToSlash("/control/"+path), body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusOK {
		return json.NewDecoder(res.Body).Decode(out)
	}
	var f struct {
		Error struct{ Code string }
	}
	if err := json.NewDecoder(res.Body).Decode(&f); err != nil {
		return err
	}
	return &refusal{res.StatusCode, f.Error.Code}
}
