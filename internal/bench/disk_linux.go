package bench

import (
	"os"
	"syscall"
)

// force is what the embedded database does at every commit on this system.
func force(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }
