// Package bank is the way to money outside: cards and the banks behind them.
// Channel is what the gateway needs of it; Simulator is one that a sandbox can
// live with.
package bank

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"sen/internal/fault"
	"sen/internal/money"
)

// A Number is a card number: digits only. It prints masked, so that it can't
// get into a log by accident.
type Number string

// ErrCard refuses what can't be a card.
var ErrCard = fault.New(fault.Invalid, "card_invalid", "The card can't be used.")

const (
	minDigits = 13
	maxDigits = 19
)

// ParseNumber reads a card number as people type it, with spaces or hyphens.
// International numbers must have the right check digit; domestic ones are
// checked by their bank.
func ParseNumber(s string) (Number, error) {
	n := Number(strings.NewReplacer(" ", "", "-", "").Replace(s))
	if len(n) < minDigits || len(n) > maxDigits || strings.Trim(string(n), "0123456789") != "" {
		return "", ErrCard.On("card_number", "must have 13 to 19 digits")
	}
	if !n.Domestic() && !n.luhn() {
		return "", ErrCard.On("card_number", "has a wrong digit in it")
	}
	if n.Scheme() == "" {
		return "", ErrCard.On("card_number", "is of a kind that is not taken here")
	}
	return n, nil
}

// Domestic reports whether a bank in Vietnam issued the card: their numbers
// begin with 9704.
func (n Number) Domestic() bool { return strings.HasPrefix(string(n), "9704") }

// Scheme names whose card it is, or "" if nobody here takes it.
func (n Number) Scheme() string {
	switch {
	case n.Domestic():
		return "NAPAS"
	case n[0] == '4':
		return "VISA"
	case n[:2] >= "51" && n[:2] <= "55", n[:4] >= "2221" && n[:4] <= "2720":
		return "MASTERCARD"
	case n[:4] >= "3528" && n[:4] <= "3589":
		return "JCB"
	}
	return ""
}

// Masked returns the first six and the last four digits, as in
// 411111******1111.
func (n Number) Masked() string {
	if len(n) < minDigits {
		return "******"
	}
	return string(n[:6]) + strings.Repeat("*", len(n)-10) + string(n[len(n)-4:])
}

// String returns the number masked.
func (n Number) String() string { return n.Masked() }

// Format prints the number masked, whatever the verb: those for numbers and for
// bytes would go past String.
func (n Number) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, n.Masked()) }

// LogValue returns the number masked.
func (n Number) LogValue() slog.Value { return slog.StringValue(n.Masked()) }

// MarshalText returns the number masked: what is written as JSON leaves the
// process.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.Masked()), nil }

func (n Number) luhn() bool {
	sum := 0
	for i := range len(n) {
		d := int(n[len(n)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// A Card is what a holder types in. It is never kept in this form.
type Card struct {
	Number Number
	Expiry string // MMYY; of a domestic card the month of issue
	CVV    string `json:"-"` // of an international card; used once, kept nowhere
}

// String returns the card masked.
func (c Card) String() string { return c.Number.Masked() }

// Format prints the card masked, whatever the verb.
func (c Card) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.Number.Masked()) }

// LogValue returns the card masked.
func (c Card) LogValue() slog.Value { return c.Number.LogValue() }

// An Issuer is a bank by the first six digits of its cards.
type Issuer struct {
	Code string // bank code on the wire: SBI, CC for every international one
	Name string
}

// International is the bank code of every international card.
const International = "CC"

// IssuerOf returns who issued the card.
func IssuerOf(n Number) Issuer {
	if !n.Domestic() {
		return Issuer{Code: International, Name: n.Scheme()}
	}
	switch string(n[:6]) {
	case "970454":
		return Issuer{Code: "SBI", Name: "Ngân hàng thử nghiệm SBI"}
	case "970499":
		return Issuer{Code: "NRB", Name: "Ngân hàng không hoàn tiền NRB"}
	}
	return Issuer{Code: "ATM", Name: "Thẻ nội địa"}
}

// State is what a bank says of a charge or refund.
type State string

// The states. They are stored: never change one.
const (
	Approved State = "approved"
	Declined State = "declined"
	NeedsOTP State = "otp"     // the holder must prove that it is them
	Pending  State = "pending" // the bank does not know yet
	Unknown  State = "unknown" // the bank has never heard of it
)

// Reason is why a bank declined. They are stored: never change one.
type Reason string

// The reasons.
const (
	NoReason   Reason = ""
	Stolen     Reason = "stolen"
	NoMoney    Reason = "no_money"
	TimedOut   Reason = "timeout"
	Refused    Reason = "refused"
	WrongOTP   Reason = "otp_wrong"
	LateOTP    Reason = "otp_expired"
	NoRefunds  Reason = "no_refunds"
	Unreached  Reason = "unreachable"
	WrongDates Reason = "card_expired"
)

// An Outcome is a bank's answer.
type Outcome struct {
	State  State
	Reason Reason
}

// A Charge asks for money from a card. An amount of 0 only checks the card.
type Charge struct {
	Ref    int64 // ours; asking twice with one is asking once
	Card   Card
	Amount money.Amount
}

// A Channel carries charges and refunds to banks. Every call can be repeated
// with the same ref. An error means that there was no answer: whether the bank
// did anything is then unknown, and Ask tells later.
type Channel interface {
	Authorise(ctx context.Context, c Charge) (Outcome, error)
	// Confirm passes on what the holder typed in to prove themselves.
	Confirm(ctx context.Context, ref int64, otp string) (Outcome, error)
	// Ask tells what became of a charge or a refund.
	Ask(ctx context.Context, ref int64) (Outcome, error)
	// Void makes sure that the charge takes nothing, now or ever, unless it was
	// approved already, which the outcome says.
	Void(ctx context.Context, ref int64) (Outcome, error)
	// Refund gives back a part of an approved charge.
	Refund(ctx context.Context, ref, charge int64, amount money.Amount) (Outcome, error)
	// Reachable reports an error when no call would get through now.
	Reachable(ctx context.Context) error
}
