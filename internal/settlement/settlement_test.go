package settlement_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/settlement"
)

// TestBusyDays lets shops trade by chance for some days. What is then in the
// files is in the ledger, to the đồng, and all sides say the same.
func TestBusyDays(t *testing.T) {
	t.Parallel()
	seeds := []uint64{1, 2, 3, 4, rand.Uint64()} //nolint:gosec // the last is new each time, and in the test's name
	for _, seed := range seeds {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			s := open(t, seed)
			for range 250 {
				s.step()
			}
			days := s.end()
			for _, app := range s.apps {
				s.checkApp(app, days)
			}
			report, err := s.Store.Verify(t.Context())
			s.must(err)
			for _, problem := range report.Problems {
				t.Error(problem)
			}
		})
	}
}

func (s *shop) balance(kind ledger.Kind, owner int64) money.Amount {
	s.t.Helper()
	a, err := s.Store.Account(s.t.Context(), ledger.Account(kind, owner))
	s.must(err)
	return a.Balance
}

func (s *shop) checkApp(app merchant.App, days []pay.Day) {
	s.t.Helper()
	var fees, paidBack money.Amount
	var last pay.Settlement
	closed := 0
	for _, day := range days {
		for _, d := range s.differences(app, day, s.others(app, day)) {
			s.t.Errorf("%v %s, where all is well: %+v", app, day, d)
		}
		st, lines, err := s.Store.SettlementLines(s.t.Context(), app.ID, day)
		if errors.Is(err, pay.ErrSettlementNotFound) {
			continue
		}
		s.must(err)
		closed++
		s.checkFiles(app, st, lines)
		if st.CarriedIn != last.CarriedOut {
			s.t.Errorf("%s carries in %v, but %v was carried out", day, st.CarriedIn, last.CarriedOut)
		}
		fees, paidBack, last = fees-st.FeeAmount, paidBack+st.PaidBack, st
	}
	if closed == 0 {
		s.t.Fatalf("%v: no day was closed", app)
	}
	if held := s.balance(ledger.Payable, int64(app.ID)) + s.balance(ledger.Receivable, int64(app.ID)); held != last.CarriedOut {
		s.t.Errorf("%v: payable and receivable hold %v, the last settlement carries %v", app, held, last.CarriedOut)
	}
	if booked := s.balance(ledger.Fees, int64(app.ID)); booked != fees {
		s.t.Errorf("%v: fees of %v in the ledger, of %v in the settlements", app, booked, fees)
	}
	again, err := s.Pay.SettleDay(s.t.Context(), app.ID, s.day().Previous())
	if err != nil || len(again) != 0 {
		s.t.Errorf("closed again: %v, %v", again, err)
	}
}

// checkFiles reads both files as a merchant does.
func (s *shop) checkFiles(app merchant.App, st pay.Settlement, lines []settlement.Line) {
	s.t.Helper()
	files := settlement.Files(app, st, lines)
	for _, f := range files {
		if err := settlement.Verify(app.Key2, f.Data, f.MAC); err != nil {
			s.t.Error(err)
		}
		if err := settlement.Verify(app.Key2, append(f.Data, '\n'), f.MAC); !errors.Is(err, settlement.ErrMACWrong) {
			s.t.Errorf("a file that was changed: %v", err)
		}
	}
	totals := s.rows(files[0].Data)
	if len(totals) != 1 {
		s.t.Fatalf("%d rows of totals", len(totals))
	}
	sums := map[string]int64{}
	for i, row := range s.rows(files[1].Data) {
		number := func(column string) int64 {
			n, err := strconv.ParseInt(row[column], 10, 64)
			s.must(err)
			return n
		}
		sums[row["kind"]] += number("amount")
		sums["fee"] += number("fee")
		sums["net"] += number("net")
		entry, err := s.Store.Booking(s.t.Context(), number("number"))
		s.must(err)
		var net money.Amount
		for _, p := range entry.Postings {
			if k := p.Account.Kind(); k == ledger.Payable || k == ledger.Receivable {
				net += p.Amount
			}
		}
		if int64(net) != number("net") || row["day"] != string(st.Day) {
			s.t.Errorf("the ledger has %v for %v", net, row)
		}
		at, err := time.Parse(time.RFC3339Nano, row["time"])
		if err != nil || !at.Equal(entry.At) || !strings.HasSuffix(row["time"], "+07:00") {
			s.t.Errorf("time %q of an entry of %v", row["time"], entry.At)
		}
		want := strings.ReplaceAll(lines[i].Description, "\r\n", "\n")
		if text := row["description"]; settlement.Plain(text) != want || strings.ContainsAny(first(text), "=+-@") {
			s.t.Errorf("%q became %q", want, text)
		}
	}
	for column, want := range map[string]int64{
		"payment_amount": sums["payment"], "fee_amount": sums["fee"], "refund_amount": sums["refund"],
		"reversal_amount": sums["reversal"], "payout_amount": sums["payout"], "net": sums["net"],
	} {
		if got := totals[0][column]; got != strconv.FormatInt(want, 10) {
			s.t.Errorf("%s %s: %s, the lines make %d", st.Day, column, got, want)
		}
	}
}

func first(text string) string { return text[:min(1, len(text))] }

// rows reads a CSV by the names of its columns.
func (s *shop) rows(data []byte) (all []map[string]string) {
	s.t.Helper()
	records, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
	s.must(err)
	if strings.Count(string(data), "\r\n") < len(records) {
		s.t.Error("lines do not end with CRLF")
	}
	for _, r := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = r[i]
		}
		all = append(all, row)
	}
	return all
}

func (s *shop) differences(app merchant.App, day pay.Day, o settlement.Others) []settlement.Difference {
	s.t.Helper()
	b, err := s.Store.Books(s.t.Context(), app, day, o)
	s.must(err)
	return settlement.Reconcile(b, o)
}

func TestHarmless(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "Trà": "Trà", "=1": "'=1", "+1": "'+1", "-1": "'-1", "@a": "'@a", "\tx": "'\tx", "\rx": "'\rx", "  =1": "'  =1",
		"'x": "''x", "''": "'''", "1-1": "1-1", "＝1": "'＝1",
	} {
		if got := settlement.Harmless(in); got != want || settlement.Plain(got) != in {
			t.Errorf("%q became %q, and %q again", in, got, settlement.Plain(got))
		}
	}
}

// TestReadClaims reads files as merchants have them, and says which lines are bad.
func TestReadClaims(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, want string }{
		{"plain", "app_trans_id,amount\n261121_1,50000\n", "[{Line:2 AppTransID:261121_1 MRefundID: Payment:0 Amount:50.000 ₫ Status:success Day:}]"},
		{"of Excel", "\ufeffStatus;Ghi chú;ZP_Trans_ID;Amount;App_Trans_ID\r\n3;\"a;\nb\";261121000000001;7;x\r\n", "[{Line:2 AppTransID:x MRefundID: Payment:261121000000001 Amount:7 ₫ Status:processing Day:}]"},
		{"days", "time,app_trans_id,amount,return_code\n2026-11-21T17:30:00Z,a,1,2\n2026-11-21,b,1,1\n", "[{Line:2 AppTransID:a MRefundID: Payment:0 Amount:1 ₫ Status:failed Day:2026-11-22} {Line:3 AppTransID:b MRefundID: Payment:0 Amount:1 ₫ Status:success Day:2026-11-21}]"},
		{"refunds", "m_refund_id,amount\n'-x,-5\n", "[{Line:2 AppTransID: MRefundID:-x Payment:0 Amount:5 ₫ Status:success Day:}]"},
		{"nothing but a header", "app_trans_id,amount\n", "[]"},
		{"empty", "", "[line 1] (the file is empty: its first line must name the columns)"},
		{"no amount", "app_trans_id,sum\n", "[line 1] (the header has no column amount)"},
		{"no key", "amount\n", "[line 1] (the header names neither app_trans_id nor m_refund_id)"},
		{"twice", "amount,amount,app_trans_id\n", "[line 1] (the header has the column amount twice)"},
		{
			"bad lines", "app_trans_id,amount,status,zp_trans_id,time\na,1.000,,,\nb,1,maybe,,\n,1,,,\nc,1,,2.6E+14,\nd,1,,,today\ne,1\n",
			"(line 2: amount \"1.000\" is no whole number of đồng in digits, as in 50000; line 3: status \"maybe\" is none of success, failed and processing; " +
				"line 4: neither app_trans_id nor m_refund_id is there; line 5: zp_trans_id \"2.6E+14\" is no number (a spreadsheet may have rounded it: format the column as text); " +
				"line 6: time \"today\" is not written like 2026-11-21T08:30:00+07:00 or 2026-11-21; line 7: 2 fields, but the header has 5)",
		},
		{"quotes", "app_trans_id,amount\n\"a,1\n", "(parse error on line 2, column 6: extraneous or missing \" in quoted-field)"},
	} {
		all, err := settlement.ReadClaims([]byte(c.file))
		got := fmt.Sprintf("%+v", all)
		if err != nil {
			got = strings.TrimPrefix(err.Error(), settlement.ErrFile.Error())
		}
		if !strings.HasSuffix(got, c.want) {
			t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestVerifyForm(t *testing.T) {
	t.Parallel()
	for _, mac := range []string{"", "zz", strings.Repeat("g", 64)} {
		if err := settlement.Verify("key", nil, []byte(mac)); !errors.Is(err, settlement.ErrMACForm) {
			t.Errorf("%q: %v", mac, err)
		}
	}
}
