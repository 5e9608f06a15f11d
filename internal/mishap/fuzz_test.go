package mishap

import (
	"testing"
	"time"

	"sen/internal/callback"
)

// FuzzMatches matches callbacks with the pattern of a rule: what Check takes can
// be matched with anything.
func FuzzMatches(f *testing.F) {
	f.Add("261122_*", []byte(`{"data":"{\"app_trans_id\":\"261122_1\"}","type":1}`))
	f.Add("[", []byte(`{}`))
	f.Add("", []byte(nil))
	f.Fuzz(func(t *testing.T, pattern string, body []byte) {
		r := Rule{Kind: Drop, TransID: pattern, Left: Unlimited}
		if r.Check() != nil {
			return
		}
		_ = r.matches(callback.Delivery{Body: body}, time.Unix(1_800_000_000, 0))
		_ = changed(body)
	})
}
