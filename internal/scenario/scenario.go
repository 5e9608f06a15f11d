// Package scenario holds the rules with which a developer makes a sandbox
// answer what no state of it would: any value of the catalogue on demand, late
// answers, and broken ones. A forced answer changes no state.
package scenario

import (
	"strconv"
	"strings"
	"time"

	"sen"
	"sen/internal/fault"
	"sen/internal/merchant"
)

// A Rule says how calls that it matches are answered.
type Rule struct {
	ID        int64
	Operation string            // name as in the catalogue; "" for all
	App       merchant.ID       // 0 for all
	Match     map[string]string // members that the request must have, character by character
	Effect    Effect
	Left      int64     // calls that it still answers; Unlimited until it is removed
	ExpiresAt time.Time // zero: never
}

// Unlimited is the count of a rule that does not count.
const Unlimited = -1

// An Effect is what a rule does to a call.
type Effect struct {
	Value  int // sub_return_code, or 0 with HasValue unset
	Forced bool
	Delay  time.Duration
	Break  Break
}

// Break is a way in which an answer can go wrong.
type Break string

// The ways.
const (
	Whole     Break = ""
	Hang      Break = "hang"     // no answer until the client gives up
	Reset     Break = "reset"    // the connection is cut before any answer
	Truncate  Break = "truncate" // the body ends in the middle
	ServerErr Break = "http_500" // an HTML page with status 500
	Gateway   Break = "http_502" // likewise 502
	Away      Break = "http_503" // likewise 503
	NoJSON    Break = "not_json" // status 200 and text that is not JSON
	Empty     Break = "empty"    // status 200 and no body
)

var breaks = []Break{Hang, Reset, Truncate, ServerErr, Gateway, Away, NoJSON, Empty}

// Refusals of this package.
var (
	ErrEffect = fault.New(fault.Invalid, "scenario_invalid", "The rule can't be read.")
	ErrValue  = fault.New(fault.Invalid, "scenario_value", "The operation has no such value.")
	ErrRule   = fault.New(fault.NotFound, "rule_unknown", "There is no rule with this id.")
)

// MaxDelay bounds how late an answer can be made.
const MaxDelay = 2 * time.Minute

// Check tells whether the rule can be kept. Its value must be one that the
// operation can answer; a rule for all operations is checked against each call.
func (r Rule) Check() error {
	if !r.Effect.Forced && r.Effect.Delay == 0 && r.Effect.Break == Whole {
		return ErrEffect.On("", "say what it does: value, delay or break")
	}
	if r.Left != Unlimited && r.Left <= 0 {
		return ErrEffect.On("calls", "must be positive")
	}
	if err := r.Effect.check(); err != nil {
		return err
	}
	if !r.Effect.Forced {
		return nil
	}
	if r.Operation == "" {
		return r.Effect.checkAnywhere()
	}
	if _, ok := sen.Lookup(r.Operation, r.Effect.Value); !ok {
		return ErrValue.On("value", r.Operation+" never answers "+strconv.Itoa(r.Effect.Value))
	}
	return nil
}

// checkAnywhere wants some operation to have the value: a rule for all of them
// that none can follow would silently do nothing.
func (e Effect) checkAnywhere() error {
	for _, op := range sen.Operations() {
		if _, ok := sen.Lookup(op.Name, e.Value); ok {
			return nil
		}
	}
	return ErrValue.On("value", "no operation ever answers "+strconv.Itoa(e.Value))
}

func (e Effect) check() error {
	if e.Delay < 0 || e.Delay > MaxDelay {
		return ErrEffect.On("delay", "must be 0 to 2m")
	}
	if e.Break == Whole {
		return nil
	}
	for _, b := range breaks {
		if e.Break == b {
			return nil
		}
	}
	return ErrEffect.On("break", "known are "+BreakNames())
}

// BreakNames lists the ways in which an answer can be broken.
func BreakNames() string {
	names := make([]string, 0, len(breaks))
	for _, b := range breaks {
		names = append(names, string(b))
	}
	return strings.Join(names, ", ")
}

// Matches reports whether the rule speaks of the call.
func (r Rule) Matches(operation string, app merchant.ID, member func(string) string, now time.Time) bool {
	if (r.Operation != "" && r.Operation != operation) || (r.App != 0 && r.App != app) ||
		r.Left == 0 || (!r.ExpiresAt.IsZero() && !now.Before(r.ExpiresAt)) {
		return false
	}
	for name, value := range r.Match {
		if member(name) != value {
			return false
		}
	}
	if r.Effect.Forced {
		_, ok := sen.Lookup(operation, r.Effect.Value)
		return ok
	}
	return true
}

// Header is the name of the header with which one call brings its own rule.
const Header = "Sen-Scenario"

// ParseHeader reads the effect in a header, such as "value=-63; delay=2s" or
// "break=reset".
func ParseHeader(operation, text string) (Effect, error) {
	var e Effect
	for part := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		var err error
		switch name {
		case "value":
			e.Forced = true
			e.Value, err = strconv.Atoi(value)
		case "delay":
			e.Delay, err = time.ParseDuration(value)
		case "break":
			e.Break = Break(value)
		default:
			return Effect{}, ErrEffect.On(Header, "write it like value=-63; delay=2s; break=reset")
		}
		if err != nil {
			return Effect{}, ErrEffect.On(Header, name+" can't be read")
		}
	}
	return e, Rule{Operation: operation, Effect: e, Left: Unlimited}.Check()
}

// String writes the effect as the header does; "" for none.
func (e Effect) String() string {
	if e == (Effect{}) {
		return ""
	}
	var parts []string
	if e.Forced {
		parts = append(parts, "value="+strconv.Itoa(e.Value))
	}
	if e.Delay != 0 {
		parts = append(parts, "delay="+e.Delay.String())
	}
	if e.Break != Whole {
		parts = append(parts, "break="+string(e.Break))
	}
	return strings.Join(parts, "; ")
}
