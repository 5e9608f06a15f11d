package pgtest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// whenOrphaned lets the kernel send a signal to a process whose starter died.
func whenOrphaned(a *syscall.SysProcAttr, s syscall.Signal) { a.Pdeathsig = s }

// killIn kills every process whose working folder is in dir, and returns when
// none is left.
func killIn(dir string) {
	for signalIn(dir, syscall.SIGKILL) > 0 {
		time.Sleep(time.Millisecond)
	}
}

// signalIn sends a signal to every process whose working folder is in dir, and
// returns how many there are. Servers and what they fork stay in their data
// folder; process groups don't hold them, since each has its own.
func signalIn(dir string, signal syscall.Signal) int {
	pids := processesIn(dir)
	for _, pid := range pids {
		_ = syscall.Kill(pid, signal) // it may have ended by itself
	}
	return len(pids)
}

func processesIn(dir string) (pids []int) {
	folders, _ := filepath.Glob("/proc/[0-9]*/cwd") // fails on a malformed pattern only
	for _, folder := range folders {
		at, err := os.Readlink(folder)
		if err != nil || at != dir && !strings.HasPrefix(at, dir+"/") {
			continue // somebody else's, or gone
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(folder))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// sharedMemory is a file system in memory.
const sharedMemory = "/dev/shm"

// roomIn returns how many bytes can still be written in a folder, 0 if there is
// no such folder or we may not.
func roomIn(dir string) int64 {
	var fs syscall.Statfs_t
	if syscall.Access(dir, writable) != nil || syscall.Statfs(dir, &fs) != nil {
		return 0
	}
	return int64(fs.Bavail) * fs.Bsize //nolint:gosec // no file system has so much
}

const writable = 2 // W_OK
