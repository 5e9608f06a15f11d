package webtest

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// PagePolicy is what a page lets browsers do.
const PagePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// inline finds what the policy forbids inside a page.
var inline = regexp.MustCompile(`(?i)<style|<[a-z][^<>]*\s(?:style|on[a-z]+)\s*=|<script[^>]*>[^<]|="\s*javascript:|<(?:base|iframe|object|embed)\b`)

// WantCareful checks what a gateway says to browsers with each of its answers.
// Every page that a Browser loads is checked so.
func WantCareful(t testing.TB, what string, header http.Header, body string) {
	t.Helper()
	want := map[string]string{"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
	if strings.HasPrefix(header.Get("Content-Type"), "text/html") && strings.Contains(body, "<html") {
		want["Content-Security-Policy"] = PagePolicy
		want["Cross-Origin-Opener-Policy"] = "same-origin"
		want["Referrer-Policy"] = "same-origin"
		if got := header.Get("Permissions-Policy"); !strings.Contains(got, "camera=()") || !strings.Contains(got, "payment=()") {
			t.Errorf("%s: Permissions-Policy is %q", what, got)
		}
	}
	for name, value := range want {
		if got := header.Get(name); got != value {
			t.Errorf("%s: %s is %q, want %q", what, name, got, value)
		}
	}
	if !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%s: Content-Security-Policy is %q", what, header.Get("Content-Security-Policy"))
	}
	if found := inline.FindString(body); found != "" && strings.HasPrefix(header.Get("Content-Type"), "text/html") {
		t.Errorf("%s: the page has %q, which its policy forbids", what, found)
	}
}
