package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"sen/internal/app"
	"sen/internal/merchant"
	"sen/internal/operator"
)

type operatorCmd struct {
	Add      operatorAddCmd      `cmd:"" help:"Let somebody use the console, and print their password, once."`
	List     operatorListCmd     `cmd:"" help:"List who may use the console."`
	Password operatorPasswordCmd `cmd:"" help:"Give somebody a new password, which ends their sessions and their lockout."`
	Code     operatorCodeCmd     `cmd:"" name:"reset-code" help:"Take somebody's codes away, who has lost them: they set up new ones when they sign in."`
	Disable  operatorDisableCmd  `cmd:"" help:"Shut somebody out, at once."`
	Enable   operatorEnableCmd   `cmd:"" help:"Let somebody in again."`
}

// operatorIn is which operator is meant, and where.
type operatorIn struct {
	place
	Name string `arg:"" help:"The name to sign in with."`
}

// newPassword is where a password comes from.
type newPassword struct {
	PasswordStdin bool `help:"Read the password from standard input instead of drawing one."`
}

// read returns the password, and whether it was drawn.
func (p newPassword) read(in io.Reader) (password string, drawn bool, err error) {
	if !p.PasswordStdin {
		return operator.NewPassword(), true, nil
	}
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", false, err
	}
	return strings.TrimRight(line, "\r\n"), false, nil
}

type operatorAddCmd struct {
	operatorIn
	newPassword
	Role    string  `required:"" enum:"operator,support,merchant" help:"operator: everything. support: reads, and replays callbacks. merchant: its own apps only."`
	App     []int64 `name:"app" placeholder:"N,..." help:"An app of a merchant; may be repeated."`
	Sandbox bool    `help:"The directory belongs to a sandbox."`
}

// Run makes the operator.
func (a *operatorAddCmd) Run(ctx context.Context, c *console) error {
	mode := app.Live
	if a.Sandbox {
		mode = app.Sandbox
	}
	o := operator.Operator{Name: a.Name, Role: operator.Role(a.Role)}
	for _, id := range a.App {
		o.Apps = append(o.Apps, merchant.ID(id))
	}
	password, drawn, err := a.read(os.Stdin)
	if err != nil {
		return err
	}
	where, err := a.whole()
	if err != nil {
		return err
	}
	if err := app.AddOperator(ctx, where, mode, o, password); err != nil {
		return err
	}
	return c.printPassword(a.Name, password, drawn)
}

func (c *console) printPassword(name, password string, drawn bool) error {
	out := map[string]string{"name": name}
	if drawn {
		out["password"] = password
	}
	return c.print(out, func(w io.Writer) {
		facts(w, "name", name, "password", out["password"])
		if drawn {
			fmt.Fprint(w, "\nPass it on in a safe way: it is not shown again.\n")
		}
		fmt.Fprint(w, "The console is at /console of the gateway.\n")
	})
}

type operatorCodeCmd struct{ operatorIn }

// Run takes the codes away.
func (o *operatorCodeCmd) Run(ctx context.Context, c *console) error {
	where, err := o.whole()
	if err != nil {
		return err
	}
	if err := app.ResetOperatorCode(ctx, where, o.Name); err != nil {
		return err
	}
	return c.print(map[string]string{"name": o.Name}, func(w io.Writer) {
		fmt.Fprintf(w, "%s signs in without a code now, and sets up a new one then. Their sessions are over.\n", o.Name)
	})
}

type operatorListCmd struct {
	place
}

// operatorLine is an operator as the list has it.
type operatorLine struct {
	Name  string  `json:"name"`
	Role  string  `json:"role"`
	Apps  []int64 `json:"apps,omitempty"`
	State string  `json:"state"`
	Since string  `json:"created_at"`
}

// Run lists the operators.
func (l *operatorListCmd) Run(ctx context.Context, c *console) error {
	where, err := l.whole()
	if err != nil {
		return err
	}
	all, err := app.Operators(ctx, where)
	if err != nil {
		return err
	}
	lines := make([]operatorLine, 0, len(all))
	for _, o := range all {
		line := operatorLine{Name: o.Name, Role: string(o.Role), State: "enabled", Since: moment(o.CreatedAt)}
		if !o.DisabledAt.IsZero() {
			line.State = "disabled"
		}
		for _, a := range o.Apps {
			line.Apps = append(line.Apps, int64(a))
		}
		lines = append(lines, line)
	}
	return c.print(lines, func(w io.Writer) {
		t := newTable("NAME", "ROLE", "APPS", "STATE", "CREATED")
		for _, o := range lines {
			var apps []string
			for _, a := range o.Apps {
				apps = append(apps, strconv.FormatInt(a, 10))
			}
			t.add(o.Name, o.Role, orDash(strings.Join(apps, ",")), o.State, o.Since)
		}
		t.write(w, "Nobody may use the console.")
	})
}

type operatorPasswordCmd struct {
	operatorIn
	newPassword
}

// Run gives the operator a new password.
func (p *operatorPasswordCmd) Run(ctx context.Context, c *console) error {
	password, drawn, err := p.read(os.Stdin)
	if err != nil {
		return err
	}
	where, err := p.whole()
	if err != nil {
		return err
	}
	if err := app.SetOperatorPassword(ctx, where, p.Name, password); err != nil {
		return err
	}
	return c.printPassword(p.Name, password, drawn)
}

type operatorDisableCmd struct{ operatorIn }

// Run shuts the operator out.
func (d *operatorDisableCmd) Run(ctx context.Context, c *console) error {
	return c.setOperator(ctx, d.operatorIn, true)
}

type operatorEnableCmd struct{ operatorIn }

// Run lets the operator in again.
func (e *operatorEnableCmd) Run(ctx context.Context, c *console) error {
	return c.setOperator(ctx, e.operatorIn, false)
}

func (c *console) setOperator(ctx context.Context, in operatorIn, disabled bool) error {
	where, err := in.whole()
	if err != nil {
		return err
	}
	if err := app.DisableOperator(ctx, where, in.Name, disabled); err != nil {
		return err
	}
	state := "enabled"
	if disabled {
		state = "disabled"
	}
	return c.print(map[string]string{"name": in.Name, "state": state}, func(w io.Writer) { facts(w, "name", in.Name, "state", state) })
}
