package openapi_test

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sen"
	"sen/internal/apiv1"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
	"sen/internal/openapi/openapitest"
	"sen/internal/web/webtest"
)

// names are those of all pages.
func names() []string {
	all := []string{"order_callback", "agreement_callback", "v1_order_callback", "redirect"}
	for _, op := range openapitest.Operations() {
		all = append(all, pageOf(op))
	}
	return all
}

// pageOf is the name of an operation's page.
func pageOf(op *sen.Operation) string {
	if strings.HasPrefix(op.Path, apiv1.Prefix) {
		return apiv1.IDPrefix + op.Name
	}
	return op.Name
}

// Every page is there in both languages, with its members and values, and is
// linked from the list.
func TestPages(t *testing.T) {
	t.Parallel()
	g := apptest.Start(t)
	for _, lang := range []string{"en", "vi"} {
		b := webtest.Open(t, g.URL)
		b.Lang = lang
		list := b.Get("/openapi")
		list.Want(t, "the list", http.StatusOK, `lang="`+lang+`"`, "/openapi.yaml")
		for _, name := range names() {
			list.Want(t, "the list", http.StatusOK, `href="/openapi/`+name+`"`)
			b.Get("/openapi/"+name).Want(t, name, http.StatusOK, name)
		}
		for _, op := range sen.Operations() {
			shown := html.UnescapeString(b.Get("/openapi/" + op.Name).Body)
			for _, st := range sen.Statuses() {
				if st.Operation == op.Name && !strings.Contains(shown, st.Meaning.In(lang)) {
					t.Errorf("%s in %s does not say what %d means", op.Name, lang, st.Value)
				}
			}
		}
	}
	webtest.Open(t, g.URL).Get("/openapi/nothing").Want(t, "nothing", http.StatusNotFound)
}

// Texts that pages use are there; those of the document have a test of their own.
func TestPageTexts(t *testing.T) {
	t.Parallel()
	used := regexp.MustCompile(`"(openapi\.[a-z_.]+)"`)
	say := map[string]string{}
	if err := json.Unmarshal(must(os.ReadFile(filepath.Join("texts", "en.json"))), &say); err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, pattern := range []string{"*.go", "templates/*.html"} {
		for _, name := range must(filepath.Glob(pattern)) {
			for _, m := range used.FindAllStringSubmatch(string(must(os.ReadFile(name))), -1) {
				named[m[1]] = true
			}
		}
	}
	for key := range say {
		if strings.HasPrefix(key, "openapi.") && !strings.HasPrefix(key, "openapi.retry.") && !named[key] {
			t.Errorf("%s is used nowhere", key)
		}
	}
}

func TestServedDocument(t *testing.T) {
	t.Parallel()
	g := apptest.Start(t)
	b := webtest.Open(t, g.URL)
	page := b.Get("/openapi.json?lang=vi")
	page.Want(t, "the document", http.StatusOK, `"openapi": "3.1.0"`, `"url": "`+g.URL+`"`, "Tạo đơn hàng")
	if got := page.Header.Get("Content-Type"); got != "application/json; charset=utf-8" {
		t.Errorf("Content-Type %q", got)
	}
	b.Get("/openapi.yaml").Want(t, "the document", http.StatusOK, "openapi: \"3.1.0\"\n", "Create an order")
}

var (
	inputs  = regexp.MustCompile(`<input id="in-[a-zA-Z0-9_]+" name="([a-zA-Z0-9_]+)" value="([^"]*)"`)
	areas   = regexp.MustCompile(`(?s)<textarea id="in-[a-z_]+" name="([a-z_]+)"[^>]*>(.*?)</textarea>`)
	answers = regexp.MustCompile(`(?s)<pre id="answer"[^>]*>(.*?)</pre>`)
	signed  = regexp.MustCompile(`(?s)<pre id="signed"[^>]*>(.*?)</pre>`)
	nexts   = regexp.MustCompile(`<li><a href="(/openapi/[^"]+)">`)
)

// filledIn returns the form of a page as it stands.
func filledIn(page webtest.Page) url.Values {
	form := url.Values{}
	for _, found := range append(inputs.FindAllStringSubmatch(page.Body, -1), areas.FindAllStringSubmatch(page.Body, -1)...) {
		form.Set(found[1], html.UnescapeString(found[2]))
	}
	return form
}

// trial sends the form of a page as it stands, and returns the answer and the
// page.
func trial(t *testing.T, b *webtest.Browser, address, as string, change func(url.Values)) (map[string]any, webtest.Page) {
	t.Helper()
	form := filledIn(b.Get(address))
	form.Set("as", as)
	if change != nil {
		change(form)
	}
	path, _, _ := strings.Cut(address, "?")
	page := b.Do(http.MethodPost, path, form)
	page.Want(t, address, http.StatusOK)
	found := answers.FindStringSubmatch(page.Body)
	if found == nil {
		t.Fatalf("%s: no answer: %s", address, page.Body)
	}
	var answer map[string]any
	if err := json.Unmarshal([]byte(html.UnescapeString(found[1])), &answer); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return answer, page
}

// nextTo finds the link from a result to the form of another operation.
func nextTo(t *testing.T, page webtest.Page, op *sen.Operation) string {
	t.Helper()
	return nextNamed(t, page, op.Name)
}

func nextNamed(t *testing.T, page webtest.Page, name string) string {
	t.Helper()
	for _, m := range nexts.FindAllStringSubmatch(page.Body, -1) {
		if strings.HasPrefix(m[1], "/openapi/"+name+"?") {
			return html.UnescapeString(m[1])
		}
	}
	t.Fatalf("no link to %s", name)
	return ""
}

// wrong are the values of malformed requests and wrong macs, in both versions.
var wrong = []int{-401, -402, -7002, -2, -3, -10, -12, -53, -79}

// Each form can be sent as it stands, in both encodings: its mac is right. A code
// that pays is made for it.
func TestTryEachOperation(t *testing.T) {
	t.Parallel()
	g := apptest.Start(t)
	b := webtest.Open(t, g.URL)
	for _, op := range openapitest.Operations() {
		for _, as := range []string{"json", "form"} {
			answer, page := trial(t, b, "/openapi/"+pageOf(op), as, nil)
			code, ok := answer["sub_return_code"].(float64)
			if !ok {
				code = answer["returncode"].(float64)
			}
			paysAtOnce := op.Name == sen.OpQuickPay.Name && code != 1
			if slices.Contains(wrong, int(code)) || paysAtOnce {
				t.Errorf("%s as %s: %v", op.Name, as, answer)
			}
			page.Want(t, op.Name, http.StatusOK, `href="/console/requests/`)
		}
	}
}

// One call leads to the next: an order is created, paid, refunded, all from the page.
func TestTryInTurn(t *testing.T) {
	t.Parallel()
	g := apptest.Start(t)
	b := webtest.Open(t, g.URL)
	created, page := trial(t, b, "/openapi/create_order", "json", nil)
	if link := `href="` + created["order_url"].(string); !strings.Contains(html.UnescapeString(page.Body), link) {
		t.Errorf("no link to the page of the order, %s", link)
	}
	must(control.NewClient(g.URL).Pay(t.Context(), control.PayOrder{Order: created["order_url"].(string), Wallet: "0900000001"}))
	queried, page := trial(t, b, nextTo(t, page, sen.OpQueryOrder), "form", nil)
	if queried["return_code"] != 1.0 {
		t.Errorf("the query: %v", queried)
	}
	refunded, page := trial(t, b, nextTo(t, page, sen.OpRefundOrder), "json", nil)
	if refunded["sub_return_code"] != 2.0 {
		t.Errorf("the refund: %v", refunded)
	}
	if known, _ := trial(t, b, nextTo(t, page, sen.OpQueryRefund), "json", nil); known["return_code"] == 2.0 {
		t.Errorf("the query of the refund: %v", known)
	}
}

// The same in the first version, whose names are other ones.
func TestTryFirstInTurn(t *testing.T) {
	t.Parallel()
	g := apptest.Start(t)
	b := webtest.Open(t, g.URL)
	paid, page := trial(t, b, "/openapi/v1_quick_pay", "form", nil)
	if paid["returncode"] != 1.0 || paid["zptransid"] == 0.0 {
		t.Fatalf("paid with a code: %v", paid)
	}
	queried, page := trial(t, b, nextNamed(t, page, "v1_query_order"), "form", nil)
	if queried["returncode"] != 1.0 || queried["zptransid"] != paid["zptransid"] {
		t.Errorf("the query: %v", queried)
	}
	refunded, page := trial(t, b, nextNamed(t, page, "v1_refund_order"), "json", nil)
	if refunded["returncode"] != 2.0 {
		t.Errorf("the refund: %v", refunded)
	}
	if known, _ := trial(t, b, nextNamed(t, page, "v1_query_refund"), "json", nil); known["returncode"] != 2.0 && known["returncode"] != 1.0 {
		t.Errorf("the query of the refund: %v", known)
	}
}

// A wrong key is told, a broken answer is no failure of the page, and what was
// signed is shown.
func TestTryWrong(t *testing.T) {
	t.Parallel()
	g := apptest.Start(t)
	b := webtest.Open(t, g.URL)
	answer, page := trial(t, b, "/openapi/query_order", "json", func(form url.Values) {
		form.Set("key1", "wrong")
		form.Set("app_trans_id", "261122_x")
	})
	if answer["sub_return_code"] != -402.0 {
		t.Errorf("a wrong key: %v", answer)
	}
	if got := signed.FindStringSubmatch(page.Body); got == nil || got[1] != "2553|261122_x|wrong" {
		t.Errorf("signed %q", got)
	}
	for _, kind := range []string{"reset", "empty", "not_json", "truncate", "http_502"} {
		apptest.Control[control.Rule](g, http.MethodPost, "/control/rules", control.Rule{Operation: "query_order", Break: kind})
		b.Do(http.MethodPost, "/openapi/query_order", filledIn(b.Get("/openapi/query_order"))).Want(t, kind, http.StatusOK, `id="result"`)
		must(0, control.NewClient(g.URL).ClearRules(t.Context()))
	}
}

// A live gateway describes itself, and signs for nobody.
func TestLive(t *testing.T) {
	t.Parallel()
	g := apptest.Start(t, func(c *app.Config) { c.Mode, c.PublicURL = app.Live, "https://pay.example" })
	b := webtest.Open(t, g.URL)
	page := b.Get("/openapi/create_order")
	page.Want(t, "the page", http.StatusOK, "/v2/create")
	page.Lack(t, "the page", "<form", `name="key1"`)
	b.Do(http.MethodPost, "/openapi/create_order", url.Values{"app_id": {"2553"}}).Want(t, "a form", http.StatusNotFound)
	b.Get("/openapi.json").Want(t, "the document", http.StatusOK, `"url": "https://pay.example"`)
}
