package walletapp

import (
	"net/http/httptest"
	"net/url"
	"testing"
)

// FuzzBefore reads where a page of a list begins.
func FuzzBefore(f *testing.F) {
	for _, seed := range []string{"", "1", "-1", "0", "9223372036854775808", "1e3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.RawQuery = url.Values{"before": {text}}.Encode()
		if n := before(r); n <= 0 {
			t.Errorf("%q begins at %d", text, n)
		}
	})
}
