package bank

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"sen/internal/money"
)

// A Record is what the simulated bank remembers of a charge or a refund.
type Record struct {
	Ref     int64
	Charge  int64 // of a refund: the charge
	Amount  money.Amount
	Last4   string
	Issuer  string
	State   State
	Reason  Reason
	OTPs    int       // wrong ones so far
	KnownAt time.Time // before then Ask says pending
}

// Ledger is where the simulated bank keeps its records. It is not the
// gateway's: a bank forgets nothing when its client restarts.
type Ledger interface {
	BankRecord(ctx context.Context, ref int64) (r Record, found bool, err error)
	// ChangeBankRecord hands the record with that ref, or an empty one, to
	// change and keeps what comes back, one at a time.
	ChangeBankRecord(ctx context.Context, ref int64, change func(r *Record, found bool) error) error
}

// Simulator is a bank for a sandbox. How a charge goes is decided by the card
// number alone.
type Simulator struct {
	Ledger Ledger
	Now    func() time.Time

	outage atomic.Bool
}

var _ Channel = (*Simulator)(nil)

// OTP is the one that every test card accepts.
const OTP = "111111"

const maxWrongOTPs = 3

// errNoAnswer is what a client of a bank sees of a time-out.
var errNoAnswer = errors.New("the bank did not answer in time")

// errOutage is what a client sees when the bank can't be reached at all.
var errOutage = errors.New("the bank can't be reached")

// Behaviour is how a test card goes.
type Behaviour string

// The behaviours.
const (
	Good         Behaviour = "good"
	Lost         Behaviour = "lost or stolen"
	TimeOut      Behaviour = "no answer; declined 30 s later"
	Empty        Behaviour = "no money"
	Late         Behaviour = "no answer; approved 60 s later"
	Unrefundable Behaviour = "good, but its bank takes nothing back"
	Flaky        Behaviour = "no answer the first time; approved when asked again"
	Slow         Behaviour = "good, but its bank takes 3 s to answer"
)

// A TestCard is a card and how it goes.
type TestCard struct {
	Number    Number
	Behaviour Behaviour
}

// TestCards returns every card that the simulator treats in a particular way.
// Those of bank SBI and 4111… are published by the provider with these
// behaviours; the rest is ours. Other numbers are declined.
func TestCards() []TestCard {
	var cards []TestCard
	for _, group := range []struct {
		behaviour Behaviour
		numbers   []Number
	}{
		{Good, []Number{
			"9704540000000062", "9704540000000070", "9704540000000088", "9704540000000096", "9704541000000094", "9704541000000078",
			"4111111111111111", "5555555555554444", "3530111333300000",
		}},
		{Lost, []Number{
			"9704540000000013", "9704540000000021", "9704541000000029", "9704541000000052", "9704541000000060", "9704541000000086",
			"4000000000009979",
		}},
		{TimeOut, []Number{"9704540000000039", "9704541000000037", "9704540000000054", "4000000000000259"}},
		{Empty, []Number{"9704540000000047", "9704541000000011", "9704541000000045", "4000000000009995"}},
		{Late, []Number{"9704540000000104", "4000000000003220"}},
		{Flaky, []Number{"9704540000000112"}},
		{Slow, []Number{"9704540000000120", "4000000000000077"}},
		{Unrefundable, []Number{"9704990000000018"}},
	} {
		for _, n := range group.numbers {
			cards = append(cards, TestCard{n, group.behaviour})
		}
	}
	return cards
}

func behaviourOf(n Number) (Behaviour, bool) {
	i := slices.IndexFunc(TestCards(), func(c TestCard) bool { return c.Number == n })
	if i < 0 {
		return "", false
	}
	return TestCards()[i].Behaviour, true
}

// SetOutage makes the bank unreachable, or reachable again.
func (s *Simulator) SetOutage(on bool) { s.outage.Store(on) }

// Outage reports whether the bank is unreachable.
func (s *Simulator) Outage() bool { return s.outage.Load() }

// Reachable implements Channel.
func (s *Simulator) Reachable(context.Context) error {
	if s.outage.Load() {
		return errOutage
	}
	return nil
}

// Authorise implements Channel.
func (s *Simulator) Authorise(ctx context.Context, c Charge) (Outcome, error) {
	if err := s.Reachable(ctx); err != nil {
		return Outcome{}, err
	}
	var out Outcome
	var silent bool
	err := s.Ledger.ChangeBankRecord(ctx, c.Ref, func(r *Record, found bool) error {
		silent = false
		if !found {
			*r, silent = s.decide(c)
		}
		out = s.known(*r)
		return nil
	})
	if err == nil && silent {
		return Outcome{}, errNoAnswer
	}
	if behaviour, _ := behaviourOf(c.Card.Number); behaviour == Slow && err == nil {
		return out, think(ctx)
	}
	return out, err
}

// thinking is how long a slow bank takes, in the machine's time: it is the
// patience of whoever waits that is tried.
const thinking = 3 * time.Second

// think takes its time, or as long as somebody listens.
func think(ctx context.Context) error {
	timer := time.NewTimer(thinking)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return errNoAnswer
	}
}

// decide is what the bank makes of a new charge, and whether its client gets
// to hear it.
func (s *Simulator) decide(c Charge) (r Record, silent bool) {
	n := c.Card.Number
	now := s.Now()
	r = Record{Ref: c.Ref, Amount: c.Amount, Last4: string(n[len(n)-4:]), Issuer: IssuerOf(n).Code, State: Approved, KnownAt: now}
	if n.Domestic() {
		r.State = NeedsOTP
	}
	behaviour, known := behaviourOf(n)
	switch {
	case !known:
		r.State, r.Reason = Declined, Refused
	case behaviour == Lost:
		r.State, r.Reason = Declined, Stolen
	case behaviour == Empty && c.Amount > 0:
		r.State, r.Reason = Declined, NoMoney
	case behaviour == TimeOut:
		r.State, r.Reason, r.KnownAt, silent = Declined, TimedOut, now.Add(30*time.Second), true
	case behaviour == Late:
		r.State, r.KnownAt, silent = Approved, now.Add(time.Minute), true
	case behaviour == Flaky:
		r.State, silent = Approved, true
	}
	return r, silent
}

// Confirm implements Channel.
func (s *Simulator) Confirm(ctx context.Context, ref int64, otp string) (out Outcome, err error) {
	if err := s.Reachable(ctx); err != nil {
		return Outcome{}, err
	}
	err = s.Ledger.ChangeBankRecord(ctx, ref, func(r *Record, found bool) error {
		switch {
		case !found:
			r.State = Unknown
		case r.State != NeedsOTP:
		case otp == OTP:
			r.State = Approved
		default:
			if r.OTPs++; r.OTPs >= maxWrongOTPs {
				r.State, r.Reason = Declined, WrongOTP
			}
		}
		out = Outcome{r.State, r.Reason}
		return nil
	})
	return out, err
}

// Ask implements Channel.
func (s *Simulator) Ask(ctx context.Context, ref int64) (Outcome, error) {
	if err := s.Reachable(ctx); err != nil {
		return Outcome{}, err
	}
	r, found, err := s.Ledger.BankRecord(ctx, ref)
	switch {
	case err != nil:
		return Outcome{}, err
	case !found:
		return Outcome{State: Unknown}, nil
	}
	return s.known(r), nil
}

// known is what the bank says of a record now.
func (s *Simulator) known(r Record) Outcome {
	if s.Now().Before(r.KnownAt) {
		return Outcome{State: Pending}
	}
	return Outcome{r.State, r.Reason}
}

// Void implements Channel.
func (s *Simulator) Void(ctx context.Context, ref int64) (out Outcome, err error) {
	if err := s.Reachable(ctx); err != nil {
		return Outcome{}, err
	}
	err = s.Ledger.ChangeBankRecord(ctx, ref, func(r *Record, found bool) error {
		if !found || r.State == NeedsOTP {
			*r = Record{Ref: ref, Amount: r.Amount, State: Declined, Reason: TimedOut, KnownAt: s.Now()}
		}
		out = Outcome{r.State, r.Reason}
		return nil
	})
	return out, err
}

// Refund implements Channel.
func (s *Simulator) Refund(ctx context.Context, ref, charge int64, amount money.Amount) (out Outcome, err error) {
	if err := s.Reachable(ctx); err != nil {
		return Outcome{}, err
	}
	original, found, err := s.Ledger.BankRecord(ctx, charge)
	if err != nil {
		return Outcome{}, err
	}
	err = s.Ledger.ChangeBankRecord(ctx, ref, func(r *Record, done bool) error {
		if !done {
			*r = Record{Ref: ref, Charge: charge, Amount: amount, State: Approved, KnownAt: s.Now()}
			switch {
			case !found || original.State != Approved || amount > original.Amount:
				r.State, r.Reason = Declined, Refused
			case original.Issuer == "NRB":
				r.State, r.Reason = Declined, NoRefunds
			}
		}
		out = Outcome{r.State, r.Reason}
		return nil
	})
	return out, err
}
