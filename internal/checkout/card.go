package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"sen/internal/pay"
	"sen/internal/payer"
)

// methodsOf says which methods a word of the merchant protocol stands for: the
// bank codes that are not those of banks, the bank group, and what the member
// preferred_payment_method may list.
var methodsOf = map[string][]payer.Method{
	"zalopayapp":         {payer.ByWallet},
	"CC":                 {payer.ByInternational},
	"zalopay_wallet":     {payer.ByWallet},
	"domestic_card":      {payer.ByDomestic},
	"account":            {payer.ByDomestic},
	"international_card": {payer.ByInternational},
}

// wanted returns the methods by which the merchant wants the order to be paid;
// none if it does not mind. Words that we don't know are passed over.
func wanted(o pay.Order) (methods []payer.Method) {
	if o.BankCode != "" {
		if known := methodsOf[o.BankCode]; known != nil {
			return known
		}
		return []payer.Method{payer.ByDomestic} // that of a bank
	}
	var embed struct {
		Preferred json.RawMessage `json:"preferred_payment_method"`
		BankGroup json.RawMessage `json:"bankgroup"`
	}
	var words []string
	if json.Unmarshal([]byte(o.EmbedData), &embed) != nil {
		return nil
	}
	if json.Unmarshal(embed.Preferred, &words) == nil {
		for _, word := range words {
			methods = append(methods, methodsOf[word]...)
		}
	}
	if len(methods) == 0 && string(embed.BankGroup) == `"ATM"` {
		return []payer.Method{payer.ByDomestic}
	}
	return methods
}

// offered returns the methods by which the order can be paid here.
func (p *pages) offered(o pay.Order) (methods []payer.Method) {
	all := []payer.Method{payer.ByWallet}
	if p.Cards {
		all = append(all, payer.CardMethods()...)
	}
	want := wanted(o)
	for _, m := range all {
		if len(want) == 0 || slices.Contains(want, m) {
			methods = append(methods, m)
		}
	}
	return methods
}

// processingPage is the page of an order that a bank is busy with.
type processingPage struct {
	Charge payer.ChargeView
	Notice string // key of a text
}

// charge returns what keeps the order in flight: nothing, if it landed since
// the order was read.
func (p *pages) charge(ctx context.Context, o pay.Order) (pay.Charge, error) {
	c, err := p.Pay.OpenCharge(ctx, o.Key)
	if errors.Is(err, pay.ErrChargeNotFound) {
		return pay.Charge{}, nil
	}
	return c, err
}

func (p *pages) showProcessing(w http.ResponseWriter, r *http.Request, v visit, notice string) error {
	c, err := p.charge(r.Context(), v.order)
	if err != nil {
		return err
	}
	page := processingPage{Charge: p.ChargeView(w, v.path, v.app.Label(), c, v.now), Notice: notice}
	if v.hasReturn() {
		page.Charge.Leave = v.path + "/return"
	}
	return p.processing.Write(w, r, http.StatusOK, page)
}

// lastFailure returns the charge by which the last attempt to pay the order
// failed, if it was one by card.
func (p *pages) lastFailure(ctx context.Context, o pay.Order) (pay.Charge, error) {
	if o.Failure != pay.BankFailure {
		return pay.Charge{}, nil
	}
	return p.Pay.LastCharge(ctx, o.Key)
}

// payByCard charges a card, typed in or linked: that of the wallet's owner if
// somebody is signed in, whose limits then count, or else of a guest.
func (p *pages) payByCard(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return p.notFound(w, r, err)
	}
	who, err := p.Payer(r.Context())
	if err != nil {
		return err
	}
	linked, err := p.LinkedCards(r.Context(), who, v.offered...)
	if err != nil {
		return err
	}
	payment := pay.CardPayment{Order: v.order.Key}
	if who != nil {
		payment.Wallet = who.Wallet.ID
	}
	masked := ""
	switch card, named, err := payer.ReadLinked(r, linked); {
	case named && who == nil:
		return p.tellCode(w, r, v, payer.SignedOut)
	case err != nil:
		return p.tell(w, r, v, err)
	case named:
		payment.Linked, v.method, masked = card.ID, card.Method, card.Masked
	default:
		if payment.Card, v.method, err = payer.ReadCard(r, v.offered); err != nil {
			return p.tell(w, r, v, err)
		}
		masked = payment.Card.Number.Masked()
	}
	_, err = p.Pay.PayWithCard(r.Context(), payment)
	if errors.Is(err, pay.ErrOrderPaid) {
		return p.tellPaid(w, r, v, masked)
	}
	return p.tell(w, r, v, err)
}

// tellPaid answers who pays with a card what is paid. That they were not
// charged is told only if it was another card: a button that was pressed twice
// did charge them once.
func (p *pages) tellPaid(w http.ResponseWriter, r *http.Request, v visit, masked string) error {
	receipt, err := p.Pay.Receipt(r.Context(), v.order.App, v.order.AppTransID)
	if err != nil {
		return err
	}
	if receipt.Payment.Card == masked {
		return p.tell(w, r, v, nil)
	}
	return p.tellCode(w, r, v, pay.ErrOrderPaid.Code)
}

// prove passes on the code that a holder typed in.
func (p *pages) prove(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return p.notFound(w, r, err)
	}
	c, err := p.Pay.OpenCharge(r.Context(), v.order.Key)
	if err != nil {
		return p.tell(w, r, v, err)
	}
	otp, err := payer.ReadOTP(r)
	if err == nil {
		_, err = p.Pay.SubmitOTP(r.Context(), c.Number, otp)
	}
	return p.tell(w, r, v, err)
}
