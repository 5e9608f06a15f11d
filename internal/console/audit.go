package console

import (
	"strconv"

	"sen/internal/operator"
	"sen/internal/store"
)

var actions = map[operator.Action]string{
	operator.SignedIn:         "action.sign_in",
	operator.SignInRefused:    "action.sign_in_refused",
	operator.SignedOut:        "action.sign_out",
	operator.OperatorAdded:    "action.operator_add",
	operator.OperatorChanged:  "action.operator_change",
	operator.RefundApproved:   "action.refund_approve",
	operator.RefundDeclined:   "action.refund_decline",
	operator.CallbackReplayed: "action.callback_replay",
	operator.BindingEnded:     "action.binding_end",
	operator.CardDeleted:      "action.card_delete",
	operator.WalletChanged:    "action.wallet_change",
	operator.WalletToppedUp:   "action.wallet_top_up",
	operator.AppCreated:       "action.app_create",
	operator.AppChanged:       "action.app_change",
	operator.KeysShown:        "action.keys_show",
	operator.KeysRotated:      "action.keys_rotate",
	operator.CodeKeyMade:      "action.code_key_make",
	operator.SessionsEnded:    "action.sessions_end",
	operator.CodeEnrolled:     "action.code_enrol",
	operator.MishapAdded:      "action.callback_rule_add",
	operator.MishapRemoved:    "action.callback_rule_remove",
	operator.CampaignOpened:   "action.campaign_open",
	operator.CampaignChanged:  "action.campaign_change",
	operator.WindowAnnounced:  "action.maintenance_announce",
	operator.WindowLifted:     "action.maintenance_lift",
	operator.RuleAdded:        "action.rule_add",
	operator.RuleRemoved:      "action.rule_remove",
	operator.ClockMoved:       "action.clock_move",
	operator.FaultAdded:       "action.fault_add",
	operator.FaultsEnded:      "action.faults_end",
	operator.OutageSet:        "action.outage_set",
	operator.DaySettled:       "action.settlement_run",
	operator.PayoutHeld:       "action.payout_hold",
	operator.PayoutReleased:   "action.payout_release",
	operator.PayoutRejected:   "action.payout_reject",
	operator.PayoutsFunded:    "action.payouts_fund",
	operator.PayoutsChanged:   "action.payouts_change",
}

func (p *pages) showAudit(v *visit) (*view, error) {
	before, _ := strconv.ParseInt(v.query("before"), 10, 64) // 0 then, which is the newest
	all, err := v.Store.Records(v.ctx(), store.RecordSearch{Actor: v.query("actor"), Subject: v.query("subject"), Before: before}, rows+1)
	if err != nil {
		return nil, err
	}
	page := &view{Title: v.say("audit.title"), Lead: v.say("audit.lead"), Watched: true}
	page.Top = []part{{Filter: new(form{
		Action: root + "/audit", Get: true, Button: v.say("field.search"), Clear: v.say("field.clear"),
		Fields: []field{
			{Name: "actor", Label: v.say("audit.who"), Type: "search", Value: v.query("actor"), Max: 40},
			{Name: "subject", Label: v.say("audit.what"), Type: "search", Value: v.query("subject"), Max: 100, Hint: v.say("audit.what_hint")},
		},
	}.withIDs("find"))}}
	more := len(all) > rows
	all = all[:min(len(all), rows)]
	t := v.records(all)
	if more {
		t.More = v.olderThan(itoa(all[rows-1].ID), false)
	}
	page.Parts = []part{{Table: t}}
	return page, nil
}

func (v *visit) records(all []operator.Record) *table {
	t := &table{
		Caption: v.say("audit.title"), Empty: v.say("audit.none"),
		Heads: []head{{v.say("audit.action"), false}, {v.say("audit.who"), false}, {v.say("audit.was"), false}, {v.say("audit.became"), false}, {v.say("audit.when"), false}},
	}
	for _, r := range all {
		t.add(cell{Text: word(v, actions, r.Action), Small: r.Subject}, cell{Text: r.Actor, Small: v.say(roleTexts[r.Role])},
			cell{Text: r.Was}, cell{Text: r.Became}, cell{Text: moment(r.At)})
	}
	return t
}
