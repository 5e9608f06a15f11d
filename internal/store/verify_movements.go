package store

import (
	"sen/internal/ledger"
	"sen/internal/money"
	"sen/internal/pay"
)

const (
	paymentsWithin = `
SELECT number, order_id, app_id, wallet_id, channel, amount, discount, payer_fee, merchant_fee, refunded, at
FROM payments WHERE number > $1 AND number <= $2 ORDER BY number`

	// The states are numbered in the order of refundStates.
	refundsWithin = `
SELECT number, app_id, payment, amount, fee, reversal, CASE state WHEN 'pending' THEN 1 WHEN 'running' THEN 2
	WHEN 'blocked' THEN 3 WHEN 'sent' THEN 4 WHEN 'succeeded' THEN 5 WHEN 'failed' THEN 6 ELSE 0 END
FROM refunds WHERE number > $1 AND number <= $2 ORDER BY number`

	// The states are 1 for one that is tried again, 2 for paid out, 3 for failed,
	// 4 for held, 0 for none that there is.
	disbursementsWithin = `
SELECT number, app_id, wallet_id, amount, CASE state WHEN 'running' THEN 1 WHEN 'pending' THEN 1
	WHEN 'succeeded' THEN 2 WHEN 'failed' THEN 3 WHEN 'held' THEN 4 ELSE 0 END,
	CASE WHEN due_at IS NULL THEN 0 ELSE 1 END, CASE WHEN closed_at IS NULL THEN 0 ELSE 1 END
FROM disbursements WHERE number > $1 AND number <= $2 ORDER BY number`

	linesWithin = `
SELECT entry_id, app_id, day, kind, net FROM settlement_lines WHERE entry_id > $1 AND entry_id <= $2 ORDER BY entry_id`
)

// movements holds what goes by the numbers of entries against them. It only finds
// out whether there is something wrong.
func (r *lookReader) movements(s *stretch, p *page) error {
	var payments, refunds, disbursements int64 // entries that say they are of one
	for i := range p.rows {
		switch ledger.Reason(p.rows[i].reason) {
		case ledger.Payment:
			payments++
		case ledger.Refund:
			refunds++
		case ledger.RefundReversal:
			s.seen.doubts[undone] = true
		case ledger.Settlement:
			s.seen.count(closed, here, r.look.hash([4]int64{p.rows[i].id}))
		case ledger.Disbursed:
			disbursements++
		case ledger.TopUp, ledger.Payout, ledger.Funding:
		default:
			s.seen.doubts[books] = true
		}
	}
	paid, err := r.payments(s, p)
	if err != nil {
		return err
	}
	back, err := r.refunds(s, p)
	if err != nil {
		return err
	}
	out, err := r.disbursements(s, p)
	if err != nil {
		return err
	}
	if paid != payments || back != refunds {
		s.seen.doubts[books] = true
	}
	if out != disbursements {
		s.seen.doubts[paidOut] = true
	}
	return r.lines(s, p)
}

// payments reads the payments of a stretch, and returns how many have an entry
// that is one's.
func (r *lookReader) payments(s *stretch, p *page) (withEntry int64, err error) {
	p.next = 0
	var number, order, app, wallet, channel, amount, discount, payerFee, merchantFee, back, at int64
	into := []any{&number, &order, &app, &wallet, &channel, &amount, &discount, &payerFee, &merchantFee, &back, &at}
	err = r.rows(paymentsWithin, []any{s.after, s.last}, func(scan func(...any) error) error {
		if err := scan(into...); err != nil {
			return err
		}
		s.seen.payments++
		s.seen.discount += money.Amount(discount)
		e := p.find(number)
		source := channel<<4 | int64(ledger.Clearing)
		if pay.Channel(channel) == pay.WalletChannel {
			source = wallet<<4 | int64(ledger.Wallet)
		} else {
			s.seen.doubts[fromCards] = true
		}
		if e != nil && e.reason == string(ledger.Payment) {
			withEntry++
		}
		if e == nil || e.reason != string(ledger.Payment) || e.at != at ||
			p.amount(e, source) != discount-amount-payerFee ||
			p.amount(e, app<<4|int64(ledger.Payable)) != amount-merchantFee ||
			p.amount(e, app<<4|int64(ledger.Fees)) != payerFee+merchantFee ||
			p.amount(e, app<<4|int64(ledger.Promotions)) != -discount {
			s.seen.doubts[books] = true
		}
		s.seen.count(paidOrders, here, r.look.hash([4]int64{number, order, amount, app}))
		if back != 0 {
			s.seen.count(refunded, here, r.look.hash([4]int64{number, app, source, discount}).times(back))
		}
		return nil
	})
	return withEntry, err
}

// refundStates are the states of refunds by their numbers in refundsWithin.
var refundStates = [...]pay.RefundState{
	"", pay.RefundPending, pay.RefundRunning, pay.RefundBlocked, pay.RefundSent, pay.RefundSucceeded, pay.RefundFailed,
}

// refunds reads the refunds of a stretch, and returns how many have an entry that
// is one's.
func (r *lookReader) refunds(s *stretch, p *page) (withEntry int64, err error) {
	p.next = 0
	var number, app, payment, amount, fee, reversal, code int64
	into := []any{&number, &app, &payment, &amount, &fee, &reversal, &code}
	err = r.rows(refundsWithin, []any{s.after, s.last}, func(scan func(...any) error) error {
		if err := scan(into...); err != nil {
			return err
		}
		s.seen.refunds++
		state := refundStates[code]
		e := p.find(number)
		is := e != nil && e.reason == string(ledger.Refund)
		booked := state == pay.RefundSucceeded || state == pay.RefundSent || reversal != 0
		if is && booked {
			withEntry++
		}
		took := p.amount(e, app<<4|int64(ledger.Payable)) + p.amount(e, app<<4|int64(ledger.Receivable))
		if state == "" || state == pay.RefundSucceeded && !is ||
			booked && (p.amount(e, app<<4|int64(ledger.Fees)) != fee || took != -amount) {
			s.seen.doubts[books] = true
		}
		if state == pay.RefundFailed && e != nil {
			s.seen.doubts[undone] = true
		}
		if state == pay.RefundSucceeded || state == pay.RefundBlocked || state == pay.RefundSent {
			payer, gave := p.payer(e)
			if payer == 0 {
				s.seen.doubts[refunded] = true // one that is blocked says nothing of its payment
			}
			s.seen.count(refunded, there, r.look.hash([4]int64{payment, app, payer, amount - fee - gave}).times(amount))
		}
		return nil
	})
	return withEntry, err
}

// disbursements reads the disbursements of a stretch, and returns how many were
// paid out with an entry that is one's.
func (r *lookReader) disbursements(s *stretch, p *page) (withEntry int64, err error) {
	const none, tried, paid, held = 0, 1, 2, 4
	p.next = 0
	var number, app, wallet, amount, state, due, closed int64
	into := []any{&number, &app, &wallet, &amount, &state, &due, &closed}
	err = r.rows(disbursementsWithin, []any{s.after, s.last}, func(scan func(...any) error) error {
		if err := scan(into...); err != nil {
			return err
		}
		if state == none || (due == 1) != (state == tried) || (closed == 0) != (state == tried || state == held) {
			s.seen.doubts[paidOut] = true
		}
		if state != paid {
			return nil
		}
		e := p.find(number)
		if e != nil && e.reason == string(ledger.Disbursed) {
			withEntry++
		} else {
			s.seen.doubts[paidOut] = true
		}
		if p.amount(e, app<<4|int64(ledger.Disbursement)) != -amount || p.amount(e, wallet<<4|int64(ledger.Wallet)) != amount {
			s.seen.doubts[paidOut] = true
		}
		return nil
	})
	return withEntry, err
}

// A settledDay is a day of an app.
type settledDay struct {
	app int64
	day string
}

// lines reads the movements of a stretch that are settled.
func (r *lookReader) lines(s *stretch, p *page) error {
	p.next = 0
	var number, net int64
	var of settledDay
	var kind string
	into := []any{&number, &of.app, &of.day, &kind, &net}
	return r.rows(linesWithin, []any{s.after, s.last}, func(scan func(...any) error) error {
		if err := scan(into...); err != nil {
			return err
		}
		if e := p.find(number); e == nil || e.reason != kind {
			s.seen.doubts[books] = true
		}
		r.closed[of] += money.Amount(net)
		return nil
	})
}

const allSettlements = `
SELECT app_id, day, entry_id, payment_amount + fee_amount + refund_amount + reversal_amount + payout_amount FROM settlements`

// settlements holds what was closed against its entries and its lines.
func (l *look) settlements() error {
	lined := l.readers[0].closed
	for _, r := range l.readers[1:] {
		for of, net := range r.closed {
			lined[of] += net
		}
	}
	var of settledDay
	var entry, net int64
	into := []any{&of.app, &of.day, &entry, &net}
	err := l.readers[0].rows(allSettlements, nil, func(scan func(...any) error) error {
		if err := scan(into...); err != nil {
			return err
		}
		if entry != 0 {
			l.seen.count(closed, there, l.hash([4]int64{entry}))
		}
		if lined[of] != money.Amount(net) {
			l.seen.doubts[lines] = true
		}
		delete(lined, of)
		return nil
	})
	if len(lined) > 0 {
		l.seen.doubts[lines] = true
	}
	return err
}

const spentByCampaigns = `
SELECT CAST(COALESCE((SELECT SUM(spent) FROM campaigns), 0)
	- COALESCE((SELECT SUM(discount) FROM charges WHERE closed_at IS NULL), 0) AS BIGINT)`

// discounts holds what campaigns have spent against what payments were reduced
// by.
func (l *look) discounts() error {
	var spent money.Amount
	err := l.readers[0].row(spentByCampaigns, nil, &spent)
	if spent != l.seen.discount {
		l.seen.doubts[discounts] = true
	}
	return err
}
