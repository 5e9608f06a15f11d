package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/pressly/goose/v3"

	"sen/internal/id"
)

// ErrBackupExists is the refusal to write a backup over another file.
var ErrBackupExists = errors.New("it is there already, and a backup is never written over anything: choose a new name")

// ErrOccupied is the refusal to restore over data.
var ErrOccupied = errors.New("it is there already: move sen.db, sen.db-wal and sen.db-shm away, or choose another directory")

// pagesAtOnce is how much of a backup is copied before it is asked whether to
// stop: 4 MB.
const pagesAtOnce = 1024

// Backup writes the embedded database in dir, as it is at one moment, to a new
// file, beside the process that serves from it if there is one. check sees the
// copy before it has its name: a file of that name is complete and was checked.
func Backup(ctx context.Context, dir, file string, check func(*Store) error) error {
	source := filepath.Join(dir, FileName)
	if _, err := os.Stat(source); err != nil {
		return fmt.Errorf("there is no database in %s: %w", dir, err)
	}
	if err := absent(file, ErrBackupExists); err != nil {
		return err
	}
	return copyFile(ctx, file, pagesOf(source), isCurrent, check)
}

// skipped is how many numbers of movements a restored database leaves out.
// Those given out after the backup are in the books of merchants and banks, and
// must not name other movements.
const skipped = 10_000_000

const skipNumbers = `UPDATE numbers SET next = next + $1`

// Restore puts a backup, or what an archive has until a moment, into a directory
// that has no database, and brings its tables up to date. now is the machine's
// time. It returns the time of the last change that is in it, zero for a backup.
func Restore(ctx context.Context, from, dir string, until, now time.Time, check func(*Store) error) (last time.Time, err error) {
	info, err := os.Stat(from)
	if err != nil {
		return last, fmt.Errorf("there is no backup: %w", err)
	}
	fill := pagesOf(from)
	switch {
	case info.IsDir():
		fill = func(ctx context.Context, part string) (err error) {
			last, err = assemble(ctx, from, part, until)
			return err
		}
	case !until.IsZero():
		return last, ErrNoMoments
	}
	return last, restore(ctx, dir, fill, now, check)
}

// restore fills a database in a directory that has none.
func restore(ctx context.Context, dir string, fill filler, now time.Time, check func(*Store) error) (err error) {
	if err := MakeDirectory(dir); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	target := filepath.Join(dir, FileName)
	for _, name := range []string{target, target + "-wal", target + "-shm", target + "-journal"} {
		if err := absent(name, ErrOccupied); err != nil {
			return err
		}
	}
	release, err := lockDirectory(filepath.Join(dir, lockName))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	return copyFile(ctx, target, fill, bringUpBackup, func(s *Store) error {
		err := s.update(ctx, func(t *tx) error {
			if _, err := t.exec(skipNumbers, int64(skipped)); err != nil {
				return err
			}
			if _, err := t.exec(insertNumbers, id.Day(now), int64(skipped)); err != nil {
				return err
			}
			return t.endAllSessions()
		})
		if err != nil {
			return err
		}
		return check(s)
	})
}

// What was ended after a backup was made must not begin again with it.
const (
	forgetSessions         = `DELETE FROM sessions`
	forgetOperatorSessions = `DELETE FROM operator_sessions`
)

// endAllSessions signs everybody out.
func (t *tx) endAllSessions() error {
	if _, err := t.exec(forgetSessions); err != nil {
		return err
	}
	_, err := t.exec(forgetOperatorSessions)
	return err
}

// A filler writes a database into a new, empty file.
type filler func(ctx context.Context, part string) error

// pagesOf copies another database.
func pagesOf(from string) filler {
	return func(ctx context.Context, part string) error { return copyPages(ctx, from, part, func() {}) }
}

// errNoBackup is said of a file that SQLite can read and that is none of ours:
// an empty one is.
var errNoBackup = errors.New("that is no backup of sen's")

func bringUpBackup(ctx context.Context, p *goose.Provider) error {
	have, _, err := p.GetVersions(ctx)
	if err == nil && have == 0 {
		err = errNoBackup
	}
	if err != nil {
		return err
	}
	return bringUp(ctx, p)
}

// insertNumbers is for a day of which the backup knows nothing.
const insertNumbers = `INSERT INTO numbers (day, next) VALUES ($1, $2) ON CONFLICT (day) DO NOTHING`

// copyFile fills a new file, which has its name only when all of it is on disk
// and was found right.
func copyFile(ctx context.Context, to string, fill filler, prepare func(context.Context, *goose.Provider) error, check func(*Store) error) error {
	part := to + ".part"
	if err := fresh(part); err != nil {
		return err
	}
	err := fill(ctx, part)
	if err == nil {
		err = checkFile(ctx, part, prepare, check)
	}
	if err == nil {
		err = syncPath(part)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part))
	}
	if err := os.Rename(part, to); err != nil {
		return err
	}
	return syncNames(filepath.Dir(to))
}

// fresh makes an empty file for its owner only, in place of what a copy that
// was killed may have left.
func fresh(part string) error {
	for _, name := range []string{part, part + "-journal", part + "-wal", part + "-shm"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	return f.Close()
}

// copyPages copies what a database holds at one moment, after which it calls
// began. Its writers need not wait: the pages come from one transaction that
// reads.
func copyPages(ctx context.Context, from, to string, began func()) (err error) {
	conn, err := sqlite3.OpenFlags(location(from), sqlite3.OPEN_READWRITE|sqlite3.OPEN_URI)
	if err != nil {
		return fmt.Errorf("open %s: %w", from, err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	// Without the read, the transaction would begin with each step anew.
	if err := conn.Exec("PRAGMA busy_timeout = 5000; BEGIN; SELECT COUNT(*) FROM sqlite_schema"); err != nil {
		return fmt.Errorf("read %s: %w", from, err)
	}
	defer func() { err = errors.Join(err, conn.Exec("ROLLBACK")) }()
	began()
	b, err := conn.BackupInit("main", location(to))
	if err != nil {
		return fmt.Errorf("copy to %s: %w", to, err)
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	for done := false; !done; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if done, err = b.Step(pagesAtOnce); err != nil {
			return fmt.Errorf("copy %s to %s: %w", from, to, err)
		}
	}
	return nil
}

func location(file string) string {
	return (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(file)}).String()
}

// checkFile opens a copy as a store for check.
func checkFile(ctx context.Context, file string, prepare func(context.Context, *goose.Provider) error, check func(*Store) error) error {
	e, err := openEmbedded(ctx, file, machine, prepare)
	if err != nil {
		return err
	}
	s := &Store{engine: e}
	return errors.Join(check(s), s.Close())
}

// absent returns refusal when there is something of that name.
func absent(name string, refusal error) error {
	switch _, err := os.Lstat(name); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("%s: %w", name, refusal)
}
