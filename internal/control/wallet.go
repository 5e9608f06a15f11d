package control

import (
	"net/http"
	"sync"
	"time"

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

func (s *Server) openWallet(r *http.Request) (any, error) {
	var in NewWallet
	if err := read(r, &in); err != nil {
		return nil, err
	}
	wanted := pay.Wallet{Phone: in.Phone, Name: in.Name, KYC: pay.KYC(in.KYC)}
	if in.PIN != "" {
		hash, err := s.pins.hash(in.PIN, s.Pay.HashPIN)
		if err != nil {
			return nil, err
		}
		wanted.PINHash = hash
	}
	w, err := s.Pay.OpenWallet(r.Context(), wanted)
	if err != nil {
		return nil, err
	}
	return s.wallet(r, w)
}

// lastPIN keeps the hash of the PIN that was hashed last. Hashing one is slow on
// purpose; whoever opens thousands of test wallets gives all of them the same,
// and a sandbox has nothing to hide from those who know that two are equal.
type lastPIN struct {
	mu         sync.Mutex
	pin, known string
}

func (l *lastPIN) hash(pin string, slow func(string) (string, error)) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known != "" && pin == l.pin {
		return l.known, nil
	}
	hash, err := slow(pin)
	if err == nil {
		l.pin, l.known = pin, hash
	}
	return hash, err
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
	now := s.Clock.Now()
	w, err := s.Pay.ChangeWallet(r.Context(), phone, func(w *pay.Wallet) error {
		in.apply(w, now)
		return nil
	})
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

// paymentCode shows a code as the wallet's owner does to a shop.
func (s *Server) paymentCode(r *http.Request) (any, error) {
	phone, err := pay.Phone(r.PathValue("phone"))
	if err != nil {
		return nil, err
	}
	w, err := s.Pay.WalletByPhone(r.Context(), phone)
	if err != nil {
		return nil, err
	}
	code, expires, err := s.Pay.IssuePaymentCode(r.Context(), w.ID)
	return PaymentCode{Code: code, ExpiresAt: expires}, err
}

func positive(n int64) (money.Amount, error) {
	if n <= 0 || money.Amount(n) > money.Max {
		return 0, money.ErrInvalid.On("amount", "must be 1 to "+money.Max.Digits())
	}
	return money.Amount(n), nil
}

func (c Conditions) apply(w *pay.Wallet, now time.Time) {
	if c.Locked != nil {
		w.Lock(*c.Locked, now)
	}
	if c.PaymentsOff != nil {
		w.SwitchPayments(*c.PaymentsOff, now)
	}
	set((*int)(&w.KYC), c.KYC)
	for to, from := range map[*money.Amount]*int64{
		&w.Limits.Day[pay.AllSources]: c.DayAll, &w.Limits.Day[pay.FromWallet]: c.DayWallet,
		&w.Limits.Day[pay.FromBank]: c.DayBank, &w.Limits.Day[pay.FromCard]: c.DayCard,
		&w.Limits.Month[pay.AllSources]: c.MonthAll, &w.Limits.Month[pay.FromWallet]: c.MonthWallet,
		&w.Limits.Month[pay.FromBank]: c.MonthBank, &w.Limits.Month[pay.FromCard]: c.MonthCard,
	} {
		set((*int64)(to), from)
	}
}
