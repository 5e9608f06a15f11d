package checkout

import (
	"errors"
	"net/http"

	"sen/internal/fault"
	"sen/internal/pay"
	"sen/internal/payer"
)

// notices says what to tell by the code of a refusal.
var notices = payer.Notices(map[string]string{
	pay.ErrBalanceLow.Code:   "notice.balance_low",
	pay.ErrWalletLocked.Code: "notice.wallet_locked",
	pay.ErrPaymentsOff.Code:  "notice.payments_off",
	pay.ErrOrderPaid.Code:    "notice.paid_before",
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
	_, err = p.Pay.PayFromWallet(r.Context(), v.order.Key, who.Wallet.ID)
	return p.tell(w, r, v, err)
}

func (p *pages) signOut(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return p.notFound(w, r, err)
	}
	return p.tell(w, r, v, p.SignOut(r.Context()))
}

// tell leads back to the order's page, which says what became of it. An order
// that closed meanwhile needs no notice: its page says so.
func (p *pages) tell(w http.ResponseWriter, r *http.Request, v visit, err error) error {
	refusal, ok := errors.AsType[*fault.Error](err)
	switch {
	case err == nil, errors.Is(err, pay.ErrOrderExpired), errors.Is(err, pay.ErrOrderCancelled):
		return p.tellCode(w, r, v, "")
	case ok && notices[refusal.Code] != "":
		return p.tellCode(w, r, v, refusal.Code)
	default:
		return err
	}
}

func (p *pages) tellCode(w http.ResponseWriter, r *http.Request, v visit, code string) error {
	if code != "" {
		p.Site.SetNotice(w, v.path, code)
	}
	http.Redirect(w, r, v.path, http.StatusSeeOther)
	return nil
}
