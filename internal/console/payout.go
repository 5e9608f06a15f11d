package console

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"sen"
	"sen/internal/exchange"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/store"
)

func payoutPath(number int64) string { return root + "/payouts/" + itoa(number) }

// showPayouts lists what merchants pay out to wallets.
func (p *pages) showPayouts(v *visit) (*view, error) {
	page := &view{Title: v.say("payouts.title"), Lead: v.say("payouts.lead"), Watched: true}
	apps, err := v.chooseApp(v.appAsked())
	if err != nil {
		return nil, err
	}
	page.Top = []part{{Filter: new(form{
		Action: root + "/payouts", Get: true, Button: v.say("field.search"), Clear: v.say("field.clear"),
		Fields: []field{
			{Name: "q", Label: v.say("payouts.q"), Type: "search", Value: v.query("q"), Hint: v.say("payouts.q_hint"), Max: 50},
			apps, chooseState(v, payoutStates, payoutStateList, v.query("state")),
		},
	}.withIDs("find")), Links: []link{{root + "/payouts/accounts", v.say("payouts.accounts")}}}}
	if name := v.query("q"); name != "" {
		found, err := v.payoutsCalled(name)
		if err != nil {
			return nil, err
		}
		t, err := v.payouts(found)
		page.Parts = []part{{Table: t}}
		return page, err
	}
	before, _ := strconv.ParseInt(v.query("before"), 10, 64) // 0 then, which is the newest
	found, end, err := v.Store.FindDisbursements(v.ctx(), store.DisbursementSearch{
		Scope: v.scopeOf(v.appAsked()), State: pay.DisbursementState(v.query("state")), Before: before,
	}, rows)
	if err != nil {
		return nil, err
	}
	t, err := v.payouts(found)
	if err != nil {
		return nil, err
	}
	if end != 0 {
		t.More = v.olderThan(itoa(end), len(found) < rows)
	}
	page.Parts = []part{{Table: t}}
	return page, nil
}

// payoutsCalled finds payouts by their number or by what an app calls them.
func (v *visit) payoutsCalled(name string) (found []pay.Disbursement, err error) {
	apps, err := v.apps()
	if err != nil {
		return nil, err
	}
	err = v.Pay.Store.View(v.ctx(), func(r pay.Reader) error {
		found = nil
		add := func(d pay.Disbursement, err error) error {
			if err == nil && v.who.Sees(d.App) && (v.appAsked() == 0 || v.appAsked() == d.App) {
				found = append(found, d)
			}
			if errors.Is(err, pay.ErrDisbursementNotFound) {
				return nil
			}
			return err
		}
		if n, err := strconv.ParseInt(name, 10, 64); err == nil {
			if err := add(r.Disbursement(v.ctx(), n)); err != nil {
				return err
			}
		}
		for _, a := range apps {
			if !a.Disbursement.Enabled() {
				continue
			}
			if err := add(r.DisbursementByPartnerID(v.ctx(), a.ID, name)); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

func (v *visit) payouts(all []pay.Disbursement) (*table, error) {
	t := &table{
		Caption: v.say("payouts.title"), Empty: v.say("payouts.none"),
		Heads: []head{
			{v.say("payouts.payout"), false},
			{v.say("field.app"), false},
			{v.say("payouts.receiver"), false},
			{v.say("field.amount"), true},
			{v.say("field.state"), false},
			{v.say("field.created"), false},
		},
	}
	for _, d := range all {
		receiver, err := v.receiver(d)
		if err != nil {
			return nil, err
		}
		s := v.payoutState(d)
		if d.State == pay.DisbursementHeld && v.who.May(operator.Change) {
			s.Forms = []form{v.releaseForm(d), v.rejectForm(d, true)}
		}
		t.add(cell{Text: d.PartnerOrderID, Small: itoa(d.Number), Href: payoutPath(d.Number), Mono: true}, v.app(d.App),
			receiver, cell{Text: d.Amount.String()}, s, cell{Text: moment(d.CreatedAt)})
	}
	return t, nil
}

// receiver names the wallet that is paid.
func (v *visit) receiver(d pay.Disbursement) (cell, error) {
	w, err := v.Pay.Wallet(v.ctx(), d.Wallet)
	c := cell{Text: w.MaskedPhone()}
	if v.who.May(operator.ReadPayers) {
		c.Href, c.Small = walletPath(d.Wallet), w.Name
	}
	return c, err
}

func (v *visit) payoutState(d pay.Disbursement) cell {
	s := state(v, payoutStates, d.State)
	switch {
	case d.Failure != "":
		s.Small = word(v, payoutFailures, d.Failure)
	case d.State == pay.DisbursementHeld:
		s.Small = word(v, payoutHolds, d.Hold)
	}
	return s
}

// payout returns the payout in the path, if the visitor may see it.
func (v *visit) payout() (pay.Disbursement, error) {
	number, err := v.number("number")
	if err != nil {
		return pay.Disbursement{}, err
	}
	d, err := v.Pay.DisbursementNumbered(v.ctx(), number)
	if err == nil && !v.who.Sees(d.App) {
		err = pay.ErrDisbursementNotFound
	}
	return d, err
}

func (p *pages) showPayout(v *visit) (*view, error) {
	d, err := v.payout()
	if err != nil {
		return nil, err
	}
	mark := v.payoutState(d)
	page := &view{
		Title: d.PartnerOrderID, Lead: d.Description, Mark: &mark, Watched: true,
		Back: &link{root + "/payouts", v.say("payouts.title")},
	}
	facts, err := v.payoutFacts(d)
	if err != nil {
		return nil, err
	}
	events, err := v.payoutTimeline(d)
	if err != nil {
		return nil, err
	}
	page.Parts = []part{{Title: v.say("payouts.facts"), ID: "facts", Facts: facts}}
	if forms := v.payoutForms(d); forms != nil {
		page.Parts = append(page.Parts, part{Title: v.say("payouts.decide"), ID: "decide", Lead: v.say("payouts.decide_lead"), Forms: forms})
	}
	page.Parts = append(page.Parts, part{Title: v.say("order.timeline"), ID: "timeline", Timeline: events})
	if v.who.May(operator.ReadAudit) {
		records, err := v.Store.Records(v.ctx(), store.RecordSearch{Subject: d.Subject()}, rows)
		if err != nil {
			return nil, err
		}
		page.Parts = append(page.Parts, part{Title: v.say("payouts.records"), ID: "records", Table: v.records(records)})
	}
	page.After = []part{{Title: v.say("order.sent"), ID: "sent", Facts: []fact{
		{"partner_embed_data", cell{Text: d.EmbedData, Mono: true}}, {"extra_info", cell{Text: d.ExtraInfo, Mono: true}},
	}}}
	return page, nil
}

func (v *visit) payoutFacts(d pay.Disbursement) ([]fact, error) {
	receiver, err := v.receiver(d)
	facts := []fact{
		{v.say("field.app"), v.app(d.App)},
		{v.say("field.amount"), cell{Text: d.Amount.String()}},
		{v.say("payouts.receiver"), receiver},
		{"partner_order_id", cell{Text: d.PartnerOrderID, Mono: true}},
		{"order_id", cell{Text: itoa(d.Number), Mono: true}},
		{v.say("field.created"), cell{Text: moment(d.CreatedAt)}},
		{v.say("payouts.account"), cell{Text: v.say("payouts.account_open"), Href: payoutAccountPath(d.App)}},
	}
	return facts, err
}

// payoutForms is what somebody may do about a payout that is open.
func (v *visit) payoutForms(d pay.Disbursement) []form {
	switch {
	case !d.State.Open() || !v.who.May(operator.Change):
		return nil
	case d.State == pay.DisbursementHeld:
		return []form{v.releaseForm(d), v.rejectForm(d, false)}
	}
	number := itoa(d.Number)
	hold := form{Action: payoutPath(d.Number) + "/hold", Plain: true, Button: v.say("payouts.hold"), Fields: []field{v.backHere()}}
	return []form{hold.withIDs("hold-" + number), v.rejectForm(d, false)}
}

func (v *visit) backHere() field { return hidden("back", v.r.URL.RequestURI()) }

func (v *visit) releaseForm(d pay.Disbursement) form {
	return form{
		Action: payoutPath(d.Number) + "/release", Plain: true, Button: v.say("payouts.release"), Fields: []field{v.backHere()},
	}.withIDs("release-" + itoa(d.Number))
}

// rejectForm ends a payout. Where there is room it is unfolded first.
func (v *visit) rejectForm(d pay.Disbursement, plain bool) form {
	f := form{
		Action: payoutPath(d.Number) + "/reject", Plain: plain, Danger: true, Button: v.say("payouts.reject"), Fields: []field{v.backHere()},
	}
	if !plain {
		f.Fold, f.Lead, f.Button = v.say("payouts.reject"), v.say("payouts.reject_lead"), v.say("payouts.reject_now")
	}
	return f.withIDs("reject-" + itoa(d.Number))
}

// payoutTimeline puts everything that happened to a payout into the one order of
// time.
func (v *visit) payoutTimeline(d pay.Disbursement) ([]event, error) {
	all, err := v.payoutRequests(d)
	if err != nil {
		return nil, err
	}
	made := v.at(d.CreatedAt, v.say("event.payout"), over)
	made.Detail = d.Amount.String()
	all = append(all, made)
	if !d.HeldAt.IsZero() {
		held := v.at(d.HeldAt, v.say("event.payout_held"), waiting)
		held.Detail = word(v, payoutHolds, d.Hold)
		all = append(all, held)
	}
	if !d.ReleasedAt.IsZero() {
		all = append(all, v.at(d.ReleasedAt, v.say("event.payout_released"), over))
	}
	if d.State == pay.DisbursementSucceeded {
		b, err := v.Store.Booking(v.ctx(), d.Number)
		if err != nil {
			return nil, err
		}
		all = append(all, v.bookingEvent(b))
	}
	switch {
	case !d.ClosedAt.IsZero():
		s := v.payoutState(d)
		ended := v.at(d.ClosedAt, v.say(payoutEnds[d.State]), s.Tone)
		ended.Detail = s.Small
		all = append(all, ended)
	case !d.DueAt.IsZero():
		all = append(all, v.waitEvent(d))
	}
	slices.SortStableFunc(all, func(a, b event) int { return cmp.Compare(a.micros, b.micros) })
	return v.gathered(all), nil
}

// waitEvent says what an open payout waits for, and when it is tried again.
func (v *visit) waitEvent(d pay.Disbursement) event {
	e := v.at(d.DueAt, v.say("event.payout_next"), waiting)
	e.Detail = v.payoutState(d).Text
	return e
}

// payoutRequests are the calls of the merchant about a payout.
func (v *visit) payoutRequests(d pay.Disbursement) ([]event, error) {
	if err := v.flush(); err != nil {
		return nil, err
	}
	all, err := v.Store.Exchanges(v.ctx(), exchange.Filter{App: d.App, AppTransID: d.PartnerOrderID}, 0, eventsOfRequests)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(x exchange.Exchange) bool { // an order can be called the same
		return x.Operation != sen.OpDisbursementTopUp.Name && x.Operation != sen.OpDisbursementQuery.Name
	})
	slices.SortFunc(all, func(a, b exchange.Exchange) int { return cmp.Compare(a.ID, b.ID) })
	times := v.clocks(all, func(x *exchange.Exchange) time.Time {
		if x.Operation == sen.OpDisbursementTopUp.Name {
			return d.CreatedAt
		}
		return time.Time{}
	})
	events := make([]event, len(all))
	for i := range all {
		events[i] = v.requestEvent(&all[i], times[i])
	}
	return events, nil
}

func (p *pages) holdPayout(v *visit) (to, code string, err error) {
	return v.decidePayout(operator.PayoutHeld, "held", doneHold, v.Pay.HoldDisbursement)
}

func (p *pages) releasePayout(v *visit) (to, code string, err error) {
	return v.decidePayout(operator.PayoutReleased, "released", doneRelease, v.Pay.ReleaseDisbursement)
}

func (p *pages) rejectPayout(v *visit) (to, code string, err error) {
	return v.decidePayout(operator.PayoutRejected, "rejected", doneReject, v.Pay.RejectDisbursement)
}

// decidePayout does what somebody decided about the payout in the path. Of one
// that somebody decided meanwhile nothing changes or is noted.
func (v *visit) decidePayout(a operator.Action, became, done string,
	decide func(context.Context, int64) (pay.Disbursement, error),
) (to, code string, err error) {
	d, err := v.payout()
	if err != nil {
		return within(v.form("back")), "", err
	}
	was := d.Standing()
	_, err = decide(v.noted(a, d.Subject(), d.App, func() (string, string) { return was, became }), d.Number)
	return within(v.form("back")), done, err
}
