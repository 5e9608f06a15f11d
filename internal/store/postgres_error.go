package store

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrUnknownOutcome means that the connection broke while a transaction was
// being committed and that nobody could be asked since: it may have been kept
// or not.
var ErrUnknownOutcome = errors.New("the database went away in the middle of a commit: ask for the state before you repeat this")

// unreachable means that no connection could be made.
type unreachable struct {
	address string
	cause   error
}

func (e *unreachable) Error() string {
	return fmt.Sprintf("the database at %s can't be reached: start it, or check --database: %v", e.address, e.cause)
}

func (e *unreachable) Unwrap() error { return e.cause }

// lost wraps an error that ended the connection.
type lost struct{ cause error }

func (e *lost) Error() string { return "the connection to the database broke: " + e.cause.Error() }
func (e *lost) Unwrap() error { return e.cause }

// errWarned means that a server committed with a warning.
var errWarned = errors.New("the database committed with a warning: it may not be on all machines that it should be on")

// isConflict reports whether a transaction lost against another one: run it
// again.
func isConflict(err error) bool {
	switch code(err) {
	case "40001", "40P01", "55P03": // serialization, deadlock, lock not available
		return true
	}
	return false
}

// isLost reports whether the connection, or its server, went away: on another
// one the same may work. After a COMMIT it means that the outcome is unknown.
func isLost(err error) bool {
	if errors.Is(err, ErrUnknownOutcome) {
		return false
	}
	if _, ok := errors.AsType[*unreachable](err); ok {
		return true
	}
	if _, ok := errors.AsType[*lost](err); ok || errors.Is(err, errWarned) {
		return true
	}
	switch c := code(err); c {
	case "25006", "25P03", "40003", "XX000": // a standby by now, idle for too long, unknown, broken
		return true
	default: // of the connection, shut down, out of connections or memory
		return strings.HasPrefix(c, "08") || strings.HasPrefix(c, "57P") || strings.HasPrefix(c, "53")
	}
}

// isRefusal reports whether the server refused a statement, or we did before
// it: something is wrong with one of the calls.
func isRefusal(err error) bool {
	return !isConflict(err) && !isLost(err) && !errors.Is(err, ErrUnknownOutcome)
}

func code(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}
