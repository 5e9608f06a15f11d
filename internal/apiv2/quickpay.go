package apiv2

import (
	"context"
	"errors"
	"slices"
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
	code:      "payment_code",
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
		return reply{subject: about}, f.doubtCode(err)
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

// opened returns the members with the payment code in the clear, if it was
// encrypted. Whether that went well shows nowhere: see merchant.App.OpenCode.
func (f fields) opened(member string, app merchant.App) fields {
	at := slices.IndexFunc(f, func(one field) bool { return one.name == member })
	if member == "" || at < 0 || !merchant.IsSealedCode(f[at].value) {
		return f
	}
	f = slices.Clone(f)
	f[at].value, f[at].from = app.OpenCode(f[at].value), fromSealed
	return f
}

// doubtCode adds to the refusal of a code that came encrypted what may be wrong
// with that, which is the same whatever it is.
func (f fields) doubtCode(err error) error {
	sealed := slices.ContainsFunc(f, func(one field) bool { return one.from == fromSealed })
	if !sealed || !errors.Is(err, pay.ErrCode) {
		return err
	}
	const en = "there is no such payment code; it came encrypted: with the key that \"sen app code-key\" shows for this app, as base64?"
	const vi = "không có mã thanh toán này; mã được gửi dưới dạng mã hóa: có đúng khóa của app (xem \"sen app code-key\") và base64 không?"
	return told{err, sen.Text{EN: en, VI: vi}}
}
