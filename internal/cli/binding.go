package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"sen"
	"sen/internal/control"
)

type bindingCmd struct {
	Create  bindingCreateCmd  `cmd:"" help:"Ask a user for a binding, as a merchant does."`
	Show    bindingShowCmd    `cmd:"" help:"Show a binding."`
	List    bindingListCmd    `cmd:"" help:"List the bindings of a wallet, the newest first."`
	Confirm bindingConfirmCmd `cmd:"" help:"Agree to a binding as the owner of a wallet or a card."`
	Decline bindingDeclineCmd `cmd:"" help:"Say no to a binding."`
	End     bindingEndCmd     `cmd:"" help:"End a binding as its user, or as an operator."`
	Forget  bindingForgetCmd  `cmd:"" help:"Delete the card of a binding from the vault."`
	Pay     bindingPayCmd     `cmd:"" help:"Create an order and pay it by a token, as a merchant does."`
}

type bindingCreateCmd struct {
	App        int64  `default:"2553" help:"The merchant's app. Default: ${default}."`
	Identifier string `default:"demo" placeholder:"NAME" help:"The user in the merchant's terms. Default: ${default}."`
	Card       bool   `help:"Of a card. Default: of a wallet."`
	MaxAmount  dong   `placeholder:"N" help:"Highest amount of one payment by a wallet in dong. Default: no limit."`
	Callback   string `placeholder:"URL" help:"Where to tell what the user says. Default: the app's."`
	Redirect   string `placeholder:"URL" help:"Where the user goes afterwards."`
}

// createdBinding is a binding as binding create prints it.
type createdBinding struct {
	ID         string `json:"binding_id"`
	App        int64  `json:"app_id"`
	AppTransID string `json:"app_trans_id"`
	Identifier string `json:"identifier"`
	QRLink     string `json:"binding_qr_link"`
	DeepLink   string `json:"deep_link,omitempty"`
	ShortLink  string `json:"short_link,omitempty"`
}

// Run asks for the binding through the merchant API.
func (b *bindingCreateCmd) Run(ctx context.Context, c *console) error {
	client, now, err := c.merchant(ctx, b.App)
	if err != nil {
		return err
	}
	id := sen.AppTransID(now.Now(), newSuffix())
	out, confirm := createdBinding{App: b.App, AppTransID: id, Identifier: b.Identifier}, ""
	if b.Card {
		confirm = " --card NUMBER --otp CODE"
		err = b.card(ctx, client, &out)
	} else {
		err = b.wallet(ctx, client, &out)
	}
	if err != nil {
		return explain(err)
	}
	return c.print(out, func(w io.Writer) {
		fmt.Fprintln(w, out.QRLink)
		fmt.Fprintln(w)
		facts(w,
			"binding_id", out.ID,
			"app_trans_id", out.AppTransID,
			"identifier", out.Identifier,
			"confirm it", program()+" binding confirm "+out.ID+confirm+c.flags(defaultApp),
			"see it", program()+" binding show "+out.ID+c.flags(defaultApp))
	})
}

func (b *bindingCreateCmd) wallet(ctx context.Context, client *sen.Client, out *createdBinding) error {
	made, err := client.Bindings.Create(ctx, sen.CreateBindingWalletRequest{
		AppTransID: out.AppTransID, Identifier: b.Identifier, MaxAmount: int64(b.MaxAmount), CallbackURL: b.Callback, RedirectURL: b.Redirect,
	})
	if err == nil {
		out.ID, out.QRLink, out.DeepLink, out.ShortLink = made.BindingToken, made.BindingQRLink, made.DeepLink, made.ShortLink
	}
	return err
}

func (b *bindingCreateCmd) card(ctx context.Context, client *sen.Client, out *createdBinding) error {
	made, err := client.Cards.Create(ctx, sen.CreateBindingCardRequest{
		AppTransID: out.AppTransID, Identifier: b.Identifier, CallbackURL: b.Callback, RedirectURL: b.Redirect,
	})
	if err == nil {
		out.ID, out.QRLink = made.BindingToken, made.BindingURL
	}
	return err
}

// bindingArg is the binding that a command is about.
type bindingArg struct {
	ID string `arg:"" name:"binding_id" help:"The binding."`
}

type bindingShowCmd struct{ bindingArg }

// Run shows the binding.
func (b *bindingShowCmd) Run(ctx context.Context, c *console) error {
	return c.printBinding(c.control().Binding(ctx, b.ID))
}

func (c *console) printBinding(b control.Binding, err error) error {
	if err != nil {
		return err
	}
	return c.print(b, func(w io.Writer) {
		confirmed, ends, token := "", "", ""
		if b.ConfirmedAt != nil {
			confirmed, ends = moment(*b.ConfirmedAt), optional(b.EndsAt)
		}
		if b.State == "confirmed" {
			token = fmt.Sprintf("%s binding pay %s --identifier '%s'%s", program(), b.PayToken, b.Identifier, c.flags(b.App))
		}
		facts(w,
			"binding_id", b.ID,
			"app", strconv.FormatInt(b.App, 10),
			"app_trans_id", b.AppTransID,
			"of a", strings.ToLower(b.Kind),
			"identifier", b.Identifier,
			"at most", orAny(b.MaxAmount, amount(b.MaxAmount)),
			"state", b.State,
			"created", moment(b.CreatedAt),
			"confirmed", confirmed,
			"ends", ends,
			"pay_token", b.PayToken,
			"pay by it", token)
	})
}

type bindingListCmd struct {
	Wallet string `default:"0900000001" placeholder:"PHONE" help:"The wallet. Default: ${default}."`
	Limit  int    `default:"20" help:"How many at most. Default: ${default}."`
}

// Run lists the bindings.
func (l *bindingListCmd) Run(ctx context.Context, c *console) error {
	all, err := c.control().Bindings(ctx, l.Wallet, l.Limit)
	if err != nil {
		return err
	}
	return c.print(all, func(w io.Writer) {
		t := newTable("BINDING", ">APP", "IDENTIFIER", "STATE", "CREATED", "ENDS")
		for _, b := range all {
			t.add(b.ID, b.App, b.Identifier, b.State, moment(b.CreatedAt), optional(b.EndsAt))
		}
		t.write(w, "No bindings.")
	})
}

type bindingConfirmCmd struct {
	bindingArg
	Wallet string `default:"${wallet}" placeholder:"PHONE" help:"The wallet that is to pay. Default: ${default}."`
	Card   string `placeholder:"NUMBER" help:"The test card that is to pay, for a binding of a card."`
	OTP    string `name:"otp" placeholder:"CODE" help:"What its holder types in if the bank asks. Default: nothing yet."`
}

// Run confirms the binding. No PIN is asked: the sandbox is the developer's.
func (b *bindingConfirmCmd) Run(ctx context.Context, c *console) error {
	return c.printBinding(c.control().Consent(ctx, b.ID, control.Consent{Wallet: b.Wallet, Card: b.Card, OTP: b.OTP}))
}

type bindingForgetCmd struct{ bindingArg }

// Run deletes the card. The binding stays, and can pay no more.
func (b *bindingForgetCmd) Run(ctx context.Context, c *console) error {
	return c.printBinding(c.control().ForgetCard(ctx, b.ID))
}

type bindingDeclineCmd struct{ bindingArg }

// Run declines the binding.
func (b *bindingDeclineCmd) Run(ctx context.Context, c *console) error {
	return c.printBinding(c.control().Consent(ctx, b.ID, control.Consent{Decline: true}))
}

type bindingEndCmd struct {
	bindingArg
	Operator bool `help:"As an operator, who disables it. Default: as its user."`
}

// Run ends the binding.
func (b *bindingEndCmd) Run(ctx context.Context, c *console) error {
	return c.printBinding(c.control().EndBinding(ctx, b.ID, control.EndBinding{Operator: b.Operator}))
}

type bindingPayCmd struct {
	PayToken    string `arg:"" name:"pay_token" help:"The token, from \"sen binding show\"."`
	App         int64  `default:"2553" help:"The merchant's app. Default: ${default}."`
	Identifier  string `default:"demo" placeholder:"NAME" help:"The user, as given when binding. Default: ${default}."`
	Amount      dong   `default:"50000" placeholder:"N" help:"Amount in dong. Default: ${default}."`
	Description string `default:"Order made with sen" placeholder:"TEXT" help:"What the payer reads."`
	Callback    string `placeholder:"URL" help:"Where to tell that it is paid. Default: the app's."`
}

// Run creates the order and pays it, both through the merchant API.
func (b *bindingPayCmd) Run(ctx context.Context, c *console) error {
	client, now, err := c.merchant(ctx, b.App)
	if err != nil {
		return err
	}
	id := sen.AppTransID(now.Now(), newSuffix())
	order, err := client.Orders.Create(ctx, sen.CreateOrderRequest{
		AppTransID: id, AppUser: b.Identifier, Amount: int64(b.Amount), Description: b.Description,
		CallbackURL: b.Callback, ProductCode: "AGREEMENT",
	})
	if err != nil {
		return explain(err)
	}
	_, err = client.Bindings.Pay(ctx, sen.PayByTokenWalletRequest{
		PayToken: b.PayToken, Identifier: b.Identifier, ZPTransToken: order.ZPTransToken,
	})
	if err != nil {
		return explain(err)
	}
	out, err := c.control().Order(ctx, b.App, id)
	if err != nil {
		return err
	}
	return c.print(out, func(w io.Writer) { writeOrder(w, out) })
}
