package cli

import (
	"context"
	"fmt"
	"io"

	"sen/internal/app"
	"sen/internal/control"
)

type backupCmd struct {
	Data string `required:"" type:"path" env:"SEN_DATA" placeholder:"DIR" help:"The data directory. A gateway may serve from it meanwhile."`
	To   string `required:"" type:"path" placeholder:"FILE" help:"The new file."`
}

// backedUp says what came of a backup.
type backedUp struct {
	File   string         `json:"file"`
	Ledger control.Ledger `json:"ledger"`
}

// Run makes the backup.
func (b *backupCmd) Run(ctx context.Context, c *console) error {
	ledger, err := app.Backup(ctx, b.Data, b.To)
	if err != nil {
		return err
	}
	err = c.print(backedUp{b.To, ledger}, func(w io.Writer) {
		writeLedger(w, ledger, b.To)
		fmt.Fprintf(w, "\nThe keys of secrets, %s, are not in it. Keep them in another place.\n", keysOf(b.Data))
	})
	if err == nil && !ledger.OK {
		err = errLedger
	}
	return err
}

type restoreCmd struct {
	From string `required:"" type:"path" placeholder:"FILE" help:"The file that sen backup made."`
	Data string `required:"" type:"path" env:"SEN_DATA" placeholder:"DIR" help:"A directory without a database."`
}

// restored says what came of putting a backup back.
type restored struct {
	Data        string         `json:"data"`
	Ledger      control.Ledger `json:"ledger"`
	KeysMissing bool           `json:"keys_missing"`
}

// Run puts the backup back.
func (r *restoreCmd) Run(ctx context.Context, c *console) error {
	found, err := app.Restore(ctx, r.From, r.Data)
	if err != nil {
		return err
	}
	err = c.print(restored{r.Data, found.Ledger, found.KeysMissing}, func(w io.Writer) {
		writeLedger(w, found.Ledger, r.Data)
		if found.KeysMissing {
			fmt.Fprintf(w, "\nIt has secrets: put their keys back as %s before you serve from it.\n", keysOf(r.Data))
		}
	})
	if err == nil && !found.Ledger.OK {
		err = errLedger
	}
	return err
}
