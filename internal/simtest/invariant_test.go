package simtest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The invariants. Their numbers are published: never change one.
const (
	ruleEntries = 1 + iota
	ruleBalances
	ruleFloors
	ruleOnce
	ruleRefunds
	ruleMoves
	ruleCallbacks
	ruleLimits
	ruleOrphans
	ruleTokens
	ruleAnswers
	ruleDurable
	rulePayouts
)

// invariants says in words what each number means, and where it is looked at.
var invariants = map[int][2]string{
	ruleEntries:   {"Every entry of the ledger sums to zero, and so do all balances together.", "rows"},
	ruleBalances:  {"Each balance is the sum of the account's postings.", "rows"},
	ruleFloors:    {"No account is below its floor: a wallet and what is held for a merchant at 0, what a merchant owes at its limit.", "rows, answers"},
	ruleOnce:      {"An order is paid at most once. A paid one has one payment, of its amount, and one entry, of that payment's amounts.", "rows, answers"},
	ruleRefunds:   {"The refunds of a payment are at most its amount, each is one that was asked for, and an m_refund_id counts once.", "rows, answers"},
	ruleMoves:     {"Orders, refunds, bindings and charges change their state only as docs/states.md says, and never back.", "rows, answers"},
	ruleCallbacks: {"Each paid order and each change of a binding is told by one callback, whose mac verifies with key2 and which says what the ledger holds; it is sent when it is due, until it is acknowledged or the schedule ends, and then no more.", "merchants, rows"},
	ruleLimits:    {"No limit is passed: of a wallet by day, month and level, of a token by payment and day, of a campaign's budget and uses, of calls in a second.", "rows, answers"},
	ruleOrphans:   {"Whatever a row refers to is there.", "rows"},
	ruleTokens:    {"A token pays nothing after its end: unbound, ended by an operator, past its date, its wallet locked, its card deleted.", "rows, answers"},
	ruleAnswers:   {"Each answer is a value of its operation, with its return_code, and the one that the model expects, down to amounts and numbers. No request fails by our own fault unless it was told to.", "answers, log"},
	ruleDurable:   {"What was answered with success is there after each crash and restart, and nothing else is: no money moved that the model does not know of, however often a request is repeated.", "rows, answers"},
	rulePayouts:   {"A partner_order_id of an app pays out at most once. A payout that is paid has one entry, of its amount, from the account of its app to its wallet; one that waits or failed has none.", "rows, answers"},
}

// A violation is an invariant that did not hold.
type violation struct {
	rule int
	text string
}

func (v violation) String() string { return fmt.Sprintf("invariant %d: %s", v.rule, v.text) }

var update = flag.Bool("update", false, "write docs/invariants.md")

// TestInvariantsDocumented holds the page about invariants against the table.
func TestInvariantsDocumented(t *testing.T) {
	t.Parallel()
	file := filepath.Join("..", "..", "docs", "invariants.md")
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| number | invariant | where it is looked at |\n| --- | --- | --- |\n")
	for n := ruleEntries; n <= rulePayouts; n++ {
		fmt.Fprintf(&table, "| %d | %s | %s |\n", n, invariants[n][0], invariants[n][1])
	}
	const begin, end = "<!-- invariants -->\n", "<!-- /invariants -->\n"
	head, rest, ok := strings.Cut(string(got), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no %q and %q", file, begin, end)
	}
	want := head + begin + table.String() + end + tail
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if want != string(got) {
		t.Errorf("%s is not what the code says: go test ./internal/simtest -run Documented -update", file)
	}
}
