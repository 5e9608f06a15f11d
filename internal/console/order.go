package console

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"sen/internal/fault"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/pay"
	"sen/internal/store"
)

// rows is how many lines a page of a list has.
const rows = 40

func orderPath(key pay.OrderKey) string { return root + "/orders/" + itoa(int64(key)) }

// showOrders lists orders. What looks like the name of one is looked up; a list
// goes from the newest back, from where its last page ended.
func (p *pages) showOrders(v *visit) (*view, error) {
	page := &view{Title: v.say("orders.title"), Lead: v.say("orders.lead"), Watched: true}
	filter, err := v.orderFilter()
	if err != nil {
		return nil, err
	}
	page.Top = []part{{Filter: filter}}
	if name := v.query("q"); name != "" {
		found, err := v.ordersCalled(name)
		t := v.orders(found)
		t.Empty = v.say("orders.none_called", "name", name)
		page.Parts = []part{{Table: t}}
		return page, err
	}
	q := store.OrderSearch{
		Scope: v.scopeOf(v.appAsked()), State: pay.OrderState(v.query("state")), After: readMark(v.query("before")),
		From: readTime(v.query("from")), Until: readTime(v.query("until")),
	}
	found, end, err := v.Store.FindOrders(v.ctx(), q, rows)
	if err != nil {
		return nil, err
	}
	t := v.orders(found)
	if end != (store.Mark{}) {
		t.More = v.older(end, len(found) < rows)
	}
	page.Parts = []part{{Table: t}}
	return page, nil
}

func (v *visit) orderFilter() (*form, error) {
	apps, err := v.chooseApp(v.appAsked())
	if err != nil {
		return nil, err
	}
	f := form{
		Action: root + "/orders", Get: true, Button: v.say("field.search"), Clear: v.say("field.clear"),
		Fields: []field{
			{Name: "q", Label: v.say("orders.q"), Type: "search", Value: v.query("q"), Hint: v.say("orders.q_hint"), Max: 100},
			apps,
			chooseState(v, orderStates, orderStateList, v.query("state")),
			{Name: "from", Label: v.say("field.from"), Type: "datetime-local", Value: v.query("from")},
			{Name: "until", Label: v.say("field.until"), Type: "datetime-local", Value: v.query("until")},
		},
	}.withIDs("find")
	return &f, nil
}

// ordersCalled finds orders by the number of their payment, their own key or
// token, or the app_trans_id that an app gave them.
func (v *visit) ordersCalled(name string) ([]pay.Order, error) {
	all, err := v.Store.OrdersNamed(v.ctx(), name, rows)
	if err != nil {
		return nil, err
	}
	var key pay.OrderKey
	if k, ok := id.TokenKey(name); ok {
		key = pay.OrderKey(k)
	} else if n, err := strconv.ParseInt(name, 10, 64); err == nil {
		if key, err = v.orderNumbered(n); err != nil {
			return nil, err
		}
	}
	if key != 0 {
		h, err := v.Store.OrderHistory(v.ctx(), key)
		if err == nil {
			all = append(all, h.Order)
		} else if !errors.Is(err, pay.ErrOrderNotFound) {
			return nil, err
		}
	}
	seen := all[:0]
	for _, o := range all {
		if v.who.Sees(o.App) && (v.appAsked() == 0 || v.appAsked() == o.App) {
			seen = append(seen, o)
		}
	}
	return seen, nil
}

// orderNumbered returns the order that the payment or refund with that number is
// about, or takes the number for the order's own key.
func (v *visit) orderNumbered(n int64) (pay.OrderKey, error) {
	key := pay.OrderKey(n)
	err := v.Pay.Store.View(v.ctx(), func(r pay.Reader) error {
		number := n
		if rf, err := r.Refund(v.ctx(), n); err == nil {
			number = rf.Payment
		}
		p, err := r.Payment(v.ctx(), number)
		if err == nil {
			key = p.Order
		}
		if errors.Is(err, pay.ErrPaymentNotFound) {
			return nil
		}
		return err
	})
	return key, err
}

func (v *visit) orders(all []pay.Order) *table {
	t := &table{
		Caption: v.say("orders.title"), Empty: v.say("orders.none"),
		Heads: []head{
			{v.say("orders.order"), false},
			{v.say("field.app"), false},
			{v.say("field.amount"), true},
			{v.say("field.state"), false},
			{v.say("field.created"), false},
		},
	}
	for _, o := range all {
		s := state(v, orderStates, v.orderState(o))
		if o.Failure != pay.NoFailure {
			s.Small = v.failure(o.Failure)
		}
		t.add(cell{Text: o.AppTransID, Small: o.Description, Href: orderPath(o.Key), Mono: true}, v.app(o.App),
			cell{Text: o.Amount.String()}, s, cell{Text: moment(o.CreatedAt)})
	}
	return t
}

// orderState looks at the clock itself: the worker that closes orders whose time
// is up comes a little later.
func (v *visit) orderState(o pay.Order) pay.OrderState {
	if errors.Is(o.Payable(v.now), pay.ErrOrderExpired) {
		return pay.OrderExpired
	}
	return o.State
}

// older leads to the next page of the list at hand. cut says that the search
// ended before it had a page full.
func (v *visit) older(end store.Mark, cut bool) *link { return v.olderThan(markText(end), cut) }

func (v *visit) olderThan(mark string, cut bool) *link {
	q := v.r.URL.Query()
	q.Set("before", mark)
	q.Del("lang")
	text := v.say("field.older")
	if cut {
		text = v.say("field.search_on")
	}
	return &link{v.r.URL.Path + "?" + q.Encode(), text}
}

// markText writes where a list goes on, as an address has it.
func markText(m store.Mark) string { return itoa(m.At.UnixMicro()) + "-" + itoa(m.Key) }

// readMark reads what markText wrote; anything else is the beginning.
func readMark(text string) store.Mark {
	at, key, _ := strings.Cut(text, "-")
	micros, err := strconv.ParseInt(at, 10, 64)
	n, err2 := strconv.ParseInt(key, 10, 64)
	if err != nil || err2 != nil {
		return store.Newest
	}
	return store.Mark{At: time.UnixMicro(micros).UTC(), Key: n}
}

// timeLayout is how browsers write the time in a field.
const timeLayout = "2006-01-02T15:04"

// readTime reads a time at GMT+7 from a search; what is none is not asked for.
func readTime(text string) time.Time {
	at, err := time.ParseInLocation(timeLayout, text, id.Vietnam)
	if err != nil {
		return time.Time{}
	}
	return at
}

// history returns an order that the visitor may see.
func (v *visit) history() (store.History, error) {
	key, err := v.number("key")
	if err != nil {
		return store.History{}, err
	}
	h, err := v.Store.OrderHistory(v.ctx(), pay.OrderKey(key))
	if err == nil && !v.who.Sees(h.Order.App) {
		err = pay.ErrOrderNotFound
	}
	return h, err
}

func (p *pages) showOrder(v *visit) (*view, error) {
	h, err := v.history()
	if err != nil {
		return nil, err
	}
	o := h.Order
	mark := state(v, orderStates, v.orderState(o))
	page := &view{
		Title: o.AppTransID, Lead: o.Description, Mark: &mark, Watched: true,
		Back: &link{root + "/orders", v.say("orders.title")},
	}
	events, err := v.timeline(h)
	if err != nil {
		return nil, err
	}
	page.Parts = []part{
		{Title: v.say("order.facts"), ID: "facts", Facts: v.orderFacts(h)},
		{Title: v.say("order.timeline"), ID: "timeline", Timeline: events},
	}
	page.After = []part{{Title: v.say("order.sent"), ID: "sent", Facts: v.orderSent(o)}}
	return page, nil
}

func (v *visit) orderFacts(h store.History) []fact {
	o := h.Order
	facts := []fact{
		{v.say("field.app"), v.app(o.App)},
		{v.say("field.amount"), cell{Text: o.Amount.String()}},
		{nameOfOrder(o), cell{Text: o.AppTransID, Mono: true}},
		{v.say("order.token"), cell{Text: o.Token, Mono: true, Href: "/checkout/" + o.Token}},
		{v.say("order.created"), cell{Text: moment(o.CreatedAt)}},
		{v.say("order.expires"), cell{Text: moment(o.ExpiresAt)}},
	}
	facts = append(facts, v.zodFacts(o)...)
	if o.Failure != pay.NoFailure {
		facts = append(facts, fact{v.say("order.failure"), cell{Text: v.failure(o.Failure), Tone: bad}})
	}
	p := h.Payment
	if p.Number == 0 {
		return facts
	}
	facts = append(facts,
		fact{"zp_trans_id", cell{Text: itoa(p.Number), Mono: true}},
		fact{v.say("order.channel"), cell{Text: v.channel(p.Channel), Small: p.Card}},
		fact{v.say("order.refunded"), cell{Text: p.Refunded.String()}})
	if p.Discount > 0 {
		facts = append(facts, fact{v.say("order.discount"), cell{Text: p.Discount.String()}})
	}
	if p.MerchantFee > 0 {
		facts = append(facts, fact{v.say("order.fee"), cell{Text: p.MerchantFee.String()}})
	}
	return facts
}

// orderSent is what the merchant sent, character by character.
func (v *visit) orderSent(o pay.Order) []fact {
	if o.Version == pay.ZOD {
		return zodSent(o)
	}
	facts := []fact{
		{"app_user", cell{Text: o.AppUser, Mono: true}},
		{"app_time", cell{Text: itoa(o.AppTime.UnixMilli()), Small: moment(o.AppTime), Mono: true}},
		{"item", cell{Text: o.Item, Mono: true}},
		{"embed_data", cell{Text: o.EmbedData, Mono: true}},
	}
	for _, one := range []fact{
		{"title", cell{Text: o.Title}},
		{"bank_code", cell{Text: o.BankCode, Mono: true}},
		{"callback_url", cell{Text: o.CallbackURL, Mono: true}},
		{"redirect_url", cell{Text: o.RedirectURL, Mono: true}},
	} {
		if one.Value.Text != "" {
			facts = append(facts, one)
		}
	}
	return facts
}

// findApp returns an app that the visitor may see, enabled or not.
func (v *visit) findApp(app merchant.ID) (merchant.App, error) {
	if !v.who.Sees(app) {
		return merchant.App{}, errNoScreen
	}
	reg, err := v.Store.Register(v.ctx())
	if err != nil {
		return merchant.App{}, err
	}
	a, ok := reg.Apps[app]
	if !ok {
		return merchant.App{}, fault.New(fault.NotFound, errNoScreen.Code, errNoScreen.Message)
	}
	return a, nil
}
