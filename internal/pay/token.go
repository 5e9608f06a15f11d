package pay

import (
	"context"
	"time"

	"sen/internal/id"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
)

// TokenPayment is what PayByToken needs to know.
type TokenPayment struct {
	App        merchant.App
	PayToken   string
	Identifier string
	OrderToken string
}

// PayByToken pays the app's order from the wallet that agreed to it, at once.
// Asking again for an order that this binding paid returns the same payment. A
// refusal leaves the order payable.
func (s *Service) PayByToken(ctx context.Context, t TokenPayment) (rc Receipt, err error) {
	d, err := s.draw(ctx)
	if err != nil {
		return Receipt{}, err
	}
	err = s.Store.Update(ctx, func(tx Tx) (err error) {
		rc, err = s.payByToken(ctx, tx, t, d)
		return err
	})
	if err = s.paid(ctx, rc.Order.Key, err); err != nil {
		return Receipt{}, err
	}
	if !rc.Repeated {
		s.Moved.taken(rc.Payment)
	}
	return rc, nil
}

func (s *Service) payByToken(ctx context.Context, tx Tx, t TokenPayment, d drawn) (Receipt, error) {
	b, err := bindingOfUser(ctx, tx, t.App.ID, t.PayToken, t.Identifier)
	if err != nil {
		return Receipt{}, err
	}
	key, ok := id.TokenKey(t.OrderToken)
	if !ok {
		return Receipt{}, ErrOrderNotFound
	}
	o, err := tx.Order(ctx, OrderKey(key))
	if err == nil && (o.App != t.App.ID || !same(o.Token, t.OrderToken)) {
		err = ErrOrderNotFound
	}
	if err != nil {
		return Receipt{}, err
	}
	if o.State == OrderPaid {
		p, err := tx.Payment(ctx, o.Payment)
		if err == nil && p.Binding != b.Key {
			err = ErrOrderPaid
		}
		return Receipt{Order: o, Payment: p, Repeated: true}, err
	}
	rc := Receipt{Order: o}
	if err := b.Ended(d.now); err != nil {
		return rc, err
	}
	if err := o.Payable(d.now); err != nil {
		return rc, err
	}
	wallet, err := tx.Wallet(ctx, b.Wallet)
	if err != nil {
		return rc, err
	}
	if err := wallet.MayPay(); err != nil {
		return rc, err
	}
	if _, err := useBinding(ctx, tx, b, t.App.Terms, o.Amount, d.now); err != nil {
		return rc, err
	}
	rc.Payment, err = s.charge(ctx, tx, o, wallet, b.Key, d)
	return rc, err
}

// bindingOfUser is bindingByPayToken for the user that the merchant names.
func bindingOfUser(ctx context.Context, r Reader, app merchant.ID, payToken, identifier string) (Binding, error) {
	b, err := bindingByPayToken(ctx, r, app, payToken)
	if err == nil && b.Identifier != identifier {
		err = ErrTokenForeign
	}
	return b, err
}

// useBinding counts a payment against what the user and the app agreed on, and
// returns the day that it counts for. The count is written only while the binding
// is confirmed and nobody else counted meanwhile, so a binding that ends now pays
// nothing after.
func useBinding(ctx context.Context, tx Tx, b Binding, terms merchant.Terms, amount money.Amount, now time.Time) (day string, err error) {
	if over(amount, b.MaxAmount) {
		return "", ErrOverMaxAmount
	}
	was := b
	if day = countedDay(b.UsedDay, now); b.UsedDay != day {
		b.UsedDay, b.UsedCount, b.UsedAmount = day, 0, 0
	}
	b.Uses++
	b.UsedCount++
	b.UsedAmount += amount
	if (terms.TokenDayCount > 0 && b.UsedCount > terms.TokenDayCount) || over(b.UsedAmount, terms.TokenDayAmount) {
		return "", ErrOverAppLimit
	}
	return day, tx.UseBinding(ctx, b, was)
}

// unuseBinding gives back what a charge by the token of a card counted, whether
// the binding still pays or not. A charge that was to check the card counted
// nothing: until it succeeds the binding has another card, or none.
func unuseBinding(ctx context.Context, tx Tx, c Charge) error {
	if c.Binding == 0 || c.Order == 0 {
		return nil
	}
	b, err := tx.Binding(ctx, c.Binding)
	if err != nil || b.Card != c.Card {
		return err
	}
	was := b
	b.Uses--
	if b.UsedDay == c.limitDay() {
		b.UsedCount = max(0, b.UsedCount-1)
		b.UsedAmount = max(0, b.UsedAmount-c.Amount)
	}
	return tx.UnuseBinding(ctx, b, was)
}

// TokenBalance says whether a token could pay an amount now.
type TokenBalance struct {
	Channel  Channel
	Payable  bool
	Discount money.Amount // the best campaign that the app runs for this amount
}

// TokenBalance looks at what a payment by the token would meet. No balance is
// revealed, and nothing is promised: only paying tells for sure.
func (s *Service) TokenBalance(ctx context.Context, app merchant.App, payToken, identifier string, amount money.Amount) (tb TokenBalance, err error) {
	now := s.Now()
	err = s.Store.View(ctx, func(r Reader) error {
		b, err := bindingOfUser(ctx, r, app.ID, payToken, identifier)
		if err != nil {
			return err
		}
		if err := b.Ended(now); err != nil {
			return err
		}
		if b.Kind == CardBinding {
			tb, err = cardBalance(ctx, r, b, amount)
			return err
		}
		tb.Channel = WalletChannel
		w, err := r.Wallet(ctx, b.Wallet)
		if err != nil {
			return err
		}
		if !w.LockedAt.IsZero() {
			return ErrWalletLocked
		}
		sp, err := r.Spending(ctx, w.ID)
		if err != nil {
			return err
		}
		year, err := yearSoFar(ctx, r, sp, now)
		if err != nil {
			return err
		}
		if err := w.withinKYC(amount, year+amount); err != nil {
			return err
		}
		balance, err := r.Balance(ctx, ledger.Account(ledger.Wallet, int64(w.ID)))
		if err != nil {
			return err
		}
		tb.Payable = w.MayPay() == nil && balance >= amount && !over(amount, b.MaxAmount)
		tb.Discount, err = bestDiscount(ctx, r, app.ID, w.ID, amount, now)
		return err
	})
	return tb, err
}

// yearSoFar is what the rolling year has come to: what turnPage would count, for
// a look that may write nothing.
func yearSoFar(ctx context.Context, r Reader, sp Spending, now time.Time) (money.Amount, error) {
	month, first := countedDay(sp.Day, now)[:4], yearFrom(now)
	if sp.Month == month {
		return sp.ByMonth[AllSources] + sp.YearBefore, nil
	}
	year, err := r.SpentBetween(ctx, sp.Wallet, first, month)
	if sp.Month >= first && sp.Month < month { // over, and not closed yet
		year += sp.ByMonth[AllSources]
	}
	return year, err
}

// bestDiscount returns the most that a campaign would take off for the payer.
func bestDiscount(ctx context.Context, r Reader, app merchant.ID, w WalletID, amount money.Amount, now time.Time) (best money.Amount, err error) {
	running, err := r.CampaignsRunning(ctx, now)
	if err != nil {
		return 0, err
	}
	for _, c := range running {
		off := c.off(amount)
		if off <= best || !c.suits(app, amount) || c.Spent+off > c.Budget {
			continue
		}
		uses, err := r.CampaignUses(ctx, c.Code, w)
		if err != nil {
			return 0, err
		}
		if c.UsesPerPayer == 0 || uses < c.UsesPerPayer {
			best = off
		}
	}
	return best, nil
}

// cardBalance says of a card what can be said without asking its bank.
func cardBalance(ctx context.Context, r Reader, b Binding, amount money.Amount) (TokenBalance, error) {
	c, err := r.Card(ctx, b.Card)
	if err != nil {
		return TokenBalance{}, err
	}
	return TokenBalance{Channel: c.channel(), Payable: c.Sealed != nil && !over(amount, b.MaxAmount)}, nil
}
