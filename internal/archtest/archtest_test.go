// Package archtest holds tests of the repository itself: which package may
// import which, and what no file may contain.
package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "sen"

// root is the top of the repository, seen from this package.
var root = filepath.Join("..", "..")

// rule says what a package may import.
type rule struct {
	pkg     string // directory; "." is the root, the SDK
	imports string // packages of the module, separated by spaces; "*" for any
	foreign string // prefixes of paths outside the standard library; "*" for any
}

// rules lists every package of the module. A line may only name lines above
// it, so the table is the import graph in topological order. Tests may import
// what they like.
var rules = []rule{
	{".", "", ""},
	{"internal/archtest", "", ""},
	{"internal/fault", "", ""},
	{"internal/apiv1", ".", ""},
	{"internal/id", "", ""},
	{"internal/clock", "", ""},
	{"internal/metric", "", ""},
	{"internal/trace", "internal/metric", ""},
	{"internal/worker", "internal/metric", ""},
	{"internal/timing", "", ""},
	{"internal/history", "", "github.com/anishathalye/porcupine"},
	{"internal/pgtest", "", "github.com/jackc/pgx"},
	{"internal/pgtest/with", "internal/pgtest", ""},
	{"internal/money", "internal/fault", ""},
	{"internal/node", "internal/metric internal/fault", ""},
	{"internal/secret", "", "golang.org/x/crypto"},
	{"internal/macdoctor", ".", "golang.org/x/text"},
	{"internal/snapshot", "", ""},
	{"internal/merchant", "internal/fault internal/money internal/snapshot", ""},
	{"internal/callback", "internal/metric internal/trace internal/fault internal/merchant", "code.dny.dev/ssrf"},
	{"internal/vietqr", "internal/fault internal/money", ""},
	{"internal/ledger", "internal/fault internal/money", ""},
	{"internal/orderlink", "internal/fault internal/merchant", ""},
	{"internal/bank", "internal/fault internal/money", ""},
	{"internal/vault", "internal/bank internal/ledger", "github.com/tink-crypto/tink-go"},
	{"internal/pay", "internal/fault internal/id internal/money internal/merchant internal/callback internal/ledger internal/bank internal/metric", ""},
	{"internal/settlement", ". internal/fault internal/id internal/money internal/merchant internal/callback internal/ledger internal/bank internal/pay", ""},
	{"internal/scenario", ". internal/fault internal/merchant internal/snapshot", ""},
	{"internal/exchange", "internal/metric internal/fault internal/id internal/merchant internal/scenario", ""},
	{"internal/chaos", "internal/fault internal/merchant internal/pay internal/snapshot", ""},
	{"internal/operator", "internal/fault internal/id internal/merchant", ""},
	{"internal/mishap", ". internal/fault internal/merchant internal/callback internal/snapshot internal/apiv1", ""},
	{"internal/store", "internal/fault internal/money internal/merchant internal/callback internal/ledger internal/bank internal/pay internal/scenario internal/exchange internal/id internal/chaos internal/operator internal/mishap internal/settlement internal/metric", "github.com/ncruces/go-sqlite3 github.com/pressly/goose github.com/jackc/pgx"},
	{"internal/store/storetest", "internal/money internal/merchant internal/callback internal/ledger internal/pay internal/store internal/exchange internal/id internal/scenario internal/chaos internal/operator internal/mishap", "github.com/google/go-cmp"},
	{"internal/web", "internal/trace internal/metric . internal/fault internal/id", "golang.org/x/text github.com/alexedwards/scs"},
	{"internal/web/webtest", "internal/web", ""},
	{"internal/paytest", "*", ""},
	{"internal/payer", "internal/bank internal/fault internal/id internal/money internal/pay internal/web", "github.com/boombuler/barcode"},
	{"internal/checkout", ". internal/fault internal/money internal/merchant internal/orderlink internal/pay internal/payer internal/vietqr internal/web", ""},
	{"internal/consent", ". internal/fault internal/money internal/merchant internal/orderlink internal/pay internal/payer internal/web", ""},
	{"internal/walletapp", "internal/fault internal/ledger internal/money internal/merchant internal/orderlink internal/pay internal/payer internal/store internal/vietqr internal/web", ""},
	{"internal/apiv2", ". internal/bank internal/exchange internal/fault internal/id internal/money internal/merchant internal/pay internal/scenario internal/macdoctor internal/trace internal/metric internal/apiv1", "golang.org/x/text golang.org/x/time"},
	{"internal/openapi", ". internal/apiv1 internal/apiv2 internal/fault internal/web", ""},
	{"internal/openapi/openapitest", ". internal/apiv1 internal/apiv2 internal/openapi", "github.com/santhosh-tekuri/jsonschema"},
	{"internal/export", ". internal/exchange internal/fault internal/apiv1", ""},
	{"internal/control", ". internal/mishap internal/exchange internal/export internal/fault internal/id internal/money internal/merchant internal/callback internal/ledger internal/bank internal/pay internal/scenario internal/clock internal/chaos internal/operator internal/store internal/settlement internal/trace", ""},
	{"internal/guide", "internal/fault internal/web", "golang.org/x/text"},
	{"internal/certify", ". internal/callback internal/apiv1", ""},
	{"internal/conformance", ". internal/clock internal/control", ""},
	{"internal/sandbox", ". internal/money internal/merchant internal/pay", ""},
	{"internal/app", "*", "*"},
	{"sentest", ". internal/app internal/control", ""},
	{"internal/app/apptest", ". internal/app internal/clock internal/control internal/openapi/openapitest internal/pgtest", ""},
	{"internal/bench", ". internal/control internal/sandbox", "github.com/HdrHistogram/hdrhistogram-go github.com/jackc/pgx"},
	{"internal/cli", ". internal/trace internal/app internal/bench internal/callback internal/clock internal/conformance internal/control internal/merchant internal/money internal/sandbox internal/apiv1 internal/apiv2 internal/macdoctor internal/operator internal/certify internal/mishap internal/openapi internal/settlement internal/ledger", "github.com/alecthomas/kong"},
	{"internal/console", ". internal/bank internal/callback internal/fault internal/id internal/ledger internal/money internal/merchant internal/operator internal/pay internal/scenario internal/store internal/web internal/chaos internal/exchange internal/export internal/macdoctor internal/settlement internal/mishap internal/payer", ""},
	{"internal/killtest", "", ""},
	{"internal/crashtest", "", ""},
	{"internal/simtest", "", ""},
	{"internal/tokentest", "", ""},
	{"internal/browsertest", "", ""},
	{"examples", "", ""},
	{"examples/shop-go", ". examples", ""},
	{"examples/otel-go", ".", "go.opentelemetry.io/otel"}, // a module of its own
	{"cmd/sen", "internal/cli", ""},
	{"deploy", "", ""},
	{"tools/sbom", "", ""},
	{"tools/crdbparse", "", "github.com/cockroachdb/cockroachdb-parser"},
}

func TestImports(t *testing.T) {
	t.Parallel()
	for _, problem := range check(rules, importsOf(t, root)) {
		t.Error(problem)
	}
}

// check compares what packages import with what the rules let them.
func check(rules []rule, found map[string][]string) (problems []string) {
	var above []string
	for _, r := range rules {
		imports, foreign := strings.Fields(r.imports), strings.Fields(r.foreign)
		for _, dep := range imports {
			if dep != "*" && !slices.Contains(above, dep) {
				problems = append(problems, "rule for "+r.pkg+" names "+dep+", which is not on a line above")
			}
		}
		if slices.Contains(above, r.pkg) {
			problems = append(problems, "second rule for "+r.pkg)
		}
		above = append(above, r.pkg)
		if _, ok := found[r.pkg]; !ok {
			problems = append(problems, "rule for "+r.pkg+": there is no such package")
		}
		for _, imp := range found[r.pkg] {
			if !r.allows(imp, imports, foreign) {
				problems = append(problems, r.pkg+" may not import "+imp)
			}
		}
	}
	for pkg := range found {
		if !slices.Contains(above, pkg) {
			problems = append(problems, pkg+" has no rule: decide what it may import")
		}
	}
	slices.Sort(problems)
	return problems
}

func (r rule) allows(imp string, imports, foreign []string) bool {
	if imp == module || strings.HasPrefix(imp, module+"/") {
		dep := "."
		if imp != module {
			dep = strings.TrimPrefix(imp, module+"/")
		}
		return slices.Contains(imports, dep) || slices.Contains(imports, "*") && dep != r.pkg
	}
	host, _, _ := strings.Cut(imp, "/")
	if !strings.Contains(host, ".") {
		return true // the standard library
	}
	return slices.ContainsFunc(foreign, func(prefix string) bool {
		return prefix == "*" || imp == prefix || strings.HasPrefix(imp, prefix+"/")
	})
}

// TestCheck shows that each kind of mistake is found.
func TestCheck(t *testing.T) {
	t.Parallel()
	rules := []rule{
		{".", "", ""},
		{"a", "", "example.com/x"},
		{"b", ". a", ""},
		{"app", "*", "*"},
	}
	good := func() map[string][]string {
		return map[string][]string{
			".":   {"net/http"},
			"a":   {"fmt", "example.com/x", "example.com/x/y"},
			"b":   {"sen", "sen/a"},
			"app": {"sen/b", "example.net/z"},
		}
	}
	if got := check(rules, good()); len(got) != 0 {
		t.Errorf("a good tree: %q", got)
	}
	for _, c := range []struct {
		name   string
		damage func(map[string][]string)
		rules  []rule
		want   string
	}{
		{"upwards", func(m map[string][]string) { m["a"] = []string{"sen/b"} }, rules, "a may not import sen/b"},
		{"the root upwards", func(m map[string][]string) { m["."] = []string{"sen/a"} }, rules, ". may not import sen/a"},
		{"the root unasked", func(m map[string][]string) { m["a"] = []string{"sen"} }, rules, "a may not import sen"},
		{"foreign", func(m map[string][]string) { m["b"] = []string{"example.com/x"} }, rules, "b may not import example.com/x"},
		{"foreign neighbour", func(m map[string][]string) { m["a"] = []string{"example.com/xx"} }, rules, "a may not import example.com/xx"},
		{"not on the map", func(m map[string][]string) { m["c"] = nil }, rules, "c has no rule: decide what it may import"},
		{"gone", func(m map[string][]string) { delete(m, "b") }, rules, "rule for b: there is no such package"},
		{"twice", func(map[string][]string) {}, append(slices.Clone(rules), rules[1]), "second rule for a"},
		{"below", func(m map[string][]string) { m["z"] = nil }, append([]rule{{"z", "a", ""}}, rules...), "rule for z names a, which is not on a line above"},
	} {
		found := good()
		c.damage(found)
		if got := check(c.rules, found); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestBrowserTestNames keeps tests from hiding: 'make browser' runs the tests
// behind the build tag by this prefix, and no other target runs them.
func TestBrowserTestNames(t *testing.T) {
	t.Parallel()
	walk(t, root, func(name string, src []byte) {
		if !strings.HasSuffix(name, "_test.go") || !strings.HasPrefix(string(src), "//go:build browser\n") {
			return
		}
		for _, d := range parse(t, name, src, 0).Decls {
			f, ok := d.(*ast.FuncDecl)
			if ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") && !strings.HasPrefix(f.Name.Name, "TestBrowser") {
				t.Errorf("%s: %s is behind the tag browser and must be named TestBrowser…, or it never runs", name, f.Name.Name)
			}
		}
	})
}

// forbidden lists what no file may contain, in pieces so that this file does
// not contain it either.
var forbidden = []string{
	".." + "/shared",      // a path that exists on one machine only
	"/" + "work/",         // the same
	"shared" + "/design/", // the same
	"shared" + "/spec/",   // the same
	"/." + "library",      // the same
	"/" + "root/",         // somebody's home
	"proxy.golang" + ".org",
	"sum.golang" + ".org",
	"deb.debian" + ".org",      // where packages come from is each
	"registry.npmjs" + ".org",  // machine's own affair
	"<<<<" + "<<< ",            // a merge that was not finished
	">>>>" + ">>> ",            // the same
	"PRIVATE" + " KEY-----\nM", // a key, as files have it; tests make theirs
}

func TestNothingForbidden(t *testing.T) {
	t.Parallel()
	files := 0
	walk(t, root, func(name string, src []byte) {
		files++
		for _, word := range forbidden {
			if strings.Contains(string(src), word) {
				t.Errorf("%s contains %q", name, word)
			}
		}
	})
	if files < 10 {
		t.Errorf("looked at %d files only: is %s the repository?", files, root)
	}
}

// importsOf reads the import clauses of every non-test file under top. It
// opens the files itself, rather than asking go list, so that the test cache
// knows what the test depends on.
func importsOf(t *testing.T, top string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	walk(t, top, func(name string, src []byte) {
		if path.Ext(name) != ".go" || strings.Contains("/"+name, "/testdata/") {
			return
		}
		pkg := path.Dir(name)
		if _, ok := found[pkg]; !ok {
			found[pkg] = nil // a package with only tests is still a package
		}
		if strings.HasSuffix(name, "_test.go") {
			return
		}
		for _, s := range parse(t, name, src, parser.ImportsOnly).Imports {
			imp, err := strconv.Unquote(s.Path.Value)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			found[pkg] = append(found[pkg], imp)
		}
	})
	return found
}

func parse(t *testing.T, name string, src []byte, mode parser.Mode) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, src, mode)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// walk calls f with each file of the tree under top, less what git ignores.
func walk(t *testing.T, top string, f func(name string, src []byte)) {
	t.Helper()
	ignored := []string{".git", ".tools", "bin", "dist", "sen-data", "sdk/typescript/node_modules", "sdk/typescript/dist"}
	err := filepath.WalkDir(top, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(top, p)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		switch {
		case slices.Contains(ignored, name) && d.IsDir():
			return filepath.SkipDir
		case !d.Type().IsRegular() || name == ".git":
			return nil
		}
		switch filepath.Ext(name) {
		case ".test", ".prof", ".out":
			return nil
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f(name, src)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
