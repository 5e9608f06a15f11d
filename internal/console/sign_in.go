package console

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"sen/internal/fault"
	"sen/internal/operator"
)

// signInPage asks who somebody is. In a sandbox it offers the roles instead.
type signInPage struct {
	shell
	To    string // where to go then
	Name  string
	Roles []roleChoice
}

type roleChoice struct {
	Role operator.Role
	Text string // keys of texts
	Lead string
}

var roleLeads = map[operator.Role]string{
	operator.Admin:    "sign_in.as_operator",
	operator.Support:  "sign_in.as_support",
	operator.Merchant: "sign_in.as_merchant",
}

func (p *pages) signInPage(to, name string) signInPage {
	page := signInPage{To: within(to), Name: name}
	for _, o := range p.Operators.Guests {
		page.Roles = append(page.Roles, roleChoice{o.Role, roleTexts[o.Role], roleLeads[o.Role]})
	}
	return page
}

// within returns an address of the console, or its first page: nobody may be
// led elsewhere from here.
func within(to string) string {
	if to == root || strings.HasPrefix(to, root+"?") || strings.HasPrefix(to, root+"/") {
		return to
	}
	return root
}

func (p *pages) showSignIn(w http.ResponseWriter, r *http.Request) error {
	page := p.signInPage(r.URL.Query().Get("to"), "")
	v := &visit{pages: p, w: w, r: r}
	page.Notice = v.notice(p.Site.TakeNotice(w, r, root))
	if v.failed != nil {
		return v.failed
	}
	return p.signIn.Write(w, r, http.StatusOK, page)
}

func (p *pages) carryOutSignIn(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	o, err := p.prove(r, form)
	if errors.Is(err, operator.ErrPaused) { // every other try is on record
		p.Site.Log.WarnContext(r.Context(), "sign-in refused", "why", operator.ErrPaused.Code)
	}
	if f, ok := errors.AsType[*fault.Error](err); ok && refused[f.Code] != "" {
		page := p.signInPage(form.Get("to"), form.Get("name"))
		v := &visit{pages: p, w: w, r: r}
		page.Notice = v.notice(f.Code)
		return p.signIn.Write(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	if err := p.admit(r, o); err != nil {
		return err
	}
	return p.goTo(w, r, within(form.Get("to")), "")
}

// prove finds out who sends the sign-in form.
func (p *pages) prove(r *http.Request, form url.Values) (operator.Operator, error) {
	if role := form.Get("role"); role != "" {
		return p.Operators.Guest(r.Context(), operator.Role(role))
	}
	return p.Operators.SignIn(r.Context(), operator.Proof{
		Name: trim(form.Get("name")), Password: form.Get("password"), Code: trim(form.Get("code")), Address: remoteOf(r),
	})
}

// remoteOf is the address that a request comes from. A proxy in front of us has a
// private one, and says in the last entry of its header whom it heard; what
// anybody further away wrote there is not believed.
func remoteOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !(ip.IsLoopback() || ip.IsPrivate()) {
		return host
	}
	entries := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	if told, err := netip.ParseAddr(trim(entries[len(entries)-1])); err == nil {
		return told.String()
	}
	return host
}

// admit puts the operator into a session that has nothing else in it. Its token
// is new, so that a session that somebody planted is of no use to them.
func (p *pages) admit(r *http.Request, o operator.Operator) error {
	s, ctx := p.Site.Sessions, r.Context()
	begun, err := p.Operators.Begin(ctx, o, remoteOf(r), r.UserAgent())
	if err != nil {
		return err
	}
	p.live.end(s.Token(ctx))
	if err := s.Clear(ctx); err != nil {
		return err
	}
	if err := s.RenewToken(ctx); err != nil {
		return err
	}
	s.SetDeadline(ctx, p.Site.Now().Add(operator.WorkingDay).UTC())
	s.Put(ctx, nameKey, o.Name)
	s.Put(ctx, markKey, o.Mark())
	s.Put(ctx, sessionKey, begun.ID)
	return nil
}

func (p *pages) carryOutSignOut(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who, session, err := p.admitted(ctx, true)
	if err != nil {
		return err
	}
	if who != nil {
		if err := p.Operators.SignOut(ctx, *who, session); err != nil {
			return err
		}
	}
	token := p.Site.Sessions.Token(ctx)
	if err := p.Site.Leave(w, r); err != nil {
		return err
	}
	p.live.end(token) // only now: what is open asks for its page again at once
	return p.goTo(w, r, root+"/sign-in", "")
}
