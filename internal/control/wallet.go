package control

import (
	"net/http"

	"sen/internal/money"
	"sen/internal/pay"
)

func (s *Server) wallets(r *http.Request) (any, error) {
	n, err := page(r)
	if err != nil {
		return nil, err
	}
	all, err := s.Store.Wallets(r.Context(), r.URL.Query().Get("after"), n)
	if err != nil {
		return nil, err
	}
	out := make([]Wallet, 0, len(all))
	for _, w := range all {
		one, err := s.wallet(r, w)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func (s *Server) wallet(r *http.Request, w pay.Wallet) (Wallet, error) {
	w, balance, err := s.Pay.WalletBalance(r.Context(), w.ID)
	return wireWallet(w, balance), err
}

func (s *Server) changeWallet(r *http.Request) (any, error) {
	var in Conditions
	if err := read(r, &in); err != nil {
		return nil, err
	}
	phone, err := pay.Phone(r.PathValue("phone"))
	if err != nil {
		return nil, err
	}
	w, err := s.Pay.SetConditions(r.Context(), phone, in.Locked, in.PaymentsOff)
	if err != nil {
		return nil, err
	}
	return s.wallet(r, w)
}

func (s *Server) topUp(r *http.Request) (any, error) {
	var in Amount
	if err := read(r, &in); err != nil {
		return nil, err
	}
	phone, err := pay.Phone(r.PathValue("phone"))
	if err != nil {
		return nil, err
	}
	amount, err := positive(in.Amount)
	if err != nil {
		return nil, err
	}
	w, err := s.Pay.TopUp(r.Context(), phone, amount)
	if err != nil {
		return nil, err
	}
	return s.wallet(r, w)
}

func positive(n int64) (money.Amount, error) {
	if n <= 0 || money.Amount(n) > money.Max {
		return 0, money.ErrInvalid.On("amount", "must be 1 to "+money.Max.Digits())
	}
	return money.Amount(n), nil
}
