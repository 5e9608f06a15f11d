package apiv2

import (
	"context"
	"strconv"
	"strings"
	"time"

	"sen"
	"sen/internal/exchange"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

var refundOrder = operation{
	Operation: sen.OpRefundOrder,
	app:       "app_id",
	members: []member{
		{"app_id", true, 10, integer},
		{"m_refund_id", true, 45, identifier},
		{"zp_trans_id", true, 15, digits},
		{"amount", true, 0, amount},
		{"refund_fee_amount", false, 0, fee},
		{"timestamp", true, 0, millis},
		{"description", true, 100, text},
		mac,
	},
	whole:    checkRefund,
	call:     (*Server).refundOrder,
	empty:    func(a *answer, _ time.Time) { a.number("refund_id", 0) },
	envelope: envelope,
}

// checkRefund looks at what two members say together.
func checkRefund(f fields) error {
	// yyMMdd_<app_id>_<suffix>; the day is checked with the clock.
	mine := "_" + strconv.FormatInt(f.number("app_id"), 10) + "_"
	if id := f.get("m_refund_id"); len(id) < 6 || !strings.HasPrefix(id[6:], mine) {
		return on(errMalformed, "m_refund_id", "must be yyMMdd"+mine+" and a suffix, not "+quote(id),
			"phải là yyMMdd"+mine+" và phần đuôi, không phải "+quote(id))
	}
	if number, _, ok := strings.Cut(f.get("description"), "|"); ok && f.get("refund_fee_amount") == "" && isInteger(number) == nil {
		// Whoever captured a refund with a fee could ask for one without.
		return errMalformed.On("description", "may not begin with a number and |, which signs like a refund_fee_amount")
	}
	if f.number("refund_fee_amount") > f.number("amount") {
		return errMalformed.On("refund_fee_amount", "is more than the amount, "+f.get("amount"))
	}
	return nil
}

// The values of a refund that runs, of one that waits for an operator, and of
// one that waits for the merchant's funds.
const (
	refundRuns    = 2
	refundPends   = -1
	refundBlocked = -16
)

func (s *Server) refundOrder(ctx context.Context, app merchant.App, f fields) (reply, error) {
	r, err := s.Pay.RequestRefund(ctx, pay.NewRefund{
		App:         app,
		MRefundID:   f.get("m_refund_id"),
		Payment:     f.number("zp_trans_id"),
		Amount:      money.Amount(f.number("amount")),
		Fee:         money.Amount(f.number("refund_fee_amount")),
		Description: f.get("description"),
		Timestamp:   f.instant("timestamp"),
		MAC:         strings.ToLower(f.get("mac")),
	})
	if err != nil {
		return reply{}, err
	}
	return reply{
		value:   refundRuns,
		members: func(a *answer) { a.number("refund_id", r.Number) },
		subject: exchange.Subject{Payment: r.Payment, Refund: r.Number, Change: exchange.RefundAccepted},
	}, nil
}

var queryRefund = operation{
	Operation: sen.OpQueryRefund,
	app:       "app_id",
	members: []member{
		{"app_id", true, 10, integer},
		{"m_refund_id", true, 45, identifier},
		{"timestamp", true, 0, millis},
		mac,
	},
	call:     (*Server).queryRefund,
	empty:    func(*answer, time.Time) {},
	envelope: envelope,
}

func (s *Server) queryRefund(ctx context.Context, app merchant.App, f fields) (reply, error) {
	if err := s.Pay.CheckTime("timestamp", f.instant("timestamp")); err != nil {
		return reply{}, err
	}
	r, err := s.Pay.RefundByMerchantID(ctx, app.ID, f.get("m_refund_id"))
	if err != nil {
		return reply{}, err
	}
	return reply{value: refundStanding(r), subject: exchange.Subject{Payment: r.Payment, Refund: r.Number}}, nil
}

// refundStanding is the value that tells a merchant where a refund stands.
func refundStanding(r pay.Refund) int {
	switch r.State {
	case pay.RefundSucceeded:
		return sen.Success
	case pay.RefundPending:
		return refundPends
	case pay.RefundBlocked:
		return refundBlocked
	case pay.RefundRunning, pay.RefundSent:
		return refundRuns
	case pay.RefundFailed:
	}
	switch r.Failure {
	case pay.RefundPeriod:
		return -13
	case pay.RefundAmount, pay.RefundRejected:
		return -14
	case pay.RefundPartial:
		return -32
	case pay.RefundChannel:
		return -2
	case pay.RefundBank:
		return 0
	}
	return systemError
}
