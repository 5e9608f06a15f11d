package simtest

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "github.com/ncruces/go-sqlite3/driver" // registers "sqlite3", to look at rows behind the gateway's back

	"sen/internal/app"
)

// publicURL is where the simulated gateway says it is: a free port of the
// machine would be another one on each run.
const publicURL = "http://sen.test"

// furniture is what every simulated gateway begins with, made once.
var furniture = sync.OnceValues(func() (*app.Furniture, error) { return app.NewFurniture(context.Background()) })

// A life is one process of the gateway, as far as its data and clients can tell.
type life struct {
	dir  string
	url  string
	db   *sql.DB // beside the gateway
	log  *errorLog
	stop func() error

	mu   sync.Mutex
	dead bool // what it still does reaches nobody
}

// begin starts a life over the data in dir.
func begin(dir string, seed uint64, start time.Time, delay time.Duration, network func(*life) http.RoundTripper) (*life, error) {
	l := &life{dir: dir, log: &errorLog{}}
	ctx, cancel := context.WithCancel(context.Background())
	g, err := app.Open(ctx, app.Config{
		Mode: app.Sandbox, Addr: "127.0.0.1:0", Data: dir, PublicURL: publicURL, Version: "simulated",
		Start: start, Seed: &seed, RefundDelay: delay, Worlds: -1,
		Log: slog.New(slog.NewTextHandler(l.log, &slog.HandlerOptions{Level: slog.LevelError})), Merchants: network(l),
	})
	if err != nil {
		cancel()
		return nil, err
	}
	l.url = "http://" + g.Addr().String()
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	l.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	l.db, err = sql.Open("sqlite3", "file:"+filepath.ToSlash(filepath.Join(dir, databaseFile))+"?_pragma=busy_timeout(5000)")
	if err == nil {
		l.db.SetMaxOpenConns(1)
	}
	return l, err
}

// databaseFile is the embedded database in a data directory, and logFile what was
// committed and is not in it yet.
const (
	databaseFile = "sen.db"
	logFile      = databaseFile + "-wal"
	vaultFile    = "vault.json"
)

// end stops the life as an operator would.
func (l *life) end() error {
	err := l.stop()
	if closed := l.db.Close(); err == nil {
		err = closed
	}
	return err
}

func (l *life) kill() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead = true
}

func (l *life) gone() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dead
}

// image copies the files as they are at this moment, which is what a process that
// is killed now leaves behind. lose names one that is lost with it.
func (l *life) image(dir, lose string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	// As long as somebody reads, no log is moved into the database and begun anew,
	// so a file that is copied later goes with one that was copied before.
	ctx := context.Background()
	conn, err := l.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, text := range []string{"BEGIN", "SELECT COUNT(*) FROM settings"} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	defer conn.ExecContext(ctx, "ROLLBACK")
	for _, name := range []string{databaseFile, logFile, vaultFile} {
		if name == lose {
			continue
		}
		data, err := os.ReadFile(filepath.Join(l.dir, name))
		if os.IsNotExist(err) && name == logFile {
			continue
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// client keeps its connections: a gateway is asked thousands of things. It goes
// nowhere by itself: where a page leads is looked at.
var client = &http.Client{
	Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 16},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// ServeHTTP passes a request on to the gateway. An answer that does not come has
// status 599.
func (l *life) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out, err := http.NewRequestWithContext(r.Context(), r.Method, l.url+r.URL.RequestURI(), r.Body)
	if err != nil {
		panic(err)
	}
	out.Header = r.Header.Clone()
	res, err := client.Do(out)
	if err != nil {
		w.WriteHeader(599)
		fmt.Fprint(w, "no answer")
		return
	}
	defer res.Body.Close()
	for _, name := range []string{"Location", "Set-Cookie"} {
		w.Header()[name] = res.Header[name]
	}
	w.WriteHeader(res.StatusCode)
	if _, err := (&copier{w}).from(res); err != nil {
		fmt.Fprint(w, "\n(the answer broke off)")
	}
}

type copier struct{ w http.ResponseWriter }

func (c *copier) from(res *http.Response) (int64, error) {
	var buf bytes.Buffer
	n, err := buf.ReadFrom(res.Body)
	_, _ = c.w.Write(buf.Bytes())
	return n, err
}

// ask makes one request.
func ask(h http.Handler, method, path, contentType string, body []byte) (status int, answer []byte) {
	r := httptest.NewRequest(method, publicURL+path, bytes.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	r.Header.Set("Accept-Language", "en")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.Bytes()
}

// errorLog keeps what a gateway calls an error.
type errorLog struct {
	mu    sync.Mutex
	lines []string
}

// Write adds a line.
func (e *errorLog) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lines = append(e.lines, strings.TrimSpace(string(p)))
	return len(p), nil
}

// take returns the lines since the last time.
func (e *errorLog) take() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := e.lines
	e.lines = nil
	return all
}
