package cli

import (
	"context"
	"fmt"
	"io"
	"time"

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
	From  string     `required:"" type:"path" placeholder:"FILE" help:"The file that sen backup made, or the directory that sen serve --archive writes to."`
	Data  string     `required:"" type:"path" env:"SEN_DATA" placeholder:"DIR" help:"A directory without a database."`
	Until *timestamp `placeholder:"TIME" help:"From an archive: the moment whose state is restored, as in 2026-12-31T23:59:00.5+07:00. Default: the last one."`
}

// restored says what came of putting a backup back.
type restored struct {
	Data        string         `json:"data"`
	Ledger      control.Ledger `json:"ledger"`
	KeysMissing bool           `json:"keys_missing"`
	LastChange  *time.Time     `json:"last_change,omitempty"`
}

// Run puts the backup back.
func (r *restoreCmd) Run(ctx context.Context, c *console) error {
	var until time.Time
	if r.Until != nil {
		until = time.Time(*r.Until)
	}
	found, err := app.Restore(ctx, r.From, r.Data, until)
	if err != nil {
		return err
	}
	said := restored{Data: r.Data, Ledger: found.Ledger, KeysMissing: found.KeysMissing}
	if !found.Last.IsZero() {
		said.LastChange = &found.Last
	}
	err = c.print(said, func(w io.Writer) {
		writeLedger(w, found.Ledger, r.Data)
		if said.LastChange != nil {
			fmt.Fprintf(w, "\nThe last change that is in it was made at %s.\n", found.Last.Format("2006-01-02T15:04:05.000000Z07:00"))
		}
		if found.KeysMissing {
			fmt.Fprintf(w, "\nIt has secrets: put their keys back as %s before you serve from it.\n", keysOf(r.Data))
		}
	})
	if err == nil && !found.Ledger.OK {
		err = errLedger
	}
	return err
}
