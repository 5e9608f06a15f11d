package operator

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed common.txt
var commonText string

// commonWords are what people take for passwords, in small letters.
var commonWords = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for line := range strings.Lines(commonText) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			all[line] = true
		}
	}
	return all
})

// longestWord is more than any word of the list has, in characters.
const longestWord = 40

// house are words of the gateway and of what operators do there.
var house = []string{
	"sen", "zalopay", "zalo", "gateway", "console", "wallet", "operator", "merchant", "support", "admin", "administrator",
	"payment", "payments", "sandbox", "vietnam", "pass", "passwort", "matkhau",
}

// walks are what fingers run along on a keyboard, and children in school.
var walks = []string{
	"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "qazwsxedcrfvtgbyhnujmikolp", "1q2w3e4r5t6y7u8i9o0p", "!@#$%^&*()",
}

// shortestRun is from where on characters in a row are one run.
const shortestRun = 3

// What the pieces of a password count for, and how much it needs. Signs count for
// less: people put them between words and at the end.
const (
	forSign  = 1
	forPiece = 2
	enough   = 5 * forPiece
)

// guessable reports whether a password is among those that are tried first. It
// counts the pieces of which it can be put together: a word of the list, a word
// of about, a run, a year or a character is one. So password2026! is two and a
// sign.
func guessable(password string, about []string) bool {
	words := map[string]bool{}
	for _, text := range append(about, house...) {
		for _, w := range strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
			words[w] = true
		}
	}
	return pieces([]rune(strings.ToLower(password)), words) < enough
}

// unmasked undoes what people do to a word so that it looks like none.
var unmasked = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t")

// pieces is what the pieces count for that make the text, where it is least.
func pieces(text []rune, words map[string]bool) int {
	if n := unit(text); n < len(text) {
		return pieces(text[:n], words) + forPiece
	}
	least := make([]int, len(text)+1)
	for end := 1; end <= len(text); end++ {
		least[end] = least[end-1] + forPiece
		if c := text[end-1]; !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			least[end] = least[end-1] + forSign
		}
		for begin := max(0, end-longestWord); begin < end-1; begin++ {
			if least[begin]+forPiece < least[end] && isPiece(string(text[begin:end]), words) {
				least[end] = least[begin] + forPiece
			}
		}
	}
	return least[len(text)]
}

// unit is the length of what a text repeats; its own length if it does not.
func unit(text []rune) int {
	for n := 1; n <= len(text)/2; n++ {
		if len(text)%n == 0 && string(text[n:]) == string(text[:len(text)-n]) {
			return n
		}
	}
	return len(text)
}

func isPiece(s string, words map[string]bool) bool {
	bare := unmasked.Replace(s)
	if words[s] || words[bare] || commonWords()[s] || commonWords()[bare] || isYear(s) {
		return true
	}
	if utf8.RuneCountInString(s) < shortestRun {
		return false
	}
	if first, size := utf8.DecodeRuneInString(s); strings.Trim(s[size:], string(first)) == "" {
		return true
	}
	back := backwards(s)
	for _, w := range walks {
		if strings.Contains(w, s) || strings.Contains(w, back) {
			return true
		}
	}
	return false
}

func isYear(s string) bool {
	const digits = 4
	return len(s) == digits && (strings.HasPrefix(s, "19") || strings.HasPrefix(s, "20")) && strings.Trim(s, "0123456789") == ""
}

func backwards(s string) string {
	var b strings.Builder
	for rest := s; rest != ""; {
		last, size := utf8.DecodeLastRuneInString(rest)
		b.WriteRune(last)
		rest = rest[:len(rest)-size]
	}
	return b.String()
}
