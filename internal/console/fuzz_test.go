package console

import (
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

// FuzzRemote reads whom a request comes from: nobody outside says so himself.
func FuzzRemote(f *testing.F) {
	for _, c := range [][2]string{
		{"203.0.113.7:1", "10.0.0.1"}, {"127.0.0.1:1", "198.51.100.4, 203.0.113.9"}, {"10.0.0.1:1", "a,,"}, {"[::1]:1", "[2001:db8::1]"}, {"", ""}, {"[fe80::1%eth0]:1", "x"},
	} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, peer, told string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = peer
		r.Header.Set("X-Forwarded-For", told)
		got := remoteOf(r)
		ap, err := netip.ParseAddrPort(peer)
		if err == nil && !ap.Addr().IsLoopback() && !ap.Addr().IsPrivate() && !strings.HasPrefix(peer, "["+got+"]:") && !strings.HasPrefix(peer, got+":") {
			t.Errorf("%q says it is %q, and is taken for %q", peer, told, got)
		}
	})
}

// FuzzWithin reads where to go after signing in: never elsewhere.
func FuzzWithin(f *testing.F) {
	for _, seed := range []string{"/console/orders?x=1", "//evil.example/console", "/console\\@evil.example", "/console/../../x", "https://evil.example/console/", "/console/\n", "/consolex"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, to string) {
		u, err := url.Parse(within(to))
		if err == nil && (u.Host != "" || u.Scheme != "" || !strings.HasPrefix(u.Path, root)) {
			t.Errorf("%q leads to %q", to, u)
		}
	})
}

// FuzzForm reads fields of forms: numbers, amounts, durations and times.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{"", "50.000", "1 000", "-1", "9223372036854775807", "1h30m", "2026-11-22T08:30", "99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v := &visit{posted: url.Values{"x": {text}}}
		if n, err := v.formNumber("x"); err == nil && n < 0 {
			t.Errorf("%q is %d", text, n)
		}
		if a, err := v.formAmount("x"); err == nil && a < 0 {
			t.Errorf("%q is %d đồng", text, a)
		}
		_, _ = v.formDuration("x")
		if at, err := v.formTime("x"); err == nil && !at.IsZero() && fieldTime(at) != strings.TrimSpace(text) {
			t.Errorf("%q is %v, which a field has as %q", text, at, fieldTime(at))
		}
	})
}
