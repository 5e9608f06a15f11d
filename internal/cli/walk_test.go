package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"sen/internal/app/apptest"
	"sen/internal/sandbox"
)

// noJSON are the commands that print no one JSON value, and why.
var noJSON = map[string]string{
	"serve":          "runs until it is stopped",
	"bench-serve":    "likewise",
	"listen":         "prints a JSON value for each line",
	"requests watch": "likewise",
	"complete":       "is for shells",
	"bench":          "takes long; its report has tests of its own",
	"codes check":    "takes long; a script runs it",
	"app create":     "needs a data directory of its own; a script runs it",
	"app rotate":     "likewise",
	"migrate copy":   "needs two databases; a script runs it",
	"vault rotate":   "needs the data directory of a gateway; a script runs it",
	"vault status":   "likewise",
	"vault retire":   "likewise",
}

// session is a walk through all other commands. NAME=member before a command puts
// a member of what it prints, of its first element if that is a list, into $NAME.
const session = `
version
completion bash
ID=app_trans_id order create --callback $MERCHANT
order list
ZP=zp_trans_id pay $ID
order show $ID
OTHER=app_trans_id order create
decline $OTHER
REFUND=m_refund_id refund create $ZP --amount 1
refund show $REFUND
refund list --all
app set 2553 --refund-approval-from 1
NUMBER=refund_id refund create $ZP --amount 1
refund approve $NUMBER
NUMBER=refund_id refund create $ZP --amount 1
refund reject $NUMBER
app set 2553 --refund-approval-from 0
app list
app payout 2553 1
app code-key 2553
B=binding_id binding create
TOKEN=pay_token binding confirm $B
binding show $B
binding list
binding pay $TOKEN
binding end $B
B=binding_id binding create
binding decline $B
B=binding_id binding create --card
binding confirm $B --card 9704540000000062 --otp 111111
binding forget $B
CB=id callback list
callback show $CB
callback replay $CB --to $MERCHANT
RULE=id callback rule add drop --app 2554
callback rule list
callback rule remove $RULE
callback rule clear
trigger order.paid
trigger query_order -101
REQUEST=id requests list --order $ID
requests show $REQUEST
requests export $REQUEST --as go
clock
clock show
clock set 2026-12-31T23:59:00+07:00
clock advance 1s
clock reset
wallet list
wallet lock 0900000002
wallet unlock 0900000002
wallet payments-off 0900000002
wallet payments-on 0900000002
wallet set 0900000002 --kyc 2
wallet topup 0900000002 1
wallet code 0900000002
card list
bank outage on
bank outage off
bank outage show
campaign add TEA --discount 1 --budget 1
campaign list
campaign set TEA --uses 1
campaign end TEA
W=id maintenance start --app 2554
maintenance list
maintenance stop $W
RULE=id rule add --app 2554 --break reset
rule list
rule remove $RULE
rule clear
fault store --app 2554 --calls 1
fault list
fault mend
MAC=mac mac sign query_order app_id=2553 app_trans_id=x
mac verify query_order app_id=2553 app_trans_id=x mac=$MAC
mac explain --operation query_order --request $FILE
certify --callback $MERCHANT
openapi
codes list
codes show query_order -54
PAYOUT=partner_order_id disbursement create 0900000003 10000
disbursement show $PAYOUT
disbursement key set 15555 $PUBLIC
disbursement key show 2553
disbursement hold 2553
NUMBER=order_id disbursement create 0900000003 10000
disbursement reject $NUMBER
disbursement release 2553
disbursement review 2553 20000
NUMBER=order_id disbursement create 0900000003 20000
disbursement release $NUMBER
disbursement review 2553 0
disbursement fund 2553 1
disbursement list
ledger verify
clock advance 24h
DAY=day settlement run --app 2553
settlement list
settlement files $DAY --to $DIR
settlement verify $DIR/settlement-2553-$DAY.csv
reconcile --day $DAY
bank report --day $DAY
sandbox create walk
sandbox list
sandbox delete walk
vault create --data $DIR/live
ledger adopt --data $SANDBOX
ledger head --data $SANDBOX --to $DIR/checkpoint
ledger export --data $SANDBOX --to $DIR/export
operator add ann --role operator --data $DIR/live
operator list --data $DIR/live
operator password ann --data $DIR/live
operator reset-code ann --data $DIR/live
operator disable ann --data $DIR/live
operator enable ann --data $DIR/live
backup --data $DIR/live --to $DIR/copy
restore --from $DIR/copy --data $DIR/again
`

// leaves are all commands that can be run.
func leaves(t *testing.T) []*kong.Node {
	t.Helper()
	parser, err := newParser(&commands{}, io.Discard, io.Discard, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model.Leaves(false)
}

func pathOf(n *kong.Node) string { return strings.TrimPrefix(n.Path(), "sen ") }

// TestJSONEverywhere runs every command with --json and reads what it prints.
func TestJSONEverywhere(t *testing.T) {
	t.Parallel()
	s := apptest.StartSandbox(t)
	merchant := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"return_code":1}`)
	}))
	defer merchant.Close()
	file := t.TempDir() + "/request.txt"
	if err := os.WriteFile(file, []byte("app_id=2553&app_trans_id=x&mac=00"), 0o600); err != nil {
		t.Fatal(err)
	}
	public := t.TempDir() + "/public.pem"
	if err := os.WriteFile(public, []byte(sandbox.Apps()[0].Disbursement.PublicKey), 0o600); err != nil {
		t.Fatal(err)
	}
	vars := map[string]string{"MERCHANT": merchant.URL, "FILE": file, "DIR": t.TempDir(), "SANDBOX": s.Dir, "PUBLIC": public}
	// Commands that say no by their exit status print what they found all the same.
	mayFail := []string{"certify", "mac explain"}
	ran := map[string]bool{}
	for line := range strings.Lines(strings.TrimSpace(session)) {
		var name, member string
		args := strings.Fields(os.Expand(line, func(name string) string { return vars[name] }))
		if before, after, ok := strings.Cut(args[0], "="); ok {
			name, member, args = before, after, args[1:]
		}
		var out, complaint bytes.Buffer
		status := Run("test", append([]string{"--server", s.URL, "--json"}, args...), &out, &complaint)
		command := commandOf(t, args)
		ran[command] = true
		if status != 0 && !slices.Contains(mayFail, command) {
			t.Errorf("%q ended with %d: %s", args, status, &complaint)
		}
		if !json.Valid(out.Bytes()) {
			t.Errorf("%q printed %q, which is no JSON", args, &out)
		}
		if name != "" {
			found := regexp.MustCompile(`"` + member + `": "?([^",\n]+)`).FindStringSubmatch(out.String())
			if found == nil {
				t.Fatalf("%q printed no %s: %s", args, member, &out)
			}
			vars[name] = found[1]
		}
	}
	for _, n := range leaves(t) {
		command := pathOf(n)
		if _, exempt := noJSON[command]; exempt == ran[command] {
			t.Errorf("%s: run: %v, exempt: %v: give it a line in the session", command, ran[command], exempt)
		}
	}
}

// commandOf is the command that the words name.
func commandOf(t *testing.T, args []string) string {
	t.Helper()
	best := ""
	line := strings.Join(args, " ") + " "
	for _, n := range leaves(t) {
		if p := pathOf(n); strings.HasPrefix(line, p+" ") && len(p) > len(best) {
			best = p
		}
	}
	if best == "" && args[0] == "clock" {
		return "clock show"
	}
	return best
}

// TestHelpReads looks at the help of every command: each has a sentence, and so
// has each of its flags and arguments.
func TestHelpReads(t *testing.T) {
	t.Parallel()
	for _, n := range leaves(t) {
		if n.Hidden {
			continue
		}
		for what, text := range helpTexts(n) {
			if text == "" || !strings.ContainsAny(text[len(text)-1:], ".})") {
				t.Errorf("%s %s: %q is no sentence", pathOf(n), what, text)
			}
		}
		var out, complaint bytes.Buffer
		status := Run("test", append(strings.Fields(pathOf(n)), "--help"), &out, &complaint)
		if status != 0 || complaint.Len() > 0 || !strings.Contains(out.String(), "Usage: sen "+pathOf(n)) || strings.Contains(out.String(), "${") {
			t.Errorf("%s --help: %d, %s%s", pathOf(n), status, &out, &complaint)
		}
	}
}

func helpTexts(n *kong.Node) map[string]string {
	all := map[string]string{"itself": n.Help}
	for _, f := range n.Flags {
		if !f.Hidden {
			all["--"+f.Name] = f.Help
		}
	}
	for _, p := range n.Positional {
		all[p.Name] = p.Help
	}
	return all
}
