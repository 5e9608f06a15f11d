package store_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sen/internal/ledger"
	"sen/internal/pay"
	"sen/internal/pgtest"
	"sen/internal/store"
)

const someKeys = "a secret that is not in the database"

// right fails the test unless all entries are sealed and nothing is wrong.
func right(t *testing.T, s *store.Store) store.Seals {
	t.Helper()
	r := verify(t, s)
	if !r.OK() || r.Seals.Entries != r.Entries {
		t.Fatalf("%q, %+v, %d entries", r.Problems, r.Seals, r.Entries)
	}
	return r.Seals
}

// found fails the test unless a problem says so.
func found(t *testing.T, s *store.Store, since *ledger.Checkpoint, want string) {
	t.Helper()
	r, err := s.VerifyWith(t.Context(), store.Verification{Since: since})
	if err != nil || !strings.Contains(strings.Join(r.Problems, "\n"), want) {
		t.Errorf("found %q, %v, want %q", r.Problems, err, want)
	}
}

func closed(t *testing.T, s *store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestSealWhatWasThere upgrades a database that has entries, and has an old
// version go on writing beside the new one.
func TestSealWhatWasThere(t *testing.T) {
	t.Parallel()
	for name, place := range places() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := place(t)
			old := serve(t, place)
			reserve(t, old)
			for n := range int64(5) {
				postOne(t, old, 260314_000000001+n)
			}
			if r := verify(t, old); !r.OK() || r.Seals.Database != "" {
				t.Fatalf("before: %q, %+v", r.Problems, r.Seals)
			}
			if !store.IsServer(place) {
				closed(t, old)
			}
			s := sealing(t, place)
			if got := right(t, s); got.Before != 5 || got.Chains != 1 {
				t.Errorf("after the first start: %+v", got)
			}
			postOne(t, s, 260314_000000010)
			if got := right(t, s); got.Before != 5 || got.Chains != 2 {
				t.Errorf("after an entry: %+v", got)
			}
			if !store.IsServer(place) {
				closed(t, s)
				old = serve(t, place)
			}
			postOne(t, old, 260314_000000003_0) // which seals nothing
			if !store.IsServer(place) {
				closed(t, old)
				s = sealing(t, place)
			}
			found(t, s, nil, "entry 2603140000000030 is in no seal")
			if n, err := s.Adopt(t.Context(), sealKeys(t, someKeys), origins); n != 1 || err != nil {
				t.Errorf("adopted %d, %v", n, err)
			}
			if got := verify(t, s); got.Seals.Adopted != 1 || got.Seals.Before != 5 {
				t.Errorf("after that: %+v", got.Seals)
			}
		})
	}
}

// places are where a store can be.
func places() map[string]func(*testing.T) string {
	return map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { t.Helper(); return t.TempDir() },
		"postgres": func(t *testing.T) string { t.Helper(); return pgtest.DSN(t) },
	}
}

// reserve makes the numbers of the day known.
func reserve(t *testing.T, s *store.Store) {
	t.Helper()
	if _, err := s.ReserveNumbers(t.Context(), "260314", 1_000_000); err != nil {
		t.Fatal(err)
	}
}

// TestCutTail removes the last entries with all that says that they were there.
// What a chain's end was before is in an old copy: who has one can put it back,
// and only a checkpoint that was kept elsewhere tells.
func TestCutTail(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := sealing(t, dir)
	reserve(t, s)
	postOne(t, s, 260314_000000001)
	db := raw(t, dir)
	damage := func(text string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatal(text, err)
		}
	}
	damage(`CREATE TABLE old_chains AS SELECT * FROM chains`)
	keys := sealKeys(t, someKeys)
	first, err := s.Checkpoint(t.Context(), keys, time.Unix(2, 0))
	if err != nil {
		t.Fatal(err)
	}
	postOne(t, s, 260314_000000002)
	second, err := s.Checkpoint(t.Context(), keys, time.Unix(2, 0))
	if err != nil {
		t.Fatal(err)
	}
	found(t, s, second, "")
	damage(`DELETE FROM entries WHERE id = 260314000000002`)
	damage(`DELETE FROM postings WHERE entry_id = 260314000000002`)
	damage(`UPDATE accounts SET balance = balance + 5 WHERE id = 614`)
	damage(`UPDATE accounts SET balance = balance - 5 WHERE id = 582`)
	found(t, s, nil, "entry 260314000000002 is gone")
	damage(`DELETE FROM seals WHERE first_entry = 260314000000002`)
	found(t, s, nil, "its seals at 1: the last were removed")
	damage(`UPDATE chains SET n = 1, entries = 1, head = (SELECT hash FROM seals), tag = (SELECT tag FROM seals) WHERE id = 1`)
	found(t, s, nil, "the tag of row 1 is not of its n")
	damage(`DELETE FROM chains`)
	damage(`INSERT INTO chains SELECT * FROM old_chains`)
	if r := verify(t, s); !r.OK() {
		t.Errorf("an end that was put back: %q", r.Problems)
	}
	for _, c := range []struct {
		since *ledger.Checkpoint
		want  string
	}{{first, ""}, {second, "chain 1 had 2 seals when the checkpoint was made"}} {
		again, err := ledger.ParseCheckpoint(c.since.Text())
		if err != nil {
			t.Fatal(err)
		}
		found(t, s, again, c.want)
	}
	// The chain goes on, as another one: what its writer remembers is gone.
	if postFails(t, s, 260314_000000003); !verify(t, s).OK() {
		t.Error("the seals after that do not hold")
	}
	found(t, s, second, "chain 1 had 2 seals")
}

// postFails posts where the first try may fail.
func postFails(t *testing.T, s *store.Store, number int64) {
	t.Helper()
	e := entryOf(t, number)
	for range 3 {
		err := s.Update(t.Context(), func(tx pay.Tx) error { return tx.Post(t.Context(), e) })
		if err == nil {
			return
		}
	}
	t.Error("nothing can be posted any more")
}

// TestCheckpointText changes each byte of a checkpoint.
func TestCheckpointText(t *testing.T) {
	t.Parallel()
	s := sealing(t, t.TempDir())
	reserve(t, s)
	postOne(t, s, 260314_000000001)
	c, err := s.Checkpoint(t.Context(), sealKeys(t, someKeys), time.Unix(2, 0))
	if err != nil {
		t.Fatal(err)
	}
	text := c.Text()
	for i := range text {
		bad := []byte(string(text))
		bad[i] ^= 1
		if _, err := ledger.ParseCheckpoint(bad); err == nil {
			t.Errorf("byte %d, %q: taken", i, bad)
		}
	}
	for _, bad := range []string{"", string(text[:len(text)-1]), string(text) + "\n"} {
		if _, err := ledger.ParseCheckpoint([]byte(bad)); !errors.Is(err, ledger.ErrCheckpoint) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	other := sealing(t, t.TempDir())
	found(t, other, c, "the checkpoint is of the database "+c.Database)
}

// TestOtherKeys looks at seals with other keys than they were made with.
func TestOtherKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := sealing(t, dir)
	reserve(t, s)
	postOne(t, s, 260314_000000001)
	s.Trust(sealKeys(t, "another secret, as long as the other"))
	found(t, s, nil, "chains: row 1 was sealed with keys")
	s.Trust(nil)
	if got := right(t, s); got.Tagged {
		t.Error("tags were checked without keys")
	}
}

// TestNodesSeal has nodes write at once whose commits are sometimes not
// answered: each has a chain of its own, and none of them breaks.
func TestNodesSeal(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	const nodes, callers, each = 3, 4, 15
	var all sync.WaitGroup
	var last *store.Store
	for n := range int64(nodes) {
		proxy := pgtest.NewProxy(t, dsn)
		s := sealing(t, proxy.DSN())
		if n == 0 {
			reserve(t, s)
		}
		last = s
		for _, do := range []pgtest.Action{pgtest.CutBefore, pgtest.CutAfter} {
			proxy.Inject(pgtest.Fault{Do: do, Times: 3, When: everyFifth(pgtest.OnCommit)})
		}
		for c := range int64(callers) {
			all.Go(func() {
				for i := range int64(each) {
					e := entryOf(t, 260314_000000001+((n*callers+c)*each)+i)
					if err := s.Update(t.Context(), func(tx pay.Tx) error { return tx.Post(t.Context(), e) }); err != nil {
						t.Errorf("node %d: %v", n, err)
					}
				}
			})
		}
	}
	all.Wait()
	if got := right(t, last); got.Entries != nodes*callers*each || got.Chains < nodes {
		t.Errorf("%+v", got)
	}
}

// everyFifth is true of every fifth of such messages.
func everyFifth(such func(pgtest.Message) bool) func(pgtest.Message) bool {
	n := 0
	return func(m pgtest.Message) bool {
		if !such(m) {
			return false
		}
		n++
		return n%5 == 0
	}
}

// TestExport has another program, in another language, check an export.
func TestExport(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	s := sealing(t, t.TempDir())
	furnish(t, s)
	export, kept := filepath.Join(t.TempDir(), "export"), filepath.Join(t.TempDir(), "kept")
	write := func() *ledger.Checkpoint {
		t.Helper()
		f, err := os.Create(export)
		if err != nil {
			t.Fatal(err)
		}
		c, err := s.ExportLedger(t.Context(), sealKeys(t, someKeys), time.Unix(2, 0), f)
		if err = errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		return c
	}
	check := func() (string, error) {
		out, err := exec.CommandContext(t.Context(), python, filepath.Join("..", "..", "docs", "verify_ledger.py"), export, kept).CombinedOutput()
		return string(out), err
	}
	if err := os.WriteFile(kept, write().Text(), 0o600); err != nil {
		t.Fatal(err)
	}
	postOne(t, s, 260314_000000060)
	c := write()
	out, err := check()
	if err != nil || !strings.HasPrefix(out, fmt.Sprintf("right: %d entries in 1 chains, signed by %x", c.Entries(), []byte(c.Key))) {
		t.Fatalf("%v: %s", err, out)
	}
	whole, err := os.ReadFile(export)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{`"reason":"payment"`, `"reason":"topup"`},
		{`[614,`, `[615,`},
		{`"n":3`, `"n":30`},
		{`"label":"gateway"`, `"label":"before"`},
		{`chain 1 `, `chain 2 `},
	} {
		bad := strings.Replace(string(whole), change[0], change[1], 1)
		if bad == string(whole) {
			t.Fatalf("%q is not there", change[0])
		}
		if err := os.WriteFile(export, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := check(); err == nil {
			t.Errorf("%q: %s", change, out)
		}
	}
}
