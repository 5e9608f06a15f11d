package sentest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"sen"
	"sen/sentest"
)

var morning = time.Date(2026, 1, 2, 7, 0, 0, 0, sen.Zone())

func create(t *testing.T, gw *sentest.Gateway, name string) string {
	t.Helper()
	id := sen.AppTransID(gw.Now(), name)
	_, err := gw.Client.Orders.Create(t.Context(), sen.CreateOrderRequest{AppTransID: id, AppUser: "An", Amount: 50_000, Description: "Coffee"})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// state asks for an order and returns the value of the answer.
func state(t *testing.T, gw *sentest.Gateway, id string) sen.Code {
	t.Helper()
	q, err := gw.Client.Orders.Query(t.Context(), sen.QueryOrderRequest{AppTransID: id})
	if refused, ok := errors.AsType[*sen.Error](err); ok {
		return refused.Code()
	}
	if err != nil {
		t.Fatal(err)
	}
	return sen.Code(q.SubReturnCode)
}

// TestPay has a merchant who fails at first, and asks the gateway while it is
// called.
func TestPay(t *testing.T) {
	t.Parallel()
	gw := sentest.New(t, sentest.At(morning))
	var calls, asked atomic.Int32
	handler := sen.CallbackHandler(gw.App, func(ctx context.Context, c *sen.Callback) error {
		q, err := gw.Client.Orders.Query(ctx, sen.QueryOrderRequest{AppTransID: c.Order.AppTransID})
		if err == nil && q.Paid() {
			asked.Add(1)
		}
		if calls.Add(1) == 1 {
			return errors.New("not yet")
		}
		return nil
	})
	address := gw.CallbacksTo(handler)
	id := create(t, gw, "a")
	if paid := gw.Pay(id); paid.Amount != 50_000 || paid.ZPTransID == 0 || !paid.At.Equal(morning) {
		t.Errorf("paid %+v", paid)
	}
	if calls.Load() != 1 {
		t.Fatalf("%d calls when Pay returned, want 1", calls.Load())
	}
	if all := gw.Callbacks(); len(all) != 1 || all[0].Delivered || len(all[0].Attempts) != 1 {
		t.Errorf("after the first try: %+v", all)
	}
	gw.Advance(15 * time.Second)
	all := gw.Callbacks()
	if calls.Load() != 2 || asked.Load() != 2 || len(all) != 1 {
		t.Fatalf("%d calls, %d answers, callbacks %+v", calls.Load(), asked.Load(), all)
	}
	c := all[0]
	if !c.Delivered || c.URL != address || c.Order.AppTransID != id || len(c.Attempts) != 2 || !c.Attempts[1].At.Equal(morning.Add(15*time.Second)) ||
		c.Attempts[0].Status != http.StatusOK {
		t.Errorf("callback %+v", c)
	}
}

// TestStates brings an order where tests want it.
func TestStates(t *testing.T) {
	t.Parallel()
	gw := sentest.New(t)
	id := create(t, gw, "a")
	gw.Decline(id)
	if got := state(t, gw, id); got != sen.CodeBalanceTooLow {
		t.Errorf("declined: %d", got)
	}
	if _, err := gw.PayFrom(sentest.LockedWallet, id); err == nil {
		t.Error("a locked wallet paid")
	}
	undo := gw.Force(sen.OpQueryOrder, sen.CodeMaintenance)
	if got := state(t, gw, id); got != sen.CodeMaintenance {
		t.Errorf("forced: %d", got)
	}
	undo()
	gw.Expire(id)
	if got := state(t, gw, id); got != sen.CodeExpired {
		t.Errorf("expired: %d", got)
	}
	log := gw.Requests()
	if len(log) != 4 || log[0].Operation != "create_order" || !log[0].MACGood || log[0].Fields["amount"] != "50000" ||
		log[2].Code != sen.CodeMaintenance || log[3].AppTransID != id {
		t.Errorf("requests %+v", log)
	}
}

// TestRefund has refunds that take no time, and some.
func TestRefund(t *testing.T) {
	t.Parallel()
	for _, takes := range []time.Duration{0, time.Minute} {
		gw := sentest.New(t, sentest.RefundsTake(takes))
		paid := gw.Pay(create(t, gw, "a"))
		id := sen.MRefundID(gw.Now(), gw.App.ID, "x")
		_, err := gw.Client.Refunds.Create(t.Context(), sen.RefundOrderRequest{MRefundID: id, ZPTransID: paid.ZPTransID, Amount: 1000, Description: "cold"})
		if err != nil {
			t.Fatal(err)
		}
		for _, done := range []bool{takes == 0, true} {
			q, err := gw.Client.Refunds.Query(t.Context(), sen.QueryRefundRequest{MRefundID: id})
			if err != nil || q.Done() != done {
				t.Errorf("a refund that takes %v: %+v, %v, want done: %v", takes, q, err, done)
			}
			gw.Advance(takes)
		}
	}
}

// TestLoseCallback has a shop that hears of a payment by asking, and of the
// callback when it comes after all; the one after is not lost.
func TestLoseCallback(t *testing.T) {
	t.Parallel()
	gw := sentest.New(t)
	var heard []string
	gw.CallbacksTo(sen.CallbackHandler(gw.App, func(_ context.Context, c *sen.Callback) error {
		heard = append(heard, c.Order.AppTransID)
		return nil
	}))
	first := create(t, gw, "a")
	gw.LoseCallback()
	gw.Pay(first)
	gw.Advance(time.Hour) // it is not repeated either
	if all := gw.Callbacks(); len(heard) > 0 || len(all) != 1 || !all[0].Lost || all[0].Delivered {
		t.Fatalf("heard %q of a lost callback: %+v", heard, all)
	}
	if got := state(t, gw, first); got != sen.Success {
		t.Errorf("asked instead: %d", got)
	}
	second := create(t, gw, "b")
	gw.Pay(second)
	if !slices.Equal(heard, []string{second}) {
		t.Errorf("heard %q, want the second", heard)
	}
	if n := gw.Redeliver(); n != 1 || !slices.Equal(heard, []string{second, first}) {
		t.Errorf("%d sent again, heard %q", n, heard)
	}
	if n := gw.Redeliver(); n != 0 || len(heard) != 2 {
		t.Errorf("%d sent again though none is lost, heard %q", n, heard)
	}
	for _, c := range gw.Callbacks() {
		if c.Lost || !c.Delivered {
			t.Errorf("callback %+v", c)
		}
	}
}

// TestPaymentCode pays at a till.
func TestPaymentCode(t *testing.T) {
	t.Parallel()
	gw := sentest.New(t)
	request := sen.QuickPayRequest{
		AppTransID: sen.AppTransID(gw.Now(), "a"), AppUser: "till", Amount: 50_000, Description: "Coffee", PaymentCode: gw.PaymentCode(), UserIP: "192.0.2.1",
	}
	if paid, err := gw.Client.Orders.QuickPay(t.Context(), request); err != nil || paid.ZPTransID == 0 {
		t.Errorf("paid %+v, %v", paid, err)
	}
	request.AppTransID, request.PaymentCode = sen.AppTransID(gw.Now(), "b"), gw.PaymentCode()
	gw.Advance(2 * time.Minute)
	request.AppTime = gw.Now().UnixMilli()
	if _, err := gw.Client.Orders.QuickPay(t.Context(), request); !errors.Is(err, sen.CodeNotFound) {
		t.Errorf("a code that is too old: %v", err)
	}
}

// TestAgree binds a wallet and pays by its token.
func TestAgree(t *testing.T) {
	t.Parallel()
	gw := sentest.New(t)
	made, err := gw.Client.Bindings.Create(t.Context(), sen.CreateBindingWalletRequest{AppTransID: sen.AppTransID(gw.Now(), "w"), Identifier: "An"})
	if err != nil {
		t.Fatal(err)
	}
	token := gw.Agree(made.BindingID)
	order, err := gw.Client.Orders.Create(t.Context(), sen.CreateOrderRequest{
		AppTransID: sen.AppTransID(gw.Now(), "a"), AppUser: "An", Amount: 50_000, Description: "Coffee", ProductCode: "AGREEMENT",
	})
	if err != nil {
		t.Fatal(err)
	}
	paid, err := gw.Client.Bindings.Pay(t.Context(), sen.PayByTokenWalletRequest{PayToken: token, Identifier: "An", ZPTransToken: order.ZPTransToken})
	if err != nil || paid.ZPTransID == 0 {
		t.Errorf("paid by token: %+v, %v", paid, err)
	}
}

// TestSame asks three gateways the same.
func TestSame(t *testing.T) {
	t.Parallel()
	tokens := map[uint64]string{}
	for _, seed := range []uint64{1, 1, 2} {
		gw := sentest.New(t, sentest.At(morning), sentest.Seed(seed))
		made, err := gw.Client.Orders.Create(t.Context(), sen.CreateOrderRequest{AppTransID: "260102_a", AppUser: "An", Amount: 50_000, Description: "Coffee"})
		if err != nil {
			t.Fatal(err)
		}
		if kept, ok := tokens[seed]; ok && kept != made.ZPTransToken {
			t.Errorf("seed %d: tokens %s and %s", seed, kept, made.ZPTransToken)
		}
		tokens[seed] = made.ZPTransToken
	}
	if tokens[1] == tokens[2] {
		t.Error("another seed gave the same token")
	}
}

// TestMany has many at once, none of which sees another.
func TestMany(t *testing.T) {
	t.Parallel()
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			gw := sentest.New(t)
			id := create(t, gw, "same")
			gw.Pay(id)
			if got := state(t, gw, id); got != sen.Success {
				t.Errorf("state %d", got)
			}
			if n := len(gw.Requests()); n != 2 {
				t.Errorf("%d requests, want 2", n)
			}
		})
	}
}

// BenchmarkNew measures what a test pays for a gateway of its own.
func BenchmarkNew(b *testing.B) {
	sentest.New(b)
	for b.Loop() {
		sentest.New(b)
	}
}
