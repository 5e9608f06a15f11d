package store_test

import (
	"strings"
	"testing"
	"time"

	"sen/internal/ledger"
	"sen/internal/store"
)

// summedStore has something of everything, in sums but for the last entry.
func summedStore(t *testing.T) (s *store.Store, dir string) {
	t.Helper()
	dir = t.TempDir()
	s = sealing(t, dir)
	furnish(t, s)
	if more, err := s.SumHours(t.Context(), store.SummedAtOnce); more || err != nil {
		t.Fatalf("few entries were summed: %v, %v", more, err)
	}
	for more := true; more; {
		var err error
		if more, err = s.SumHours(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	reserve(t, s)
	postOne(t, s, 260314_000000950)
	return s, dir
}

// TestVerifyFindsInSums damages the sums that are kept.
func TestVerifyFindsInSums(t *testing.T) {
	t.Parallel()
	s, dir := summedStore(t)
	db := raw(t, dir)
	exec := func(text string) int64 {
		t.Helper()
		done, err := db.ExecContext(t.Context(), text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		n, err := done.RowsAffected()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	tables := []string{"account_hours", "entry_hours", "summed_chains"}
	for _, table := range tables {
		exec("CREATE TABLE copy_of_" + table + " AS SELECT * FROM " + table)
	}
	for _, c := range []struct{ damage, want string }{
		{`UPDATE account_hours SET amount = amount + 1 WHERE account_id = 614`, "account clearing/38 moved"},
		{`UPDATE account_hours SET hour = hour + 3600000000 WHERE account_id = 614`, "account clearing/38 moved"},
		{`DELETE FROM account_hours WHERE account_id = 18`, "account payable/1 moved"},
		{`INSERT INTO account_hours VALUES (630, 0, 5)`, "account clearing/39 moved"},
		{`UPDATE account_hours SET amount = -amount`, "account clearing/38 moved"},
		{`DELETE FROM entry_hours`, "has not the number of its entry"},
		{`UPDATE entry_hours SET first_entry = first_entry + 1`, "has not the number of its entry"},
		{`UPDATE entry_hours SET last_entry = last_entry - 1`, "has not the number of its entry"},
		{`UPDATE entry_hours SET hour = hour + 3600000000`, "has not the number of its entry"},
		{`UPDATE summed_chains SET n = n + 1`, "than is kept"},
		{`UPDATE summed_chains SET n = n - 1`, "than is kept"},
		{`UPDATE summed_chains SET n = n + 1000`, "is summed beyond its end"},
		{`UPDATE summed_chains SET chain = chain + 1`, "is summed beyond its end"},
	} {
		if exec(c.damage) == 0 {
			t.Errorf("%s changed nothing", c.damage)
		}
		if r := verify(t, s); !strings.Contains(strings.Join(r.Problems, "\n"), c.want) {
			t.Errorf("%s: found %q, want %q", c.damage, r.Problems, c.want)
		}
		for _, table := range tables {
			exec("DELETE FROM " + table)
			exec("INSERT INTO " + table + " SELECT * FROM copy_of_" + table)
		}
		if r := verify(t, s); !r.OK() {
			t.Fatalf("%s, and mended: %q", c.damage, r.Problems)
		}
	}
	// Sums that were thrown away are made again.
	for _, table := range tables {
		exec("DELETE FROM " + table)
	}
	for more := true; more; {
		var err error
		if more, err = s.SumHours(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	if r := verify(t, s); !r.OK() {
		t.Errorf("made again: %q", r.Problems)
	}
}

// TestBalanceBelievesNoSum has sums that do not make the balance: the postings are
// read instead. Sums that do are used, which is seen by moving money between hours.
func TestBalanceBelievesNoSum(t *testing.T) {
	t.Parallel()
	s, dir := summedStore(t)
	db := raw(t, dir)
	const channel = ledger.AccountID(614)
	before := time.Date(2026, 3, 14, 7, 0, 0, 0, time.UTC) // furnish begins at 8
	asked := func() int64 {
		t.Helper()
		b, err := s.BalanceAt(t.Context(), channel, before)
		if err != nil {
			t.Fatal(err)
		}
		return int64(b)
	}
	// postOne's entry is of 1970.
	right := asked()
	for _, c := range []struct {
		change string
		want   int64
	}{
		{`UPDATE account_hours SET amount = amount + 1000 WHERE account_id = 614`, right},
		{`UPDATE account_hours SET amount = amount - 1000 WHERE account_id = 614`, right},
		{`INSERT INTO account_hours VALUES (614, 0, 7), (614, 3600000000000000, -7)`, right + 7},
	} {
		if _, err := db.ExecContext(t.Context(), c.change); err != nil {
			t.Fatal(err)
		}
		if got := asked(); got != c.want {
			t.Errorf("%s: %d, want %d", c.change, got, c.want)
		}
	}
}
