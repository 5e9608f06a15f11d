package store

import (
	"strings"
	"testing"
)

// FuzzServerConfig reads URLs of databases: none that is wrong has its password in
// what is said about it.
func FuzzServerConfig(f *testing.F) {
	for _, seed := range []string{
		"postgres://u:SECRETWORD@h:5432/sen", "postgres://u:SECRETWORD@h:port/sen", "postgres://u:SECRETWORD@[::1/sen", "postgres://u:SECRETWORD@h/sen?sslmode=nope",
		"host=h user=u password=SECRETWORD port=x", "postgres://u:SECRETWORD%zz@h/", "postgresql://u@h,i:1/sen?password=SECRETWORD&connect_timeout=x", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, dsn string) {
		c, err := serverConfig(dsn)
		if err != nil {
			return
		}
		if at := address(c); c.Password == "SECRETWORD" && c.Host+c.Database != "" && strings.Contains(at, "SECRETWORD") &&
			!strings.Contains(c.Host+c.Database, "SECRETWORD") {
			t.Errorf("the address %q has the password in it", at)
		}
	})
}
