package sentest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"sen"
	"sen/sentest"
)

// A shop is code that a merchant would test.
type shop struct {
	client *sen.Client
	app    sen.App
	paid   map[string]bool
}

func (s *shop) checkout(appTransID string) error {
	_, err := s.client.Orders.Create(context.Background(), sen.CreateOrderRequest{
		AppTransID: appTransID, AppUser: "An", Amount: 50_000, Description: "Coffee",
	})
	return err
}

func (s *shop) callbacks() http.Handler {
	return sen.CallbackHandler(s.app, func(_ context.Context, c *sen.Callback) error {
		s.paid[c.Order.AppTransID] = true
		return nil
	})
}

// example stands for the *testing.T that a test has.
type example struct{ undo []func() }

func (e *example) Helper()                           {}
func (e *example) Cleanup(f func())                  { e.undo = append(e.undo, f) }
func (e *example) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func (e *example) TempDir() string {
	dir, err := os.MkdirTemp("", "sentest")
	if err != nil {
		panic(err)
	}
	e.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (e *example) end() {
	for len(e.undo) > 0 {
		last := e.undo[len(e.undo)-1]
		e.undo = e.undo[:len(e.undo)-1]
		last()
	}
}

// Test that a shop hears of a payment.
func Example() {
	t := &example{} // in a test: t *testing.T
	defer t.end()

	gw := sentest.New(t, sentest.At(time.Date(2026, 1, 2, 7, 0, 0, 0, sen.Zone())))
	s := &shop{client: gw.Client, app: gw.App, paid: map[string]bool{}}
	gw.CallbacksTo(s.callbacks())

	if err := s.checkout("260102_cart-42"); err != nil {
		t.Fatalf("%v", err)
	}
	gw.Pay("260102_cart-42")
	fmt.Println("paid:", s.paid["260102_cart-42"])
	for _, c := range gw.Callbacks() {
		fmt.Println(c.Order.AppTransID, c.Order.Amount, c.Delivered, len(c.Attempts))
	}
	// Output:
	// paid: true
	// 260102_cart-42 50000 true 1
}

// Test what a shop makes of an order that nobody pays.
func ExampleGateway_Expire() {
	t := &example{} // in a test: t *testing.T
	defer t.end()

	gw := sentest.New(t, sentest.At(time.Date(2026, 1, 2, 7, 0, 0, 0, sen.Zone())))
	s := &shop{client: gw.Client, app: gw.App}
	if err := s.checkout("260102_cart-42"); err != nil {
		t.Fatalf("%v", err)
	}
	gw.Decline("260102_cart-42")
	gw.Expire("260102_cart-42")
	_, err := gw.Client.Orders.Query(context.Background(), sen.QueryOrderRequest{AppTransID: "260102_cart-42"})
	if refused, ok := errors.AsType[*sen.Error](err); ok {
		fmt.Println(refused.Code() == sen.CodeExpired, gw.Now().Format(time.TimeOnly))
	}
	// Output: true 07:15:00
}

// Test what a shop does when no callback comes, and when it comes late.
func ExampleGateway_LoseCallback() {
	t := &example{} // in a test: t *testing.T
	defer t.end()

	gw := sentest.New(t, sentest.At(time.Date(2026, 1, 2, 7, 0, 0, 0, sen.Zone())))
	s := &shop{client: gw.Client, app: gw.App, paid: map[string]bool{}}
	gw.CallbacksTo(s.callbacks())
	if err := s.checkout("260102_cart-42"); err != nil {
		t.Fatalf("%v", err)
	}
	gw.LoseCallback()
	gw.Pay("260102_cart-42")
	fmt.Println("heard:", s.paid["260102_cart-42"])
	q, err := gw.Client.Orders.Query(context.Background(), sen.QueryOrderRequest{AppTransID: "260102_cart-42"})
	fmt.Println("asked:", err == nil && q.Paid())
	fmt.Println("sent after all:", gw.Redeliver(), s.paid["260102_cart-42"])
	// Output:
	// heard: false
	// asked: true
	// sent after all: 1 true
}

// Test what a shop does when the gateway fails.
func ExampleGateway_Force() {
	t := &example{} // in a test: t *testing.T
	defer t.end()

	gw := sentest.New(t, sentest.At(time.Date(2026, 1, 2, 7, 0, 0, 0, sen.Zone())))
	s := &shop{client: gw.Client, app: gw.App}
	undo := gw.Force(sen.OpCreateOrder, sen.CodeMaintenance)
	fmt.Println(s.checkout("260102_cart-42"))
	undo()
	fmt.Println(s.checkout("260102_cart-42"))
	for _, r := range gw.Requests() {
		fmt.Println(r.Operation, r.Fields["app_trans_id"], r.Code)
	}
	// Output:
	// sen: create_order: -999 SYSTEM_MAINTENANCE: Hệ thống đang bảo trì
	// <nil>
	// create_order 260102_cart-42 sub_return_code -999
	// create_order 260102_cart-42 sub_return_code 1
}
