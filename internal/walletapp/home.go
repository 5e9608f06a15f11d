package walletapp

import (
	"math"
	"net/http"
	"strconv"

	"sen/internal/ledger"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/payer"
)

// homePage is the first page of who is signed in.
type homePage struct {
	shell
	Payer       *payer.Payer
	Locked, Off bool
	Sandbox     bool
	Movements   []movement
}

// historyPage lists movements.
type historyPage struct {
	shell
	Movements []movement
	Older     string // where there are more, or ""
	Begins    bool   // whether these are the newest
}

// movement is one line of the history.
type movement struct {
	Text   string // key of a text
	Shop   string
	Detail string
	Number int64
	At     string
	Amount string // with its sign
	In     bool
	Token  bool // whether an app charged it
}

// How many lines a page shows.
const (
	linesAtHome    = 5
	linesInHistory = 20
)

func (p *pages) showHome(w http.ResponseWriter, r *http.Request, who *payer.Payer) error {
	some, err := p.Store.Movements(r.Context(), who.Wallet.ID, math.MaxInt64, linesAtHome)
	if err != nil {
		return err
	}
	return p.home.Write(w, r, http.StatusOK, homePage{
		shell: p.shell(w, r, tabHome), Payer: who, Sandbox: p.Site.Sandbox, Movements: p.movements(some),
		Locked: !who.Wallet.LockedAt.IsZero(), Off: !who.Wallet.PaymentsOffAt.IsZero(),
	})
}

// showHistory shows the movements before the one that the query names. A page
// is named by where it begins and not by its number, so that a payment made
// meanwhile shifts nothing.
func (p *pages) showHistory(w http.ResponseWriter, r *http.Request, who *payer.Payer) error {
	before := before(r)
	some, err := p.Store.Movements(r.Context(), who.Wallet.ID, before, linesInHistory+1)
	if err != nil {
		return err
	}
	page := historyPage{shell: p.shell(w, r, tabHome), Begins: before == math.MaxInt64}
	if len(some) > linesInHistory {
		some = some[:linesInHistory]
		page.Older = query(root+"/history", "before", some[linesInHistory-1].Number)
	}
	page.Movements = p.movements(some)
	return p.history.Write(w, r, http.StatusOK, page)
}

// before reads where a page of a list begins; without one it is the newest.
func before(r *http.Request) int64 {
	n, err := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	if err != nil || n <= 0 {
		return math.MaxInt64
	}
	return n
}

var reasons = map[ledger.Reason]string{
	ledger.Payment: "movement.payment",
	ledger.Refund:  "movement.refund",
	ledger.TopUp:   "movement.top_up",

	ledger.Disbursed: "movement.disbursement",
}

func (p *pages) movements(some []pay.Movement) []movement {
	lines := make([]movement, 0, len(some))
	for _, m := range some {
		line := movement{
			Text: reasons[m.Reason], Detail: m.Description, Number: m.Number, At: payer.Moment(m.At),
			Amount: signed(m.Amount), In: m.Amount > 0, Token: m.Reason == ledger.Payment && m.Binding != 0,
		}
		if line.Text == "" {
			line.Text = "movement.other"
		}
		if m.App != 0 {
			line.Shop = p.Apps.Label(m.App)
		}
		lines = append(lines, line)
	}
	return lines
}

// signed writes an amount with its sign, so that colour is not all that tells
// what came from what went.
func signed(a money.Amount) string {
	if a > 0 {
		return "+" + a.String()
	}
	return "−" + (-a).String()
}
