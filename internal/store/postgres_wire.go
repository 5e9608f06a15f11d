package store

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// What goes to a server and comes back is in the protocol's binary form; the
// types are few, so that both ways are a few lines without reflection.

const binaryFormat = 1

var allBinary = []int16{binaryFormat}

var typeNames = map[uint32]string{
	pgtype.Int8OID: "BIGINT", pgtype.TextOID: "TEXT", pgtype.ByteaOID: "BYTEA",
}

// encoded is one argument: nil for NULL.
func encoded(arg any) ([]byte, error) {
	switch v := arg.(type) {
	case nil:
		return nil, nil
	case int64:
		return binary.BigEndian.AppendUint64(make([]byte, 0, 8), uint64(v)), nil
	case string:
		return append(make([]byte, 0, len(v)), v...), nil
	case []byte:
		if v == nil {
			return nil, nil
		}
		return append(make([]byte, 0, len(v)), v...), nil
	}
	return nil, fmt.Errorf("a %T: give an int64, a string, bytes or nil", arg)
}

// encodedArray is the nth argument of each row, as an array of one dimension.
func encodedArray(oid uint32, rows [][]any, n int) ([]byte, error) {
	size := 20
	for _, row := range rows {
		size += 4 + width(row[n])
	}
	b := make([]byte, 0, size)
	b = binary.BigEndian.AppendUint32(b, 1)                 // dimensions
	b = binary.BigEndian.AppendUint32(b, 1)                 // there may be NULLs
	b = binary.BigEndian.AppendUint32(b, oid)               // of this type
	b = binary.BigEndian.AppendUint32(b, uint32(len(rows))) //nolint:gosec // a batch is small
	b = binary.BigEndian.AppendUint32(b, 1)                 // counted from 1
	for _, row := range rows {
		var err error
		if b, err = appendElement(b, row[n]); err != nil {
			return nil, fmt.Errorf("argument %d: %w", n+1, err)
		}
	}
	return b, nil
}

func width(arg any) int {
	switch v := arg.(type) {
	case string:
		return len(v)
	case []byte:
		return len(v)
	}
	return 8
}

func appendElement(b []byte, arg any) ([]byte, error) {
	const null = 1<<32 - 1
	switch v := arg.(type) {
	case int64:
		b = binary.BigEndian.AppendUint32(b, 8)
		return binary.BigEndian.AppendUint64(b, uint64(v)), nil
	case string:
		b = binary.BigEndian.AppendUint32(b, uint32(len(v))) //nolint:gosec // of a request
		return append(b, v...), nil
	case []byte:
		if v == nil {
			break
		}
		b = binary.BigEndian.AppendUint32(b, uint32(len(v))) //nolint:gosec // of a request
		return append(b, v...), nil
	case nil:
	default:
		return nil, fmt.Errorf("a %T: give an int64, a string, bytes or nil", arg)
	}
	return binary.BigEndian.AppendUint32(b, null), nil
}

// wireRow is a row as it came: one value for each column, nil for NULL.
type wireRow struct {
	values [][]byte
	types  []uint32
}

func (r wireRow) null(i int) bool { return r.values[i] == nil }

func (r wireRow) int(i int) int64 {
	v := r.values[i]
	switch len(v) {
	case 8:
		return int64(binary.BigEndian.Uint64(v))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(v)))
	case 1: // a truth
		return int64(v[0])
	}
	return 0
}

func (r wireRow) text(i int) string  { return string(r.values[i]) }
func (r wireRow) bytes(i int) []byte { return bytes.Clone(r.values[i]) }

func (r wireRow) value(i int) any {
	switch {
	case r.null(i):
		return nil
	case r.types[i] == pgtype.TextOID:
		return r.text(i)
	case r.types[i] == pgtype.ByteaOID:
		return r.bytes(i)
	}
	return r.int(i)
}

// columnTypes are the types of a result's columns. One that could not be read
// as it comes is an error: a sum of BIGINTs is one, and must be cast in its
// statement.
func columnTypes(text string, fields []pgconn.FieldDescription) ([]uint32, error) {
	types := make([]uint32, len(fields))
	for i, f := range fields {
		types[i] = f.DataTypeOID
		switch f.DataTypeOID {
		case pgtype.Int8OID, pgtype.Int4OID, pgtype.BoolOID, pgtype.TextOID, pgtype.ByteaOID:
		default:
			return nil, fmt.Errorf("column %s of %q has type %d: cast it to BIGINT or TEXT", f.Name, text, f.DataTypeOID)
		}
	}
	return types, nil
}

// encodedAll are the arguments of one call.
func encodedAll(args []any) ([][]byte, error) {
	all := make([][]byte, len(args))
	for i, arg := range args {
		var err error
		if all[i], err = encoded(arg); err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
	}
	return all, nil
}

// encodedArrays are the arguments of many calls, an array for each.
func encodedArrays(types []uint32, rows [][]any) ([][]byte, error) {
	all := make([][]byte, len(types))
	for i, oid := range types {
		var err error
		if all[i], err = encodedArray(oid, rows, i); err != nil {
			return nil, err
		}
	}
	return all, nil
}
