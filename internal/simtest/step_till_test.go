package simtest

import (
	"fmt"
	"strings"

	"sen"
	"sen/internal/control"
)

// tillKinds are steps at tills, where payers show codes, and about invoices that
// are paid at the door.
func tillKinds() []kind {
	return []kind{
		{"show a payment code", 14, (*sim).showCode},
		{"pay with a code", 20, (*sim).quickPay},
		{"a code at two tills", 8, (*sim).codeTwice},
		{"create an invoice", 12, (*sim).createZod},
		{"query an invoice", 12, (*sim).queryZod},
	}
}

func (s *sim) showCode() {
	w := s.aWallet()
	var got control.PaymentCode
	if !s.agree("a payment code of "+w.phone, s.control("POST", "wallets/"+w.phone+"/code", nil, &got), w.stopped(), ruleAnswers) || got.Code == "" {
		return
	}
	s.m.codes = append(s.m.codes, &code{digits: got.Code, wallet: w, until: got.ExpiresAt})
	if life := got.ExpiresAt.Sub(s.m.now).Seconds(); life != 90 {
		s.broken(ruleAnswers, "a payment code lives %v s", life)
	}
}

// aCode is mostly one that still pays.
func (s *sim) aCode() string {
	for range 4 {
		c, ok := recent(s, s.m.codes)
		if !ok || s.chance(4) {
			return "280000000000000000"
		}
		if !c.used && s.m.now.Before(c.until) || s.chance(15) {
			return c.digits
		}
	}
	s.showCode()
	if len(s.m.codes) == 0 {
		return "280000000000000001"
	}
	return s.m.codes[len(s.m.codes)-1].digits
}

func (s *sim) quickFields(a *shopApp, digits string) fields {
	f := fields{
		{"app_id", fmt.Sprint(a.id)},
		{"app_user", "Quầy 2"},
		{"app_trans_id", s.name()},
		{"app_time", s.oddTime()},
		{"amount", fmt.Sprint(amounts[s.rng.IntN(len(amounts))])},
		{"item", `[{"name":"phở","price":1}]`},
		{"embed_data", s.anEmbed()},
		{"description", "Phở"},
		{"payment_code", digits},
	}
	if o, ok := recent(s, s.m.inOrder); ok && s.chance(6) && dated(o.id) {
		f = f.with("app_trans_id", o.id)
	}
	return f
}

func (s *sim) quickPay() {
	a, digits := s.anApp(), s.aCode()
	s.send(s.signed(sen.OpQuickPay, a, s.quickFields(a, digits)))
	if s.chance(30) { // the till scans again, for the next order
		s.send(s.signed(sen.OpQuickPay, a, s.quickFields(a, digits)))
	}
}

// codeTwice lets two tills scan one code at once.
func (s *sim) codeTwice() {
	a := s.anApp()
	if !s.crowded() || s.meddled(a) {
		return
	}
	digits := s.aCode()
	var calls []*attempt
	for range 2 + s.rng.IntN(3) {
		calls = append(calls, s.tryCall(s.signed(sen.OpQuickPay, a, s.quickFields(a, digits))))
	}
	if len(s.found) == 0 {
		s.atOnce(calls)
	}
}

func (s *sim) createZod() {
	a := s.anApp()
	id := s.name()
	if s.chance(50) {
		id = "SPX" + strings.TrimPrefix(id, dayOf(s.m.now)+"_")
	}
	if o, ok := recent(s, s.m.inOrder); ok && s.chance(8) {
		id = o.id
	}
	s.send(s.signed(sen.OpCreateZod, a, fields{
		{"appId", fmt.Sprint(a.id)},
		{"mcRefId", id},
		{"amount", fmt.Sprint(amounts[s.rng.IntN(len(amounts))])},
		{"receiver", `{"contact":"0901234567"}`},
		{"orderInfo", `[{"trackingNumber":"SPX1","description":"Giày","amount":50000}]`},
		{"mcExtInfo", s.anEmbed()},
	}))
}

func (s *sim) queryZod() {
	a, id := s.anApp(), "SPX-nobody"
	for range 8 {
		if o, ok := recent(s, s.m.inOrder); ok && (o.zod || s.chance(5)) {
			a, id = s.m.app(o.app), o.id
			break
		}
	}
	op := sen.OpQueryZodStatus
	if s.chance(40) {
		op = sen.OpQueryZodInvoice
	}
	s.send(s.signed(op, a, fields{{"appId", fmt.Sprint(a.id)}, {"mcRefId", id}}))
}
