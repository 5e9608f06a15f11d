package macdoctor_test

import (
	"strings"
	"testing"

	"sen/internal/macdoctor"
)

// TestHeldOut holds the doctor against requests that were written when it was
// done.
func TestHeldOut(t *testing.T) {
	t.Parallel()
	judge(t, corpus(t, "heldout*.jsonl"), 0.95)
}

// BenchmarkDiagnose measures what a diagnosis costs at most: no mistake fits.
func BenchmarkDiagnose(b *testing.B) {
	for _, r := range corpus(b, "corpus-node.jsonl") {
		if r.Cause != "unknown" || r.Operation != "create_order" {
			continue
		}
		c := r.wanted(b)
		b.Run("unknown", func(b *testing.B) {
			for b.Loop() {
				macdoctor.Diagnose(c)
			}
		})
		for i, m := range c.Members {
			if m.Name == "embed_data" {
				c.Members[i].Value = `{"a":"` + strings.Repeat("Cà phê ", 220) + `"}`
			}
		}
		b.Run("unknown and long", func(b *testing.B) {
			for b.Loop() {
				macdoctor.Diagnose(c)
			}
		})
		return
	}
}
