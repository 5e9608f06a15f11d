package guide

// For the tests outside the package, which start a gateway that has it.
var (
	Names      = names
	References = references
	Address    = address
	Plain      = plain
	Fold       = fold
)

// Home is the page at Path itself.
const Home = home
