package operator

import (
	"math"
	"os"
	"testing"
	"time"

	"sen/internal/timing"
)

// TestTimingCodes reports whether time tells how much of a code was right; see
// 'make timing'.
func TestTimingCodes(t *testing.T) {
	if os.Getenv("SEN_TIMING") == "" {
		t.Skip("measures; see make timing")
	}
	now := time.Unix(1_800_000_000, 0)
	secret := NewSecret()
	report := func(what string, codes [2]string, o *Operator) {
		t.Helper()
		r := timing.Measure(10_000, 20, func(kind int) {
			if o.takeCode(codes[kind], now) {
				t.Error("a wrong code is taken")
			}
		})
		t.Logf("%s: t = %.2f over %d samples, medians %v (told apart: %v)", what, r.T, r.Samples, r.Medians, math.Abs(r.T) > timing.Leaks)
	}
	other := func(code string, at int) string {
		b := []byte(code)
		b[at] = '0' + (b[at]-'0'+1)%10
		return string(b)
	}
	code := CodeAt(secret, now)
	report("a code, wrong in the first and in the last digit", [2]string{other(code, 0), other(code, len(code)-1)}, &Operator{TOTP: secret})
	_, hashes := newRecovery()
	report("recovery codes, with the kept ones of others", [2]string{"aaaa-aaaa-aaaa-aaaa-aaaa-aaaa", "zzzz-zzzz-zzzz-zzzz-zzzz-zzzz"}, &Operator{TOTP: secret, Recovery: hashes})
}
