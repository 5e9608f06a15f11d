package cli

import (
	"context"
	"io"
	"strconv"
	"time"

	"sen/internal/control"
)

type sandboxCmd struct {
	Create sandboxCreateCmd `cmd:"" help:"Make a sandbox inside the running one: its own address, apps, wallets, clock, rules and log."`
	List   sandboxListCmd   `cmd:"" help:"List the sandboxes inside the running one."`
	Delete sandboxDeleteCmd `cmd:"" help:"End a sandbox, and forget all that was in it."`
}

type sandboxCreateCmd struct {
	Name        string        `arg:"" optional:"" help:"Small letters, digits and hyphens. Default: drawn."`
	Port        int           `placeholder:"N" help:"Its own port. Default: any free one."`
	PublicURL   string        `name:"public-url" placeholder:"URL" help:"Where it is reached, when not at its port."`
	Clock       *timestamp    `placeholder:"TIME" help:"Where its clock begins and stands, as in 2026-01-02T07:00:00+07:00. Default: it runs."`
	Seed        *uint64       `placeholder:"N" help:"Make it repeatable; needs --clock."`
	FreshKeys   bool          `help:"Apps with keys of their own, instead of the published ones."`
	RefundDelay time.Duration `default:"-1s" placeholder:"DURATION" help:"How long a refund takes at least. Default: as in the running one."`
	Idle        time.Duration `placeholder:"DURATION" help:"It ends when unused for so long; at most 24h. Default: 1h."`
}

// Run makes the sandbox.
func (s *sandboxCreateCmd) Run(ctx context.Context, c *console) error {
	in := control.NewSandbox{
		Name: s.Name, Port: s.Port, PublicURL: s.PublicURL, Clock: (*time.Time)(s.Clock), Seed: s.Seed, FreshKeys: s.FreshKeys,
	}
	if s.RefundDelay >= 0 {
		in.RefundDelay = s.RefundDelay.String()
	}
	if s.Idle != 0 {
		in.Idle = s.Idle.String()
	}
	made, err := c.control().CreateSandbox(ctx, in)
	if err != nil {
		return err
	}
	return c.print(made, func(w io.Writer) {
		facts(w, "name", made.Name, "base URL", made.URL, "by path", made.PathURL,
			"clock", moment(made.Clock.Now)+"   "+standing(made.Clock), "seed", seedOf(made), "unused until", moment(made.EndsAt),
			"command line", program()+" --server "+made.URL+" …")
		if s.FreshKeys {
			writeKeys(w, made.Apps)
		}
	})
}

func writeKeys(w io.Writer, apps []control.App) {
	t := newTable(">APP", "NAME", "KEY1", "KEY2")
	for _, a := range apps {
		t.add(a.ID, a.Name, a.Key1, a.Key2)
	}
	t.write(w, "No apps.")
}

func seedOf(s control.Sandbox) string {
	if s.Seed == nil {
		return ""
	}
	return strconv.FormatUint(*s.Seed, 10)
}

type sandboxListCmd struct{}

// Run lists the sandboxes.
func (sandboxListCmd) Run(ctx context.Context, c *console) error {
	all, err := c.control().Sandboxes(ctx)
	if err != nil {
		return err
	}
	return c.printSandboxes(all)
}

type sandboxDeleteCmd struct {
	Name string `arg:"" help:"The sandbox, from the list."`
}

// Run ends the sandbox and shows what is left.
func (s *sandboxDeleteCmd) Run(ctx context.Context, c *console) error {
	left, err := c.control().DeleteSandbox(ctx, s.Name)
	if err != nil {
		return err
	}
	return c.printSandboxes(left)
}

func (c *console) printSandboxes(all []control.Sandbox) error {
	return c.print(all, func(w io.Writer) {
		t := newTable("SANDBOX", "URL", "CLOCK", "SEED", "UNUSED UNTIL")
		for _, s := range all {
			t.add(s.Name, s.URL, moment(s.Clock.Now)+", "+standing(s.Clock), orDash(seedOf(s)), moment(s.EndsAt))
		}
		t.write(w, "No sandboxes inside this one.")
	})
}
