package bench

import (
	"strconv"

	"sen"
)

// A request is built into one buffer, again and again, without the work of a
// general client: what the generator spends, the server lacks.
type request struct {
	head string // up to the length of the body
	buf  []byte
	body []byte
}

func newRequest(host, path, contentType string) *request {
	return &request{head: "POST " + path + " HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: " + contentType + "\r\nContent-Length: "}
}

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

func (r *request) begin() { r.body = r.body[:0] }

// member adds a member of a form. The value is written as it is: it must need
// no escapes.
func (r *request) member(name, value string) {
	if len(r.body) > 0 {
		r.body = append(r.body, '&')
	}
	r.body = append(r.body, name...)
	r.body = append(r.body, '=')
	r.body = append(r.body, value...)
}

func (r *request) bytes() []byte {
	r.buf = append(r.buf[:0], r.head...)
	r.buf = strconv.AppendInt(r.buf, int64(len(r.body)), 10)
	r.buf = append(r.buf, "\r\n\r\n"...)
	return append(r.buf, r.body...)
}

// joined is the text that a mac covers. It is good until the next one.
func (r *request) joined(parts ...string) []byte {
	r.buf = r.buf[:0]
	for i, part := range parts {
		if i > 0 {
			r.buf = append(r.buf, '|')
		}
		r.buf = append(r.buf, part...)
	}
	return r.buf
}

// The members that are the same in every order; with the others they make a
// body of about 500 bytes. The escaped form is what travels, the plain one is
// what is signed.
const (
	itemPlain    = `[{"itemid":"knb","itemname":"kim nguyen bao","itemprice":50000,"itemquantity":1}]`
	itemEscaped  = `%5B%7B%22itemid%22:%22knb%22%2C%22itemname%22:%22kim+nguyen+bao%22%2C%22itemprice%22:50000%2C%22itemquantity%22:1%7D%5D`
	embedPlain   = `{"promotioninfo":"","merchantinfo":"bench"}`
	embedEscaped = `%7B%22promotioninfo%22:%22%22%2C%22merchantinfo%22:%22bench%22%7D`
	orderAmount  = 50_000
	orderAmountS = "50000"
)

// create fills the request with a signed order.
func (r *request) create(app sen.App, transID, millis, callbackURL string) {
	id := strconv.Itoa(app.ID)
	mac := sen.Sign(app.Key1, r.joined(id, transID, "user123", orderAmountS, millis, embedPlain, itemPlain))
	r.begin()
	r.member("app_id", id)
	r.member("app_trans_id", transID)
	r.member("app_user", "user123")
	r.member("app_time", millis)
	r.member("amount", orderAmountS)
	r.member("item", itemEscaped)
	r.member("embed_data", embedEscaped)
	r.member("description", "Payment+for+an+order+of+the+benchmark")
	r.member("expire_duration_seconds", "86400")
	if callbackURL != "" {
		r.member("callback_url", callbackURL)
	}
	r.member("mac", mac)
}

// query fills the request with the question after an order.
func (r *request) query(app sen.App, transID string) {
	id := strconv.Itoa(app.ID)
	mac := sen.Sign(app.Key1, r.joined(id, transID, app.Key1))
	r.begin()
	r.member("app_id", id)
	r.member("app_trans_id", transID)
	r.member("mac", mac)
}

// refund fills the request with a refund of one đồng.
func (r *request) refund(app sen.App, mRefundID, payment, millis string) {
	id := strconv.Itoa(app.ID)
	mac := sen.Sign(app.Key1, r.joined(id, payment, "1", "bench", millis))
	r.begin()
	r.member("app_id", id)
	r.member("m_refund_id", mRefundID)
	r.member("zp_trans_id", payment)
	r.member("amount", "1")
	r.member("description", "bench")
	r.member("timestamp", millis)
	r.member("mac", mac)
}

// queryRefund fills the request with the question after a refund.
func (r *request) queryRefund(app sen.App, mRefundID, millis string) {
	id := strconv.Itoa(app.ID)
	mac := sen.Sign(app.Key1, r.joined(id, mRefundID, millis))
	r.begin()
	r.member("app_id", id)
	r.member("m_refund_id", mRefundID)
	r.member("timestamp", millis)
	r.member("mac", mac)
}

// pay fills the request with a payment by a test wallet.
func (r *request) pay(token, phone string) {
	r.body = append(append(append(append(append(r.body[:0], `{"order":"`...), token...), `","wallet":"`...), phone...), `"}`...)
}

// bind fills the request with one for a binding.
func (r *request) bind(p *payer, transID, millis string) {
	id := strconv.Itoa(p.app.ID)
	mac := sen.Sign(p.app.Key1, r.joined(id, transID, "", "", p.identifier, "", millis))
	r.begin()
	r.member("app_id", id)
	r.member("app_trans_id", transID)
	r.member("identifier", p.identifier)
	r.member("req_date", millis)
	r.member("mac", mac)
}

// payByToken fills the request with a payment of an order by its payer.
func (r *request) payByToken(p *payer, token, millis string) {
	id := strconv.Itoa(p.app.ID)
	mac := sen.Sign(p.app.Key1, r.joined(id, p.identifier, token, p.token, millis))
	r.begin()
	r.member("app_id", id)
	r.member("identifier", p.identifier)
	r.member("zp_trans_token", token)
	r.member("pay_token", p.token)
	r.member("req_date", millis)
	r.member("mac", mac)
}
