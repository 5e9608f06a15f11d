package simtest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// pageKinds are steps of payers in front of hosted pages.
func pageKinds() []kind {
	return []kind{
		{"open a page", 24, (*sim).openPage},
		{"press a button", 20, (*sim).press},
		{"press a button in two places at once", 8, (*sim).pressAtOnce},
		{"crash while a button is pressed", 3, (*sim).crashPressing},
	}
}

// A browser keeps cookies, and so who is signed in.
type browser struct {
	mu      sync.Mutex
	cookies map[string]string
	who     *purse
}

// A tab is a page as it was when it was opened. Its forms can be sent at any time
// later, and again: people have back buttons, and other tabs.
type tab struct {
	in      *browser
	order   *order
	binding *binding
	key     string // of a form that brings money
}

const testPIN = "111111" // of every wallet that has one

// visit makes a request as a browser does. What pages look like is no part of the
// history: only where they lead.
func (s *sim) visit(b *browser, method, path string, form url.Values) (status int, location, page string) {
	status, location, page = b.visit(s.front, method, path, form)
	s.note("> %s %s %s", method, path, form.Encode())
	s.note("< %d %s", status, location)
	return status, location, page
}

func (b *browser) visit(front http.Handler, method, path string, form url.Values) (status int, location, page string) {
	r := httptest.NewRequest(method, publicURL+path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept-Language", "en")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	b.mu.Lock()
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	b.mu.Unlock()
	w := httptest.NewRecorder()
	front.ServeHTTP(w, r)
	b.keep(w.Header())
	return w.Code, w.Header().Get("Location"), w.Body.String()
}

// keep takes the cookies of an answer.
func (b *browser) keep(h http.Header) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range (&http.Response{Header: h}).Cookies() {
		if b.cookies[c.Name] = c.Value; c.MaxAge < 0 || c.Value == "" {
			delete(b.cookies, c.Name)
		}
	}
}

// aBrowser is one of three, mostly with somebody signed in.
func (s *sim) aBrowser() *browser {
	for len(s.browsers) < 3 {
		s.browsers = append(s.browsers, &browser{cookies: map[string]string{}})
	}
	b := s.browsers[s.rng.IntN(3)]
	switch w := s.aWallet(); {
	case b.who != nil && s.chance(10):
		s.visit(b, "POST", "/wallet/sign-out", nil)
		b.who = nil
	case b.who != nil && s.chance(80), !w.hasPIN, s.chance(20):
	default:
		s.signIn(b, w)
	}
	return b
}

func (s *sim) signIn(b *browser, w *purse) {
	status, location, _ := s.visit(b, "POST", "/wallet/sign-in", url.Values{"phone": {w.phone}, "pin": {testPIN}})
	if status != http.StatusSeeOther || location != "/wallet" {
		s.broken(ruleAnswers, "%s can't sign in: HTTP %d to %q", w.phone, status, location)
	}
	b.who = w
	s.seeBalance(b)
}

var (
	shownAmount  = regexp.MustCompile(`<p class="amount">([0-9.]+)`)
	shownNumber  = regexp.MustCompile(`<dd class="number">(\d{15})</dd>`)
	shownFormKey = regexp.MustCompile(`name="key" value="([^"]+)"`)
	shownState   = regexp.MustCompile(`"state":"([a-z]+)"`)
)

func found(pattern *regexp.Regexp, text string) string {
	if m := pattern.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// seeBalance holds what a wallet's owner is shown against the model.
func (s *sim) seeBalance(b *browser) {
	_, _, page := s.visit(b, "GET", "/wallet", nil)
	shown, err := strconv.ParseInt(strings.ReplaceAll(found(shownAmount, page), ".", ""), 10, 64)
	if err != nil || shown != b.who.balance {
		s.broken(ruleDurable, "the owner of %s is shown %d, and should be shown %d", b.who.phone, shown, b.who.balance)
	}
}

func (s *sim) openPage() {
	t := &tab{in: s.aBrowser()}
	switch n := s.rng.IntN(10); {
	case n < 6:
		o, ok := s.openOrder()
		if !ok || o.token == "" {
			return
		}
		t.order = o
	case n < 9:
		b, ok := s.aBinding(s.m.pending)
		if !ok {
			return
		}
		t.binding = b
	case t.in.who == nil:
		return
	default:
		_, _, page := s.visit(t.in, "GET", "/wallet/top-up", nil)
		if t.key = found(shownFormKey, page); t.key == "" {
			s.broken(ruleAnswers, "there is no form to top up")
		}
	}
	s.tabs = append(s.tabs, t)
	s.look(t)
	if s.chance(60) {
		s.pressIn(t)
	}
}

// path is that of the tab's page.
func (t *tab) path() string {
	switch {
	case t.order != nil:
		return "/checkout/" + t.order.token
	case t.binding != nil:
		return "/binding/" + t.binding.token
	}
	return "/wallet/top-up"
}

func (t *tab) app(m *model) *shopApp {
	switch {
	case t.order != nil:
		return m.app(t.order.app)
	case t.binding != nil:
		return m.app(t.binding.app)
	}
	return nil
}

// look opens the page of a tab anew, and holds what it says against the model.
func (s *sim) look(t *tab) {
	status, _, page := s.visit(t.in, "GET", t.path(), nil)
	if a := t.app(s.m); a != nil && a.disabled {
		if status != http.StatusNotFound {
			s.broken(ruleAnswers, "the page of a shop that is disabled has status %d", status)
		}
		return
	}
	if t.key != "" {
		if t.in.who != nil {
			s.seeBalance(t.in)
		}
		return
	}
	_, _, text := s.visit(t.in, "GET", t.path()+"/state", nil)
	want, got := t.state(s.m), found(shownState, text)
	if status != http.StatusOK || got != want && (want != "lapsed" || got != "declined") {
		s.broken(ruleAnswers, "the page %s has status %d and says %q, and should say %q", t.path(), status, got, want)
	}
	if want == "paid" {
		number, _ := strconv.ParseInt(found(shownNumber, page), 10, 64)
		p := t.order.payment
		if p.numbered(number); number != p.number {
			s.broken(ruleOnce, "the page of %s names payment %d, and should name %d", t.order.id, number, p.number)
		}
	}
}

// state is what a page should say.
func (t *tab) state(m *model) string {
	charge := func(c *charge) string {
		if c.state == "otp" {
			return "otp"
		}
		return "processing"
	}
	if o := t.order; o != nil {
		switch why := m.shut(o); why {
		case "":
			return "open"
		case "order_in_flight":
			return charge(o.charge)
		default:
			return strings.TrimPrefix(why, "order_")
		}
	}
	b := t.binding
	switch {
	case b.charge != nil:
		return charge(b.charge)
	case m.pending(b):
		return "open"
	case b.state == "confirmed" && m.over(b) == 0:
		return "confirmed"
	case b.confirmed.IsZero():
		return "lapsed"
	}
	return "ended"
}

// press sends a form of some tab, whatever happened since it was opened.
func (s *sim) press() {
	if t, ok := recent(s, s.tabs); ok {
		s.pressIn(t)
	}
}

// pressIn sends a form, often twice, and then looks what became of it.
func (s *sim) pressIn(t *tab) {
	action, form := s.aForm(t)
	for range 1 + s.rng.IntN(3)/2 {
		s.submit(t, action, form)
	}
	s.look(t)
}

// aForm is one that the tab's page has, or had.
func (s *sim) aForm(t *tab) (action string, form url.Values) {
	card := cardNumbers[s.rng.IntN(len(cardNumbers))]
	if s.chance(40) {
		card = []string{"4111111111111111", "9704540000000062"}[s.rng.IntN(2)]
	}
	cardForm := url.Values{"method": {"international"}, "card_number": {card}, "card_month": {"12/39"}, "cvv": {"123"}}
	if domestic(card) {
		cardForm.Set("method", "domestic")
	}
	otp := url.Values{"otp": {[]string{"111111", "111111", "999999", "12"}[s.rng.IntN(4)]}}
	n := s.rng.IntN(100)
	switch {
	case t.key != "":
		return "", url.Values{"key": {t.key}, "amount": {[]string{"50.000", "1", "2000000"}[s.rng.IntN(3)]}}
	case n < 70 && t.state(s.m) == "otp", n < 5:
		return "otp", otp
	case t.order != nil && n < 70:
		return "pay", nil
	case t.binding != nil && n < 25:
		return "decline", nil
	case t.binding != nil && !t.binding.card:
		return "confirm", nil
	}
	return "card", cardForm
}

// submit sends a form, and does in the model what it does.
func (s *sim) submit(t *tab, action string, form url.Values) {
	path := t.path()
	if action != "" {
		path += "/" + action
	}
	then := s.judgeForm(t, action, form)
	status, location, _ := s.visit(t.in, "POST", path, form)
	want := http.StatusSeeOther
	if a := t.app(s.m); a != nil && a.disabled {
		want = http.StatusNotFound
	}
	if status != want || status == http.StatusSeeOther && !strings.HasPrefix(location, "/") {
		s.broken(ruleAnswers, "a form sent to %s is answered with HTTP %d to %q", path, status, location)
		return
	}
	then()
	s.numberCharges()
}

// judgeForm says what a form will do.
func (s *sim) judgeForm(t *tab, action string, form url.Values) (then func()) {
	nothing := func() {}
	a, who := t.app(s.m), t.in.who
	switch {
	case a != nil && a.disabled:
		return nothing
	case who == nil && (action == "" || action == "pay" || action == "confirm"):
		return nothing // the session is over
	case action == "":
		return func() { s.topUpOnce(t, form.Get("amount")) }
	case action == "otp":
		return func() { s.prove(t, form.Get("otp")) }
	case t.order != nil && action == "pay":
		return func() { s.paid(t.order, who) }
	case t.order != nil:
		return func() { s.m.payWithCard(t.order, who, form.Get("card_number"), "") }
	case action == "confirm":
		return func() { s.m.confirm(t.binding, who) }
	case action == "card":
		return func() { s.m.bindCard(t.binding, form.Get("card_number"), "") }
	}
	return func() {
		if b := t.binding; s.m.pending(b) && b.charge == nil {
			b.state = "lapsed"
		}
	}
}

// topUpOnce counts a form of a wallet once, however often it is sent.
func (s *sim) topUpOnce(t *tab, typed string) {
	amount, err := strconv.ParseInt(strings.ReplaceAll(typed, ".", ""), 10, 64)
	if err != nil {
		panic(err)
	}
	w := t.in.who
	if w.forms[t.key] {
		return
	}
	if w.forms == nil {
		w.forms = map[string]bool{}
	}
	w.forms[t.key] = true
	w.balance += amount
	s.m.clearing[38] -= amount
}

// prove is a code typed in for what is under way on the tab's page.
func (s *sim) prove(t *tab, otp string) {
	var c *charge
	if t.order != nil {
		c = t.order.charge
	} else {
		c = t.binding.charge
	}
	if c != nil && len(otp) >= 4 {
		s.m.submit(c, otp)
	}
}

// paid is an order paid from a wallet, or what the order remembers of why not.
func (s *sim) paid(o *order, w *purse) {
	code, _, do := s.m.payFrom(o, w)
	switch {
	case code == "":
		do(0) // the page says which number
	case noted(code):
		o.failure = code
	}
}

// numberCharges learns the numbers of charges, by which those that are due at once
// are in order. No page shows them.
func (s *sim) numberCharges() {
	for _, o := range s.m.inOrder {
		if o.charge != nil && o.charge.number == 0 {
			s.rows(fmt.Sprintf(`
SELECT c.number FROM charges c JOIN orders o ON o.id = c.order_id WHERE c.closed_at IS NULL AND o.app_id = %d AND o.app_trans_id = '%s'`, o.app, o.id),
				func(row []string) { o.charge.number = fields{{"", row[0]}}.number("") })
		}
	}
	for _, b := range s.m.boundOrder {
		if b.charge != nil && b.charge.number == 0 {
			s.rows(fmt.Sprintf(`
SELECT c.number FROM charges c JOIN bindings b ON b.id = c.binding_id WHERE c.closed_at IS NULL AND b.app_id = %d AND b.app_trans_id = '%s'`, b.app, b.id),
				func(row []string) { b.charge.number = fields{{"", row[0]}}.number("") })
		}
	}
}

// pressAtOnce has the owners of several wallets press the button of one order, each
// of them twice, and asks the rows who was first.
func (s *sim) pressAtOnce() {
	o, ok := s.openOrder()
	if !ok || o.token == "" || !s.crowded() || s.m.app(o.app).disabled {
		return
	}
	var tabs []*tab
	s.aBrowser()
	for _, b := range s.browsers {
		if b.who != nil {
			tabs = append(tabs, &tab{in: b, order: o})
		}
	}
	if len(tabs) == 0 || len(s.found) > 0 {
		return
	}
	s.crowds++
	var all sync.WaitGroup
	for _, t := range tabs {
		for range 2 {
			all.Go(func() { t.in.visit(s.front, "POST", t.path()+"/pay", nil) })
		}
	}
	all.Wait()
	for _, t := range s.payersFirst(o, tabs) {
		s.note("> at once: %s pays %s", t.in.who.phone, o.id)
		s.paid(o, t.in.who)
	}
	s.rows(fmt.Sprintf(`SELECT failure FROM orders WHERE app_id = %d AND app_trans_id = '%s' AND state = 'created'`, o.app, o.id), func(row []string) {
		if noted(row[0]) && o.failure != "" {
			o.failure = row[0]
		}
	})
	s.look(tabs[0])
}

// payersFirst puts who paid an order before those who came too late.
func (s *sim) payersFirst(o *order, tabs []*tab) []*tab {
	s.rows(fmt.Sprintf(`SELECT p.wallet_id FROM payments p JOIN orders o ON o.payment = p.number WHERE o.app_id = %d AND o.app_trans_id = '%s'`, o.app, o.id), func(row []string) {
		for i, t := range tabs {
			if fmt.Sprint(t.in.who.id) == row[0] {
				tabs[0], tabs[i] = tabs[i], tabs[0]
			}
		}
	})
	return tabs
}

// crashPressing kills the gateway while an order is being paid on its page. The
// payer sees no answer, and presses again.
func (s *sim) crashPressing() {
	o, ok := s.openOrder()
	if !ok || o.token == "" || !s.crowded() || s.m.app(o.app).disabled || s.m.shut(o) != "" {
		return
	}
	t := &tab{in: s.aBrowser(), order: o}
	if t.in.who == nil || len(s.found) > 0 {
		return
	}
	s.crashDuring(func() { t.in.visit(s.front, "POST", t.path()+"/pay", nil) })
	s.rows(fmt.Sprintf(`SELECT state, failure FROM orders WHERE app_id = %d AND app_trans_id = '%s'`, o.app, o.id), func(row []string) {
		if row[0] == "paid" || noted(row[1]) && row[1] != o.failure {
			s.paid(o, t.in.who)
		}
	})
	s.submit(t, "pay", nil)
	s.look(t)
}
