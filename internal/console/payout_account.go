package console

import (
	"strconv"

	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/store"
)

func payoutAccountPath(app merchant.ID) string { return root + "/payouts/accounts/" + itoa(int64(app)) }

// showPayoutAccounts lists from what each merchant pays out.
func (p *pages) showPayoutAccounts(v *visit) (*view, error) {
	apps, err := v.payers()
	if err != nil {
		return nil, err
	}
	page := &view{
		Title: v.say("payouts.accounts"), Lead: v.say("payouts.accounts_lead"), Watched: true,
		Back: &link{root + "/payouts", v.say("payouts.title")},
	}
	t := &table{
		Caption: v.say("payouts.accounts"), Empty: v.say("payouts.no_accounts"),
		Heads: []head{
			{v.say("field.app"), false},
			{"payment_id", false},
			{v.say("field.state"), false},
			{v.say("payouts.review"), true},
			{v.say("ledger.floor"), true},
			{v.say("ledger.balance"), true},
		},
	}
	apps, more := pageOfApps(apps, v.query("after"))
	if more {
		t.More = &link{address(root+"/payouts/accounts", "after", itoa(int64(apps[len(apps)-1].ID))), v.say("wallets.next")}
	}
	for _, a := range apps {
		has, err := v.Store.Account(v.ctx(), payoutAccount(a.ID))
		if err != nil {
			return nil, err
		}
		number := itoa(int64(a.ID))
		t.add(cell{Text: a.Label(), Small: number, Href: payoutAccountPath(a.ID)}, cell{Text: a.Disbursement.PaymentID, Mono: true},
			v.payoutAccountState(a), v.reviewFrom(a), cell{Text: v.floor(has)}, cell{Text: has.Balance.String()})
	}
	page.Parts = []part{{Table: t}}
	return page, nil
}

// payers are the apps that may pay out, of those that the visitor sees.
func (v *visit) payers() (payers []merchant.App, err error) {
	apps, err := v.apps()
	for _, a := range apps {
		if a.Disbursement.Enabled() {
			payers = append(payers, a)
		}
	}
	return payers, err
}

func payoutAccount(app merchant.ID) ledger.AccountID {
	return ledger.Account(ledger.Disbursement, int64(app))
}

func (v *visit) payoutAccountState(a merchant.App) cell {
	switch {
	case !a.Disbursement.Enabled():
		return cell{Text: v.say("payouts.off"), Tone: over}
	case a.Disbursement.Held():
		return cell{Text: v.say("payouts.held"), Tone: waiting, Small: moment(a.Disbursement.HeldAt)}
	}
	return cell{Text: v.say("payouts.on"), Tone: good}
}

func (v *visit) reviewFrom(a merchant.App) cell {
	if a.Disbursement.ReviewFrom == 0 {
		return cell{Text: v.say("payouts.review_none")}
	}
	return cell{Text: a.Disbursement.ReviewFrom.String()}
}

// showPayoutAccount shows what an app has to pay out, and what moved it.
func (p *pages) showPayoutAccount(v *visit) (*view, error) {
	a, err := v.pathApp()
	if err != nil {
		return nil, err
	}
	has, err := v.Store.Account(v.ctx(), payoutAccount(a.ID))
	if err != nil {
		return nil, err
	}
	mark := v.payoutAccountState(a)
	page := &view{
		Title: v.say("payouts.account_of", "name", a.Label()), Lead: itoa(int64(a.ID)), Mark: &mark, Watched: true,
		Back: &link{root + "/payouts/accounts", v.say("payouts.accounts")},
	}
	movements, err := v.payoutMovements(has)
	if err != nil {
		return nil, err
	}
	account := part{Facts: v.payoutAccountFacts(a, has), Links: []link{
		{address(root+"/payouts", "app", itoa(int64(a.ID))), v.say("payouts.of_app")},
	}}
	if v.who.May(operator.ReadBooks) {
		account.Links = append(account.Links, link{accountPath(has.ID), v.say("payouts.in_ledger")})
	}
	may := v.who.May(operator.Change) && a.Disbursement.Enabled()
	page.Parts = []part{account}
	if may {
		page.Parts = append(page.Parts, part{Title: v.say("payouts.all"), ID: "all", Forms: []form{v.holdForm(a)}})
	}
	page.Parts = append(page.Parts, part{Title: v.say("wallets.movements"), ID: "movements", Table: movements})
	if a.Disbursement.Enabled() {
		page.After = []part{{Title: v.say("payouts.key"), ID: "key", Lead: v.say("payouts.key_lead"), Code: a.Disbursement.PublicKey}}
	}
	if may {
		page.After = append([]part{v.fundPart(a), v.reviewPart(a)}, page.After...)
	}
	return page, nil
}

func (v *visit) payoutAccountFacts(a merchant.App, has store.Account) []fact {
	return []fact{
		{v.say("field.app"), v.app(a.ID)},
		{v.say("ledger.balance"), cell{Text: has.Balance.String()}},
		{v.say("ledger.floor"), cell{Text: v.floor(has)}},
		{v.say("payouts.review"), v.reviewFrom(a)},
		{"payment_id", cell{Text: a.Disbursement.PaymentID, Mono: true}},
	}
}

// payoutMovements are what came into the account and went out of it.
func (v *visit) payoutMovements(a store.Account) (*table, error) {
	before, _ := strconv.ParseInt(v.query("before"), 10, 64) // 0 then, which is the newest
	lines, end, err := v.Store.Statement(v.ctx(), a.ID, before, rows)
	t := &table{
		Caption: v.say("wallets.movements"), Empty: v.say("payouts.no_movements"),
		Heads: []head{{v.say("ledger.entry"), false}, {v.say("ledger.reason"), false}, {v.say("ledger.at"), false}, {v.say("field.amount"), true}},
	}
	for _, l := range lines {
		number := cell{Text: itoa(l.Entry), Mono: true}
		switch {
		case l.Reason == ledger.Disbursed:
			number.Href = payoutPath(l.Entry)
		case v.who.May(operator.ReadBooks):
			number.Href = entryPath(l.Entry)
		}
		t.add(number, cell{Text: word(v, reasons, l.Reason)}, cell{Text: moment(l.At)}, cell{Text: signed(l.Amount)})
	}
	if end != 0 {
		t.More = v.olderThan(itoa(end), len(lines) < rows)
	}
	return t, err
}

func (v *visit) holdForm(a merchant.App) form {
	f := form{
		Action: payoutAccountPath(a.ID) + "/hold", Fold: v.say("payouts.hold_app"), Lead: v.say("payouts.hold_app_lead"),
		Button: v.say("payouts.hold_app"), Danger: true, Fields: []field{hidden("held", "yes")},
	}
	if a.Disbursement.Held() {
		f = form{Action: payoutAccountPath(a.ID) + "/hold", Button: v.say("payouts.release_app"), Fields: []field{hidden("held", "no")}}
	}
	return f.withIDs("hold")
}

func (v *visit) fundPart(a merchant.App) part {
	return part{Title: v.say("payouts.fund"), ID: "fund-account", Forms: []form{form{
		Action: payoutAccountPath(a.ID) + "/fund", Lead: v.say("payouts.fund_lead"), Button: v.say("payouts.fund_do"),
		Fields: []field{
			{Name: "amount", Label: v.say("field.amount"), Type: "text", Mode: "numeric", Max: 20, Need: true},
			{Name: "reference", Label: v.say("payouts.reference"), Type: "text", Max: 60, Need: true, Hint: v.say("payouts.reference_hint")},
		},
	}.withIDs("fund")}}
}

func (v *visit) reviewPart(a merchant.App) part {
	return part{Title: v.say("payouts.review_title"), ID: "review-from", Forms: []form{form{
		Action: payoutAccountPath(a.ID) + "/review", Lead: v.say("payouts.review_lead"), Button: v.say("field.save"),
		Fields: []field{
			{Name: "review_from", Label: v.say("payouts.review"), Type: "text", Mode: "numeric", Max: 20, Value: a.Disbursement.ReviewFrom.Digits()},
		},
	}.withIDs("review")}}
}

// fundPayouts books what a merchant gave to pay out.
func (p *pages) fundPayouts(v *visit) (to, code string, err error) {
	a, err := v.pathApp()
	if err != nil {
		return "", "", err
	}
	to = payoutAccountPath(a.ID)
	amount, err := v.formAmount("amount")
	if err != nil {
		return to, "", err
	}
	reference := v.form("reference")
	if reference == "" { // a form that is sent twice must not be booked twice
		return to, "", pay.ErrFundingReference
	}
	ctx := v.noted(operator.PayoutsFunded, a.String(), a.ID, func() (string, string) { return "", pay.Funding(amount, reference) })
	return to, doneFund, p.Pay.FundDisbursements(ctx, a.ID, amount, reference)
}

// holdPayouts holds all payouts of an app up, or lets them go.
func (p *pages) holdPayouts(v *visit) (to, code string, err error) {
	held, now := v.form("held") == "yes", v.now
	return v.changePayouts(func(d *merchant.Disbursement) { d.Hold(held, now) })
}

// setReview sets from which amount on each payout is held.
func (p *pages) setReview(v *visit) (to, code string, err error) {
	from, err := v.formAmount("review_from")
	if err != nil {
		return within(v.cameFrom()), "", err
	}
	return v.changePayouts(func(d *merchant.Disbursement) { d.ReviewFrom = from })
}

// changePayouts changes how the app in the path pays out, and has what waits tried
// at once.
func (v *visit) changePayouts(change func(*merchant.Disbursement)) (to, code string, err error) {
	a, err := v.pathApp()
	if err != nil {
		return "", "", err
	}
	to = payoutAccountPath(a.ID)
	var was, became string
	ctx := v.noted(operator.PayoutsChanged, a.String(), a.ID, func() (string, string) { return was, became })
	_, err = v.Store.UpdateApp(ctx, a.ID, func(a *merchant.App) error {
		was = a.Disbursement.String()
		change(&a.Disbursement)
		became = a.Disbursement.String()
		return nil
	})
	if err != nil {
		return to, "", err
	}
	if err := v.Changed(v.ctx()); err != nil {
		return to, "", err
	}
	return to, doneSave, v.Pay.WakeDisbursements(v.ctx(), a.ID)
}
