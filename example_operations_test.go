package sen_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"sen"
	"sen/sentest"
)

// A sandbox stands for what a program has: in a test, sentest.New(t); otherwise
// sen.NewClient with the app's keys and the address of a gateway.
type sandbox struct {
	*sentest.Gateway
	undo []func()
}

func (s *sandbox) Helper()                           {}
func (s *sandbox) Cleanup(f func())                  { s.undo = append(s.undo, f) }
func (s *sandbox) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func (s *sandbox) TempDir() string {
	dir, err := os.MkdirTemp("", "sen")
	if err != nil {
		panic(err)
	}
	s.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (s *sandbox) end() {
	for i := len(s.undo) - 1; i >= 0; i-- {
		s.undo[i]()
	}
}

// open starts a gateway in which it is the morning of 2 January 2026.
func open() *sandbox {
	s := &sandbox{}
	s.Gateway = sentest.New(s, sentest.At(time.Date(2026, 1, 2, 7, 0, 0, 0, sen.Zone())))
	return s
}

// coffee makes an order.
func (s *sandbox) coffee(id, productCode string) *sen.CreateOrderResponse {
	made, err := s.Client.Orders.Create(context.Background(), sen.CreateOrderRequest{
		AppTransID: id, AppUser: "an", Amount: 50_000, Description: "Coffee", ProductCode: productCode,
	})
	if err != nil {
		panic(err)
	}
	return made
}

// bound binds a wallet, and returns the token that pays from it.
func (s *sandbox) bound(id string) (bindingID, payToken string) {
	made, err := s.Client.Bindings.Create(context.Background(), sen.CreateBindingWalletRequest{AppTransID: id, Identifier: "an"})
	if err != nil {
		panic(err)
	}
	return made.BindingID, s.Agree(made.BindingID)
}

// Create an order. The identifier begins with the day at GMT+7; a second order
// under it is refused, which is how a lost answer is told from a lost request.
func ExampleOrderService_Create() {
	gw := open()
	defer gw.end()

	order := sen.CreateOrderRequest{
		AppTransID:  sen.AppTransID(gw.Now(), "cart-42"), // in a program: time.Now()
		AppUser:     "an",
		Amount:      50_000,
		Description: "Coffee",
		Item:        `[{"name":"Coffee","quantity":1}]`,
	}
	made, err := gw.Client.Orders.Create(context.Background(), order)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("send the payer to order_url:", made.OrderURL != "", "or draw qr_code:", made.QRCode != "")
	_, err = gw.Client.Orders.Create(context.Background(), order)
	fmt.Println("again:", errors.Is(err, sen.CodeDuplicate))
	// Output:
	// send the payer to order_url: true or draw qr_code: true
	// again: true
}

// Ask what became of an order until the answer is final.
func ExampleError_Final() {
	gw := open()
	defer gw.end()

	ask := func() {
		q, err := gw.Client.Orders.Query(context.Background(), sen.QueryOrderRequest{AppTransID: "260102_cart-42"})
		var refused *sen.Error
		switch {
		case err == nil && q.Paid():
			fmt.Println("deliver", q.Amount)
		case err == nil:
			fmt.Println("not yet:", q.Advice("en"))
		case errors.As(err, &refused) && refused.Final():
			fmt.Println("over:", refused.Status.Text.EN)
		default: // it may still be paid, or nobody knows
			fmt.Println("ask again:", err)
		}
	}
	gw.coffee("260102_cart-42", "")
	ask()
	gw.Decline("260102_cart-42") // the wallet is empty
	ask()
	gw.Expire("260102_cart-42")
	ask()
	// Output:
	// not yet: Wait for the callback, or query again about once a minute until the result is final.
	// ask again: sen: query_order: -63 ZPW_BALANCE_NOT_ENOUGH: Số dư ví không đủ
	// over: The order has expired
}

// Cancel an order that nobody has paid yet.
func ExampleOrderService_Cancel() {
	gw := open()
	defer gw.end()

	gw.coffee("260102_cart-42", "")
	_, err := gw.Client.Orders.Cancel(context.Background(), sen.CancelOrderRequest{AppTransID: "260102_cart-42"})
	fmt.Println(err)

	gw.coffee("260102_cart-43", "")
	gw.Pay("260102_cart-43")
	_, err = gw.Client.Orders.Cancel(context.Background(), sen.CancelOrderRequest{AppTransID: "260102_cart-43"})
	fmt.Println("too late:", errors.Is(err, sen.CodeAlreadyPaid))
	// Output:
	// <nil>
	// too late: true
}

// Scan the code on the payer's screen, and be paid in the same call.
func ExampleOrderService_QuickPay() {
	gw := open()
	defer gw.end()

	request := sen.QuickPayRequest{
		AppTransID: "260102_till-1-0001", AppUser: "till-1", Amount: 50_000, Description: "Coffee",
		PaymentCode: gw.PaymentCode(), // what the scanner read
		UserIP:      "192.0.2.10",
	}
	paid, err := gw.Client.Orders.QuickPay(context.Background(), request)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("paid:", paid.ZPTransID != 0)
	request.AppTransID = "260102_till-1-0002"
	_, err = gw.Client.Orders.QuickPay(context.Background(), request)
	fmt.Println("the code again:", errors.Is(err, sen.CodeNotFound))
	// Output:
	// paid: true
	// the code again: true
}

// Refund a part of a payment, and ask until it is done: there is no callback.
func ExampleRefundService_Create() {
	gw := open()
	defer gw.end()

	gw.coffee("260102_cart-42", "")
	payment := gw.Pay("260102_cart-42")
	id := sen.MRefundID(gw.Now(), gw.App.ID, "cart-42-1")
	accepted, err := gw.Client.Refunds.Create(context.Background(), sen.RefundOrderRequest{
		MRefundID: id, ZPTransID: payment.ZPTransID, Amount: 20_000, Description: "One cup was cold",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("accepted, not done:", accepted.Pending())
	state, err := gw.Client.Refunds.Query(context.Background(), sen.QueryRefundRequest{MRefundID: id})
	fmt.Println("done:", err == nil && state.Done())
	// Output:
	// accepted, not done: true
	// done: true
}

// A refund that failed says whether that is final, and what to do.
func ExampleRefundService_Query() {
	gw := open()
	defer gw.end()

	gw.coffee("260102_cart-42", "")
	payment := gw.Pay("260102_cart-42")
	id := sen.MRefundID(gw.Now(), gw.App.ID, "cart-42-1")
	_, err := gw.Client.Refunds.Create(context.Background(), sen.RefundOrderRequest{
		MRefundID: id, ZPTransID: payment.ZPTransID, Amount: 50_001, Description: "More than was paid",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = gw.Client.Refunds.Query(context.Background(), sen.QueryRefundRequest{MRefundID: id})
	var refused *sen.Error
	if errors.As(err, &refused) {
		fmt.Println(refused.Code() == sen.CodeRefundTooLarge, "final:", refused.Final())
		fmt.Println(refused.Advice("en"))
	}
	// Output:
	// true final: true
	// Check what has been refunded, then ask again with a right amount and a new m_refund_id.
}

// Ask a payer once, and keep the token that the callback brings.
func ExampleBindingService_Create() {
	gw := open()
	defer gw.end()

	gw.CallbacksTo(sen.CallbackHandler(gw.App, func(_ context.Context, c *sen.Callback) error {
		if a := c.Agreement; a != nil && a.Status == sen.BindingConfirmed {
			fmt.Println("keep the token of", a.MerchantUserID, a.PayToken != "")
		}
		return nil
	}))
	made, err := gw.Client.Bindings.Create(context.Background(), sen.CreateBindingWalletRequest{
		AppTransID: sen.AppTransID(gw.Now(), "bind-an"), Identifier: "an", RedirectURL: "https://shop.example/wallet",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("send the payer to the link:", made.BindingQRLink != "")
	gw.Agree(made.BindingID)
	// Output:
	// send the payer to the link: true
	// keep the token of an true
}

// Ask what became of a binding when no callback came.
func ExampleBindingService_Query() {
	gw := open()
	defer gw.end()

	gw.bound("260102_bind-an")
	state, err := gw.Client.Bindings.Query(context.Background(), sen.QueryPaymentTokenWalletRequest{AppTransID: "260102_bind-an"})
	fmt.Println("confirmed:", err == nil && state.Confirmed())
	// Output: confirmed: true
}

// Ask whether a token can pay an amount, before the payer waits for it.
func ExampleBindingService_Balance() {
	gw := open()
	defer gw.end()

	_, token := gw.bound("260102_bind-an")
	balance, err := gw.Client.Bindings.Balance(context.Background(), sen.QueryBalanceWalletRequest{PayToken: token, Identifier: "an", Amount: 50_000})
	fmt.Println("payable:", err == nil && balance.Payable())
	// Output: payable: true
}

// Charge a payer who agreed before: make an order, then pay it by the token.
func ExampleBindingService_Pay() {
	gw := open()
	defer gw.end()

	_, token := gw.bound("260102_bind-an")
	order := gw.coffee("260102_cart-42", "AGREEMENT")
	pay := sen.PayByTokenWalletRequest{PayToken: token, Identifier: "an", ZPTransToken: order.ZPTransToken}
	first, err := gw.Client.Bindings.Pay(context.Background(), pay)
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := gw.Client.Bindings.Pay(context.Background(), pay) // after a lost answer
	fmt.Println("paid once:", err == nil && again.ZPTransID == first.ZPTransID)
	// Output: paid once: true
}

// End a binding. The token pays nothing from then on.
func ExampleBindingService_End() {
	gw := open()
	defer gw.end()

	binding, token := gw.bound("260102_bind-an")
	_, err := gw.Client.Bindings.End(context.Background(), sen.UnbindingWalletRequest{BindingID: binding, Identifier: "an"})
	fmt.Println(err)
	_, err = gw.Client.Bindings.Balance(context.Background(), sen.QueryBalanceWalletRequest{PayToken: token, Identifier: "an", Amount: 50_000})
	fmt.Println("ended:", errors.Is(err, sen.CodeBindingEnded))
	// Output:
	// <nil>
	// ended: true
}

// Show a payer which wallet they bound.
func ExampleBindingService_User() {
	gw := open()
	defer gw.end()

	_, token := gw.bound("260102_bind-an")
	user, err := gw.Client.Bindings.User(context.Background(), sen.QueryUserInfoRequest{AccessToken: token})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(user.Phone)
	// Output: ****0001
}

// Ask the holder of a card to bind it. Its number is typed in at the gateway.
func ExampleCardService_Create() {
	gw := open()
	defer gw.end()

	id := sen.AppTransID(gw.Now(), "card-an")
	made, err := gw.Client.Cards.Create(context.Background(), sen.CreateBindingCardRequest{AppTransID: id, Identifier: "an"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("send the holder to the link:", made.BindingQRLink != "")
	// Output: send the holder to the link: true
}

// Ask what became of the binding of a card.
func ExampleCardService_Query() {
	gw := open()
	defer gw.end()

	id := sen.AppTransID(gw.Now(), "card-an")
	if _, err := gw.Client.Cards.Create(context.Background(), sen.CreateBindingCardRequest{AppTransID: id, Identifier: "an"}); err != nil {
		fmt.Println(err)
		return
	}
	state, err := gw.Client.Cards.Query(context.Background(), sen.QueryBindingCardRequest{AppTransID: id})
	fmt.Println("not yet:", err == nil && state.Pending())
	// Output: not yet: true
}

// End the binding of a card. One that there is not, or that has ended, says so.
func ExampleCardService_End() {
	gw := open()
	defer gw.end()

	_, err := gw.Client.Cards.End(context.Background(), sen.UnbindingCardRequest{BindingID: "260102000000000000000000000000", Identifier: "an"})
	fmt.Println("none:", errors.Is(err, sen.CodeNotFound))
	// Output: none: true
}

// List the ways to pay, as the payment page orders them.
func ExampleBankService_All() {
	gw := open()
	defer gw.end()

	for bank, err := range gw.Client.Banks.All(context.Background()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(bank.PMCID, bank.BankCode)
		if bank.PMCID == sen.MethodInternationalCard {
			break
		}
	}
	// Output:
	// 38 zalopayapp
	// 36 CC
}

// See every call: here in a line each, with OpenTelemetry in a span each, as
// examples/otel-go has it.
func ExampleWithObserver() {
	gw := open()
	defer gw.end()

	client := sen.NewClient(gw.App, sen.WithBaseURL(gw.URL), sen.WithClock(gw.Now), sen.WithLanguage("en"), sen.WithObserver(
		func(ctx context.Context, call sen.Call) (context.Context, func(sen.Result)) {
			return ctx, func(r sen.Result) {
				fmt.Println(call.Operation.Name, call.ID, r.Tries, r.Envelope.ReturnCode, r.Envelope.SubReturnCode, r.Err)
			}
		}))
	order := sen.CreateOrderRequest{AppTransID: "260102_cart-42", AppUser: "an", Amount: 50_000, Description: "Coffee"}
	for range 2 {
		_, _ = client.Orders.Create(context.Background(), order) // the observer prints what came
	}
	// Output:
	// create_order 260102_cart-42 1 1 1 <nil>
	// create_order 260102_cart-42 1 2 -68 sen: create_order: -68 DUPLICATE_APPS_TRANS_ID: Duplicate transaction identifier: This app used the app_trans_id before.
}
