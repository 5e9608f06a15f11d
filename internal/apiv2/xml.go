package apiv2

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

var errXML = errMalformed.On("", "the body is not XML of one element with the members in it")

// xmlDepth is how deep elements may be in a member: deeper than any that is
// documented, parcels with their tracking numbers.
const xmlDepth = 3

// xmlList is the one member that is a list, of as many elements of its name as it
// has parts.
const xmlList = "orderInfo"

// readXML reads the members from the elements in the root of a document, whatever
// that is called. Their text is the value: entities and CDATA stand for what they
// mean, attributes and namespaces for nothing. A member that has elements in it is
// the JSON object of these. Document types are refused: all that they could add is
// entities.
func (f *fields) readXML(body []byte) error {
	if !utf8.Valid(body) {
		return errMalformed.On("", "the text is not UTF-8: does the client write Latin-1 or Windows-1258?")
	}
	r := xmlReader{xml.NewDecoder(bytes.NewReader(body))}
	if root, text, err := r.next(); err != nil || root == "" || strings.TrimSpace(text) != "" {
		return errXML
	}
	var list []string
	for {
		name, text, err := r.next()
		if err != nil || strings.TrimSpace(text) != "" {
			return errXML
		}
		if name == "" {
			break
		}
		value, _, err := r.value(xmlDepth)
		switch {
		case err != nil:
			return errXML
		case name == xmlList && strings.HasPrefix(value, "{"):
			list = append(list, value)
		default:
			if err := f.add(fromBody, name, value); err != nil {
				return err
			}
		}
	}
	if _, text, err := r.next(); !errors.Is(err, io.EOF) || strings.TrimSpace(text) != "" {
		return errXML // something stands behind the root
	}
	if list == nil {
		return nil
	}
	return f.add(fromBody, xmlList, "["+strings.Join(list, ",")+"]")
}

type xmlReader struct{ *xml.Decoder }

var errDocumentType = errors.New("a document type")

// next goes on to the next element, and returns its name and the text before it.
// At the end of the element around it the name is empty.
func (r xmlReader) next() (name, text string, err error) {
	var before strings.Builder
	for {
		token, err := r.Token()
		if err != nil {
			return "", before.String(), err
		}
		switch t := token.(type) {
		case xml.CharData:
			before.Write(t)
		case xml.StartElement:
			return t.Name.Local, before.String(), nil
		case xml.EndElement:
			return "", before.String(), nil
		case xml.Directive:
			return "", "", errDocumentType
		}
	}
}

// value reads the element that was opened last: its text, or its elements as JSON.
func (r xmlReader) value(depth int) (value string, object bool, err error) {
	var parts []string
	for {
		name, text, err := r.next()
		switch {
		case err != nil:
			return "", false, err
		case name == "" && parts == nil:
			return text, false, nil
		case strings.TrimSpace(text) != "" || depth == 0:
			return "", false, errXML // text beside elements, or too many in each other
		case name == "":
			return "{" + strings.Join(parts, ",") + "}", true, nil
		}
		inner, object, err := r.value(depth - 1)
		if err != nil {
			return "", false, err
		}
		parts = append(parts, jsonText(name)+":"+xmlScalar(name, inner, object))
	}
}

// xmlScalar is a part of a member as JSON. XML does not tell numbers from text; of
// what can be in a member, amounts are numbers.
func xmlScalar(name, value string, object bool) string {
	if n, err := strconv.ParseInt(value, 10, 64); object || name == "amount" && err == nil && strconv.FormatInt(n, 10) == value {
		return value
	}
	return jsonText(value)
}

func jsonText(s string) string {
	text, _ := json.Marshal(s) // text can't fail
	return string(text)
}
