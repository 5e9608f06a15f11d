// Package webtest holds a package of pages to the rules that all pages share.
package webtest

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"
	"text/template/parse"

	"sen/internal/web"
)

// CheckTexts reports texts that one language lacks, texts that nothing uses
// and uses of texts that are not there. files is the package's directory, with
// texts, templates and Go files. Templates use a text by naming it; Go uses a
// text by having its key as a string.
func CheckTexts(t testing.TB, files fs.FS) {
	t.Helper()
	texts := map[web.Lang]map[string]string{}
	for _, l := range web.Langs {
		texts[l] = readTexts(t, files, l)
	}
	first := texts[web.Langs[0]]
	for _, l := range web.Langs[1:] {
		for _, key := range missing(first, texts[l]) {
			t.Errorf("%s is missing in %s", key, l)
		}
		for _, key := range missing(texts[l], first) {
			t.Errorf("%s is missing in %s", key, web.Langs[0])
		}
		for key, text := range texts[l] {
			if got, want := places(text), places(first[key]); !slices.Equal(got, want) {
				t.Errorf("%s has the places %v in %s and %v in %s", key, got, l, want, web.Langs[0])
			}
		}
	}
	used := usedInTemplates(t, files)
	maps.Copy(used, usedInGo(t, files, first))
	for _, key := range missing(used, first) {
		t.Errorf("%s is used in %s but is no text", key, used[key])
	}
	for _, key := range missing(first, used) {
		t.Errorf("%s is used nowhere", key)
	}
}

func missing(want, got map[string]string) (keys []string) {
	for key := range want {
		if _, ok := got[key]; !ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

var place = regexp.MustCompile(`\{[a-z]+\}`)

func places(text string) []string {
	all := place.FindAllString(text, -1)
	slices.Sort(all)
	return all
}

func readTexts(t testing.TB, files fs.FS, l web.Lang) (texts map[string]string) {
	t.Helper()
	data, err := fs.ReadFile(files, "texts/"+string(l)+".json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatalf("texts of %s: %v", l, err)
	}
	return texts
}

// usedInTemplates returns where each text is used.
func usedInTemplates(t testing.TB, files fs.FS) map[string]string {
	t.Helper()
	used := map[string]string{}
	for _, name := range glob(t, files, "templates/*.html") {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := template.New(name).Funcs(template.FuncMap{"text": func() string { return "" }, "asset": func() string { return "" }}).Parse(string(data))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range parsed.Templates() {
			walk(part.Root, func(key string) { used[key] = name })
		}
	}
	return used
}

// walk calls found with the key of every {{text "key"}} below the node.
func walk(n parse.Node, found func(key string)) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, child := range n.Nodes {
				walk(child, found)
			}
		}
	case *parse.ActionNode:
		walk(n.Pipe, found)
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			walk(c, found)
		}
	case *parse.CommandNode:
		walkCommand(n, found)
	case *parse.IfNode:
		walkBranch(&n.BranchNode, found)
	case *parse.WithNode:
		walkBranch(&n.BranchNode, found)
	case *parse.RangeNode:
		walkBranch(&n.BranchNode, found)
	}
}

func walkBranch(n *parse.BranchNode, found func(key string)) {
	walk(n.Pipe, found)
	walk(n.List, found)
	walk(n.ElseList, found)
}

func walkCommand(n *parse.CommandNode, found func(key string)) {
	if f, ok := n.Args[0].(*parse.IdentifierNode); ok && f.Ident == "text" && len(n.Args) > 1 {
		if key, ok := n.Args[1].(*parse.StringNode); ok {
			found(key.Text)
		}
	}
	for _, arg := range n.Args {
		walk(arg, found)
	}
}

// usedInGo returns where Go files have a string that looks like the key of
// one of the texts: the part before the dot is that of some text.
func usedInGo(t testing.TB, files fs.FS, texts map[string]string) map[string]string {
	t.Helper()
	var groups []string
	for key := range texts {
		group, _, _ := strings.Cut(key, ".")
		groups = append(groups, group)
	}
	key := regexp.MustCompile(`^(` + strings.Join(groups, "|") + `)\.[a-z_]+$`)
	used := map[string]string{}
	for _, name := range glob(t, files, "*.go") {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, data, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && key.MatchString(s) {
					used[s] = name
				}
			}
			return true
		})
	}
	return used
}

func glob(t testing.TB, files fs.FS, pattern string) []string {
	t.Helper()
	names, err := fs.Glob(files, pattern)
	if err != nil {
		t.Fatal(err)
	}
	return names
}
