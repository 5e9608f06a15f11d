package control

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/store"
)

func (s *Server) payouts(r *http.Request) (any, error) {
	app, err := pathNumber(r, "app")
	if err != nil {
		return nil, err
	}
	return s.shown(s.books().Payouts(r.Context(), app))
}

// shown adds the private key, if that is known.
func (s *Server) shown(p Payouts, err error) (Payouts, error) {
	p.PrivateKey, _ = s.PrivateKey(merchant.Disbursement{PublicKey: p.PublicKey})
	return p, err
}

// Payouts tells how an app pays out to wallets.
func (k Bookkeeper) Payouts(ctx context.Context, id int64) (Payouts, error) {
	a, err := k.Pay.Apps.Known(merchant.ID(id))
	if err != nil {
		return Payouts{}, err
	}
	balance, err := k.Pay.Disbursable(ctx, a.ID)
	return Payouts{
		App: id, PaymentID: a.Disbursement.PaymentID, PublicKey: a.Disbursement.PublicKey, Held: a.Disbursement.Held(),
		ReviewFrom: int64(a.Disbursement.ReviewFrom), Balance: int64(balance),
	}, err
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
	return s.shown(s.books().ChangePayouts(r.Context(), app, in))
}

// ChangePayouts changes how an app pays out, and has what waits tried at once.
func (k Bookkeeper) ChangePayouts(ctx context.Context, id int64, in ChangePayouts) (Payouts, error) {
	app, now := merchant.ID(id), k.Pay.Now()
	a, err := k.Pay.Apps.Known(app)
	if err != nil {
		return Payouts{}, err
	}
	var was, became string
	noted := k.noted(ctx, operator.PayoutsChanged, a.String(), app, func() (string, string) { return was, became })
	_, err = k.Store.UpdateApp(noted, app, func(a *merchant.App) error {
		was = a.Disbursement.String()
		err := in.apply(&a.Disbursement, now)
		became = a.Disbursement.String()
		return err
	})
	if err != nil {
		return Payouts{}, err
	}
	if err := k.Changed(ctx); err != nil {
		return Payouts{}, err
	}
	if err := k.Pay.WakeDisbursements(ctx, app); err != nil {
		return Payouts{}, err
	}
	return k.Payouts(ctx, id)
}

func (c ChangePayouts) apply(d *merchant.Disbursement, now time.Time) error {
	if c.PublicKey != "" || c.PaymentID != "" {
		if err := d.Open(c.PaymentID, c.PublicKey); err != nil {
			return err
		}
	}
	if c.Held != nil {
		d.Hold(*c.Held, now)
	}
	if c.ReviewFrom != nil {
		d.ReviewFrom = money.Amount(*c.ReviewFrom)
	}
	return nil
}

// noted is the context in which a change goes on record.
func (k Bookkeeper) noted(ctx context.Context, a operator.Action, subject string, app merchant.ID, detail func() (was, became string)) context.Context {
	return operator.WithNote(ctx, operator.Note{Record: k.Record(a, subject, app), Detail: detail})
}

func (s *Server) fundPayouts(r *http.Request) (any, error) {
	app, err := pathNumber(r, "app")
	if err != nil {
		return nil, err
	}
	var in FundPayouts
	if err := read(r, &in); err != nil {
		return nil, err
	}
	return s.shown(s.books().FundPayouts(r.Context(), app, in))
}

// FundPayouts books what a merchant gave to pay out.
func (k Bookkeeper) FundPayouts(ctx context.Context, id int64, in FundPayouts) (Payouts, error) {
	a, err := k.Pay.Apps.Known(merchant.ID(id))
	if err != nil {
		return Payouts{}, err
	}
	sum, err := positive(in.Amount)
	if err != nil {
		return Payouts{}, err
	}
	noted := k.noted(ctx, operator.PayoutsFunded, a.String(), a.ID, func() (string, string) { return "", pay.Funding(sum, in.Reference) })
	if err := k.Pay.FundDisbursements(noted, a.ID, sum, in.Reference); err != nil {
		return Payouts{}, err
	}
	return k.Payouts(ctx, id)
}

func (s *Server) disbursements(r *http.Request) (any, error) {
	app, err := strconv.ParseInt(r.PathValue("app"), 10, 64)
	if err != nil || app < 0 {
		return nil, errBody.On("app", "must be the number of an app, or 0 for every app")
	}
	n, err := page(r)
	if err != nil {
		return nil, err
	}
	return s.books().Disbursements(r.Context(), app, r.URL.Query().Get("state"), n)
}

// Disbursements lists the payouts of an app, or with 0 of every app, the newest
// first; state "" is any.
func (k Bookkeeper) Disbursements(ctx context.Context, app int64, state string, n int) ([]Disbursement, error) {
	q := store.DisbursementSearch{State: pay.DisbursementState(state)}
	if app != 0 {
		if _, err := k.Pay.Apps.Known(merchant.ID(app)); err != nil {
			return nil, err
		}
		q.Scope = store.Scope{merchant.ID(app)}
	}
	all, _, err := k.Store.FindDisbursements(ctx, q, n)
	if err != nil {
		return nil, err
	}
	out := make([]Disbursement, 0, len(all))
	for _, d := range all {
		one, err := k.wireDisbursement(ctx, d)
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
	return s.books().Disbursement(r.Context(), app, r.PathValue("orderID"))
}

// Disbursement returns what became of a partner_order_id of an app.
func (k Bookkeeper) Disbursement(ctx context.Context, app int64, partnerOrderID string) (Disbursement, error) {
	d, err := k.Pay.Disbursement(ctx, merchant.ID(app), partnerOrderID)
	if err != nil {
		return Disbursement{}, err
	}
	return k.wireDisbursement(ctx, d)
}

func (s *Server) decideDisbursement(decide func(Bookkeeper, context.Context, int64) (Disbursement, error)) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		number, err := pathNumber(r, "number")
		if err != nil {
			return nil, err
		}
		return decide(s.books(), r.Context(), number)
	}
}

// HoldPayout has a payout that is open wait until it is released or rejected.
func (k Bookkeeper) HoldPayout(ctx context.Context, number int64) (Disbursement, error) {
	return k.decidePayout(ctx, number, operator.PayoutHeld, "held", k.Pay.HoldDisbursement)
}

// ReleasePayout pays out what is held.
func (k Bookkeeper) ReleasePayout(ctx context.Context, number int64) (Disbursement, error) {
	return k.decidePayout(ctx, number, operator.PayoutReleased, "released", k.Pay.ReleaseDisbursement)
}

// RejectPayout ends a payout that is open: nothing is paid out.
func (k Bookkeeper) RejectPayout(ctx context.Context, number int64) (Disbursement, error) {
	return k.decidePayout(ctx, number, operator.PayoutRejected, "rejected", k.Pay.RejectDisbursement)
}

func (k Bookkeeper) decidePayout(ctx context.Context, number int64, action operator.Action, became string,
	decide func(context.Context, int64) (pay.Disbursement, error),
) (Disbursement, error) {
	d, err := k.Pay.DisbursementNumbered(ctx, number)
	if err != nil {
		return Disbursement{}, err
	}
	was := d.Standing()
	noted := k.noted(ctx, action, d.Subject(), d.App, func() (string, string) { return was, became })
	if d, err = decide(noted, number); err != nil {
		return Disbursement{}, err
	}
	return k.wireDisbursement(ctx, d)
}

func (k Bookkeeper) wireDisbursement(ctx context.Context, d pay.Disbursement) (Disbursement, error) {
	w, err := k.Pay.Wallet(ctx, d.Wallet)
	return Disbursement{
		Number: d.Number, App: int64(d.App), PartnerOrderID: d.PartnerOrderID, Phone: w.Phone, Amount: int64(d.Amount),
		Description: d.Description, State: string(d.State), Failure: string(d.Failure), Hold: string(d.Hold), CreatedAt: d.CreatedAt,
		HeldAt: orNil(d.HeldAt), ReleasedAt: orNil(d.ReleasedAt), ClosedAt: orNil(d.ClosedAt),
	}, err
}

// orNil is a time, or nil for none.
func orNil(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}
