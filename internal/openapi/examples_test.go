package openapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sen"
	"sen/internal/apiv1"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
	"sen/internal/sandbox"
)

var update = flag.Bool("update", false, "write what the tests make instead of comparing")

// hold compares what was made with a file, or writes it.
func hold(t *testing.T, name string, made []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, made, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, made) {
		t.Errorf("%s is not what the code makes now: look at the difference after \"go test ./internal/openapi -update\"", name)
	}
}

// story makes the calls of the examples.
type story struct {
	t        *testing.T
	gateway  *apptest.Gateway
	control  *control.Client
	app      sen.App
	examples map[string]*example
}

type example struct {
	Request json.RawMessage `json:"request"`
	Signed  string          `json:"signed"`
	Answer  json.RawMessage `json:"answer,omitempty"`
}

// beginning is when the clock of the examples stands.
var beginning = time.Date(2026, 1, 2, 7, 0, 0, 0, sen.Zone())

func tell(t *testing.T) *story {
	t.Helper()
	seed := uint64(1)
	g := apptest.Start(t, func(c *app.Config) {
		c.Data, c.Start, c.Seed, c.PublicURL, c.Machine = t.TempDir(), beginning, &seed, sen.LocalURL, nil
	})
	return &story{
		t: t, gateway: g, control: control.NewClient(g.URL), examples: map[string]*example{},
		app: sen.App{ID: int(sandbox.Apps()[0].ID), Key1: sandbox.Apps()[0].Key1, Key2: sandbox.Apps()[0].Key2},
	}
}

// member is one of a request, in the order sent.
type member struct {
	name  string
	value any
}

// call makes a call as JSON, or as a form where JSON is not taken, and keeps it
// as the example of its operation unless there is one already.
func (s *story) call(op *sen.Operation, members ...member) map[string]any {
	s.t.Helper()
	return s.callAs(op.Name, op, members...)
}

// first makes a call of the first version.
func (s *story) first(second *sen.Operation, members ...member) map[string]any {
	s.t.Helper()
	for _, op := range apiv1.Operations() {
		if op.Second == second {
			return s.callAs(op.ID(), op.Operation, members...)
		}
	}
	s.t.Fatalf("the first version has no %s", second.Name)
	return nil
}

func (s *story) callAs(name string, op *sen.Operation, members ...member) map[string]any {
	s.t.Helper()
	members = append([]member{{op.Signed[0], s.app.ID}}, members...) // every formula begins with the app
	if slices.Contains(op.Signed, "req_date") {
		members = append(members, member{"req_date", beginning.UnixMilli()})
	}
	value := func(name string) string { return valueOf(members, name) }
	mac := op.Sign(s.app.Key1, value)
	if op.RSA {
		private, _ := sandbox.PrivateKey(sandbox.Apps()[0].Disbursement)
		mac = must(sen.SignRSA(must(sen.ParsePrivateKey(private)), mac))
	}
	members = append(members, member{op.MACMember(), mac})
	x := &example{Request: asJSON(s.t, members), Signed: string(op.AppendInput(nil, value, s.app.Key1))}
	kind, body := "application/json", string(x.Request)
	if op.FormOnly {
		form := url.Values{}
		for _, m := range members {
			form.Set(m.name, valueOf(members, m.name))
		}
		kind, body = "application/x-www-form-urlencoded", form.Encode()
	}
	if op.Method == http.MethodGet {
		form := url.Values{}
		for _, m := range members {
			form.Set(m.name, valueOf(members, m.name))
		}
		x.Answer = s.send(http.MethodGet, op.Path+"?"+form.Encode(), "", "")
	} else {
		x.Answer = s.send(http.MethodPost, op.Path, kind, body)
	}
	if s.examples[name] == nil {
		s.examples[name] = x
	}
	var answer map[string]any
	d := json.NewDecoder(bytes.NewReader(x.Answer))
	d.UseNumber()
	if err := d.Decode(&answer); err != nil {
		s.t.Fatal(err)
	}
	return answer
}

func (s *story) send(method, path, kind, body string) []byte {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.gateway.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	r.Header.Set("Accept-Language", "en")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer
}

func valueOf(members []member, name string) string {
	for _, m := range members {
		if m.name != name {
			continue
		}
		switch v := m.value.(type) {
		case string:
			return v
		case int:
			return strconv.Itoa(v)
		case int64:
			return strconv.FormatInt(v, 10)
		case json.Number:
			return v.String()
		}
	}
	return ""
}

func asJSON(t *testing.T, members []member) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for i, m := range members {
		if i == 0 {
			b.WriteByte('{')
		} else {
			b.WriteByte(',')
		}
		if err := e.Encode(m.name); err != nil {
			t.Fatal(err)
		}
		b.Truncate(b.Len() - 1)
		b.WriteByte(':')
		if err := e.Encode(m.value); err != nil {
			t.Fatal(err)
		}
		b.Truncate(b.Len() - 1)
	}
	b.WriteByte('}')
	return b.Bytes()
}

func text(answer map[string]any, name string) string {
	s, _ := answer[name].(string)
	return s
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// create makes an order.
func (s *story) create(suffix string, amount int) map[string]any {
	s.t.Helper()
	return s.call(sen.OpCreateOrder,
		member{"app_trans_id", sen.AppTransID(beginning, suffix)}, member{"app_user", "lan"}, member{"app_time", beginning.UnixMilli()},
		member{"amount", amount}, member{"item", `[{"name":"Trà sen","quantity":1,"price":50000}]`},
		member{"embed_data", `{"redirecturl":"https://shop.example/thanks"}`}, member{"description", "Sen Coffee - Thanh toán đơn hàng " + suffix},
		member{"bank_code", "zalopayapp"}, member{"callback_url", "https://shop.example/callback"})
}

func (s *story) orders(ctx context.Context) {
	s.t.Helper()
	first := s.create("demo0001", 50_000)
	paid := must(s.control.Pay(ctx, control.PayOrder{Order: text(first, "order_url"), Wallet: "0900000001"}))
	s.call(sen.OpQueryOrder, member{"app_trans_id", sen.AppTransID(beginning, "demo0001")})
	refund := sen.MRefundID(beginning, s.app.ID, "demo0001")
	s.call(sen.OpRefundOrder, member{"m_refund_id", refund}, member{"zp_trans_id", strconv.FormatInt(paid.Number, 10)},
		member{"amount", 10_000}, member{"timestamp", beginning.UnixMilli()}, member{"description", "Khách đổi ý"})
	s.call(sen.OpQueryRefund, member{"m_refund_id", refund}, member{"timestamp", beginning.UnixMilli()})
	s.create("demo0002", 20_000)
	s.call(sen.OpCancelOrder, member{"app_trans_id", sen.AppTransID(beginning, "demo0002")})
	s.call(sen.OpListBanks, member{"reqtime", beginning.UnixMilli()})
}

// tills pays with codes that payers show, in both versions.
func (s *story) tills(ctx context.Context) {
	s.t.Helper()
	s.call(sen.OpQuickPay,
		member{"app_trans_id", sen.AppTransID(beginning, "till0001")}, member{"app_user", "till 1"}, member{"app_time", beginning.UnixMilli()},
		member{"amount", 35_000}, member{"item", `[{"name":"Trà sen","quantity":1,"price":35000}]`}, member{"embed_data", "{}"},
		member{"description", "Sen Coffee - till0001"}, member{"payment_code", must(s.control.PaymentCode(ctx, "0900000001")).Code},
		member{"userIP", "203.0.113.7"})
	s.first(sen.OpQuickPay,
		member{"apptransid", sen.AppTransID(beginning, "till0002")}, member{"appuser", "till 1"}, member{"apptime", beginning.UnixMilli()},
		member{"amount", 35_000}, member{"item", `[{"name":"Trà sen","quantity":1,"price":35000}]`}, member{"embeddata", "{}"},
		member{"description", "Sen Coffee - till0002"}, member{"paymentcode", must(s.control.PaymentCode(ctx, "0900000001")).Code},
		member{"userIP", "203.0.113.7"})
}

// old goes through an order's life in the first version.
func (s *story) old(ctx context.Context) {
	s.t.Helper()
	name := member{"apptransid", sen.AppTransID(beginning, "first0001")}
	made := s.first(sen.OpCreateOrder,
		name, member{"appuser", "lan"}, member{"apptime", beginning.UnixMilli()}, member{"amount", 50_000},
		member{"item", `[{"itemid":"tea","itemname":"Trà sen","itemprice":50000,"itemquantity":1}]`}, member{"embeddata", `{"merchantinfo":"42"}`},
		member{"description", "Sen Coffee - first0001"}, member{"bankcode", "zalopayapp"}, member{"callbackurl", "https://shop.example/callback"})
	paid := must(s.control.Pay(ctx, control.PayOrder{Order: text(made, "orderurl"), Wallet: "0900000001"}))
	s.first(sen.OpQueryOrder, name)
	refund := member{"mrefundid", sen.MRefundID(beginning, s.app.ID, "first0001")}
	s.first(sen.OpRefundOrder, refund, member{"zptransid", strconv.FormatInt(paid.Number, 10)}, member{"amount", 10_000},
		member{"timestamp", beginning.UnixMilli()}, member{"description", "Khách đổi ý"})
	s.first(sen.OpQueryRefund, refund, member{"timestamp", beginning.UnixMilli()})
}

func (s *story) wallets(ctx context.Context) {
	s.t.Helper()
	name := sen.AppTransID(beginning, "bind0001")
	asked := s.call(sen.OpCreateBindingWallet, member{"app_trans_id", name}, member{"identifier", "lan"}, member{"max_amount", 0},
		member{"binding_type", "WALLET"}, member{"binding_data", "{}"}, member{"callback_url", "https://shop.example/callback"},
		member{"redirect_url", "https://shop.example/linked"})
	must(s.control.Consent(ctx, text(asked, "binding_token"), control.Consent{Wallet: "0900000001"}))
	got := s.call(sen.OpQueryPaymentTokenWallet, member{"app_trans_id", name})
	data, _ := got["data"].(map[string]any)
	token, id := text(data, "pay_token"), text(data, "binding_id")
	s.call(sen.OpQueryBalanceWallet, member{"identifier", "lan"}, member{"pay_token", token}, member{"amount", 50_000})
	order := s.create("demo0003", 50_000)
	s.call(sen.OpPayByTokenWallet, member{"identifier", "lan"}, member{"zp_trans_token", text(order, "zp_trans_token")}, member{"pay_token", token})
	s.call(sen.OpQueryUserInfo, member{"access_token", token})
	s.call(sen.OpUnbindingWallet, member{"identifier", "lan"}, member{"binding_id", id})
}

func (s *story) cards(ctx context.Context) {
	s.t.Helper()
	name := sen.AppTransID(beginning, "card0001")
	asked := s.call(sen.OpCreateBindingCard, member{"app_trans_id", name}, member{"identifier", "lan"}, member{"binding_type", "CARD"},
		member{"binding_mode", "BIND"}, member{"device_type", "DESKTOP"},
		member{"binding_data", `{"callback_url":"https://shop.example/callback","redirect_url":"https://shop.example/linked"}`}, member{"payment_data", "{}"})
	must(s.control.Consent(ctx, text(asked, "binding_token"), control.Consent{Card: "4111111111111111"}))
	got := s.call(sen.OpQueryBindingCard, member{"app_trans_id", name})
	order := s.create("demo0004", 50_000)
	s.call(sen.OpPayByTokenCard, member{"identifier", "lan"}, member{"zp_trans_token", text(order, "zp_trans_token")}, member{"pay_token", text(got, "pay_token")})
	s.call(sen.OpUnbindingCard, member{"identifier", "lan"}, member{"binding_id", text(got, "binding_id")})
}

func (s *story) deliveries(ctx context.Context) {
	s.t.Helper()
	order := s.create("demo0005", 50_000)
	s.call(sen.OpGetBankDeepLinks, member{"bank_codes", "VTB,BIDV"}, member{"os_type", "ios"}, member{"order_token", text(order, "order_token")})
	made := s.call(sen.OpCreateZod, member{"mcRefId", "260102_zod0001"}, member{"amount", 430_000},
		member{"receiver", json.RawMessage(`{"contact":"Nguyễn Thị Lan"}`)},
		member{"orderInfo", json.RawMessage(`[{"trackingNumber":"SPX0001","description":"Giày","amount":400000}]`)},
		member{"mcExtInfo", `{"merchandiseSubtotal":400000,"shippingSubtotal":30000}`}, member{"hubId", "HCM1"}, member{"driverId", "D7"})
	s.call(sen.OpQueryZodInvoice, member{"mcRefId", "260102_zod0001"})
	must(s.control.Pay(ctx, control.PayOrder{Order: text(made, "orderUrl"), Wallet: "0900000001"}))
	s.call(sen.OpQueryZodStatus, member{"mcRefId", "260102_zod0001"})
}

// payouts pays a salary.
func (s *story) payouts() {
	s.t.Helper()
	at := member{"time", beginning.UnixMilli()}
	user := s.call(sen.OpDisbursementUser, member{"phone", "0900000003"}, at)
	data, _ := user["data"].(map[string]any)
	s.call(sen.OpDisbursementTopUp, member{"payment_id", "CASHIN"}, member{"partner_order_id", "salary-2026-01-003"},
		member{"m_u_id", text(data, "m_u_id")}, member{"amount", 1_500_000}, member{"description", "Lương tháng 1"},
		member{"partner_embed_data", `{"store_id":"s2"}`}, member{"reference_id", text(data, "reference_id")}, member{"extra_info", "{}"}, at)
	s.call(sen.OpDisbursementQuery, member{"partner_order_id", "salary-2026-01-003"}, at)
	s.call(sen.OpDisbursementBalance, member{"payment_id", "CASHIN"}, at)
}

// sent keeps the first callback of each type, as the gateway owes them.
func (s *story) sent(ctx context.Context) {
	s.t.Helper()
	all := must(s.control.Callbacks(ctx, 100))
	for i := len(all) - 1; i >= 0; i-- {
		body := []byte(must(s.control.Callback(ctx, all[i].ID)).Body)
		var sealed struct{ Data string }
		if err := json.Unmarshal(body, &sealed); err != nil {
			s.t.Fatal(err)
		}
		if strings.Contains(sealed.Data, `"apptransid"`) {
			if s.examples["v1_order_callback"] == nil {
				s.examples["v1_order_callback"] = &example{Request: body, Signed: sealed.Data}
			}
			continue
		}
		c := must(s.app.ParseCallback(body))
		name := map[int]string{sen.OrderCallbackType: "order_callback", sen.AgreementCallbackType: "agreement_callback"}[c.Type]
		if c.Zod != nil {
			name = "zod_callback"
		}
		if s.examples[name] == nil {
			s.examples[name] = &example{Request: body, Signed: c.Data}
		}
	}
}

// back keeps the way of a payer back to the merchant's page.
func (s *story) back() {
	s.t.Helper()
	target := must(s.app.RedirectURL("https://shop.example/thanks", sen.Redirect{
		AppID: s.app.ID, AppTransID: sen.AppTransID(beginning, "demo0001"), PMCID: sen.MethodWallet, Amount: 50_000, Status: sen.Success,
	}))
	query := must(url.Parse(target)).Query()
	var members []member
	for _, name := range append(append([]string{}, sen.RedirectFormula.Signed...), "checksum") {
		var value any = query.Get(name)
		if n, err := strconv.Atoi(query.Get(name)); err == nil {
			value = n
		}
		members = append(members, member{name, value})
	}
	s.examples["redirect"] = &example{
		Request: asJSON(s.t, members), Signed: string(sen.RedirectFormula.AppendInput(nil, query.Get, s.app.Key2)),
	}
}

// TestExamples makes the calls of the examples in a sandbox that is had again
// by its clock and seed, and compares them with those in the document.
func TestExamples(t *testing.T) {
	t.Parallel()
	s := tell(t)
	s.orders(t.Context())
	s.wallets(t.Context())
	s.cards(t.Context())
	s.tills(t.Context())
	s.old(t.Context())
	s.deliveries(t.Context())
	s.payouts()
	s.sent(t.Context())
	s.back()
	made, err := json.MarshalIndent(s.examples, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	made = bytes.NewBuffer(unescape(made)).Bytes()
	hold(t, "examples.json", append(made, '\n'))
}

// unescape takes back what MarshalIndent does for HTML.
func unescape(b []byte) []byte {
	return []byte(strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(string(b)))
}
