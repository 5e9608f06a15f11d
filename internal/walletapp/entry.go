package walletapp

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"sen/internal/fault"
	"sen/internal/pay"
	"sen/internal/payer"
)

// welcomePage is the first page for who is not signed in.
type welcomePage struct {
	shell
	SignIn  payer.SignInForm
	Sandbox bool
}

// signUpPage is the form for a new wallet. What was typed stays in it, but for
// the PIN.
type signUpPage struct {
	shell
	Phone, Name string
	Offered     bool
}

// firstPINPage is the form for the PIN of a wallet that has none.
type firstPINPage struct {
	shell
	Phone   string
	Offered bool
}

// showFirst is the page at the root: home, or where to sign in.
func (p *pages) showFirst(w http.ResponseWriter, r *http.Request) error {
	who, err := p.Payer(r.Context())
	if err != nil {
		return err
	}
	if who != nil {
		return p.showHome(w, r, who)
	}
	return p.welcome.Write(w, r, http.StatusOK, welcomePage{
		shell: p.shell(w, r, ""), SignIn: p.Form(root + "/sign-in"), Sandbox: p.Site.Sandbox,
	})
}

func (p *pages) carryOutSignIn(w http.ResponseWriter, r *http.Request) error {
	err := p.SignIn(r)
	refusal, ok := errors.AsType[*fault.Error](err)
	switch {
	case err == nil:
		return p.goTo(w, r, root, "")
	case ok && bad[refusal.Code] != "":
		return p.goTo(w, r, root, refusal.Code)
	default:
		return err
	}
}

func (p *pages) carryOutSignOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.SignOut(w, r); err != nil {
		return err
	}
	return p.goTo(w, r, root, signedOut)
}

func (p *pages) showSignUp(w http.ResponseWriter, r *http.Request) error {
	return p.signUp.Write(w, r, http.StatusOK, signUpPage{shell: p.shell(w, r, ""), Offered: p.Site.Sandbox})
}

// carryOutSignUp opens a wallet. That the phone is the sender's nobody checks,
// which is why only a sandbox offers it; and nobody's identity is verified, so
// the wallet has the lowest level.
func (p *pages) carryOutSignUp(w http.ResponseWriter, r *http.Request) error {
	form, err := payer.ReadForm(r)
	if err != nil {
		return err
	}
	wallet, err := p.openWallet(r, form)
	if err == nil {
		if err := p.Admit(r.Context(), wallet); err != nil {
			return err
		}
		return p.goTo(w, r, root, walletOpened)
	}
	page := signUpPage{Phone: form.Get("phone"), Name: form.Get("name"), Offered: p.Site.Sandbox}
	var status int
	if page.shell, status, err = refused("", err); err != nil {
		return err
	}
	return p.signUp.Write(w, r, status, page)
}

func (p *pages) openWallet(r *http.Request, form url.Values) (pay.Wallet, error) {
	if err := p.sandbox(); err != nil {
		return pay.Wallet{}, err
	}
	name, err := readName(form.Get("name"))
	if err != nil {
		return pay.Wallet{}, err
	}
	hash, err := p.newPIN(form)
	if err != nil {
		return pay.Wallet{}, err
	}
	return p.Pay.OpenWallet(r.Context(), pay.Wallet{Phone: form.Get("phone"), Name: name, PINHash: hash, KYC: pay.Unverified})
}

const maxName = 60

func readName(s string) (string, error) {
	name := strings.Join(strings.Fields(s), " ")
	if name == "" || utf8.RuneCountInString(name) > maxName || !utf8.ValidString(name) ||
		strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return "", errName
	}
	return name, nil
}

// newPIN returns the hash of a PIN that was typed twice. Only where no money is
// real it may be one that everybody tries.
func (p *pages) newPIN(form url.Values) (string, error) {
	if form.Get("new_pin") != form.Get("new_pin_again") {
		return "", errPINsDiffer
	}
	if !p.Site.Sandbox && pay.CommonPIN(form.Get("new_pin")) {
		return "", errPINCommon
	}
	return p.Pay.HashPIN(form.Get("new_pin"))
}

func (p *pages) showFirstPIN(w http.ResponseWriter, r *http.Request) error {
	return p.firstPIN.Write(w, r, http.StatusOK, firstPINPage{shell: p.shell(w, r, ""), Offered: p.Site.Sandbox})
}

// carryOutFirstPIN sets the PIN of a wallet that has none, and signs in. With
// nothing to prove that the wallet is theirs, anybody could do it first: that
// is why only a sandbox offers it. A PIN that is there is never replaced.
func (p *pages) carryOutFirstPIN(w http.ResponseWriter, r *http.Request) error {
	form, err := payer.ReadForm(r)
	if err != nil {
		return err
	}
	wallet, err := p.setFirstPIN(r, form)
	if err == nil {
		if err := p.Admit(r.Context(), wallet); err != nil {
			return err
		}
		return p.goTo(w, r, root, pinDone)
	}
	page := firstPINPage{Phone: form.Get("phone"), Offered: p.Site.Sandbox}
	var status int
	if page.shell, status, err = refused("", err); err != nil {
		return err
	}
	return p.firstPIN.Write(w, r, status, page)
}

func (p *pages) setFirstPIN(r *http.Request, form url.Values) (pay.Wallet, error) {
	if err := p.sandbox(); err != nil {
		return pay.Wallet{}, err
	}
	phone, err := pay.Phone(form.Get("phone"))
	if err != nil {
		return pay.Wallet{}, err
	}
	hash, err := p.newPIN(form)
	if err != nil {
		return pay.Wallet{}, err
	}
	return p.Pay.ChangeWallet(r.Context(), phone, func(w *pay.Wallet) error {
		switch {
		case w.PINHash != "":
			return errPINSet
		case !w.LockedAt.IsZero():
			return pay.ErrWalletLocked
		}
		w.PINHash = hash
		return nil
	})
}

// query returns the address of a page with one parameter.
func query(path, name string, value int64) string {
	return path + "?" + name + "=" + fmt.Sprint(value)
}
