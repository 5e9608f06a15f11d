// Package merchant knows who may ask: the apps of merchants, their keys and
// what each app is allowed.
package merchant

import (
	"log/slog"
	"strconv"
	"time"

	"sen/internal/fault"
	"sen/internal/money"
)

// ID is the number of an app, app_id on the wire: a positive 31-bit number.
type ID int64

// App is one shop's access to the gateway.
type App struct {
	ID   ID
	Name string // shown to the payer
	Key1 string // signs what the merchant sends
	Key2 string // signs what we send: callbacks and redirects

	// The keys of before, while they are good too: see Overlaps and CallbackKey.
	OldKey1, OldKey2 string
	OldUntil         time.Time // zero: there are none

	// CodeKey is the private half of the key with which the app may encrypt
	// payment codes; "" before anybody asked for the public one.
	CodeKey string

	CallbackURL string // used by orders that bring none
	RedirectURL string // likewise

	CreatedAt  time.Time
	DisabledAt time.Time // zero while enabled

	Disbursement Disbursement

	Terms Terms
	// TermsAt is when the terms were changed, told by who changes them. It is kept
	// with a fee that changed, and not with the app.
	TermsAt time.Time
}

// Terms are the numbers an operator agrees on with a merchant. A zero value
// means: no such limit, no such fee.
type Terms struct {
	// RatePerSecond is how many calls of one operation the app may make in a
	// second, with as many again at once.
	RatePerSecond int64
	// FeeBP is the merchant's fee in basis points of the amount paid, taken
	// when the payment is booked; 0 to 10,000.
	FeeBP int64
	// RefundApprovalFrom is the smallest refund that waits for an operator.
	RefundApprovalFrom money.Amount
	// RefundPeriod is how long after the payment it may be refunded.
	RefundPeriod time.Duration
	// ReceivableLimit is how much the merchant may come to owe us when a
	// refund is larger than the balance we hold for it.
	ReceivableLimit money.Amount
	// TokenLife is how long a token pays after its user confirmed it.
	TokenLife time.Duration
	// TokenDayCount and TokenDayAmount bound the payments by one token on one
	// day at GMT+7.
	TokenDayCount  int64
	TokenDayAmount money.Amount
}

// Refusals of this package.
var (
	ErrUnknown = fault.New(fault.Unauthorized, "app_unknown", "There is no app with this app_id, or it is disabled.")
	ErrTerms   = fault.New(fault.Invalid, "terms_invalid", "The terms of the app are out of range.")
	ErrExists  = fault.New(fault.Conflict, "app_exists", "There is an app with this app_id already.")
	ErrKey     = fault.New(fault.Invalid, "key_invalid", "A key must have at least 16 printable characters.")
)

// String names the app without its keys.
func (a App) String() string { return "app " + strconv.FormatInt(int64(a.ID), 10) }

// Label is how payers know the app.
func (a App) Label() string {
	if a.Name == "" {
		return a.String()
	}
	return a.Name
}

// GoString keeps the keys out of %#v too.
func (a App) GoString() string { return a.String() }

// LogValue keeps the keys out of structured logs.
func (a App) LogValue() slog.Value { return slog.Int64Value(int64(a.ID)) }

// ReplaceKeys gives the app new keys. The ones that it had stay good until then;
// a time that is not after now, or zero, voids them at once.
func (a *App) ReplaceKeys(key1, key2 string, now, until time.Time) {
	a.OldKey1, a.OldKey2, a.OldUntil = a.Key1, a.Key2, until
	a.Key1, a.Key2 = key1, key2
	if !a.Overlaps(now) {
		a.DropOldKeys()
	}
}

// DropOldKeys ends the time in which the keys of before are good.
func (a *App) DropOldKeys() { a.OldKey1, a.OldKey2, a.OldUntil = "", "", time.Time{} }

// Overlaps reports whether the keys of before are good as well: the merchant may
// sign with OldKey1 too.
func (a App) Overlaps(now time.Time) bool { return a.OldKey1 != "" && now.Before(a.OldUntil) }

// CallbackKey returns the key that signs what we send. As long as the keys of
// before are good it is the one of them: the merchant's server knows it already,
// and may not know the new one yet.
func (a App) CallbackKey(now time.Time) string {
	if a.Overlaps(now) {
		return a.OldKey2
	}
	return a.Key2
}

// Enabled reports whether the app may ask for anything at all.
func (a App) Enabled() bool { return a.DisabledAt.IsZero() }

const (
	maxRate      = 1_000_000
	maxFeeBP     = 10_000
	maxPeriod    = 10 * 365 * 24 * time.Hour
	minKeyLength = 16
)

// Check tells whether every term is in its range.
func (t Terms) Check() error {
	switch {
	case t.RatePerSecond < 0 || t.RatePerSecond > maxRate:
		return ErrTerms.On("rate_per_second", "must be 0 to 1000000")
	case t.FeeBP < 0 || t.FeeBP > maxFeeBP:
		return ErrTerms.On("fee_bp", "must be 0 to 10000 basis points")
	case t.RefundApprovalFrom < 0 || t.RefundApprovalFrom > money.Max:
		return ErrTerms.On("refund_approval_from", "must be 0 to "+money.Max.Digits())
	case t.RefundPeriod < 0 || t.RefundPeriod > maxPeriod:
		return ErrTerms.On("refund_period", "must be 0 to 10 years")
	case t.ReceivableLimit < 0 || t.ReceivableLimit > money.Max:
		return ErrTerms.On("receivable_limit", "must be 0 to "+money.Max.Digits())
	case t.TokenLife < 0 || t.TokenLife > maxPeriod:
		return ErrTerms.On("token_life", "must be 0 to 10 years")
	case t.TokenDayCount < 0 || t.TokenDayCount > maxRate:
		return ErrTerms.On("token_day_count", "must be 0 to 1000000")
	case t.TokenDayAmount < 0 || t.TokenDayAmount > money.Max:
		return ErrTerms.On("token_day_amount", "must be 0 to "+money.Max.Digits())
	}
	return nil
}

// Check tells whether the app can be stored.
func (a App) Check() error {
	if a.ID <= 0 || a.ID > 1<<31-1 {
		return ErrTerms.On("app_id", "must be a positive number below 2147483648")
	}
	for field, key := range map[string]string{"key1": a.Key1, "key2": a.Key2} {
		if len(key) < minKeyLength || !printable(key) {
			return ErrKey.On(field, "")
		}
	}
	if err := a.Disbursement.Check(); err != nil {
		return err
	}
	return a.Terms.Check()
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
