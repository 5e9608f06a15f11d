package console

import (
	"slices"
	"strconv"
	"strings"

	"sen/internal/merchant"
	"sen/internal/operator"
)

func operatorPath(name string) string { return root + "/operators/" + pathEscape(name) }

// showOperators lists who may use the console.
func (p *pages) showOperators(v *visit) (*view, error) {
	all, err := v.Store.Operators(v.ctx())
	if err != nil {
		return nil, err
	}
	t := &table{
		Caption: v.say("operators.title"), Empty: v.say("operators.none"),
		Heads: []head{{v.say("sign_in.name"), false}, {v.say("operators.role"), false}, {v.say("operators.codes"), false}, {v.say("field.state"), false}, {v.say("field.created"), false}},
	}
	for _, o := range all {
		t.add(cell{Text: o.Name, Href: operatorPath(o.Name)}, cell{Text: v.say(roleTexts[o.Role]), Small: appList(o.Apps)},
			v.codeState(o), v.operatorState(o), cell{Text: moment(o.CreatedAt)})
	}
	return &view{
		Title: v.say("operators.title"), Lead: v.say("operators.lead"), Parts: []part{{Table: t}},
		After: []part{{Title: v.say("operators.add"), Forms: []form{form{
			Action: root + "/operators", Lead: v.say("operators.add_lead"), Button: v.say("operators.add"),
			Fields: append([]field{{Name: "name", Label: v.say("sign_in.name"), Type: "text", Max: 40, Need: true, Hint: v.say("operators.name_hint"), Auto: "off"}},
				v.roleFields(operator.Operator{Role: operator.Support})...),
		}.withIDs("add")}}},
	}, nil
}

func (v *visit) roleFields(o operator.Operator) []field {
	var options []option
	for _, r := range []operator.Role{operator.Admin, operator.Support, operator.Merchant} {
		options = append(options, option{string(r), v.say(roleTexts[r]), r == o.Role})
	}
	return []field{
		{Name: "role", Label: v.say("operators.role"), Type: "select", Options: options},
		{Name: "apps", Label: v.say("operators.apps"), Type: "text", Max: 200, Value: appList(o.Apps), Hint: v.say("operators.apps_hint")},
	}
}

// formRole reads a role, and the apps that go with it.
func (v *visit) formRole() (role operator.Role, apps []merchant.ID, err error) {
	role = operator.Role(v.form("role"))
	for text := range strings.FieldsFuncSeq(v.form("apps"), func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || role != operator.Merchant {
			return role, nil, operator.ErrApps
		}
		apps = append(apps, merchant.ID(n))
	}
	return role, apps, nil
}

func (v *visit) codeState(o operator.Operator) cell {
	switch {
	case o.TOTP != "":
		return cell{Text: v.say("operators.has_codes"), Tone: good}
	case v.Operators.MustEnrol(o):
		return cell{Text: v.say("operators.must_enrol"), Tone: waiting}
	}
	return cell{Text: v.say("operators.no_codes"), Tone: over}
}

func (v *visit) operatorState(o operator.Operator) cell {
	if o.DisabledAt.IsZero() {
		return cell{Text: v.say("apps.enabled"), Tone: good}
	}
	return cell{Text: v.say("operators.disabled"), Tone: bad, Small: moment(o.DisabledAt)}
}

// pathOperator returns the operator in the path.
func (v *visit) pathOperator() (operator.Operator, error) {
	o, err := v.Store.Operator(v.ctx(), v.r.PathValue("name"))
	if refused := err == operator.ErrUnknown; refused { //nolint:errorlint // the store returns it as it is
		err = errNoScreen
	}
	return o, err
}

// other returns the operator in the path, who is not the visitor.
func (v *visit) other() (operator.Operator, error) {
	o, err := v.pathOperator()
	if err == nil && o.Name == v.who.Name {
		err = operator.ErrOwn
	}
	return o, err
}

func (p *pages) showOperator(v *visit) (*view, error) {
	o, err := v.pathOperator()
	if err != nil {
		return nil, err
	}
	sessions, err := v.sessionPart(o.Name)
	if err != nil {
		return nil, err
	}
	state := v.operatorState(o)
	page := &view{
		Title: o.Name, Mark: &state, Back: &link{root + "/operators", v.say("operators.title")},
		Parts: []part{{Facts: []fact{
			{v.say("operators.role"), cell{Text: v.say(roleTexts[o.Role]), Small: appList(o.Apps)}},
			{v.say("operators.codes"), v.codeState(o)},
			{v.say("field.created"), cell{Text: moment(o.CreatedAt)}},
		}, Links: []link{{address(root+"/audit", "actor", o.Name), v.say("operators.records")}}}, sessions},
	}
	if o.Name == v.who.Name {
		page.After = []part{{Lead: v.say("operators.yourself"), Links: []link{{root + "/account", v.say("account.title")}}}}
		return page, nil
	}
	at := operatorPath(o.Name)
	able := form{Action: at + "/able", Fold: v.say("operators.disable"), Lead: v.say("operators.disable_lead"), Button: v.say("operators.disable"), Danger: true, Fields: []field{hidden("disabled", "yes")}}
	if !o.DisabledAt.IsZero() {
		able = form{Action: at + "/able", Button: v.say("operators.enable"), Fields: []field{hidden("disabled", "no")}}
	}
	forms := []form{
		form{Action: at + "/password", Fold: v.say("operators.password"), Lead: v.say("operators.password_lead"), Button: v.say("operators.password_now"), Danger: true}.withIDs("password"),
		able.withIDs("able"),
	}
	if o.TOTP != "" {
		forms = append(forms, form{Action: at + "/code", Fold: v.say("operators.reset"), Lead: v.say("operators.reset_lead"), Button: v.say("operators.reset_now"), Danger: true}.withIDs("code"))
	}
	page.After = []part{
		{Title: v.say("operators.change"), Forms: []form{form{Action: at + "/role", Lead: v.say("operators.change_lead"), Button: v.say("field.save"), Fields: v.roleFields(o)}.withIDs("role")}},
		{Title: v.say("operators.access"), Forms: forms},
	}
	return page, nil
}

// sessionPart lists where an operator is signed in.
func (v *visit) sessionPart(name string) (part, error) {
	open, err := v.Operators.Sessions(v.ctx(), name)
	if err != nil {
		return part{}, err
	}
	t := &table{
		Caption: v.say("sessions.title"), Empty: v.say("sessions.none"),
		Heads: []head{{v.say("sessions.where"), false}, {v.say("sessions.began"), false}, {v.say("sessions.seen"), false}},
	}
	for _, s := range open {
		where := cell{Text: s.Remote, Small: s.Agent}
		if s.ID == v.session.ID {
			where.Text += " · " + v.say("sessions.this")
		}
		t.add(where, cell{Text: moment(s.Began)}, cell{Text: moment(s.Seen)})
	}
	p := part{Title: v.say("sessions.title"), ID: "sessions", Table: t}
	at, button := operatorPath(name)+"/sessions", v.say("sessions.end")
	if name == v.who.Name {
		at, button = root+"/account/sessions", v.say("sessions.end_others")
	}
	if len(open) > 0 {
		p.Forms = []form{form{Action: at, Button: button, Plain: true}.withIDs("sessions")}
	}
	return p, nil
}

// addOperator makes an operator, and shows the password that was drawn, once.
func (p *pages) addOperator(v *visit) (*view, error) {
	var err error
	if v.posted, err = readForm(v.r); err != nil {
		return nil, err
	}
	o := operator.Operator{Name: v.form("name")}
	if o.Role, o.Apps, err = v.formRole(); err != nil {
		return nil, err
	}
	password := operator.NewPassword()
	if err := p.Operators.Add(v.ctx(), v.who, o, password); err != nil {
		return nil, err
	}
	return v.passwordPage(o.Name, password), nil
}

// newPassword gives an operator another password, and shows it once.
func (p *pages) newPassword(v *visit) (*view, error) {
	o, err := v.other()
	if err != nil {
		return nil, err
	}
	password := operator.NewPassword()
	if _, err := p.Operators.SetPassword(v.ctx(), v.who, o.Name, password); err != nil {
		return nil, err
	}
	return v.passwordPage(o.Name, password), nil
}

func (v *visit) passwordPage(name, password string) *view {
	return &view{
		Title: v.say("operators.password_of", "name", name), Lead: v.say("operators.password_shown"), Back: &link{operatorPath(name), name},
		Parts: []part{{Facts: []fact{{v.say("sign_in.name"), cell{Text: name, Mono: true}}, {v.say("sign_in.password"), cell{Text: password, Mono: true}}}}},
	}
}

// toOther runs a change of the operator in the path, who is not the visitor.
func (v *visit) toOther(change func(o operator.Operator) error) (to, code string, err error) {
	o, err := v.other()
	if err != nil {
		return root + "/operators", "", err
	}
	return operatorPath(o.Name), doneSave, change(o)
}

func (p *pages) setRole(v *visit) (to, code string, err error) {
	return v.toOther(func(o operator.Operator) error {
		role, apps, err := v.formRole()
		if err != nil {
			return err
		}
		if role == o.Role && slices.Equal(apps, o.Apps) {
			return nil
		}
		_, err = p.Operators.SetRole(v.ctx(), v.who, o.Name, role, apps)
		return err
	})
}

func (p *pages) setOperatorAble(v *visit) (to, code string, err error) {
	return v.toOther(func(o operator.Operator) error {
		_, err := p.Operators.Disable(v.ctx(), v.who, o.Name, v.form("disabled") == "yes")
		return err
	})
}

func (p *pages) resetCode(v *visit) (to, code string, err error) {
	return v.toOther(func(o operator.Operator) error {
		_, err := p.Operators.ResetCode(v.ctx(), v.who, o.Name)
		return err
	})
}

func (p *pages) endSessions(v *visit) (to, code string, err error) {
	o, err := v.pathOperator()
	if err != nil {
		return "", "", err
	}
	return operatorPath(o.Name), doneSessions, p.Operators.EndSessions(v.ctx(), v.who, o.Name, v.session.ID)
}
