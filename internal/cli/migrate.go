package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"sen/internal/app"
	"sen/internal/control"
)

type migrateCmd struct {
	Copy migrateCopyCmd `cmd:"" help:"Copy a database to an empty one of the same or another kind, and check the copy."`
}

type migrateCopyCmd struct {
	From string `required:"" placeholder:"PLACE" help:"What to copy: sqlite:DIR, or the URL of a server. No gateway may serve from the directory."`
	To   string `required:"" placeholder:"PLACE" help:"Where to: the URL of a server with an empty database, or sqlite:DIR."`
}

// copied says what came of a copy.
type copied struct {
	Tables []copiedTable  `json:"tables"`
	Ledger control.Ledger `json:"ledger"`
}

type copiedTable struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
}

// Run copies.
func (m *migrateCopyCmd) Run(ctx context.Context, c *console) error {
	from, to := placeNamed(m.From), placeNamed(m.To)
	var out copied
	ledger, err := app.Copy(ctx, from, to, func(table string, rows int64) {
		out.Tables = append(out.Tables, copiedTable{table, rows})
		fmt.Fprintf(c.err, "%-18s %8d rows\n", table, rows)
	})
	if err != nil {
		return err
	}
	out.Ledger = ledger
	err = c.print(out, func(w io.Writer) {
		fmt.Fprintln(w, "\nCopied, and every row compared.")
		writeLedger(w, ledger, app.Place(to))
		fmt.Fprintf(w, "\nThe keys of secrets are not in the database: serve with a --data directory that has %s.\n", keysOf(from))
	})
	if err == nil && !ledger.OK {
		err = errLedger
	}
	return err
}

// placeNamed is where a name like sqlite:DIR leads.
func placeNamed(name string) string {
	return strings.TrimPrefix(name, "sqlite:")
}

// keysOf names the file with the keys of secrets.
func keysOf(place string) string {
	if strings.Contains(place, "://") {
		return "the vault.json of a gateway that serves from there"
	}
	return filepath.Join(place, "vault.json")
}
