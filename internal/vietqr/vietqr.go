// Package vietqr writes and reads the text of a VietQR code: the EMVCo
// merchant-presented format with a template of the gateway's own and one of
// the bank transfer network. A text is a row of fields, each a tag of two
// digits, a length of two digits and a value; a value may be such a row again.
package vietqr

import (
	"strconv"
	"strings"

	"sen/internal/fault"
	"sen/internal/money"
)

// The tags that we write. Under ownTemplate and transferTemplate the sub-tags
// begin anew.
const (
	tagFormat        = "00"
	tagMethod        = "01"
	ownTemplate      = "26"
	transferTemplate = "38"
	tagCategory      = "52"
	tagCurrency      = "53"
	tagAmount        = "54"
	tagCountry       = "58"
	tagAdditional    = "62"
	tagCRC           = "63"

	subGUID      = "00"
	subClass     = "01"
	subVersion   = "02"
	subReference = "03"

	subAccount = "01" // of the transfer template; again a template
	subService = "02"

	subPurpose = "08" // of tagAdditional
)

const (
	formatVersion   = "01"
	dynamicMethod   = "12" // a code for one payment
	napasGUID       = "A000000727"
	toAccount       = "QRIBFTTA"
	otherServices   = "7399" // merchant category
	vnd             = "704"  // ISO 4217
	country         = "VN"
	templateVersion = "001"
)

// A Code is what a VietQR text says. Empty members are not in the text.
type Code struct {
	GUID      string // whose template it is, a reverse-domain name
	Class     string // six digits; other gateways write them, nobody says what they mean
	Version   string
	Reference string // of the order
	BIN       string // of the bank that the money goes to
	Account   string // there
	Amount    money.Amount
	Purpose   string
}

// Refusals of this package.
var (
	ErrText   = fault.New(fault.Invalid, "vietqr_text", "This is not the text of a VietQR code.")
	ErrIssuer = fault.New(fault.Invalid, "vietqr_issuer", "VietQR codes can't be made with these settings.")
)

// Encode returns the text, fields in the order of their tags, or "" when a
// value is too long for the format.
func (c Code) Encode() string {
	var w writer
	own := w.row(subGUID, c.GUID, subClass, c.Class, subVersion, c.Version, subReference, c.Reference)
	account := w.row(subGUID, c.BIN, subAccount, c.Account)
	transfer := ""
	if account != "" {
		transfer = w.row(subGUID, napasGUID, subAccount, account, subService, toAccount)
	}
	amount := ""
	if c.Amount > 0 {
		amount = c.Amount.Digits()
	}
	text := w.row(
		tagFormat, formatVersion, tagMethod, dynamicMethod,
		ownTemplate, own, transferTemplate, transfer,
		tagCategory, otherServices, tagCurrency, vnd, tagAmount, amount, tagCountry, country,
		tagAdditional, w.row(subPurpose, c.Purpose),
	)
	if w.tooLong || c.Amount > money.Max {
		return ""
	}
	text += tagCRC + "04"
	return text + checksum(text)
}

// Parse reads a text and verifies its checksum. The order of fields does not
// matter, and fields that a Code has no member for are passed over.
func Parse(text string) (Code, error) {
	body, sum := text[:max(0, len(text)-4)], text[max(0, len(text)-4):]
	row, ok := strings.CutSuffix(body, tagCRC+"04")
	if !ok || checksum(body) != sum {
		return Code{}, ErrText.On(tagCRC, "the checksum does not match")
	}
	fields, err := parseRow(row)
	if err != nil {
		return Code{}, err
	}
	if fields[tagFormat] != formatVersion {
		return Code{}, ErrText.On(tagFormat, "must be "+formatVersion)
	}
	own, err := parseRow(fields[ownTemplate])
	if err != nil {
		return Code{}, err
	}
	additional, err := parseRow(fields[tagAdditional])
	if err != nil {
		return Code{}, err
	}
	c := Code{
		GUID: own[subGUID], Class: own[subClass], Version: own[subVersion], Reference: own[subReference],
		Purpose: additional[subPurpose],
	}
	if c.BIN, c.Account, err = parseTransfer(fields[transferTemplate]); err != nil {
		return Code{}, err
	}
	if digits := fields[tagAmount]; digits != "" {
		c.Amount, err = money.Parse(digits)
	}
	return c, err
}

func parseTransfer(value string) (bin, account string, err error) {
	transfer, err := parseRow(value)
	if err != nil {
		return "", "", err
	}
	to, err := parseRow(transfer[subAccount])
	return to[subGUID], to[subAccount], err
}

// writer builds rows and remembers whether any value was too long.
type writer struct{ tooLong bool }

// rowRoom holds an ordinary row, the whole text included.
const rowRoom = 192

// row joins pairs of tag and value; an empty value leaves its field out.
func (w *writer) row(pairs ...string) string {
	var b strings.Builder
	b.Grow(rowRoom)
	for i := 0; i < len(pairs); i += 2 {
		tag, value := pairs[i], pairs[i+1]
		if value == "" {
			continue
		}
		n := len(value)
		w.tooLong = w.tooLong || n > 99
		b.WriteString(tag)
		b.WriteByte('0' + byte(n/10%10))
		b.WriteByte('0' + byte(n%10))
		b.WriteString(value)
	}
	return b.String()
}

// parseRow returns the values by tag. A tag that comes twice is refused: two
// readers could take it for two different payments.
func parseRow(row string) (map[string]string, error) {
	fields := map[string]string{}
	for row != "" {
		if len(row) < 4 || !digits(row[:4]) {
			return nil, ErrText.On("", "a field must begin with four digits")
		}
		tag := row[:2]
		n, err := strconv.Atoi(row[2:4])
		if err != nil || n == 0 || len(row) < 4+n {
			return nil, ErrText.On(tag, "has a wrong length")
		}
		if _, twice := fields[tag]; twice {
			return nil, ErrText.On(tag, "is there twice")
		}
		fields[tag], row = row[4:4+n], row[4+n:]
	}
	return fields, nil
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// checksum is CRC-16/CCITT-FALSE in four upper-case hexadecimal digits. Every
// new order has one, so it goes byte by byte and not bit by bit.
func checksum(text string) string {
	crc := uint16(0xFFFF)
	for i := range len(text) {
		crc = crc<<8 ^ remainders[byte(crc>>8)^text[i]]
	}
	const digits = "0123456789ABCDEF"
	return string([]byte{digits[crc>>12], digits[crc>>8&15], digits[crc>>4&15], digits[crc&15]})
}

// remainders are those of each byte.
var remainders = func() (table [256]uint16) {
	const polynomial = 0x1021
	for i := range table {
		crc := uint16(i) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ polynomial
			} else {
				crc <<= 1
			}
		}
		table[i] = crc
	}
	return table
}()
