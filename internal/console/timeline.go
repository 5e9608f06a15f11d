package console

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"sen/internal/callback"
	"sen/internal/ledger"
	"sen/internal/money"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/store"
)

// timeline puts everything that happened to an order into the one order of
// time.
func (v *visit) timeline(h store.History) ([]event, error) {
	all, err := v.requestEvents(h)
	if err != nil {
		return nil, err
	}
	all = append(all, v.lifeOf(h.Order)...)
	for _, c := range h.Charges {
		all = append(all, v.chargeEvents(c)...)
	}
	if h.Payment.Number != 0 {
		all = append(all, v.paymentEvent(h))
	}
	for _, r := range h.Refunds {
		all = append(all, v.refundEvents(r)...)
	}
	for _, b := range h.Bookings {
		all = append(all, v.bookingEvent(b))
	}
	for _, d := range h.Deliveries {
		all = append(all, v.deliveryEvents(d, h.Attempts)...)
	}
	slices.SortStableFunc(all, func(a, b event) int { return cmp.Compare(a.micros, b.micros) })
	return v.gathered(all), nil
}

// gathered tells what was asked again and again, and answered alike, once.
func (v *visit) gathered(all []event) (told []event) {
	times := 0
	for i, e := range all {
		if n := len(told); n == 0 || e.alike == "" || e.alike != told[n-1].alike {
			told, times = append(told, e), 0
			continue
		}
		times++
		if i+1 == len(all) || all[i+1].alike != e.alike {
			last := &told[len(told)-1]
			last.Facts = append(last.Facts, fact{v.say("event.repeated", "n", times), cell{Text: e.At, Href: e.Link.Href}})
		}
	}
	return told
}

func (v *visit) at(when time.Time, title string, t tone) event {
	return event{At: moment(when), Title: title, Tone: t, micros: when.UnixMicro()}
}

func (v *visit) lifeOf(o pay.Order) []event {
	made := v.at(o.CreatedAt, v.say("event.created"), over)
	made.Detail = o.Amount.String()
	all := []event{made}
	if o.Failure != pay.NoFailure && o.Failure != pay.BankFailure { // of a bank there is a charge
		all = append(all, v.failureEvent(o))
	}
	if o.State == pay.OrderPaid || o.ClosedAt.IsZero() { // the payment speaks for itself
		return all
	}
	s := orderStates[o.State]
	return append(all, v.at(o.ClosedAt, v.say(s.text), bad))
}

// failureEvent is the note about the last attempt that failed. An order keeps why
// and not when: it was before the end, if there was one.
func (v *visit) failureEvent(o pay.Order) event {
	e := event{At: "–", Title: v.say("event.attempt_failed"), Tone: bad, Detail: v.failure(o.Failure), micros: math.MaxInt64}
	if !o.ClosedAt.IsZero() {
		e.micros = o.ClosedAt.UnixMicro() - 1
	}
	return e
}

func (v *visit) chargeEvents(c pay.Charge) []event {
	begun := v.at(c.CreatedAt, v.say("event.charge"), over)
	begun.Detail = c.Masked + " · " + c.BankCode + " · " + (c.Amount - c.Discount).String()
	begun.Facts = []fact{{v.say("event.number"), cell{Text: itoa(c.Number), Mono: true}}}
	if c.ClosedAt.IsZero() {
		s := chargeStates[c.State]
		begun.Tone, begun.Detail = s.tone, begun.Detail+" · "+v.say(s.text)
		return []event{begun}
	}
	s := chargeStates[c.State]
	ended := v.at(c.ClosedAt, v.say(s.text), s.tone)
	if c.Reason != "" {
		ended.Detail = word(v, declines, c.Reason)
	}
	return []event{begun, ended}
}

func (v *visit) paymentEvent(h store.History) event {
	p := h.Payment
	e := v.at(p.At, v.say("event.paid"), good)
	e.Detail = (p.Amount - p.Discount + p.PayerFee).String() + " · " + v.channel(p.Channel)
	e.Facts = []fact{{"zp_trans_id", cell{Text: itoa(p.Number), Mono: true}}}
	if p.Wallet != 0 && v.who.May(operator.ReadPayers) {
		e.Facts = append(e.Facts, fact{v.say("event.payer"), cell{Text: v.say("account.wallet"), Href: walletPath(p.Wallet)}})
	}
	if p.Binding != 0 {
		e.Facts = append(e.Facts, fact{v.say("event.by_token"), cell{Text: itoa(int64(p.Binding)), Href: root + "/bindings/" + itoa(int64(p.Binding)), Mono: true}})
	}
	return e
}

func (v *visit) refundEvents(r pay.Refund) []event {
	asked := v.at(r.CreatedAt, v.say("event.refund"), over)
	asked.Detail = r.Amount.String() + " · " + r.Description
	asked.Facts = []fact{
		{"m_refund_id", cell{Text: r.MRefundID, Mono: true}},
		{"refund_id", cell{Text: itoa(r.Number), Mono: true, Href: refundPath(r.Number)}},
	}
	s := refundStates[r.State]
	if r.ClosedAt.IsZero() {
		asked.Tone, asked.Detail = s.tone, asked.Detail+" · "+v.say(s.text)
		return []event{asked}
	}
	title := v.say("event.refund_failed")
	if r.State == pay.RefundSucceeded {
		title = v.say("event.refunded")
	}
	ended := v.at(r.ClosedAt, title, s.tone)
	ended.Detail = r.Amount.String()
	if r.Failure != "" {
		ended.Detail += " · " + word(v, refundFailures, r.Failure)
	}
	return []event{asked, ended}
}

func (v *visit) bookingEvent(b store.Booking) event {
	e := v.at(b.At, v.say("event.entry"), over)
	e.Detail = word(v, reasons, b.Reason)
	e.Lines = v.postings(b)
	if v.who.May(operator.ReadBooks) {
		e.Link = &link{root + "/ledger/entries/" + itoa(b.ID), itoa(b.ID)}
	}
	return e
}

// postings shows what an entry moved. Whose wallet it was is for those who may
// read of payers.
func (v *visit) postings(b store.Booking) (lines []cell) {
	for _, p := range b.Postings {
		c := cell{Text: v.account(p.Account), Small: signed(p.Amount)}
		if v.who.May(operator.ReadBooks) {
			c.Href = accountPath(p.Account)
		}
		lines = append(lines, c)
	}
	return lines
}

// account names an account. Of a wallet it is the kind alone, for those who may
// not know more.
func (v *visit) account(a ledger.AccountID) string {
	name := v.say(kinds[a.Kind()])
	switch a.Kind() {
	case ledger.Wallet:
		if !v.who.May(operator.ReadPayers) {
			return name
		}
	case ledger.Clearing:
		return name + " · " + v.channel(pay.Channel(a.Owner()))
	case ledger.Payable, ledger.Receivable, ledger.Fees, ledger.Promotions, ledger.Disbursement:
	}
	return name + " · " + itoa(a.Owner())
}

// signed writes an amount with its sign, so that colour is not all that tells
// what came from what went.
func signed(a money.Amount) string {
	if a > 0 {
		return "+" + a.String()
	}
	if a == 0 {
		return a.String()
	}
	return "−" + (-a).String()
}

func (v *visit) deliveryEvents(d callback.Delivery, attempts []callback.Attempt) (all []event) {
	owed := v.at(d.CreatedAt, v.say("event.callback"), over)
	owed.Detail = d.URL
	if d.URL == "" {
		owed.Detail = v.say("state.unaddressed")
	}
	owed.Link = &link{callbackPath(d.ID), itoa(int64(d.ID))}
	all = append(all, owed)
	for _, a := range attempts {
		if a.Delivery == d.ID {
			all = append(all, v.attemptEvent(a))
		}
	}
	return all
}

func (v *visit) attemptEvent(a callback.Attempt) event {
	mark := state(v, outcomes, a.Outcome)
	e := v.at(a.At, v.say("event.attempt", "n", a.N), mark.Tone)
	e.Detail = mark.Text
	if a.Err != "" {
		e.Detail += " · " + a.Err
	}
	e.Facts = []fact{{v.say("event.took"), cell{Text: fmt.Sprintf("%d ms", a.Took.Milliseconds())}}}
	if a.Status != 0 {
		e.Facts = append([]fact{{"HTTP", cell{Text: fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status))}}}, e.Facts...)
	}
	if a.Rule != 0 {
		e.Facts = append(e.Facts, fact{v.say("event.mishap"), cell{Text: a.Mishap, Small: itoa(a.Rule)}})
	}
	if a.Sent != nil {
		e.Facts = append(e.Facts, fact{v.say("event.sent"), cell{Text: strings.ToValidUTF8(string(a.Sent), "\uFFFD"), Mono: true}})
	}
	e.Code = a.Answer
	return e
}

func walletPath(w pay.WalletID) string { return root + "/wallets/" + itoa(int64(w)) }

func refundPath(number int64) string { return address(root+"/refunds", "q", itoa(number)) }

func callbackPath(d callback.ID) string { return root + "/callbacks/" + itoa(int64(d)) }

func accountPath(a ledger.AccountID) string { return root + "/ledger/accounts/" + itoa(int64(a)) }
