// Package cli is the command line: one struct per command, its help in its
// tags, its work in Run.
package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is the whole command line.
type commands struct {
	Serve   serveCmd   `cmd:"" help:"Start the gateway: a sandbox unless --mode says live."`
	Version versionCmd `cmd:"" help:"Print the version."`
	benchCommands
}

// console is where a command writes.
type console struct {
	out, err io.Writer
	version  string
}

// Run runs the command line and returns the exit status: 0 when it did what
// was asked, 1 when it could not, 2 when it did not understand.
func Run(version string, args []string, stdout, stderr io.Writer) int {
	status := -1
	var c commands
	parser, err := kong.New(&c,
		kong.Name("sen"),
		kong.Description("An e-wallet and payment gateway that speaks the Zalopay merchant API. Not affiliated with Zalopay."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(s int) { status = s }),
		kong.DefaultEnvars("SEN"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(stderr, "sen:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k, err := parser.Parse(args)
	if status >= 0 { // help was asked for and given
		return status
	}
	if err != nil {
		fmt.Fprintln(stderr, "sen:", err)
		return 2
	}
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(&console{out: stdout, err: stderr, version: version}); err != nil {
		fmt.Fprintln(stderr, "sen:", err)
		return 1
	}
	return 0
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(c *console) error {
	_, err := fmt.Fprintln(c.out, "sen", c.version)
	return err
}
