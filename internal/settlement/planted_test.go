package settlement_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/ncruces/go-sqlite3/driver"

	"sen/internal/bank"
	"sen/internal/merchant"
	"sen/internal/pay"
	"sen/internal/pgtest"
	"sen/internal/settlement"
	"sen/internal/store"
)

// A plain day is one with one of everything, which was closed.
type plainDay struct {
	dir    string
	app    merchant.App
	day    pay.Day
	others settlement.Others
	names  *strings.Replacer // of what damage is about
	failed int64             // charge of an order that was paid otherwise
	unpaid string
}

func makePlainDay(t *testing.T) plainDay {
	t.Helper()
	s := open(t, 1)
	day, app := s.day(), s.apps[0]
	pays := func() pay.Payment {
		p, err := s.Pay.PayFromWallet(t.Context(), s.order(app).Key, s.wallet.ID)
		s.must(err)
		return p
	}
	one := pays()
	for range 20 {
		pays()
	}
	byCard := func(n bank.Number) pay.Order {
		o := s.order(app)
		s.byCard(o, n)
		return o
	}
	card := byCard("4111111111111111")
	s.refund(card)
	s.refund(byCard("9704990000000018"))
	unpaid, twice := s.order(app), s.order(app)
	s.byCard(twice, "9704540000000047")
	failed, err := s.Pay.LastCharge(t.Context(), twice.Key)
	s.must(err)
	_, err = s.Pay.PayFromWallet(t.Context(), twice.Key, s.wallet.ID)
	s.must(err)
	back := s.order(app)
	_, err = s.Pay.PayFromWallet(t.Context(), back.Key, s.wallet.ID)
	s.must(err)
	s.refund(back)
	s.work()
	s.acknowledge()
	s.move(day.End().Add(time.Hour).Sub(s.Clock.Now()))
	pays()
	s.acknowledge()
	_, err = s.Pay.SettleDay(t.Context(), app.ID, day)
	s.must(err)
	s.move(24 * time.Hour)
	_, err = s.Pay.SettleDay(t.Context(), app.ID, day.Next())
	s.must(err)
	b, err := s.Store.Books(t.Context(), app, day, settlement.Others{})
	s.must(err)
	refunded := b.Refunds[slices.IndexFunc(b.Refunds, func(r settlement.Back) bool { return r.Channel == pay.WalletChannel })]
	d := plainDay{dir: s.Place, app: app, day: day, others: s.others(app, day), failed: failed.Number, unpaid: unpaid.AppTransID}
	d.names = strings.NewReplacer("$PAYMENT", fmt.Sprint(one.Number), "$ORDER", fmt.Sprint(int64(one.Order)), "$REFUND", fmt.Sprint(refunded.Number),
		"$UNPAID", unpaid.AppTransID, "$DAY", string(day), "$NEXT", string(day.Next()), "$APP", fmt.Sprint(app.ID),
		"$PAYABLE", fmt.Sprint(int64(app.ID)*16+2), "$NET", fmt.Sprint(int64(one.Amount-one.MerchantFee)), "$AMOUNT", fmt.Sprint(int64(one.Amount)),
		"$FEE", fmt.Sprint(int64(one.MerchantFee)), "$AT", fmt.Sprint(one.At.UnixMicro()), "$FREE", fmt.Sprint(one.Number+999))
	s.must(s.Store.Close())
	return d
}

// copied opens a copy of the day's database with a damage.
func (d plainDay) copied(t *testing.T, damage string) *store.Store {
	t.Helper()
	dir := t.TempDir()
	data, err := os.ReadFile(filepath.Join(d.dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, store.FileName)
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+name+"?_pragma=ignore_check_constraints(on)&_pragma=synchronous(off)")
	if err != nil {
		t.Fatal(err)
	}
	for statement := range strings.SplitSeq(d.names.Replace(damage), ";") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		done, err := db.ExecContext(t.Context(), statement)
		if err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			t.Fatalf("%s damaged nothing (%v)", statement, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// leaveDay takes a payment out of the settlement of its day.
const leaveDay = `UPDATE settlements SET payments = payments - 1, payment_amount = payment_amount - $AMOUNT,
	fee_amount = fee_amount + $FEE, carried_out = carried_out - $NET WHERE day = '$DAY' AND app_id = $APP;`

// damages are what can be wrong in the gateway's own books.
var damages = map[settlement.Kind]string{
	settlement.CallbackMissing: `DELETE FROM deliveries WHERE order_id = $ORDER`,
	settlement.CallbackFailed:  `UPDATE deliveries SET state = 'failed' WHERE order_id = $ORDER`,
	settlement.CallbackDiffers: `UPDATE deliveries SET body = CAST(replace(CAST(body AS TEXT), '"amount\":', '"amount\":1') AS BLOB) WHERE order_id = $ORDER`,
	settlement.OrderUnbooked:   `UPDATE orders SET state = 'paid', payment = 999, closed_at = $AT WHERE app_trans_id = '$UNPAID'`,
	settlement.PaymentUnbooked: `DELETE FROM entries WHERE id = $PAYMENT`,
	settlement.RefundUnbooked:  `DELETE FROM entries WHERE id = $REFUND`,
	settlement.EntryStray: `INSERT INTO entries (id, reason, at) VALUES ($FREE, 'payment', $AT);
		INSERT INTO postings (entry_id, account_id, amount) VALUES ($FREE, $PAYABLE, 5), ($FREE, 614, -5);
		UPDATE accounts SET balance = balance + 5 WHERE id = $PAYABLE`,
	settlement.EntryDiffers: `UPDATE postings SET amount = amount + 1 WHERE entry_id = $PAYMENT AND account_id = $PAYABLE;
		UPDATE accounts SET balance = balance + 1 WHERE id = $PAYABLE`,
	settlement.FeeDiffers:      `UPDATE fee_rates SET fee_bp = fee_bp + 50 WHERE app_id = $APP`,
	settlement.SettlementTotal: `UPDATE settlements SET payment_amount = payment_amount + 1, carried_out = carried_out + 1 WHERE day = '$DAY' AND app_id = $APP`,
	settlement.SettlementEntry: `UPDATE settlements SET paid_out = paid_out + 1, carried_out = carried_out - 1 WHERE day = '$DAY' AND app_id = $APP`,
	settlement.SettlementDay: leaveDay + `UPDATE settlement_lines SET day = '$NEXT' WHERE entry_id = $PAYMENT;
		UPDATE settlements SET payments = payments + 1, payment_amount = payment_amount + $AMOUNT, fee_amount = fee_amount - $FEE,
			carried_in = carried_in - $NET WHERE day = '$NEXT' AND app_id = $APP`,
	settlement.SettlementMissing: leaveDay + `DELETE FROM settlement_lines WHERE entry_id = $PAYMENT`,
	settlement.BalanceDiffers:    `UPDATE accounts SET balance = balance + 1 WHERE id = $PAYABLE`,
}

func isRefund(c settlement.Claim) bool  { return c.MRefundID != "" }
func isPayment(c settlement.Claim) bool { return c.MRefundID == "" }
func isCharge(m settlement.Moved) bool  { return m.Charge == 0 }

// without leaves out the first that is so.
func without[T any](all []T, is func(T) bool) []T {
	i := slices.IndexFunc(all, is)
	return slices.Delete(slices.Clone(all), i, i+1)
}

// changed changes the first that is so.
func changed[T any](all []T, is func(T) bool, change func(*T)) []T {
	all = slices.Clone(all)
	change(&all[slices.IndexFunc(all, is)])
	return all
}

// lies are what can be wrong at the others.
var lies = map[settlement.Kind]func(plainDay, *settlement.Others){
	settlement.UnknownThere: func(_ plainDay, o *settlement.Others) { o.Claims = without(o.Claims, isPayment) },
	settlement.UnknownHere: func(_ plainDay, o *settlement.Others) {
		o.Claims = append(o.Claims, settlement.Claim{Line: 99, AppTransID: "260102_none", Amount: 5, Status: settlement.Succeeded})
	},
	settlement.UnpaidHere: func(d plainDay, o *settlement.Others) {
		o.Claims = append(o.Claims, settlement.Claim{Line: 99, AppTransID: d.unpaid, Amount: 5, Status: settlement.Succeeded})
	},
	settlement.AmountDiffers: func(_ plainDay, o *settlement.Others) {
		o.Claims = changed(o.Claims, isPayment, func(c *settlement.Claim) { c.Amount++ })
	},
	settlement.StatusDiffers: func(_ plainDay, o *settlement.Others) {
		o.Claims = changed(o.Claims, isPayment, func(c *settlement.Claim) { c.Status = settlement.Failed })
	},
	settlement.NumberDiffers: func(_ plainDay, o *settlement.Others) {
		o.Claims = changed(o.Claims, isPayment, func(c *settlement.Claim) { c.Payment++ })
	},
	settlement.WrongDay: func(d plainDay, o *settlement.Others) {
		o.Claims = changed(o.Claims, isPayment, func(c *settlement.Claim) { c.Day = d.day.Next() })
	},
	settlement.DuplicateLine:      func(_ plainDay, o *settlement.Others) { o.Claims = append(o.Claims, o.Claims[0]) },
	settlement.RefundUnknownThere: func(_ plainDay, o *settlement.Others) { o.Claims = without(o.Claims, isRefund) },
	settlement.RefundUnknownHere: func(_ plainDay, o *settlement.Others) {
		o.Claims = append(o.Claims, settlement.Claim{Line: 99, MRefundID: "260102_1_none", Amount: 5, Status: settlement.Succeeded})
	},
	settlement.RefundAmount: func(_ plainDay, o *settlement.Others) {
		o.Claims = changed(o.Claims, isRefund, func(c *settlement.Claim) { c.Amount++ })
	},
	settlement.RefundStatus: func(_ plainDay, o *settlement.Others) {
		o.Claims = changed(o.Claims, isRefund, func(c *settlement.Claim) { c.Status = settlement.Processing })
	},
	settlement.ChannelLacks: func(_ plainDay, o *settlement.Others) { o.Moved = without(o.Moved, isCharge) },
	settlement.ChannelMore: func(_ plainDay, o *settlement.Others) {
		o.Moved = append(o.Moved, settlement.Moved{Line: 99, Ref: 260102000999999, Amount: 5})
	},
	settlement.ChannelAmount: func(_ plainDay, o *settlement.Others) {
		o.Moved = changed(o.Moved, isCharge, func(m *settlement.Moved) { m.Amount++ })
	},
	settlement.ChannelTwice: func(d plainDay, o *settlement.Others) {
		o.Moved = append(o.Moved, settlement.Moved{Line: 99, Ref: d.failed, Amount: 5})
	},
}

// TestPlanted plants one difference of each kind, and wants exactly that named.
func TestPlanted(t *testing.T) {
	t.Parallel()
	if pgtest.Wanted() {
		t.Skip("not run: damage is done to a copy of the embedded database; what is compared is the same on all")
	}
	day := makePlainDay(t)
	if len(day.others.Claims) < 20 || len(day.others.Moved) < 3 {
		t.Fatalf("a day with %d claims and %d movements at the bank", len(day.others.Claims), len(day.others.Moved))
	}
	found := func(t *testing.T, s *store.Store, o settlement.Others) []settlement.Difference {
		t.Helper()
		b, err := s.Books(context.Background(), day.app, day.day, o)
		if err != nil {
			t.Fatal(err)
		}
		return settlement.Reconcile(b, o)
	}
	if all := found(t, day.copied(t, ""), day.others); len(all) != 0 {
		t.Fatalf("before anything was planted: %+v", all)
	}
	for _, kind := range settlement.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			o, lie := day.others, lies[kind]
			if lie == nil && damages[kind] == "" {
				t.Fatal("nobody plants it")
			}
			if lie != nil {
				lie(day, &o)
			}
			all := found(t, day.copied(t, damages[kind]), o)
			if len(all) == 0 {
				t.Error("not found")
			}
			for _, d := range all {
				if d.Kind != kind || d.Ours == d.Theirs || d.Kind.Advice() == "" {
					t.Errorf("found %+v", d)
				}
			}
			if all2 := len(all); all2 > 1 && kind != settlement.FeeDiffers {
				t.Errorf("named %d times: %+v", all2, all)
			}
		})
	}
}
