// Package walletapp is the payers' own pages: their balance and movements,
// topping up, the bindings and limits of their wallet, their PIN.
package walletapp

import (
	"embed"
	"fmt"
	"net/http"
	"time"

	"sen/internal/merchant"
	"sen/internal/payer"
	"sen/internal/store"
	"sen/internal/vietqr"
	"sen/internal/web"
)

//go:embed texts/*.json templates/*.html
var files embed.FS

// Server serves the pages. All fields but Cards are
// needed. What would need proof of who
// somebody is (a new wallet, a first PIN, money from a bank) is offered in a
// sandbox only, where nothing is real.
type Server struct {
	*payer.Desk
	Apps   *merchant.Directory
	Store  *store.Store // for lists, which no rule needs
	Issuer vietqr.Issuer
	// Now is the clock of bindings and limits, the one that Pay has.
	Now func() time.Time
	// Cards says that there is a way to cards.
	Cards bool
}

// root is the address of the first page; all others are below.
const root = "/wallet"

// Patterns returns what a mux in front of Handler sends here.
func Patterns() []string { return []string{root, root + "/"} }

// pages are the templates, each tied to its struct.
type pages struct {
	*Server
	welcome  *web.Page[welcomePage]
	signUp   *web.Page[signUpPage]
	firstPIN *web.Page[firstPINPage]
	home     *web.Page[homePage]
	history  *web.Page[historyPage]
	topUp    *web.Page[topUpPage]
	open     *web.Page[openPage]
	code     *web.Page[codePage]
	bindings *web.Page[bindingsPage]
	binding  *web.Page[bindingPage]
	account  *web.Page[accountPage]
	limits   *web.Page[limitsPage]
	pin      *web.Page[pinPage]
	cards    *web.Page[cardsPage]
	link     *web.Page[linkPage]
	checking *web.Page[checkPage]
}

// Handler returns the handler of all routes, middleware included; the assets
// are the site's affair. It panics when an embedded file is broken, which no
// test would have let pass.
func (s *Server) Handler() http.Handler {
	p, err := s.parse()
	if err != nil {
		panic(fmt.Sprintf("walletapp: %v", err))
	}
	mux := http.NewServeMux()
	for pattern, h := range p.routes() {
		mux.Handle(pattern, s.Site.Handle(h))
	}
	mux.Handle("/", s.Site.NotFound())
	return s.Site.Wrap(mux)
}

func (p *pages) routes() map[string]web.Handler {
	return map[string]web.Handler{
		"GET " + root:                            p.showFirst,
		"POST " + root + "/sign-in":              p.carryOutSignIn,
		"POST " + root + "/sign-out":             p.carryOutSignOut,
		"GET " + root + "/sign-up":               p.showSignUp,
		"POST " + root + "/sign-up":              p.carryOutSignUp,
		"GET " + root + "/first-pin":             p.showFirstPIN,
		"POST " + root + "/first-pin":            p.carryOutFirstPIN,
		"GET " + root + "/history":               p.owner(p.showHistory),
		"GET " + root + "/top-up":                p.owner(p.showTopUp),
		"POST " + root + "/top-up":               p.owner(p.carryOutTopUp),
		"GET " + root + "/open":                  p.owner(p.showOpen),
		"POST " + root + "/open":                 p.owner(p.carryOutOpen),
		"GET " + codePath:                        p.owner(p.showCode),
		"GET " + root + "/bindings":              p.owner(p.showBindings),
		"GET " + root + "/bindings/{token}":      p.owner(p.showBinding),
		"POST " + root + "/bindings/{token}/end": p.owner(p.carryOutEnd),
		"GET " + root + "/account":               p.owner(p.showAccount),
		"POST " + root + "/payments":             p.owner(p.carryOutPayments),
		"GET " + root + "/limits":                p.owner(p.showLimits),
		"GET " + root + "/pin":                   p.owner(p.showPIN),
		"POST " + root + "/pin":                  p.owner(p.carryOutPIN),

		"GET " + cardsPath:                            p.owner(p.showCards),
		"GET " + linkPath:                             p.owner(p.showLink),
		"POST " + linkPath:                            p.owner(p.carryOutLink),
		"POST " + cardsPath + "/{card}/remove":        p.owner(p.carryOutUnlink),
		"GET " + cardsPath + "/checks/{number}":       p.owner(p.showCheck),
		"GET " + cardsPath + "/checks/{number}/state": p.owner(p.showCheckState),
		"POST " + cardsPath + "/checks/{number}/otp":  p.owner(p.carryOutProof),
	}
}

func (s *Server) parse() (*pages, error) {
	f, err := s.Files(files)
	if err != nil {
		return nil, err
	}
	p := &pages{Server: s}
	for _, parse := range []func() error{
		func() (err error) { p.welcome, err = web.NewPage[welcomePage](f, "welcome"); return err },
		func() (err error) { p.signUp, err = web.NewPage[signUpPage](f, "sign_up"); return err },
		func() (err error) { p.firstPIN, err = web.NewPage[firstPINPage](f, "first_pin"); return err },
		func() (err error) { p.home, err = web.NewPage[homePage](f, "home"); return err },
		func() (err error) { p.history, err = web.NewPage[historyPage](f, "history"); return err },
		func() (err error) { p.topUp, err = web.NewPage[topUpPage](f, "top_up"); return err },
		func() (err error) { p.open, err = web.NewPage[openPage](f, "open"); return err },
		func() (err error) { p.code, err = web.NewPage[codePage](f, "code"); return err },
		func() (err error) { p.bindings, err = web.NewPage[bindingsPage](f, "bindings"); return err },
		func() (err error) { p.binding, err = web.NewPage[bindingPage](f, "binding"); return err },
		func() (err error) { p.account, err = web.NewPage[accountPage](f, "account"); return err },
		func() (err error) { p.limits, err = web.NewPage[limitsPage](f, "limits"); return err },
		func() (err error) { p.pin, err = web.NewPage[pinPage](f, "pin"); return err },
		func() (err error) { p.cards, err = web.NewPage[cardsPage](f, "cards"); return err },
		func() (err error) { p.link, err = web.NewPage[linkPage](f, "link"); return err },
		func() (err error) { p.checking, err = web.NewPage[checkPage](f, "check"); return err },
	} {
		if err := parse(); err != nil {
			return nil, err
		}
	}
	return p, nil
}
