package store_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sen/internal/store"
	"sen/internal/store/storetest"
)

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) *store.Store { return serve(t, t.TempDir()) })
}

// serve opens the store in dir and closes it when the test is over.
func serve(t testing.TB, dir string) *store.Store {
	t.Helper()
	s, err := store.Serve(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestOneServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := serve(t, dir)
	if _, err := store.Serve(t.Context(), dir); !errors.Is(err, store.ErrInUse) {
		t.Fatalf("a second Serve = %v, want ErrInUse", err)
	}
	if err := first.SetSetting(t.Context(), "a", "1"); err != nil {
		t.Errorf("the first, after the second was refused: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	settingIs(t, serve(t, dir), "a", "1")
}

func settingIs(t *testing.T, s *store.Store, name, want string) {
	t.Helper()
	if got, err := s.Setting(t.Context(), name); got != want || err != nil {
		t.Errorf("setting %s = %q, %v, want %q", name, got, err, want)
	}
}

// TestOpenBeside opens a store beside the one that serves, as an operator's
// command does.
func TestOpenBeside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := store.Open(t.Context(), dir); err == nil {
		t.Fatal("Open made a database where there is none")
	}
	serving := serve(t, dir)
	beside, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = beside.Close() }()
	var both sync.WaitGroup
	for who, s := range map[string]*store.Store{"serving": serving, "beside": beside} {
		both.Go(func() {
			for i := range 20 {
				if err := s.SetSetting(t.Context(), fmt.Sprint(who, i), "x"); err != nil {
					t.Errorf("%s: %v", who, err)
				}
			}
		})
	}
	both.Wait()
	for i := range 20 {
		settingIs(t, beside, fmt.Sprint("serving", i), "x")
		settingIs(t, serving, fmt.Sprint("beside", i), "x")
	}
	if err := beside.Close(); err != nil {
		t.Error(err)
	}
	if err := serving.SetSetting(t.Context(), "after", "x"); err != nil {
		t.Errorf("after the other closed: %v", err)
	}
}

// TestDirectories serves from directories whose names mean something in a URL.
func TestDirectories(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"plain", "with space", "a#b", "a?b=c", "a?_pragma=synchronous(off)", "100%", "%41", "a&b", "a;b", "a+b", "sen cà phê", "😀", "'quoted'",
		filepath.Join("deep", "er"), "file:x", "a:b",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), name)
			s := serve(t, dir)
			if err := s.SetSetting(t.Context(), "where", name); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			var files []string
			entries, err := os.ReadDir(dir)
			for _, e := range entries {
				files = append(files, e.Name())
			}
			if !slices.Contains(files, store.FileName) || err != nil {
				t.Fatalf("the directory has %q, %v, want %s in it", files, err, store.FileName)
			}
			again, err := store.Open(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			settingIs(t, again, "where", name)
			if err := again.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRelativeDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dir := range []string{"sen-data", "./a#b", "x/../y"} {
		s := serve(t, dir)
		if err := s.SetSetting(t.Context(), "where", dir); err != nil {
			t.Errorf("%s: %v", dir, err)
		}
		if _, err := os.Stat(filepath.Join(dir, store.FileName)); err != nil {
			t.Error(err)
		}
	}
}

func TestPrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	serve(t, dir)
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v: others can read the data", info.Mode(), err)
	}
	open := t.TempDir()
	s := serve(t, open)
	if err := s.SetSetting(t.Context(), "a", "secret"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(filepath.Join(open, store.FileName+name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s%s: %v, %v: others can read it", store.FileName, name, info.Mode(), err)
		}
	}
}

// TestPrivateFiles serves from a directory that is open to others.
func TestPrivateFiles(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("files have no such modes there")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // as an operator may have made it
		t.Fatal(err)
	}
	if err := serve(t, dir).SetSetting(t.Context(), "a", "b"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{store.FileName, store.FileName + "-wal", store.FileName + "-shm"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v: others can read the data", name, info.Mode())
		}
	}
}

// TestBadDirectory cannot serve, and must leave nothing locked or open.
func TestBadDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	garbage := filepath.Join(dir, store.FileName)
	if err := os.WriteFile(garbage, []byte(strings.Repeat("this is no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := store.Serve(t.Context(), dir); err == nil {
		_ = s.Close()
		t.Fatal("served from garbage")
	}
	if err := os.Remove(garbage); err != nil {
		t.Fatal(err)
	}
	serve(t, dir) // the lock was given back
	if _, err := store.Serve(t.Context(), filepath.Join(garbage, "below a file")); err == nil {
		t.Error("served from below a file")
	}
}

// TestMigrationsAgain opens again and again: what is applied is not applied
// again, and nothing of it is lost.
func TestMigrationsAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	schema := func() (all []string) {
		s := serve(t, dir)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		rows, err := raw(t, dir).QueryContext(t.Context(), `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				t.Fatal(err)
			}
			all = append(all, text)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return all
	}
	first := schema()
	if diff := cmp.Diff(first, schema()); diff != "" || len(first) < 10 {
		t.Errorf("%d tables and indexes, then (-first +second):\n%s", len(first), diff)
	}
}

// TestMigrationsFrozen compares the files with the list of what was released:
// a file that some database has applied can't be changed any more, because
// that database will never see the change. Write a new file instead.
func TestMigrationsFrozen(t *testing.T) {
	t.Parallel()
	listed, err := os.ReadFile("testdata/migrations.sha256")
	if err != nil {
		t.Fatal(err)
	}
	var found strings.Builder
	err = filepath.WalkDir("migrations", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		fmt.Fprintf(&found, "%x  %s\n", sha256.Sum256(text), filepath.ToSlash(path))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(listed), found.String()); diff != "" {
		t.Errorf("testdata/migrations.sha256 (-listed +found):\n%s", diff)
	}
}

// TestVersions opens databases of another time.
func TestVersions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change      string
		serve, open error
	}{
		"of today": {"SELECT 1", nil, nil},
		"newer":    {"INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)", store.ErrNewer, store.ErrNewer},
	} {
		dir := t.TempDir()
		s, err := store.Serve(t.Context(), dir)
		if err == nil {
			err = s.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := raw(t, dir).Exec(c.change); err != nil {
			t.Fatal(err)
		}
		for how, try := range map[string]struct {
			open func(context.Context, string) (*store.Store, error)
			want error
		}{"Serve": {store.Serve, c.serve}, "Open": {store.Open, c.open}} {
			s, err := try.open(t.Context(), dir)
			if !errors.Is(err, try.want) {
				t.Errorf("%s: %s = %v, want %v", name, how, err, try.want)
			}
			if s != nil {
				_ = s.Close()
			}
		}
	}
}

// TestOpenOld opens beside a server a database that only an older sen has
// seen, and leaves its tables alone.
func TestOpenOld(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := raw(t, dir).Exec("CREATE TABLE settings (name TEXT)"); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), dir); !errors.Is(err, store.ErrOld) {
		t.Errorf("Open = %v, want %v", err, store.ErrOld)
	}
	var tables int
	if err := raw(t, dir).QueryRow("SELECT COUNT(*) FROM sqlite_master WHERE name = 'orders'").Scan(&tables); err != nil || tables != 0 {
		t.Errorf("%d tables of orders, %v, want none", tables, err)
	}
}

// raw opens the file without the store.
func raw(t *testing.T, dir string) *sql.DB {
	t.Helper()
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.Join(dir, store.FileName), RawQuery: "_pragma=ignore_check_constraints(on)&_pragma=synchronous(off)"}
	db, err := sql.Open("sqlite3", u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
