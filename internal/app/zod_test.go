package app_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
	"sen/internal/merchant"
)

// invoice is a good request for one.
func invoice(reference string) members {
	return members{
		"mcRefId": reference, "amount": "430000", "mcExtInfo": `{"shippingSubtotal":30000}`, "hubId": "HCM1", "driverId": "D7",
		"receiver": `{"contact":"0912345678"}`, "orderInfo": `[{"trackingNumber":"SPX001","description":"Giày","amount":400000}]`,
	}
}

// zodValues are those that need more than a request of their own.
func zodValues() []value {
	asked := func(op *sen.Operation) func(*shop) answer {
		return func(s *shop) answer {
			s.call(sen.OpCreateZod, invoice("a"))
			return s.call(op, members{"mcRefId": "a"})
		}
	}
	return []value{
		{sen.OpCreateZod, 1, 1, "a good request", "", func(s *shop) answer { return s.call(sen.OpCreateZod, invoice("a")) }},
		{sen.OpCreateZod, 2, -68, "the same invoice again", "mcRefId was used before", func(s *shop) answer {
			s.call(sen.OpCreateZod, invoice("a"))
			return s.call(sen.OpCreateZod, invoice("a"))
		}},
		{sen.OpCreateZod, 2, -68, "another amount", "mcRefId was used before", func(s *shop) answer {
			s.call(sen.OpCreateZod, invoice("a"))
			return s.call(sen.OpCreateZod, invoice("a").with(members{"amount": "1"}))
		}},
		{sen.OpCreateZod, 2, -68, "the name of an order", "mcRefId was used before", func(s *shop) answer {
			s.made(order("a"))
			return s.call(sen.OpCreateZod, invoice("261122_a"))
		}},
		{sen.OpCreateOrder, 2, -68, "the name of an invoice", "", func(s *shop) answer {
			s.call(sen.OpCreateZod, invoice("261122_a"))
			return s.call(sen.OpCreateOrder, order("a"))
		}},
		{sen.OpCreateZod, 2, -401, "parcels that are none", "orderInfo must be a JSON array of objects", func(s *shop) answer {
			return s.call(sen.OpCreateZod, invoice("a").with(members{"orderInfo": `[{"amount":"x"}]`}))
		}},
		{sen.OpCreateZod, 2, -401, "too many parcels", "orderInfo is longer than 16 kB", func(s *shop) answer {
			return s.call(sen.OpCreateZod, invoice("a").with(members{"orderInfo": `[{"description":"` + strings.Repeat("x", 16<<10) + `"}]`}))
		}},
		{sen.OpCreateZod, 2, -401, "a receiver that is none", "receiver must be a JSON object", func(s *shop) answer {
			return s.call(sen.OpCreateZod, invoice("a").with(members{"receiver": `{"contact":7}`}))
		}},
		{sen.OpQueryZodInvoice, 1, 1, "an invoice", "", asked(sen.OpQueryZodInvoice)},
		{sen.OpQueryZodStatus, 1, 1, "an invoice", "", asked(sen.OpQueryZodStatus)},
		{sen.OpQueryZodInvoice, 2, -101, "no such invoice", "", func(s *shop) answer { return s.call(sen.OpQueryZodInvoice, members{"mcRefId": "a"}) }},
		{sen.OpQueryZodStatus, 2, -101, "an order that is no invoice", "", func(s *shop) answer {
			s.made(order("a"))
			return s.call(sen.OpQueryZodStatus, members{"mcRefId": "261122_a"})
		}},
		{sen.OpQueryZodStatus, 2, -101, "an invoice of another app", "", func(s *shop) answer {
			s.call(sen.OpCreateZod, invoice("a"))
			other := &shop{s.Gateway, s.t, s.App(2554)}
			return other.call(sen.OpQueryZodStatus, members{"mcRefId": "a"})
		}},
	}
}

// TestZod goes through the life of an invoice: made as JSON, paid once, told to
// the app's own address, and refunded.
func TestZod(t *testing.T) {
	t.Parallel()
	to := newReceiver(t)
	s := openShop(t)
	s.terms(control.ChangeApp{CallbackURL: ptr(to.URL)})
	status := func() answer { return s.call(sen.OpQueryZodStatus, members{"mcRefId": "SHIP-7"}) }

	made := s.send("POST", sen.OpCreateZod.Path, "application/json", s.signed(sen.OpCreateZod, invoice("SHIP-7")).jsonRaw(t, "amount", "receiver", "orderInfo"))
	url, _ := made.Object["orderUrl"].(string)
	if made.Sub != 1 || !strings.HasPrefix(url, s.URL+"/openinapp?order=") {
		t.Fatalf("create: %s", made.Body)
	}
	if a := s.call(sen.OpQueryZodInvoice, members{"mcRefId": "SHIP-7"}); a.Object["orderUrl"] != url {
		t.Errorf("invoice: %s", a.Body)
	}
	if a := status(); a.Object["status"] != 3.0 || a.Object["amount"] != "0" || a.Object["zpTransId"] != "0" {
		t.Errorf("unpaid: %s", a.Body)
	}
	checkMembers(t, "status", status().Object, []string{"returnCode", "returnMessage", "subReturnCode", "subReturnMessage", "status", "amount", "zpTransId"})
	s.Advance(29 * 24 * time.Hour)
	p := s.Pay(url, spare)
	if again, body := apptest.TryControl(s.Gateway, http.MethodPost, "/control/pay", control.PayOrder{App: 2553, Order: "SHIP-7", Wallet: rich}); again == http.StatusOK {
		t.Errorf("paid a second time: %s", body)
	}
	if a := status(); a.Object["status"] != 1.0 || a.Object["amount"] != "430000" || a.Object["zpTransId"] != sen.TransID(p.Number).String() {
		t.Errorf("paid: %s", a.Body)
	}

	apptest.Wait(t, "the callback", func() bool { return len(to.got()) == 1 })
	cb, err := s.app.ParseCallback([]byte(to.got()[0]))
	if err != nil || cb.Zod == nil || cb.Order != nil || cb.Type != sen.OrderCallbackType {
		t.Fatalf("callback: %v %s", err, to.got()[0])
	}
	want := sen.ZodCallback{
		AppID: 2553, McRefID: "SHIP-7", Amount: 430_000, McExtInfo: `{"shippingSubtotal":30000}`, ZPTransID: sen.TransID(p.Number),
		ServerTime: s.Now().UnixMilli(), Channel: sen.MethodWallet, MerchantUserID: cb.Zod.MerchantUserID, UserChargeAmount: 430_000,
	}
	if *cb.Zod != want || want.MerchantUserID == "" {
		t.Errorf("callback: %+v", cb.Zod)
	}

	r, err := s.client().Refunds.Create(t.Context(), sen.RefundOrderRequest{
		MRefundID: sen.MRefundID(s.Now(), 2553, "zod"), ZPTransID: cb.Zod.ZPTransID, Amount: 430_000, Description: "Hàng lỗi",
	})
	if err != nil || r.RefundID == 0 {
		t.Errorf("refund: %+v, %v", r, err)
	}
	s.CheckLedger()
}

// TestZodEnds lets a month go by, and cancels an invoice that has a date in its
// name.
func TestZodEnds(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.call(sen.OpCreateZod, invoice("late"))
	s.call(sen.OpCreateZod, invoice("261122_gone"))
	if a := s.call(sen.OpCancelOrder, queried("gone")); a.Sub != 1 {
		t.Errorf("cancel: %s", a.Body)
	}
	s.Advance(30*24*time.Hour - time.Millisecond)
	for reference, want := range map[string]float64{"late": sen.ZodUnpaid, "261122_gone": sen.ZodFailed} {
		if a := s.call(sen.OpQueryZodStatus, members{"mcRefId": reference}); a.Object["status"] != want {
			t.Errorf("%s: %s", reference, a.Body)
		}
	}
	s.Advance(time.Millisecond)
	if a := s.call(sen.OpQueryZodStatus, members{"mcRefId": "late"}); a.Object["status"] != float64(sen.ZodFailed) || a.Object["amount"] != "0" {
		t.Errorf("after a month: %s", a.Body)
	}
	if code, body := apptest.TryControl(s.Gateway, http.MethodPost, "/control/pay", control.PayOrder{App: 2553, Order: "late", Wallet: rich}); code == http.StatusOK {
		t.Errorf("paid after a month: %s", body)
	}
	if a := s.call(sen.OpQueryZodInvoice, members{"mcRefId": "late"}); a.Sub != 1 {
		t.Errorf("the invoice after a month: %s", a.Body)
	}
}

// TestZodFailedAttempt: a wallet without money does not end an invoice.
func TestZodFailedAttempt(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.call(sen.OpCreateZod, invoice("a"))
	apptest.TryControl(s.Gateway, http.MethodPost, "/control/pay", control.PayOrder{App: 2553, Order: "a", Wallet: empty})
	if a := s.call(sen.OpQueryZodStatus, members{"mcRefId": "a"}); a.Object["status"] != float64(sen.ZodUnpaid) {
		t.Errorf("got %s", a.Body)
	}
	if o := s.Order(2553, "a"); o.Failure == "" {
		t.Errorf("the failure is not known: %+v", o)
	}
}

// TestZodNames sends members under both spellings, in every place.
func TestZodNames(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.call(sen.OpCreateZod, invoice("a"))
	m := s.signed(sen.OpQueryZodStatus, members{"mcRefId": "a"})
	snake := members{"app_id": m["appId"], "mc_ref_id": "a", "mac": m["mac"]}
	path := sen.OpQueryZodStatus.Path
	const form, json = "application/x-www-form-urlencoded", "application/json"
	for name, a := range map[string]answer{
		"camel case":           s.send("GET", path+"?"+m.form(), "", ""),
		"snake case":           s.send("GET", path+"?"+snake.form(), "", ""),
		"an empty JSON string": s.send("GET", path+"?"+m.form(), json, `""`),
		"a form as body":       s.send("GET", path, form, m.form()),
		"JSON as body":         s.send("GET", path, json, snake.json(t)),
		"both":                 s.send("GET", path+"?"+m.form()+"&app_id=1&mc_ref_id=b", "", ""),
	} {
		if a.Sub != 1 || a.Object["status"] != 3.0 {
			t.Errorf("%s: %s", name, a.Body)
		}
	}
	if a := s.send("POST", path, form, m.form()); a.HTTP != http.StatusMethodNotAllowed || a.Sub != -401 {
		t.Errorf("POST: %d %s", a.HTTP, a.Body)
	}
	s.asProgram("a", "/v2/zod", "mcRefId='a'")
}

// TestZodSDK makes and queries invoices as a merchant's program does.
func TestZodSDK(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	c := s.client().Deliveries
	request := sen.CreateZodRequest{
		McRefID: "sdk", Amount: 70_000, Receiver: sen.ZodReceiver{Contact: "Nguyễn Văn An"}, HubID: "h", DriverID: "d",
		OrderInfo: []sen.ZodParcel{{TrackingNumber: "SPX1", Description: "Trà & <bánh>", Amount: 70_000}},
	}
	made, err := c.Create(t.Context(), request)
	if err != nil || made.OrderURL == "" {
		t.Fatalf("%+v, %v", made, err)
	}
	if _, err := c.Create(t.Context(), request); !errors.Is(err, sen.CodeDuplicate) {
		t.Errorf("again: %v", err)
	}
	if got, err := c.Invoice(t.Context(), sen.QueryZodInvoiceRequest{McRefID: "sdk"}); err != nil || got.OrderURL != made.OrderURL {
		t.Errorf("invoice: %+v, %v", got, err)
	}
	if _, err := c.Status(t.Context(), sen.QueryZodStatusRequest{McRefID: "other"}); !errors.Is(err, sen.CodeNotFound) {
		t.Errorf("another: %v", err)
	}
	p := s.Pay(made.OrderURL, rich)
	got, err := c.Status(t.Context(), sen.QueryZodStatusRequest{McRefID: "sdk"})
	if err != nil || !got.Paid() || got.Amount != 70_000 || got.ZPTransID != sen.TransID(p.Number) {
		t.Errorf("status: %+v, %v", got, err)
	}
}

// links asks for deep links of an order that was just made.
func (s *shop) links(changes members) answer {
	s.t.Helper()
	token, _ := s.made(order("links")).Object["order_token"].(string)
	return s.call(sen.OpGetBankDeepLinks, members{"os_type": "ios", "bank_codes": "VTB,BIDV", "order_token": token}.with(changes))
}

// deepLinkValues earn every value of that operation, which has others than the
// rest of the API.
func deepLinkValues() []value {
	links := func(changes members) func(*shop) answer {
		return func(s *shop) answer { return s.links(changes) }
	}
	op := sen.OpGetBankDeepLinks
	return []value{
		{op, 1, 1, "a good request", "", links(nil)},
		{op, 1, 1, "every bank", "", links(members{"bank_codes": "-", "os_type": "android"})},
		{op, 2, -401, "a member twice", "is given twice", func(s *shop) answer {
			return s.send("POST", op.Path, "application/x-www-form-urlencoded", "os_type=ios&x=1&x=2")
		}},
		{op, 2, -429, "the rate limit", "", func(s *shop) answer {
			s.terms(control.ChangeApp{RatePerSecond: ptr(int64(1))})
			s.call(op, members{"os_type": "ios"})
			return s.call(op, members{"os_type": "ios"})
		}},
		{op, 2, -6100, "maintenance", "", func(s *shop) answer {
			s.close(op)
			return s.call(op, members{"os_type": "ios"})
		}},
		{op, 2, -6100, "a store that fails", "", func(s *shop) answer {
			token, _ := s.made(order("links")).Object["order_token"].(string)
			s.breakStore()
			defer s.mendStore()
			return s.call(op, members{"os_type": "ios", "order_token": token})
		}},
		{op, 2, -6101, "an unknown app", "no enabled app 99", links(members{"app_id": "99"})},
		{op, 2, -6101, "no number", "app_id must be a whole number", links(members{"app_id": "x"})},
		{op, 2, -6101, "no app", "app_id is missing", func(s *shop) answer {
			return s.send("POST", op.Path, "application/x-www-form-urlencoded", "os_type=ios")
		}},
		{op, 2, -6102, "another system", "os_type must be one of", links(members{"os_type": "windows"})},
		{op, 2, -6102, "no system", "os_type is missing", links(members{"os_type": "-"})},
		{op, 2, -6103, "a wrong mac", "", links(members{"mac": strings.Repeat("0", 64)})},
		{op, 2, -6103, "no mac", "mac is missing", links(members{"mac": ""})},
		{op, 2, -6105, "a space", "bank_codes must be the codes of banks", links(members{"bank_codes": "VTB, BIDV"})},
		{op, 2, -6105, "an unknown bank", `has "XYZ", which is no bank here: there are SBI`, links(members{"bank_codes": "VTB,XYZ"})},
		{op, 2, -6106, "no such order", "no such order", links(members{"order_token": "ACxxxxxxxxxxxxxxxxxxxxxx"})},
		{op, 2, -6106, "an order of another app", "no such order", func(s *shop) answer {
			token, _ := s.made(order("links")).Object["order_token"].(string)
			other := &shop{s.Gateway, s.t, s.App(2554)}
			return other.call(op, members{"os_type": "ios", "order_token": token})
		}},
		{op, 2, -6106, "a paid order", "order is paid", func(s *shop) answer {
			token, _ := s.made(order("links")).Object["order_token"].(string)
			s.payFrom("links", rich)
			return s.call(op, members{"os_type": "ios", "order_token": token})
		}},
		{op, 2, -6106, "an order whose time is up", "time is up", func(s *shop) answer {
			token, _ := s.made(order("links")).Object["order_token"].(string)
			s.Advance(15 * time.Minute)
			return s.call(op, members{"os_type": "ios", "order_token": token})
		}},
	}
}

// TestDeepLinks follows a link to the page where the simulated bank pays.
func TestDeepLinks(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	made, err := s.client().Orders.Create(t.Context(), sen.CreateOrderRequest{AppTransID: "261122_a", AppUser: "u", Amount: 50_000, Description: "Tea"})
	if err != nil {
		t.Fatal(err)
	}
	banks := s.client().Banks
	got, err := banks.DeepLinks(t.Context(), sen.GetBankDeepLinksRequest{OSType: sen.OSAndroid, BankCodes: "BIDV,SBI", OrderToken: made.OrderToken})
	if err != nil || len(got.Data) != 2 || got.Data[0].BankCode != "BIDV" || got.Data[1].BankCode != "SBI" || !got.Data[0].IsAutoFill {
		t.Fatalf("%+v, %v", got, err)
	}
	if page := s.opened(got.Data[0].DeepLink); !strings.Contains(page, "9704") || !strings.Contains(page, "261122_a") {
		t.Errorf("no card of the simulated bank on its page:\n%s", page)
	}
	all, err := banks.DeepLinks(t.Context(), sen.GetBankDeepLinksRequest{OSType: sen.OSiOS})
	if err != nil || len(all.Data) != 4 || all.Data[0].IsAutoFill || s.opened(all.Data[0].DeepLink) == "" {
		t.Errorf("without an order: %+v, %v", all, err)
	}
	if _, err := banks.DeepLinks(t.Context(), sen.GetBankDeepLinksRequest{OSType: "windows"}); !errors.Is(err, sen.CodeBankOS) {
		t.Errorf("another system: %v", err)
	}
}

// opened reads a page of the gateway.
func (s *shop) opened(address string) string {
	s.t.Helper()
	if !strings.HasPrefix(address, s.URL+"/") {
		s.t.Fatalf("%q is no page of the gateway", address)
	}
	res, err := plain.Get(address)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }() // it was only read
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: HTTP %d, %v", address, res.StatusCode, err)
	}
	return string(body)
}

// TestZodLive makes an invoice in a live gateway, which has no banks to link to:
// those of a sandbox are simulated. It tells strangers no reasons.
func TestZodLive(t *testing.T) {
	t.Parallel()
	var live sen.App
	g := apptest.Start(t, func(c *app.Config) {
		c.Mode, c.PublicURL = app.Live, "https://pay.example"
		a, err := app.CreateApp(t.Context(), livePlace(t, c), app.Live, merchant.App{ID: 77, Name: "Live"})
		if err != nil {
			t.Fatal(err)
		}
		live = sen.App{ID: 77, Key1: a.Key1, Key2: a.Key2}
	})
	s := &shop{g, t, live}
	if a := s.call(sen.OpCreateZod, invoice("a")); a.Sub != 1 || !strings.HasPrefix(a.Object["orderUrl"].(string), "https://pay.example/") {
		t.Errorf("an invoice: %s", a.Body)
	}
	if a := s.call(sen.OpGetBankDeepLinks, members{"os_type": "ios"}); a.Sub != 1 || len(a.Object["data"].([]any)) != 0 {
		t.Errorf("every bank: %s", a.Body)
	}
	if a := s.call(sen.OpGetBankDeepLinks, members{"os_type": "ios", "bank_codes": "VTB"}); a.Sub != -6105 || strings.Contains(a.SubText, "VTB") {
		t.Errorf("a bank: %s", a.Body)
	}
	if a := s.call(sen.OpCreateZod, invoice("b").with(members{"mac": strings.Repeat("0", 64)})); a.Sub != -402 || strings.Contains(a.SubText, "430000") {
		t.Errorf("a wrong mac: %s", a.Body)
	}
}
