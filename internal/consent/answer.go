package consent

import (
	"errors"
	"net/http"
	"slices"

	"sen/internal/fault"
	"sen/internal/pay"
	"sen/internal/payer"
)

// byOther is the code for a confirmation that another wallet was faster with.
const byOther = "confirmed_by_other"

// notices says what to tell by the code of a refusal.
var notices = payer.Notices(map[string]string{
	pay.ErrWalletLocked.Code:      "notice.wallet_locked",
	pay.ErrPromotion.Code:         "notice.promotion",
	pay.ErrPromotionEligible.Code: "notice.promotion_eligible",
	byOther:                       "notice.by_other",
	orderClosed:                   "notice.order_closed",
})

func (p *pages) signIn(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return p.notFound(w, r, err)
	}
	return p.tell(w, r, v, p.SignIn(r))
}

func (p *pages) signOut(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return p.notFound(w, r, err)
	}
	return p.tell(w, r, v, p.SignOut(w, r))
}

func (p *pages) confirm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return p.notFound(w, r, err)
	}
	who, err := p.Payer(r.Context())
	if err != nil {
		return err
	}
	if who == nil {
		return p.tellCode(w, r, v, payer.SignedOut)
	}
	b, err := p.Pay.ConfirmBinding(r.Context(), v.binding.Token, who.Wallet.ID)
	if errors.Is(err, pay.ErrBindingOver) && b.State == pay.BindingConfirmed {
		return p.tellCode(w, r, v, byOther)
	}
	return p.tell(w, r, v, err)
}

// decline needs no wallet: whoever was sent here to agree may also refuse.
func (p *pages) decline(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return p.notFound(w, r, err)
	}
	_, err = p.Pay.DeclineBinding(r.Context(), v.binding.Token)
	return p.tell(w, r, v, err)
}

// tell leads back to the binding's page, which says what became of it. One
// that closed meanwhile needs no notice: its page says so.
func (p *pages) tell(w http.ResponseWriter, r *http.Request, v visit, err error) error {
	refusal, ok := errors.AsType[*fault.Error](err)
	switch {
	case err == nil, slices.ContainsFunc(told, func(t error) bool { return errors.Is(err, t) }):
		v.card.method = ""
		return p.tellCode(w, r, v, "")
	case ok && notices[refusal.Code] != "":
		return p.tellCode(w, r, v, refusal.Code)
	default:
		return err
	}
}

// told are the refusals that the binding's page tells by itself.
var told = []error{pay.ErrBindingOver, pay.ErrOrderInFlight, pay.ErrBankDeclined, pay.ErrChargeNotFound}

func (p *pages) tellCode(w http.ResponseWriter, r *http.Request, v visit, code string) error {
	if code != "" {
		p.Site.SetNotice(w, v.path, code)
	}
	http.Redirect(w, r, payer.Chosen(v.path, v.card.method), http.StatusSeeOther)
	return nil
}
