package store

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// copySetting marks a database that a copy has begun to fill. Nobody serves
// from one before the copy is complete.
const copySetting = "copy"

// ErrHalfCopied is the refusal to serve from a database that is not complete.
var ErrHalfCopied = errors.New("a copy into this database was not finished: drop it, make an empty one and copy again")

// ErrNotEmpty is the refusal to copy over data.
var ErrNotEmpty = errors.New("the database to copy to has data already: give an empty one")

// notCopied are tables that belong to a database and its processes, not to
// what is kept in it.
var notCopied = []string{"commits", "nodes", "leases", "permits", "revision"}

// A Copied is a table that was copied and compared.
type Copied struct {
	Table string
	Rows  int64
}

// Copy fills the empty database to with everything that is in from, as it is at
// one moment, and compares both afterwards row by row. done is called after
// each table. When Copy fails, nobody can serve from to.
func Copy(ctx context.Context, from, to *Store, done func(Copied)) error {
	tables, err := to.tables(ctx)
	if err != nil {
		return err
	}
	if err := to.beginCopy(ctx, tables); err != nil {
		return err
	}
	sums := map[string]tableSum{}
	err = from.engine.scan(ctx, func(t *tx) error {
		for _, table := range tables {
			sum, err := t.copyTable(ctx, table, to)
			if err != nil {
				return fmt.Errorf("copy %s: %w", table.name, err)
			}
			sums[table.name] = sum
			done(Copied{table.name, sum.rows})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := to.compareCopy(ctx, tables, sums); err != nil {
		return err
	}
	return to.update(ctx, func(t *tx) error {
		_, err := t.exec(deleteSetting, copySetting)
		return err
	})
}

// A table is one of the schema; its columns begin with the key.
type table struct {
	name    string
	columns []string
}

func (t table) selection() string {
	return "SELECT " + strings.Join(t.columns, ", ") + " FROM " + t.name
}

func (t table) insertion() string {
	arguments := make([]string, len(t.columns))
	for i := range arguments {
		arguments[i] = fmt.Sprintf("$%d", i+1)
	}
	return "INSERT INTO " + t.name + " (" + strings.Join(t.columns, ", ") + ") VALUES (" + strings.Join(arguments, ", ") + ")"
}

// tables returns what is to be copied, by name.
func (s *Store) tables(ctx context.Context) (all []table, err error) {
	err = s.engine.scan(ctx, func(t *tx) error {
		all = nil
		return t.rows(s.engine.schema(), nil, func(scan func(...any) error) error {
			var name, column string
			if err := scan(&name, &column); err != nil {
				return err
			}
			if slices.Contains(notCopied, name) || strings.HasPrefix(name, "goose_") || strings.HasPrefix(name, "sqlite_") {
				return nil
			}
			if len(all) == 0 || all[len(all)-1].name != name {
				all = append(all, table{name: name})
			}
			last := &all[len(all)-1]
			last.columns = append(last.columns, column)
			return nil
		})
	})
	return all, err
}

const deleteSetting = `DELETE FROM settings WHERE name = $1`

// beginCopy marks the database and removes the rows that its migrations made.
func (s *Store) beginCopy(ctx context.Context, tables []table) error {
	return s.update(ctx, func(t *tx) error {
		for _, table := range tables {
			if table.name == "accounts" { // the migrations make some
				continue
			}
			var n int64
			if err := t.row("SELECT COUNT(*) FROM (SELECT 1 FROM "+table.name+" LIMIT 1) AS any_row", nil, &n); err != nil {
				return err
			}
			if n > 0 {
				return fmt.Errorf("%w (table %s)", ErrNotEmpty, table.name)
			}
		}
		if _, err := t.exec("DELETE FROM accounts"); err != nil {
			return err
		}
		_, err := t.exec(setSetting, copySetting, "under way")
		return err
	})
}

// rowsAtOnce is how many rows go into one transaction.
const rowsAtOnce = 500

// copyTable writes the rows of a table to another database.
func (t *tx) copyTable(ctx context.Context, from table, to *Store) (sum tableSum, err error) {
	var batch [][]any
	write := func() error {
		rows := batch
		batch = nil
		return to.update(ctx, func(t *tx) error {
			for _, row := range rows {
				if err := t.insert(from.insertion(), row...); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err = t.eachRow(from, func(row []any) error {
		sum.add(row)
		if batch = append(batch, row); len(batch) < rowsAtOnce {
			return nil
		}
		return write()
	})
	if err == nil && len(batch) > 0 {
		err = write()
	}
	return sum, err
}

func (t *tx) eachRow(from table, each func(row []any) error) error {
	return t.rows(from.selection(), nil, func(scan func(...any) error) error {
		row := make([]any, len(from.columns))
		dest := make([]any, len(row))
		for i := range row {
			dest[i] = &row[i]
		}
		if err := scan(dest...); err != nil {
			return err
		}
		return each(row)
	})
}

// compareCopy reads the copy back.
func (s *Store) compareCopy(ctx context.Context, tables []table, want map[string]tableSum) error {
	return s.engine.scan(ctx, func(t *tx) error {
		for _, table := range tables {
			var got tableSum
			err := t.eachRow(table, func(row []any) error {
				if table.name != "settings" || row[0] != copySetting {
					got.add(row)
				}
				return nil
			})
			if err == nil && got != want[table.name] {
				err = fmt.Errorf("%d rows were read and %d written, or they are not the same", want[table.name].rows, got.rows)
			}
			if err != nil {
				return fmt.Errorf("compare %s: %w", table.name, err)
			}
		}
		return nil
	})
}

// A tableSum tells tables apart, in whatever order their rows come.
type tableSum struct {
	rows int64
	sum  uint64
}

func (s *tableSum) add(row []any) {
	h := fnv.New64a()
	for _, value := range row {
		fmt.Fprintf(h, "%T %v\x00", value, value) // a hash takes everything
	}
	s.rows++
	s.sum += h.Sum64()
}
