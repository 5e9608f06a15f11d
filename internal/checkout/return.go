package checkout

import (
	"net/http"

	"sen"
	"sen/internal/pay"
	"sen/internal/payer"
)

// gaveUp tells the merchant that the payer left an order that can still be
// paid, also one that a bank is busy with. That it is over is told as the status of its query.
const gaveUp = -49

// hasReturn reports whether there is an address to lead the payer back to. It
// is the merchant's, signed with its key when the order was made; nothing in
// a request of a browser changes it.
func (v visit) hasReturn() bool { return payer.SafeTarget(v.order.RedirectURL) }

// goBack leads to the merchant's page with what became of the order.
func (p *pages) goBack(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return p.notFound(w, r, err)
	}
	if !v.hasReturn() {
		return p.closed.Write(w, r, http.StatusOK, closedPage{Title: "closed.no_return", Detail: "closed.no_return_detail"})
	}
	result, err := p.result(r, v)
	if err != nil {
		return err
	}
	app := sen.App{ID: int(v.app.ID), Key2: v.app.CallbackKey(p.Now())}
	target, err := app.RedirectURL(v.order.RedirectURL, result)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, target, http.StatusSeeOther)
	return nil
}

func (p *pages) result(r *http.Request, v visit) (sen.Redirect, error) {
	result := sen.Redirect{
		AppID: int(v.app.ID), AppTransID: v.order.AppTransID, Amount: int64(v.order.Amount), PMCID: sen.MethodNone,
	}
	switch {
	case v.order.State == pay.OrderPaid:
		receipt, err := p.Pay.Receipt(r.Context(), v.order.App, v.order.AppTransID)
		if err != nil {
			return sen.Redirect{}, err
		}
		result.PMCID, result.BankCode = int(receipt.Payment.Channel), receipt.Payment.BankCode
		result.DiscountAmount = int64(receipt.Payment.Discount)
		result.Status = sen.Success
	case v.order.Payable(v.now) == nil, v.order.State == pay.OrderProcessing:
		result.Status = gaveUp
	default: // expired or cancelled
		result.Status = int(sen.CodeExpired)
	}
	return result, nil
}
