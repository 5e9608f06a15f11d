package simtest

import (
	"fmt"
	"slices"

	"sen"
	"sen/internal/control"
)

// payoutKinds are steps about money that merchants pay out to wallets.
func payoutKinds() []kind {
	return []kind{
		{"ask for a receiver", 6, (*sim).queryReceiver},
		{"pay out to a wallet", 22, (*sim).payReceiver},
		{"query a payout", 10, (*sim).queryPayout},
		{"ask what is left to pay out", 5, (*sim).queryAccount},
		{"fund payouts", 7, (*sim).fundPayouts},
		{"hold or release payouts", 6, (*sim).holdPayouts},
		{"reject a payout", 5, (*sim).rejectPayout},
		{"payouts at once", 12, (*sim).payoutsAtOnce},
		{"crash while paying out", 3, (*sim).crashPayingOut},
	}
}

// furnishPayouts gives an app its key, and most apps little to pay out.
func (s *sim) furnishPayouts(a *shopApp) {
	var has control.Payouts
	s.must(s.control("GET", fmt.Sprint("apps/", a.id, "/disbursement"), nil, &has))
	key, err := sen.ParsePrivateKey(has.PrivateKey)
	if err != nil {
		panic(err)
	}
	a.paymentID, a.private, a.receivers, a.toPayOut = has.PaymentID, key, map[string]string{}, has.Balance
	s.m.clearing[1] -= has.Balance
	left := s.pick(0, 50_000, 1_000_000, has.Balance)
	if left == has.Balance {
		return
	}
	rich := s.m.wallets[0] // has more than anybody will ask for anyway
	s.call(s.signed(sen.OpDisbursementUser, a, fields{{"app_id", fmt.Sprint(a.id)}, {"phone", rich.phone}, {"time", s.millis()}}))
	f := s.payoutFields(a, a.receivers[rich.phone], has.Balance-left).with("time", s.millis())
	s.call(s.signed(sen.OpDisbursementTopUp, a, f))
}

func (s *sim) receiverRequest(a *shopApp, phone string) *request {
	return s.signed(sen.OpDisbursementUser, a, fields{{"app_id", fmt.Sprint(a.id)}, {"phone", phone}, {"time", s.oddTime()}})
}

func (s *sim) queryReceiver() {
	phone := s.aWallet().phone
	if s.chance(10) {
		phone = []string{"0911111111", "12"}[s.rng.IntN(2)]
	}
	s.send(s.receiverRequest(s.anApp(), phone))
}

func (s *sim) payoutFields(a *shopApp, receiver string, amount int64) fields {
	s.serial++
	return fields{
		{"app_id", fmt.Sprint(a.id)},
		{"payment_id", a.paymentID},
		{"partner_order_id", fmt.Sprint("s", s.step, "x", s.serial)},
		{"m_u_id", receiver},
		{"amount", fmt.Sprint(amount)},
		{"description", "Lương tháng 11"},
		{"partner_embed_data", `{"team":"bếp"}`},
		{"extra_info", `{"note":"a \"b\""}`},
		{"time", s.oddTime()},
	}
}

// aPayout is what a merchant asks for: mostly something that its account, and the
// wallet, can just about take, or can't.
func (s *sim) aPayout(a *shopApp) fields {
	w := s.aWallet()
	name := a.receivers[w.phone]
	if name == "" {
		s.send(s.receiverRequest(a, w.phone))
		name = a.receivers[w.phone]
	}
	amount := s.pick(1, 1_000, 20_000, 50_000, a.toPayOut, a.toPayOut+1, a.toPayOut/2, 20_000_000-w.balance, 20_000_001-w.balance)
	if amount < 1 || amount > 1_000_000_000 {
		amount = 10_000
	}
	f := s.payoutFields(a, name, amount)
	if name == "" || s.chance(3) {
		f = f.with("m_u_id", "AAAAAAAAAAAAAAAAAAAAAA")
		if other := s.m.app(s.anApp().id).receivers[w.phone]; other != "" && s.chance(50) {
			f = f.with("m_u_id", other) // of another app, or of this
		}
	}
	if s.chance(3) {
		f = f.with("payment_id", "SALARY")
	}
	if d, ok := recent(s, s.m.payoutOrder); ok && s.chance(12) {
		f = f.with("partner_order_id", d.id) // of this app, or of another
	}
	return f
}

func (s *sim) payReceiver() {
	a := s.anApp()
	s.send(s.signed(sen.OpDisbursementTopUp, a, s.aPayout(a)))
}

func (s *sim) queryPayout() {
	a, id := s.anApp(), "nobody-1"
	d, ok := recent(s, s.m.payoutOrder)
	if ok {
		id = d.id
	}
	if ok && s.chance(95) {
		a = s.m.app(d.app)
	}
	s.send(s.signed(sen.OpDisbursementQuery, a, fields{{"app_id", fmt.Sprint(a.id)}, {"partner_order_id", id}, {"time", s.oddTime()}}))
}

func (s *sim) queryAccount() {
	a := s.anApp()
	name := a.paymentID
	if s.chance(8) {
		name = "SALARY"
	}
	s.send(s.signed(sen.OpDisbursementBalance, a, fields{{"app_id", fmt.Sprint(a.id)}, {"payment_id", name}, {"time", s.oddTime()}}))
}

func (s *sim) fundPayouts() {
	a := s.anApp()
	amount := s.pick(1, 50_000, 1_000_000)
	for _, d := range s.m.payoutOrder {
		if d.app == a.id && d.state == "pending" && d.amount > a.toPayOut && s.chance(40) {
			amount = d.amount - a.toPayOut
		}
	}
	var got control.Payouts
	s.must(s.control("POST", fmt.Sprint("apps/", a.id, "/disbursement/fund"), control.Amount{Amount: amount}, &got))
	a.toPayOut += amount
	s.m.clearing[1] -= amount
	s.seesPayouts(a, got)
	s.m.wake(a)
}

func (s *sim) holdPayouts() {
	a := s.anApp()
	a.held = s.chance(40)
	var got control.Payouts
	s.must(s.control("POST", fmt.Sprint("apps/", a.id, "/disbursement"), control.ChangePayouts{Held: &a.held}, &got))
	s.seesPayouts(a, got)
	s.m.wake(a)
}

// seesPayouts holds what an operator is shown against the model, before what
// waits is tried again.
func (s *sim) seesPayouts(a *shopApp, got control.Payouts) {
	if got.Balance != a.toPayOut || got.Held != a.held || got.PaymentID != a.paymentID {
		s.broken(rulePayouts, "app %d has %d to pay out, held up: %v; it should have %d, held up: %v", a.id, got.Balance, got.Held, a.toPayOut, a.held)
	}
}

func (s *sim) rejectPayout() {
	open := slices.DeleteFunc(slices.Clone(s.m.payoutOrder), func(d *payout) bool { return d.due.IsZero() && !s.chance(10) })
	d, ok := recent(s, open)
	if !ok || d.number == 0 {
		return
	}
	want := ""
	if d.due.IsZero() {
		want = "disbursement_closed"
	}
	var got control.Disbursement
	if s.agree("a rejection of payout "+d.id, s.control("POST", fmt.Sprint("disbursements/", d.number, "/reject"), nil, &got), want, rulePayouts) && want == "" {
		s.m.endPayout(d, "failed", "rejected")
		if got.State != "failed" || got.Failure != "rejected" || got.Amount != d.amount {
			s.broken(rulePayouts, "payout %s was rejected, and is %s (%s) of %d", d.id, got.State, got.Failure, got.Amount)
		}
	}
}

// payoutsAtOnce lets payouts meet in one account, some of them twice, while the
// merchant asks about them.
func (s *sim) payoutsAtOnce() {
	a := s.anApp()
	if !s.crowded() || s.meddled(a) {
		return
	}
	var calls []*attempt
	for range 2 + s.rng.IntN(4) {
		f := s.aPayout(a)
		calls = append(calls, s.tryCall(s.signed(sen.OpDisbursementTopUp, a, f)))
		if s.chance(40) { // the same again, or another under its name
			f = f.with("amount", fmt.Sprint(f.number("amount")+s.pick(0, 0, 1)))
			calls = append(calls, s.tryCall(s.signed(sen.OpDisbursementTopUp, a, f)))
		}
		if s.chance(40) {
			calls = append(calls, s.tryCall(s.signed(sen.OpDisbursementQuery, a, fields{
				{"app_id", fmt.Sprint(a.id)}, {"partner_order_id", f.get("partner_order_id")}, {"time", s.millis()},
			})))
		}
	}
	if len(s.found) == 0 {
		s.atOnce(calls)
	}
}

// meddled reports whether a call of an app may be answered in a way that only the
// order of calls decides.
func (s *sim) meddled(a *shopApp) bool {
	told := slices.ContainsFunc(s.m.rules, func(f *forced) bool { return f.app == a.id })
	return told || a.faults > 0 || a.rate > 0
}

// crashPayingOut kills the gateway somewhere in a payout, whose answer nobody
// gets. The merchant asks for the same again: it is paid once. Where the crash
// comes is the machine's choice.
func (s *sim) crashPayingOut() {
	a := s.anApp()
	if !s.crowded() || s.meddled(a) {
		return
	}
	r := s.signed(sen.OpDisbursementTopUp, a, s.aPayout(a))
	if len(s.found) > 0 {
		return
	}
	v := s.m.judge(r)
	path, contentType, body := r.encode(s.rng)
	s.crashDuring(func() { ask(s.front, r.op.Method, path, contentType, body) })
	key := orderKey{a.id, r.fields.get("partner_order_id")}
	s.rows(fmt.Sprintf(`SELECT number FROM disbursements WHERE app_id = %d AND partner_order_id = '%s'`, a.id, key.id), func([]string) {
		if v.value != 1 || s.m.payouts[key] != nil {
			return // as it was before
		}
		query := s.signed(sen.OpDisbursementQuery, a, fields{{"app_id", fmt.Sprint(a.id)}, {"partner_order_id", key.id}, {"time", s.millis()}})
		path, contentType, body := query.encode(s.rng)
		status, text := s.ask(query.op.Method, path, contentType, body)
		if ans, err := parseAnswer(text); err != nil || ans.code != 1 {
			s.broken(rulePayouts, "a payout is kept, and a query is answered with HTTP %d: %s", status, text)
		} else {
			v.do(ans)
		}
	})
	s.call(r)
}

// crashDuring kills the gateway while it does something.
func (s *sim) crashDuring(do func()) {
	dir, old := s.nextDir(), s.life
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	if err := old.image(dir, ""); err != nil {
		panic(err)
	}
	old.kill()
	<-done
	if err := old.end(); err != nil {
		panic(err)
	}
	s.begun(dir)
}
