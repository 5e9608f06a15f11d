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
	members: []member{
		{"app_id", true, 10, integer},
		{"app_user", true, 50, text},
		{"app_trans_id", true, 40, identifier},
		{"app_time", true, 0, millis},
		{"amount", true, 0, amount},
		{"item", true, 1024, jsonArray},
		{"embed_data", true, 1024, jsonObject},
		{"description", true, 100, text},
		{"payment_code", true, 0, identifier},
		{"callback_url", false, 2048, text},
		{"redirect_url", false, 2048, text},
		{"title", false, 256, text},
		{"currency", false, 3, currency},
		{"device_info", false, 256, text},
		{"userIP", false, 64, text},
		mac,
	},
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
