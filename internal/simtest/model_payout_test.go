package simtest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sen"
)

// A payout is money of a merchant for a wallet.
type payout struct {
	orderKey
	number         int64
	wallet         *purse
	amount         int64
	text, extra    string
	state, failure string // running: held up; pending: not covered; succeeded; failed
	created, due   time.Time
	closed         time.Time
}

// payoutStatus is status on the wire.
var payoutStatus = map[string]int64{"succeeded": 1, "failed": 2, "running": 3, "pending": 4}

// fundInBounds are what wallets of a level may hold once they were paid.
var fundInBounds = map[int]int64{0: 20_000_000, 1: 200_000_000}

// payoutBusiness judges the operations by which a merchant pays out.
func (m *model) payoutBusiness(r *request, a *shopApp) verdict {
	if !m.near(r.fields.millis("time")) {
		return no(-401, ruleAnswers)
	}
	switch r.op {
	case sen.OpDisbursementUser:
		return m.receiver(r, a)
	case sen.OpDisbursementTopUp:
		return m.payOut(r, a)
	case sen.OpDisbursementQuery:
		return m.queryPayout(r)
	}
	if r.fields.get("payment_id") != a.paymentID {
		return no(-401, ruleAnswers)
	}
	return verdict{value: 1, do: func(ans answer) { ans.object("data").want("balance", a.toPayOut) }}
}

func (m *model) receiver(r *request, a *shopApp) verdict {
	phone := r.fields.get("phone")
	i := slices.IndexFunc(m.wallets, func(w *purse) bool { return w.phone == phone })
	switch {
	case len(phone) != 10:
		return no(-401, ruleAnswers)
	case i < 0:
		return no(-101, ruleAnswers)
	case m.wallets[i].locked:
		return no(-1011, ruleAnswers)
	}
	return verdict{value: 1, do: func(ans answer) {
		data := ans.object("data")
		data.wantText("phone", phone)
		name := data.text("m_u_id")
		if a.receivers[phone] == "" {
			a.receivers[phone] = name
		}
		data.wantText("m_u_id", a.receivers[phone])
		for _, other := range m.apps {
			for of, known := range other.receivers {
				if known == name && (other != a || of != phone) {
					data.wrong("m_u_id is also that of %s for app %d", of, other.id)
				}
			}
		}
	}}
}

// receiverOf is the wallet that an app has a name for.
func (m *model) receiverOf(a *shopApp, name string) *purse {
	for _, w := range m.wallets {
		if name != "" && a.receivers[w.phone] == name {
			return w
		}
	}
	return nil
}

func (m *model) payOut(r *request, a *shopApp) verdict {
	key, w := orderKey{a.id, r.fields.get("partner_order_id")}, m.receiverOf(a, r.fields.get("m_u_id"))
	amount := r.fields.number("amount")
	switch {
	case r.fields.get("payment_id") != a.paymentID:
		return no(-401, ruleAnswers)
	case m.payouts[key] != nil:
		return no(-68, rulePayouts)
	case w == nil:
		return no(-101, rulePayouts)
	}
	switch w.refuses(amount) {
	case "receiver_locked":
		return no(-1011, rulePayouts)
	case "fund_in_limit":
		return no(-406, ruleLimits)
	}
	state := a.fate(amount)
	return verdict{
		value: 1,
		fits:  func(ans answer) bool { return ans.object("data").number("status") == payoutStatus[state] },
		do: func(ans answer) {
			d := &payout{
				orderKey: key, number: ans.object("data").number("order_id"), wallet: w, amount: amount,
				text: r.fields.get("description"), extra: r.fields.get("extra_info"), created: m.now, state: "running",
			}
			m.payouts[key] = d
			m.payoutOrder = append(m.payoutOrder, d)
			m.payReceiver(d)
			d.compare(ans, a)
		},
	}
}

// fate is the state to which a payout comes that nothing refuses.
func (a *shopApp) fate(amount int64) string {
	switch {
	case a.held:
		return "running"
	case amount > a.toPayOut:
		return "pending"
	}
	return "succeeded"
}

// refuses says why a wallet can't be paid an amount, or "".
func (w *purse) refuses(amount int64) string {
	most, bounded := fundInBounds[w.kyc]
	switch {
	case w.locked:
		return "receiver_locked"
	case bounded && w.balance+amount > most:
		return "fund_in_limit"
	}
	return ""
}

// payReceiver pays an open payout out, or lets it wait for another minute.
func (m *model) payReceiver(d *payout) {
	a := m.app(d.app)
	if why := d.wallet.refuses(d.amount); why != "" {
		m.endPayout(d, "failed", why)
		return
	}
	if state := a.fate(d.amount); state != "succeeded" {
		d.state, d.due = state, m.now.Add(time.Minute)
		return
	}
	a.toPayOut -= d.amount
	d.wallet.balance += d.amount
	m.endPayout(d, "succeeded", "")
}

func (m *model) endPayout(d *payout, state, failure string) {
	d.state, d.failure, d.due, d.closed = state, failure, time.Time{}, m.now
}

// wake has the payouts of an app that wait tried now.
func (m *model) wake(a *shopApp) {
	for _, d := range m.payoutOrder {
		if d.app == a.id && d.due.After(m.now) {
			d.due = m.now
		}
	}
}

func (m *model) payoutsDue() (due []*payout) {
	for _, d := range m.payoutOrder {
		if !d.due.IsZero() && !m.now.Before(d.due) {
			due = append(due, d)
		}
	}
	slices.SortStableFunc(due, func(a, b *payout) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.number, b.number)) })
	return due
}

func (m *model) queryPayout(r *request) verdict {
	d := m.payouts[orderKey{r.app, r.fields.get("partner_order_id")}]
	if d == nil {
		return no(-101, rulePayouts)
	}
	return verdict{value: 1, do: func(ans answer) { d.compare(ans, m.app(d.app)) }}
}

// compare holds what is told of a payout against the model.
func (d *payout) compare(ans answer, a *shopApp) {
	data := ans.object("data")
	at, paid := d.created, ""
	if d.state == "succeeded" {
		at, paid = d.closed, strconv.FormatInt(d.number, 10)
	}
	data.want("order_id", d.number)
	data.want("status", payoutStatus[d.state])
	data.want("amount", d.amount)
	data.want("time", at.UnixMilli())
	data.wantText("zp_trans_id", paid)
	data.wantText("m_u_id", a.receivers[d.wallet.phone])
	data.wantText("phone", d.wallet.phone)
	data.wantText("description", d.text)
	data.wantText("extra_info", d.extra)
}

// isPayout reports whether an operation pays out, or asks about it.
func isPayout(op *sen.Operation) bool { return strings.HasPrefix(op.Name, "disbursement_") }
