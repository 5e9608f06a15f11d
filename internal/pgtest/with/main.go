//go:build unix

// With runs a command with a PostgreSQL of its own, which ends with the
// command: a server, named by SEN_TEST_POSTGRES, or a cluster, named by
// SEN_TEST_DISTRIBUTED as well.
//
//	go run ./internal/pgtest/with -server 15 -isolation serializable -- go test ./internal/store/...
//	go run ./internal/pgtest/with -server cluster -- go test ./internal/store/...
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"sen/internal/pgtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	status, err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "with:", err)
	}
	stop()
	os.Exit(status)
}

// run returns the status to exit with: the command's own, or 2.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (int, error) {
	flags := flag.NewFlagSet("with", flag.ContinueOnError)
	flags.SetOutput(stderr)
	server := flags.String("server", "any", "major `version` of PostgreSQL, any, or cluster")
	isolation := flags.String("isolation", "", "default transaction isolation `level`: read committed, repeatable read, serializable")
	noSync := flags.Bool("no-sync", false, "commits don't wait for the disk")
	list := flags.Bool("list", false, "print the versions that are installed, and do nothing")
	url := flags.String("tell", "", "what to tell a cluster that runs; tests do this")
	if err := flags.Parse(args); err != nil {
		return 2, nil //nolint:nilerr // the flag set has said it
	}
	if *list {
		for _, i := range pgtest.Installations(ctx) {
			fmt.Fprintln(stdout, i.Version)
		}
		return 0, nil
	}
	if *url != "" {
		return tell(ctx, *url)
	}
	if flags.NArg() == 0 {
		return 2, errors.New("no command: write it behind --, as in: with -server 15 -- go test ./internal/store")
	}
	if *server == "cluster" {
		return withNodes(ctx, *isolation, flags.Args(), stdout, stderr)
	}
	return withServer(ctx, *server, *isolation, *noSync, flags.Args(), stdout, stderr)
}

func withServer(ctx context.Context, want, isolation string, noSync bool, command []string, stdout, stderr io.Writer) (status int, err error) {
	installation, err := pgtest.Find(ctx, want)
	if err != nil {
		return 2, err
	}
	server, err := pgtest.NewServer(ctx, installation, pgtest.Options{NoSync: noSync})
	if err != nil {
		return 2, err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	return execute(ctx, command, []string{pgtest.Env + "=" + isolated(server.DSN(), isolation)}, stdout, stderr)
}

// isolated returns the URL with an isolation level for all its transactions.
func isolated(dsn, level string) string {
	if level == "" {
		return dsn
	}
	mark := "?"
	if strings.Contains(dsn, "?") {
		mark = "&"
	}
	return dsn + mark + "default_transaction_isolation=" + strings.ReplaceAll(level, " ", "%20")
}

// execute runs the command with more environment and returns its status.
func execute(ctx context.Context, command, env []string, stdout, stderr io.Writer) (int, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, stderr
	cmd.WaitDelay = 20 * time.Second // to end by itself; the server waits for it
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if !terminal() {
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	}
	err := cmd.Run()
	if ctx.Err() != nil && cmd.SysProcAttr != nil && cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // those who did not listen, if any
	}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.Exited():
		return exit.ExitCode(), nil
	case err != nil:
		return 2, err
	}
	return 0, nil
}

// terminal tells whether we have one. Then ctrl-C reaches all that the command
// has started; if not, the command gets a group of its own, so that we can.
func terminal() bool {
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	_ = tty.Close() // was only looked at
	return true
}
