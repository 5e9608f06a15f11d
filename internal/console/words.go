package console

import (
	"sen/internal/bank"
	"sen/internal/callback"
	"sen/internal/ledger"
	"sen/internal/pay"
)

// What is stored as a word, in the words of the page. Each line names a text.

// stated is a state as it is shown.
type stated struct {
	text string
	tone tone
}

var orderStates = map[pay.OrderState]stated{
	pay.OrderCreated:    {"state.created", waiting},
	pay.OrderProcessing: {"state.processing", waiting},
	pay.OrderPaid:       {"state.paid", good},
	pay.OrderExpired:    {"state.expired", over},
	pay.OrderCancelled:  {"state.cancelled", over},
}

var orderStateList = []pay.OrderState{pay.OrderCreated, pay.OrderProcessing, pay.OrderPaid, pay.OrderExpired, pay.OrderCancelled}

var refundStates = map[pay.RefundState]stated{
	pay.RefundPending:   {"state.pending", waiting},
	pay.RefundRunning:   {"state.running", waiting},
	pay.RefundBlocked:   {"state.blocked", waiting},
	pay.RefundSent:      {"state.sent", waiting},
	pay.RefundSucceeded: {"state.succeeded", good},
	pay.RefundFailed:    {"state.failed", bad},
}

var refundStateList = []pay.RefundState{
	pay.RefundPending, pay.RefundRunning, pay.RefundBlocked, pay.RefundSent, pay.RefundSucceeded, pay.RefundFailed,
}

var refundFailures = map[pay.RefundFailure]string{
	pay.RefundAmount:   "failure.refund_amount",
	pay.RefundPeriod:   "failure.refund_period",
	pay.RefundRejected: "failure.refund_rejected",
	pay.RefundPartial:  "failure.refund_partial",
	pay.RefundChannel:  "failure.refund_channel",
	pay.RefundBank:     "failure.refund_bank",
}

var payoutStates = map[pay.DisbursementState]stated{
	pay.DisbursementHeld:      {"state.payout_held", waiting},
	pay.DisbursementPending:   {"state.payout_pending", waiting},
	pay.DisbursementRunning:   {"state.payout_running", waiting},
	pay.DisbursementSucceeded: {"state.succeeded", good},
	pay.DisbursementFailed:    {"state.failed", bad},
}

var payoutStateList = []pay.DisbursementState{
	pay.DisbursementHeld, pay.DisbursementPending, pay.DisbursementRunning, pay.DisbursementSucceeded, pay.DisbursementFailed,
}

var payoutEnds = map[pay.DisbursementState]string{
	pay.DisbursementSucceeded: "event.payout_paid",
	pay.DisbursementFailed:    "event.payout_failed",
}

var payoutFailures = map[pay.DisbursementFailure]string{
	pay.ReceiverLocked:  "failure.payout_locked",
	pay.ReceiverFull:    "failure.payout_full",
	pay.PayoutsRejected: "failure.payout_rejected",
}

var payoutHolds = map[pay.DisbursementHold]string{
	pay.HeldAbove:  "payouts.hold_above",
	pay.HeldByHand: "payouts.hold_by_hand",
}

var bindingStates = map[pay.BindingState]stated{
	pay.BindingPending:   {"state.unconfirmed", waiting},
	pay.BindingConfirmed: {"state.confirmed", good},
	pay.BindingCancelled: {"state.ended", over},
	pay.BindingDisabled:  {"state.ended_by_us", bad},
	pay.BindingLapsed:    {"state.lapsed", over},
}

var bindingStateList = []pay.BindingState{
	pay.BindingPending, pay.BindingConfirmed, pay.BindingCancelled, pay.BindingDisabled, pay.BindingLapsed,
}

var deliveryStates = map[callback.State]stated{
	callback.Due:         {"state.due", waiting},
	callback.Delivered:   {"state.delivered", good},
	callback.Failed:      {"state.given_up", bad},
	callback.Unaddressed: {"state.unaddressed", over},
	callback.Dropped:     {"state.dropped", over},
}

var deliveryStateList = []callback.State{callback.Due, callback.Delivered, callback.Failed, callback.Unaddressed, callback.Dropped}

var outcomes = map[callback.Outcome]stated{
	callback.Accepted: {"outcome.accepted", good},
	callback.Refused:  {"outcome.refused", bad},
	callback.Repeat:   {"outcome.again", waiting},
	callback.Held:     {"outcome.held", waiting},
	callback.Lost:     {"outcome.lost", over},
}

var chargeStates = map[pay.ChargeState]stated{
	pay.ChargeStarted:   {"state.asked", waiting},
	pay.ChargeOTP:       {"state.otp", waiting},
	pay.ChargeUnknown:   {"state.silent", waiting},
	pay.ChargeSucceeded: {"state.taken", good},
	pay.ChargeFailed:    {"state.declined", bad},
}

var reasons = map[ledger.Reason]string{
	ledger.Payment:        "reason.payment",
	ledger.Refund:         "reason.refund",
	ledger.TopUp:          "reason.top_up",
	ledger.Payout:         "reason.payout",
	ledger.RefundReversal: "reason.reversal",
	ledger.Settlement:     "reason.settlement",
	ledger.Funding:        "reason.funding",
	ledger.Disbursed:      "reason.disbursement",
}

var kinds = map[ledger.Kind]string{
	ledger.Wallet:     "account.wallet",
	ledger.Payable:    "account.payable",
	ledger.Receivable: "account.receivable",
	ledger.Fees:       "account.fees",
	ledger.Promotions: "account.promotions",
	ledger.Clearing:   "account.clearing",

	ledger.Disbursement: "account.disbursement",
}

var channels = map[pay.Channel]string{
	pay.WalletChannel:   "channel.wallet",
	pay.CardChannel:     "channel.card",
	pay.DomesticChannel: "channel.domestic",
	pay.PayoutChannel:   "channel.payout",
}

var failures = map[pay.Failure]string{
	pay.LowBalance:        "failure.balance",
	pay.NoPromotion:       "failure.promotion",
	pay.NoPromotionForYou: "failure.promotion_you",
	pay.BankFailure:       "failure.bank",
	"limit_day_all":       "failure.day_all",
	"limit_day_wallet":    "failure.day_wallet",
	"limit_day_bank":      "failure.day_bank",
	"limit_day_card":      "failure.day_card",
	"limit_month_all":     "failure.month_all",
	"limit_month_wallet":  "failure.month_wallet",
	"limit_month_bank":    "failure.month_bank",
	"limit_month_card":    "failure.month_card",
}

var declines = map[bank.Reason]string{
	bank.Stolen:     "decline.stolen",
	bank.NoMoney:    "decline.no_money",
	bank.TimedOut:   "decline.timeout",
	bank.Refused:    "decline.refused",
	bank.WrongOTP:   "decline.otp_wrong",
	bank.LateOTP:    "decline.otp_late",
	bank.NoRefunds:  "decline.no_refunds",
	bank.Unreached:  "decline.unreached",
	bank.WrongDates: "decline.expired",
}

// failure says why an attempt to pay failed; a word that is new here stands for
// itself.
func (v *visit) failure(f pay.Failure) string { return word(v, failures, f) }

func word[K ~string](v *visit, words map[K]string, k K) string {
	if key := words[k]; key != "" {
		return v.say(key)
	}
	return string(k)
}

// state shows a state.
func state[K ~string](v *visit, words map[K]stated, k K) cell {
	s, ok := words[k]
	if !ok {
		return cell{Text: string(k), Tone: over}
	}
	return cell{Text: v.say(s.text), Tone: s.tone}
}

// chooseState offers the states of a list, and all.
func chooseState[K ~string](v *visit, words map[K]stated, list []K, chosen string) field {
	options := []option{{"", v.say("field.any_state"), false}}
	for _, k := range list {
		options = append(options, option{string(k), v.say(words[k].text), string(k) == chosen})
	}
	return field{Name: "state", Label: v.say("field.state"), Type: "select", Options: options}
}

func (v *visit) channel(c pay.Channel) string {
	if key := channels[c]; key != "" {
		return v.say(key)
	}
	return itoa(int64(c))
}
