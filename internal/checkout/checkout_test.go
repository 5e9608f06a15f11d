package checkout_test

import (
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"testing"
	"time"

	"sen/internal/checkout"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/payer"
	"sen/internal/paytest"
	"sen/internal/vietqr"
	"sen/internal/web"
	"sen/internal/web/webtest"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	webtest.CheckTexts(t, os.DirFS("."))
}

// site is a gateway with its pages in front.
type site struct {
	*paytest.Gateway
	server *httptest.Server
	log    *webtest.Log
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{Gateway: paytest.New(t), log: &webtest.Log{}}
	pages, err := web.New(web.Config{
		Log: slog.New(slog.NewTextHandler(s.log, nil)), Now: time.Now, IDs: s.IDs, Store: s.Store, Sandbox: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := checkout.Server{
		Desk: &payer.Desk{Site: pages, Pay: s.Pay, TestWallet: &payer.TestWallet{Phone: "0900000001", PIN: paytest.PIN}},
		Apps: s.Apps, Issuer: vietqr.DefaultIssuer(), Now: s.Clock.Now, Cards: true,
	}
	s.server = httptest.NewServer(server.Handler())
	t.Cleanup(s.server.Close)
	return s
}

// browser is somebody who visits, and can pay.
type browser struct{ *webtest.Browser }

func (s *site) browser(t *testing.T) *browser {
	t.Helper()
	return &browser{webtest.Open(t, s.server.URL)}
}

func (b *browser) signIn(o pay.Order, phone, pin string) webtest.Page {
	return b.Send("/checkout/"+o.Token+"/sign-in", url.Values{"phone": {phone}, "pin": {pin}})
}

func (b *browser) pay(o pay.Order) webtest.Page {
	return b.Send("/checkout/"+o.Token+"/pay", url.Values{})
}

func wantBalance(t *testing.T, s *site, w pay.WalletID, want money.Amount) {
	t.Helper()
	if got := s.Balance(t, w); got != want {
		t.Errorf("the balance is %s, want %s", got, want)
	}
}

// closedShop registers a second app, opens an order of it and disables it.
func (s *site) closedShop(t *testing.T) pay.Order {
	t.Helper()
	app := s.AddApp(t, merchant.App{ID: 7, Name: "Gone", Key1: "0123456789abcdef", Key2: "fedcba9876543210"})
	o := s.Order(t, func(n *pay.NewOrder) { n.App = app })
	_, err := s.Store.UpdateApp(t.Context(), app.ID, func(a *merchant.App) error {
		a.DisabledAt = s.Clock.Now()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Refresh(t)
	return o
}
