package apiv2

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// An answer is a JSON object that is written member by member. Answers are
// small and there are very many of them, so they are appended by hand.
type answer struct {
	buf   []byte
	spell func(string) string // how names are written; nil: as they are given
}

func (a *answer) key(name string) {
	if a.spell != nil {
		name = a.spell(name)
	}
	if len(a.buf) == 0 {
		a.buf = append(make([]byte, 0, 512), '{')
	} else {
		a.buf = append(a.buf, ',')
	}
	a.buf = append(a.buf, '"')
	a.buf = append(a.buf, name...)
	a.buf = append(a.buf, '"', ':')
}

func (a *answer) text(name, value string) {
	a.key(name)
	a.buf = appendQuoted(a.buf, value)
}

func (a *answer) number(name string, value int64) {
	a.key(name)
	a.buf = strconv.AppendInt(a.buf, value, 10)
}

func (a *answer) truth(name string, value bool) {
	a.key(name)
	a.buf = strconv.AppendBool(a.buf, value)
}

func (a *answer) end() []byte { return append(a.buf, '}') }

// appendQuoted writes a JSON string. Printable text without quotes and
// backslashes stands for itself; the rest is left to the library.
func appendQuoted(buf []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c == 0x7f {
			return appendEscaped(buf, s)
		}
	}
	if !utf8.ValidString(s) {
		return appendEscaped(buf, s)
	}
	buf = append(buf, '"')
	buf = append(buf, s...)
	return append(buf, '"')
}

func appendEscaped(buf []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil { // a string can always be marshalled
		return append(buf, '"', '"')
	}
	return append(buf, quoted...)
}

// raw writes a value that is JSON already.
func (a *answer) raw(name, value string) {
	a.key(name)
	a.buf = append(a.buf, value...)
}
