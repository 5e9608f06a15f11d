package callback

import (
	"testing"
)

// FuzzRead reads what merchants' servers answer: nothing that is no 2xx settles a
// callback.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{`{"return_code":1}`, `{"returncode":"2"}`, "\ufeff{\"return_code\":1}", `{"return_code":1e99}`, `[]`, ``, `{"return_code":null,"returncode":-1}`} {
		f.Add(200, []byte(seed))
	}
	f.Add(302, []byte(`{"return_code":1}`))
	f.Fuzz(func(t *testing.T, status int, answer []byte) {
		outcome, why := Read(status, answer)
		if outcome != Repeat && (status < 200 || status > 299) {
			t.Errorf("status %d settles a callback", status)
		}
		if outcome != Accepted && why == "" {
			t.Errorf("%d %q is not accepted, and nobody says why", status, answer)
		}
	})
}

// FuzzTarget reads addresses of callbacks. What a live gateway takes has a port
// that it may call, and is taken again when it is written.
func FuzzTarget(f *testing.F) {
	for _, seed := range []string{
		"https://shop.example/cb?x=1", " http://shop.example:80 ", "https://127.0.0.1", "http://[::ffff:10.0.0.1]/", "http://0x7f.1", "http://{host}/", "http://a@b:c@d/",
		"ftp://x", "http://", "http://2130706433/", "https://shop.example.:443", "http://[fe80::1%25eth0]/", "http://１２７.0.0.1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := Reach{Public: true}.Target(raw)
		if err != nil {
			return
		}
		if port := u.Port(); u.Scheme != "http" && u.Scheme != "https" || port != "" && port != "80" && port != "443" {
			t.Errorf("%q is taken, as %q", raw, u)
		}
		if err := (Reach{Public: true}).Check(u.String()); err != nil {
			t.Errorf("%q is taken, and as %q it is not: %v", raw, u, err)
		}
	})
}
