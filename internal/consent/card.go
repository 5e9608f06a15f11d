package consent

import (
	"errors"
	"net/http"

	"sen/internal/money"
	"sen/internal/orderlink"
	"sen/internal/pay"
	"sen/internal/payer"
)

// cardVisit is what a visit to the binding of a card knows more.
type cardVisit struct {
	method payer.Method // the chosen kind of card, or ""
	order  pay.Order    // that is paid with the binding; or zero
	open   pay.Charge   // that checks the card; or zero
	failed bool         // whether the last card was declined
	last   pay.Charge
	masked string       // of the card that is bound
	paid   money.Amount // of the order, once it is paid
}

// visitCard looks at the card of a binding. A charge of the card that is
// already bound is a payment of the app's and none of this page's business.
func (p *pages) visitCard(r *http.Request, b pay.Binding) (cardVisit, error) {
	st, err := p.Pay.BindingStatus(r.Context(), b.App, b.AppTransID)
	if err != nil {
		return cardVisit{}, err
	}
	v := cardVisit{method: payer.Method(r.URL.Query().Get(payer.MethodParameter)), order: st.Order, masked: st.Card.Masked}
	if st.Order.State == pay.OrderPaid {
		v.paid = st.Order.Amount
	}
	v.last, err = p.Pay.LastBindingCharge(r.Context(), b.Key)
	if err != nil && !errors.Is(err, pay.ErrChargeNotFound) {
		return cardVisit{}, err
	}
	v.failed = v.last.State == pay.ChargeFailed
	if v.last.Number != 0 && v.last.ClosedAt.IsZero() && v.last.Card != b.Card {
		v.open = v.last
	}
	return v, nil
}

// cardPage is the page of a binding that waits for its user's card.
type cardPage struct {
	Path       string
	Shop       string
	Identifier string       // what the shop calls the user
	Amount     money.Amount // that is paid with it, or 0
	Purpose    string       // of that payment, as the shop says
	Ends       string       // the last day, or ""
	Left       payer.Deadline
	QR         payer.QR
	Methods    []payer.Choice
	Method     payer.Method // "" when no cards are taken
	Card       payer.CardForm
	Notice     string // key of a text
}

// kinds are the kinds of cards that are taken.
func (p *pages) kinds() []payer.Method {
	if !p.Cards {
		return nil
	}
	return payer.CardMethods()
}

func (p *pages) showCardAsk(w http.ResponseWriter, r *http.Request, v visit, notice string) error {
	b := v.binding
	code, err := payer.DrawQR(orderlink.BindingShortURL(p.BaseURL, b.Token))
	if err != nil {
		return err
	}
	wishes := []payer.Method{v.card.method}
	if v.card.failed {
		wishes = append(wishes, payer.MethodOf(v.card.last.Channel))
		if notice == "" {
			notice = payer.Declined(v.card.last.Reason)
		}
	}
	page := cardPage{
		Path: v.path, Shop: v.app.Label(), Identifier: b.Identifier,
		Amount: v.card.order.Amount, Purpose: v.card.order.Description,
		Left: payer.Until(b.ConfirmBy, v.now), QR: code, Method: payer.Choose(p.kinds(), wishes...), Notice: notice,
	}
	page.Methods, page.Card = payer.Choices(p.kinds(), page.Method), p.CardForm(page.Method)
	if life := v.app.Terms.TokenLife; life > 0 {
		page.Ends = payer.Day(v.now.Add(life))
	}
	return p.card.Write(w, r, http.StatusOK, page)
}

// processingPage is the page of a binding whose card a bank looks at.
type processingPage struct {
	Charge payer.ChargeView
	Notice string // key of a text
}

func (p *pages) showProcessing(w http.ResponseWriter, r *http.Request, v visit, notice string) error {
	page := processingPage{Charge: p.ChargeView(w, v.path, v.app.Label(), v.card.open, v.now), Notice: notice}
	if v.target() != "" {
		page.Charge.Leave = v.path + "/return"
	}
	return p.processing.Write(w, r, http.StatusOK, page)
}

// orderClosed is the code for a card that came too late for the order that was
// to be paid with it.
const orderClosed = "order_closed"

// giveCard has the bank check the card, which is bound if the bank finds it
// good. Nobody needs a wallet for it.
func (p *pages) giveCard(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return p.notFound(w, r, err)
	}
	card, method, err := payer.ReadCard(r, p.kinds())
	v.card.method = method
	if err == nil {
		_, err = p.Pay.StartCardBinding(r.Context(), v.binding.Token, card)
	}
	for _, over := range []error{pay.ErrOrderPaid, pay.ErrOrderExpired, pay.ErrOrderCancelled} {
		if errors.Is(err, over) {
			return p.tellCode(w, r, v, orderClosed)
		}
	}
	return p.tell(w, r, v, err)
}

// prove passes on the code that the holder typed in.
func (p *pages) prove(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return p.notFound(w, r, err)
	}
	if v.card.open.Number == 0 {
		return p.tell(w, r, v, pay.ErrChargeNotFound)
	}
	otp, err := payer.ReadOTP(r)
	if err == nil {
		_, err = p.Pay.SubmitOTP(r.Context(), v.card.open.Number, otp)
	}
	return p.tell(w, r, v, err)
}
