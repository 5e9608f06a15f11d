package settlement

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"sen/internal/fault"
	"sen/internal/id"
	"sen/internal/money"
	"sen/internal/pay"
)

// Status is what somebody says became of a payment or a refund.
type Status string

// The statuses.
const (
	Succeeded  Status = "success"
	Failed     Status = "failed"
	Processing Status = "processing"
)

// A Claim is a line of a merchant's own file.
type Claim struct {
	Line       int // in the file, from 1
	AppTransID string
	MRefundID  string // of a refund
	Payment    int64  // 0: not said
	Amount     money.Amount
	Status     Status
	Day        pay.Day // "": not said
}

// A Moved is a line of a channel's report: money that it took or gave back.
type Moved struct {
	Line   int
	Ref    int64
	Charge int64 // of a refund
	Amount money.Amount
	At     time.Time // zero: not said
}

// ErrFile refuses a file that can't be read. Its detail names every bad line.
var ErrFile = fault.New(fault.Invalid, "file_invalid", "The file can't be read.")

// maxComplaints is how many bad lines are named.
const maxComplaints = 20

// ReadClaims reads a merchant's file: CSV with a header, columns in any order,
// others than ours ignored. It needs app_trans_id or m_refund_id, and amount.
func ReadClaims(data []byte) ([]Claim, error) {
	t, err := readTable(data, "amount")
	if err != nil {
		return nil, err
	}
	if !t.has("app_trans_id") && !t.has("m_refund_id") {
		return nil, ErrFile.On("line 1", "the header names neither app_trans_id nor m_refund_id")
	}
	all := []Claim{}
	for _, r := range t.rows {
		c, err := r.claim()
		t.complain(r, err)
		all = append(all, c)
	}
	return all, t.failure()
}

func (r record) claim() (c Claim, err error) {
	c = Claim{Line: r.line, AppTransID: Plain(r.get("app_trans_id")), MRefundID: Plain(r.get("m_refund_id"))}
	if c.AppTransID == "" && c.MRefundID == "" {
		return c, errors.New("neither app_trans_id nor m_refund_id is there")
	}
	if c.Amount, err = readAmount(r.get("amount")); err != nil {
		return c, err
	}
	if c.Payment, err = readNumber("zp_trans_id", r.get("zp_trans_id")); err != nil {
		return c, err
	}
	if c.Status, err = readStatus(r.get("status")); err != nil {
		return c, err
	}
	at, err := readTime(r.get("time"))
	if err == nil && !at.IsZero() {
		c.Day = pay.DayOf(at)
	}
	return c, err
}

var moveHeader = []string{"ref", "kind", "charge", "amount", "status", "time"}

// ReadMoved reads a channel's report: columns ref and amount, and charge of a
// refund. Of one with a column status only what was approved counts.
func ReadMoved(data []byte) ([]Moved, error) {
	t, err := readTable(data, "ref", "amount")
	if err != nil {
		return nil, err
	}
	all := []Moved{}
	for _, r := range t.rows {
		m, counts, err := r.moved()
		t.complain(r, err)
		if counts {
			all = append(all, m)
		}
	}
	return all, t.failure()
}

func (r record) moved() (m Moved, counts bool, err error) {
	m.Line = r.line
	if m.Ref, err = readNumber("ref", r.get("ref")); err == nil && m.Ref == 0 {
		err = errors.New("ref is empty")
	}
	if err != nil {
		return m, false, err
	}
	if m.Charge, err = readNumber("charge", r.get("charge")); err != nil {
		return m, false, err
	}
	status := strings.ToLower(r.get("status"))
	if status != "" && status != "approved" && status != string(Succeeded) {
		return m, false, nil
	}
	if m.Amount, err = readAmount(r.get("amount")); err != nil {
		return m, false, err
	}
	m.At, err = readTime(r.get("time"))
	return m, true, err
}

// WriteMoved writes a channel's report.
func WriteMoved(all []Moved) []byte {
	rows := make([][]string, 0, len(all))
	for _, m := range all {
		kind := "charge"
		if m.Charge != 0 {
			kind = "refund"
		}
		rows = append(rows, []string{number(m.Ref), kind, number(m.Charge), m.Amount.Digits(), "approved", stamp(m.At)})
	}
	return write(moveHeader, rows)
}

// names are other ways to write a column.
var names = map[string]string{
	"apptransid": "app_trans_id", "order_id": "app_trans_id", "mcrefid": "app_trans_id", "zptransid": "zp_trans_id", "zp_transid": "zp_trans_id",
	"mrefundid": "m_refund_id", "refund_id": "m_refund_id", "return_code": "status", "state": "status",
	"paid_at": "time", "day": "time", "date": "time",
}

type table struct {
	columns    map[string]int
	rows       []record
	complaints []complaint
}

type complaint struct {
	line int
	err  error
}

type record struct {
	table  *table
	line   int
	fields []string
}

func (t *table) has(column string) bool {
	_, ok := t.columns[column]
	return ok
}

func (t *table) complain(r record, err error) {
	if err != nil {
		t.complaints = append(t.complaints, complaint{r.line, err})
	}
}

// failure names the lines that are bad, in their order.
func (t *table) failure() error {
	if len(t.complaints) == 0 {
		return nil
	}
	slices.SortFunc(t.complaints, func(a, b complaint) int { return cmp.Compare(a.line, b.line) })
	var texts []string
	for i, c := range t.complaints {
		if i == maxComplaints {
			texts = append(texts, fmt.Sprintf("and %d more", len(t.complaints)-i))
			break
		}
		texts = append(texts, fmt.Sprintf("line %d: %v", c.line, c.err))
	}
	return ErrFile.On("", strings.Join(texts, "; "))
}

func (r record) get(column string) string {
	i, ok := r.table.columns[column]
	if !ok || i >= len(r.fields) {
		return ""
	}
	return strings.TrimSpace(r.fields[i])
}

// readTable reads a CSV with a header, of commas or as Excel writes it where the
// comma is the decimal sign: of semicolons.
func readTable(data []byte, need ...string) (*table, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	first, _, _ := bytes.Cut(data, []byte("\n"))
	in := csv.NewReader(bytes.NewReader(data))
	if !bytes.Contains(first, []byte(",")) && bytes.Contains(first, []byte(";")) {
		in.Comma = ';'
	}
	in.FieldsPerRecord = -1
	header, err := in.Read()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("the file is empty: its first line must name the columns")
		}
		return nil, ErrFile.On("line 1", err.Error())
	}
	t := &table{columns: map[string]int{}}
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		if known := names[name]; known != "" && !slices.Contains(header, known) {
			name = known
		}
		if _, twice := t.columns[name]; twice && name != "" {
			return nil, ErrFile.On("line 1", "the header has the column "+name+" twice")
		}
		t.columns[name] = i
	}
	for _, name := range need {
		if !t.has(name) {
			return nil, ErrFile.On("line 1", "the header has no column "+name)
		}
	}
	return t, t.fill(in, len(header))
}

func (t *table) fill(in *csv.Reader, width int) error {
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return ErrFile.On("", err.Error()) // says the line by itself
		}
		line, _ := in.FieldPos(0)
		r := record{t, line, fields}
		if len(fields) != width {
			t.complain(r, fmt.Errorf("%d fields, but the header has %d", len(fields), width))
			continue
		}
		t.rows = append(t.rows, r)
	}
}

func readAmount(text string) (money.Amount, error) {
	n, err := money.Parse(strings.TrimPrefix(text, "-"))
	if err != nil {
		return 0, fmt.Errorf("amount %q is no whole number of đồng in digits, as in 50000", text)
	}
	return n, nil
}

func readNumber(column, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s %q is no number (a spreadsheet may have rounded it: format the column as text)", column, text)
	}
	return n, nil
}

func readStatus(text string) (Status, error) {
	switch strings.ToLower(text) {
	case "", "success", "succeeded", "paid", "refunded", "ok", "1":
		return Succeeded, nil
	case "failed", "fail", "failure", "declined", "expired", "cancelled", "2", "-1":
		return Failed, nil
	case "processing", "pending", "created", "running", "3":
		return Processing, nil
	}
	return "", fmt.Errorf("status %q is none of success, failed and processing", text)
}

func readTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"} {
		if at, err := time.ParseInLocation(form, text, id.Vietnam); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("time %q is not written like 2026-11-21T08:30:00+07:00 or 2026-11-21", text)
}
