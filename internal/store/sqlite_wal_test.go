package store

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/ncruces/go-sqlite3/vfs"
)

// memory is a file that remembers what was written to it.
type memory struct {
	vfs.File

	data  []byte
	calls int
}

func (m *memory) WriteAt(p []byte, off int64) (int, error) {
	m.calls++
	m.data = append(m.data, make([]byte, max(0, int(off)+len(p)-len(m.data)))...)
	return copy(m.data[off:], p), nil
}

func (m *memory) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	if off < int64(len(m.data)) {
		n = copy(p, m.data[off:])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (m *memory) Truncate(size int64) error { m.data = m.data[:size]; return nil }
func (m *memory) Size() (int64, error)      { return int64(len(m.data)), nil }
func (m *memory) Sync(vfs.SyncFlag) error   { return nil }

// TestLogFile does the same to a log and to a plain file: whoever reads through
// the log, or looks at the file below after a sync, sees no difference.
func TestLogFile(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		below, plain := &memory{}, &memory{}
		f := &walFile{File: below}
		at := 0
		for range 100 {
			switch chance.IntN(12) {
			case 0:
				if err := f.Sync(vfs.SYNC_FULL); err != nil || !bytes.Equal(below.data, plain.data) {
					t.Fatalf("after a sync the file differs: %v", err)
				}
			case 1:
				at = chance.IntN(len(plain.data) + 1)
			case 2:
				size := chance.Int64N(int64(len(plain.data) + 1))
				if f.Truncate(size) != nil || plain.Truncate(size) != nil {
					t.Fatal("truncate")
				}
				at = min(at, int(size))
			case 3:
				if got, err := f.Size(); got != int64(len(plain.data)) || err != nil {
					t.Fatalf("%d bytes, want %d: %v", got, len(plain.data), err)
				}
			case 4:
				got, want := make([]byte, 50), make([]byte, 50)
				off := chance.Int64N(int64(len(plain.data) + 1))
				n, _ := f.ReadAt(got, off)
				m, _ := plain.ReadAt(want, off)
				if n != m || !bytes.Equal(got, want) {
					t.Fatalf("read %q, want %q", got[:n], want[:m])
				}
			default:
				p := make([]byte, 1+chance.IntN(40))
				for i := range p {
					p[i] = byte('a' + chance.IntN(26))
				}
				if n, err := f.WriteAt(p, int64(at)); n != len(p) || err != nil {
					t.Fatalf("wrote %d of %d: %v", n, len(p), err)
				}
				plain.WriteAt(p, int64(at))
				at += len(p)
			}
		}
	}
	// What is kept goes to the system in one piece, and is bounded.
	below := &memory{}
	f := &walFile{File: below}
	for i := range int64(100) {
		f.WriteAt(make([]byte, 4096), 4096*i)
	}
	if below.calls != 0 || f.Sync(vfs.SYNC_FULL) != nil || below.calls != 1 {
		t.Errorf("%d calls for what was written in a row, want 1 with the sync", below.calls)
	}
	for i := range int64(1000) {
		f.WriteAt(make([]byte, 4096), 4096*(100+i))
		if len(f.unwritten) > maxUnwritten {
			t.Fatalf("%d bytes are kept", len(f.unwritten))
		}
	}
}

// counted is a file that counts what was written since it was synced.
type counted struct {
	memory

	unsynced, most, syncs int
}

func (c *counted) WriteAt(p []byte, off int64) (int, error) {
	c.unsynced += len(p)
	c.most = max(c.most, c.unsynced)
	return c.memory.WriteAt(p, off)
}

func (c *counted) Sync(vfs.SyncFlag) error {
	c.unsynced = 0
	c.syncs++
	return nil
}

// TestPacedFile copies pages as a checkpoint does: they are written, and few of
// them at once.
func TestPacedFile(t *testing.T) {
	t.Parallel()
	below := &counted{}
	f := &pacedFile{File: below}
	page := bytes.Repeat([]byte("page"), 1024)
	const pages = 1000
	for i := range int64(pages) {
		if n, err := f.WriteAt(page, i*int64(len(page))); n != len(page) || err != nil {
			t.Fatal(n, err)
		}
	}
	if err := f.Sync(vfs.SYNC_NORMAL); err != nil || below.unsynced != 0 {
		t.Errorf("%d bytes are not on disk: %v", below.unsynced, err)
	}
	if below.most > pacedAt || below.syncs != pages*len(page)/pacedAt+1 {
		t.Errorf("%d bytes at once, %d syncs", below.most, below.syncs)
	}
	if !bytes.Equal(below.data, bytes.Repeat(page, pages)) {
		t.Error("it wrote something else")
	}
}

// TestLogStartsAnew writes without a pause, and reads meanwhile: the log is
// copied into the database and used again, so it stays short.
func TestLogStartsAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := serveDirectory(t.Context(), dir, machine, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const every = 20
	err = s.update(t.Context(), func(*tx) error { // on the writer's own goroutine
		s.engine.(*embedded).log.every = every
		s.engine.(*embedded).log.next = every
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var readers sync.WaitGroup
	stop := make(chan struct{})
	for range readersOpen {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					_, _ = s.Setting(t.Context(), "0")
				}
			}
		})
	}
	anew, last := 0, 0
	longest := 0
	// A log that is never used again would have a page for each commit.
	for n := 0; n < 20_000 && anew < 2; n++ {
		err := s.update(t.Context(), func(tx *tx) error {
			pages := s.engine.(*embedded).log.pages
			if pages < last {
				anew++
			}
			last, longest = pages, max(longest, pages)
			_, err := tx.exec(setSetting, "a", strconv.Itoa(n))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	readers.Wait()
	if anew < 2 {
		t.Errorf("the log was started anew %d times; it has %d pages, and had %d", anew, last, longest)
	}
	if info, err := os.Stat(filepath.Join(dir, FileName)); err != nil || info.Size() == 0 {
		t.Errorf("nothing was copied: %v", err)
	}
}

// TestLogStartsAnewBesideIdleReaders looks before each write, so that there is
// always a reader that has nothing to do and saw what was before: that is not in
// the way.
func TestLogStartsAnewBesideIdleReaders(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	const every = 20
	err := s.update(t.Context(), func(*tx) error { // on the writer's own goroutine
		s.engine.(*embedded).log.every, s.engine.(*embedded).log.next = every, every
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	anew, last := 0, 0
	for n := 0; n < 20_000 && anew < 2; n++ {
		_, look := s.Setting(t.Context(), "a")
		err := s.update(t.Context(), func(tx *tx) error {
			pages := s.engine.(*embedded).log.pages
			if pages < last {
				anew++
			}
			last = pages
			_, err := tx.exec(setSetting, "a", strconv.Itoa(n))
			return err
		})
		if err != nil || look != nil {
			t.Fatal(err, look)
		}
	}
	if anew < 2 {
		t.Errorf("the log was started anew %d times, and has %d pages", anew, last)
	}
}

// TestReadersSeeCommits: whoever reads after a commit was answered sees it,
// however quickly.
func TestReadersSeeCommits(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			name := string(rune('a' + i))
			for n := range 60 {
				value := name + string(rune('0'+n%10))
				err := s.update(t.Context(), func(tx *tx) error {
					_, err := tx.exec(setSetting, name, value)
					return err
				})
				if got, readErr := s.Setting(t.Context(), name); err != nil || readErr != nil || got != value {
					t.Errorf("read %q after %q was answered: %v, %v", got, value, err, readErr)
					return
				}
			}
		})
	}
	all.Wait()
}
