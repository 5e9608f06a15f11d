package apiv2

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sen"
)

// allows reads a description as somebody would who knows nothing else.
func (m Member) allows(s string) bool {
	switch {
	case m.MaxLength > 0 && utf8.RuneCountInString(s) > m.MaxLength:
		return false
	case m.Number:
		n, err := strconv.ParseInt(s, 10, 64)
		return err == nil && s[0] != '+' && s[0] != '-' && n >= m.Min && n <= m.Max
	case m.Words != nil:
		return slices.Contains(m.Words, s)
	case m.JSON != "":
		s = strings.TrimSpace(s)
		return json.Valid([]byte(s)) && strings.HasPrefix(s, map[string]string{"object": "{", "array": "["}[m.JSON])
	}
	return m.Pattern == "" || regexp.MustCompile(m.Pattern).MatchString(s)
}

// TestDescribe holds what is said about members against what is done with them.
func TestDescribe(t *testing.T) {
	t.Parallel()
	for _, op := range sen.Operations() {
		described := Describe(op)
		if len(described) == 0 {
			t.Errorf("%s is not described", op.Name)
		}
		for _, d := range described {
			at := slices.IndexFunc(byName(op), func(m member) bool { return m.name == d.Name })
			if d.Name == op.MACMember() || at < 0 { // a mac of another form is a wrong mac
				continue
			}
			m := byName(op)[at]
			t.Run(op.Name+"/"+d.Name, func(t *testing.T) {
				t.Parallel()
				rapid.Check(t, func(t *rapid.T) { compare(t, m, d, candidates.Draw(t, "value")) })
			})
		}
	}
}

func byName(op *sen.Operation) []member {
	for _, known := range operations() {
		if known.Operation == op {
			return known.members
		}
	}
	return nil
}

func compare(t *rapid.T, m member, d Member, value string) {
	if value == "" || strings.ContainsRune(value, 0) {
		return // absent, and refused wherever it comes
	}
	if d.Number && len(value) > 10 && value[0] == '0' {
		return // a number has no such zeros; as text they are too many characters
	}
	refused := fields{{name: m.name, value: value}}.check([]member{m})
	if d.allows(value) == (refused == nil) {
		return
	}
	if d.Pattern == transID.Pattern && refused != nil {
		return // a pattern does not know how long a month is
	}
	if d.Bare && refused != nil {
		return // its parts are described beside it, and every call of the tests is held against that
	}
	t.Errorf("%q is described as allowed: %t, and refused: %v", value, d.allows(value), refused)
}

// candidates are texts near what some form allows.
var candidates = rapid.OneOf(
	rapid.String(),
	rapid.StringMatching(`[0-9]{1,25}`),
	rapid.StringMatching(`[0-9]{6}[_0-9a-z| é]{0,40}`),
	rapid.StringMatching(`2601[0-3][0-9]_[a-z]{0,34}`),
	rapid.StringMatching(`[{\[]("[a-z]{0,3}":?[0-9]?)?[}\]] ?`),
	rapid.StringMatching(`[a-zé ]{240,260}`),
	rapid.SampledFrom([]string{
		"0", "1", "-1", "+1", "1.0", "1e3", "299", "300", "2592000", "2592001", "9999999999999", "10000000000000",
		strconv.Itoa(year3000), strconv.Itoa(year3000 + 1), strconv.FormatInt(math.MaxInt64, 10), "9223372036854775808", "9999999999", "10000000000",
		"VND", "vnd", "WALLET", "CARD", "BIND", "BIND_AND_PAY", "MOBILE", "DESKTOP", "{}", "[]", `{"a":1}`, "null", " {} ", "{", "260230_x", "261332",
	}),
)
