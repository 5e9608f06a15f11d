package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"

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

const operatorColumns = `name, role, apps, password_hash, failures, paused_until, created_at, disabled_at`

func scanOperator(scan func(...any) error) (o operator.Operator, err error) {
	var apps string
	err = scan(&o.Name, &o.Role, &apps, &o.PasswordHash, &o.Failures, instant{&o.PausedUntil}, instant{&o.CreatedAt},
		instant{&o.DisabledAt})
	if errors.Is(err, sql.ErrNoRows) {
		err = operator.ErrUnknown
	}
	if err != nil {
		return o, err
	}
	return o, json.Unmarshal([]byte(apps), &o.Apps)
}

const operatorByName = `SELECT ` + operatorColumns + ` FROM operators WHERE name = $1`

func (t *tx) operator(name string) (operator.Operator, error) {
	return scanOperator(func(dest ...any) error { return t.row(operatorByName, []any{name}, dest...) })
}

// Operator returns the operator with that name, or operator.ErrUnknown.
func (s *Store) Operator(ctx context.Context, name string) (o operator.Operator, err error) {
	err = s.view(ctx, func(t *tx) (err error) {
		o, err = t.operator(name)
		return err
	})
	return o, err
}

const allOperators = `SELECT ` + operatorColumns + ` FROM operators ORDER BY name LIMIT 1000`

// Operators returns all operators, by name.
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
INSERT INTO operators (` + operatorColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING`

// InsertOperator adds an operator, or returns operator.ErrExists.
func (s *Store) InsertOperator(ctx context.Context, o operator.Operator) error {
	apps, err := json.Marshal(o.Apps)
	if err != nil {
		return err
	}
	return s.audited(ctx, func(t *tx) error {
		n, err := t.exec(insertOperator, o.Name, string(o.Role), string(apps), o.PasswordHash, int64(o.Failures),
			micros(o.PausedUntil), micros(o.CreatedAt), micros(o.DisabledAt))
		if err == nil && n == 0 {
			err = operator.ErrExists
		}
		return err
	})
}

const updateOperator = `
UPDATE operators SET password_hash = $2, failures = $3, paused_until = $4, disabled_at = $5
WHERE name = $1 AND password_hash = $6 AND failures = $7 AND disabled_at IS NOT DISTINCT FROM $8`

// UpdateOperator applies change to the operator and writes its password, its
// tries and whether it may come in, if they still are what was read.
func (s *Store) UpdateOperator(ctx context.Context, name string, change func(*operator.Operator) error) (o operator.Operator, err error) {
	err = s.audited(ctx, func(t *tx) error {
		was, err := t.operator(name)
		if err != nil {
			return err
		}
		o = was
		if err := change(&o); err != nil {
			return err
		}
		return t.swap(updateOperator, name, o.PasswordHash, int64(o.Failures), micros(o.PausedUntil), micros(o.DisabledAt),
			was.PasswordHash, int64(was.Failures), micros(was.DisabledAt))
	})
	return o, err
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
