package walletapp

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"sen/internal/orderlink"
	"sen/internal/pay"
	"sen/internal/payer"
	"sen/internal/vietqr"
)

// openPage is where a payer pastes what a shop gave: a link, or the text of a
// QR code.
type openPage struct {
	shell
	Text string
}

func (p *pages) showOpen(w http.ResponseWriter, r *http.Request, _ *payer.Payer) error {
	return p.open.Write(w, r, http.StatusOK, openPage{shell: p.shell(w, r, tabOpen)})
}

// maxText is more than any link or code that was given out has.
const maxText = 2048

func (p *pages) carryOutOpen(w http.ResponseWriter, r *http.Request, _ *payer.Payer) error {
	form, err := payer.ReadForm(r)
	if err != nil {
		return err
	}
	text := strings.TrimSpace(form.Get("text"))
	path, err := p.find(r.Context(), text)
	if err == nil {
		return p.goTo(w, r, path, "")
	}
	s, status, err := refused(tabOpen, err)
	if err != nil {
		return err
	}
	return p.open.Write(w, r, status, openPage{shell: s, Text: text[:min(len(text), maxText)]})
}

// find returns the page of what the text names. The address is made of a token
// that we know alone, so a text can't lead anywhere else.
func (p *pages) find(ctx context.Context, text string) (string, error) {
	if len(text) > maxText {
		return "", errNoLink
	}
	order, binding := orderlink.Tokens(text)
	if code, err := vietqr.Parse(text); err == nil && code.GUID == p.Issuer.GUID {
		order = code.Reference
	}
	var err error
	switch {
	case order != "":
		_, err = p.Pay.OrderByToken(ctx, order)
	case binding != "":
		_, err = p.Pay.BindingByToken(ctx, binding)
	default:
		return "", errNoLink
	}
	switch {
	case errors.Is(err, pay.ErrOrderNotFound), errors.Is(err, pay.ErrBindingNotFound):
		return "", errNoLink
	case err != nil:
		return "", err
	case order != "":
		return orderlink.Page(order), nil
	}
	return orderlink.BindingPage(binding), nil
}
