package webtest_test

import (
	"net/http"
	"testing"

	"sen/internal/web/webtest"
)

// TestWantCareful plants what WantCareful must find.
func TestWantCareful(t *testing.T) {
	t.Parallel()
	const clean = `<!doctype html><html><script src="/a.js"></script><p>style= onclick=x &lt;b onload=1&gt;</p></html>`
	good := func() http.Header {
		return http.Header{
			"Content-Type": {"text/html; charset=utf-8"}, "X-Content-Type-Options": {"nosniff"}, "Referrer-Policy": {"same-origin"},
			"Cross-Origin-Opener-Policy": {"same-origin"}, "Cross-Origin-Resource-Policy": {"same-origin"},
			"Permissions-Policy": {"camera=(), payment=()"}, "Content-Security-Policy": {webtest.PagePolicy},
		}
	}
	reports := func(header http.Header, body string) int {
		r := &recorder{TB: t}
		webtest.WantCareful(r, "a page", header, body)
		return len(r.reports)
	}
	if n := reports(good(), clean); n != 0 {
		t.Errorf("%d reports of a page that is right", n)
	}
	for name := range good() {
		if name == "Content-Type" {
			continue
		}
		without := good()
		without.Del(name)
		if reports(without, clean) == 0 {
			t.Errorf("nothing is said of a page without %s", name)
		}
	}
	for _, planted := range []string{
		`<p style="color:red">`, `<style>p{}</style>`, `<script>go()</script>`, `<a class="b" onclick="go()">`, `<img src="/x" ONERROR=go()>`,
		`<a href="javascript:go()">`, `<iframe src="/">`, `<base href="/">`,
	} {
		if reports(good(), "<html>"+planted) == 0 {
			t.Errorf("nothing is said of %s", planted)
		}
	}
}
