package console

import (
	"bytes"
	"encoding/json"
	"strconv"

	"sen/internal/callback"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/store"
)

func (p *pages) showCallbacks(v *visit) (*view, error) {
	page := &view{Title: v.say("callbacks.title"), Lead: v.say("callbacks.lead"), Watched: true}
	apps, err := v.chooseApp(v.appAsked())
	if err != nil {
		return nil, err
	}
	page.Top = []part{{Filter: new(form{
		Action: root + "/callbacks", Get: true, Button: v.say("field.search"), Clear: v.say("field.clear"),
		Fields: []field{apps, chooseState(v, deliveryStates, deliveryStateList, v.query("state"))},
	}.withIDs("find"))}}
	before, _ := strconv.ParseInt(v.query("before"), 10, 64) // 0 then, which is the newest
	found, end, err := v.Store.FindDeliveries(v.ctx(), store.DeliverySearch{
		Scope: v.scopeOf(v.appAsked()), State: callback.State(v.query("state")), Before: callback.ID(before),
	}, rows)
	if err != nil {
		return nil, err
	}
	t := v.deliveries(found)
	if end != 0 {
		t.More = v.olderThan(itoa(int64(end)), len(found) < rows)
	}
	page.Parts = []part{{Table: t}}
	return page, nil
}

var subjects = map[callback.Subject]string{
	callback.OrderPaid:      "subject.order",
	callback.BindingChanged: "subject.binding",
}

func (v *visit) deliveries(all []callback.Delivery) *table {
	t := &table{
		Caption: v.say("callbacks.title"), Empty: v.say("callbacks.none"),
		Heads: []head{
			{v.say("callbacks.callback"), false},
			{v.say("field.app"), false},
			{v.say("callbacks.url"), false},
			{v.say("field.state"), false},
			{v.say("callbacks.attempts"), true},
			{v.say("field.created"), false},
		},
	}
	for _, d := range all {
		s := state(v, deliveryStates, d.State)
		if !d.DueAt.IsZero() {
			s.Small = moment(d.DueAt)
		}
		t.add(cell{Text: itoa(int64(d.ID)), Small: v.say(subjects[d.Subject]), Href: callbackPath(d.ID), Mono: true}, v.app(d.App),
			cell{Text: d.URL}, s, cell{Text: itoa(int64(d.Attempts))}, cell{Text: moment(d.CreatedAt)})
	}
	return t
}

// delivery returns a callback that the visitor may see, with its attempts.
func (v *visit) delivery() (callback.Delivery, []callback.Attempt, error) {
	id, err := v.number("id")
	if err != nil {
		return callback.Delivery{}, nil, err
	}
	d, attempts, err := v.Store.DeliveryHistory(v.ctx(), callback.ID(id))
	if err == nil && !v.who.Sees(d.App) {
		err = callback.ErrNotFound
	}
	return d, attempts, err
}

func (p *pages) showCallback(v *visit) (*view, error) {
	d, attempts, err := v.delivery()
	if err != nil {
		return nil, err
	}
	mark := state(v, deliveryStates, d.State)
	about := cell{Text: v.say(subjects[d.Subject]), Href: orderPath(pay.OrderKey(d.Order))}
	if d.Subject == callback.BindingChanged {
		about.Href = bindingPath(pay.BindingKey(d.Order))
	}
	page := &view{
		Title: v.say("callbacks.one", "id", int64(d.ID)), Mark: &mark, Watched: true,
		Back: &link{root + "/callbacks", v.say("callbacks.title")},
	}
	facts := []fact{
		{v.say("field.app"), v.app(d.App)},
		{v.say("callbacks.about"), about},
		{v.say("callbacks.url"), cell{Text: d.URL, Mono: true}},
		{v.say("callbacks.attempts"), cell{Text: itoa(int64(d.Attempts))}},
		{v.say("field.created"), cell{Text: moment(d.CreatedAt)}},
	}
	if !d.DueAt.IsZero() {
		facts = append(facts, fact{v.say("callbacks.due"), cell{Text: moment(d.DueAt)}})
	}
	made := part{Title: v.say("callbacks.made"), ID: "attempts"}
	for _, a := range attempts {
		made.Timeline = append(made.Timeline, v.attemptEvent(a))
	}
	if len(attempts) == 0 {
		made.Lead = v.say("callbacks.none_made")
	}
	page.Parts = []part{{Facts: facts}, made}
	page.After = []part{{Title: v.say("callbacks.body"), Lead: v.say("callbacks.body_lead"), Code: pretty(d.Body)}}
	if v.who.May(operator.ReplayCallbacks) {
		page.After = append([]part{{Title: v.say("callbacks.replay"), Forms: []form{form{
			Action: callbackPath(d.ID) + "/replay", Lead: v.say("callbacks.replay_lead"), Button: v.say("callbacks.replay"),
			Fields: []field{{Name: "url", Label: v.say("callbacks.url"), Type: "url", Value: d.URL, Max: 2000, Hint: v.replayHint()}},
		}.withIDs("replay")}}}, page.After...)
	}
	return page, nil
}

func (v *visit) replayHint() string {
	if v.mayRedirect() {
		return v.say("callbacks.url_hint")
	}
	return v.say("callbacks.url_kept")
}

// mayRedirect tells whether the visitor may send a callback to another address
// than it was meant for. What is in it is the merchant's, so that takes who may
// set the merchant's addresses.
func (v *visit) mayRedirect() bool { return v.who.May(operator.SetAddresses) }

// pretty sets a body of JSON out in lines; anything else stays as it is.
func pretty(body []byte) string {
	var out bytes.Buffer
	if json.Indent(&out, body, "", "  ") != nil {
		return string(body)
	}
	return out.String()
}

func (p *pages) replayCallback(v *visit) (to, code string, err error) {
	d, _, err := v.delivery()
	if err != nil {
		return "", "", err
	}
	to = callbackPath(d.ID)
	url := v.form("url")
	if url == d.URL || !v.mayRedirect() {
		url = ""
	}
	if url != "" {
		if err := p.Reach.Check(url); err != nil {
			return to, "", err
		}
	}
	was, became := d.URL, d.URL
	if url != "" {
		became = url
	}
	ctx := v.noted(operator.CallbackReplayed, "callback "+itoa(int64(d.ID)), d.App, func() (string, string) {
		return string(d.State) + " " + was, string(callback.Due) + " " + became
	})
	if _, err := p.Store.ReplayDelivery(ctx, d.ID, v.now, url); err != nil {
		return to, "", err
	}
	p.Pay.CallbackOwed()
	return to, doneReplay, nil
}
