package control

import (
	"errors"
	"net/http"

	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

func wireBinding(b pay.Binding) Binding {
	out := Binding{
		ID: b.Token, Kind: string(b.Kind), App: int64(b.App), AppTransID: b.AppTransID, Identifier: b.Identifier,
		MaxAmount: int64(b.MaxAmount), State: string(b.State), CreatedAt: b.CreatedAt, ConfirmBy: b.ConfirmBy,
		ConfirmedAt: given(b.ConfirmedAt), EndsAt: given(b.EndsAt),
	}
	if !b.ConfirmedAt.IsZero() {
		out.PayToken = b.PayToken
	}
	return out
}

// bindings lists the bindings of one wallet, the newest first.
func (s *Server) bindings(r *http.Request) (any, error) {
	n, err := page(r)
	if err != nil {
		return nil, err
	}
	w, err := s.walletOf(r, r.URL.Query().Get("wallet"))
	if err != nil {
		return nil, err
	}
	all, err := s.Store.BindingsOfWallet(r.Context(), w.ID, 1<<63-1, n)
	if err != nil {
		return nil, err
	}
	out := make([]Binding, 0, len(all))
	for _, b := range all {
		out = append(out, wireBinding(b))
	}
	return out, nil
}

func (s *Server) walletOf(r *http.Request, phone string) (pay.Wallet, error) {
	phone, err := pay.Phone(phone)
	if err != nil {
		return pay.Wallet{}, err
	}
	return s.Pay.WalletByPhone(r.Context(), phone)
}

func (s *Server) binding(r *http.Request) (any, error) {
	b, err := s.Pay.BindingByToken(r.Context(), r.PathValue("id"))
	return wireBinding(b), err
}

func (s *Server) consent(r *http.Request) (any, error) {
	var in Consent
	if err := read(r, &in); err != nil {
		return nil, err
	}
	if in.Decline {
		b, err := s.Pay.DeclineBinding(r.Context(), r.PathValue("id"))
		return wireBinding(b), err
	}
	if in.Card != "" {
		return s.bindCard(r, in)
	}
	w, err := s.walletOf(r, in.Wallet)
	if err != nil {
		return nil, err
	}
	b, err := s.Pay.ConfirmBinding(r.Context(), r.PathValue("id"), w.ID)
	return wireBinding(b), err
}

func (s *Server) endBinding(r *http.Request) (any, error) {
	var in EndBinding
	if err := read(r, &in); err != nil {
		return nil, err
	}
	b, err := s.Pay.BindingByToken(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	by := pay.Ender{Operator: in.Operator}
	switch {
	case b.ConfirmedAt.IsZero(): // nobody's yet: there is nothing to end
		return nil, pay.ErrBindingNotFound.On("binding_id", "the binding was not confirmed")
	case in.Operator:
	case b.Kind == pay.CardBinding: // its owner has no wallet here: the merchant does it for them
		by.Merchant, by.Identifier = b.App, b.Identifier
	default:
		by.Wallet = b.Wallet
	}
	if b, err = s.Pay.EndBinding(r.Context(), b.Token, by); err != nil {
		return nil, err
	}
	return wireBinding(b), nil
}

func (s *Server) campaigns(r *http.Request) (any, error) {
	all, err := s.Store.Campaigns(r.Context())
	if err != nil {
		return nil, err
	}
	out := make([]Campaign, 0, len(all))
	for _, c := range all {
		out = append(out, wireCampaign(c))
	}
	return out, nil
}

func wireCampaign(c pay.Campaign) Campaign {
	out := Campaign{
		Code: c.Code, StartsAt: c.StartsAt, EndsAt: c.EndsAt, Budget: int64(c.Budget), Spent: int64(c.Spent),
		UsesPerPayer: c.UsesPerPayer, MinAmount: int64(c.MinAmount), Discount: int64(c.Discount),
	}
	for _, app := range c.Apps {
		out.Apps = append(out.Apps, int64(app))
	}
	return out
}

func (s *Server) openCampaign(r *http.Request) (any, error) {
	var in Campaign
	if err := read(r, &in); err != nil {
		return nil, err
	}
	c := pay.Campaign{
		Code: in.Code, StartsAt: in.StartsAt, EndsAt: in.EndsAt, Budget: money.Amount(in.Budget),
		UsesPerPayer: in.UsesPerPayer, MinAmount: money.Amount(in.MinAmount), Discount: money.Amount(in.Discount),
	}
	for _, app := range in.Apps {
		c.Apps = append(c.Apps, merchant.ID(app))
	}
	if err := s.Pay.OpenCampaign(r.Context(), c); err != nil {
		return nil, err
	}
	return wireCampaign(c), nil
}

func (s *Server) changeCampaign(r *http.Request) (any, error) {
	var in ChangeCampaign
	if err := read(r, &in); err != nil {
		return nil, err
	}
	c, err := s.Pay.ChangeCampaign(r.Context(), r.PathValue("code"), func(c *pay.Campaign) {
		set(&c.EndsAt, in.EndsAt)
		set((*int64)(&c.Budget), in.Budget)
		set(&c.UsesPerPayer, in.UsesPerPayer)
		set((*int64)(&c.MinAmount), in.MinAmount)
		set((*int64)(&c.Discount), in.Discount)
	})
	if errors.Is(err, pay.ErrPromotion) {
		return nil, errCampaign
	}
	if err != nil {
		return nil, err
	}
	return wireCampaign(c), nil
}
