package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sen/internal/fault"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/operator"
	"sen/internal/store"
	"sen/internal/web"
)

// What a session keeps: the operator, and a mark of what lets them in.
const (
	nameKey    = "operator"
	markKey    = "operator_mark"
	sessionKey = "operator_session"
	// secretKey is the secret of codes that an operator is about to set up.
	secretKey = "operator_secret"
)

// A visit is one request of somebody who is signed in.
type visit struct {
	*pages
	w   http.ResponseWriter
	r   *http.Request
	who operator.Operator
	now time.Time // of the business

	session operator.Session

	posted url.Values // the form that was sent
	failed error      // a text that is missing
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// say returns a text in the language of the visit.
func (v *visit) say(key string, pairs ...any) string {
	text, err := v.files.Text(v.r, key, pairs...)
	if v.failed == nil {
		v.failed = err
	}
	return text
}

// moment returns a time in Vietnam to the second, or a dash for none.
func moment(at time.Time) string {
	if at.IsZero() {
		return "–"
	}
	return at.In(id.Vietnam).Format("15:04:05 02/01/2006")
}

// admitted returns who is signed in, or nil. seen says that somebody asks, and
// not only a page that brings itself up to date.
func (p *pages) admitted(ctx context.Context, seen bool) (*operator.Operator, operator.Session, error) {
	name := p.Site.Sessions.GetString(ctx, nameKey)
	if name == "" {
		return nil, operator.Session{}, nil
	}
	session, err := p.Operators.Session(ctx, p.Site.Sessions.GetString(ctx, sessionKey), seen)
	if errors.Is(err, operator.ErrUnknown) || (err == nil && session.Name != name) {
		return nil, session, nil // it was ended, or has rested too long
	}
	if err != nil {
		return nil, session, err
	}
	o, err := p.Operators.Operator(ctx, name)
	if errors.Is(err, operator.ErrUnknown) || (err == nil && p.Site.Sessions.GetString(ctx, markKey) != o.Mark()) {
		return nil, session, nil // it is from before something changed
	}
	if err != nil {
		return nil, session, err
	}
	return &o, session, nil
}

// visitor begins a visit; nil when nobody is signed in.
func (p *pages) visitor(w http.ResponseWriter, r *http.Request, seen bool) (*visit, error) {
	who, session, err := p.admitted(r.Context(), seen)
	if err != nil || who == nil {
		return nil, err
	}
	return &visit{pages: p, w: w, r: r, who: *who, session: session, now: p.Now()}, nil
}

// isGuest reports whether the visitor came without a password, in a sandbox.
func (v *visit) isGuest() bool { return strings.Contains(v.who.Name, "/") }

// detour returns where somebody must go before they may go on, or "": to set up
// codes, or to show once more who they are.
func (p *pages) detour(v *visit) string {
	here := strings.TrimPrefix(v.r.URL.Path, root)
	switch {
	case v.isGuest():
		return ""
	case p.Operators.MustEnrol(v.who) && here != "/account" && !strings.HasPrefix(here, "/account/"):
		return root + "/account"
	case dangerous[v.r.Pattern] && p.Operators.Now().Sub(v.session.Proved) > operator.Fresh:
		return root + "/prove?" + url.Values{"to": {v.cameFrom()}}.Encode()
	}
	return ""
}

// cameFrom is the page of the console from which a form was sent.
func (v *visit) cameFrom() string {
	u, err := url.Parse(v.r.Referer())
	if err != nil || v.r.Method == http.MethodGet {
		return root
	}
	return within(u.RequestURI())
}

var errNoScreen = fault.New(fault.NotFound, "no_screen", "There is no such page.")

// allowed tells whether somebody may look or act there. What a live gateway does
// not have is not there.
func (p *pages) allowed(who operator.Operator, right operator.Right, lab bool) error {
	if lab && p.Lab == nil {
		return errNoScreen
	}
	if !who.May(right) {
		return operator.ErrMayNot
	}
	return nil
}

// refusedAccess says in the log who asked for what they may not have, and returns
// the refusal. What a merchant does not find may be another merchant's.
func (v *visit) refusedAccess(err error) error {
	kind := fault.KindOf(err)
	if kind == fault.Forbidden || (kind == fault.NotFound && v.who.Role == operator.Merchant) {
		v.Site.Log.WarnContext(v.ctx(), "access refused", "operator", v.who.Name, "role", string(v.who.Role), "route", v.r.Pattern)
	}
	return err
}

// see makes a handler of a screen.
func (p *pages) see(s screen) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := p.visitor(w, r, true)
		if err != nil {
			return err
		}
		if v == nil {
			to := root // what a form asked for can't be asked for again by an address
			if r.Method == http.MethodGet {
				to = r.URL.RequestURI()
			}
			return p.goTo(w, r, root+"/sign-in?"+url.Values{"to": {to}}.Encode(), "")
		}
		if to := p.detour(v); to != "" {
			return p.goTo(w, r, to, "")
		}
		page, err := v.load(s)
		_ = v.refusedAccess(err) // it is answered below
		if told := refusal(err); told != "" && r.Method == http.MethodPost {
			return p.goTo(w, r, v.cameFrom(), told)
		}
		if err != nil {
			return err
		}
		page.shell = v.shell()
		if v.failed != nil {
			return v.failed
		}
		return p.view.Write(w, r, http.StatusOK, *page)
	}
}

// load makes the page for the visit, without what is around every page.
func (v *visit) load(s screen) (*view, error) {
	if err := v.allowed(v.who, s.right, s.lab); err != nil {
		return nil, err
	}
	page, err := s.show(v)
	if err == nil {
		err = v.failed
	}
	if err == nil && page.Watched {
		page.Live = root + "/live?" + url.Values{"page": {v.r.URL.RequestURI()}, "have": {page.fingerprint()}}.Encode()
	}
	return page, err
}

// do makes a handler of a deed. A refusal that people can do something about is
// told on the page that they came from.
func (p *pages) do(d deed) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := p.visitor(w, r, true)
		if err != nil {
			return err
		}
		if v == nil {
			return p.goTo(w, r, root+"/sign-in", signedOut)
		}
		if to := p.detour(v); to != "" {
			return p.goTo(w, r, to, "")
		}
		if err := p.allowed(v.who, d.right, d.lab); err != nil {
			return v.refusedAccess(err)
		}
		if v.posted, err = readForm(r); err != nil {
			return err
		}
		to, code, err := d.carry(v)
		_ = v.refusedAccess(err) // it is answered below
		if told := refusal(err); told != "" && to != "" {
			return p.goTo(w, r, to, told)
		}
		if err != nil {
			return err
		}
		return p.goTo(w, r, to, code)
	}
}

var errForm = fault.New(fault.Invalid, "form_invalid", "The form can't be read.")

func readForm(r *http.Request) (url.Values, error) {
	err := r.ParseForm()
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); err != nil && !tooLarge {
		err = errForm.Because(err)
	}
	return r.PostForm, err
}

// goTo leads to a page, which tells what has the code.
func (p *pages) goTo(w http.ResponseWriter, r *http.Request, path, code string) error {
	if code != "" {
		p.Site.SetNotice(w, root, code)
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// noted returns the context for a change: what is done under it goes on record.
// detail may be nil.
func (v *visit) noted(a operator.Action, subject string, app merchant.ID, detail func() (was, became string)) context.Context {
	return operator.WithNote(v.ctx(), operator.Note{Record: v.Operators.Record(v.who, a, subject, app), Detail: detail})
}

// scope is whose rows the visitor sees.
func (v *visit) scope() store.Scope {
	if v.who.Role == operator.Merchant {
		return store.Scope(v.who.Apps)
	}
	return nil
}

// scopeOf is the scope that was asked for, within what the visitor sees. What
// they do not see is nothing.
func (v *visit) scopeOf(app merchant.ID) store.Scope {
	switch {
	case app == 0:
		return v.scope()
	case !v.who.Sees(app):
		return store.Scope{}
	}
	return store.Scope{app}
}

// query returns a parameter of the address, without the spaces around it.
func (v *visit) query(name string) string { return trim(v.r.URL.Query().Get(name)) }

// appAsked reads the parameter app; what is no number is no app.
func (v *visit) appAsked() merchant.ID {
	n, _ := strconv.ParseInt(v.query("app"), 10, 64) // 0 then, which is every app
	return merchant.ID(n)
}

// number reads a number from the path; what is none names nothing.
func (v *visit) number(name string) (int64, error) {
	n, err := strconv.ParseInt(v.r.PathValue(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, errNoScreen
	}
	return n, nil
}

// apps returns the apps that the visitor sees, by id.
func (v *visit) apps() ([]merchant.App, error) {
	reg, err := v.Store.Register(v.ctx())
	if err != nil {
		return nil, err
	}
	var all []merchant.App
	for _, a := range reg.Apps {
		if v.who.Sees(a.ID) {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(a, b merchant.App) int { return int(a.ID - b.ID) })
	return all, nil
}

// app names an app, as its shop is called and by its number.
func (v *visit) app(app merchant.ID) cell {
	c := cell{Text: v.Apps.Label(app), Small: strconv.FormatInt(int64(app), 10)}
	if v.who.Sees(app) {
		c.Href = root + "/apps/" + c.Small
	}
	return c
}
