package cli

import (
	"context"
	"fmt"
	"io"

	"sen/internal/app"
	"sen/internal/control"
)

type cardCmd struct {
	List cardListCmd `cmd:"" help:"List the test cards and how they go."`
}

type cardListCmd struct{}

// Run lists the cards.
func (cardListCmd) Run(ctx context.Context, c *console) error {
	all, err := c.control().Cards(ctx)
	if err != nil {
		return err
	}
	return c.print(all, func(w io.Writer) {
		t := newTable("CARD", "BANK", "GOES")
		for _, card := range all {
			t.add(card.Number, card.Bank, card.Behaviour)
		}
		t.write(w, "No cards.")
	})
}

type bankCmd struct {
	Outage bankOutageCmd `cmd:"" help:"Make the simulated bank unreachable, or reachable again."`
	Report bankReportCmd `cmd:"" help:"Print what the simulated bank says that it moved on a day, as CSV."`
}

type bankReportCmd struct {
	Day string `placeholder:"YYYY-MM-DD" help:"The day, at GMT+7. Default: yesterday."`
}

// Run prints the report.
func (r *bankReportCmd) Run(ctx context.Context, c *console) error {
	f, err := c.control().BankReport(ctx, r.Day)
	if err != nil {
		return err
	}
	return c.print(f, func(w io.Writer) { fmt.Fprint(w, f.Data) })
}

type bankOutageCmd struct {
	On   bankOnCmd   `cmd:"" help:"No call gets through to the bank."`
	Off  bankOffCmd  `cmd:"" help:"Calls get through again."`
	Show bankShowCmd `cmd:"" help:"Show whether calls get through."`
}

type bankOnCmd struct{}

// Run begins an outage.
func (bankOnCmd) Run(ctx context.Context, c *console) error {
	return c.printBank(c.control().SetBank(ctx, control.Bank{Outage: true}))
}

type bankOffCmd struct{}

// Run ends an outage.
func (bankOffCmd) Run(ctx context.Context, c *console) error {
	return c.printBank(c.control().SetBank(ctx, control.Bank{}))
}

type bankShowCmd struct{}

// Run shows the bank.
func (bankShowCmd) Run(ctx context.Context, c *console) error {
	return c.printBank(c.control().Bank(ctx))
}

func (c *console) printBank(b control.Bank, err error) error {
	if err != nil {
		return err
	}
	return c.print(b, func(w io.Writer) {
		if b.Outage {
			fmt.Fprintln(w, "The bank can't be reached.")
			return
		}
		fmt.Fprintln(w, "The bank can be reached.")
	})
}

type vaultCmd struct {
	Create vaultCreateCmd `cmd:"" help:"Make the keys before the first gateway starts, so that each node can be given the same."`
	Rotate vaultRotateCmd `cmd:"" help:"Give the vault a new key, which gateways take over while they serve."`
	Status vaultStatusCmd `cmd:"" help:"Say what is under which key, and what is left to do."`
	Retire vaultRetireCmd `cmd:"" help:"Remove the keys that nothing needs any more."`
}

type vaultCreateCmd struct {
	Data string `required:"" type:"path" env:"SEN_DATA" placeholder:"DIR" help:"The data directory."`
}

// Run makes the keys.
func (v *vaultCreateCmd) Run(c *console) error {
	if err := app.CreateVault(v.Data); err != nil {
		return err
	}
	return c.print(vaultPlace{v.Data}, func(w io.Writer) {
		fmt.Fprintf(w, "The keys are in %s. Give every node that serves from one database the same file, and keep a copy.\n", keysOf(v.Data))
	})
}

type vaultRotateCmd struct {
	Data string `required:"" type:"path" env:"SEN_DATA" placeholder:"DIR" help:"The data directory."`
}

// vaultPlace is what commands about the vault print.
type vaultPlace struct {
	Data string `json:"data"`
}

// Run adds the key.
func (v *vaultRotateCmd) Run(c *console) error {
	if err := app.RotateVault(v.Data); err != nil {
		return err
	}
	return c.print(vaultPlace{v.Data}, func(w io.Writer) {
		fmt.Fprintln(w, "The vault has a new key. What the old ones encrypted stays readable.")
		fmt.Fprintln(w, "Copy vault.json to every other node that serves from the same database: when all have it, it is used,")
		fmt.Fprintln(w, "and what is under older keys is sealed anew. sen vault status says how far that is.")
	})
}

// vaultIn is where a vault is, and the database whose secrets it keeps.
type vaultIn struct {
	Data     string `required:"" type:"path" env:"SEN_DATA" placeholder:"DIR" help:"The data directory."`
	Database string `env:"SEN_DATABASE" placeholder:"URL" help:"The database server, if the data is not in the directory."`
}

func (v vaultIn) whole() app.Where { return app.Where{Data: v.Data, URL: v.Database} }

type vaultStatusCmd struct{ vaultIn }

// Run shows the keys.
func (v *vaultStatusCmd) Run(ctx context.Context, c *console) error {
	return c.printVault(app.Vault(ctx, v.whole()))
}

type vaultRetireCmd struct{ vaultIn }

// Run removes the keys that nothing needs.
func (v *vaultRetireCmd) Run(ctx context.Context, c *console) error {
	return c.printVault(app.RetireKeys(ctx, v.whole()))
}

func (c *console) printVault(st app.VaultState, err error) error {
	if err != nil {
		return err
	}
	return c.print(st, func(w io.Writer) {
		t := newTable("KEY", "STATE", "SECRETS", "CARDS")
		for _, k := range st.Keys {
			state := "reads"
			switch {
			case k.Missing:
				state = "not in the file"
			case k.InUse:
				state = "in use"
			}
			t.add(k.ID, state, k.Secrets, k.Cards)
		}
		t.write(w, "No keys.")
		next := st.Next
		if next == "" {
			next = "nothing is left to do"
		}
		fmt.Fprintf(w, "\nNext: %s.\n", next)
	})
}
