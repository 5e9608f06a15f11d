// Package payer is what all pages of the gateway share about the person in
// front of them: who is signed in, the form to sign in, and the small things
// that a page about money needs. Somebody who signs in on one page is signed in
// on all.
package payer

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"io/fs"
	"net/http"
	"net/url"

	"sen/internal/bank"
	"sen/internal/fault"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/web"
)

//go:embed texts/*.json templates/*.html assets
var files embed.FS

// A Desk signs payers in and out. All fields but TestWallet are needed.
type Desk struct {
	Site *web.Site
	Pay  *pay.Service
	// TestWallet is named on the sign-in form of a sandbox; nil outside one.
	TestWallet *TestWallet
}

// TestWallet is a wallet that everybody may use.
type TestWallet struct{ Phone, PIN string }

// A Payer is who is signed in.
type Payer struct {
	Wallet  pay.Wallet
	Balance money.Amount
}

// A SignInForm is what the template "sign-in" shows.
type SignInForm struct {
	Action string // where the form goes
	Test   *TestWallet
}

// Form returns the sign-in form that goes to the action.
func (d *Desk) Form(action string) SignInForm { return SignInForm{action, d.TestWallet} }

// Files returns a package's own texts, templates and assets together with
// those of this package and of the site.
func (d *Desk) Files(own fs.FS) (*web.Files, error) { return d.Site.Files(files, own) }

// What a session keeps: the wallet, and a mark of its PIN.
const (
	walletKey = "wallet"
	pinKey    = "pin"
)

// SignIn carries out the sign-in form.
func (d *Desk) SignIn(r *http.Request) error {
	form, err := ReadForm(r)
	if err != nil {
		return err
	}
	wallet, err := d.Pay.SignIn(r.Context(), form.Get("phone"), form.Get("pin"))
	if refused, ok := errors.AsType[*fault.Error](err); ok {
		d.Site.Log.WarnContext(r.Context(), "payer refused", "wallet", int64(wallet.ID), "why", refused.Code)
	}
	if err != nil {
		return err
	}
	d.Site.Log.InfoContext(r.Context(), "payer signed in", "wallet", int64(wallet.ID), "by", "pin")
	return d.Admit(r.Context(), wallet)
}

// Admit puts the wallet into the session. The token changes, so that a session
// that somebody else planted is of no use to them.
func (d *Desk) Admit(ctx context.Context, w pay.Wallet) error {
	if err := d.Site.Sessions.RenewToken(ctx); err != nil {
		return err
	}
	d.Site.Sessions.Put(ctx, walletKey, int64(w.ID))
	d.Site.Sessions.Put(ctx, pinKey, pinMark(w))
	return nil
}

// pinMark changes with the PIN, so that a new PIN ends every session that
// somebody began with the old one.
func pinMark(w pay.Wallet) string {
	sum := sha256.Sum256([]byte(w.PINHash))
	return base64.RawStdEncoding.EncodeToString(sum[:12])
}

// SignOut ends the session of who asks for it.
func (d *Desk) SignOut(w http.ResponseWriter, r *http.Request) error { return d.Site.Leave(w, r) }

// Payer returns who is signed in, or nil.
func (d *Desk) Payer(ctx context.Context) (*Payer, error) {
	id := pay.WalletID(d.Site.Sessions.GetInt64(ctx, walletKey))
	if id == 0 {
		return nil, nil //nolint:nilnil // nobody is signed in, which is no error
	}
	wallet, balance, err := d.Pay.WalletBalance(ctx, id)
	if err != nil && !errors.Is(err, pay.ErrWalletNotFound) {
		return nil, err
	}
	if err != nil || d.Site.Sessions.GetString(ctx, pinKey) != pinMark(wallet) {
		return nil, d.Site.Sessions.Destroy(ctx)
	}
	return &Payer{Wallet: wallet, Balance: balance}, nil
}

// SignedOut is the code for somebody whose session ended meanwhile.
const SignedOut = "signed_out"

// notices maps the codes of refusals that a payer can do something about, or
// must know of, to keys of texts.
var notices = map[string]string{
	pay.ErrPINWrong.Code:     "payer.pin_wrong",
	pay.ErrPINPaused.Code:    "payer.pin_paused",
	pay.ErrPINNotSet.Code:    "payer.pin_not_set",
	pay.ErrPhone.Code:        "payer.phone_invalid",
	pay.ErrWalletLocked.Code: "payer.wallet_locked",
	SignedOut:                "payer.signed_out",
	pay.ErrCardInvalid.Code:  "payer.card_invalid",
	pay.ErrCardExpiry.Code:   "payer.card_month",
	pay.ErrCVV.Code:          "payer.cvv_invalid",
	pay.ErrOTPWrong.Code:     "payer.otp_wrong",
	ErrCardKind.Code:         "payer.card_kind",
	ErrNotOffered.Code:       "payer.not_offered",
	pay.ErrCardNotFound.Code: "payer.card_gone",
}

// Notices returns what to tell by the code of a refusal, as keys of texts: what
// every page tells, and what a page adds.
func Notices(own map[string]string) map[string]string {
	all := map[string]string{DeclinedCode(bank.Refused): Declined(bank.Refused)}
	for why, key := range declines {
		all[DeclinedCode(why)] = key
	}
	for _, some := range []map[string]string{notices, own} {
		for code, key := range some {
			all[code] = key
		}
	}
	return all
}

// ReadForm returns the fields of a form.
func ReadForm(r *http.Request) (url.Values, error) {
	err := r.ParseForm()
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, err
	}
	if err != nil {
		return nil, errForm.Because(err)
	}
	return r.PostForm, nil
}

var errForm = fault.New(fault.Invalid, "form_invalid", "The form can't be read.")
