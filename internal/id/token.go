package id

import (
	"math/bits"
	"strings"
	"time"
)

// The alphabets of tokens, each in the order of its digits' values.
const (
	letters36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	letters62 = letters36 + "abcdefghijklmnopqrstuvwxyz"
)

// Shapes of the tokens of bindings: where the key stands, and how long the
// whole is. What is not the key is random.
const (
	dayLength     = 6
	bindingLength = 32
	bindingKey    = 11 // digits of base 62 for 63 bits
	payLength     = 48
	payKey        = 13 // digits of base 36 for 63 bits
)

// BindingToken returns the token of the binding with that key: the business
// day as yyMMdd and 26 letters and digits.
func (s *Source) BindingToken(now time.Time, key int64) string {
	return Day(now) + encode(letters62, bindingKey, key) + s.letters(letters62, bindingLength-dayLength-bindingKey)
}

// BindingTokenKey returns the key inside a binding's token.
func BindingTokenKey(token string) (key int64, ok bool) {
	if len(token) != bindingLength {
		return 0, false
	}
	return decode(letters62, token[dayLength:dayLength+bindingKey])
}

// PayToken returns the token that pays by the binding with that key: 48
// capital letters and digits.
func (s *Source) PayToken(key int64) string {
	return encode(letters36, payKey, key) + s.letters(letters36, payLength-payKey)
}

// PayTokenKey returns the key inside a paying token.
func PayTokenKey(token string) (key int64, ok bool) {
	if len(token) != payLength {
		return 0, false
	}
	return decode(letters36, token[:payKey])
}

func encode(alphabet string, n int, key int64) string {
	out := make([]byte, n)
	base := int64(len(alphabet))
	for i := n - 1; i >= 0; i-- {
		out[i] = alphabet[key%base]
		key /= base
	}
	return string(out)
}

func decode(alphabet, text string) (int64, bool) {
	var key uint64
	for i := range len(text) {
		digit := strings.IndexByte(alphabet, text[i])
		if digit < 0 {
			return 0, false
		}
		high, low := bits.Mul64(key, uint64(len(alphabet)))
		key = low + uint64(digit) //nolint:gosec // digit is not negative here
		if high != 0 || key < low || key > 1<<63-1 {
			return 0, false
		}
	}
	return int64(key), key > 0 //nolint:gosec // bounded above
}

// letters draws n letters, each as likely as any other: bytes that would make
// the first letters likelier are drawn again.
func (s *Source) letters(alphabet string, n int) string {
	out := make([]byte, 0, n)
	fair := 256 / len(alphabet) * len(alphabet)
	for len(out) < n {
		for _, b := range s.bytes(n - len(out)) {
			if int(b) < fair {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}
