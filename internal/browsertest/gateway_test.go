//go:build browser

package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/control"
	"sen/internal/sandbox"
)

// shop is an app of the sandbox.
var shop = sen.App{ID: 2553, Key1: "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL", Key2: "kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz"}

// payer is a wallet of the sandbox that is spent as it pays.
const payer = "0900000003"

// A gateway serves until the test ends, and the shop's server with it.
type gateway struct {
	url     string
	control *control.Client
	orders  *sen.Client

	shopURL   string
	callbacks chan *sen.Callback
	redirects chan *sen.Redirect // that the SDK took
}

func start(t *testing.T) *gateway {
	t.Helper()
	return startWith(t, app.Config{})
}

// startWith is start with a configuration to begin with.
func startWith(t *testing.T, c app.Config) *gateway {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	c.Mode, c.Addr, c.Data, c.Version, c.Log = app.Sandbox, "127.0.0.1:0", t.TempDir(), "test", slog.New(slog.DiscardHandler)
	c.ReadTimeout, c.CallbackTimeout = patience, patience // a browser or a shop may be slow on a busy machine
	g, err := app.Open(ctx, c)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the gateway stopped: %v", err)
		}
	})
	s := &gateway{
		url: g.BaseURL, control: control.NewClient(g.BaseURL), orders: sen.NewClient(shop, sen.WithBaseURL(g.BaseURL)),
		callbacks: make(chan *sen.Callback, 16), redirects: make(chan *sen.Redirect, 16),
	}
	server := httptest.NewServer(s.shop())
	t.Cleanup(server.Close)
	s.shopURL = server.URL
	return s
}

// shop is the merchant's server: it shows what a redirect says if the SDK
// takes it, and keeps the callbacks that the SDK takes.
func (g *gateway) shop() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /thanks", func(w http.ResponseWriter, r *http.Request) {
		redirect, err := shop.VerifyRedirect(r.URL.Query())
		if err != nil {
			say(w, err.Error())
			return
		}
		g.redirects <- redirect
		say(w, fmt.Sprintf("%s: %d of %d by %d, cart %s", redirect.AppTransID, redirect.Status, redirect.Amount, redirect.PMCID, r.FormValue("cart")))
	})
	mux.HandleFunc("GET /linked", func(w http.ResponseWriter, r *http.Request) {
		say(w, fmt.Sprintf("%s: %s, user %s", r.FormValue("binding_id"), r.FormValue("status"), r.FormValue("user")))
	})
	mux.Handle("POST /callback", sen.CallbackHandler(shop, func(_ context.Context, c *sen.Callback) error {
		g.callbacks <- c
		return nil
	}))
	return mux
}

func say(w io.Writer, text string) {
	fmt.Fprintf(w, "<!doctype html><title>Shop</title><p id=said>%s</p>", html.EscapeString(text))
}

// heard waits for the next callback.
func (g *gateway) heard(t *testing.T) *sen.Callback {
	t.Helper()
	select {
	case c := <-g.callbacks:
		return c
	case <-time.After(patience):
		t.Fatal("no callback came")
		return nil
	}
}

// landed waits for the next payer whom the gateway led back.
func (g *gateway) landed(t *testing.T) *sen.Redirect {
	t.Helper()
	select {
	case r := <-g.redirects:
		return r
	case <-time.After(patience):
		t.Fatal("nobody came back")
		return nil
	}
}

// wantAgreement waits for a callback about the binding and returns it.
func (g *gateway) wantAgreement(t *testing.T, bindingID string, status, msgType int) *sen.AgreementCallback {
	t.Helper()
	a := g.heard(t).Agreement
	if a == nil || a.BindingID != bindingID || a.Status != status || a.MsgType != msgType {
		t.Fatalf("the callback says %+v, want binding %s with status %d and msg_type %d", a, bindingID, status, msgType)
	}
	return a
}

// order creates an order of the shop through the SDK.
func (g *gateway) order(t *testing.T, amount int64) (appTransID string, o *sen.CreateOrderResponse) {
	t.Helper()
	return g.orderWith(t, amount, "")
}

// orderWith is order with embed_data.
func (g *gateway) orderWith(t *testing.T, amount int64, embed string) (appTransID string, o *sen.CreateOrderResponse) {
	t.Helper()
	appTransID = sen.AppTransID(time.Now(), "browser"+strconv.FormatInt(amount, 10))
	o, err := g.orders.Orders.Create(t.Context(), sen.CreateOrderRequest{
		AppTransID: appTransID, AppUser: "lan", Amount: amount, Description: "Trà sen", EmbedData: embed,
		CallbackURL: g.shopURL + "/callback", RedirectURL: g.shopURL + "/thanks?cart=42",
	})
	if err != nil {
		t.Fatal(err)
	}
	return appTransID, o
}

// call sends an operation of the merchant API that the SDK has no method for,
// signed by the SDK's own table.
func call[T any](t *testing.T, g *gateway, path string, members map[string]string) (answer T) {
	t.Helper()
	members["app_id"] = strconv.Itoa(shop.ID)
	members["req_date"] = strconv.FormatInt(time.Now().UnixMilli(), 10)
	form := url.Values{}
	for _, op := range sen.Operations() {
		if op.Path == path && form.Get("mac") == "" {
			form.Set("mac", op.Sign(shop.Key1, func(m string) string { return members[m] }))
		}
	}
	for name, value := range members {
		form.Set(name, value)
	}
	response, err := (&http.Client{Timeout: patience}).PostForm(g.url+path, form)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // it has been read
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return answer
}

// bind asks for a binding of the user lan.
func (g *gateway) bind(t *testing.T, name string) sen.CreateBindingWalletResponse {
	t.Helper()
	b := call[sen.CreateBindingWalletResponse](t, g, "/v2/agreement/bind", map[string]string{
		"app_trans_id": sen.AppTransID(time.Now(), name), "identifier": "lan", "max_amount": "100000",
		"binding_type": "WALLET", "callback_url": g.shopURL + "/callback", "redirect_url": g.shopURL + "/linked?user=lan",
	})
	if b.ReturnCode != sen.Success || b.BindingQRLink == "" {
		t.Fatalf("the bind was refused: %+v", b)
	}
	return b
}

// wantSpent checks what is gone from the payer's wallet.
func (g *gateway) wantSpent(t *testing.T, want int64) {
	t.Helper()
	const before = 5_000_000
	wallets, err := g.control.Wallets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range wallets {
		if w.Phone == payer && before-w.Balance != want {
			t.Errorf("%d ₫ are gone from the wallet, want %d", before-w.Balance, want)
		}
	}
}

const pin = sandbox.PIN
