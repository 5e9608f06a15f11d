package store

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"sen/internal/ledger"
	"sen/internal/money"
)

// A round is what the strands of a batch wait for, in the groups in which it is
// sent: one round trip.
type round struct{ groups []*group }

// A group is a statement and the asks that it answers at once.
type group struct {
	*statement
	rows   [][]any
	askers [][]*ask    // of each row
	byKey  map[any]int // the row of each first argument, when they must be distinct
}

// add puts an ask into a group that does not come before the given place, so
// that the statements of a strand stay in their order, and returns the group's
// place.
func (r *round) add(a *ask, from int) int {
	for i := from; i < len(r.groups); i++ {
		if r.groups[i].take(a) {
			return i
		}
	}
	g := &group{statement: a.statement}
	g.take(a)
	r.groups = append(r.groups, g)
	return len(r.groups) - 1
}

// take adds an ask if it is of this statement and can share it.
func (g *group) take(a *ask) bool {
	if g.statement != a.statement || (a.set == "" && len(g.rows) > 0) {
		return false
	}
	if g.distinct {
		key := a.args[0]
		if row, ok := g.byKey[key]; ok {
			return g.merge(row, a)
		}
		if g.byKey == nil {
			g.byKey = map[any]int{}
		}
		g.byKey[key] = len(g.rows)
	}
	g.rows = append(g.rows, a.args)
	g.askers = append(g.askers, []*ask{a})
	return true
}

// merge adds an ask to a row that is there. Movements that can't be refused can
// be summed: a merchant's account that everybody pays into changes once in a
// batch, however many pay.
func (g *group) merge(row int, a *ask) bool {
	if g.text != moveBalance {
		return false
	}
	sum, more := posting(g.rows[row]), posting(a.args)
	if refusable(sum) || refusable(more) || overflows(int64(sum.Amount), int64(more.Amount)) {
		return false
	}
	if len(g.askers[row]) == 1 { // these are still the first ask's own arguments
		g.rows[row] = slices.Clone(g.rows[row])
	}
	g.rows[row][1] = int64(sum.Amount + more.Amount)
	g.askers[row] = append(g.askers[row], a)
	return true
}

// posting is what the arguments of moveBalance say.
func posting(args []any) ledger.Posting {
	account, _ := args[0].(int64)
	amount, _ := args[1].(int64)
	return ledger.Posting{Account: ledger.AccountID(account), Amount: money.Amount(amount)}
}

func overflows(a, b int64) bool {
	sum := a + b
	return (sum > a) != (b > 0)
}

// readOne reads what came of the only row.
func (g *group) readOne(rr *pgconn.ResultReader) error {
	found, tag, err := readAll(g.text, rr)
	if err != nil {
		return err
	}
	changed := tag.RowsAffected()
	if tag.Select() {
		changed = 0
	}
	for _, a := range g.askers[0] {
		a.changed, a.found = changed, found
		a.strand.wrote = a.strand.wrote || changed > 0
	}
	return nil
}

// errSetForm means that the set form of a statement does not do what the
// statement does.
var errSetForm = errors.New("the set form of a statement returned what nobody asked for")

// readSet reads what came of each row.
func (g *group) readSet(rr *pgconn.ResultReader) error {
	found, tag, err := readAll(g.text, rr)
	if err != nil {
		return err
	}
	if g.verb == insertion && !g.distinct { // it inserts all, or fails
		for row := range g.rows {
			g.changed(row, 1)
		}
		if tag.RowsAffected() != int64(len(g.rows)) {
			return errSetForm
		}
		return nil
	}
	for _, values := range found.rows {
		row, ok := g.rowOf(values[0])
		if !ok {
			return errSetForm
		}
		if g.verb == selection {
			a := g.askers[row][0]
			a.found.types = found.types[1:]
			a.found.rows = append(a.found.rows, values[1:])
			continue
		}
		g.changed(row, 1)
	}
	return nil
}

func (g *group) changed(row int, n int64) {
	for _, a := range g.askers[row] {
		a.changed = n
		a.strand.wrote = true
	}
}

// rowOf tells which row of arguments a row of the result is about: by its
// number, counted from 1, or by its first argument.
func (g *group) rowOf(value []byte) (row int, ok bool) {
	if g.verb != insertion {
		row = int(binary.BigEndian.Uint64(value)) - 1 //nolint:gosec // checked right here
		return row, row >= 0 && row < len(g.rows)
	}
	var key any = string(value)
	if _, number := g.rows[0][0].(int64); number {
		key = int64(binary.BigEndian.Uint64(value)) //nolint:gosec // it was one before
	}
	row, ok = g.byKey[key]
	return row, ok
}
