package store_test

import (
	"errors"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"sen/internal/operator"
	"sen/internal/store"
)

func TestSessions(t *testing.T) {
	t.Parallel()
	s, err := store.Serve(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	now := time.Date(2026, 1, 2, 5, 0, 0, 0, time.UTC)
	put := func(token, data string, expires time.Time) {
		t.Helper()
		if err := s.PutSession(t.Context(), token, []byte(data), expires); err != nil {
			t.Fatal(err)
		}
	}
	want := func(token, data string, at time.Time) {
		t.Helper()
		got, found, err := s.Session(t.Context(), token, at)
		if err != nil || string(got) != data || found != (data != "") {
			t.Errorf("Session(%s) = %q, %t, %v, want %q", token, got, found, err, data)
		}
	}
	put("a", "first", now.Add(time.Minute))
	put("a", "second", now.Add(time.Hour))
	put("b", "other", now.Add(time.Hour))
	want("a", "second", now)
	want("a", "second", now.Add(time.Hour-time.Microsecond))
	want("a", "", now.Add(time.Hour))
	want("none", "", now)
	if err := s.DeleteSession(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	want("a", "", now)
	want("b", "other", now)
}

// TestRestoreEndsSessions restores a backup that was made before somebody signed
// out.
func TestRestoreEndsSessions(t *testing.T) {
	t.Parallel()
	dir, backup := t.TempDir(), filepath.Join(t.TempDir(), "b.db")
	now := time.Date(2026, 1, 2, 5, 0, 0, 0, time.UTC)
	s := serve(t, dir)
	if err := s.PutSession(t.Context(), "token", []byte("data"), now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := s.PutOperatorSession(t.Context(), operator.Session{ID: "id", Name: "ann", Began: now, Seen: now, Proved: now, Ends: now.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	unchecked := func(*store.Store) error { return nil }
	if err := store.Backup(t.Context(), dir, backup, unchecked); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "restored")
	if _, err := store.Restore(t.Context(), backup, to, time.Time{}, now, unchecked); err != nil {
		t.Fatal(err)
	}
	restored := serve(t, to)
	if _, found, err := restored.Session(t.Context(), "token", now); err != nil || found {
		t.Errorf("a payer is still signed in: %v, %v", found, err)
	}
	if _, err := restored.OperatorSession(t.Context(), "id"); !errors.Is(err, operator.ErrUnknown) {
		t.Errorf("an operator is still signed in: %v", err)
	}
	if _, found, err := s.Session(t.Context(), "token", now); err != nil || !found {
		t.Errorf("the gateway that was backed up lost its session: %v, %v", found, err)
	}
}

func TestDeleteExpiredSessions(t *testing.T) {
	t.Parallel()
	s, err := store.Serve(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	now := time.Date(2026, 1, 2, 5, 0, 0, 0, time.UTC)
	const ended = 501 // one more than a batch
	for i := range ended {
		if err := s.PutSession(t.Context(), strconv.Itoa(i), []byte("x"), now); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.PutSession(t.Context(), "live", []byte("x"), now.Add(time.Microsecond)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, false} {
		if more, err := s.DeleteExpiredSessions(t.Context(), now); err != nil || more != want {
			t.Errorf("DeleteExpiredSessions = %t, %v, want %t", more, err, want)
		}
	}
	// Nothing that ended is left: at an earlier time it would be found again.
	if _, found, err := s.Session(t.Context(), "0", now.Add(-time.Hour)); found || err != nil {
		t.Errorf("an ended session is still there (%v)", err)
	}
	if _, found, err := s.Session(t.Context(), "live", now); !found || err != nil {
		t.Errorf("the live session is gone (%v)", err)
	}
}
