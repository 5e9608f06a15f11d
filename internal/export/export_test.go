package export_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sen"
	"sen/internal/app/apptest"
	"sen/internal/control"
	"sen/internal/exchange"
	"sen/internal/export"
)

// nasty are values that a careless program would send changed.
var nasty = []string{
	"it's", `say "no"`, `C:\new\table`, `\u0041\x41\101`, "two\nlines", "dos\r\nlines\r", "tab\there", "ends in a line\n",
	"$HOME ${HOME} $(id) $$ {$x} #{x}", "`id`", "100% %s %d %20 + & = ; #", "Cà phê sữa đá ở Huế", "😀 and \u2028 and \ufeff",
	"<?php echo 1 ?> */ // <!-- {{.Name}}", "\x01\x1b[31m\x7f", "!history ~ * ? [a]", " spaces ", "@file", "-flag", "=", "\\", "'", `"`,
	"", "null", "007", "1e3", "https://example.com/?a=1&b=2",
}

// order are the members of an order, nasty ones among them: the names of nasty
// unknown ones too.
func order() map[string]string {
	m := map[string]string{
		"app_id": "2553", "app_trans_id": "261122_export", "app_user": "ế'\"\\$(id)`id`${x}\n|%20+&=😀", "amount": "50000",
		"app_time": "1795323600000", "item": `[{"n":"a'b\"c\\d"}, 1 ]`, "embed_data": `{"a": 1, "b":"$x ' ` + "`" + ` \u1ebf"}`,
		"description": "Nguyễn's \"đơn hàng\"\\\n$1", "redirect_url": "https://shop.example/?a=1&b=%20",
		"a b\"c'd$e\\f=g": "name", "__proto__": "x", "12": "number",
	}
	for i, value := range nasty {
		m["x"+string(rune('a'+i/10))+string(rune('0'+i%10))] = value
	}
	return m
}

// shapes are the ways to send members.
var shapes = map[string]func(m map[string]string) (target, contentType, body string){
	"form": func(m map[string]string) (string, string, string) {
		return "", "application/x-www-form-urlencoded", values(m).Encode()
	},
	"query": func(m map[string]string) (string, string, string) { return "?" + values(m).Encode(), "", "" },
	"json": func(m map[string]string) (string, string, string) {
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(m)) {
			value := quoted(m[name])
			if slices.Contains([]string{"app_id", "amount", "app_time", "embed_data", "item"}, name) {
				value = m[name] // as it stands, spaces and escapes included
			}
			parts = append(parts, quoted(name)+": "+value)
		}
		return "", "application/json", "{" + strings.Join(parts, ", ") + "}"
	},
}

func values(m map[string]string) url.Values {
	v := url.Values{}
	for name, value := range m {
		v.Set(name, value)
	}
	return v
}

func quoted(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

// runners are the programs that programs need.
var runners = map[string][]string{
	"curl": {"bash", "curl", "openssl"}, "go": {"go"}, "node": {"node"}, "python": {"python3"}, "php": {"php"}, "java": {"java"},
	"csharp": {"dotnet"},
}

// TestProgramsRun sends an order, twice, takes the second request out of the
// log, writes it as a program and runs that: the gateway must read the same
// members under a good mac, and answer the same.
func TestProgramsRun(t *testing.T) {
	t.Parallel()
	for shape, encode := range shapes {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			g := apptest.Start(t)
			app := g.App(2553)
			m := order()
			m["mac"] = sen.OpCreateOrder.Sign(app.Key1, func(name string) string { return m[name] })
			for range 2 {
				target, contentType, body := encode(m)
				post(t, g.URL+"/v2/create"+target, contentType, body)
			}
			sent := newest(g)
			if sent.Value != -68 || sent.MAC != "good" {
				t.Fatalf("the request itself is answered %d, its mac is %q: %s", sent.Value, sent.MAC, sent.Answer)
			}
			for _, l := range export.Languages() {
				t.Run(l.Name, func(t *testing.T) {
					for _, name := range runners[l.Name] {
						if _, err := exec.LookPath(name); err != nil {
							t.Skipf("not run: there is no %s here", name)
						}
					}
					out := run(t, g, sent.ID, l, app.Key1)
					got := newest(g)
					if got.ID == sent.ID || got.Value != sent.Value || got.MAC != "good" || !strings.Contains(out, `"sub_return_code":-68`) {
						t.Errorf("answered %d, mac %q: %s\n%s", got.Value, got.MAC, got.Reason, out)
					}
					if diff := cmp.Diff(members(sent), members(got)); diff != "" {
						t.Errorf("the gateway read other members (-sent +exported):\n%s", diff)
					}
					if a, b := kind(sent.Headers.ContentType), kind(got.Headers.ContentType); a != b && shape != "query" {
						t.Errorf("sent as %q, want %q", b, a)
					}
				})
			}
		})
	}
}

// TestProgramsOfGET does the same with a query of ZOD, sent under the names that
// only the gateway takes for those that are signed.
func TestProgramsOfGET(t *testing.T) {
	t.Parallel()
	g := apptest.Start(t)
	app := g.App(2553)
	mac := sen.OpQueryZodStatus.Sign(app.Key1, func(name string) string { return map[string]string{"appId": "2553", "mcRefId": "none"}[name] })
	response, err := http.Get(g.URL + "/v2/zod/status?app_id=2553&mc_ref_id=none&mac=" + mac)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	sent := newest(g)
	if sent.Value != -101 || members(sent)["mc_ref_id"] != "none" {
		t.Fatalf("answered %d, kept as %v", sent.Value, sent.Fields)
	}
	for _, l := range export.Languages() {
		t.Run(l.Name, func(t *testing.T) {
			for _, name := range runners[l.Name] {
				if _, err := exec.LookPath(name); err != nil {
					t.Skipf("not run: there is no %s here", name)
				}
			}
			if out := run(t, g, sent.ID, l, app.Key1); !strings.Contains(out, `"subReturnCode":-101`) || newest(g).ID == sent.ID {
				t.Errorf("answered %s", out)
			}
		})
	}
}

func kind(contentType string) string {
	kind, _, _ := strings.Cut(contentType, ";")
	return kind
}

func post(t *testing.T, target, contentType, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	r.Header.Set("Accept-Language", "en")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
}

func newest(g *apptest.Gateway) control.Request {
	return apptest.Control[control.Requests](g, http.MethodGet, "/control/requests?limit=1", nil).Requests[0]
}

func members(r control.Request) map[string]string {
	m := map[string]string{}
	for _, f := range r.Fields {
		m[f.Name] = f.Value
	}
	return m
}

// run writes the program to a file and runs it as its first lines say.
func run(t *testing.T, g *apptest.Gateway, id string, l export.Language, key1 string) string {
	t.Helper()
	e := apptest.Control[control.Export](g, http.MethodGet, "/control/requests/"+id+"/export?as="+l.Name, nil)
	if strings.Contains(e.Program, key1) {
		t.Error("the key is in the program")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, e.File), []byte(e.Program), 0o600); err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(l.Run)
	cmd := exec.CommandContext(t.Context(), words[0], words[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), export.KeyVariable+"="+key1, "GOFLAGS=", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s", l.Run, err, out, e.Program)
	}
	return string(bytes.TrimSpace(out))
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	good := exchange.Exchange{Operation: "query_order", Fields: []exchange.Field{
		{Name: "app_id", Value: "2553"}, {Name: "app_trans_id", Value: "261122_x"}, {Name: "mac", Value: "••••", Hidden: true},
	}}
	with := func(f exchange.Field) exchange.Exchange {
		x := good
		x.Fields = append(slices.Clone(good.Fields), f)
		return x
	}
	for name, c := range map[string]struct {
		x        exchange.Exchange
		language string
		want     error
	}{
		"good":                  {good, "curl", nil},
		"no operation":          {exchange.Exchange{}, "curl", export.ErrOperation},
		"a private key":         {exchange.Exchange{Operation: sen.OpDisbursementTopUp.Name}, "curl", export.ErrPrivateKey},
		"masked":                {with(exchange.Field{Name: "phone", Value: "••••", Hidden: true}), "go", export.ErrHidden},
		"cut":                   {with(exchange.Field{Name: "item", Value: "[", Cut: true}), "go", export.ErrHidden},
		"NUL, in a shell":       {with(exchange.Field{Name: "x", Value: "\x00"}), "curl", export.ErrNUL},
		"NUL, in what takes it": {with(exchange.Field{Name: "x", Value: "\x00"}), "php", nil},
	} {
		l, err := export.Find(c.language)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Program(c.x, sen.LocalURL); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := export.Find("cobol"); !errors.Is(err, export.ErrLanguage) {
		t.Errorf("cobol: %v", err)
	}
}

// TestEveryOperation writes every operation in every language: the mac must
// cover what the table of operations says, in its order.
func TestEveryOperation(t *testing.T) {
	t.Parallel()
	for _, op := range sen.Operations() {
		if op.RSA {
			continue // no program has the private key
		}
		x := exchange.Exchange{Operation: op.Name, App: 2553, MAC: exchange.MACWrong}
		for _, name := range op.Signed {
			if name != "key1" {
				x.Fields = append(x.Fields, exchange.Field{Name: name, Value: "v"})
			}
		}
		for _, l := range export.Languages() {
			program, err := l.Program(x, sen.LocalURL)
			if err != nil {
				t.Fatalf("%s in %s: %v", op.Name, l.Name, err)
			}
			_, rest, _ := strings.Cut(program, "The mac is the HMAC-SHA256")
			for _, name := range op.Signed {
				if name == "key1" && l.Name == "curl" {
					name = "SEN_KEY1"
				}
				var found bool
				if _, rest, found = strings.Cut(rest, name); !found {
					t.Errorf("%s in %s: the mac does not cover %s there:\n%s", op.Name, l.Name, name, program)
				}
			}
			if !strings.Contains(program, "the one that is made here is right") {
				t.Errorf("%s in %s does not say that the mac was wrong", op.Name, l.Name)
			}
		}
	}
}
