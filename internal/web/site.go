// Package web is what the hosted pages share: middleware, languages, texts,
// templates, assets and sessions. It knows nothing of orders and wallets.
package web

import (
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"sen/internal/id"
	"sen/internal/metric"
	"sen/internal/trace"
)

//go:embed texts/*.json templates/*.html assets
var shared embed.FS

// Config is what a site needs to know. All fields but the two switches are
// needed.
type Config struct {
	Log *slog.Logger
	// Now is the machine's clock: logs and sessions do not move with a
	// sandbox's.
	Now   func() time.Time
	IDs   *id.Source
	Store SessionStore
	// Secure says that payers reach the site over https.
	Secure bool
	// Sandbox puts a mark on every page that no money is real.
	Sandbox bool
}

// A Site is what all pages of one gateway share.
type Site struct {
	Config
	// Sessions says who is signed in.
	Sessions *scs.SessionManager

	assets   *assets
	files    *Files
	counted  Metrics
	errors   *Page[errorPage]
	failures map[Lang][]byte // the page for what must not happen, made at the start
}

// Metrics is what is counted of all pages.
type Metrics struct {
	Seconds metric.Durations
	Answers [6]metric.Counter // by the first digit of their status; 0: none was sent
}

// Metrics is what was counted since the site was made.
func (s *Site) Metrics() *Metrics { return &s.counted }

// New returns a site. It fails only when an embedded file is broken.
func New(c Config) (*Site, error) {
	c.Log = slog.New(trace.Handler(c.Log.Handler()))
	s := &Site{Config: c, assets: newAssets()}
	s.Sessions = newSessions(c, s.sessionFailed)
	var err error
	if s.files, err = s.Files(shared); err != nil {
		return nil, err
	}
	if s.errors, err = NewPage[errorPage](s.files, "error"); err != nil {
		return nil, err
	}
	s.failures, err = s.renderFailures()
	return s, err
}

// Files are the texts, templates and assets of one package of pages, together
// with the shared ones.
type Files struct {
	site    *Site
	texts   Texts
	sources []fs.FS
}

// Files takes in directories texts, templates and assets; the last may be
// missing. They are those of packages that lend them, and at the end a
// package's own. Each comes after the one before, and all after the shared
// ones; a text that two have is an error.
func (s *Site) Files(sources ...fs.FS) (*Files, error) {
	f := &Files{site: s, sources: sources}
	if s.files != nil {
		f.sources = append([]fs.FS{shared}, sources...)
	}
	var err error
	if f.texts, err = readTexts(f.sources...); err != nil {
		return nil, err
	}
	for _, source := range sources {
		if err := s.assets.add(source); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return f, nil
}

// Assets serves the style sheets, scripts and images of all pages, at
// AssetPath. It is not to be wrapped: with a session or a language in front,
// browsers would keep an asset for one cookie only.
func (s *Site) Assets() http.Handler { return s.assets }
