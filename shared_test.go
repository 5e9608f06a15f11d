package sen_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sen"
)

// The vectors in testdata/vectors are for SDKs in every language. They are made
// here, from the code, and compared with what is committed; check.py there
// computes them again without it.

var update = flag.Bool("update", false, "write the shared vectors instead of comparing them")

// holdVectors compares vectors with their file, or writes it.
func holdVectors(t *testing.T, name string, vectors any) {
	t.Helper()
	var made bytes.Buffer
	e := json.NewEncoder(&made)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(vectors); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "vectors", name)
	if *update {
		if err := os.WriteFile(path, made.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, made.Bytes()) {
		t.Errorf("%s is not what the code makes: look at the difference after \"go test . -update\"", path)
	}
}

type macVector struct {
	Name      string            `json:"name"`
	Operation string            `json:"operation"`
	AppID     int               `json:"app_id"`
	Key       string            `json:"key"`
	Secret    string            `json:"secret"`
	Members   map[string]string `json:"members"`
	Signed    string            `json:"signed"`
	MAC       string            `json:"mac"`
}

func TestSharedMACs(t *testing.T) {
	t.Parallel()
	shop := app(t, 2553)
	var vectors []macVector
	add := func(name string, op *sen.Operation, shop sen.App, members map[string]string) {
		value := func(member string) string { return members[member] }
		vectors = append(vectors, macVector{
			name, op.Name, shop.ID, "key1", shop.Key1, members, string(op.AppendInput(nil, value, shop.Key1)), op.Sign(shop.Key1, value),
		})
	}
	for _, op := range sen.Operations() {
		add(op.Name+" of the description", op, shop, recordedMembers(t, op.Name))
	}
	for _, seen := range readJSON[[]struct {
		Name, Operation string
		AppID           int `json:"app_id"`
		Members         map[string]string
	}](t, "seen/requests.json") {
		op := operation(t, func(op *sen.Operation) bool { return op.Name == seen.Operation })
		add(op.Name+" of the documentation: "+seen.Name, op, app(t, seen.AppID), seen.Members)
	}
	create := func(name string, change map[string]string) {
		members := recordedMembers(t, "create_order")
		for member, value := range change {
			members[member] = value
		}
		add("create_order: "+name, sen.OpCreateOrder, shop, members)
	}
	create("Vietnamese letters, an emoji and a plus", map[string]string{"app_user": "Nguyễn Văn Ấn 🪷 + 100%"})
	create("JSON with spaces stays as it is written", map[string]string{"embed_data": `{"a": 1, "b": [ ]}`, "item": "[ ]"})
	create("escapes in JSON stay as they are written", map[string]string{"embed_data": `{"url":"https:\/\/shop.example","t":"Tr\u00e0"}`})
	create("an empty member keeps its place", map[string]string{"app_user": ""})
	create("a number is signed as it is written", map[string]string{"amount": "050000"})
	create("a bar in a value is not escaped", map[string]string{"embed_data": `{"a":"b|c"}`})
	refund := func(name, fee string) {
		members := recordedMembers(t, "refund_order")
		if fee != "" {
			members["refund_fee_amount"] = fee
		}
		add("refund_order: "+name, sen.OpRefundOrder, shop, members)
	}
	refund("without a fee its place is left out", "")
	refund("with a fee", "500")
	refund("with a fee of 0 that is sent", "0")
	long := sen.App{ID: 2553, Key1: strings.Repeat("0123456789abcdef", 5)}
	add("query_order: a key longer than a block of the hash", sen.OpQueryOrder, long, recordedMembers(t, "query_order"))
	holdVectors(t, "macs.json", vectors)
}

// recordedMembers are those of an example of the description, as characters.
func recordedMembers(t *testing.T, name string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("internal", "openapi", "examples.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct{ Request map[string]json.RawMessage }
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	members := map[string]string{}
	for member, raw := range all[name].Request {
		if member == "mac" || member == "sig" {
			continue
		}
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		members[member] = text
	}
	return members
}

type sharedCallback struct {
	Name   string `json:"name"`
	AppID  int    `json:"app_id"`
	Secret string `json:"secret"`
	Body   string `json:"body"`
	Valid  bool   `json:"valid"`
	Reason string `json:"reason,omitempty"` // mac_wrong or unreadable
	Type   int    `json:"type,omitempty"`   // of a valid one, with its data
	Data   string `json:"data,omitempty"`
}

// callbackCases are bodies, with what each is an example of.
func callbackCases(t *testing.T, shop sen.App) [][2]string {
	t.Helper()
	documented := readJSON[[]callbackVector](t, "seen/callbacks.json")[0].Data
	order := sen.OrderCallback{
		AppID: 2553, AppTransID: "260102_demo0001", AppTime: 1767312000000, AppUser: "Nguyễn Văn Ấn 🪷", Amount: 50000,
		EmbedData: `{"a":"<b>&\"c\""}`, Item: "[]", ZPTransID: 260102000000012, ServerTime: 1767312000000, Channel: sen.MethodWallet, MerchantUserID: "u",
	}
	binding := sen.AgreementCallback{
		AppID: 2553, AppTransID: "260102_bind0001", BindingID: "26010200us46zS0LKjG7Hl1wavuhvCQq", PayToken: "003E9M89KJ23E1U3EIIM3XX9LMAECGAJ",
		ServerTime: 1767312000, MerchantUserID: "lan", Status: sen.BindingConfirmed, MsgType: sen.BindingCreatedMessage, ZPUserID: "u", MaskedUserPhone: "****0001", BindingData: "{}",
	}
	zod := sen.ZodCallback{
		AppID: 2553, McRefID: "SHIP-7", Amount: 430000, McExtInfo: `{"shippingSubtotal":30000}`, ZPTransID: 260102000000025,
		ServerTime: 1767312000000, Channel: sen.MethodWallet, MerchantUserID: "u", UserChargeAmount: 430000,
	}
	nothing, elsewhere := zod, zod
	nothing.ZPTransID, elsewhere.AppID = 0, 2554
	ended, card, foreign := binding, binding, order
	ended.Status, ended.MsgType = sen.BindingCancelled, sen.BindingChangedMessage
	card.CardNumber, card.BankCode, card.BankName = "411111******1111", "CC", "VISA"
	foreign.AppID = 2554
	good := string(shop.SealCallback(order.Data(), sen.OrderCallbackType))
	mac := sen.Sign(shop.Key2, order.Data())
	return [][2]string{
		{"order", good},
		{"order of the documentation", string(shop.SealCallback([]byte(documented), sen.OrderCallbackType))},
		{"order with members that nobody knows", string(shop.SealCallback([]byte(strings.Replace(documented, "{", `{"new":[1],`, 1)), sen.OrderCallbackType))},
		{"order with spaces in data", string(shop.SealCallback([]byte(strings.Replace(documented, ",", ", ", 3)), sen.OrderCallbackType))},
		{"order with a mac in capitals", strings.Replace(good, mac, strings.ToUpper(mac), 1)},
		{"order with a body in another order", `{"type":1,"mac":"` + mac + `","data":` + quoted(t, string(order.Data())) + `}`},
		{"binding confirmed", string(shop.SealCallback(binding.Data(), sen.AgreementCallbackType))},
		{"binding ended", string(shop.SealCallback(ended.Data(), sen.AgreementCallbackType))},
		{"card bound", string(shop.SealCallback(card.Data(), sen.AgreementCallbackType))},
		{"ZOD invoice", string(shop.SealCallback(zod.Data(), sen.OrderCallbackType))},
		{"ZOD invoice without a payment", string(shop.SealCallback(nothing.Data(), sen.OrderCallbackType))},
		{"ZOD invoice of another app", string(shop.SealCallback(elsewhere.Data(), sen.OrderCallbackType))},
		{"a ZOD invoice that says it is a binding", string(shop.SealCallback(zod.Data(), sen.AgreementCallbackType))},
		{"another amount under the same mac", strings.Replace(good, `\"amount\":50000`, `\"amount\":1`, 1)},
		{"data printed again with other spaces", strings.Replace(good, `\",\"`, `\", \"`, 1)},
		{"signed with key1", string(sen.App{Key2: shop.Key1}.SealCallback(order.Data(), sen.OrderCallbackType))},
		{"signed with an empty key", string(sen.App{}.SealCallback(order.Data(), sen.OrderCallbackType))},
		{"a mac cut short", strings.Replace(good, mac, mac[:63], 1)},
		{"an empty mac", strings.Replace(good, mac, "", 1)},
		{"no mac", `{"data":` + quoted(t, string(order.Data())) + `,"type":1}`},
		{"an order that says it is a binding", string(shop.SealCallback(order.Data(), sen.AgreementCallbackType))},
		{"a binding that says it is an order", string(shop.SealCallback(binding.Data(), sen.OrderCallbackType))},
		{"an unknown type", string(shop.SealCallback(order.Data(), 3))},
		{"an order of another app", string(shop.SealCallback(foreign.Data(), sen.OrderCallbackType))},
		{"data that is no JSON", string(shop.SealCallback([]byte("paid"), sen.OrderCallbackType))},
		{"data as an object instead of a text", `{"data":` + string(order.Data()) + `,"mac":"` + mac + `","type":1}`},
		{"no JSON", "data=paid"},
		{"nothing", ""},
	}
}

func quoted(t *testing.T, s string) string {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSharedCallbacks(t *testing.T) {
	t.Parallel()
	shop := app(t, 2553)
	var vectors []sharedCallback
	for _, c := range callbackCases(t, shop) {
		v := sharedCallback{Name: c[0], AppID: shop.ID, Secret: shop.Key2, Body: c[1], Valid: true}
		callback, err := shop.ParseCallback([]byte(c[1]))
		switch {
		case errors.Is(err, sen.ErrMAC):
			v.Valid, v.Reason = false, "mac_wrong"
		case err != nil:
			v.Valid, v.Reason = false, "unreadable"
		default:
			v.Type, v.Data = callback.Type, callback.Data
		}
		vectors = append(vectors, v)
	}
	holdVectors(t, "callbacks.json", vectors)
}

type sharedRedirect struct {
	Name   string `json:"name"`
	AppID  int    `json:"app_id"`
	Secret string `json:"secret"`
	Query  string `json:"query"`
	Signed string `json:"signed"`
	Valid  bool   `json:"valid"`
	Reason string `json:"reason,omitempty"` // mac_wrong or unreadable
	Paid   bool   `json:"paid"`
	Status int    `json:"status,omitempty"` // of a valid one
	Amount int64  `json:"amount,omitempty"`
}

func TestSharedRedirects(t *testing.T) {
	t.Parallel()
	var vectors []sharedRedirect
	add := func(name string, shop sen.App, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		v := sharedRedirect{Name: name, AppID: shop.ID, Secret: shop.Key2, Query: query, Valid: true}
		v.Signed = string(sen.RedirectFormula.AppendInput(nil, values.Get, shop.Key2))
		redirect, err := shop.VerifyRedirect(values)
		switch {
		case errors.Is(err, sen.ErrMAC):
			v.Valid, v.Reason = false, "mac_wrong"
		case err != nil:
			v.Valid, v.Reason = false, "unreadable"
		default:
			v.Paid, v.Status, v.Amount = redirect.Paid(), redirect.Status, redirect.Amount
		}
		vectors = append(vectors, v)
	}
	for _, seen := range readJSON[[]struct {
		Source     string
		AppID      int `json:"app_id"`
		Parameters map[string]string
		Checksum   string
	}](t, "seen/redirects.json") {
		values := url.Values{"checksum": {seen.Checksum}}
		for name, value := range seen.Parameters {
			values.Set(name, value)
		}
		add(seen.Source+": "+seen.Parameters["apptransid"], app(t, seen.AppID), values.Encode())
	}
	shop := app(t, 2553)
	paid := sen.Redirect{AppID: 2553, AppTransID: "260102_demo0001", PMCID: sen.MethodWallet, Amount: 50000, Status: sen.Success}
	target, err := shop.RedirectURL("https://shop.example/back?cart=42", paid)
	if err != nil {
		t.Fatal(err)
	}
	_, good, _ := strings.Cut(target, "?")
	foreign := paid
	foreign.AppID = 2554
	other, err := shop.RedirectURL("https://shop.example/back", foreign)
	if err != nil {
		t.Fatal(err)
	}
	_, other, _ = strings.Cut(other, "?")
	wrongKey, err := sen.App{ID: 2553, Key2: shop.Key1}.RedirectURL("https://shop.example/back", paid)
	if err != nil {
		t.Fatal(err)
	}
	_, wrongKey, _ = strings.Cut(wrongKey, "?")
	add("beside a parameter of the merchant's own", shop, good)
	add("an empty parameter that is left out", shop, strings.Replace(good, "bankcode=&", "", 1))
	add("another amount", shop, strings.Replace(good, "amount=50000", "amount=1", 1))
	add("another status", shop, strings.Replace(good, "status=1", "status=-49", 1))
	add("signed with key1", shop, wrongKey)
	add("no checksum", shop, good[:strings.Index(good, "checksum=")]+"discountamount=0&pmcid=38&status=1")
	add("a parameter twice", shop, good+"&status=1")
	add("of another app", shop, other)
	add("nothing", shop, "")
	holdVectors(t, "redirects.json", vectors)
}

type sharedStatus struct {
	sen.Status
	Retryable bool `json:"retryable"`
}

func TestSharedStatuses(t *testing.T) {
	t.Parallel()
	var vectors []sharedStatus
	for _, st := range sen.Statuses() {
		vectors = append(vectors, sharedStatus{st, st.Retry == sen.RetrySame})
	}
	holdVectors(t, "statuses.json", vectors)
}

// TestSharedVectorsElsewhere has a program in another language compute the
// vectors again.
func TestSharedVectorsElsewhere(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("not run: there is no python3")
	}
	out, err := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "vectors", "check.py")).CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
	t.Logf("%s", out)
}
