package consent

import (
	"errors"
	"net/http"
	"time"

	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/orderlink"
	"sen/internal/pay"
	"sen/internal/payer"
)

// askPage is the page of a binding that waits for its user.
type askPage struct {
	Path       string
	Shop       string
	Identifier string       // what the shop calls the user
	MaxAmount  money.Amount // 0: the balance
	Ends       string       // the last day, or ""
	Left       payer.Deadline
	QR         payer.QR
	Payer      *payer.Payer
	Locked     bool // the payer can't agree
	Off        bool // the payer can agree, but nothing will be charged
	SignIn     payer.SignInForm
	SignOut    string // where to
	Notice     string // key of a text
}

// resultPage says what became of a binding, or that there is none.
type resultPage struct {
	Title, Detail string // keys of texts
	Good          bool
	Card          string       // masked, or ""
	Paid          money.Amount // while a card was bound
	Path          string
	Shop          string
	HasReturn     bool
	Notice        string // key of a text
}

// state is what a binding's page says of it.
type state string

// The states. The page's script reads them.
const (
	asking    state = payer.Open
	confirmed state = "confirmed"
	declined  state = "declined"
	lapsed    state = "lapsed"
	ended     state = "ended"
	proving   state = payer.Proving // of a card, whose bank waits for a code
	waiting   state = payer.Waiting // of a card, whose bank is waited for
)

// visit is a binding that somebody looks at.
type visit struct {
	binding pay.Binding
	app     merchant.App
	path    string
	now     time.Time
	card    cardVisit
}

// visit finds the binding in the path.
func (p *pages) visit(r *http.Request) (visit, error) {
	b, err := p.Pay.BindingByToken(r.Context(), r.PathValue("token"))
	if err != nil {
		return visit{}, err
	}
	app, err := p.Apps.App(b.App)
	if err != nil {
		return visit{}, err
	}
	v := visit{binding: b, app: app, path: orderlink.BindingPage(b.Token), now: p.Now()}
	if b.Kind == pay.CardBinding {
		v.card, err = p.visitCard(r, b)
	}
	return v, err
}

// state tells a refusal from a time that ran out by when the binding closed:
// to the rules both are the same.
func (v visit) state() state {
	b := v.binding
	switch {
	case v.card.open.State == pay.ChargeOTP:
		return proving
	case v.card.open.Number != 0:
		return waiting
	case b.Pending(v.now):
		return asking
	case b.Ended(v.now) == nil:
		return confirmed
	case b.State == pay.BindingLapsed && b.ClosedAt.Before(b.ConfirmBy):
		return declined
	case b.State == pay.BindingLapsed, b.State == pay.BindingPending:
		return lapsed
	}
	return ended
}

func (p *pages) show(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return p.notFound(w, r, err)
	}
	notice := notices[p.Site.TakeNotice(w, r, v.path)]
	s := v.state()
	card := v.binding.Kind == pay.CardBinding
	switch {
	case s == asking && card:
		return p.showCardAsk(w, r, v, notice)
	case s == asking:
		return p.showAsk(w, r, v, notice)
	case s == proving, s == waiting:
		return p.showProcessing(w, r, v, notice)
	case card:
		return p.showResult(w, r, v, cardResults[s], notice)
	default:
		return p.showResult(w, r, v, results[s], notice)
	}
}

// result names the texts that tell a state.
type result struct{ title, detail string }

var (
	results = map[state]result{
		confirmed: {"result.confirmed", "result.confirmed_detail"},
		declined:  {"result.declined", "result.declined_detail"},
		lapsed:    {"result.lapsed", "result.lapsed_detail"},
		ended:     {"result.ended", "result.ended_detail"},
	}
	cardResults = map[state]result{
		confirmed: {"result.card_confirmed", "result.card_confirmed_detail"},
		declined:  {"result.declined", "result.card_declined_detail"},
		lapsed:    {"result.lapsed", "result.card_lapsed_detail"},
		ended:     {"result.ended", "result.card_ended_detail"},
	}
)

func (p *pages) showAsk(w http.ResponseWriter, r *http.Request, v visit, notice string) error {
	b := v.binding
	code, err := payer.DrawQR(orderlink.BindingShortURL(p.BaseURL, b.Token))
	if err != nil {
		return err
	}
	who, err := p.Payer(r.Context())
	if err != nil {
		return err
	}
	page := askPage{
		Path: v.path, Shop: v.app.Label(), Identifier: b.Identifier, MaxAmount: b.MaxAmount,
		Left: payer.Until(b.ConfirmBy, v.now), QR: code, Payer: who,
		SignIn: p.Form(v.path + "/sign-in"), SignOut: v.path + "/sign-out", Notice: notice,
	}
	if life := v.app.Terms.TokenLife; life > 0 {
		page.Ends = payer.Day(v.now.Add(life))
	}
	if who != nil {
		page.Locked, page.Off = !who.Wallet.LockedAt.IsZero(), !who.Wallet.PaymentsOffAt.IsZero()
	}
	return p.ask.Write(w, r, http.StatusOK, page)
}

// showResult leads back by itself after an answer, which is what the payer
// came for; other ends are for reading.
func (p *pages) showResult(w http.ResponseWriter, r *http.Request, v visit, said result, notice string) error {
	s := v.state()
	if v.target() != "" && (s == confirmed || s == declined) {
		w.Header().Set("Refresh", "5; url="+v.path+"/return")
	}
	if s != confirmed {
		notice = "" // whatever it was about is over
	}
	return p.result.Write(w, r, http.StatusOK, resultPage{
		Title: said.title, Detail: said.detail, Good: s == confirmed, Path: v.path, Shop: v.app.Label(),
		Card: v.card.masked, Paid: v.card.paid, HasReturn: v.target() != "", Notice: notice,
	})
}

// notFound answers when there is nothing to show for the token.
func (p *pages) notFound(w http.ResponseWriter, r *http.Request, err error) error {
	switch {
	case errors.Is(err, pay.ErrBindingNotFound):
		return p.result.Write(w, r, http.StatusNotFound, resultPage{Title: "result.unknown", Detail: "result.unknown_detail"})
	case errors.Is(err, merchant.ErrUnknown):
		return p.result.Write(w, r, http.StatusNotFound, resultPage{Title: "result.shop", Detail: "result.shop_detail"})
	default:
		return err
	}
}

// showState answers the page's script.
func (p *pages) showState(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return err
	}
	left := payer.Deadline{}
	switch v.state() {
	case asking:
		left = payer.Until(v.binding.ConfirmBy, v.now)
	case proving:
		left = payer.Until(v.card.open.DueAt, v.now)
	case waiting, confirmed, declined, lapsed, ended:
	}
	return payer.WriteState(w, string(v.state()), left)
}

// followLink leads from the link that the merchant was given to the binding's
// page.
func (p *pages) followLink(w http.ResponseWriter, r *http.Request) error {
	return p.follow(w, r, r.URL.Query().Get(orderlink.BindingParameter))
}

// followShort does the same for the link in a QR code.
func (p *pages) followShort(w http.ResponseWriter, r *http.Request) error {
	return p.follow(w, r, r.PathValue("token"))
}

// follow leads to an address that is made of the token alone, and only when
// there is such a binding, so a link can't lead anywhere else.
func (p *pages) follow(w http.ResponseWriter, r *http.Request, token string) error {
	b, err := p.Pay.BindingByToken(r.Context(), token)
	if err != nil {
		return p.notFound(w, r, err)
	}
	http.Redirect(w, r, orderlink.BindingPage(b.Token), http.StatusSeeOther)
	return nil
}
