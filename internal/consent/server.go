// Package consent is the hosted page on which a payer lets an app charge the
// wallet without asking each time, or does not.
package consent

import (
	"embed"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"sen/internal/merchant"
	"sen/internal/pay"
	"sen/internal/payer"
	"sen/internal/web"
)

//go:embed texts/*.json templates/*.html
var files embed.FS

// Server serves the pages. All fields are needed.
type Server struct {
	*payer.Desk
	Apps *merchant.Directory
	// Now is the clock of bindings, the one that Pay has.
	Now func() time.Time
	// ShortLink is the link to a binding's page that fits into a QR code.
	ShortLink func(pay.Binding) string
}

// The paths of links that are given out, and of the pages behind them.
const (
	linkPath  = "/binding"
	shortPath = "/oauthbe/agreement/"
	pagePath  = "/binding/"
)

// TokenParameter is the query parameter of a link that names the binding.
const TokenParameter = "binding_token"

// Link returns the link to a binding's page, below the gateway's address.
func Link(token string) string { return linkPath + "?" + TokenParameter + "=" + url.QueryEscape(token) }

// ShortLink returns the link for a QR code, below the gateway's address.
func ShortLink(token string) string { return shortPath + url.PathEscape(token) }

// Path returns where the binding's page is, below the gateway's address.
func Path(token string) string { return pagePath + url.PathEscape(token) }

// Patterns returns what a mux in front of Handler sends here.
func Patterns() []string { return []string{linkPath, shortPath, pagePath} }

// pages are the templates, each tied to its struct.
type pages struct {
	*Server
	ask    *web.Page[askPage]
	result *web.Page[resultPage]
}

// Handler returns the handler of all routes, middleware included; the assets
// are the site's affair. It panics when an embedded file is broken, which no
// test would have let pass.
func (s *Server) Handler() http.Handler {
	p, err := s.parse()
	if err != nil {
		panic(fmt.Sprintf("consent: %v", err))
	}
	mux := http.NewServeMux()
	for pattern, h := range map[string]web.Handler{
		"GET " + linkPath:                       p.followLink,
		"GET " + shortPath + "{token}":          p.followShort,
		"GET " + pagePath + "{token}":           p.show,
		"GET " + pagePath + "{token}/state":     p.showState,
		"GET " + pagePath + "{token}/return":    p.goBack,
		"POST " + pagePath + "{token}/sign-in":  p.signIn,
		"POST " + pagePath + "{token}/sign-out": p.signOut,
		"POST " + pagePath + "{token}/confirm":  p.confirm,
		"POST " + pagePath + "{token}/decline":  p.decline,
	} {
		mux.Handle(pattern, s.Site.Handle(h))
	}
	mux.Handle("/", s.Site.NotFound())
	return s.Site.Wrap(mux)
}

func (s *Server) parse() (*pages, error) {
	f, err := s.Files(files)
	if err != nil {
		return nil, err
	}
	p := &pages{Server: s}
	if p.ask, err = web.NewPage[askPage](f, "ask"); err != nil {
		return nil, err
	}
	p.result, err = web.NewPage[resultPage](f, "result")
	return p, err
}
