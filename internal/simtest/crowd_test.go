package simtest

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"sen"
	"sen/internal/control"
)

// A seed that can be divided by four lets calls come at once, too. Which of them
// comes first is the machine's choice, so of such a seed only the steps are the
// same again.
func (s *sim) crowded() bool { return s.seed%4 == 0 && s.plant == nil }

// An attempt is one of several calls at once.
type attempt struct {
	what   string
	send   func() (status int, text []byte)
	status int
	text   []byte
	// fits says what the answer means if it is right at this point, and nil if it
	// is not. changes reports whether the call did anything.
	fits    func() (then func())
	changes func() bool
}

// crowd lets calls about one order come at once, and finds an order in which each
// answer is right. Those that changed nothing can come as early as they fit, so
// there is nothing to go back on.
func (s *sim) crowd() {
	o, ok := s.openOrder()
	if !ok || !s.crowded() {
		return
	}
	if s.meddled(s.m.app(o.app)) {
		return // which of the calls it would meet nobody could say
	}
	s.atOnce(s.gather(o))
	// Of two attempts that failed, the order remembers the one that was noted last.
	s.rows(fmt.Sprintf(`SELECT failure FROM orders WHERE app_id = %d AND app_trans_id = '%s' AND state = 'created'`, o.app, o.id), func(row []string) {
		if noted(row[0]) && o.failure != "" {
			o.failure = row[0]
		}
	})
}

// atOnce makes the calls at once, and finds an order for them.
func (s *sim) atOnce(calls []*attempt) {
	s.crowds++
	var all sync.WaitGroup
	for _, c := range calls {
		all.Go(func() { c.status, c.text = c.send() })
	}
	all.Wait()
	for _, c := range calls {
		s.note("> at once: %s", c.what)
		s.note("< %d %s", c.status, c.text)
	}
	for len(calls) > 0 {
		i, then := next(calls)
		if then == nil {
			for _, c := range calls {
				s.broken(ruleOnce, "calls at once: there is no order in which this answer is right: %s: %s", c.what, c.text)
			}
			return
		}
		then()
		calls = slices.Delete(calls, i, i+1)
	}
}

func next(calls []*attempt) (int, func()) {
	for _, changing := range []bool{false, true} {
		for i, c := range calls {
			if c.changes() != changing {
				continue
			}
			if then := c.fits(); then != nil {
				return i, then
			}
		}
	}
	return 0, nil
}

// gather makes calls about an order. Those that end something come after those
// that still could.
func (s *sim) gather(o *order) (calls []*attempt) {
	a := s.m.app(o.app)
	app := fmt.Sprint(a.id)
	for range 1 + s.rng.IntN(3) {
		calls = append(calls, s.tryPay(o, s.aWallet()))
	}
	w := s.aWallet()
	if other, ok := s.openOrder(); ok && other != o {
		calls = append(calls, s.tryPay(o, w), s.tryPay(other, w))
	}
	b, ok := s.aBinding(func(b *binding) bool { return b.app == o.app && !b.card && b.state == "confirmed" })
	token := ok && b.app == o.app && !b.card && b.payToken != "" && o.token != ""
	if token {
		calls = append(calls, s.tryCall(s.signed(sen.OpPayByTokenWallet, a, fields{
			{"app_id", app}, {"identifier", b.identifier}, {"zp_trans_token", o.token}, {"pay_token", b.payToken}, {"req_date", s.millis()},
		})))
	}
	made := s.signed(sen.OpCreateOrder, a, fields{
		{"app_id", app},
		{"app_user", "An"},
		{"app_trans_id", s.name()},
		{"app_time", s.millis()},
		{"amount", "50000"},
		{"item", "[]"},
		{"embed_data", "{}"},
		{"description", "at once"},
	})
	calls = append(calls, s.tryCall(made), s.tryCall(made))
	named := fields{{"app_id", app}, {"app_trans_id", o.id}}
	calls = append(calls, s.tryCall(s.signed(sen.OpQueryOrder, a, named)))
	if s.chance(40) {
		calls = append(calls, s.tryCall(s.signed(sen.OpCancelOrder, a, named)))
	}
	if token && s.chance(40) {
		calls = append(calls, s.tryCall(s.signed(sen.OpUnbindingWallet, a, fields{
			{"app_id", app}, {"identifier", b.identifier}, {"binding_id", b.token}, {"req_date", s.millis()},
		})))
	}
	return calls
}

func (s *sim) tryPay(o *order, w *purse) *attempt {
	body, err := json.Marshal(control.PayOrder{Order: o.id, App: o.app, Wallet: w.phone})
	if err != nil {
		panic(err)
	}
	c := &attempt{what: "pay " + string(body)}
	c.send = func() (int, []byte) { return ask(s.front, "POST", "/control/pay", "application/json", body) }
	c.changes = func() bool { return c.status == 200 }
	c.fits = func() func() {
		var got struct {
			Number int64 `json:"zp_trans_id"`
			Error  struct{ Code string }
		}
		if err := json.Unmarshal(c.text, &got); err != nil {
			return nil
		}
		code, _, do := s.m.payFrom(o, w)
		switch {
		case code != got.Error.Code, code == "" && o.payment != nil && o.payment.number != got.Number:
			return nil
		case code == "":
			return func() { do(got.Number) }
		}
		return func() {
			if noted(code) {
				o.failure = code
			}
		}
	}
	return c
}

func (s *sim) tryCall(r *request) *attempt {
	r.first = false // its answers say less
	path, contentType, body := r.encode(s.rng)
	s.expect(r)
	c := &attempt{what: r.op.Name + " " + path + " " + string(body)}
	c.send = func() (int, []byte) { return ask(s.front, r.op.Method, path, contentType, body) }
	answered := func() answer {
		ans, err := parseAnswer(c.text)
		if err != nil {
			ans.sub = -1
		}
		return ans
	}
	c.changes = func() bool { return !asks(r.op) && answered().code == 1 }
	c.fits = func() func() {
		if r.op == sen.OpQueryOrder && s.openStill(r, int(answered().sub)) {
			return func() {}
		}
		v := s.m.judge(r)
		if v.value != int(answered().sub) || v.fits != nil && !v.fits(answered()) {
			return nil
		}
		return func() {
			s.judged(r, v, c.status, c.text)
			s.known(r)
		}
	}
	return c
}

// openStill reports whether a query at the same time as attempts to pay says that
// the order is open: which of those that failed was noted by then, nobody knows.
func (s *sim) openStill(r *request, value int) bool {
	o := s.m.orders[orderKey{r.app, r.fields.get("app_trans_id")}]
	if o == nil || s.m.shut(o) != "" {
		return false
	}
	for _, failed := range told {
		if value == failed {
			return true
		}
	}
	return value == sen.Processing
}

// hurry makes a call as often as an app may, and more.
func (s *sim) hurry() {
	var ofRated []*request
	for _, r := range s.sentOut {
		if a := s.m.app(r.app); a != nil && a.rate > 0 {
			ofRated = append(ofRated, r)
		}
	}
	r, ok := recent(s, ofRated)
	for range 5 {
		if ok && len(s.found) == 0 {
			s.call(r)
		}
	}
}

// asks reports whether an operation changes nothing.
func asks(op *sen.Operation) bool {
	return op == sen.OpQueryOrder || op == sen.OpDisbursementQuery || op == sen.OpDisbursementBalance
}
