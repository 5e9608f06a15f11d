package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sen/internal/bank"
	"sen/internal/merchant"
	"sen/internal/pay"
	"sen/internal/settlement"
)

const linesOf = `
SELECT l.entry_id, l.kind, e.at, l.amount, l.fee, l.net, COALESCE(o.app_trans_id, ''), COALESCE(p.number, 0),
	COALESCE(r.m_refund_id, ''), COALESCE(p.channel, 0), COALESCE(p.bank_code, ''), COALESCE(r.description, o.description, '')
FROM settlement_lines l
LEFT JOIN entries e ON e.id = l.entry_id
LEFT JOIN refunds r ON r.number = l.subject
LEFT JOIN payments p ON p.number = COALESCE(r.payment, l.subject)
LEFT JOIN orders o ON o.id = p.order_id
WHERE l.app_id = $1 AND l.day = $2 ORDER BY l.entry_id`

// SettlementLines returns a settlement and what it is made of, or
// pay.ErrSettlementNotFound.
func (s *Store) SettlementLines(ctx context.Context, app merchant.ID, day pay.Day) (st pay.Settlement, lines []settlement.Line, err error) {
	err = s.engine.scan(ctx, func(t *tx) (err error) {
		lines = nil
		if st, err = t.settlement(app, day); err != nil {
			return err
		}
		return t.rows(linesOf, []any{int64(app), string(day)}, func(scan func(...any) error) error {
			var l settlement.Line
			err := scan(&l.Number, &l.Kind, instant{&l.At}, &l.Amount, &l.Fee, &l.Net, &l.AppTransID, &l.Payment, &l.MRefundID,
				&l.Channel, &l.BankCode, &l.Description)
			lines = append(lines, l)
			return err
		})
	})
	return st, lines, err
}

const bankRecordsBetween = `SELECT ` + bankColumns + ` FROM bank_records WHERE known_at >= $1 AND known_at < $2 ORDER BY ref`

// BankRecords returns what the simulated bank found out from one time to another.
// It reads all that the bank remembers.
func (s *Store) BankRecords(ctx context.Context, from, until time.Time) (all []bank.Record, err error) {
	err = s.engine.scan(ctx, func(t *tx) error {
		all = nil
		return t.rows(bankRecordsBetween, []any{micros(from), micros(until)}, func(scan func(...any) error) error {
			var r bank.Record
			var otps int64
			err := scan(&r.Ref, &r.Charge, &r.Amount, &r.Last4, &r.Issuer, &r.State, &r.Reason, &otps, instant{&r.KnownAt})
			r.OTPs = int(otps)
			all = append(all, r)
			return err
		})
	})
	return all, err
}

// Books returns what the gateway knows of an app's day, and of all that the
// others speak of, as it is at one moment.
func (s *Store) Books(ctx context.Context, app merchant.App, day pay.Day, o settlement.Others) (b settlement.Books, err error) {
	err = s.engine.scan(ctx, func(t *tx) error {
		b = settlement.Books{
			App: app, Day: day,
			Orders: map[string]settlement.Ordered{}, RefundsCalled: map[string]settlement.Back{},
			Charges: map[int64]settlement.Charged{}, RefundsNumbered: map[int64]settlement.Back{},
		}
		for _, read := range []func(*settlement.Books) error{
			t.booksPayments, t.booksRefunds, t.booksUnpaid, t.booksStrays, t.booksSettlement, t.booksTerms, t.booksAccounts,
		} {
			if err := read(&b); err != nil {
				return err
			}
		}
		if err := t.booksClaimed(&b, o.Claims); err != nil {
			return err
		}
		return t.booksMoved(&b, o.Moved)
	})
	return b, err
}

// netOf is what an entry did to payable and receivable of an app together.
const (
	netBegin = `CAST(COALESCE((SELECT SUM(po.amount) FROM postings po WHERE po.entry_id = `
	netEnd   = `.app_id * 16 + 3)), 0) AS BIGINT)`
	netOfP   = netBegin + `p.number AND po.account_id IN (p.app_id * 16 + 2, p` + netEnd
	netOfR   = netBegin + `r.number AND po.account_id IN (r.app_id * 16 + 2, r` + netEnd
	netOfU   = netBegin + `r.reversal AND po.account_id IN (r.app_id * 16 + 2, r` + netEnd
	netOfL   = netBegin + `l.entry_id AND po.account_id IN (l.app_id * 16 + 2, l` + netEnd
)

const paidOfDay = `
SELECT p.number, p.order_id, p.app_id, p.wallet_id, p.channel, p.amount, p.discount, p.payer_fee, p.merchant_fee, p.refunded,
	p.at, p.bank_code, COALESCE(o.app_trans_id, ''), e.at, ` + netOfP + `, COALESCE(l.day, ''),
	COALESCE(d.id, 0), COALESCE(d.state, ''), d.body
FROM payments p
LEFT JOIN orders o ON o.id = p.order_id
LEFT JOIN entries e ON e.id = p.number AND e.reason = 'payment'
LEFT JOIN settlement_lines l ON l.entry_id = p.number
LEFT JOIN deliveries d ON d.order_id = p.order_id AND d.subject = 'order'
WHERE p.app_id = $1 AND p.at >= $2 AND p.at < $3 ORDER BY p.number`

func (t *tx) booksPayments(b *settlement.Books) error {
	return t.rows(paidOfDay, dayOf(b), func(scan func(...any) error) error {
		var p settlement.Paid
		err := scan(&p.Number, &p.Order, &p.App, &p.Wallet, &p.Channel, &p.Amount, &p.Discount, &p.PayerFee, &p.MerchantFee,
			&p.Refunded, instant{&p.At}, &p.BankCode, &p.AppTransID, instant{&p.Booked.At}, &p.Booked.Net, &p.SettledOn,
			&p.Callback.ID, &p.Callback.State, &p.Callback.Body)
		if n := len(b.Payments); n == 0 || b.Payments[n-1].Number != p.Number { // one callback is looked at
			b.Payments = append(b.Payments, p)
		}
		return err
	})
}

func dayOf(b *settlement.Books) []any {
	return []any{int64(b.App.ID), micros(b.Day.Start()), micros(b.Day.End())}
}

const (
	backColumns = `r.number, r.app_id, r.m_refund_id, r.payment, r.amount, r.fee, r.state, r.failure, r.created_at, r.closed_at,
	r.reversal, COALESCE(p.channel, 0), COALESCE(p.discount, 0), COALESCE(o.app_trans_id, ''), e.at, ` + netOfR + `,
	COALESCE(l.day, ''), u.at, ` + netOfU + `, COALESCE(m.day, '')`

	fromBack = `
FROM refunds r
LEFT JOIN payments p ON p.number = r.payment
LEFT JOIN orders o ON o.id = p.order_id
LEFT JOIN entries e ON e.id = r.number AND e.reason = 'refund'
LEFT JOIN settlement_lines l ON l.entry_id = r.number
LEFT JOIN entries u ON u.id = r.reversal AND u.reason = 'refund_reversal'
LEFT JOIN settlement_lines m ON m.entry_id = r.reversal `

	backOfDay = `SELECT ` + backColumns + fromBack + `
WHERE r.app_id = $1 AND ((e.at >= $2 AND e.at < $3) OR (u.at >= $2 AND u.at < $3) OR (r.closed_at >= $2 AND r.closed_at < $3))
ORDER BY r.number`

	backCalled   = `SELECT ` + backColumns + fromBack + `WHERE r.app_id = $1 AND r.m_refund_id = $2`
	backNumbered = `SELECT ` + backColumns + fromBack + `WHERE r.number = $1`
)

func scanBack(scan func(...any) error) (b settlement.Back, err error) {
	err = scan(&b.Number, &b.App, &b.MRefundID, &b.Payment, &b.Amount, &b.Fee, &b.State, &b.Failure, instant{&b.CreatedAt},
		instant{&b.ClosedAt}, &b.Reversal, &b.Channel, &b.Discount, &b.AppTransID, instant{&b.Booked.At}, &b.Booked.Net,
		&b.SettledOn, instant{&b.Reversed.At}, &b.Reversed.Net, &b.ReversedOn)
	return b, err
}

func (t *tx) booksRefunds(b *settlement.Books) error {
	return t.rows(backOfDay, dayOf(b), func(scan func(...any) error) error {
		r, err := scanBack(scan)
		b.Refunds = append(b.Refunds, r)
		return err
	})
}

// Orders are paid within two days, or not at all.
const unpaidOfDay = `
SELECT o.app_trans_id, o.state, o.amount, o.payment FROM orders o
LEFT JOIN payments p ON p.number = o.payment
WHERE o.app_id = $1 AND o.created_at >= $4 AND o.created_at < $3 AND o.state = 'paid'
	AND o.closed_at >= $2 AND o.closed_at < $3 AND p.number IS NULL
ORDER BY o.id`

func (t *tx) booksUnpaid(b *settlement.Books) error {
	args := append(dayOf(b), micros(b.Day.Start().Add(-48*time.Hour)))
	return t.rows(unpaidOfDay, args, func(scan func(...any) error) error {
		var o settlement.Ordered
		err := scan(&o.AppTransID, &o.State, &o.Amount, &o.Payment)
		b.Unpaid = append(b.Unpaid, o)
		return err
	})
}

// The number of a payment by card is a little older than its entry.
const (
	strayPayments = `
SELECT e.id, e.reason, e.at, CAST(SUM(po.amount) AS BIGINT) FROM postings po
JOIN entries e ON e.id = po.entry_id
LEFT JOIN payments p ON p.number = e.id AND p.app_id = $1
WHERE po.entry_id >= $6 AND po.entry_id < $7 AND po.account_id IN ($4, $5)
	AND e.reason = 'payment' AND e.at >= $2 AND e.at < $3 AND p.number IS NULL
GROUP BY e.id, e.reason, e.at ORDER BY e.id`

	strayOthers = `
SELECT e.id, e.reason, e.at, CAST(SUM(po.amount) AS BIGINT) FROM entries e
JOIN postings po ON po.entry_id = e.id AND po.account_id IN ($4, $5)
LEFT JOIN refunds r ON r.number = e.id AND r.app_id = $1 AND e.reason = 'refund'
LEFT JOIN refunds u ON u.reversal = e.id AND u.reversal <> 0 AND u.app_id = $1 AND e.reason = 'refund_reversal'
WHERE e.reason IN ('refund', 'refund_reversal', 'payout') AND e.reason <> 'payout' AND e.at >= $2 AND e.at < $3
	AND r.number IS NULL AND u.number IS NULL
GROUP BY e.id, e.reason, e.at ORDER BY e.id`
)

func (t *tx) booksStrays(b *settlement.Books) error {
	add := func(scan func(...any) error) error {
		var s settlement.Stray
		err := scan(&s.Entry, &s.Reason, instant{&s.At}, &s.Net)
		b.Strays = append(b.Strays, s)
		return err
	}
	payable, receivable := merchantAccounts(b.App.ID)
	args := append(dayOf(b), payable, receivable)
	if err := t.rows(strayOthers, args, add); err != nil {
		return err
	}
	return t.rows(strayPayments, append(args, firstNumber(b.Day.Start().Add(-24*time.Hour)), firstNumber(b.Day.End())), add)
}

const (
	linesBooked = `
SELECT l.entry_id, l.kind, l.net, e.at, ` + netOfL + `
FROM settlement_lines l LEFT JOIN entries e ON e.id = l.entry_id
WHERE l.app_id = $1 AND l.day = $2 ORDER BY l.entry_id`

	takenBy = `SELECT amount FROM postings WHERE entry_id = $1 AND account_id = $2`

	closings = `SELECT day, at FROM settlements WHERE app_id = $1 ORDER BY day`
)

func (t *tx) booksSettlement(b *settlement.Books) error {
	err := t.rows(closings, []any{int64(b.App.ID)}, func(scan func(...any) error) error {
		var c settlement.Closing
		err := scan(&c.Day, instant{&c.At})
		b.Closings = append(b.Closings, c)
		return err
	})
	if err != nil {
		return err
	}
	st := &b.Settlement
	if st.Settlement, err = t.settlement(b.App.ID, b.Day); err != nil {
		if errors.Is(err, pay.ErrSettlementNotFound) {
			return nil
		}
		return err
	}
	if st.Sums, err = t.settled(b.App.ID, b.Day); err != nil {
		return err
	}
	payable, _ := merchantAccounts(b.App.ID)
	if st.Entry != 0 {
		err = t.row(takenBy, []any{st.Entry, payable}, &st.Taken)
		if st.HasEntry = err == nil; err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	return t.rows(linesBooked, []any{int64(b.App.ID), string(b.Day)}, func(scan func(...any) error) error {
		var l settlement.LineBooked
		err := scan(&l.Entry, &l.Kind, &l.Net, instant{&l.Booked.At}, &l.Booked.Net)
		st.Lines = append(st.Lines, l)
		return err
	})
}

const feeRates = `SELECT from_at, fee_bp FROM fee_rates WHERE app_id = $1 ORDER BY from_at`

func (t *tx) booksTerms(b *settlement.Books) error {
	return t.rows(feeRates, []any{int64(b.App.ID)}, func(scan func(...any) error) error {
		var r settlement.Rate
		err := scan(instant{&r.From}, &r.BP)
		b.Rates = append(b.Rates, r)
		return err
	})
}

const accountAndPostings = `
SELECT a.id, a.balance, CAST(COALESCE((SELECT SUM(po.amount) FROM postings po WHERE po.account_id = a.id), 0) AS BIGINT)
FROM accounts a WHERE a.id IN ($1, $2) ORDER BY a.id`

func (t *tx) booksAccounts(b *settlement.Books) error {
	payable, receivable := merchantAccounts(b.App.ID)
	return t.rows(accountAndPostings, []any{payable, receivable}, func(scan func(...any) error) error {
		var a settlement.Balanced
		err := scan((*int64)(&a.Account), &a.Balance, &a.Postings)
		b.Accounts = append(b.Accounts, a)
		return err
	})
}

const orderedAs = `
SELECT o.app_trans_id, o.state, o.amount, o.payment, p.at FROM orders o LEFT JOIN payments p ON p.number = o.payment
WHERE o.app_id = $1 AND o.app_trans_id = $2`

func (t *tx) booksClaimed(b *settlement.Books, claims []settlement.Claim) error {
	for _, c := range claims {
		var err error
		if c.MRefundID != "" {
			var r settlement.Back
			r, err = scanBack(func(dest ...any) error {
				return t.row(backCalled, []any{int64(b.App.ID), c.MRefundID}, dest...)
			})
			if err == nil {
				b.RefundsCalled[c.MRefundID] = r
			}
		} else {
			var o settlement.Ordered
			err = t.row(orderedAs, []any{int64(b.App.ID), c.AppTransID}, &o.AppTransID, &o.State, &o.Amount, &o.Payment, instant{&o.PaidAt})
			if err == nil {
				b.Orders[c.AppTransID] = o
			}
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	return nil
}

const chargedAs = `
SELECT c.number, c.app_id, c.state, c.amount - c.discount, COALESCE(o.app_trans_id, ''), COALESCE(o.payment, 0)
FROM charges c LEFT JOIN orders o ON o.id = c.order_id WHERE c.number = $1`

func (t *tx) booksMoved(b *settlement.Books, moved []settlement.Moved) error {
	for _, m := range moved {
		var err error
		if m.Charge != 0 {
			var r settlement.Back
			r, err = scanBack(func(dest ...any) error { return t.row(backNumbered, []any{m.Ref}, dest...) })
			if err == nil {
				b.RefundsNumbered[m.Ref] = r
			}
		} else {
			var c settlement.Charged
			err = t.row(chargedAs, []any{m.Ref}, &c.Number, &c.App, &c.State, &c.Amount, &c.AppTransID, &c.OrderPaid)
			if err == nil {
				b.Charges[m.Ref] = c
			}
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	return nil
}
