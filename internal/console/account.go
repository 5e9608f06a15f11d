package console

import (
	"net/url"

	"sen/internal/operator"
	"sen/internal/payer"
)

// showMe is about the visitor: how they sign in, and where they are.
func (p *pages) showMe(v *visit) (*view, error) {
	page := &view{Title: v.say("account.title"), Lead: v.who.Name}
	if v.isGuest() {
		page.Lead = v.say("account.guest")
		return page, nil
	}
	sessions, err := v.sessionPart(v.who.Name)
	if err != nil {
		return nil, err
	}
	codes := part{Title: v.say("account.codes"), ID: "codes", Facts: []fact{{v.say("field.state"), v.codeState(v.who)}}}
	if v.who.TOTP != "" {
		codes.Facts = append(codes.Facts, fact{v.say("account.recovery_left"), cell{Text: itoa(int64(len(v.who.Recovery)))}})
	}
	enrol, err := v.enrolPart()
	if err != nil {
		return nil, err
	}
	page.Parts = []part{codes, sessions}
	page.After = []part{enrol, {Title: v.say("account.password"), Forms: []form{form{
		Action: root + "/account/password", Button: v.say("account.password_save"), Fields: []field{
			{Name: "present", Label: v.say("account.present"), Type: "password", Need: true, Max: 200, Auto: "current-password"},
			{Name: "password", Label: v.say("account.new"), Type: "password", Need: true, Max: 200, Hint: v.say("account.new_hint"), Auto: "new-password"},
		},
	}.withIDs("password")}}}
	if p.Operators.MustEnrol(v.who) { // nothing else can be done before
		enrol.Notice = v.say("account.must_enrol")
		page.Top, page.After = []part{enrol}, page.After[1:]
	}
	return page, nil
}

// enrolPart shows a secret to take into an app. It is kept in the session until
// a code shows that the app has it.
func (v *visit) enrolPart() (part, error) {
	s := v.Site.Sessions
	secret := s.GetString(v.ctx(), secretKey)
	if secret == "" {
		secret = operator.NewSecret()
		s.Put(v.ctx(), secretKey, secret)
	}
	qr, err := payer.DrawQR(operator.SecretURL(v.who.Name, v.r.Host, secret))
	if err != nil {
		return part{}, err
	}
	title, lead := v.say("account.enrol"), v.say("account.enrol_lead")
	if v.who.TOTP != "" {
		title = v.say("account.enrol_again")
	}
	return part{Title: title, ID: "enrol", Lead: lead, QR: &qr, Facts: []fact{{v.say("account.secret"), cell{Text: secret, Mono: true}}}, Forms: []form{form{
		Action: root + "/account/code", Button: v.say("account.enrol_now"), Fields: []field{
			{Name: "code", Label: v.say("account.code"), Type: "text", Mode: "numeric", Need: true, Max: 6, Auto: "one-time-code"},
		},
	}.withIDs("enrol")}}, nil
}

// enrol makes the visitor sign in with codes from now on, and shows recovery codes
// once. Other browsers are signed out.
func (p *pages) enrol(v *visit) (*view, error) {
	var err error
	if v.posted, err = readForm(v.r); err != nil {
		return nil, err
	}
	secret := p.Site.Sessions.GetString(v.ctx(), secretKey)
	if v.isGuest() || secret == "" {
		return nil, operator.ErrCode
	}
	codes, err := p.Operators.EnrolCode(v.ctx(), v.who, secret, v.form("code"))
	if err != nil {
		return nil, err
	}
	p.Site.Sessions.Remove(v.ctx(), secretKey)
	if err := p.Operators.EndSessions(v.ctx(), v.who, v.who.Name, v.session.ID); err != nil {
		return nil, err
	}
	shown := part{Title: v.say("account.recovery"), Lead: v.say("account.recovery_lead"), Whole: true}
	for _, c := range codes {
		shown.Code += c + "\n"
	}
	return &view{Title: v.say("account.enrolled"), Back: &link{root + "/account", v.say("account.title")}, Parts: []part{shown}}, nil
}

func (p *pages) endOwnSessions(v *visit) (to, code string, err error) {
	return root + "/account", doneSessions, p.Operators.EndSessions(v.ctx(), v.who, v.who.Name, v.session.ID)
}

// changePassword gives the visitor the password that they chose. Every session
// ends, and they sign in with it.
func (p *pages) changePassword(v *visit) (to, code string, err error) {
	to = root + "/account"
	if v.isGuest() {
		return to, "", operator.ErrWrong
	}
	_, err = p.Operators.ChangePassword(v.ctx(), v.who, v.posted.Get("present"), v.posted.Get("password"), remoteOf(v.r))
	if err != nil {
		return to, "", err
	}
	return root + "/sign-in", donePassword, nil
}

// showProve asks the visitor once more who they are.
func (p *pages) showProve(v *visit) (*view, error) {
	f := field{Name: "proof", Label: v.say("sign_in.password"), Type: "password", Need: true, Max: 200, Auto: "current-password"}
	if v.who.TOTP != "" {
		f = field{Name: "proof", Label: v.say("account.code"), Type: "text", Need: true, Max: 40, Auto: "one-time-code"}
	}
	return &view{Title: v.say("prove.title"), Lead: v.say("prove.lead"), Parts: []part{{Forms: []form{form{
		Action: root + "/prove", Button: v.say("prove.go"), Fields: []field{f, hidden("to", within(v.query("to")))},
	}.withIDs("prove")}}}}, nil
}

func (p *pages) proveAgain(v *visit) (to, code string, err error) {
	if v.isGuest() {
		return root, "", nil
	}
	back := within(v.form("to"))
	if err := p.Operators.Prove(v.ctx(), v.session, v.who, trim(v.posted.Get("proof"))); err != nil {
		return root + "/prove?" + url.Values{"to": {back}}.Encode(), "", err
	}
	s := p.Site.Sessions
	p.live.end(s.Token(v.ctx()))
	return back, doneProve, s.RenewToken(v.ctx())
}
