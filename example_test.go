package sen_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"sen"
)

// demo is an app of the provider's public sandbox.
var demo = sen.App{ID: 2553, Key1: "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL", Key2: "kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz"}

// standIn is a gateway that always gives the same answer; a program has a real
// one, such as sen.LocalURL.
func standIn(answer string) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, answer)
	}))
}

// Create an order and send the payer to its page.
func Example() {
	gateway := standIn(`{"return_code":1,"sub_return_code":1,"order_url":"https://pay.example/openinapp?order=eyJ6"}`)
	defer gateway.Close()

	client := sen.NewClient(demo, sen.WithBaseURL(gateway.URL))
	order, err := client.Orders.Create(context.Background(), sen.CreateOrderRequest{
		AppTransID:  sen.AppTransID(time.Now(), "cart-42"),
		AppUser:     "user123",
		Amount:      50_000,
		Description: "Cart 42",
		EmbedData:   `{"redirecturl":"https://shop.example/thanks"}`,
	})
	var arrived *sen.ArrivedError
	switch {
	case errors.As(err, &arrived):
		fmt.Println("the order exists, but its page is lost; cancel it and use another identifier")
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println(order.OrderURL)
	}
	// Output: https://pay.example/openinapp?order=eyJ6
}

// An order that is not paid yet is a result; one that failed is an error that
// says what to do.
func ExampleOrderService_Query() {
	gateway := standIn(`{"return_code":2,"return_message":"Giao dịch thất bại","sub_return_code":-63,"sub_return_message":"Số dư ví không đủ"}`)
	defer gateway.Close()

	client := sen.NewClient(demo, sen.WithBaseURL(gateway.URL))
	_, err := client.Orders.Query(context.Background(), sen.QueryOrderRequest{AppTransID: "260102_cart-42"})
	var refusal *sen.Error
	if errors.As(err, &refusal) {
		fmt.Println(refusal)
		fmt.Println("may still be paid:", refusal.Status.Finality == sen.Open)
		fmt.Println(refusal.Advice("vi"))
	}
	// Output:
	// sen: query_order: -63 ZPW_BALANCE_NOT_ENOUGH: Số dư ví không đủ
	// may still be paid: true
	// Báo khách nạp thêm tiền hoặc chọn nguồn tiền khác rồi trả lại; tiếp tục truy vấn cho đến khi có kết quả cuối cùng.
}

// Pay an order by a card that its holder bound before. The bank may want them to
// enter a code; the order's callback tells how it ended.
func ExampleCardService_Pay() {
	gateway := standIn(`{"return_code":3,"sub_return_code":3,"app_trans_id":"260102_cart-42","zp_trans_id":0,"verification_url":"https://pay.example/checkout/AC"}`)
	defer gateway.Close()

	client := sen.NewClient(demo, sen.WithBaseURL(gateway.URL))
	paid, err := client.Cards.Pay(context.Background(), sen.PayByTokenCardRequest{
		PayToken: "from the callback of the binding", Identifier: "user123", ZPTransToken: "from creating the order",
	})
	switch {
	case err != nil:
		fmt.Println(err)
	case paid.Pending():
		fmt.Println("send the holder to", paid.VerificationURL)
	default:
		fmt.Println("paid:", paid.ZPTransID)
	}
	// Output: send the holder to https://pay.example/checkout/AC
}

// Receive callbacks. The same one may come more than once.
func ExampleCallbackHandler() {
	handler := sen.CallbackHandler(demo, func(_ context.Context, c *sen.Callback) error {
		if c.Order != nil {
			fmt.Println("paid:", c.Order.AppTransID, c.Order.Amount)
		}
		return nil // an error asks the gateway to send it again
	})
	shop := httptest.NewServer(handler)
	defer shop.Close()

	paid := sen.OrderCallback{AppID: demo.ID, AppTransID: "260102_cart-42", Amount: 50_000, ZPTransID: 260102000000123}
	postCallback(shop.URL, demo.SealCallback(paid.Data(), sen.OrderCallbackType))
	// Output:
	// paid: 260102_cart-42 50000
	// {"return_code":1,"return_message":"success"}
}

func postCallback(target string, body []byte) {
	w, err := http.Post(target, "application/json", bytes.NewReader(body))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer w.Body.Close()
	answer, _ := io.ReadAll(w.Body)
	fmt.Println(string(answer))
}

// Show the payer a result when the payment page sends them back.
func ExampleApp_VerifyRedirect() {
	target, err := demo.RedirectURL("https://shop.example/thanks?cart=42", sen.Redirect{
		AppID: demo.ID, AppTransID: "260102_demo0001", PMCID: sen.MethodWallet, Amount: 50_000, Status: -49,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	back, err := url.Parse(target)
	if err != nil {
		fmt.Println(err)
		return
	}
	redirect, err := demo.VerifyRedirect(back.Query())
	if err != nil {
		fmt.Println(err)
		return
	}
	status, _ := sen.Lookup(sen.RedirectStatus, redirect.Status)
	fmt.Println(redirect.AppTransID, redirect.Paid(), status.Text.EN)
	// Output: 260102_demo0001 false The payer left without paying
}

// Sign a request by hand, from the same table as the client and the server.
func ExampleFormula_AppendInput() {
	request := map[string]string{"app_id": "2553", "app_trans_id": "260102_demo0001"}
	value := func(member string) string { return request[member] }
	fmt.Printf("%s\n", sen.OpQueryOrder.AppendInput(nil, value, "<key1>"))
	fmt.Println(sen.OpQueryOrder.Sign(demo.Key1, value))
	// Output:
	// 2553|260102_demo0001|<key1>
	// 5a78b67d0df198d6eb028909fc4e03268a48813f61762f8f299bb979f09d3a0a
}

func ExampleLookup() {
	status, ok := sen.Lookup("query_order", -332)
	fmt.Println(ok, status.Name, status.Finality, status.Retry)
	fmt.Println(status.Meaning.EN)
	fmt.Println(status.Action.VI)
	// Output:
	// true PROMOTION_ERROR open same
	// The campaign named in promotioninfo is unknown, is not running, or is used up.
	// Hủy đơn, rồi tạo đơn mới không kèm chương trình này, hoặc với chương trình đang áp dụng; chưa hủy thì tiếp tục truy vấn.
}
