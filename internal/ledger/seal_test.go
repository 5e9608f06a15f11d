package ledger_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sen/internal/ledger"
)

// TestSealVector computes what docs/ledger-format.md has for others to compare
// with.
func TestSealVector(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "ledger-format.md"))
	if err != nil {
		t.Fatal(err)
	}
	entry, _ := ledger.EntryHash(nil, 260314_000000001, "payment", 1773475200000000, []ledger.Posting{{Account: 18, Amount: 990}, {Account: 20, Amount: 10}, {Account: 614, Amount: -1000}})
	root := ledger.Root("TEST", 1)
	origin := ledger.Origin(root, 1, "gateway", 2)
	var contents ledger.Contents
	contents.Add(entry)
	seal := contents.Seal(origin, ledger.Place{Chain: 1, N: 1})
	keys, err := ledger.NewKeys(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	for what, value := range map[string]string{
		"entry 260314000000001": entry.String(), "root": root.String(), "origin": origin.String(), "seal 1/1": seal.String(),
		"secret": keys.ID(), "tag of the seal": fmt.Sprintf("%x", keys.SealTag(seal)),
	} {
		if !strings.Contains(string(page), "| `"+value+"` |") {
			t.Errorf("%s: %s is not on the page", what, value)
		}
	}
}

// TestMarks writes lists of entries and reads them back, and reads anything
// else without harm.
func TestMarks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.Int64Range(1, math.MaxInt64/2).Draw(t, "first")
		steps := rapid.SliceOfN(rapid.Int64Range(1, 1<<40), 1, 20).Draw(t, "steps")
		var list []byte
		var hashes []ledger.Hash
		id, step := first, int64(0)
		var ids []int64
		for i, next := range steps {
			h := ledger.Root("x", int64(i))
			list, hashes, ids = ledger.AppendMark(list, step, h), append(hashes, h), append(ids, id+step)
			id, step = id+step, next
		}
		last := first
		for i := range ids {
			m, rest, ok := ledger.NextMark(list, last)
			if !ok || m.ID != ids[i] || !m.Of(hashes[i]) || m.Of(ledger.Root("y", 0)) {
				t.Fatalf("entry %d of %v: %v, %v", i, ids, m, ok)
			}
			last, list = m.ID, rest
		}
		if len(list) > 0 {
			t.Fatalf("%d bytes are left", len(list))
		}
		any := rapid.SliceOf(rapid.Byte()).Draw(t, "any")
		for last := first; len(any) > 0; {
			m, rest, ok := ledger.NextMark(any, last)
			if !ok {
				break
			}
			if m.ID < last || len(rest) >= len(any) {
				t.Fatalf("%v after %d", m, last)
			}
			any, last = rest, m.ID
		}
	})
}
