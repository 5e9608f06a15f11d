package operator

import (
	"context"
	"time"

	"sen/internal/merchant"
)

// A Record is a line of the audit log: who did what to what, and how it was
// before and after. Secrets are named there, never shown.
type Record struct {
	ID      int64
	At      time.Time // the machine's: a sandbox's clock can be moved by those who are recorded
	Actor   string
	Role    Role
	Action  Action
	Subject string // what was changed, as in "refund 261122000000007"
	App     merchant.ID
	Was     string
	Became  string
}

// Action is what was done.
type Action string

// The actions. They are stored: never change one.
const (
	SignedIn         Action = "sign_in"
	SignInRefused    Action = "sign_in_refused"
	SignedOut        Action = "sign_out"
	OperatorAdded    Action = "operator_add"
	OperatorChanged  Action = "operator_change"
	RefundApproved   Action = "refund_approve"
	RefundDeclined   Action = "refund_decline"
	CallbackReplayed Action = "callback_replay"
	BindingEnded     Action = "binding_end"
	CardDeleted      Action = "card_delete"
	WalletChanged    Action = "wallet_change"
	WalletToppedUp   Action = "wallet_top_up"
	AppCreated       Action = "app_create"
	AppChanged       Action = "app_change"
	KeysShown        Action = "keys_show"
	KeysRotated      Action = "keys_rotate"
	CodeKeyMade      Action = "code_key_make"
	CampaignOpened   Action = "campaign_open"
	CampaignChanged  Action = "campaign_change"
	WindowAnnounced  Action = "maintenance_announce"
	WindowLifted     Action = "maintenance_lift"
	RuleAdded        Action = "rule_add"
	RuleRemoved      Action = "rule_remove"
	ClockMoved       Action = "clock_move"
	FaultAdded       Action = "fault_add"
	FaultsEnded      Action = "faults_end"
	OutageSet        Action = "outage_set"
	DaySettled       Action = "settlement_run"
	SessionsEnded    Action = "sessions_end"
	CodeEnrolled     Action = "code_enrol"
	MishapAdded      Action = "callback_rule_add"
	MishapRemoved    Action = "callback_rule_remove"
	PayoutHeld       Action = "payout_hold"
	PayoutReleased   Action = "payout_release"
	PayoutRejected   Action = "payout_reject"
	PayoutsFunded    Action = "payouts_fund"
	PayoutsChanged   Action = "payouts_change"
)

// Actions lists all actions.
func Actions() []Action {
	return []Action{
		SignedIn, SignInRefused, SignedOut, OperatorAdded, OperatorChanged, RefundApproved, RefundDeclined,
		CallbackReplayed, BindingEnded, CardDeleted, WalletChanged, WalletToppedUp, AppCreated, AppChanged,
		KeysShown, KeysRotated, CodeKeyMade, CampaignOpened, CampaignChanged, WindowAnnounced, WindowLifted, RuleAdded,
		RuleRemoved, ClockMoved, FaultAdded, FaultsEnded, OutageSet, DaySettled,
		SessionsEnded, CodeEnrolled, MishapAdded, MishapRemoved,
		PayoutHeld, PayoutReleased, PayoutRejected, PayoutsFunded, PayoutsChanged,
	}
}

// A Note is a record that is still to be written. Its detail is asked for after
// the change was made, in the same run of the same transaction.
type Note struct {
	Record Record
	Detail func() (was, became string)
}

type noteKey struct{}

// WithNote returns a context in which a transaction that changes something puts
// the note on record, together with the change or not at all.
func WithNote(ctx context.Context, n Note) context.Context {
	return context.WithValue(ctx, noteKey{}, n)
}

// Noted returns the record that goes with a change made under ctx.
func Noted(ctx context.Context) (r Record, ok bool) {
	n, ok := ctx.Value(noteKey{}).(Note)
	if !ok {
		return Record{}, false
	}
	if n.Detail != nil {
		n.Record.Was, n.Record.Became = n.Detail()
	}
	return n.Record, true
}
