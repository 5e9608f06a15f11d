//go:build unix && !linux

package pgtest

import "syscall"

// whenOrphaned does nothing: only Linux offers it.
func whenOrphaned(*syscall.SysProcAttr, syscall.Signal) {}

// killIn does nothing: what a dead server has forked ends when it notices.
func killIn(string) {}

const sharedMemory = "" // only Linux has a place of that name

func roomIn(string) int64 { return 0 }

func processesIn(string) []int { return nil }
