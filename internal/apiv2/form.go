package apiv2

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sen"
	"sen/internal/fault"
	"sen/internal/id"
	"sen/internal/money"
	"sen/internal/pay"
)

// A Form says which characters a member may have, for those who describe the
// API. Lengths are said beside it.
type Form struct {
	Number   bool     // a whole number in digits, from Min to Max
	Min, Max int64    // of a number
	Pattern  string   // a regular expression that the text matches; "" for any
	Words    []string // the only texts there are; none for any
	JSON     string   // what the text holds as JSON, "object" or "array"; "" for none
	Bare     bool     // a JSON body has that JSON itself, and not a text that holds it
}

// A form is how the characters of a member are checked, and what is said about
// that: they stand side by side so that a change of one is seen by the other. A
// test holds them together.
type form struct {
	check func(string) error // nil: anything goes
	Form
}

// A Member describes a member of a request.
type Member struct {
	Name      string
	Required  bool
	MaxLength int // characters; 0: no limit of its own
	Form
}

// Describe returns the members that the operation, of either version, reads, the
// mac, or what stands for it, last. It is
// nil for an operation that this server does not have.
func Describe(op *sen.Operation) []Member {
	at := slices.IndexFunc(allOperations(), func(known operation) bool { return known.Operation == op })
	if at < 0 {
		return nil
	}
	var all []Member
	for _, m := range allOperations()[at].members {
		if m.name != mac.name {
			all = append(all, m.describe())
		}
	}
	if op.RSA {
		return all
	}
	return append(all, mac.describe()) // the operations that do not list it refuse its absence as a wrong one
}

func (m *member) describe() Member {
	d := Member{Name: m.name, Required: m.required, MaxLength: m.max, Form: m.Form}
	if d.Number && m.max > 0 && m.max < len(strconv.FormatInt(math.MaxInt64, 10)) {
		d.MaxLength, d.Max = 0, int64(math.Pow10(m.max))-1
	}
	return d
}

// The forms of members.
var (
	text       = form{}
	signature  = form{Form: Form{Pattern: `^[0-9a-fA-F]{64}$`}} // another one is wrong as a mac, not as a text
	identifier = form{isIdentifier, Form{Pattern: `^[^\x00-\x20\x7f|]+$`}}
	label      = form{isLabel, Form{Pattern: `^[^\x00-\x1f\x7f|]+$`}}
	integer    = form{isInteger, Form{Number: true, Max: math.MaxInt64}}
	digits     = form{isInteger, Form{Pattern: `^[0-9]+$`}} // numbers that clients keep as text
	millis     = form{isMillis, Form{Number: true, Max: year3000}}
	amount     = form{isAmount, Form{Number: true, Min: 1, Max: int64(money.Max)}}
	fee        = form{isFee, Form{Number: true, Max: int64(money.Max)}}
	life       = form{isLife, Form{Number: true, Min: seconds(pay.MinLife), Max: seconds(pay.MaxLife)}}
	currency   = form{isCurrency, Form{Words: []string{"VND"}}}
	walletType = form{isWalletType, Form{Words: []string{string(pay.WalletBinding)}}}
	jsonArray  = form{isJSONArray, Form{JSON: "array"}}
	jsonObject = form{isJSONObject, Form{JSON: "object"}}
	transID    = form{isTransID, Form{Pattern: `^[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[^\x00-\x20\x7f|]{0,34}$`}}
)

func oneOf(words ...string) form {
	return form{func(s string) error {
		if slices.Contains(words, s) {
			return nil
		}
		list, _ := json.Marshal(words) // strings can always be marshalled
		return shape("must be one of " + string(list))
	}, Form{Words: words}}
}

// isIdentifier refuses what would make two different requests sign alike, or
// what nobody can type: control characters, and the separator of the mac.
func isIdentifier(s string) error {
	for _, r := range s {
		if r <= ' ' || r == 0x7f || r == '|' {
			return shape("may not hold spaces, control characters or |")
		}
	}
	return nil
}

// isLabel refuses what an identifier may not hold either, but takes spaces:
// merchants name their users by whatever they have.
func isLabel(s string) error {
	for _, r := range s {
		if r < ' ' || r == 0x7f || r == '|' {
			return shape("may not hold control characters or |")
		}
	}
	return nil
}

func isInteger(s string) error {
	if _, err := strconv.ParseInt(s, 10, 64); err != nil || s[0] == '+' || s[0] == '-' {
		return shape("must be a whole number, in digits only")
	}
	return nil
}

// year3000 bounds a time, in milliseconds, to the years that a clock can show,
// so that nothing computed from it overflows.
const year3000 = 32_503_680_000_000

func isMillis(s string) error {
	if err := isInteger(s); err != nil {
		return shape("must be a time in milliseconds since 1970, in digits only")
	}
	if n, _ := strconv.ParseInt(s, 10, 64); n > year3000 {
		return shape("must be a time in milliseconds since 1970; this one is after the year 3000")
	}
	return nil
}

func isJSONArray(s string) error {
	if s = strings.TrimSpace(s); s == "" || s[0] != '[' || !json.Valid([]byte(s)) {
		return shape("must be a JSON array, [] when empty")
	}
	return nil
}

func isJSONObject(s string) error {
	if s = strings.TrimSpace(s); s == "" || s[0] != '{' || !json.Valid([]byte(s)) {
		return shape("must be a JSON object, {} when empty")
	}
	return nil
}

func isAmount(s string) error {
	_, err := money.Parse(s)
	return detail(err)
}

func isFee(s string) error {
	_, err := money.ParseZero(s)
	return detail(err)
}

// detail is what is wrong with a value, without the sentence around it.
func detail(err error) error {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return shape(e.Detail)
	}
	return err
}

func isCurrency(s string) error {
	if s != "VND" {
		return shape("must be VND, the only currency")
	}
	return nil
}

func isLife(s string) error {
	if err := isInteger(s); err != nil {
		return err
	}
	if d, _ := strconv.ParseInt(s, 10, 64); d < seconds(pay.MinLife) || d > seconds(pay.MaxLife) {
		return shape("must be 300 to 2592000 seconds")
	}
	return nil
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

func isWalletType(s string) error {
	if s != string(pay.WalletBinding) {
		return shape("must be WALLET here")
	}
	return nil
}

// badTransID is what is wrong with an app_trans_id that can never have been an
// order's. The query has a value of its own for it.
const badTransID = shape("must be a date as yyMMdd and up to 34 more characters without spaces and |")

// isTransID tells whether anything of this form can ever have been an order.
func isTransID(s string) error {
	const prefix, longest = 6, 40
	if len(s) < prefix || utf8.RuneCountInString(s) > longest || isIdentifier(s) != nil {
		return badTransID
	}
	if _, err := time.ParseInLocation("060102", s[:prefix], id.Vietnam); err != nil {
		return badTransID
	}
	return nil
}
