package cli

import (
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
	Data string `type:"path" placeholder:"DIR" help:"The data directory. Default: ./sen-data, or the sandbox that --server names."`
}

var errLedger = errors.New("the ledger is not right")

// Run checks the ledger.
func (v *ledgerVerifyCmd) Run(ctx context.Context, c *console) error {
	found, err := v.verify(ctx, c)
	if err != nil {
		return err
	}
	err = c.print(found, func(w io.Writer) { writeLedger(w, found) })
	if err == nil && !found.OK {
		err = errLedger
	}
	return err
}

func (v *ledgerVerifyCmd) verify(ctx context.Context, c *console) (control.Ledger, error) {
	switch {
	case v.Data != "":
		return app.Verify(ctx, v.Data)
	case c.server != "":
		return c.control().Ledger(ctx)
	}
	return app.Verify(ctx, defaultData)
}

func writeLedger(w io.Writer, l control.Ledger) {
	facts(w,
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
