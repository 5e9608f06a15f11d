package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/settlement"
)

func settlementPath(app merchant.ID, day pay.Day) string {
	return root + "/settlements/" + itoa(int64(app)) + "/" + string(day)
}

// showSettlements lists the days that are closed.
func (p *pages) showSettlements(v *visit) (*view, error) {
	page := &view{Title: v.say("settlements.title"), Lead: v.say("settlements.lead"), Watched: true}
	apps, err := v.chooseApp(v.appAsked())
	if err != nil {
		return nil, err
	}
	page.Top = []part{{Filter: new(form{
		Action: root + "/settlements", Get: true, Button: v.say("field.search"), Clear: v.say("field.clear"), Fields: []field{apps},
	}.withIDs("find"))}}
	found, next, err := v.settlements()
	if err != nil {
		return nil, err
	}
	t := v.settlementTable(found)
	if next != "" {
		t.More = v.olderThan(string(next), false)
	}
	page.Parts = []part{{Table: t}}
	if v.who.May(operator.Change) {
		page.After = []part{{Forms: []form{form{
			Action: root + "/settlements", Button: v.say("settlements.run"), Fields: []field{hidden("app", v.query("app"))},
		}.withIDs("run")}}}
	}
	return page, nil
}

// settlements reads a page of those that the visitor sees, and where the next one
// begins. A page ends with a day.
func (v *visit) settlements() (found []pay.Settlement, next pay.Day, err error) {
	before, err := pay.ParseDay(v.query("before"))
	if err != nil {
		before = "" // the newest then
	}
	apps := []merchant.ID(v.scopeOf(v.appAsked()))
	if v.scopeOf(v.appAsked()) == nil {
		apps = []merchant.ID{0}
	}
	full := false
	for _, app := range apps {
		some, err := v.Store.Settlements(v.ctx(), app, before, rows+1)
		if err != nil {
			return nil, "", err
		}
		found, full = append(found, some...), full || len(some) > rows
	}
	slices.SortStableFunc(found, func(a, b pay.Settlement) int { return strings.Compare(string(b.Day), string(a.Day)) })
	if !full && len(found) <= rows {
		return found, "", nil
	}
	cut := found[rows].Day
	n := slices.IndexFunc(found, func(st pay.Settlement) bool { return st.Day == cut })
	if n == 0 { // a day with more apps than a page has lines is shown as far as it goes
		return found[:rows], cut, nil
	}
	return found[:n], found[n-1].Day, nil
}

func (v *visit) settlementTable(all []pay.Settlement) *table {
	t := &table{
		Caption: v.say("settlements.title"), Empty: v.say("settlements.none"),
		Heads: []head{
			{v.say("settlements.day"), false},
			{v.say("field.app"), false},
			{v.say("settlements.payments"), true},
			{v.say("settlements.fees"), true},
			{v.say("settlements.refunds"), true},
			{v.say("settlements.paid_out"), true},
			{v.say("settlements.carried_out"), true},
		},
	}
	for _, st := range all {
		t.add(cell{Text: dayText(st.Day), Href: settlementPath(st.App, st.Day)}, v.app(st.App), v.times(st.PaymentAmount, st.Payments),
			cell{Text: st.FeeAmount.String()}, v.times(st.RefundAmount+st.ReversalAmount, st.Refunds+st.Reversals),
			cell{Text: st.PaidOut.String()}, cell{Text: st.CarriedOut.String()})
	}
	return t
}

func (v *visit) times(amount money.Amount, n int64) cell {
	return cell{Text: amount.String(), Small: v.say("settlements.of", "n", n)}
}

// dayText is a day as people in Vietnam write it.
func dayText(d pay.Day) string { return d.Start().In(id.Vietnam).Format("02/01/2006") }

// pathSettlement is the settlement that the address names, if the visitor sees it.
func (v *visit) pathSettlement() (app merchant.ID, day pay.Day, err error) {
	n, err := v.number("app")
	if err != nil {
		return 0, "", err
	}
	day, err = pay.ParseDay(v.r.PathValue("day"))
	if app = merchant.ID(n); err != nil || !v.who.Sees(app) {
		return 0, "", errNoScreen
	}
	return app, day, nil
}

// showSettlement shows what a day came to, and its files.
func (p *pages) showSettlement(v *visit) (*view, error) {
	app, day, err := v.pathSettlement()
	if err != nil {
		return nil, err
	}
	st, err := v.Store.Settlement(v.ctx(), app, day)
	if err != nil {
		return nil, noSettlement(err)
	}
	page := &view{
		Title: v.Apps.Label(app) + " · " + dayText(day), Lead: itoa(int64(app)),
		Back: &link{root + "/settlements", v.say("settlements.title")},
	}
	facts := []fact{}
	add := func(key string, c cell) { facts = append(facts, fact{v.say(key), c}) }
	add("settlements.payments", v.times(st.PaymentAmount, st.Payments))
	add("settlements.fees", cell{Text: st.FeeAmount.String()})
	add("settlements.refunds", v.times(st.RefundAmount, st.Refunds))
	add("settlements.reversals", v.times(st.ReversalAmount, st.Reversals))
	add("settlements.payouts", v.times(st.PayoutAmount, st.Payouts))
	add("settlements.net", cell{Text: st.Net().String()})
	add("settlements.carried_in", cell{Text: st.CarriedIn.String()})
	add("settlements.paid_back", cell{Text: st.PaidBack.String()})
	add("settlements.paid_out", cell{Text: st.PaidOut.String()})
	add("settlements.carried_out", cell{Text: st.CarriedOut.String()})
	add("settlements.at", cell{Text: moment(st.At)})
	if st.Entry != 0 {
		entry := cell{Text: itoa(st.Entry), Mono: true}
		if v.who.May(operator.ReadBooks) {
			entry.Href = entryPath(st.Entry)
		}
		add("settlements.entry", entry)
	}
	page.Parts = []part{{Facts: facts}, {Title: v.say("settlements.files"), Lead: v.say("settlements.files_lead")}}
	for _, what := range []string{settlement.Totals, settlement.Transactions} {
		name := settlement.FileName(what, app, day)
		for _, one := range []string{name, name + settlement.MACSuffix} {
			page.Parts[1].Links = append(page.Parts[1].Links, link{settlementPath(app, day) + "/" + one, one})
		}
	}
	return page, nil
}

func noSettlement(err error) error {
	if errors.Is(err, pay.ErrSettlementNotFound) {
		return errNoScreen
	}
	return err
}

// download sends a file of a settlement.
func (p *pages) download(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visitor(w, r, true)
	if err != nil {
		return err
	}
	if v == nil {
		return p.goTo(w, r, root+"/sign-in", signedOut)
	}
	if to := p.detour(v); to != "" {
		return p.goTo(w, r, to, "")
	}
	if err := p.allowed(v.who, operator.ReadOrders, false); err != nil {
		return v.refusedAccess(err)
	}
	app, day, err := v.pathSettlement()
	if err != nil {
		return v.refusedAccess(err)
	}
	a, err := p.Apps.Known(app)
	if err != nil {
		return errNoScreen
	}
	st, lines, err := p.Store.SettlementLines(v.ctx(), app, day)
	if err != nil {
		return noSettlement(err)
	}
	for _, f := range settlement.Files(a, st, lines) {
		switch r.PathValue("file") {
		case f.Name:
			send(w, f.Name, "text/csv; charset=utf-8", f.Data)
			return nil
		case f.Name + settlement.MACSuffix:
			send(w, f.Name+settlement.MACSuffix, "text/plain; charset=utf-8", f.MAC)
			return nil
		}
	}
	return errNoScreen
}

func send(w http.ResponseWriter, name, kind string, data []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = w.Write(data) // a client that is gone can't be told
}

// settle closes the days that are over, of one app or of all.
func (p *pages) settle(v *visit) (to, code string, err error) {
	apps, err := v.apps()
	if err != nil {
		return "", "", err
	}
	chosen, err := v.formNumber("app")
	if v.form("app") != "" && err != nil {
		return root + "/settlements", "", err
	}
	to, code = address(root+"/settlements", "app", v.form("app")), noneSettled
	through := pay.DayOf(v.now).Previous()
	for _, a := range apps {
		if chosen != 0 && a.ID != merchant.ID(chosen) {
			continue
		}
		for {
			var st pay.Settlement
			ctx := v.noted(operator.DaySettled, "app "+itoa(int64(a.ID)), a.ID, func() (string, string) {
				return "", string(through)
			})
			if st, err = p.Pay.SettleNext(ctx, a.ID, through); err != nil {
				return to, "", err
			}
			if st.Day == "" {
				break
			}
			code = doneSettle
		}
	}
	return to, code, nil
}
