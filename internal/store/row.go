package store

import (
	"fmt"
	"reflect"
	"time"
)

// A row is one that an engine found. Columns count from 0; of NULL, int is 0
// and the others are empty.
type row interface {
	null(i int) bool
	int(i int) int64
	text(i int) string
	bytes(i int) []byte
	// value is an int64, a string, []byte or nil, as the column has it.
	value(i int) any
}

// fill writes the columns of a row into dest: pointers to int64, string, []byte
// or types of our own that are one of the first two underneath, instants, or any.
func fill(r row, dest []any) error {
	for i, d := range dest {
		switch d := d.(type) {
		case instant:
			*d.at = time.Time{}
			if !r.null(i) {
				*d.at = time.UnixMicro(r.int(i)).UTC()
			}
		case *int64:
			*d = r.int(i)
		case *string:
			*d = r.text(i)
		case *[]byte:
			*d = r.bytes(i)
		case *any:
			*d = r.value(i)
		default:
			if err := fillNamed(r, i, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// fillNamed fills types of our own that are integers or text underneath.
func fillNamed(r row, i int, dest any) error {
	v := reflect.ValueOf(dest)
	if v.Kind() != reflect.Pointer {
		return fmt.Errorf("column %d: %T is not a pointer", i, dest)
	}
	switch v = v.Elem(); {
	case v.CanInt():
		v.SetInt(r.int(i))
	case v.Kind() == reflect.String:
		v.SetString(r.text(i))
	default:
		return fmt.Errorf("column %d: no way to fill a %T", i, dest)
	}
	return nil
}
