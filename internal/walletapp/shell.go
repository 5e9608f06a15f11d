package walletapp

import (
	"errors"
	"net/http"

	"sen/internal/fault"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/payer"
	"sen/internal/web"
)

// shell is what every page has around what it is about.
type shell struct {
	Nav    string // the tab that the page belongs to; "" without tabs
	Notice *notice
}

// notice is something to tell.
type notice struct {
	Text string // key of a text
	Good bool
}

// The tabs.
const (
	tabHome     = "home"
	tabOpen     = "open"
	tabBindings = "bindings"
	tabAccount  = "account"
)

// The codes of what went well, and of refusals that are these pages' own.
const (
	topUpDone    = "top_up_done"
	endDone      = "end_done"
	pinDone      = "pin_done"
	paymentsOff  = "payments_off"
	paymentsOn   = "payments_on"
	signedOut    = "signed_out_now"
	walletOpened = "wallet_opened"
	cardLinked   = "card_linked_now"
	cardUnlinked = "card_unlinked"
)

// good says what to tell when something went well.
var good = map[string]string{
	topUpDone:    "done.top_up",
	endDone:      "done.end",
	pinDone:      "done.pin",
	paymentsOff:  "done.payments_off",
	paymentsOn:   "done.payments_on",
	signedOut:    "done.signed_out",
	walletOpened: "done.wallet_opened",
	cardLinked:   "done.card_linked",
	cardUnlinked: "done.card_unlinked",
}

// Refusals of these pages.
var (
	errName       = fault.New(fault.Invalid, "name_invalid", "A name has 1 to 60 printable characters.")
	errPINsDiffer = fault.New(fault.Invalid, "pins_differ", "The two PINs are not the same.")
	errPINCommon  = fault.New(fault.Invalid, "pin_common", "This PIN is among those that are tried first.")
	errOldPIN     = fault.New(fault.Invalid, "old_pin_wrong", "The old PIN is wrong.")
	errPINSet     = fault.New(fault.Conflict, "pin_set", "The wallet has a PIN already.")
	errNotOffered = fault.New(fault.Forbidden, "not_offered", "This is offered in a sandbox only.")
	errNoLink     = fault.New(fault.Invalid, "no_link", "The text names no order.")
)

// bad says what to tell by the code of a refusal.
var bad = payer.Notices(map[string]string{
	errName.Code:               "refused.name",
	errPINsDiffer.Code:         "refused.pins_differ",
	errPINCommon.Code:          "refused.pin_common",
	errOldPIN.Code:             "refused.old_pin",
	errPINSet.Code:             "refused.pin_set",
	errNotOffered.Code:         "refused.not_offered",
	errNoLink.Code:             "refused.no_link",
	pay.ErrPINShape.Code:       "refused.pin_shape",
	pay.ErrPINNotSet.Code:      "refused.pin_not_set",
	pay.ErrWalletExists.Code:   "refused.wallet_exists",
	pay.ErrWalletNotFound.Code: "refused.wallet_unknown",
	money.ErrInvalid.Code:      "refused.amount",
	pay.ErrCardLinked.Code:     "refused.card_linked",
	pay.ErrCardsMany.Code:      "refused.cards_many",
})

// shell returns the shell with what the last page left to tell.
func (p *pages) shell(w http.ResponseWriter, r *http.Request, nav string) shell {
	code := p.Site.TakeNotice(w, r, root)
	if key := good[code]; key != "" {
		return shell{nav, &notice{key, true}}
	}
	if key := bad[code]; key != "" {
		return shell{nav, &notice{key, false}}
	}
	return shell{Nav: nav}
}

// refused returns the shell that tells the refusal, and the status that goes
// with it. An error that nobody can do anything about comes back.
func refused(nav string, err error) (shell, int, error) {
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok || bad[refusal.Code] == "" {
		return shell{}, 0, err
	}
	status := http.StatusUnprocessableEntity
	if refusal.Kind == fault.Forbidden {
		status = http.StatusForbidden
	}
	return shell{nav, &notice{bad[refusal.Code], false}}, status, nil
}

// goTo leads to a page, which tells what has the code.
func (p *pages) goTo(w http.ResponseWriter, r *http.Request, path, code string) error {
	if code != "" {
		p.Site.SetNotice(w, root, code)
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// owner makes a handler for pages that need somebody to be signed in. Others
// are led to where they can.
func (p *pages) owner(h func(http.ResponseWriter, *http.Request, *payer.Payer) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		who, err := p.Payer(r.Context())
		if err != nil {
			return err
		}
		if who == nil {
			return p.goTo(w, r, root, payer.SignedOut)
		}
		return h(w, r, who)
	}
}

// sandbox refuses what is offered in a sandbox only.
func (p *pages) sandbox() error {
	if !p.Site.Sandbox {
		return errNotOffered
	}
	return nil
}
