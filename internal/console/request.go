package console

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sen"
	"sen/internal/callback"
	"sen/internal/exchange"
	"sen/internal/macdoctor"
	"sen/internal/merchant"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/store"
	"sen/internal/web"
)

func requestPath(id exchange.ID) string { return root + "/requests/" + itoa(int64(id)) }

// flush has the log write what waits, so that who opens a page sees what was
// answered a moment ago. A page that is open does without: the log writes every
// 200 ms by itself, and under load it must not be made to.
func (v *visit) flush() error {
	if v.w == nil {
		return nil
	}
	return v.Exchanges.Flush(v.ctx())
}

// showRequests lists what merchants asked, and what they were answered.
func (p *pages) showRequests(v *visit) (*view, error) {
	page := &view{Title: v.say("requests.title"), Lead: v.say("requests.lead"), Watched: true}
	filter, err := v.requestFilter()
	if err != nil {
		return nil, err
	}
	page.Top = []part{{Filter: filter}}
	if err := v.flush(); err != nil {
		return nil, err
	}
	t, err := v.requestsAsked()
	if err != nil {
		return nil, err
	}
	page.Parts = []part{{Lead: v.counted(), Table: t}}
	return page, nil
}

// requestsAsked is the page of the list that the address asks for.
func (v *visit) requestsAsked() (*table, error) {
	q := exchange.Filter{
		Operation: v.query("operation"), AppTransID: v.query("app_trans_id"),
		From: readTime(v.query("from")), To: readTime(v.query("until")),
	}
	if text := v.query("value"); text != "" {
		value, err := strconv.Atoi(text)
		if err != nil {
			t := v.requestTable(nil)
			t.Empty = v.say("requests.value_wrong", "value", text)
			return t, nil
		}
		q.Value = &value
	}
	before, _ := strconv.ParseInt(v.query("before"), 10, 64) // 0 then, which is the newest
	found, err := v.requestsIn(v.scopeOf(v.appAsked()), q, exchange.ID(before), rows+1)
	if err != nil {
		return nil, err
	}
	more := len(found) > rows
	t := v.requestTable(found[:min(rows, len(found))])
	if more {
		t.More = v.olderThan(itoa(int64(found[rows-1].ID)), false)
	}
	return t, nil
}

func (v *visit) requestFilter() (*form, error) {
	apps, err := v.chooseApp(v.appAsked())
	if err != nil {
		return nil, err
	}
	f := form{
		Action: root + "/requests", Get: true, Button: v.say("field.search"), Clear: v.say("field.clear"),
		Fields: []field{
			{Name: "app_trans_id", Label: "app_trans_id", Type: "search", Value: v.query("app_trans_id"), Max: 64},
			apps,
			v.chooseOperation(v.query("operation")),
			{Name: "value", Label: v.say("rule.value"), Type: "text", Value: v.query("value"), Max: 8, Hint: v.say("requests.value_hint")},
			{Name: "from", Label: v.say("field.from"), Type: "datetime-local", Value: v.query("from")},
			{Name: "until", Label: v.say("field.until"), Type: "datetime-local", Value: v.query("until")},
		},
	}.withIDs("find")
	return &f, nil
}

// requestsIn returns at most n requests of a scope, newest first.
func (v *visit) requestsIn(scope store.Scope, q exchange.Filter, before exchange.ID, n int) (all []exchange.Exchange, err error) {
	if scope == nil {
		return v.Store.Exchanges(v.ctx(), q, before, n)
	}
	for _, app := range scope {
		q.App = app
		some, err := v.Store.Exchanges(v.ctx(), q, before, n)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b exchange.Exchange) int { return cmp.Compare(b.ID, a.ID) })
	return all[:min(n, len(all))], nil
}

// counted says how much of what happened the log has. How much others ask is
// none of a merchant's business.
func (v *visit) counted() string {
	kept, dropped := v.Exchanges.Counts()
	switch {
	case v.scope() == nil:
		return v.say("requests.counted", "kept", thousands(kept), "dropped", thousands(dropped))
	case dropped > 0:
		return v.say("requests.sample")
	}
	return ""
}

func (v *visit) requestTable(all []exchange.Exchange) *table {
	t := &table{
		Caption: v.say("requests.title"), Empty: v.say("requests.none"),
		Heads: []head{
			{v.say("requests.request"), false},
			{v.say("field.app"), false},
			{v.say("requests.answer"), false},
			{v.say("requests.about"), false},
			{v.say("requests.took"), true},
			{v.say("requests.at"), false},
		},
	}
	for i := range all {
		x := &all[i]
		answer := v.answered(x)
		answer.Text = itoa(int64(x.Value)) // names are long, and their texts say the same
		t.add(cell{Text: called(x), Small: v.shortReason(x), Href: requestPath(x.ID), Mono: true}, v.appOf(x.App), answer,
			cell{Text: cmp.Or(x.Subject.AppTransID, x.Subject.MRefundID), Mono: true},
			cell{Text: took(x.Took)}, cell{Text: moment(x.At)})
	}
	return t
}

// called is what a request is called: its operation, or what was asked for
// instead of one.
func called(x *exchange.Exchange) string {
	return cmp.Or(x.Operation, x.Method+" "+x.Path)
}

// appOf names the app that a request says it is from, which there need not be.
func (v *visit) appOf(app merchant.ID) cell {
	if app == 0 {
		return cell{Text: "–"}
	}
	if _, err := v.Apps.Known(app); err != nil {
		return cell{Text: itoa(int64(app)), Small: v.say("requests.no_app")}
	}
	return v.app(app)
}

// answered shows the value of an answer with what it says.
func (v *visit) answered(x *exchange.Exchange) cell {
	c := cell{Text: itoa(int64(x.Value)), Tone: toneOf(x.ReturnCode)}
	if st, ok := sen.Lookup(x.Operation, x.Value); ok {
		c.Text += " " + st.Name
		c.Small = v.in(st.Text)
	}
	return c
}

func toneOf(returnCode int) tone {
	switch returnCode {
	case sen.Success:
		return good
	case sen.Processing:
		return waiting
	}
	return bad
}

func took(d time.Duration) string {
	if d < 10*time.Millisecond {
		return fmt.Sprintf("%d,%d ms", d/time.Millisecond, d%time.Millisecond/(100*time.Microsecond))
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}

// How much of a text is shown, in bytes: a page must stay light.
const (
	maxLine  = 160
	maxShown = 2_000
	maxBody  = 5_000
)

// begins returns how a text begins, in whole characters.
func begins(text string, most int) (start string, cut bool) {
	if len(text) <= most {
		return text, false
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…", true
}

// reason is why a request was refused, in the visitor's language if the answer
// has it. The log keeps reasons in English; what the merchant was told is in
// Vietnamese, unless the request asked otherwise or strangers are told nothing.
func (v *visit) reason(x *exchange.Exchange) string {
	if x.Reason == "" || web.LangOf(v.r) != web.Vietnamese {
		return x.Reason
	}
	var said struct {
		Second string `json:"sub_return_message"`
		First  string `json:"returnmessage"`
		Zod    string `json:"subReturnMessage"`
	}
	if json.Unmarshal([]byte(x.Answer), &said) != nil {
		return x.Reason // it was too long to be kept whole
	}
	_, told, _ := strings.Cut(cmp.Or(said.Second, said.First, said.Zod), ": ")
	return cmp.Or(told, x.Reason)
}

// shortReason is the reason in a line: its first sentence, without the text to
// sign.
func (v *visit) shortReason(x *exchange.Exchange) string {
	advice, _ := macdoctor.Cut(v.reason(x))
	sentence, _, _ := strings.Cut(advice, ". ")
	start, _ := begins(sentence, maxLine)
	return start
}

// request returns a request that the visitor may see.
func (v *visit) request() (x exchange.Exchange, err error) {
	id, err := v.number("id")
	if err != nil {
		return x, err
	}
	if err := v.flush(); err != nil {
		return x, err
	}
	x, err = v.Store.Exchange(v.ctx(), exchange.ID(id))
	if err == nil && !v.who.Sees(x.App) {
		err = exchange.ErrNotFound
	}
	return x, err
}

func (p *pages) showRequest(v *visit) (*view, error) {
	x, err := v.request()
	if err != nil {
		return nil, err
	}
	mark := v.answered(&x)
	page := &view{
		Title: called(&x), Lead: moment(x.At), Mark: &mark, Watched: true,
		Back: &link{root + "/requests", v.say("requests.title")},
	}
	order, err := v.orderOf(&x)
	if err != nil {
		return nil, err
	}
	told, err := v.callbacksOf(&x, order)
	if err != nil {
		return nil, err
	}
	page.Parts = append(v.whyParts(&x), v.answerPart(&x), v.subjectPart(&x, order))
	if len(told) > 0 {
		page.Parts = append(page.Parts, part{Title: v.say("requests.callbacks"), ID: "callbacks", Table: v.deliveries(told)})
	}
	page.After = append(v.sentParts(&x), v.codePart(&x))
	return page, nil
}

// whyParts say why a request was refused. The reason names what was found in
// it; of a mac it has the text that the merchant should have signed.
func (v *visit) whyParts(x *exchange.Exchange) []part {
	if x.Reason == "" {
		return nil
	}
	advice, signed := macdoctor.Cut(v.reason(x))
	advice, _ = begins(advice, maxShown)
	why := part{Title: v.say("requests.why"), ID: "why", Notice: advice}
	if signed == "" {
		return []part{why}
	}
	signed, _ = begins(signed, maxBody)
	return []part{why, {Title: v.say("requests.signed"), ID: "signed", Lead: v.say("requests.signed_lead"), Code: signed}}
}

var macs = map[exchange.MAC]stated{
	exchange.MACUnchecked: {"requests.mac_unchecked", over},
	exchange.MACGood:      {"requests.mac_good", good},
	exchange.MACWrong:     {"requests.mac_wrong", bad},
}

func (v *visit) answerPart(x *exchange.Exchange) part {
	value := v.answered(x)
	value.Tone, value.Mono = "", true
	facts := []fact{
		{"sub_return_code", value},
		{"return_code", cell{Text: strconv.Itoa(x.ReturnCode), Mono: true}},
		{"mac", state(v, macs, x.MAC)},
		{"HTTP", cell{Text: strconv.Itoa(x.HTTPStatus)}},
		{v.say("requests.took"), cell{Text: took(x.Took)}},
	}
	if x.HTTPStatus == 0 {
		facts[3].Value.Text = v.say("requests.cut_off")
	}
	p := part{Title: v.say("requests.answer"), ID: "answer"}
	if st, ok := sen.Lookup(x.Operation, x.Value); ok {
		facts[0].Value.Href = codePath(st)
		p.Text = v.in(st.Meaning)
		if x.ReturnCode == sen.Failure {
			p.Text += " " + v.in(st.Action)
		}
	}
	if x.Effect != "" {
		facts = append(facts, fact{v.say("requests.effect"), v.effect(x)})
	}
	p.Facts = facts
	p.Code, _ = begins(pretty([]byte(x.Answer)), maxBody)
	return p
}

// effect is what a scenario did to the call.
func (v *visit) effect(x *exchange.Exchange) cell {
	c := cell{Text: x.Effect, Mono: true, Small: v.say("requests.by_header")}
	if x.Rule != 0 {
		c.Small = v.say("requests.by_rule")
		if v.allowed(v.who, operator.ReadSettings, true) == nil {
			c.Href = root + "/rules"
		}
	}
	return c
}

var changes = map[exchange.Change]stated{
	exchange.NoChange:       {"change.none", over},
	exchange.OrderCreated:   {"change.order_created", good},
	exchange.OrderCancelled: {"change.order_cancelled", over},
	exchange.OrderPaid:      {"change.order_paid", good},
	exchange.PaymentStarted: {"change.payment_started", waiting},
	exchange.PaymentFailed:  {"change.payment_failed", bad},
	exchange.RefundAccepted: {"change.refund_accepted", good},
	exchange.BindingCreated: {"change.binding_created", good},
	exchange.BindingEnded:   {"change.binding_ended", over},
}

// subjectPart says what a request was about, and what it changed.
func (v *visit) subjectPart(x *exchange.Exchange, order pay.OrderKey) part {
	facts := []fact{{v.say("requests.change"), state(v, changes, x.Subject.Change)}, {v.say("field.app"), v.appOf(x.App)}}
	s := x.Subject
	if s.AppTransID != "" || order != 0 {
		c := cell{Text: cmp.Or(s.AppTransID, itoa(int64(order))), Mono: true}
		if order != 0 {
			c.Href = orderPath(order)
		}
		facts = append(facts, fact{v.say("orders.order"), c})
	}
	if s.Payment != 0 {
		facts = append(facts, fact{"zp_trans_id", cell{Text: itoa(s.Payment), Href: address(root+"/orders", "q", itoa(s.Payment)), Mono: true}})
	}
	if s.MRefundID != "" || s.Refund != 0 {
		c := cell{Text: cmp.Or(s.MRefundID, itoa(s.Refund)), Mono: true}
		if s.Refund != 0 {
			c.Href = refundPath(s.Refund)
		}
		facts = append(facts, fact{v.say("refunds.refund"), c})
	}
	if s.Binding != 0 {
		facts = append(facts, fact{v.say("requests.binding"), cell{Text: itoa(s.Binding), Href: bindingPath(pay.BindingKey(s.Binding)), Mono: true}})
	}
	return part{Title: v.say("requests.subject"), ID: "subject", Facts: facts}
}

// orderOf finds the order that a request was about; 0 for none. What a request
// that was refused says is looked up among those of its app.
func (v *visit) orderOf(x *exchange.Exchange) (pay.OrderKey, error) {
	if x.Subject.Order != 0 || x.Subject.AppTransID == "" {
		return pay.OrderKey(x.Subject.Order), nil
	}
	o, err := v.Pay.OrderByTransID(v.ctx(), x.App, x.Subject.AppTransID)
	if errors.Is(err, pay.ErrOrderNotFound) {
		return 0, nil
	}
	return o.Key, err
}

// callbacksOf finds what the merchant was told about what a request was about:
// its order, and its binding.
func (v *visit) callbacksOf(x *exchange.Exchange, order pay.OrderKey) (all []callback.Delivery, err error) {
	for key, about := range map[int64]callback.Subject{int64(order): callback.OrderPaid, x.Subject.Binding: callback.BindingChanged} {
		if key == 0 {
			continue
		}
		some, err := v.Store.DeliveriesOfOrder(v.ctx(), key)
		if err != nil {
			return nil, err
		}
		for _, d := range some {
			if d.Subject == about && d.App == x.App {
				all = append(all, d)
			}
		}
	}
	slices.SortFunc(all, func(a, b callback.Delivery) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

// sentParts show what came, as it came.
func (v *visit) sentParts(x *exchange.Exchange) []part {
	t := &table{
		Caption: v.say("requests.fields"), Empty: v.say("requests.no_fields"),
		Heads: []head{{v.say("requests.name"), false}, {v.say("rule.value"), false}},
	}
	for _, f := range x.Fields {
		t.add(cell{Text: f.Name, Mono: true}, v.member(f))
	}
	all := []part{{Title: v.say("requests.fields"), ID: "fields", Table: t}}
	how := part{Title: v.say("requests.how"), ID: "how", Facts: v.howSent(x)}
	switch body := string(x.Body); {
	case x.BodySize == 0:
	case x.Body == nil:
		how.Lead = v.say("requests.body_gone")
	case !utf8.ValidString(body):
		how.Code, _ = begins(strconv.QuoteToASCII(body), maxBody)
	default:
		how.Code, _ = begins(body, maxBody)
	}
	return append(all, how)
}

func (v *visit) member(f exchange.Field) cell {
	text, cut := begins(f.Value, maxShown)
	var notes []string
	if f.InQuery {
		notes = append(notes, v.say("requests.in_query"))
	}
	if cut || f.Cut {
		notes = append(notes, v.say("requests.cut"))
	}
	if f.Hidden {
		notes = append(notes, v.say("requests.hidden"))
	}
	return cell{Text: text, Mono: true, Small: strings.Join(notes, ", ")}
}

func (v *visit) howSent(x *exchange.Exchange) []fact {
	facts := []fact{
		{v.say("requests.line"), cell{Text: x.Method + " " + x.Path, Mono: true}},
		{v.say("requests.from"), cell{Text: x.Remote, Mono: true}},
		{v.say("requests.body"), cell{Text: v.say("requests.bytes", "n", thousands(int64(x.BodySize)))}},
	}
	for _, h := range []fact{
		{"Content-Type", cell{Text: x.Headers.ContentType, Mono: true}},
		{"User-Agent", cell{Text: x.Headers.UserAgent, Mono: true}},
		{"Accept-Language", cell{Text: x.Headers.AcceptLanguage, Mono: true}},
		{"Sen-Scenario", cell{Text: x.Headers.Scenario, Mono: true}},
	} {
		if h.Value.Text != "" {
			facts = append(facts, h)
		}
	}
	return facts
}

// eventsOfRequests is how many of the newest requests about an order its
// timeline has.
const eventsOfRequests = 100

// requestEvents are the calls of the merchant about an order, oldest first. Those
// about its refunds name the payment.
func (v *visit) requestEvents(h store.History) ([]event, error) {
	if err := v.flush(); err != nil {
		return nil, err
	}
	all, err := v.Store.Exchanges(v.ctx(), exchange.Filter{App: h.Order.App, AppTransID: h.Order.AppTransID}, 0, eventsOfRequests)
	if err != nil {
		return nil, err
	}
	var about []*sen.Operation
	if h.Payment.Number != 0 {
		about = append(about, sen.OpRefundOrder)
	}
	if len(h.Refunds) > 0 {
		about = append(about, sen.OpQueryRefund)
	}
	for _, operation := range about {
		some, err := v.Store.ExchangesOfPayment(v.ctx(), operation.Name, h.Order.App, h.Payment.Number, eventsOfRequests)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b exchange.Exchange) int { return cmp.Compare(a.ID, b.ID) })
	times := v.clocks(all, func(x *exchange.Exchange) time.Time { return madeAt(h, x.Subject) })
	events := make([]event, len(all))
	for i := range all {
		events[i] = v.requestEvent(&all[i], times[i])
	}
	return events, nil
}

// clocks tells when requests were by the clock of the business. The log goes by
// the machine's: in a sandbox whose clock was moved the two differ, and by how
// much is seen where a request made what has a time itself. Before it they differ
// by as much, and after the last of those by what they differ now.
func (v *visit) clocks(all []exchange.Exchange, madeAt func(*exchange.Exchange) time.Time) []time.Time {
	now := time.Duration(0)
	if v.Lab != nil {
		now = v.Lab.Offset()
	}
	times := make([]time.Time, len(all))
	for i := len(all) - 1; i >= 0; i-- {
		if made := madeAt(&all[i]); !made.IsZero() {
			now = made.Sub(all[i].At)
		}
		times[i] = all[i].At.Add(now)
	}
	return times
}

// madeAt is when by the clock of the business a request made what it was about;
// zero if it made nothing.
func madeAt(h store.History, s exchange.Subject) time.Time {
	switch s.Change {
	case exchange.OrderCreated:
		return h.Order.CreatedAt
	case exchange.OrderCancelled:
		return h.Order.ClosedAt
	case exchange.OrderPaid:
		return h.Payment.At
	case exchange.RefundAccepted:
		for _, r := range h.Refunds {
			if r.Number == s.Refund {
				return r.CreatedAt
			}
		}
	case exchange.NoChange, exchange.PaymentStarted, exchange.PaymentFailed, exchange.BindingCreated, exchange.BindingEnded:
	}
	return time.Time{}
}

// requestEvent tells of a request. What it made came of it, though its time may
// be the same.
func (v *visit) requestEvent(x *exchange.Exchange, at time.Time) event {
	answer := v.answered(x)
	e := v.at(at, v.say("event.request", "operation", called(x)), answer.Tone)
	e.micros--
	e.Detail = answer.Text
	if why := v.shortReason(x); why != "" {
		e.Detail += " · " + why
	} else if answer.Small != "" {
		e.Detail += " · " + answer.Small
	}
	e.Facts = []fact{{v.say("event.took"), cell{Text: took(x.Took)}}}
	if x.Subject.Change != exchange.NoChange {
		e.Facts = append(e.Facts, fact{v.say("requests.change"), cell{Text: v.say(changes[x.Subject.Change].text)}})
	} else {
		e.alike = e.Title + "\n" + e.Detail
	}
	e.Link = &link{requestPath(x.ID), v.say("event.see_request")}
	return e
}
