package bank

import "testing"

// FuzzParseNumber reads what people type as a card's number.
func FuzzParseNumber(f *testing.F) {
	for _, seed := range []string{"4111 1111 1111 1111", "9704-0000-0000-0018", "5555555555554444", "", "0000000000000", "41111111111111111111", "４１１１111111111111"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseNumber(text)
		if err != nil {
			return
		}
		if again, err := ParseNumber(string(n)); err != nil || again != n || n.Scheme() == "" || len(n) < minDigits || len(n) > maxDigits {
			t.Errorf("%q is taken as %q of %q, and again %v", text, string(n), n.Scheme(), err)
		}
	})
}
