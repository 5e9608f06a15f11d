package walletapp

import (
	"errors"
	"net/http"
	"strconv"

	"sen/internal/fault"
	"sen/internal/pay"
	"sen/internal/payer"
)

// cardsPage lists the cards that are linked to the wallet.
type cardsPage struct {
	shell
	Cards   []payer.LinkedCard
	Offered bool // whether there is a way to cards
}

// linkPage is the form for another card.
type linkPage struct {
	shell
	Path    string
	Methods []payer.Choice
	Method  payer.Method // "" when no cards are taken
	Card    payer.CardForm
}

// checkPage is the page of a card that its bank looks at.
type checkPage struct {
	shell
	Charge payer.ChargeView
}

const (
	cardsPath = root + "/cards"
	linkPath  = cardsPath + "/link"
)

func checkPath(c pay.Charge) string { return cardsPath + "/checks/" + strconv.FormatInt(c.Number, 10) }

func (p *pages) showCards(w http.ResponseWriter, r *http.Request, who *payer.Payer) error {
	linked, err := p.LinkedCards(r.Context(), who, payer.CardMethods()...)
	if err != nil {
		return err
	}
	return p.cards.Write(w, r, http.StatusOK, cardsPage{p.shell(w, r, tabAccount), linked, p.Cards})
}

// kinds are the kinds of cards that are taken.
func (p *pages) kinds() []payer.Method {
	if !p.Cards {
		return nil
	}
	return payer.CardMethods()
}

func (p *pages) showLink(w http.ResponseWriter, r *http.Request, _ *payer.Payer) error {
	page := linkPage{
		shell: p.shell(w, r, tabAccount), Path: linkPath,
		Method: payer.Choose(p.kinds(), payer.Method(r.URL.Query().Get(payer.MethodParameter))),
	}
	page.Methods, page.Card = payer.Choices(p.kinds(), page.Method), p.CardForm(page.Method)
	return p.link.Write(w, r, http.StatusOK, page)
}

// carryOutLink has the bank check a card. What was typed is on no page again.
func (p *pages) carryOutLink(w http.ResponseWriter, r *http.Request, who *payer.Payer) error {
	card, method, err := payer.ReadCard(r, p.kinds())
	var c pay.Charge
	if err == nil {
		c, err = p.Pay.LinkCard(r.Context(), who.Wallet.ID, card)
	}
	if err == nil || errors.Is(err, pay.ErrBankDeclined) {
		return p.goOn(w, r, c)
	}
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok || bad[refusal.Code] == "" {
		return err
	}
	return p.goTo(w, r, payer.Chosen(linkPath, method), refusal.Code)
}

// check returns the charge in the path if it checks a card for the payer.
func (p *pages) check(r *http.Request, who *payer.Payer) (pay.Charge, error) {
	number, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil {
		return pay.Charge{}, pay.ErrChargeNotFound
	}
	return p.Pay.LinkCharge(r.Context(), who.Wallet.ID, number)
}

// showCheck leads on as soon as the bank has answered.
func (p *pages) showCheck(w http.ResponseWriter, r *http.Request, who *payer.Payer) error {
	c, err := p.check(r, who)
	if err != nil {
		return err
	}
	if !c.ClosedAt.IsZero() {
		return p.goOn(w, r, c)
	}
	return p.checking.Write(w, r, http.StatusOK, checkPage{
		p.shell(w, r, tabAccount), p.ChargeView(w, checkPath(c), "", c, p.Now()),
	})
}

// goOn leads to where a check goes on, or to what became of it.
func (p *pages) goOn(w http.ResponseWriter, r *http.Request, c pay.Charge) error {
	switch {
	case c.ClosedAt.IsZero():
		return p.goTo(w, r, checkPath(c), "")
	case c.State == pay.ChargeSucceeded:
		return p.goTo(w, r, cardsPath, cardLinked)
	}
	return p.goTo(w, r, payer.Chosen(linkPath, payer.MethodOf(c.Channel)), payer.DeclinedCode(c.Reason))
}

// showCheckState answers the page's script.
func (p *pages) showCheckState(w http.ResponseWriter, r *http.Request, who *payer.Payer) error {
	c, err := p.check(r, who)
	if err != nil {
		return err
	}
	if !c.ClosedAt.IsZero() {
		return payer.WriteState(w, string(c.State), payer.Deadline{})
	}
	state, left := payer.ChargeState(c, p.Now())
	return payer.WriteState(w, state, left)
}

// carryOutProof passes on the code that the holder typed in.
func (p *pages) carryOutProof(w http.ResponseWriter, r *http.Request, who *payer.Payer) error {
	c, err := p.check(r, who)
	if err != nil {
		return err
	}
	otp, err := payer.ReadOTP(r)
	if err == nil {
		c, err = p.Pay.SubmitOTP(r.Context(), c.Number, otp)
	}
	switch {
	case errors.Is(err, pay.ErrOTPWrong):
		return p.goTo(w, r, checkPath(c), pay.ErrOTPWrong.Code)
	case err != nil && !errors.Is(err, pay.ErrBankDeclined) && !errors.Is(err, pay.ErrChargeNotFound):
		return err
	}
	return p.goOn(w, r, c)
}

// carryOutUnlink removes a card. Removing one that is gone is no mistake of
// somebody who pressed twice.
func (p *pages) carryOutUnlink(w http.ResponseWriter, r *http.Request, who *payer.Payer) error {
	id, err := strconv.ParseInt(r.PathValue("card"), 10, 64)
	if err == nil {
		err = p.Pay.UnlinkCard(r.Context(), who.Wallet.ID, pay.CardID(id))
	} else {
		err = pay.ErrCardNotFound
	}
	if err != nil && !errors.Is(err, pay.ErrCardNotFound) {
		return err
	}
	return p.goTo(w, r, cardsPath, cardUnlinked)
}
