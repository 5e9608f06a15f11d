// Package guide serves the guides for developers and operators. They are
// written in docs/guide; pages has them as HTML, made by this package's tests,
// so that the program carries no reader of Markdown.
package guide

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"regexp"
	"strings"

	"sen/internal/fault"
	"sen/internal/web"
)

//go:embed texts/*.json templates/*.html assets pages
var files embed.FS

// Path is where the guides are.
const Path = "/docs"

// home is the page at Path itself.
const home = "README"

// names are the guides, in the order in which to read them.
var names = []string{
	home, "start", "orders", "callbacks", "refunds", "till", "payouts", "bindings", "cards", "delivery", "v1", "go", "typescript", "shops", "tests",
	"values", "moving", "ci", "faq",
	"live", "oncall", "ledger", "security",
}

// references are documents of the repository that the guides lead to. There is
// one text of each, in English.
var references = []string{
	"first-version", "ledger-format", "operations", "quick-pay", "runbook", "settlement-files", "states", "testing-your-integration",
}

// Server serves the guides.
type Server struct{ Site *web.Site }

// Patterns returns what a mux in front of Handler sends here.
func Patterns() []string { return []string{Path, Path + "/"} }

// A page is one guide in one language.
type page struct {
	Title    string
	Body     template.HTML //nolint:forbidigo // our own text, made HTML by a test and embedded
	Contents []link
	Menu     []link
	Before   *link
	After    *link
	English  bool // though the reader may have asked for another language

	sections []section
}

type link struct {
	Href, Text string
	Current    bool
}

// Handler returns the handler of all routes, middleware included. It panics
// when an embedded file is broken, which no test would have let pass.
func (s *Server) Handler() http.Handler {
	f, err := s.Site.Files(files)
	var show *web.Page[*page]
	var find *web.Page[searchPage]
	if err == nil {
		show, err = web.NewPage[*page](f, "page")
	}
	if err == nil {
		find, err = web.NewPage[searchPage](f, "search")
	}
	var all map[web.Lang]map[string]*page
	if err == nil {
		all, err = load(f.Asset)
	}
	if err != nil {
		panic(fmt.Sprintf("guide: %v", err))
	}
	mux := http.NewServeMux()
	one := func(name string) web.Handler {
		return func(w http.ResponseWriter, r *http.Request) error {
			p := all[web.LangOf(r)][name]
			if p == nil {
				return errNoGuide
			}
			return show.Write(w, r, http.StatusOK, p)
		}
	}
	mux.Handle("GET "+Path, s.Site.Handle(one(home)))
	mux.Handle("GET "+Path+"/{name}", s.Site.Handle(func(w http.ResponseWriter, r *http.Request) error {
		if r.PathValue("name") == home {
			return errNoGuide // it has another address
		}
		return one(r.PathValue("name"))(w, r)
	}))
	mux.Handle("GET "+Path+"/search", s.Site.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return find.Write(w, r, http.StatusOK, search(all[web.LangOf(r)], r.URL.Query().Get("q")))
	}))
	mux.Handle("/", s.Site.NotFound())
	return s.Site.Wrap(mux)
}

var errNoGuide = fault.New(fault.NotFound, "no_guide", "There is no guide of that name.")

// load reads all pages and ties them together. asset says where an image is.
func load(asset func(name string) (string, error)) (map[web.Lang]map[string]*page, error) {
	all := map[web.Lang]map[string]*page{}
	for _, l := range web.Langs {
		all[l] = map[string]*page{}
		for _, name := range append(append([]string{}, names...), references...) {
			p, err := read(l, name, asset)
			if err != nil {
				return nil, err
			}
			all[l][name] = p
		}
		tie(all[l])
	}
	return all, nil
}

// tie gives pages their menu, and guides the way to those before and after.
func tie(pages map[string]*page) {
	for name, p := range pages {
		for i, other := range names {
			p.Menu = append(p.Menu, link{Href: address(other), Text: pages[other].Title, Current: other == name})
			if other != name {
				continue
			}
			if i > 0 {
				p.Before = &link{Href: address(names[i-1]), Text: pages[names[i-1]].Title}
			}
			if i+1 < len(names) {
				p.After = &link{Href: address(names[i+1]), Text: pages[names[i+1]].Title}
			}
		}
	}
}

// address is where a page is.
func address(name string) string {
	if name == home {
		return Path
	}
	return Path + "/" + name
}

var (
	headline = regexp.MustCompile(`<h1[^>]*>(.*?)</h1>`)
	heading  = regexp.MustCompile(`<h2 id="([^"]+)">(.*?)</h2>`)
	picture  = regexp.MustCompile(`asset:([a-z0-9.-]+)`)
)

// read reads a page. References are there in English only.
func read(l web.Lang, name string, asset func(name string) (string, error)) (*page, error) {
	text, err := fs.ReadFile(files, fmt.Sprintf("pages/%s/%s.html", l, name))
	p := &page{}
	if err != nil {
		p.English = l != web.English
		if text, err = fs.ReadFile(files, "pages/en/"+name+".html"); err != nil {
			return nil, err
		}
	}
	title := headline.FindSubmatch(text)
	if title == nil {
		return nil, fmt.Errorf("%s has no title", name)
	}
	p.Title = plain(string(title[1]))
	for _, h := range heading.FindAllSubmatch(text, -1) {
		p.Contents = append(p.Contents, link{Href: "#" + string(h[1]), Text: plain(string(h[2]))})
	}
	body := picture.ReplaceAllStringFunc(string(text), func(match string) string {
		at, missing := asset(strings.TrimPrefix(match, "asset:"))
		if missing != nil {
			err = missing
		}
		return at
	})
	p.Body = template.HTML(body) //nolint:forbidigo,gosec // likewise
	p.sections = split(address(name), p.Title, string(text))
	return p, err
}
