package simtest

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

func (m *model) refund(r *request, a *shopApp) verdict {
	at, key := r.fields.millis("timestamp"), orderKey{a.id, r.fields.get("m_refund_id")}
	p := m.paymentOf(a.id, r.fields.number("zp_trans_id"))
	amount, fee := r.fields.number("amount"), r.fields.number("refund_fee_amount")
	switch {
	case !m.near(at):
		return no(-13, ruleAnswers)
	case !m.today(key.id, at):
		return verdict{value: -401, rule: ruleAnswers, cause: "date"}
	case p != nil && p.channel != 38 && m.outage:
		return no(0, ruleAnswers)
	case m.refunds[key] != nil:
		return no(-23, ruleRefunds)
	case p == nil:
		return no(-101, ruleRefunds)
	}
	rf := &refund{app: a.id, id: key.id, payment: p, amount: amount, fee: fee, created: m.now}
	keep := func(ans answer) {
		rf.number = ans.number("refund_id")
		m.refunds[key] = rf
		m.refundOrder = append(m.refundOrder, rf)
	}
	if p.discount > 0 && (amount != p.amount || fee > amount-p.discount) {
		rf.state, rf.failure = "failed", "partial"
		return verdict{value: -32, rule: ruleRefunds, do: keep}
	}
	rf.state, rf.due = "running", m.now.Add(m.delay)
	if a.approvalFrom > 0 && amount >= a.approvalFrom {
		rf.state, rf.due = "pending", time.Time{}
	}
	return verdict{value: 2, do: keep}
}

// paymentOf is the payment of an app that has a number.
func (m *model) paymentOf(app, number int64) *payment {
	for _, o := range m.inOrder {
		if o.app == app && o.payment != nil && o.payment.number == number && number != 0 {
			return o.payment
		}
	}
	return nil
}

var refundTold = map[string]int{"period": -13, "amount": -14, "rejected": -14, "partial": -32, "channel": -2, "bank": 0}

func (m *model) queryRefund(r *request) verdict {
	rf := m.refunds[orderKey{r.app, r.fields.get("m_refund_id")}]
	if rf == nil {
		return no(-101, ruleAnswers)
	}
	switch rf.state {
	case "succeeded":
		return verdict{value: 1}
	case "pending":
		return no(-1, ruleRefunds)
	case "blocked":
		return no(-16, ruleRefunds)
	case "failed":
		return no(refundTold[rf.failure], ruleRefunds)
	}
	return no(2, ruleRefunds)
}

// decide is what an operator says about a refund that waits.
func (m *model) decide(rf *refund, approve bool) {
	if !approve {
		rf.state, rf.failure = "failed", "rejected"
		return
	}
	rf.state, rf.due = "running", m.now.Add(m.delay)
}

// work does what is due, as the gateway does after each request.
func (m *model) work() {
	for again := true; again; {
		again = false
		for _, o := range m.inOrder {
			if o.state == "created" && !m.now.Before(o.expires) {
				o.state = "expired"
			}
		}
		for _, b := range m.boundOrder {
			if b.state == "pending" && b.charge == nil && !m.now.Before(b.confirmBy) {
				b.state = "lapsed"
			}
		}
		for _, c := range m.chargesDue() {
			m.lookAfter(c)
			again = true
		}
		for _, rf := range m.refundsDue() {
			m.run(rf)
			again = true
		}
		for _, d := range m.payoutsDue() {
			m.payReceiver(d)
			again = true
		}
	}
}

// refundsDue are those that are due; of the ones of a payment that wait to be
// judged, the first.
func (m *model) refundsDue() (due []*refund) {
	all := slices.Clone(m.refundOrder)
	slices.SortStableFunc(all, func(a, b *refund) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.number, b.number)) })
	judged := map[*payment]bool{}
	for _, rf := range all {
		if rf.due.IsZero() {
			continue
		}
		first := true
		if rf.state == "running" {
			first = !judged[rf.payment]
			judged[rf.payment] = true
		}
		if first && !m.now.Before(rf.due) {
			due = append(due, rf)
		}
	}
	// They are claimed together, and then nothing says whose turn is first; one
	// after the other, it is that of the number.
	slices.SortStableFunc(due, func(a, b *refund) int { return cmp.Compare(a.number, b.number) })
	return due
}

func (m *model) run(rf *refund) {
	p, a := rf.payment, m.app(rf.app)
	if rf.state == "sent" {
		switch {
		case m.outage:
			rf.due = m.now.Add(30 * time.Second)
		case p.noReturn:
			m.undo(rf)
		default:
			rf.state, rf.due = "succeeded", time.Time{}
		}
		return
	}
	if rf.state == "running" {
		switch {
		case a.refundPeriod > 0 && rf.created.After(p.at.Add(a.refundPeriod)):
			rf.state, rf.failure, rf.due = "failed", "period", time.Time{}
			return
		case p.refunded+rf.amount > p.amount:
			rf.state, rf.failure, rf.due = "failed", "amount", time.Time{}
			return
		}
		p.refunded += rf.amount
	}
	held := min(a.payable, rf.amount)
	if a.owes+rf.amount-held > a.receivableLimit && held < rf.amount {
		rf.state, rf.due = "blocked", m.now.Add(time.Minute)
		return
	}
	rf.state, rf.due = "succeeded", time.Time{}
	if p.channel != 38 {
		rf.state, rf.due = "sent", m.now
	}
	m.book(rf, held, 1)
}

// book moves the money of a refund, or with a sign of -1 moves it back.
func (m *model) book(rf *refund, held, sign int64) {
	p, a := rf.payment, m.app(rf.app)
	a.payable -= sign * held
	a.owes += sign * (rf.amount - held)
	a.promo += sign * p.discount
	a.fees += sign * rf.fee
	back := sign * (rf.amount - p.discount - rf.fee)
	if p.channel == 38 {
		p.wallet.balance += back
	} else {
		m.clearing[p.channel] += back
	}
	rf.held = held
}

func (m *model) undo(rf *refund) {
	m.book(rf, rf.held, -1)
	rf.payment.refunded -= rf.amount
	rf.state, rf.failure, rf.due = "failed", "channel", time.Time{}
}

// refundName makes an m_refund_id of an app.
func refundName(day string, app, suffix string) string {
	return strings.Join([]string{day, app, suffix}, "_")
}
