package apiv1

import (
	"slices"

	"sen"
)

// The values of returncode that need a name here. There are no sub codes: 1 is
// done, what is below is refused or failed, and what is above is on its way.
const (
	Success    = 1
	Exception  = 0   // our own failure
	Processing = 5   // of an order that is being paid
	NotPaid    = -49 // of an order that nobody has paid yet, or that there is not
	running    = 2   // of a refund: ask again
)

// Names of refusals, as the rules and the server have them.
const (
	macWrong   = "mac_wrong"
	unknownApp = "app_unknown"
	clock      = "clock"
	datePrefix = "date_prefix"
)

// What the second version answers for whole groups of refusals.
const (
	malformed   = -401
	unsigned    = -402
	systemError = -500
	maintenance = -999
	notFound    = -101
)

type row struct {
	refusal string // beats the value; "" for any
	value   int    // of the second version
	code    int
}

// Both tables have more than one word for what the second version answers with
// -401 and -402.
var (
	orders = []row{
		{macWrong, unsigned, -53},
		{unknownApp, unsigned, -2},
		{clock, malformed, -54},
		{datePrefix, malformed, -92},
		{"", malformed, -79},
		{"", unsigned, -53},
		{"", maintenance, -33},
		{"", systemError, Exception},
		{"", notFound, NotPaid},
		{"", sen.Processing, Processing},
	}
	refunds = []row{
		{macWrong, unsigned, -3},
		{unknownApp, unsigned, -10},
		{datePrefix, malformed, -25},
		{"", malformed, -12},
		{"", unsigned, -3},
		{"", notFound, -8},
		{"", systemError, Exception},
		{"", 0, -4}, // the way it was paid takes nothing back
	}
	quickPays     = append([]row{{"", notFound, notFound}}, orders...)
	refundQueries = append([]row{{"", notFound, -21}}, refunds...)
)

var tables = map[string][]row{
	sen.OpCreateOrder.Name: orders,
	sen.OpQuickPay.Name:    quickPays,
	sen.OpQueryOrder.Name:  orders,
	sen.OpRefundOrder.Name: refunds,
	sen.OpQueryRefund.Name: refundQueries,
}

// Code returns the returncode for an answer of the second version. refusal is
// the code of the refusal behind it, or "". A value that the first version has
// no other word for stands for itself.
func Code(operation, refusal string, st sen.Status) int {
	if st.ReturnCode == sen.Processing && (operation == sen.OpRefundOrder.Name || operation == sen.OpQueryRefund.Name) {
		return running // what waits for an operator, too: whoever reads -1 takes the refund for failed
	}
	for _, r := range tables[operation] {
		if r.value == st.Value && (r.refusal == "" || r.refusal == refusal) {
			return r.code
		}
	}
	return st.Value
}

// An Answer is a returncode and what brings it about.
type Answer struct {
	Code int
	// Cause says which refusal or state it is when Status, the second version's
	// value, stands for several that the first version tells apart; else "".
	Cause   string
	Status  sen.Status
	Certain bool // the provider's old pages, its samples or clients in use have it
}

// Causes of answers that are no refusal's name.
const (
	unpaid         = "unpaid"
	inFlight       = "in_flight"
	otherMalformed = "malformed"
)

// certain are the values that others have written down under the same meaning.
var certain = map[bool][]int{
	false: {Success, NotPaid, -54, -68, -92, -2, -53, -63, Exception},
	true:  {Success, running, -3, -10, -12, -8, -21, -13, -14, -23, -25},
}

// Answers returns what an operation can answer: each value of the second
// version's table in its order, those that the first version tells apart one
// after another.
func Answers(op Operation) []Answer {
	var all []Answer
	refund := op.Second == sen.OpRefundOrder || op.Second == sen.OpQueryRefund
	add := func(value int, cause string, st sen.Status) {
		all = append(all, Answer{value, cause, st, slices.Contains(certain[refund], value)})
	}
	for _, st := range sen.Statuses() {
		if st.Operation != op.Name {
			continue
		}
		for _, r := range tables[op.Name] {
			if r.value == st.Value && r.refusal != "" && (makes(op) || r.refusal != clock && r.refusal != datePrefix) {
				add(r.code, r.refusal, st)
			}
		}
		code := Code(op.Name, "", st)
		switch {
		case st.Value == unsigned: // one of the two above
		case st.Value == malformed:
			add(code, otherMalformed, st)
		case op.Second == sen.OpQueryOrder && st.Value == sen.Processing:
			add(code, inFlight, st)
		case op.Second == sen.OpQueryOrder && st.Value == notFound:
			open, _ := sen.Lookup(op.Name, sen.Processing) // the table has it
			add(NotPaid, unpaid, open)
			add(code, "", st)
		default:
			add(code, "", st)
		}
	}
	return all
}

// makes reports whether the operation makes something under a name that begins
// with the day.
func makes(op Operation) bool { return op.Second != sen.OpQueryOrder && op.Second != sen.OpQueryRefund }
