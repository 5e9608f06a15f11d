package pay

import (
	"context"
	"time"

	"sen/internal/bank"
	"sen/internal/fault"
)

// CardID names a stored card inside the gateway.
type CardID int64

// A Card is a stored card. The number itself is only in Sealed, which none but
// the vault can open.
type Card struct {
	ID          CardID
	Fingerprint string // the same for the same number, to those who have the key
	Sealed      []byte // nil once the card was deleted
	Masked      string // first six and last four digits
	Scheme      string
	BankCode    string
	Expiry      string    // MMYY
	Wallet      WalletID  // whose owner linked it; 0 for a binding's
	UsedAt      time.Time // of a linked one
	CreatedAt   time.Time
	DeletedAt   time.Time
}

// Vault encrypts card numbers.
type Vault interface {
	Seal(card int64, n bank.Number) ([]byte, error)
	Reveal(card int64, sealed []byte) (bank.Number, error)
	Fingerprint(n bank.Number) string
}

// Refusals about cards.
var (
	ErrCardNotFound = fault.New(fault.NotFound, "card_not_found", "The vault does not hold the card of this token.")
	ErrCardInvalid  = fault.New(fault.Invalid, "card_invalid", "The card can't be used.")
	ErrCVV          = fault.New(fault.Invalid, "cvv_invalid", "The security code has three or four digits.")
	ErrCardExpiry   = fault.New(fault.Invalid, "card_expiry", "The date of the card is written MMYY, and must not have passed.")
)

// Channels of cards. The numbers are the merchant protocol's.
const (
	CardChannel     Channel = 36 // international
	DomesticChannel Channel = 39
)

// channel is how a stored card pays: of every international one the bank code
// is the same.
func (c Card) channel() Channel {
	if c.BankCode == bank.International {
		return CardChannel
	}
	return DomesticChannel
}

func channelOf(n bank.Number) Channel {
	if n.Domestic() {
		return DomesticChannel
	}
	return CardChannel
}

// scope is which of a payer's limits a channel counts against.
func (c Channel) scope() Scope {
	switch c {
	case CardChannel:
		return FromCard
	case DomesticChannel:
		return FromBank
	case WalletChannel, PayoutChannel:
	}
	return FromWallet
}

// checkCard tells whether the card can be tried at all. Of an international
// card the date must not have passed, and it has a security code; on a domestic
// one stands the month of issue.
func checkCard(c bank.Card, now time.Time) error {
	if err := checkExpiry(c, now); err != nil || c.Number.Domestic() {
		return err
	}
	if len(c.CVV) < 3 || len(c.CVV) > 4 || !digits(c.CVV) {
		return ErrCVV.On("cvv", "")
	}
	return nil
}

// checkExpiry looks at the date alone.
func checkExpiry(c bank.Card, now time.Time) error {
	month, err := time.Parse("0106", c.Expiry)
	if err != nil || (!c.Number.Domestic() && !month.AddDate(0, 1, 0).After(now)) {
		return ErrCardExpiry.On("expiry", "")
	}
	return nil
}

// storeCard seals a card and keeps it.
func (s *Service) storeCard(ctx context.Context, tx Tx, id CardID, c bank.Card, now time.Time) error {
	sealed, err := s.Vault.Seal(int64(id), c.Number)
	if err != nil {
		return err
	}
	inserted, err := tx.InsertCard(ctx, Card{
		ID: id, Fingerprint: s.Vault.Fingerprint(c.Number), Sealed: sealed, Masked: c.Number.Masked(),
		Scheme: c.Number.Scheme(), BankCode: bank.IssuerOf(c.Number).Code, Expiry: c.Expiry, CreatedAt: now,
	})
	if err == nil && !inserted {
		err = errKeyTaken
	}
	return err
}

// revealCard opens a stored card for one charge.
func (s *Service) revealCard(c Card) (bank.Card, error) {
	if c.Sealed == nil {
		return bank.Card{}, ErrCardNotFound
	}
	n, err := s.Vault.Reveal(int64(c.ID), c.Sealed)
	return bank.Card{Number: n, Expiry: c.Expiry}, err
}

// DeleteCard removes a stored card's number for good. Bindings that stand on it
// stay, and can pay no more.
func (s *Service) DeleteCard(ctx context.Context, id CardID) error {
	now := s.Now()
	return s.Store.Update(ctx, func(tx Tx) error { return tx.DeleteCard(ctx, id, now) })
}
