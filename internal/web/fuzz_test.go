package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sen/internal/web"
)

// FuzzCookies sends any cookies, languages and origins: no page breaks over them,
// and nobody is signed in by one.
func FuzzCookies(f *testing.F) {
	for _, cookie := range []string{"", "sen_lang=en", "sen_session=x; sen_lang=xx", "__Host-sen_session=" + strings.Repeat("A", 43), "=;;", "a=\"b", "sen_lang=\x00"} {
		f.Add(cookie, "vi,en;q=0.5", "")
	}
	f.Add("", ";;;q=9", "https://evil.example")
	var asked *http.Request
	f.Fuzz(func(t *testing.T, cookie, languages, origin string) {
		site, _ := newSite(t, nil)
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header["Cookie"], r.Header["Accept-Language"] = []string{cookie}, []string{languages}
		if origin != "" {
			r.Header["Origin"] = []string{origin}
		}
		w := httptest.NewRecorder()
		signedIn := ""
		site.Wrap(site.Handle(func(_ http.ResponseWriter, r *http.Request) error {
			asked, signedIn = r, site.Sessions.GetString(r.Context(), "anybody")
			return nil
		})).ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError {
			t.Errorf("status %d", w.Code)
		}
		if asked != nil && (signedIn != "" || web.LangOf(asked) == "") {
			t.Errorf("signed in as %q, in %q", signedIn, web.LangOf(asked))
		}
	})
}
