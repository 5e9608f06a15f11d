package settlement

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"sen/internal/bank"
	"sen/internal/callback"
	"sen/internal/id"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

// Books are what the gateway knows of an app's day, and of what the claims and
// reports to compare it with speak of.
type Books struct {
	App      merchant.App
	Day      pay.Day
	Payments []Paid // of the day
	Refunds  []Back // booked or closed on the day

	// Orders, RefundsCalled, Charges and RefundsNumbered are what others name, of
	// whatever day.
	Orders          map[string]Ordered // by app_trans_id
	RefundsCalled   map[string]Back    // by m_refund_id
	Charges         map[int64]Charged  // by number, of every app
	RefundsNumbered map[int64]Back     // by number, of every app

	Unpaid     []Ordered  // that say paid, but have no payment
	Strays     []Stray    // entries of the app's accounts that nothing stands behind
	Settlement Settled    // of the day
	Rates      []Rate     // of the app, the oldest first
	Accounts   []Balanced // payable and receivable
	Closings   []Closing  // of all days, the oldest first
}

// Paid is a payment and all that must belong to it.
type Paid struct {
	pay.Payment
	AppTransID string
	Booked     Booked
	SettledOn  pay.Day // "": not
	Callback   Told
}

// Booked is what an entry did to payable and receivable together.
type Booked struct {
	At  time.Time // zero: there is no entry
	Net money.Amount
}

// Told is the callback about an order.
type Told struct {
	ID    callback.ID // 0: there is none
	State callback.State
	Body  []byte
}

// Back is a refund and all that must belong to it.
type Back struct {
	pay.Refund
	Channel    pay.Channel // of its payment
	AppTransID string
	Discount   money.Amount
	Booked     Booked
	Reversed   Booked
	SettledOn  pay.Day
	ReversedOn pay.Day // when the reversal was settled
}

// Ordered is an order and its payment, if it has one.
type Ordered struct {
	AppTransID string
	State      pay.OrderState
	Amount     money.Amount
	Payment    int64
	PaidAt     time.Time
}

// Charged is an attempt to take money from a card.
type Charged struct {
	Number     int64
	App        merchant.ID
	State      pay.ChargeState
	Amount     money.Amount // to be taken, its discount off
	AppTransID string
	OrderPaid  int64 // payment of the order; 0: not paid
}

// Stray is an entry without what it says it is of.
type Stray struct {
	Entry  int64
	Reason ledger.Reason
	At     time.Time
	Net    money.Amount
}

// Settled is a settlement with what it must agree with.
type Settled struct {
	pay.Settlement // Day "": the day is not closed
	Sums           pay.Totals
	Lines          []LineBooked
	Taken          money.Amount // by its entry from payable
	HasEntry       bool
}

// LineBooked is a line of a settlement and its entry.
type LineBooked struct {
	Entry  int64
	Kind   ledger.Reason
	Net    money.Amount
	Booked Booked
}

// Rate is a fee that held from a moment on.
type Rate struct {
	From time.Time
	BP   int64
}

// Balanced is an account and what its postings make.
type Balanced struct {
	Account  ledger.AccountID
	Balance  money.Amount
	Postings money.Amount
}

// Closing is when a day was closed.
type Closing struct {
	Day pay.Day
	At  time.Time
}

// Kind is a kind of difference.
type Kind string

// The kinds of difference. Scripts may know them: never change one.
const (
	UnknownThere       Kind = "paid_here_unknown_there"
	UnknownHere        Kind = "paid_there_unknown_here"
	UnpaidHere         Kind = "paid_there_unpaid_here"
	AmountDiffers      Kind = "amount_differs"
	StatusDiffers      Kind = "status_differs"
	NumberDiffers      Kind = "zp_trans_id_differs"
	WrongDay           Kind = "other_day"
	DuplicateLine      Kind = "duplicate_line"
	RefundUnknownThere Kind = "refund_unknown_there"
	RefundUnknownHere  Kind = "refund_unknown_here"
	RefundAmount       Kind = "refund_amount_differs"
	RefundStatus       Kind = "refund_status_differs"

	ChannelLacks  Kind = "channel_lacks_movement"
	ChannelMore   Kind = "channel_moved_unknown_here"
	ChannelAmount Kind = "channel_amount_differs"
	ChannelTwice  Kind = "paid_twice_at_channel"

	CallbackMissing Kind = "callback_missing"
	CallbackFailed  Kind = "callback_not_acknowledged"
	CallbackDiffers Kind = "callback_content_differs"

	OrderUnbooked   Kind = "order_paid_without_payment"
	PaymentUnbooked Kind = "payment_without_entry"
	RefundUnbooked  Kind = "refund_without_entry"
	EntryStray      Kind = "entry_without_movement"
	EntryDiffers    Kind = "entry_amount_differs"
	FeeDiffers      Kind = "fee_differs_from_rate"

	SettlementTotal   Kind = "settlement_total_differs"
	SettlementEntry   Kind = "settlement_entry_differs"
	SettlementDay     Kind = "settled_on_wrong_day"
	SettlementMissing Kind = "movement_not_settled"
	BalanceDiffers    Kind = "balance_differs"
)

// A Difference is one thing that two sides say differently.
type Difference struct {
	Kind       Kind
	AppTransID string
	Payment    int64 // zp_trans_id
	MRefundID  string
	Number     int64 // of an entry, a settlement, or a movement at the channel
	Line       int   // of the other side's file; 0: of none
	Ours       string
	Theirs     string
}

// Advice says what to do about a difference of a kind.
func (k Kind) Advice() string { return advice[k] }

var advice = map[Kind]string{
	UnknownThere:       "The merchant must take the order as paid: have it ask query_order, and look at what its server answered to the callback.",
	UnknownHere:        "Nothing was paid here under this app_trans_id: the merchant should ask query_order and not deliver. It may be another app's.",
	UnpaidHere:         "The order was never paid: the merchant took something else than a callback or query_order for a payment. It should not deliver.",
	AmountDiffers:      "The gateway's amount is what was taken from the payer: have the merchant correct its own, and look whether it checks the amount in callbacks.",
	StatusDiffers:      "The order is paid: have the merchant ask query_order and deliver, or refund it.",
	NumberDiffers:      "The merchant has kept the zp_trans_id of another payment, or rounded it: it must be kept as text. Refunds need the right one.",
	WrongDay:           "The two sides count it on different days. Days begin at midnight GMT+7, and a payment counts when it was booked.",
	DuplicateLine:      "The merchant's file names it twice: it may have handled a repeated callback as a second payment.",
	RefundUnknownThere: "The payer has the money back: have the merchant enter the refund, or ask who asked for it in its name.",
	RefundUnknownHere:  "No refund under this m_refund_id was ever accepted: the merchant must ask again, with a new m_refund_id.",
	RefundAmount:       "What was given back is the gateway's amount: have the merchant correct its own.",
	RefundStatus:       "Have the merchant ask query_refund: its answer is what counts.",
	ChannelLacks:       "The gateway booked money that the channel does not report. Ask the channel about the number before you pay out.",
	ChannelMore:        "The channel moved money that is booked nowhere. Ask the channel about the number; give the money back if it was taken for nothing.",
	ChannelAmount:      "The channel moved another amount than was booked. Ask the channel which is right, and book the difference.",
	ChannelTwice:       "The payer paid twice for one thing: have the channel give one of the two back.",
	CallbackMissing:    "The merchant was never told of the payment, because no callback was made. Tell it by hand, and run \"sen ledger verify\".",
	CallbackFailed:     "The merchant's server never acknowledged the callback: send it again with \"sen callback replay\" when its server is well.",
	CallbackDiffers:    "The callback says other things than the payment. The payment counts: tell the merchant, and find out who changed the stored text.",
	OrderUnbooked:      "The order says paid, but there is no payment. Run \"sen ledger verify\" and restore what is missing from a backup.",
	PaymentUnbooked:    "The payment is not in the ledger. Run \"sen ledger verify\" and restore what is missing from a backup.",
	RefundUnbooked:     "The refund is not in the ledger. Run \"sen ledger verify\" and restore what is missing from a backup.",
	EntryStray:         "The ledger moved money that no payment or refund stands behind. Run \"sen ledger verify\"; do not pay out before it is explained.",
	EntryDiffers:       "The entry moved another amount than the payment or refund says. Run \"sen ledger verify\"; do not pay out before it is explained.",
	FeeDiffers:         "The fee is not what was agreed on at the time of the payment. Pay the difference back, or take it with the merchant's consent.",
	SettlementTotal:    "The settlement's sums are not those of its lines. Do not use its files before it is explained.",
	SettlementEntry:    "What the settlement says that it paid is not what the ledger paid. Do not carry out the transfer before it is explained.",
	SettlementDay:      "The movement counts for another day than it should. The sum over both days is right; look at the clock if it was moved.",
	SettlementMissing:  "The movement is in no settlement, though its day is closed, so it was not paid out. Late ones come into the next day; one that stays was made while the clock was moved back.",
	BalanceDiffers:     "The balance is not the sum of its postings. Run \"sen ledger verify\"; do not pay out before it is explained.",
}

// Kinds lists all kinds that there are.
func Kinds() []Kind {
	all := make([]Kind, 0, len(advice))
	for k := range advice {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// Others is what others say of the day. A nil slice says that they were not
// asked.
type Others struct {
	Claims []Claim
	Moved  []Moved
}

// edge is how far from midnight a channel may count a movement on the other day.
const edge = time.Hour

// late is how long a movement may take from its time into the books, and how long
// before and after a change of its rate a payment may have the other one.
const late = 10 * time.Minute

// Reconcile returns all that the sides say differently.
func Reconcile(b Books, o Others) []Difference {
	r := &reconciler{Books: b}
	r.payments()
	r.refunds()
	r.strays()
	r.settlement()
	if o.Claims != nil {
		r.claims(o.Claims)
	}
	if o.Moved != nil {
		r.channel(o.Moved)
	}
	slices.SortStableFunc(r.found, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.AppTransID, b.AppTransID), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Line, b.Line))
	})
	return r.found
}

type reconciler struct {
	Books
	found []Difference
}

func (r *reconciler) add(k Kind, d Difference, ours, theirs string) {
	d.Kind, d.Ours, d.Theirs = k, ours, theirs
	r.found = append(r.found, d)
}

const nothing = "nothing"

func (p Paid) keys() Difference {
	return Difference{AppTransID: p.AppTransID, Payment: p.Number, Number: p.Number}
}

func (b Back) keys() Difference {
	return Difference{AppTransID: b.AppTransID, Payment: b.Payment, MRefundID: b.MRefundID, Number: b.Number}
}

func (r *reconciler) payments() {
	for _, p := range r.Payments {
		switch net := p.Amount - p.MerchantFee; {
		case p.Booked.At.IsZero():
			r.add(PaymentUnbooked, p.keys(), net.Digits(), nothing)
		case p.Booked.Net != net:
			r.add(EntryDiffers, p.keys(), net.Digits(), p.Booked.Net.Digits())
		default:
			r.settledDay(p.keys(), p.Number, p.Booked.At, p.SettledOn)
		}
		r.fee(p)
		r.told(p)
	}
	for _, o := range r.Unpaid {
		r.add(OrderUnbooked, Difference{AppTransID: o.AppTransID, Payment: o.Payment}, o.Amount.Digits(), nothing)
	}
}

// fee holds a payment's fee against the rates that were in force around the time
// when it was made: nodes take up a change a moment later, and each by its clock.
func (r *reconciler) fee(p Paid) {
	var agreed []money.Amount
	for i, rate := range r.Rates {
		over := i+1 < len(r.Rates) && !r.Rates[i+1].From.After(p.At.Add(-late))
		if rate.From.After(p.At.Add(late)) || over {
			continue
		}
		agreed = append(agreed, p.Amount.Share(rate.BP))
	}
	if len(agreed) == 0 || r.Rates[0].From.After(p.At) || slices.Contains(agreed, p.MerchantFee) {
		return
	}
	r.add(FeeDiffers, p.keys(), p.MerchantFee.Digits(), agreed[len(agreed)-1].Digits())
}

// told holds the stored callback of a payment against it.
func (r *reconciler) told(p Paid) {
	d := p.keys()
	d.Number = int64(p.Callback.ID)
	switch {
	case p.Callback.ID == 0:
		r.add(CallbackMissing, d, p.Amount.Digits(), nothing)
		return
	case p.Callback.State == callback.Failed:
		r.add(CallbackFailed, d, string(pay.OrderPaid), string(p.Callback.State))
	}
	var body struct{ Data string }
	var data struct {
		AppTransID string `json:"app_trans_id"`
		Payment    int64  `json:"zp_trans_id"`
		Amount     int64  `json:"amount"`
	}
	err := json.Unmarshal(p.Callback.Body, &body)
	if err == nil {
		err = json.Unmarshal([]byte(body.Data), &data)
	}
	ours := p.AppTransID + " " + number(p.Number) + " " + p.Amount.Digits()
	switch theirs := data.AppTransID + " " + number(data.Payment) + " " + strconv.FormatInt(data.Amount, 10); {
	case err != nil:
		r.add(CallbackDiffers, d, ours, "no JSON")
	case ours != theirs:
		r.add(CallbackDiffers, d, ours, theirs)
	}
}

func (r *reconciler) refunds() {
	for _, b := range r.Refunds {
		switch {
		case b.Booked.At.IsZero():
			if b.State == pay.RefundSucceeded || b.State == pay.RefundSent {
				r.add(RefundUnbooked, b.keys(), (-b.Amount).Digits(), nothing)
			}
		case b.Booked.Net != -b.Amount:
			r.add(EntryDiffers, b.keys(), (-b.Amount).Digits(), b.Booked.Net.Digits())
		case pay.DayOf(b.Booked.At) == r.Day:
			r.settledDay(b.keys(), b.Number, b.Booked.At, b.SettledOn)
		}
		if b.Reversal == 0 {
			continue
		}
		switch {
		case b.Reversed.At.IsZero():
			r.add(RefundUnbooked, b.keys(), b.Amount.Digits(), nothing)
		case b.Reversed.Net != b.Amount:
			d := b.keys()
			d.Number = b.Reversal
			r.add(EntryDiffers, d, b.Amount.Digits(), b.Reversed.Net.Digits())
		case pay.DayOf(b.Reversed.At) == r.Day:
			r.settledDay(b.keys(), b.Reversal, b.Reversed.At, b.ReversedOn)
		}
	}
}

func (r *reconciler) strays() {
	for _, s := range r.Strays {
		r.add(EntryStray, Difference{Number: s.Entry}, nothing, string(s.Reason)+" "+s.Net.Digits())
	}
	for _, a := range r.Accounts {
		if a.Balance != a.Postings {
			r.add(BalanceDiffers, Difference{Number: int64(a.Account)}, a.Account.String()+" "+a.Balance.Digits(), a.Postings.Digits())
		}
	}
}

// settledDay tells whether a movement is in the settlement where it belongs: that
// of its own day, or if that had been closed before the movement got there, of
// the next.
func (r *reconciler) settledDay(d Difference, entry int64, at time.Time, on pay.Day) {
	d.Number = entry
	var due Closing // the first that could have had it
	for _, c := range r.Closings {
		if c.Day >= pay.DayOf(at) {
			due = c
			break
		}
	}
	inTime := due.Day != "" && due.At.After(at.Add(late))
	switch {
	case on == "" && inTime:
		r.add(SettlementMissing, d, nothing, string(due.Day))
	case on != "" && on < pay.DayOf(at), on != "" && inTime && on != due.Day:
		r.add(SettlementDay, d, string(on), string(pay.DayOf(at)))
	}
}

// settlement holds the settlement of the day against its lines and its entry.
func (r *reconciler) settlement() {
	st := r.Settlement
	if st.Day == "" {
		return
	}
	d := Difference{Number: st.Entry}
	switch {
	case st.Totals != st.Sums:
		r.add(SettlementTotal, d, st.Net().Digits(), st.Sums.Net().Digits())
	case st.CarriedIn+st.Net() != st.PaidOut+st.CarriedOut:
		r.add(SettlementTotal, d, (st.CarriedIn + st.Net()).Digits(), (st.PaidOut + st.CarriedOut).Digits())
	}
	if paid := st.PaidBack + st.PaidOut; st.HasEntry != st.Moved() || st.Taken != -paid {
		r.add(SettlementEntry, d, (-paid).Digits(), st.Taken.Digits())
	}
	for _, l := range st.Lines {
		d := Difference{Number: l.Entry}
		switch {
		case l.Booked.At.IsZero():
			if l.Kind == ledger.Payout { // the others are named with what they are of
				r.add(SettlementTotal, d, l.Net.Digits(), nothing)
			}
		case l.Net != l.Booked.Net && !r.named(EntryDiffers, l.Entry):
			r.add(SettlementTotal, d, l.Net.Digits(), l.Booked.Net.Digits())
		case pay.DayOf(l.Booked.At) != st.Day:
			r.settledDay(d, l.Entry, l.Booked.At, st.Day)
		}
	}
}

// named reports whether a difference of that kind was found for the entry.
func (r *reconciler) named(k Kind, entry int64) bool {
	return slices.ContainsFunc(r.found, func(d Difference) bool { return d.Kind == k && d.Number == entry })
}

func (r *reconciler) claims(all []Claim) {
	seen := map[[2]string]int{}
	for _, c := range all {
		key := [2]string{c.AppTransID, ""}
		if c.MRefundID != "" {
			key = [2]string{"", c.MRefundID}
		}
		if before := seen[key]; before != 0 {
			r.add(DuplicateLine, c.keys(), "once", "lines "+strconv.Itoa(before)+" and "+strconv.Itoa(c.Line))
			continue
		}
		seen[key] = c.Line
		if c.MRefundID != "" {
			r.claimedRefund(c)
		} else {
			r.claimedPayment(c)
		}
	}
	for _, p := range r.Payments {
		if seen[[2]string{p.AppTransID, ""}] == 0 {
			r.add(UnknownThere, p.keys(), p.Amount.Digits(), nothing)
		}
	}
	for _, b := range r.Refunds {
		if b.State == pay.RefundSucceeded && pay.DayOf(b.Booked.At) == r.Day && seen[[2]string{"", b.MRefundID}] == 0 {
			r.add(RefundUnknownThere, b.keys(), b.Amount.Digits(), nothing)
		}
	}
}

func (c Claim) keys() Difference {
	return Difference{AppTransID: c.AppTransID, MRefundID: c.MRefundID, Payment: c.Payment, Line: c.Line}
}

func (r *reconciler) claimedPayment(c Claim) {
	o, known := r.Orders[c.AppTransID]
	d := c.keys()
	switch {
	case !known && c.Status == Succeeded:
		r.add(UnknownHere, d, nothing, c.Amount.Digits())
	case known && o.State != pay.OrderPaid && c.Status == Succeeded:
		r.add(UnpaidHere, d, string(o.State), string(c.Status))
	}
	if !known || o.State != pay.OrderPaid || o.PaidAt.IsZero() {
		return
	}
	if c.Payment != 0 && c.Payment != o.Payment {
		r.add(NumberDiffers, d, number(o.Payment), number(c.Payment))
	}
	d.Payment = o.Payment
	if c.Status != Succeeded {
		r.add(StatusDiffers, d, string(o.State), string(c.Status))
	}
	if c.Amount != o.Amount {
		r.add(AmountDiffers, d, o.Amount.Digits(), c.Amount.Digits())
	}
	r.sameDay(c, d, o.PaidAt)
}

// sameDay holds a claim's day, which is that of the file unless it says another,
// against when it happened.
func (r *reconciler) sameDay(c Claim, d Difference, at time.Time) {
	if theirs := cmp.Or(c.Day, r.Day); theirs != pay.DayOf(at) {
		r.add(WrongDay, d, stamp(at), string(theirs))
	}
}

func (r *reconciler) claimedRefund(c Claim) {
	b, known := r.RefundsCalled[c.MRefundID]
	if !known {
		if c.Status == Succeeded {
			r.add(RefundUnknownHere, c.keys(), nothing, c.Amount.Digits())
		}
		return
	}
	d := b.keys()
	d.Line = c.Line
	if ours := refundStatus(b.State); ours != c.Status {
		r.add(RefundStatus, d, string(b.State), string(c.Status))
	}
	if c.Amount != b.Amount {
		r.add(RefundAmount, d, b.Amount.Digits(), c.Amount.Digits())
	}
	if b.State == pay.RefundSucceeded && c.Status == Succeeded && !b.Booked.At.IsZero() {
		r.sameDay(c, d, b.Booked.At)
	}
}

func refundStatus(s pay.RefundState) Status {
	switch s {
	case pay.RefundSucceeded:
		return Succeeded
	case pay.RefundFailed:
		return Failed
	case pay.RefundPending, pay.RefundRunning, pay.RefundBlocked, pay.RefundSent:
	}
	return Processing
}

// atChannel is what a channel must have moved.
type atChannel struct {
	d      Difference
	ref    int64
	amount money.Amount
	at     time.Time
}

func (r *reconciler) channel(all []Moved) {
	seen := map[int64]Moved{}
	for _, m := range all {
		d := Difference{Number: m.Ref, Line: m.Line}
		if !m.At.IsZero() && pay.DayOf(m.At) != r.Day {
			seen[m.Ref] = m // of a day that has a report of its own
			continue
		}
		if before, twice := seen[m.Ref]; twice {
			r.add(ChannelTwice, d, before.Amount.Digits(), (before.Amount + m.Amount).Digits())
			continue
		}
		seen[m.Ref] = m
		r.moved(m, d)
	}
	for _, due := range r.dueAtChannel() {
		m, there := seen[due.ref]
		switch {
		case there && m.Amount != due.amount:
			r.add(ChannelAmount, due.d, due.amount.Digits(), m.Amount.Digits())
		case !there && !r.elsewhere(due):
			r.add(ChannelLacks, due.d, due.amount.Digits(), nothing)
		}
	}
}

// dueAtChannel lists what channels must have moved on the day.
func (r *reconciler) dueAtChannel() (all []atChannel) {
	for _, p := range r.Payments {
		if p.Channel != pay.WalletChannel {
			all = append(all, atChannel{p.keys(), p.Number, p.Amount - p.Discount + p.PayerFee, p.At})
		}
	}
	for _, b := range r.Refunds {
		if b.Channel != pay.WalletChannel && b.State == pay.RefundSucceeded {
			all = append(all, atChannel{b.keys(), b.Number, b.Amount - b.Discount - b.Fee, b.ClosedAt})
		}
	}
	return all
}

// elsewhere reports whether a channel may have counted it on another day: because
// it was at midnight, or because it was asked for on a day before, as the number
// says, and heard of later.
func (r *reconciler) elsewhere(due atChannel) bool {
	prefix, _ := strconv.ParseInt(id.Day(r.Day.Start()), 10, 64) // a day is digits
	return due.at.Sub(r.Day.Start()) < edge || r.Day.End().Sub(due.at) < edge || due.ref/numbersPerDay != prefix
}

// numbersPerDay is how many numbers a day has; see package id.
const numbersPerDay = 1_000_000_000

// moved looks for what stands behind a movement at a channel.
func (r *reconciler) moved(m Moved, d Difference) {
	if m.Charge != 0 {
		b, known := r.RefundsNumbered[m.Ref]
		switch {
		case !known, b.State == pay.RefundFailed, b.State == pay.RefundPending, b.State == pay.RefundRunning:
			r.add(ChannelMore, d, nothing, m.Amount.Digits())
		}
		return
	}
	c, known := r.Charges[m.Ref]
	if known && c.App != r.App.ID {
		return // another app's reconciliation has it
	}
	d.AppTransID, d.Payment = c.AppTransID, c.OrderPaid
	switch {
	case !known, c.State == pay.ChargeFailed && c.OrderPaid == 0:
		r.add(ChannelMore, d, nothing, m.Amount.Digits())
	case c.State == pay.ChargeFailed:
		r.add(ChannelTwice, d, number(c.OrderPaid), number(m.Ref)+" "+m.Amount.Digits())
	}
}

// MovedBy turns what the simulated bank remembers into its report.
func MovedBy(records []bank.Record) []Moved {
	all := []Moved{}
	for _, rec := range records {
		if rec.State == bank.Approved && rec.Amount > 0 {
			all = append(all, Moved{Ref: rec.Ref, Charge: rec.Charge, Amount: rec.Amount, At: rec.KnownAt})
		}
	}
	return all
}
