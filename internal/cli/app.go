package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"sen/internal/app"
	"sen/internal/control"
	"sen/internal/merchant"
)

type appCmd struct {
	List    appListCmd    `cmd:"" help:"List the apps of a sandbox."`
	Set     appSetCmd     `cmd:"" help:"Change an app of a sandbox and its terms."`
	Payout  appPayoutCmd  `cmd:"" help:"Pay a merchant out, so that its balance is lower."`
	CodeKey appCodeKeyCmd `cmd:"" help:"Print the key with which an app of a sandbox may encrypt payment codes; it is made when there is none."`
	Create  appCreateCmd  `cmd:"" help:"Make an app in a data directory and print its keys, once."`
	Rotate  appRotateCmd  `cmd:"" help:"Give an app in a data directory new keys and print them, once."`
}

type appListCmd struct {
	Keys bool `help:"Show the keys too."`
}

// Run lists the apps.
func (l *appListCmd) Run(ctx context.Context, c *console) error {
	all, err := c.control().Apps(ctx)
	if err != nil {
		return err
	}
	return c.print(all, func(w io.Writer) {
		if l.Keys {
			t := newTable(">APP", "NAME", "KEY1", "KEY2")
			for _, a := range all {
				t.add(a.ID, a.Name, a.Key1, a.Key2)
			}
			t.write(w, "No apps.")
			return
		}
		t := newTable(">APP", "NAME", "STATE", ">BALANCE", ">OWES", ">FEE", "CALLBACK URL")
		for _, a := range all {
			t.add(a.ID, a.Name, appState(a), amount(a.Balance), amount(a.Owes), percent(a.FeeBP), orDash(a.CallbackURL))
		}
		t.write(w, "No apps.")
	})
}

func appState(a control.App) string {
	if a.Disabled {
		return "disabled"
	}
	return "enabled"
}

// percent writes basis points: 150 is 1,50 %.
func percent(bp int64) string { return fmt.Sprintf("%d.%02d %%", bp/100, bp%100) }

type appSetCmd struct {
	ID                 int64   `arg:"" help:"The app."`
	CallbackURL        *string `name:"callback-url" placeholder:"URL" help:"Where its orders are reported; empty for nowhere."`
	RedirectURL        *string `name:"redirect-url" placeholder:"URL" help:"Where its payers go afterwards; empty for nowhere."`
	RatePerSecond      *int64  `placeholder:"N" help:"Calls of one operation that it may make in a second; 0: any number."`
	FeeBP              *int64  `name:"fee-bp" placeholder:"N" help:"Its fee in basis points: 150 is 1.5 %."`
	RefundApprovalFrom *int64  `placeholder:"N" help:"Refunds of that many dong wait for approval; 0: none does."`
	RefundPeriod       *string `placeholder:"DURATION" help:"How long a payment can be refunded, as in 720h; 0s: for ever."`
	ReceivableLimit    *int64  `placeholder:"N" help:"How many dong it may come to owe by refunds."`
	TokenLife          *string `placeholder:"DURATION" help:"How long a token pays, as in 8760h; 0s: for ever. For bindings confirmed from now on."`
	TokenDayCount      *int64  `placeholder:"N" help:"Payments by one token in a day; 0: any number."`
	TokenDayAmount     *int64  `placeholder:"N" help:"Dong paid by one token in a day; 0: any amount."`
	Disable            bool    `xor:"able" help:"Refuse everything it asks for."`
	Enable             bool    `xor:"able" help:"Serve it again."`
}

// Run changes the app.
func (s *appSetCmd) Run(ctx context.Context, c *console) error {
	change := control.ChangeApp{
		CallbackURL: s.CallbackURL, RedirectURL: s.RedirectURL, RatePerSecond: s.RatePerSecond, FeeBP: s.FeeBP,
		RefundApprovalFrom: s.RefundApprovalFrom, RefundPeriod: s.RefundPeriod, ReceivableLimit: s.ReceivableLimit,
		TokenLife: s.TokenLife, TokenDayCount: s.TokenDayCount, TokenDayAmount: s.TokenDayAmount,
	}
	if s.Disable || s.Enable {
		change.Disabled = &s.Disable
	}
	a, err := c.control().ChangeApp(ctx, s.ID, change)
	if err != nil {
		return err
	}
	return c.print(a, func(w io.Writer) { writeApp(w, a) })
}

func writeApp(w io.Writer, a control.App) {
	facts(w,
		"app", strconv.FormatInt(a.ID, 10),
		"name", a.Name,
		"state", appState(a),
		"callback URL", orDash(a.CallbackURL),
		"redirect URL", orDash(a.RedirectURL),
		"balance", amount(a.Balance),
		"owes", amount(a.Owes),
		"rate per second", orAny(a.RatePerSecond, strconv.FormatInt(a.RatePerSecond, 10)),
		"fee", percent(a.FeeBP),
		"refunds approved from", orAny(a.RefundApprovalFrom, amount(a.RefundApprovalFrom)),
		"refund period", forEver(a.RefundPeriod),
		"may owe at most", amount(a.ReceivableLimit),
		"a token pays for", forEver(a.TokenLife),
		"payments by a token a day", orAny(a.TokenDayCount, strconv.FormatInt(a.TokenDayCount, 10)),
		"paid by a token a day", orAny(a.TokenDayAmount, amount(a.TokenDayAmount)))
}

// orAny is the text, or a dash where 0 means that there is no limit.
func orAny(n int64, text string) string {
	if n == 0 {
		return "-"
	}
	return text
}

// forEver is the duration, in words where 0 means that there is no end.
func forEver(duration string) string {
	if duration == "0s" {
		return "for ever"
	}
	return duration
}

type appPayoutCmd struct {
	ID     int64 `arg:"" help:"The app."`
	Amount dong  `arg:"" help:"Amount in dong."`
}

// Run pays the merchant out.
func (p *appPayoutCmd) Run(ctx context.Context, c *console) error {
	a, err := c.control().PayOut(ctx, p.ID, int64(p.Amount))
	if err != nil {
		return err
	}
	return c.print(a, func(w io.Writer) { writeApp(w, a) })
}

type appCodeKeyCmd struct {
	ID int64 `arg:"" help:"The app."`
}

// Run prints the public key.
func (k *appCodeKeyCmd) Run(ctx context.Context, c *console) error {
	key, err := c.control().CodeKey(ctx, k.ID)
	if err != nil {
		return err
	}
	return c.print(key, func(w io.Writer) { fmt.Fprint(w, key.PublicKey) })
}

type appCreateCmd struct {
	place
	ID          int64  `name:"id" required:"" placeholder:"N" help:"Number of the app (app_id)."`
	Name        string `required:"" help:"Name of the shop, as payers read it."`
	CallbackURL string `name:"callback-url" placeholder:"URL" help:"Where its orders are reported."`
	RedirectURL string `name:"redirect-url" placeholder:"URL" help:"Where its payers go afterwards."`
	Sandbox     bool   `help:"The directory belongs to a sandbox."`
}

// Run makes the app.
func (a *appCreateCmd) Run(ctx context.Context, c *console) error {
	mode := app.Live
	if a.Sandbox {
		mode = app.Sandbox
	}
	where, err := a.whole()
	if err != nil {
		return err
	}
	made, err := app.CreateApp(ctx, where, mode, merchant.App{
		ID: merchant.ID(a.ID), Name: a.Name, CallbackURL: a.CallbackURL, RedirectURL: a.RedirectURL,
	})
	if err != nil {
		return err
	}
	return c.printKeys(made)
}

type appRotateCmd struct {
	place
	ID      int64         `name:"id" required:"" placeholder:"N" help:"Number of the app (app_id)."`
	Overlap time.Duration `placeholder:"DURATION" help:"How long the old keys are good too, as in 72h. Default: not at all."`
	End     bool          `help:"Give no new keys; void the old ones now."`
}

// Run gives the app new keys, or ends the overlap of an earlier time.
func (r *appRotateCmd) Run(ctx context.Context, c *console) error {
	where, err := r.whole()
	if err != nil {
		return err
	}
	if r.End {
		a, err := app.DropOldKeys(ctx, where, merchant.ID(r.ID))
		if err != nil {
			return err
		}
		return c.print(keys{App: int64(a.ID), Name: a.Name}, func(w io.Writer) {
			fmt.Fprintf(w, "App %d has one pair of keys now.\n", a.ID)
		})
	}
	a, err := app.RotateKeys(ctx, where, merchant.ID(r.ID), r.Overlap)
	if err != nil {
		return err
	}
	return c.printKeys(a)
}

// keys are an app's, as a merchant is given them.
type keys struct {
	App  int64  `json:"app_id"`
	Name string `json:"name"`
	Key1 string `json:"key1,omitempty"`
	Key2 string `json:"key2,omitempty"`
	// OldUntil is how long the keys of before are good too.
	OldUntil *time.Time `json:"old_until,omitempty"`
}

func (c *console) printKeys(a merchant.App) error {
	out := keys{App: int64(a.ID), Name: a.Name, Key1: a.Key1, Key2: a.Key2}
	if !a.OldUntil.IsZero() {
		out.OldUntil = &a.OldUntil
	}
	return c.print(out, func(w io.Writer) {
		facts(w,
			"app_id", strconv.FormatInt(out.App, 10),
			"name", out.Name,
			"key1", out.Key1,
			"key2", out.Key2)
		fmt.Fprint(w, "\nGive them to the merchant in a safe way: they are not shown again.\n"+
			"A gateway that serves from there knows them within a second.\n")
		if out.OldUntil != nil {
			fmt.Fprintf(w, "\nUntil %s the keys of before are good too, and callbacks are signed with the key2 of before:\n"+
				"let the shop take both, then sign with the new key1. `sen app rotate --end` ends it sooner.\n", moment(*out.OldUntil))
		}
	})
}
