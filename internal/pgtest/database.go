package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Env names the variable with the URL of a role that may create databases.
const Env = "SEN_TEST_POSTGRES"

// DSN returns the URL of a new, empty database on the server that SEN_TEST_POSTGRES
// names, with the same parameters. The database is dropped after the test,
// whoever still uses it. Without a server the test is skipped.
func DSN(tb testing.TB) string {
	tb.Helper()
	server := os.Getenv(Env)
	if server == "" {
		tb.Skip("not run: PostgreSQL (make test-postgres, or set " + Env + " to postgres://user:password@host/postgres)")
	}
	name := "sen_" + strings.ToLower(rand.Text())
	Execute(tb, tb.Context(), server, "CREATE DATABASE "+name)
	tb.Cleanup(func() {
		Execute(tb, context.Background(), server, "DROP DATABASE "+name+" WITH (FORCE)")
	})
	dsn, err := known(tb.Context(), server, name)
	if err != nil {
		tb.Fatalf("%s: %v", Env, err)
	}
	return dsn
}

// known returns the URL of a database that was just created, when a client can
// connect to it. One that is given several hosts asks them in turn, and gives up
// at a follower that has not heard of the database yet.
func known(ctx context.Context, server, name string) (dsn string, err error) {
	if dsn, err = withDatabase(server, name); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		err = run(ctx, dsn, "SELECT 1")
		refused, ok := errors.AsType[*pgconn.PgError](err)
		if !ok || refused.Code != "3D000" { // invalid_catalog_name
			return dsn, err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Execute runs statements in a database.
func Execute(tb testing.TB, ctx context.Context, dsn, sql string) { //nolint:revive // tb comes first in tests
	tb.Helper()
	if err := run(ctx, dsn, sql); err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
}

// errNotURL is for the other form of a DSN, key=value.
var errNotURL = errors.New("not a URL: write postgres://user:password@host:port/database?parameters")

// withDatabase returns the URL with another database. It works on the text:
// net/url refuses several hosts.
func withDatabase(dsn, name string) (string, error) {
	scheme, rest, ok := strings.Cut(dsn, "://")
	if !ok {
		return "", errNotURL
	}
	rest, query, hasQuery := strings.Cut(rest, "?")
	hosts, _, _ := strings.Cut(rest, "/")
	dsn = scheme + "://" + hosts + "/" + name
	if hasQuery {
		dsn += "?" + query
	}
	return dsn, nil
}

// withHost returns the URL with another host and port in place of all of its.
func withHost(dsn, host string) (string, error) {
	start, end, err := hostOf(dsn)
	if err != nil {
		return "", err
	}
	return dsn[:start] + host + dsn[end:], nil
}

// hostOf tells where in the URL its hosts and ports are.
func hostOf(dsn string) (start, end int, err error) {
	_, rest, ok := strings.Cut(dsn, "://")
	if !ok {
		return 0, 0, errNotURL
	}
	start = len(dsn) - len(rest)
	end = len(dsn)
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		end = start + i
	}
	return start + strings.LastIndex(dsn[start:end], "@") + 1, end, nil
}

// without returns the URL without a parameter.
func without(dsn, parameter string) string {
	rest, query, _ := strings.Cut(dsn, "?")
	kept := slices.DeleteFunc(strings.Split(query, "&"), func(p string) bool {
		return p == "" || strings.HasPrefix(p, parameter+"=")
	})
	if len(kept) == 0 {
		return rest
	}
	return rest + "?" + strings.Join(kept, "&")
}
