package console

import (
	"errors"
	"strconv"

	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/store"
)

func (p *pages) showRefunds(v *visit) (*view, error) {
	page := &view{Title: v.say("refunds.title"), Lead: v.say("refunds.lead"), Watched: true}
	apps, err := v.chooseApp(v.appAsked())
	if err != nil {
		return nil, err
	}
	page.Top = []part{{Filter: new(form{
		Action: root + "/refunds", Get: true, Button: v.say("field.search"), Clear: v.say("field.clear"),
		Fields: []field{
			{Name: "q", Label: v.say("refunds.q"), Type: "search", Value: v.query("q"), Hint: v.say("refunds.q_hint"), Max: 50},
			apps, chooseState(v, refundStates, refundStateList, v.query("state")),
		},
	}.withIDs("find"))}}
	if name := v.query("q"); name != "" {
		found, err := v.refundsCalled(name)
		page.Parts = []part{{Table: v.refunds(found)}}
		return page, err
	}
	before, _ := strconv.ParseInt(v.query("before"), 10, 64) // 0 then, which is the newest
	found, end, err := v.Store.FindRefunds(v.ctx(), store.RefundSearch{
		Scope: v.scopeOf(v.appAsked()), State: pay.RefundState(v.query("state")), Before: before,
	}, rows)
	if err != nil {
		return nil, err
	}
	t := v.refunds(found)
	if end != 0 {
		t.More = v.olderThan(itoa(end), len(found) < rows)
	}
	page.Parts = []part{{Table: t}}
	return page, nil
}

// refundsCalled finds refunds by their number or by what an app calls them.
func (v *visit) refundsCalled(name string) (found []pay.Refund, err error) {
	apps, err := v.apps()
	if err != nil {
		return nil, err
	}
	err = v.Pay.Store.View(v.ctx(), func(r pay.Reader) error {
		found = nil
		add := func(rf pay.Refund, err error) error {
			if err == nil && v.who.Sees(rf.App) && (v.appAsked() == 0 || v.appAsked() == rf.App) {
				found = append(found, rf)
			}
			if errors.Is(err, pay.ErrRefundNotFound) {
				return nil
			}
			return err
		}
		if n, err := strconv.ParseInt(name, 10, 64); err == nil {
			if err := add(r.Refund(v.ctx(), n)); err != nil {
				return err
			}
		}
		for _, a := range apps {
			if err := add(r.RefundByMerchantID(v.ctx(), a.ID, name)); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

func (v *visit) refunds(all []pay.Refund) *table {
	t := &table{
		Caption: v.say("refunds.title"), Empty: v.say("refunds.none"),
		Heads: []head{
			{v.say("refunds.refund"), false},
			{v.say("field.app"), false},
			{v.say("refunds.payment"), false},
			{v.say("field.amount"), true},
			{v.say("field.state"), false},
			{v.say("field.created"), false},
		},
	}
	for _, r := range all {
		s := state(v, refundStates, r.State)
		if r.Failure != "" {
			s.Small = word(v, refundFailures, r.Failure)
		}
		if r.State == pay.RefundPending && v.who.May(operator.Change) {
			s.Forms = v.decideForms(r)
		}
		amount := cell{Text: r.Amount.String()}
		if r.Fee > 0 {
			amount.Small = v.say("refunds.fee", "fee", r.Fee)
		}
		t.add(cell{Text: r.MRefundID, Small: itoa(r.Number) + " · " + r.Description, Mono: true}, v.app(r.App),
			cell{Text: itoa(r.Payment), Href: address(root+"/orders", "q", itoa(r.Payment)), Mono: true}, amount, s,
			cell{Text: moment(r.CreatedAt)})
	}
	return t
}

func (v *visit) decideForms(r pay.Refund) []form {
	number := itoa(r.Number)
	to := root + "/refunds/" + number + "/decide"
	back := hidden("back", v.r.URL.RequestURI())
	return []form{
		form{Action: to, Plain: true, Button: v.say("refunds.approve"), Fields: []field{hidden("approve", "yes"), back}}.withIDs("approve-" + number),
		form{Action: to, Plain: true, Danger: true, Button: v.say("refunds.decline"), Fields: []field{hidden("approve", "no"), back}}.withIDs("decline-" + number),
	}
}

// decideRefund approves or declines a refund that waits.
func (p *pages) decideRefund(v *visit) (to, code string, err error) {
	back := within(v.form("back"))
	number, err := v.number("number")
	if err != nil {
		return "", "", err
	}
	approve := v.form("approve") == "yes"
	action, code := operator.RefundDeclined, doneDecline
	if approve {
		action, code = operator.RefundApproved, doneApprove
	}
	var rf pay.Refund
	err = p.Pay.Store.View(v.ctx(), func(r pay.Reader) (err error) {
		rf, err = r.Refund(v.ctx(), number)
		return err
	})
	if err != nil {
		return back, "", err
	}
	became := pay.RefundFailed
	if approve {
		became = pay.RefundRunning
	}
	// Of a refund that somebody decided meanwhile nothing changes or is noted.
	ctx := v.noted(action, "refund "+itoa(number), rf.App, func() (string, string) {
		return string(pay.RefundPending) + " " + rf.Amount.Digits(), string(became)
	})
	_, err = p.Pay.DecideRefund(ctx, number, approve)
	return back, code, err
}
