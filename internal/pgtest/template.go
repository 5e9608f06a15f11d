package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Wanted reports whether tests are to run on a server.
func Wanted() bool { return os.Getenv(Env) != "" }

// Place returns where a test keeps its data: on a server, if there is one, in a
// copy of a database that fill filled; or else in a directory of its own. fill
// runs once in a process for each name.
func Place(tb testing.TB, name string, fill func(ctx context.Context, dsn string) error) string {
	tb.Helper()
	if !Wanted() {
		return tb.TempDir()
	}
	return Copy(tb, name, fill)
}

// Copy is DSN for a copy of a database that fill filled.
func Copy(tb testing.TB, name string, fill func(ctx context.Context, dsn string) error) string {
	tb.Helper()
	made, _ := templates.LoadOrStore(name, &template{})
	t, _ := made.(*template)
	t.once.Do(func() { t.name, t.err = makeTemplate(tb.Context(), fill) })
	if t.err != nil {
		tb.Fatalf("%s: %v", name, t.err)
	}
	server, copied := os.Getenv(Env), "sen_"+strings.ToLower(rand.Text())
	err := run(tb.Context(), server, "CREATE DATABASE "+copied+" TEMPLATE "+t.name)
	if _, refused := errors.AsType[*pgconn.PgError](err); refused {
		// Not every engine copies databases.
		dsn := DSN(tb)
		if err := fill(tb.Context(), dsn); err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
		return dsn
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { Execute(tb, context.Background(), server, "DROP DATABASE "+copied+" WITH (FORCE)") })
	dsn, err := known(tb.Context(), server, copied)
	if err != nil {
		tb.Fatal(err)
	}
	return dsn
}

type template struct {
	once sync.Once
	name string
	err  error
}

var templates sync.Map

// makeTemplate leaves its database to the server, which is there for tests.
func makeTemplate(ctx context.Context, fill func(ctx context.Context, dsn string) error) (name string, err error) {
	server, name := os.Getenv(Env), "sen_template_"+strings.ToLower(rand.Text())
	if err := run(ctx, server, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	dsn, err := known(ctx, server, name)
	if err != nil {
		return "", err
	}
	return name, fill(ctx, dsn)
}

func run(ctx context.Context, dsn, sql string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return fmt.Errorf("%s: %w", Env, err)
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, sql)
	return err
}
