package store_test

import (
	"testing"
	"time"

	"sen/internal/ledger"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/store"
)

// BenchmarkVerifyEntries reads a ledger of entries with three postings each, in
// seals of 64: the balances and the seals, computed again.
func BenchmarkVerifyEntries(b *testing.B) {
	s := sealing(b, b.TempDir())
	const entries = 200_000
	fillEntries(b, s, entries)
	for b.Loop() {
		if n, err := s.VerifyEntries(b.Context()); err != nil || n != entries {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(entries)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

func fillEntries(b *testing.B, s *store.Store, n int64) {
	b.Helper()
	for from := int64(0); from < n; from += 64 {
		err := s.Update(b.Context(), func(tx pay.Tx) error {
			for i := from; i < min(from+64, n); i++ {
				e, err := ledger.NewEntry(260314_000000001+i, ledger.TopUp, time.Unix(1, 0),
					ledger.Posting{Account: 614, Amount: -money.Amount(i + 5)},
					ledger.Posting{Account: 582, Amount: money.Amount(i + 1)},
					ledger.Posting{Account: 630, Amount: 4})
				if err != nil {
					return err
				}
				if err := tx.Post(b.Context(), e); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
