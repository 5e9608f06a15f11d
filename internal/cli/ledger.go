package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"sen/internal/app"
	"sen/internal/control"
)

type ledgerCmd struct {
	Verify ledgerVerifyCmd `cmd:"" help:"Compute every balance again, and hold payments, refunds and callbacks against the books."`
}

type ledgerVerifyCmd struct {
	Data     string `type:"path" env:"SEN_DATA" placeholder:"DIR" help:"The data directory. Default: the sandbox that --server names, or else ./sen-data."`
	Database string `env:"SEN_DATABASE" placeholder:"URL" help:"The database server, instead of a directory."`
}

var errLedger = errors.New("the ledger is not right")

// Run checks the ledger.
func (v *ledgerVerifyCmd) Run(ctx context.Context, c *console) error {
	found, where, err := v.verify(ctx, c)
	if err != nil {
		return err
	}
	err = c.print(found, func(w io.Writer) { writeLedger(w, found, where) })
	if err == nil && !found.OK {
		err = errLedger
	}
	return err
}

// verify checks a directory or asks a sandbox, and says which.
func (v *ledgerVerifyCmd) verify(ctx context.Context, c *console) (l control.Ledger, where string, err error) {
	if v.Data == "" && v.Database == "" && c.server != "" {
		l, err = c.control().Ledger(ctx)
		return l, c.server, err
	}
	where = cmp.Or(v.Database, v.Data, defaultData)
	l, err = app.Verify(ctx, where)
	return l, app.Place(where), err
}

func writeLedger(w io.Writer, l control.Ledger, where string) {
	facts(w,
		"checked", where,
		"accounts", strconv.FormatInt(l.Accounts, 10),
		"entries", strconv.FormatInt(l.Entries, 10),
		"postings", strconv.FormatInt(l.Postings, 10),
		"payments", strconv.FormatInt(l.Payments, 10),
		"refunds", strconv.FormatInt(l.Refunds, 10))
	fmt.Fprintln(w)
	if l.OK {
		fmt.Fprintln(w, "The ledger is right.")
		return
	}
	for _, problem := range l.Problems {
		fmt.Fprintln(w, "-", problem)
	}
}
