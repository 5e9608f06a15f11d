package control

import (
	"net/http"

	"sen/internal/bank"
	"sen/internal/pay"
)

// What stands on every test card besides its number.
const (
	testExpiry = "1239"
	testCVV    = "123"
)

func wireCharge(c pay.Charge) Charge {
	return Charge{
		Number: c.Number, Card: c.Masked, Bank: c.BankCode, Channel: int64(c.Channel), Amount: int64(c.Amount),
		State: string(c.State), Reason: string(c.Reason),
	}
}

func testCard(number string) (bank.Card, error) {
	n, err := bank.ParseNumber(number)
	return bank.Card{Number: n, Expiry: testExpiry, CVV: testCVV}, err
}

// payByCard pays as a guest who types in a card, and the code if one is given.
func (s *Server) payByCard(r *http.Request, o pay.Order, in PayOrder) (any, error) {
	card, err := testCard(in.Card)
	if err != nil {
		return nil, err
	}
	payment := pay.CardPayment{Order: o.Key, Card: card}
	if in.Wallet != "" { // the card of somebody we know
		w, err := s.walletOf(r, in.Wallet)
		if err != nil {
			return nil, err
		}
		payment.Wallet = w.ID
	}
	c, err := s.Pay.PayWithCard(r.Context(), payment)
	if err == nil && c.State == pay.ChargeOTP && in.OTP != "" {
		c, err = s.Pay.SubmitOTP(r.Context(), c.Number, in.OTP)
	}
	return wireCharge(c), err
}

// bindCard confirms a card binding as its holder does on the page.
func (s *Server) bindCard(r *http.Request, in Consent) (any, error) {
	card, err := testCard(in.Card)
	if err != nil {
		return nil, err
	}
	token := r.PathValue("id")
	c, err := s.Pay.StartCardBinding(r.Context(), token, card)
	if err == nil && c.State == pay.ChargeOTP && in.OTP != "" {
		_, err = s.Pay.SubmitOTP(r.Context(), c.Number, in.OTP)
	}
	if err != nil {
		return nil, err
	}
	b, err := s.Pay.BindingByToken(r.Context(), token)
	return wireBinding(b), err
}

// forgetCard deletes the card behind a binding from the vault.
func (s *Server) forgetCard(r *http.Request) (any, error) {
	b, err := s.Pay.BindingByToken(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if b.Card == 0 {
		return nil, pay.ErrCardNotFound
	}
	return wireBinding(b), s.Pay.DeleteCard(r.Context(), b.Card)
}

func (s *Server) cards(*http.Request) (any, error) {
	var out []TestCard
	for _, c := range bank.TestCards() {
		out = append(out, TestCard{
			Number: string(c.Number), Bank: bank.IssuerOf(c.Number).Code, Behaviour: string(c.Behaviour),
		})
	}
	return out, nil
}

func (s *Server) bank(*http.Request) (any, error) { return Bank{Outage: s.Bank.Outage()}, nil }

func (s *Server) setBank(r *http.Request) (any, error) {
	var in Bank
	if err := read(r, &in); err != nil {
		return nil, err
	}
	outage := ""
	if in.Outage {
		outage = "yes"
	}
	if err := s.Store.SetSetting(r.Context(), OutageSetting, outage); err != nil {
		return nil, err
	}
	return in, s.Changed(r.Context())
}
