package store

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"sen/internal/pgtest"
)

// texts of the package: every constant, and every literal, that is a statement.
func statements(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	constants, fset := map[string]ast.Expr{}, token.NewFileSet()
	var parsed []*ast.File
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
		for _, d := range f.Decls {
			collectConstants(d, constants)
		}
	}
	var all []string
	for _, f := range parsed {
		ast.Inspect(f, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			text, ok := valueOf(e, constants)
			if ok && begins.MatchString(text) && !strings.HasSuffix(text, " ") {
				all = append(all, text)
				return false
			}
			return true
		})
	}
	slices.Sort(all)
	return slices.Compact(all)
}

var begins = regexp.MustCompile(`^\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM)\s+[\w(]`)

func collectConstants(d ast.Decl, into map[string]ast.Expr) {
	g, ok := d.(*ast.GenDecl)
	if !ok || g.Tok != token.CONST {
		return
	}
	for _, spec := range g.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		for i, name := range v.Names {
			if i < len(v.Values) {
				into[name.Name] = v.Values[i]
			}
		}
	}
}

// valueOf is the text of an expression made of literals and constants.
func valueOf(e ast.Expr, constants map[string]ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.Ident:
		c, ok := constants[e.Name]
		if !ok {
			return "", false
		}
		return valueOf(c, constants)
	case *ast.BinaryExpr:
		left, ok := valueOf(e.X, constants)
		right, ok2 := valueOf(e.Y, constants)
		return left + right, ok && ok2 && e.Op == token.ADD
	}
	return "", false
}

// TestStatementsArePlain refuses what is not on every engine that speaks the
// protocol, or means something else there.
func TestStatementsArePlain(t *testing.T) {
	t.Parallel()
	texts := statements(t)
	if len(texts) < 100 {
		t.Fatalf("%d statements found: some hide", len(texts))
	}
	for word, why := range map[string]string{
		`\bOFFSET\b`: "reads what it skips: page by key", `\bnow\(\)|CURRENT_TIMESTAMP`: "time comes from outside",
		`\bFOR (UPDATE|SHARE)\b`: "the embedded engine has none: put the condition into the write", `\bMERGE\b`: "not on all engines",
		`\bpg_\w+`: "not on all engines", `nextval|SERIAL`: "keys are made by us", `\bNUMERIC\b|\bDECIMAL\b`: "money is a whole number",
		` / `: "divides differently on every engine", `\?`: "arguments are $1, $2", `\bxmax\b`: "not on all engines",
	} {
		banned := regexp.MustCompile(word)
		for _, text := range texts {
			if banned.MatchString(text) {
				t.Errorf("%s in %q: %s", word, text, why)
			}
		}
	}
	for _, text := range texts {
		if strings.Contains(text, "SUM(") && !strings.Contains(text, "CAST(") && !strings.Contains(text, "HAVING") {
			t.Errorf("a sum without a cast, which is no BIGINT everywhere: %q", text)
		}
	}
}

// TestStatementsPrepareOnSQLite has the engine read every statement.
func TestStatementsPrepareOnSQLite(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	err := s.view(t.Context(), func(tx *tx) error {
		c, _ := tx.session.(*connection)
		for _, text := range statements(t) {
			if serverOnly(text) {
				continue
			}
			if _, err := c.stmt(text); err != nil {
				t.Error(err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// serverOnly reports whether a statement is about what only servers have.
func serverOnly(text string) bool {
	return strings.Contains(text, " commits") || strings.Contains(text, "information_schema")
}

// embeddedOnly reports whether a statement is about what only SQLite has.
func embeddedOnly(text string) bool { return strings.Contains(text, "sqlite_schema") }

// openServer opens an empty store on the server that tests may use.
func openServer(t *testing.T) (s *Store, dsn string) {
	t.Helper()
	dsn = pgtest.DSN(t)
	s, err := Serve(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, dsn
}

// TestStatementsPrepareOnPostgres has a server read every statement, and the
// form of it that serves many calls.
func TestStatementsPrepareOnPostgres(t *testing.T) {
	t.Parallel()
	s, _ := openServer(t)
	l := &link{server: s.engine.(*server)}
	if err := l.connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.drop)
	sets := 0
	for _, text := range statements(t) {
		if embeddedOnly(text) {
			continue
		}
		st, err := l.prepare(t.Context(), text)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := columnTypes(text, st.Fields); err != nil {
			t.Error(err)
		}
		c := compile(text)
		if c.set == "" {
			continue
		}
		sets++
		set, err := c.typed(st.ParamOIDs)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := l.prepare(t.Context(), set); err != nil {
			t.Error(err)
		}
	}
	if sets < 50 {
		t.Errorf("%d statements can be run for many calls at once: they were more", sets)
	}
}

// TestStatementsForParsers writes all statements, and every step of the
// migrations, for the parsers of other engines: see 'make portable'.
func TestStatementsForParsers(t *testing.T) {
	t.Parallel()
	name := os.Getenv("SEN_STATEMENTS_TO")
	if name == "" {
		t.Skip("not run: parsers of other engines (make portable)")
	}
	var all strings.Builder
	for _, text := range statements(t) {
		if embeddedOnly(text) {
			continue
		}
		all.WriteString(text + "\x00")
		if set := compile(text).set; set != "" {
			all.WriteString(regexp.MustCompile(`<\d+>`).ReplaceAllString(set, "BIGINT") + "\x00")
		}
	}
	files, err := filepath.Glob("migrations/postgres/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(string(text) + "\x00")
	}
	if err := os.WriteFile(name, []byte(all.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestMigrationsOfServersStandAlone wants each step to be one statement that
// can run again: tables change under a lock, but not in one transaction.
func TestMigrationsOfServersStandAlone(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("migrations/postgres/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), "-- +goose NO TRANSACTION\n") {
			t.Errorf("%s: must begin with -- +goose NO TRANSACTION", name)
		}
		for _, step := range regexp.MustCompile(`(?m)^(CREATE|ALTER|INSERT).*`).FindAllString(string(text), -1) {
			if strings.HasPrefix(step, "INSERT") || strings.Contains(step, "IF NOT EXISTS") {
				continue
			}
			t.Errorf("%s: can't run again: %s", name, step)
		}
	}
}

// expands are the steps that a node of the version before can live with: its
// statements name their columns, and go on meaning the same.
var expands = regexp.MustCompile(`^(CREATE TABLE|CREATE INDEX|INSERT INTO|ALTER TABLE \w+ ADD COLUMN)\b`)

// withoutRelease are migrations that were made before there was a release to
// upgrade from.
var withoutRelease = []string{"0001_init.sql", "0003_nodes.sql"}

// TestMigrationsOnlyAdd refuses what would break the nodes of the version before,
// which serve from the same tables until each is replaced.
func TestMigrationsOnlyAdd(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("migrations/*/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(withoutRelease, filepath.Base(name)) {
			continue
		}
		bare := regexp.MustCompile(`(?m)--.*$`).ReplaceAllString(string(text), "")
		for step := range strings.SplitSeq(bare, ";") {
			if problem := narrows(strings.TrimSpace(step)); problem != "" {
				t.Errorf("%s: %s: %s", name, problem, step)
			}
		}
	}
	for step, wrong := range map[string]bool{
		"ALTER TABLE orders ADD COLUMN note TEXT NOT NULL DEFAULT ''": false, "ALTER TABLE orders ADD COLUMN note TEXT": false,
		"ALTER TABLE orders ADD COLUMN note TEXT NOT NULL": true, "ALTER TABLE orders DROP COLUMN note": true, "DROP INDEX orders_made": true,
		"ALTER TABLE orders RENAME TO o": true, "CREATE UNIQUE INDEX a ON orders (note)": true, "UPDATE orders SET note = ''": true,
	} {
		if got := narrows(step) != ""; got != wrong {
			t.Errorf("%s: refused is %v", step, got)
		}
	}
}

// narrows says why a step is none that only adds; "" when it is one.
func narrows(step string) string {
	switch {
	case step == "" || expands.MatchString(step) && !strings.HasPrefix(step, "ALTER"):
		return ""
	case !expands.MatchString(step):
		return "changes or forbids what nodes of the version before rely on"
	case strings.Contains(step, "NOT NULL") && !strings.Contains(step, "DEFAULT"):
		return "nodes of the version before insert rows without this column: give it a default"
	}
	return ""
}

// TestEnginesHaveTheSameTables compares what the migrations of both make.
func TestEnginesHaveTheSameTables(t *testing.T) {
	t.Parallel()
	_, dsn := openServer(t)
	there, here := tablesOfServer(t, dsn), tablesOfSQLite(t)
	for name, columns := range there {
		if name == "commits" || strings.HasPrefix(name, "goose_") {
			continue
		}
		if got, want := strings.Join(here[name], "\n"), strings.Join(columns, "\n"); got != want {
			t.Errorf("table %s\n  embedded:\n%s\n  server:\n%s", name, got, want)
		}
		delete(here, name)
	}
	for name := range here {
		if !strings.HasPrefix(name, "goose_") && !strings.HasPrefix(name, "sqlite_") {
			t.Errorf("table %s is not on the server", name)
		}
	}
}

func tablesOfServer(t *testing.T, dsn string) map[string][]string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	rows, err := conn.Query(t.Context(), `SELECT table_name, column_name || ' ' || data_type || ' ' || is_nullable
		FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, column_name`)
	if err != nil {
		t.Fatal(err)
	}
	return tables(t, rows.Next, func(name, column *string) error { return rows.Scan(name, column) }, rows.Err)
}

func tablesOfSQLite(t *testing.T) map[string][]string {
	t.Helper()
	s := openTest(t)
	all := map[string][]string{}
	err := s.view(t.Context(), func(tx *tx) error {
		const columns = `SELECT m.name, c.name || ' ' ||
			CASE c.type WHEN 'INTEGER' THEN 'bigint' WHEN 'BLOB' THEN 'bytea' ELSE lower(c.type) END || ' ' ||
			CASE WHEN c."notnull" = 1 OR c.pk > 0 THEN 'NO' ELSE 'YES' END
			FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1, c.name`
		return tx.rows(columns, nil, func(scan func(...any) error) error {
			var name, column string
			err := scan(&name, &column)
			all[name] = append(all[name], column)
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func tables(t *testing.T, next func() bool, scan func(name, column *string) error, failed func() error) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for next() {
		var name, column string
		if err := scan(&name, &column); err != nil {
			t.Fatal(err)
		}
		all[name] = append(all[name], column)
	}
	if err := failed(); err != nil {
		t.Fatal(err)
	}
	return all
}
