package control

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"sen/internal/callback"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/pay"
	"sen/internal/store"
)

func (s *Server) pay(r *http.Request) (any, error) {
	var in PayOrder
	if err := read(r, &in); err != nil {
		return nil, err
	}
	o, err := s.findOrder(r, in)
	if err != nil {
		return nil, err
	}
	if in.Card != "" {
		return s.payByCard(r, o, in)
	}
	w, err := s.walletOf(r, in.Wallet)
	if err != nil {
		return nil, err
	}
	p, err := s.Pay.PayFromWallet(r.Context(), o.Key, w.ID)
	if err != nil {
		return nil, err
	}
	return wirePayment(p, w), nil
}

// findOrder takes whatever a developer has at hand: the order's link, its
// token, or the merchant's own identifier.
func (s *Server) findOrder(r *http.Request, in PayOrder) (pay.Order, error) {
	if strings.Contains(in.Order, "://") {
		token, ok := s.OrderToken(in.Order)
		if !ok {
			return pay.Order{}, pay.ErrOrderNotFound.On("order", "the link has no order in it")
		}
		return s.Pay.OrderByToken(r.Context(), token)
	}
	if _, ok := id.TokenKey(in.Order); ok {
		return s.Pay.OrderByToken(r.Context(), in.Order)
	}
	if in.App == 0 {
		return pay.Order{}, errNeedsApp.On("app", "")
	}
	return s.Pay.OrderByTransID(r.Context(), merchant.ID(in.App), in.Order)
}

func (s *Server) order(r *http.Request) (any, error) {
	app, err := pathNumber(r, "app")
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	rc, err := s.Pay.Receipt(ctx, merchant.ID(app), r.PathValue("transID"))
	if err != nil {
		return nil, err
	}
	o := rc.Order
	out := s.wireOrder(o)
	out.Callbacks = []Callback{}
	if rc.Payment.Number != 0 {
		if out.Payment, err = s.payment(r, rc.Payment); err != nil {
			return nil, err
		}
	}
	deliveries, err := s.Store.DeliveriesOfOrder(ctx, int64(o.Key))
	if err != nil {
		return nil, err
	}
	for _, d := range deliveries {
		if d.Subject == callback.OrderPaid { // a binding made by another process can have the same key
			out.Callbacks = append(out.Callbacks, wireCallback(d))
		}
	}
	return out, nil
}

func (s *Server) wireOrder(o pay.Order) Order {
	return Order{
		App: int64(o.App), AppTransID: o.AppTransID, Token: o.Token, Amount: int64(o.Amount),
		Description: o.Description, State: string(s.state(o)), Failure: string(o.Failure),
		CreatedAt: o.CreatedAt, ExpiresAt: o.ExpiresAt,
	}
}

// orders lists orders without what came of them.
func (s *Server) orders(r *http.Request) (any, error) {
	n, err := page(r)
	if err != nil {
		return nil, err
	}
	q := store.OrderSearch{After: store.Newest}
	if text := r.URL.Query().Get("app"); text != "" {
		app, err := strconv.ParseInt(text, 10, 64)
		if err != nil || app <= 0 {
			return nil, errBody.On("app", "must be the number of an app")
		}
		q.Scope = store.Scope{merchant.ID(app)}
	}
	all, _, err := s.Store.FindOrders(r.Context(), q, n)
	if err != nil {
		return nil, err
	}
	out := make([]Order, 0, len(all))
	for _, o := range all {
		out = append(out, s.wireOrder(o))
	}
	return out, nil
}

// payment names who paid. A card may be anybody's.
func (s *Server) payment(r *http.Request, p pay.Payment) (*Payment, error) {
	if p.Wallet == 0 {
		return wirePayment(p, pay.Wallet{}), nil
	}
	w, _, err := s.Pay.WalletBalance(r.Context(), p.Wallet)
	return wirePayment(p, w), err
}

// state looks at the clock itself: the worker that closes orders whose time is
// up comes a little later.
func (s *Server) state(o pay.Order) pay.OrderState {
	if errors.Is(o.Payable(s.Clock.Now()), pay.ErrOrderExpired) {
		return pay.OrderExpired
	}
	return o.State
}

func (s *Server) refund(r *http.Request) (any, error) {
	app, err := pathNumber(r, "app")
	if err != nil {
		return nil, err
	}
	rf, err := s.Pay.RefundByMerchantID(r.Context(), merchant.ID(app), r.PathValue("refundID"))
	if err != nil {
		return nil, err
	}
	return wireRefund(rf), nil
}

func (s *Server) refunds(r *http.Request) (any, error) {
	n, err := page(r)
	if err != nil {
		return nil, err
	}
	find := s.Store.RefundsPending
	switch text := r.URL.Query().Get("all"); text {
	case "true":
		find = func(ctx context.Context, n int) ([]pay.Refund, error) {
			all, _, err := s.Store.FindRefunds(ctx, store.RefundSearch{}, n)
			return all, err
		}
	case "", "false":
	default:
		return nil, errBody.On("all", "must be true or false")
	}
	all, err := find(r.Context(), n)
	if err != nil {
		return nil, err
	}
	out := make([]Refund, 0, len(all))
	for _, rf := range all {
		out = append(out, wireRefund(rf))
	}
	return out, nil
}

func (s *Server) decide(r *http.Request) (any, error) {
	number, err := pathNumber(r, "number")
	if err != nil {
		return nil, err
	}
	var in Decision
	if err := read(r, &in); err != nil {
		return nil, err
	}
	rf, err := s.Pay.DecideRefund(r.Context(), number, in.Approve)
	return wireRefund(rf), err
}
