package apiv2

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sen/internal/fault"
)

// A member is what the API says about one member of a request.
type member struct {
	name     string
	required bool
	max      int // characters; 0: no limit of its own
	check    func(string) error
}

// check looks at every member that the operation knows. Unknown ones are
// ignored: clients send more than the documentation has.
func (f fields) check(members []member) error {
	for i := range members {
		m := &members[i]
		value := f.get(m.name)
		if value == "" {
			if m.required {
				return missing(m.name, m.max, f)
			}
			continue
		}
		if strings.IndexByte(value, 0) >= 0 {
			return errMalformed.On(m.name, "has a NUL character in it")
		}
		if m.max > 0 && len(value) > m.max && utf8.RuneCountInString(value) > m.max {
			return tooLong(m.name, value, m.max)
		}
		if m.check == nil {
			continue
		}
		if err := m.check(value); err != nil {
			return wrong(m.name, value, err)
		}
	}
	return nil
}

// refusal is what a check that failed comes to: a form that has a value of its
// own says so, the rest is malformed.
func refusal(err error) *fault.Error {
	if errors.Is(err, badTransID) {
		return errTransID
	}
	return errMalformed
}

// quote shows a value that was sent, or how it begins.
func quote(value string) string {
	const enough = 60
	cut := []rune(value[:min(len(value), 4*enough)])
	if len(cut) <= enough && len(value) <= 4*enough {
		return strconv.Quote(value)
	}
	return strconv.Quote(string(cut[:min(len(cut), enough)])) + "…"
}

// A shape is what is wrong with a value, in words.
type shape string

// Error returns the words.
func (s shape) Error() string { return string(s) }

// identifier refuses what would make two different requests sign alike, or
// what nobody can type: control characters, and the separator of the mac.
func identifier(s string) error {
	for _, r := range s {
		if r <= ' ' || r == 0x7f || r == '|' {
			return shape("may not hold spaces, control characters or |")
		}
	}
	return nil
}

// label refuses what an identifier may not hold either, but takes spaces:
// merchants name their users by whatever they have.
func label(s string) error {
	for _, r := range s {
		if r < ' ' || r == 0x7f || r == '|' {
			return shape("may not hold control characters or |")
		}
	}
	return nil
}

func integer(s string) error {
	if _, err := strconv.ParseInt(s, 10, 64); err != nil || s[0] == '+' || s[0] == '-' {
		return shape("must be a whole number, in digits only")
	}
	return nil
}

// millis bounds a time to the years that a clock can show, so that nothing
// computed from it overflows.
func millis(s string) error {
	if err := integer(s); err != nil {
		return shape("must be a time in milliseconds since 1970, in digits only")
	}
	const year3000 = 32_503_680_000_000
	if n, _ := strconv.ParseInt(s, 10, 64); n > year3000 {
		return shape("must be a time in milliseconds since 1970; this one is after the year 3000")
	}
	return nil
}

func jsonArray(s string) error {
	if s = strings.TrimSpace(s); s == "" || s[0] != '[' || !json.Valid([]byte(s)) {
		return shape("must be a JSON array, [] when empty")
	}
	return nil
}

func jsonObject(s string) error {
	if s = strings.TrimSpace(s); s == "" || s[0] != '{' || !json.Valid([]byte(s)) {
		return shape("must be a JSON object, {} when empty")
	}
	return nil
}

// number and instant read members that check has passed.
func (f fields) number(name string) int64 {
	n, _ := strconv.ParseInt(f.get(name), 10, 64)
	return n
}

func (f fields) instant(name string) time.Time { return time.UnixMilli(f.number(name)) }
