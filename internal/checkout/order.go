package checkout

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
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
	OrderID     string
	Seconds     int64  // left to pay
	Left        string // the same as a clock shows it
	Days        int64  // the same in days when there are at least two
	QR          qrCode
	Wallet      *walletView // of who is signed in
	Test        *TestWallet
	Sandbox     bool
	Notice      string // key of a text
	HasReturn   bool
}

// walletView is a wallet as its owner sees it.
type walletView struct {
	Name    string
	Phone   string // masked
	Balance money.Amount
	Missing money.Amount // for this order
}

// paidPage is the receipt.
type paidPage struct {
	Path      string
	Shop      string
	Amount    money.Amount
	OrderID   string
	Number    int64
	At        string
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
}

// visit finds the order in the path.
func (p *pages) visit(r *http.Request) (visit, error) {
	o, err := p.Pay.OrderByToken(r.Context(), r.PathValue("token"))
	if err != nil {
		return visit{}, err
	}
	app, err := p.Apps.App(o.App)
	return visit{order: o, app: app, path: pathOf(o.Token), now: p.Now()}, err
}

// shop is how the payer knows the merchant.
func (v visit) shop() string {
	if v.app.Name == "" {
		return "app " + fmt.Sprint(v.app.ID)
	}
	return v.app.Name
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
	code, err := drawQR(p.Issuer.Encode(o.Token, int64(o.Key), o.Amount))
	if err != nil {
		return err
	}
	wallet, err := p.walletOf(r, o.Amount)
	if err != nil {
		return err
	}
	page := openPage{
		Path: v.path, Shop: v.shop(), Title: o.Title, Description: o.Description,
		Amount: o.Amount, OrderID: o.AppTransID, Seconds: v.secondsLeft(),
		QR: code, Wallet: wallet, Test: p.TestWallet, Sandbox: p.Site.Sandbox,
		Notice: notice, HasReturn: v.hasReturn(),
	}
	page.Items, page.MoreItems = readItems(o.Item)
	page.Left, page.Days = clockText(page.Seconds)
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
		Path: v.path, Shop: v.shop(), Amount: v.order.Amount, OrderID: v.order.AppTransID,
		Number: receipt.Payment.Number, At: receipt.Payment.At.In(id.Vietnam).Format("15:04:05 02/01/2006"),
		Notice: notice, HasReturn: v.hasReturn(),
	})
}

func (p *pages) showClosed(w http.ResponseWriter, r *http.Request, v visit, title, detail string) error {
	return p.closed.Write(w, r, http.StatusOK, closedPage{
		Title: title, Detail: detail, Path: v.path, Shop: v.shop(),
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

// stateAnswer is what the page's script asks for.
type stateAnswer struct {
	State       string `json:"state"`
	SecondsLeft int64  `json:"seconds_left"`
}

func (p *pages) showState(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return err
	}
	answer := stateAnswer{State: string(v.order.State)}
	switch err := v.order.Payable(v.now); {
	case err == nil:
		answer = stateAnswer{State: "open", SecondsLeft: v.secondsLeft()}
	case errors.Is(err, pay.ErrOrderExpired): // the row may still say otherwise
		answer.State = string(pay.OrderExpired)
	}
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(body)
	return err
}

// secondsLeft counts a begun second as a whole one, so that 0 means expired.
func (v visit) secondsLeft() int64 {
	left := v.order.ExpiresAt.Sub(v.now)
	return max(0, int64((left+time.Second-1)/time.Second))
}

// clockText returns the time left as mm:ss or h:mm:ss, and the number of days
// when nobody would count down.
func clockText(seconds int64) (text string, days int64) {
	const day = 24 * 60 * 60
	if seconds >= 2*day {
		return "", seconds / day
	}
	hours, minutes, rest := seconds/3600, seconds/60%60, seconds%60
	if hours > 0 {
		return fmt.Sprintf("%d:%02d:%02d", hours, minutes, rest), 0
	}
	return fmt.Sprintf("%02d:%02d", minutes, rest), 0
}
