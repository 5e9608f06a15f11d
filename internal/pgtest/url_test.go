package pgtest

import "testing"

// TestURLs works on what net/url refuses: several hosts.
func TestURLs(t *testing.T) {
	t.Parallel()
	const one, two = "postgres://a:b@h1:1/x?sslmode=disable&c=d", "postgres://a:b@h2:2/x?sslmode=disable&c=d"
	const both = "postgres://a:b@h1:1,h2:2/x?sslmode=disable&c=d&target_session_attrs=read-write"
	for _, c := range []struct {
		what string
		f    func() (string, error)
		want string
	}{
		{"another database", func() (string, error) { return withDatabase(both, "y") }, "postgres://a:b@h1:1,h2:2/y?sslmode=disable&c=d&target_session_attrs=read-write"},
		{"a first database", func() (string, error) { return withDatabase("postgres://h", "y") }, "postgres://h/y"},
		{"not a URL", func() (string, error) { return withDatabase("host=h", "y") }, ""},
		{"another host", func() (string, error) { return withHost(both, "h3:3") }, "postgres://a:b@h3:3/x?sslmode=disable&c=d&target_session_attrs=read-write"},
		{"a bare host", func() (string, error) { return withHost("postgres://h?c=d", "h3:3") }, "postgres://h3:3?c=d"},
		{"any node", func() (string, error) { return AnyNode(one + "," + two) }, both},
		{"any of bare nodes", func() (string, error) { return AnyNode("postgres://h1,postgres://h2") }, "postgres://h1,h2?target_session_attrs=read-write"},
		{"a node without a host", func() (string, error) { return AnyNode(one + ",postgres:///x") }, ""},
		{"without a parameter", func() (string, error) { return without(both, "target_session_attrs"), nil }, "postgres://a:b@h1:1,h2:2/x?sslmode=disable&c=d"},
		{"without the only one", func() (string, error) { return without("postgres://h/x?c=d", "c"), nil }, "postgres://h/x"},
	} {
		if got, err := c.f(); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: %q, %v; want %q", c.what, got, err, c.want)
		}
	}
}
