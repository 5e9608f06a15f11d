package operator

import (
	"context"
	"crypto/rand"
	"time"
)

// A Session is a browser in which an operator is signed in.
type Session struct {
	ID     string
	Name   string
	Began  time.Time
	Seen   time.Time // to the minute
	Proved time.Time // when a password or code was last given
	Ends   time.Time
	Remote string
	Agent  string
}

// Times of a session.
const (
	// Idle is how long a session may rest, and WorkingDay how long it lasts at
	// the most.
	Idle       = 30 * time.Minute
	WorkingDay = 8 * time.Hour
	// Fresh is for how long a password or code is proof enough for what is
	// dangerous.
	Fresh = 10 * time.Minute
	// touch is how often it is written that a session is in use.
	touch = time.Minute
)

// Open reports whether the session lets anybody in.
func (s Session) Open(now time.Time) bool {
	return now.Before(s.Ends) && now.Before(s.Seen.Add(Idle))
}

// Longest is as much of a browser's name and address as is kept.
const longest = 200

// Begin opens a session.
func (s *Service) Begin(ctx context.Context, o Operator, remote, agent string) (Session, error) {
	now := s.Now()
	n := Session{
		ID: rand.Text(), Name: o.Name, Began: now, Seen: now, Proved: now, Ends: now.Add(WorkingDay),
		Remote: remote[:min(len(remote), longest)], Agent: agent[:min(len(agent), longest)],
	}
	return n, s.Store.PutOperatorSession(ctx, n)
}

// Session returns an open session. seen says that somebody uses it now, and not
// only a page that brings itself up to date.
func (s *Service) Session(ctx context.Context, id string, seen bool) (Session, error) {
	found, err := s.Store.OperatorSession(ctx, id)
	if err != nil {
		return Session{}, err
	}
	now := s.Now()
	if !found.Open(now) {
		return Session{}, ErrUnknown
	}
	if seen && now.Sub(found.Seen) >= touch {
		found.Seen = now
		err = s.Store.PutOperatorSession(ctx, found)
	}
	return found, err
}

// Sessions returns the open sessions of an operator, the latest first.
func (s *Service) Sessions(ctx context.Context, name string) (open []Session, err error) {
	all, err := s.Store.OperatorSessions(ctx, name)
	for _, x := range all {
		if x.Open(s.Now()) {
			open = append(open, x)
		}
	}
	return open, err
}

// EndSessions signs an operator out everywhere but in one session; "" is none.
func (s *Service) EndSessions(ctx context.Context, by Operator, name, but string) error {
	ctx = WithNote(ctx, Note{Record: s.Record(by, SessionsEnded, name, 0)})
	return s.Store.EndOperatorSessions(ctx, name, but)
}

// Prove takes a password, or a code from those who have one, as proof that it is
// still the operator who sits there.
func (s *Service) Prove(ctx context.Context, session Session, o Operator, proof string) error {
	if err := s.try(ctx, o.Name, session.Remote); err != nil {
		return err
	}
	if err := s.proves(ctx, o, proof); err != nil {
		return s.refuse(ctx, o, err)
	}
	if err := s.Store.ClearTries(ctx, sources(o.Name, session.Remote)); err != nil {
		return err
	}
	session.Proved = s.Now()
	return s.Store.PutOperatorSession(ctx, session)
}

func (s *Service) proves(ctx context.Context, o Operator, proof string) error {
	if o.TOTP == "" {
		if !s.Passwords.Check(o.PasswordHash, proof) {
			return ErrWrong
		}
		return nil
	}
	_, err := s.Store.UpdateOperator(ctx, o.Name, func(o *Operator) error {
		if !o.takeCode(proof, s.Now()) {
			return ErrWrong
		}
		return nil
	})
	return err
}

// SignOut ends a session.
func (s *Service) SignOut(ctx context.Context, o Operator, x Session) error {
	ctx = WithNote(ctx, Note{Record: s.Record(o, SignedOut, o.Name, 0)})
	return s.Store.EndOperatorSession(ctx, x.ID)
}
