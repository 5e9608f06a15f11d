package control

import (
	"bytes"
	"net/http/httptest"
	"net/url"
	"testing"
)

// FuzzReadBody reads bodies of the control API into the richest of its messages.
func FuzzReadBody(f *testing.F) {
	for _, seed := range []string{`{"advance":"15m"}`, `{"set":"2026-11-22T12:00:00+07:00"}`, `{"nope":1}`, `{`, ``, `null`, `[]`, `{"advance":{}}`} {
		f.Add("application/json", []byte(seed))
	}
	f.Add("text/plain", []byte("{}"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		for _, into := range []any{&MoveClock{}, &PayOrder{}, &NewSandbox{}, &ChangeApp{}} {
			r := httptest.NewRequest("POST", "/control/x", bytes.NewReader(body))
			r.Header.Set("Content-Type", contentType)
			if err := read(r, into); err == nil && contentType != "application/json" {
				t.Errorf("%q was read as JSON", contentType)
			}
		}
	})
}

// FuzzPage reads how many rows are asked for, and the number in a path.
func FuzzPage(f *testing.F) {
	for _, seed := range []string{"", "1", "500", "501", "-1", "1e2", "0x10", "９"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := httptest.NewRequest("GET", "/control/x", nil)
		r.URL.RawQuery = url.Values{"limit": {text}}.Encode()
		r.SetPathValue("id", text)
		if n, err := page(r); err == nil && (n < 1 || n > pageMax) {
			t.Errorf("%q asks for %d rows", text, n)
		}
		if n, err := pathNumber(r, "id"); err == nil && n == 0 && text != "" && text[0] != '0' && text[0] != '-' && text[0] != '+' {
			t.Errorf("%q is the number 0", text)
		}
	})
}
