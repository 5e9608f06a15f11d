package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/ncruces/go-sqlite3/driver"
	"github.com/rogpeppe/go-internal/testscript"

	"sen"
	"sen/internal/sandbox"
)

// TestMain lets the scripts run this very program under the name sen.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sen": main})
}

// TestScripts runs the sessions in testdata. Beside sen itself they use:
//
//	serve [flag…]            start sen serve on a free port, wait until it is ready,
//	                         keep what it said in serve.out, name it in $SEN_SERVER
//	stop                     end it as Ctrl-C does; it must end well
//	merchant [answer…]       start a merchant's server, name it in $CALLBACK; it checks
//	                         the mac and gives these return codes, then 1
//	heard REGEXP             wait for the next callback, which must be like that
//	capture NAME REGEXP FILE put what the first group matches into $NAME
//	snippet FILE             keep the welcome's shell snippet in snippet.sh
//	until REGEXP command…    run a command again and again until it prints such a thing
//	exits STATUS command…    run a command that must end with that status
//	sqlite DIR STATEMENT     run a statement in a data directory, without any rules
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Values[sessionKey{}] = &session{}
			e.Setenv("SEN_SERVER", "http://127.0.0.1:1") // nobody's, until serve names one
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"serve": serve, "stop": stop, "merchant": startMerchant, "heard": heard,
			"capture": capture, "snippet": snippet, "until": until, "exits": exits, "sqlite": runSQL,
		},
	})
}

// patience is how long a script waits for what must come.
const patience = 2 * time.Minute

type sessionKey struct{}

// session is what a script has running.
type session struct {
	server    *exec.Cmd
	ended     chan error
	callbacks chan string
}

func sessionOf(ts *testscript.TestScript) *session {
	return ts.Value(sessionKey{}).(*session)
}

func plain(ts *testscript.TestScript, neg bool, usage string, ok bool) {
	if neg || !ok {
		ts.Fatalf("usage: %s", usage)
	}
}

func serve(ts *testscript.TestScript, neg bool, args []string) {
	plain(ts, neg, "serve [flag…]", true)
	s := sessionOf(ts)
	program, err := findSen(ts)
	ts.Check(err)
	log, err := os.Create(ts.MkAbs("serve.err"))
	ts.Check(err)
	cmd := exec.Command(program, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
	cmd.Dir, cmd.Stderr = ts.MkAbs("."), log
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	s.server, s.ended = cmd, make(chan error, 1)
	ts.Defer(func() { // a script that failed leaves it running
		_ = cmd.Process.Kill()
		_ = log.Close()
	})
	lines := make(chan string, 1000)
	go func() {
		for scan := bufio.NewScanner(out); scan.Scan(); {
			lines <- scan.Text()
		}
		close(lines)
		s.ended <- cmd.Wait()
	}()
	said, at := ready(ts, lines)
	ts.Check(os.WriteFile(ts.MkAbs("serve.out"), []byte(said), 0o600))
	ts.Setenv("SEN_SERVER", at)
}

var (
	readyLine     = regexp.MustCompile(`^Sen \S+ is ready at (\S+)$`)
	listeningLine = regexp.MustCompile(`^Listening on (\S+)$`)
)

// ready reads until the server says that it is, and returns what it said and
// where it listens.
func ready(ts *testscript.TestScript, lines <-chan string) (said, at string) {
	deadline := time.After(patience)
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				ts.Fatalf("sen serve ended:\n%s\n%s", said, ts.ReadFile("serve.err"))
			}
			said += line + "\n"
			if m := listeningLine.FindStringSubmatch(line); m != nil {
				at = "http://" + m[1]
			}
			if m := readyLine.FindStringSubmatch(line); m != nil {
				if at == "" {
					at = m[1]
				}
				return said, at
			}
		case <-deadline:
			ts.Fatalf("sen serve is not ready:\n%s", said)
		}
	}
}

// findSen looks where the script would.
func findSen(ts *testscript.TestScript) (string, error) {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if file := filepath.Join(dir, "sen"); isFile(file) {
			return file, nil
		}
	}
	return "", fmt.Errorf("sen is not in the script's PATH")
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

func stop(ts *testscript.TestScript, neg bool, args []string) {
	s := sessionOf(ts)
	plain(ts, neg, "stop", len(args) == 0 && s.server != nil)
	ts.Check(s.server.Process.Signal(os.Interrupt))
	select {
	case err := <-s.ended:
		ts.Check(err)
	case <-time.After(patience):
		ts.Fatalf("sen serve does not stop")
	}
	s.server = nil
}

// startMerchant plays the merchant of the sandbox's first app.
func startMerchant(ts *testscript.TestScript, neg bool, args []string) {
	plain(ts, neg, "merchant [answer…]", true)
	first := sandbox.Apps()[0]
	app := sen.App{ID: int(first.ID), Key1: first.Key1, Key2: first.Key2}
	s := sessionOf(ts)
	s.callbacks = make(chan string, 100)
	// The SDK checks the mac before it hands a callback over.
	accept := sen.CallbackHandler(app, func(_ context.Context, c *sen.Callback) error {
		s.callbacks <- c.Data
		return nil
	})
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if len(args) == 0 {
			accept.ServeHTTP(w, r)
			return
		}
		fmt.Fprintf(w, `{"return_code":%s,"return_message":"as the test says"}`, args[0])
		args = args[1:]
	}))
	ts.Defer(server.Close)
	ts.Setenv("CALLBACK", server.URL)
}

func heard(ts *testscript.TestScript, neg bool, args []string) {
	s := sessionOf(ts)
	plain(ts, neg, "heard REGEXP", len(args) == 1 && s.callbacks != nil)
	select {
	case data := <-s.callbacks:
		if !regexp.MustCompile(args[0]).MatchString(data) {
			ts.Fatalf("the callback is %s", data)
		}
	case <-time.After(patience):
		ts.Fatalf("no callback came")
	}
}

func capture(ts *testscript.TestScript, neg bool, args []string) {
	plain(ts, neg, "capture NAME REGEXP FILE", len(args) == 3)
	text := ts.ReadFile(args[2])
	m := regexp.MustCompile(`(?m)` + args[1]).FindStringSubmatch(text)
	if len(m) < 2 {
		ts.Fatalf("%s does not match %q:\n%s", args[2], args[1], text)
	}
	ts.Setenv(args[0], m[1])
}

// snippet takes the lines from SEN= to the end of the call of curl.
func snippet(ts *testscript.TestScript, neg bool, args []string) {
	plain(ts, neg, "snippet FILE", len(args) == 1)
	text := ts.ReadFile(args[0])
	from, to := strings.Index(text, "  SEN="), strings.Index(text, "\n\nThen pay it")
	if from < 0 || to < from {
		ts.Fatalf("no snippet in %s", text)
	}
	script := text[from:to] + "\n  echo\n  echo \"ID=$ID\"\n"
	ts.Check(os.WriteFile(ts.MkAbs("snippet.sh"), []byte(script), 0o600))
}

func until(ts *testscript.TestScript, neg bool, args []string) {
	plain(ts, neg, "until REGEXP command…", len(args) > 1)
	wanted := regexp.MustCompile(args[0])
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if ts.Exec(args[1], args[2:]...) == nil && wanted.MatchString(ts.ReadFile("stdout")) {
			return
		}
	}
	ts.Fatalf("%q does not print %q:\n%s", args[1:], args[0], ts.ReadFile("stdout"))
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	plain(ts, neg, "exits STATUS command…", len(args) > 1)
	status := 0
	err := ts.Exec(args[1], args[2:]...)
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		status = e.ExitCode()
	} else {
		ts.Check(err)
	}
	if want := args[0]; strconv.Itoa(status) != want {
		ts.Fatalf("exit status %d, want %s", status, want)
	}
}

func runSQL(ts *testscript.TestScript, neg bool, args []string) {
	plain(ts, neg, "sqlite DIR STATEMENT", len(args) == 2)
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(filepath.Join(ts.MkAbs(args[0]), "sen.db"))}
	db, err := sql.Open("sqlite3", u.String())
	ts.Check(err)
	result, err := db.Exec(args[1])
	ts.Check(err)
	n, err := result.RowsAffected()
	ts.Check(err)
	if n == 0 {
		ts.Fatalf("%s changed nothing", strconv.Quote(args[1]))
	}
	ts.Check(db.Close())
}
