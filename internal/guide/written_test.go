package guide_test

import (
	"bytes"
	"flag"
	"fmt"
	"html"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	gmhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"sen/internal/guide"
	"sen/internal/web"
)

var update = flag.Bool("update", false, "write what commands print into the guides, and the guides as HTML")

var (
	docs   = filepath.Join("..", "..", "docs")
	source = filepath.Join(docs, "guide")
)

func sourceOf(l web.Lang, name string) string { return filepath.Join(source, string(l), name+".md") }

// TestRendered holds the HTML that is in the program against the Markdown.
// This file comes last by its name, so that -update renders what the others have
// written into the guides.
func TestRendered(t *testing.T) {
	ids := map[string][]string{}
	for _, name := range guide.Names {
		ids[name] = headings(t, mustRead(t, sourceOf(web.English, name)))
	}
	for _, l := range web.Langs {
		for _, name := range guide.Names {
			compare(t, l, name, render(t, sourceOf(l, name), ids[name]))
		}
	}
	for _, name := range guide.References {
		file := filepath.Join(docs, name+".md")
		compare(t, web.English, name, render(t, file, headings(t, mustRead(t, file))))
	}
}

func compare(t *testing.T, l web.Lang, name string, want []byte) {
	t.Helper()
	file := filepath.Join("pages", string(l), name+".html")
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil { //nolint:gosec // for everybody to read
			t.Fatal(err)
		}
		return
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the Markdown says: go test ./internal/guide -update", file)
	}
}

func mustRead(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// headings are the names of a page's headings: both languages use those of the
// English one, so that a link to a place stays good when the language changes.
func headings(t *testing.T, markdown []byte) (ids []string) {
	t.Helper()
	doc := goldmark.New(goldmark.WithExtensions(extension.Table)).Parser().Parse(text.NewReader(markdown))
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok {
			id := slug(guide.Plain(string(h.Lines().Value(markdown))))
			for n, plain := 1, id; slices.Contains(ids, id); n++ {
				id = fmt.Sprint(plain, "-", n)
			}
			ids = append(ids, id)
		}
	}
	return ids
}

var (
	notInSlug = regexp.MustCompile(`[^a-z0-9]+`)
	unheard   = strings.NewReplacer("'", "", "’", "", ".", "") // as where the repository is read
)

func slug(title string) string {
	return strings.Trim(notInSlug.ReplaceAllString(unheard.Replace(guide.Fold(title)), "-"), "-")
}

func render(t *testing.T, file string, ids []string) []byte {
	t.Helper()
	p := &pageRenderer{t: t, file: file, ids: ids}
	md := goldmark.New(
		goldmark.WithExtensions(extension.Table, extension.Strikethrough),
		goldmark.WithParserOptions(parser.WithInlineParsers()),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(p, 100)), gmhtml.WithXHTML()),
	)
	var out bytes.Buffer
	if err := md.Convert(mustRead(t, file), &out); err != nil {
		t.Fatal(err)
	}
	if len(p.ids) > 0 {
		t.Errorf("%s lacks headings: it should go on with %v", file, p.ids)
	}
	tables := strings.NewReplacer("<table>", `<div class="wide-table" tabindex="0"><table>`, "</table>", "</table></div>")
	return []byte(tables.Replace(out.String()))
}

// pageRenderer renders what the pages have of their own.
type pageRenderer struct {
	t    *testing.T
	file string
	ids  []string // of the headings to come
}

// RegisterFuncs implements renderer.NodeRenderer.
func (p *pageRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindHeading, p.heading)
	r.Register(ast.KindFencedCodeBlock, p.fenced)
	r.Register(ast.KindHTMLBlock, func(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) { // marks
		return ast.WalkSkipChildren, nil
	})
	r.Register(ast.KindLink, p.link)
	r.Register(ast.KindImage, p.image)
}

func (p *pageRenderer) heading(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	h := n.(*ast.Heading) //nolint:forcetypeassert // registered for this kind
	if entering {
		if len(p.ids) == 0 {
			p.t.Fatalf("%s has more headings than the English page", p.file)
		}
		_, _ = fmt.Fprintf(w, `<h%d id="%s">`, h.Level, p.ids[0])
		return ast.WalkContinue, nil
	}
	if h.Level > 1 {
		_, _ = fmt.Fprintf(w, `<a class="anchor" href="#%s" aria-hidden="true" tabindex="-1">#</a>`, p.ids[0])
	}
	_, _ = fmt.Fprintf(w, "</h%d>\n", h.Level)
	p.ids = p.ids[1:]
	return ast.WalkContinue, nil
}

func (p *pageRenderer) fenced(w util.BufWriter, markdown []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	b := n.(*ast.FencedCodeBlock) //nolint:forcetypeassert // registered for this kind
	code := string(b.Lines().Value(markdown))
	info := ""
	if b.Info != nil {
		info = string(b.Info.Value(markdown))
	}
	kind, rest, _ := strings.Cut(info, " ")
	if kind == "mermaid" {
		_, err := w.WriteString(sequence(p.t, code))
		return ast.WalkContinue, err
	}
	if kind != "console" && rest != "" {
		_, _ = fmt.Fprintf(w, "<p class=\"file\">%s</p>\n", html.EscapeString(rest))
	}
	shown := html.EscapeString(code)
	if kind == "console" {
		shown = regexp.MustCompile(`(?m)^\$ .*$`).ReplaceAllString(shown, "<b>$0</b>")
	}
	_, _ = fmt.Fprintf(w, "<pre tabindex=\"0\"><code>%s</code></pre>\n", shown)
	return ast.WalkContinue, nil
}

// link leads to where a page is served. What is not served keeps its text.
func (p *pageRenderer) link(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	l := n.(*ast.Link) //nolint:forcetypeassert // registered for this kind
	to := p.served(string(l.Destination))
	switch {
	case to == "":
	case entering:
		_, _ = fmt.Fprintf(w, `<a href="%s">`, html.EscapeString(to))
	default:
		_, _ = w.WriteString("</a>")
	}
	return ast.WalkContinue, nil
}

// served is where the target of a link is in the gateway; "" if nowhere.
func (p *pageRenderer) served(to string) string {
	if strings.HasPrefix(to, "https://") || strings.HasPrefix(to, "#") {
		return to
	}
	if rest, ok := strings.CutPrefix(to, "http://127.0.0.1:8080"); ok {
		return rest
	}
	file, place, marked := strings.Cut(to, "#")
	where := filepath.Join(filepath.Dir(p.file), filepath.FromSlash(file))
	if _, err := os.Stat(where); err != nil {
		p.t.Errorf("%s: %s leads nowhere", p.file, to)
	}
	name, ok := strings.CutSuffix(path.Base(file), ".md")
	if !ok || !slices.Contains(guide.Names, name) && !slices.Contains(guide.References, name) || name == guide.Home && filepath.Dir(where) != filepath.Dir(p.file) {
		return ""
	}
	if marked {
		place = "#" + place
	}
	return guide.Address(name) + place
}

func (p *pageRenderer) image(w util.BufWriter, markdown []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	i := n.(*ast.Image) //nolint:forcetypeassert // registered for this kind
	var words strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			words.Write(t.Segment.Value(markdown))
		}
	}
	if words.Len() == 0 {
		p.t.Errorf("%s: the image %s has no text", p.file, i.Destination)
	}
	_, err := fmt.Fprintf(w, `<img src="asset:%s" alt="%s" loading="lazy">`, path.Base(string(i.Destination)), html.EscapeString(words.String()))
	return ast.WalkSkipChildren, err
}
