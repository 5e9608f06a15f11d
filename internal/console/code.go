package console

import (
	"strconv"
	"strings"

	"sen"
	"sen/internal/operator"
	"sen/internal/scenario"
	"sen/internal/web"
)

// in returns a text of the catalogue in the language of the visit.
func (v *visit) in(t sen.Text) string {
	if web.LangOf(v.r) == web.Vietnamese {
		return t.VI
	}
	return t.EN
}

// showCodes lists the operations, and the values of one or those that are
// looked for.
func (p *pages) showCodes(v *visit) (*view, error) {
	page := &view{Title: v.say("codes.title"), Lead: v.say("codes.lead")}
	options := []option{{"", v.say("field.any_operation"), false}}
	var operations []string
	for _, st := range sen.Statuses() {
		if len(operations) == 0 || operations[len(operations)-1] != st.Operation {
			operations = append(operations, st.Operation)
		}
	}
	chosen, q := v.query("operation"), strings.ToLower(v.query("q"))
	for _, op := range operations {
		options = append(options, option{op, op, op == chosen})
	}
	page.Top = []part{{Filter: new(form{
		Action: root + "/codes", Get: true, Button: v.say("field.search"), Clear: v.say("field.clear"),
		Fields: []field{
			{Name: "operation", Label: v.say("maintenance.operation"), Type: "select", Options: options},
			{Name: "q", Label: v.say("codes.q"), Type: "search", Value: v.query("q"), Hint: v.say("codes.q_hint"), Max: 60},
		},
	}.withIDs("find"))}}
	if chosen == "" && q == "" {
		page.Parts = []part{{Table: v.operations(operations)}}
		return page, nil
	}
	t := &table{
		Caption: v.say("codes.title"), Empty: v.say("codes.none"),
		Heads: []head{{v.say("codes.value"), false}, {v.say("codes.text"), false}, {v.say("codes.return_code"), false}, {v.say("codes.final"), false}},
	}
	for _, st := range sen.Statuses() {
		if (chosen == "" || st.Operation == chosen) && v.matches(st, q) {
			t.add(cell{Text: strconv.Itoa(st.Value) + " " + st.Name, Small: st.Operation, Href: codePath(st), Mono: true},
				cell{Text: v.in(st.Text)}, cell{Text: strconv.Itoa(st.ReturnCode)}, v.finality(st))
		}
	}
	page.Parts = []part{{Table: t}}
	return page, nil
}

func (v *visit) matches(st sen.Status, q string) bool {
	return q == "" || strconv.Itoa(st.Value) == q || strings.Contains(strings.ToLower(st.Name+" "+st.Text.VI+" "+st.Text.EN), q)
}

func codePath(st sen.Status) string {
	return root + "/codes/" + st.Operation + "/" + strconv.Itoa(st.Value)
}

func (v *visit) operations(names []string) *table {
	t := &table{
		Caption: v.say("codes.title"),
		Heads:   []head{{v.say("maintenance.operation"), false}, {v.say("codes.path"), false}, {v.say("codes.values"), true}},
	}
	for _, name := range names {
		count, path := 0, ""
		for _, st := range sen.Statuses() {
			if st.Operation == name {
				count++
			}
		}
		for _, op := range sen.Operations() {
			if op.Name == name {
				path = op.Method + " " + op.Path
			}
		}
		t.add(cell{Text: name, Href: address(root+"/codes", "operation", name), Mono: true}, cell{Text: path, Mono: true}, cell{Text: strconv.Itoa(count)})
	}
	return t
}

var finalities = map[sen.Finality]stated{
	sen.Final: {"codes.is_final", over}, sen.Open: {"codes.is_open", waiting}, sen.NoObject: {"codes.no_object", over},
}

func (v *visit) finality(st sen.Status) cell { return state(v, finalities, st.Finality) }

var retries = map[sen.Retry]string{
	sen.RetryNever: "codes.never", sen.RetrySame: "codes.same", sen.RetryChanged: "codes.changed", sen.RetryQuery: "codes.query",
}

// showCode explains one value: what it says, what it means, and both ways to get
// it.
func (p *pages) showCode(v *visit) (*view, error) {
	value, err := strconv.Atoi(v.r.PathValue("value"))
	st, ok := sen.Lookup(v.r.PathValue("operation"), value)
	if err != nil || !ok {
		return nil, errNoScreen
	}
	documented := v.say("codes.undocumented")
	if st.Documented {
		documented = v.say("codes.documented")
	}
	page := &view{
		Title: strconv.Itoa(st.Value) + " " + st.Name, Lead: st.Operation,
		Back: &link{address(root+"/codes", "operation", st.Operation), st.Operation},
	}
	page.Parts = []part{
		{Title: v.say("codes.says"), Facts: []fact{
			{"sub_return_message (vi)", cell{Text: st.Text.VI}},
			{"sub_return_message (en)", cell{Text: st.Text.EN}},
			{"return_code", cell{Text: strconv.Itoa(st.ReturnCode)}},
			{v.say("codes.final"), v.finality(st)},
			{v.say("codes.again"), cell{Text: word(v, retries, st.Retry)}},
			{v.say("codes.source"), cell{Text: documented}},
		}},
		{Title: v.say("codes.meaning"), Text: v.in(st.Meaning)},
		{Title: v.say("codes.action"), Text: v.in(st.Action)},
	}
	if e, ok := p.earned.of(st.Operation, st.Value); ok {
		page.Parts = append(page.Parts, part{Title: v.say("codes.earn"), Text: v.in(sen.Text{VI: e.Vi, EN: e.En}), Code: e.Run})
	}
	if st.Operation != sen.RedirectStatus {
		page.Parts = append(page.Parts, v.forcePart(st))
	}
	return page, nil
}

// forcePart shows how a rule, or a header of one call, brings the value about.
func (v *visit) forcePart(st sen.Status) part {
	value := strconv.Itoa(st.Value)
	forced := part{
		Title: v.say("codes.force"), Text: v.say("codes.force_lead"),
		Code: scenario.Header + ": value=" + value + "\n\nsen rule add --operation " + st.Operation + " --value " + value,
	}
	if v.Lab != nil && v.who.May(operator.Change) {
		forced.Links = []link{{address(root+"/rules", "operation", st.Operation, "value", value), v.say("codes.make_rule")}}
	}
	return forced
}
