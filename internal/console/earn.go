package console

import "io/fs"

// earnings says how each value of the catalogue is earned.
type earnings struct{}

func readEarnings(fs.FS) (earnings, error) { return earnings{}, nil }
