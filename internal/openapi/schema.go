package openapi

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"

	"sen"
	"sen/internal/apiv1"
)

// answers are the types that the SDK reads answers into.
var answers = map[*sen.Operation]any{
	sen.OpCreateOrder:             sen.CreateOrderResponse{},
	sen.OpQueryOrder:              sen.QueryOrderResponse{},
	sen.OpCancelOrder:             sen.CancelOrderResponse{},
	sen.OpQuickPay:                sen.QuickPayResponse{},
	sen.OpRefundOrder:             sen.RefundOrderResponse{},
	sen.OpQueryRefund:             sen.QueryRefundResponse{},
	sen.OpCreateBindingWallet:     sen.CreateBindingWalletResponse{},
	sen.OpQueryPaymentTokenWallet: sen.QueryPaymentTokenWalletResponse{},
	sen.OpQueryBalanceWallet:      sen.QueryBalanceWalletResponse{},
	sen.OpPayByTokenWallet:        sen.PayByTokenWalletResponse{},
	sen.OpUnbindingWallet:         sen.UnbindingWalletResponse{},
	sen.OpQueryUserInfo:           sen.QueryUserInfoResponse{},
	sen.OpCreateBindingCard:       sen.CreateBindingCardResponse{},
	sen.OpQueryBindingCard:        sen.QueryBindingCardResponse{},
	sen.OpPayByTokenCard:          sen.PayByTokenCardResponse{},
	sen.OpUnbindingCard:           sen.UnbindingCardResponse{},
	sen.OpListBanks:               sen.ListBanksResponse{},
	sen.OpGetBankDeepLinks:        sen.GetBankDeepLinksResponse{},
	sen.OpCreateZod:               sen.CreateZodResponse{},
	sen.OpQueryZodInvoice:         sen.QueryZodInvoiceResponse{},
	sen.OpQueryZodStatus:          sen.QueryZodStatusResponse{},
	sen.OpDisbursementUser:        sen.DisbursementUserResponse{},
	sen.OpDisbursementTopUp:       sen.DisbursementTopupResponse{},
	sen.OpDisbursementQuery:       sen.DisbursementTxnResponse{},
	sen.OpDisbursementBalance:     sen.DisbursementBalanceResponse{},
}

// parts are the types that others refer to.
var parts = []any{
	sen.OrderCallback{},
	sen.ZodCallback{},
	sen.AgreementCallback{},
	sen.CallbackAnswer{},
	sen.BalanceChannel{},
	sen.Bank{},
	sen.BankDeepLink{},
	sen.DisbursementUser{},
	sen.Disbursement{},
	sen.DisbursementAccount{},
}

// schemas are the components of the document.
func (w *writer) schemas() object {
	var all object
	for _, c := range calls() {
		all = append(all, entry{c.requestName(), w.request(c)}, entry{c.answerName(), w.answerSchema(c)})
	}
	for _, p := range parts {
		t := reflect.TypeOf(p)
		all = append(all, entry{t.Name(), w.object(t.Name(), fieldsOf(t))})
	}
	for _, written := range []struct {
		name    string
		members []string
	}{
		{"EmbedData", []string{"redirecturl"}},
		{"BindingData", []string{"callback_url", "redirect_url", "redirect_deep_link", "embed_data"}},
		{"PaymentData", []string{"amount", "description", "callback_url", "embed_data"}},
	} {
		all = append(all, entry{written.name, w.object(written.name, textFields(written.members))})
	}
	for _, p := range []any{apiv1.OrderCallback{}, apiv1.CallbackAnswer{}} {
		t := reflect.TypeOf(p)
		all = append(all, entry{firstSchema + t.Name(), w.object(firstSchema+t.Name(), inWords(fieldsOf(t)))})
	}
	all = append(all, entry{"ZodReceiver", w.object("ZodReceiver", partFields("contact"))})
	all = append(all, entry{"ZodParcel", w.object("ZodParcel", partFields("trackingNumber", "description", "amount"))})
	return append(all, entry{callbackName, w.callback(false)}, entry{firstSchema + callbackName, w.callback(true)})
}

// A property is a member of a schema.
type property struct {
	name     string
	optional bool
	schema   object
	word     string // the name under which it is described; "" for name
}

func textFields(names []string) []property {
	var all []property
	for _, name := range names {
		schema := obj("type", "string")
		if name == "amount" {
			schema = obj("type", "integer", "format", "int64", "minimum", 1)
		}
		all = append(all, property{name: name, optional: true, schema: schema})
	}
	return all
}

// partFields are members of what a request has as JSON itself; each may be null.
func partFields(names ...string) []property {
	var all []property
	for _, name := range names {
		schema := obj("type", list{"string", "null"})
		if name == "amount" {
			schema = obj("type", list{"integer", "null"})
		}
		all = append(all, property{name: name, optional: true, schema: schema})
	}
	return all
}

func (w *writer) object(name string, fields []property) object {
	var properties object
	var required list
	for _, f := range fields {
		o := append(object{}, f.schema...)
		properties = append(properties, entry{f.name, append(o, entry{"description", w.describe(name, cmp.Or(f.word, f.name))})})
		if !f.optional {
			required = append(required, f.name)
		}
	}
	return obj("type", "object", "properties", properties, "required", required)
}

// fieldsOf lists the members that encoding/json writes of a struct.
func fieldsOf(t reflect.Type) []property {
	var all []property
	for f := range t.Fields() {
		if f.Anonymous {
			all = append(all, fieldsOf(f.Type)...)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		schema := schemaOf(f.Type)
		if options == "string" {
			schema = obj("type", "string", "pattern", "^[0-9]+$")
		}
		all = append(all, property{name: name, optional: strings.Contains(options, "omitempty"), schema: schema})
	}
	return all
}

func schemaOf(t reflect.Type) object {
	switch t.Kind() {
	case reflect.Bool:
		return obj("type", "boolean")
	case reflect.Int:
		return obj("type", "integer", "format", "int32")
	case reflect.Int64:
		return obj("type", "integer", "format", "int64")
	case reflect.String:
		return obj("type", "string")
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.Struct:
		return ref(t.Name())
	case reflect.Slice: // null in a refusal
		return obj("type", list{"array", "null"}, "items", schemaOf(t.Elem()))
	case reflect.Map:
		of := obj("type", "array", "items", schemaOf(t.Elem().Elem()))
		return obj("type", "object", "additionalProperties", of)
	default:
		panic(fmt.Sprintf("openapi: no schema for %s", t))
	}
}

// answerSchema is the schema of an operation's answer, with its values.
func (w *writer) answerSchema(c *call) object {
	fields := fieldsOf(reflect.TypeOf(answers[c.second]))
	if c.first() {
		fields = firstAnswer(fields)
	}
	for i := range fields {
		switch fields[i].name {
		case "return_code", "returnCode":
			fields[i].schema = append(fields[i].schema, entry{"enum", list{sen.Success, sen.Failure, sen.Processing}})
		case "sub_return_code", "subReturnCode", "returncode":
			fields[i].schema = append(fields[i].schema, entry{"enum", codes(c.statuses())})
		}
	}
	o := w.object(c.answerName(), fields)
	properties, _ := o[1].value.(object)
	for i, p := range properties {
		if p.name == "sub_return_code" || p.name == "subReturnCode" || p.name == "returncode" {
			properties[i].value = w.listValues(p.value, c.statuses())
		}
	}
	return o
}

func codes(statuses []sen.Status) list {
	var all list
	for _, st := range statuses {
		all = append(all, st.Value)
	}
	return all
}

// listValues says in the description of a member what its values mean.
func (w *writer) listValues(schema any, all []sen.Status) object {
	o, _ := schema.(object)
	for i, e := range o {
		if e.name == "description" {
			o[i].value = fmt.Sprint(e.value) + "\n\n" + w.valueList(all)
		}
	}
	return o
}

func (w *writer) valueList(all []sen.Status) string {
	var s strings.Builder
	for i, st := range all {
		if i > 0 {
			s.WriteByte('\n')
		}
		fmt.Fprintf(&s, "- `%d` %s: %s", st.Value, st.Name, st.Meaning.In(w.Lang))
	}
	return s.String()
}

// callbackName is the schema of the body of every callback.
const callbackName = "Callback"

// callback is the body of a callback of one of the versions; the first has one
// kind of them.
func (w *writer) callback(first bool) object {
	members := []property{
		{name: "data", schema: obj("type", "string")},
		{name: "mac", schema: obj("type", "string", "pattern", "^[0-9a-f]{64}$")},
		{name: "type", schema: obj("type", "integer", "enum", list{sen.OrderCallbackType, sen.AgreementCallbackType})},
	}
	if first {
		members = members[:2]
	}
	return w.object(callbackName, members)
}

// callbacks are what the gateway sends to the merchant's server.
var callbacks = []sentBody{
	{"order_callback", sen.OrderCallbackType, "OrderCallback"},
	{"zod_callback", sen.OrderCallbackType, "ZodCallback"},
	{"agreement_callback", sen.AgreementCallbackType, "AgreementCallback"},
	{firstPrefix + "order_callback", 0, firstSchema + "OrderCallback"},
}

type sentBody struct {
	name   string
	typ    int    // 0 in the first version, which has none
	schema string // of what data holds
}

// version is what the names of the schemas around it begin with.
func (c *sentBody) version() string {
	if c.typ == 0 {
		return firstSchema
	}
	return ""
}

// spell writes names of members as this version has them.
func (c *sentBody) spell(text string) string {
	if c.typ == 0 {
		return inFirst(text)
	}
	return text
}

func (c *sentBody) constant() any {
	if c.typ == 0 {
		return nil
	}
	return obj("const", c.typ)
}

// redirectName is the way back to the merchant's page.
const redirectName = "redirect"

func (w *writer) webhooks() object {
	var all object
	for _, c := range callbacks {
		body := obj(
			"schema", obj("allOf", list{ref(c.version() + callbackName), obj("type", "object", "properties", obj(
				"type", c.constant(),
				"data", obj("type", "string", "contentMediaType", "application/json", "contentSchema", ref(c.schema)),
			))}),
			"example", w.example(c.name).request,
		)
		all = append(all, entry{c.name, obj("post", obj(
			"operationId", c.name,
			"tags", list{callbackGroup},
			"summary", w.text("op."+c.name),
			"description", w.text("op."+c.name+".more")+"\n\n"+w.macProse(&sen.CallbackFormula, w.examples[c.name].Signed),
			"requestBody", obj("required", true, "content", obj("application/json", body)),
			"responses", obj(
				"200", obj("description", c.spell(w.text("doc.callback_answer")), "content", obj("application/json", obj("schema", ref(c.version()+"CallbackAnswer")))),
				"4XX", obj("description", w.text("doc.callback_repeat")),
			),
			"x-mac", w.formula(&sen.CallbackFormula, w.examples[c.name].Signed),
		))})
	}
	return append(all, entry{redirectName, obj("get", w.redirect())})
}

// checksum is the parameter that holds the mac of a redirect.
const checksum = "checksum"

func (w *writer) redirect() object {
	sent := w.example(redirectName).request
	var parameters list
	for _, name := range append(append([]string{}, sen.RedirectFormula.Signed...), checksum) {
		schema := obj("type", "integer", "format", "int64")
		switch name {
		case "apptransid", "bankcode":
			schema = obj("type", "string")
		case "status":
			schema = append(schema, entry{"enum", codes(redirectStatuses())})
		case checksum:
			schema = obj("type", "string", "pattern", "^[0-9a-f]{64}$")
		}
		p := obj("name", name, "in", "query", "required", true, "description", w.describe(redirectName, name), "schema", schema)
		for _, e := range sent {
			if e.name == name {
				p = append(p, entry{"example", e.value})
			}
		}
		parameters = append(parameters, p)
	}
	return obj(
		"operationId", redirectName,
		"tags", list{callbackGroup},
		"summary", w.text("op."+redirectName),
		"description", w.text("op."+redirectName+".more")+"\n\n"+w.macProse(&sen.RedirectFormula, w.examples[redirectName].Signed),
		"parameters", parameters,
		"responses", obj("200", obj("description", w.text("doc.redirect_answer")), "4XX", obj("description", w.text("doc.redirect_refused"))),
		"x-mac", w.formula(&sen.RedirectFormula, w.examples[redirectName].Signed),
		"x-status-values", statusValues(redirectStatuses()),
	)
}

func redirectStatuses() []sen.Status { return statusesUnder(sen.RedirectStatus) }
