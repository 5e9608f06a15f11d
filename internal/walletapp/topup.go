package walletapp

import (
	"net/http"
	"net/url"
	"strings"

	"sen/internal/money"
	"sen/internal/payer"
)

// topUpPage is the form for money from a test bank.
type topUpPage struct {
	shell
	Payer   *payer.Payer
	Amount  string // as typed
	Choices []money.Amount
	Key     string // names this form, so that sending it twice moves money once
	Offered bool
}

// choices are what a press of a button brings.
var choices = []money.Amount{100_000, 500_000, 2_000_000}

// maxTopUp keeps a slip of the finger from making a wallet absurd.
const maxTopUp money.Amount = 100_000_000

func (p *pages) showTopUp(w http.ResponseWriter, r *http.Request, who *payer.Payer) error {
	return p.topUp.Write(w, r, http.StatusOK, p.topUpPage(p.shell(w, r, tabHome), who))
}

func (p *pages) topUpPage(s shell, who *payer.Payer) topUpPage {
	const keyBytes = 15
	return topUpPage{shell: s, Payer: who, Choices: choices, Key: p.Site.IDs.Secret(keyBytes), Offered: p.Site.Sandbox}
}

func (p *pages) carryOutTopUp(w http.ResponseWriter, r *http.Request, who *payer.Payer) error {
	form, err := payer.ReadForm(r)
	if err != nil {
		return err
	}
	err = p.bringMoney(r, who, form)
	if err == nil {
		return p.goTo(w, r, root, topUpDone)
	}
	s, status, err := refused(tabHome, err)
	if err != nil {
		return err
	}
	page := p.topUpPage(s, who)
	page.Amount = form.Get("amount")
	return p.topUp.Write(w, r, status, page)
}

func (p *pages) bringMoney(r *http.Request, who *payer.Payer, form url.Values) error {
	if err := p.sandbox(); err != nil {
		return err
	}
	amount, err := readAmount(form)
	if err != nil {
		return err
	}
	return p.Pay.TopUpOnce(r.Context(), who.Wallet.ID, form.Get("key"), amount)
}

// readAmount takes an amount as people type it, 50.000 or 50 000 ₫, or that of
// the button that was pressed.
func readAmount(form url.Values) (money.Amount, error) {
	text := form.Get("choice")
	if text == "" {
		text = strings.NewReplacer(".", "", ",", "", " ", "", "\u00a0", "", "₫", "", "đ", "").Replace(form.Get("amount"))
	}
	amount, err := money.Parse(text)
	if err == nil && amount > maxTopUp {
		err = money.ErrInvalid.On("amount", "must be at most "+maxTopUp.Digits())
	}
	return amount, err
}
