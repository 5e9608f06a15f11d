package simtest

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"sen/internal/control"
)

// A rowCheck selects what is wrong in the rows. Its columns are shown.
type rowCheck struct {
	rule int
	what string
	text string
}

// Accounts have the number of their owner times 16, plus their kind: 1 wallet,
// 2 held for a merchant, 3 owed by it, 4 fees, 5 promotions, 6 outside, 7 what a
// merchant has to pay out.
var rowChecks = []rowCheck{
	{ruleEntries, "entry, sum", `SELECT entry_id, SUM(amount) FROM postings GROUP BY entry_id HAVING SUM(amount) <> 0`},
	{ruleEntries, "all balances together", `SELECT s FROM (SELECT SUM(balance) s FROM accounts) WHERE s <> 0`},

	{ruleBalances, "account, balance, sum of postings", `
SELECT a.id, a.balance, COALESCE(p.s, 0) FROM accounts a
LEFT JOIN (SELECT account_id, SUM(amount) s FROM postings GROUP BY account_id) p ON p.account_id = a.id WHERE a.balance <> COALESCE(p.s, 0)`},

	{ruleFloors, "wallet or merchant below 0", `SELECT id, balance FROM accounts WHERE id % 16 IN (1, 2, 7) AND balance < 0`},
	{ruleFloors, "merchant owes more than allowed: account, balance, limit", `
SELECT a.id, a.balance, p.receivable_limit FROM accounts a JOIN apps p ON a.id = p.id * 16 + 3 WHERE a.balance < -p.receivable_limit`},
	{ruleFloors, "floor of another kind", `SELECT id, floor FROM accounts WHERE (id % 16 IN (1, 2, 7) AND floor IS NOT 0) OR (id % 16 = 3 AND floor IS NULL)`},

	{ruleOnce, "order with several payments", `SELECT order_id, COUNT(*) FROM payments GROUP BY order_id HAVING COUNT(*) > 1`},
	{ruleOnce, "paid order without its payment", `
SELECT o.id, o.app_trans_id, o.amount, p.amount FROM orders o LEFT JOIN payments p ON p.number = o.payment AND p.order_id = o.id AND p.app_id = o.app_id
WHERE o.state = 'paid' AND (p.number IS NULL OR p.amount <> o.amount)`},
	{ruleOnce, "payment of an order that is not paid by it", `
SELECT p.number, o.state FROM payments p LEFT JOIN orders o ON o.id = p.order_id WHERE o.state IS NOT 'paid' OR o.payment IS NOT p.number`},
	{ruleOnce, "payment whose entry says other amounts", `
SELECT p.number, p.amount, s.amount, h.amount FROM payments p
LEFT JOIN entries e ON e.id = p.number AND e.reason = 'payment'
LEFT JOIN postings s ON s.entry_id = p.number AND s.account_id = CASE p.channel WHEN 38 THEN p.wallet_id * 16 + 1 ELSE p.channel * 16 + 6 END
LEFT JOIN postings h ON h.entry_id = p.number AND h.account_id = p.app_id * 16 + 2
WHERE e.id IS NULL OR COALESCE(s.amount, 0) <> p.discount - p.amount - p.payer_fee OR COALESCE(h.amount, 0) <> p.amount - p.merchant_fee`},
	{ruleOnce, "entry of a payment that is not there", `SELECT id FROM entries WHERE reason = 'payment' AND id NOT IN (SELECT number FROM payments)`},

	{ruleRefunds, "payment refunded beyond its amount, or counting another sum", `
SELECT p.number, p.amount, p.refunded, r.s FROM payments p
LEFT JOIN (SELECT payment, SUM(amount) s FROM refunds WHERE state IN ('succeeded', 'blocked', 'sent') GROUP BY payment) r ON r.payment = p.number
WHERE p.refunded <> COALESCE(r.s, 0) OR COALESCE(r.s, 0) > p.amount`},
	{ruleRefunds, "refund without its entry, or with one of another amount", `
SELECT r.number, r.state, r.amount, po.amount FROM refunds r JOIN payments p ON p.number = r.payment
LEFT JOIN postings po ON po.entry_id = r.number AND po.account_id = CASE p.channel WHEN 38 THEN p.wallet_id * 16 + 1 ELSE p.channel * 16 + 6 END
WHERE r.state IN ('succeeded', 'sent') AND COALESCE(po.amount, 0) <> r.amount - p.discount - r.fee`},
	{ruleRefunds, "entry of a refund that has not moved money", `
SELECT e.id FROM entries e LEFT JOIN refunds r ON r.number = e.id AND (r.state IN ('succeeded', 'sent') OR r.reversal <> 0)
WHERE e.reason = 'refund' AND r.number IS NULL`},
	{ruleRefunds, "reversal without a refund that was refused", `
SELECT e.id FROM entries e LEFT JOIN refunds r ON r.reversal = e.id AND r.state = 'failed' WHERE e.reason = 'refund_reversal' AND r.number IS NULL`},

	{ruleMoves, "order in no state that there is", `
SELECT id, state FROM orders WHERE state NOT IN ('created', 'processing', 'paid', 'expired', 'cancelled')`},
	{ruleMoves, "order in flight without one open charge", `
SELECT o.id, COUNT(c.number) FROM orders o LEFT JOIN charges c ON c.order_id = o.id AND c.closed_at IS NULL
GROUP BY o.id, o.state HAVING COUNT(c.number) <> (o.state = 'processing')`},

	{ruleCallbacks, "paid order with no callback, or several", `
SELECT o.id, COUNT(d.id) FROM orders o LEFT JOIN deliveries d ON d.order_id = o.id AND d.subject = 'order'
GROUP BY o.id, o.state HAVING COUNT(d.id) <> (o.state = 'paid')`},
	{ruleCallbacks, "confirmed binding with other callbacks than it owes", `
SELECT b.id, b.state, COUNT(d.id) FROM bindings b LEFT JOIN deliveries d ON d.order_id = b.id AND d.subject = 'binding'
GROUP BY b.id, b.state HAVING COUNT(d.id) <> CASE b.state WHEN 'confirmed' THEN 1 WHEN 'cancelled' THEN 2 WHEN 'disabled' THEN 2 ELSE 0 END`},

	{ruleLimits, "campaign: spent, by payments and open charges", `
SELECT c.code, c.budget, c.spent, x.s FROM campaigns c LEFT JOIN (
	SELECT code, SUM(d) s FROM (
		SELECT CASE WHEN o.embed_data LIKE '%SPRING%' THEN 'SPRING' WHEN o.embed_data LIKE '%ONCE%' THEN 'ONCE' ELSE 'LATER' END code, p.discount d
		FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.discount > 0
		UNION ALL SELECT campaign, discount FROM charges WHERE closed_at IS NULL AND discount > 0)
	GROUP BY code) x ON x.code = c.code
WHERE c.spent <> COALESCE(x.s, 0) OR COALESCE(x.s, 0) > c.budget`},

	{rulePayouts, "paid payout without its entry, or with one of other amounts", `
SELECT d.number, d.amount, f.amount, t.amount FROM disbursements d
LEFT JOIN entries e ON e.id = d.number AND e.reason = 'disbursement'
LEFT JOIN postings f ON f.entry_id = d.number AND f.account_id = d.app_id * 16 + 7
LEFT JOIN postings t ON t.entry_id = d.number AND t.account_id = d.wallet_id * 16 + 1
WHERE d.state = 'succeeded' AND (e.id IS NULL OR COALESCE(f.amount, 0) <> -d.amount OR COALESCE(t.amount, 0) <> d.amount)`},
	{rulePayouts, "entry of a payout that is not paid", `
SELECT id FROM entries WHERE reason = 'disbursement' AND id NOT IN (SELECT number FROM disbursements WHERE state = 'succeeded')`},
	{rulePayouts, "payout that waits for no time, or is over and does", `
SELECT number, state, due_at, closed_at FROM disbursements
WHERE (state IN ('running', 'pending')) <> (due_at IS NOT NULL) OR (state IN ('succeeded', 'failed')) <> (closed_at IS NOT NULL) OR (state = 'failed') <> (failure <> '')`},

	{ruleOrphans, "payout of no app, or to no wallet", `
SELECT number FROM disbursements WHERE wallet_id NOT IN (SELECT id FROM wallets) OR app_id NOT IN (SELECT id FROM apps)`},
	{ruleOrphans, "payment without a wallet, app, binding or charge", `
SELECT number FROM payments p WHERE (wallet_id <> 0 AND wallet_id NOT IN (SELECT id FROM wallets)) OR app_id NOT IN (SELECT id FROM apps)
	OR (binding_id <> 0 AND binding_id NOT IN (SELECT id FROM bindings)) OR (channel <> 38 AND number NOT IN (SELECT number FROM charges))`},
	{ruleOrphans, "posting without an entry or account, entry without postings", `
SELECT entry_id FROM postings WHERE entry_id NOT IN (SELECT id FROM entries) OR account_id NOT IN (SELECT id FROM accounts)
UNION ALL SELECT id FROM entries WHERE id NOT IN (SELECT entry_id FROM postings)`},
	{ruleOrphans, "account of nobody, wallet or app without accounts", `
SELECT id FROM accounts WHERE (id % 16 = 1 AND (id >> 4) NOT IN (SELECT id FROM wallets)) OR (id % 16 IN (2, 3, 4, 5, 7) AND (id >> 4) NOT IN (SELECT id FROM apps))
UNION ALL SELECT id FROM wallets WHERE id * 16 + 1 NOT IN (SELECT id FROM accounts)
UNION ALL SELECT id FROM apps WHERE id * 16 + 2 NOT IN (SELECT id FROM accounts)`},
	{ruleOrphans, "refund of no payment of its app", `
SELECT r.number FROM refunds r LEFT JOIN payments p ON p.number = r.payment AND p.app_id = r.app_id WHERE p.number IS NULL`},
	{ruleOrphans, "delivery of nothing, attempt of no delivery", `
SELECT id FROM deliveries WHERE (subject = 'order' AND order_id NOT IN (SELECT id FROM orders)) OR (subject = 'binding' AND order_id NOT IN (SELECT id FROM bindings))
UNION ALL SELECT delivery_id FROM attempts WHERE delivery_id NOT IN (SELECT id FROM deliveries)`},
	{ruleOrphans, "binding without its wallet, card, order or app", `
SELECT id FROM bindings WHERE (wallet_id <> 0 AND wallet_id NOT IN (SELECT id FROM wallets)) OR (card_id <> 0 AND card_id NOT IN (SELECT id FROM cards))
	OR (order_id <> 0 AND order_id NOT IN (SELECT id FROM orders)) OR app_id NOT IN (SELECT id FROM apps)`},
	{ruleOrphans, "charge without its order, binding, wallet or payment", `
SELECT number FROM charges WHERE (order_id <> 0 AND order_id NOT IN (SELECT id FROM orders)) OR (binding_id <> 0 AND binding_id NOT IN (SELECT id FROM bindings))
	OR (wallet_id <> 0 AND wallet_id NOT IN (SELECT id FROM wallets)) OR (state = 'succeeded' AND order_id <> 0 AND number NOT IN (SELECT number FROM payments))`},

	{ruleTokens, "payment by token before the consent, or by a wallet's token that had ended", `
SELECT p.number, p.at, b.closed_at, b.ends_at FROM payments p JOIN bindings b ON b.id = p.binding_id
WHERE b.kind = 'WALLET' AND (p.at < b.confirmed_at OR p.at > b.closed_at OR p.at >= b.ends_at)`},
	{ruleTokens, "charge begun by a card's token that had ended", `
SELECT c.number, c.created_at, b.closed_at, b.ends_at FROM charges c JOIN bindings b ON b.id = c.binding_id
WHERE b.confirmed_at IS NOT NULL AND c.created_at > b.confirmed_at AND (c.created_at > b.closed_at OR c.created_at >= b.ends_at)`},
}

// rows runs a query and hands each row, as text, to take.
func (s *sim) rows(text string, take func(row []string)) {
	rows, err := s.life.db.Query(text)
	if err != nil {
		s.broken(ruleOrphans, "the rows can't be read: %v", err)
		return
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	for rows.Next() {
		values := make([]sql.NullString, len(columns))
		to := make([]any, len(columns))
		for i := range values {
			to[i] = &values[i]
		}
		if err := rows.Scan(to...); err != nil {
			panic(err)
		}
		row := make([]string, len(columns))
		for i, v := range values {
			row[i] = v.String
		}
		take(row)
	}
	if err := rows.Err(); err != nil {
		s.broken(ruleOrphans, "the rows can't be read: %v", err)
	}
}

// checkRows looks at everything that is stored.
func (s *sim) checkRows() {
	s.full++
	for _, c := range rowChecks {
		s.rows(c.text, func(row []string) { s.broken(c.rule, "%s: %s", c.what, strings.Join(row, ", ")) })
	}
	s.checkMoves()
	s.checkModel()
}

// verify has the gateway look at its own books.
func (s *sim) verify() {
	var l control.Ledger
	s.must(s.control("GET", "ledger", nil, &l))
	for _, p := range l.Problems {
		s.broken(ruleAnswers, "the verification of the ledger finds: %s", p)
	}
	if !l.OK && len(l.Problems) == 0 {
		s.broken(ruleAnswers, "the ledger does not verify")
	}
}

// moves are the changes of state that docs/states.md has, with those that can
// happen between two looks.
var moves = map[string]map[string]string{
	"orders":        {"created": "created processing paid expired cancelled", "processing": "processing created paid expired cancelled", "paid": "paid", "expired": "expired", "cancelled": "cancelled"},
	"refunds":       {"pending": "pending running blocked sent succeeded failed", "running": "running blocked sent succeeded failed", "blocked": "blocked sent succeeded failed", "sent": "sent succeeded failed", "succeeded": "succeeded", "failed": "failed"},
	"bindings":      {"pending": "pending confirmed lapsed cancelled disabled", "confirmed": "confirmed cancelled disabled", "cancelled": "cancelled", "disabled": "disabled", "lapsed": "lapsed"},
	"charges":       {"started": "started otp unknown succeeded failed", "otp": "otp unknown succeeded failed", "unknown": "unknown otp succeeded failed", "succeeded": "succeeded", "failed": "failed"},
	"disbursements": {"running": "running pending succeeded failed", "pending": "running pending succeeded failed", "succeeded": "succeeded", "failed": "failed"},
}

// checkMoves compares states with those of the last look. What is there once
// stays there.
func (s *sim) checkMoves() {
	for _, table := range []string{"orders", "refunds", "bindings", "charges", "disbursements"} {
		key := map[bool]string{true: "number", false: "id"}[table != "orders" && table != "bindings"]
		now := map[string]string{}
		s.rows("SELECT "+key+", state FROM "+table, func(row []string) { now[row[0]] = row[1] })
		for id, was := range s.states[table] {
			is, there := now[id]
			if !there {
				s.broken(ruleDurable, "a row of %s is gone: %s, which was %s", table, id, was)
			} else if !strings.Contains(" "+moves[table][was]+" ", " "+is+" ") {
				s.broken(ruleMoves, "of %s, %s went from %s to %s", table, id, was, is)
			}
		}
		s.states[table] = now
	}
}

// checkModel holds what is stored against what the model believes.
func (s *sim) checkModel() {
	m := s.m
	s.learn()
	orders, states := map[string]string{}, map[string]string{}
	for _, o := range m.inOrder {
		number := int64(0)
		if o.payment != nil {
			number = o.payment.number
		}
		orders[fmt.Sprint(o.app, "/", o.id)] = fmt.Sprint(o.amount, " ", number, " ", o.token)
		states[fmt.Sprint(o.app, "/", o.id)] = o.state
		if o.state == "created" {
			states[fmt.Sprint(o.app, "/", o.id)] += " " + o.failure
		}
	}
	s.same("order", orders, `SELECT app_id || '/' || app_trans_id, amount || ' ' || payment || ' ' || token FROM orders`, ruleDurable)
	s.same("state of order", states, `SELECT app_id || '/' || app_trans_id, state || CASE state WHEN 'created' THEN ' ' || failure ELSE '' END FROM orders`, ruleMoves)

	refunds := map[string]string{}
	for _, r := range m.refundOrder {
		refunds[fmt.Sprint(r.app, "/", r.id)] = fmt.Sprint(r.payment.number, " ", r.amount, " ", r.fee, " ", r.state, " ", r.failure)
	}
	s.same("refund", refunds, `SELECT app_id || '/' || m_refund_id, payment || ' ' || amount || ' ' || fee || ' ' || state || ' ' || failure FROM refunds`, ruleRefunds)

	payouts := map[string]string{}
	for _, d := range m.payoutOrder {
		payouts[fmt.Sprint(d.app, "/", d.id)] = fmt.Sprint(d.number, " ", d.wallet.id, " ", d.amount, " ", d.state, " ", d.failure)
	}
	s.same("payout", payouts, `SELECT app_id || '/' || partner_order_id, number || ' ' || wallet_id || ' ' || amount || ' ' || state || ' ' || failure FROM disbursements`, rulePayouts)

	bindings, bound := map[string]string{}, map[string]string{}
	for _, b := range m.boundOrder {
		bindings[fmt.Sprint(b.app, "/", b.id)] = fmt.Sprint(b.identifier, " ", b.token)
		bound[fmt.Sprint(b.app, "/", b.id)] = b.state
	}
	s.same("binding", bindings, `SELECT app_id || '/' || app_trans_id, identifier || ' ' || token FROM bindings`, ruleDurable)
	s.same("state of binding", bound, `SELECT app_id || '/' || app_trans_id, state FROM bindings`, ruleMoves)

	balances := map[string]string{}
	for _, channel := range []int{1, 36, 38, 39} { // no day is settled, so over 1 came only what is to be paid out
		n := m.clearing[channel]
		balances[fmt.Sprint(channel*16+6)] = fmt.Sprint(n)
	}
	for _, w := range m.wallets {
		balances[fmt.Sprint(w.id*16+1)] = fmt.Sprint(w.balance)
	}
	for _, a := range m.apps {
		for kind, n := range map[int64]int64{2: a.payable, 3: -a.owes, 4: a.fees, 5: a.promo, 7: a.toPayOut} {
			balances[fmt.Sprint(a.id*16+kind)] = fmt.Sprint(n)
		}
	}
	s.same("balance of account", balances, `SELECT id, balance FROM accounts`, ruleDurable)

	spent := map[string]string{}
	for _, w := range m.wallets {
		if w.openDay != "" {
			spent[fmt.Sprint(w.id)] = fmt.Sprint(w.openDay, " ", w.ofDay, " ", w.ofMonth)
		}
	}
	s.same("spending of wallet", spent, `SELECT wallet_id, day || ' [' || day_all || ' ' || day_wallet || ' ' || day_bank || ' ' || day_card || '] [' ||
		month_all || ' ' || month_wallet || ' ' || month_bank || ' ' || month_card || ']' FROM spending`, ruleLimits)

	months := map[string]string{}
	for _, w := range m.wallets {
		for month, sum := range w.closed {
			months[fmt.Sprint(w.id, "/", month)] = fmt.Sprint(sum)
		}
	}
	s.same("month of wallet", months, `SELECT wallet_id || '/' || month, amount FROM spending_months`, ruleLimits)

	uses := map[string]string{}
	for _, b := range m.boundOrder {
		if b.day != "" {
			uses[fmt.Sprint(b.app, "/", b.id)] = fmt.Sprint(b.day, " ", b.count, " ", b.amount)
		}
	}
	s.same("use of binding", uses, `SELECT app_id || '/' || app_trans_id, used_day || ' ' || used_count || ' ' || used_amount FROM bindings WHERE used_day <> ''`, ruleLimits)

	owed := map[string]string{}
	for _, d := range m.deliveries {
		status := 0
		if d.binding != nil {
			status = d.status
		}
		owed[fmt.Sprint(d.app, "/", d.name(), "/", status)] = fmt.Sprint(d.state, " ", d.round)
	}
	s.same("callback", owed, `
SELECT d.app_id || '/' || COALESCE(o.app_trans_id, b.app_trans_id, '?') || '/' ||
	CASE d.subject WHEN 'order' THEN 0 ELSE json_extract(json_extract(CAST(d.body AS TEXT), '$.data'), '$.status') END, d.state || ' ' || d.round
FROM deliveries d LEFT JOIN orders o ON d.subject = 'order' AND o.id = d.order_id LEFT JOIN bindings b ON d.subject = 'binding' AND b.id = d.order_id`, ruleCallbacks)
}

// learn reads what no answer has told: the token of an order that came with a
// card, and the number of a payment that a bank finished in its own time.
func (s *sim) learn() {
	s.rows(`SELECT app_id, app_trans_id, token, payment FROM orders`, func(row []string) {
		o := s.m.orders[orderKey{fields{{"", row[0]}}.number(""), row[1]}]
		if o == nil {
			return
		}
		if o.token == "" && (o.binding != nil || o.untold) {
			o.token = row[2]
		}
		if o.payment != nil {
			o.payment.numbered(fields{{"", row[3]}}.number(""))
		}
	})
	s.rows(`SELECT app_id, m_refund_id, failure FROM refunds WHERE state = 'failed'`, func(row []string) {
		if rf := s.m.refunds[orderKey{fields{{"", row[0]}}.number(""), row[1]}]; rf != nil && rf.mayFailBy(row[2]) {
			rf.failure = row[2]
		}
	})
}

// mayFailBy reports whether a refund that has failed may have done so for another
// reason. Where the payer's bank takes nothing back, a second refund finds too
// little left when it is judged before the first was refused, and is refused
// too when it is judged after that; both can be due at the same moment.
func (rf *refund) mayFailBy(failure string) bool {
	either := []string{"amount", "channel"}
	return rf.state == "failed" && rf.payment.noReturn && slices.Contains(either, rf.failure) && slices.Contains(either, failure)
}

// same compares two views of one thing.
func (s *sim) same(what string, want map[string]string, query string, rule int) {
	got := map[string]string{}
	s.rows(query, func(row []string) { got[row[0]] = row[1] })
	for key, w := range want {
		if g, there := got[key]; !there {
			s.broken(rule, "%s %s is gone: it should be %s", what, key, w)
		} else if g != w {
			s.broken(rule, "%s %s is %s, and should be %s", what, key, g, w)
		}
	}
	for key, g := range got {
		if _, wanted := want[key]; !wanted {
			s.broken(rule, "%s %s is there, and nobody asked for it: %s", what, key, g)
		}
	}
}
