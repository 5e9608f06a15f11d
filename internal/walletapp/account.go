package walletapp

import (
	"errors"
	"net/http"
	"net/url"

	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/payer"
)

// accountPage leads to what a payer can change.
type accountPage struct {
	shell
	Payer       *payer.Payer
	Locked, Off bool
	SignOut     string // where to
}

// limitsPage says what the wallet may spend and has spent.
type limitsPage struct {
	shell
	Level   string // key of a text
	Payment money.Amount
	Year    *meter // nil: no bound
	Day     []meter
	Month   []meter
}

// meter is what is used of a limit.
type meter struct {
	Text  string // key of a text
	Used  money.Amount
	Limit money.Amount // 0: none
}

// pinPage is the form for another PIN.
type pinPage struct{ shell }

func (p *pages) showAccount(w http.ResponseWriter, r *http.Request, who *payer.Payer) error {
	return p.account.Write(w, r, http.StatusOK, accountPage{
		shell: p.shell(w, r, tabAccount), Payer: who, SignOut: root + "/sign-out",
		Locked: !who.Wallet.LockedAt.IsZero(), Off: !who.Wallet.PaymentsOffAt.IsZero(),
	})
}

// carryOutPayments switches payments off or on, as the form says: sending it
// twice says the same twice.
func (p *pages) carryOutPayments(w http.ResponseWriter, r *http.Request, who *payer.Payer) error {
	form, err := payer.ReadForm(r)
	if err != nil {
		return err
	}
	off, code := form.Get("payments") == "off", paymentsOn
	if off {
		code = paymentsOff
	}
	now := p.Now()
	_, err = p.Pay.ChangeWallet(r.Context(), who.Wallet.Phone, func(w *pay.Wallet) error {
		w.SwitchPayments(off, now)
		return nil
	})
	if err != nil {
		return err
	}
	return p.goTo(w, r, root+"/account", code)
}

var levels = map[pay.KYC]string{
	pay.Unverified: "limits.unverified",
	pay.Basic:      "limits.basic",
	pay.Full:       "limits.full",
}

var scopes = map[pay.Scope]string{
	pay.AllSources: "limits.all",
	pay.FromWallet: "limits.wallet",
	pay.FromBank:   "limits.bank",
	pay.FromCard:   "limits.card",
}

func (p *pages) showLimits(w http.ResponseWriter, r *http.Request, who *payer.Payer) error {
	spent, err := p.Pay.Spent(r.Context(), who.Wallet.ID)
	if err != nil {
		return err
	}
	page := limitsPage{
		shell: p.shell(w, r, tabAccount), Level: levels[who.Wallet.KYC],
		Day:   meters(spent.ByDay, who.Wallet.Limits.Day),
		Month: meters(spent.ByMonth, who.Wallet.Limits.Month),
	}
	var year money.Amount
	if page.Payment, year = who.Wallet.KYC.Bounds(); year > 0 {
		page.Year = &meter{"limits.year", spent.ByMonth[pay.AllSources] + spent.YearBefore, year}
	}
	return p.limits.Write(w, r, http.StatusOK, page)
}

// meters shows the sum always and a source only when there is something to
// say of it.
func meters(used, limits pay.ByScope) (all []meter) {
	for s := range pay.Scope(len(used)) {
		if s == pay.AllSources || limits[s] > 0 || used[s] > 0 {
			all = append(all, meter{scopes[s], used[s], limits[s]})
		}
	}
	return all
}

func (p *pages) showPIN(w http.ResponseWriter, r *http.Request, _ *payer.Payer) error {
	return p.pin.Write(w, r, http.StatusOK, pinPage{p.shell(w, r, tabAccount)})
}

func (p *pages) carryOutPIN(w http.ResponseWriter, r *http.Request, who *payer.Payer) error {
	form, err := payer.ReadForm(r)
	if err != nil {
		return err
	}
	wallet, err := p.changePIN(r, who, form)
	if err == nil {
		// Sessions that began with the old PIN end; this one goes on.
		if err := p.Admit(r.Context(), wallet); err != nil {
			return err
		}
		return p.goTo(w, r, root+"/account", pinDone)
	}
	s, status, err := refused(tabAccount, err)
	if err != nil {
		return err
	}
	return p.pin.Write(w, r, status, pinPage{s})
}

// changePIN asks for the old PIN in the way that counts wrong ones: a phone
// that lies about unlocked is no way around the pause.
func (p *pages) changePIN(r *http.Request, who *payer.Payer, form url.Values) (pay.Wallet, error) {
	checked, err := p.Pay.SignIn(r.Context(), who.Wallet.Phone, form.Get("pin"))
	if errors.Is(err, pay.ErrPINWrong) {
		err = errOldPIN
	}
	if err != nil {
		return pay.Wallet{}, err
	}
	hash, err := p.newPIN(form)
	if err != nil {
		return pay.Wallet{}, err
	}
	return p.Pay.ChangeWallet(r.Context(), who.Wallet.Phone, func(w *pay.Wallet) error {
		if w.PINHash != checked.PINHash {
			return errOldPIN // another one was faster
		}
		w.PINHash = hash
		return nil
	})
}
