package apiv2

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"sen"
)

// fields are the members of a request as the characters that were sent,
// whatever the encoding. The mac covers these characters, so nothing may parse
// and print them again before it is checked. A member that is absent, null or
// empty reads as "".
type fields []field

type field struct {
	name, value string
	from        source
}

// source is the part of the request that a member came in.
type source int

const (
	fromQuery source = iota
	fromBody
	fromSealed // of the body or the query string, and not as it was sent
)

// get returns the member's value. There are about a dozen of them, so looking
// at each is faster than a map would be.
func (f fields) get(name string) string {
	for i := range f {
		if f[i].name == name {
			return f[i].value
		}
	}
	return ""
}

// named returns the members under the names of the operation, where they came
// under another that it takes. The operation's own name beats the other.
func (f fields) named(op *sen.Operation) fields {
	if op.Aliases == nil {
		return f
	}
	named := make(fields, 0, len(f))
	for _, one := range f {
		if own, ok := op.Aliases[one.name]; ok && f.get(own) == "" {
			one.name = own
		}
		if one.value != "" || named.get(one.name) == "" {
			named = append(named, one)
		}
	}
	return named
}

// add keeps a member. The body beats the query string; the same name twice in
// one place is refused, because sender and receiver could each mean another
// one.
func (f *fields) add(from source, name, value string) error {
	for i := range *f {
		if (*f)[i].name != name {
			continue
		}
		if (*f)[i].from == from {
			return errMalformed.On(name, "is given twice")
		}
		(*f)[i] = field{name, value, from}
		return nil
	}
	if len(*f) == maxFields {
		return errMalformed.On("", "more than 100 members")
	}
	*f = append(*f, field{name, value, from})
	return nil
}

// Bounds of a request. The longest that the documented lengths allow, with
// every character escaped as \uXXXX, is below 64 kB.
const (
	maxBody   = 128 << 10
	maxFields = 100
)

// readFields reads the query string and the body. Clients of the merchant API
// send JSON, forms, multipart forms, to some operations XML, or everything in the
// query string with an empty body under any content type.
func readFields(w http.ResponseWriter, r *http.Request, op *sen.Operation) (f fields, body []byte, err error) {
	f = make(fields, 0, 16)
	if err := f.readForm(fromQuery, r.URL.RawQuery); err != nil {
		return nil, nil, err
	}
	if enc := r.Header.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return nil, nil, errUnsupported.On("Content-Encoding", "send the body uncompressed")
	}
	body, err = readBody(w, r)
	if err != nil || len(body) == 0 {
		return f, nil, err
	}
	switch kind, params := contentType(r, body); kind {
	case "application/json":
		err = f.readJSON(body)
	case "application/x-www-form-urlencoded":
		if body[0] == '{' { // no member's name begins like that
			return f, body, errMalformed.On("Content-Type", "says that the body is a form, but it is JSON: send application/json")
		}
		err = f.readForm(fromBody, string(body))
	case "multipart/form-data":
		err = f.readMultipart(body, params["boundary"])
	case "application/xml", "text/xml":
		if op.XML {
			err = f.readXML(body)
			break
		}
		err = errUnsupported.On("Content-Type", "this operation takes no XML: send application/json or application/x-www-form-urlencoded")
	default:
		err = errUnsupported.On("Content-Type", "send application/json or application/x-www-form-urlencoded")
	}
	return f, body, err
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, errTooLarge.On("", "the body is larger than 128 kB")
	}
	if err != nil {
		return nil, errMalformed.On("", "the body ended early").Because(err)
	}
	return bytes.TrimSpace(body), nil
}

// contentType names the encoding of the body. Some clients send none, or that
// of plain text; then the first character tells JSON from a form.
func contentType(r *http.Request, body []byte) (string, map[string]string) {
	header := r.Header.Get("Content-Type")
	switch header { // what nearly everyone sends, without the cost of parsing
	case "application/json", "application/x-www-form-urlencoded":
		return header, nil
	}
	kind, params, err := mime.ParseMediaType(header)
	if err != nil && header != "" && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return "", nil // a bad parameter alone does not hide what is meant
	}
	if kind == "" || kind == "text/plain" {
		if body[0] == '{' {
			return "application/json", nil
		}
		return "application/x-www-form-urlencoded", nil
	}
	return kind, params
}

// readForm reads name=value pairs. Like a browser it takes a plus for a space.
func (f *fields) readForm(from source, text string) error {
	for text != "" {
		var pair string
		pair, text, _ = strings.Cut(text, "&")
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err == nil {
			value, err = url.QueryUnescape(value)
		}
		if err != nil {
			return errMalformed.On("", "a % in the form is not followed by two hexadecimal digits")
		}
		if !utf8.ValidString(name) || !utf8.ValidString(value) {
			return errMalformed.On("", "the text is not UTF-8: does the client write Latin-1 or Windows-1258?")
		}
		if err := f.add(from, name, value); err != nil {
			return err
		}
	}
	return nil
}

// readMultipart reads the parts of a multipart form; a part's file name, if it
// has one, means nothing here.
func (f *fields) readMultipart(body []byte, boundary string) error {
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errMalformed.On("", "the multipart form can't be read")
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return errMalformed.On("", "the multipart form can't be read")
		}
		if !utf8.Valid(value) {
			return errMalformed.On("", "the text is not UTF-8: does the client write Latin-1 or Windows-1258?")
		}
		if err := f.add(fromBody, part.FormName(), string(value)); err != nil {
			return err
		}
	}
}

// readJSON reads the members of a JSON object. Of a string it keeps the
// characters that the JSON stands for; of anything else the text as it stands
// in the body, because that is what a client that signs before it encodes has
// signed.
func (f *fields) readJSON(body []byte) error {
	if !utf8.Valid(body) {
		return errMalformed.On("", "the text is not UTF-8: does the client write Latin-1 or Windows-1258?")
	}
	if name, _, ok := bytes.Cut(body, []byte("=")); ok && len(name) < 64 && !bytes.ContainsAny(name, "{[\"") {
		return errMalformed.On("Content-Type", "says that the body is JSON, but it is a form: send application/x-www-form-urlencoded")
	}
	if string(body) == `""` { // what a client of GET requests writes when it has nothing to send
		return nil
	}
	if !json.Valid(body) || body[0] != '{' {
		return errMalformed.On("", "the body is not a JSON object")
	}
	// From here on the text is known to be good JSON, so that finding the ends
	// of its parts is all there is to do.
	rest := skipSpace(body[1:])
	for rest[0] != '}' {
		var name, value []byte
		name, rest = cutValue(rest)
		rest = skipSpace(skipSpace(rest)[1:]) // the colon
		value, rest = cutValue(rest)
		if err := f.addJSON(name, value); err != nil {
			return err
		}
		if rest = skipSpace(rest); rest[0] == ',' {
			rest = skipSpace(rest[1:])
		}
	}
	return nil
}

func (f *fields) addJSON(name, value []byte) error {
	key, err := jsonString(name)
	if err != nil {
		return err
	}
	text := string(value)
	switch value[0] {
	case 'n': // null is absent
		text = ""
	case '"':
		if text, err = jsonString(value); err != nil {
			return err
		}
	}
	return f.add(fromBody, key, text)
}

// jsonString returns what a JSON string stands for. Half of a surrogate pair
// stands for nothing: it could not have been signed, so it is refused.
func jsonString(quoted []byte) (string, error) {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), nil
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return "", errMalformed.On("", "the body is not a JSON object")
	}
	if strings.ContainsRune(s, utf8.RuneError) && halfPair(inner) {
		return "", errMalformed.On("", `a \u escape is half of a pair`)
	}
	return s, nil
}

// halfPair reports whether good JSON has an escape for one surrogate without
// the other one.
func halfPair(inner []byte) bool {
	for i := 0; i < len(inner); i++ {
		if inner[i] != '\\' {
			continue
		}
		if i++; inner[i] != 'u' {
			continue
		}
		first := escaped(inner[i+1:])
		i += 4
		if !utf16.IsSurrogate(first) {
			continue
		}
		rest, ok := bytes.CutPrefix(inner[i+1:], []byte(`\u`))
		if !ok || utf16.DecodeRune(first, escaped(rest)) == utf8.RuneError {
			return true
		}
		i += 6
	}
	return false
}

// escaped reads the four digits of a \u escape.
func escaped(digits []byte) rune {
	n, _ := strconv.ParseUint(string(digits[:4]), 16, 16) // good JSON has nothing else there
	return rune(n)
}

// cutValue splits good JSON after its first value.
func cutValue(b []byte) (value, rest []byte) {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i += stringEnd(b[i:])
			if depth == 0 {
				return b[:i+1], b[i+1:]
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return bytes.TrimRight(b[:i], " \t\r\n"), b[i:] // the end of what holds a bare value
			}
			if depth--; depth == 0 {
				return b[:i+1], b[i+1:]
			}
		case ',':
			if depth == 0 {
				return bytes.TrimRight(b[:i], " \t\r\n"), b[i:]
			}
		}
	}
	return b, nil
}

// stringEnd returns where the string that b begins with ends.
func stringEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(b) - 1
}

func skipSpace(b []byte) []byte { return bytes.TrimLeft(b, " \t\r\n") }
