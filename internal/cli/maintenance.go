package cli

import (
	"context"
	"errors"
	"io"
	"strconv"
	"time"

	"sen/internal/control"
)

type maintenanceCmd struct {
	Start maintenanceStartCmd `cmd:"" help:"Close an operation, or all of them, to an app or to all."`
	List  maintenanceListCmd  `cmd:"" help:"List the maintenances."`
	Stop  maintenanceStopCmd  `cmd:"" help:"End a maintenance."`
}

type maintenanceStartCmd struct {
	Operation string        `placeholder:"NAME" help:"As in create_order. Default: all."`
	App       int64         `placeholder:"N" help:"The app it is closed to. Default: all."`
	For       time.Duration `placeholder:"DURATION" help:"As in 10m, in the sandbox's time. Default: until it is stopped."`
}

// Run starts the maintenance.
func (m *maintenanceStartCmd) Run(ctx context.Context, c *console) error {
	in := control.Window{Operation: m.Operation, App: m.App}
	if m.For != 0 {
		now, err := c.control().Clock(ctx)
		if err != nil {
			return err
		}
		in.From, in.Until = &now.Now, new(now.Now.Add(m.For))
	}
	out, err := c.control().Announce(ctx, in)
	if err != nil {
		return err
	}
	return c.print(out, func(w io.Writer) { writeWindows(w, out) })
}

func writeWindows(w io.Writer, all ...control.Window) {
	t := newTable("MAINTENANCE", "OPERATION", "APP", "FROM", "UNTIL")
	for _, m := range all {
		operation, id := m.Operation, "all"
		if operation == "" {
			operation = "all"
		}
		if m.App != 0 {
			id = strconv.FormatInt(m.App, 10)
		}
		t.add(m.ID, operation, id, optional(m.From), optional(m.Until))
	}
	t.write(w, "No maintenance.")
}

type maintenanceListCmd struct{}

// Run lists the maintenances.
func (maintenanceListCmd) Run(ctx context.Context, c *console) error {
	all, err := c.control().Windows(ctx)
	if err != nil {
		return err
	}
	return c.print(all, func(w io.Writer) { writeWindows(w, all...) })
}

type maintenanceStopCmd struct {
	ID  string `arg:"" optional:"" help:"The maintenance, from the list."`
	All bool   `help:"End every one."`
}

var errWhich = errors.New("say which maintenance to stop, or --all")

// Validate wants one or all. The parser calls it.
func (m *maintenanceStopCmd) Validate() error {
	if (m.ID == "") != m.All {
		return errWhich
	}
	return nil
}

// Run ends maintenances and shows what is left.
func (m *maintenanceStopCmd) Run(ctx context.Context, c *console) error {
	ids := []string{m.ID}
	if m.All {
		all, err := c.control().Windows(ctx)
		if err != nil {
			return err
		}
		ids = nil
		for _, w := range all {
			ids = append(ids, w.ID)
		}
	}
	for _, id := range ids {
		if _, err := c.control().Lift(ctx, id); err != nil {
			return err
		}
	}
	return maintenanceListCmd{}.Run(ctx, c)
}
