package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"sen"
	"sen/internal/control"
)

type orderCmd struct {
	Create orderCreateCmd `cmd:"" help:"Create an order and print the page where it is paid."`
	List   orderListCmd   `cmd:"" help:"List orders, the newest first."`
	Show   orderShowCmd   `cmd:"" help:"Show an order, its payment and its callbacks."`
}

type orderCreateCmd struct {
	App         int64  `default:"2553" help:"The merchant's app. Default: ${default}."`
	Amount      dong   `default:"50000" placeholder:"N" help:"Amount in dong. Default: ${default}."`
	Description string `default:"Order made with sen" placeholder:"TEXT" help:"What the payer reads."`
	User        string `default:"demo" placeholder:"NAME" help:"The payer in the merchant's terms (app_user)."`
	Callback    string `placeholder:"URL" help:"Where to tell that it is paid. Default: the app's."`
	Redirect    string `placeholder:"URL" help:"Where the payer goes afterwards. Default: the app's."`
}

// createdOrder is an order as order create prints it.
type createdOrder struct {
	OrderURL   string `json:"order_url"`
	App        int64  `json:"app_id"`
	AppTransID string `json:"app_trans_id"`
	Token      string `json:"zp_trans_token"`
	QRCode     string `json:"qr_code"`
	Amount     int64  `json:"amount"`
}

// Run creates the order through the merchant API.
func (o *orderCreateCmd) Run(ctx context.Context, c *console) error {
	client, now, err := c.merchant(ctx, o.App)
	if err != nil {
		return err
	}
	id := sen.AppTransID(now.Now(), newSuffix())
	made, err := client.Orders.Create(ctx, sen.CreateOrderRequest{
		AppTransID: id, AppUser: o.User, Amount: int64(o.Amount), Description: o.Description,
		CallbackURL: o.Callback, RedirectURL: o.Redirect,
	})
	if err != nil {
		return explain(err)
	}
	out := createdOrder{
		OrderURL: made.OrderURL, App: o.App, AppTransID: id, Token: made.ZPTransToken,
		QRCode: made.QRCode, Amount: int64(o.Amount),
	}
	return c.print(out, func(w io.Writer) {
		fmt.Fprintln(w, out.OrderURL)
		fmt.Fprintln(w)
		facts(w,
			"app_trans_id", out.AppTransID,
			"amount", amount(out.Amount),
			"pay it", program()+" pay "+out.AppTransID+c.flags(o.App),
			"see it", program()+" order show "+out.AppTransID+c.flags(o.App))
	})
}

// newSuffix makes an identifier that no earlier run has made.
func newSuffix() string { return strings.ToLower(rand.Text()[:12]) }

const defaultApp = 2553

// flags are what a suggested command needs to mean the same app of the same
// sandbox.
func (c *console) flags(app int64) string {
	text := ""
	if app != defaultApp {
		text += " --app " + strconv.FormatInt(app, 10)
	}
	if c.server != "" {
		text += " --server " + c.server
	}
	return text
}

// explain adds to a refusal what to do about it.
func explain(err error) error {
	refused, ok := errors.AsType[*sen.Error](err)
	if !ok {
		return err
	}
	if advice := refused.Advice("en"); advice != "" {
		return fmt.Errorf("%w\n     %s", err, advice)
	}
	return err
}

type orderListCmd struct {
	App   int64 `placeholder:"N" help:"Of this app. Default: all."`
	Limit int   `default:"20" help:"How many at most. Default: ${default}."`
}

// Run lists the orders.
func (l *orderListCmd) Run(ctx context.Context, c *console) error {
	all, err := c.control().Orders(ctx, l.App, l.Limit)
	if err != nil {
		return err
	}
	return c.print(all, func(w io.Writer) {
		t := newTable("ORDER", ">APP", ">AMOUNT", "STATE", "CREATED", "DESCRIPTION")
		for _, o := range all {
			t.add(o.AppTransID, o.App, amount(o.Amount), o.State, moment(o.CreatedAt), o.Description)
		}
		t.write(w, "No orders.")
	})
}

type orderShowCmd struct {
	AppTransID string `arg:"" name:"app_trans_id" help:"The merchant's identifier of the order."`
	App        int64  `default:"2553" help:"The app it belongs to. Default: ${default}."`
}

// Run shows the order.
func (o *orderShowCmd) Run(ctx context.Context, c *console) error {
	out, err := c.control().Order(ctx, o.App, o.AppTransID)
	if err != nil {
		return err
	}
	return c.print(out, func(w io.Writer) { writeOrder(w, out) })
}

func writeOrder(w io.Writer, o control.Order) {
	facts(w,
		"app_trans_id", o.AppTransID,
		"app", strconv.FormatInt(o.App, 10),
		"amount", amount(o.Amount),
		"description", o.Description,
		"state", o.State+failure(o.Failure),
		"created", moment(o.CreatedAt),
		"expires", moment(o.ExpiresAt))
	if o.Payment != nil {
		fmt.Fprintln(w)
		writePayment(w, *o.Payment)
	}
	fmt.Fprintln(w)
	writeCallbacks(w, o.Callbacks)
}

func failure(reason string) string {
	if reason == "" {
		return ""
	}
	return " (last failure: " + reason + ")"
}

func writePayment(w io.Writer, p control.Payment) {
	fee, refunded := "", ""
	if p.MerchantFee != 0 {
		fee = amount(p.MerchantFee)
	}
	if p.Refunded != 0 {
		refunded = amount(p.Refunded)
	}
	facts(w,
		"paid", amount(p.Amount),
		"zp_trans_id", strconv.FormatInt(p.Number, 10),
		"wallet", p.Wallet,
		"card", p.Card,
		"at", moment(p.At),
		"merchant's fee", fee,
		"refunded", refunded)
}
