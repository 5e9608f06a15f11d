package pgtest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"sen/internal/pgtest"
)

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// TestDSN shows that every call gives a database of its own, and that an open
// connection does not keep it from being dropped.
func TestDSN(t *testing.T) {
	t.Parallel()
	var first, name string
	t.Run("a test", func(t *testing.T) {
		first = pgtest.DSN(t)
		conn := connect(t, first)
		if _, err := conn.Exec(t.Context(), "CREATE TABLE a (n int)"); err != nil {
			t.Fatal(err)
		}
		if err := conn.QueryRow(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
			t.Fatal(err)
		}
	})
	if first == "" {
		t.SkipNow()
	}
	conn := connect(t, pgtest.DSN(t))
	var databases, tables int
	err := conn.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM pg_database WHERE datname = $1),
		(SELECT count(*) FROM pg_tables WHERE schemaname = 'public')`, name).Scan(&databases, &tables)
	if err != nil || databases != 0 || tables != 0 {
		t.Errorf("%d databases of the test before, %d tables in a new one, %v", databases, tables, err)
	}
}
