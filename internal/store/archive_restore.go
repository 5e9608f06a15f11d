package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// ErrNoMoments says that a backup is of one moment only.
var ErrNoMoments = errors.New("a backup has one moment only: name the archive, a directory, to restore what was there at another")

// ErrBeforeArchive says that an archive does not go back so far.
var ErrBeforeArchive = errors.New("the archive has nothing of that time")

// periods are the names of an archive's, the oldest first.
func periods(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if _, err := time.Parse(archivePeriod, e.Name()); err == nil && e.IsDir() {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// assemble writes the database as it was at a moment, or as it was last if that
// is the zero time, to an empty file, and returns the time of the last change
// that is in it.
func assemble(ctx context.Context, dir, part string, until time.Time) (last time.Time, err error) {
	names, err := periods(dir)
	if err != nil {
		return last, err
	}
	if len(names) == 0 {
		return last, fmt.Errorf("%s: %w", dir, errNoArchive)
	}
	var earliest time.Time
	for _, name := range slices.Backward(names) {
		p := period{dir: filepath.Join(dir, name)}
		if err := p.find(ctx, until); err != nil {
			return last, fmt.Errorf("%s: %w", p.dir, err)
		}
		if p.usable {
			return p.last, p.write(ctx, part)
		}
		if !p.since.IsZero() {
			earliest = p.since
		}
	}
	if earliest.IsZero() {
		return last, fmt.Errorf("%w: it has no copy of a database that is complete", ErrBeforeArchive)
	}
	return last, fmt.Errorf("%w: it begins with %s", ErrBeforeArchive, earliest.Format(time.RFC3339Nano))
}

// A period of an archive, and what of it is wanted.
type period struct {
	dir    string
	since  time.Time // from when on it can be used; zero: its copy is not complete
	usable bool
	end    int64     // of the last record that is wanted
	last   time.Time // of that record
	pages  uint32    // that the database has then; 0: as many as the copy
}

// find reads the log up to a moment.
func (p *period) find(ctx context.Context, until time.Time) error {
	if _, err := os.Stat(filepath.Join(p.dir, archiveBase)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return p.records(ctx, func(r record, _ []byte, end int64) error {
		if p.usable && !until.IsZero() && r.at.After(until) {
			return io.EOF
		}
		switch r.kind {
		case recordBase:
			p.since = r.at
			p.usable = until.IsZero() || !r.at.After(until)
			p.end, p.last = end, r.at
			if !p.usable {
				return io.EOF
			}
		case recordCommit:
			p.end, p.last, p.pages = end, r.at, r.size
		case recordPages:
		}
		return nil
	})
}

// records calls each with every record and where it ends.
func (p *period) records(ctx context.Context, each func(record, []byte, int64) error) error {
	f, err := os.Open(filepath.Join(p.dir, archiveLogs))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	l, err := readLog(f)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		r, pages, err := l.next()
		if err == nil {
			err = each(r, pages, l.at)
		}
		if isEnd(err) {
			return nil
		}
		if errors.Is(err, ErrArchiveDamaged) && p.usable {
			return fmt.Errorf("%w: what is before is good, restore it with --until %s", err, p.last.Format(time.RFC3339Nano))
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// write writes the copy, with what was committed since.
func (p *period) write(ctx context.Context, part string) (err error) {
	if err := copyPages(ctx, filepath.Join(p.dir, archiveBase), part, func() {}); err != nil {
		return err
	}
	f, err := os.OpenFile(part, os.O_RDWR, 0) //nolint:gosec // the operator names the directory
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var size uint32
	err = p.records(ctx, func(r record, pages []byte, end int64) error {
		if end > p.end {
			return io.EOF
		}
		size = r.pageSize
		return r.unpack(pages, func(page uint32, data []byte) error {
			_, err := f.WriteAt(data, int64(page-1)*int64(r.pageSize))
			return err
		})
	})
	if err != nil || p.pages == 0 {
		return err
	}
	return f.Truncate(int64(p.pages) * int64(size))
}
