package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	_ "github.com/ncruces/go-sqlite3/driver" // registers "sqlite3"
	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// FileName is the name of the embedded database inside the data directory.
const FileName = "sen.db"

// OpenDir opens the embedded database in dir, makes both when they are not
// there, and brings the tables up to date. Only one process can serve from a
// directory; others may open it beside that one to read or to administer.
func OpenDir(ctx context.Context, dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	return openFile(ctx, filepath.Join(dir, FileName))
}

func openFile(ctx context.Context, file string) (*Store, error) {
	db, err := sql.Open("sqlite3", dsn(file))
	if err != nil {
		return nil, err
	}
	s, err := openSQLite(ctx, db)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", file, err), db.Close())
	}
	return s, nil
}

// dsn names the file. FULL makes a commit wait for the disk: with less, the
// last commits can be lost with the power, and by then we have answered
// "paid". Checkpoints are rarer than SQLite's default, which gains 5 to 10 %.
func dsn(file string) string {
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(file)}
	q := url.Values{"_pragma": {
		"busy_timeout(5000)", "journal_mode(wal)", "synchronous(full)",
		"foreign_keys(on)", "wal_autocheckpoint(10000)", "journal_size_limit(67108864)",
	}}
	u.RawQuery = q.Encode()
	return u.String()
}

func openSQLite(ctx context.Context, db *sql.DB) (*Store, error) {
	if err := migrate(ctx, db); err != nil {
		return nil, err
	}
	writer, err := newSession(db)
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, readers: make(chan *session, max(4, runtime.GOMAXPROCS(0)))}
	for range cap(s.readers) {
		r, err := newSession(db)
		if err != nil {
			return nil, err
		}
		s.readers <- r
	}
	s.commits = startCommitter(writer)
	return s, nil
}

// migrate brings the tables up to date, forward only.
func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}
