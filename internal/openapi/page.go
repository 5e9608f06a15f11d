package openapi

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"sen"
	"sen/internal/fault"
	"sen/internal/web"
)

// Path is where the pages are; the documents are beside it.
const Path = "/openapi"

// Server serves the document and its pages. All fields but Sandbox are needed.
type Server struct {
	Site    *web.Site
	BaseURL string
	// Now is the clock of the gateway.
	Now func() time.Time
	// Sandbox signs and sends requests for whoever looks; nil in a live gateway,
	// which signs for nobody.
	Sandbox *Sandbox
}

// A Sandbox is what a page needs to sign and send a request. All fields are
// needed.
type Sandbox struct {
	// App is what the forms are filled with.
	App int64
	// API is the merchant API of this gateway.
	API http.Handler
	// Key1 returns the key that signs an app's requests; "" for an unknown app.
	Key1 func(app int64) string
	// PrivateKey returns, as PEM, the key that signs the payouts of an app, if it is
	// one that the sandbox came with.
	PrivateKey func(app int64) (text string, known bool)
	// PaymentCode returns a code that pays, as a payer shows it.
	PaymentCode func(ctx context.Context) (string, error)
	// Payer is the telephone number of who shows it.
	Payer string
	// Sent returns the id in the log of requests of the newest call of an
	// operation that has the mac; 0 when it was not kept.
	Sent func(ctx context.Context, op string, app int64, mac string) (int64, error)
}

// Patterns returns what a mux in front of Handler sends here.
func Patterns() []string {
	return []string{Path, Path + "/", Path + ".yaml", Path + ".json"}
}

// pages are the templates, each tied to its struct.
type pages struct {
	*Server
	index *web.Page[indexPage]
	one   *web.Page[onePage]
}

// Handler returns the handler of all routes, middleware included. It panics
// when an embedded file is broken, which no test would have let pass.
func (s *Server) Handler() http.Handler {
	f, err := s.Site.Files(files)
	p := &pages{Server: s}
	if err == nil {
		p.index, err = web.NewPage[indexPage](f, "index")
	}
	if err == nil {
		p.one, err = web.NewPage[onePage](f, "one")
	}
	if err != nil {
		panic(fmt.Sprintf("openapi: %v", err))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path+".json", s.send("application/json", JSON))
	mux.HandleFunc("GET "+Path+".yaml", s.send("application/yaml", YAML))
	mux.Handle("GET "+Path, s.Site.Handle(p.list))
	mux.Handle("GET "+Path+"/{name}", s.Site.Handle(p.show))
	if s.Sandbox != nil {
		mux.Handle("POST "+Path+"/{name}", s.Site.Handle(p.try))
	}
	mux.Handle("/", s.Site.NotFound())
	return s.Site.Wrap(mux)
}

// send answers with the document, made once in each language. Tools in browsers
// may read it from anywhere: there is nothing in it that is not public. Only the
// address chooses its language, so that a program that fetches it again gets the
// same.
func (s *Server) send(kind string, document func(Options) []byte) http.HandlerFunc {
	in := func(lang string) func() []byte {
		return sync.OnceValue(func() []byte { return document(Options{BaseURL: s.BaseURL, Lang: lang}) })
	}
	english, vietnamese := in("en"), in("vi")
	return func(w http.ResponseWriter, r *http.Request) {
		lang, text := "en", english
		if r.URL.Query().Get("lang") == "vi" {
			lang, text = "vi", vietnamese
		}
		h := w.Header()
		h.Set("Content-Type", kind+"; charset=utf-8")
		h.Set("Content-Language", lang)
		h.Set("Access-Control-Allow-Origin", "*")
		_, _ = w.Write(text()) // a client that is gone can't be told
	}
}

// indexPage lists everything.
type indexPage struct {
	Groups []group
}

type group struct {
	Title string
	Items []item
}

type item struct{ Href, Title, Note string }

func (p *pages) list(w http.ResponseWriter, r *http.Request) error {
	say := newWriter(p.options(r))
	var page indexPage
	for _, g := range callGroups() {
		shown := group{Title: say.text("tag." + g)}
		for _, c := range callsIn(g) {
			shown.Items = append(shown.Items, item{Path + "/" + c.id, say.title(c), c.Method + " " + c.Path})
		}
		page.Groups = append(page.Groups, shown)
	}
	shown := group{Title: say.text("tag." + callbackGroup)}
	for _, name := range sentNames() {
		shown.Items = append(shown.Items, item{Path + "/" + name, say.text("op." + name), name})
	}
	page.Groups = append(page.Groups, shown)
	return p.index.Write(w, r, http.StatusOK, page)
}

// sentNames are the names of what the gateway sends.
func sentNames() []string {
	var names []string
	for _, c := range callbacks {
		names = append(names, c.name)
	}
	return append(names, redirectName)
}

func (p *pages) options(r *http.Request) Options {
	return Options{BaseURL: p.BaseURL, Lang: string(web.LangOf(r))}
}

// onePage shows one operation, or one thing that the gateway sends.
type onePage struct {
	Name, Title     string
	More            []span
	Method, Path    string // of an operation
	Formula, Key    string
	Signed          string // in the example
	Optional        string // "" or what to know of the optional member
	Tables          []table
	Values          []value
	Request, Answer string // the example
	Form            *form
	Result          *result
}

// A span is a piece of text, or of code.
type span struct {
	Text string
	Code bool
}

// spans reads what Markdown has between backticks.
func spans(text string) (all []span) {
	for i, piece := range strings.Split(text, "`") {
		all = append(all, span{piece, i%2 == 1})
	}
	return all
}

// A table lists the members of something.
type table struct {
	Title string // key of a text
	Rows  []row
}

type row struct {
	Name, Text    string
	Kind          string // key of a text
	Required      bool
	Limit         int
	Min, Max      string
	Words         string
	ShowsRequired bool // false in answers, where nobody has to do anything
}

type value struct {
	Value      int
	Name       string
	Meaning    string
	Action     string
	Retry      string // key of a text
	Unofficial bool
}

var errNoOperation = fault.New(fault.NotFound, "no_operation", "There is no operation of that name.")

func (p *pages) show(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	say := newWriter(p.options(r))
	if c := callNamed(name); c != nil {
		page := p.operation(say, c)
		if p.Sandbox != nil {
			page.Form = p.form(c, r.URL.Query().Get)
		}
		return p.one.Write(w, r, http.StatusOK, page)
	}
	if !slices.Contains(sentNames(), name) {
		return errNoOperation
	}
	return p.one.Write(w, r, http.StatusOK, say.sent(name))
}

func (p *pages) operation(w *writer, c *call) onePage {
	page := w.page(c.id, w.title(c), w.more(c), &c.Formula)
	page.Method, page.Path = c.Method, c.Path
	page.Tables = []table{
		{"openapi.fields", w.rows(w.request(c), true)},
		{"openapi.answer_fields", w.rows(w.answerSchema(c), false)},
	}
	page.Values = w.valuesOf(c.statuses())
	return page
}

// sent is the page of what the gateway sends.
func (w *writer) sent(name string) onePage {
	if name == redirectName {
		page := w.page(name, w.text("op."+name), w.text("op."+name+".more"), &sen.RedirectFormula)
		page.Tables = []table{{"openapi.parameters", w.parameters()}}
		page.Values = w.valuesOf(redirectStatuses())
		return page
	}
	page := w.page(name, w.text("op."+name), w.text("op."+name+".more"), &sen.CallbackFormula)
	for _, c := range callbacks {
		if c.name == name {
			page.Tables = append(page.Tables, table{"openapi.body_fields", w.rows(w.callback(c.typ == 0), false)}, table{"openapi.data_fields", w.rows(find(w.schemas(), c.schema), false)})
		}
	}
	return page
}

func (w *writer) page(name, title, more string, f *sen.Formula) onePage {
	x := w.example(name)
	page := onePage{
		Name: name, Title: title, More: spans(more),
		Formula: formulaText(f), Key: keyName(f.Key), Signed: w.examples[name].Signed,
		Request: string(appendJSON(nil, x.request, "")),
	}
	if f.Optional != "" {
		page.Optional = fmt.Sprintf(w.text("doc.formula.optional"), f.Optional)
	}
	if x.answer != nil {
		page.Answer = string(appendJSON(nil, x.answer, ""))
	}
	return page
}

// find returns the object under a name.
func find(o object, name string) object {
	found, _ := o.get(name).(object)
	return found
}

func (o object) get(name string) any {
	for _, e := range o {
		if e.name == name {
			return e.value
		}
	}
	return nil
}

func (w *writer) rows(schema object, asked bool) []row {
	required, _ := schema.get("required").(list)
	var rows []row
	for _, e := range find(schema, "properties") {
		member, _ := e.value.(object)
		r := rowOf(e.name, member)
		r.ShowsRequired, r.Required = asked, slices.Contains(required, any(e.name))
		rows = append(rows, r)
	}
	return rows
}

func (w *writer) parameters() []row {
	parameters, _ := w.redirect().get("parameters").(list)
	var rows []row
	for _, p := range parameters {
		one, _ := p.(object)
		r := rowOf(fmt.Sprint(one.get("name")), append(find(one, "schema"), entry{"description", one.get("description")}))
		rows = append(rows, r)
	}
	return rows
}

// kinds are how a page calls what JSON Schema calls a type.
var kinds = map[string]string{
	"integer": "openapi.number", "string": "openapi.string", "boolean": "openapi.flag", "object": "openapi.objects",
	"array": "openapi.lists",
}

func rowOf(name string, member object) row {
	said, _, _ := strings.Cut(fmt.Sprint(member.get("description")), "\n\n") // values have a table of their own
	r := row{Name: name, Text: strings.TrimSuffix(said, ":"), Kind: cmp.Or(kinds[fmt.Sprint(member.get("type"))], "openapi.objects")}
	if _, isList := member.get("type").(list); isList {
		r.Kind = "openapi.lists"
	}
	if member.get("contentMediaType") != nil {
		r.Kind = "openapi.json_object"
		if find(member, "contentSchema").get("type") == "array" {
			r.Kind = "openapi.json_array"
		}
	}
	r.Limit, _ = member.get("maxLength").(int)
	if most, bounded := member.get("maximum").(int64); bounded {
		r.Min, r.Max = fmt.Sprint(member.get("minimum")), fmt.Sprint(most)
	}
	if enum, _ := member.get("enum").(list); r.Kind == "openapi.string" {
		r.Words = strings.Trim(strings.ReplaceAll(fmt.Sprint(enum), " ", ", "), "[]")
	}
	return r
}

func (w *writer) valuesOf(all []sen.Status) []value {
	var shown []value
	for _, st := range all {
		shown = append(shown, value{
			Value: st.Value, Name: st.Name, Meaning: st.Meaning.In(w.Lang), Action: st.Action.In(w.Lang),
			Retry: "openapi.retry." + string(st.Retry), Unofficial: !st.Documented && st.Value != sen.Success,
		})
	}
	return shown
}
