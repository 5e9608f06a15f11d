package apiv2

import (
	"context"
	"time"

	"sen"
	"sen/internal/exchange"
	"sen/internal/merchant"
	"sen/internal/pay"
)

// quickPay is create_order with the code that the payer showed: the order is
// paid when the answer comes.
var quickPay = operation{
	Operation: sen.OpQuickPay,
	app:       "app_id",
	members: orderMembers(1024, 100,
		[]member{{"payment_code", true, 0, identifier}},
		member{"userIP", false, 64, text},
	),
	call:     in(pay.V2, (*Server).quickPayIn),
	empty:    func(a *answer, _ time.Time) { writeQuickPay(a, 0) },
	envelope: envelope,
}

func (s *Server) quickPayIn(ctx context.Context, v pay.Version, app merchant.App, f fields) (reply, error) {
	if err := s.checkCallback("callback_url", f.get("callback_url")); err != nil {
		return reply{}, err
	}
	rc, err := s.Pay.QuickPay(ctx, newOrder(v, app, f), f.get("payment_code"))
	about := paidSubject(rc)
	if err != nil {
		if rc.Order.Key != 0 {
			about.Change = exchange.PaymentFailed
		}
		return reply{subject: about}, err
	}
	return reply{
		value:   sen.Success,
		members: func(a *answer) { writeQuickPay(a, rc.Payment.Number) },
		subject: about,
	}, nil
}

func writeQuickPay(a *answer, payment int64) {
	a.truth("is_processing", false)
	a.number("zp_trans_id", payment)
}
