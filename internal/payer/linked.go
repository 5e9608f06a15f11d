package payer

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"sen/internal/bank"
	"sen/internal/pay"
)

// A LinkedCard is a card of a wallet as the template "linked-card" shows it.
type LinkedCard struct {
	ID     pay.CardID
	Scheme string
	Bank   string // "" where the scheme says it all
	Last4  string
	Method Method
	Masked string
}

// LinkedCards returns the cards of the payer's wallet that pay by one of the
// methods; of nobody, none.
func (d *Desk) LinkedCards(ctx context.Context, who *Payer, methods ...Method) (all []LinkedCard, err error) {
	if who == nil {
		return nil, nil
	}
	cards, err := d.Pay.WalletCards(ctx, who.Wallet.ID)
	for _, c := range cards {
		l := LinkedCard{ID: c.ID, Scheme: c.Scheme, Last4: c.Masked[len(c.Masked)-4:], Method: ByDomestic, Masked: c.Masked}
		if c.BankCode == bank.International {
			l.Method = ByInternational
		} else {
			l.Bank = bank.IssuerOf(bank.Number(c.Masked)).Name // its first six digits say so
		}
		if slices.Contains(methods, l.Method) {
			all = append(all, l)
		}
	}
	return all, err
}

// LinkedField names, in a form, the linked card to pay with.
const LinkedField = "linked"

// ReadLinked returns the one of the cards that a form names; ok is false when
// the form names none at all.
func ReadLinked(r *http.Request, cards []LinkedCard) (c LinkedCard, ok bool, err error) {
	form, err := ReadForm(r)
	if err != nil || form.Get(LinkedField) == "" {
		return LinkedCard{}, false, err
	}
	id, err := strconv.ParseInt(form.Get(LinkedField), 10, 64)
	i := slices.IndexFunc(cards, func(c LinkedCard) bool { return err == nil && c.ID == pay.CardID(id) })
	if i < 0 {
		return LinkedCard{}, true, pay.ErrCardNotFound
	}
	return cards[i], true, nil
}
