package console

import (
	"fmt"
	"slices"
	"strings"

	"sen/internal/callback"
	"sen/internal/mishap"
	"sen/internal/operator"
)

// mishapTexts say what each kind is.
var mishapTexts = map[mishap.Kind]string{
	mishap.Delay:           "mishap.delay",
	mishap.AfterExpiry:     "mishap.after_expiry",
	mishap.Reorder:         "mishap.reorder",
	mishap.Drop:            "mishap.drop",
	mishap.Duplicate:       "mishap.duplicate",
	mishap.DuplicateAtOnce: "mishap.duplicate_at_once",
	mishap.Slow:            "mishap.slow",
	mishap.InvalidJSON:     "mishap.invalid_json",
	mishap.Truncate:        "mishap.truncate",
	mishap.Changed:         "mishap.changed",
	mishap.Key1:            "mishap.first_key",
	mishap.OtherKey:        "mishap.other_key",
	mishap.WrongAmount:     "mishap.wrong_amount",
	mishap.UnknownOrder:    "mishap.unknown_order",
}

// showMishaps lists how a sandbox's callbacks go wrong on their way.
func (p *pages) showMishaps(v *visit) (*view, error) {
	all, err := v.Store.CallbackRules(v.ctx())
	if err != nil {
		return nil, err
	}
	t := &table{
		Caption: v.say("mishaps.title"), Empty: v.say("mishaps.none"),
		Heads: []head{{v.say("mishaps.kind"), false}, {v.say("field.app"), false}, {v.say("mishaps.about"), false}, {v.say("rules.left"), false}},
	}
	for _, r := range all {
		t.add(v.mishapCells(r)...)
	}
	page := &view{Title: v.say("mishaps.title"), Lead: v.say("mishaps.lead"), Parts: []part{{Table: t}}, Watched: true}
	if !v.who.May(operator.Change) {
		return page, nil
	}
	apps, err := v.chooseApp(0)
	if err != nil {
		return nil, err
	}
	page.After = []part{{Title: v.say("mishaps.add"), Forms: []form{form{
		Action: root + "/callback-rules", Button: v.say("mishaps.add"),
		Fields: []field{
			v.chooseMishap(), apps,
			{Name: "subject", Label: v.say("mishaps.about"), Type: "select", Options: []option{
				{"", v.say("mishaps.both"), true}, {string(callback.OrderPaid), v.say("mishaps.orders"), false}, {string(callback.BindingChanged), v.say("mishaps.bindings"), false},
			}},
			{Name: "trans_id", Label: "app_trans_id", Type: "text", Max: 100, Hint: v.say("mishaps.pattern_hint")},
			{Name: "delay", Label: v.say("rule.delay"), Type: "text", Max: 10, Hint: v.say("mishaps.delay_hint")},
			{Name: "calls", Label: v.say("rule.calls"), Type: "text", Mode: "numeric", Max: 9, Hint: v.say("rules.calls_hint")},
		},
	}.withIDs("add")}}}
	return page, nil
}

func (v *visit) chooseMishap() field {
	var options []option
	for name := range strings.SplitSeq(mishap.Names(), ", ") {
		options = append(options, option{name, word(v, mishapTexts, mishap.Kind(name)), false})
	}
	return field{Name: "kind", Label: v.say("mishaps.kind"), Type: "select", Options: options}
}

func (v *visit) mishapCells(r mishap.Rule) []cell {
	kind := cell{Text: word(v, mishapTexts, r.Kind), Small: string(r.Kind)}
	if r.Delay > 0 {
		kind.Small += " " + r.Delay.String()
	}
	app, about := cell{Text: v.say("field.any_app")}, cell{Text: v.say("mishaps.both"), Small: r.TransID}
	if r.App != 0 {
		app = v.app(r.App)
	}
	switch r.Subject {
	case callback.OrderPaid:
		about.Text = v.say("mishaps.orders")
	case callback.BindingChanged:
		about.Text = v.say("mishaps.bindings")
	}
	left := cell{Text: v.say("rules.unlimited")}
	switch {
	case r.Left == 0, !r.ExpiresAt.IsZero() && !v.now.Before(r.ExpiresAt):
		left = cell{Text: v.say("rules.over"), Tone: over}
	case r.Left != mishap.Unlimited:
		left = cell{Text: thousands(r.Left)}
	}
	if v.who.May(operator.Change) {
		number := itoa(r.ID)
		left.Forms = []form{form{Action: root + "/callback-rules/" + number + "/remove", Button: v.say("rules.remove"), Plain: true}.withIDs("remove-" + number)}
	}
	return []cell{kind, app, about, left}
}

func mishapText(r mishap.Rule) string {
	return fmt.Sprintf("kind=%s app=%d subject=%s app_trans_id=%s delay=%s calls=%d", r.Kind, r.App, r.Subject, r.TransID, r.Delay, r.Left)
}

func (p *pages) addMishap(v *visit) (to, code string, err error) {
	to = root + "/callback-rules"
	r := mishap.Rule{
		ID: v.Pay.IDs.Key(v.now, 0), Kind: mishap.Kind(v.form("kind")), Subject: callback.Subject(v.form("subject")),
		TransID: v.form("trans_id"), Left: mishap.Unlimited,
	}
	if r.App, err = v.formApp(); err != nil {
		return to, "", err
	}
	if r.Delay, err = v.formDuration("delay"); err != nil {
		return to, "", err
	}
	calls, err := v.formNumber("calls")
	if err != nil {
		return to, "", err
	}
	if calls > 0 {
		r.Left = calls
	}
	r.Complete()
	if err := r.Check(); err != nil {
		return to, "", err
	}
	ctx := v.noted(operator.MishapAdded, "callback rule "+itoa(r.ID), r.App, func() (string, string) { return "", mishapText(r) })
	if err := p.Store.InsertCallbackRule(ctx, r); err != nil {
		return to, "", err
	}
	return to, doneSave, p.Changed(v.ctx())
}

func (p *pages) removeMishap(v *visit) (to, code string, err error) {
	to = root + "/callback-rules"
	id, err := v.number("id")
	if err != nil {
		return to, "", err
	}
	all, err := p.Store.CallbackRules(v.ctx())
	if err != nil {
		return to, "", err
	}
	i := slices.IndexFunc(all, func(r mishap.Rule) bool { return r.ID == id })
	if i < 0 {
		return to, "", mishap.ErrUnknown
	}
	ctx := v.noted(operator.MishapRemoved, "callback rule "+itoa(id), all[i].App, func() (string, string) { return mishapText(all[i]), "" })
	if _, err := p.Store.DeleteCallbackRule(ctx, id); err != nil {
		return to, "", err
	}
	return to, doneSave, p.Changed(v.ctx())
}
