package store_test

import (
	"context"
	"testing"

	"sen/internal/pgtest"
	"sen/internal/store"
	"sen/internal/store/storetest"
)

func TestPostgres(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) *store.Store { return serveServer(t) })
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
