package walletapp

import (
	"errors"
	"net/http"
	"net/url"

	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/payer"
)

// bindingsPage lists the apps that may charge the wallet, or might.
type bindingsPage struct {
	shell
	Bindings []bindingLine
	Older    string // where there are more, or ""
	Begins   bool   // whether these are the newest
}

// bindingLine is one of them.
type bindingLine struct {
	Path  string
	Shop  string
	State string // key of a text
	Live  bool
	Since string
}

// bindingPage is one of them in full.
type bindingPage struct {
	shell
	bindingLine
	Identifier string
	MaxAmount  money.Amount // 0: the balance
	Ends       string       // the last day, or ""
	Ended      string       // the day, or ""
	Uses       int64
}

const linesOfBindings = 20

func (p *pages) showBindings(w http.ResponseWriter, r *http.Request, who *payer.Payer) error {
	before := before(r)
	some, err := p.Store.BindingsOfWallet(r.Context(), who.Wallet.ID, pay.BindingKey(before), linesOfBindings+1)
	if err != nil {
		return err
	}
	page := bindingsPage{shell: p.shell(w, r, tabBindings), Begins: r.URL.Query().Get("before") == ""}
	if len(some) > linesOfBindings {
		some = some[:linesOfBindings]
		page.Older = query(root+"/bindings", "before", int64(some[linesOfBindings-1].Key))
	}
	for _, b := range some {
		page.Bindings = append(page.Bindings, p.line(b))
	}
	return p.bindings.Write(w, r, http.StatusOK, page)
}

func pathOf(b pay.Binding) string { return root + "/bindings/" + url.PathEscape(b.Token) }

func (p *pages) line(b pay.Binding) bindingLine {
	line := bindingLine{Path: pathOf(b), Shop: p.Apps.Label(b.App), State: "binding.live", Since: payer.Day(b.ConfirmedAt)}
	err := b.Ended(p.Now())
	switch {
	case err == nil:
		line.Live = true
	case errors.Is(err, pay.ErrTokenExpired):
		line.State = "binding.expired"
	case b.State == pay.BindingDisabled:
		line.State = "binding.disabled"
	default:
		line.State = "binding.cancelled"
	}
	return line
}

// bindingOf returns the binding in the path if it is the payer's.
func (p *pages) bindingOf(r *http.Request, who *payer.Payer) (pay.Binding, error) {
	b, err := p.Pay.BindingByToken(r.Context(), r.PathValue("token"))
	if err == nil && b.Wallet != who.Wallet.ID {
		err = pay.ErrBindingNotFound
	}
	return b, err
}

func (p *pages) showBinding(w http.ResponseWriter, r *http.Request, who *payer.Payer) error {
	b, err := p.bindingOf(r, who)
	if err != nil {
		return err
	}
	page := bindingPage{
		shell: p.shell(w, r, tabBindings), bindingLine: p.line(b), Identifier: b.Identifier, MaxAmount: b.MaxAmount, Uses: b.Uses,
	}
	if !b.EndsAt.IsZero() {
		page.Ends = payer.Day(b.EndsAt)
	}
	if !b.ClosedAt.IsZero() {
		page.Ended = payer.Day(b.ClosedAt)
	}
	return p.binding.Write(w, r, http.StatusOK, page)
}

// carryOutEnd ends a binding. Ending one that has ended is no mistake of
// somebody who pressed twice.
func (p *pages) carryOutEnd(w http.ResponseWriter, r *http.Request, who *payer.Payer) error {
	b, err := p.bindingOf(r, who)
	if err != nil {
		return err
	}
	_, err = p.Pay.EndBinding(r.Context(), b.Token, pay.Ender{Wallet: who.Wallet.ID})
	if err != nil && !errors.Is(err, pay.ErrBindingNotFound) {
		return err
	}
	return p.goTo(w, r, pathOf(b), endDone)
}
