package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"time"

	"sen/internal/operator"
	"sen/internal/pay"
)

// audited is update for what people change by hand: when ctx has a note, it is
// put on record in the same transaction.
func (s *Store) audited(ctx context.Context, fn func(*tx) error) error {
	return s.update(ctx, func(t *tx) error {
		if err := fn(t); err != nil {
			return err
		}
		return t.record(ctx)
	})
}

// Audited returns the store for changes that people make through the rules of
// package pay: what is noted in the context of an Update goes on record with it.
func Audited(s pay.Store) pay.Store { return auditedPay{s} }

type auditedPay struct{ pay.Store }

// Update implements pay.Store.
func (a auditedPay) Update(ctx context.Context, fn func(pay.Tx) error) error {
	return a.Store.Update(ctx, func(t pay.Tx) error {
		if err := fn(t); err != nil {
			return err
		}
		r, ok := t.(interface {
			record(ctx context.Context) error
		})
		if !ok {
			return errors.New("the store keeps no records")
		}
		return r.record(ctx)
	})
}

const insertRecord = `
INSERT INTO audit (id, at, actor, role, action, subject, app_id, was, became) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

// record writes what is noted in ctx, if anything is.
func (t *tx) record(ctx context.Context) error {
	r, ok := operator.Noted(ctx)
	if !ok {
		return nil
	}
	return t.insertRecord(r)
}

func (t *tx) insertRecord(r operator.Record) error {
	_, err := t.exec(insertRecord, r.ID, micros(r.At), r.Actor, string(r.Role), string(r.Action), r.Subject,
		int64(r.App), r.Was, r.Became)
	return err
}

// AddRecord writes a line of the audit log that goes with no other change.
func (s *Store) AddRecord(ctx context.Context, r operator.Record) error {
	return s.update(ctx, func(t *tx) error { return t.insertRecord(r) })
}

// The columns failures and paused_until are no longer used: tries are counted by
// where they come from too.
const operatorColumns = `name, role, apps, password_hash, created_at, disabled_at, totp, totp_step, recovery`

func scanOperator(scan func(...any) error) (o operator.Operator, err error) {
	var apps, recovery string
	err = scan(&o.Name, &o.Role, &apps, &o.PasswordHash, instant{&o.CreatedAt}, instant{&o.DisabledAt},
		&o.TOTP, &o.TOTPStep, &recovery)
	if errors.Is(err, sql.ErrNoRows) {
		err = operator.ErrUnknown
	}
	if err != nil {
		return o, err
	}
	if recovery != "" {
		err = json.Unmarshal([]byte(recovery), &o.Recovery)
	}
	return o, errors.Join(err, json.Unmarshal([]byte(apps), &o.Apps))
}

const operatorByName = `SELECT ` + operatorColumns + ` FROM operators WHERE name = $1`

func (t *tx) operator(name string) (operator.Operator, error) {
	return scanOperator(func(dest ...any) error { return t.row(operatorByName, []any{name}, dest...) })
}

// Operator returns the operator with that name, or operator.ErrUnknown.
func (s *Store) Operator(ctx context.Context, name string) (o operator.Operator, err error) {
	err = s.view(ctx, func(t *tx) (err error) {
		if o, err = t.operator(name); err != nil {
			return err
		}
		o.TOTP, err = s.revealText(placeOfTOTP(name), o.TOTP)
		return err
	})
	return o, err
}

const allOperators = `SELECT ` + operatorColumns + ` FROM operators ORDER BY name LIMIT 1000`

// Operators returns all operators, by name. Of the secrets of their codes it is
// only told that there are any.
func (s *Store) Operators(ctx context.Context) (all []operator.Operator, err error) {
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(allOperators, nil, func(scan func(...any) error) error {
			o, err := scanOperator(scan)
			all = append(all, o)
			return err
		})
	})
	return all, err
}

const insertOperator = `
INSERT INTO operators (name, role, apps, password_hash, failures, created_at, disabled_at)
VALUES ($1, $2, $3, $4, 0, $5, $6) ON CONFLICT (name) DO NOTHING`

// InsertOperator adds an operator, or returns operator.ErrExists.
func (s *Store) InsertOperator(ctx context.Context, o operator.Operator) error {
	apps, err := json.Marshal(o.Apps)
	if err != nil {
		return err
	}
	return s.audited(ctx, func(t *tx) error {
		n, err := t.exec(insertOperator, o.Name, string(o.Role), string(apps), o.PasswordHash, micros(o.CreatedAt), micros(o.DisabledAt))
		if err == nil && n == 0 {
			err = operator.ErrExists
		}
		return err
	})
}

const updateOperator = `
UPDATE operators SET role = $2, apps = $3, password_hash = $4, disabled_at = $5, totp = $6, totp_step = $7, recovery = $8
WHERE name = $1 AND role = $9 AND apps = $10 AND password_hash = $11 AND disabled_at IS NOT DISTINCT FROM $12
	AND totp = $13 AND totp_step = $14 AND recovery = $15`

// operatorValues are the columns of an operator that can change; totp is as it is
// stored.
func operatorValues(o operator.Operator, totp string) ([]any, error) {
	apps, err := json.Marshal(o.Apps)
	if err != nil {
		return nil, err
	}
	recovery := []byte(nil)
	if o.Recovery != nil {
		recovery, err = json.Marshal(o.Recovery)
	}
	return []any{string(o.Role), string(apps), o.PasswordHash, micros(o.DisabledAt), totp, o.TOTPStep, string(recovery)}, err
}

// UpdateOperator applies change to the operator and writes what can change of it,
// if it still is what was read.
func (s *Store) UpdateOperator(ctx context.Context, name string, change func(*operator.Operator) error) (o operator.Operator, err error) {
	err = s.audited(ctx, func(t *tx) error {
		was, err := t.operator(name)
		if err != nil {
			return err
		}
		before, err := operatorValues(was, was.TOTP)
		if err != nil {
			return err
		}
		stored := was.TOTP
		if was.TOTP, err = s.revealText(placeOfTOTP(name), stored); err != nil {
			return err
		}
		o = was
		if err := change(&o); err != nil {
			return err
		}
		if o.TOTP != was.TOTP {
			if stored, err = s.sealText(placeOfTOTP(name), o.TOTP); err != nil {
				return err
			}
		}
		after, err := operatorValues(o, stored)
		if err != nil {
			return err
		}
		return t.swap(updateOperator, slices.Concat([]any{name}, after, before)...)
	})
	return o, err
}

const sessionColumns = `id, name, began_at, seen_at, proved_at, ends_at, remote, agent`

func scanSignIn(scan func(...any) error) (x operator.Session, err error) {
	err = scan(&x.ID, &x.Name, instant{&x.Began}, instant{&x.Seen}, instant{&x.Proved}, instant{&x.Ends}, &x.Remote, &x.Agent)
	if errors.Is(err, sql.ErrNoRows) {
		err = operator.ErrUnknown
	}
	return x, err
}

const (
	sessionByID    = `SELECT ` + sessionColumns + ` FROM operator_sessions WHERE id = $1`
	sessionsByName = `SELECT ` + sessionColumns + ` FROM operator_sessions WHERE name = $1 ORDER BY id LIMIT 200`
)

// OperatorSession returns a session of the console, or operator.ErrUnknown.
func (s *Store) OperatorSession(ctx context.Context, id string) (x operator.Session, err error) {
	err = s.view(ctx, func(t *tx) (err error) {
		x, err = scanSignIn(func(dest ...any) error { return t.row(sessionByID, []any{id}, dest...) })
		return err
	})
	return x, err
}

// OperatorSessions returns the sessions of an operator, the latest first.
func (s *Store) OperatorSessions(ctx context.Context, name string) (all []operator.Session, err error) {
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(sessionsByName, []any{name}, func(scan func(...any) error) error {
			x, err := scanSignIn(scan)
			all = append(all, x)
			return err
		})
	})
	slices.SortFunc(all, func(a, b operator.Session) int { return b.Began.Compare(a.Began) })
	return all, err
}

const (
	insertSession = `INSERT INTO operator_sessions (` + sessionColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (id) DO NOTHING`
	touchSession = `UPDATE operator_sessions SET seen_at = $2, proved_at = $3 WHERE id = $1`
	endSessions  = `DELETE FROM operator_sessions WHERE name = $1 AND id <> $2`
)

// PutOperatorSession writes a session; of one that was begun before, when it was
// seen and proved. One that has ended meanwhile stays ended.
func (s *Store) PutOperatorSession(ctx context.Context, x operator.Session) error {
	return s.update(ctx, func(t *tx) error {
		if x.Seen != x.Began || x.Proved != x.Began {
			_, err := t.exec(touchSession, x.ID, micros(x.Seen), micros(x.Proved))
			return err
		}
		_, err := t.exec(insertSession, x.ID, x.Name, micros(x.Began), micros(x.Seen), micros(x.Proved), micros(x.Ends), x.Remote, x.Agent)
		return err
	})
}

// EndOperatorSessions ends all sessions of an operator but one.
func (s *Store) EndOperatorSessions(ctx context.Context, name, but string) error {
	return s.audited(ctx, func(t *tx) error {
		_, err := t.exec(endSessions, name, but)
		return err
	})
}

const endOperatorSession = `DELETE FROM operator_sessions WHERE id = $1`

// EndOperatorSession ends a session of the console.
func (s *Store) EndOperatorSession(ctx context.Context, id string) error {
	return s.audited(ctx, func(t *tx) error {
		_, err := t.exec(endOperatorSession, id)
		return err
	})
}

const (
	tryBySource = `SELECT failures, tried_at, paused_until FROM sign_in_tries WHERE source = $1`
	putTry      = `
INSERT INTO sign_in_tries (source, failures, tried_at, paused_until) VALUES ($1, $2, $3, $4)
ON CONFLICT (source) DO UPDATE SET failures = excluded.failures, tried_at = excluded.tried_at, paused_until = excluded.paused_until
WHERE sign_in_tries.failures = $5 AND sign_in_tries.tried_at = $6`
	clearTry = `DELETE FROM sign_in_tries WHERE source = $1`
)

// CountTry counts a try of a source to sign in, unless the source is paused: then
// it is false. pause says for how long it is after so many.
func (s *Store) CountTry(ctx context.Context, source string, now time.Time, pause func(failures int) time.Duration) (allowed bool, err error) {
	err = s.update(ctx, func(t *tx) error {
		var failures, tried, until int64
		err := t.row(tryBySource, []any{source}, &failures, &tried, &until)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if allowed = now.UnixMicro() >= until; !allowed {
			return nil
		}
		count := failures
		if now.UnixMicro()-tried > operator.Forgotten.Microseconds() {
			count = 0
		}
		count++
		at := max(now.UnixMicro(), tried+1)
		return t.swap(putTry, source, count, at, now.Add(pause(int(count))).UnixMicro(), failures, tried)
	})
	return allowed, err
}

// ClearTries forgets the tries of the sources.
func (s *Store) ClearTries(ctx context.Context, sources map[string]int) error {
	return s.update(ctx, func(t *tx) error {
		for source := range sources {
			if _, err := t.exec(clearTry, source); err != nil {
				return err
			}
		}
		return nil
	})
}

const (
	dropSessions = `
DELETE FROM operator_sessions WHERE id IN (SELECT id FROM operator_sessions WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2)`
	dropTries = `
DELETE FROM sign_in_tries WHERE source IN (SELECT source FROM sign_in_tries WHERE tried_at <= $1 ORDER BY tried_at LIMIT $2)`
)

// DropOldSignIns removes a batch of the console's sessions that had ended at now,
// and of the tries to sign in that are forgotten.
func (s *Store) DropOldSignIns(ctx context.Context, now time.Time) (more bool, err error) {
	const batch = 500
	err = s.update(ctx, func(t *tx) error {
		n, err := t.exec(dropSessions, micros(now), int64(batch))
		if err != nil {
			return err
		}
		m, err := t.exec(dropTries, micros(now.Add(-operator.Forgotten)), int64(batch))
		more = n == batch || m == batch
		return err
	})
	return more, err
}

// A RecordSearch says which lines of the audit log are wanted; what is empty is
// not asked for.
type RecordSearch struct {
	Actor   string
	Subject string
	Before  int64 // older than the record with that id; 0: the newest
}

const recordColumns = `id, at, actor, role, action, subject, app_id, was, became`

const (
	recordsBefore    = `SELECT ` + recordColumns + ` FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2`
	recordsByActor   = `SELECT ` + recordColumns + ` FROM audit WHERE actor = $3 AND id < $1 ORDER BY id DESC LIMIT $2`
	recordsOfSubject = `SELECT ` + recordColumns + ` FROM audit WHERE subject = $3 AND id < $1 ORDER BY id DESC LIMIT $2`
)

// Records returns at most n lines of the audit log, the newest first. Of actor
// and subject one can be asked for.
func (s *Store) Records(ctx context.Context, q RecordSearch, n int) (all []operator.Record, err error) {
	if q.Before == 0 {
		q.Before = math.MaxInt64
	}
	text, args := recordsBefore, []any{q.Before, int64(n)}
	switch {
	case q.Subject != "":
		text, args = recordsOfSubject, append(args, q.Subject)
	case q.Actor != "":
		text, args = recordsByActor, append(args, q.Actor)
	}
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(text, args, func(scan func(...any) error) error {
			var r operator.Record
			err := scan(&r.ID, instant{&r.At}, &r.Actor, &r.Role, &r.Action, &r.Subject, &r.App, &r.Was, &r.Became)
			all = append(all, r)
			return err
		})
	})
	return all, err
}
