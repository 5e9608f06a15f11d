package store

import "fmt"

// A doubt is why the database is asked which rows break a rule. The rules about
// large tables are looked after while every row is read once; only if that finds
// something to be wrong, somewhere, a query says where. So what a rule costs does
// not depend on what its query would.
type doubt int

const (
	always     doubt = iota // about tables that are small: asked every time
	books                   // payments, refunds and settled movements against entries and postings
	paidOrders              // payments against orders
	refunded                // payments against refunds, and what those gave to whom
	owed                    // orders against callbacks
	attempted               // callbacks against their attempts
	orderStates
	inFlight  // there are orders in flight
	fromCards // there are payments from cards
	undone    // there are entries that undo refunds, or of refunds that failed
	closed    // entries against settlements
	lines     // settlements against their lines
	discounts // payments against campaigns
	paidOut   // disbursements against entries and postings
	summed    // sums of hours against postings
	allDoubts
)

// A crossCheck selects the ids of rows that break a rule.
type crossCheck struct {
	when       doubt
	rule, text string
}

var crossChecks = []crossCheck{
	{books, "entry %d has no postings", `
SELECT e.id FROM entries e LEFT JOIN postings po ON po.entry_id = e.id WHERE po.entry_id IS NULL`},
	{books, "the postings of %d have no entry", `
SELECT DISTINCT po.entry_id FROM postings po LEFT JOIN entries e ON e.id = po.entry_id WHERE e.id IS NULL`},
	{books, "the reason of entry %d is none that there is", `
SELECT id FROM entries WHERE reason NOT IN ('payment', 'refund', 'refund_reversal', 'topup', 'payout', 'settlement',
	'funding', 'disbursement')`},

	{books, "payment %d has no entry", `
SELECT p.number FROM payments p LEFT JOIN entries e ON e.id = p.number AND e.reason = 'payment' WHERE e.id IS NULL`},
	{books, "entry %d says payment, but there is none", `
SELECT e.id FROM entries e LEFT JOIN payments p ON p.number = e.id WHERE e.reason = 'payment' AND p.number IS NULL`},
	{books, "payment %d took another amount from its source than it says", `
SELECT p.number FROM payments p
LEFT JOIN postings po ON po.entry_id = p.number
	AND po.account_id = CASE WHEN p.channel = 38 THEN p.wallet_id * 16 + 1 ELSE p.channel * 16 + 6 END
WHERE COALESCE(po.amount, 0) <> p.discount - p.amount - p.payer_fee`},
	{books, "payment %d gave the merchant another amount than it says", `
SELECT p.number FROM payments p
LEFT JOIN postings po ON po.entry_id = p.number AND po.account_id = p.app_id * 16 + 2
WHERE COALESCE(po.amount, 0) <> p.amount - p.merchant_fee`},
	{books, "payment %d has another fee, discount or time than its entry", `
SELECT p.number FROM payments p JOIN entries e ON e.id = p.number
LEFT JOIN postings f ON f.entry_id = p.number AND f.account_id = p.app_id * 16 + 4
LEFT JOIN postings d ON d.entry_id = p.number AND d.account_id = p.app_id * 16 + 5
WHERE COALESCE(f.amount, 0) <> p.payer_fee + p.merchant_fee OR COALESCE(d.amount, 0) <> -p.discount OR e.at <> p.at`},
	{paidOrders, "payment %d: its order is not paid by it", `
SELECT p.number FROM payments p
LEFT JOIN orders o ON o.id = p.order_id AND o.payment = p.number AND o.amount = p.amount AND o.app_id = p.app_id
WHERE o.id IS NULL`},
	{refunded, "payment %d counts another amount as refunded than its refunds make", `
SELECT p.number FROM payments p
LEFT JOIN refunds r ON r.payment = p.number AND r.state IN ('succeeded', 'blocked', 'sent')
GROUP BY p.number, p.refunded HAVING p.refunded <> COALESCE(SUM(r.amount), 0)`},

	{orderStates, "order %d is in no state that there is", `
SELECT id FROM orders WHERE state NOT IN ('created', 'processing', 'paid', 'expired', 'cancelled')`},
	{paidOrders, "order %d is paid by a payment that is not there", `
SELECT o.id FROM orders o LEFT JOIN payments p ON p.number = o.payment AND p.order_id = o.id
WHERE o.state = 'paid' AND p.number IS NULL`},
	{owed, "order %d is paid, but no callback was ever owed", `
SELECT o.id FROM orders o LEFT JOIN deliveries d ON d.order_id = o.id AND d.subject = 'order'
WHERE o.state = 'paid' AND d.id IS NULL`},
	{owed, "order %d is paid, but more than one callback was owed", `
SELECT order_id FROM deliveries WHERE subject = 'order' GROUP BY order_id HAVING COUNT(*) > 1`},
	{owed, "order %d is not paid, but a callback was owed", `
SELECT d.order_id FROM deliveries d LEFT JOIN orders o ON o.id = d.order_id AND o.state = 'paid'
WHERE d.subject = 'order' AND o.id IS NULL`},

	{books, "refund %d is in no state that there is", `
SELECT number FROM refunds WHERE state NOT IN ('pending', 'running', 'blocked', 'sent', 'succeeded', 'failed')`},
	{always, "refund %d is of another app's payment, or of none", `
SELECT r.number FROM refunds r LEFT JOIN payments p ON p.number = r.payment AND p.app_id = r.app_id
WHERE r.state NOT IN ('succeeded', 'blocked', 'sent') AND p.number IS NULL`},
	{refunded, "refund %d is of another app's payment, or of none", `
SELECT r.number FROM refunds r LEFT JOIN payments p ON p.number = r.payment AND p.app_id = r.app_id
WHERE r.state IN ('succeeded', 'blocked', 'sent') AND p.number IS NULL`},
	{books, "refund %d succeeded without an entry", `
SELECT r.number FROM refunds r LEFT JOIN entries e ON e.id = r.number AND e.reason = 'refund'
WHERE r.state = 'succeeded' AND e.id IS NULL`},
	{books, "entry %d says refund, but there is none that it could be of", `
SELECT e.id FROM entries e LEFT JOIN refunds r ON r.number = e.id AND (r.state IN ('succeeded', 'sent') OR r.reversal <> 0)
WHERE e.reason = 'refund' AND r.number IS NULL`},
	{refunded, "refund %d gave the payer another amount than it says", `
SELECT r.number FROM refunds r JOIN payments p ON p.number = r.payment
LEFT JOIN postings po ON po.entry_id = r.number
	AND po.account_id = CASE WHEN p.channel = 38 THEN p.wallet_id * 16 + 1 ELSE p.channel * 16 + 6 END
WHERE r.state = 'succeeded' AND COALESCE(po.amount, 0) <> r.amount - p.discount - r.fee`},
	{books, "refund %d has another amount or fee than its entry", `
SELECT r.number FROM refunds r
LEFT JOIN postings f ON f.entry_id = r.number AND f.account_id = r.app_id * 16 + 4
LEFT JOIN postings h ON h.entry_id = r.number AND h.account_id = r.app_id * 16 + 2
LEFT JOIN postings o ON o.entry_id = r.number AND o.account_id = r.app_id * 16 + 3
WHERE (r.state IN ('succeeded', 'sent') OR r.reversal <> 0)
	AND (COALESCE(f.amount, 0) <> r.fee OR COALESCE(h.amount, 0) + COALESCE(o.amount, 0) <> -r.amount)`},
	{undone, "refund %d was refused by a bank, but its entry was not undone", `
SELECT r.number FROM refunds r JOIN entries e ON e.id = r.number
LEFT JOIN entries u ON u.id = r.reversal AND u.reason = 'refund_reversal'
WHERE r.state = 'failed' AND u.id IS NULL`},
	{undone, "entry %d undoes a refund that was not refused", `
SELECT e.id FROM entries e LEFT JOIN refunds r ON r.reversal = e.id AND r.state = 'failed'
WHERE e.reason = 'refund_reversal' AND r.number IS NULL`},

	{always, "settlement %d has no entry", `
SELECT s.entry_id FROM settlements s LEFT JOIN entries e ON e.id = s.entry_id AND e.reason = 'settlement'
WHERE s.entry_id <> 0 AND e.id IS NULL`},
	{closed, "entry %d says settlement, but no day was closed with it", `
SELECT e.id FROM entries e LEFT JOIN settlements s ON s.entry_id = e.id WHERE e.reason = 'settlement' AND s.entry_id IS NULL`},
	{always, "settlement %d took another amount from the merchant than it says", `
SELECT s.entry_id FROM settlements s LEFT JOIN postings po ON po.entry_id = s.entry_id AND po.account_id = s.app_id * 16 + 2
WHERE s.entry_id <> 0 AND COALESCE(po.amount, 0) <> -s.paid_back - s.paid_out`},
	{lines, "a settlement of app %d is more or less than its lines", `
SELECT s.app_id FROM settlements s LEFT JOIN settlement_lines l ON l.app_id = s.app_id AND l.day = s.day
GROUP BY s.app_id, s.day, s.payment_amount, s.fee_amount, s.refund_amount, s.reversal_amount, s.payout_amount
HAVING COALESCE(SUM(l.net), 0) <> s.payment_amount + s.fee_amount + s.refund_amount + s.reversal_amount + s.payout_amount`},
	{always, "a settlement of app %d carries another amount than it says", `
SELECT app_id FROM settlements
WHERE carried_in + payment_amount + fee_amount + refund_amount + reversal_amount + payout_amount <> paid_out + carried_out`},
	{books, "movement %d is settled, but has no entry", `
SELECT l.entry_id FROM settlement_lines l LEFT JOIN entries e ON e.id = l.entry_id AND e.reason = l.kind WHERE e.id IS NULL`},
	{lines, "movement %d is settled on a day that is not closed", `
SELECT l.entry_id FROM settlement_lines l LEFT JOIN settlements s ON s.app_id = l.app_id AND s.day = l.day WHERE s.day IS NULL`},

	{paidOut, "disbursement %d was paid out without an entry", `
SELECT d.number FROM disbursements d LEFT JOIN entries e ON e.id = d.number AND e.reason = 'disbursement'
WHERE d.state = 'succeeded' AND e.id IS NULL`},
	{paidOut, "entry %d says disbursement, but none was paid out", `
SELECT e.id FROM entries e LEFT JOIN disbursements d ON d.number = e.id AND d.state = 'succeeded'
WHERE e.reason = 'disbursement' AND d.number IS NULL`},
	{paidOut, "disbursement %d gave its wallet another amount, or took another one from its app, than it says", `
SELECT d.number FROM disbursements d
LEFT JOIN postings t ON t.entry_id = d.number AND t.account_id = d.app_id * 16 + 7
LEFT JOIN postings g ON g.entry_id = d.number AND g.account_id = d.wallet_id * 16 + 1
WHERE d.state = 'succeeded' AND (COALESCE(t.amount, 0) <> -d.amount OR COALESCE(g.amount, 0) <> d.amount)`},
	{paidOut, "disbursement %d is closed in a state that is none of an end, or open in one that is", `
SELECT number FROM disbursements WHERE (due_at IS NULL) <> (state IN ('held', 'succeeded', 'failed'))
	OR (closed_at IS NULL) = (state IN ('succeeded', 'failed')) OR state NOT IN ('running', 'pending', 'held', 'succeeded', 'failed')`},

	{inFlight, "order %d is in flight, but no charge is open", `
SELECT o.id FROM orders o LEFT JOIN charges c ON c.order_id = o.id AND c.closed_at IS NULL
WHERE o.state = 'processing' AND c.number IS NULL`},
	{always, "charge %d is open, but its order is not in flight", `
SELECT c.number FROM charges c LEFT JOIN orders o ON o.id = c.order_id AND o.state = 'processing'
WHERE c.order_id <> 0 AND c.closed_at IS NULL AND o.id IS NULL`},
	{always, "charge %d succeeded, but there is no payment", `
SELECT c.number FROM charges c LEFT JOIN payments p ON p.number = c.number
WHERE c.order_id <> 0 AND c.state = 'succeeded' AND p.number IS NULL`},
	{fromCards, "payment %d came from a card, but no charge succeeded", `
SELECT p.number FROM payments p LEFT JOIN charges c ON c.number = p.number AND c.state = 'succeeded'
WHERE p.channel <> 38 AND c.number IS NULL`},

	{always, "charge %d and its payment say different things", `
SELECT c.number FROM charges c JOIN payments p ON p.number = c.number
WHERE c.state <> 'succeeded' OR c.amount <> p.amount OR c.discount <> p.discount OR c.order_id <> p.order_id
	OR c.app_id <> p.app_id OR c.wallet_id <> p.wallet_id OR c.binding_id <> p.binding_id OR c.channel <> p.channel`},
	{always, "order %d has more than one charge that is open", `
SELECT order_id FROM charges WHERE order_id <> 0 AND closed_at IS NULL GROUP BY order_id HAVING COUNT(*) > 1`},
	{always, "charge %d is closed in a state that is none of an end, or open in one that is", `
SELECT number FROM charges WHERE (closed_at IS NULL) = (state IN ('succeeded', 'failed'))`},
	{always, "charge %d is open, but nobody will look after it", `
SELECT number FROM charges WHERE closed_at IS NULL AND due_at IS NULL`},
	{always, "binding %d of a card was confirmed, but there is no card", `
SELECT b.id FROM bindings b LEFT JOIN cards c ON c.id = b.card_id
WHERE b.kind = 'CARD' AND b.confirmed_at IS NOT NULL AND c.id IS NULL`},
	{discounts, "the campaigns have spent %d more than payments and open charges were reduced by", `
SELECT s.more FROM (
	SELECT CAST(COALESCE((SELECT SUM(spent) FROM campaigns), 0)
		- COALESCE((SELECT SUM(discount) FROM payments), 0)
		- COALESCE((SELECT SUM(discount) FROM charges WHERE closed_at IS NULL), 0) AS BIGINT) AS more
) s WHERE s.more <> 0`},

	{attempted, "callback %d has more attempts than it counts", `
SELECT DISTINCT d.id FROM deliveries d JOIN attempts a ON a.delivery_id = d.id WHERE a.n > d.attempts`},
	{attempted, "an attempt is of a callback that is not there: %d", `
SELECT DISTINCT a.delivery_id FROM attempts a LEFT JOIN deliveries d ON d.id = a.delivery_id WHERE d.id IS NULL`},

	{always, "chain %d is summed beyond its end", `
SELECT s.chain FROM summed_chains s LEFT JOIN chains c ON c.id = s.chain AND c.n >= s.n AND c.entries >= s.entries WHERE c.id IS NULL`},

	{always, "wallet %d has no account", `
SELECT w.id FROM wallets w LEFT JOIN accounts a ON a.id = w.id * 16 + 1 WHERE a.id IS NULL`},
	{always, "app %d has no account of some kind", `
SELECT p.id FROM apps p LEFT JOIN accounts a ON a.id > p.id * 16 + 1 AND a.id < p.id * 16 + 8 AND a.id % 16 <> 6
GROUP BY p.id HAVING COUNT(a.id) < 5`},
	{always, "account %d, of a channel, is gone", `
SELECT c.id FROM (SELECT CAST(22 AS BIGINT) AS id UNION ALL SELECT 582 UNION ALL SELECT 614 UNION ALL SELECT 630) AS c
LEFT JOIN accounts a ON a.id = c.id WHERE a.id IS NULL`},
	{always, "account %d belongs to nobody", `
SELECT a.id FROM accounts a
LEFT JOIN wallets w ON w.id = (a.id >> 4) AND a.id % 16 = 1
LEFT JOIN apps p ON p.id = (a.id >> 4) AND a.id % 16 IN (2, 3, 4, 5, 7)
WHERE a.id NOT IN (22, 582, 614, 630) AND w.id IS NULL AND p.id IS NULL`},
	{always, "account %d has no floor", `
SELECT id FROM accounts WHERE id % 16 IN (1, 2, 3, 7) AND floor IS NULL`},
	{always, "account %d has a floor or a stop that its kind has not", `
SELECT id FROM accounts WHERE (id % 16 IN (4, 5, 6) AND floor IS NOT NULL) OR (id % 16 <> 1 AND no_debits_at IS NOT NULL)`},
	{always, "account %d has the floor of another kind", `
SELECT id FROM accounts WHERE id % 16 IN (1, 2, 7) AND floor <> 0`},
	{always, "wallet %d is stopped, but its account is not", `
SELECT w.id FROM wallets w JOIN accounts a ON a.id = w.id * 16 + 1
WHERE (w.locked_at IS NOT NULL OR w.payments_off_at IS NOT NULL) AND a.no_debits_at IS NULL`},
	{always, "wallet %d: its account is stopped, but the wallet is not", `
SELECT w.id FROM wallets w JOIN accounts a ON a.id = w.id * 16 + 1
WHERE w.locked_at IS NULL AND w.payments_off_at IS NULL AND a.no_debits_at IS NOT NULL`},
}

// verifyCross asks which rows break a rule, and returns what to say of them.
func (t *tx) verifyCross(c crossCheck) (problems []string, err error) {
	err = t.rows(c.text, nil, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		if len(problems) < maxProblems {
			problems = append(problems, fmt.Sprintf(c.rule, id))
		}
		return err
	})
	return problems, err
}
