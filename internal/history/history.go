// Package history holds what clients of a gateway saw against what a gateway
// may do. A history is every call with its time and its answer; the checker
// tells which answers can't all be right, whatever happened in between.
package history

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Kind is what a client did, or what was observed of the gateway.
type Kind string

// The calls.
const (
	Create       Kind = "create"
	Query        Kind = "query"
	Pay          Kind = "pay"       // from a wallet, by its owner
	PayByToken   Kind = "token_pay" // from the wallet of a binding
	Cancel       Kind = "cancel"
	Refund       Kind = "refund"
	QueryRefund  Kind = "query_refund"
	Bind         Kind = "bind"
	Confirm      Kind = "confirm" // the user's consent to a binding
	QueryBinding Kind = "query_binding"
	Unbind       Kind = "unbind"
)

// The observations.
const (
	Callback Kind = "callback" // at the merchant, that an order is paid; Done if it was accepted there
	Settled  Kind = "settled"  // of an order, when everything has come to rest
	Opened   Kind = "opened"   // the balance of a wallet before the first call
	Closed   Kind = "closed"   // and after the last
	Ledger   Kind = "ledger"   // how many payments and refunds are booked at the end
)

// Result is what an answer means.
type Result string

// The results. Which of them a kind can have is in the model; any other is a
// violation.
const (
	Unknown   Result = "unknown"   // no answer, or one that does not tell: it happened once or not at all, by the end of the history
	Unsent    Result = "unsent"    // the gateway was not reached: nothing happened
	Done      Result = "done"      // what was asked for is so
	Duplicate Result = "duplicate" // the identifier was used before
	Missing   Result = "missing"   // there is no such thing
	Paid      Result = "paid"      // the order is paid, for a payer: by somebody else
	Open      Result = "open"      // not decided yet
	Shut      Result = "shut"      // the order is cancelled, or its time is up
	Refused   Result = "refused"   // the order can't be paid by this token: it is paid, shut or not there
	Poor      Result = "poor"      // the wallet has too little
	Ended     Result = "ended"     // the binding pays no more
	Failed    Result = "failed"    // the refund was not carried out, for good
)

// An Op is one call as its client saw it, or one observation.
type Op struct {
	Client   int    `json:"client,omitempty"`
	Node     int    `json:"node,omitempty"` // of the gateway
	Kind     Kind   `json:"kind"`
	Begin    int64  `json:"begin"`         // nanoseconds since the history began
	End      int64  `json:"end,omitempty"` // the same; 0: there was no answer
	Order    string `json:"order,omitempty"`
	Binding  string `json:"binding,omitempty"`
	Refund   string `json:"refund,omitempty"`
	Wallet   string `json:"wallet,omitempty"`  // that pays, or is looked at
	Payment  int64  `json:"payment,omitempty"` // asked for by a refund; told by all others
	Number   int64  `json:"number,omitempty"`  // of a refund, as told
	Amount   int64  `json:"amount,omitempty"`  // asked for, told, or the balance; đồng
	Refunded int64  `json:"refunded,omitempty"`
	Payments int64  `json:"payments,omitempty"` // in the ledger
	Refunds  int64  `json:"refunds,omitempty"`  // in the ledger
	Result   Result `json:"result"`
	Answer   string `json:"answer,omitempty"` // for a reader
}

func (o Op) String() string {
	at := fmt.Sprintf("%.3f s to …", seconds(o.Begin))
	if o.End != 0 {
		at = fmt.Sprintf("%.3f to %.3f s", seconds(o.Begin), seconds(o.End))
	}
	text := fmt.Sprintf("%s: client %d at node %d: %s", at, o.Client, o.Node, o.Kind)
	for _, part := range []string{o.Order, o.Binding, o.Refund, o.Wallet} {
		if part != "" {
			text += " " + part
		}
	}
	text += fmt.Sprintf(" → %s", o.Result)
	if o.Payment != 0 {
		text += fmt.Sprintf(", payment %d", o.Payment)
	}
	if o.Amount != 0 {
		text += fmt.Sprintf(", %d ₫", o.Amount)
	}
	if o.Answer != "" {
		text += " (" + o.Answer + ")"
	}
	return text
}

func seconds(ns int64) float64 { return time.Duration(ns).Seconds() }

// writes are the kinds that change something when they are carried out.
var writes = []Kind{Create, Pay, PayByToken, Cancel, Refund, Bind, Confirm, Unbind}

func (o Op) isWrite() bool { return slices.Contains(writes, o.Kind) }

// tellsPaid reports whether the answer says that the order is paid.
func (o Op) tellsPaid() bool {
	switch o.Kind {
	case Pay, PayByToken, Callback:
		return o.Result == Done
	case Query, Settled:
		return o.Result == Paid
	default:
	}
	return false
}

// A Recorder collects a history from many clients, and writes each operation
// down as a line of JSON when it is over. It is safe for concurrent use.
type Recorder struct {
	start time.Time
	mu    sync.Mutex
	ops   []Op
	lines *json.Encoder
	err   error
}

// NewRecorder begins a history. Lines go to w.
func NewRecorder(w io.Writer) *Recorder {
	return &Recorder{start: time.Now(), lines: json.NewEncoder(w)} //nolint:forbidigo // of this process's own clients, which share its clock
}

// Now is the time since the history began, in nanoseconds; never 0.
func (r *Recorder) Now() int64 { return int64(time.Since(r.start)) + 1 } //nolint:forbidigo // the same

// Add writes an operation down.
func (r *Recorder) Add(o Op) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ops = append(r.ops, o)
	r.err = cmp.Or(r.err, r.lines.Encode(o))
}

// Ops returns what was recorded so far, and whether all of it was written.
func (r *Recorder) Ops() ([]Op, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ops), r.err
}

// Read reads a history from lines of JSON.
func Read(from io.Reader) (ops []Op, err error) {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		var o Op
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			return nil, fmt.Errorf("line %d: %w", len(ops)+1, err)
		}
		ops = append(ops, o)
	}
	return ops, lines.Err()
}

// Figures are what a history comes to.
type Figures struct {
	Ops        int
	ByResult   map[Result]int
	Acked      int           // writes that were acknowledged
	LongestGap time.Duration // between two of them
	Repeats    int           // callbacks that were accepted before
	MostOfOne  int           // repeats of a single callback
}

func (f Figures) String() string {
	return fmt.Sprintf("%d operations, %d writes acknowledged, %d of unknown outcome, %d not sent; longest time without a commit %v; callbacks repeated %d times, one of them %d times",
		f.Ops, f.Acked, f.ByResult[Unknown], f.ByResult[Unsent], f.LongestGap.Round(time.Millisecond), f.Repeats, f.MostOfOne)
}

// Sum returns the figures of a history.
func Sum(ops []Op) Figures {
	f := Figures{Ops: len(ops), ByResult: map[Result]int{}}
	var ends []int64
	accepted := map[string]int{}
	for _, o := range ops {
		f.ByResult[o.Result]++
		if o.isWrite() && o.Result == Done {
			ends = append(ends, o.End)
		}
		if o.Kind == Callback && o.Result == Done {
			accepted[o.Order]++
		}
	}
	f.Acked = len(ends)
	slices.Sort(ends)
	for i := 1; i < len(ends); i++ {
		f.LongestGap = max(f.LongestGap, time.Duration(ends[i]-ends[i-1]))
	}
	for _, n := range accepted {
		f.Repeats += n - 1
		f.MostOfOne = max(f.MostOfOne, n-1)
	}
	return f
}
