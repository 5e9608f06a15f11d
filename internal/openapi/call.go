package openapi

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"sen"
	"sen/internal/apiv1"
	"sen/internal/apiv2"
)

// A call is an operation of the merchant API in one of its versions. What is
// said of it is said once, of the second version; the first differs by names.
type call struct {
	*sen.Operation
	id     string         // its name in the document and the address of its page
	second *sen.Operation // what it is in the second version; of that version, itself
	// answers is what an operation of the first version can answer; nil of one of
	// the second.
	answers []apiv1.Answer
}

func (c *call) first() bool { return c.answers != nil }

// calls are those of the second version, then those of the first, always the
// same ones.
var calls = sync.OnceValue(func() []*call {
	var all []*call
	for _, op := range sen.Operations() {
		all = append(all, &call{Operation: op, id: op.Name, second: op})
	}
	for _, op := range apiv1.Operations() {
		all = append(all, &call{op.Operation, op.ID(), op.Second, apiv1.Answers(op)})
	}
	return all
})

// What names of the first version's operations and schemas begin with.
const (
	firstPrefix = apiv1.IDPrefix
	firstSchema = "V1"
)

func callNamed(id string) *call {
	if at := slices.IndexFunc(calls(), func(c *call) bool { return c.id == id }); at >= 0 {
		return calls()[at]
	}
	return nil
}

// callOf is what an operation of the second version is in the version of c; nil
// when there is none.
func (c *call) callOf(second *sen.Operation) *call {
	at := slices.IndexFunc(calls(), func(other *call) bool { return other.second == second && other.first() == c.first() })
	if at < 0 {
		return nil
	}
	return calls()[at]
}

// requestName and answerName are the names of schemas, which are those of the
// SDK's types.
func (c *call) requestName() string { return c.schema() + camel(c.second.Name) + "Request" }
func (c *call) answerName() string  { return c.schema() + camel(c.second.Name) + "Response" }

func (c *call) schema() string {
	if c.first() {
		return firstSchema
	}
	return ""
}

// members are those of the request, each under its name and under the one of the
// second version.
func (c *call) members() []member {
	var all []member
	second := apiv2.Describe(c.second)
	for i, m := range apiv2.Describe(c.Operation) {
		all = append(all, member{m, second[i].Name})
	}
	return all
}

type member struct {
	apiv2.Member
	word string
}

// title and more say what a call is for.
func (w *writer) title(c *call) string {
	if c.first() {
		return fmt.Sprintf(w.text("doc.first.title"), w.text("op."+c.Name))
	}
	return w.text("op." + c.Name)
}

func (w *writer) more(c *call) string {
	more := w.text("op." + c.Name + ".more")
	if c.first() {
		more = cmp.Or(w.say["op."+c.id+".more"], more)
		return inFirst(more) + "\n\n" + fmt.Sprintf(w.text("doc.first.more"), "`"+c.second.Path+"`")
	}
	return more
}

// statuses are the values that the call may answer. Those of the first version
// stand each for one or more of the second.
func (c *call) statuses() []sen.Status {
	if !c.first() {
		return statusesOf(c.Operation)
	}
	var all []sen.Status
	for _, a := range c.answers {
		st := firstStatus(a)
		at := slices.IndexFunc(all, func(known sen.Status) bool { return known.Value == st.Value })
		if at < 0 {
			all = append(all, st)
			continue
		}
		all[at].Meaning.VI += " " + st.Meaning.VI
		all[at].Meaning.EN += " " + st.Meaning.EN
	}
	return all
}

func firstStatus(a apiv1.Answer) sen.Status {
	st := a.Status
	if a.Cause != "" {
		key := "code." + a.Cause
		st.Name = strings.ToUpper(a.Cause)
		st.Meaning = sen.Text{VI: vietnamese()[key], EN: english()[key]}
	}
	st.Value, st.Documented = a.Code, a.Certain
	for _, t := range []*sen.Text{&st.Meaning, &st.Action} {
		t.VI, t.EN = inFirst(t.VI), inFirst(t.EN)
	}
	return st
}

// secondNames are the names of members in the second version by those in the
// first, which has one code.
var secondNames = sync.OnceValue(func() map[string]string {
	known := map[string]string{"returncode": "return_code", "returnmessage": "return_message"}
	for _, op := range apiv1.Operations() {
		for _, m := range apiv2.Describe(op.Second) {
			known[apiv1.Name(m.Name)] = m.Name
		}
		for _, f := range fieldsOf(reflect.TypeOf(answers[op.Second])) {
			known[apiv1.Name(f.name)] = f.name
		}
	}
	for _, f := range fieldsOf(reflect.TypeFor[sen.OrderCallback]()) {
		known[apiv1.Name(f.name)] = f.name
	}
	for _, name := range []string{"sub_return_code", "sub_return_message"} {
		delete(known, apiv1.Name(name))
	}
	return known
})

// word is the name of a member in the second version.
func word(first string) string {
	if second, ok := secondNames()[first]; ok {
		return second
	}
	return first
}

var underscored = regexp.MustCompile(`[a-z]+(?:_[a-z]+)+`)

// inFirst writes the names of members in a text as the first version has them.
func inFirst(text string) string {
	return underscored.ReplaceAllStringFunc(text, func(name string) string {
		name = strings.TrimPrefix(name, "sub_")
		if first := apiv1.Name(name); secondNames()[first] == name {
			return first
		}
		return name
	})
}

// firstAnswer turns the members of an answer of the second version into those of
// the first, which has one code.
func firstAnswer(fields []property) []property {
	all := []property{
		{name: "returncode", schema: obj("type", "integer", "format", "int32")},
		{name: "returnmessage", schema: obj("type", "string")},
	}
	for _, f := range fields {
		if !strings.HasSuffix(f.name, "return_code") && !strings.HasSuffix(f.name, "return_message") {
			f.word, f.name = f.name, apiv1.Name(f.name)
			all = append(all, f)
		}
	}
	return all
}

// inWords gives members of the first version the words of the second.
func inWords(fields []property) []property {
	for i := range fields {
		fields[i].word = word(fields[i].name)
	}
	return fields
}
