package pay

import (
	"context"
	"errors"
	"slices"
	"time"

	"sen/internal/bank"
	"sen/internal/fault"
)

// Refusals about the cards of wallets.
var (
	ErrCardLinked = fault.New(fault.Conflict, "card_linked", "The card is linked to the wallet already.")
	ErrCardsMany  = fault.New(fault.Declined, "cards_many", "The wallet has as many cards as it may have.")
)

// maxLinked is how many cards a wallet may have.
const maxLinked = 10

// links reports whether the charge checks a card that its holder links to
// their wallet.
func (c Charge) links() bool { return c.Order == 0 && c.Binding == 0 }

// LinkCard has the bank check a card that the wallet's owner typed in; the card
// is linked when the bank finds it good. What comes back may still be open, as
// with PayWithCard.
func (s *Service) LinkCard(ctx context.Context, w WalletID, card bank.Card) (Charge, error) {
	d, err := s.draw(ctx)
	if err != nil {
		return Charge{}, err
	}
	if err := checkCard(card, d.now); err != nil {
		return Charge{}, err
	}
	c := Charge{
		Number: d.number, Wallet: w, Channel: channelOf(card.Number), BankCode: bank.IssuerOf(card.Number).Code,
		Masked: card.Number.Masked(),
	}
	err = s.withKey(d.now, func(key int64) error {
		c.Card = CardID(key)
		return s.Store.Update(ctx, func(tx Tx) error { return s.checkForWallet(ctx, tx, &c, card, d) })
	})
	if err != nil {
		return Charge{}, err
	}
	return s.authorise(ctx, c, card)
}

// checkForWallet keeps the card, and begins the charge that checks it.
func (s *Service) checkForWallet(ctx context.Context, tx Tx, c *Charge, card bank.Card, d drawn) error {
	wallet, err := tx.Wallet(ctx, c.Wallet)
	if err != nil {
		return err
	}
	if !wallet.LockedAt.IsZero() {
		return ErrWalletLocked
	}
	if err := mayLink(ctx, tx, c.Wallet, s.Vault.Fingerprint(card.Number)); err != nil {
		return err
	}
	if err := s.storeCard(ctx, tx, c.Card, card, d.now); err != nil {
		return err
	}
	s.start(c, d)
	return tx.InsertCharge(ctx, *c)
}

// mayLink reports why a card can't be linked to the wallet, or nil.
func mayLink(ctx context.Context, r Reader, w WalletID, fingerprint string) error {
	linked, err := r.WalletCards(ctx, w)
	switch {
	case err != nil:
		return err
	case slices.ContainsFunc(linked, func(c Card) bool { return c.Fingerprint == fingerprint }):
		return ErrCardLinked
	case len(linked) >= maxLinked:
		return ErrCardsMany
	}
	return nil
}

// linkCard gives a card that a bank has just found good to its wallet. One that
// the wallet got meanwhile in another way is not kept twice.
func linkCard(ctx context.Context, tx Tx, c Charge, now time.Time) error {
	card, err := tx.Card(ctx, c.Card)
	if err != nil {
		return err
	}
	err = mayLink(ctx, tx, c.Wallet, card.Fingerprint)
	if errors.Is(err, ErrCardLinked) || errors.Is(err, ErrCardsMany) {
		return tx.DeleteCard(ctx, c.Card, now)
	}
	if err != nil {
		return err
	}
	return tx.LinkCard(ctx, c.Card, c.Wallet, now)
}

// LinkCharge returns the charge that checks, or checked, a card for the wallet,
// or ErrChargeNotFound.
func (s *Service) LinkCharge(ctx context.Context, w WalletID, number int64) (Charge, error) {
	c, err := s.charge1(ctx, number)
	if err == nil && (c.Wallet != w || !c.links()) {
		return Charge{}, ErrChargeNotFound
	}
	return c, err
}

// WalletCards returns the cards that are linked to the wallet, the one that was
// used last first.
func (s *Service) WalletCards(ctx context.Context, w WalletID) (all []Card, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		all, err = r.WalletCards(ctx, w)
		return err
	})
	return all, err
}

// UnlinkCard removes a card from the wallet, and its number for good. A payment
// with it that is under way goes on.
func (s *Service) UnlinkCard(ctx context.Context, w WalletID, id CardID) error {
	now := s.Now()
	return s.Store.Update(ctx, func(tx Tx) error {
		if _, err := linked(ctx, tx, id, w); err != nil {
			return err
		}
		return tx.UnlinkCard(ctx, id, w, now)
	})
}

// linked returns the card if it is linked to the wallet, or ErrCardNotFound.
func linked(ctx context.Context, r Reader, id CardID, w WalletID) (Card, error) {
	c, err := r.Card(ctx, id)
	if err == nil && (w == 0 || c.Wallet != w || !c.DeletedAt.IsZero()) {
		return Card{}, ErrCardNotFound
	}
	return c, err
}

// useLinked opens a card of the wallet for one charge. There is no security
// code: it is kept nowhere.
func (s *Service) useLinked(ctx context.Context, tx Tx, id CardID, w WalletID, now time.Time) (bank.Card, error) {
	stored, err := linked(ctx, tx, id, w)
	if err != nil {
		return bank.Card{}, err
	}
	card, err := s.revealCard(stored)
	if err == nil {
		err = checkExpiry(card, now)
	}
	if err != nil {
		return bank.Card{}, err
	}
	return card, tx.UseCard(ctx, id, w, now)
}
