package openapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"sen"
	"sen/internal/app/apptest"
	"sen/internal/conformance"
	"sen/internal/merchant"
	"sen/internal/openapi"
	"sen/internal/openapi/openapitest"
	"sen/internal/sandbox"
)

// published is the document in the repository, for those who make clients.
var published = filepath.Join("..", "..", "docs", "openapi.yaml")

func options(lang string) openapi.Options {
	return openapi.Options{BaseURL: sen.LocalURL, Lang: lang}
}

func TestPublished(t *testing.T) {
	t.Parallel()
	hold(t, published, openapi.YAML(options("en")))
}

// The two forms of the document say the same, to a reader that we did not write.
func TestYAML(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "vi"} {
		var fromYAML, fromJSON any
		if err := yaml.Unmarshal(openapi.YAML(options(lang)), &fromYAML); err != nil {
			t.Fatal(err)
		}
		// JSON is YAML too, and read by the same reader its numbers are alike.
		if err := yaml.Unmarshal(openapi.JSON(options(lang)), &fromJSON); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(fromJSON, fromYAML); diff != "" {
			t.Errorf("%s: %s", lang, diff)
		}
	}
}

func read(t *testing.T, lang string) map[string]any {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(openapi.JSON(options(lang))))
	if err != nil {
		t.Fatal(err)
	}
	return document.(map[string]any)
}

// TestSpecification holds the document against the schema that the authors of
// OpenAPI publish for documents.
func TestSpecification(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("testdata", "openapi-3.1.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("openapi.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled := c.MustCompile("openapi.json")
	for _, lang := range []string{"en", "vi"} {
		if err := compiled.Validate(read(t, lang)); err != nil {
			t.Errorf("%s: %v", lang, err)
		}
	}
	broken := read(t, "en")
	delete(broken, "info")
	if compiled.Validate(broken) == nil {
		t.Error("a document without info is valid too")
	}
}

// Both languages have the same words, and none that nobody says.
func TestTexts(t *testing.T) {
	t.Parallel()
	keys := map[string][]string{}
	for _, lang := range []string{"en", "vi"} {
		data, err := os.ReadFile(filepath.Join("texts", lang+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var say map[string]string
		if err := json.Unmarshal(data, &say); err != nil {
			t.Fatal(err)
		}
		keys[lang] = slices.Sorted(maps.Keys(say))
		all := string(openapi.JSON(options(lang)))
		for key, text := range say {
			if said := strings.Split(text, "%")[0]; !strings.HasPrefix(key, "openapi.") && !strings.Contains(all, said) {
				t.Errorf("%s: nobody says %s: %q", lang, key, said)
			}
		}
	}
	if diff := cmp.Diff(keys["en"], keys["vi"]); diff != "" {
		t.Error(diff)
	}
}

// Every documented value is in the document, with its meaning in both languages.
func TestStatusValues(t *testing.T) {
	t.Parallel()
	paths := read(t, "en")["paths"].(map[string]any)
	documented := 0
	for _, op := range sen.Operations() {
		described := paths[op.Path].(map[string]any)[strings.ToLower(op.Method)].(map[string]any)
		for _, one := range described["x-status-values"].([]any) {
			v := one.(map[string]any)
			value := int(must(v["value"].(json.Number).Int64()))
			st, ok := op.Status(value)
			want := map[string]any{"vi": st.Meaning.VI, "en": st.Meaning.EN}
			if !ok || v["name"] != st.Name || !reflect.DeepEqual(v["meaning"], want) {
				t.Errorf("%s %d: %v", op.Name, value, v)
			}
			if st.Documented && st.Operation == op.Name {
				documented++
			}
		}
	}
	if want := len(conformance.Documented()); documented != want || want != 113 {
		t.Errorf("%d documented values, want %d, which is 113", documented, want)
	}
}

// The examples are signed as they say, and are as the schemas say.
func TestExampleMACs(t *testing.T) {
	t.Parallel()
	paths := read(t, "en")["paths"].(map[string]any)
	for _, op := range openapitest.Operations() {
		described := paths[op.Path].(map[string]any)[strings.ToLower(op.Method)].(map[string]any)
		for kind, request := range exampleRequests(described) {
			value := func(name string) string {
				if v, ok := request[name]; ok {
					return fmt.Sprint(v)
				}
				return ""
			}
			right := op.Verify(key1, value("mac"), value)
			if op.RSA {
				public := must(merchant.ParsePublicKey(sandbox.Apps()[0].Disbursement.PublicKey))
				right = sen.VerifyRSA(public, op.Sign(key1, value), value("sig"))
			}
			if !right {
				t.Errorf("%s: the mac of the example is wrong", op.Name)
			}
			if got := described["x-mac"].(map[string]any)["example"]; got != string(op.AppendInput(nil, value, key1)) {
				t.Errorf("%s: signed text %q", op.Name, got)
			}
			answer := described["responses"].(map[string]any)["200"].(map[string]any)["content"].(map[string]any)["application/json"].(map[string]any)["example"]
			call := openapitest.Call{Operation: op, ContentType: "application/json", Body: must(json.Marshal(request)), Answer: must(json.Marshal(answer))}
			if err := call.Check(); err != nil {
				t.Errorf("%s as %s: %v", op.Name, kind, err)
			}
		}
	}
}

// exampleRequests are those of an operation by how they are sent.
func exampleRequests(described map[string]any) map[string]map[string]any {
	all := map[string]map[string]any{}
	if parameters, ok := described["parameters"].([]any); ok {
		members := map[string]any{}
		for _, p := range parameters {
			one := p.(map[string]any)
			members[one["name"].(string)] = one["example"]
		}
		all["query string"] = members
		return all
	}
	for kind, content := range described["requestBody"].(map[string]any)["content"].(map[string]any) {
		if example, ok := content.(map[string]any)["example"].(map[string]any); ok || kind != "application/xml" { // which has none
			all[kind] = example
		}
	}
	return all
}

const key1 = "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL"

// What the gateway sends is as the webhooks say, and the SDK takes it.
func TestWebhookExamples(t *testing.T) {
	t.Parallel()
	shop := sen.App{ID: 2553, Key1: key1, Key2: "kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz"}
	document := read(t, "en")
	compiler := openapitest.Compiler(document)
	for _, name := range []string{"order_callback", "zod_callback", "agreement_callback"} {
		at := "#/webhooks/" + name + "/post/requestBody/content/application~1json/schema"
		post := document["webhooks"].(map[string]any)[name].(map[string]any)["post"].(map[string]any)
		body := post["requestBody"].(map[string]any)["content"].(map[string]any)["application/json"].(map[string]any)["example"].(map[string]any)
		schema := compiler.MustCompile(openapitest.Document + at)
		if err := schema.Validate(body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := shop.ParseCallback(must(json.Marshal(body))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		body["data"] = `{"app_id":"2553"}`
		if schema.Validate(body) == nil {
			t.Errorf("%s: data may be anything", name)
		}
	}
}

// The callback of the first version is as its webhook says, and signed with key2.
func TestFirstWebhookExample(t *testing.T) {
	t.Parallel()
	document := read(t, "en")
	const at = "#/webhooks/v1_order_callback/post/requestBody/content/application~1json/schema"
	schema := openapitest.Compiler(document).MustCompile(openapitest.Document + at)
	post := document["webhooks"].(map[string]any)["v1_order_callback"].(map[string]any)["post"].(map[string]any)
	body := post["requestBody"].(map[string]any)["content"].(map[string]any)["application/json"].(map[string]any)["example"].(map[string]any)
	if err := schema.Validate(body); err != nil {
		t.Error(err)
	}
	data := body["data"].(string)
	if !sen.Verify("kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz", []byte(data), body["mac"].(string)) || !strings.Contains(data, `"apptransid":"260102_`) {
		t.Errorf("got %v", body)
	}
	body["data"] = strings.Replace(data, `"amount":`, `"amount":"x`, 1)
	if schema.Validate(body) == nil {
		t.Error("data may be anything")
	}
}

// Every value that the first version's own page of values has is described, with
// a meaning in both languages that has no name of the second version's members.
func TestFirstValues(t *testing.T) {
	t.Parallel()
	paths := read(t, "en")["paths"].(map[string]any)
	for path, want := range map[string][]string{
		"createorder":            {"1", "-68", "-79", "-92", "-54", "-2", "-53", "-33", "0"},
		"submitqrcodepay":        {"1", "-68", "-79", "-92", "-54", "-2", "-53", "-33", "0", "-101", "-1010", "-1013"},
		"getstatusbyapptransid":  {"1", "5", "-49", "-54", "-63", "-92", "-2", "-53", "-79", "-33", "0"},
		"partialrefund":          {"2", "-3", "-10", "-12", "-8", "-13", "-23", "-25", "-4", "0"},
		"getpartialrefundstatus": {"1", "2", "-3", "-10", "-12", "-21", "-14", "0"},
	} {
		described := paths["/v001/tpe/"+path].(map[string]any)["post"].(map[string]any)
		seen := map[string]bool{}
		for _, one := range described["x-status-values"].([]any) {
			v := one.(map[string]any)
			value := string(v["value"].(json.Number))
			if seen[value] {
				t.Errorf("%s has %s twice", path, value)
			}
			seen[value] = true
			for _, text := range []string{"meaning", "action"} {
				for lang, said := range v[text].(map[string]any) {
					if s := said.(string); s == "" || strings.Contains(s, "app_trans_id") || strings.Contains(s, "return_code") {
						t.Errorf("%s %s, %s in %s: %q", path, value, text, lang, s)
					}
				}
			}
		}
		for _, value := range want {
			if !seen[value] {
				t.Errorf("%s: %s is not described", path, value)
			}
		}
	}
}

// TestSDKRequests has the SDK send everything that it can, and compares the
// members with those described.
func TestSDKRequests(t *testing.T) {
	t.Parallel()
	sent := map[string]map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := must(io.ReadAll(r.Body))
		members := map[string]bool{}
		var object map[string]any
		if json.Unmarshal(body, &object) != nil {
			for pair := range strings.SplitSeq(string(body)+r.URL.RawQuery, "&") {
				name, _, _ := strings.Cut(pair, "=")
				object = map[string]any{name: "", "mac": ""}
				members[name] = true
			}
		}
		for name := range object {
			members[name] = true
		}
		for name := range r.URL.Query() {
			members[name] = true
		}
		sent[r.URL.Path] = members
		io.WriteString(w, `{"return_code":1,"sub_return_code":1,"returncode":1,"returnCode":1}`)
	}))
	defer server.Close()
	text, _ := sandbox.PrivateKey(sandbox.Apps()[0].Disbursement)
	private := must(sen.ParsePrivateKey(text))
	sendAll(t.Context(), sen.NewClient(sen.App{ID: 2553, Key1: key1}, sen.WithBaseURL(server.URL), sen.WithRetries(0), sen.WithPrivateKey(private)))
	schemas := read(t, "en")["components"].(map[string]any)["schemas"].(map[string]any)
	for _, op := range sen.Operations() {
		described := schemas[camel(op.Name)+"Request"].(map[string]any)["properties"].(map[string]any)
		for name := range described {
			if !sent[op.Path][name] && name != "currency" { // there is only one
				t.Errorf("%s: the SDK does not send %s", op.Name, name)
			}
		}
		for name := range sent[op.Path] {
			if described[name] == nil {
				t.Errorf("%s: the SDK sends %s, which is not described", op.Name, name)
			}
		}
	}
}

// sendAll makes every call with every member set; what is answered does not matter.
func sendAll(ctx context.Context, c *sen.Client) {
	c.Orders.Create(ctx, filled[sen.CreateOrderRequest]())
	c.Orders.Query(ctx, filled[sen.QueryOrderRequest]())
	c.Orders.QuickPay(ctx, filled[sen.QuickPayRequest]())
	c.Orders.Cancel(ctx, filled[sen.CancelOrderRequest]())
	c.Refunds.Create(ctx, filled[sen.RefundOrderRequest]())
	c.Refunds.Query(ctx, filled[sen.QueryRefundRequest]())
	c.Bindings.Create(ctx, filled[sen.CreateBindingWalletRequest]())
	c.Bindings.Query(ctx, filled[sen.QueryPaymentTokenWalletRequest]())
	c.Bindings.Balance(ctx, filled[sen.QueryBalanceWalletRequest]())
	c.Bindings.Pay(ctx, filled[sen.PayByTokenWalletRequest]())
	c.Bindings.End(ctx, filled[sen.UnbindingWalletRequest]())
	c.Bindings.User(ctx, filled[sen.QueryUserInfoRequest]())
	c.Cards.Create(ctx, filled[sen.CreateBindingCardRequest]())
	c.Cards.Query(ctx, filled[sen.QueryBindingCardRequest]())
	c.Cards.Pay(ctx, filled[sen.PayByTokenCardRequest]())
	c.Cards.End(ctx, filled[sen.UnbindingCardRequest]())
	c.Banks.List(ctx)
	c.Banks.DeepLinks(ctx, filled[sen.GetBankDeepLinksRequest]())
	c.Deliveries.Create(ctx, filled[sen.CreateZodRequest]())
	c.Deliveries.Invoice(ctx, filled[sen.QueryZodInvoiceRequest]())
	c.Deliveries.Status(ctx, filled[sen.QueryZodStatusRequest]())
	c.Disbursements.User(ctx, filled[sen.DisbursementUserRequest]())
	c.Disbursements.TopUp(ctx, filled[sen.DisbursementTopupRequest]())
	c.Disbursements.Query(ctx, filled[sen.DisbursementTxnRequest]())
	c.Disbursements.Balance(ctx, filled[sen.DisbursementBalanceRequest]())
}

// filled returns a struct with no member at its zero value.
func filled[T any]() (value T) {
	v := reflect.ValueOf(&value).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			f.SetString("{}")
		case reflect.Int64:
			f.SetInt(1)
		default:
		}
	}
	return value
}

func camel(name string) string {
	var s strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		s.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return s.String()
}

// TestEveryValue brings about every documented value, earned and forced: the
// harness holds each of the calls against the document.
func TestEveryValue(t *testing.T) {
	t.Parallel()
	g := apptest.Start(t)
	report, err := conformance.Run(t.Context(), g.URL, func(conformance.Result) {})
	if err != nil || !report.OK {
		t.Errorf("%+v, %v", report.Results, err)
	}
}

// TestCheck shows that calls which differ from the document are found.
func TestCheck(t *testing.T) {
	t.Parallel()
	good := `{"app_id":2553,"app_trans_id":"260102_x","mac":"00"}`
	answer := `{"return_code":2,"return_message":"","sub_return_code":-101,"sub_return_message":"","is_processing":false,"amount":0,"discount_amount":0,"zp_trans_id":0,"server_time":1}`
	for name, c := range map[string]struct {
		answer string
		found  bool
	}{
		"good":            {answer, false},
		"broken by rule":  {`<html>`, false},
		"another value":   {strings.Replace(answer, "-101", "-102", 1), true},
		"a member less":   {strings.Replace(answer, `"amount":0,`, "", 1), true},
		"a member more":   {strings.Replace(answer, `{`, `{"new":1,`, 1), true},
		"another type":    {strings.Replace(answer, `"amount":0`, `"amount":"0"`, 1), true},
		"an unknown code": {strings.Replace(answer, `"return_code":2`, `"return_code":4`, 1), true},
	} {
		call := openapitest.Call{Operation: sen.OpQueryOrder, ContentType: "application/json", Body: []byte(good), Answer: []byte(c.answer)}
		if err := call.Check(); (err != nil) != c.found {
			t.Errorf("%s: %v", name, err)
		}
	}
}
