package console

import (
	"errors"
	"strconv"

	"sen/internal/callback"
	"sen/internal/id"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/store"
)

func bindingPath(key pay.BindingKey) string { return root + "/bindings/" + itoa(int64(key)) }

var bindingKinds = map[pay.BindingKind]string{
	pay.WalletBinding: "binding.wallet",
	pay.CardBinding:   "binding.card",
}

func (p *pages) showBindings(v *visit) (*view, error) {
	page := &view{Title: v.say("bindings.title"), Lead: v.say("bindings.lead"), Watched: true}
	apps, err := v.chooseApp(v.appAsked())
	if err != nil {
		return nil, err
	}
	page.Top = []part{{Filter: new(form{
		Action: root + "/bindings", Get: true, Button: v.say("field.search"), Clear: v.say("field.clear"),
		Fields: []field{
			{Name: "q", Label: v.say("bindings.q"), Type: "search", Value: v.query("q"), Hint: v.say("bindings.q_hint"), Max: 100},
			apps, chooseState(v, bindingStates, bindingStateList, v.query("state")),
		},
	}.withIDs("find"))}}
	if name := v.query("q"); name != "" {
		found, err := v.bindingsCalled(name)
		page.Parts = []part{{Table: v.bindings(found)}}
		return page, err
	}
	found, end, err := v.Store.FindBindings(v.ctx(), store.BindingSearch{
		Scope: v.scopeOf(v.appAsked()), State: pay.BindingState(v.query("state")), After: readMark(v.query("before")),
	}, rows)
	if err != nil {
		return nil, err
	}
	t := v.bindings(found)
	if end != (store.Mark{}) {
		t.More = v.older(end, len(found) < rows)
	}
	page.Parts = []part{{Table: t}}
	return page, nil
}

// bindingsCalled finds bindings by their own token, the one that pays, or the
// app_trans_id that an app gave them.
func (v *visit) bindingsCalled(name string) (found []pay.Binding, err error) {
	apps, err := v.apps()
	if err != nil {
		return nil, err
	}
	err = v.Pay.Store.View(v.ctx(), func(r pay.Reader) error {
		found = nil
		add := func(b pay.Binding, err error) error {
			if err == nil && v.who.Sees(b.App) && (v.appAsked() == 0 || v.appAsked() == b.App) {
				found = append(found, b)
			}
			if errors.Is(err, pay.ErrBindingNotFound) {
				return nil
			}
			return err
		}
		for _, read := range []func(string) (int64, bool){id.BindingTokenKey, id.PayTokenKey} {
			key, ok := read(name)
			if !ok {
				continue
			}
			if err := add(r.Binding(v.ctx(), pay.BindingKey(key))); err != nil {
				return err
			}
		}
		for _, a := range apps {
			if err := add(r.BindingByTransID(v.ctx(), a.ID, name)); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

func (v *visit) bindings(all []pay.Binding) *table {
	t := &table{
		Caption: v.say("bindings.title"), Empty: v.say("bindings.none"),
		Heads: []head{
			{v.say("bindings.binding"), false},
			{v.say("field.app"), false},
			{v.say("bindings.kind"), false},
			{v.say("bindings.uses"), true},
			{v.say("field.state"), false},
			{v.say("field.created"), false},
		},
	}
	for _, b := range all {
		t.add(cell{Text: b.AppTransID, Small: b.Identifier, Href: bindingPath(b.Key), Mono: true}, v.app(b.App),
			cell{Text: word(v, bindingKinds, b.Kind)}, cell{Text: thousands(b.Uses)}, state(v, bindingStates, b.State),
			cell{Text: moment(b.CreatedAt)})
	}
	return t
}

// binding returns a binding that the visitor may see.
func (v *visit) binding() (pay.Binding, error) {
	key, err := v.number("key")
	if err != nil {
		return pay.Binding{}, err
	}
	b, err := v.Store.Binding(v.ctx(), pay.BindingKey(key))
	if err == nil && !v.who.Sees(b.App) {
		err = pay.ErrBindingNotFound
	}
	return b, err
}

func (p *pages) showBinding(v *visit) (*view, error) {
	b, err := v.binding()
	if err != nil {
		return nil, err
	}
	mark := state(v, bindingStates, b.State)
	page := &view{
		Title: b.AppTransID, Lead: word(v, bindingKinds, b.Kind), Mark: &mark, Watched: true,
		Back: &link{root + "/bindings", v.say("bindings.title")},
	}
	deliveries, err := v.Store.DeliveriesOfOrder(v.ctx(), int64(b.Key))
	if err != nil {
		return nil, err
	}
	calls := deliveries[:0]
	for _, d := range deliveries {
		if d.Subject == callback.BindingChanged {
			calls = append(calls, d)
		}
	}
	page.Parts = []part{{Facts: v.bindingFacts(b)}, {Title: v.say("callbacks.title"), ID: "calls", Table: v.deliveries(calls)}}
	if b.State == pay.BindingConfirmed && v.who.May(operator.Change) {
		page.After = []part{{Title: v.say("bindings.end"), Forms: []form{form{
			Action: bindingPath(b.Key) + "/end", Fold: v.say("bindings.end_fold"), Lead: v.say("bindings.end_lead"), Button: v.say("bindings.end"), Danger: true,
		}.withIDs("end")}}}
	}
	return page, nil
}

func (v *visit) bindingFacts(b pay.Binding) []fact {
	facts := []fact{
		{v.say("field.app"), v.app(b.App)},
		{"identifier", cell{Text: b.Identifier, Mono: true}},
		{"binding_id", cell{Text: b.Token, Mono: true}},
		{v.say("bindings.pay_token"), cell{Text: veiled(b.PayToken), Mono: true}},
		{v.say("bindings.most"), cell{Text: orNone(v, int64(b.MaxAmount), b.MaxAmount.String())}},
		{v.say("bindings.uses"), cell{Text: thousands(b.Uses)}},
		{v.say("field.created"), cell{Text: moment(b.CreatedAt)}},
		{v.say("bindings.confirmed"), cell{Text: moment(b.ConfirmedAt)}},
		{v.say("bindings.ends"), cell{Text: moment(b.EndsAt)}},
		{v.say("bindings.closed"), cell{Text: moment(b.ClosedAt)}},
	}
	if b.UsedDay != "" {
		facts = append(facts, fact{v.say("bindings.used_day", "day", b.UsedDay), cell{Text: b.UsedAmount.String(), Small: thousands(b.UsedCount)}})
	}
	if b.Wallet != 0 && v.who.May(operator.ReadPayers) {
		facts = append(facts, fact{v.say("account.wallet"), cell{Text: strconv.FormatInt(int64(b.Wallet), 10), Href: walletPath(b.Wallet)}})
	}
	return facts
}

// veiled shows the beginning of a token that pays: enough to tell two apart.
func veiled(token string) string {
	const shown = 8
	if len(token) <= shown {
		return ""
	}
	return token[:shown] + "…"
}

// orNone is the text, or a word where 0 means that there is no limit.
func orNone(v *visit, n int64, text string) string {
	if n == 0 {
		return v.say("field.no_limit")
	}
	return text
}

func (p *pages) endBinding(v *visit) (to, code string, err error) {
	b, err := v.binding()
	if err != nil {
		return "", "", err
	}
	ctx := v.noted(operator.BindingEnded, "binding "+itoa(int64(b.Key)), b.App, func() (string, string) {
		return string(pay.BindingConfirmed), string(pay.BindingDisabled)
	})
	_, err = p.Pay.EndBinding(ctx, b.Token, pay.Ender{Operator: true})
	return bindingPath(b.Key), doneEnd, err
}
