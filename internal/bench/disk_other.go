//go:build !linux

package bench

import "os"

// force is what the embedded database does at every commit on this system.
func force(f *os.File) error { return f.Sync() }
