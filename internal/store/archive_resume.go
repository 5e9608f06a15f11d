package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// finish writes to the last period what a process that was killed had committed
// and not archived: it is in the write-ahead log, if nobody has opened the
// database since. Nobody may have it open.
func (a *archiver) finish() error {
	all, err := periods(a.dir)
	if err != nil || len(all) == 0 {
		return err
	}
	err = a.resume(filepath.Join(a.dir, all[len(all)-1], archiveLogs))
	if errors.Is(err, errNoWAL) || errors.Is(err, errFrame) || errors.Is(err, fs.ErrNotExist) ||
		errors.Is(err, errNoArchive) || errors.Is(err, ErrArchiveDamaged) {
		return nil // the period has ended where it ends, and a new one begins
	}
	return err
}

func (a *archiver) resume(file string) error {
	wal, err := os.Open(a.file + "-wal")
	if err != nil {
		return err
	}
	defer func() { _ = wal.Close() }() // it was only read
	w, err := openWAL(wal)
	if err != nil {
		return err
	}
	info, err := wal.Stat()
	if err != nil {
		return err
	}
	l, last, err := reopenLog(file)
	if err != nil {
		return err
	}
	defer func() { _ = l.close() }() // what matters was synced
	a.logs = []*archiveLog{l}
	defer func() { a.logs = nil }()
	from, err := w.place(last.place.frames)
	if err != nil || from.salt != last.place.salt {
		return errors.Join(err, errFrame)
	}
	until := from.frames
	err = w.frames(from, 1<<62, func(f walFrame) error {
		if f.size != 0 {
			until = f.place.frames
		}
		return nil
	})
	if err != nil && !errors.Is(err, errFrame) {
		return err
	}
	err = w.frames(from, until, func(f walFrame) error {
		a.times[f.place.frames] = info.ModTime() // nobody knows it better
		return a.add(w, f)
	})
	clear(a.times)
	return errors.Join(err, l.sync())
}

// reopenLog opens a log to add to it, and returns its last record. Whatever is
// left of one that was not written to its end is removed.
func reopenLog(file string) (l *archiveLog, last record, err error) {
	f, err := os.OpenFile(file, os.O_RDWR, 0) //nolint:gosec // the operator names the directory
	if err != nil {
		return nil, last, err
	}
	r, err := readLog(f)
	for err == nil {
		var next record
		if next, _, err = r.next(); err == nil {
			last = next
		}
	}
	if !isEnd(err) || last.kind == 0 {
		return nil, last, errors.Join(err, errNoArchive, f.Close())
	}
	if err = f.Truncate(r.at); err == nil {
		_, err = f.Seek(r.at, 0)
	}
	if err != nil {
		return nil, last, errors.Join(err, f.Close())
	}
	return &archiveLog{file: f, w: newLogWriter(f), sum: r.sum, last: last.at}, last, nil
}
