package main

import (
	"bytes"
	_ "embed" // for the pages
	"encoding/json"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sen"
	"sen/examples"
)

// routes are the pages. test adds the two that "sen certify" asks for.
func (s *shop) routes(test bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("POST /buy", s.buy)
	mux.HandleFunc("GET /orders/{id}", s.show)
	mux.HandleFunc("POST /orders/{id}/refund", s.giveBack)
	mux.HandleFunc("GET /back", s.back)
	mux.HandleFunc("POST /wallet", s.bind)
	mux.HandleFunc("GET /wallet/back", s.backFromBinding)
	mux.HandleFunc("POST /wallet/forget", s.forget)
	mux.HandleFunc("POST /sync", s.syncAll)
	mux.Handle("/callback", sen.CallbackHandler(s.app, s.accept))
	mux.Handle("GET /shop.css", http.FileServerFS(examples.Assets))
	mux.Handle("GET /qr.mjs", http.FileServerFS(examples.Assets))
	if test {
		mux.HandleFunc("POST /test/order", s.testOrder)
		mux.HandleFunc("GET /test/deliveries", s.testDeliveries)
	}
	// No other site can press our buttons; the gateway is no browser and may call.
	return http.NewCrossOriginProtection().Handler(mux)
}

//go:embed page.html
var text string

var page = template.Must(template.New("page").Funcs(template.FuncMap{"dong": dong, "said": func(state string) string { return said[state] }}).Parse(text))

var said = map[string]string{
	waiting: "chờ thanh toán · waiting", paid: "đã thanh toán · paid", failed: "không thành · failed",
	refunding: "đang hoàn tiền · being refunded", refunded: "đã hoàn tiền · refunded",
}

// dong writes 45000 as 45.000 ₫.
func dong(amount int64) string {
	digits := strconv.FormatInt(amount, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "." + digits[i:]
	}
	return digits + " ₫"
}

func render(w http.ResponseWriter, name string, data any) {
	var b bytes.Buffer
	if err := page.ExecuteTemplate(&b, name, data); err != nil {
		slog.Error("a page", "name", name, "error", err)
		http.Error(w, "the page is broken", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = b.WriteTo(w) // who has gone sees no error either
}

func (s *shop) home(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var orders []order
	for _, id := range s.newest {
		orders = append(orders, *s.orders[id])
	}
	saved, has := s.wallets[customer]
	render(w, "home", map[string]any{"Products": products, "Orders": orders, "Wallet": saved, "Saved": has})
}

// buy makes an order and leads to where it is paid: the gateway's page, a QR for
// another device, or the wallet that was saved.
func (s *shop) buy(w http.ResponseWriter, r *http.Request) {
	i := slices.IndexFunc(products, func(p product) bool { return p.ID == r.FormValue("product") })
	if i < 0 {
		http.Error(w, "no such product", http.StatusBadRequest)
		return
	}
	by, productCode := r.FormValue("by"), ""
	if by == "wallet" {
		productCode = "AGREEMENT" // an order that a token will pay
	}
	o, err := s.create(r.Context(), products[i], productCode)
	switch {
	case err == nil && by == "":
		http.Redirect(w, r, o.URL, http.StatusSeeOther)
		return
	case err == nil && by == "wallet":
		s.payByWallet(r.Context(), o)
	}
	http.Redirect(w, r, "/orders/"+o.ID, http.StatusSeeOther)
}

func (s *shop) show(w http.ResponseWriter, r *http.Request) {
	s.sync(r.Context(), r.PathValue("id"))
	o, ok := s.get(r.PathValue("id"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	render(w, "order", o)
}

func (s *shop) giveBack(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.get(r.PathValue("id")); !ok {
		http.NotFound(w, r)
		return
	}
	s.refund(r.Context(), r.PathValue("id"))
	http.Redirect(w, r, "/orders/"+r.PathValue("id"), http.StatusSeeOther)
}

// back is where payers come back to. What the address says only chooses the
// page: the payer can keep it and open it again. Whether the order is paid, the
// gateway says.
func (s *shop) back(w http.ResponseWriter, r *http.Request) {
	redirect, err := s.app.VerifyRedirect(r.URL.Query())
	if err != nil {
		http.Error(w, "Địa chỉ này đã bị sửa · This address was changed", http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, "/orders/"+redirect.AppTransID, http.StatusSeeOther)
}

// bind asks the customer, at the gateway, whether the shop may charge the wallet.
func (s *shop) bind(w http.ResponseWriter, r *http.Request) {
	id := s.newID()
	b, err := s.client.Bindings.Create(r.Context(), sen.CreateBindingWalletRequest{
		AppTransID: id, Identifier: customer, CallbackURL: s.url + "/callback", RedirectURL: s.url + "/wallet/back",
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	s.mu.Lock()
	s.asked = id
	s.mu.Unlock()
	http.Redirect(w, r, b.BindingQRLink, http.StatusSeeOther)
}

// backFromBinding is where customers come back to. This address has no checksum,
// so it proves nothing: ask.
func (s *shop) backFromBinding(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	id := s.asked
	s.mu.Unlock()
	q, err := s.client.Bindings.Query(r.Context(), sen.QueryPaymentTokenWalletRequest{AppTransID: id})
	if err == nil && q.Confirmed() {
		q.Data.MerchantUserID = customer
		s.bound(*q.Data)
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *shop) forget(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	saved := s.wallets[customer]
	delete(s.wallets, customer)
	s.mu.Unlock()
	if _, err := s.client.Bindings.End(r.Context(), sen.UnbindingWalletRequest{BindingID: saved.bindingID, Identifier: customer}); err != nil {
		slog.WarnContext(r.Context(), "the binding goes on at the gateway", "error", err)
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// syncAll asks about everything that is open. Call it every minute or so, for
// those who paid, closed the browser, and whose callback was lost.
func (s *shop) syncAll(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	all := slices.Clone(s.newest)
	s.mu.Unlock()
	for _, id := range all {
		s.sync(r.Context(), id)
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *shop) testOrder(w http.ResponseWriter, r *http.Request) {
	o, err := s.create(r.Context(), products[0], "")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"app_trans_id": o.ID, "amount": o.Product.Price}) // as above
}

func (s *shop) testDeliveries(w http.ResponseWriter, r *http.Request) {
	o, _ := s.get(strings.TrimSpace(r.FormValue("id")))
	_, _ = w.Write([]byte(strconv.Itoa(o.deliveries))) // as above
}
