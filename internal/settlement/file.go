// Package settlement writes what merchants get of a day that is closed, as files
// with a signature, and holds what the gateway, its channels and a merchant know
// of a day against each other.
package settlement

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sen"
	"sen/internal/fault"
	"sen/internal/id"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

// A Line is a movement of a merchant's money, as it was settled.
type Line struct {
	Number      int64 // of the movement
	Kind        ledger.Reason
	At          time.Time
	AppTransID  string
	Payment     int64  // that was made, or given back
	MRefundID   string // of a refund and its reversal
	Amount      money.Amount
	Fee         money.Amount // not positive
	Net         money.Amount
	Channel     pay.Channel
	BankCode    string
	Description string // of the order, or of the refund
}

// kinds are the names that files have for movements.
var kinds = map[ledger.Reason]string{
	ledger.Payment: "payment", ledger.Refund: "refund", ledger.RefundReversal: "reversal", ledger.Payout: "payout",
}

var lineHeader = []string{
	"day", "app_id", "kind", "number", "time", "app_trans_id", "zp_trans_id", "m_refund_id",
	"amount", "fee", "net", "channel", "bank_code", "description",
}

var dayHeader = []string{
	"day", "app_id", "settlement", "time", "payments", "payment_amount", "fee_amount", "refunds", "refund_amount",
	"reversals", "reversal_amount", "payouts", "payout_amount", "net", "carried_in", "paid_back", "paid_out", "carried_out",
}

// The names of the two files of an app's day, and of what signs a file.
const (
	Transactions = "transactions"
	Totals       = "settlement"
	MACSuffix    = ".mac"
)

// FileName is how a file of an app's day is called.
func FileName(what string, app merchant.ID, day pay.Day) string {
	return fmt.Sprintf("%s-%d-%s.csv", what, app, day)
}

// A File is a file and the signature that goes beside it.
type File struct {
	Name string
	Data []byte
	MAC  []byte // what the file Name + MACSuffix has
}

// Files writes both files of a settlement, signed with the app's key2.
func Files(app merchant.App, st pay.Settlement, lines []Line) []File {
	rows := make([][]string, 0, len(lines))
	for _, l := range lines {
		rows = append(rows, l.row(st))
	}
	return []File{
		signed(app, FileName(Totals, st.App, st.Day), write(dayHeader, [][]string{dayRow(st)})),
		signed(app, FileName(Transactions, st.App, st.Day), write(lineHeader, rows)),
	}
}

func signed(app merchant.App, name string, data []byte) File {
	return File{Name: name, Data: data, MAC: []byte(sen.Sign(app.Key2, data) + "  " + name + "\n")}
}

// Errors about signatures.
var (
	ErrMACForm  = fault.New(fault.Invalid, "file_mac_form", "The file with the signature must begin with 64 hexadecimal digits.")
	ErrMACWrong = fault.New(fault.Declined, "file_mac_wrong", "The signature does not belong to this file and this key2: the file was changed, it is another app's, or the key was rotated since.")
)

// Verify tells whether the signature is that of the data under key2.
func Verify(key2 string, data, mac []byte) error {
	text := strings.TrimSpace(strings.TrimPrefix(string(mac), "\ufeff"))
	text, _, _ = strings.Cut(text, " ")
	if len(text) != sen.MACLength || strings.Trim(strings.ToLower(text), "0123456789abcdef") != "" {
		return ErrMACForm
	}
	if !sen.Verify(key2, data, text) {
		return ErrMACWrong
	}
	return nil
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// stamp is a time in a file: to the microsecond, at GMT+7.
func stamp(at time.Time) string { return at.In(id.Vietnam).Format("2006-01-02T15:04:05.000000-07:00") }

func (l Line) row(st pay.Settlement) []string {
	return []string{
		string(st.Day), number(int64(st.App)), kinds[l.Kind], number(l.Number), stamp(l.At), Harmless(l.AppTransID), number(l.Payment),
		Harmless(l.MRefundID), l.Amount.Digits(), l.Fee.Digits(), l.Net.Digits(), number(int64(l.Channel)),
		Harmless(l.BankCode), Harmless(l.Description),
	}
}

func dayRow(st pay.Settlement) []string {
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	return []string{
		string(st.Day), number(int64(st.App)), number(st.Entry), stamp(st.At), count(st.Payments), st.PaymentAmount.Digits(),
		st.FeeAmount.Digits(), count(st.Refunds), st.RefundAmount.Digits(), count(st.Reversals), st.ReversalAmount.Digits(),
		count(st.Payouts), st.PayoutAmount.Digits(), st.Net().Digits(), st.CarriedIn.Digits(), st.PaidBack.Digits(),
		st.PaidOut.Digits(), st.CarriedOut.Digits(),
	}
}

// write makes a CSV of RFC 4180.
func write(header []string, rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	// A buffer takes everything.
	_ = w.Write(header)
	_ = w.WriteAll(rows)
	return b.Bytes()
}

// formulaStarts are what makes a spreadsheet take a text for a formula. The
// apostrophe is among them so that Plain knows which one is ours.
const formulaStarts = "=+-@\t\r\n'|%＝＋－＠"

// Harmless puts an apostrophe before a text that a spreadsheet would take for a
// formula.
func Harmless(text string) string {
	if strings.ContainsAny(firstRune(strings.TrimLeft(text, " ")), formulaStarts) {
		return "'" + text
	}
	return text
}

// Plain takes the apostrophe away again.
func Plain(text string) string {
	rest, ok := strings.CutPrefix(text, "'")
	if ok && Harmless(rest) == text {
		return rest
	}
	return text
}

func firstRune(text string) string {
	for i := range text {
		if i > 0 {
			return text[:i]
		}
	}
	return text
}
