package pgtest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Contents returns all that is stored in a place, byte by byte: by file of a
// directory, or by table of a database.
func Contents(tb testing.TB, place string) map[string]string {
	tb.Helper()
	read := filesIn
	if strings.Contains(place, "://") {
		read = tablesIn
	}
	all, err := read(place)
	if err == nil && len(all) < 2 {
		err = errors.New("next to nothing is stored there")
	}
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

func filesIn(dir string) (map[string]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		all[e.Name()] = string(data)
	}
	return all, nil
}

func tablesIn(dsn string) (map[string]string, error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`)
	if err != nil {
		return nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, name := range names {
		var text strings.Builder
		// In binary form text is as it is; in the other, bytes would be hexadecimal.
		if _, err := conn.PgConn().CopyTo(ctx, &text, "COPY "+name+" TO STDOUT WITH (FORMAT binary)"); err != nil {
			return nil, err
		}
		all[name] = text.String()
	}
	return all, nil
}
