package web_test

import (
	"bytes"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sen/internal/id"
	"sen/internal/store"
	"sen/internal/web"
)

// newSite returns a site over a real store, and its log.
func newSite(t *testing.T, change func(*web.Config)) (*web.Site, *bytes.Buffer) {
	t.Helper()
	s, err := store.Serve(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	log := &bytes.Buffer{}
	c := web.Config{
		Log: slog.New(slog.NewTextHandler(log, nil)), Now: time.Now,
		IDs: &id.Source{Rand: rand.Reader, Shards: 1}, Store: s,
	}
	if change != nil {
		change(&c)
	}
	site, err := web.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return site, log
}

// ask sends a request through the site's middleware to h.
func ask(site *web.Site, h web.Handler, path string, header ...string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	site.Wrap(site.Handle(h)).ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func nothing(http.ResponseWriter, *http.Request) error { return nil }

func TestLang(t *testing.T) {
	t.Parallel()
	site, _ := newSite(t, nil)
	for _, c := range []struct {
		path, accept, cookie string
		want                 web.Lang
	}{
		{"/", "", "", web.Vietnamese},
		{"/", "en", "", web.English},
		{"/", "en-GB,en;q=0.9,vi;q=0.8", "", web.English},
		{"/", "vi-VN,vi;q=0.9,en;q=0.8", "", web.Vietnamese},
		{"/", "fr,en;q=0.5", "", web.English},
		{"/", "fr", "", web.Vietnamese},
		{"/", ";;;", "", web.Vietnamese},
		{"/", "en", "sen_lang=vi", web.Vietnamese},
		{"/", "vi", "sen_lang=xx", web.Vietnamese},
		{"/?lang=en", "vi", "sen_lang=vi", web.English},
		{"/?lang=xx", "en", "", web.English},
	} {
		var got web.Lang
		res := ask(site, func(_ http.ResponseWriter, r *http.Request) error {
			got = web.LangOf(r)
			return nil
		}, c.path, "Accept-Language", c.accept, "Cookie", c.cookie)
		if got != c.want || res.Header.Get("Content-Language") != string(c.want) {
			t.Errorf("%s with %q and cookie %q: %s, header %q, want %s", c.path, c.accept, c.cookie, got, res.Header.Get("Content-Language"), c.want)
		}
	}
	res := ask(site, nothing, "/?lang=en")
	if got := res.Header.Get("Set-Cookie"); !strings.HasPrefix(got, "sen_lang=en;") {
		t.Errorf("the choice is not kept: Set-Cookie %q", got)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	site, _ := newSite(t, nil)
	header := ask(site, nothing, "/").Header
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"Referrer-Policy":         "same-origin",
		"X-Content-Type-Options":  "nosniff",

		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if requestID := header.Get("X-Request-Id"); len(requestID) != 12 {
		t.Errorf("X-Request-Id is %q, want 12 characters", requestID)
	}
}

// The policy forbids what stands inside a page, so none may stand there.
func TestNoInlineCode(t *testing.T) {
	t.Parallel()
	site, _ := newSite(t, func(c *web.Config) { c.Sandbox = true })
	res := httptest.NewRecorder()
	site.Wrap(site.NotFound()).ServeHTTP(res, httptest.NewRequest(http.MethodGet, "/", nil))
	page := res.Body.String()
	if found := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|<script[^>]*>[^<]|https?://`).FindString(page); found != "" {
		t.Errorf("the page has %q:\n%s", found, page)
	}
}

func TestPanic(t *testing.T) {
	t.Parallel()
	site, log := newSite(t, nil)
	res := ask(site, func(http.ResponseWriter, *http.Request) error { panic("a broken thing") }, "/?lang=en")
	page := body(t, res)
	requestID := res.Header.Get("X-Request-Id")
	if res.StatusCode != http.StatusInternalServerError || !strings.Contains(page, "Something went wrong") || !strings.Contains(page, requestID) {
		t.Errorf("status %d, page without its title or the requestID %s:\n%s", res.StatusCode, requestID, page)
	}
	if strings.Contains(page, "a broken thing") || strings.Contains(page, "goroutine") {
		t.Errorf("the page tells what broke:\n%s", page)
	}
	if line := log.String(); !strings.Contains(line, "a broken thing") || !strings.Contains(line, requestID) || strings.Contains(line, "lang=en") {
		t.Errorf("the log does not say what broke, or says the query: %s", line)
	}
}

func TestError(t *testing.T) {
	t.Parallel()
	site, log := newSite(t, nil)
	res := ask(site, func(http.ResponseWriter, *http.Request) error { return io.ErrUnexpectedEOF }, "/")
	if page := body(t, res); res.StatusCode != http.StatusInternalServerError || !strings.Contains(page, "Đã có lỗi xảy ra") {
		t.Errorf("status %d, page:\n%s", res.StatusCode, page)
	}
	if !strings.Contains(log.String(), io.ErrUnexpectedEOF.Error()) {
		t.Errorf("the log lacks the error: %s", log)
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	site, _ := newSite(t, nil)
	res := httptest.NewRecorder()
	site.Wrap(site.NotFound()).ServeHTTP(res, httptest.NewRequest(http.MethodGet, "/", nil))
	urls := regexp.MustCompile(`/assets/[a-z]+\.[0-9a-f]{12}\.(css|svg)`).FindAllString(res.Body.String(), -1)
	if len(urls) != 2 {
		t.Fatalf("the page names %q, want the style sheet and the icon", urls)
	}
	types := map[string]string{"css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
	for _, u := range urls {
		res := httptest.NewRecorder()
		site.Assets().ServeHTTP(res, httptest.NewRequest(http.MethodGet, u, nil))
		h := res.Header()
		if want := types[u[len(u)-3:]]; res.Code != http.StatusOK || h.Get("Content-Type") != want || !strings.Contains(h.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: status %d, headers %v", u, res.Code, h)
		}
	}
	missing := httptest.NewRecorder()
	site.Assets().ServeHTTP(missing, httptest.NewRequest(http.MethodGet, "/assets/../site.go", nil))
	if missing.Code != http.StatusNotFound {
		t.Errorf("a path outside: status %d, want 404", missing.Code)
	}
}

func TestSecureCookies(t *testing.T) {
	t.Parallel()
	site, _ := newSite(t, func(c *web.Config) { c.Secure = true })
	res := ask(site, func(w http.ResponseWriter, r *http.Request) error {
		site.Sessions.Put(r.Context(), "wallet", int64(1))
		site.SetNotice(w, "/x", "code")
		return nil
	}, "/?lang=en")
	cookies := res.Cookies()
	if len(cookies) != 3 {
		t.Errorf("cookies %v, want language, notice and session", cookies)
	}
	for _, c := range cookies {
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("cookie %s is not careful", c)
		}
		if strings.HasSuffix(c.Name, "sen_session") && !strings.HasPrefix(c.Name, "__Host-") {
			t.Errorf("cookie %s is not bound to its host", c)
		}
	}
}

// A session lives as long as it should, and the store never sees its token.
func TestSessionLife(t *testing.T) {
	t.Parallel()
	now := time.Now()
	kept := &spy{}
	site, _ := newSite(t, func(c *web.Config) {
		c.Now = func() time.Time { return now }
		kept.SessionStore, c.Store = c.Store, kept
	})
	res := ask(site, func(_ http.ResponseWriter, r *http.Request) error {
		site.Sessions.Put(r.Context(), "wallet", int64(42))
		return nil
	}, "/")
	cookie := res.Cookies()[0]
	read := func() (wallet int64) {
		ask(site, func(_ http.ResponseWriter, r *http.Request) error {
			wallet = site.Sessions.GetInt64(r.Context(), "wallet")
			return nil
		}, "/", "Cookie", cookie.Name+"="+cookie.Value)
		return wallet
	}
	if got := read(); got != 42 {
		t.Errorf("the session has %d, want 42", got)
	}
	if kept.token == "" || kept.token == cookie.Value {
		t.Errorf("the store was asked for %q, want a hash of %q", kept.token, cookie.Value)
	}
	now = now.Add(31 * time.Minute)
	if got := read(); got != 0 {
		t.Errorf("after its life the session has %d", got)
	}
}

// A text or an asset that is not there, or is there twice, is found at the
// start and not by the first payer.
func TestBrokenFiles(t *testing.T) {
	t.Parallel()
	site, _ := newSite(t, nil)
	good := func() fstest.MapFS {
		return fstest.MapFS{
			"texts/vi.json":       {Data: []byte(`{"own.a":"a"}`)},
			"texts/en.json":       {Data: []byte(`{"own.a":"a"}`)},
			"templates/page.html": {Data: []byte(`{{define "title"}}{{end}}{{define "main"}}{{text "own.a"}}{{end}}`)},
		}
	}
	for name, c := range map[string]struct {
		file, data string
		ok         bool
	}{
		"nothing broken":   {"texts/vi.json", `{"own.a":"á"}`, true},
		"bad JSON":         {"texts/vi.json", `{`, false},
		"a shared text":    {"texts/vi.json", `{"own.a":"a","site.footer":"x"}`, false},
		"bad template":     {"templates/page.html", `{{`, false},
		"unknown function": {"templates/page.html", `{{define "main"}}{{say "own.a"}}{{end}}`, false},
		"asset twice":      {"assets/sen.css", `p{}`, false},
	} {
		files := good()
		files[c.file] = &fstest.MapFile{Data: []byte(c.data)}
		f, err := site.Files(files)
		if err == nil {
			_, err = web.NewPage[struct{}](f, "page")
		}
		if (err == nil) != c.ok {
			t.Errorf("%s: error %v, want none: %t", name, err, c.ok)
		}
	}
}
