package console

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"sen/internal/operator"
	"sen/internal/scenario"
)

func pathEscape(s string) string { return url.PathEscape(s) }

// showRules lists what a sandbox was told to answer.
func (p *pages) showRules(v *visit) (*view, error) {
	all, err := v.Store.Rules(v.ctx())
	if err != nil {
		return nil, err
	}
	t := &table{
		Caption: v.say("rules.title"), Empty: v.say("rules.none"),
		Heads: []head{{v.say("maintenance.operation"), false}, {v.say("field.app"), false}, {v.say("rules.effect"), false}, {v.say("rules.match"), false}, {v.say("rules.left"), false}},
	}
	for _, r := range all {
		t.add(v.ruleCells(r)...)
	}
	page := &view{Title: v.say("rules.title"), Lead: v.say("rules.lead"), Parts: []part{{Table: t}}, Watched: true}
	if v.who.May(operator.Change) {
		apps, err := v.chooseApp(0)
		if err != nil {
			return nil, err
		}
		page.After = []part{{Title: v.say("rules.add"), Forms: []form{form{
			Action: root + "/rules", Button: v.say("rules.add"), Lead: v.say("rules.add_lead"),
			Fields: []field{
				v.chooseOperation(v.query("operation")), apps,
				{Name: "value", Label: v.say("rule.value"), Type: "text", Value: v.query("value"), Max: 8, Hint: v.say("rules.value_hint")},
				{Name: "delay", Label: v.say("rule.delay"), Type: "text", Max: 10, Hint: v.say("rules.delay_hint")},
				v.chooseBreak(),
				{Name: "calls", Label: v.say("rule.calls"), Type: "text", Mode: "numeric", Max: 9, Hint: v.say("rules.calls_hint")},
				{Name: "match", Label: v.say("rules.match"), Type: "text", Max: 300, Hint: v.say("rules.match_hint")},
			},
		}.withIDs("add")}}}
	}
	return page, nil
}

func (v *visit) chooseBreak() field {
	options := []option{{"", v.say("rules.whole"), false}}
	for name := range strings.SplitSeq(scenario.BreakNames(), ", ") {
		options = append(options, option{name, name, false})
	}
	return field{Name: "break", Label: v.say("rule.break"), Type: "select", Options: options}
}

func (v *visit) ruleCells(r scenario.Rule) []cell {
	operation := cell{Text: r.Operation, Mono: true}
	if r.Operation == "" {
		operation = cell{Text: v.say("field.any_operation")}
	}
	app := cell{Text: v.say("field.any_app")}
	if r.App != 0 {
		app = v.app(r.App)
	}
	left := cell{Text: v.say("rules.unlimited")}
	switch {
	case r.Left == 0, !r.ExpiresAt.IsZero() && !v.now.Before(r.ExpiresAt):
		left = cell{Text: v.say("rules.over"), Tone: over}
	case r.Left != scenario.Unlimited:
		left = cell{Text: thousands(r.Left)}
	}
	if v.who.May(operator.Change) {
		number := itoa(r.ID)
		left.Forms = []form{form{Action: root + "/rules/" + number + "/remove", Button: v.say("rules.remove"), Plain: true}.withIDs("remove-" + number)}
	}
	var match []string
	for name, value := range r.Match {
		match = append(match, name+"="+value)
	}
	return []cell{operation, app, {Text: effectText(r.Effect), Mono: true}, {Text: strings.Join(match, " "), Mono: true}, left}
}

// effectText writes an effect as the header Sen-Scenario has it.
func effectText(e scenario.Effect) string {
	var parts []string
	if e.Forced {
		parts = append(parts, fmt.Sprintf("value=%d", e.Value))
	}
	if e.Delay > 0 {
		parts = append(parts, "delay="+e.Delay.String())
	}
	if e.Break != scenario.Whole {
		parts = append(parts, "break="+string(e.Break))
	}
	return strings.Join(parts, "; ")
}

func ruleText(r scenario.Rule) string {
	match, err := json.Marshal(r.Match)
	if err != nil { // text can always be marshalled
		panic(err)
	}
	return fmt.Sprintf("operation=%s app=%d %s match=%s", r.Operation, r.App, effectText(r.Effect), match)
}

func (p *pages) addRule(v *visit) (to, code string, err error) {
	to = root + "/rules"
	r, err := v.readRule()
	if err != nil {
		return to, "", err
	}
	if err := r.Check(); err != nil {
		return to, "", err
	}
	ctx := v.noted(operator.RuleAdded, "rule "+itoa(r.ID), r.App, func() (string, string) { return "", ruleText(r) })
	if err := p.Store.InsertRule(ctx, r); err != nil {
		return to, "", err
	}
	return to, doneSave, p.Changed(v.ctx())
}

func (v *visit) readRule() (r scenario.Rule, err error) {
	r = scenario.Rule{ID: v.Pay.IDs.Key(v.now, 0), Left: scenario.Unlimited}
	if r.Operation, err = v.formOperation(); err != nil {
		return r, err
	}
	if r.App, err = v.formApp(); err != nil {
		return r, err
	}
	if value := v.form("value"); value != "" {
		r.Effect.Forced = true
		if _, err := fmt.Sscanf(value, "%d", &r.Effect.Value); err != nil {
			return r, errNumber.On("value", "")
		}
	}
	if r.Effect.Delay, err = v.formDuration("delay"); err != nil {
		return r, err
	}
	r.Effect.Break = scenario.Break(v.form("break"))
	if v.form("calls") != "" {
		if r.Left, err = v.formNumber("calls"); err != nil {
			return r, err
		}
	}
	for pair := range strings.FieldsSeq(v.form("match")) {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return r, scenario.ErrEffect.On("match", "")
		}
		if r.Match == nil {
			r.Match = map[string]string{}
		}
		r.Match[name] = value
	}
	return r, nil
}

func (p *pages) removeRule(v *visit) (to, code string, err error) {
	id, err := v.number("id")
	if err != nil {
		return "", "", err
	}
	to = root + "/rules"
	all, err := v.Store.Rules(v.ctx())
	if err != nil {
		return "", "", err
	}
	for _, r := range all {
		if r.ID != id {
			continue
		}
		ctx := v.noted(operator.RuleRemoved, "rule "+itoa(id), r.App, func() (string, string) { return ruleText(r), "" })
		if _, err := p.Store.DeleteRule(ctx, id); err != nil {
			return "", "", err
		}
		return to, doneLift, p.Changed(v.ctx())
	}
	return to, "", scenario.ErrRule
}

// showClock shows the sandbox's clock, and moves it.
func (p *pages) showClock(v *visit) (*view, error) {
	offset := p.Lab.Offset()
	ahead := offset.Round(time.Second).String()
	page := &view{Title: v.say("clock.title"), Lead: v.say("clock.lead"), Parts: []part{{Facts: []fact{
		{v.say("clock.now"), cell{Text: moment(v.now)}}, {v.say("clock.ahead"), cell{Text: ahead}},
	}}}}
	if !v.who.May(operator.Change) {
		return page, nil
	}
	var jumps []form
	for _, d := range []string{"1m", "15m", "1h", "24h"} {
		jumps = append(jumps, form{Action: root + "/clock", Plain: true, Button: "+" + d, Fields: []field{hidden("advance", d)}}.withIDs("jump-"+d))
	}
	page.After = []part{
		{Title: v.say("clock.jump"), Forms: jumps},
		{Title: v.say("clock.advance"), Forms: []form{
			form{Action: root + "/clock", Button: v.say("clock.go"), Fields: []field{{Name: "advance", Label: v.say("clock.by"), Type: "text", Max: 20, Hint: v.say("clock.hint"), Need: true}}}.withIDs("advance"),
			form{Action: root + "/clock", Button: v.say("clock.set"), Fields: []field{{Name: "set", Label: v.say("clock.to"), Type: "datetime-local", Value: fieldTime(v.now), Need: true}}}.withIDs("set"),
			form{Action: root + "/clock", Button: v.say("clock.reset"), Plain: true, Fields: []field{hidden("reset", "yes")}}.withIDs("reset"),
		}},
	}
	return page, nil
}

func (p *pages) moveClock(v *visit) (to, code string, err error) {
	to = root + "/clock"
	was := p.Lab.Offset()
	offset := was
	switch {
	case v.form("reset") != "":
		offset = 0
	case v.form("set") != "":
		at, err := v.formTime("set")
		if err != nil {
			return to, "", err
		}
		offset += at.Sub(v.now)
	default:
		d, err := v.formDuration("advance")
		if err != nil {
			return to, "", err
		}
		const century = 100 * 365 * 24 * time.Hour
		offset += min(max(d, -century), century)
	}
	if year := v.now.Add(offset - was).UTC().Year(); year < 2020 || year > 2080 {
		return to, "", errClockFar // row keys count time from 2020, for 69 years
	}
	ctx := v.noted(operator.ClockMoved, "clock", 0, func() (string, string) { return was.String(), offset.String() })
	return to, doneClock, p.Lab.Move(ctx, offset)
}
