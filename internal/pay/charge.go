package pay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sen/internal/bank"
	"sen/internal/fault"
	"sen/internal/merchant"
	"sen/internal/money"
)

// ChargeState is where a charge stands.
type ChargeState string

// The states of a charge. They are stored: never change one.
const (
	ChargeStarted   ChargeState = "started" // the bank is being asked
	ChargeOTP       ChargeState = "otp"     // its holder must prove who they are
	ChargeUnknown   ChargeState = "unknown" // the bank did not answer; it will be asked again
	ChargeSucceeded ChargeState = "succeeded"
	ChargeFailed    ChargeState = "failed"
)

// chargeMoves lists every legal change of state.
var chargeMoves = map[ChargeState][]ChargeState{
	ChargeStarted: {ChargeOTP, ChargeUnknown, ChargeSucceeded, ChargeFailed},
	ChargeOTP:     {ChargeUnknown, ChargeSucceeded, ChargeFailed},
	ChargeUnknown: {ChargeOTP, ChargeUnknown, ChargeSucceeded, ChargeFailed},
}

// A Charge is one attempt to take money from a card. While it is open its
// order is in flight: it can be neither paid in another way, nor cancelled,
// nor does it expire.
type Charge struct {
	Number    int64    // becomes the payment's
	Order     OrderKey // 0 when only a card is checked
	App       merchant.ID
	Wallet    WalletID   // 0 for a guest
	Card      CardID     // 0 when it is not kept
	Binding   BindingKey // 0 when the holder typed it in for this order alone
	Channel   Channel
	BankCode  string
	Masked    string
	Campaign  string
	Amount    money.Amount
	Discount  money.Amount
	State     ChargeState
	Reason    bank.Reason
	CreatedAt time.Time
	DueAt     time.Time // when somebody must look again
	ClosedAt  time.Time
	Lease     Lease // of whoever asks the bank
	// CountedDay is the day, as yyMMdd, whose limits it was counted against: of its
	// wallet or of its binding. Empty: none, or that of CreatedAt.
	CountedDay string
}

// Refusals about charges.
var (
	ErrOrderInFlight  = fault.New(fault.Conflict, "order_in_flight", "A payment of the order is under way.")
	ErrChargeNotFound = fault.New(fault.NotFound, "charge_not_found", "There is no payment under way.")
	ErrOTPWrong       = fault.New(fault.Declined, "otp_wrong", "The code is wrong.")
	ErrBankDeclined   = fault.New(fault.Declined, "bank", "The bank declined the card.")
	ErrBankSilent     = fault.New(fault.Unavailable, "bank_silent", "The bank has not answered yet.")
)

// How long we wait for a bank, for a holder, and before we ask a bank again.
const (
	bankPatience = 10 * time.Second
	otpTime      = 5 * time.Minute
	askAgain     = 30 * time.Second
)

// CardPayment is what PayWithCard needs to know.
type CardPayment struct {
	Order  OrderKey
	Wallet WalletID // 0 for a guest
	Card   bank.Card
	Linked CardID // instead of Card: one that is linked to Wallet
}

// PayWithCard charges a card for the order. What comes back may still be open:
// the holder must prove who they are, or the bank has not answered. A card that
// is declined is ErrBankDeclined; the order stays payable.
func (s *Service) PayWithCard(ctx context.Context, p CardPayment) (Charge, error) {
	d, err := s.draw(ctx)
	if err != nil {
		return Charge{}, err
	}
	if p.Linked == 0 {
		if err := checkCard(p.Card, d.now); err != nil {
			return Charge{}, err
		}
	}
	var c Charge
	var card bank.Card
	err = s.Store.Update(ctx, func(tx Tx) error {
		o, err := tx.Order(ctx, p.Order)
		if err == nil {
			err = o.Payable(d.now)
		}
		if err != nil {
			return err
		}
		card = p.Card
		if p.Linked != 0 {
			if card, err = s.useLinked(ctx, tx, p.Linked, p.Wallet, d.now); err != nil {
				return err
			}
		}
		c, err = s.beginCharge(ctx, tx, o, Charge{Wallet: p.Wallet, Card: p.Linked}, card.Number, d)
		return err
	})
	if err != nil {
		return Charge{}, s.failed(ctx, p.Order, err)
	}
	return s.authorise(ctx, c, card)
}

// beginCharge puts the order in flight and counts the payment against limits
// and campaign, before the bank hears of it: whatever happens then, somebody
// will ask the bank what became of it.
func (s *Service) beginCharge(ctx context.Context, tx Tx, o Order, c Charge, n bank.Number, d drawn) (Charge, error) {
	c.Number, c.Order, c.App, c.Amount = d.number, o.Key, o.App, o.Amount
	c.Channel, c.BankCode, c.Masked = channelOf(n), bank.IssuerOf(n).Code, n.Masked()
	s.start(&c, d)
	c.Campaign = o.CampaignCode()
	var err error
	if c.Discount, err = promote(ctx, tx, o, c.Wallet, d.now); err != nil {
		return Charge{}, err
	}
	if c.Wallet != 0 {
		w, err := tx.Wallet(ctx, c.Wallet)
		if err != nil {
			return Charge{}, err
		}
		if err := w.mayUseCards(); err != nil {
			return Charge{}, err
		}
		if c.CountedDay, err = s.spend(ctx, tx, w, c.Channel.scope(), c.Amount-c.Discount, d.now); err != nil {
			return Charge{}, err
		}
	}
	if err := s.moveOrder(ctx, tx, &o, OrderProcessing, d.now); err != nil {
		return Charge{}, err
	}
	return c, tx.InsertCharge(ctx, c)
}

// start makes the charge ours until the bank had its time to answer.
func (s *Service) start(c *Charge, d drawn) {
	_, until := s.newLease()
	c.State, c.CreatedAt, c.DueAt, c.Lease = ChargeStarted, d.now, d.now.Add(leaseTime), leaseUntil(until)
}

// authorise asks the bank and records what it says.
func (s *Service) authorise(ctx context.Context, c Charge, card bank.Card) (Charge, error) {
	out, err := s.askBank(ctx, func(ctx context.Context) (bank.Outcome, error) {
		return s.Bank.Authorise(ctx, bank.Charge{Ref: c.Number, Card: card, Amount: c.Amount - c.Discount})
	})
	return s.heard(ctx, c, out, err)
}

// askBank gives a call to the bank its own patience: that the caller went away
// is no reason to stop listening.
func (s *Service) askBank(ctx context.Context, call func(context.Context) (bank.Outcome, error)) (bank.Outcome, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bankPatience)
	defer cancel()
	return call(ctx)
}

// SubmitOTP passes on what the holder typed in. A wrong code is ErrOTPWrong as
// long as the bank gives another try. While somebody else asks the bank about the
// charge it waits for no code, and is ErrChargeNotFound.
func (s *Service) SubmitOTP(ctx context.Context, number int64, otp string) (Charge, error) {
	c, err := s.claimOTP(ctx, number)
	if err != nil {
		return c, err
	}
	out, err := s.askBank(ctx, func(ctx context.Context) (bank.Outcome, error) { return s.Bank.Confirm(ctx, number, otp) })
	if err == nil && out.State == bank.NeedsOTP {
		return c, either(s.unclaim(ctx, c), ErrOTPWrong)
	}
	return s.heard(ctx, c, out, err)
}

// claimOTP takes a charge that waits for a code.
func (s *Service) claimOTP(ctx context.Context, number int64) (c Charge, err error) {
	machine, until := s.newLease()
	err = s.Store.Update(ctx, func(tx Tx) (err error) {
		if c, err = tx.Charge(ctx, number); err != nil {
			return err
		}
		if c.State != ChargeOTP {
			return ErrChargeNotFound
		}
		free, err := tx.ClaimCharge(ctx, number, machine, until)
		if err == nil && !free {
			err = ErrChargeNotFound
		}
		c.Lease = leaseUntil(until)
		return err
	})
	return c, err
}

// charge1 reads one charge.
func (s *Service) charge1(ctx context.Context, number int64) (c Charge, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		c, err = r.Charge(ctx, number)
		return err
	})
	return c, err
}

// OpenCharge returns the charge that keeps the order in flight, or
// ErrChargeNotFound.
func (s *Service) OpenCharge(ctx context.Context, o OrderKey) (c Charge, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		c, err = r.OpenCharge(ctx, o)
		return err
	})
	return c, err
}

// LastCharge returns the latest charge of the order, open or not, or
// ErrChargeNotFound: it knows why the last card was declined.
func (s *Service) LastCharge(ctx context.Context, o OrderKey) (c Charge, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		c, err = r.LastCharge(ctx, o)
		return err
	})
	return c, err
}

// heard records what a bank said of a charge, or that it said nothing, and
// draws the consequences, all in one transaction. Hearing the same again
// changes nothing, and neither does who asked under a lease that is over: what
// comes back is how the charge stands.
func (s *Service) heard(ctx context.Context, asked Charge, out bank.Outcome, silence error) (c Charge, err error) {
	ctx = context.WithoutCancel(ctx)
	d, err := s.draw(ctx)
	if err != nil {
		return Charge{}, err
	}
	news := false
	err = s.Store.Update(ctx, func(tx Tx) (err error) {
		news = false
		if c, err = tx.Charge(ctx, asked.Number); err != nil || !c.ClosedAt.IsZero() || c.Lease != asked.Lease {
			return err
		}
		news = true
		switch {
		case silence != nil, out.State == bank.Pending:
			c.DueAt = d.now.Add(askAgain)
			return moveCharge(ctx, tx, &c, ChargeUnknown, d.now)
		case out.State == bank.NeedsOTP:
			c.DueAt = c.CreatedAt.Add(otpTime)
			return moveCharge(ctx, tx, &c, ChargeOTP, d.now)
		case out.State == bank.Approved:
			return s.succeed(ctx, tx, &c, d)
		}
		return s.fail(ctx, tx, &c, out.Reason, d)
	})
	switch {
	case err != nil:
		return c, err
	case c.State == ChargeSucceeded:
		if news && c.Order != 0 {
			s.Moved.taken(Payment{Channel: c.Channel, Amount: c.Amount})
		}
		s.CallbackOwed()
	case c.State == ChargeFailed:
		return c, ErrBankDeclined
	}
	s.ChargeOwed()
	return c, nil
}

// succeed books the money that the bank took: the order is paid by it, and a
// card that was checked is bound, or linked to its wallet.
func (s *Service) succeed(ctx context.Context, tx Tx, c *Charge, d drawn) error {
	// First, so that a second hearer finds that it is too late.
	if err := moveCharge(ctx, tx, c, ChargeSucceeded, d.now); err != nil {
		return err
	}
	if c.Order != 0 {
		o, err := tx.Order(ctx, c.Order)
		if err != nil {
			return err
		}
		p := Payment{
			Number: c.Number, Order: c.Order, App: c.App, Wallet: c.Wallet, Binding: c.Binding, Channel: c.Channel,
			BankCode: c.BankCode, Card: c.Masked, Amount: c.Amount, Discount: c.Discount, At: d.now,
		}
		if err := s.settle(ctx, tx, o, &p, d.delivery); err != nil {
			return err
		}
	}
	switch {
	case c.links():
		return linkCard(ctx, tx, *c, d.now)
	case c.Binding != 0:
		return s.bindCard(ctx, tx, *c, d)
	}
	return nil
}

// fail gives back what was counted when the charge began, and makes the order
// payable again.
func (s *Service) fail(ctx context.Context, tx Tx, c *Charge, why bank.Reason, d drawn) error {
	c.Reason = why
	if err := moveCharge(ctx, tx, c, ChargeFailed, d.now); err != nil {
		return err
	}
	// In the order in which a payment takes them: who waits for whom is the same
	// everywhere.
	if err := unuseBinding(ctx, tx, *c); err != nil {
		return err
	}
	if c.Discount > 0 {
		if err := tx.ReleaseCampaign(ctx, c.Campaign, c.Wallet, c.Discount); err != nil {
			return err
		}
	}
	if c.Wallet != 0 && c.Order != 0 {
		if err := s.unspend(ctx, tx, *c); err != nil {
			return err
		}
	}
	if c.Order != 0 {
		o, err := tx.Order(ctx, c.Order)
		if err != nil {
			return err
		}
		o.Failure = BankFailure
		if err := s.moveOrder(ctx, tx, &o, OrderCreated, d.now); err != nil {
			return err
		}
	}
	return dropCard(ctx, tx, *c, d)
}

// moveCharge is the only way in which a charge changes.
func moveCharge(ctx context.Context, tx Tx, c *Charge, to ChargeState, now time.Time) error {
	from := c.State
	if !slices.Contains(chargeMoves[from], to) {
		return fault.New(fault.Internal, "charge_move", "A charge can't go from "+string(from)+" to "+string(to)+".")
	}
	c.State = to
	if to == ChargeSucceeded || to == ChargeFailed {
		c.ClosedAt, c.DueAt = now, time.Time{}
	}
	return tx.MoveCharge(ctx, *c, from)
}

// RunCharges looks after the charges that are due, a batch at a time: banks
// that were silent are asked again, and codes that nobody typed in are given
// up. Any number of nodes share the work.
func (s *Service) RunCharges(ctx context.Context) (more bool, err error) {
	const batch = 50
	claimed, err := claim(ctx, s,
		func(r Reader, now, machine time.Time) (bool, error) { return r.ChargesDue(ctx, now, machine) },
		func(tx Tx, now, machine, until time.Time) ([]Charge, error) {
			return tx.ClaimCharges(ctx, now, machine, until, batch)
		})
	if err == nil {
		err = together(s.InTurn, claimed, func(c Charge) error { return s.runCharge(ctx, c) })
	}
	return err == nil && len(claimed) == batch, err
}

// runCharge asks the bank about a charge that was claimed. When that fails it
// gives the claim back: whoever looks next may try again.
func (s *Service) runCharge(ctx context.Context, c Charge) error {
	out, silence := s.askBank(ctx, func(ctx context.Context) (bank.Outcome, error) {
		if c.State == ChargeOTP {
			return s.Bank.Void(ctx, c.Number)
		}
		out, err := s.Bank.Ask(ctx, c.Number)
		if err == nil && out.State == bank.Unknown {
			// It never got there. Make sure that it never will.
			return s.Bank.Void(ctx, c.Number)
		}
		return out, err
	})
	if out.State == bank.Declined && c.State == ChargeOTP {
		out.Reason = bank.LateOTP
	}
	_, err := s.heard(ctx, c, out, silence)
	if err == nil || errors.Is(err, ErrBankDeclined) {
		return nil // which is what was to be found out
	}
	return fmt.Errorf("charge %d: %w", c.Number, errors.Join(err, s.unclaim(ctx, c)))
}

func (s *Service) unclaim(ctx context.Context, c Charge) error {
	return s.Store.Update(context.WithoutCancel(ctx), func(tx Tx) error { return tx.UnclaimCharge(ctx, c) })
}
