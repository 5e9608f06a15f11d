package store

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// A connection keeps its prepared statements. One goroutine at a
// time may use it. It speaks to SQLite without database/sql between, which
// saves a third of the processor time of a payment.
type connection struct {
	conn  *sqlite3.Conn
	stmts map[string]*sqlite3.Stmt
}

func openConnection(dsn string) (*connection, error) {
	conn, err := sqlite3.Open(dsn)
	if err != nil {
		return nil, err
	}
	return &connection{conn: conn, stmts: map[string]*sqlite3.Stmt{}}, nil
}

// close ends the statements first: SQLite keeps a connection that has any.
func (c *connection) close() error {
	var err error
	for _, st := range c.stmts {
		err = errors.Join(err, st.Close())
	}
	return errors.Join(err, c.conn.Close())
}

// beginReading starts a transaction, or starts it anew, which sees from now on
// what is there at this moment.
func (c *connection) beginReading() error {
	if !c.conn.GetAutocommit() {
		if _, err := c.exec("ROLLBACK"); err != nil {
			return err
		}
	}
	if _, err := c.exec("BEGIN"); err != nil {
		return err
	}
	return (&tx{session: c}).rows(anySeal, nil, func(func(...any) error) error { return nil })
}

// stmt prepares a text once per connection. SQLite takes $1 for a name; its
// numbered form is ?1, so that is changed here, once.
func (c *connection) stmt(text string) (*sqlite3.Stmt, error) {
	if st, ok := c.stmts[text]; ok {
		return st, nil
	}
	st, _, err := c.conn.PrepareFlags(strings.ReplaceAll(text, "$", "?"), sqlite3.PREPARE_PERSISTENT)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", text, err)
	}
	c.stmts[text] = st
	return st, nil
}

// exec runs a statement and returns how many rows it changed.
func (c *connection) exec(text string, args ...any) (int64, error) {
	st, err := c.bound(text, args)
	if err != nil {
		return 0, err
	}
	st.Step()
	// Reset reports the error of the step, and ends the statement either way.
	if err := st.Reset(); err != nil {
		return 0, err
	}
	return c.conn.Changes(), nil
}

// guard is exec: this engine owes nothing.
func (c *connection) guard(text string, args ...any) (int64, error) { return c.exec(text, args...) }

// owe runs the statement at once: in one's own process nothing is gained by
// putting it off.
func (c *connection) owe(missed error, text string, args ...any) error {
	n, err := c.exec(text, args...)
	if err == nil && n == 0 {
		err = missed
	}
	return err
}

// rows calls each with every row's scan, in order.
func (c *connection) rows(text string, args []any, each func(scan func(...any) error) error) (err error) {
	st, err := c.bound(text, args)
	if err != nil {
		return err
	}
	// Reset reports the error of the step. It is deferred because a statement
	// that a panic left in the middle could never be bound again.
	defer func() {
		if end := st.Reset(); err == nil {
			err = end
		}
	}()
	scan := func(dest ...any) error { return fill(sqliteRow{st}, dest) }
	for st.Step() {
		if err := each(scan); err != nil {
			return err
		}
	}
	return nil
}

func (c *connection) bound(text string, args []any) (*sqlite3.Stmt, error) {
	st, err := c.stmt(text)
	if err != nil {
		return nil, err
	}
	for i, arg := range args {
		if err := bind(st, i+1, arg); err != nil {
			return nil, err
		}
	}
	return st, nil
}

func bind(st *sqlite3.Stmt, n int, arg any) error {
	switch v := arg.(type) {
	case nil:
		return st.BindNull(n)
	case int64:
		return st.BindInt64(n, v)
	case string:
		return st.BindText(n, v)
	case []byte:
		return st.BindBlob(n, v)
	}
	return fmt.Errorf("argument %d is a %T: give an int64, a string, bytes or nil", n, arg)
}

// sqliteRow is the row that a statement stands on.
type sqliteRow struct{ st *sqlite3.Stmt }

func (r sqliteRow) null(i int) bool    { return r.st.ColumnType(i) == sqlite3.NULL }
func (r sqliteRow) int(i int) int64    { return r.st.ColumnInt64(i) }
func (r sqliteRow) text(i int) string  { return r.st.ColumnText(i) }
func (r sqliteRow) bytes(i int) []byte { return r.st.ColumnBlob(i, nil) }

func (r sqliteRow) value(i int) any {
	switch r.st.ColumnType(i) {
	case sqlite3.INTEGER:
		return r.int(i)
	case sqlite3.TEXT:
		return r.text(i)
	case sqlite3.BLOB:
		return r.bytes(i)
	case sqlite3.NULL, sqlite3.FLOAT: // tables are strict, and none has a fraction
	}
	return nil
}
