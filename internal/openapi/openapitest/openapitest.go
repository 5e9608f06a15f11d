// Package openapitest holds calls of the merchant API against its description,
// by a validator that somebody else wrote.
package openapitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sen"
	"sen/internal/apiv1"
	"sen/internal/apiv2"
	"sen/internal/openapi"
)

// A Call is one call of the merchant API.
type Call struct {
	Operation   *sen.Operation
	ContentType string
	Query       string
	Body        []byte
	Answer      []byte
}

// Watch returns what is put around the merchant API of a gateway: it fails the
// test for each call that the description does not allow, and for each answer
// that it does not have.
func Watch(t testing.TB) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			op := operationAt(r)
			if op == nil || r.ContentLength > tooLarge { // a server refuses those by means that no wrapper has
				next.ServeHTTP(w, r)
				return
			}
			kept := &keeper{ReadCloser: r.Body}
			r.Body = kept
			out := &recorder{ResponseWriter: w}
			next.ServeHTTP(out, r)
			if !kept.whole {
				return // too large, or cut off: nobody read it
			}
			c := Call{op, r.Header.Get("Content-Type"), r.URL.RawQuery, kept.read.Bytes(), out.body.Bytes()}
			if err := c.Check(); err != nil {
				t.Errorf("%s is not as described: %v\nrequest: %s %s\nanswer: %s", op.Name, err, c.Query, c.Body, c.Answer)
			}
		})
	}
}

// tooLarge is more than any body that is read, in bytes.
const tooLarge = 128 << 10

func operationAt(r *http.Request) *sen.Operation {
	for _, op := range Operations() {
		if op.Path == r.URL.Path && op.Method == r.Method {
			return op
		}
	}
	return nil
}

// Operations are the operations of both versions, each with a path of its own.
func Operations() []*sen.Operation {
	all := sen.Operations()
	for _, op := range apiv1.Operations() {
		all = append(all, op.Operation)
	}
	return all
}

type keeper struct {
	io.ReadCloser
	read  bytes.Buffer
	whole bool
}

// Read implements io.Reader.
func (k *keeper) Read(p []byte) (int, error) {
	n, err := k.ReadCloser.Read(p)
	k.read.Write(p[:n])
	k.whole = k.whole || err == io.EOF
	return n, err
}

type recorder struct {
	http.ResponseWriter
	body bytes.Buffer
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(p []byte) (int, error) {
	r.body.Write(p)
	return r.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController find what is underneath.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Check returns how the call and its description differ. What is no JSON was
// broken on purpose, by a rule of a sandbox, and is not looked at.
func (c Call) Check() error {
	if err := c.checkRequest(); err != nil {
		return err
	}
	answer, err := jsonschema.UnmarshalJSON(bytes.NewReader(c.Answer))
	if err != nil {
		return nil //nolint:nilerr // the rule's doing
	}
	if err := compiled().answers[c.Operation].Validate(answer); err != nil {
		return fmt.Errorf("the answer: %w", err)
	}
	return nil
}

// anyMAC is a mac of the right form, or what stands for it.
func (c Call) anyMAC() string {
	if c.Operation.RSA {
		return "c2ln"
	}
	return anyMAC
}

// checkRequest compares the verdict of the server with that of the description.
func (c Call) checkRequest() error {
	members, refused := apiv2.ReadMembers(c.Operation, c.ContentType, c.Query, c.Body)
	object := map[string]any{}
	for _, m := range members {
		switch {
		case m.Value == "":
		case m.Name == c.Operation.MACMember():
			object[m.Name] = c.anyMAC() // a wrong one is refused as such
		default:
			object[m.Name] = c.value(m.Name, m.Value, refused == nil)
		}
	}
	if refused == nil {
		object[c.Operation.MACMember()] = c.anyMAC() // some operations take its absence for a wrong one
	}
	invalid := compiled().requests[c.Operation].Validate(object)
	switch {
	case refused == nil && invalid != nil:
		return fmt.Errorf("the server takes the request, and the description does not: %w", invalid)
	case refused != nil && invalid == nil && c.describable(refused):
		return fmt.Errorf("the description allows the request, and the server does not: %w", refused)
	}
	return nil
}

var anyMAC = strings.Repeat("0", sen.MACLength)

// value is a member as JSON that has the types of the description. Of a request
// that the server took a number may have zeros in front, which JSON has not.
func (c Call) value(name, text string, taken bool) any {
	for _, m := range apiv2.Describe(c.Operation) {
		if m.Name == name && m.Bare {
			if v, err := jsonschema.UnmarshalJSON(strings.NewReader(text)); err == nil {
				return v
			}
		}
		if m.Name != name || !m.Number {
			continue
		}
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && (taken || strconv.FormatInt(n, 10) == text) {
			return json.Number(strconv.FormatInt(n, 10))
		}
	}
	return text
}

// describable reports whether a schema could have said what the server says:
// that one member, looked at for itself, is wrong.
func (c Call) describable(refused error) bool {
	text := refused.Error()
	for _, beyond := range []string{
		"is given twice", "has a NUL character in it", // of the encoding
		"must be yyMMdd_", "is more than the amount", "may not begin with a number and |", // of two members
		"must be a date as yyMMdd", // of the calendar
		"is longer than 16 kB",     // of something that is no text
	} {
		if strings.Contains(text, beyond) {
			return false
		}
	}
	name, _, _ := strings.Cut(text, " ")
	return slices.ContainsFunc(apiv2.Describe(c.Operation), func(m apiv2.Member) bool { return m.Name == name })
}

type schemas struct {
	requests, answers map[*sen.Operation]*jsonschema.Schema
}

// compiled reads the description once. Answers are held against it strictly:
// clients should ignore members that are not described, and the server should
// not send them.
var compiled = sync.OnceValue(func() schemas {
	all := schemas{map[*sen.Operation]*jsonschema.Schema{}, map[*sen.Operation]*jsonschema.Schema{}}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(openapi.JSON(openapi.Options{BaseURL: sen.LocalURL})))
	if err != nil {
		panic(err)
	}
	closeAnswers(document)
	compiler := Compiler(document)
	paths := document.(map[string]any)["paths"].(map[string]any)
	for _, op := range Operations() {
		described := paths[op.Path].(map[string]any)[strings.ToLower(op.Method)].(map[string]any)
		answer := body(described["responses"].(map[string]any)["200"])
		all.answers[op] = compiler.MustCompile(Document + answer)
		request := strings.TrimSuffix(answer, "Response") + "Request" // of a GET the document has its members one by one, too
		if described["requestBody"] != nil {
			request = body(described["requestBody"])
		}
		all.requests[op] = compiler.MustCompile(Document + request)
	}
	return all
})

// Document is the name under which a compiler has the description.
const Document = "sen.json"

// Compiler returns a compiler of the schemas in a description. What is written
// as JSON into a text is checked too.
func Compiler(document any) *jsonschema.Compiler {
	c := jsonschema.NewCompiler()
	c.AssertContent()
	c.AssertFormat()
	if err := c.AddResource(Document, document); err != nil {
		panic(err)
	}
	return c
}

// body is where the schema of a body is.
func body(of any) string {
	for _, content := range of.(map[string]any)["content"].(map[string]any) {
		return content.(map[string]any)["schema"].(map[string]any)["$ref"].(string)
	}
	panic("openapitest: a body without a content")
}

func closeAnswers(document any) {
	for name, schema := range document.(map[string]any)["components"].(map[string]any)["schemas"].(map[string]any) {
		if strings.HasSuffix(name, "Request") || strings.HasSuffix(name, "Data") || name == "ZodReceiver" || name == "ZodParcel" {
			continue // of a request
		}
		schema.(map[string]any)["additionalProperties"] = false
	}
}
