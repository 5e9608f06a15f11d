package operator

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"sen/internal/id"
	"sen/internal/merchant"
)

// Store keeps operators and the audit log. A change made under a context with a
// Note puts it on record in the same transaction.
type Store interface {
	// Operator returns the operator with that name, or ErrUnknown.
	Operator(ctx context.Context, name string) (Operator, error)
	// InsertOperator adds an operator, or returns ErrExists.
	InsertOperator(ctx context.Context, o Operator) error
	// UpdateOperator applies change to the operator and writes it.
	UpdateOperator(ctx context.Context, name string, change func(*Operator) error) (Operator, error)
	// AddRecord writes a line of the audit log that goes with no other change.
	AddRecord(ctx context.Context, r Record) error
}

// Passwords hashes and checks passwords.
type Passwords interface {
	Hash(password string) (string, error)
	// Check reports whether the password is the hashed one. With an empty hash
	// it takes as long as with one and says no.
	Check(hash, password string) bool
}

// Service carries out what callers ask for. All fields but Guests are needed.
type Service struct {
	Store     Store
	Passwords Passwords
	Now       func() time.Time // the machine's clock
	IDs       *id.Source       // of records only, so that they stay in order whatever a sandbox's clock does
	// Guests are let in without a password: a sandbox's. A live gateway has
	// none.
	Guests []Operator
}

// Guests returns one guest for each role; the merchant's has the app.
func Guests(app merchant.ID) []Operator {
	return []Operator{
		{Name: "sandbox/operator", Role: Admin},
		{Name: "sandbox/support", Role: Support},
		{Name: "sandbox/merchant", Role: Merchant, Apps: []merchant.ID{app}},
	}
}

// Guessing a password: after maxFailures wrong ones in a row none is looked at
// for pause.
const (
	maxFailures = 5
	pause       = 15 * time.Minute
)

// SignIn returns the operator whose name and password these are. Whether the
// name or the password is wrong is not told.
//
// A second proof, such as a time-based code, belongs after check and before
// admit: the try is counted by then, and nothing is open yet.
func (s *Service) SignIn(ctx context.Context, name, password string) (Operator, error) {
	o, err := s.check(ctx, name, password)
	if err != nil {
		return Operator{}, err
	}
	return s.admit(ctx, o)
}

// check counts the try before it looks at the password, so that tries made at
// the same time or cut off by a crash count too.
func (s *Service) check(ctx context.Context, name, password string) (Operator, error) {
	now := s.Now()
	o, err := s.Store.UpdateOperator(ctx, name, func(o *Operator) error {
		if !o.DisabledAt.IsZero() {
			return ErrUnknown
		}
		if now.Before(o.PausedUntil) {
			return ErrPaused
		}
		if o.Failures >= maxFailures { // the pause is over
			o.Failures = 0
		}
		if o.Failures++; o.Failures >= maxFailures {
			o.PausedUntil = now.Add(pause)
		}
		return nil
	})
	if errors.Is(err, ErrUnknown) {
		s.Passwords.Check("", password) // so that time does not tell either
		return Operator{}, ErrWrong
	}
	if err != nil {
		return Operator{}, err
	}
	if s.Passwords.Check(o.PasswordHash, password) {
		return o, nil
	}
	err = s.Store.AddRecord(ctx, s.Record(o, SignInRefused, o.Name, 0))
	if err == nil {
		err = ErrWrong
		if o.Failures >= maxFailures {
			err = ErrPaused
		}
	}
	return Operator{}, err
}

func (s *Service) admit(ctx context.Context, o Operator) (Operator, error) {
	ctx = WithNote(ctx, Note{Record: s.Record(o, SignedIn, o.Name, 0)})
	return s.Store.UpdateOperator(ctx, o.Name, func(o *Operator) error {
		o.Failures, o.PausedUntil = 0, time.Time{}
		return nil
	})
}

// Guest returns the guest in that role, and puts on record that they came.
func (s *Service) Guest(ctx context.Context, role Role) (Operator, error) {
	for _, o := range s.Guests {
		if o.Role == role {
			return o, s.Store.AddRecord(ctx, s.Record(o, SignedIn, o.Name, 0))
		}
	}
	return Operator{}, ErrMayNot
}

// Operator returns the operator with that name, if they may still come in.
func (s *Service) Operator(ctx context.Context, name string) (Operator, error) {
	for _, o := range s.Guests {
		if o.Name == name {
			return o, nil
		}
	}
	o, err := s.Store.Operator(ctx, name)
	if err == nil && !o.DisabledAt.IsZero() {
		err = ErrUnknown
	}
	return o, err
}

// Record begins a line of the audit log.
func (s *Service) Record(by Operator, a Action, subject string, app merchant.ID) Record {
	now := s.Now()
	return Record{ID: s.IDs.Key(now, 0), At: now, Actor: by.Name, Role: by.Role, Action: a, Subject: subject, App: app}
}

// NewPassword draws a password of 100 bits.
func NewPassword() string { return rand.Text()[:20] }

// byHand is who stands in the audit log for changes made on the command line.
var byHand = Operator{Name: "command line", Role: Admin}

// Add makes an operator with that password. Its name, role and apps are o's.
func (s *Service) Add(ctx context.Context, o Operator, password string) error {
	if err := o.Check(); err != nil {
		return err
	}
	hash, err := s.hash(password)
	if err != nil {
		return err
	}
	o.PasswordHash, o.CreatedAt = hash, s.Now()
	n := Note{Record: s.Record(byHand, OperatorAdded, o.Name, 0), Detail: func() (string, string) { return "", string(o.Role) }}
	return s.Store.InsertOperator(WithNote(ctx, n), o)
}

func (s *Service) hash(password string) (string, error) {
	if err := checkPassword(password); err != nil {
		return "", err
	}
	return s.Passwords.Hash(password)
}

// SetPassword gives the operator a new password and lets them try at once. Their
// sessions end.
func (s *Service) SetPassword(ctx context.Context, name, password string) (Operator, error) {
	hash, err := s.hash(password)
	if err != nil {
		return Operator{}, err
	}
	return s.change(ctx, name, "a new password", func(o *Operator) {
		o.PasswordHash, o.Failures, o.PausedUntil = hash, 0, time.Time{}
	})
}

// Disable shuts the operator out, or lets them in again.
func (s *Service) Disable(ctx context.Context, name string, disabled bool) (Operator, error) {
	what, at := "enabled", time.Time{}
	if disabled {
		what, at = "disabled", s.Now()
	}
	return s.change(ctx, name, what, func(o *Operator) { o.DisabledAt = at })
}

func (s *Service) change(ctx context.Context, name, what string, change func(*Operator)) (Operator, error) {
	n := Note{Record: s.Record(byHand, OperatorChanged, name, 0), Detail: func() (string, string) { return "", what }}
	return s.Store.UpdateOperator(WithNote(ctx, n), name, func(o *Operator) error {
		change(o)
		return nil
	})
}
