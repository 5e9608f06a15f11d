package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"sen/internal/control"
)

type faultCmd struct {
	Store faultStoreCmd `cmd:"" help:"Make the store fail as if its disk were full: merchants see -500."`
	List  faultListCmd  `cmd:"" help:"List the faults that are not over."`
	Mend  faultMendCmd  `cmd:"" help:"End all faults; a restart does too."`
}

type faultStoreCmd struct {
	App   int64         `placeholder:"N" help:"Only in what is done for this app. Default: everything, the gateway's own work included."`
	Calls int64         `placeholder:"N" help:"For that many transactions."`
	For   time.Duration `placeholder:"DURATION" help:"For that long, as in 10m, in the sandbox's time."`
}

var errBound = errors.New("say for how many --calls, or --for how long")

// Validate wants a bound: a fault that is forgotten must end by itself. The
// parser calls it.
func (f *faultStoreCmd) Validate() error {
	if f.Calls == 0 && f.For == 0 {
		return errBound
	}
	return nil
}

// Run makes the store fail.
func (f *faultStoreCmd) Run(ctx context.Context, c *console) error {
	in := control.Fault{App: f.App, Calls: f.Calls}
	if f.For != 0 {
		in.For = f.For.String()
	}
	out, err := c.control().Inject(ctx, in)
	if err != nil {
		return err
	}
	return c.print(out, func(w io.Writer) { writeFaults(w, out) })
}

func writeFaults(w io.Writer, all ...control.Fault) {
	t := newTable("FAULT", "APP", "CALLS", "UNTIL")
	for _, f := range all {
		t.add(f.ID, orAll(digits(f.App)), orAll(digits(f.Calls)), optional(f.Until))
	}
	t.write(w, "No faults.")
}

type faultListCmd struct{}

// Run lists the faults.
func (faultListCmd) Run(ctx context.Context, c *console) error {
	all, err := c.control().Faults(ctx)
	if err != nil {
		return err
	}
	return c.print(all, func(w io.Writer) { writeFaults(w, all...) })
}

type faultMendCmd struct{}

// Run ends all faults.
func (faultMendCmd) Run(ctx context.Context, c *console) error {
	if err := c.control().Mend(ctx); err != nil {
		return err
	}
	return faultListCmd{}.Run(ctx, c)
}
