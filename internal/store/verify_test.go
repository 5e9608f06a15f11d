package store_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sen/internal/callback"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/store"
)

// furnish makes one of everything: a payment with a fee, a refund of each
// kind, a locked wallet, an order that is open, an attempt at a callback.
func furnish(t *testing.T, s *store.Store) {
	t.Helper()
	ctx, now := t.Context(), time.Date(2026, 3, 14, 8, 0, 0, 0, time.UTC)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	dir := &merchant.Directory{Load: s.Register}
	g := &pay.Service{
		Store: s, Apps: dir, Now: func() time.Time { return now }, Machine: func() time.Time { return now }, IDs: &id.Source{Rand: rand.Reader, Shards: 1},
		Numbers:     &id.Numbers{Reserve: s.ReserveNumbers},
		RenderOrder: func(merchant.App, pay.Order, pay.Payment) ([]byte, error) { return []byte("{}"), nil },
		NoteLost:    func(context.Context, pay.OrderKey, error) {}, CallbackOwed: func() {}, RefundOwed: func() {}, DisbursementOwed: func() {},
	}
	a := merchant.App{ID: 1, Key1: "0123456789abcdef", Key2: "0123456789abcdef", CreatedAt: now, CallbackURL: "http://a.example", Terms: merchant.Terms{FeeBP: 100, ReceivableLimit: 500}}
	a.Disbursement = merchant.Disbursement{PaymentID: merchant.DefaultPaymentID, PublicKey: "nobody signs here"}
	must(s.SetSetting(ctx, "a", "1"))
	must(s.InsertApp(ctx, a))
	must(dir.Refresh(ctx))
	w, err := g.OpenWallet(ctx, pay.Wallet{Phone: "0900000001", PINHash: "x", KYC: pay.Full})
	must(err)
	_, err = g.TopUp(ctx, w.Phone, 10_000)
	must(err)
	idle, err := g.OpenWallet(ctx, pay.Wallet{Phone: "0900000002", PINHash: "x"})
	must(err)
	_, err = g.ChangeWallet(ctx, idle.Phone, func(w *pay.Wallet) error {
		w.Lock(true, g.Now())
		return nil
	})
	must(err)
	var paid pay.Payment
	for i := range 3 {
		o, err := g.CreateOrder(ctx, pay.NewOrder{App: a, AppTransID: fmt.Sprint("260314_", i), AppTime: now, Amount: 1000})
		must(err)
		if i < 2 {
			paid, err = g.PayFromWallet(ctx, o.Key, w.ID)
			must(err)
		}
	}
	for i, amount := range []money.Amount{300, 5000} {
		_, err := g.RequestRefund(ctx, pay.NewRefund{App: a, MRefundID: fmt.Sprint("260314_1_", i), Payment: paid.Number, Amount: amount, Fee: 10, Timestamp: now})
		must(err)
	}
	now = now.Add(time.Second)
	for more := true; more; {
		more, err = g.RunRefunds(ctx)
		must(err)
	}
	must(g.PayOut(ctx, a.ID, 100))
	must(g.FundDisbursements(ctx, a.ID, 500, "transfer 7"))
	for i, amount := range []money.Amount{400, 200, 300, 250} { // paid out, and three that wait
		_, err := g.Disburse(ctx, pay.NewDisbursement{
			App: a, PaymentID: merchant.DefaultPaymentID, PartnerOrderID: fmt.Sprint("salary-", i), Receiver: g.ReceiverID(a.ID, w.ID), Amount: amount, Time: now,
		})
		must(err)
	}
	last, err := g.Disbursement(ctx, a.ID, "salary-2")
	must(err)
	_, err = g.RejectDisbursement(ctx, last.Number)
	must(err)
	looked, err := g.Disbursement(ctx, a.ID, "salary-3")
	must(err)
	_, err = g.HoldDisbursement(ctx, looked.Number)
	must(err)
	claimed, err := s.ClaimDeliveries(ctx, now, now, time.Minute, 1)
	must(err)
	must(s.SettleDelivery(ctx, []callback.Attempt{{Delivery: claimed[0].ID, N: 1, At: now, Outcome: callback.Accepted}}, callback.Delivered, time.Time{}))
	now = now.Add(24 * time.Hour)
	closed, err := g.SettleDay(ctx, a.ID, "2026-03-14")
	must(err)
	if len(closed) != 1 || !closed[0].Moved() {
		t.Fatalf("settled %+v", closed)
	}
}

// TestVerifyFinds damages single rows behind the store's back. What is said
// to be found must be found; what is not is listed, so that nobody takes the
// report for more than it is.
func TestVerifyFinds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	furnish(t, s)
	db := raw(t, dir)
	mend := backup(t, db)
	for _, c := range []struct {
		damage string
		want   string // part of a problem; "" for damage that nobody can see
	}{
		{`UPDATE accounts SET balance = balance + 1 WHERE id = 614`, "account clearing/38: balance"},
		{`UPDATE accounts SET balance = balance + 1 WHERE id % 16 = 1 AND balance > 0`, "its postings make"},
		{`UPDATE accounts SET floor = balance + 1 WHERE id % 16 = 2`, "below its floor"},
		{`UPDATE accounts SET floor = NULL WHERE id % 16 = 1`, "has no floor"},
		{`UPDATE accounts SET floor = -500 WHERE id % 16 = 2`, "has the floor"},
		{`UPDATE accounts SET no_debits_at = NULL`, "is stopped, but its account is not"},
		{`UPDATE accounts SET no_debits_at = 1 WHERE id % 16 = 1 AND balance > 0`, "account is stopped, but the wallet is not"},
		{`DELETE FROM accounts WHERE id = 614`, "has postings but does not exist"},
		{`DELETE FROM accounts WHERE id % 16 = 1 AND balance = 0`, "has no account"},
		{`DELETE FROM accounts WHERE id % 16 = 5`, "has no account"},
		{`INSERT INTO accounts VALUES (16 * 12345 + 1, 0, 0, NULL)`, "belongs to nobody"},
		{`INSERT INTO accounts VALUES (16 * 12345 + 1, 5, 0, NULL)`, "its postings make"},

		{`UPDATE settlements SET entry_id = 5`, "has no entry"},
		{`DELETE FROM settlements`, "says settlement, but no day was closed with it"},
		{`DELETE FROM settlements`, "is settled on a day that is not closed"},
		{`UPDATE settlements SET paid_out = paid_out + 1, carried_out = carried_out - 1`, "took another amount from the merchant"},
		{`UPDATE settlements SET payment_amount = payment_amount + 1, carried_out = carried_out + 1`, "is more or less than its lines"},
		{`UPDATE settlement_lines SET net = net + 1 WHERE kind = 'refund'`, "is more or less than its lines"},
		{`DELETE FROM settlement_lines WHERE kind = 'payout'`, "is more or less than its lines"},
		{`UPDATE settlements SET carried_out = carried_out + 1`, "carries another amount than it says"},
		{`UPDATE settlement_lines SET entry_id = 5 WHERE kind = 'payout'`, "is settled, but has no entry"},

		{`DELETE FROM entries WHERE reason = 'topup'`, "have no entry"},
		{`DELETE FROM entries WHERE reason = 'payment'`, "payment"},
		{`UPDATE entries SET reason = 'topup' WHERE reason = 'payment'`, "has no entry"},
		{`UPDATE entries SET reason = 'payment' WHERE reason = 'topup'`, "says payment, but there is none"},
		{`UPDATE entries SET reason = 'refund' WHERE reason = 'topup'`, "says refund, but there is none"},
		{`UPDATE entries SET reason = 'gift' WHERE reason = 'topup'`, "none that there is"},
		{`INSERT INTO entries VALUES (5, 'topup', 5)`, "entry 5"},
		{`INSERT INTO entries VALUES (9223372036854775807, 'topup', 5)`, "entry 9223372036854775807"},
		{`INSERT INTO entries VALUES (-9223372036854775807, 'topup', 5), (0, 'topup', 5)`, "entry 0"},
		{`INSERT INTO postings VALUES (9223372036854775807, 614, 5)`, "entry 9223372036854775807"},
		{`INSERT INTO payments SELECT 9223372036854775807, order_id + 1, app_id, wallet_id, channel, amount, 0, 0, 0, 0, at, binding_id, bank_code, masked_card FROM payments LIMIT 1`, "payment 9223372036854775807"},
		{`INSERT INTO postings VALUES (5, 614, 5)`, "entry 5"},

		{`DELETE FROM orders WHERE state = 'paid'`, "its order is not paid by it"},
		{`UPDATE orders SET amount = amount + 1 WHERE state = 'paid'`, "its order is not paid by it"},
		{`UPDATE orders SET app_id = 2 WHERE state = 'paid'`, "its order is not paid by it"},
		{`UPDATE orders SET state = 'cancelled', payment = 0 WHERE state = 'paid'`, "its order is not paid by it"},
		{`UPDATE orders SET state = 'paid', payment = 77, closed_at = 1 WHERE state = 'created'`, "is paid by a payment that is not there"},
		{`UPDATE orders SET state = 'unheard' WHERE state = 'created'`, "is in no state"},

		{`DELETE FROM payments`, "is paid by a payment that is not there"},
		{`UPDATE payments SET amount = amount + 1`, "took another amount"},
		{`UPDATE payments SET refunded = refunded + 1`, "counts another amount as refunded"},
		{`UPDATE payments SET refunded = 5000`, "counts another amount as refunded"},
		{`UPDATE payments SET merchant_fee = merchant_fee + 1`, "gave the merchant another amount"},
		{`UPDATE payments SET payer_fee = payer_fee + 1`, "took another amount"},
		{`UPDATE payments SET discount = discount + 1`, "took another amount"},
		{`UPDATE payments SET app_id = 2`, "its order is not paid by it"},
		{`UPDATE payments SET wallet_id = wallet_id + 1`, "took another amount"},
		{`INSERT INTO payments SELECT 5, order_id + 1, app_id, wallet_id, channel, amount, 0, 0, 0, 0, at, binding_id, bank_code, masked_card FROM payments LIMIT 1`, "payment 5"},

		{`UPDATE payments SET at = 1`, "another fee, discount or time"},
		{`UPDATE payments SET discount = discount + 1, payer_fee = payer_fee + 1`, "another fee, discount or time"},
		{`UPDATE refunds SET fee = fee + 1, amount = amount + 1 WHERE state = 'succeeded'`, "has another amount or fee"},
		{`UPDATE accounts SET floor = -1 WHERE id % 16 = 4`, "has a floor or a stop"},
		{`UPDATE accounts SET no_debits_at = 1 WHERE id = 614`, "has a floor or a stop"},

		{`DELETE FROM refunds WHERE state = 'succeeded'`, "says refund, but there is none"},
		{`UPDATE refunds SET amount = amount + 1 WHERE state = 'succeeded'`, "counts another amount"},
		{`UPDATE refunds SET fee = fee + 1 WHERE state = 'succeeded'`, "gave the payer another amount"},
		{`UPDATE refunds SET state = 'failed' WHERE state = 'succeeded'`, "says refund, but there is none"},
		{`UPDATE refunds SET state = 'succeeded' WHERE state = 'failed'`, "succeeded without an entry"},
		{`UPDATE refunds SET app_id = 2 WHERE state = 'succeeded'`, "is of another app's payment"},
		{`UPDATE refunds SET payment = 77 WHERE state = 'failed'`, "is of another app's payment"},
		{`UPDATE refunds SET state = 'unheard' WHERE state = 'failed'`, "is in no state"},

		{`DELETE FROM disbursements WHERE state = 'succeeded'`, "says disbursement, but none was paid out"},
		{`UPDATE disbursements SET state = 'failed' WHERE state = 'succeeded'`, "says disbursement, but none was paid out"},
		{`UPDATE disbursements SET number = number + 1000 WHERE state = 'succeeded'`, "was paid out without an entry"},
		{`UPDATE disbursements SET state = 'succeeded' WHERE state = 'failed'`, "was paid out without an entry"},
		{`UPDATE entries SET reason = 'topup' WHERE reason = 'disbursement'`, "was paid out without an entry"},
		{`UPDATE entries SET reason = 'disbursement' WHERE reason = 'funding'`, "says disbursement, but none was paid out"},
		{`UPDATE disbursements SET amount = amount + 1 WHERE state = 'succeeded'`, "gave its wallet another amount"},
		{`UPDATE disbursements SET wallet_id = wallet_id + 1 WHERE state = 'succeeded'`, "gave its wallet another amount"},
		{`UPDATE disbursements SET app_id = 2 WHERE state = 'succeeded'`, "took another one from its app"},
		{`UPDATE disbursements SET state = 'failed' WHERE state = 'pending'`, "open in one that is"},
		{`UPDATE disbursements SET state = 'pending' WHERE state = 'failed'`, "is closed in a state that is none of an end"},
		{`UPDATE disbursements SET due_at = NULL WHERE state = 'pending'`, "is closed in a state that is none of an end"},
		{`UPDATE disbursements SET closed_at = 1 WHERE state = 'pending'`, "is closed in a state that is none of an end"},
		{`UPDATE disbursements SET due_at = 1 WHERE state = 'failed'`, "open in one that is"},
		{`UPDATE disbursements SET due_at = 1 WHERE state = 'held'`, "open in one that is"},
		{`UPDATE disbursements SET closed_at = 1 WHERE state = 'held'`, "is closed in a state that is none of an end"},
		{`UPDATE disbursements SET state = 'held' WHERE state = 'failed'`, "is closed in a state that is none of an end"},
		{`UPDATE disbursements SET state = 'unheard' WHERE state = 'pending'`, "is closed in a state that is none of an end"},
		{`DELETE FROM accounts WHERE id % 16 = 7`, "has no account"},
		{`UPDATE accounts SET floor = NULL WHERE id % 16 = 7`, "has no floor"},
		{`UPDATE accounts SET floor = -1 WHERE id % 16 = 7`, "has the floor"},

		{`DELETE FROM deliveries`, "no callback was ever owed"},
		{`UPDATE deliveries SET subject = 'other'`, "no callback was ever owed"},
		{`UPDATE deliveries SET order_id = 77`, "no callback was ever owed"},
		{`INSERT INTO deliveries SELECT 5, app_id, subject, order_id, url, body, state, 0, 0, created_at, due_at, 0, '' FROM deliveries LIMIT 1`, "more than one callback"},
		{`INSERT INTO deliveries SELECT 5, 1, 'order', id, '', x'7b7d', 'failed', 0, 0, 1, NULL, 0, '' FROM orders WHERE state = 'created'`, "is not paid, but a callback was owed"},
		{`UPDATE deliveries SET attempts = 0`, "has more attempts than it counts"},
		{`UPDATE attempts SET delivery_id = 77`, "is of a callback that is not there"},

		{`DELETE FROM wallets WHERE locked_at IS NULL`, "belongs to nobody"},
		{`UPDATE wallets SET locked_at = NULL`, "account is stopped, but the wallet is not"},
		{`DELETE FROM apps`, "belongs to nobody"},
		{`DELETE FROM numbers`, "was never reserved"},
		{`UPDATE numbers SET next = 2`, "was never reserved"},

		// What nothing else repeats can't be held against anything.
		{`DELETE FROM orders WHERE state = 'created'`, ""},
		{`UPDATE orders SET app_user = 'x', embed_data = 'x', token = 'x'`, ""},
		{`UPDATE deliveries SET body = x'00', url = 'x'`, ""},
		{`UPDATE refunds SET amount = amount + 1 WHERE state = 'failed'`, ""},
		{`DELETE FROM refunds WHERE state = 'failed'`, ""},
		{`DELETE FROM disbursements WHERE state <> 'succeeded'`, ""},
		{`UPDATE disbursements SET amount = amount + 1 WHERE state = 'pending'`, ""},
		{`UPDATE wallets SET pin_hash = 'x', name = 'x', phone = 'x' || id`, ""},
		{`UPDATE apps SET key1 = 'x', fee_bp = 0`, ""},
		{`DELETE FROM attempts`, ""}, // as after a crash between the call and its record
		{`DELETE FROM settings`, ""},
	} {
		done, err := db.ExecContext(t.Context(), c.damage)
		if err != nil {
			t.Fatalf("%s: %v", c.damage, err)
		}
		if n, err := done.RowsAffected(); n == 0 || err != nil {
			t.Fatalf("%s: %d rows damaged, %v", c.damage, n, err)
		}
		r := verify(t, s)
		if c.want == "" && !r.OK() {
			t.Errorf("%s: found after all: %q", c.damage, r.Problems)
		}
		if !strings.Contains(strings.Join(r.Problems, "\n"), c.want) {
			t.Errorf("%s: found %q, want %q", c.damage, r.Problems, c.want)
		}
		mend()
		if r := verify(t, s); !r.OK() {
			t.Fatalf("%s, and mended: %q", c.damage, r.Problems)
		}
	}
}

// backup keeps a copy of every table and returns what puts it back.
func backup(t *testing.T, db *sql.DB) (mend func()) {
	t.Helper()
	exec := func(format, table string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), fmt.Sprintf(format, table)); err != nil {
			t.Fatalf("%s: %v", table, err)
		}
	}
	tables := []string{
		"settings", "numbers", "apps", "wallets", "accounts", "entries", "postings", "orders", "payments", "refunds", "deliveries", "attempts",
		"charges", "cards", "bindings", "campaigns", "settlements", "settlement_lines", "disbursements",
	}
	for _, table := range tables {
		exec("CREATE TABLE copy_of_%[1]s AS SELECT * FROM %[1]s", table)
	}
	return func() {
		t.Helper()
		for _, table := range tables {
			exec("DELETE FROM %[1]s", table)
			exec("INSERT INTO %[1]s SELECT * FROM copy_of_%[1]s", table)
		}
	}
}

// verify looks through the ledger twice: as everybody does, and with a query for
// every rule. Both must find the same.
func verify(t *testing.T, s *store.Store) *store.Report {
	t.Helper()
	const several = 3
	return verifyBy(t, s, several)
}

// verifyBy is verify with so many processors for the time in doubt.
func verifyBy(t *testing.T, s *store.Store, processors int) *store.Report {
	t.Helper()
	r, err := s.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	whole, err := s.VerifyInDoubt(t.Context(), processors)
	if err != nil {
		t.Fatal(err)
	}
	if one, other := slices.Sorted(slices.Values(r.Problems)), slices.Sorted(slices.Values(whole.Problems)); !slices.Equal(one, other) {
		t.Errorf("without doubt %q was found, in doubt %q", one, other)
	}
	return r
}

// TestVerifyEveryPosting changes and deletes each single posting.
func TestVerifyEveryPosting(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	furnish(t, s)
	db := raw(t, dir)
	all := int(verify(t, s).Postings)
	if all < 8 {
		t.Fatalf("%d postings only", all)
	}
	for n := range all {
		var entry, account, amount int64
		row := db.QueryRowContext(t.Context(), `SELECT entry_id, account_id, amount FROM postings ORDER BY entry_id, account_id LIMIT 1 OFFSET ?`, n)
		if err := row.Scan(&entry, &account, &amount); err != nil {
			t.Fatal(err)
		}
		for _, damage := range []string{
			`UPDATE postings SET amount = -amount WHERE entry_id = ? AND account_id = ?`,
			`UPDATE postings SET account_id = account_id + 1000 WHERE entry_id = ? AND account_id = ?`,
			`DELETE FROM postings WHERE entry_id = ? AND account_id = ?`,
		} {
			if _, err := db.ExecContext(t.Context(), damage, entry, account); err != nil {
				t.Fatal(err)
			}
			if verify(t, s).OK() {
				t.Errorf("%s: not found for posting %d of entry %d", damage, account, entry)
			}
			mend := `DELETE FROM postings WHERE entry_id = ?1 AND account_id IN (?2, ?2 + 1000)`
			if _, err := db.ExecContext(t.Context(), mend, entry, account); err != nil {
				t.Fatal(err)
			}
			if _, err := db.ExecContext(t.Context(), `INSERT INTO postings VALUES (?, ?, ?)`, entry, account, amount); err != nil {
				t.Fatal(err)
			}
		}
	}
	if r := verify(t, s); !r.OK() {
		t.Errorf("after mending: %q", r.Problems)
	}
}
