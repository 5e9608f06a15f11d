// Package exchange keeps what merchants asked and what they were answered: every
// call of the merchant API, so that a developer can look it up, and find out
// why.
package exchange

import (
	"time"

	"sen/internal/fault"
	"sen/internal/merchant"
)

// ID names an exchange. Later ones have larger ones: id.Source makes them from
// the machine's clock.
type ID int64

// An Exchange is one call and its answer, as it is kept: without what may not be.
type Exchange struct {
	ID ID
	// At is when the call began, by the machine's clock, which is also that of
	// the merchant's own log; a sandbox's clock may have been moved.
	At   time.Time
	Took time.Duration // until the answer was ready, with delays that a scenario made

	App       merchant.ID // as the request says, whether there is such an app or not
	Operation string      // name as in the catalogue; "" for a path that is none's
	Method    string
	Path      string
	Headers   Headers
	Remote    string // address and port

	Fields   []Field // in the order received; none when the request could not be read
	Body     []byte  // as it came; none if something in it must be hidden, or if it is longer than MaxBody
	BodySize int     // bytes that came

	MAC        MAC
	HTTPStatus int // 0: the connection was cut instead
	ReturnCode int
	Value      int // sub_return_code
	Answer     string
	Reason     string // why it was refused, with what was found in the request

	Rule   int64  // of the scenario that interfered; 0 for none, or for the request's own header
	Effect string // what the scenario did, written as in the header; "" for nothing

	Subject Subject
}

// Headers are those that say how a request was meant.
type Headers struct {
	ContentType    string `json:"content_type,omitempty"`
	UserAgent      string `json:"user_agent,omitempty"`
	AcceptLanguage string `json:"accept_language,omitempty"`
	Scenario       string `json:"scenario,omitempty"`
}

// A Field is a member of a request.
type Field struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	InQuery bool   `json:"in_query,omitempty"` // sent in the query string, not in the body
	Cut     bool   `json:"cut,omitempty"`      // Value is only how it begins
	Hidden  bool   `json:"hidden,omitempty"`   // something in Value was masked
}

// MAC is what became of the signature.
type MAC string

// The verdicts. They are stored: never change one.
const (
	MACUnchecked MAC = ""      // the call was refused, or forced, before anyone looked
	MACGood      MAC = "good"  // it signs the request
	MACWrong     MAC = "wrong" // it does not
)

// A Subject is what an exchange was about, and what it changed. What is not
// known is zero.
type Subject struct {
	AppTransID string
	MRefundID  string
	Order      int64 // key
	Binding    int64 // key
	Payment    int64 // zp_trans_id
	Refund     int64 // refund_id
	Change     Change
}

// Change is what a call changed in the gateway. Only what was done on the call's
// own account counts: a call that was repeated, and found it done, has none.
type Change string

// The changes. They are stored: never change one.
const (
	NoChange       Change = ""
	OrderCreated   Change = "order_created"
	OrderCancelled Change = "order_cancelled"
	OrderPaid      Change = "order_paid"
	PaymentStarted Change = "payment_started" // the bank has not decided
	PaymentFailed  Change = "payment_failed"
	RefundAccepted Change = "refund_accepted"
	BindingCreated Change = "binding_created"
	BindingEnded   Change = "binding_ended"
)

// A Filter chooses exchanges. Zero members choose all.
type Filter struct {
	App        merchant.ID
	Operation  string
	AppTransID string
	Value      *int // sub_return_code
	From, To   time.Time
}

// Matches reports whether the filter chooses x.
func (f Filter) Matches(x *Exchange) bool {
	return (f.App == 0 || f.App == x.App) &&
		(f.Operation == "" || f.Operation == x.Operation) &&
		(f.AppTransID == "" || f.AppTransID == x.Subject.AppTransID) &&
		(f.Value == nil || *f.Value == x.Value) &&
		(f.From.IsZero() || !x.At.Before(f.From)) &&
		(f.To.IsZero() || x.At.Before(f.To))
}

// ErrNotFound says that there is no such exchange, or no more.
var ErrNotFound = fault.New(fault.NotFound, "request_unknown", "There is no request with this id, or it was too old to keep.")

// Bounds of what is kept of one exchange, in bytes.
const (
	MaxBody   = 32 << 10
	maxValue  = 8 << 10 // the longest member that is documented: 2048 characters of up to four bytes
	maxAnswer = 16 << 10
	maxHeader = 256
	maxName   = 64 // of what is indexed
)
