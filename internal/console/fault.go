package console

import (
	"fmt"
	"time"

	"sen/internal/chaos"
	"sen/internal/operator"
)

// showFaults shows how a sandbox was told to fail, and makes it fail.
func (p *pages) showFaults(v *visit) (*view, error) {
	all, err := v.Store.Faults(v.ctx(), v.now)
	if err != nil {
		return nil, err
	}
	t := &table{
		Caption: v.say("faults.store"), Empty: v.say("faults.none"),
		Heads: []head{{v.say("field.app"), false}, {v.say("rules.left"), false}, {v.say("field.until"), false}},
	}
	for _, f := range all {
		app, left, until := cell{Text: v.say("field.any_app")}, cell{Text: v.say("rules.unlimited")}, cell{Text: moment(f.Until)}
		if f.App != 0 {
			app = v.app(f.App)
		}
		if f.Calls != 0 {
			left.Text = thousands(f.Calls)
		}
		t.add(app, left, until)
	}
	bank := cell{Text: v.say("faults.bank_up"), Tone: good}
	if p.Lab.Outage() {
		bank = cell{Text: v.say("faults.bank_down"), Tone: bad}
	}
	page := &view{Title: v.say("faults.title"), Lead: v.say("faults.lead"), Watched: true, Parts: []part{
		{Title: v.say("faults.bank"), ID: "bank", Lead: v.say("faults.bank_lead"), Facts: []fact{{v.say("field.state"), bank}}},
		{Title: v.say("faults.store"), ID: "store", Lead: v.say("faults.store_lead"), Table: t},
	}}
	if !v.who.May(operator.Change) {
		return page, nil
	}
	page.Parts[0].Forms = []form{v.outageForm()}
	if len(all) > 0 {
		page.Parts[1].Forms = []form{form{Action: root + "/faults/end", Plain: true, Button: v.say("faults.end")}.withIDs("end")}
	}
	apps, err := v.chooseApp(0)
	if err != nil {
		return nil, err
	}
	page.After = []part{{Title: v.say("faults.add"), Forms: []form{form{
		Action: root + "/faults", Button: v.say("faults.add"), Lead: v.say("faults.add_lead"),
		Fields: []field{
			apps,
			{Name: "calls", Label: v.say("rule.calls"), Type: "text", Mode: "numeric", Max: 7, Hint: v.say("faults.calls_hint")},
			{Name: "for", Label: v.say("faults.for"), Type: "text", Max: 10, Hint: v.say("faults.for_hint")},
		},
	}.withIDs("add")}}}
	return page, nil
}

func (v *visit) outageForm() form {
	f := form{Action: root + "/outage", Plain: true, Button: v.say("faults.cut"), Danger: true, Fields: []field{hidden("outage", "yes")}}
	if v.Lab.Outage() {
		f.Button, f.Danger, f.Fields = v.say("faults.restore"), false, nil
	}
	return f.withIDs("outage")
}

// addFault makes the store refuse transactions.
func (p *pages) addFault(v *visit) (to, code string, err error) {
	to = root + "/faults"
	f := chaos.Fault{ID: v.Pay.IDs.Key(v.now, 0)}
	if f.App, err = v.formApp(); err != nil {
		return to, "", err
	}
	if f.Calls, err = v.formNumber("calls"); err != nil {
		return to, "", err
	}
	d, err := v.formDuration("for")
	if err != nil || d < 0 {
		return to, "", errDuration.On("for", "")
	}
	if d > 0 {
		f.Until = v.now.Add(d)
	}
	if err := f.Check(); err != nil {
		return to, "", err
	}
	ctx := v.noted(operator.FaultAdded, "fault "+itoa(f.ID), f.App, func() (string, string) { return "", faultText(f) })
	if err := p.Store.InsertFault(ctx, f); err != nil {
		return to, "", err
	}
	return to, doneFault, p.Changed(v.ctx())
}

func faultText(f chaos.Fault) string {
	text := fmt.Sprintf("app=%d calls=%d", f.App, f.Calls)
	if !f.Until.IsZero() {
		text += " until=" + f.Until.Format(time.RFC3339)
	}
	return text
}

// endFaults lets the store work again.
func (p *pages) endFaults(v *visit) (to, code string, err error) {
	to = root + "/faults"
	all, err := p.Store.Faults(v.ctx(), v.now)
	if err != nil || len(all) == 0 {
		return to, doneMend, err
	}
	ctx := v.noted(operator.FaultsEnded, "faults", 0, func() (string, string) { return itoa(int64(len(all))), "0" })
	if err := p.Store.DeleteFaults(ctx); err != nil {
		return to, "", err
	}
	return to, doneMend, p.Changed(v.ctx())
}

// setOutage makes the simulated bank unreachable, or reachable again.
func (p *pages) setOutage(v *visit) (to, code string, err error) {
	to = root + "/faults"
	was, becomes := p.Lab.Outage(), v.form("outage") != ""
	if was == becomes {
		return to, doneOutage, nil
	}
	ctx := v.noted(operator.OutageSet, "bank", 0, func() (string, string) {
		return fmt.Sprintf("outage=%v", was), fmt.Sprintf("outage=%v", becomes)
	})
	return to, doneOutage, p.Lab.SetOutage(ctx, becomes)
}
