package console

import (
	"errors"
	"strings"

	"sen/internal/callback"
	"sen/internal/chaos"
	"sen/internal/export"
	"sen/internal/fault"
	"sen/internal/merchant"
	"sen/internal/mishap"
	"sen/internal/money"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/scenario"
)

// shell is what every page has around what it is about.
type shell struct {
	Menu   []group
	Who    string
	Role   string
	Notice *notice
}

// A group is a few links of the menu.
type group struct {
	Title string
	Items []item
}

type item struct {
	Href, Text string
	Current    bool
}

// notice is something to tell.
type notice struct {
	Text string
	Good bool
}

// menuItem is a link of the menu and who sees it.
type menuItem struct {
	path, text string
	right      operator.Right
	lab        bool
}

var menu = []struct {
	title string
	items []menuItem
}{
	{"menu.payments", []menuItem{
		{"", "menu.overview", operator.ReadOrders, false},
		{"/orders", "menu.orders", operator.ReadOrders, false},
		{"/refunds", "menu.refunds", operator.ReadOrders, false},
		{"/payouts", "menu.payouts", operator.ReadOrders, false},
		{"/callbacks", "menu.callbacks", operator.ReadOrders, false},
		{"/requests", "menu.requests", operator.ReadOrders, false},
		{"/bindings", "menu.bindings", operator.ReadOrders, false},
		{"/settlements", "menu.settlements", operator.ReadOrders, false},
	}},
	{"menu.payers", []menuItem{
		{"/wallets", "menu.wallets", operator.ReadPayers, false},
		{"/cards", "menu.cards", operator.ReadPayers, false},
		{"/limits", "menu.limits", operator.ReadSettings, false},
		{"/campaigns", "menu.campaigns", operator.ReadSettings, false},
	}},
	{"menu.house", []menuItem{
		{"/apps", "menu.apps", operator.ReadOrders, false},
		{"/ledger", "menu.ledger", operator.ReadBooks, false},
		{"/maintenance", "menu.maintenance", operator.ReadSettings, false},
		{"/audit", "menu.audit", operator.ReadAudit, false},
		{"/operators", "menu.operators", operator.SetOperators, false},
	}},
	{"menu.lab", []menuItem{
		{"/codes", "menu.codes", operator.ReadOrders, false},
		{"/rules", "menu.rules", operator.ReadSettings, true},
		{"/clock", "menu.clock", operator.ReadSettings, true},
		{"/faults", "menu.faults", operator.ReadSettings, true},
		{"/callback-rules", "menu.callback_rules", operator.ReadSettings, true},
	}},
}

var roleTexts = map[operator.Role]string{
	operator.Admin:    "role.operator",
	operator.Support:  "role.support",
	operator.Merchant: "role.merchant",
}

// shell returns the shell with what the last page left to tell.
func (v *visit) shell() shell {
	s := shell{Who: v.who.Name, Role: v.say(roleTexts[v.who.Role]), Notice: v.notice(v.Site.TakeNotice(v.w, v.r, root))}
	here := strings.TrimPrefix(v.r.URL.Path, root)
	for _, g := range menu {
		shown := group{Title: v.say(g.title)}
		for _, i := range g.items {
			if v.allowed(v.who, i.right, i.lab) != nil {
				continue
			}
			current := here == i.path || (i.path != "" && strings.HasPrefix(here, i.path+"/"))
			shown.Items = append(shown.Items, item{root + i.path, v.say(i.text), current})
		}
		if len(shown.Items) > 0 {
			s.Menu = append(s.Menu, shown)
		}
	}
	return s
}

// The codes of what went well, and signedOut of what did not.
const (
	doneApprove  = "done_approve"
	doneDecline  = "done_decline"
	doneReplay   = "done_replay"
	doneSave     = "done_save"
	doneEnd      = "done_end"
	doneDelete   = "done_delete"
	doneTopUp    = "done_top_up"
	doneCreate   = "done_create"
	doneRotate   = "done_rotate"
	doneDropKeys = "done_drop_keys"
	doneAnnounce = "done_announce"
	doneLift     = "done_lift"
	doneClock    = "done_clock"
	doneFault    = "done_fault"
	doneMend     = "done_mend"
	doneOutage   = "done_outage"
	doneSettle   = "done_settle"
	noneSettled  = "none_settled"
	doneSessions = "done_sessions"
	donePassword = "done_password"
	doneProve    = "done_prove"
	doneHold     = "done_hold"
	doneRelease  = "done_release"
	doneReject   = "done_reject"
	doneFund     = "done_fund"
	signedOut    = "signed_out"
)

var wentWell = map[string]string{
	doneApprove: "done.approve", doneDecline: "done.decline", doneReplay: "done.replay", doneSave: "done.save",
	doneEnd: "done.end", doneDelete: "done.delete", doneTopUp: "done.top_up", doneCreate: "done.create",
	doneDropKeys: "done.drop_keys", doneRotate: "done.rotate", doneAnnounce: "done.announce", doneLift: "done.lift", doneClock: "done.clock",
	doneFault: "done.fault", doneMend: "done.mend", doneOutage: "done.outage",
	doneSettle: "done.settle", noneSettled: "done.none_settled",
	doneSessions: "done.sessions", donePassword: "done.password", doneProve: "done.prove",
	doneHold: "done.hold", doneRelease: "done.release", doneReject: "done.reject", doneFund: "done.fund",
}

// Refusals of these pages.
var (
	errNumber   = fault.New(fault.Invalid, "number_invalid", "The value is not a whole number in its range.")
	errDuration = fault.New(fault.Invalid, "duration_invalid", "A duration is written like 15m, 24h or 1h30m.")
	errTime     = fault.New(fault.Invalid, "time_invalid", "The time can't be read.")
	errTimes    = fault.New(fault.Invalid, "times_order", "The end must be after the beginning.")
	errAppName  = fault.New(fault.Invalid, "name_invalid", "The name of an app has 1 to 100 printable characters.")
	errClockFar = fault.New(fault.Invalid, "clock_range", "The clock can be set from 2020 to 2080.")
)

// refused says what to tell by the code of a refusal.
var refused = map[string]string{
	signedOut: "refused.signed_out",

	operator.ErrWrong.Code:      "refused.password",
	operator.ErrPaused.Code:     "refused.paused",
	operator.ErrExists.Code:     "refused.operator_exists",
	operator.ErrName.Code:       "refused.operator_name",
	operator.ErrRole.Code:       "refused.operator_role",
	operator.ErrApps.Code:       "refused.operator_apps",
	operator.ErrPassword.Code:   "refused.password_short",
	operator.ErrCommon.Code:     "refused.password_common",
	operator.ErrCode.Code:       "refused.code",
	operator.ErrOwn.Code:        "refused.own",
	mishap.ErrRule.Code:         "refused.callback_rule",
	mishap.ErrUnknown.Code:      "refused.gone",
	pay.ErrRefundDecided.Code:   "refused.refund_decided",
	pay.ErrRefundNotFound.Code:  "refused.gone",
	pay.ErrBindingNotFound.Code: "refused.binding_over",

	pay.ErrDisbursementNotFound.Code: "refused.gone",
	pay.ErrDisbursementHeld.Code:     "refused.payout_held",
	pay.ErrDisbursementNotHeld.Code:  "refused.payout_not_held",
	pay.ErrDisbursementClosed.Code:   "refused.payout_closed",
	pay.ErrFundingReference.Code:     "refused.funding_reference",
	pay.ErrFunded.Code:               "refused.funded",
	merchant.ErrNoPayouts.Code:       "refused.payouts_off",

	pay.ErrCardNotFound.Code:   "refused.gone",
	pay.ErrWalletNotFound.Code: "refused.gone",
	pay.ErrKYCLevel.Code:       "refused.level",
	pay.ErrCampaignExists.Code: "refused.campaign_exists",
	pay.ErrCampaignShape.Code:  "refused.campaign",
	pay.ErrPromotion.Code:      "refused.gone",
	pay.ErrPhone.Code:          "refused.phone",
	callback.ErrNotFound.Code:  "refused.gone",
	callback.ErrNoURL.Code:     "refused.no_url",
	"callback_url_invalid":     "refused.url",
	"callback_url_not_public":  "refused.url_not_public",
	merchant.ErrTerms.Code:     "refused.terms",
	merchant.ErrExists.Code:    "refused.app_exists",
	merchant.ErrUnknown.Code:   "refused.app_unknown",
	"name_invalid":             "refused.app_name",
	money.ErrInvalid.Code:      "refused.amount",
	money.ErrOverflow.Code:     "refused.amount",
	scenario.ErrEffect.Code:    "refused.rule",
	scenario.ErrValue.Code:     "refused.value",
	scenario.ErrRule.Code:      "refused.gone",
	errNumber.Code:             "refused.number",
	errDuration.Code:           "refused.duration",
	errTime.Code:               "refused.time",
	errTimes.Code:              "refused.times",
	errClockFar.Code:           "refused.clock",
	chaos.ErrFault.Code:        "refused.fault",
	export.ErrOperation.Code:   "refused.export_operation",
	export.ErrHidden.Code:      "refused.export_hidden",
	export.ErrNUL.Code:         "refused.export_nul",
}

// fieldTexts name the inputs that a refusal may be about.
var fieldTexts = map[string]string{
	"rate_per_second": "terms.rate", "fee_bp": "terms.fee", "refund_approval_from": "terms.approval",
	"refund_period": "terms.refund_period", "receivable_limit": "terms.receivable", "token_life": "terms.token_life",
	"token_day_count": "terms.token_count", "token_day_amount": "terms.token_amount", "app_id": "field.app_id",
	"budget": "campaign.budget", "discount": "campaign.discount", "ends_at": "campaign.until", "code": "campaign.code",
	"min_amount": "campaign.least", "amount": "field.amount", "calls": "rule.calls", "delay": "rule.delay",
	"value": "rule.value", "break": "rule.break", "until": "maintenance.until", "from": "maintenance.from",
	"uses_per_payer": "campaign.uses", "review_from": "payouts.review",
}

// refusal returns what to tell of an error that people can do something about:
// its code, and the field that it is about. Both are looked up again where they
// are told.
func refusal(err error) string {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || refused[f.Code] == "" {
		return ""
	}
	if fieldTexts[f.Field] != "" {
		return f.Code + "." + f.Field
	}
	return f.Code
}

func (v *visit) notice(code string) *notice {
	if key := wentWell[code]; key != "" {
		return &notice{v.say(key), true}
	}
	code, field, _ := strings.Cut(code, ".")
	key := refused[code]
	if key == "" {
		return nil
	}
	text := v.say(key)
	if fieldTexts[field] != "" {
		text = v.say(fieldTexts[field]) + ": " + text
	}
	return &notice{text, false}
}
