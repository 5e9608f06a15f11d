package console

import (
	"embed"
	"slices"

	"sen/internal/operator"
)

// Routes returns the patterns of all routes of a server, in order.
func Routes(s *Server) []string {
	p, err := s.parse()
	if err != nil {
		panic(err)
	}
	var all []string
	for pattern := range p.routes() {
		all = append(all, pattern)
	}
	slices.Sort(all)
	return all
}

// Earned reports whether there is a text in both languages on how the operation
// comes to answer the value.
func Earned(operation string, value int) bool {
	e, err := readEarnings(embedded())
	if err != nil {
		panic(err)
	}
	one, ok := e.of(operation, value)
	return ok && one.Vi != "" && one.En != ""
}

func embedded() embed.FS { return files }

// Named reports whether there is a text for the action.
func Named(a operator.Action) bool { return actions[a] != "" }
