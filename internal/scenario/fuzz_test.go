package scenario

import (
	"testing"
	"time"
)

// FuzzParseHeader reads the header with which a call brings its own rule. What is
// taken means the same when it is written again.
func FuzzParseHeader(f *testing.F) {
	for _, seed := range []string{"value=-63; delay=2s", "break=reset", "value=1;value=2", "", "delay=-1s", "delay=9999999h", "value=", ";", "break="} {
		f.Add("create_order", seed)
	}
	f.Add("no_such_call", "value=1")
	f.Fuzz(func(t *testing.T, operation, text string) {
		e, err := ParseHeader(operation, text)
		if err != nil || e == (Effect{}) {
			return
		}
		again, err := ParseHeader(operation, e.String())
		if err != nil || again != e {
			t.Errorf("%q is %+v, written %q, which is %+v, %v", text, e, e, again, err)
		}
	})
}

// FuzzMatches matches requests with the conditions of a rule.
func FuzzMatches(f *testing.F) {
	f.Add("create_order", "amount", "50000", "50000")
	f.Add("query_order", "", "\x00", "")
	f.Fuzz(func(t *testing.T, operation, name, want, got string) {
		r := Rule{Operation: operation, Match: map[string]string{name: want}, Left: Unlimited}
		member := func(asked string) string {
			if asked == name {
				return got
			}
			return ""
		}
		if r.Matches(operation, 1, member, time.Time{}) && want != got {
			t.Errorf("a rule for %q=%q matches %q", name, want, got)
		}
	})
}
