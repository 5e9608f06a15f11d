package simtest

import (
	"encoding/json"
	"time"

	"sen"
)

func (m *model) bind(r *request) verdict {
	at, key := r.fields.millis("req_date"), orderKey{r.app, r.fields.get("app_trans_id")}
	b := &binding{
		app: r.app, id: key.id, identifier: r.fields.get("identifier"), state: "pending", confirmBy: m.now.Add(15 * time.Minute),
		max: r.fields.number("max_amount"), url: r.fields.get("callback_url"),
	}
	var o *order
	if isCard(r.op) {
		b.card = r.fields.get("binding_type") == "CARD"
		b.url = jsonText(r.fields.get("binding_data"), "callback_url")
		if r.fields.get("binding_mode") == "BIND_AND_PAY" {
			o = m.orderToBind(r, b)
		}
	}
	switch {
	case !m.today(key.id, at):
		return no(malformedValue(r.op), ruleAnswers)
	case m.bindings[key] != nil, o != nil && m.orders[key] != nil:
		return no(-68, ruleDurable)
	}
	return verdict{value: 1, do: func(ans answer) {
		b.token = ans.text("binding_token")
		m.bindings[key] = b
		m.boundOrder = append(m.boundOrder, b)
		if o != nil {
			b.order = o
			m.open(o)
		}
	}}
}

// orderToBind is the order that is paid while its card is bound.
func (m *model) orderToBind(r *request, b *binding) *order {
	var data struct {
		Amount      int64
		CallbackURL string `json:"callback_url"`
		EmbedData   string `json:"embed_data"`
	}
	_ = json.Unmarshal([]byte(r.fields.get("payment_data")), &data) // malformed requests are told apart before
	if data.EmbedData == "" {
		data.EmbedData = "{}"
	}
	return &order{
		orderKey: orderKey{b.app, b.id}, user: b.identifier, item: "[]", embed: data.EmbedData, url: data.CallbackURL,
		appTime: r.fields.number("req_date"), amount: data.Amount, expires: m.now.Add(15 * time.Minute), binding: b,
	}
}

func jsonText(object, member string) string {
	var all map[string]any
	_ = json.Unmarshal([]byte(object), &all) // what is none has no members
	text, _ := all[member].(string)
	return text
}

func (m *model) pending(b *binding) bool { return b.state == "pending" && m.now.Before(b.confirmBy) }

func (m *model) queryBinding(r *request) verdict {
	b := m.bindings[orderKey{r.app, r.fields.get("app_trans_id")}]
	switch {
	case b == nil:
		return no(-101, ruleAnswers)
	case m.pending(b):
		return no(3, ruleMoves)
	case b.confirmed.IsZero():
		return no(-101, ruleMoves)
	}
	return verdict{value: 1, do: func(ans answer) {
		data := ans
		if r.op == sen.OpQueryPaymentTokenWallet {
			data = ans.object("data")
		}
		data.wantText("binding_id", b.token)
		if b.payToken == "" {
			b.payToken = data.text("pay_token")
		}
		data.wantText("pay_token", b.payToken)
		data.want("status", b.status())
	}}
}

// status is how the wire tells where a binding stands that was confirmed once.
func (b *binding) status() int64 {
	switch b.state {
	case "cancelled":
		return sen.BindingCancelled
	case "disabled":
		return sen.BindingDisabled
	}
	return sen.BindingConfirmed
}

// holder finds the binding that pays by a token.
func (m *model) holder(app int64, payToken string) (b *binding, value int) {
	for _, one := range m.boundOrder {
		if one.payToken != payToken || payToken == "" || one.confirmed.IsZero() {
			continue
		}
		if one.app != app {
			return nil, -1011
		}
		return one, 0
	}
	return nil, -101
}

func (m *model) holderOf(r *request) (b *binding, value int) {
	b, value = m.holder(r.app, r.fields.get("pay_token"))
	if b != nil && b.identifier != r.fields.get("identifier") {
		return nil, -1011
	}
	return b, value
}

// over says why a binding pays no more, or 0.
func (m *model) over(b *binding) int {
	switch {
	case b.state != "confirmed":
		return -1002
	case !b.ends.IsZero() && !m.now.Before(b.ends):
		return -1007
	}
	return 0
}

func (m *model) user(r *request) verdict {
	b, _ := m.holder(r.app, r.fields.get("access_token"))
	switch {
	case b == nil:
		return no(-101, ruleAnswers)
	case m.over(b) != 0:
		return no(-1002, ruleTokens)
	}
	return verdict{value: 1, do: func(ans answer) {
		phone := ""
		if b.wallet != nil {
			phone = "****" + b.wallet.phone[6:]
		}
		ans.wantText("phone", phone)
	}}
}

func (m *model) balance(r *request) verdict {
	b, value := m.holderOf(r)
	if b == nil {
		return no(value, ruleAnswers)
	}
	if value = m.over(b); value != 0 {
		return no(value, ruleTokens)
	}
	amount := r.fields.number("amount")
	payable := b.max == 0 || amount <= b.max
	var discount int64
	if w := b.wallet; w != nil {
		if w.locked {
			return no(-1009, ruleTokens)
		}
		after := w.turned(m.now)
		after.ofMonth[allSources] += amount
		if after.beyondKYC(amount, after.year(m.now)) {
			return no(-1800, ruleLimits)
		}
		payable = payable && w.stopped() == "" && w.balance >= amount
		discount = m.best(r.app, w, amount)
	} else {
		payable = payable && !b.forgotten
	}
	return verdict{value: 1, do: func(ans answer) {
		ans.want("discount_amount", discount)
		if got, _ := ans.first("data").m["payable"].(bool); got != payable {
			ans.wrong("payable is %v, want %v", got, payable)
		}
	}}
}

// best is the most that a campaign would take off for a wallet's owner.
func (m *model) best(app int64, w *purse, amount int64) (best int64) {
	for _, c := range m.campaigns {
		o := &order{orderKey: orderKey{app: app}, amount: amount, embed: embedFor(c.code)}
		if _, discount, code := m.promote(o, w); code == "" {
			best = max(best, discount)
		}
	}
	return best
}

// tokenTold is how a payment by token answers what a wallet can't pay.
var tokenTold = map[string]int{
	"wallet_locked": -1009, "wallet_payments_off": -1010, "pin_not_set": -1010, "balance_low": -1010,
	"promotion": -1010, "promotion_eligible": -1010, "kyc": -1800,
	"limit_day_all": -1013, "limit_day_wallet": -1013, "limit_month_all": -1013, "limit_month_wallet": -1013,
}

func (m *model) payByToken(r *request, a *shopApp) verdict {
	token := r.fields.get("pay_token")
	card := r.op == sen.OpPayByTokenCard
	for _, b := range m.boundOrder {
		card = card || (b.payToken == token && token != "" && b.card)
	}
	if card {
		return m.payByCardToken(r, a)
	}
	b, value := m.holderOf(r)
	if b == nil {
		return no(value, ruleTokens)
	}
	o := m.orderByToken(r.fields.get("zp_trans_token"))
	if o == nil || o.app != r.app {
		return no(-401, ruleAnswers)
	}
	if o.state == "paid" {
		if o.payment.binding != b {
			return no(-401, ruleOnce)
		}
		return verdict{value: 1, do: func(ans answer) { ans.want("zp_trans_id", o.payment.number) }}
	}
	if value := m.over(b); value != 0 {
		return no(value, ruleTokens)
	}
	if m.shut(o) != "" {
		return no(-401, ruleMoves)
	}
	if why := b.wallet.stopped(); why != "" {
		return no(tokenTold[why], ruleTokens)
	}
	if value := m.overTerms(b, a, o.amount); value != 0 {
		return no(value, ruleLimits)
	}
	code, rule, do := m.take(o, b.wallet, b)
	if code != "" {
		return verdict{value: tokenTold[code], rule: rule, do: func(answer) {
			if noted(code) {
				o.failure = code
			}
		}}
	}
	return verdict{value: 1, do: func(ans answer) {
		b.useOn(m.now, o.amount)
		do(ans.number("zp_trans_id"))
	}}
}

// overTerms says which limit of a token a payment would pass, or 0.
func (m *model) overTerms(b *binding, a *shopApp, amount int64) int {
	count, sum := b.count, b.amount
	if b.day != dayOf(m.now) {
		count, sum = 0, 0
	}
	switch {
	case b.max > 0 && amount > b.max:
		return -1013
	case a.dayCount > 0 && count+1 > a.dayCount, a.dayAmount > 0 && sum+amount > a.dayAmount:
		return -1019
	}
	return 0
}

func (b *binding) useOn(now time.Time, amount int64) {
	if day := dayOf(now); b.day != day {
		b.day, b.count, b.amount = day, 0, 0
	}
	b.count++
	b.amount += amount
}

func (m *model) orderByToken(token string) *order {
	for _, o := range m.inOrder {
		if o.token == token && token != "" {
			return o
		}
	}
	return nil
}

func (m *model) bindingByToken(token string) *binding {
	for _, b := range m.boundOrder {
		if b.token == token {
			return b
		}
	}
	return nil
}

func (m *model) unbind(r *request) verdict {
	b := m.bindingByToken(r.fields.get("binding_id"))
	switch {
	case b == nil:
		return no(-101, ruleAnswers)
	case b.card && b.app != r.app:
		return no(-101, ruleTokens)
	case b.card && b.identifier != r.fields.get("identifier"):
		return no(-7216, ruleTokens)
	case b.app != r.app || b.identifier != r.fields.get("identifier"):
		return no(-1011, ruleTokens)
	case b.state != "confirmed":
		return no(-101, ruleMoves)
	}
	return verdict{value: 1, do: func(answer) { m.endBinding(b, "cancelled") }}
}

func (m *model) endBinding(b *binding, state string) {
	b.state, b.closed = state, m.now
	m.owe(&delivery{app: b.app, binding: b, status: int(b.status()), url: b.url})
}

// confirm records a wallet owner's consent, and returns the code of the refusal.
func (m *model) confirm(b *binding, w *purse) string {
	switch {
	case b.state == "confirmed" && b.wallet == w:
		return ""
	case !m.pending(b):
		return "binding_over"
	case b.card:
		return "binding_kind"
	case w.locked:
		return "wallet_locked"
	case m.app(b.app).disabled:
		return "app_unknown"
	}
	b.wallet = w
	m.begin(b)
	return ""
}

func (m *model) begin(b *binding) {
	b.state, b.confirmed = "confirmed", m.now
	if life := m.app(b.app).tokenLife; life > 0 {
		b.ends = m.now.Add(life)
	}
	m.owe(&delivery{app: b.app, binding: b, status: sen.BindingConfirmed, url: b.url})
}
