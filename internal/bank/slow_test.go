package bank_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"sen/internal/bank"
)

// TestSlow waits for a bank that takes its time, once with patience and once
// without. Either way the bank has done its work.
func TestSlow(t *testing.T) {
	t.Parallel()
	for patience, heard := range map[time.Duration]bool{10 * time.Second: true, time.Second: false} {
		synctest.Test(t, func(t *testing.T) {
			b := newBank()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			began := time.Now()
			_, err := b.Authorise(ctx, charge(1, "4000000000000077", 5))
			if took := time.Since(began); (err == nil) != heard || took != min(patience, 3*time.Second) {
				t.Errorf("patience of %v: %v after %v", patience, err, took)
			}
			if got := b.ask(t, 1).State; got != bank.Approved {
				t.Errorf("patience of %v: the bank says %s, want %s", patience, got, bank.Approved)
			}
		})
	}
}
