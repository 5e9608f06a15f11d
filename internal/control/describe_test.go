package control_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"sen/internal/app/apptest"
	"sen/internal/control"
)

// The description of the control API in docs/control.yaml is for those who
// write test helpers in other languages. It is made from the routes of the
// server, the calls of the client and the comments of the types between them.

var update = flag.Bool("update", false, "write docs/control.yaml instead of comparing it")

var described = filepath.Join("..", "..", "docs", "control.yaml")

// A source is the code that is described.
type source struct {
	types map[string]*ast.StructType
	docs  map[string]string
	calls map[string]*call // by method and path without names
}

// A call is one of the client's.
type call struct {
	doc  string
	in   ast.Expr
	outs []ast.Expr
}

func parseSource(t *testing.T) *source {
	t.Helper()
	s := &source{map[string]*ast.StructType{}, map[string]string{}, map[string]*call{}}
	for _, name := range []string{"wire.go", "sandbox.go", "client.go", filepath.Join("..", "exchange", "exchange.go")} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.GenDecl:
				s.declare(d)
			case *ast.FuncDecl:
				if strings.Contains(name, "exchange") || d.Recv == nil {
					continue
				}
				ast.Inspect(d.Body, func(n ast.Node) bool {
					if c, ok := n.(*ast.CallExpr); ok {
						s.take(d, c)
					}
					return true
				})
			}
		}
	}
	return s
}

func (s *source) declare(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		if ts, ok := spec.(*ast.TypeSpec); ok {
			if st, ok := ts.Type.(*ast.StructType); ok {
				s.types[ts.Name.Name], s.docs[ts.Name.Name] = st, sentence(d.Doc)
			}
		}
	}
}

// sentence is a comment without its line breaks.
func sentence(c *ast.CommentGroup) string { return strings.Join(strings.Fields(c.Text()), " ") }

// take keeps what one call[T](ctx, c, method, path, in) says.
func (s *source) take(f *ast.FuncDecl, c *ast.CallExpr) {
	index, ok := c.Fun.(*ast.IndexExpr)
	if !ok {
		return
	}
	method := strings.ToUpper(strings.TrimPrefix(c.Args[2].(*ast.SelectorExpr).Sel.Name, "Method"))
	key := method + " " + pathOf(c.Args[3])
	known := s.calls[key]
	if known == nil {
		known = &call{doc: sentence(f.Doc), in: inOf(f, c.Args[4])}
		s.calls[key] = known
	}
	for _, out := range known.outs {
		if reflect.DeepEqual(typeName(out), typeName(index.Index)) {
			return
		}
	}
	known.outs = append(known.outs, index.Index)
}

func typeName(e ast.Expr) string {
	if list, ok := e.(*ast.ArrayType); ok {
		return "[]" + typeName(list.Elt)
	}
	return e.(*ast.Ident).Name
}

// pathOf is the path that an expression makes, with {} for what is put in.
func pathOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		before, _, _ := strings.Cut(text, "?")
		return before
	case *ast.BinaryExpr:
		left := pathOf(e.X)
		if right, ok := e.Y.(*ast.CallExpr); ok && strings.HasSuffix(left, "/") && right != nil {
			return left + "{}"
		}
		return left
	case *ast.CallExpr:
		if name, ok := e.Fun.(*ast.Ident); !ok || name.Name != "path" {
			return ""
		}
		var path string
		for _, segment := range e.Args {
			if lit, ok := segment.(*ast.BasicLit); ok {
				path += "/" + pathOf(lit)
			} else {
				path += "/{}"
			}
		}
		return path
	}
	return ""
}

// inOf is the type of what is sent.
func inOf(f *ast.FuncDecl, e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.CompositeLit:
		return e.Type
	case *ast.Ident:
		for _, p := range f.Type.Params.List {
			for _, name := range p.Names {
				if name.Name == e.Name {
					return p.Type
				}
			}
		}
	}
	return nil
}

// queries are the parameters of lists; the code has them as text only.
var queries = map[string][]string{
	"GET /control/orders":               {"app integer", "limit integer"},
	"GET /control/callbacks":            {"before string", "limit integer"},
	"GET /control/refunds":              {"all boolean", "limit integer"},
	"GET /control/disbursements/{app}":  {"limit integer"},
	"GET /control/wallets":              {"after string", "limit integer"},
	"GET /control/bindings":             {"wallet string", "limit integer"},
	"GET /control/requests":             {"app integer", "operation string", "app_trans_id string", "value integer", "from string", "to string", "before string", "limit integer"},
	"GET /control/requests/{id}/export": {"as string"},
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

func (s *source) paths(t *testing.T) map[string]any {
	t.Helper()
	paths, used := map[string]any{}, map[string]bool{}
	for _, pattern := range control.Patterns() {
		method, path, ok := strings.Cut(pattern, " ")
		if !ok {
			continue // what is there for all the rest
		}
		key := method + " " + parameter.ReplaceAllString(strings.TrimPrefix(path, "/control"), "{}")
		c := s.calls[key]
		if c == nil {
			t.Errorf("no client calls %s", pattern)
			continue
		}
		used[key] = true
		item, _ := paths[path].(map[string]any)
		if item == nil {
			item = map[string]any{}
			paths[path] = item
		}
		item[strings.ToLower(method)] = s.operation(pattern, method, path, c)
	}
	for key := range s.calls {
		if !used[key] {
			t.Errorf("the client calls %s, which no server has", key)
		}
	}
	return paths
}

func (s *source) operation(pattern, method, path string, c *call) map[string]any {
	_, doc, _ := strings.Cut(c.doc, " ")
	out := s.schema(c.outs[0])
	if len(c.outs) > 1 {
		out = map[string]any{"anyOf": []any{s.schema(c.outs[0]), s.schema(c.outs[1])}}
	}
	op := map[string]any{
		"operationId": strings.ToLower(method) + parameter.ReplaceAllString(strings.NewReplacer("/control", "", "/", "_", "-", "_").Replace(path), "one"),
		"summary":     strings.ToUpper(doc[:1]) + doc[1:],
		"responses": map[string]any{
			"200": answer("What is there, or what became of it", out),
			"4XX": answer("A refusal", map[string]any{"$ref": "#/components/schemas/Failure"}),
		},
	}
	var parameters []any
	for _, name := range parameter.FindAllString(path, -1) {
		parameters = append(parameters, query("path", strings.Trim(name, "{}"), "string"))
	}
	for _, q := range queries[pattern] {
		name, kind, _ := strings.Cut(q, " ")
		parameters = append(parameters, query("query", name, kind))
	}
	if parameters != nil {
		op["parameters"] = parameters
	}
	if c.in != nil {
		op["requestBody"] = map[string]any{"required": true, "content": map[string]any{"application/json": map[string]any{"schema": s.schema(c.in)}}}
	}
	return op
}

func query(in, name, kind string) map[string]any {
	p := map[string]any{"name": name, "in": in, "schema": map[string]any{"type": kind}}
	if in == "path" {
		p["required"] = true
	}
	return p
}

func answer(what string, schema any) map[string]any {
	return map[string]any{"description": what, "content": map[string]any{"application/json": map[string]any{"schema": schema}}}
}

func (s *source) schema(e ast.Expr) map[string]any {
	switch e := e.(type) {
	case *ast.ArrayType:
		return map[string]any{"type": "array", "items": s.schema(e.Elt)}
	case *ast.MapType:
		return map[string]any{"type": "object", "additionalProperties": s.schema(e.Value)}
	case *ast.StarExpr:
		return s.schema(e.X)
	case *ast.SelectorExpr:
		if e.Sel.Name == "Time" {
			return map[string]any{"type": "string", "format": "date-time"}
		}
		return map[string]any{"$ref": "#/components/schemas/" + e.Sel.Name}
	case *ast.Ident:
		switch e.Name {
		case "string":
			return map[string]any{"type": "string"}
		case "bool":
			return map[string]any{"type": "boolean"}
		case "int", "int64", "uint64":
			return map[string]any{"type": "integer"}
		case "float64":
			return map[string]any{"type": "number"}
		}
		return map[string]any{"$ref": "#/components/schemas/" + e.Name}
	}
	panic(fmt.Sprintf("no schema for %T", e))
}

func (s *source) object(name string) map[string]any {
	properties, required := map[string]any{}, []any{}
	for _, f := range s.types[name].Fields.List {
		tag, _ := strconv.Unquote(f.Tag.Value)
		member, options, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
		schema := s.schema(f.Type)
		_, pointer := f.Type.(*ast.StarExpr)
		if kind, ok := schema["type"].(string); ok && pointer {
			schema["type"] = []any{kind, "null"}
		}
		if text := sentence(f.Comment) + sentence(f.Doc); text != "" {
			schema["description"] = text
		}
		properties[member] = schema
		if options != "omitempty" {
			required = append(required, member)
		}
	}
	_, doc, _ := strings.Cut(s.docs[name], " ")
	object := map[string]any{"type": "object", "description": strings.ToUpper(doc[:1]) + doc[1:], "properties": properties}
	if len(required) > 0 {
		object["required"] = required
	}
	return object
}

// schemas are those that something refers to.
func (s *source) schemas(paths map[string]any) map[string]any {
	all := map[string]any{}
	for waiting := []any{paths}; len(waiting) > 0; {
		text, _ := json.Marshal(waiting[0])
		waiting = waiting[1:]
		for _, m := range regexp.MustCompile(`#/components/schemas/(\w+)`).FindAllStringSubmatch(string(text), -1) {
			if all[m[1]] == nil {
				all[m[1]] = s.object(m[1])
				waiting = append(waiting, all[m[1]])
			}
		}
	}
	return all
}

func describe(t *testing.T) (document map[string]any, text []byte) {
	t.Helper()
	s := parseSource(t)
	paths := s.paths(t)
	parts := []struct {
		name  string
		value any
	}{
		{"openapi", "3.1.0"},
		{"info", map[string]any{
			"title": "Control API of a sandbox", "version": "1.0",
			"license": map[string]any{"name": "Apache-2.0", "identifier": "Apache-2.0"},
			"description": "What tests and tools do to a sandbox: pay orders, move the clock, read callbacks, force answers. " +
				"A live gateway has none of it. Times are RFC 3339, amounts whole đồng. Members that a call does not know are refused. " +
				"GET /control/requests/stream sends requests as they come, as server-sent events.",
		}},
		{"servers", []any{map[string]any{"url": "http://127.0.0.1:8080"}}},
		{"security", []any{map[string]any{}}},
		{"paths", paths},
		{"components", map[string]any{"schemas": s.schemas(paths)}},
	}
	document = map[string]any{}
	var out bytes.Buffer
	for _, p := range parts {
		document[p.name] = p.value
		e := yaml.NewEncoder(&out)
		e.SetIndent(2)
		if err := e.Encode(map[string]any{p.name: p.value}); err != nil {
			t.Fatal(err)
		}
	}
	return document, bytes.ReplaceAll(out.Bytes(), []byte("---\n"), nil)
}

func TestDescription(t *testing.T) {
	t.Parallel()
	_, text := describe(t)
	if *update {
		if err := os.WriteFile(described, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(described)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, text) {
		t.Errorf("%s is not what the code says: look at the difference after \"go test ./internal/control -update\"", described)
	}
}

// asJSON is the document as a validator takes it.
func asJSON(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDescriptionIsOpenAPI(t *testing.T) {
	t.Parallel()
	document, _ := describe(t)
	schema := jsonschema.NewCompiler().MustCompile(filepath.Join("..", "openapi", "testdata", "openapi-3.1.schema.json"))
	if err := schema.Validate(asJSON(t, document)); err != nil {
		t.Error(err)
	}
}

// TestDescribedAnswers holds what a sandbox in which something happened answers
// against the description.
func TestDescribedAnswers(t *testing.T) {
	t.Parallel()
	document, _ := describe(t)
	for _, schema := range document["components"].(map[string]any)["schemas"].(map[string]any) {
		schema.(map[string]any)["additionalProperties"] = false
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("control.json", asJSON(t, document)); err != nil {
		t.Fatal(err)
	}
	g := apptest.Start(t)
	check := func(method, pattern, path string, in any) map[string]any {
		t.Helper()
		status, body := apptest.TryControl(g, method, path, in)
		at := "control.json#/paths/" + strings.NewReplacer("/", "~1", "{", "%7B", "}", "%7D").Replace(pattern) + "/" + strings.ToLower(method) + "/responses/200/content/application~1json/schema"
		got, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		if err == nil {
			err = compiler.MustCompile(at).Validate(got)
		}
		if status != http.StatusOK || err != nil {
			t.Errorf("%s %s: HTTP %d, %v: %s", method, path, status, err, body)
		}
		object, _ := got.(map[string]any)
		return object
	}
	check("POST", "/control/maintenance", "/control/maintenance", control.Window{App: 2554, Operation: "create_order"})
	check("POST", "/control/rules", "/control/rules", control.Rule{Operation: "query_order", App: 2554, Delay: "1ms"})
	check("POST", "/control/faults", "/control/faults", control.Fault{App: 2554, Calls: 1})
	for _, pattern := range control.Patterns() {
		method, path, _ := strings.Cut(pattern, " ")
		if method != http.MethodGet || strings.Contains(path, "{") {
			continue
		}
		address := path
		if path == "/control/bindings" {
			address += "?wallet=0900000001"
		}
		check(method, path, address, nil)
	}
	check("GET", "/control/apps/{app}", "/control/apps/2553", nil)
	check("GET", "/control/apps/{app}/disbursement", "/control/apps/15555/disbursement", nil)
	check("PATCH", "/control/wallets/{phone}", "/control/wallets/0900000003", control.Conditions{})
}
