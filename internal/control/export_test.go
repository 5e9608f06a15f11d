package control

import (
	"maps"
	"slices"
)

// Patterns returns the routes that the server has, for the test that describes
// them.
func Patterns() []string { return slices.Sorted(maps.Keys((&Server{}).routes())) }
