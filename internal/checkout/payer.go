package checkout

import (
	"errors"
	"net/http"

	"sen/internal/fault"
	"sen/internal/money"
	"sen/internal/pay"
)

// walletKey is where a session keeps the wallet that is signed in.
const walletKey = "wallet"

// signedOut is the notice for somebody whose session ended meanwhile.
const signedOut = "signed_out"

// notices maps the codes of refusals that a payer can do something about, or
// must know of, to keys of texts.
var notices = map[string]string{
	pay.ErrPINWrong.Code:     "notice.pin_wrong",
	pay.ErrPINPaused.Code:    "notice.pin_paused",
	pay.ErrPINNotSet.Code:    "notice.pin_not_set",
	pay.ErrPhone.Code:        "notice.phone_invalid",
	pay.ErrBalanceLow.Code:   "notice.balance_low",
	pay.ErrWalletLocked.Code: "notice.wallet_locked",
	pay.ErrPaymentsOff.Code:  "notice.payments_off",
	pay.ErrOrderPaid.Code:    "notice.paid_before",
	signedOut:                "notice.signed_out",
}

// signIn puts the wallet into a session. The token changes, so that a session
// that somebody else planted is of no use to them.
func (p *pages) signIn(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return p.notFound(w, r, err)
	}
	if err := r.ParseForm(); err != nil {
		return formError(err)
	}
	wallet, err := p.Pay.SignIn(r.Context(), r.PostForm.Get("phone"), r.PostForm.Get("pin"))
	if err != nil {
		return p.tell(w, r, v, err)
	}
	if err := p.Site.Sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	p.Site.Sessions.Put(r.Context(), walletKey, int64(wallet.ID))
	return p.tell(w, r, v, nil)
}

// formError keeps apart a form that is too large and one that is not a form.
func formError(err error) error {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return err
	}
	return errForm.Because(err)
}

var errForm = fault.New(fault.Invalid, "form_invalid", "The form can't be read.")

func (p *pages) pay(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return p.notFound(w, r, err)
	}
	wallet, ok := p.signedIn(r)
	if !ok {
		return p.tellCode(w, r, v, signedOut)
	}
	_, err = p.Pay.PayFromWallet(r.Context(), v.order.Key, wallet)
	return p.tell(w, r, v, err)
}

func (p *pages) signOut(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return p.notFound(w, r, err)
	}
	if err := p.Site.Sessions.Destroy(r.Context()); err != nil {
		return err
	}
	return p.tell(w, r, v, nil)
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

// signedIn returns the wallet of the session.
func (p *pages) signedIn(r *http.Request) (pay.WalletID, bool) {
	wallet := pay.WalletID(p.Site.Sessions.GetInt64(r.Context(), walletKey))
	return wallet, wallet != 0
}

// walletOf returns the wallet of the session as its owner sees it, or nil.
func (p *pages) walletOf(r *http.Request, amount money.Amount) (*walletView, error) {
	id, ok := p.signedIn(r)
	if !ok {
		return nil, nil //nolint:nilnil // nobody is signed in, which is no error
	}
	wallet, balance, err := p.Pay.WalletBalance(r.Context(), id)
	if errors.Is(err, pay.ErrWalletNotFound) {
		return nil, p.Site.Sessions.Destroy(r.Context())
	}
	if err != nil {
		return nil, err
	}
	return &walletView{
		Name: wallet.Name, Phone: wallet.MaskedPhone(), Balance: balance, Missing: max(0, amount-balance),
	}, nil
}
