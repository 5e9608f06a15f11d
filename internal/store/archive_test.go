package store

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// archived is a database with an archive, and what it held at some moments.
type archived struct {
	*Store

	t        *testing.T
	dir, to  string
	archiver *archiver
	wrote    map[string]string
	moments  []moment
}

type moment struct {
	at   time.Time
	held map[string]string
}

func openArchivedTest(t *testing.T, dir, to string, set func(*archiver)) *archived {
	t.Helper()
	a, err := openArchiver(to, filepath.Join(dir, FileName), func(err error) { t.Log(err) })
	if err != nil {
		t.Fatal(err)
	}
	set(a)
	s, err := serveDirectory(t.Context(), dir, machine, a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	h := &archived{Store: s, t: t, dir: dir, to: to, archiver: a, wrote: map[string]string{}}
	h.inTime()
	return h
}

// inTime returns when all is in the archive.
func (h *archived) inTime() {
	h.t.Helper()
	for until := time.Now().Add(2 * time.Minute); ; time.Sleep(time.Millisecond) {
		if h.ArchiveLate() == 0 {
			return
		}
		if time.Now().After(until) {
			h.t.Fatal("the archive does not catch up")
		}
	}
}

// write sets a value, by the serving process or by another one.
func (h *archived) write(s *Store, name, value string) {
	h.t.Helper()
	err := s.update(h.t.Context(), func(t *tx) error {
		_, err := t.exec(setSetting, name, value)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.wrote[name] = value
}

func (h *archived) remember() {
	m := moment{at: time.Now(), held: map[string]string{}}
	for name, value := range h.wrote {
		m.held[name] = value
	}
	h.moments = append(h.moments, m)
}

// holds restores what was there at a moment.
func (h *archived) holds(m moment) {
	h.t.Helper()
	_, err := Restore(h.t.Context(), h.to, h.t.TempDir(), m.at, time.Now(), func(s *Store) error {
		for name := range h.wrote {
			if got, err := s.Setting(h.t.Context(), name); err != nil || got != m.held[name] {
				h.t.Errorf("at %s: %s is %.40q, want %.40q: %v", m.at, name, got, m.held[name], err)
			}
		}
		report, err := s.Verify(h.t.Context())
		if err == nil && len(report.Problems) > 0 {
			h.t.Errorf("at %s: %q", m.at, report.Problems)
		}
		return err
	})
	if err != nil {
		h.t.Errorf("at %s: %v", m.at, err)
	}
}

// TestArchive writes without a pause while the log is started anew again and
// again, other processes write too, and periods of the archive begin and end;
// and then restores what was there at moments between two commits.
func TestArchive(t *testing.T) {
	t.Parallel()
	h := openArchivedTest(t, t.TempDir(), t.TempDir(), func(a *archiver) { a.gather, a.renew = time.Millisecond, 300*time.Millisecond })
	err := h.update(t.Context(), func(*tx) error { // on the writer's own goroutine
		l := h.engine.(*embedded).log
		l.every, l.next = 20, 20
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	other, err := Open(t.Context(), h.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	chance := rand.New(rand.NewPCG(1, 2))
	anew, before := 0, 0
	for n := range 600 {
		switch chance.IntN(12) {
		case 0:
			h.write(other, "other", strconv.Itoa(n)) // before what is written next
			h.write(h.Store, "own", strconv.Itoa(n))
		case 1: // more pages than a record holds, and fewer afterwards
			h.write(h.Store, "large", strings.Repeat(strconv.Itoa(n), chance.IntN(500_000)))
		default:
			h.write(h.Store, "a"+strconv.Itoa(chance.IntN(50)), strconv.Itoa(n))
		}
		if pages := h.engine.(*embedded).log.pages; pages < before {
			anew++
			before = pages
		} else {
			before = pages
		}
		h.remember()
	}
	if err := h.engine.(*embedded).scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.write(h.Store, "large", "")
	h.remember()
	h.inTime()
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	all, err := periods(h.to)
	if err != nil || len(all) < 2 || anew < 5 {
		t.Errorf("%d periods, and the log was started anew %d times: %v", len(all), anew, err)
	}
	for range 20 {
		h.holds(h.moments[chance.IntN(len(h.moments))])
	}
	h.holds(h.moments[len(h.moments)-1])
	h.holds(moment{held: h.wrote}) // the last moment of all
	if _, err := Restore(t.Context(), h.to, t.TempDir(), h.moments[0].at.Add(-time.Hour), time.Now(), nil); !errors.Is(err, ErrBeforeArchive) {
		t.Errorf("before its begin: %v", err)
	}
}

// TestArchiveDuringACommit counts what was committed in the very moment in which
// another process commits: when it has written one of the two copies of what it
// says about the log. That is for the next look, and no failure.
func TestArchiveDuringACommit(t *testing.T) {
	t.Parallel()
	h := openArchivedTest(t, t.TempDir(), t.TempDir(), func(*archiver) {})
	h.write(h.Store, "a", "1")
	h.inTime()
	other, err := openConnection(h.archiver.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer other.close()
	shm, err := os.OpenFile(filepath.Join(h.dir, FileName+"-shm"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer shm.Close()
	count := func() error {
		h.archiver.mu.Lock()
		defer h.archiver.mu.Unlock()
		_, err := h.archiver.committed()
		return err
	}
	if err := other.conn.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	const changes = 8 // where the first copy counts the commits
	before, during := make([]byte, 1), make([]byte, 1)
	if _, err := shm.ReadAt(before, changes); err != nil {
		t.Fatal(err)
	}
	during[0] = before[0] + 1
	if _, err := shm.WriteAt(during, changes); err != nil {
		t.Fatal(err)
	}
	if err := count(); !errors.Is(err, errFrame) {
		t.Errorf("during a commit: %v", err)
	}
	if _, err := shm.WriteAt(before, changes); err != nil {
		t.Fatal(err)
	}
	if err := count(); err != nil {
		t.Errorf("after it: %v", err)
	}
}

// TestArchiveAfterAKill starts again from what a process has left that was
// killed before it had archived its last commits.
func TestArchiveAfterAKill(t *testing.T) {
	t.Parallel()
	h := openArchivedTest(t, t.TempDir(), t.TempDir(), func(a *archiver) { a.gather = time.Millisecond })
	h.write(h.Store, "a", "archived")
	h.inTime()
	h.archiver.mu.Lock() // no more of it
	h.write(h.Store, "a", "committed")
	h.write(h.Store, "b", "committed")
	left := &archived{t: t, to: t.TempDir(), wrote: h.wrote}
	data := t.TempDir()
	for from, to := range map[string]string{h.dir: data, h.to: left.to} {
		if err := os.CopyFS(to, os.DirFS(from)); err != nil && !strings.Contains(err.Error(), "shm") {
			t.Fatal(err)
		}
	}
	h.archiver.mu.Unlock()
	if err := os.Remove(filepath.Join(data, FileName+"-shm")); err != nil { // gone with the processes that had it open
		t.Fatal(err)
	}
	killed := time.Now()
	again := openArchivedTest(t, data, left.to, func(*archiver) {})
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	left.holds(moment{at: killed, held: h.wrote})
	left.holds(moment{held: h.wrote})
}

// TestArchiveFails has no room for the archive for a while: nobody who writes
// notices, the log does not grow for ever, and then all is well again.
func TestArchiveFails(t *testing.T) {
	t.Parallel()
	failures := make(chan error, 100)
	h := openArchivedTest(t, t.TempDir(), t.TempDir(), func(a *archiver) {
		a.gather, a.again = time.Millisecond, 10*time.Millisecond
		a.failed = func(err error) { failures <- err }
	})
	h.write(h.Store, "a", "1")
	h.inTime()
	h.remember()
	h.archiver.mu.Lock()
	for _, l := range h.archiver.logs {
		_ = l.file.Close() // as a disk that went away
	}
	h.archiver.mu.Unlock()
	h.write(h.Store, "a", "2")
	if err := <-failures; err == nil {
		t.Error("it failed, and did not say so")
	}
	h.write(h.Store, "a", "3")
	h.inTime()
	h.remember()
	h.write(h.Store, "a", "4")
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	for _, m := range h.moments {
		h.holds(m)
	}
	h.holds(moment{held: h.wrote})
}

// TestArchiveIsOfOne lets neither two databases nor a server have an archive.
func TestArchiveIsOfOne(t *testing.T) {
	t.Parallel()
	h := openArchivedTest(t, t.TempDir(), t.TempDir(), func(*archiver) {})
	if _, err := ServeArchived(t.Context(), t.TempDir(), h.to, nil); !errors.Is(err, ErrArchiveInUse) {
		t.Errorf("an archive that another one has: %v", err)
	}
	if _, err := ServeArchived(t.Context(), "postgres://x/y", t.TempDir(), nil); !errors.Is(err, ErrArchiveOfServer) {
		t.Errorf("a server: %v", err)
	}
}

// TestArchiveTamper changes every byte of a log: what is restored is what was
// there, or nothing.
func TestArchiveTamper(t *testing.T) {
	t.Parallel()
	h := openArchivedTest(t, t.TempDir(), t.TempDir(), func(a *archiver) { a.gather = time.Millisecond })
	h.write(h.Store, "a", "1")
	h.write(h.Store, "a", "2")
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	all, err := periods(h.to)
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Join(h.to, all[len(all)-1], archiveLogs))
	if err != nil {
		t.Fatal(err)
	}
	whole, last := readArchive(t, log)
	for i := range log {
		changed := bytes.Clone(log)
		changed[i] ^= 1 << (i % 8)
		if n, at := readArchive(t, changed); n == whole && at == last {
			t.Fatalf("byte %d was changed, and nobody noticed", i)
		}
	}
}

// readArchive returns how many records can be read, and where the last one ends.
func readArchive(t testing.TB, log []byte) (n int, at int64) {
	t.Helper()
	l, err := readLog(bytes.NewReader(log))
	for err == nil {
		var r record
		var pages []byte
		if r, pages, err = l.next(); err == nil {
			n++
			at = l.at
			_ = r.unpack(pages, func(uint32, []byte) error { return nil })
		}
	}
	return n, at
}

// FuzzArchiveLog reads what somebody says is a log.
func FuzzArchiveLog(f *testing.F) {
	dir := f.TempDir()
	l, err := createLog(filepath.Join(dir, archiveLogs))
	if err != nil {
		f.Fatal(err)
	}
	p := newPager()
	_ = p.add(1, bytes.Repeat([]byte("page"), 128))
	pages, _ := p.take()
	at := time.Unix(1_800_000_000, 0)
	if err := errors.Join(l.add(record{kind: recordBase, at: at, pageSize: 512}, nil),
		l.add(record{kind: recordCommit, at: at, pageSize: 512, size: 1}, pages), l.close()); err != nil {
		f.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Join(dir, archiveLogs))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(log)
	f.Add([]byte(archiveMagic))
	f.Fuzz(func(t *testing.T, log []byte) {
		if n, at := readArchive(t, log); at > int64(len(log)) || n > len(log) {
			t.Errorf("%d records in %d bytes", n, len(log))
		}
	})
}
