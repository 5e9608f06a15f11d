package guide_test

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sen/internal/app/apptest"
	"sen/internal/web/webtest"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	webtest.CheckTexts(t, os.DirFS("."))
}

var (
	href = regexp.MustCompile(`(?:href|src)="([^"]+)"`)
	id   = regexp.MustCompile(` id="([^"]+)"`)
)

// TestNoLinkIsDead walks from /docs over every guide in both languages. All that
// they lead to on the gateway is there, with the place that is named.
func TestNoLinkIsDead(t *testing.T) {
	t.Parallel()
	g := apptest.Start(t)
	for _, lang := range []string{"vi", "en"} {
		b := webtest.Open(t, g.URL)
		b.Lang = lang
		seen := map[string]webtest.Page{}
		visit := func(path string) webtest.Page {
			if p, ok := seen[path]; ok {
				return p
			}
			seen[path] = b.Get(path)
			return seen[path]
		}
		guides := 0
		for queue := []string{"/docs"}; len(queue) > 0; queue = queue[1:] {
			from := queue[0]
			page := visit(from)
			page.Want(t, from, http.StatusOK, `lang="`+lang+`"`, "<h1")
			page.Lack(t, from, "<script", "style=", "<!-- raw HTML omitted -->", "asset:")
			guides++
			for _, m := range href.FindAllStringSubmatch(page.Body, -1) {
				to := strings.ReplaceAll(m[1], "&amp;", "&")
				if strings.HasPrefix(to, "http") || strings.HasPrefix(to, "?lang=") {
					continue
				}
				path, place, _ := strings.Cut(to, "#")
				if path == "" {
					path = from
				}
				target := visit(path)
				if target.Status != http.StatusOK && target.Status != http.StatusSeeOther {
					t.Errorf("%s in %s leads to %s: %d", from, lang, to, target.Status)
				}
				if place != "" && !slices.ContainsFunc(id.FindAllStringSubmatch(target.Body, -1), func(m []string) bool { return m[1] == place }) {
					t.Errorf("%s in %s leads to %s, where that place is not", from, lang, to)
				}
				if strings.HasPrefix(path, "/docs") && !slices.Contains(queue, path) && target.Header.Get("X-Walked") == "" && path != "/docs/search" {
					target.Header.Set("X-Walked", "yes")
					queue = append(queue, path)
				}
			}
		}
		if guides < 15 {
			t.Errorf("%s: walked over %d guides only", lang, guides)
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	b := webtest.Open(t, apptest.Start(t).URL)
	for _, path := range []string{"/docs/nothing", "/docs/README", "/docs/../secret"} {
		b.Get(path).Lack(t, path, "<article")
	}
	b.Get("/docs/nothing").Want(t, "nothing", http.StatusNotFound)
	vi := b.Get("/docs/orders?lang=vi")
	vi.Want(t, "a page in Vietnamese", http.StatusOK, "Đơn hàng", `href="?lang=en"`, `rel="prev"`, `rel="next"`, "không liên kết với Zalopay")
	if policy := vi.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("the policy is %q", policy)
	}
	b.Get("/docs/operations").Want(t, "a reference", http.StatusOK, `<div class="text" lang="en">`, "chỉ có tiếng Anh")
	b.Get("/wallet").Want(t, "the sandbox's first page", http.StatusOK, `href="/docs"`)
	b.Get("/console/sign-in").Want(t, "the console", http.StatusOK, `href="/docs"`)
}

// A live gateway has the guides, and tells operators of them, not payers.
func TestLive(t *testing.T) {
	t.Parallel()
	b := webtest.Open(t, apptest.StartLive(t).URL)
	b.Get("/docs").Want(t, "the guides", http.StatusOK, "<article")
	b.Get("/console/sign-in").Want(t, "the console", http.StatusOK, `href="/docs"`)
	b.Get("/wallet").Lack(t, "the wallet", `href="/docs"`)
}

// Who searches types without marks, and gets the section.
func TestSearch(t *testing.T) {
	t.Parallel()
	b := webtest.Open(t, apptest.Start(t).URL)
	for _, c := range []struct{ lang, words, want string }{
		{"vi", "hoan tien mot phan", "/docs/refunds#a-part-of-it"},
		{"vi", "khoá niêm zzz", ""},
		{"vi", "giao hàng hai lần", "/docs/faq#delivered-twice"},
		{"en", "-402 bad mac", "/docs/faq#402-bad-mac"},
		{"en", "<script>", ""},
		{"en", "", ""},
	} {
		found := b.Get("/docs/search?lang=" + c.lang + "&q=" + url.QueryEscape(c.words))
		found.Want(t, c.words, http.StatusOK, `action="/docs/search"`)
		found.Lack(t, c.words, "<script")
		if c.want == "" {
			found.Lack(t, c.words, `class="hits"`)
		} else {
			found.Want(t, c.words, http.StatusOK, `href="`+c.want+`"`)
		}
	}
}
