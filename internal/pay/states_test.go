package pay

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/states.md")

// TestStatesDocumented holds the tables in the documentation against those
// that the rules obey.
func TestStatesDocumented(t *testing.T) {
	t.Parallel()
	file := filepath.Join("..", "..", "docs", "states.md")
	want := "# States\n\nEvery change of state is a line of one of these tables; anything else is refused. The tables are made from the\n" +
		"code (`go test ./internal/pay -run TestStatesDocumented -update`).\n" +
		table("Order", orderMoves, map[OrderState]string{
			OrderCreated:    "can be paid; a failed attempt leaves it here, with the reason",
			OrderProcessing: "a charge to a card is in flight: it can't be paid in another way, cancelled, nor does it expire",
			OrderPaid:       "paid; refunds do not change it",
			OrderExpired:    "its time was up",
			OrderCancelled:  "cancelled by the merchant",
		}) +
		table("Refund", refundMoves, map[RefundState]string{
			RefundPending:   "waits for an operator",
			RefundRunning:   "accepted",
			RefundBlocked:   "the merchant's funds do not cover it yet; it runs on when they do",
			RefundSent:      "booked; the payer's bank is being asked",
			RefundSucceeded: "the payer has the money",
			RefundFailed:    "nothing was refunded",
		}) +
		table("Binding", bindingMoves, map[BindingState]string{
			BindingPending:   "waits for its user, 15 minutes",
			BindingConfirmed: "pays, until its end date if it has one",
			BindingCancelled: "ended by its user or the merchant",
			BindingDisabled:  "ended by an operator",
			BindingLapsed:    "never confirmed, or declined",
		}) +
		table("Charge to a card", chargeMoves, map[ChargeState]string{
			ChargeStarted:   "the bank is being asked",
			ChargeOTP:       "the holder must prove who they are, within 5 minutes",
			ChargeUnknown:   "the bank did not answer; it is asked again until it does",
			ChargeSucceeded: "the money was taken and booked",
			ChargeFailed:    "no money was taken",
		}) +
		table("Disbursement", disbursementMoves, map[DisbursementState]string{
			DisbursementRunning:   "accepted; an operator holds the app's payouts up",
			DisbursementPending:   "the app's disbursement account does not cover it yet",
			DisbursementHeld:      "an operator has to release or reject it",
			DisbursementSucceeded: "the wallet has the money",
			DisbursementFailed:    "nothing was paid out: the wallet can't take it any more, or an operator rejected it",
		}) + conditions
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/states.md is not what the rules say (-want +got):\n%s", diff)
	}
}

const conditions = `
## Wallet and stored card

A wallet has conditions instead of states; several can hold at once, and each can be taken back.

| condition | set by | what it stops |
| --- | --- | --- |
| locked | an operator | paying, and being asked for its balance by a token |
| payments off | its owner | paying |
| no PIN | nobody has set one yet | paying from the balance |
| PIN paused | five wrong PINs in a row | signing in, for 15 minutes |

A stored card is kept or deleted. A deleted one keeps its first six and last four digits, and its token pays no more. One
that its holder links belongs to the wallet as soon as a bank has found it good.
`

func table[S ~string](noun string, moves map[S][]S, meaning map[S]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## %s\n\n| state | means | becomes |\n| --- | --- | --- |\n", noun)
	states := make([]S, 0, len(meaning))
	for s := range meaning {
		states = append(states, s)
	}
	slices.SortFunc(states, func(a, c S) int { // by how much can still become of it, then by name
		if d := len(moves[c]) - len(moves[a]); d != 0 {
			return d
		}
		return strings.Compare(string(a), string(c))
	})
	for _, s := range states {
		var to []string
		for _, next := range moves[s] {
			to = append(to, string(next))
		}
		if to == nil {
			to = []string{"nothing more"}
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s, meaning[s], strings.Join(to, ", "))
	}
	return b.String()
}
