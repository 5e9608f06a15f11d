package sen_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sen"
)

// noon is the time of the clients in these tests.
var noon = time.Date(2026, 1, 2, 7, 0, 0, 0, sen.Zone())

func clockAtNoon() time.Time { return noon }

// gateway answers each request with the next of answers and fails the test if a
// request is not signed as op says.
func gateway(t *testing.T, op *sen.Operation, answers ...string) *sen.Client {
	t.Helper()
	shop := app(t, 2553)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent := received(t, r)
		if r.Method != op.Method || r.URL.Path != op.Path {
			t.Errorf("got %s %s, want %s %s", r.Method, r.URL.Path, op.Method, op.Path)
		}
		if !op.Verify(shop.Key1, sent["mac"], func(member string) string { return sent[member] }) {
			t.Errorf("the mac does not verify: %v", sent)
		}
		if len(answers) == 0 {
			t.Error("one request too many")
			return
		}
		_, _ = io.WriteString(w, answers[0])
		answers = answers[1:]
	}))
	t.Cleanup(server.Close)
	return sen.NewClient(shop, sen.WithBaseURL(server.URL+"/"), sen.WithClock(clockAtNoon))
}

func received(t *testing.T, r *http.Request) map[string]string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	return members(t, r.Header.Get("Content-Type"), r.URL.RawQuery, string(body))
}

const (
	accepted = `{"return_code":1,"return_message":"ok","sub_return_code":1,"sub_return_message":"ok",`
	pending  = `{"return_code":3,"return_message":"wait","sub_return_code":`
	refused  = `{"return_code":2,"return_message":"Giao dịch thất bại","sub_return_message":"no","sub_return_code":`
)

var order = sen.CreateOrderRequest{AppTransID: "260102_demo0001", AppUser: "user123", Amount: 50000, Description: "Tea & <cake> – bánh"}

func TestCreateOrder(t *testing.T) {
	t.Parallel()
	c := gateway(t, sen.OpCreateOrder, accepted+`"zp_trans_token":"ACx","order_url":"https://pay","order_token":"ACx","qr_code":"0002"}`)
	got, err := c.Orders.Create(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	want := sen.CreateOrderResponse{
		Envelope:     sen.Envelope{ReturnCode: 1, ReturnMessage: "ok", SubReturnCode: 1, SubReturnMessage: "ok"},
		ZPTransToken: "ACx", OrderURL: "https://pay", OrderToken: "ACx", QRCode: "0002",
	}
	if *got != want {
		t.Errorf("got %+v, want %+v", *got, want)
	}
}

// TestSignedRequest checks a whole body against a vector computed elsewhere.
func TestSignedRequest(t *testing.T) {
	t.Parallel()
	var got string
	c := sen.NewClient(app(t, 2553), sen.WithClock(clockAtNoon), sen.WithHTTPClient(&http.Client{
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			got = r.Method + " " + r.URL.String() + " " + r.Header.Get("Content-Type") + "\n" + string(body)
			return answerWith(http.StatusOK, accepted+`"order_url":"u"}`), err
		}),
	}))
	if _, err := c.Orders.Create(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	const want = `POST https://sb-openapi.zalopay.vn/v2/create application/json
{"amount":50000,"app_id":2553,"app_time":1767312000000,"app_trans_id":"260102_demo0001","app_user":"user123",` +
		`"description":"Tea \u0026 \u003ccake\u003e – bánh","embed_data":"{}","item":"[]",` +
		`"mac":"4263d9277935e6946c044a1bfb3fa5a282efcf42529e3c22e9c2cc6c5d0f2347"}`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestQueryOrder(t *testing.T) {
	t.Parallel()
	state := `"is_processing":false,"amount":50000,"discount_amount":0,"zp_trans_id":260102000000123,"server_time":5}`
	c := gateway(t, sen.OpQueryOrder, pending+`3,`+state, accepted+state, refused+`-54,`+state)
	request := sen.QueryOrderRequest{AppTransID: order.AppTransID}

	unpaid, err := c.Orders.Query(t.Context(), request)
	if err != nil || unpaid.Paid() || !unpaid.Pending() {
		t.Errorf("unpaid: got %+v, %v", unpaid, err)
	}
	paid, err := c.Orders.Query(t.Context(), request)
	if err != nil || !paid.Paid() || paid.Pending() || paid.ZPTransID != 260102000000123 || paid.Amount != 50000 {
		t.Errorf("paid: got %+v, %v", paid, err)
	}
	expired, err := c.Orders.Query(t.Context(), request)
	var refusal *sen.Error
	if !errors.As(err, &refusal) || refusal.Status.Finality != sen.Final || !refusal.Final() || expired != nil {
		t.Errorf("expired: got %+v, %v", expired, err)
	}
	if unpaid.Final() || !paid.Final() || unpaid.Advice("en") == "" || unpaid.Advice("en") == unpaid.Advice("vi") {
		t.Errorf("final: %v and %v; %q", unpaid.Final(), paid.Final(), unpaid.Advice("en"))
	}
}

func TestCancelOrder(t *testing.T) {
	t.Parallel()
	c := gateway(t, sen.OpCancelOrder, accepted+`"x":0}`, refused+`-403}`)
	request := sen.CancelOrderRequest{AppTransID: order.AppTransID}
	if _, err := c.Orders.Cancel(t.Context(), request); err != nil {
		t.Error(err)
	}
	if _, err := c.Orders.Cancel(t.Context(), request); !errors.Is(err, sen.CodeAlreadyPaid) {
		t.Errorf("got %v, want %v", err, sen.CodeAlreadyPaid)
	}
}

func TestRefunds(t *testing.T) {
	t.Parallel()
	for _, fee := range []int64{0, 500} {
		c := gateway(t, sen.OpRefundOrder, pending+`2,"refund_id":260102000000456}`)
		got, err := c.Refunds.Create(t.Context(), sen.RefundOrderRequest{
			MRefundID: "260102_2553_1", ZPTransID: 260102000000123, Amount: 10000, RefundFeeAmount: fee, Description: "back",
		})
		if err != nil || !got.Pending() || got.RefundID != 260102000000456 {
			t.Errorf("fee %d: got %+v, %v", fee, got, err)
		}
	}
	c := gateway(t, sen.OpQueryRefund, pending+`-1}`, accepted+`"x":0}`, refused+`-14}`)
	request := sen.QueryRefundRequest{MRefundID: "260102_2553_1"}
	if got, err := c.Refunds.Query(t.Context(), request); err != nil || got.Done() || !got.Pending() {
		t.Errorf("waiting for approval: got %+v, %v", got, err)
	}
	if got, err := c.Refunds.Query(t.Context(), request); err != nil || !got.Done() {
		t.Errorf("done: got %+v, %v", got, err)
	}
	if _, err := c.Refunds.Query(t.Context(), request); !errors.Is(err, sen.CodeRefundTooLarge) {
		t.Errorf("failed: got %v", err)
	}
}

func TestListBanks(t *testing.T) {
	t.Parallel()
	c := gateway(t, sen.OpListBanks,
		`{"returncode":1,"returnmessage":"ok","banks":{"38":[{"bankcode":"zalopayapp","name":"Ví","displayorder":1,"pmcid":38,"minamount":1000,"maxamount":50000000}]}}`,
		`{"returncode":-402,"returnmessage":"no"}`)
	got, err := c.Banks.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := sen.Bank{BankCode: "zalopayapp", Name: "Ví", DisplayOrder: 1, PMCID: sen.MethodWallet, MinAmount: 1000, MaxAmount: 50000000}
	if len(got.Banks["38"]) != 1 || got.Banks["38"][0] != want {
		t.Errorf("got %+v, want %+v", got.Banks, want)
	}
	if _, err := c.Banks.List(t.Context()); !errors.Is(err, sen.CodeUnauthorized) {
		t.Errorf("got %v, want %v", err, sen.CodeUnauthorized)
	}
}

// TestHosts checks that the bank list is asked where the provider serves it.
func TestHosts(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		sen.SandboxURL:    "https://sbgateway.zalopay.vn/api/getlistmerchantbanks",
		sen.ProductionURL: "https://gateway.zalopay.vn/api/getlistmerchantbanks",
		sen.LocalURL:      "http://127.0.0.1:8080/api/getlistmerchantbanks",
	} {
		var got string
		c := sen.NewClient(app(t, 2553), sen.WithBaseURL(base), sen.WithHTTPClient(&http.Client{
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				got = r.URL.String()
				return answerWith(http.StatusOK, `{"returncode":1}`), nil
			}),
		}))
		if _, err := c.Banks.List(t.Context()); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", base, got, err, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		answer    string
		code      sen.Code
		retryable bool
		advice    string
	}{
		{refused + `-429}`, sen.CodeLimited, true, "Wait a moment, then send the request again, with a current app_time, and space requests out."},
		{refused + `-68}`, sen.CodeDuplicate, false, "Query the order that exists, or create a new one under another app_trans_id."},
		{refused + `-500}`, sen.CodeInternal, false, "Query the order by app_trans_id. If there is none, create it again under the same app_trans_id."},
		{`{"return_code":-429,"return_message":"busy"}`, sen.CodeLimited, true, "Wait a moment, then send the request again, with a current app_time, and space requests out."},
		{refused + `-31337}`, -31337, false, ""},
	}
	for _, test := range tests {
		c := gateway(t, sen.OpCreateOrder, test.answer)
		_, err := c.Orders.Create(t.Context(), order)
		var refusal *sen.Error
		if !errors.As(err, &refusal) || !errors.Is(err, test.code) || errors.Is(err, sen.CodeNotFound) {
			t.Errorf("%s: got %v, want code %d", test.answer, err, test.code)
			continue
		}
		if refusal.Operation != "create_order" || refusal.Retryable() != test.retryable || refusal.Advice("en") != test.advice {
			t.Errorf("%s: got %s, retryable %t, advice %q", test.answer, refusal.Operation, refusal.Retryable(), refusal.Advice("en"))
		}
		var arrived *sen.ArrivedError
		if errors.As(err, &arrived) {
			t.Errorf("%s: a first try cannot have arrived before", test.answer)
		}
	}
}

func TestErrorTexts(t *testing.T) {
	t.Parallel()
	status, _ := sen.Lookup("create_order", -68)
	refusal := &sen.Error{
		Operation: "create_order", Status: status,
		Envelope: sen.Envelope{ReturnCode: 2, ReturnMessage: "failed", SubReturnCode: -68, SubReturnMessage: "twice"},
	}
	tests := []struct {
		err  error
		want string
	}{
		{refusal, "sen: create_order: -68 DUPLICATE_APPS_TRANS_ID: twice"},
		{&sen.Error{Operation: "list_banks", Envelope: sen.Envelope{ReturnCode: -402, ReturnMessage: "who?"}}, "sen: list_banks: -402: who?"},
		{&sen.ArrivedError{ID: "260102_a", Refusal: refusal}, `sen: create_order: "260102_a" was accepted by an earlier try whose answer was lost`},
		{&sen.HTTPError{Operation: "query_order", StatusCode: 502}, "sen: query_order: the gateway answered HTTP 502"},
		{sen.CodeDuplicate, "sub_return_code -68"},
	}
	for _, test := range tests {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

// TestGivenTimesAreKept: a caller that repeats a request by itself may want it
// to be the same.
func TestGivenTimesAreKept(t *testing.T) {
	t.Parallel()
	var sent map[string]string
	c := sen.NewClient(app(t, 2553), sen.WithHTTPClient(&http.Client{
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			sent = received(t, r)
			return answerWith(http.StatusOK, accepted+`"order_url":"u"}`), nil
		}),
	}))
	timed := order
	timed.AppTime, timed.Item, timed.EmbedData = 1767312000001, `[{}]`, `{"a":1}`
	if _, err := c.Orders.Create(t.Context(), timed); err != nil {
		t.Fatal(err)
	}
	if sent["app_time"] != "1767312000001" || sent["item"] != "[{}]" || sent["embed_data"] != `{"a":1}` {
		t.Errorf("got %v", sent)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answerWith(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}}
}

var errBroken = errors.New("broken")

// tries is a network in which each try meets the next of what it lists: an HTTP
// status, or -1 for a broken connection. The last goes on for ever.
type tries struct {
	statuses []int
	answer   string
	made     int
}

func (n *tries) RoundTrip(r *http.Request) (*http.Response, error) {
	status := n.statuses[min(n.made, len(n.statuses)-1)]
	n.made++
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if status < 0 {
		return nil, errBroken
	}
	return answerWith(status, n.answer), nil
}

func TestRetries(t *testing.T) {
	t.Parallel()
	const ok = accepted + `"order_url":"u"}`
	tests := []struct {
		name     string
		statuses []int
		answer   string
		made     int
		check    func(error) bool
	}{
		{"at once", []int{200}, ok, 1, func(err error) bool { return err == nil }},
		{"broken once", []int{-1, 200}, ok, 2, func(err error) bool { return err == nil }},
		{"503 twice", []int{503, 503, 200}, ok, 3, func(err error) bool { return err == nil }},
		{"broken for ever", []int{-1}, ok, 3, func(err error) bool { return errors.Is(err, errBroken) }},
		{"502 for ever", []int{502}, ok, 3, hasStatus(502)},
		{"404", []int{404}, ok, 1, hasStatus(404)},
		{"refused", []int{200}, refused + `-429}`, 1, func(err error) bool { return errors.Is(err, sen.CodeLimited) }},
		{"no JSON", []int{200}, "<html>", 3, func(err error) bool { return err != nil }},
		{"duplicate at once", []int{200}, refused + `-68}`, 1, func(err error) bool { return !hasArrived(err) && errors.Is(err, sen.CodeDuplicate) }},
		{"duplicate after a lost answer", []int{-1, 200}, refused + `-68}`, 2, func(err error) bool { return hasArrived(err) && errors.Is(err, sen.CodeDuplicate) }},
		{"refused after a lost answer", []int{-1, 200}, refused + `-402}`, 2, func(err error) bool { return !hasArrived(err) && errors.Is(err, sen.CodeUnauthorized) }},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			network := &tries{statuses: test.statuses, answer: test.answer}
			c := sen.NewClient(app(t, 2553), sen.WithHTTPClient(&http.Client{Transport: network}))
			got, err := c.Orders.Create(t.Context(), order)
			if !test.check(err) || network.made != test.made {
				t.Errorf("%s: got %v after %d tries, want %d", test.name, err, network.made, test.made)
			}
			if (got == nil) != (err != nil) {
				t.Errorf("%s: got both %v and %v, or neither", test.name, got, err)
			}
		})
	}
}

func hasStatus(want int) func(error) bool {
	return func(err error) bool {
		var status *sen.HTTPError
		return errors.As(err, &status) && status.StatusCode == want
	}
}

func hasArrived(err error) bool {
	var arrived *sen.ArrivedError
	return errors.As(err, &arrived) && arrived.ID == order.AppTransID
}

func TestRefundArrived(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		network := &tries{statuses: []int{500, 200}, answer: refused + `-23}`}
		c := sen.NewClient(app(t, 2553), sen.WithHTTPClient(&http.Client{Transport: network}))
		_, err := c.Refunds.Create(t.Context(), sen.RefundOrderRequest{MRefundID: "260102_2553_1", ZPTransID: 1, Amount: 1})
		var arrived *sen.ArrivedError
		if !errors.As(err, &arrived) || arrived.ID != "260102_2553_1" || !errors.Is(err, sen.CodeDuplicateRefund) {
			t.Errorf("got %v", err)
		}
	})
}

func TestRetriesWaitLonger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		c := sen.NewClient(app(t, 2553), sen.WithRetries(8),
			sen.WithHTTPClient(&http.Client{Transport: &tries{statuses: []int{-1}}}))
		if _, err := c.Orders.Query(t.Context(), sen.QueryOrderRequest{}); !errors.Is(err, errBroken) {
			t.Errorf("got %v", err)
		}
		// 0.2 + 0.4 + 0.8 + 1.6 s, then four times 2 s: that at most, half of it at least.
		if took := time.Since(began); took < 5500*time.Millisecond || took > 11*time.Second {
			t.Errorf("nine tries took %v", took)
		}
	})
}

func TestRetriesStopWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		network := &tries{statuses: []int{-1}}
		c := sen.NewClient(app(t, 2553), sen.WithHTTPClient(&http.Client{Transport: network}))
		_, err := c.Orders.Create(ctx, order)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, errBroken) || network.made != 1 {
			t.Errorf("got %v after %d tries", err, network.made)
		}
	})
}

func TestCancelledContextIsNotRetried(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	network := &tries{statuses: []int{200}, answer: "{}"}
	c := sen.NewClient(app(t, 2553), sen.WithHTTPClient(&http.Client{Transport: network}))
	if _, err := c.Orders.Create(ctx, order); !errors.Is(err, context.Canceled) || network.made > 1 {
		t.Errorf("got %v after %d tries", err, network.made)
	}
}

func TestWithoutRetries(t *testing.T) {
	t.Parallel()
	network := &tries{statuses: []int{-1}}
	c := sen.NewClient(app(t, 2553), sen.WithRetries(0), sen.WithHTTPClient(&http.Client{Transport: network}))
	if _, err := c.Orders.Create(t.Context(), order); !errors.Is(err, errBroken) || network.made != 1 {
		t.Errorf("got %v after %d tries", err, network.made)
	}
}

// TestAnswersKeepTheirKeys holds the members that typed clients of the provider's
// API insist on, and their order.
func TestAnswersKeepTheirKeys(t *testing.T) {
	t.Parallel()
	const envelope = `{"return_code":0,"return_message":"","sub_return_code":0,"sub_return_message":""`
	tests := []struct {
		answer any
		want   string
	}{
		{sen.CreateOrderResponse{}, `,"zp_trans_token":"","order_url":"","order_token":"","qr_code":""}`},
		{sen.QueryOrderResponse{}, `,"is_processing":false,"amount":0,"discount_amount":0,"zp_trans_id":0,"server_time":0}`},
		{sen.CancelOrderResponse{}, `}`},
		{sen.RefundOrderResponse{RefundID: 5}, `,"refund_id":5}`},
		{sen.QueryRefundResponse{}, `}`},
		{sen.CreateBindingWalletResponse{}, `,"binding_token":"","binding_id":"","deep_link":"","binding_qr_link":"","binding_url":"","short_link":""}`},
		{sen.QueryPaymentTokenWalletResponse{}, `}`},
		{sen.QueryBalanceWalletResponse{}, `,"data":null,"discount_amount":0}`},
		{sen.PayByTokenWalletResponse{}, `,"app_trans_id":"","zp_trans_id":0}`},
		{sen.PayByTokenCardResponse{}, `,"app_trans_id":"","zp_trans_id":0}`},
		{sen.UnbindingWalletResponse{}, `}`},
		{sen.QueryUserInfoResponse{}, `,"phone":""}`},
		{sen.UnbindingCardResponse{}, `}`},
	}
	for _, test := range tests {
		got, err := json.Marshal(test.answer)
		if err != nil || string(got) != envelope+test.want {
			t.Errorf("%T: got %s, %v", test.answer, got, err)
		}
	}
}

func TestTransID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]sen.TransID{"260102000000123": 260102000000123, `"260102000000123"`: 260102000000123, `""`: 0, "0": 0, "null": 0} {
		var got sen.TransID
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s: got %d, %v", text, got, err)
		}
	}
	for _, text := range []string{`"abc"`, "1.5", "{}", "99999999999999999999"} {
		var got sen.TransID
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s was read as %d", text, got)
		}
	}
	if got := sen.TransID(260102000000123).String(); got != "260102000000123" {
		t.Errorf("got %s", got)
	}
}
