package app_test

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/merchant"
	"sen/internal/operator"
	"sen/internal/web/webtest"
)

var (
	onPage   = regexp.MustCompile(`(?:href|src|action)="([^"]+)"`)
	changing = regexp.MustCompile(`[0-9]+(?:_[a-z0-9]+)?|[A-Za-z0-9_-]{16,}`)
)

// A crawler follows what it finds on pages, and looks at every answer.
type crawler struct {
	t    *testing.T
	b    *webtest.Browser
	who  string
	base []string // beginnings of addresses of the gateway
	seen map[string]int
}

// shape is what addresses have in common whose pages are made from one template.
func shape(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return changing.ReplaceAllString(path, "*")
}

// crawl starts at the addresses and follows what it finds. Of pages of a kind it
// looks at two.
func (c *crawler) crawl(paths ...string) {
	c.t.Helper()
	for len(paths) > 0 {
		path := paths[0]
		paths = paths[1:]
		if c.seen[shape(path)] >= 2 || strings.HasSuffix(shape(path), "/live") {
			continue // a stream has no end
		}
		c.seen[shape(path)]++
		p := c.b.Get(path)
		webtest.WantCareful(c.t, c.who+" at "+path, p.Header, p.Body)
		if to := p.Header.Get("Location"); to != "" {
			paths = append(paths, c.inside(to)...)
		}
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			for _, found := range onPage.FindAllStringSubmatch(p.Body, -1) {
				paths = append(paths, c.inside(html.UnescapeString(found[1]))...)
			}
		}
	}
}

func (c *crawler) inside(address string) []string {
	for _, base := range c.base {
		address = strings.TrimPrefix(address, base)
	}
	if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") {
		return nil
	}
	return []string{address}
}

// want fails the test unless pages of all these kinds were looked at.
func (c *crawler) want(kinds ...string) {
	c.t.Helper()
	for _, kind := range kinds {
		if c.seen[kind] == 0 {
			c.t.Errorf("%s came to no page like %s, but to %q", c.who, kind, slices.Sorted(maps.Keys(c.seen)))
		}
	}
}

// answersOfPrograms are not for people, which is no reason to trust a browser
// that opens them.
var answersOfPrograms = []string{
	"/healthz", "/readyz", "/v2/create", "/v2/query?app_id=2553&app_trans_id=<script>", "/no/such/page", "/assets/none.js", "/", "/metrics",
	"/openapi.json", "/openapi.yaml",
}

// TestPagesAreCareful opens every page of a sandbox that can be found, as nobody,
// as a payer and in each role of the console.
func TestPagesAreCareful(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	paid := s.paid("careful", 20_000)
	s.refunded(refund("careful", paid.Number, 5_000))
	open := s.made(order("open"))
	link, err := url.Parse(fmt.Sprint(open.Object["order_url"]))
	if err != nil {
		t.Fatal(err)
	}
	starts := append([]string{"/wallet", "/wallet/sign-up", "/console", "/openapi", "/control/apps", link.RequestURI()}, answersOfPrograms...)
	crawl := func(who, signIn string, form url.Values) *crawler {
		c := &crawler{t: t, b: webtest.Open(t, s.URL), who: who, base: []string{s.URL}, seen: map[string]int{}}
		if signIn != "" {
			if p := c.b.Do(http.MethodPost, signIn, form); p.Status != http.StatusSeeOther {
				t.Fatalf("%s can't sign in: %d %s", who, p.Status, p.Body)
			}
		}
		c.crawl(starts...)
		c.want("/wallet", "/openapi", "/openapi/create_order", "/checkout/*", "/healthz")
		return c
	}
	crawl("nobody", "", nil).want("/console/sign-in", "/wallet/sign-up")
	crawl("a payer", "/wallet/sign-in", url.Values{"phone": {"0900000001"}, "pin": {"111111"}}).
		want("/wallet/history", "/wallet/top-up", "/wallet/open", "/wallet/bindings", "/wallet/account", "/wallet/limits", "/wallet/pin", "/wallet/cards")
	for role, more := range map[operator.Role][]string{
		operator.Admin:    {"/console/operators", "/console/ledger", "/console/rules", "/console/wallets", "/console/audit"},
		operator.Support:  {"/console/ledger", "/console/rules", "/console/wallets", "/console/audit"},
		operator.Merchant: {"/console/settlements"},
	} {
		crawl(string(role), "/console/sign-in", url.Values{"role": {string(role)}}).
			want(append(more, "/console", "/console/orders", "/console/orders/*", "/console/refunds", "/console/requests",
				"/console/requests/*", "/console/callbacks", "/console/apps", "/console/apps/*", "/console/codes", "/console/account")...)
	}
}

// TestLivePagesAreCareful does the same at a live gateway, where operators have
// passwords and codes.
func TestLivePagesAreCareful(t *testing.T) {
	t.Parallel()
	const password = "correct horse battery"
	roles := map[operator.Role][]merchant.ID{operator.Admin: nil, operator.Support: nil, operator.Merchant: {7}}
	g := apptest.Start(t, func(c *app.Config) {
		c.Mode, c.PublicURL = app.Live, "https://pay.example"
		place := livePlace(t, c)
		if _, err := app.CreateApp(t.Context(), place, app.Live, merchant.App{ID: 7, Name: "Sen"}); err != nil {
			t.Fatal(err)
		}
		for role, apps := range roles {
			o := operator.Operator{Name: string(role) + ".one", Role: role, Apps: apps}
			if err := app.AddOperator(t.Context(), place, app.Live, o, password); err != nil {
				t.Fatal(err)
			}
		}
	})
	starts := append([]string{"/wallet", "/console", "/openapi"}, answersOfPrograms...)
	newCrawler := func(who string) *crawler {
		return &crawler{t: t, b: webtest.OpenBehindTLS(t, g.URL), who: who, base: []string{g.URL, "https://pay.example"}, seen: map[string]int{}}
	}
	nobody := newCrawler("nobody")
	nobody.crawl(starts...)
	nobody.want("/wallet", "/console/sign-in", "/openapi", "/openapi/create_order")
	for role := range roles {
		c := newCrawler(string(role))
		p := c.b.Do(http.MethodPost, "/console/sign-in", url.Values{"name": {string(role) + ".one"}, "password": {password}})
		p.WantRedirect(t, "sign-in of "+c.who, "/console")
		if role != operator.Support {
			c.enrol()
		}
		c.crawl(starts...)
		c.want("/console/orders", "/console/apps/*", "/console/account", "/console/settlements")
	}
}

var secretShown = regexp.MustCompile(`<code>([A-Z2-7]{32})</code>`)

// enrol sets up codes.
func (c *crawler) enrol() {
	c.t.Helper()
	found := secretShown.FindStringSubmatch(c.b.Get("/console/account").Body)
	if found == nil {
		c.t.Fatalf("%s is shown no secret", c.who)
	}
	p := c.b.Do(http.MethodPost, "/console/account/code", url.Values{"code": {operator.CodeAt(found[1], time.Now())}})
	p.Want(c.t, "the codes of "+c.who, http.StatusOK)
}

// TestAnswersAreCareful looks at answers of the merchant API, those of other
// methods included.
func TestAnswersAreCareful(t *testing.T) {
	t.Parallel()
	g := apptest.Start(t, func(c *app.Config) { c.MetricsAddr = "127.0.0.1:0" })
	b := webtest.Open(t, g.URL)
	for _, op := range sen.Operations() {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
			p := b.Do(method, op.Path, url.Values{})
			webtest.WantCareful(t, method+" "+op.Path, p.Header, p.Body)
		}
	}
	p := webtest.Open(t, "http://"+g.Metrics.String()).Get("/metrics")
	webtest.WantCareful(t, "metrics", p.Header, p.Body)
}
