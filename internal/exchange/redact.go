package exchange

import (
	"regexp"
	"strings"

	"sen/internal/merchant"
)

// A Redactor takes out of an exchange what nobody may read there. Secrets and
// numbers of cards are masked everywhere; in a live gateway also what could be
// used again, and who the payers are.
type Redactor struct {
	// Keys returns the secrets of an app, if there is one.
	Keys func(merchant.ID) []string
	// Live hides macs, tokens and payers too.
	Live bool
}

// mask stands for what was taken out.
const mask = "••••"

// secrets are members that the merchant API does not have, and that someone
// sends one day all the same.
var secrets = regexp.MustCompile(`(?i)\b(key1|key2|cvv2?|cvc2?|otp|pin|password|card_?cvv)(\\*"?\s*[:=]\s*\\*"?)([^"&,;}\s\\]+)`)

// traces are members that a live gateway does not show either.
var traces = regexp.MustCompile(`(?i)"(mac|sig|m_u_id|pay_?token|access_?token|payment_?code|phone|email|address|contact)(\\*"\s*:\s*\\*")([^"\\]+)`)

// An expression costs more than all the rest of keeping an exchange, so it is
// asked only where one of its words is.
var (
	secretWords = []string{"key1", "key2", "cvv", "cvc", "otp", "pin", "password"}
	traceWords  = []string{"mac", "sig", "m_u_id", "token", "payment_code", "paymentcode", "phone", "email", "address", "contact"}
)

var secretNames = regexp.MustCompile(`(?i)^(key1|key2|cvv2?|cvc2?|otp|pin|password|card_?cvv)$`)

var traceNames = map[string]bool{
	"mac": true, "sig": true, "m_u_id": true, "pay_token": true, "access_token": true, "payment_code": true, "paymentcode": true, "phone": true, "email": true, "address": true, "receiver": true,
}

func (r *Redactor) redact(x *Exchange) {
	var keys []string
	if r.Keys != nil {
		keys = r.Keys(x.App)
	}
	hide := func(s *string) (hidden bool) {
		text := r.text(*s, keys)
		hidden, *s = text != *s, text
		return hidden
	}
	hidden := false
	for i := range x.Fields {
		f := &x.Fields[i]
		switch {
		case f.Value == "":
		case secretNames.MatchString(f.Name) || r.Live && traceNames[f.Name]:
			f.Value, f.Hidden = mask, true
		default:
			f.Hidden = hide(&f.Value)
		}
		hidden = hidden || f.Hidden
	}
	for _, s := range []*string{
		&x.Answer, &x.Reason, &x.Path, &x.Subject.AppTransID, &x.Subject.MRefundID,
		&x.Headers.ContentType, &x.Headers.UserAgent, &x.Headers.AcceptLanguage, &x.Headers.Scenario,
	} {
		hide(s)
	}
	// There are many ways to write a text in a body, so that nothing is masked
	// there: either all of it may be read or none.
	if hidden || r.Live && len(x.Fields) == 0 || r.text(string(x.Body), keys) != string(x.Body) {
		x.Body = nil
	}
}

func (r *Redactor) text(s string, keys []string) string {
	for _, key := range keys {
		if key != "" {
			s = strings.ReplaceAll(s, key, mask)
		}
	}
	s = r.maskNumbers(s)
	if strings.ContainsAny(s, ":=") && mentions(s, secretWords) {
		s = secrets.ReplaceAllString(s, "${1}${2}"+mask)
	}
	if r.Live && strings.Contains(s, ":") && mentions(s, traceWords) {
		s = traces.ReplaceAllString(s, `"${1}${2}`+mask)
	}
	return s
}

// maskNumbers masks what looks like the number of a card: 13 to 19 digits, alone
// or in groups, that begin as cards do and whose last one checks. In a live
// gateway it does the same to all but the last digits of telephone numbers.
func (r *Redactor) maskNumbers(s string) string {
	var b strings.Builder
	done := 0
	for i := 0; i < len(s); {
		if !digit(s[i]) {
			i++
			continue
		}
		end := runEnd(s, i)
		shown := -1
		switch number := s[i:end]; {
		case inDigest(s, i, end):
		case card(number):
			shown = end
		case r.Live && mobile(number):
			shown = end - 3
		}
		if shown >= 0 {
			b.WriteString(s[done:i])
			b.WriteString(mask)
			done = shown
		}
		i = end
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

// runEnd returns where the digits end that begin at i. A single space or hyphen
// between two groups is a part of them as long as there are not too many.
func runEnd(s string, i int) int {
	n := 0
	end := i
	for end < len(s) && digit(s[end]) {
		end++
		n++
	}
	if n > 6 { // a number in one piece
		return end
	}
	for end+1 < len(s) && (s[end] == ' ' || s[end] == '-') && digit(s[end+1]) {
		j := end + 1
		for j < len(s) && digit(s[j]) {
			j++
		}
		group := j - end - 1
		if group > 7 || n+group > longestCard {
			break
		}
		n, end = n+group, j
	}
	return end
}

// inDigest reports whether the digits from i to end are some of a digest in
// hexadecimal: a word as long as one, where no other digits can join it.
func inDigest(s string, i, end int) bool {
	for i > 0 && hexadecimal(s[i-1]) {
		i--
	}
	for end < len(s) && hexadecimal(s[end]) {
		end++
	}
	switch end - i {
	case 32, 40, 64, 96, 128: // MD5, SHA-1, SHA-256, SHA-384, SHA-512
	default:
		return false
	}
	return !strings.ContainsAny(s[i:end], " -") && (i == 0 || !joins(s[i-1])) && (end == len(s) || !joins(s[end]))
}

func hexadecimal(c byte) bool { return digit(c) || 'a' <= c|' ' && c|' ' <= 'f' }

// joins reports whether a character belongs to the word beside it, or to the
// groups of a number.
func joins(c byte) bool { return digit(c) || 'a' <= c|' ' && c|' ' <= 'z' || c == ' ' || c == '-' }

const (
	shortestCard = 13
	longestCard  = 19
)

// card reports whether a text of digits and separators can be the number of a
// card. Times in milliseconds begin with 1, and our own numbers of payments with
// the year in 15 digits: one in ten of those checks too, and masking it would
// hide what people look for.
func card(s string) bool {
	n, sum := 0, 0
	for i := len(s) - 1; i >= 0; i-- {
		if !digit(s[i]) {
			continue
		}
		d := int(s[i] - '0')
		if n%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		n++
	}
	switch {
	case n < shortestCard || n > longestCard || sum%10 != 0:
		return false
	case s[0] == '2':
		return n == 16
	}
	return strings.IndexByte("34569", s[0]) >= 0
}

// mobile reports whether digits are the number of a mobile telephone in Vietnam:
// 0 or 84, the digit of a network, and eight more.
func mobile(digits string) bool {
	rest, ok := strings.CutPrefix(digits, "0")
	if !ok {
		rest, ok = strings.CutPrefix(digits, "84")
	}
	return ok && len(rest) == 9 && strings.IndexByte("35789", rest[0]) >= 0
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// mentions reports whether one of the words, in any case, is in s. Words are in
// lower case.
func mentions(s string, words []string) bool {
	var first [256]bool
	for _, w := range words {
		first[w[0]], first[w[0]-'a'+'A'] = true, true
	}
	for i := range len(s) {
		if !first[s[i]] {
			continue
		}
		for _, w := range words {
			if len(s)-i >= len(w) && strings.EqualFold(s[i:i+len(w)], w) {
				return true
			}
		}
	}
	return false
}
