// Package consent is the hosted page on which a payer lets an app charge the
// wallet, or a card, without asking each time, or does not.
package consent

import (
	"embed"
	"fmt"
	"net/http"
	"time"

	"sen/internal/merchant"
	"sen/internal/orderlink"
	"sen/internal/payer"
	"sen/internal/web"
)

//go:embed texts/*.json templates/*.html
var files embed.FS

// Server serves the pages. All fields but Cards are needed.
type Server struct {
	*payer.Desk
	Apps *merchant.Directory
	// Now is the clock of bindings, the one that Pay has.
	Now func() time.Time
	// BaseURL is the gateway's address, as a payer's phone reaches it.
	BaseURL string
	// Cards says that there is a way to cards.
	Cards bool
}

// Patterns returns what a mux in front of Handler sends here.
func Patterns() []string {
	return []string{orderlink.BindingPath, orderlink.BindingShortPath, orderlink.BindingPagePath}
}

// pages are the templates, each tied to its struct.
type pages struct {
	*Server
	ask        *web.Page[askPage]
	card       *web.Page[cardPage]
	processing *web.Page[processingPage]
	result     *web.Page[resultPage]
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
	const page = orderlink.BindingPagePath + "{token}"
	for pattern, h := range map[string]web.Handler{
		"GET " + orderlink.BindingPath:                  p.followLink,
		"GET " + orderlink.BindingShortPath + "{token}": p.followShort,
		"GET " + page:                p.show,
		"GET " + page + "/state":     p.showState,
		"GET " + page + "/return":    p.goBack,
		"POST " + page + "/sign-in":  p.signIn,
		"POST " + page + "/sign-out": p.signOut,
		"POST " + page + "/confirm":  p.confirm,
		"POST " + page + "/decline":  p.decline,
		"POST " + page + "/card":     p.giveCard,
		"POST " + page + "/otp":      p.prove,
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
	if p.card, err = web.NewPage[cardPage](f, "card"); err != nil {
		return nil, err
	}
	if p.processing, err = web.NewPage[processingPage](f, "processing"); err != nil {
		return nil, err
	}
	p.result, err = web.NewPage[resultPage](f, "result")
	return p, err
}
