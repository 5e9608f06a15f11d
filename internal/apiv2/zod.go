package apiv2

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"

	"sen"
	"sen/internal/exchange"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

// ZOD is paid by the receiver of a parcel. An invoice is an order underneath,
// whose app_trans_id is the merchant's mcRefId: here are its own names, and
// nothing else.
var (
	createZod = operation{
		Operation: sen.OpCreateZod,
		app:       "appId",
		members: []member{
			{"appId", true, 10, integer},
			{"mcRefId", true, 40, identifier},
			{"amount", true, 0, amount},
			{"receiver", true, 0, recipient},
			{"orderInfo", true, 0, parcels},
			{"mcExtInfo", true, 2048, jsonObject},
			{"hubId", false, 50, text},
			{"driverId", false, 50, text},
			mac,
		},
		call:     (*Server).createZod,
		empty:    func(a *answer, _ time.Time) { a.text("orderUrl", "") },
		envelope: zodEnvelope,
	}
	queryZodInvoice = operation{
		Operation: sen.OpQueryZodInvoice,
		app:       "appId",
		members:   zodName,
		call:      (*Server).queryZodInvoice,
		empty:     createZod.empty,
		envelope:  zodEnvelope,
	}
	queryZodStatus = operation{
		Operation: sen.OpQueryZodStatus,
		app:       "appId",
		members:   zodName,
		call:      (*Server).queryZodStatus,
		empty:     func(a *answer, _ time.Time) { writeZodStatus(a, sen.ZodUnpaid, pay.Payment{}) },
		envelope:  zodEnvelope,
	}
)

var zodName = []member{
	{"appId", true, 10, integer},
	{"mcRefId", true, 40, identifier},
	mac,
}

// The forms of what is JSON in the request itself.
var (
	recipient = form{isReceiver, Form{JSON: "object", Bare: true}}
	parcels   = form{areParcels, Form{JSON: "array", Bare: true}}
)

// longestPart bounds what an order keeps of one member, in bytes.
const longestPart = 16 << 10

func isReceiver(s string) error {
	var r struct {
		Contact *string `json:"contact"`
	}
	if isJSONObject(s) != nil || json.Unmarshal([]byte(s), &r) != nil {
		return shape(`must be a JSON object, as in {"contact":"0901234567"}`)
	}
	return ofLength(s)
}

func areParcels(s string) error {
	var all []*struct {
		TrackingNumber *string  `json:"trackingNumber"`
		Description    *string  `json:"description"`
		Amount         *float64 `json:"amount"`
	}
	bad := shape(`must be a JSON array of objects, as in [{"trackingNumber":"SPX1","description":"Shoes","amount":50000}]`)
	if isJSONArray(s) != nil || json.Unmarshal([]byte(s), &all) != nil {
		return bad
	}
	for _, one := range all {
		if one == nil || one.Amount != nil && *one.Amount != math.Trunc(*one.Amount) {
			return bad
		}
	}
	return ofLength(s)
}

func ofLength(s string) error {
	if len(s) > longestPart {
		return shape("is longer than 16 kB")
	}
	return nil
}

func (s *Server) createZod(ctx context.Context, app merchant.App, f fields) (reply, error) {
	o, err := s.Pay.CreateInvoice(ctx, newInvoice(app, f))
	if errors.Is(err, pay.ErrOrderDuplicate) {
		err = on(pay.ErrOrderDuplicate, "mcRefId", "was used before, by an invoice or as the app_trans_id of an order",
			"đã được dùng, cho một hóa đơn hoặc cho app_trans_id của một đơn hàng")
	}
	if err != nil {
		return reply{}, err
	}
	return reply{
		value:   sen.Success,
		members: func(a *answer) { a.text("orderUrl", s.OrderURL(o)) },
		subject: exchange.Subject{AppTransID: o.AppTransID, Order: int64(o.Key), Change: exchange.OrderCreated},
	}, nil
}

// newInvoice puts the members where an order has such things. The request has no
// callback_url: the callback goes to the app's own.
func newInvoice(app merchant.App, f fields) pay.NewOrder {
	var to struct{ Contact string }
	_ = json.Unmarshal([]byte(f.get("receiver")), &to) // isReceiver has read it
	kept := &answer{}
	for _, name := range []string{"hubId", "driverId"} {
		if v := f.get(name); v != "" {
			kept.text(name, v)
		}
	}
	kept.raw("receiver", f.get("receiver"))
	return pay.NewOrder{
		App:         app,
		AppTransID:  f.get("mcRefId"),
		AppUser:     to.Contact,
		Amount:      money.Amount(f.number("amount")),
		Description: "ZOD " + f.get("mcRefId"),
		Item:        f.get("orderInfo"),
		EmbedData:   f.get("mcExtInfo"),
		RedirectURL: app.RedirectURL,
		Extra:       string(kept.end()),
	}
}

func (s *Server) queryZodInvoice(ctx context.Context, app merchant.App, f fields) (reply, error) {
	rc, err := s.Pay.Invoice(ctx, app.ID, f.get("mcRefId"))
	if err != nil {
		return reply{}, err
	}
	return reply{
		value:   sen.Success,
		members: func(a *answer) { a.text("orderUrl", s.OrderURL(rc.Order)) },
		subject: subjectOf(rc),
	}, nil
}

func (s *Server) queryZodStatus(ctx context.Context, app merchant.App, f fields) (reply, error) {
	rc, err := s.Pay.Invoice(ctx, app.ID, f.get("mcRefId"))
	if err != nil {
		return reply{}, err
	}
	status := zodStanding(rc.Order, s.Now())
	return reply{
		value:   sen.Success,
		members: func(a *answer) { writeZodStatus(a, status, rc.Payment) },
		subject: subjectOf(rc),
	}, nil
}

// zodStanding is where an invoice stands. An attempt that failed does not make it
// fail: clients that are told so stop asking.
func zodStanding(o pay.Order, now time.Time) int {
	switch standing(o, now).value {
	case sen.Success:
		return sen.ZodPaid
	case orderOver:
		return sen.ZodFailed
	}
	return sen.ZodUnpaid
}

func writeZodStatus(a *answer, status int, p pay.Payment) {
	a.number("status", int64(status))
	a.text("amount", strconv.FormatInt(int64(p.Amount), 10))
	a.text("zpTransId", strconv.FormatInt(p.Number, 10))
}

// zodEnvelope writes the four members of every answer, in the case of the rest.
func zodEnvelope(a *answer, v verdict) {
	a.number("returnCode", int64(v.status.ReturnCode))
	a.text("returnMessage", v.status.ReturnMessage().In(v.lang))
	a.number("subReturnCode", int64(v.status.Value))
	a.text("subReturnMessage", v.subMessage())
}

// zodCallback is what a paid invoice is told with.
func zodCallback(o pay.Order, p pay.Payment, user string) sen.ZodCallback {
	return sen.ZodCallback{
		AppID:            int(o.App),
		McRefID:          o.AppTransID,
		Amount:           int64(o.Amount),
		McExtInfo:        o.EmbedData,
		ZPTransID:        sen.TransID(p.Number),
		ServerTime:       p.At.UnixMilli(),
		Channel:          int(p.Channel),
		MerchantUserID:   user,
		UserChargeAmount: int64(p.Amount - p.Discount + p.PayerFee),
		UserFeeAmount:    int64(p.PayerFee),
		DiscountAmount:   int64(p.Discount),
	}
}
