package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"sen/internal/control"
)

type clockCmd struct {
	Show    clockShowCmd    `cmd:"" default:"1" help:"Print the sandbox's time (also without a word)."`
	Advance clockAdvanceCmd `cmd:"" help:"Let time pass: orders expire, callbacks are repeated, refunds fall due."`
	Set     clockSetCmd     `cmd:"" help:"Set the time."`
	Reset   clockResetCmd   `cmd:"" help:"Go back to the machine's clock, or to where a clock that stands began."`
}

type clockShowCmd struct{}

// Run prints the time.
func (clockShowCmd) Run(ctx context.Context, c *console) error {
	now, err := c.control().Clock(ctx)
	if err != nil {
		return err
	}
	return c.printClock(now)
}

type clockAdvanceCmd struct {
	By time.Duration `arg:"" help:"How far, as in 15m or 24h; back with -- -1h."`
}

// Run moves the clock on.
func (a *clockAdvanceCmd) Run(ctx context.Context, c *console) error {
	return c.moveClock(ctx, control.MoveClock{Advance: a.By.String()})
}

type clockSetCmd struct {
	To timestamp `arg:"" help:"Time as in 2026-12-31T23:59:00+07:00."`
}

// Run sets the clock.
func (s *clockSetCmd) Run(ctx context.Context, c *console) error {
	return c.moveClock(ctx, control.MoveClock{Set: (*time.Time)(&s.To)})
}

// timestamp is a time on the command line.
type timestamp time.Time

// UnmarshalText takes a time with its zone.
func (m *timestamp) UnmarshalText(text []byte) error {
	at, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return fmt.Errorf("%q is no time: write date, time and zone, as in 2026-12-31T23:59:00+07:00", text)
	}
	*m = timestamp(at)
	return nil
}

type clockResetCmd struct{}

// Run sets the clock back.
func (clockResetCmd) Run(ctx context.Context, c *console) error {
	return c.moveClock(ctx, control.MoveClock{Reset: true})
}

func (c *console) moveClock(ctx context.Context, m control.MoveClock) error {
	now, err := c.control().MoveClock(ctx, m)
	if err != nil {
		return err
	}
	return c.printClock(now)
}

func (c *console) printClock(now control.Clock) error {
	return c.print(now, func(w io.Writer) {
		fmt.Fprintf(w, "%s   %s\n", moment(now.Now), standing(now))
	})
}

// standing says in words how a sandbox's clock goes.
func standing(c control.Clock) string {
	if !c.Stands {
		return ahead(c.Offset)
	}
	switch d, err := time.ParseDuration(c.Offset); {
	case err != nil || d == 0:
		return "stands"
	case d < 0:
		return "stands, moved back by " + (-d).String()
	default:
		return "stands, moved on by " + d.String()
	}
}

// ahead says in words how a clock stands to the machine's.
func ahead(offset string) string {
	d, err := time.ParseDuration(offset)
	d = d.Round(time.Second)
	switch {
	case err != nil:
		return offset
	case d == 0:
		return "the machine's clock"
	case d < 0:
		return (-d).String() + " behind the machine's clock"
	}
	return d.String() + " ahead of the machine's clock"
}
