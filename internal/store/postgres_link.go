package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A link is one connection to a server, with the statements that it knows.
type link struct {
	server    *server
	settings  map[string]string // besides those of every connection
	conn      *pgconn.PgConn
	prepared  map[string]*pgconn.StatementDescription
	warnings  int       // that came over this connection
	committed time.Time // when the last commit began that was seen to succeed over it
}

// connect connects unless the link is up.
func (l *link) connect(ctx context.Context) error {
	if l.conn != nil && !l.conn.IsClosed() {
		return nil
	}
	l.drop()
	conn, err := l.server.dial(ctx, l.settings, func() { l.warnings++ })
	if err != nil {
		return err
	}
	l.conn, l.prepared, l.committed = conn, map[string]*pgconn.StatementDescription{}, time.Time{}
	return nil
}

// drop gives up the connection.
func (l *link) drop() {
	if l.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = l.conn.Close(ctx) // it is broken, or we stop
	l.conn = nil
}

// prepare has the server read a text once for each connection.
func (l *link) prepare(ctx context.Context, text string) (*pgconn.StatementDescription, error) {
	if st, ok := l.prepared[text]; ok {
		return st, nil
	}
	st, err := l.conn.Prepare(ctx, "s"+strconv.Itoa(len(l.prepared)), text, nil)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", text, l.heard(err))
	}
	for i, oid := range st.ParamOIDs {
		if _, ok := typeNames[oid]; !ok && !strings.Contains(text, "unnest(") {
			return nil, fmt.Errorf("argument %d of %q has type %d: cast it to BIGINT, TEXT or BYTEA", i+1, text, oid)
		}
	}
	l.prepared[text] = st
	return st, nil
}

// A request is one statement of a pipeline.
type request struct {
	prepared *pgconn.StatementDescription
	args     [][]byte
	read     func(*pgconn.ResultReader) error // nil: nothing to read
}

// pipeline sends the requests in one go and reads what came of them.
func (l *link) pipeline(ctx context.Context, requests []request) (err error) {
	p := l.conn.StartPipeline(ctx)
	defer func() {
		if end := p.Close(); err == nil {
			err = end
		}
		err = l.heard(err)
	}()
	for _, q := range requests {
		p.SendQueryStatement(q.prepared, q.args, allBinary, allBinary)
	}
	if err := p.Sync(); err != nil {
		return err
	}
	for _, q := range requests {
		if err := readNext(p, q); err != nil {
			return err
		}
	}
	return nil
}

func readNext(p *pgconn.Pipeline, q request) error {
	next, err := p.GetResults()
	if err != nil {
		return err
	}
	rr, ok := next.(*pgconn.ResultReader)
	if !ok {
		return fmt.Errorf("the server answered %T", next)
	}
	if q.read == nil {
		_, err = rr.Close()
		return err
	}
	return q.read(rr)
}

// control runs a statement that neither takes nor returns anything.
func (l *link) control(ctx context.Context, text string) error {
	st, err := l.prepare(ctx, text)
	if err != nil {
		return err
	}
	return l.pipeline(ctx, []request{{prepared: st, read: func(rr *pgconn.ResultReader) error {
		tag, err := rr.Close()
		if err == nil && tag.String() != text {
			// A transaction that is broken answers COMMIT with ROLLBACK.
			err = fmt.Errorf("the server answered %s with %s", text, tag)
		}
		return err
	}}})
}

// heard marks an error that the connection did not survive: the server may know
// more about what became of the transaction than we do.
func (l *link) heard(err error) error {
	if err != nil && l.conn.IsClosed() {
		err = &lost{err}
	}
	return err
}

// readAll reads the rows of a result and keeps them.
func readAll(text string, rr *pgconn.ResultReader) (r result, tag pgconn.CommandTag, err error) {
	var kept []byte // of all rows, so that it is one piece of memory
	var ends []int
	for rr.NextRow() {
		for _, v := range rr.Values() {
			kept = append(kept, v...)
			end := len(kept)
			if v == nil {
				end = -1
			}
			ends = append(ends, end)
		}
	}
	fields := rr.FieldDescriptions()
	if r.types, err = columnTypes(text, fields); err != nil {
		return r, tag, err
	}
	r.rows = cutRows(kept, ends, len(fields))
	tag, err = rr.Close()
	return r, tag, err
}

// cutRows makes rows of so many columns from values that lie one after the
// other; the end of a NULL is -1.
func cutRows(kept []byte, ends []int, columns int) [][][]byte {
	if len(ends) == 0 {
		return nil
	}
	values, begin := make([][]byte, len(ends)), 0
	for i, end := range ends {
		if end >= 0 {
			values[i] = kept[begin:end:end]
			begin = end
		}
	}
	rows := make([][][]byte, 0, len(ends)/columns)
	for len(values) > 0 {
		rows = append(rows, values[:columns:columns])
		values = values[columns:]
	}
	return rows
}
