// Package checkout is the hosted page of an order: what a payer sees between
// the shop and the way back to it.
package checkout

import (
	"embed"
	"fmt"
	"net/http"
	"time"

	"sen/internal/merchant"
	"sen/internal/orderlink"
	"sen/internal/payer"
	"sen/internal/vietqr"
	"sen/internal/web"
)

//go:embed texts/*.json templates/*.html
var files embed.FS

// Server serves the pages. All fields but Cards are needed.
type Server struct {
	*payer.Desk
	Apps   *merchant.Directory
	Issuer vietqr.Issuer
	// Now is the clock of orders, the one that Pay has.
	Now func() time.Time
	// Cards says that there is a way to cards.
	Cards bool
}

// linkPaths are the paths under which links to orders were ever given out.
var linkPaths = []string{orderlink.Path, "/pay", "/pay/v2/qr", "/pay/v2/vietqr"}

// Patterns returns what a mux in front of Handler sends here.
func Patterns() []string {
	return append([]string{orderlink.PagePath}, linkPaths...)
}

// pages are the templates, each tied to its struct.
type pages struct {
	*Server
	open       *web.Page[openPage]
	processing *web.Page[processingPage]
	paid       *web.Page[paidPage]
	closed     *web.Page[closedPage]
}

// Handler returns the handler of all routes, middleware included; the assets
// are the site's affair. It panics when an embedded file is broken, which no
// test would have let pass.
func (s *Server) Handler() http.Handler {
	p, err := s.parse()
	if err != nil {
		panic(fmt.Sprintf("checkout: %v", err))
	}
	mux := http.NewServeMux()
	for _, path := range linkPaths {
		mux.Handle("GET "+path, s.Site.Handle(p.followLink))
	}
	mux.Handle("GET "+orderlink.PagePath+"{token}", s.Site.Handle(p.showOrder))
	mux.Handle("GET "+orderlink.PagePath+"{token}/state", s.Site.Handle(p.showState))
	mux.Handle("GET "+orderlink.PagePath+"{token}/return", s.Site.Handle(p.goBack))
	mux.Handle("POST "+orderlink.PagePath+"{token}/sign-in", s.Site.Handle(p.signIn))
	mux.Handle("POST "+orderlink.PagePath+"{token}/pay", s.Site.Handle(p.pay))
	mux.Handle("POST "+orderlink.PagePath+"{token}/sign-out", s.Site.Handle(p.signOut))
	mux.Handle("POST "+orderlink.PagePath+"{token}/card", s.Site.Handle(p.payByCard))
	mux.Handle("POST "+orderlink.PagePath+"{token}/otp", s.Site.Handle(p.prove))
	mux.Handle("/", s.Site.NotFound())
	return s.Site.Wrap(mux)
}

func (s *Server) parse() (*pages, error) {
	f, err := s.Files(files)
	if err != nil {
		return nil, err
	}
	p := &pages{Server: s}
	if p.open, err = web.NewPage[openPage](f, "open"); err != nil {
		return nil, err
	}
	if p.processing, err = web.NewPage[processingPage](f, "processing"); err != nil {
		return nil, err
	}
	if p.paid, err = web.NewPage[paidPage](f, "paid"); err != nil {
		return nil, err
	}
	p.closed, err = web.NewPage[closedPage](f, "closed")
	return p, err
}
