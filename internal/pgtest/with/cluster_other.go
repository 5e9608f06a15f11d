//go:build unix && !linux

package main

import (
	"context"
	"errors"
	"io"
)

var errLinux = errors.New("a cluster runs on Linux only")

func withNodes(context.Context, string, []string, io.Writer, io.Writer) (int, error) {
	return 2, errLinux
}

func tell(context.Context, string) (int, error) { return 2, errLinux }
