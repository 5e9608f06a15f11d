package store_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"sen/internal/pgtest"
	"sen/internal/store"
	"sen/internal/store/storetest"
)

func TestPostgres(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) *store.Store { return serveServer(t) })
}

// TestPostgresThatCannotCommit reads from a server that answers, but can't
// commit any more, as a leader does that was replaced while it slept: what it
// says is not told.
func TestPostgresThatCannotCommit(t *testing.T) {
	t.Parallel()
	proxy := pgtest.NewProxy(t, pgtest.DSN(t))
	s := serve(t, proxy.DSN())
	if err := s.SetSetting(t.Context(), "a", "1"); err != nil {
		t.Fatal(err)
	}
	var replaced atomic.Bool
	replaced.Store(true)
	fault := proxy.Inject(pgtest.Fault{Do: pgtest.AnswerErrorAfter, Code: "57014", Times: -1, When: func(m pgtest.Message) bool {
		return replaced.Load() && m.Type == 'E' && strings.HasPrefix(m.SQL, "INSERT INTO commits")
	}})
	proxy.CutAll() // what was seen of it before is forgotten with the connections
	if got, err := s.Setting(t.Context(), "a"); err == nil {
		t.Errorf("the setting is said to be %q", got)
	}
	if fault.Fired() == 0 {
		t.Error("the server was not asked to commit")
	}
	replaced.Store(false)
	if got, err := s.Setting(t.Context(), "a"); got != "1" || err != nil {
		t.Errorf("when it can commit again: %q, %v", got, err)
	}
}

// serveServer opens an empty store on the server that tests may use.
func serveServer(t testing.TB) *store.Store {
	t.Helper()
	if !pgtest.Wanted() {
		pgtest.DSN(t) // skips, and says why
	}
	return serve(t, pgtest.Copy(t, "empty", fill))
}

// fill makes the tables.
func fill(ctx context.Context, dsn string) error {
	s, err := store.Serve(ctx, dsn)
	if err != nil {
		return err
	}
	return s.Close()
}
