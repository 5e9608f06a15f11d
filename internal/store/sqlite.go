package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ncruces/go-sqlite3"
	_ "github.com/ncruces/go-sqlite3/driver" // registers "sqlite3", for the migrations
	"github.com/pressly/goose/v3"
)

// The files in a data directory.
const (
	FileName = "sen.db"
	lockName = "sen.lock"
)

// machine is the disk of the machine itself, as the driver calls it.
const machine = "os"

// ErrInUse says that another process serves from the data directory.
var ErrInUse = errors.New("another sen serves from this data directory: stop it, or choose another directory with --data")

// ServeFrom is Serve for a directory whose database is on a disk that tests
// made: disk is the name under which the driver's package vfs knows it. Only the
// database is there; the lock stays in dir.
func ServeFrom(ctx context.Context, dir, disk string) (*Store, error) {
	s, err := serveDirectory(ctx, dir, disk, nil)
	return whole(ctx, s, err)
}

// serveDirectory opens the embedded database in dir for the one process that
// may serve from it. It makes the directory and the file when they are not
// there and brings the tables up to date. An archive is kept where there is one.
func serveDirectory(ctx context.Context, dir, disk string, archive *archiver) (*Store, error) {
	if err := MakeDirectory(dir); err != nil {
		return nil, fmt.Errorf("make the data directory: %w: choose another one with --data", err)
	}
	if err := secure(dir); err != nil {
		return nil, fmt.Errorf("write in the data directory: %w: choose another one with --data", err)
	}
	release, err := lockDirectory(filepath.Join(dir, lockName))
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, FileName)
	e, err := openArchived(ctx, file, disk, archive)
	if err != nil {
		return nil, errors.Join(err, release())
	}
	e.release = release
	// One that was killed may have left a log of other permissions. Its index has
	// no rows in it, but who can open it can lock it.
	for _, name := range []string{file + "-wal", file + "-shm"} {
		if err := os.Chmod(name, fileMode); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, errors.Join(err, e.close())
		}
	}
	return &Store{engine: e}, nil
}

// openArchived opens the database, and has an archive take what was left of the
// last process before anybody can touch it.
func openArchived(ctx context.Context, file, disk string, archive *archiver) (*embedded, error) {
	if archive == nil {
		return openEmbedded(ctx, file, disk, bringUp)
	}
	if err := archive.finish(); err != nil {
		return nil, fmt.Errorf("archive %s: %w", archive.dir, err)
	}
	e, err := openEmbedded(ctx, file, disk, bringUp)
	if err != nil {
		return nil, err
	}
	e.archive = archive
	if err := archive.start(e.dsn); err != nil {
		e.archive = nil
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

const fileMode = 0o600

// secure makes the files for their owner only: the database holds the keys of
// apps, and a directory that was there before may be open to others. See dsn for
// what SQLite puts beside them.
func secure(dir string) error {
	for _, name := range []string{FileName, lockName} {
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_RDWR, fileMode) //nolint:gosec // the operator names the directory
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// openDirectory opens the embedded database in dir beside the process that
// serves from it, if there is one.
func openDirectory(ctx context.Context, dir string) (*Store, error) {
	file := filepath.Join(dir, FileName)
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("there is no database in %s: %w", dir, err)
	}
	e, err := openEmbedded(ctx, file, machine, isCurrent)
	if err != nil {
		return nil, err
	}
	return &Store{engine: e}, nil
}

// readersOpen is how many reads can run at once. A read takes microseconds, so
// more connections than processors would only cost memory.
const readersOpen = 4

// embedded is SQLite in our own process: one writer, which shares commits, and
// readers that nobody stands in the way of.
type embedded struct {
	readers chan *reader
	writer  *connection
	writes  *queue
	log     *checkpointer
	archive *archiver // nil: there is none
	chain   atomic.Pointer[chain]
	state   atomic.Uint64 // how many transactions were committed
	release func() error  // gives the data directory back
	dsn     string
	metrics Metrics
}

func openEmbedded(ctx context.Context, file, disk string, prepare func(context.Context, *goose.Provider) error) (*embedded, error) {
	e := &embedded{readers: make(chan *reader, readersOpen), release: func() error { return nil }, writes: newQueue(), dsn: dsn(file, buffering(disk, false))}
	if err := migrateEmbedded(ctx, e.dsn, prepare); err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	for range readersOpen {
		conn, err := openConnection(e.dsn)
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", file, err)
		}
		e.readers <- &reader{connection: conn}
	}
	var err error
	if e.writer, err = openConnection(e.dsn); err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	if _, err := e.writer.exec(writerCache); err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	e.log = newCheckpointer(func() (*connection, error) { return openConnection(dsn(file, buffering(disk, true))) })
	e.log.watch(e.writer, func(pages int) { e.archive.note(pages) })
	e.writes.work(e.metrics.Writes.watch((&committer{conn: e.writer, of: e}).run), func() {})
	return e, nil
}

// writerCache lets the writer keep 32 MB of pages: rows of many merchants are
// far from each other in the indexes.
const writerCache = "PRAGMA cache_size = -32000"

func (e *embedded) update(ctx context.Context, fn func(*tx) error) error {
	return e.writes.do(ctx, fn)
}

func (e *embedded) view(ctx context.Context, fn func(*tx) error) error {
	return e.read(ctx, fn, (*reader).free)
}

func (e *embedded) glance(ctx context.Context, fn func(*tx) error) error {
	return e.read(ctx, fn, func(*reader) error { return nil })
}

// read runs fn with a reader that was made ready.
func (e *embedded) read(ctx context.Context, fn func(*tx) error, ready func(*reader) error) error {
	r, err := e.reader(ctx)
	if err != nil {
		return err
	}
	defer e.giveBack(r)
	if err := ready(r); err != nil {
		return err
	}
	return r.view(e.state.Load(), fn)
}

func (e *embedded) reader(ctx context.Context) (*reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err // select would toss a coin
	}
	select {
	case r, ok := <-e.readers:
		if !ok {
			return nil, ErrClosed
		}
		return r, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// giveBack returns a reader for others to use. One that sees what was before
// would be in the way of a checkpoint.
func (e *embedded) giveBack(r *reader) {
	if r.state != e.state.Load() {
		_ = r.free() // or its next view reports it
	}
	e.readers <- r
}

// readersWait is how long the writer waits for a reader at work: for many
// short reads, and not for the end of a long one.
const readersWait = 5 * time.Millisecond

// freeReaders lets go of what the readers saw before, so that they see what is
// there now.
func (e *embedded) freeReaders() {
	late := time.After(readersWait)
	var free []*reader
	for len(free) < readersOpen {
		select {
		case r := <-e.readers:
			_ = r.free() // or its next view reports it
			free = append(free, r)
			continue
		case <-late:
		}
		break
	}
	for _, r := range free {
		e.readers <- r
	}
	e.archive.catchUp() // it looks at the database as well
}

// scan is view: here a long read holds up nobody but other readers.
func (e *embedded) scan(ctx context.Context, fn func(*tx) error) error { return e.view(ctx, fn) }

// scanCache lets a connection that reads everything keep 16 MB of pages.
const scanCache = "PRAGMA cache_size = -16000"

// abreast gives fn n connections of their own. They begin while the writer holds
// the file, so nobody commits between the first and the last of them.
func (e *embedded) abreast(ctx context.Context, n int, fn func([]*tx) error) (err error) {
	conns := make([]*connection, 0, n)
	defer func() {
		for _, c := range conns {
			err = errors.Join(err, c.close())
		}
	}()
	all := make([]*tx, 0, n)
	for range n {
		c, err := openConnection(e.dsn)
		if err != nil {
			return err
		}
		conns, all = append(conns, c), append(all, &tx{session: c})
		c.conn.SetInterrupt(ctx)
		if _, err := c.exec(scanCache); err != nil {
			return err
		}
	}
	err = e.update(ctx, func(*tx) error {
		for _, c := range conns {
			if err := c.beginReading(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return guarded(func() error { return fn(all) })
}

func (e *embedded) schema() string {
	return `SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' ORDER BY m.name, c.cid`
}

func (e *embedded) seal(c *chain) { e.chain.Store(c) }

// scrub moves the log of changes into the file and writes the file anew, so that
// neither has what was overwritten. Readers wait.
func (e *embedded) scrub(ctx context.Context) (err error) {
	conn, err := sqlite3.Open(e.dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	defer conn.SetInterrupt(conn.SetInterrupt(ctx))
	if err := conn.Exec("VACUUM"); err != nil {
		return err
	}
	e.freeReaders() // what they keep in sight would stay in the log
	if e.archive != nil {
		e.archive.catchUp()
		if err := conn.Exec("PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
			return err
		}
		e.archive.catchUp() // looks at the file now, and no longer at the log
	}
	return conn.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
}

// shards is 1: with one writer, spreading rows would only cost locality.
func (e *embedded) shards() int64 { return 1 }

func (e *embedded) close() error {
	e.writes.close()
	err := e.archive.close()
	e.log.close()
	err = errors.Join(err, e.writer.close())
	for range cap(e.readers) {
		r := <-e.readers
		err = errors.Join(err, r.close())
	}
	close(e.readers)
	return errors.Join(err, e.release())
}

// dsn names the file on a disk. FULL makes a commit wait for the disk: with less, the
// last commits can be lost with the power, and by then we have answered
// "paid". The log is copied by the checkpointer. What savepoints keep stays in
// memory. The log is as the file is to others: it has the same rows in it.
func dsn(file, disk string) string {
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(file)}
	query := url.Values{"vfs": {disk}, "modeof": {file}, "_pragma": {
		"busy_timeout(5000)", "journal_mode(wal)", "synchronous(full)",
		"foreign_keys(on)", "wal_autocheckpoint(0)", "journal_size_limit(67108864)", "temp_store(memory)",
	}}
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // SQLite takes + for itself
	return u.String()
}

func migrateEmbedded(ctx context.Context, dsn string, prepare func(context.Context, *goose.Provider) error) (err error) {
	db, err := sql.Open("sqlite3", dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	p, err := provider(goose.DialectSQLite3, db, "migrations/sqlite")
	if err != nil {
		return err
	}
	return prepare(ctx, p)
}

// lockDirectory takes the data directory for this process. The lock is SQLite's own, on
// a file of its own: it works on every system that the database works on, and
// a process that is killed gives it back.
func lockDirectory(file string) (release func() error, err error) {
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
