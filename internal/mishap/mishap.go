// Package mishap holds the rules by which a sandbox's callbacks go wrong on
// their way, so that a merchant's server meets in an afternoon what it would
// meet in a year: calls that come late, twice, in another order, damaged, forged
// or never. What is owed stays as it is; only what is sent differs.
package mishap

import (
	"path"
	"slices"
	"strings"
	"time"

	"sen/internal/callback"
	"sen/internal/fault"
	"sen/internal/merchant"
)

// A Kind is a way in which a callback goes wrong.
type Kind string

// The kinds. They are stored: never change one.
const (
	Delay           Kind = "delay"             // sent later, in business time
	AfterExpiry     Kind = "after_expiry"      // sent when the order, though paid, would have expired
	Reorder         Kind = "reorder"           // sent after the app's next one
	Drop            Kind = "drop"              // never sent
	Duplicate       Kind = "duplicate"         // sent again when it was answered
	DuplicateAtOnce Kind = "duplicate_at_once" // sent twice at the same time
	Slow            Kind = "slow"              // its body takes long to arrive, in machine time
	InvalidJSON     Kind = "invalid_json"
	Truncate        Kind = "truncate"
	Changed         Kind = "changed"       // a digit of the data is another, and the mac is wrong
	Key1            Kind = "key1"          // the mac is made with key1
	OtherKey        Kind = "other_key"     // the mac is made with another app's key2
	WrongAmount     Kind = "wrong_amount"  // another amount, with a right mac
	UnknownOrder    Kind = "unknown_order" // another app_trans_id, with a right mac
)

// A trait is what holds for one kind.
type trait struct {
	kind       Kind
	ordersOnly bool // bindings have nothing of that kind
	// How long the Delay of a rule is when none is given, and at the most; 0: the
	// kind takes no time.
	usual, most time.Duration
}

// A claim on a delivery lasts 45 seconds of machine time, and a call may take ten
// after its body has come: that bounds Slow. A callback that waits for a next one
// must go some time, also when none comes.
var traits = []trait{
	{kind: Delay, usual: 10 * time.Second, most: 30 * 24 * time.Hour},
	{kind: AfterExpiry, ordersOnly: true},
	{kind: Reorder, usual: time.Minute, most: 30 * 24 * time.Hour},
	{kind: Drop},
	{kind: Duplicate},
	{kind: DuplicateAtOnce},
	{kind: Slow, usual: 3 * time.Second, most: 20 * time.Second},
	{kind: InvalidJSON},
	{kind: Truncate},
	{kind: Changed},
	{kind: Key1},
	{kind: OtherKey},
	{kind: WrongAmount, ordersOnly: true},
	{kind: UnknownOrder},
}

func (k Kind) trait() (trait, bool) {
	i := slices.IndexFunc(traits, func(t trait) bool { return t.kind == k })
	if i < 0 {
		return trait{}, false
	}
	return traits[i], true
}

// Names lists the kinds.
func Names() string {
	names := make([]string, 0, len(traits))
	for _, t := range traits {
		names = append(names, string(t.kind))
	}
	return strings.Join(names, ", ")
}

// A Rule says which callbacks go wrong, and how.
type Rule struct {
	ID        int64
	App       merchant.ID      // 0 for all
	Subject   callback.Subject // "" for all
	TransID   string           // pattern of the app_trans_id with * and ?; "" for all
	Kind      Kind
	Delay     time.Duration // of Delay, Reorder (at most) and Slow
	Left      int64         // callbacks that it still meets; Unlimited until it is removed
	ExpiresAt time.Time     // zero: never
}

// Unlimited is the count of a rule that does not count.
const Unlimited = -1

// Refusals of this package.
var (
	ErrRule    = fault.New(fault.Invalid, "callback_rule_invalid", "The callback rule can't be read.")
	ErrUnknown = fault.New(fault.NotFound, "callback_rule_unknown", "There is no callback rule with this id.")
)

// Complete fills in the time that a kind takes when none is given.
func (r *Rule) Complete() {
	if t, _ := r.Kind.trait(); r.Delay == 0 {
		r.Delay = t.usual
	}
}

// Check tells whether the rule can be kept.
func (r Rule) Check() error {
	t, ok := r.Kind.trait()
	switch {
	case !ok:
		return ErrRule.On("kind", "known are "+Names())
	case r.Subject != "" && r.Subject != callback.OrderPaid && r.Subject != callback.BindingChanged:
		return ErrRule.On("subject", "known are order and binding")
	case t.ordersOnly && r.Subject == callback.BindingChanged:
		return ErrRule.On("subject", "only callbacks of orders can go wrong like that")
	case r.Left != Unlimited && r.Left <= 0:
		return ErrRule.On("calls", "must be positive")
	case t.most == 0 && r.Delay != 0:
		return ErrRule.On("delay", string(r.Kind)+" takes no time")
	case t.most > 0 && (r.Delay <= 0 || r.Delay > t.most):
		return ErrRule.On("delay", "must be more than 0 and at most "+t.most.String())
	}
	if _, err := path.Match(r.TransID, ""); err != nil {
		return ErrRule.On("app_trans_id", "is no pattern: write it like 261122_* or 261122_??7")
	}
	return nil
}

// matches reports whether the rule speaks of the delivery.
func (r Rule) matches(d callback.Delivery, now time.Time) bool {
	t, _ := r.Kind.trait()
	if r.Left == 0 || (!r.ExpiresAt.IsZero() && !now.Before(r.ExpiresAt)) ||
		(r.App != 0 && r.App != d.App) || (r.Subject != "" && r.Subject != d.Subject) ||
		(t.ordersOnly && d.Subject != callback.OrderPaid) {
		return false
	}
	if r.TransID == "" {
		return true
	}
	ok, err := path.Match(r.TransID, transID(d.Body))
	return ok && err == nil
}
