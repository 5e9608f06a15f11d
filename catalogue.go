package sen

import (
	_ "embed" // the catalogue is data, so that a translator need not read Go
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// The values of return_code, the overall result in every answer.
const (
	Success    = 1 // carried out
	Failure    = 2 // refused or failed; the sub code says why
	Processing = 3 // no final result yet; query again
)

// RedirectStatus is the name under which the catalogue lists the values of the
// status parameter of a redirect. It is not an operation of the merchant API.
const RedirectStatus = "redirect"

// Retry says what a caller may do with a request after its answer.
type Retry string

// What to do after an answer.
const (
	RetryNever   Retry = "never"   // the answer is final, or asking again would not change it
	RetrySame    Retry = "same"    // the same request may be sent again later
	RetryChanged Retry = "changed" // only another request can succeed
	RetryQuery   Retry = "query"   // ask for the outcome first; sending again could act twice
)

// Finality says whether the order, refund or binding that an answer speaks of
// may still change.
type Finality string

// Whether an object may still change.
const (
	Final    Finality = "final" // it will not change
	Open     Finality = "open"  // it may still change; keep asking
	NoObject Finality = "none"  // the answer is about the request only
)

// A Text says the same in Vietnamese and in English.
type Text struct {
	VI string `json:"vi"`
	EN string `json:"en"`
}

// In returns the English text for "en" and its regions ("en-US"), and the
// Vietnamese for every other language, as the provider does.
func (t Text) In(lang string) string {
	if base, _, _ := strings.Cut(lang, "-"); strings.EqualFold(base, "en") {
		return t.EN
	}
	return t.VI
}

// A Status is one value that an operation answers in sub_return_code, and what
// it means. The provider documents 113 of them; the rest are values that occur
// on the wire, or that the provider's tables lack.
type Status struct {
	Operation  string   `json:"operation"`   // name of the operation, or RedirectStatus
	Value      int      `json:"value"`       // sub_return_code
	Name       string   `json:"name"`        // the provider's name, misspellings included: compare values
	ReturnCode int      `json:"return_code"` // the return_code that goes with it: 1, 2 or 3
	Finality   Finality `json:"finality"`
	Documented bool     `json:"documented"` // whether the provider's table has it
	Retry      Retry    `json:"retry"`
	Text       Text     `json:"text"`    // short message, sent as sub_return_message
	Meaning    Text     `json:"meaning"` // the state that earns the value
	Action     Text     `json:"action"`  // what to do about it
}

// Final reports whether what the answer speaks of will not change any more. It is
// false when asking again can bring another answer, and when the answer is about
// the request only: then it tells nothing of the order, refund or binding.
func (s Status) Final() bool { return s.Finality == Final }

// ReturnMessage is the text that goes with ReturnCode. A refusal has a general
// one there; everything else repeats its own, as the provider's answers do.
func (s Status) ReturnMessage() Text {
	if s.ReturnCode != Failure {
		return s.Text
	}
	code, _ := LookupReturnCode(s.ReturnCode)
	return code.Text
}

// A ReturnCode is a value of return_code and what it means.
type ReturnCode struct {
	Value   int    `json:"value"`
	Name    string `json:"name"`
	Text    Text   `json:"text"`
	Meaning Text   `json:"meaning"`
	Action  Text   `json:"action"`
}

// Lookup finds what value means as a sub_return_code of the named operation, or
// as a redirect status under [RedirectStatus].
func Lookup(operation string, value int) (Status, bool) {
	c := catalogue()
	at, ok := c.index[statusKey{operation, value}]
	if !ok {
		return Status{}, false
	}
	return c.statuses[at], true
}

// LookupReturnCode finds what a return_code means.
func LookupReturnCode(value int) (ReturnCode, bool) {
	for _, code := range catalogue().returnCodes {
		if code.Value == value {
			return code, true
		}
	}
	return ReturnCode{}, false
}

// Statuses returns the whole catalogue, operations in the order of
// [Operations], then the redirect. The slice is the caller's.
func Statuses() []Status {
	return slices.Clone(catalogue().statuses)
}

// OrderCancelledText is the message beside -54 in the query of an order that
// was cancelled rather than expired: the provider has no value of its own for
// that state.
func OrderCancelledText() Text {
	return catalogue().orderCancelled
}

//go:embed catalogue.json
var catalogueJSON []byte

type statusKey struct {
	operation string
	value     int
}

type statusTable struct {
	statuses       []Status
	index          map[statusKey]int
	returnCodes    []ReturnCode
	orderCancelled Text
}

// catalogue reads the embedded file at first use: a program that only signs
// does not pay for it.
var catalogue = sync.OnceValue(func() *statusTable {
	table, err := readCatalogue(catalogueJSON)
	if err != nil {
		panic("sen: the embedded catalogue cannot be read: " + err.Error())
	}
	return table
})

func readCatalogue(data []byte) (*statusTable, error) {
	var file struct {
		ReturnCodes    []ReturnCode        `json:"return_codes"`
		OrderCancelled Text                `json:"order_cancelled"`
		Operations     map[string][]Status `json:"operations"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, err
	}
	table := &statusTable{
		index:          make(map[statusKey]int),
		returnCodes:    file.ReturnCodes,
		orderCancelled: file.OrderCancelled,
	}
	for _, op := range Operations() {
		table.add(op.Name, file.Operations[op.Name])
	}
	table.add(RedirectStatus, file.Operations[RedirectStatus])
	return table, nil
}

func (t *statusTable) add(operation string, statuses []Status) {
	for _, status := range statuses {
		status.Operation = operation
		t.index[statusKey{operation, status.Value}] = len(t.statuses)
		t.statuses = append(t.statuses, status)
	}
}
