package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"sen/internal/exchange"
	"sen/internal/id"
	"sen/internal/merchant"
)

const exchangeColumns = `id, at, took, app_id, operation, value, return_code, http_status, app_trans_id, m_refund_id,
	order_id, binding_id, payment, refund, change, mac, method, path, remote, rule_id, effect, body_size, headers, fields,
	reason, answer, body`

func scanExchange(scan func(...any) error) (x exchange.Exchange, err error) {
	var took, size int64
	var headers, fields string
	err = scan(&x.ID, instant{&x.At}, &took, &x.App, &x.Operation, &x.Value, &x.ReturnCode, &x.HTTPStatus,
		&x.Subject.AppTransID, &x.Subject.MRefundID, &x.Subject.Order, &x.Subject.Binding, &x.Subject.Payment,
		&x.Subject.Refund, &x.Subject.Change, &x.MAC, &x.Method, &x.Path, &x.Remote, &x.Rule, &x.Effect, &size,
		&headers, &fields, &x.Reason, &x.Answer, &x.Body)
	if errors.Is(err, sql.ErrNoRows) {
		err = exchange.ErrNotFound
	}
	if err != nil {
		return x, err
	}
	x.Took, x.BodySize = time.Duration(took)*time.Microsecond, int(size)
	return x, errors.Join(json.Unmarshal([]byte(headers), &x.Headers), json.Unmarshal([]byte(fields), &x.Fields))
}

const insertExchange = `
INSERT INTO exchanges (` + exchangeColumns + `)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
	$25, $26, $27)
ON CONFLICT (id) DO NOTHING`

// InsertExchanges keeps exchanges in one transaction and returns how many it
// kept: not those whose id another process has drawn.
func (s *Store) InsertExchanges(ctx context.Context, all []exchange.Exchange) (kept int, err error) {
	rows := make([][]any, len(all)) // made here, so that the one who writes is not kept from other work
	for i := range all {
		if rows[i], err = exchangeRow(&all[i]); err != nil {
			return 0, err
		}
	}
	err = s.update(ctx, func(t *tx) error {
		kept = 0
		for _, row := range rows {
			n, err := t.exec(insertExchange, row...)
			if err != nil {
				return err
			}
			kept += int(n)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return kept, nil
}

func exchangeRow(x *exchange.Exchange) ([]any, error) {
	headers, err := json.Marshal(x.Headers)
	if err != nil {
		return nil, err
	}
	fields, err := json.Marshal(x.Fields)
	if err != nil {
		return nil, err
	}
	var body any
	if x.Body != nil {
		body = x.Body
	}
	s := x.Subject
	return []any{
		int64(x.ID), micros(x.At), x.Took.Microseconds(), int64(x.App), x.Operation, int64(x.Value), int64(x.ReturnCode),
		int64(x.HTTPStatus), s.AppTransID, s.MRefundID, s.Order, s.Binding, s.Payment, s.Refund, string(s.Change),
		string(x.MAC), x.Method, x.Path, x.Remote, x.Rule, x.Effect, int64(x.BodySize), string(headers), string(fields),
		x.Reason, x.Answer, body,
	}, nil
}

const exchangeByID = `SELECT ` + exchangeColumns + ` FROM exchanges WHERE id = $1`

// Exchange returns one exchange, or exchange.ErrNotFound.
func (s *Store) Exchange(ctx context.Context, key exchange.ID) (x exchange.Exchange, err error) {
	err = s.view(ctx, func(t *tx) (err error) {
		x, err = scanExchange(func(dest ...any) error { return t.row(exchangeByID, []any{int64(key)}, dest...) })
		return err
	})
	return x, err
}

// Exchanges returns at most n exchanges older than before that the filter
// chooses, newest first. 0 for before begins with the newest.
func (s *Store) Exchanges(ctx context.Context, f exchange.Filter, before exchange.ID, n int) (all []exchange.Exchange, err error) {
	text, args := exchangesWhere(f, before, n)
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(text, args, func(scan func(...any) error) error {
			x, err := scanExchange(scan)
			all = append(all, x)
			return err
		})
	})
	return all, err
}

// exchangesWhere asks for what the filter has and for nothing else, so that an
// engine can choose an index. There are no more than 2⁷ such texts.
func exchangesWhere(f exchange.Filter, before exchange.ID, n int) (text string, args []any) {
	var conditions []string
	where := func(condition string, arg any) {
		args = append(args, arg)
		conditions = append(conditions, condition+" $"+strconv.Itoa(len(args)))
	}
	if before != 0 {
		where("id <", int64(before))
	}
	if f.App != 0 {
		where("app_id =", int64(f.App))
	}
	if f.Operation != "" {
		where("operation =", f.Operation)
	}
	if f.AppTransID != "" {
		where("app_trans_id <> '' AND app_trans_id =", f.AppTransID)
	}
	if f.Value != nil {
		where("value =", int64(*f.Value))
	}
	// An id begins with its time, so these need no index of their own; what is
	// left is for an id that was drawn after a clock had gone back.
	if !f.From.IsZero() {
		where("id >=", id.First(f.From))
		where("at >=", micros(f.From))
	}
	if !f.To.IsZero() {
		where("id <", id.First(f.To.Add(time.Millisecond)))
		where("at <", micros(f.To))
	}
	text = "SELECT " + exchangeColumns + " FROM exchanges"
	if len(conditions) > 0 {
		text += " WHERE " + strings.Join(conditions, " AND ")
	}
	args = append(args, int64(n))
	return text + " ORDER BY id DESC LIMIT $" + strconv.Itoa(len(args)), args
}

const (
	countExchanges = `SELECT COUNT(*) FROM exchanges`

	deleteOldExchanges = `
DELETE FROM exchanges WHERE id IN (SELECT id FROM exchanges WHERE id < $1 ORDER BY id LIMIT $2)`

	deleteFirstExchanges = `
DELETE FROM exchanges WHERE id IN (SELECT id FROM exchanges ORDER BY id LIMIT $1)`
)

// PruneExchanges deletes at most n exchanges: those before a time, and the
// oldest of those that are more than most. It reports whether there may be more.
func (s *Store) PruneExchanges(ctx context.Context, most int, before time.Time, n int) (more bool, err error) {
	var count, old int64
	err = s.view(ctx, func(t *tx) error {
		if err := t.row(countExchanges, nil, &count); err != nil {
			return err
		}
		return t.row(anyOldExchange, []any{id.First(before)}, &old)
	})
	tooMany := max(0, count-int64(most))
	if err != nil || tooMany == 0 && old == 0 {
		return false, err // a read disturbs nobody
	}
	var gone int64
	err = s.update(ctx, func(t *tx) (err error) {
		if tooMany > 0 {
			gone, err = t.exec(deleteFirstExchanges, min(tooMany, int64(n)))
			return err
		}
		gone, err = t.exec(deleteOldExchanges, id.First(before), int64(n))
		return err
	})
	return gone > 0, err
}

const anyOldExchange = `SELECT COUNT(*) FROM (SELECT 1 FROM exchanges WHERE id < $1 LIMIT 1) AS old`

// How many of the newest rows are looked at where no index serves: for the
// refusals of an overview, which are kept a while, and for an order that
// somebody watches.
const (
	recentExchanges = 2_000
	lookExchanges   = 1_000
)

const exchangesOfPayment = `
SELECT ` + exchangeColumns + ` FROM exchanges WHERE id IN (
	SELECT id FROM (SELECT id, app_id, payment FROM exchanges WHERE operation = $1 ORDER BY id DESC LIMIT $2) AS newest
	WHERE app_id = $3 AND payment = $4)
ORDER BY id DESC LIMIT $5`

// ExchangesOfPayment returns at most n exchanges of an operation that were about
// an app's payment, newest first. Those of refunds do not name the order. Only
// the newest of the operation are looked at.
func (s *Store) ExchangesOfPayment(ctx context.Context, operation string, app merchant.ID, payment int64, n int) (all []exchange.Exchange, err error) {
	args := []any{operation, int64(lookExchanges), int64(app), payment, int64(n)}
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(exchangesOfPayment, args, func(scan func(...any) error) error {
			x, err := scanExchange(scan)
			all = append(all, x)
			return err
		})
	})
	return all, err
}

// An Answered is a value that an operation answered, and how often.
type Answered struct {
	Operation string // "" for a path that is none's
	Value     int    // sub_return_code
	Count     int64
}

const refusedExchanges = `
SELECT operation, value, COUNT(*)
FROM (SELECT operation, value, return_code FROM exchanges ORDER BY id DESC LIMIT $1) AS newest
WHERE return_code = 2 GROUP BY operation, value ORDER BY COUNT(*) DESC, operation, value LIMIT $2`

const refusedExchangesOfApp = `
SELECT operation, value, COUNT(*)
FROM (SELECT operation, value, return_code FROM exchanges WHERE app_id = $3 ORDER BY id DESC LIMIT $1) AS newest
WHERE return_code = 2 GROUP BY operation, value ORDER BY COUNT(*) DESC, operation, value LIMIT $2`

// RefusedExchanges counts with what calls were refused, among the newest of all
// apps, or of one.
func (s *Store) RefusedExchanges(ctx context.Context, app merchant.ID, n int) (all []Answered, err error) {
	text, args := refusedExchanges, []any{int64(recentExchanges), int64(n)}
	if app != 0 {
		text, args = refusedExchangesOfApp, append(args, int64(app))
	}
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(text, args, func(scan func(...any) error) error {
			var one Answered
			err := scan(&one.Operation, &one.Value, &one.Count)
			all = append(all, one)
			return err
		})
	})
	return all, err
}
