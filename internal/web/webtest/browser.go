package webtest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// A Browser is somebody who visits pages: it keeps cookies, follows no
// redirects and runs no script.
type Browser struct {
	Lang string // what it asks for

	t      testing.TB
	base   string
	client *http.Client
}

// Open returns a browser without cookies for the site at base. It asks for
// English.
func Open(t testing.TB, base string) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Browser{t: t, base: base, Lang: "en", client: &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// OpenBehindTLS returns a browser for a site whose visitors come over TLS that
// something in front of it ends: cookies that are for such connections only are
// sent.
func OpenBehindTLS(t testing.TB, base string) *Browser {
	t.Helper()
	b := Open(t, base)
	b.client.Jar = securely{b.client.Jar}
	return b
}

// securely is a jar to which every address is secured.
type securely struct{ http.CookieJar }

// SetCookies implements http.CookieJar.
func (j securely) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.CookieJar.SetCookies(&url.URL{Scheme: "https", Host: u.Host, Path: u.Path}, cookies)
}

// Cookies implements http.CookieJar.
func (j securely) Cookies(u *url.URL) []*http.Cookie {
	return j.CookieJar.Cookies(&url.URL{Scheme: "https", Host: u.Host, Path: u.Path})
}

// A Page is an answer that was read.
type Page struct {
	Status int
	Header http.Header
	Body   string
}

// Do sends a request. header has names and values in turn.
func (b *Browser) Do(method, path string, form url.Values, header ...string) Page {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Accept-Language", b.Lang)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }() // it has been read
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") && bytes.Contains(body, []byte("<html")) {
		WantCareful(b.t, method+" "+path, res.Header, string(body))
	}
	return Page{res.StatusCode, res.Header, string(body)}
}

// Get loads a page.
func (b *Browser) Get(path string) Page {
	b.t.Helper()
	return b.Do(http.MethodGet, path, nil)
}

// Send sends a form and returns the page that the redirect leads to.
func (b *Browser) Send(path string, form url.Values) Page {
	b.t.Helper()
	p := b.Do(http.MethodPost, path, form)
	if p.Status != http.StatusSeeOther {
		b.t.Fatalf("POST %s: status %d, want 303; body %s", path, p.Status, p.Body)
	}
	return b.Get(p.Header.Get("Location"))
}

// Want checks the status of a page and that its body has every text.
func (p Page) Want(t testing.TB, what string, status int, texts ...string) {
	t.Helper()
	if p.Status != status {
		t.Errorf("%s: status %d, want %d", what, p.Status, status)
	}
	for _, text := range texts {
		if !strings.Contains(p.Body, text) {
			t.Errorf("%s: the page lacks %q:\n%s", what, text, p.Body)
		}
	}
}

// Lack checks that the body has none of the texts.
func (p Page) Lack(t testing.TB, what string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(p.Body, text) {
			t.Errorf("%s: the page has %q:\n%s", what, text, p.Body)
		}
	}
}

// WantRedirect checks that the answer leads to the address.
func (p Page) WantRedirect(t testing.TB, what, address string) {
	t.Helper()
	if got := p.Header.Get("Location"); p.Status != http.StatusSeeOther || got != address {
		t.Errorf("%s: %d to %q, want 303 to %q", what, p.Status, got, address)
	}
}

// A Log keeps what a site logs.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// String returns all of it.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// WantRoutes checks that the log has every route and none of the secrets.
func (l *Log) WantRoutes(t testing.TB, routes, secrets []string) {
	t.Helper()
	log := l.String()
	for _, secret := range secrets {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q:\n%s", secret, log)
		}
	}
	for _, route := range routes {
		if !strings.Contains(log, route) {
			t.Errorf("the log lacks %q:\n%s", route, log)
		}
	}
}
