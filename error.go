package sen

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A Code is a sub_return_code as an error, to be matched with [errors.Is]:
//
//	if errors.Is(err, sen.CodeNotFound) { … }
//
// Any value can be matched as Code(value). A value means different things in
// different operations; [Error.Status] tells which.
type Code int

// Codes that a program is likely to handle by itself.
const (
	CodeRefundOutOfTime Code = -13  // a refund's timestamp is not the present; in its query: the period is over
	CodeRefundTooLarge  Code = -14  // more than what is left to refund
	CodeDuplicateRefund Code = -23  // m_refund_id was used before
	CodeOnlyFullRefund  Code = -32  // the payment can only be refunded as a whole
	CodeExpired         Code = -54  // the order expired unpaid, or was cancelled
	CodeBalanceTooLow   Code = -63  // a payment failed; the order can still be paid
	CodeDuplicate       Code = -68  // app_trans_id was used before
	CodeNotFound        Code = -101 // no such order, payment, refund, binding or token
	CodeInvalid         Code = -401 // a member is missing or badly formed
	CodeUnauthorized    Code = -402 // unknown app or wrong mac
	CodeAlreadyPaid     Code = -403 // too late to cancel
	CodeLimited         Code = -429 // too many requests
	CodeInternal        Code = -500 // the gateway failed; the outcome is unknown
	CodeMaintenance     Code = -999 // orders and refunds are closed for maintenance

	CodeBindingEnded  Code = -1002 // the user, the merchant or the operator ended the binding
	CodeTokenExpired  Code = -1007 // the end date of the token has passed
	CodeWalletLocked  Code = -1009 // the user's wallet is locked
	CodeCannotPay     Code = -1010 // the user's balance is too low, or the wallet pays nothing now
	CodeForeignToken  Code = -1011 // the token is another app's, or the identifier another user's
	CodeOverMaxAmount Code = -1013 // more than the binding or the user's own limits allow
	CodeOverAppLimit  Code = -1019 // the app's own limit for a binding and day is used up
	CodeOverKYC       Code = -1800 // more than the wallet's verification level allows

	CodeWalletMaintenance Code = -1801 // bindings are closed for maintenance

	CodeCardInvalid      Code = -7002 // CodeInvalid of the operations on cards
	CodeCardOrder        Code = -7032 // there is no order behind the zp_trans_token that could be paid
	CodeCardToken        Code = -7041 // the card's pay_token is unknown, or another app's or user's
	CodeCardOrderToken   Code = -7202 // the zp_trans_token is malformed, or another app's
	CodeCardIdentifier   Code = -7216 // the identifier is not the one that the card was bound for
	CodeCardBindingEnded Code = -7217 // the card's binding is not confirmed, or has ended
	CodeCardForgotten    Code = -7223 // the gateway no longer holds the card
)

// Error makes a Code a target for errors.Is.
func (c Code) Error() string { return "sub_return_code " + strconv.Itoa(int(c)) }

// An Error is a refusal by the gateway: an answer that was received and says
// that the operation failed.
type Error struct {
	Operation string // name of the operation, such as "create_order"
	Envelope
	Status Status // what the value means; zero if the catalogue lacks it
}

func newError(op *Operation, answer Envelope) *Error {
	e := &Error{Operation: op.Name, Envelope: answer}
	e.Status, _ = op.Status(int(e.Code()))
	return e
}

// Code is the value that says why. That is the sub code, but some answers carry
// a negative value in return_code itself and no sub code.
func (e *Error) Code() Code {
	if e.SubReturnCode == 0 && e.ReturnCode < 0 {
		return Code(e.ReturnCode)
	}
	return Code(e.SubReturnCode)
}

func (e *Error) Error() string {
	message := e.SubReturnMessage
	if message == "" {
		message = e.ReturnMessage
	}
	what := strings.TrimSpace(fmt.Sprintf("%d %s", int(e.Code()), e.Status.Name))
	return fmt.Sprintf("sen: %s: %s: %s", e.Operation, what, message)
}

// Is matches a Code.
func (e *Error) Is(target error) bool {
	code, ok := target.(Code)
	return ok && code == e.Code()
}

// Retryable reports whether the same request may be sent again later.
func (e *Error) Retryable() bool { return e.Status.Retry == RetrySame }

// Final reports whether the order, refund or binding that was asked for has ended
// in this way for good. It is false when it may still change, when only the
// request was wrong, and for a value that the catalogue lacks: ask again, and
// don't give the matter up.
func (e *Error) Final() bool { return e.Status.Final() }

// Advice says what to do, in English for "en" and in Vietnamese otherwise. It is
// empty for a value that the catalogue lacks.
func (e *Error) Advice(lang string) string { return e.Status.Action.In(lang) }

// An ArrivedError says that an earlier try of the same call reached the gateway
// and was carried out, though its answer was lost: a repeated try was refused as
// a duplicate. The order or refund exists. What the lost answer held, such as
// the order_url, cannot be asked for again: query the order to follow it, or
// cancel it and create another under a new identifier.
//
// It can be wrong in one case: when the identifier had been used before the
// call. Identifiers that are never used twice exclude that.
type ArrivedError struct {
	ID      string // the app_trans_id or m_refund_id that exists
	Refusal *Error // the refusal of the repeated try
}

func (e *ArrivedError) Error() string {
	return fmt.Sprintf("sen: %s: %q was accepted by an earlier try whose answer was lost", e.Refusal.Operation, e.ID)
}

// Unwrap returns the refusal, so that it can be matched by its code.
func (e *ArrivedError) Unwrap() error { return e.Refusal }

// An HTTPError is an answer outside the protocol: its HTTP status is not 200.
// Whether the operation was carried out is not known when StatusCode is 500 or
// more.
type HTTPError struct {
	Operation  string
	StatusCode int
}

func (e *HTTPError) Error() string {
	return fmt.Sprintf("sen: %s: the gateway answered HTTP %d", e.Operation, e.StatusCode)
}

// ErrMAC says that the mac of a callback or the checksum of a redirect is not
// that of its content under key2: it was not sent by the gateway, or was changed
// on the way. Nothing in it may be believed.
var ErrMAC = errors.New("sen: the signature does not match")
