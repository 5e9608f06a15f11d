// Package callback knows what we owe merchants' servers: which call, when it
// is repeated, and what their answers mean.
package callback

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"sen/internal/fault"
	"sen/internal/merchant"
)

// ID names a delivery.
type ID int64

// Subject is what a delivery is about.
type Subject string

// The subjects. They are stored: never change one.
const (
	OrderPaid      Subject = "order"
	BindingChanged Subject = "binding"
)

// State is where a delivery stands.
type State string

// The states. A delivery is due until it is accepted, or given up. One that
// has nowhere to go is unaddressed, so that the merchant's developer sees why
// nothing came; it is sent when somebody replays it to a URL.
const (
	Due         State = "due"
	Delivered   State = "delivered"
	Failed      State = "failed"
	Unaddressed State = "unaddressed"
	Dropped     State = "dropped" // lost on its way, as a rule of the sandbox wanted
)

// A Delivery is one call owed to a merchant's server. Body holds the exact
// bytes of every attempt.
type Delivery struct {
	ID        ID
	App       merchant.ID
	Subject   Subject
	Order     int64 // key of the order or binding it is about
	URL       string
	Body      []byte
	State     State
	Attempts  int // made so far, replays included
	Round     int // attempts of the present round: a replay starts a new one
	CreatedAt time.Time
	DueAt     time.Time
	Cause     string // what it is owed for, in words of package trace; "": nobody traces that
}

// An Attempt is what came of one call.
type Attempt struct {
	Delivery ID
	N        int // 1 for the first
	At       time.Time
	Took     time.Duration
	Status   int    // HTTP status, 0 if there was no answer
	Answer   string // at most MaxAnswer bytes of it
	Err      string // why there was no answer, or why it was not understood
	Outcome  Outcome

	// What went wrong on the way, in a sandbox.
	Rule   int64  // 0: nothing
	Mishap string // its kind
	Sent   []byte // what was sent instead of the body; nil: the body, or nothing
}

// How much of a merchant's answer is kept, and how much is read, in bytes.
const (
	MaxAnswer = 1024
	maxRead   = 64 << 10
)

// Outcome is what an attempt means for the delivery.
type Outcome string

// The outcomes.
const (
	Accepted Outcome = "accepted"
	Refused  Outcome = "refused" // the merchant said no for good
	Repeat   Outcome = "repeat"
	Held     Outcome = "held" // a rule made it wait; not a try
	Lost     Outcome = "lost" // a rule dropped it
)

// Refusals of this package.
var (
	ErrNotFound = fault.New(fault.NotFound, "callback_unknown", "There is no callback with this id.")
	ErrNoURL    = fault.New(fault.Invalid, "callback_no_url", "The order and its app have no callback URL: say where to send it.")
)

// Pauses are how long we wait before each repeat. The merchant protocol says
// that a call is repeated up to three times and leaves the times open; these
// are ours.
var pauses = [...]time.Duration{15 * time.Second, time.Minute, 5 * time.Minute}

// Next decides what becomes of a delivery after an attempt: the state, and
// when it is due again if it still is. round counts the attempts of this
// round, the present one included.
func Next(outcome Outcome, round int, now time.Time) (State, time.Time) {
	switch {
	case outcome == Accepted:
		return Delivered, time.Time{}
	case outcome == Lost:
		return Dropped, time.Time{}
	case outcome == Held:
		return Due, now // whoever holds it says until when
	case outcome == Refused || round > len(pauses):
		return Failed, time.Time{}
	}
	return Due, now.Add(pauses[round-1])
}

// Read tells what a merchant's answer means. 1 accepts. 2 and negative values
// are a refusal that a repeat would not change. Everything else (0, another
// number, a status outside 2xx, something that is not JSON) asks for a repeat.
// Merchants of the older wire spell the member returncode.
func Read(status int, answer []byte) (Outcome, string) {
	if status < 200 || status > 299 {
		return Repeat, "the HTTP status is not 2xx"
	}
	var a struct {
		ReturnCode *json.Number `json:"return_code"`
		Older      *json.Number `json:"returncode"`
	}
	// Files of source code that begin with a byte order mark, as some editors
	// write them, give it to everything that they print.
	if err := json.Unmarshal(bytes.TrimPrefix(answer, []byte("\uFEFF")), &a); err != nil {
		return Repeat, "the answer is not JSON with a numeric return_code"
	}
	if a.ReturnCode == nil {
		a.ReturnCode = a.Older
	}
	if a.ReturnCode == nil {
		return Repeat, "the answer has no return_code"
	}
	code, err := a.ReturnCode.Int64()
	switch {
	case err != nil:
		return Repeat, "return_code is not a whole number"
	case code == 1:
		return Accepted, ""
	case code == 2 || code < 0:
		return Refused, "return_code " + a.ReturnCode.String() + " refuses the callback for good"
	}
	return Repeat, "return_code " + a.ReturnCode.String() + " asks for a repeat"
}

// Target cleans and checks the URL of a callback. Clients send leading spaces
// and forgotten placeholders; the first is mended, the second is an error that
// stands in the callback log.
func Target(raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return nil, errNotHTTP.Because(err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || strings.ContainsAny(u.Host, "<>{}") {
		return nil, errNotHTTP
	}
	return u, nil
}

var errNotHTTP = fault.New(fault.Invalid, "callback_url_invalid", "A callback URL must begin with http:// or https:// and name a host.")
