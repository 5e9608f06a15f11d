package store

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// A statement is a text as a server is to run it: for one call, or for many at
// once. Most of what a server spends on a small statement it spends once per
// statement, so the same one of a hundred calls costs it a few times one, not
// a hundred times.
type statement struct {
	text string
	// set is the text for many calls, whose arguments come as one array for
	// each $n; "" when the text has no such form.
	set  string
	verb verb
	// distinct is set when one statement must not meet the same row twice: of
	// two changes of a row, a server would make one and forget the other. A row
	// is told by the first argument.
	distinct bool
	// turn names what calls of one batch take turns at; see turns.
	turn string

	mu       sync.Mutex
	finished string // the set form with the types of its arguments
}

// A verb is what a statement does, and how its set form tells whose rows are
// whose.
type verb int

const (
	// selection: every row begins with the number of its call.
	selection verb = iota
	// change: returns the number of each call that changed its row.
	change
	// insertion: returns the first column of each row that is new, or nothing
	// when all must be.
	insertion
	// other has no set form.
	other
)

// compile derives the forms of a text. The set form of a query runs it once
// for each row of arguments; that of an UPDATE joins them; that of an INSERT
// selects from them.
func compile(text string) *statement {
	s := &statement{text: text, verb: other, turn: turns[text]}
	body := strings.TrimSpace(text)
	if !strings.Contains(body, "$1") || strings.Contains(body, "RETURNING") {
		return s
	}
	n := strings.Count(body, "$")
	for n > 0 && !strings.Contains(body, fmt.Sprint("$", n)) {
		n--
	}
	switch {
	case strings.HasPrefix(body, "SELECT") && !strings.Contains(body, "LIMIT"):
		s.verb = selection
		s.set = "SELECT v.call, q.* FROM " + arguments(n) + " CROSS JOIN LATERAL (" + joined(body) + ") AS q"
	case strings.HasPrefix(body, "UPDATE") && strings.Contains(body, "WHERE") && !strings.Contains(body, "SELECT"):
		s.verb, s.distinct = change, true
		set, where, _ := strings.Cut(body, "WHERE")
		s.set = joined(set) + "FROM " + arguments(n) + " WHERE" + joined(where) + " RETURNING v.call"
	case strings.HasPrefix(body, "INSERT"):
		into, values, _ := strings.Cut(body, "VALUES")
		values, conflict, upsert := strings.Cut(values, "ON CONFLICT")
		values = strings.TrimSpace(values)
		if !strings.HasPrefix(values, "($1") || strings.Contains(conflict, "$") {
			break
		}
		s.verb = insertion
		s.set = into + "SELECT " + joined(values[1:len(values)-1]) + " FROM " + arguments(n)
		if upsert {
			s.distinct = true
			column, _, _ := strings.Cut(into[strings.Index(into, "(")+1:], ",")
			s.set += " ON CONFLICT" + conflict + " RETURNING " + strings.TrimSpace(column)
		}
	}
	return s
}

// arguments is the table of the calls' arguments. The types are filled in when
// the statement is prepared.
func arguments(n int) string {
	var arrays, names strings.Builder
	for i := 1; i <= n; i++ {
		if i > 1 {
			arrays.WriteString(", ")
		}
		fmt.Fprintf(&arrays, "$%d::%s[]", i, typeMark(i))
		fmt.Fprintf(&names, "a%d, ", i)
	}
	return "unnest(" + arrays.String() + ") WITH ORDINALITY AS v(" + names.String() + "call)"
}

func typeMark(n int) string { return fmt.Sprintf("<%d>", n) }

var argument = regexp.MustCompile(`\$(\d+)`)

// joined is a text whose arguments are columns of the table of arguments.
func joined(text string) string { return argument.ReplaceAllString(text, "v.a$1") }

// typed is the set form, with the types of its arguments.
func (s *statement) typed(types []uint32) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.finished != "" {
		return s.finished, nil
	}
	text := s.set
	for i, oid := range types {
		name, ok := typeNames[oid]
		if !ok {
			return "", fmt.Errorf("argument %d of %q has type %d: cast it to BIGINT, TEXT or BYTEA", i+1, s.text, oid)
		}
		text = strings.Replace(text, typeMark(i+1), name, 1)
	}
	s.finished = text
	return text, nil
}

// texts holds the statements that were compiled.
type texts struct {
	mu sync.RWMutex
	by map[string]*statement
}

func (t *texts) of(text string) *statement {
	t.mu.RLock()
	s := t.by[text]
	t.mu.RUnlock()
	if s != nil {
		return s
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if s = t.by[text]; s == nil {
		s = compile(text)
		t.by[text] = s
	}
	return s
}

// turns names the statements that look at what the same call is going to
// change under the condition that it is still the same. Two calls of one batch
// that both look first would both be sure to find their own change refused, or
// each other's: so of two that look at the same row, the second waits for the
// next batch.
var turns = map[string]string{
	orderByKey:     "order",
	bindingByKey:   "binding",
	spendingOf:     "spending",
	walletByID:     "wallet",
	chargeByNumber: "charge",
	appByID:        "app",
}
