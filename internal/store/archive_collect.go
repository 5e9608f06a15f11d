package store

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// hold begins to look at the database, at a place of its log from which nothing
// can be lost.
func (a *archiver) hold() error {
	if err := a.looks[a.holds].look(); err != nil {
		return err
	}
	a.noted.Lock()
	clear(a.times)
	a.noted.Unlock()
	return settled(a.begins)
}

// begins finds the place from which the log is read.
func (a *archiver) begins() error {
	n, err := a.committed()
	if err != nil {
		return err
	}
	l, err := openWAL(a.wal)
	if errors.Is(err, errNoWAL) {
		a.place = walPlace{}
		return nil
	}
	if err != nil {
		return err
	}
	a.place, err = l.place(n)
	return err
}

// settled repeats what can't be told while the write-ahead log is being started
// anew, which is over with the commit that does it.
func settled(look func() error) error {
	for range settleRuns {
		err := look()
		if !errors.Is(err, errFrame) {
			return err
		}
		time.Sleep(time.Millisecond)
	}
	return errUnsettled
}

// settleRuns is for how many milliseconds a log may not be told from another.
const settleRuns = 1000

var errUnsettled = errors.New("the write-ahead log does not fit the database")

// committed is how many frames of the write-ahead log are of transactions that
// were committed. It can't be told in the moment in which one more is: SQLite
// waits for that when it reads, and not when it counts.
func (a *archiver) committed() (int64, error) {
	a.seen = a.now() // not after: more may be committed until then
	n, _, err := a.count.conn.WALCheckpoint("", sqlite3.CHECKPOINT_NOOP)
	if errors.Is(err, sqlite3.BUSY) {
		return 0, errFrame
	}
	return int64(n), err
}

// catchUp brings the archive up to date.
func (a *archiver) catchUp() {
	if a == nil {
		return
	}
	a.mu.Lock()
	err := a.collect()
	a.mu.Unlock()
	if errors.Is(err, errFrame) { // the log is just being written, or started anew
		signal(a.wake)
		return
	}
	if err != nil {
		a.fail(fmt.Errorf("archive: %w", err))
	}
}

// collect copies what was committed since the last time, and then looks at what
// is there now.
func (a *archiver) collect() error {
	if len(a.logs) == 0 {
		return nil
	}
	began := a.now()
	next := a.looks[1-a.holds]
	if err := next.look(); err != nil {
		return err
	}
	if err := a.read(); err != nil {
		return errors.Join(err, next.unlook())
	}
	if err := a.looks[a.holds].unlook(); err != nil {
		return err
	}
	a.holds = 1 - a.holds
	a.upToDate(began)
	return nil
}

// upToDate notes that all is in the archive that was committed before.
func (a *archiver) upToDate(before time.Time) {
	if !slices.ContainsFunc(a.logs, func(l *archiveLog) bool { return l.base }) {
		return
	}
	a.noted.Lock()
	defer a.noted.Unlock()
	a.behind = time.Time{}
	for frame, at := range a.times {
		switch {
		case at.Before(before): // it was seen before it was noted
			delete(a.times, frame)
		case a.behind.IsZero() || at.Before(a.behind):
			a.behind = at
		}
	}
}

// read copies committed frames to the logs. All of them are looked at before the
// first is written: the number may be that of a log that was there before.
func (a *archiver) read() error {
	l, err := openWAL(a.wal)
	if errors.Is(err, errNoWAL) {
		return nil
	}
	if err != nil {
		return err
	}
	n, err := a.committed()
	if err != nil || n == 0 {
		return err
	}
	if l.start.salt != a.place.salt {
		a.place = l.start
	}
	from := a.place
	if n == from.frames {
		return nil
	}
	if n < from.frames {
		return errFrame
	}
	if err := l.frames(from, n, func(walFrame) error { return nil }); err != nil {
		return err
	}
	if err := l.frames(from, n, func(f walFrame) error { return a.add(l, f) }); err != nil {
		return err
	}
	for _, to := range a.logs {
		if err := to.sync(); err != nil {
			return err
		}
	}
	return nil
}

// add writes a page to the logs, together with others of its transaction.
func (a *archiver) add(l *walLog, f walFrame) error {
	a.place = f.place
	if err := a.pager.add(f.page, f.data); err != nil {
		return err
	}
	if f.size == 0 && a.pager.bytes < archiveMost {
		return nil
	}
	r := record{kind: recordPages, place: f.place, pageSize: uint32(l.pageSize), size: f.size} //nolint:gosec // at most 65536
	if f.size != 0 {
		r.kind, r.at = recordCommit, a.timeOf(f.place.frames)
	}
	pages, err := a.pager.take()
	if err != nil {
		return err
	}
	for _, to := range a.logs {
		if err := to.add(r, pages); err != nil {
			return err
		}
	}
	return nil
}
