package apiv2

import (
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
	form
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

// number and instant read members that check has passed.
func (f fields) number(name string) int64 {
	n, _ := strconv.ParseInt(f.get(name), 10, 64)
	return n
}

func (f fields) instant(name string) time.Time { return time.UnixMilli(f.number(name)) }
