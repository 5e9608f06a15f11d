package store

import (
	"strings"
	"testing"
)

// TestSettlementReadsItsOwn asks the embedded engine how it would look for what
// moved a merchant's money: not by going through all refunds there are.
func TestSettlementReadsItsOwn(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	err := s.view(t.Context(), func(tx *tx) error {
		c, _ := tx.session.(*connection)
		for _, text := range []string{firstOtherUnsettled, settleOthers} {
			plan, err := c.stmt("EXPLAIN QUERY PLAN " + text)
			if err != nil {
				return err
			}
			var steps []string
			for plan.Step() {
				steps = append(steps, plan.ColumnText(3))
			}
			all := strings.Join(steps, "\n")
			for _, whole := range []string{"entries_back", "SCAN refunds", "SCAN entries", "SCAN e\n", "SCAN x\n", "SCAN po", "SCAN y\n"} {
				if strings.Contains(all+"\n", whole) {
					t.Errorf("it reads what is not the merchant's (%s):\n%s", strings.TrimSpace(whole), all)
				}
			}
			if !strings.Contains(all, "refunds_closed") || !strings.Contains(all, "entries_payout") {
				t.Errorf("the indexes that are for it are not used:\n%s", all)
			}
			if err := plan.Reset(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
