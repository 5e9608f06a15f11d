package pay

import (
	"strings"
	"testing"
)

// FuzzPhone reads what people type as a telephone number: what is taken has one
// form, which is taken as it is.
func FuzzPhone(f *testing.F) {
	for _, seed := range []string{"0900000001", "+84 900.000-001", "84900000001", "+840900000001", "", "090000000１", "0-0-0-0-0-0-0-0-0-0", "8484"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		phone, err := Phone(text)
		if err != nil {
			return
		}
		if again, err := Phone(phone); err != nil || again != phone || len(phone) != 10 || strings.Trim(phone, "0123456789") != "" {
			t.Errorf("%q is taken as %q, and that as %q, %v", text, phone, again, err)
		}
	})
}

// FuzzParseDay reads days: what is taken is written the same, and has an end
// after its beginning.
func FuzzParseDay(f *testing.F) {
	for _, seed := range []string{"2026-11-22", "2024-02-30", "0000-01-01", "9999-12-31", "2026-1-2", "", "2026-11-22 "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDay(text)
		if err == nil && (string(d) != text || !d.End().After(d.Start()) || DayOf(d.Start()) != d) {
			t.Errorf("%q is taken as %q, from %v to %v", text, d, d.Start(), d.End())
		}
	})
}
