package cli

import (
	"io"
	"testing"
)

// FuzzFlags parses command lines: each ends in a command or a refusal, and none
// is carried out.
func FuzzFlags(f *testing.F) {
	for _, seed := range [][3]string{
		{"serve", "--addr", "127.0.0.1:0"}, {"serve", "--clock", "yesterday"}, {"codes", "show", "query_order"}, {"--lang", "xx", ""}, {"order", "create", "--amount=-5"}, {"", "", ""}, {"@/etc/passwd", "--", "-x"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		ended := false
		parser, err := newParser(&commands{}, io.Discard, io.Discard, func(int) { ended = true })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse([]string{a, b, c}); err != nil || ended {
			return // refused, or help that was shown
		}
	})
}

// FuzzValues reads what flags have beside words and numbers.
func FuzzValues(f *testing.F) {
	for _, seed := range []string{"50000", "50.000", "2026-11-22T12:00:00+07:00", "-429", "", "1e9", "１"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var d dong
		if err := d.UnmarshalText(text); err == nil && d < 0 {
			t.Errorf("%q is %d đồng", text, d)
		}
		var at timestamp
		_ = at.UnmarshalText(text)
		var value code
		_ = value.UnmarshalText(text)
	})
}
