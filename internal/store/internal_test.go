package store

import (
	"context"
	"errors"
	"sync"
	"testing"

	"sen/internal/callback"
)

func openTest(t *testing.T) *Store {
	t.Helper()
	s, err := Serve(t.Context(), t.TempDir())
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

func put(t *tx, name string) error {
	_, err := t.exec(setSetting, name, name)
	return err
}

// commitTogether puts calls into one commit.
func commitTogether(s *Store, fns ...func(*tx) error) []error {
	calls := make([]*call, len(fns))
	for i, fn := range fns {
		calls[i] = &call{ctx: context.Background(), fn: fn, done: make(chan struct{})}
	}
	// The writer is held in a call of its own while the others queue up, so it
	// gathers all of them.
	held, release := make(chan struct{}), make(chan struct{})
	var holder sync.WaitGroup
	holder.Go(func() {
		_ = s.engine.(*embedded).writes.do(context.Background(), func(*tx) error {
			close(held)
			<-release
			return nil
		})
	})
	<-held
	errs := make([]error, len(fns))
	for i, c := range calls {
		errs[i] = s.engine.(*embedded).writes.submit(c)
	}
	close(release)
	for i, c := range calls {
		<-c.done
		errs[i] = errors.Join(errs[i], c.err)
	}
	holder.Wait()
	return errs
}

// control runs a statement that ends or begins transactions.
func control(t *tx, text string) error {
	_, err := t.exec(text)
	return err
}

func has(t *testing.T, s *Store, name string, want bool) {
	t.Helper()
	if got, err := s.Setting(t.Context(), name); (got != "") != want || err != nil {
		t.Errorf("setting %s: %q, %v; want it there: %v", name, got, err, want)
	}
}

var errTest = errors.New("on purpose")

// TestBatch looks at calls that share a commit, and at what ends it.
func TestBatch(t *testing.T) {
	t.Parallel()
	good := func(name string) func(*tx) error { return func(t *tx) error { return put(t, name) } }
	for _, c := range []struct {
		name string
		bad  func(*tx) error
		all  bool // whether the bad call takes the others with it
	}{
		{"a call fails", func(t *tx) error { return errors.Join(put(t, "bad"), errTest) }, false},
		{"a call panics", func(t *tx) error { _ = put(t, "bad"); panic("on purpose") }, false},
		{"a call breaks a constraint", func(t *tx) error {
			_ = put(t, "bad")
			_, err := t.exec(`INSERT INTO numbers (day, next) VALUES ('x', -1)`)
			return err
		}, false},
		// What the engine does by itself when the disk is full.
		{"the engine rolls back and says so", func(t *tx) error {
			_ = put(t, "bad")
			return errors.Join(control(t, "ROLLBACK"), errTest)
		}, true},
		{"the engine rolls back and the call hides it", func(t *tx) error {
			_ = put(t, "bad")
			return control(t, "ROLLBACK")
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openTest(t)
			errs := commitTogether(s, good("before"), c.bad, good("after"))
			if errs[1] == nil {
				t.Error("the bad call reports success")
			}
			for i, name := range map[int]string{0: "before", 2: "after"} {
				if (errs[i] != nil) != c.all {
					t.Errorf("%s: %v", name, errs[i])
				}
				has(t, s, name, !c.all)
			}
			has(t, s, "bad", false)
			// The writer is of use as before.
			if err := s.update(t.Context(), good("next")); err != nil {
				t.Fatalf("the next call: %v", err)
			}
			has(t, s, "next", true)
		})
	}
}

// TestCommitFails makes the COMMIT itself fail: nobody may hear of success.
func TestCommitFails(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	refuse := true
	s.engine.(*embedded).writer.conn.CommitHook(func() bool { return !refuse })
	errs := commitTogether(s, func(t *tx) error { return put(t, "a") }, func(*tx) error { return errTest }, func(t *tx) error { return put(t, "b") })
	if errs[0] == nil || errs[2] == nil {
		t.Errorf("calls whose commit failed: %v", errs)
	}
	if !errors.Is(errs[1], errTest) {
		t.Errorf("a call with an error of its own: %v", errs[1])
	}
	has(t, s, "a", false)
	has(t, s, "b", false)
	if errs := commitTogether(s, func(t *tx) error { refuse = false; return put(t, "a") }); errs[0] != nil {
		t.Errorf("the next commit: %v", errs[0])
	}
	has(t, s, "a", true)
}

// TestCancelledInQueue cancels a call that waits, and one that has run.
func TestCancelledInQueue(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	ctx, cancel := context.WithCancel(t.Context())
	queued := &call{ctx: ctx, done: make(chan struct{}), fn: func(*tx) error {
		t.Error("a call ran after its caller had gone")
		return nil
	}}
	err := s.engine.(*embedded).writes.do(ctx, func(t *tx) error {
		if err := s.engine.(*embedded).writes.submit(queued); err != nil {
			return err
		}
		cancel() // this call has begun: it is finished, and its caller told so
		return put(t, "begun")
	})
	if err != nil {
		t.Errorf("the call that had begun: %v", err)
	}
	has(t, s, "begun", true)
	if <-queued.done; !errors.Is(queued.err, context.Canceled) {
		t.Errorf("the call in the queue: %v, want context.Canceled", queued.err)
	}
}

// TestStatementAfterError uses a statement again that an error, or a panic,
// left in the middle of its rows.
func TestStatementAfterError(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	for _, name := range []string{"a", "b", "c"} {
		if err := s.SetSetting(t.Context(), name, name); err != nil {
			t.Fatal(err)
		}
	}
	const text = `SELECT name FROM settings WHERE name >= $1 ORDER BY name`
	read := func(t *tx, each func() error) (n int, err error) {
		err = t.rows(text, []any{"a"}, func(scan func(...any) error) error {
			n++
			return each()
		})
		return n, err
	}
	for name, each := range map[string]func() error{
		"an error": func() error { return errTest },
		"a panic":  func() error { panic("on purpose") },
	} {
		for where, run := range map[string]func(context.Context, func(*tx) error) error{"view": s.view, "update": s.update} {
			for range 2 * readersOpen {
				func() {
					defer func() { _ = recover() }()
					_ = run(t.Context(), func(t *tx) error {
						_, err := read(t, each)
						return err
					})
				}()
			}
			for range 2 * readersOpen {
				err := run(t.Context(), func(tx *tx) error {
					n, err := read(tx, func() error { return nil })
					if err == nil && n != 3 {
						t.Errorf("%d rows, want 3", n)
					}
					return err
				})
				if err != nil {
					t.Fatalf("%s after %s: %v", where, name, err)
				}
			}
		}
	}
}

// TestReturning wants a write of RETURNING done also when its rows are more
// than what is read, and undone when the reading fails.
func TestReturning(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	const two = `INSERT INTO settings (name, value) VALUES ($1, 'x'), ($2, 'y') RETURNING value`
	err := s.update(t.Context(), func(tx *tx) error {
		var first string
		if err := tx.row(two, []any{"a", "b"}, &first); err != nil || first != "x" {
			t.Errorf("row: %q, %v", first, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	has(t, s, "a", true)
	has(t, s, "b", true)
	err = s.update(t.Context(), func(tx *tx) error {
		return tx.rows(two, []any{"c", "d"}, func(func(...any) error) error { return errTest })
	})
	if !errors.Is(err, errTest) {
		t.Errorf("rows = %v, want the reader's error", err)
	}
	has(t, s, "c", false)
	has(t, s, "d", false)
}

// TestArguments gives a statement what no engine could store alike.
func TestArguments(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	for _, arg := range []any{1, 1.5, true, callback.ID(1), struct{}{}} {
		err := s.view(t.Context(), func(t *tx) error {
			var text string
			return t.row(settingByName, []any{arg}, &text)
		})
		if err == nil {
			t.Errorf("a %T was taken", arg)
		}
	}
	has(t, s, "still works", false)
}

// TestPragmas looks at every connection: the settings are each connection's
// own, and one without them could answer before a commit is on disk.
func TestPragmas(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	check := func(tx *tx) error {
		for pragma, want := range map[string]string{
			"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000",
		} {
			var got string
			if err := tx.row("PRAGMA "+pragma, nil, &got); err != nil || got != want {
				t.Errorf("%s = %q, %v, want %q", pragma, got, err, want)
			}
		}
		return nil
	}
	for range readersOpen {
		r := <-s.engine.(*embedded).readers
		defer func() { s.engine.(*embedded).readers <- r }()
		_ = check(&tx{session: r})
	}
	_ = s.update(t.Context(), check)
}
