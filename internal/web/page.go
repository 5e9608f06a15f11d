package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strconv"
)

// A Page is a template that shows a T, parsed for every language. The type
// parameter ties the template to its one struct.
type Page[T any] struct {
	site      *Site
	templates map[Lang]*template.Template
}

// frame is what the layout shows around a page.
type frame struct {
	Lang    Lang
	Other   Lang // to switch to
	Sandbox bool
	Body    any
}

// layout is the template around every page.
const layout = "_layout.html"

// NewPage parses templates/<name>.html inside the shared layout. Templates
// whose names begin with an underscore are parts that every page may use.
func NewPage[T any](f *Files, name string) (*Page[T], error) {
	p := &Page[T]{site: f.site, templates: map[Lang]*template.Template{}}
	for _, l := range Langs {
		t := template.New(name).Option("missingkey=error").Funcs(f.functions(l))
		for _, source := range f.sources {
			parts, err := fs.Glob(source, "templates/_*.html")
			if err != nil {
				return nil, err
			}
			if len(parts) == 0 {
				continue
			}
			if t, err = t.ParseFS(source, parts...); err != nil {
				return nil, err
			}
		}
		t, err := t.ParseFS(f.sources[len(f.sources)-1], "templates/"+name+".html")
		if err != nil {
			return nil, err
		}
		if p.templates[l] = t.Lookup(layout); p.templates[l] == nil {
			return nil, fmt.Errorf("%s: there is no %s", name, layout)
		}
	}
	return p, nil
}

// functions are those that templates may call: text and asset.
func (f *Files) functions(l Lang) template.FuncMap {
	return template.FuncMap{
		"text":  func(key string, pairs ...any) (string, error) { return f.texts.Say(l, key, pairs...) },
		"asset": f.site.assets.url,
	}
}

// Text returns a text of the pages in the language of the request.
func (f *Files) Text(r *http.Request, key string, pairs ...any) (string, error) {
	return f.texts.Say(LangOf(r), key, pairs...)
}

// Asset returns where the asset is.
func (f *Files) Asset(name string) (string, error) { return f.site.assets.url(name) }

// Write answers with the page. Nothing is sent before all of it is made, so
// that an error in a template can still become an error page.
func (p *Page[T]) Write(w http.ResponseWriter, r *http.Request, status int, data T) error {
	buf, err := p.render(LangOf(r), data)
	if err != nil {
		return err
	}
	writeHTML(w, status, buf.Bytes())
	return nil
}

func (p *Page[T]) render(l Lang, data T) (*bytes.Buffer, error) {
	other := Langs[0]
	if l == other {
		other = Langs[1]
	}
	var buf bytes.Buffer
	err := p.templates[l].Execute(&buf, frame{Lang: l, Other: other, Sandbox: p.site.Sandbox, Body: data})
	if err != nil {
		return nil, fmt.Errorf("render: %w", err)
	}
	return &buf, nil
}

func writeHTML(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store") // pages are about one person's money
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader went away; there is nobody to tell
}
