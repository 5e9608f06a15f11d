// Package fault holds the one error type that has a meaning to a caller.
// Every other error is ours to log and to mend.
package fault

import "errors"

// Kind says what the caller can do about a refusal.
type Kind int

// The kinds of refusal.
const (
	Internal     Kind = iota // nothing; we must mend it
	Invalid                  // send something else
	Unauthorized             // prove who is asking
	Forbidden                // ask somebody who may
	NotFound                 // name something that exists
	Conflict                 // look at the present state first
	Declined                 // pay in another way
	Limited                  // come back later
	Unavailable              // come back later; nothing was done
)

// Error is a refusal with a stable code. Refusals are declared once, as
// variables beside the noun they are about; On and Because make copies that
// still match the original with errors.Is.
type Error struct {
	Kind    Kind
	Code    string // stable; adapters map it to what their wire says
	Message string // English, safe to show to the caller
	Field   string // the input at fault, if one is
	Detail  string // what was expected and what came; safe to show to the one who sent it
	cause   error  // for the log only
}

// New declares a refusal.
func New(kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message}
}

// Error returns the message, the field, the detail and the cause, for a log.
func (e *Error) Error() string {
	s := e.Code + ": " + e.Message
	if e.Field != "" {
		s += " [" + e.Field + "]"
	}
	if e.Detail != "" {
		s += " (" + e.Detail + ")"
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Is reports whether target is a refusal with the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Unwrap returns the cause, if there is one.
func (e *Error) Unwrap() error { return e.cause }

// On returns a copy that names the field at fault and says what was wrong
// with it.
func (e *Error) On(field, detail string) *Error {
	c := *e
	c.Field, c.Detail = field, detail
	return &c
}

// Because returns a copy that carries a cause for the log.
func (e *Error) Because(err error) *Error {
	c := *e
	c.cause = err
	return &c
}

// KindOf returns the kind of the first refusal in err's chain, or Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}
