package control

import (
	"context"
	"math"
	"net/http"

	"sen/internal/merchant"
	"sen/internal/pay"
)

func (s *Server) payouts(r *http.Request) (any, error) {
	app, err := pathNumber(r, "app")
	if err != nil {
		return nil, err
	}
	return s.payoutsOf(r.Context(), merchant.ID(app))
}

func (s *Server) payoutsOf(ctx context.Context, id merchant.ID) (Payouts, error) {
	a, err := s.Apps.Known(id)
	if err != nil {
		return Payouts{}, err
	}
	balance, err := s.Pay.Disbursable(ctx, id)
	out := Payouts{
		App: int64(id), PaymentID: a.Disbursement.PaymentID, PublicKey: a.Disbursement.PublicKey,
		Held: a.Disbursement.Held(), Balance: int64(balance),
	}
	out.PrivateKey, _ = s.PrivateKey(a.Disbursement)
	return out, err
}

func (s *Server) changePayouts(r *http.Request) (any, error) {
	app, err := pathNumber(r, "app")
	if err != nil {
		return nil, err
	}
	var in ChangePayouts
	if err := read(r, &in); err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	_, err = s.Store.UpdateApp(r.Context(), merchant.ID(app), func(a *merchant.App) error {
		if in.PublicKey != "" || in.PaymentID != "" {
			if err := a.Disbursement.Open(in.PaymentID, in.PublicKey); err != nil {
				return err
			}
		}
		if in.Held != nil {
			a.Disbursement.Hold(*in.Held, now)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := s.Changed(r.Context()); err != nil {
		return nil, err
	}
	if err := s.Pay.WakeDisbursements(r.Context(), merchant.ID(app)); err != nil {
		return nil, err
	}
	return s.payoutsOf(r.Context(), merchant.ID(app))
}

func (s *Server) fundPayouts(r *http.Request) (any, error) {
	app, err := pathNumber(r, "app")
	if err != nil {
		return nil, err
	}
	var in Amount
	if err := read(r, &in); err != nil {
		return nil, err
	}
	amount, err := positive(in.Amount)
	if err != nil {
		return nil, err
	}
	if err := s.Pay.FundDisbursements(r.Context(), merchant.ID(app), amount); err != nil {
		return nil, err
	}
	return s.payoutsOf(r.Context(), merchant.ID(app))
}

// FundPayouts books what a merchant gave to pay out.
func (k Bookkeeper) FundPayouts(ctx context.Context, id, amount int64) (Payouts, error) {
	a, err := k.Pay.Apps.Known(merchant.ID(id))
	if err != nil {
		return Payouts{}, err
	}
	sum, err := positive(amount)
	if err != nil {
		return Payouts{}, err
	}
	if err := k.Pay.FundDisbursements(ctx, a.ID, sum); err != nil {
		return Payouts{}, err
	}
	balance, err := k.Pay.Disbursable(ctx, a.ID)
	return Payouts{
		App: id, PaymentID: a.Disbursement.PaymentID, PublicKey: a.Disbursement.PublicKey, Held: a.Disbursement.Held(), Balance: int64(balance),
	}, err
}

func (s *Server) disbursements(r *http.Request) (any, error) {
	app, err := pathNumber(r, "app")
	if err != nil {
		return nil, err
	}
	n, err := page(r)
	if err != nil {
		return nil, err
	}
	if _, err := s.Apps.Known(merchant.ID(app)); err != nil {
		return nil, err
	}
	all, err := s.Store.Disbursements(r.Context(), merchant.ID(app), math.MaxInt64, n)
	if err != nil {
		return nil, err
	}
	out := make([]Disbursement, 0, len(all))
	for _, d := range all {
		one, err := s.wireDisbursement(r.Context(), d)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func (s *Server) disbursement(r *http.Request) (any, error) {
	app, err := pathNumber(r, "app")
	if err != nil {
		return nil, err
	}
	d, err := s.Pay.Disbursement(r.Context(), merchant.ID(app), r.PathValue("orderID"))
	if err != nil {
		return nil, err
	}
	return s.wireDisbursement(r.Context(), d)
}

func (s *Server) rejectDisbursement(r *http.Request) (any, error) {
	number, err := pathNumber(r, "number")
	if err != nil {
		return nil, err
	}
	d, err := s.Pay.RejectDisbursement(r.Context(), number)
	if err != nil {
		return nil, err
	}
	return s.wireDisbursement(r.Context(), d)
}

func (s *Server) wireDisbursement(ctx context.Context, d pay.Disbursement) (Disbursement, error) {
	w, err := s.Pay.Wallet(ctx, d.Wallet)
	out := Disbursement{
		Number: d.Number, App: int64(d.App), PartnerOrderID: d.PartnerOrderID, Phone: w.Phone, Amount: int64(d.Amount),
		Description: d.Description, State: string(d.State), Failure: string(d.Failure), CreatedAt: d.CreatedAt,
	}
	if !d.ClosedAt.IsZero() {
		out.ClosedAt = &d.ClosedAt
	}
	return out, err
}
