package checkout

import (
	"net/http"

	"sen/internal/orderlink"
	"sen/internal/pay"
)

// followLink leads from the link that the merchant was given to the page of
// its order. The page's address is made of the token alone, so the link can't
// lead anywhere else.
func (p *pages) followLink(w http.ResponseWriter, r *http.Request) error {
	token, app, err := orderlink.Parse(r.URL.Query().Get(orderlink.Parameter))
	if err != nil {
		return p.unknown(w, r)
	}
	o, err := p.Pay.OrderByToken(r.Context(), token)
	if err == nil && o.App != app {
		err = pay.ErrOrderNotFound
	}
	if err != nil {
		return p.notFound(w, r, err)
	}
	http.Redirect(w, r, orderlink.Page(token), http.StatusSeeOther)
	return nil
}
