package operator

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
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
	// OperatorSession returns a session, or ErrUnknown.
	OperatorSession(ctx context.Context, session string) (Session, error)
	// OperatorSessions returns the sessions of an operator, the latest first.
	OperatorSessions(ctx context.Context, name string) ([]Session, error)
	// PutOperatorSession writes a session; of one that is there, when it was seen
	// and proved. One that has ended meanwhile stays ended.
	PutOperatorSession(ctx context.Context, x Session) error
	// EndOperatorSessions ends all sessions of an operator but one.
	EndOperatorSessions(ctx context.Context, name, but string) error
	// EndOperatorSession ends one session.
	EndOperatorSession(ctx context.Context, session string) error
	// CountTry counts a try of a source, unless it is paused: then it is false.
	CountTry(ctx context.Context, source string, now time.Time, pause func(failures int) time.Duration) (allowed bool, err error)
	// ClearTries forgets the tries of the sources.
	ClearTries(ctx context.Context, sources map[string]int) error
	// AddRecord writes a line of the audit log that goes with no other change.
	AddRecord(ctx context.Context, r Record) error
}

// Passwords hashes and checks passwords.
type Passwords interface {
	Hash(password string) (string, error)
	// Check reports whether the password is the hashed one. With an empty hash
	// it takes as long as with one and says no.
	Check(hash, password string) bool
	// Stale reports whether the hash would be made otherwise now.
	Stale(hash string) bool
}

// Service carries out what callers ask for. All fields but Guests and House are
// needed.
type Service struct {
	Store     Store
	Passwords Passwords
	Now       func() time.Time // the machine's clock
	IDs       *id.Source       // of records only, so that they stay in order whatever a sandbox's clock does
	// Guests are let in without a password: a sandbox's. A live gateway has
	// none.
	Guests []Operator
	// House is the address of the gateway: words of it make no password longer.
	House string
	// NeedCodes says that those who can move money or use keys sign in with codes:
	// in a live gateway.
	NeedCodes bool
}

// MustEnrol reports whether the operator has to set up codes before anything
// else.
func (s *Service) MustEnrol(o Operator) bool {
	return s.NeedCodes && o.TOTP == "" && (o.May(Change) || o.May(UseKeys))
}

// Guests returns one guest for each role; the merchant's has the app.
func Guests(app merchant.ID) []Operator {
	return []Operator{
		{Name: "sandbox/operator", Role: Admin},
		{Name: "sandbox/support", Role: Support},
		{Name: "sandbox/merchant", Role: Merchant, Apps: []merchant.ID{app}},
	}
}

// Guessing: after that many wrong tries in a row none is looked at for a minute,
// and twice as long after each further one, up to an hour. A name that nobody has
// is counted like one that somebody has.
const (
	triesByName    = 5
	triesByAddress = 20 // people of one house share one
	firstPause     = time.Minute
	longestPause   = time.Hour
	// Forgotten is how long after the last of them wrong tries are held against
	// anybody.
	Forgotten = 24 * time.Hour
)

// pauseAfter is how long nothing is looked at after so many wrong tries, of which
// free are without.
func pauseAfter(failures, free int) time.Duration {
	if failures < free {
		return 0
	}
	return min(longestPause, firstPause<<min(failures-free, 10))
}

// sources are what wrong tries are counted by, and how many are free.
func sources(name, address string) map[string]int {
	all := map[string]int{"name " + name[:min(len(name), maxName)]: triesByName}
	if address != "" {
		all["address "+address] = triesByAddress
	}
	return all
}

// A Proof is what somebody signs in with.
type Proof struct {
	Name     string
	Password string
	Code     string // from an app, or a recovery code; empty for those who have none
	Address  string // that the try comes from; "": it is not known
}

// SignIn returns the operator whose name, password and code these are. Which of
// them is wrong is not told, nor whether the operator has a code at all.
func (s *Service) SignIn(ctx context.Context, p Proof) (Operator, error) {
	if err := s.try(ctx, p.Name, p.Address); err != nil {
		return Operator{}, err
	}
	o, err := s.Store.Operator(ctx, p.Name)
	if errors.Is(err, ErrUnknown) || (err == nil && !o.DisabledAt.IsZero()) {
		s.Passwords.Check("", p.Password) // so that time does not tell either
		return Operator{}, s.refuse(ctx, Operator{Name: "?"}, ErrWrong)
	}
	if err != nil {
		return Operator{}, err
	}
	if !s.Passwords.Check(o.PasswordHash, p.Password) {
		return Operator{}, s.refuse(ctx, o, ErrWrong)
	}
	if o, err = s.admit(ctx, o, p); errors.Is(err, ErrWrong) {
		return Operator{}, s.refuse(ctx, o, err)
	}
	if err != nil {
		return Operator{}, err
	}
	return o, s.Store.ClearTries(ctx, sources(p.Name, p.Address))
}

// try counts a try before it is looked at, so that tries made at the same time or
// cut off by a crash count too.
func (s *Service) try(ctx context.Context, name, address string) error {
	now := s.Now()
	for source, free := range sources(name, address) {
		allowed, err := s.Store.CountTry(ctx, source, now, func(failures int) time.Duration { return pauseAfter(failures, free) })
		if err == nil && !allowed {
			err = ErrPaused
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// refuse puts on record that a try was wrong. Names that nobody has are not
// repeated there: people type passwords into the wrong field.
func (s *Service) refuse(ctx context.Context, o Operator, why error) error {
	if err := s.Store.AddRecord(ctx, s.Record(o, SignInRefused, o.Name, 0)); err != nil {
		return err
	}
	return why
}

// admit takes the code, and stores the password as it would be stored now.
func (s *Service) admit(ctx context.Context, o Operator, p Proof) (Operator, error) {
	hash := o.PasswordHash
	if s.Passwords.Stale(hash) {
		fresh, err := s.Passwords.Hash(p.Password)
		if err != nil {
			return Operator{}, err
		}
		hash = fresh
	}
	was := o.PasswordHash
	var by string
	ctx = WithNote(ctx, Note{Record: s.Record(o, SignedIn, o.Name, 0), Detail: func() (string, string) { return "", by }})
	admitted, err := s.Store.UpdateOperator(ctx, o.Name, func(o *Operator) error {
		if o.PasswordHash != was || !o.DisabledAt.IsZero() {
			return ErrWrong // changed in this moment
		}
		before := len(o.Recovery)
		if o.TOTP != "" && !o.takeCode(p.Code, s.Now()) {
			return ErrWrong
		}
		switch {
		case o.TOTP == "":
			by = "password"
		case len(o.Recovery) < before:
			by = "password and recovery code"
		default:
			by = "password and code"
		}
		o.PasswordHash = hash
		return nil
	})
	if err != nil {
		return o, err
	}
	return admitted, nil
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

// NewPassword draws a password of at least 128 bits.
func NewPassword() string { return rand.Text() }

// ByHand is who stands in the audit log for changes made on the command line.
var ByHand = Operator{Name: "command line", Role: Admin}

// ByControl is who stands there for changes made by the control API of a sandbox,
// which asks nobody who they are.
var ByControl = Operator{Name: "control API", Role: Admin}

// Add makes an operator with that password. Its name, role and apps are o's.
func (s *Service) Add(ctx context.Context, by, o Operator, password string) error {
	if err := o.Check(); err != nil {
		return err
	}
	hash, err := s.hash(o.Name, password)
	if err != nil {
		return err
	}
	o.PasswordHash, o.CreatedAt = hash, s.Now()
	n := Note{Record: s.Record(by, OperatorAdded, o.Name, 0), Detail: func() (string, string) { return "", o.standing() }}
	return s.Store.InsertOperator(WithNote(ctx, n), o)
}

// standing is an operator's role and apps, for the record.
func (o Operator) standing() string {
	return strings.TrimSpace(fmt.Sprintln(append([]any{o.Role}, anyOf(o.Apps)...)...))
}

func anyOf(apps []merchant.ID) (all []any) {
	for _, a := range apps {
		all = append(all, int64(a))
	}
	return all
}

func (s *Service) hash(name, password string) (string, error) {
	if err := checkPassword(password, name, s.House); err != nil {
		return "", err
	}
	return s.Passwords.Hash(password)
}

// SetPassword gives the operator a new password and lets them try at once. Their
// sessions end.
func (s *Service) SetPassword(ctx context.Context, by Operator, name, password string) (Operator, error) {
	hash, err := s.hash(name, password)
	if err != nil {
		return Operator{}, err
	}
	if err := s.Store.ClearTries(ctx, sources(name, "")); err != nil {
		return Operator{}, err
	}
	return s.change(ctx, by, name, func(o *Operator) (string, string, error) {
		o.PasswordHash = hash
		return "", "a new password", nil
	})
}

// ChangePassword gives an operator who knows the present password a new one.
func (s *Service) ChangePassword(ctx context.Context, o Operator, present, password, address string) (Operator, error) {
	if err := checkPassword(password, o.Name, s.House); err != nil {
		return Operator{}, err
	}
	if err := s.try(ctx, o.Name, address); err != nil {
		return Operator{}, err
	}
	if !s.Passwords.Check(o.PasswordHash, present) {
		return Operator{}, s.refuse(ctx, o, ErrWrong)
	}
	return s.SetPassword(ctx, o, o.Name, password)
}

// Disable shuts the operator out, or lets them in again.
func (s *Service) Disable(ctx context.Context, by Operator, name string, disabled bool) (Operator, error) {
	return s.change(ctx, by, name, func(o *Operator) (string, string, error) {
		if !disabled {
			o.DisabledAt = time.Time{}
			return "disabled", "enabled", nil
		}
		o.DisabledAt = s.Now()
		return "enabled", "disabled", nil
	})
}

// SetRole gives the operator another role, and the apps that go with it.
func (s *Service) SetRole(ctx context.Context, by Operator, name string, role Role, apps []merchant.ID) (Operator, error) {
	return s.change(ctx, by, name, func(o *Operator) (string, string, error) {
		was := o.standing()
		o.Role, o.Apps = role, apps
		return was, o.standing(), o.Check()
	})
}

// ResetCode takes the operator's codes away: with a telephone that was lost they
// could not sign in any more.
func (s *Service) ResetCode(ctx context.Context, by Operator, name string) (Operator, error) {
	return s.change(ctx, by, name, func(o *Operator) (string, string, error) {
		o.TOTP, o.TOTPStep, o.Recovery = "", 0, nil
		return "codes", "no codes", nil
	})
}

// EnrolCode makes the operator sign in with codes of that secret, and returns
// recovery codes. code shows that their app has the secret.
func (s *Service) EnrolCode(ctx context.Context, o Operator, secret, code string) (recovery []string, err error) {
	step, ok := matchCode(secret, strings.TrimSpace(code), s.Now(), 0)
	if !ok {
		return nil, ErrCode
	}
	recovery, hashes := newRecovery()
	n := Note{Record: s.Record(o, CodeEnrolled, o.Name, 0)}
	_, err = s.Store.UpdateOperator(WithNote(ctx, n), o.Name, func(o *Operator) error {
		o.TOTP, o.TOTPStep, o.Recovery = secret, step, hashes
		return nil
	})
	return recovery, err
}

// change changes an operator, and ends their sessions: what they may do, and how
// they show who they are, is another now.
func (s *Service) change(ctx context.Context, by Operator, name string, change func(*Operator) (was, became string, err error)) (Operator, error) {
	var was, became string
	n := Note{Record: s.Record(by, OperatorChanged, name, 0), Detail: func() (string, string) { return was, became }}
	o, err := s.Store.UpdateOperator(WithNote(ctx, n), name, func(o *Operator) (err error) {
		was, became, err = change(o)
		return err
	})
	if err != nil {
		return o, err
	}
	return o, s.Store.EndOperatorSessions(ctx, name, "")
}
