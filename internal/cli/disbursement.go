package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strconv"

	"sen"
	"sen/internal/app"
	"sen/internal/control"
	"sen/internal/merchant"
)

type disbursementCmd struct {
	Create  payoutCreateCmd  `cmd:"" help:"Pay out to a wallet, as a merchant does."`
	Show    payoutShowCmd    `cmd:"" help:"Show what became of a disbursement."`
	List    payoutListCmd    `cmd:"" help:"List the disbursements of an app, the newest first."`
	Fund    payoutFundCmd    `cmd:"" help:"Put money into the disbursement account of an app."`
	Review  payoutReviewCmd  `cmd:"" help:"Hold each disbursement of an app from an amount on, until it is released or rejected."`
	Hold    payoutHoldCmd    `cmd:"" help:"Hold one disbursement that waits, or all of an app: they are taken, and wait."`
	Release payoutReleaseCmd `cmd:"" help:"Pay out a disbursement that is held, or let those of an app go again."`
	Reject  payoutRejectCmd  `cmd:"" help:"End a disbursement that waits: nothing is paid out."`
	Key     payoutKeyCmd     `cmd:"" help:"Manage the public keys of those who pay out."`
}

type payoutCreateCmd struct {
	Phone       string `arg:"" help:"Telephone number of the wallet."`
	Amount      dong   `arg:"" help:"Amount in dong."`
	App         int64  `default:"2553" help:"The app that pays. Default: ${default}."`
	Description string `default:"Payout" help:"What the receiver reads."`
	ID          string `name:"id" placeholder:"TEXT" help:"The partner_order_id. Default: one of chance."`
}

var errNoPrivateKey = errors.New("the sandbox knows the private keys only that it comes with: this app has a key of its own, so only its owner can pay out")

// Run pays out, with the SDK and the keys that the sandbox shows.
func (p *payoutCreateCmd) Run(ctx context.Context, c *console) error {
	client, account, err := c.disburser(ctx, p.App)
	if err != nil {
		return err
	}
	user, err := client.Disbursements.User(ctx, sen.DisbursementUserRequest{Phone: p.Phone})
	if err != nil {
		return err
	}
	id := p.ID
	if id == "" {
		id = "payout_" + strconv.FormatUint(rand.Uint64(), 36)
	}
	_, err = client.Disbursements.TopUp(ctx, sen.DisbursementTopupRequest{
		PaymentID: account.PaymentID, PartnerOrderID: id, MUID: user.Data.MUID, Amount: int64(p.Amount), Description: p.Description,
	})
	if err != nil {
		return err
	}
	return c.showPayout(ctx, p.App, id)
}

// disburser is a client that signs payouts of the app.
func (c *console) disburser(ctx context.Context, id int64) (*sen.Client, control.Payouts, error) {
	account, err := c.control().Payouts(ctx, id)
	if err != nil {
		return nil, account, err
	}
	if account.PrivateKey == "" {
		return nil, account, errNoPrivateKey
	}
	key, err := sen.ParsePrivateKey(account.PrivateKey)
	if err != nil {
		return nil, account, err
	}
	client, _, err := c.merchant(ctx, id, sen.WithPrivateKey(key))
	return client, account, err
}

type payoutShowCmd struct {
	books
	ID  string `arg:"" name:"partner_order_id" help:"The merchant's identifier of the disbursement."`
	App int64  `default:"2553" help:"The app that pays. Default: ${default}."`
}

// Run shows the disbursement.
func (p *payoutShowCmd) Run(ctx context.Context, c *console) (err error) {
	var d control.Disbursement
	err = p.keep(ctx, func() error {
		d, err = c.control().Disbursement(ctx, p.App, p.ID)
		return err
	}, func(k control.Bookkeeper, _ bool) error {
		d, err = k.Disbursement(ctx, p.App, p.ID)
		return err
	})
	return c.printPayout(d, err)
}

func (c *console) showPayout(ctx context.Context, payer int64, id string) error {
	return c.printPayout(c.control().Disbursement(ctx, payer, id))
}

func (c *console) printPayout(d control.Disbursement, err error) error {
	if err != nil {
		return err
	}
	return c.print(d, func(w io.Writer) { writePayout(w, d) })
}

func writePayout(w io.Writer, d control.Disbursement) {
	facts(w,
		"partner_order_id", d.PartnerOrderID,
		"order_id", strconv.FormatInt(d.Number, 10),
		"amount", amount(d.Amount),
		"wallet", d.Phone,
		"state", payoutState(d),
		"created", moment(d.CreatedAt))
}

// payoutState says in words what the state means.
func payoutState(d control.Disbursement) string {
	switch d.State {
	case "running":
		return "running: the operator holds the app's payouts up"
	case "held":
		why := "by hand"
		if d.Hold == "above" {
			why = "for its amount"
		}
		return "held " + why + ": release or reject it"
	case "pending":
		return "pending: the app's disbursement account does not cover it"
	case "failed":
		return "failed: " + d.Failure
	}
	return d.State
}

type payoutListCmd struct {
	books
	App   int64  `default:"2553" help:"The app that pays; 0: every app. Default: ${default}."`
	State string `default:"" enum:",running,pending,held,succeeded,failed" placeholder:"STATE" help:"running, pending, held, succeeded or failed. Default: any."`
	Limit int    `default:"20" help:"How many at most. Default: ${default}."`
}

// Run lists the disbursements.
func (l *payoutListCmd) Run(ctx context.Context, c *console) (err error) {
	var all []control.Disbursement
	err = l.keep(ctx, func() error {
		all, err = c.control().Disbursements(ctx, l.App, l.State, l.Limit)
		return err
	}, func(k control.Bookkeeper, _ bool) error {
		all, err = k.Disbursements(ctx, l.App, l.State, l.Limit)
		return err
	})
	if err != nil {
		return err
	}
	return c.print(all, func(w io.Writer) {
		t := newTable("ORDER_ID", ">AMOUNT", "WALLET", "STATE", "CREATED", "PARTNER_ORDER_ID")
		for _, d := range all {
			t.add(d.Number, amount(d.Amount), d.Phone, d.State, moment(d.CreatedAt), d.PartnerOrderID)
		}
		t.write(w, "No disbursements.")
	})
}

type payoutFundCmd struct {
	books
	ID        int64  `arg:"" name:"app" help:"The app."`
	Amount    dong   `arg:"" help:"Amount in dong."`
	Reference string `placeholder:"TEXT" help:"What the money came under, as of a bank's transfer: the same one is booked once."`
}

// Run puts money in: in the running sandbox, or beside a live gateway.
func (f *payoutFundCmd) Run(ctx context.Context, c *console) (err error) {
	var out control.Payouts
	in := control.FundPayouts{Amount: int64(f.Amount), Reference: f.Reference}
	err = f.keep(ctx, func() error {
		out, err = c.control().FundPayouts(ctx, f.ID, in)
		return err
	}, func(k control.Bookkeeper, _ bool) error {
		out, err = k.FundPayouts(ctx, f.ID, in)
		return err
	})
	return c.printPayouts(out, err)
}

type payoutReviewCmd struct {
	books
	ID   int64 `arg:"" name:"app" help:"The app."`
	From int64 `arg:"" name:"from" help:"The smallest amount that is held, in dong; 0: none is."`
}

// Run sets the amount.
func (r *payoutReviewCmd) Run(ctx context.Context, c *console) error {
	return c.changePayouts(ctx, r.books, r.ID, control.ChangePayouts{ReviewFrom: &r.From})
}

// held names what is held: an app, or one disbursement of its. No app has a number
// that is as large as that of a disbursement.
type held struct {
	books
	ID int64 `arg:"" name:"app-or-order_id" help:"The app, or one disbursement by its order_id, from the list."`
}

func (h held) isPayout() bool { return h.ID > math.MaxInt32 }

type payoutHoldCmd struct{ held }

// Run holds payouts up.
func (h *payoutHoldCmd) Run(ctx context.Context, c *console) error {
	if h.isPayout() {
		return c.decidePayout(ctx, h.held, c.control().HoldDisbursement, control.Bookkeeper.HoldPayout)
	}
	return c.changePayouts(ctx, h.books, h.ID, control.ChangePayouts{Held: new(true)})
}

type payoutReleaseCmd struct{ held }

// Run lets payouts go.
func (r *payoutReleaseCmd) Run(ctx context.Context, c *console) error {
	if r.isPayout() {
		return c.decidePayout(ctx, r.held, c.control().ReleaseDisbursement, control.Bookkeeper.ReleasePayout)
	}
	return c.changePayouts(ctx, r.books, r.ID, control.ChangePayouts{Held: new(false)})
}

type payoutRejectCmd struct {
	books
	ID int64 `arg:"" name:"order_id" help:"The disbursement, from the list."`
}

// Run ends the disbursement.
func (r *payoutRejectCmd) Run(ctx context.Context, c *console) error {
	return c.decidePayout(ctx, held{r.books, r.ID}, c.control().RejectDisbursement, control.Bookkeeper.RejectPayout)
}

// decidePayout decides about one disbursement: in the running sandbox, or beside a
// live gateway.
func (c *console) decidePayout(ctx context.Context, h held, served func(context.Context, int64) (control.Disbursement, error),
	kept func(control.Bookkeeper, context.Context, int64) (control.Disbursement, error),
) (err error) {
	var d control.Disbursement
	err = h.keep(ctx, func() error {
		d, err = served(ctx, h.ID)
		return err
	}, func(k control.Bookkeeper, _ bool) error {
		d, err = kept(k, ctx, h.ID)
		return err
	})
	return c.printPayout(d, err)
}

// changePayouts changes how an app pays out: likewise.
func (c *console) changePayouts(ctx context.Context, b books, id int64, change control.ChangePayouts) (err error) {
	var out control.Payouts
	err = b.keep(ctx, func() error {
		out, err = c.control().ChangePayouts(ctx, id, change)
		return err
	}, func(k control.Bookkeeper, _ bool) error {
		out, err = k.ChangePayouts(ctx, id, change)
		return err
	})
	return c.printPayouts(out, err)
}

type payoutKeyCmd struct {
	Set  payoutKeySetCmd  `cmd:"" help:"Register the public key of an app, whose owner signs what is paid out."`
	Show payoutKeyShowCmd `cmd:"" help:"Show the public key of an app, and the private one if the sandbox came with it."`
}

type payoutKeySetCmd struct {
	place
	ID        int64  `arg:"" name:"app" help:"The app."`
	File      string `arg:"" type:"existingfile" help:"The RSA public key as PEM, of 2048 bits or more: 'openssl rsa -in private.pem -pubout' writes it."`
	PaymentID string `name:"payment-id" placeholder:"TEXT" help:"What names its account on the wire. Default: CASHIN, or what it has."`
}

// Run registers the key: in the running sandbox, or with --data or --database
// where a live gateway keeps its data.
func (k *payoutKeySetCmd) Run(ctx context.Context, c *console) error {
	text, err := os.ReadFile(k.File)
	if err != nil {
		return err
	}
	where, err := k.whole()
	if errors.Is(err, errNoPlace) {
		return c.printPayouts(c.control().ChangePayouts(ctx, k.ID, control.ChangePayouts{PaymentID: k.PaymentID, PublicKey: string(text)}))
	}
	if err != nil {
		return err
	}
	a, err := app.OpenDisbursement(ctx, where, merchant.ID(k.ID), k.PaymentID, string(text))
	if err != nil {
		return err
	}
	return c.print(control.Payouts{App: int64(a.ID), PaymentID: a.Disbursement.PaymentID, PublicKey: a.Disbursement.PublicKey}, func(w io.Writer) {
		fmt.Fprintf(w, "App %d pays out from %s, signed by the owner of this key. Put money in with 'sen disbursement fund'.\n", a.ID, a.Disbursement.PaymentID)
	})
}

type payoutKeyShowCmd struct {
	ID int64 `arg:"" name:"app" help:"The app."`
}

// Run shows the keys.
func (k *payoutKeyShowCmd) Run(ctx context.Context, c *console) error {
	p, err := c.control().Payouts(ctx, k.ID)
	if err != nil {
		return err
	}
	return c.print(p, func(w io.Writer) {
		writePayouts(w, p)
		fmt.Fprintf(w, "\n%s", orDash(p.PublicKey))
		if p.PrivateKey != "" {
			fmt.Fprintf(w, "\nThis private key comes with every sandbox, and is public:\n\n%s", p.PrivateKey)
		}
	})
}

func (c *console) printPayouts(p control.Payouts, err error) error {
	if err != nil {
		return err
	}
	return c.print(p, func(w io.Writer) { writePayouts(w, p) })
}

func writePayouts(w io.Writer, p control.Payouts) {
	state := "pays out"
	switch {
	case p.PaymentID == "":
		state = "may not pay out: it has no public key"
	case p.Held:
		state = "held up: payouts are taken, and wait"
	}
	facts(w,
		"app", strconv.FormatInt(p.App, 10),
		"payment_id", orDash(p.PaymentID),
		"state", state,
		"held from", orAny(p.ReviewFrom, amount(p.ReviewFrom)),
		"left to pay out", amount(p.Balance))
}
