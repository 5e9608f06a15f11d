package simtest

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"time"

	"sen"
)

// A code is what a payer shows to a shop.
type code struct {
	digits string
	wallet *purse
	until  time.Time
	used   bool
}

// quickPay opens an order and pays it with a code. The order stays, whatever
// becomes of the payment.
func (m *model) quickPay(r *request, a *shopApp) verdict {
	made := m.create(r, a)
	if made.value != 1 {
		return made
	}
	o := m.asked(r, orderKey{a.id, r.fields.get("app_trans_id")})
	o.state, o.untold = "created", true
	c, value, rule := m.codeFor(r.fields.get("payment_code"), o.amount)
	keep := func(failure string) func(answer) {
		return func(answer) {
			m.open(o)
			if noted(failure) {
				o.failure = failure
			}
		}
	}
	if value != 0 {
		return verdict{value: value, rule: rule, do: keep("")}
	}
	if why := c.wallet.stopped(); why != "" {
		return verdict{value: tokenTold[why], rule: ruleAnswers, do: keep(why)}
	}
	failure, rule, do := m.take(o, c.wallet, nil)
	if failure != "" {
		return verdict{value: tokenTold[failure], rule: rule, do: keep(failure)}
	}
	return verdict{value: 1, do: func(ans answer) {
		m.open(o)
		c.used = true
		do(ans.number("zp_trans_id"))
	}}
}

// codeFor finds a code that can pay an amount, or says what is answered.
func (m *model) codeFor(digits string, amount int64) (c *code, value, rule int) {
	for _, one := range m.codes {
		if one.digits == digits {
			c = one
		}
	}
	switch {
	case c == nil:
		return nil, -101, ruleAnswers
	case c.used, !m.now.Before(c.until):
		return nil, -101, ruleOnce
	case amount > 2_000_000:
		return nil, -1013, ruleLimits
	}
	return c, 0, 0
}

func (m *model) zod(r *request) verdict {
	key := orderKey{r.app, r.fields.get("mcRefId")}
	o := m.orders[key]
	switch {
	case r.op == sen.OpCreateZod && o != nil:
		return no(-68, ruleDurable)
	case r.op == sen.OpCreateZod:
		return verdict{value: 1, do: func(ans answer) {
			m.open(&order{
				orderKey: key, zod: true, untold: true, link: ans.text("orderUrl"), item: r.fields.get("orderInfo"),
				embed: r.fields.get("mcExtInfo"), amount: r.fields.number("amount"), expires: m.now.Add(30 * 24 * time.Hour),
			})
		}}
	case o == nil, !o.zod:
		return no(-101, ruleAnswers)
	case r.op == sen.OpQueryZodInvoice:
		return verdict{value: 1, do: func(ans answer) { ans.wantText("orderUrl", o.link) }}
	}
	return verdict{value: 1, do: func(ans answer) {
		status, paid := sen.ZodUnpaid, &payment{}
		switch m.shut(o) {
		case "order_paid":
			status, paid = sen.ZodPaid, o.payment
			paid.numbered(ans.number("zpTransId"))
		case "order_cancelled", "order_expired":
			status = sen.ZodFailed
		}
		ans.want("status", int64(status))
		ans.want("amount", paid.amount)
		ans.want("zpTransId", paid.number)
	}}
}

// differsAsZod says what in the callback of an invoice is not what the ledger
// holds, or "".
func (o *order) differsAsZod(got sen.ZodCallback) string {
	p := o.payment
	p.numbered(int64(got.ZPTransID))
	want := sen.ZodCallback{
		AppID: int(o.app), McRefID: o.id, Amount: o.amount, McExtInfo: o.embed, ZPTransID: sen.TransID(p.number),
		ServerTime: p.at.UnixMilli(), Channel: p.channel, MerchantUserID: got.MerchantUserID,
		UserChargeAmount: p.amount - p.discount, DiscountAmount: p.discount,
	}
	if got != want {
		return "want " + string(want.Data())
	}
	return ""
}

var datedName = regexp.MustCompile(`^\d{6}_.+$`)

// dated reports whether a name is one that an order can have which is no invoice.
func dated(id string) bool { return datedName.MatchString(id) && len(id) <= 40 }

// The first version of the API has the same operations under other paths and
// names, and says with one code what the second says with two.
var firstPaths = map[*sen.Operation]string{
	sen.OpCreateOrder: "/v001/tpe/createorder",
	sen.OpQuickPay:    "/v001/tpe/submitqrcodepay",
	sen.OpQueryOrder:  "/v001/tpe/getstatusbyapptransid",
	sen.OpRefundOrder: "/v001/tpe/partialrefund",
	sen.OpQueryRefund: "/v001/tpe/getpartialrefundstatus",
}

func firstName(name string) string {
	if name == "refund_fee_amount" {
		return "refundfee"
	}
	return strings.ReplaceAll(name, "_", "")
}

// firstCode is what the first version says for a verdict.
func firstCode(op *sen.Operation, v verdict) int64 {
	switch op {
	case sen.OpRefundOrder, sen.OpQueryRefund:
		return firstOfRefund(op, v)
	}
	value := map[int]int64{-401: -79, -402: -53, -999: -33, -500: 0, -101: -49, 3: -49}
	switch {
	case v.cause == "clock":
		return -54
	case v.cause == "date":
		return -92
	case v.cause == "app":
		return -2
	case v.value == 3 && (v.cause == "in flight" || v.told):
		return 5
	case v.value == -101 && op == sen.OpQuickPay:
		return -101
	}
	if code, other := value[v.value]; other {
		return code
	}
	return int64(v.value)
}

func firstOfRefund(op *sen.Operation, v verdict) int64 {
	st, _ := op.Status(v.value)
	switch {
	case st.ReturnCode == sen.Processing:
		return 2
	case v.cause == "date":
		return -25
	case v.cause == "app":
		return -10
	case v.value == -101 && op == sen.OpQueryRefund:
		return -21
	}
	value := map[int]int64{-401: -12, -402: -3, -101: -8, -500: 0, 0: -4}
	if code, other := value[v.value]; other {
		return code
	}
	return int64(v.value)
}

// inSecond turns an answer of the first version into that of the second which
// means the same, if it is the one that is expected.
func (s *sim) inSecond(r *request, v verdict, ans answer) answer {
	got := ans.number("returncode")
	ans.old = true
	want := firstCode(r.op, v)
	a := s.m.app(r.app)
	switch {
	case got == want:
		st, _ := r.op.Status(v.value)
		ans.sub, ans.code = int64(v.value), int64(st.ReturnCode)
	case got == 0 && a != nil && a.faults > 0:
		ans.sub = -500
	default:
		rule := ruleAnswers
		if got == 1 && v.rule != 0 {
			rule = v.rule
		}
		s.broken(rule, "%s is answered with returncode %d (%s), and should be with %d", firstPaths[r.op], got, ans.text("returnmessage"), want)
	}
	return ans
}

// parseFirst reads a callback of the first version, which has no type.
func parseFirst(app sen.App, body []byte) (*sen.Callback, error) {
	var envelope struct {
		Data, MAC string
		Type      *int
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return nil, err
	}
	if envelope.Type != nil || !sen.Verify(app.Key2, []byte(envelope.Data), envelope.MAC) {
		return nil, errors.New("no callback of this app, in either version")
	}
	var c struct {
		AppID, Channel                                       int
		AppTransID, AppUser, EmbedData, Item, MerchantUserID string
		AppTime, Amount, ServerTime                          int64
		UserFeeAmount, DiscountAmount                        int64
		ZPTransID                                            sen.TransID
	}
	if err := json.Unmarshal([]byte(envelope.Data), &c); err != nil {
		return nil, err
	}
	if c.AppID != app.ID || c.AppTransID == "" || strings.Contains(envelope.Data, `"app_trans_id"`) {
		return nil, errors.New("a callback of the first version that is not for this app")
	}
	return &sen.Callback{Type: sen.OrderCallbackType, Data: envelope.Data, Order: &sen.OrderCallback{
		AppID: c.AppID, AppTransID: c.AppTransID, AppTime: c.AppTime, AppUser: c.AppUser, Amount: c.Amount, EmbedData: c.EmbedData,
		Item: c.Item, ZPTransID: c.ZPTransID, ServerTime: c.ServerTime, Channel: c.Channel, MerchantUserID: c.MerchantUserID,
		UserFeeAmount: c.UserFeeAmount, DiscountAmount: c.DiscountAmount,
	}}, nil
}
