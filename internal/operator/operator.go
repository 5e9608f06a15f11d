// Package operator knows who may use the console, what each of them may see and
// change there, and how a change is put on record.
package operator

import (
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sen/internal/fault"
	"sen/internal/merchant"
)

// Role is what somebody does at the console.
type Role string

// The roles. They are stored: never change one.
const (
	Admin    Role = "operator" // everything
	Support  Role = "support"  // reads everything but keys, and replays callbacks
	Merchant Role = "merchant" // the same for its own apps only, and their keys and addresses
)

// Right is something that a role may do.
type Right string

// The rights. Those that read come first. Each holds for the apps that the
// operator sees.
const (
	ReadOrders   Right = "read_orders"   // orders, refunds, bindings, callbacks, apps, the catalogue
	ReadPayers   Right = "read_payers"   // wallets and stored cards
	ReadBooks    Right = "read_books"    // accounts and entries
	ReadSettings Right = "read_settings" // limits, campaigns, maintenance, a sandbox's rules and clock
	ReadAudit    Right = "read_audit"

	ReplayCallbacks Right = "replay_callbacks"
	SetAddresses    Right = "set_addresses" // where an app is told of payments
	UseKeys         Right = "use_keys"      // show and renew the keys of an app
	Change          Right = "change"        // everything else
	SetOperators    Right = "set_operators" // who may use the console
)

var rights = map[Role][]Right{
	Admin: {
		ReadOrders, ReadPayers, ReadBooks, ReadSettings, ReadAudit,
		ReplayCallbacks, SetAddresses, UseKeys, Change, SetOperators,
	},
	Support:  {ReadOrders, ReadPayers, ReadBooks, ReadSettings, ReadAudit, ReplayCallbacks},
	Merchant: {ReadOrders, ReplayCallbacks, SetAddresses, UseKeys},
}

// An Operator is somebody who may use the console.
type Operator struct {
	Name         string
	Role         Role
	Apps         []merchant.ID // of a merchant; nil: every app
	PasswordHash string
	TOTP         string   // secret of the codes; "": none
	TOTPStep     int64    // of the last code that was taken
	Recovery     []string // hashes of the codes that are left
	CreatedAt    time.Time
	DisabledAt   time.Time // zero while enabled
}

// May reports whether the operator has the right.
func (o Operator) May(r Right) bool { return slices.Contains(rights[o.Role], r) }

// Sees reports whether the app is one that the operator may know of. 0 is no
// app's: what belongs to all is for those who see all.
func (o Operator) Sees(app merchant.ID) bool {
	return o.Role != Merchant || slices.Contains(o.Apps, app)
}

// Mark changes with whatever must end the sessions that were begun before: the
// password, the role and the apps.
func (o Operator) Mark() string {
	h := sha256.New()
	h.Write([]byte(o.PasswordHash + "\x00" + string(o.Role)))
	for _, app := range o.Apps {
		h.Write([]byte{0, byte(app >> 24), byte(app >> 16), byte(app >> 8), byte(app)})
	}
	return base64.RawStdEncoding.EncodeToString(h.Sum(nil)[:12])
}

// LogValue keeps the hash out of logs.
func (o Operator) LogValue() slog.Value { return slog.StringValue(o.Name) }

// Refusals of this package.
var (
	ErrUnknown  = fault.New(fault.NotFound, "operator_unknown", "There is no operator with this name.")
	ErrExists   = fault.New(fault.Conflict, "operator_exists", "There is an operator with this name already.")
	ErrName     = fault.New(fault.Invalid, "operator_name", "The name of an operator has 2 to 40 small letters, digits, dots, hyphens and underscores.")
	ErrRole     = fault.New(fault.Invalid, "operator_role", "A role is operator, support or merchant.")
	ErrApps     = fault.New(fault.Invalid, "operator_apps", "A merchant needs at least one app, by its number, and the other roles see all of them.")
	ErrPassword = fault.New(fault.Invalid, "password_short", "A password has 12 to 200 characters.")
	ErrCommon   = fault.New(fault.Invalid, "password_common", "This password is among those that are tried first: it is made of common words, names or rows of characters. Take more that only you would think of, or let Sen draw one.")
	ErrWrong    = fault.New(fault.Unauthorized, "password_wrong", "The name, the password or the code is wrong.")
	ErrPaused   = fault.New(fault.Limited, "password_paused", "Too many wrong passwords. Try again later.")
	ErrCode     = fault.New(fault.Invalid, "code_wrong", "The code is not the one that the app shows now.")
	ErrOwn      = fault.New(fault.Conflict, "operator_own", "Nobody takes their own rights away: ask another operator.")
	ErrMayNot   = fault.New(fault.Forbidden, "may_not", "Your role does not allow this.")
)

// Bounds of names and passwords, in characters.
const (
	minName, maxName         = 2, 40
	minPassword, maxPassword = 12, 200
)

// Check tells whether the operator can be stored.
func (o Operator) Check() error {
	foreign := func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && !strings.ContainsRune("._-", c)
	}
	switch {
	case len(o.Name) < minName || len(o.Name) > maxName || strings.ContainsFunc(o.Name, foreign):
		return ErrName
	case rights[o.Role] == nil:
		return ErrRole
	case (o.Role == Merchant) != (len(o.Apps) > 0), slices.ContainsFunc(o.Apps, func(a merchant.ID) bool { return a <= 0 }):
		return ErrApps // 0 would be every app, where one looks for those of one
	}
	return nil
}

// checkPassword tells whether a password can be taken. Words about its owner and
// the gateway make it no longer.
func checkPassword(password string, about ...string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword || n > maxPassword:
		return ErrPassword
	case guessable(password, about):
		return ErrCommon
	}
	return nil
}
