package console

import (
	"strconv"
	"time"

	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/store"
)

// showLedger shows the accounts of the house and of the apps, and the newest
// entries.
func (p *pages) showLedger(v *visit) (*view, error) {
	before, _ := strconv.ParseInt(v.query("before"), 10, 64) // 0 then, which is the newest
	page := &view{Title: v.say("ledger.title"), Lead: v.say("ledger.lead"), Watched: true}
	total, at, err := v.checkSum()
	if err != nil {
		return nil, err
	}
	check := part{Tiles: []tile{{Name: v.say("ledger.sum"), Value: total.String(), Small: v.say("ledger.sum_at", "at", moment(at)), Tone: good}}}
	sealed, err := v.sealedTile()
	if err != nil {
		return nil, err
	}
	check.Tiles = append(check.Tiles, sealed)
	if total != 0 {
		check.Tiles[0].Tone, check.Notice = bad, v.say("ledger.broken")
	}
	apps, err := v.apps()
	if err != nil {
		return nil, err
	}
	clearing, err := v.Store.Accounts(v.ctx(), clearingAccounts())
	if err != nil {
		return nil, err
	}
	apps, more := pageOfApps(apps, v.query("after"))
	byApp, err := v.accountsByApp(apps)
	if err != nil {
		return nil, err
	}
	if more {
		byApp.More = &link{address(root+"/ledger", "after", itoa(int64(apps[len(apps)-1].ID))), v.say("wallets.next")}
	}
	entries, err := v.Store.Bookings(v.ctx(), before, rows/2+1)
	if err != nil {
		return nil, err
	}
	page.Top = []part{{Filter: new(form{
		Action: root + "/ledger/accounts", Get: true, Button: v.say("ledger.open"),
		Fields: []field{v.chooseKind(), {Name: "owner", Label: v.say("ledger.owner"), Type: "search", Max: 20, Hint: v.say("ledger.owner_hint")}},
	}.withIDs("find"))}}
	page.Parts = []part{
		check,
		{Title: v.say("account.clearing"), ID: "clearing", Facts: v.accountFacts(clearing)},
		{Title: v.say("ledger.accounts"), ID: "accounts", Table: byApp},
		{Title: v.say("ledger.entries"), ID: "entries", Table: v.entries(entries)},
	}
	return page, nil
}

// sealedTile shows how much of the ledger is sealed, and the end of the newest
// chain, to compare with another time.
func (v *visit) sealedTile() (tile, error) {
	chains, entries, head, err := v.Store.Sealed(v.ctx())
	return tile{
		Name: v.say("ledger.sealed"), Value: thousands(entries),
		Small: v.say("ledger.sealed_in", "chains", chains, "head", head[:min(len(head), 12)]),
	}, err
}

func (v *visit) chooseKind() field {
	f := field{Name: "kind", Label: v.say("ledger.kind"), Type: "select"}
	for _, k := range []ledger.Kind{ledger.Payable, ledger.Receivable, ledger.Fees, ledger.Promotions, ledger.Disbursement, ledger.Wallet, ledger.Clearing} {
		f.Options = append(f.Options, option{itoa(int64(k)), v.say(kinds[k]), false})
	}
	return f
}

func clearingAccounts() (ids []ledger.AccountID) {
	for _, c := range []pay.Channel{pay.WalletChannel, pay.CardChannel, pay.DomesticChannel, pay.PayoutChannel} {
		ids = append(ids, ledger.Account(ledger.Clearing, int64(c)))
	}
	return ids
}

// accountsByApp shows what is in the accounts of apps, one app a line.
func (v *visit) accountsByApp(apps []merchant.App) (*table, error) {
	t := &table{Caption: v.say("ledger.accounts"), Empty: v.say("apps.none"), Heads: []head{{v.say("field.app"), false}}}
	var ids []ledger.AccountID
	for _, a := range apps {
		ids = append(ids, appAccounts(a.ID)...)
	}
	for _, id := range appAccounts(0) {
		t.Heads = append(t.Heads, head{v.say(kinds[id.Kind()]), true})
	}
	all, err := v.Store.Accounts(v.ctx(), ids)
	if err != nil {
		return nil, err
	}
	byID := map[ledger.AccountID]store.Account{}
	for _, a := range all {
		byID[a.ID] = a
	}
	for _, a := range apps {
		cells := []cell{v.app(a.ID)}
		for _, id := range appAccounts(a.ID) {
			cells = append(cells, cell{Text: byID[id].Balance.String(), Href: accountPath(id)})
		}
		t.add(cells...)
	}
	return t, nil
}

// ownerOf names the shop of an app's account.
func (v *visit) ownerOf(a ledger.AccountID) string {
	switch a.Kind() {
	case ledger.Payable, ledger.Receivable, ledger.Fees, ledger.Promotions, ledger.Disbursement:
		return v.Apps.Label(appOf(a))
	case ledger.Wallet, ledger.Clearing:
	}
	return ""
}

func (v *visit) floor(a store.Account) string {
	if a.Floor == nil {
		return v.say("ledger.no_floor")
	}
	return a.Floor.String()
}

// accountFacts shows accounts where there is room for few.
func (v *visit) accountFacts(all []store.Account) (facts []fact) {
	for _, a := range all {
		c := cell{Text: a.Balance.String()}
		if v.who.May(operator.ReadBooks) {
			c.Href = accountPath(a.ID)
		}
		name := v.say(kinds[a.ID.Kind()])
		if a.ID.Kind() == ledger.Clearing {
			name = v.channel(pay.Channel(a.ID.Owner()))
		}
		facts = append(facts, fact{name, c})
	}
	return facts
}

func entryPath(number int64) string { return root + "/ledger/entries/" + itoa(number) }

func (v *visit) entries(all []store.Booking) *table {
	t := &table{
		Caption: v.say("ledger.entries"), Empty: v.say("ledger.no_entries"),
		Heads: []head{{v.say("ledger.entry"), false}, {v.say("ledger.reason"), false}, {v.say("ledger.at"), false}, {v.say("ledger.moved"), true}},
	}
	if len(all) > rows/2 {
		all = all[:rows/2]
		t.More = v.olderThan(itoa(all[len(all)-1].ID), false)
	}
	for _, b := range all {
		var moved int64
		for _, p := range b.Postings {
			moved += max(0, int64(p.Amount))
		}
		t.add(cell{Text: itoa(b.ID), Href: entryPath(b.ID), Mono: true}, cell{Text: word(v, reasons, b.Reason)}, cell{Text: moment(b.At)}, cell{Text: dong(moved)})
	}
	return t
}

func (p *pages) showEntry(v *visit) (*view, error) {
	number, err := v.number("number")
	if err != nil {
		return nil, err
	}
	b, err := v.Store.Booking(v.ctx(), number)
	if err != nil {
		return nil, err
	}
	t := &table{
		Caption: v.say("ledger.postings"),
		Heads:   []head{{v.say("ledger.account"), false}, {v.say("field.amount"), true}}, Note: v.say("ledger.zero"),
	}
	for _, l := range v.postings(b) {
		t.add(cell{Text: l.Text, Href: l.Href}, cell{Text: l.Small})
	}
	return &view{
		Title: v.say("ledger.entry_number", "number", b.ID), Lead: word(v, reasons, b.Reason), Back: &link{root + "/ledger", v.say("ledger.title")},
		Parts: []part{{Facts: []fact{
			{v.say("ledger.at"), cell{Text: moment(b.At)}},
			{v.say("ledger.belongs"), cell{Text: v.say("ledger.look_up"), Href: address(root+"/orders", "q", itoa(b.ID))}},
		}}, {Title: v.say("ledger.postings"), Table: t}},
	}, nil
}

// findAccount leads from what somebody chose to the page of the account.
func (p *pages) findAccount(v *visit) (*view, error) {
	kind, err := strconv.ParseInt(v.query("kind"), 10, 64)
	owner, err2 := strconv.ParseInt(v.query("owner"), 10, 64)
	var id ledger.AccountID
	switch {
	case err != nil || kinds[ledger.Kind(kind)] == "":
		return nil, store.ErrNoAccount
	case err2 == nil && ledger.Kind(kind) != ledger.Wallet:
		id = ledger.Account(ledger.Kind(kind), owner)
	default:
		phone, err := pay.Phone(v.query("owner"))
		if err != nil {
			return nil, store.ErrNoAccount
		}
		w, err := p.Pay.WalletByPhone(v.ctx(), phone)
		if err != nil {
			return nil, err
		}
		id = ledger.Account(ledger.Wallet, int64(w.ID))
	}
	return v.accountPage(id)
}

func (p *pages) showAccount(v *visit) (*view, error) {
	id, err := v.number("id")
	if err != nil {
		return nil, err
	}
	return v.accountPage(ledger.AccountID(id))
}

func (v *visit) accountPage(id ledger.AccountID) (*view, error) {
	a, err := v.Store.Account(v.ctx(), id)
	if err != nil {
		return nil, err
	}
	before, _ := strconv.ParseInt(v.query("before"), 10, 64) // 0 then, which is the newest
	lines, end, err := v.Store.Statement(v.ctx(), id, before, rows)
	if err != nil {
		return nil, err
	}
	page := &view{Title: v.account(id), Lead: v.ownerOf(id), Back: &link{root + "/ledger", v.say("ledger.title")}}
	facts := []fact{
		{v.say("ledger.balance"), cell{Text: a.Balance.String()}},
		{v.say("ledger.floor"), cell{Text: v.floor(a)}},
		{v.say("ledger.number"), cell{Text: itoa(int64(id)), Mono: true}},
	}
	if !a.NoDebitsAt.IsZero() {
		facts = append(facts, fact{v.say("ledger.stopped"), cell{Text: moment(a.NoDebitsAt), Tone: bad}})
	}
	if at := readTime(v.query("at")); !at.IsZero() {
		// A minute has sixty seconds, and all of them are meant.
		then, err := v.Store.BalanceAt(v.ctx(), id, at.Add(time.Minute-time.Microsecond))
		if err != nil {
			return nil, err
		}
		facts = append(facts, fact{v.say("ledger.balance_at", "at", at.Format("15:04 02/01/2006")), cell{Text: then.String()}})
	}
	t := &table{
		Caption: v.say("wallets.movements"), Empty: v.say("wallets.no_movements"),
		Heads: []head{{v.say("ledger.entry"), false}, {v.say("ledger.reason"), false}, {v.say("ledger.at"), false}, {v.say("field.amount"), true}},
	}
	for _, l := range lines {
		t.add(cell{Text: itoa(l.Entry), Href: entryPath(l.Entry), Mono: true}, cell{Text: word(v, reasons, l.Reason)}, cell{Text: moment(l.At)}, cell{Text: signed(l.Amount)})
	}
	if end != 0 {
		t.More = v.olderThan(itoa(end), len(lines) < rows)
	}
	page.Parts = []part{{Facts: facts, Filter: new(form{
		Action: accountPath(id), Get: true, Button: v.say("ledger.ask"),
		Fields: []field{{Name: "at", Label: v.say("ledger.then"), Type: "datetime-local", Value: v.query("at")}},
	}.withIDs("then"))}, {Title: v.say("wallets.movements"), Table: t}}
	return page, nil
}
