// Package money holds amounts of Vietnamese đồng. The đồng has no minor unit
// in use, so an amount is a whole number, and all arithmetic is checked.
package money

import (
	"math"
	"strconv"

	"sen/internal/fault"
)

// Amount is a number of đồng. It may be negative: in a ledger, what leaves an
// account is.
type Amount int64

// Max is the largest amount that one movement may have: 13 digits, which is
// what the amount field of an EMV QR code can hold.
const Max Amount = 9_999_999_999_999

// Refusals of this package.
var (
	ErrInvalid  = fault.New(fault.Invalid, "amount_invalid", "The amount is not a whole number of đồng in the allowed range.")
	ErrOverflow = fault.New(fault.Invalid, "amount_overflow", "The amounts together are too large.")
)

// Parse reads a positive amount of at most Max, written in digits only. Signs,
// spaces, fractions and exponents are refused: each of them is a sign that the
// sender computes with floats.
func Parse(s string) (Amount, error) {
	n, err := parseDigits(s)
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, ErrInvalid.On("", "must be at least 1")
	}
	return n, nil
}

// ParseZero is Parse that also takes 0.
func ParseZero(s string) (Amount, error) { return parseDigits(s) }

func parseDigits(s string) (Amount, error) {
	if s == "" {
		return 0, ErrInvalid.On("", "is empty")
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, ErrInvalid.On("", "must be written in digits only, as in 50000")
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || Amount(n) > Max {
		return 0, ErrInvalid.On("", "must be at most "+Max.Digits())
	}
	return Amount(n), nil
}

// Add returns a+b, or ErrOverflow.
func (a Amount) Add(b Amount) (Amount, error) {
	if (b > 0 && a > math.MaxInt64-b) || (b < 0 && a < math.MinInt64-b) {
		return 0, ErrOverflow
	}
	return a + b, nil
}

// Share returns the part of a that bp basis points (1/100 of a percent) make,
// rounded down to a whole đồng. a must be between 0 and Max and bp between 0
// and 10,000, so that nothing can overflow.
func (a Amount) Share(bp int64) Amount {
	return Amount(int64(a)/10_000*bp + int64(a)%10_000*bp/10_000)
}

// Digits returns the amount in plain digits, as the wire has it.
func (a Amount) Digits() string { return strconv.FormatInt(int64(a), 10) }

// String returns the amount as people in Vietnam write it: 1.234.500 ₫.
func (a Amount) String() string {
	digits := a.Digits()
	sign := ""
	if a < 0 {
		sign, digits = "-", digits[1:]
	}
	out := make([]byte, 0, len(digits)+len(digits)/3+6)
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out = append(out, '.')
		}
		out = append(out, digits[i])
	}
	return sign + string(out) + " ₫"
}
