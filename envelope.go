package sen

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// An Envelope begins every answer of the merchant API. The HTTP status is 200
// for refusals too; ReturnCode tells them apart.
type Envelope struct {
	ReturnCode       int    `json:"return_code"` // Success, Failure or Processing
	ReturnMessage    string `json:"return_message"`
	SubReturnCode    int    `json:"sub_return_code"` // a value of the catalogue
	SubReturnMessage string `json:"sub_return_message"`
}

func (e Envelope) envelope() Envelope { return e }

// Pending reports whether there is no final result yet: ask again later.
func (e Envelope) Pending() bool { return e.ReturnCode == Processing }

// advice is what the catalogue says to do about an answer; empty if it lacks the
// value.
func advice(op *Operation, e Envelope, lang string) string {
	st, _ := op.Status(e.SubReturnCode)
	return st.Action.In(lang)
}

// A TransID identifies a payment: yyMMdd of its day followed by nine digits.
// Zero stands for no payment. It is written as a JSON number; it is read from a
// number or a string of digits, because the provider's pages show both.
type TransID int64

// UnmarshalJSON reads a number, or a string that holds one; an empty string is
// no payment.
func (id *TransID) UnmarshalJSON(text []byte) error {
	digits := bytes.Trim(text, `"`)
	if len(digits) == 0 {
		*id = 0
		return nil
	}
	return json.Unmarshal(digits, (*int64)(id))
}

// String returns the digits.
func (id TransID) String() string { return strconv.FormatInt(int64(id), 10) }
