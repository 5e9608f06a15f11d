package store

import (
	"strings"
	"testing"
)

// A history must not become slower as others make theirs longer: every table
// is entered by a key, and nothing is sorted.
func TestMovementsPlan(t *testing.T) {
	t.Parallel()
	s, err := Serve(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	var plan []string
	err = s.view(t.Context(), func(tx *tx) error {
		return tx.rows("EXPLAIN QUERY PLAN "+movementsOfWallet, []any{int64(1), int64(1), int64(1)}, func(scan func(...any) error) error {
			var id, parent, unused int64
			var detail string
			err := scan(&id, &parent, &unused, &detail)
			plan = append(plan, detail)
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(plan, "\n")
	if !strings.Contains(text, "postings_wallet (account_id=? AND entry_id<?)") || strings.Contains(text, "SCAN") || strings.Contains(text, "TEMP B-TREE") {
		t.Errorf("the plan is\n%s", text)
	}
}
