package simtest

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"sen"
	"sen/internal/control"
)

// A kind is something that can happen, and how often it does.
type kind struct {
	name   string
	weight int
	do     func(*sim)
}

var kinds []kind

func init() { // the table refers to functions that refer to it
	kinds = []kind{
		{"create an order", 60, (*sim).createOrder},
		{"query an order", 30, (*sim).queryOrder},
		{"cancel an order", 8, (*sim).cancelOrder},
		{"pay from a wallet", 50, (*sim).payWallet},
		{"pay with a card", 24, (*sim).payCard},
		{"ask for a refund", 26, (*sim).refundOrder},
		{"query a refund", 16, (*sim).queryRefund},
		{"decide a refund", 6, (*sim).decideRefund},
		{"ask for a binding", 14, (*sim).bindWallet},
		{"answer a binding", 16, (*sim).answerBinding},
		{"query a binding", 10, (*sim).queryBinding},
		{"ask what a token can pay", 10, (*sim).queryBalance},
		{"pay by token", 40, (*sim).payByToken},
		{"end a binding", 5, (*sim).endBinding},
		{"ask for a user", 6, (*sim).queryUser},
		{"ask for a card binding", 14, (*sim).bindCard},
		{"forget a card", 1, (*sim).forgetCard},
		{"list banks", 3, (*sim).listBanks},
		{"sign wrongly", 8, (*sim).signWrongly},
		{"ask badly", 10, (*sim).askBadly},
		{"repeat a request", 16, (*sim).repeat},
		{"top up", 8, (*sim).topUp},
		{"change a wallet", 8, (*sim).changeWallet},
		{"change an app", 7, (*sim).changeApp},
		{"pay out", 3, (*sim).payOut},
		{"change a campaign", 2, (*sim).changeCampaign},
		{"close for maintenance", 4, (*sim).maintenance},
		{"force an answer", 6, (*sim).force},
		{"inject a fault", 4, (*sim).fault},
		{"bank outage", 4, (*sim).outage},
		{"a merchant's server changes", 8, (*sim).mood},
		{"a callback goes wrong", 6, (*sim).mishap},
		{"send a callback again", 5, (*sim).replay},
		{"time passes", 40, (*sim).advance},
		{"call too often", 5, (*sim).hurry},
		{"calls at once", 25, (*sim).crowd},
		{"restart", 1, (*sim).restart},
		{"crash", 5, (*sim).crashNow},
		{"crash while calling a merchant", 3, (*sim).crashCalling},
	}
	kinds = slices.Concat(kinds, payoutKinds(), tillKinds(), pageKinds())
}

func (s *sim) choose() kind {
	sum := 0
	for _, k := range kinds {
		sum += k.weight
	}
	n := s.rng.IntN(sum)
	for _, k := range kinds {
		if n -= k.weight; n < 0 {
			return k
		}
	}
	panic("weights")
}

// anApp is mostly one of the first.
func (s *sim) anApp() *shopApp { return s.m.apps[min(s.rng.IntN(5), s.rng.IntN(5))] }

func (s *sim) chance(percent int) bool { return s.rng.IntN(100) < percent }

// recent picks one of a list, mostly near its end.
func recent[T any](s *sim, all []T) (one T, ok bool) {
	if len(all) == 0 {
		return one, false
	}
	if s.chance(80) {
		all = all[max(0, len(all)-12):]
	}
	return all[s.rng.IntN(len(all))], true
}

func (s *sim) name() string {
	s.serial++
	return fmt.Sprint(dayOf(s.m.now), "_s", s.step, "x", s.serial)
}

func (s *sim) millis() string { return strconv.FormatInt(s.m.now.UnixMilli(), 10) }

// oddTime is now, or some time that is off.
func (s *sim) oddTime() string {
	at := s.m.now
	if s.chance(4) {
		at = at.Add([]time.Duration{-16 * time.Minute, 16 * time.Minute, -15 * time.Minute, 15 * time.Minute, -24 * time.Hour, 100 * 24 * time.Hour}[s.rng.IntN(6)])
	}
	return strconv.FormatInt(at.UnixMilli(), 10)
}

var amounts = []int64{1, 1_000, 10_000, 20_000, 49_999, 50_000, 50_000, 60_000, 99_999, 100_000, 120_000, 2_000_001, 21_000_000}

func embedFor(code string) string {
	if code == "" {
		return "{}"
	}
	inner, _ := json.Marshal(map[string]string{"campaigncode": code})
	outer, _ := json.Marshal(map[string]string{"promotioninfo": string(inner)})
	return string(outer)
}

func (s *sim) anEmbed() string {
	if s.chance(70) {
		return `{"note":"Trà \"sen\"","redirecturl":"https://shop.test/back"}`
	}
	return embedFor([]string{"SPRING", "SPRING", "ONCE", "LATER", "NONE"}[s.rng.IntN(5)])
}

// send makes a call, and remembers it to be repeated.
func (s *sim) send(r *request) answer {
	s.sentOut = append(s.sentOut, r)
	return s.call(r)
}

func (s *sim) createOrder() {
	for range 1 + s.rng.IntN(2) {
		a := s.anApp()
		f := fields{
			{"app_id", fmt.Sprint(a.id)},
			{"app_user", "An"},
			{"app_trans_id", s.name()},
			{"app_time", s.oddTime()},
			{"amount", fmt.Sprint(amounts[s.rng.IntN(len(amounts))])},
			{"item", `[{"name":"trà","price":1}]`},
			{"embed_data", s.anEmbed()},
			{"description", "Trà sen #1"},
			{"bank_code", ""},
		}
		if s.chance(20) {
			f = append(f, field{"expire_duration_seconds", []string{"300", "2592000", "86400"}[s.rng.IntN(3)]})
		}
		if s.chance(20) {
			f = append(f, field{"callback_url", shopURL(a.id)})
		}
		if o, ok := recent(s, s.m.inOrder); ok && s.chance(5) {
			f = f.with("app_trans_id", o.id) // of this app, or of another
		}
		s.send(s.signed(sen.OpCreateOrder, a, f))
	}
}

// anOrderOf picks an order and its app, or sometimes the order of another.
func (s *sim) anOrderOf() (a *shopApp, id string) {
	a = s.anApp()
	o, ok := recent(s, s.m.inOrder)
	switch {
	case !ok, s.chance(4):
		return a, s.name()
	case s.chance(96):
		a = s.m.app(o.app)
	}
	return a, o.id
}

func (s *sim) queryOrder() {
	a, id := s.anOrderOf()
	s.send(s.signed(sen.OpQueryOrder, a, fields{{"app_id", fmt.Sprint(a.id)}, {"app_trans_id", id}}))
}

func (s *sim) cancelOrder() {
	a, id := s.anOrderOf()
	s.send(s.signed(sen.OpCancelOrder, a, fields{{"app_id", fmt.Sprint(a.id)}, {"app_trans_id", id}}))
}

// openOrder is mostly one that can be paid.
func (s *sim) openOrder() (*order, bool) {
	for range 6 {
		o, ok := recent(s, s.m.inOrder)
		if !ok || s.m.shut(o) == "" || s.chance(15) {
			return o, ok
		}
	}
	return recent(s, s.m.inOrder)
}

func (s *sim) aWallet() *purse {
	if s.chance(60) {
		return s.m.wallets[s.rng.IntN(4)]
	}
	return s.m.wallets[s.rng.IntN(len(s.m.wallets))]
}

func (s *sim) payWallet() {
	o, ok := s.openOrder()
	if !ok {
		return
	}
	s.payOrder(o, s.aWallet())
}

func (s *sim) payOrder(o *order, w *purse) {
	code, rule, do := s.m.payFrom(o, w)
	var p control.Payment
	got := s.control("POST", "pay", control.PayOrder{Order: o.id, App: o.app, Wallet: w.phone}, &p)
	if !s.agree("a payment of "+o.id+" from "+w.phone, got, code, rule) {
		return
	}
	if code != "" {
		if noted(code) {
			o.failure = code
		}
		return
	}
	do(p.Number)
	if p.Number != o.payment.number || p.Amount != o.amount {
		s.broken(ruleOnce, "order %s of %d is paid by %d with %d, and should be by %d", o.id, o.amount, p.Number, p.Amount, o.payment.number)
	}
}

// agree compares codes of refusals; rule is broken when the gateway says yes.
func (s *sim) agree(what, got, want string, rule int) bool {
	if got == want {
		return true
	}
	if got != "" || rule == 0 {
		rule = ruleAnswers
	}
	s.broken(rule, "%s: the answer is %q, and should be %q", what, got, want)
	return false
}

func (s *sim) payCard() {
	o, ok := s.openOrder()
	if !ok {
		return
	}
	var w *purse
	phone := ""
	if s.chance(60) {
		w = s.aWallet()
		phone = w.phone
	}
	card := cardNumbers[s.rng.IntN(len(cardNumbers))]
	if s.chance(40) {
		card = []string{"4111111111111111", "9704540000000062"}[s.rng.IntN(2)]
	}
	otp := []string{"", "111111", "111111", "999999"}[s.rng.IntN(4)]
	want, c := s.m.payWithCard(o, w, card, otp)
	var got control.Charge
	code := s.control("POST", "pay", control.PayOrder{Order: o.id, App: o.app, Wallet: phone, Card: card, OTP: otp}, &got)
	if s.agree("a payment of "+o.id+" with card "+card, code, want, ruleLimits) && c != nil && code == "" {
		c.number = got.Number
		if c.state == "succeeded" {
			o.payment.numbered(got.Number)
		}
		if got.State != c.state {
			s.broken(ruleMoves, "the charge of %s is %s, and should be %s", o.id, got.State, c.state)
		}
	}
}

func (s *sim) refundOrder() {
	o, ok := recent(s, slices.DeleteFunc(slices.Clone(s.m.inOrder), func(o *order) bool { return o.payment == nil || o.payment.number == 0 }))
	if !ok {
		return
	}
	a := s.m.app(o.app)
	if s.chance(3) {
		a = s.anApp()
	}
	amount := []int64{o.amount, o.amount, o.amount/2 + 1, 1 + o.amount/10, o.amount + 1}[s.rng.IntN(5)]
	s.serial++
	f := fields{
		{"app_id", fmt.Sprint(a.id)},
		{"m_refund_id", refundName(dayOf(s.m.now), fmt.Sprint(a.id), fmt.Sprint("s", s.step, "x", s.serial))},
		{"zp_trans_id", fmt.Sprint(o.payment.number)},
		{"amount", fmt.Sprint(amount)},
		{"timestamp", s.oddTime()},
		{"description", "back"},
	}
	if s.chance(15) {
		f = f.with("refund_fee_amount", fmt.Sprint(s.rng.Int64N(amount+1)))
	}
	if s.chance(4) {
		f = f.with("zp_trans_id", "260101000000999")
	}
	if rf, ok := recent(s, s.m.refundOrder); ok && s.chance(6) && rf.app == a.id {
		f = f.with("m_refund_id", rf.id)
	}
	s.send(s.signed(sen.OpRefundOrder, a, f))
}

func (s *sim) queryRefund() {
	a, id := s.anApp(), "260101_2553_nobody"
	if rf, ok := recent(s, s.m.refundOrder); ok {
		a, id = s.m.app(rf.app), rf.id
	}
	s.send(s.signed(sen.OpQueryRefund, a, fields{{"app_id", fmt.Sprint(a.id)}, {"m_refund_id", id}, {"timestamp", s.oddTime()}}))
}

func (s *sim) decideRefund() {
	rf, ok := recent(s, slices.DeleteFunc(slices.Clone(s.m.refundOrder), func(r *refund) bool { return r.state != "pending" && !s.chance(5) }))
	if !ok || rf.number == 0 {
		return
	}
	approve := s.chance(65)
	want := ""
	if rf.state != "pending" {
		want = "refund_decided"
	}
	if s.agree("a decision about refund "+rf.id, s.control("POST", fmt.Sprint("refunds/", rf.number, "/decide"), control.Decision{Approve: approve}, nil), want, ruleRefunds) && want == "" {
		s.m.decide(rf, approve)
	}
}

func (s *sim) bindWallet() {
	a := s.anApp()
	f := fields{
		{"app_id", fmt.Sprint(a.id)},
		{"app_trans_id", s.name()},
		{"req_date", s.oddTime()},
		{"identifier", []string{"An", "Bình 7"}[s.rng.IntN(2)]},
		{"max_amount", fmt.Sprint(s.pick(0, 0, 60_000))},
		{"binding_type", "WALLET"},
		{"binding_data", `{"plan":"monthly"}`},
		{"callback_url", shopURL(a.id)},
	}
	if b, ok := recent(s, s.m.boundOrder); ok && s.chance(6) {
		f = f.with("app_trans_id", b.id)
	}
	s.send(s.signed(sen.OpCreateBindingWallet, a, f))
}

func (s *sim) bindCard() {
	a := s.anApp()
	mode := []string{"BIND", "BIND", "BIND_AND_PAY"}[s.rng.IntN(3)]
	data, _ := json.Marshal(map[string]any{"callback_url": shopURL(a.id)})
	paid, _ := json.Marshal(map[string]any{"amount": amounts[1+s.rng.IntN(8)], "description": "first month", "embed_data": s.anEmbed()})
	f := fields{
		{"app_id", fmt.Sprint(a.id)},
		{"req_date", s.oddTime()},
		{"app_trans_id", s.name()},
		{"identifier", "An"},
		{"binding_type", "CARD"},
		{"binding_mode", mode},
		{"device_type", "MOBILE"},
		{"binding_data", string(data)},
		{"payment_data", string(paid)},
	}
	if b, ok := recent(s, s.m.boundOrder); ok && s.chance(8) {
		f = f.with("app_trans_id", b.id)
	}
	s.send(s.signed(sen.OpCreateBindingCard, a, f))
}

// aBinding is mostly one in some state.
func (s *sim) aBinding(suits func(*binding) bool) (*binding, bool) {
	for range 8 {
		b, ok := recent(s, s.m.boundOrder)
		if !ok || suits(b) || s.chance(6) {
			return b, ok
		}
	}
	return recent(s, s.m.boundOrder)
}

func (s *sim) answerBinding() {
	b, ok := s.aBinding(s.m.pending)
	if !ok {
		return
	}
	var got control.Binding
	path := "bindings/" + b.token + "/consent"
	switch {
	case s.chance(7):
		want := ""
		switch {
		case !s.m.pending(b):
			want = "binding_over"
		case b.charge != nil:
			want = "order_in_flight"
		}
		if s.agree("a refusal of binding "+b.id, s.control("POST", path, control.Consent{Decline: true}, nil), want, ruleMoves) && want == "" {
			b.state = "lapsed"
		}
		return
	case b.card != s.chance(4):
		card, otp := cardNumbers[s.rng.IntN(len(cardNumbers))], []string{"111111", "111111", "", "999999"}[s.rng.IntN(4)]
		want := s.m.bindCard(b, card, otp)
		if !s.agree("a card for binding "+b.id, s.control("POST", path, control.Consent{Card: card, OTP: otp}, &got), want, ruleMoves) {
			return
		}
	default:
		w := s.aWallet()
		want := s.m.confirm(b, w)
		if !s.agree("consent to binding "+b.id, s.control("POST", path, control.Consent{Wallet: w.phone}, &got), want, ruleMoves) {
			return
		}
	}
	if got.PayToken != "" {
		b.payToken = got.PayToken
	}
}

func (s *sim) queryBinding() {
	b, ok := recent(s, s.m.boundOrder)
	if !ok {
		return
	}
	a, id := s.m.app(b.app), b.id
	if s.chance(5) {
		a = s.anApp()
	}
	op := sen.OpQueryPaymentTokenWallet
	if b.card != s.chance(5) {
		op = sen.OpQueryBindingCard
	}
	s.send(s.signed(op, a, fields{{"app_id", fmt.Sprint(a.id)}, {"app_trans_id", id}, {"req_date", s.oddTime()}}))
}

// aToken is one of a binding that was confirmed once, or nobody's.
func (s *sim) aToken() (a *shopApp, b *binding, token, identifier string) {
	b, ok := s.aBinding(func(b *binding) bool { return b.state == "confirmed" && b.payToken != "" })
	if !ok || b.payToken == "" {
		return s.anApp(), nil, strings.Repeat("A", 48), "An"
	}
	a, identifier = s.m.app(b.app), b.identifier
	if s.chance(3) {
		identifier = "Cường"
	}
	if s.chance(3) {
		a = s.anApp()
	}
	return a, b, b.payToken, identifier
}

func (s *sim) queryBalance() {
	a, _, token, identifier := s.aToken()
	s.send(s.signed(sen.OpQueryBalanceWallet, a, fields{
		{"app_id", fmt.Sprint(a.id)}, {"identifier", identifier}, {"pay_token", token}, {"amount", fmt.Sprint(amounts[s.rng.IntN(len(amounts))])}, {"req_date", s.oddTime()},
	}))
}

// noToken is no token of an order, whatever orders there are.
const noToken = "garbage"

func (s *sim) payByToken() {
	a, b, token, identifier := s.aToken()
	orderToken := noToken
	if o, ok := s.openOrder(); ok && s.chance(97) {
		for range 10 {
			if o.app == a.id {
				break
			}
			o, _ = s.openOrder()
		}
		orderToken = o.token
		if s.chance(3) && orderToken != "" {
			orderToken = orderToken[:len(orderToken)-1] + map[bool]string{true: "b", false: "a"}[strings.HasSuffix(orderToken, "a")]
		}
	}
	op := sen.OpPayByTokenWallet
	if b != nil && b.card == s.chance(90) {
		op = sen.OpPayByTokenCard
	}
	if orderToken == "" {
		return // the order of a card binding: only its page knows the token
	}
	s.send(s.signed(op, a, fields{
		{"app_id", fmt.Sprint(a.id)}, {"identifier", identifier}, {"zp_trans_token", orderToken}, {"pay_token", token}, {"req_date", s.oddTime()},
	}))
}

func (s *sim) endBinding() {
	b, ok := s.aBinding(func(b *binding) bool { return b.state == "confirmed" })
	if !ok {
		return
	}
	if s.chance(40) {
		operator := s.chance(50)
		want := ""
		if b.state != "confirmed" {
			want = "binding_not_found"
		}
		if s.agree("the end of binding "+b.id, s.control("POST", "bindings/"+b.token+"/end", control.EndBinding{Operator: operator}, nil), want, ruleMoves) && want == "" {
			s.m.endBinding(b, map[bool]string{true: "disabled", false: "cancelled"}[operator])
		}
		return
	}
	a, identifier, op := s.m.app(b.app), b.identifier, sen.OpUnbindingWallet
	if b.card != s.chance(8) {
		op = sen.OpUnbindingCard
	}
	if s.chance(12) {
		identifier = "Cường"
	}
	if s.chance(6) {
		a = s.anApp()
	}
	s.send(s.signed(op, a, fields{{"app_id", fmt.Sprint(a.id)}, {"identifier", identifier}, {"binding_id", b.token}, {"req_date", s.oddTime()}}))
}

func (s *sim) queryUser() {
	a, _, token, _ := s.aToken()
	s.send(s.signed(sen.OpQueryUserInfo, a, fields{{"app_id", fmt.Sprint(a.id)}, {"access_token", token}, {"req_date", s.oddTime()}}))
}

func (s *sim) forgetCard() {
	b, ok := s.aBinding(func(b *binding) bool { return b.card && b.state == "confirmed" && !b.forgotten })
	if !ok || b.number == "" || b.forgotten {
		return
	}
	s.must(s.control("POST", "bindings/"+b.token+"/forget", control.EndBinding{}, nil))
	b.forgotten = true
}

func (s *sim) listBanks() {
	a := s.anApp()
	s.send(s.signed(sen.OpListBanks, a, fields{{"appid", fmt.Sprint(a.id)}, {"reqtime", s.millis()}}))
}

// sample is a request of any operation, as it was made before.
func (s *sim) sample() (*request, bool) {
	byOp := map[string][]*request{}
	var names []string
	for _, r := range s.sentOut {
		if byOp[r.op.Name] == nil {
			names = append(names, r.op.Name)
		}
		byOp[r.op.Name] = append(byOp[r.op.Name], r)
	}
	if names == nil {
		return nil, false
	}
	return recent(s, byOp[names[s.rng.IntN(len(names))]])
}

func (s *sim) signWrongly() {
	r, ok := s.sample()
	if !ok {
		return
	}
	a := s.m.app(r.app)
	bad := *r
	bad.badMAC = true
	mac := r.op.MACMember()
	switch s.rng.IntN(4) {
	case 0:
		bad.fields = r.fields.with(mac, r.op.Sign(a.key2, r.fields.get))
	case 1:
		bad.fields = r.fields.with(mac, strings.Repeat("0", 64))
	case 2:
		bad.fields = r.fields.with(mac, "zz"+r.fields.get(mac))
	default:
		member := r.op.Signed[0]
		if r.op == sen.OpListBanks {
			member = "appid"
		}
		bad.app, bad.fields = 99, r.fields.with(member, "99")
		if r.op == sen.OpRefundOrder {
			bad.malformed = true // its m_refund_id names another app
		}
	}
	s.call(&bad)
}

func (s *sim) askBadly() {
	r, ok := s.sample()
	if !ok {
		return
	}
	bad := *r
	bad.malformed, bad.badID = true, false
	var members []string
	for _, f := range r.fields {
		if f.value != "" && !slices.Contains([]string{"callback_url", "bank_code", "max_amount", "expire_duration_seconds", "refund_fee_amount", "description", "binding_type", "binding_data", "mac", "sig"}, f.name) {
			members = append(members, f.name)
		}
	}
	member := members[s.rng.IntN(len(members))]
	switch member {
	case "amount", "app_time", "req_date", "timestamp", "reqtime", "time", "zp_trans_id", "app_id", "appid", "appId":
		bad.fields = r.fields.with(member, []string{"-1", "1.5", "abc", " 7", "99999999999999999999"}[s.rng.IntN(5)])
	case "app_trans_id":
		if r.op == sen.OpQueryOrder || r.op == sen.OpCancelOrder {
			bad.badID, bad.malformed = true, false
		}
		bad.fields = r.fields.with(member, "bad id "+strings.Repeat("x", 40))
	default:
		bad.fields = r.fields.without(member)
	}
	if slices.Contains([]string{"app_id", "appid", "appId"}, member) {
		bad.app = 0 // forced answers are for an app
	}
	s.call(&bad)
}

func (s *sim) repeat() {
	if r, ok := recent(s, s.sentOut); ok {
		s.call(r)
	}
}

func (s *sim) topUp() {
	w, amount := s.aWallet(), s.pick(1, 10_000, 100_000, 3_000_000)
	var got control.Wallet
	if code := s.control("POST", "wallets/"+w.phone+"/topup", control.Amount{Amount: amount}, &got); code != "" {
		s.broken(ruleAnswers, "a top-up is refused: %s", code)
		return
	}
	w.balance += amount
	s.m.clearing[38] -= amount
	if got.Balance != w.balance {
		s.broken(ruleDurable, "wallet %s has %d, and should have %d", w.phone, got.Balance, w.balance)
	}
}

func (s *sim) changeWallet() {
	w := s.aWallet()
	var c control.Conditions
	switch s.rng.IntN(6) {
	case 0:
		c.Locked = new(s.chance(40))
	case 1:
		c.PaymentsOff = new(s.chance(40))
	case 2:
		c.KYC = new(s.rng.IntN(3))
	case 3:
		c.DayAll = new(s.pick(0, 100_000))
	case 4:
		c.MonthAll = new(s.pick(0, 300_000))
	default:
		c.Locked, c.PaymentsOff = new(false), new(false)
	}
	s.limit(w.phone, c)
}

func (s *sim) changeApp() {
	a := s.anApp()
	var c control.ChangeApp
	switch s.rng.IntN(5) {
	case 0:
		c.Disabled = new(s.chance(30))
		a.disabled = *c.Disabled
	case 1:
		c.FeeBP = new(s.pick(0, 150, 333))
		a.feeBP = *c.FeeBP
	case 2:
		a.receivableLimit += 10_000
		c.ReceivableLimit = &a.receivableLimit
	case 3:
		c.RefundApprovalFrom = new(s.pick(0, 50_000))
		a.approvalFrom = *c.RefundApprovalFrom
	default:
		for _, one := range s.m.apps[:5] {
			one.disabled = false
			s.must(s.control("PATCH", fmt.Sprint("apps/", one.id), control.ChangeApp{Disabled: new(false)}, nil))
		}
		return
	}
	s.must(s.control("PATCH", fmt.Sprint("apps/", a.id), c, nil))
}

func (s *sim) payOut() {
	a := s.anApp()
	amount := max(1, a.payable)
	if s.chance(30) {
		amount = a.payable + 1
	}
	want, rule := "", 0
	switch {
	case a.disabled:
		want, rule = "app_unknown", ruleAnswers
	case amount > a.payable:
		want, rule = "balance_insufficient", ruleFloors
	}
	if s.agree("a payout", s.control("POST", fmt.Sprint("apps/", a.id, "/payout"), control.Amount{Amount: amount}, nil), want, rule) && want == "" {
		a.payable -= amount
		s.m.clearing[38] += amount
	}
}

func (s *sim) changeCampaign() {
	c := s.m.campaigns[s.rng.IntN(len(s.m.campaigns))]
	budget := c.spent + s.pick(0, 15_000, 200_000)
	s.must(s.control("PATCH", "campaigns/"+c.code, control.ChangeCampaign{Budget: &budget}, nil))
	c.budget = budget
}

func (s *sim) maintenance() {
	if len(s.m.windows) > 0 && s.chance(60) {
		w := s.m.windows[0]
		s.m.windows = s.m.windows[1:]
		s.must(s.control("DELETE", "maintenance/"+w.id, nil, nil))
		return
	}
	ops := sen.Operations()
	w := &window{operation: ops[s.rng.IntN(len(ops))].Name, until: s.m.now.Add(time.Duration(1+s.rng.IntN(60)) * time.Minute)}
	if s.chance(50) {
		a := s.anApp()
		if a.disabled {
			return
		}
		w.app = a.id
	}
	var got control.Window
	s.must(s.control("POST", "maintenance", control.Window{Operation: w.operation, App: w.app, Until: &w.until}, &got))
	w.id = got.ID
	s.m.windows = append(s.m.windows, w)
}

func (s *sim) force() {
	all := sen.Statuses()
	st := all[s.rng.IntN(len(all))]
	if st.Operation == sen.RedirectStatus {
		return
	}
	a := s.anApp()
	s.must(s.control("POST", "rules", control.Rule{Operation: st.Operation, App: a.id, Value: &st.Value, Calls: 1}, nil))
	s.m.rules = append(s.m.rules, &forced{st.Operation, a.id, st.Value})
}

func (s *sim) fault() {
	a := s.anApp()
	if a.faults > 0 {
		return
	}
	a.faults = 1
	s.must(s.control("POST", "faults", control.Fault{App: a.id, Calls: 1}, nil))
}

func (s *sim) outage() {
	s.m.outage = !s.m.outage
	s.must(s.control("POST", "bank", control.Bank{Outage: s.m.outage}, nil))
}

func (s *sim) mood() { s.street.setMood(s.anApp().id, moods[s.rng.IntN(len(moods))]) }

func (s *sim) mishap() {
	a := s.anApp()
	if a.mishap != "" {
		return
	}
	kinds := append([]string{"drop", "duplicate", "duplicate_at_once", "delay", "after_expiry"}, forgeries...)
	a.mishap = kinds[s.rng.IntN(len(kinds))]
	rule := control.CallbackRule{App: a.id, Subject: "order", Kind: a.mishap, Calls: 1}
	if a.mishap == "delay" {
		rule.Delay = heldFor.String()
	}
	s.must(s.control("POST", "callback-rules", rule, nil))
}

func (s *sim) replay() {
	d, ok := recent(s, s.m.deliveries)
	if !ok || d.order == nil {
		return
	}
	var o control.Order
	s.must(s.control("GET", fmt.Sprintf("orders/%d/%s", d.app, d.order.id), nil, &o))
	if len(o.Callbacks) != 1 {
		s.broken(ruleCallbacks, "order %s has %d callbacks", d.order.id, len(o.Callbacks))
		return
	}
	in := control.Replay{}
	if d.url == "" || s.chance(20) {
		in.URL = shopURL(d.app)
	}
	s.must(s.control("POST", "callbacks/"+o.Callbacks[0].ID+"/replay", in, nil))
	d.state, d.due, d.round = "due", s.m.now, 0
	if in.URL != "" {
		d.url = in.URL
	}
}

func (s *sim) jump() time.Duration {
	switch s.rng.IntN(12) {
	case 0, 1, 2, 3:
		return time.Duration(1+s.rng.IntN(60)) * time.Second
	case 4, 5, 6:
		return time.Duration(1+s.rng.IntN(10)) * time.Minute
	case 7, 8:
		return 16 * time.Minute
	case 9:
		return time.Duration(1+s.rng.IntN(12)) * time.Hour
	case 10: // to midnight
		local := s.m.now.In(zone)
		next := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, zone)
		return next.Sub(s.m.now) - time.Duration(s.rng.IntN(2))*time.Second
	}
	return time.Duration(1+s.rng.IntN(40)) * 24 * time.Hour
}

func (s *sim) advance() { s.pass(s.jump()) }

func (s *sim) pass(d time.Duration) {
	s.m.now = s.m.now.Add(d)
	s.must(s.control("POST", "clock", control.MoveClock{Advance: d.String()}, nil))
}

// reborn is what a new process does not know any more. It also ends the failures
// that it was told to have.
func (s *sim) reborn() {
	s.m.outage = false
	for _, a := range s.m.apps {
		a.buckets, a.faults = map[string]*bucket{}, 0
	}
}

func (s *sim) restart() {
	if err := s.life.end(); err != nil {
		s.broken(ruleDurable, "the gateway does not stop: %v", err)
	}
	s.begun(s.life.dir)
}

func (s *sim) begun(dir string) {
	if err := s.live(dir); err != nil {
		panic(fmt.Errorf("the gateway does not start again: %w", err))
	}
	s.reborn()
}

func (s *sim) nextDir() string { return filepath.Join(s.dir, fmt.Sprint("life", s.lives)) }

// crashNow kills the gateway between two requests.
func (s *sim) crashNow() {
	dir, lost := s.nextDir(), ""
	if s.plant != nil {
		lost = s.plant.lose
	}
	if err := s.life.image(dir, lost); err != nil {
		panic(err)
	}
	s.life.kill()
	if err := s.life.end(); err != nil {
		panic(err)
	}
	s.begun(dir)
}

// crashCalling lets time pass, and kills the gateway while one of the callbacks
// that are then due is on its way.
func (s *sim) crashCalling() {
	if slices.ContainsFunc(s.m.apps, func(a *shopApp) bool { return a.mishap != "" }) {
		return
	}
	dir := s.nextDir()
	old := s.life
	s.street.mu.Lock()
	s.street.crash = 1 + s.rng.IntN(3)
	s.street.crashs = func() error { return old.image(dir, "") }
	s.street.mu.Unlock()
	s.pass(time.Duration(1+s.rng.IntN(6)) * time.Minute)
	s.m.work()
	s.street.mu.Lock()
	s.street.crash = 0
	s.street.mu.Unlock()
	if old.gone() {
		if err := old.end(); err != nil {
			panic(err)
		}
		s.begun(dir)
	}
}
