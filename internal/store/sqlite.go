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

	"github.com/ncruces/go-sqlite3"
	_ "github.com/ncruces/go-sqlite3/driver" // registers "sqlite3", for the migrations
	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// The files in a data directory.
const (
	FileName = "sen.db"
	lockName = "sen.lock"
)

// ErrInUse says that another process serves from the data directory.
var ErrInUse = errors.New("another sen serves from this data directory: stop it, or choose another directory with --data")

// Serve opens the embedded database in dir for the one process that may serve
// from it. It makes the directory and the file when they are not there and
// brings the tables up to date.
func Serve(ctx context.Context, dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w: choose another one with --data", err)
	}
	if err := secure(dir); err != nil {
		return nil, fmt.Errorf("write in the data directory: %w: choose another one with --data", err)
	}
	release, err := lock(filepath.Join(dir, lockName))
	if err != nil {
		return nil, err
	}
	s, err := open(ctx, filepath.Join(dir, FileName), bringUp)
	if err != nil {
		return nil, errors.Join(err, release())
	}
	s.release = release
	return s, nil
}

// secure makes the files for their owner only: the database holds the keys of
// apps, and a directory that was there before may be open to others. What
// SQLite puts beside a file has that file's permissions.
func secure(dir string) error {
	for _, name := range []string{FileName, lockName} {
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the operator names the directory
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// Open opens the embedded database in dir beside the process that serves from
// it, if there is one, to look at it or to administer it.
func Open(ctx context.Context, dir string) (*Store, error) {
	file := filepath.Join(dir, FileName)
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("there is no database in %s: %w", dir, err)
	}
	return open(ctx, file, isCurrent)
}

// ErrOld says that the tables are not those of this program. Changing them
// under a process that serves is not for a second one to do.
var ErrOld = errors.New("the database was written by another version of sen: start `sen serve` once to bring it up to date")

// ErrNewer says that a newer program changed the tables. This one can't know
// what they mean now.
var ErrNewer = errors.New("the database was written by a newer version of sen: use that one")

// readersOpen is how many reads can run at once. A read takes microseconds, so
// more connections than processors would only cost memory.
const readersOpen = 4

func open(ctx context.Context, file string, prepare func(context.Context, *goose.Provider) error) (*Store, error) {
	s := &Store{readers: make(chan *connection, readersOpen), release: func() error { return nil }}
	if err := migrate(ctx, dsn(file), prepare); err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	for range readersOpen {
		r, err := openConnection(dsn(file))
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", file, err)
		}
		s.readers <- r
	}
	w, err := openConnection(dsn(file))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	s.commits = startCommitter(w)
	return s, nil
}

// dsn names the file. FULL makes a commit wait for the disk: with less, the
// last commits can be lost with the power, and by then we have answered
// "paid". Checkpoints are rarer than SQLite's default, which gains 5 to 10 %.
func dsn(file string) string {
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(file)}
	u.RawQuery = url.Values{"_pragma": {
		"busy_timeout(5000)", "journal_mode(wal)", "synchronous(full)",
		"foreign_keys(on)", "wal_autocheckpoint(10000)", "journal_size_limit(67108864)",
	}}.Encode()
	return u.String()
}

// migrate hands the migrations, which only go forward, to prepare.
func migrate(ctx context.Context, dsn string, prepare func(context.Context, *goose.Provider) error) (err error) {
	db, err := sql.Open("sqlite3", dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	dir, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir)
	if err != nil {
		return err
	}
	return prepare(ctx, p)
}

func bringUp(ctx context.Context, p *goose.Provider) error {
	have, want, err := p.GetVersions(ctx)
	switch {
	case err != nil:
		return err
	case have > want:
		return ErrNewer
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func isCurrent(ctx context.Context, p *goose.Provider) error {
	have, want, err := p.GetVersions(ctx)
	if err == nil && have != want {
		err = ErrOld
	}
	return err
}

// lock takes the data directory for this process. The lock is SQLite's own, on
// a file of its own: it works on every system that the database works on, and
// a process that is killed gives it back.
func lock(file string) (release func() error, err error) {
	conn, err := sqlite3.Open((&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(file)}).String())
	if err != nil {
		return nil, err
	}
	if err := conn.Exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE"); err != nil {
		if errors.Is(err, sqlite3.BUSY) {
			err = ErrInUse
		}
		return nil, errors.Join(err, conn.Close())
	}
	return conn.Close, nil
}
