package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"sen/internal/app"
	"sen/internal/control"
	"sen/internal/settlement"
)

type settlementCmd struct {
	List   settlementListCmd   `cmd:"" help:"List the days that are closed, the newest first."`
	Run    settlementRunCmd    `cmd:"" help:"Close days that are over, and pay out what they earned."`
	Files  settlementFilesCmd  `cmd:"" help:"Write the files of a closed day, and their signatures."`
	Verify settlementVerifyCmd `cmd:"" help:"Check the signature of such a file."`
}

// books are a sandbox that serves, or a database.
type books struct {
	Data     string `type:"path" env:"SEN_DATA" placeholder:"DIR" help:"The data directory; with --database, the one with vault.json. Default: the sandbox that --server names."`
	Database string `env:"SEN_DATABASE" placeholder:"URL" help:"The database server, instead of a directory."`
}

// keep does the one or the other.
func (b books) keep(ctx context.Context, served func() error, kept func(k control.Bookkeeper, simulated bool) error) error {
	if b.Database != "" || b.Data != "" {
		return app.KeepBooks(ctx, app.Where{Data: b.Data, URL: b.Database}, kept)
	}
	return served()
}

type settlementListCmd struct {
	books
	App   int64 `default:"0" help:"The app. Default: all."`
	Limit int   `default:"31" help:"How many at most. Default: ${default}."`
}

// Run lists the settlements.
func (l *settlementListCmd) Run(ctx context.Context, c *console) (err error) {
	var all []control.Settlement
	err = l.keep(ctx, func() error {
		all, err = c.control().Settlements(ctx, l.App, l.Limit)
		return err
	}, func(k control.Bookkeeper, _ bool) error {
		all, err = k.Settlements(ctx, l.App, l.Limit)
		return err
	})
	return c.printSettlements(all, err, "No day is closed yet: \"sen settlement run\" closes those that are over.")
}

func (c *console) printSettlements(all []control.Settlement, err error, none string) error {
	if err != nil {
		return err
	}
	return c.print(all, func(w io.Writer) {
		t := newTable("DAY", "APP", ">PAYMENTS", ">AMOUNT", ">FEES", ">REFUNDS", ">REVERSED", ">BY HAND", ">CARRIED IN", ">PAID OUT", ">CARRIED OUT", "NUMBER")
		for _, s := range all {
			t.add(s.Day, s.App, s.Payments, amount(s.PaymentAmount), amount(s.FeeAmount), amount(s.RefundAmount), amount(s.ReversalAmount),
				amount(s.PayoutAmount), amount(s.CarriedIn), amount(s.PaidOut), amount(s.CarriedOut), orDash(numberText(s.Number)))
		}
		t.write(w, none)
	})
}

func numberText(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

type settlementRunCmd struct {
	books
	App int64  `default:"0" help:"The app. Default: all."`
	Day string `placeholder:"YYYY-MM-DD" help:"The last day to close, at GMT+7; open ones before it are closed too. Default: yesterday."`
}

// Run closes days.
func (r *settlementRunCmd) Run(ctx context.Context, c *console) (err error) {
	var all []control.Settlement
	in := control.Settle{App: r.App, Day: r.Day}
	err = r.keep(ctx, func() error {
		all, err = c.control().Settle(ctx, in)
		return err
	}, func(k control.Bookkeeper, _ bool) error {
		all, err = k.Settle(ctx, in)
		return err
	})
	return c.printSettlements(all, err, "Nothing was left to settle.")
}

type settlementFilesCmd struct {
	books
	Day string `arg:"" name:"day" help:"The day, as in 2026-11-21."`
	App int64  `default:"2553" help:"The app. Default: ${default}."`
	To  string `type:"path" default:"." placeholder:"DIR" help:"Where to write them. Default: the present directory."`
}

// Run writes the files.
func (f *settlementFilesCmd) Run(ctx context.Context, c *console) (err error) {
	var files []control.File
	err = f.keep(ctx, func() error {
		files, err = c.control().SettlementFiles(ctx, f.App, f.Day)
		return err
	}, func(k control.Bookkeeper, _ bool) error {
		files, err = k.Files(ctx, f.App, f.Day)
		return err
	})
	if err != nil {
		return err
	}
	var written []string
	for _, one := range files {
		name := filepath.Join(f.To, filepath.Base(one.Name))
		if err := writeFile(name, one.Data); err != nil {
			return err
		}
		if err := writeFile(name+settlement.MACSuffix, one.MAC); err != nil {
			return err
		}
		written = append(written, name)
	}
	return c.print(map[string][]string{"files": written}, func(w io.Writer) {
		for _, name := range written {
			fmt.Fprintln(w, name)
		}
		fmt.Fprintf(w, "\ncheck one   %s settlement verify %s%s\n", program(), written[0], c.flags(f.App))
	})
}

// writeFile writes what only its owner may read: it tells of people's payments.
func writeFile(name, data string) error { return os.WriteFile(name, []byte(data), 0o600) }

type settlementVerifyCmd struct {
	File string `arg:"" type:"path" help:"The file. Its signature is beside it, in FILE.mac."`
	App  int64  `default:"2553" help:"The app whose key2 a running sandbox is asked for, if none is given. Default: ${default}."`
	Key2 string `name:"key2" env:"SEN_KEY2" placeholder:"KEY" help:"Key2 of the app; others on this machine can see it, unless it comes from SEN_KEY2. Default: what the running sandbox has for the app."`
}

// Run checks the signature.
func (v *settlementVerifyCmd) Run(ctx context.Context, c *console) error {
	data, err := os.ReadFile(v.File)
	if err != nil {
		return err
	}
	mac, err := os.ReadFile(v.File + settlement.MACSuffix)
	if err != nil {
		return fmt.Errorf("%w: the signature must lie beside the file", err)
	}
	if v.Key2 == "" {
		a, err := c.control().App(ctx, v.App)
		if err != nil {
			return err
		}
		v.Key2 = a.Key2
	}
	if err := settlement.Verify(v.Key2, data, mac); err != nil {
		return err
	}
	return c.print(map[string]any{"file": v.File, "ok": true}, func(w io.Writer) { fmt.Fprintln(w, "The signature is right.") })
}

type reconcileCmd struct {
	books
	App      int64    `default:"2553" help:"The app. Default: ${default}."`
	Day      string   `placeholder:"YYYY-MM-DD" help:"The day to compare, at GMT+7. Default: yesterday."`
	Merchant string   `type:"path" placeholder:"FILE" help:"What the merchant knows of the day: CSV with app_trans_id, amount, status, zp_trans_id, and m_refund_id of refunds."`
	Bank     []string `type:"path" placeholder:"FILE" help:"What a channel says it moved: CSV with ref, amount, and charge of refunds. Default: the simulated bank of a sandbox."`
}

var errDifferences = errors.New("the books differ")

// Run compares the books.
func (r *reconcileCmd) Run(ctx context.Context, c *console) error {
	in := control.Reconcile{App: r.App, Day: r.Day}
	if r.Merchant != "" {
		data, err := os.ReadFile(r.Merchant)
		if err != nil {
			return err
		}
		in.Merchant = new(string(data))
	}
	for _, name := range r.Bank {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		in.Reports = append(in.Reports, string(data))
	}
	out, err := r.reconcile(ctx, c, in)
	if err != nil {
		return err
	}
	err = c.print(out, func(w io.Writer) { writeReconciled(w, out, in) })
	if err == nil && len(out.Differences) > 0 {
		err = errDifferences
	}
	return err
}

func (r *reconcileCmd) reconcile(ctx context.Context, c *console, in control.Reconcile) (out control.Reconciled, err error) {
	err = r.keep(ctx, func() error {
		out, err = c.control().Reconcile(ctx, in)
		return err
	}, func(k control.Bookkeeper, simulated bool) error {
		out, err = k.Reconcile(ctx, in, simulated)
		return err
	})
	return out, err
}

func writeReconciled(w io.Writer, r control.Reconciled, in control.Reconcile) {
	settled, claims := "no: \"sen settlement run\" closes days", ""
	if r.Settled {
		settled = "yes"
	}
	if in.Merchant != nil {
		claims = strconv.Itoa(r.Claims)
	}
	facts(w, "app", strconv.FormatInt(r.App, 10), "day", r.Day, "settled", settled, "payments", strconv.Itoa(r.Payments),
		"refunds", strconv.Itoa(r.Refunds), "merchant's lines", claims, "channels' lines", strconv.Itoa(r.Moved))
	fmt.Fprintln(w)
	if len(r.Differences) == 0 {
		fmt.Fprintln(w, "All sides say the same.")
		return
	}
	for _, d := range r.Differences {
		fmt.Fprintln(w, "-", d.Kind+":", strings.Join(keysOfDifference(d), ", "))
		fmt.Fprintln(w, "  ours", d.Ours+", theirs", d.Theirs)
		fmt.Fprintln(w, " ", d.Advice)
	}
}

func keysOfDifference(d control.Difference) (keys []string) {
	for _, k := range [][2]string{
		{"app_trans_id", d.AppTransID},
		{"zp_trans_id", numberText(d.Payment)},
		{"m_refund_id", d.MRefundID},
		{"number", numberText(d.Number)},
		{"line", numberText(int64(d.Line))},
	} {
		if k[1] != "" {
			keys = append(keys, k[0]+" "+k[1])
		}
	}
	return keys
}
