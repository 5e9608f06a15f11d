package checkout

import (
	"errors"
	"net/http"
	"slices"

	"sen/internal/fault"
	"sen/internal/pay"
	"sen/internal/payer"
)

// notices says what to tell by the code of a refusal.
var notices = payer.Notices(map[string]string{
	pay.ErrBalanceLow.Code:        "notice.balance_low",
	pay.ErrWalletLocked.Code:      "notice.wallet_locked",
	pay.ErrPaymentsOff.Code:       "notice.payments_off",
	pay.ErrOrderPaid.Code:         "notice.paid_before",
	pay.ErrLimit.Code:             "notice.limit",
	pay.ErrKYC.Code:               "notice.kyc",
	pay.ErrPromotion.Code:         "notice.promotion",
	pay.ErrPromotionEligible.Code: "notice.promotion_eligible",
})

func (p *pages) signIn(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return p.notFound(w, r, err)
	}
	return p.tell(w, r, v, p.SignIn(r))
}

func (p *pages) pay(w http.ResponseWriter, r *http.Request) error {
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
	if !slices.Contains(v.offered, payer.ByWallet) {
		return p.tellCode(w, r, v, payer.ErrNotOffered.Code)
	}
	_, err = p.Pay.PayFromWallet(r.Context(), v.order.Key, who.Wallet.ID)
	return p.tell(w, r, v, err)
}

func (p *pages) signOut(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return p.notFound(w, r, err)
	}
	return p.tell(w, r, v, p.SignOut(w, r))
}

// tell leads back to the order's page, which says what became of it. An order
// that closed meanwhile needs no notice, nor one that a bank is busy with, nor
// a card that was declined: the page says so.
func (p *pages) tell(w http.ResponseWriter, r *http.Request, v visit, err error) error {
	if err == nil || slices.ContainsFunc(told, func(t error) bool { return errors.Is(err, t) }) {
		v.method = ""
		return p.tellCode(w, r, v, "")
	}
	if errors.Is(err, pay.ErrLimit) { // whichever it is, the payer can't change it here
		return p.tellCode(w, r, v, pay.ErrLimit.Code)
	}
	refusal, ok := errors.AsType[*fault.Error](err)
	if ok && notices[refusal.Code] != "" {
		return p.tellCode(w, r, v, refusal.Code)
	}
	return err
}

// told are the refusals that the order's page tells by itself.
var told = []error{
	pay.ErrOrderExpired, pay.ErrOrderCancelled, pay.ErrOrderInFlight, pay.ErrBankDeclined, pay.ErrChargeNotFound,
}

func (p *pages) tellCode(w http.ResponseWriter, r *http.Request, v visit, code string) error {
	if code != "" {
		p.Site.SetNotice(w, v.path, code)
	}
	http.Redirect(w, r, payer.Chosen(v.path, v.method), http.StatusSeeOther)
	return nil
}
