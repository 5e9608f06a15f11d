package apiv2

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"sen"
	"sen/internal/apiv1"
	"sen/internal/exchange"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

// Lengths and forms are those of the provider's documentation. Where its pages
// differ (embed_data: 1024 or 2048 characters) the longer one counts.
var createOrder = operation{
	Operation: sen.OpCreateOrder,
	app:       "app_id",
	members: orderMembers(2048, 256,
		[]member{
			{"expire_duration_seconds", false, 0, life},
			{"bank_code", false, 20, text},
		},
		member{"sub_app_id", false, 50, text},
		member{"product_code", false, 0, text},
		member{"phone", false, 50, text},
		member{"email", false, 100, text},
		member{"address", false, 1024, text},
	),
	call:     in(pay.V2, (*Server).createIn),
	empty:    func(a *answer, _ time.Time) { writeCreated(a, "", "", "") },
	envelope: envelope,
}

// orderMembers are the members of a request that makes an order: those of every
// such request, with the longest item and embed_data, and description, in
// characters, and the operation's own, in between and at the end.
func orderMembers(data, description int, own []member, more ...member) []member {
	return slices.Concat([]member{
		{"app_id", true, 10, integer},
		{"app_user", true, 50, text},
		{"app_trans_id", true, 40, identifier},
		{"app_time", true, 0, millis},
		{"amount", true, 0, amount},
		{"item", true, data, jsonArray},
		{"embed_data", true, data, jsonObject},
		{"description", true, description, text},
	}, own, []member{
		{"callback_url", false, 2048, text},
		{"redirect_url", false, 2048, text},
		{"title", false, 256, text},
		{"currency", false, 3, currency},
		{"device_info", false, 256, text},
	}, more, []member{mac})
}

// kept are the optional members that an order carries along for those who look
// at it later. No rule reads them.
var kept = []string{"device_info", "sub_app_id", "phone", "email", "address"}

func (s *Server) createIn(ctx context.Context, v pay.Version, app merchant.App, f fields) (reply, error) {
	if err := s.checkCallback("callback_url", f.get("callback_url")); err != nil {
		return reply{}, err
	}
	o, err := s.Pay.CreateOrder(ctx, newOrder(v, app, f))
	if err != nil {
		return reply{}, err
	}
	return reply{
		value:   sen.Success,
		members: func(a *answer) { writeCreated(a, o.Token, s.OrderURL(o), s.QRCode(o)) },
		subject: exchange.Subject{Order: int64(o.Key), Change: exchange.OrderCreated},
	}, nil
}

// newOrder is what a request asks for. Members that the operation does not have
// are empty.
func newOrder(v pay.Version, app merchant.App, f fields) pay.NewOrder {
	return pay.NewOrder{
		App:         app,
		AppTransID:  f.get("app_trans_id"),
		AppUser:     f.get("app_user"),
		AppTime:     f.instant("app_time"),
		Amount:      money.Amount(f.number("amount")),
		Description: f.get("description"),
		Title:       f.get("title"),
		Item:        f.get("item"),
		EmbedData:   f.get("embed_data"),
		BankCode:    f.get("bank_code"),
		CallbackURL: f.get("callback_url"),
		RedirectURL: redirectURL(app, f),
		Extra:       extra(f),
		Life:        time.Duration(f.number("expire_duration_seconds")) * time.Second,
		Version:     v,
	}
}

func writeCreated(a *answer, token, orderURL, qrCode string) {
	a.text("zp_trans_token", token)
	a.text("order_url", orderURL)
	a.text("order_token", token)
	a.text("qr_code", qrCode)
}

// redirectURL is where the payer goes back to: embed_data says it first, then
// the request, then the app.
func redirectURL(app merchant.App, f fields) string {
	var embed struct {
		RedirectURL string `json:"redirecturl"`
	}
	// Another type under that name is the merchant's own affair.
	_ = json.Unmarshal([]byte(f.get("embed_data")), &embed)
	for _, u := range []string{embed.RedirectURL, f.get("redirect_url")} {
		if u != "" {
			return u
		}
	}
	return app.RedirectURL
}

func extra(f fields) string {
	a := &answer{}
	for _, name := range kept {
		if v := f.get(name); v != "" {
			a.text(name, v)
		}
	}
	if a.buf == nil {
		return ""
	}
	return string(a.end())
}

var queryOrder = operation{
	Operation: sen.OpQueryOrder,
	app:       "app_id",
	members: []member{
		{"app_id", true, 10, integer},
		{"app_trans_id", true, 0, transID},
		mac,
	},
	call:     (*Server).queryOrder,
	empty:    func(a *answer, now time.Time) { writeReceipt(a, false, pay.Payment{}, now) },
	envelope: envelope,
}

func (s *Server) queryOrder(ctx context.Context, app merchant.App, f fields) (reply, error) {
	rc, err := s.Pay.Receipt(ctx, app.ID, f.get("app_trans_id"))
	if err != nil {
		return reply{}, err
	}
	now := s.Now()
	rep := standing(rc.Order, now)
	if rc.Payment.Number != 0 {
		now = rc.Payment.At
	}
	rep.subject = subjectOf(rc)
	rep.members = func(a *answer) { writeReceipt(a, rc.Order.State == pay.OrderProcessing, rc.Payment, now) }
	return rep, nil
}

// standing is the value that tells a merchant where an order stands. A failed
// attempt is told until the next one or the end of the order; an order whose
// time is up says so before anyone has closed it.
func standing(o pay.Order, now time.Time) reply {
	err := o.Payable(now)
	switch {
	case errors.Is(err, pay.ErrOrderPaid):
		return reply{value: sen.Success}
	case errors.Is(err, pay.ErrOrderInFlight):
		return reply{value: sen.Processing}
	case errors.Is(err, pay.ErrOrderExpired):
		return reply{value: -54}
	case errors.Is(err, pay.ErrOrderCancelled):
		return reply{value: -54, text: sen.OrderCancelledText()}
	}
	if value, ok := failures[o.Failure]; ok {
		return reply{value: value}
	}
	return reply{value: sen.Processing, first: apiv1.NotPaid}
}

// failures are the values that tell why the last attempt failed.
var failures = map[pay.Failure]int{
	pay.LowBalance:        -63,
	pay.BankFailure:       -217,
	pay.NoPromotion:       -332,
	pay.NoPromotionForYou: -333,
	"limit_day_all":       -1330,
	"limit_day_wallet":    -1331,
	"limit_day_bank":      -1332,
	"limit_day_card":      -1333,
	"limit_month_all":     -1340,
	"limit_month_wallet":  -1341,
	"limit_month_bank":    -1342,
	"limit_month_card":    -1343,
}

func writeReceipt(a *answer, processing bool, p pay.Payment, at time.Time) {
	a.truth("is_processing", processing)
	a.number("amount", int64(p.Amount))
	a.number("discount_amount", int64(p.Discount))
	a.number("zp_trans_id", p.Number)
	a.number("server_time", at.UnixMilli())
}

var cancelOrder = operation{
	Operation: sen.OpCancelOrder,
	app:       "app_id",
	members:   queryOrder.members,
	call:      (*Server).cancelOrder,
	empty:     func(*answer, time.Time) {},
	envelope:  envelope,
}

func (s *Server) cancelOrder(ctx context.Context, app merchant.App, f fields) (reply, error) {
	cancelled, err := s.Pay.CancelOrder(ctx, app.ID, f.get("app_trans_id"))
	rep := reply{value: sen.Success}
	if cancelled {
		rep.subject.Change = exchange.OrderCancelled
	}
	return rep, err
}
