package simtest

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Behaviours of the test cards, by number: those that the documentation of the
// sandbox gives them.
var cards = map[string]string{
	"9704540000000062": "good", "9704541000000094": "good", "4111111111111111": "good", "5555555555554444": "good",
	"9704540000000013": "lost", "4000000000009979": "lost",
	"9704540000000039": "timeout", "4000000000000259": "timeout",
	"9704540000000047": "empty", "4000000000009995": "empty",
	"9704540000000104": "late", "4000000000003220": "late",
	"9704540000000112": "flaky", "9704990000000018": "unrefundable",
	"9704540000009999": "unknown",
}

// cardNumbers are the cards in an order that does not change.
var cardNumbers = func() (all []string) {
	for number := range cards {
		all = append(all, number)
	}
	slices.Sort(all)
	return all
}()

func domestic(card string) bool { return strings.HasPrefix(card, "9704") }

func channelOf(card string) int {
	if domestic(card) {
		return 39
	}
	return 36
}

func sourceOf(card string) int {
	if domestic(card) {
		return fromBank
	}
	return fromCard
}

// startCharge puts an order in flight, and returns the code of the refusal.
func (m *model) startCharge(o *order, w *purse, card string) (c *charge, code string) {
	camp, discount, code := m.promote(o, w)
	if code != "" {
		return nil, code
	}
	c = &charge{order: o, card: card, wallet: w, amount: o.amount, discount: discount, campaign: camp, created: m.now}
	if w != nil {
		if why := w.stopped(); why != "" && why != "pin_not_set" {
			return nil, why
		}
		after, code := m.spend(w, sourceOf(card), o.amount-discount)
		if code != "" {
			return nil, code
		}
		*w = after
	}
	camp.use(w, discount)
	o.state, o.charge = "processing", c
	return c, ""
}

// authorise asks the bank for the first time.
func (m *model) authorise(c *charge) {
	if m.outage {
		m.silent(c)
		return
	}
	c.bank, c.knownAt = "approved", m.now
	if domestic(c.card) {
		c.bank = "otp"
	}
	silent := false
	amount := c.amount - c.discount
	switch behaviour := cards[c.card]; {
	case behaviour == "unknown", behaviour == "lost", behaviour == "empty" && amount > 0:
		c.bank = "declined"
	case behaviour == "timeout":
		c.bank, c.knownAt, silent = "declined", m.now.Add(30*time.Second), true
	case behaviour == "late":
		c.bank, c.knownAt, silent = "approved", m.now.Add(time.Minute), true
	case behaviour == "flaky":
		c.bank, silent = "approved", true
	}
	if silent {
		m.silent(c)
		return
	}
	m.heard(c)
}

func (m *model) silent(c *charge) { c.state, c.due = "unknown", m.now.Add(30*time.Second) }

// heard draws the consequences of what a bank says.
func (m *model) heard(c *charge) {
	switch {
	case m.now.Before(c.knownAt):
		m.silent(c)
	case c.bank == "otp":
		c.state, c.due = "otp", c.created.Add(5*time.Minute)
	case c.bank == "approved":
		m.succeed(c)
	default:
		m.fail(c)
	}
}

// lookAfter does what is due about a charge.
func (m *model) lookAfter(c *charge) {
	switch {
	case m.outage:
		m.silent(c)
	case c.state == "otp" && c.bank == "otp", c.bank == "":
		c.bank, c.knownAt = "declined", m.now // voided
		m.heard(c)
	default:
		m.heard(c)
	}
}

// submit passes on a code, and returns the code of the refusal.
func (m *model) submit(c *charge, otp string) string {
	if c.state != "otp" {
		return "charge_not_found"
	}
	switch {
	case m.outage:
		m.silent(c)
		return ""
	case otp == "111111":
		c.bank = "approved"
	default:
		if c.otps++; c.otps < 3 {
			return "otp_wrong"
		}
		c.bank = "declined"
	}
	m.heard(c)
	if c.state == "failed" {
		return "bank"
	}
	return ""
}

func (m *model) succeed(c *charge) {
	c.state = "succeeded"
	if o := c.order; o != nil {
		p := &payment{
			number: c.number, wallet: c.wallet, binding: c.binding, channel: channelOf(c.card), amount: c.amount,
			discount: c.discount, noReturn: cards[c.card] == "unrefundable",
		}
		m.clearing[p.channel] -= c.amount - c.discount
		m.settle(o, p)
	}
	if c.binding != nil {
		c.binding.charge = nil
	}
	if b := c.binding; b != nil && c.bindFrom != "" && b.state == "pending" {
		b.number = c.bindFrom
		m.begin(b)
	}
}

func (m *model) fail(c *charge) {
	c.state = "failed"
	if c.campaign != nil {
		c.campaign.spent -= c.discount
		if c.discount > 0 {
			c.campaign.uses[phoneOf(c.wallet)]--
		}
	}
	if w := c.wallet; w != nil && c.order != nil {
		day := dayOf(c.created)
		for _, s := range []int{allSources, sourceOf(c.card)} {
			if w.openDay == day {
				w.ofDay[s] = max(0, w.ofDay[s]-(c.amount-c.discount))
			}
			if w.openMonth == day[:4] {
				w.ofMonth[s] = max(0, w.ofMonth[s]-(c.amount-c.discount))
			}
		}
		if w.openMonth != day[:4] {
			w.closed[day[:4]] -= c.amount - c.discount
		}
	}
	if b := c.binding; b != nil && c.bindFrom == "" && b.day == dayOf(c.created) {
		b.count, b.amount = b.count-1, b.amount-c.amount
	}
	if o := c.order; o != nil {
		o.state, o.failure, o.charge = "created", "bank", nil
	}
	if c.binding != nil {
		c.binding.charge = nil
	}
}

func (m *model) chargesDue() (due []*charge) {
	seen := map[*charge]bool{}
	add := func(c *charge) {
		if c != nil && !seen[c] && !m.now.Before(c.due) {
			seen[c] = true
			due = append(due, c)
		}
	}
	for _, o := range m.inOrder {
		add(o.charge)
	}
	for _, b := range m.boundOrder {
		add(b.charge)
	}
	slices.SortStableFunc(due, func(a, b *charge) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.number, b.number)) })
	return due
}

// payWithCard is a payer's, or a guest's, card typed in for an order.
func (m *model) payWithCard(o *order, w *purse, card, otp string) (code string, c *charge) {
	if why := m.shut(o); why != "" {
		return why, nil
	}
	c, code = m.startCharge(o, w, card)
	if code != "" {
		if noted(code) {
			o.failure = code
		}
		return code, nil
	}
	m.authorise(c)
	if c.state == "failed" {
		return "bank", c
	}
	if c.state == "otp" && otp != "" {
		code = m.submit(c, otp)
	}
	return code, c
}

// bindCard is what the holder of a card types in on the page of a binding.
func (m *model) bindCard(b *binding, card, otp string) (code string) {
	switch {
	case !b.card:
		return "binding_kind"
	case !m.pending(b):
		return "binding_over"
	case b.charge != nil:
		return "order_in_flight"
	}
	var c *charge
	if o := b.order; o != nil {
		if why := m.shut(o); why != "" {
			return why
		}
		if c, code = m.startCharge(o, nil, card); code != "" {
			return code
		}
	} else {
		c = &charge{card: card, created: m.now}
	}
	c.binding, c.bindFrom, b.charge = b, card, c
	m.authorise(c)
	if c.state == "failed" {
		return "bank"
	}
	if c.state == "otp" && otp != "" {
		return m.submit(c, otp)
	}
	return ""
}

func (m *model) payByCardToken(r *request, a *shopApp) verdict {
	o := m.orderByToken(r.fields.get("zp_trans_token"))
	switch {
	case o == nil && r.fields.get("zp_trans_token") == noToken:
		return no(-7202, ruleAnswers)
	case o == nil:
		return no(-7032, ruleAnswers)
	case o.app != r.app:
		return no(-7202, ruleAnswers)
	}
	b, _ := m.holderOf(r)
	if b == nil || !b.card {
		return no(-7041, ruleTokens)
	}
	if o.state == "paid" {
		if o.payment.binding != b {
			return no(-7032, ruleOnce)
		}
		return verdict{value: 1, do: func(ans answer) {
			o.payment.numbered(ans.number("zp_trans_id"))
			ans.want("zp_trans_id", o.payment.number)
		}}
	}
	if o.state == "processing" {
		if o.charge.binding == b {
			return no(3, ruleOnce)
		}
		return no(-7032, ruleOnce)
	}
	switch {
	case m.shut(o) != "":
		return no(-7032, ruleMoves)
	case m.over(b) != 0:
		return no(-7217, ruleTokens)
	case b.forgotten:
		return no(-7223, ruleTokens)
	}
	if value := m.overTerms(b, a, o.amount); value != 0 {
		return no(value, ruleLimits)
	}
	if _, _, code := m.promote(o, nil); code != "" {
		return verdict{value: tokenTold[code], rule: ruleLimits, do: func(answer) { o.failure = code }}
	}
	// Whether the bank approves at once decides between 1 and 3, so it is tried
	// on copies.
	approves := !m.outage && cards[b.number] == "good" && !domestic(b.number)
	do := func(ans answer) {
		b.useOn(m.now, o.amount)
		c, _ := m.startCharge(o, nil, b.number)
		c.binding, c.number = b, ans.number("zp_trans_id")
		m.authorise(c)
	}
	if approves {
		return verdict{value: 1, do: do}
	}
	return verdict{value: 3, rule: ruleAnswers, do: do}
}
