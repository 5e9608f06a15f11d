// Package openapi describes the merchant API: as an OpenAPI 3.1 document, and
// on pages that people read. Everything is made from what the program itself
// goes by: the operations and formulas of the SDK, the members that the server
// reads, the SDK's types of answers and callbacks, and the catalogue of status
// values (ADR 0021). Only the words are written here.
package openapi

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"sen"
)

//go:embed texts/*.json templates/*.html assets
var files embed.FS

//go:embed examples.json
var examplesJSON []byte

// Options say how to write a document.
type Options struct {
	BaseURL string // of the gateway, without a slash at the end
	Lang    string // of descriptions: "vi", and English otherwise
}

// JSON returns the document as JSON.
func JSON(o Options) []byte { return append(appendJSON(nil, document(o), ""), '\n') }

// YAML returns the document as YAML.
func YAML(o Options) []byte { return appendYAML(nil, document(o), "") }

// A writer makes one document.
type writer struct {
	Options
	say      map[string]string
	examples map[string]example
}

// An example is a call that was really made, in a sandbox whose clock stands
// and whose chance comes from a seed; or something that this sandbox sent.
type example struct {
	Request json.RawMessage `json:"request"`          // members as JSON; of a redirect its parameters
	Signed  string          `json:"signed"`           // the text under the mac
	Answer  json.RawMessage `json:"answer,omitempty"` // the body of the answer
}

func newWriter(o Options) *writer {
	w := &writer{Options: o, say: english(), examples: recorded()}
	if o.Lang == "vi" {
		w.say = vietnamese()
	}
	return w
}

// What is embedded is read once, and only if somebody looks.
var (
	english    = sync.OnceValue(func() map[string]string { return readTexts("en") })
	vietnamese = sync.OnceValue(func() map[string]string { return readTexts("vi") })
	recorded   = sync.OnceValue(readExamples)
)

func readTexts(lang string) map[string]string {
	data, err := files.ReadFile("texts/" + lang + ".json")
	say := map[string]string{}
	if err == nil {
		err = json.Unmarshal(data, &say)
	}
	if err != nil {
		panic("openapi: the embedded texts can't be read: " + err.Error())
	}
	return say
}

func readExamples() map[string]example {
	var examples map[string]example
	if err := json.Unmarshal(examplesJSON, &examples); err != nil {
		panic("openapi: the embedded examples can't be read: " + err.Error())
	}
	return examples
}

// text returns the words under a key. A key without words is a mistake of ours
// that a test finds.
func (w *writer) text(key string) string {
	said, ok := w.say[key]
	if !ok {
		panic("openapi: no text " + key)
	}
	return said
}

func document(o Options) object {
	w := newWriter(o)
	return obj(
		"openapi", "3.1.0",
		"info", obj(
			"title", w.text("doc.title"), "summary", w.text("doc.summary"), "description", w.prose(), "version", "2.0",
			"license", obj("name", "Apache-2.0", "identifier", "Apache-2.0"),
		),
		"servers", list{obj("url", o.BaseURL, "description", w.text("doc.server"))},
		"security", list{object{}},
		"tags", w.tags(),
		"paths", w.paths(),
		"webhooks", w.webhooks(),
		"components", obj("schemas", w.schemas()),
		"x-return-codes", w.returnCodes(),
	)
}

// prose is what holds for all operations.
func (w *writer) prose() string {
	var parts []string
	for _, key := range []string{"doc.about", "doc.bodies", "doc.mac", "doc.answers", "doc.lost", "doc.first", "doc.examples"} {
		parts = append(parts, w.text(key))
	}
	return strings.Join(parts, "\n\n")
}

// groups are the tags, and which operations of the second version have them.
var groups = []struct {
	name       string
	operations []*sen.Operation
}{
	{"orders", []*sen.Operation{sen.OpCreateOrder, sen.OpQuickPay, sen.OpQueryOrder, sen.OpCancelOrder}},
	{"refunds", []*sen.Operation{sen.OpRefundOrder, sen.OpQueryRefund}},
	{"wallet_bindings", []*sen.Operation{
		sen.OpCreateBindingWallet, sen.OpQueryPaymentTokenWallet, sen.OpQueryBalanceWallet,
		sen.OpPayByTokenWallet, sen.OpUnbindingWallet, sen.OpQueryUserInfo,
	}},
	{"card_bindings", []*sen.Operation{sen.OpCreateBindingCard, sen.OpQueryBindingCard, sen.OpPayByTokenCard, sen.OpUnbindingCard}},
	{"banks", []*sen.Operation{sen.OpListBanks, sen.OpGetBankDeepLinks}},
	{"deliveries", []*sen.Operation{sen.OpCreateZod, sen.OpQueryZodInvoice, sen.OpQueryZodStatus}},
	{"disbursement", []*sen.Operation{sen.OpDisbursementUser, sen.OpDisbursementTopUp, sen.OpDisbursementQuery, sen.OpDisbursementBalance}},
}

// Tags of what the gateway sends, and of the calls of the first version.
const (
	callbackGroup = "webhooks"
	firstGroup    = "first_version"
)

func groupOf(c *call) string {
	if c.first() {
		return firstGroup
	}
	for _, g := range groups {
		if slices.Contains(g.operations, c.Operation) {
			return g.name
		}
	}
	panic("openapi: no group has " + c.id)
}

// callsIn are the calls of a group in its order.
func callsIn(group string) []*call {
	var all []*call
	for _, g := range groups {
		for _, op := range g.operations {
			if g.name == group {
				all = append(all, callNamed(op.Name))
			}
		}
	}
	if group == firstGroup {
		all = slices.DeleteFunc(slices.Clone(calls()), func(c *call) bool { return !c.first() })
	}
	return all
}

// callGroups are the tags of calls.
func callGroups() []string {
	var all []string
	for _, g := range groups {
		all = append(all, g.name)
	}
	return append(all, firstGroup)
}

func (w *writer) tags() list {
	var tags list
	for _, g := range callGroups() {
		tags = append(tags, obj("name", g, "description", w.text("tag."+g)))
	}
	return append(tags, obj("name", callbackGroup, "description", w.text("tag."+callbackGroup)))
}

func (w *writer) paths() object {
	var paths object
	for _, c := range calls() {
		paths = append(paths, entry{c.Path, obj(strings.ToLower(c.Method), w.operation(c))})
	}
	return paths
}

func (w *writer) operation(c *call) object {
	return obj(
		"operationId", c.id,
		"tags", list{groupOf(c)},
		"summary", w.title(c),
		"description", w.more(c)+"\n\n"+w.signing(c),
		"parameters", w.parametersOf(c),
		"requestBody", w.body(c),
		"responses", obj(
			"200", w.answer(c, w.text("doc.answer"), w.example(c.id).answer),
			"4XX", w.answer(c, w.text("doc.unread"), nil),
		),
		"x-mac", append(w.formula(&c.Formula, w.examples[c.id].Signed), signedBy(c)...),
		"x-status-values", c.statusValues(),
	)
}

// body is where the members of a POST are.
func (w *writer) body(c *call) object {
	if c.Method == http.MethodGet {
		return nil
	}
	return obj("required", true, "content", w.contents(c))
}

// parametersOf are the members of a GET, in its query string.
func (w *writer) parametersOf(c *call) list {
	if c.Method != http.MethodGet {
		return nil
	}
	name, shown := c.requestName(), w.example(c.id).request
	var all list
	for _, m := range c.members() {
		schema := w.member(name, m)
		described := schema.get("description")
		schema = slices.DeleteFunc(schema, func(e entry) bool { return e.name == "description" })
		all = append(all, obj("name", m.Name, "in", "query", "required", m.Required, "description", described, "schema", schema, "example", shown.get(m.Name)))
	}
	return all
}

// signing says in words how a request is signed.
func (w *writer) signing(c *call) string {
	s := w.macProse(&c.Formula, w.examples[c.id].Signed)
	if c.RSA {
		s += "\n\n" + w.text("doc.rsa")
	}
	return s
}

// signedBy says for programs what stands for the mac in the request.
func signedBy(c *call) object {
	if !c.RSA {
		return nil
	}
	return obj("signature", obj("member", c.MACMember(), "algorithm", "RSASSA-PKCS1-v1_5", "hash", "SHA-256", "encoding", "base64", "over", "mac"))
}

// macProse says a formula in words.
func (w *writer) macProse(f *sen.Formula, signed string) string {
	s := fmt.Sprintf(w.text("doc.formula"), "`"+formulaText(f)+"`", f.Key)
	if f.Optional != "" {
		s += " " + fmt.Sprintf(w.text("doc.formula.optional"), "`"+f.Optional+"`")
	}
	return s + "\n\n" + fmt.Sprintf(w.text("doc.formula.example"), "`"+signed+"`")
}

// formulaText is a formula as one writes it, with its optional member in brackets.
func formulaText(f *sen.Formula) string {
	var s strings.Builder
	for i, m := range f.Signed {
		bar := "|"
		if i == 0 {
			bar = ""
		}
		if m == f.Optional {
			fmt.Fprintf(&s, "[%s%s]", bar, m)
			continue
		}
		s.WriteString(bar + m)
	}
	return s.String()
}

// formula is a formula for programs.
func (w *writer) formula(f *sen.Formula, signed string) object {
	return obj("algorithm", "HMAC-SHA256", "encoding", "hex", "key", keyName(f.Key), "separator", "|",
		"members", words(f.Signed), "optional", f.Optional, "example", signed)
}

func keyName(k sen.Key) string { return fmt.Sprintf("key%d", k) }

func (w *writer) contents(c *call) object {
	var body any
	if parsed := w.example(c.id).request; len(parsed) > 0 {
		body = parsed
	}
	content := obj("schema", ref(c.requestName()), "example", body)
	if c.FormOnly {
		return obj("application/x-www-form-urlencoded", content)
	}
	all := obj("application/json", content, "application/x-www-form-urlencoded", content)
	if c.XML {
		all = append(all, obj("application/xml", obj("schema", ref(c.requestName())))...)
	}
	return all
}

func (w *writer) answer(c *call, description string, body object) object {
	var shown any
	if body != nil {
		shown = body
	}
	return obj("description", description, "content", obj("application/json", obj("schema", ref(c.answerName()), "example", shown)))
}

// a parsed example.
type parsedExample struct{ request, answer object }

func (w *writer) example(name string) (p parsedExample) {
	x := w.examples[name]
	p.request, p.answer = mustParse(x.Request), mustParse(x.Answer)
	return p
}

func mustParse(text []byte) object {
	if len(text) == 0 {
		return nil
	}
	v, err := parse(text)
	if err != nil {
		panic("openapi: an embedded example: " + err.Error())
	}
	o, _ := v.(object)
	return o
}

// statusesOf are the values that the operation may answer: its own, then those
// of the operation with which it shares a path.
func statusesOf(op *sen.Operation) []sen.Status {
	own := statusesUnder(op.Name)
	seen := map[int]bool{}
	for _, st := range own {
		seen[st.Value] = true
	}
	for _, st := range sen.Statuses() {
		if found, ok := op.Status(st.Value); ok && !seen[st.Value] {
			seen[st.Value] = true
			own = append(own, found)
		}
	}
	return own
}

func statusesUnder(name string) []sen.Status {
	return slices.DeleteFunc(sen.Statuses(), func(st sen.Status) bool { return st.Operation != name })
}

// statusValues are the values of a call. The first version has no return_code.
func (c *call) statusValues() list {
	values := statusValues(c.statuses())
	if c.first() {
		for i, v := range values {
			o, _ := v.(object)
			values[i] = slices.DeleteFunc(o, func(e entry) bool { return e.name == "return_code" })
		}
	}
	return values
}

func statusValues(all []sen.Status) list {
	var values list
	for _, st := range all {
		values = append(values, obj(
			"value", st.Value, "name", st.Name, "return_code", st.ReturnCode, "retry", string(st.Retry), "finality", string(st.Finality),
			"documented", st.Documented, "text", both(st.Text), "meaning", both(st.Meaning), "action", both(st.Action),
		))
	}
	return values
}

func both(t sen.Text) object { return obj("vi", t.VI, "en", t.EN) }

func (w *writer) returnCodes() list {
	var codes list
	for _, v := range []int{sen.Success, sen.Failure, sen.Processing} {
		c, _ := sen.LookupReturnCode(v) // the catalogue has all three
		codes = append(codes, obj("value", c.Value, "name", c.Name, "text", both(c.Text), "meaning", both(c.Meaning), "action", both(c.Action)))
	}
	return codes
}

func camel(name string) string {
	var s strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		s.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return s.String()
}

func ref(schema string) object { return obj("$ref", "#/components/schemas/"+schema) }

// describe says what a member of a schema is: in words of its own there, or in
// those that hold wherever its name occurs. Of a schema of the first version it
// takes the name in the second.
func (w *writer) describe(schema, member string) string {
	if second, ok := strings.CutPrefix(schema, firstSchema); ok {
		if said, ok := w.say["field."+firstSchema+"."+member]; ok {
			return said
		}
		return inFirst(w.describe(second, member))
	}
	if said, ok := w.say["field."+schema+"."+member]; ok {
		return said
	}
	return w.text("field." + member)
}

// request is the schema of an operation's request.
func (w *writer) request(c *call) object {
	name := c.requestName()
	var properties object
	var required list
	for _, m := range c.members() {
		properties = append(properties, entry{m.Name, w.member(name, m)})
		if m.Required {
			required = append(required, m.Name)
		}
	}
	return obj("type", "object", "properties", properties, "required", required)
}

func (w *writer) member(schema string, m member) object {
	o := obj("type", "string", "description", w.describe(schema, m.word))
	if m.Bare {
		return append(append(object{}, bare[m.Name]...), o[1:]...)
	}
	if m.Number {
		o = obj("type", "integer", "format", "int64", "description", w.describe(schema, m.word), "minimum", m.Min)
		if m.Max != unbounded {
			o = append(o, entry{"maximum", m.Max})
		}
		return o
	}
	if m.Required {
		o = append(o, entry{"minLength", 1})
	}
	if m.MaxLength > 0 {
		o = append(o, entry{"maxLength", m.MaxLength})
	}
	o = append(o, obj("pattern", m.Pattern, "enum", words(m.Words))...)
	if m.JSON != "" {
		o = append(o, entry{"contentMediaType", "application/json"}, entry{"contentSchema", content(schema, m)})
	}
	return o
}

const unbounded = 1<<63 - 1

// bare are the schemas of what a request has as JSON itself.
var bare = map[string]object{
	"receiver":  ref("ZodReceiver"),
	"orderInfo": obj("type", "array", "items", ref("ZodParcel")),
}

// inside names the schemas of what is written as JSON into a text.
var inside = map[string]string{
	"CreateOrderRequest.embed_data":         "EmbedData",
	"QuickPayRequest.embed_data":            "EmbedData",
	"CreateBindingCardRequest.binding_data": "BindingData",
	"CreateBindingCardRequest.payment_data": "PaymentData",
}

func content(schema string, m member) object {
	if name, ok := inside[strings.TrimPrefix(schema, firstSchema)+"."+m.word]; ok {
		return ref(name)
	}
	return obj("type", m.JSON)
}
