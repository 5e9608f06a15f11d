package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// What is in an archive: a directory for each period, named after its begin,
// with a copy of the database and what was committed since that copy began.
const (
	archiveBase   = "base.db"
	archiveLogs   = "log"
	archivePeriod = "20060102T150405.000Z"
)

// How an archive is kept. Variables of an archiver, so that tests need not wait.
const (
	// A commit is in the archive after so long, and as long as its disk takes.
	archiveGather = 100 * time.Millisecond
	// A period is over after so long: a restore reads one of them at most.
	archiveRenew = 24 * time.Hour
	// After a failure the archive begins a new period.
	archiveAgain = 30 * time.Second
)

// An archiver copies what is committed to an archive.
//
// At any time one of its two connections looks at the database as it was when
// all was in the archive. SQLite may copy nothing later than that from the
// write-ahead log into the database, and so may not start the log anew: whatever
// process writes, and whenever, nothing gets lost between two looks at the log.
type archiver struct {
	dir, file string
	dsn       string
	failed    func(error)
	now       func() time.Time
	gather    time.Duration
	renew     time.Duration
	again     time.Duration

	wake    chan struct{}
	broken  chan struct{} // holds a token when the period was given up
	stop    context.CancelFunc
	end     sync.WaitGroup
	release func() error

	mu    sync.Mutex // of all that follows
	looks [2]*connection
	holds int // which of them
	count *connection
	wal   *os.File
	place walPlace      // up to where all is in the archive
	seen  time.Time     // when it was last looked at what is committed
	logs  []*archiveLog // none: it failed, or has not begun
	pager *pager

	noted  sync.Mutex
	times  map[int64]time.Time // of the writer's commits, by their last frame
	behind time.Time           // since when something is missing; zero: nothing is
}

// ServeArchived is Serve for a directory, and keeps an archive of it, from which
// Restore makes the database as it was at a moment. An archive belongs to one
// database. What fails later is given to failed, and begun anew.
func ServeArchived(ctx context.Context, dir, archive string, failed func(error)) (*Store, error) {
	if IsServer(dir) {
		return nil, ErrArchiveOfServer
	}
	a, err := openArchiver(archive, filepath.Join(dir, FileName), failed)
	if err != nil {
		return nil, err
	}
	s, err := serveDirectory(ctx, dir, machine, a)
	if err != nil {
		return nil, errors.Join(err, a.release())
	}
	return whole(ctx, s, nil)
}

// ErrArchiveOfServer says that what was asked for is for the embedded database.
var ErrArchiveOfServer = errors.New("--archive is for the embedded database: a database server archives itself, see docs/operations.md")

// ErrArchiveInUse says that another gateway writes to the archive.
var ErrArchiveInUse = errors.New("another sen writes to this archive: give each database an archive of its own")

func openArchiver(dir, file string, failed func(error)) (*archiver, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the archive: %w", err)
	}
	release, err := lockDirectory(filepath.Join(dir, lockName))
	if errors.Is(err, ErrInUse) {
		err = ErrArchiveInUse
	}
	if err != nil {
		return nil, fmt.Errorf("archive %s: %w", dir, err)
	}
	return &archiver{
		dir: dir, file: file, failed: failed,
		now:    time.Now, //nolint:forbidigo // moments are of the machine's clock
		gather: archiveGather, renew: archiveRenew, again: archiveAgain, release: release,
		wake: make(chan struct{}, 1), broken: make(chan struct{}, 1), times: map[int64]time.Time{}, pager: newPager(),
	}, nil
}

// start begins to archive a database that was just opened.
func (a *archiver) start(dsn string) error {
	a.dsn = dsn
	a.behind = a.now()
	if err := a.open(); err != nil {
		return errors.Join(err, a.shut())
	}
	ctx, stop := context.WithCancel(context.Background())
	a.stop = stop
	a.end.Go(func() { a.work(ctx) })
	return nil
}

// open makes the connections, and one of them look at the database.
func (a *archiver) open() error {
	for _, to := range []**connection{&a.looks[0], &a.looks[1], &a.count} {
		c, err := openConnection(a.dsn)
		if err != nil {
			return err
		}
		*to = c
		if err := c.look(); err != nil {
			return err
		}
		if err := c.unlook(); err != nil {
			return err
		}
	}
	wal, err := os.Open(a.file + "-wal")
	a.wal = wal
	return err
}

// look makes a connection see the database as it is now, until unlook.
func (c *connection) look() error {
	return c.conn.Exec("BEGIN; SELECT COUNT(*) FROM sqlite_schema")
}

func (c *connection) unlook() error {
	if c.conn.GetAutocommit() {
		return nil
	}
	return c.conn.Exec("ROLLBACK")
}

// note says that the writer has committed; n is how many frames the write-ahead
// log has since.
func (a *archiver) note(n int) {
	if a == nil {
		return
	}
	now := a.now()
	a.noted.Lock()
	a.times[int64(n)] = now
	if a.behind.IsZero() {
		a.behind = now
	}
	a.noted.Unlock()
	signal(a.wake)
}

// signal leaves a token, unless there is one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// late is for how long something has been missing in the archive.
func (a *archiver) late() time.Duration {
	a.noted.Lock()
	defer a.noted.Unlock()
	if a.behind.IsZero() {
		return 0
	}
	return a.now().Sub(a.behind)
}

// timeOf is when the transaction was committed that ends with a frame. Of what
// another process has committed nobody knows more than that it was before the
// writer's next commit, and before it was seen.
func (a *archiver) timeOf(frame int64) time.Time {
	a.noted.Lock()
	defer a.noted.Unlock()
	if at, ok := a.times[frame]; ok {
		delete(a.times, frame)
		return at
	}
	before := a.seen
	for later, at := range a.times {
		if later > frame && at.Before(before) {
			before = at
		}
	}
	return before
}

// work archives what is committed until ctx ends, and then what is left.
func (a *archiver) work(ctx context.Context) {
	for ctx.Err() == nil {
		if err := a.begin(ctx); err != nil && ctx.Err() == nil {
			a.fail(err)
		}
		a.goOn(ctx)
	}
	a.catchUp()
}

// goOn archives until the period is over, or, when it has failed, until it is
// time to try again.
func (a *archiver) goOn(ctx context.Context) {
	over := time.NewTimer(a.renew)
	defer over.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-over.C:
			return
		case <-a.broken:
			over.Reset(a.again)
		case <-a.wake:
			a.catchUp()
			pause(ctx, a.gather)
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// begin begins a period. The one before goes on until the new one has its copy
// of the database.
func (a *archiver) begin(ctx context.Context) error {
	if err := a.tidy(); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	dir := filepath.Join(a.dir, a.now().UTC().Format(archivePeriod))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	l, err := createLog(filepath.Join(dir, archiveLogs))
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	if err := a.join(l); err != nil {
		return errors.Join(err, l.close())
	}
	base := filepath.Join(dir, archiveBase)
	if err := a.copyBase(ctx, l, base); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, before := range a.logs {
		if before != l {
			err = errors.Join(err, before.close())
		}
	}
	a.logs = slices.DeleteFunc(a.logs, func(before *archiveLog) bool { return before != l })
	return err // also nil where it was given up meanwhile
}

// tidy removes periods that never had a copy of the database: nothing can be
// made of them.
func (a *archiver) tidy() error {
	all, err := periods(a.dir)
	if err != nil {
		return err
	}
	for _, name := range all {
		dir := filepath.Join(a.dir, name)
		if _, err := os.Stat(filepath.Join(dir, archiveBase)); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		for _, file := range []string{archiveBase + ".part", archiveBase + ".part-journal", archiveLogs, ""} {
			if err := os.Remove(filepath.Join(dir, file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// join has what is committed from now on written to a log.
func (a *archiver) join(l *archiveLog) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.logs) == 0 {
		if err := a.hold(); err != nil {
			return fmt.Errorf("archive: %w", err)
		}
	}
	a.logs = append(a.logs, l)
	return nil
}

// copyBase copies the database, while what is committed goes to the log. The log
// says from where on the copy can be used: where all is in it that the copy has.
func (a *archiver) copyBase(ctx context.Context, l *archiveLog, to string) error {
	part := to + ".part"
	if err := fresh(part); err != nil {
		return err
	}
	copied, began := make(chan error, 1), make(chan struct{})
	go func() { copied <- copyPages(ctx, a.file, part, func() { close(began) }) }()
	for {
		select {
		case <-began:
			began = nil
			if err := a.mark(l); err != nil {
				return errors.Join(err, <-copied)
			}
		case <-a.wake:
			a.catchUp()
			pause(ctx, a.gather)
		case err := <-copied:
			if err == nil && began != nil {
				err = a.mark(l)
			}
			if err == nil {
				err = syncPath(part)
			}
			if err != nil {
				return errors.Join(err, os.Remove(part))
			}
			return a.usable(l, part, to)
		}
	}
}

// usable gives a copy its name.
func (a *archiver) usable(l *archiveLog, part, to string) error {
	if err := os.Rename(part, to); err != nil {
		return err
	}
	if err := errors.Join(syncNames(filepath.Dir(to)), syncNames(a.dir)); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	l.base = true
	a.upToDate(time.Time{})
	return nil
}

// mark notes in the log that all is in it that a copy has which began before.
func (a *archiver) mark(l *archiveLog) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := settled(a.collect); err != nil {
		return err
	}
	size := uint32(4096)
	if w, err := openWAL(a.wal); err == nil {
		size = uint32(w.pageSize) //nolint:gosec // at most 65536
	}
	if err := l.add(record{kind: recordBase, at: a.seen, place: a.place, pageSize: size}, nil); err != nil {
		return err
	}
	return l.sync()
}

// fail gives the period up: nothing may keep the write-ahead log from being
// started anew while nobody copies it.
func (a *archiver) fail(err error) {
	a.mu.Lock()
	for _, l := range a.logs {
		_ = l.close() // what is in it stays good
	}
	a.logs = nil
	a.pager = newPager()
	for _, c := range a.looks {
		_ = c.unlook() // it has nothing to lose
	}
	a.mu.Unlock()
	a.noted.Lock()
	clear(a.times)
	if a.behind.IsZero() {
		a.behind = a.now()
	}
	a.noted.Unlock()
	signal(a.broken)
	a.failed(err)
}

// close archives what is left.
func (a *archiver) close() error {
	if a == nil {
		return nil
	}
	a.stop()
	a.end.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	return errors.Join(a.shut(), a.release())
}

func (a *archiver) shut() (err error) {
	for _, l := range a.logs {
		err = errors.Join(err, l.close())
	}
	a.logs = nil
	for _, c := range []*connection{a.looks[0], a.looks[1], a.count} {
		if c != nil {
			err = errors.Join(err, c.unlook(), c.close())
		}
	}
	if a.wal != nil {
		err = errors.Join(err, a.wal.Close())
	}
	return err
}

// ArchiveLate is for how long something has been missing in the archive; 0 where
// there is none.
func (s *Store) ArchiveLate() time.Duration {
	if e, ok := s.engine.(*embedded); ok && e.archive != nil {
		return e.archive.late()
	}
	return 0
}
