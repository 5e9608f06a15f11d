package pay

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"sen/internal/fault"
	"sen/internal/money"
)

// Bounds of a payment code: how long it can be used, how long a page shows it
// before it takes the next one, and how much it pays without the PIN.
const (
	CodeLife  = 90 * time.Second
	CodeShown = 60 * time.Second

	MaxWithoutPIN money.Amount = 2_000_000
)

// Refusals about payment codes.
var (
	ErrCode        = fault.New(fault.NotFound, "payment_code_unknown", "There is no such payment code, or its time is long up.")
	ErrCodeExpired = fault.New(fault.Conflict, "payment_code_expired", "The payment code's time is up: scan the one that the wallet shows now.")
	ErrCodeUsed    = fault.New(fault.Conflict, "payment_code_used", "The payment code has paid an order already: scan the one that the wallet shows now.")
	ErrCodeAmount  = fault.New(fault.Declined, "payment_code_amount", "A payment code pays at most 2,000,000 dong; the payer can pay more with the PIN.")
)

// A PaymentCode is what a payer shows to a shop: whoever knows it can take money
// once, for a minute. Only its hash is kept.
type PaymentCode struct {
	Hash      string
	Wallet    WalletID
	ExpiresAt time.Time
	Order     OrderKey // that it paid, or 0
}

// IssuePaymentCode makes a code for the wallet: 18 digits, and when they can no
// longer be used. It is a refusal of Wallet.MayPay while the wallet can't pay.
func (s *Service) IssuePaymentCode(ctx context.Context, w WalletID) (code string, expires time.Time, err error) {
	now := s.Now()
	code = s.newCode()
	c := PaymentCode{Hash: hashCode(code), Wallet: w, ExpiresAt: now.Add(CodeLife)}
	err = s.Store.Update(ctx, func(tx Tx) error {
		wallet, err := tx.Wallet(ctx, w)
		if err == nil {
			err = wallet.MayPay()
		}
		if err == nil {
			err = tx.DropPaymentCodes(ctx, w, now.Add(-CodeLife)) // those just over say why they are refused
		}
		if err != nil {
			return err
		}
		return tx.InsertPaymentCode(ctx, c)
	})
	return code, c.ExpiresAt, err
}

// newCode draws 18 digits. They begin with 28, as no card does.
func (s *Service) newCode() string {
	const chance, rest = 12, 10_000_000_000_000_000
	drawn, err := base64.RawURLEncoding.DecodeString(s.IDs.Secret(chance))
	if err != nil { // it is what Secret writes
		panic(err)
	}
	return fmt.Sprintf("28%016d", binary.BigEndian.Uint64(drawn)%rest)
}

func hashCode(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}

// QuickPay opens an order and pays it from the wallet whose payer showed the
// code. When the payment is refused the order stays, unpaid, and tells why to
// who asks for it; the code then is as it was.
func (s *Service) QuickPay(ctx context.Context, n NewOrder, code string) (rc Receipt, err error) {
	if rc.Order, err = s.CreateOrder(ctx, n); err != nil {
		return Receipt{}, err
	}
	d, err := s.draw(ctx)
	if err != nil {
		return rc, err
	}
	err = s.Store.Update(ctx, func(tx Tx) (err error) {
		rc.Payment, err = s.payByCode(ctx, tx, rc.Order.Key, hashCode(code), d)
		return err
	})
	return rc, s.paid(ctx, rc.Order.Key, err)
}

func (s *Service) payByCode(ctx context.Context, tx Tx, key OrderKey, hash string, d drawn) (Payment, error) {
	c, err := tx.PaymentCode(ctx, hash)
	if err != nil {
		return Payment{}, err
	}
	o, err := tx.Order(ctx, key)
	if err == nil {
		err = c.pays(o.Amount, d.now)
	}
	if err == nil {
		err = o.Payable(d.now)
	}
	if err != nil {
		return Payment{}, err
	}
	wallet, err := tx.Wallet(ctx, c.Wallet)
	if err == nil {
		err = wallet.MayPay()
	}
	if err != nil {
		return Payment{}, err
	}
	if err := tx.UsePaymentCode(ctx, hash, key); err != nil {
		return Payment{}, err
	}
	return s.charge(ctx, tx, o, wallet, 0, d)
}

// pays reports why the code can't pay the amount now, or nil.
func (c PaymentCode) pays(amount money.Amount, now time.Time) error {
	switch {
	case c.Order != 0:
		return ErrCodeUsed
	case !now.Before(c.ExpiresAt):
		return ErrCodeExpired
	case amount > MaxWithoutPIN:
		return ErrCodeAmount
	}
	return nil
}
