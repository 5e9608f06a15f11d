package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An object is a JSON object whose members keep their order: a description is
// read by people too.
type object []entry

type entry struct {
	name  string
	value any // object, list, string, int64, int, bool or nil
}

type list []any

// obj makes an object of names and values in turn. What is empty is left out.
func obj(pairs ...any) object {
	var o object
	for i := 0; i < len(pairs); i += 2 {
		switch v := pairs[i+1].(type) {
		case nil:
			continue
		case string:
			if v == "" {
				continue
			}
		case list:
			if len(v) == 0 {
				continue
			}
		case object:
			if len(v) == 0 {
				continue
			}
		}
		o = append(o, entry{fmt.Sprint(pairs[i]), pairs[i+1]})
	}
	return o
}

// words makes a list of texts.
func words(texts []string) list {
	var l list
	for _, t := range texts {
		l = append(l, t)
	}
	return l
}

// parse reads JSON into a tree.
func parse(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return parseValue(d)
}

func parseValue(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			return parseObject(d)
		}
		return parseList(d)
	case json.Number:
		return token.Int64()
	default:
		return token, nil
	}
}

func parseObject(d *json.Decoder) (any, error) {
	o := object{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		value, err := parseValue(d)
		if err != nil {
			return nil, err
		}
		o = append(o, entry{fmt.Sprint(name), value})
	}
	_, err := d.Token()
	return o, err
}

func parseList(d *json.Decoder) (any, error) {
	l := list{}
	for d.More() {
		value, err := parseValue(d)
		if err != nil {
			return nil, err
		}
		l = append(l, value)
	}
	_, err := d.Token()
	return l, err
}

// appendJSON writes a tree as JSON, indented by two spaces.
func appendJSON(buf []byte, v any, indent string) []byte {
	inner := indent + "  "
	switch v := v.(type) {
	case object:
		buf = append(buf, '{')
		for i, e := range v {
			buf = appendComma(buf, i, inner)
			buf = appendText(buf, e.name)
			buf = append(buf, ':', ' ')
			buf = appendJSON(buf, e.value, inner)
		}
		return appendEnd(buf, len(v), indent, '}')
	case list:
		buf = append(buf, '[')
		for i, e := range v {
			buf = appendJSON(appendComma(buf, i, inner), e, inner)
		}
		return appendEnd(buf, len(v), indent, ']')
	}
	return appendScalar(buf, v)
}

func appendComma(buf []byte, i int, indent string) []byte {
	if i > 0 {
		buf = append(buf, ',')
	}
	return append(append(buf, '\n'), indent...)
}

func appendEnd(buf []byte, n int, indent string, bracket byte) []byte {
	if n > 0 {
		buf = append(append(buf, '\n'), indent...)
	}
	return append(buf, bracket)
}

func appendScalar(buf []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(buf, "null"...)
	case string:
		return appendText(buf, v)
	case int64:
		return strconv.AppendInt(buf, v, 10)
	case int:
		return strconv.AppendInt(buf, int64(v), 10)
	case bool:
		return strconv.AppendBool(buf, v)
	}
	panic(fmt.Sprintf("openapi: no JSON for %T", v))
}

// appendText writes a JSON string without escapes for HTML.
func appendText(buf []byte, s string) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil { // a string can always be encoded
		panic(err)
	}
	return append(buf, bytes.TrimSuffix(out.Bytes(), []byte("\n"))...)
}

// appendYAML writes a tree as YAML. It uses the little of it that every reader
// agrees on: block style, plain words, and otherwise strings as JSON has them.
func appendYAML(buf []byte, v any, indent string) []byte {
	switch v := v.(type) {
	case object:
		for i, e := range v {
			if i > 0 {
				buf = append(buf, indent...)
			}
			buf = append(appendWord(buf, e.name), ':')
			buf = appendUnder(buf, e.value, indent)
		}
		return buf
	case list:
		for i, e := range v {
			if i > 0 {
				buf = append(buf, indent...)
			}
			buf = append(buf, '-')
			if isEmpty(e) || isScalar(e) {
				buf = appendUnder(buf, e, indent)
				continue
			}
			buf = appendYAML(append(buf, ' '), e, indent+"  ")
		}
		return buf
	}
	panic("openapi: a scalar is written beside its name")
}

// appendUnder writes a value after its name or its hyphen.
func appendUnder(buf []byte, v any, indent string) []byte {
	inner := indent + "  "
	switch {
	case isEmpty(v):
		buf = append(buf, ' ')
		return append(appendJSON(buf, v, ""), '\n')
	case isScalar(v):
		if s, ok := v.(string); ok {
			return appendYAMLText(append(buf, ' '), s, inner)
		}
		return append(appendScalar(append(buf, ' '), v), '\n')
	}
	buf = append(append(buf, '\n'), inner...)
	return appendYAML(buf, v, inner)
}

func isEmpty(v any) bool {
	switch v := v.(type) {
	case object:
		return len(v) == 0
	case list:
		return len(v) == 0
	}
	return false
}

func isScalar(v any) bool {
	switch v.(type) {
	case object, list:
		return false
	}
	return true
}

// appendYAMLText writes several lines as a block, so that they stay readable.
func appendYAMLText(buf []byte, s, indent string) []byte {
	if !strings.Contains(s, "\n") || strings.HasPrefix(s, " ") || strings.HasSuffix(s, "\n") || strings.ContainsAny(s, "\t\r") {
		return append(appendWord(buf, s), '\n')
	}
	buf = append(buf, "|-\n"...)
	for line := range strings.Lines(s) {
		if strings.TrimSpace(line) != "" {
			buf = append(buf, indent...)
		}
		buf = append(buf, line...)
	}
	return append(buf, '\n')
}

var (
	plainWord = regexp.MustCompile(`^[A-Za-z_/$][A-Za-z0-9_./{}#$-]*$`)
	// Readers of older versions take these for something else.
	reserved = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
)

func appendWord(buf []byte, s string) []byte {
	if plainWord.MatchString(s) && !slices.Contains(reserved, strings.ToLower(s)) {
		return append(buf, s...)
	}
	return appendText(buf, s)
}
