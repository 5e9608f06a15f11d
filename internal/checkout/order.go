package checkout

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/orderlink"
	"sen/internal/pay"
	"sen/internal/payer"
)

// openPage is the page of an order that can be paid.
type openPage struct {
	Path        string // of the order's page
	Shop        string
	Title       string
	Description string
	Items       []item
	MoreItems   int // that are not listed
	Amount      money.Amount
	Discount    money.Amount // for anyone who qualifies
	Due         money.Amount // Amount without it
	OrderID     string
	Left        payer.Deadline
	QR          payer.QR
	Payer       *payer.Payer // who is signed in
	Missing     money.Amount // in their wallet, for this order
	SignIn      payer.SignInForm
	SignOut     string // where to
	Methods     []payer.Choice
	Method      payer.Method // the chosen one, or "" when none is offered
	Wallet      bool         // whether it is offered
	Card        payer.CardForm
	Linked      []payer.LinkedCard // of the payer, for the chosen method
	Sandbox     bool
	Notice      string // key of a text
	HasReturn   bool
}

// paidPage is the receipt.
type paidPage struct {
	Path      string
	Shop      string
	Amount    money.Amount // that was taken
	Discount  money.Amount
	OrderID   string
	Number    int64
	At        string
	Card      string // masked, or ""
	Notice    string
	HasReturn bool
}

// closedPage says why nothing can be paid here, or that there is no way back.
type closedPage struct {
	Title, Detail string // keys of texts
	Path          string
	Shop          string
	OrderID       string
	Amount        money.Amount
	HasReturn     bool
}

// visit is an order that somebody looks at.
type visit struct {
	order pay.Order
	app   merchant.App
	path  string
	now   time.Time
	// offered are the ways to pay the order that work here, method the one that
	// the payer has chosen, or "".
	offered []payer.Method
	method  payer.Method
}

// visit finds the order in the path.
func (p *pages) visit(r *http.Request) (visit, error) {
	o, err := p.Pay.OrderByToken(r.Context(), r.PathValue("token"))
	if err != nil {
		return visit{}, err
	}
	app, err := p.Apps.App(o.App)
	return visit{
		order: o, app: app, path: orderlink.Page(o.Token), now: p.Now(),
		offered: p.offered(o), method: payer.Method(r.URL.Query().Get(payer.MethodParameter)),
	}, err
}

func (p *pages) showOrder(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return p.notFound(w, r, err)
	}
	notice := notices[p.Site.TakeNotice(w, r, v.path)]
	switch err := v.order.Payable(v.now); {
	case err == nil:
		return p.showOpen(w, r, v, notice)
	case errors.Is(err, pay.ErrOrderInFlight):
		return p.showProcessing(w, r, v, notice)
	case errors.Is(err, pay.ErrOrderPaid):
		return p.showPaid(w, r, v, notice)
	case errors.Is(err, pay.ErrOrderCancelled):
		return p.showClosed(w, r, v, "closed.cancelled", "closed.cancelled_detail")
	case errors.Is(err, pay.ErrOrderExpired):
		return p.showClosed(w, r, v, "closed.expired", "closed.expired_detail")
	default:
		return err
	}
}

func (p *pages) showOpen(w http.ResponseWriter, r *http.Request, v visit, notice string) error {
	o := v.order
	failed, err := p.lastFailure(r.Context(), o)
	if err != nil {
		return err
	}
	if notice == "" && failed.Number != 0 {
		notice = payer.Declined(failed.Reason)
	}
	who, err := p.Payer(r.Context())
	if err != nil {
		return err
	}
	off, err := p.Pay.Discount(r.Context(), o)
	if err != nil {
		return err
	}
	page := openPage{
		Path: v.path, Shop: v.app.Label(), Title: o.Title, Description: o.Description,
		Amount: o.Amount, Discount: off, Due: o.Amount - off, OrderID: o.AppTransID, Left: v.left(),
		Payer: who, SignIn: p.Form(v.path + "/sign-in"), SignOut: v.path + "/sign-out",
		Method: payer.Choose(v.offered, v.method, payer.MethodOf(failed.Channel)), Wallet: slices.Contains(v.offered, payer.ByWallet),
		Sandbox: p.Site.Sandbox, Notice: notice, HasReturn: v.hasReturn(),
	}
	page.Methods, page.Card = payer.Choices(v.offered, page.Method), p.CardForm(page.Method)
	methods := []payer.Method{page.Method}
	if page.Method == payer.ByWallet {
		methods = v.offered
	}
	if page.Linked, err = p.LinkedCards(r.Context(), who, methods...); err != nil {
		return err
	}
	if page.Wallet {
		if page.QR, err = payer.DrawQR(p.Issuer.Encode(o.Token, int64(o.Key), o.Amount)); err != nil {
			return err
		}
	}
	if who != nil {
		page.Missing = max(0, page.Due-who.Balance)
	}
	page.Items, page.MoreItems = itemsOf(o)
	return p.open.Write(w, r, http.StatusOK, page)
}

func (p *pages) showPaid(w http.ResponseWriter, r *http.Request, v visit, notice string) error {
	receipt, err := p.Pay.Receipt(r.Context(), v.order.App, v.order.AppTransID)
	if err != nil {
		return err
	}
	if v.hasReturn() {
		w.Header().Set("Refresh", "5; url="+v.path+"/return")
	}
	return p.paid.Write(w, r, http.StatusOK, paidPage{
		Path: v.path, Shop: v.app.Label(), Amount: v.order.Amount - receipt.Payment.Discount,
		Discount: receipt.Payment.Discount, OrderID: v.order.AppTransID,
		Number: receipt.Payment.Number, At: payer.Moment(receipt.Payment.At), Card: receipt.Payment.Card,
		Notice: notice, HasReturn: v.hasReturn(),
	})
}

func (p *pages) showClosed(w http.ResponseWriter, r *http.Request, v visit, title, detail string) error {
	return p.closed.Write(w, r, http.StatusOK, closedPage{
		Title: title, Detail: detail, Path: v.path, Shop: v.app.Label(),
		OrderID: v.order.AppTransID, Amount: v.order.Amount, HasReturn: v.hasReturn(),
	})
}

// notFound answers when there is nothing to show for the token.
func (p *pages) notFound(w http.ResponseWriter, r *http.Request, err error) error {
	switch {
	case errors.Is(err, pay.ErrOrderNotFound):
		return p.unknown(w, r)
	case errors.Is(err, merchant.ErrUnknown):
		return p.closed.Write(w, r, http.StatusNotFound, closedPage{Title: "closed.shop", Detail: "closed.shop_detail"})
	default:
		return err
	}
}

func (p *pages) unknown(w http.ResponseWriter, r *http.Request) error {
	return p.closed.Write(w, r, http.StatusNotFound, closedPage{Title: "closed.unknown", Detail: "closed.unknown_detail"})
}

// showState answers the page's script.
func (p *pages) showState(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return err
	}
	switch err := v.order.Payable(v.now); {
	case err == nil:
		return payer.WriteState(w, payer.Open, v.left())
	case errors.Is(err, pay.ErrOrderInFlight):
		c, err := p.charge(r.Context(), v.order)
		if err != nil {
			return err
		}
		state, left := payer.ChargeState(c, v.now)
		return payer.WriteState(w, state, left)
	case errors.Is(err, pay.ErrOrderExpired): // the row may still say otherwise
		return payer.WriteState(w, string(pay.OrderExpired), payer.Deadline{})
	}
	return payer.WriteState(w, string(v.order.State), payer.Deadline{})
}

func (v visit) left() payer.Deadline { return payer.Until(v.order.ExpiresAt, v.now) }
