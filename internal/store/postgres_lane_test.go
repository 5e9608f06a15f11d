package store

import (
	"strings"
	"testing"

	"sen/internal/pgtest"
)

// TestLaneSettings: plans by index are for statements that find rows by key. A
// long read wants the server's own choice, and an operator theirs.
func TestLaneSettings(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	more := "?"
	if strings.Contains(dsn, "?") {
		more = "&"
	}
	for _, c := range []struct{ name, dsn, update, view, scan string }{
		{"ours", dsn, "off", "off", "on"},
		{"of the URL", dsn + more + "enable_seqscan=on", "on", "on", "on"},
	} {
		s, err := Serve(t.Context(), c.dsn)
		if err != nil {
			t.Fatal(err)
		}
		var got [3]string
		read := func(i int) func(*tx) error {
			return func(x *tx) error { return x.row(`SELECT current_setting('enable_seqscan')`, nil, &got[i]) }
		}
		for i, run := range []func() error{
			func() error { return s.engine.update(t.Context(), read(0)) },
			func() error { return s.engine.view(t.Context(), read(1)) },
			func() error { return s.engine.scan(t.Context(), read(2)) },
			s.Close,
		} {
			if err := run(); err != nil {
				t.Fatalf("%s, %d: %v", c.name, i, err)
			}
		}
		if want := [3]string{c.update, c.view, c.scan}; got != want {
			t.Errorf("%s: sequential scans are %q, want %q", c.name, got, want)
		}
	}
}
