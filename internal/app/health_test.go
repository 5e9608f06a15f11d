package app_test

import (
	"database/sql"
	"net/http"
	"path/filepath"
	"testing"

	_ "github.com/ncruces/go-sqlite3/driver"

	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/pgtest"
	"sen/internal/store"
)

// health asks a gateway how it is.
func (s *shop) health(path string) (status int, header http.Header) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.URL+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := plain.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode, res.Header
}

// nodeAndDatabase starts one of several nodes, whose database can be taken away.
func nodeAndDatabase(t *testing.T) (s *shop, take, give func()) {
	t.Helper()
	if pgtest.Wanted() {
		proxy := pgtest.NewProxy(t, pgtest.DSN(t))
		s = openShop(t, func(c *app.Config) { c.Database = proxy.DSN() })
		return s, func() { proxy.Refuse(true); proxy.CutAll() }, func() { proxy.Refuse(false) }
	}
	s = openShop(t, func(c *app.Config) { c.OpenStore = store.Open })
	db, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(s.File()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	run := func(statement string) func() {
		return func() {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
	}
	// Who holds the only lock for writing keeps the node from keeping its lease.
	return s, run("PRAGMA busy_timeout = 60000; BEGIN IMMEDIATE"), run("ROLLBACK")
}

// TestHealth takes the database away from a node and gives it back: /readyz says
// so, and /healthz does not care.
func TestHealth(t *testing.T) {
	t.Parallel()
	s, take, give := nodeAndDatabase(t)
	for _, c := range []struct {
		name  string
		do    func()
		ready int
	}{
		{"all is well", func() {}, http.StatusOK},
		{"without the database", take, http.StatusServiceUnavailable},
		{"with it again", give, http.StatusOK},
	} {
		c.do()
		apptest.Wait(t, c.name, func() bool { status, _ := s.health("/readyz"); return status == c.ready })
		if status, _ := s.health("/healthz"); status != http.StatusOK {
			t.Errorf("%s: /healthz says %d", c.name, status)
		}
		for _, path := range []string{"/healthz", "/readyz"} {
			if _, h := s.health(path); h.Get("Cache-Control") != "no-store" || h.Get("Set-Cookie") != "" {
				t.Errorf("%s: %s has the header %v", c.name, path, h)
			}
		}
	}
}
