package tokentest

import (
	"context"
	"errors"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sen"
	"sen/internal/app/apptest"
	"sen/internal/control"
)

// A shop is the merchant of a new sandbox's first app, and its server.
type shop struct {
	*apptest.Sandbox
	app    sen.App
	client *sen.Client
	url    string
	heard  chan *sen.Callback
	ids    atomic.Int64
}

// The preset wallets that these tests pay from.
const (
	rich      = "0900000001" // is filled up after every payment
	alsoRich  = "0900000002"
	spendable = "0900000003" // has 5.000.000 ₫
)

func openShop(t *testing.T) *shop {
	t.Helper()
	return openShopAt(t, apptest.StartSandbox(t))
}

func openShopAt(t *testing.T, sandbox *apptest.Sandbox) *shop {
	t.Helper()
	s := &shop{Sandbox: sandbox, heard: make(chan *sen.Callback, 100)}
	s.app, s.client = s.App(t, 2553), s.Merchant(t, 2553)
	server := httptest.NewServer(sen.CallbackHandler(s.app, func(_ context.Context, c *sen.Callback) error {
		s.heard <- c
		return nil
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// at sets the sandbox's clock.
func (s *shop) at(t *testing.T, moment string) {
	t.Helper()
	when, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		t.Fatal(err)
	}
	s.MoveClock(t, control.MoveClock{Set: &when})
}

func (s *shop) newID() string {
	return sen.AppTransID(s.Clock.Now(), "test"+strconv.FormatInt(s.ids.Add(1), 10))
}

const user = "user 7"

// ask asks for a binding, with the changes that change makes.
func (s *shop) ask(t *testing.T, change func(*sen.CreateBindingWalletRequest)) (id string, made *sen.CreateBindingWalletResponse) {
	t.Helper()
	in := sen.CreateBindingWalletRequest{AppTransID: s.newID(), Identifier: user}
	if change != nil {
		change(&in)
	}
	made, err := s.client.Bindings.Create(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return in.AppTransID, made
}

// bind makes a binding that the wallet's owner confirms.
func (s *shop) bind(t *testing.T, wallet string, change func(*sen.CreateBindingWalletRequest)) control.Binding {
	t.Helper()
	_, made := s.ask(t, change)
	b, err := s.Control.Consent(t.Context(), made.BindingID, control.Consent{Wallet: wallet})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// order creates an order and returns its identifier and the token that pays it.
func (s *shop) order(t *testing.T, amount int64, embed string) (id, token string) {
	t.Helper()
	id = s.newID()
	made, err := s.client.Orders.Create(t.Context(), sen.CreateOrderRequest{
		AppTransID: id, AppUser: user, Amount: amount, Description: "Trà sen", EmbedData: embed,
	})
	if err != nil {
		t.Fatal(err)
	}
	return id, made.ZPTransToken
}

// payOrder pays an order by a token.
func (s *shop) payOrder(t *testing.T, b control.Binding, order string) (*sen.PayByTokenWalletResponse, error) {
	t.Helper()
	return s.client.Bindings.Pay(t.Context(), sen.PayByTokenWalletRequest{PayToken: b.PayToken, Identifier: user, ZPTransToken: order})
}

// pay creates an order and pays it by a token.
func (s *shop) pay(t *testing.T, b control.Binding, amount int64) error {
	t.Helper()
	_, order := s.order(t, amount, "")
	_, err := s.payOrder(t, b, order)
	return err
}

// wantCode wants a refusal with that code, or none for 0.
func wantCode(t *testing.T, what string, err error, want sen.Code) {
	t.Helper()
	if want == 0 && err == nil || want != 0 && errors.Is(err, want) {
		return
	}
	t.Errorf("%s: got %v, want code %d", what, err, int(want))
}

// codeOf is the code of a refusal, or 0.
func codeOf(t *testing.T, err error) sen.Code {
	t.Helper()
	refused, ok := errors.AsType[*sen.Error](err)
	if err != nil && !ok {
		t.Errorf("got %v, want a refusal", err)
	}
	if err == nil {
		return 0
	}
	return refused.Code()
}

// counted makes n calls at once and counts what they were answered.
func counted(t *testing.T, n int, call func(i int) error) map[sen.Code]int {
	t.Helper()
	codes := make([]sen.Code, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { codes[i] = codeOf(t, call(i)) })
	}
	wg.Wait()
	count := map[sen.Code]int{}
	for _, c := range codes {
		count[c]++
	}
	return count
}

// wantLedger wants books without a mistake.
func (s *shop) wantLedger(t *testing.T) {
	t.Helper()
	l, err := s.Control.Ledger(t.Context())
	if err != nil || !l.OK {
		t.Errorf("the ledger: %v, %v", l.Problems, err)
	}
}

func (s *shop) terms(t *testing.T, change control.ChangeApp) {
	t.Helper()
	if _, err := s.Control.ChangeApp(t.Context(), int64(s.app.ID), change); err != nil {
		t.Fatal(err)
	}
}

func (s *shop) wallet(t *testing.T, phone string, change control.Conditions) {
	t.Helper()
	if _, err := s.Control.ChangeWallet(t.Context(), phone, change); err != nil {
		t.Fatal(err)
	}
}

// wantRefused wants the control API to refuse with that code.
func wantRefused(t *testing.T, what string, err error, want string) {
	t.Helper()
	refused, ok := errors.AsType[*control.Error](err)
	if !ok || refused.Code != want {
		t.Errorf("%s: got %v, want %s", what, err, want)
	}
}
