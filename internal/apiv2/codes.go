package apiv2

import (
	"errors"
	"net/http"

	"golang.org/x/text/language"

	"sen"
	"sen/internal/fault"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/scenario"
)

// Refusals that only this wire knows.
var (
	errMalformed   = fault.New(fault.Invalid, "request_malformed", "A member of the request is missing or not as it must be.")
	errTransID     = fault.New(fault.Invalid, "app_trans_id_malformed", "The app_trans_id is not of the required form.")
	errMAC         = fault.New(fault.Unauthorized, "mac_wrong", "The mac does not verify.")
	errMaintenance = fault.New(fault.Unavailable, "maintenance", "The operation is closed for maintenance.")
	errLimited     = fault.New(fault.Limited, "rate", "The app called the operation too often.")
	errMethod      = fault.New(fault.Invalid, "method", "The merchant API is called with POST.")
	errTooLarge    = fault.New(fault.Invalid, "too_large", "The body is larger than 128 kB.")
	errUnsupported = fault.New(fault.Invalid, "unsupported", "The body is in an encoding that this API does not read.")
)

// systemError is the value of every failure of our own.
const systemError = -500

// deepLinkSystem is systemError, and maintenance, of bank deep links.
const deepLinkSystem = -6100

// malformed is the value of a request that is not as it must be.
const malformed = -401

// unsigned is the value of a request that no app has signed.
const unsigned = -402

// values maps refusals to sub_return_code. An operation's own row beats the
// general one.
var values = []struct {
	operation *sen.Operation // nil: every operation
	refusal   *fault.Error
	value     int
}{
	{sen.OpCancelOrder, pay.ErrOrderPaid, -403},
	{sen.OpCancelOrder, pay.ErrOrderInFlight, -403},
	{sen.OpQueryOrder, errTransID, -92},

	{sen.OpRefundOrder, pay.ErrRefundPartial, -32},
	{sen.OpRefundOrder, pay.ErrRefundChannel, 0},
	{sen.OpPayByTokenWallet, pay.ErrOrderNotFound, malformed},
	{sen.OpPayByTokenWallet, pay.ErrOrderPaid, malformed},
	{sen.OpPayByTokenWallet, pay.ErrOrderExpired, malformed},
	{sen.OpPayByTokenWallet, pay.ErrOrderCancelled, malformed},
	{sen.OpPayByTokenWallet, pay.ErrOrderInFlight, malformed},
	{sen.OpGetBankDeepLinks, merchant.ErrUnknown, -6101},
	{sen.OpGetBankDeepLinks, errMAC, -6103},
	{sen.OpGetBankDeepLinks, errBankCodes, -6105},
	{sen.OpGetBankDeepLinks, pay.ErrOrderNotFound, -6106},
	{sen.OpGetBankDeepLinks, pay.ErrOrderPaid, -6106},
	{sen.OpGetBankDeepLinks, pay.ErrOrderExpired, -6106},
	{sen.OpGetBankDeepLinks, pay.ErrOrderCancelled, -6106},
	{sen.OpGetBankDeepLinks, pay.ErrOrderInFlight, -6106},
	{sen.OpDisbursementUser, pay.ErrPhone, malformed},
	{sen.OpQueryUserInfo, pay.ErrTokenForeign, -101},
	{sen.OpQueryUserInfo, pay.ErrTokenExpired, -1002},

	{nil, errMalformed, malformed},
	{nil, errTransID, malformed},
	{nil, scenario.ErrEffect, malformed},
	{nil, scenario.ErrValue, malformed},
	{nil, errMethod, malformed},
	{nil, errTooLarge, malformed},
	{nil, errUnsupported, malformed},
	{nil, money.ErrInvalid, malformed},
	{nil, pay.ErrClock, malformed},
	{nil, pay.ErrDatePrefix, malformed},
	{nil, merchant.ErrUnknown, unsigned},
	{nil, errMAC, unsigned},
	{nil, errLimited, -429},
	{nil, errCrowded, -429},
	{nil, pay.ErrOrderDuplicate, -68},
	{nil, pay.ErrOrderNotFound, -101},
	{nil, pay.ErrPaymentNotFound, -101},
	{nil, pay.ErrRefundNotFound, -101},
	{nil, pay.ErrRefundClock, -13},
	{nil, pay.ErrRefundReplayed, -13},
	{nil, pay.ErrRefundDuplicate, -23},
	{nil, pay.ErrBindingDuplicate, -68},
	{nil, pay.ErrBindingNotFound, -101},
	{nil, pay.ErrTokenUnknown, -101},
	{nil, pay.ErrTokenForeign, -1011},
	{nil, pay.ErrBindingEnded, -1002},
	{nil, pay.ErrTokenExpired, -1007},
	{nil, pay.ErrWalletLocked, -1009},
	{nil, pay.ErrBalanceLow, -1010},
	{nil, pay.ErrPaymentsOff, -1010},
	{nil, pay.ErrPINNotSet, -1010},
	{nil, pay.ErrPromotion, -1010},
	{nil, pay.ErrPromotionEligible, -1010},
	{nil, pay.ErrOverMaxAmount, -1013},
	{nil, pay.ErrLimit, -1013},
	{nil, pay.ErrOverAppLimit, -1019},
	{nil, pay.ErrCode, -101},
	{nil, pay.ErrCodeExpired, -101},
	{nil, pay.ErrCodeUsed, -101},
	{nil, pay.ErrCodeAmount, -1013},
	{nil, pay.ErrKYC, -1800},
	{nil, pay.ErrOrderToken, -7202},
	{nil, pay.ErrNoSuchOrder, -7032},
	{nil, pay.ErrNoSuchCardToken, -7041},
	{nil, pay.ErrCardTokenState, -7217},
	{nil, pay.ErrCardNotFound, -7223},
	{nil, pay.ErrIdentifier, -7216},
	{nil, pay.ErrPaymentID, malformed},
	{nil, merchant.ErrNoPayouts, malformed},
	{nil, pay.ErrReceiver, noReceiver},
	{nil, pay.ErrReceiverLocked, -1011},
	{nil, pay.ErrFundIn, fundInLimit},
	{nil, pay.ErrDisbursementDuplicate, -68},
	{nil, pay.ErrDisbursementNotFound, -101},
}

// malformedCard is what card operations answer for malformed.
const malformedCard = -7002

// Maintenance has another value for each family of operations.
const (
	maintenanceOrders        = -999
	maintenanceWallets       = -1801
	maintenanceDisbursements = -503
)

// valueOf returns the value that answers err, and whether err is a refusal
// that this wire has a value for.
//
// Card operations have one value of their own for everything that is wrong
// with a request.
func valueOf(operation string, err error) (value int, known bool) {
	value, known = generalValueOf(operation, err)
	if value == malformed {
		if _, ok := sen.Lookup(operation, malformed); !ok {
			value = malformedCard
		}
	}
	return value, known
}

func generalValueOf(operation string, err error) (value int, known bool) {
	if errors.Is(err, errMaintenance) {
		return maintenanceValue(operation), true
	}
	if v, ok := deepLinkValue(operation, err); ok {
		return v, true
	}
	for _, v := range values {
		if (v.operation == nil || v.operation.Name == operation) && errors.Is(err, v.refusal) {
			return v.value, true
		}
	}
	return systemValue(operation), false
}

// systemValue is the value of a failure of our own, which deep links have another
// one for.
func systemValue(operation string) int {
	if operation == sen.OpGetBankDeepLinks.Name {
		return deepLinkSystem
	}
	return systemError
}

// maintenanceValue is the value of a closed operation: the one of its family
// that its table has.
func maintenanceValue(operation string) int {
	for _, v := range []int{maintenanceOrders, maintenanceWallets, maintenanceDisbursements} {
		if _, ok := sen.Lookup(operation, v); ok {
			return v
		}
	}
	return systemValue(operation)
}

// httpStatus is 200 for everything that the API itself decides. Only a request
// that could not be read as one has another status.
func httpStatus(err error) int {
	switch {
	case errors.Is(err, errMethod):
		return http.StatusMethodNotAllowed
	case errors.Is(err, errTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, errUnsupported):
		return http.StatusUnsupportedMediaType
	}
	return http.StatusOK
}

// A verdict is what the members that every answer has are made of.
type verdict struct {
	status sen.Status
	text   sen.Text // instead of the status's own, unless empty
	reason string   // added to the text, unless empty
	first  int      // what the first version answers
	lang   string
}

func (v verdict) subMessage() string {
	text := v.text
	if text == (sen.Text{}) {
		text = v.status.Text
	}
	if v.reason == "" {
		return text.In(v.lang)
	}
	return text.In(v.lang) + ": " + v.reason
}

// envelope writes the four members of every answer of the second version.
func envelope(a *answer, v verdict) {
	a.number("return_code", int64(v.status.ReturnCode))
	a.text("return_message", v.status.ReturnMessage().In(v.lang))
	a.number("sub_return_code", int64(v.status.Value))
	a.text("sub_return_message", v.subMessage())
}

// lookup finds what the operation means by the value. A value without a meaning
// would be a mistake of ours, and a test looks for it; the caller then gets the
// system error that it is.
func lookup(op *sen.Operation, value int) sen.Status {
	st, ok := op.Status(value)
	if !ok {
		st, _ = op.Status(systemValue(op.Name))
	}
	return st
}

var languages = language.NewMatcher([]language.Tag{language.Vietnamese, language.English})

// languageOf returns the language of the answer's texts. Vietnamese is the
// provider's and the default.
func languageOf(header string) string {
	if header == "" || header == "*" {
		return "vi"
	}
	tag, _ := language.MatchStrings(languages, header)
	base, _ := tag.Base()
	return base.String()
}
