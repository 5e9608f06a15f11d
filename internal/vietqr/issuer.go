package vietqr

import (
	"strconv"
	"strings"

	"sen/internal/money"
)

// An Issuer is who a gateway's codes say they are from. An operator with a
// contract fills in what its bank gave it.
type Issuer struct {
	GUID   string // reverse-domain name of the gateway
	BIN    string // of the bank that keeps the virtual accounts: six digits
	Prefix string // of every virtual account: four letters or digits
}

// DefaultIssuer makes codes that no bank carries out. 999997 is assigned to
// nobody: bank numbers for Vietnam begin with 9704, and a test gateway that
// named a real bank would send the money of whoever scans its code there.
func DefaultIssuer() Issuer {
	return Issuer{GUID: "vn.sen", BIN: "999997", Prefix: "99SN"}
}

const (
	prefixLength  = 4
	accountLength = 18
	numberBase    = 36
	maxGUID       = 32 // of the format, for a reverse-domain name
)

// Check tells whether codes can be made.
func (i Issuer) Check() error {
	switch {
	case i.GUID == "" || len(i.GUID) > maxGUID || !printable(i.GUID):
		return ErrIssuer.On("guid", "must have 1 to 32 printable ASCII characters")
	case len(i.BIN) != 6 || !digits(i.BIN):
		return ErrIssuer.On("bin", "must have six digits")
	case len(i.Prefix) != prefixLength || strings.Trim(i.Prefix, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "":
		return ErrIssuer.On("prefix", "must have four upper-case letters or digits")
	}
	return nil
}

// Encode returns the text of the code for an order: its token as the
// reference, its number as the virtual account, and its amount.
func (i Issuer) Encode(token string, number int64, amount money.Amount) string {
	return Code{
		GUID: i.GUID, Version: templateVersion, Reference: token,
		BIN: i.BIN, Account: i.Account(number), Amount: amount,
	}.Encode()
}

// Account returns the virtual account of the order with that number, which
// must not be negative: 18 characters, as the network allows 19. The whole
// number is in it, so no two orders share an account, and Number gives it back.
func (i Issuer) Account(number int64) string {
	text := strings.ToUpper(strconv.FormatInt(number, numberBase))
	return i.Prefix + strings.Repeat("0", max(0, accountLength-prefixLength-len(text))) + text
}

// Number returns the number that Account was given.
func (i Issuer) Number(account string) (number int64, ok bool) {
	number, err := strconv.ParseInt(strings.TrimPrefix(account, i.Prefix), numberBase, 64)
	return number, err == nil && number >= 0 && i.Account(number) == account
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
