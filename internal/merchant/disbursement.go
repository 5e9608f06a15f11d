package merchant

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"sen/internal/fault"
	"sen/internal/money"
)

// Disbursement is how an app pays out to wallets. The zero value means that it
// may not.
type Disbursement struct {
	PaymentID string // payment_id on the wire: names the app's disbursement account
	PublicKey string // PEM; its owner signs what is paid out
	// HeldAt is since when an operator holds payouts up, or zero: they are taken,
	// and wait.
	HeldAt time.Time
	// ReviewFrom is the smallest payout that waits until an operator releases it;
	// 0: none does.
	ReviewFrom money.Amount
}

// DefaultPaymentID is the payment_id of an app that was given no other.
const DefaultPaymentID = "CASHIN"

// Refusals about disbursement.
var (
	ErrPublicKey = fault.New(fault.Invalid, "public_key_invalid", "This is not an RSA public key of 2048 to 8192 bits: give it as PEM, or the base64 of it alone. Of a private key 'openssl rsa -in FILE -pubout' writes it.")
	ErrPaymentID = fault.New(fault.Invalid, "payment_id_invalid", "A payment_id has 1 to 50 letters, digits, hyphens or underscores.")
	ErrNoPayouts = fault.New(fault.Conflict, "disbursement_off", "The app has no public key registered, so it can't pay out: 'sen disbursement key set' registers one.")
)

// Enabled reports whether the app may pay out at all.
func (d Disbursement) Enabled() bool { return d.PublicKey != "" }

// Held reports whether payouts wait for an operator.
func (d Disbursement) Held() bool { return !d.HeldAt.IsZero() }

// Reviews reports whether an operator has to release a payout of that amount.
func (d Disbursement) Reviews(amount money.Amount) bool {
	return d.ReviewFrom > 0 && amount >= d.ReviewFrom
}

// String says how the app pays out, for the audit log.
func (d Disbursement) String() string {
	sum := sha256.Sum256([]byte(d.PublicKey))
	key := hex.EncodeToString(sum[:6])
	if d.PublicKey == "" {
		key = "none"
	}
	return fmt.Sprintf("payment_id=%s public_key=%s held=%t review_from=%s", d.PaymentID, key, d.Held(), d.ReviewFrom.Digits())
}

// Hold holds payouts up, or frees them.
func (d *Disbursement) Hold(held bool, now time.Time) {
	switch {
	case !held:
		d.HeldAt = time.Time{}
	case d.HeldAt.IsZero():
		d.HeldAt = now
	}
}

// Open gives the app a public key, as PEM or base64, and the name of its
// account; an empty name leaves the one that it has, or is DefaultPaymentID.
func (d *Disbursement) Open(paymentID, publicKey string) error {
	key, err := ParsePublicKey(publicKey)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return ErrPublicKey.Because(err)
	}
	d.PublicKey = string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	switch {
	case paymentID != "":
		d.PaymentID = paymentID
	case d.PaymentID == "":
		d.PaymentID = DefaultPaymentID
	}
	return d.Check()
}

// Check tells whether it can be stored.
func (d Disbursement) Check() error {
	if d.ReviewFrom < 0 || d.ReviewFrom > money.Max {
		return ErrTerms.On("review_from", "must be 0 to "+money.Max.Digits())
	}
	if !d.Enabled() && d.PaymentID == "" {
		return nil
	}
	if _, err := ParsePublicKey(d.PublicKey); err != nil {
		return err
	}
	if !isPaymentID(d.PaymentID) {
		return ErrPaymentID
	}
	return nil
}

func isPaymentID(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20 // a capital letter as a small one
		if (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') && s[i] != '-' && s[i] != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 50
}

// Bounds of a key: shorter ones can be broken, longer ones only cost time.
const (
	minKeyBits = 2048
	maxKeyBits = 8192
)

// ParsePublicKey reads an RSA public key: PEM or the base64 alone, of PKIX or
// PKCS #1.
func ParsePublicKey(text string) (*rsa.PublicKey, error) {
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if block, _ := pem.Decode([]byte(text)); block != nil {
		der, err = block.Bytes, nil
	}
	if err != nil {
		return nil, ErrPublicKey
	}
	key, err := x509.ParsePKCS1PublicKey(der)
	if err != nil {
		parsed, err := x509.ParsePKIXPublicKey(der)
		if err != nil {
			return nil, ErrPublicKey
		}
		key, _ = parsed.(*rsa.PublicKey) // nil for a key of another kind
	}
	if key == nil || key.N.BitLen() < minKeyBits || key.N.BitLen() > maxKeyBits {
		return nil, ErrPublicKey
	}
	return key, nil
}
