package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"sen/internal/app"
	"sen/internal/control"
	"sen/internal/ledger"
)

type ledgerCmd struct {
	Verify ledgerVerifyCmd `cmd:"" help:"Compute every balance and every seal again, and hold payments, refunds and callbacks against the books."`
	Head   ledgerHeadCmd   `cmd:"" help:"Sign where the chains of seals end, to keep where nobody who can change the database can reach it."`
	Export ledgerExportCmd `cmd:"" help:"Write all entries and their seals in a form that others can check."`
	Adopt  ledgerAdoptCmd  `cmd:"" help:"Seal entries that no seal is over: those of an old version that served beside a new one."`
}

// seals says where the keys of the seals are.
type seals struct {
	Keys string `type:"path" placeholder:"FILE" help:"The keys of the seals: the vault.json of a gateway. Default: that of the data directory."`
}

type ledgerVerifyCmd struct {
	Data     string `type:"path" env:"SEN_DATA" placeholder:"DIR" help:"The data directory; with --database, the one with vault.json. Default: the sandbox that --server names, or else ./sen-data."`
	Database string `env:"SEN_DATABASE" placeholder:"URL" help:"The database server, instead of a directory."`
	Since    string `type:"path" placeholder:"FILE" help:"A checkpoint that sen ledger head made: whether all of what was there then is still there."`
	seals
}

var errLedger = errors.New("the ledger is not right")

// Run checks the ledger.
func (v *ledgerVerifyCmd) Run(ctx context.Context, c *console) error {
	collectLess()
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
	if v.Data == "" && v.Database == "" && v.Since == "" && v.Keys == "" && c.server != "" {
		l, err = c.control().Ledger(ctx)
		return l, c.server, err
	}
	where = cmp.Or(v.Database, v.Data, defaultData)
	l, err = app.Book{Place: where, Data: v.Data, Keys: v.Keys, Progress: progressOf(c)}.Verify(ctx, v.Since)
	return l, app.Place(where), err
}

// sayEvery is how often long work says how far it is.
const sayEvery = 5 * time.Second

// progressOf says now and then how many entries were read, where somebody reads
// along.
func progressOf(c *console) func(entries int64) {
	if c.json {
		return nil
	}
	began := time.Now() //nolint:forbidigo // how quickly this machine does it
	next := sayEvery
	return func(entries int64) {
		if took := time.Since(began); took >= next { //nolint:forbidigo // how quickly this machine does it
			fmt.Fprintf(c.err, "%d entries read, %.0f a second\n", entries, float64(entries)/took.Seconds())
			next = took + sayEvery
		}
	}
}

func writeLedger(w io.Writer, l control.Ledger, where string) {
	facts(w,
		"checked", where,
		"accounts", strconv.FormatInt(l.Accounts, 10),
		"entries", strconv.FormatInt(l.Entries, 10),
		"postings", strconv.FormatInt(l.Postings, 10),
		"payments", strconv.FormatInt(l.Payments, 10),
		"refunds", strconv.FormatInt(l.Refunds, 10),
		"sealed", sealedWords(l.Seals))
	fmt.Fprintln(w)
	if l.OK {
		fmt.Fprintln(w, "The ledger is right.")
		if l.Seals.Database != "" && !l.Seals.Tagged {
			fmt.Fprintln(w, "The keys of its seals were not at hand: give --keys FILE to see that nobody else has made them.")
		}
		return
	}
	for _, problem := range l.Problems {
		fmt.Fprintln(w, "-", problem)
	}
}

// sealedWords says in a line how much of the ledger is sealed.
func sealedWords(s control.Seals) string {
	if s.Database == "" {
		return "nothing"
	}
	text := fmt.Sprintf("%d entries in %d seals of %d chains", s.Entries, s.Seals, s.Chains)
	if s.Before > 0 {
		text += fmt.Sprintf(", %d of them from before there were seals", s.Before)
	}
	if s.Adopted > 0 {
		text += fmt.Sprintf(", %d of them adopted", s.Adopted)
	}
	return text
}

// checkpoint says where the chains of a database end.
type checkpoint struct {
	Database string `json:"database"`
	At       string `json:"at"`
	Chains   int64  `json:"chains"`
	Entries  int64  `json:"entries"`
	Head     string `json:"head"` // of the list of chains
	Key      string `json:"key"`  // Ed25519, of the signature
	Text     string `json:"text"` // what to keep
}

func checkpointOf(c *ledger.Checkpoint) checkpoint {
	return checkpoint{
		Database: c.Database, At: c.At.UTC().Format("2006-01-02T15:04:05Z07:00"), Chains: int64(len(c.Heads)) - 1, Entries: c.Entries(),
		Head: c.Heads[0].Hash.String(), Key: fmt.Sprintf("%x", []byte(c.Key)), Text: string(c.Text()),
	}
}

type ledgerHeadCmd struct {
	place
	seals
	To string `type:"path" placeholder:"FILE" help:"A new file for the checkpoint. Default: it is printed."`
}

// Run signs a checkpoint.
func (h *ledgerHeadCmd) Run(ctx context.Context, c *console) error {
	where, err := h.where()
	if err != nil {
		return err
	}
	signed, err := app.Book{Place: where, Data: h.Data, Keys: h.Keys}.Checkpoint(ctx)
	if err == nil && h.To != "" {
		err = writeNew(h.To, signed.Text())
	}
	if err != nil {
		return err
	}
	return c.print(checkpointOf(signed), func(w io.Writer) {
		if h.To == "" {
			_, _ = w.Write(signed.Text())
			return
		}
		fmt.Fprintf(w, "%d entries in %d chains: %s\n", signed.Entries(), len(signed.Heads)-1, h.To)
	})
}

// writeNew writes a file that must not be there yet.
func writeNew(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

type ledgerExportCmd struct {
	place
	seals
	To string `required:"" type:"path" placeholder:"FILE" help:"The new file: lines of JSON."`
}

// Run writes the export.
func (e *ledgerExportCmd) Run(ctx context.Context, c *console) error {
	where, err := e.where()
	if err != nil {
		return err
	}
	signed, err := app.Book{Place: where, Data: e.Data, Keys: e.Keys}.Export(ctx, e.To)
	if err != nil {
		return err
	}
	return c.print(checkpointOf(signed), func(w io.Writer) {
		fmt.Fprintf(w, "%d entries in %d chains: %s\n", signed.Entries(), len(signed.Heads)-1, e.To)
	})
}

type ledgerAdoptCmd struct {
	place
	seals
}

// adopted says how many entries were sealed.
type adopted struct {
	Entries int64 `json:"entries"`
}

// Run seals what is in no seal.
func (a *ledgerAdoptCmd) Run(ctx context.Context, c *console) error {
	where, err := a.where()
	if err != nil {
		return err
	}
	n, err := app.Book{Place: where, Data: a.Data, Keys: a.Keys}.Adopt(ctx)
	if err != nil {
		return err
	}
	return c.print(adopted{n}, func(w io.Writer) { fmt.Fprintf(w, "%d entries were in no seal, and are in one now.\n", n) })
}
