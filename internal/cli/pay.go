package cli

import (
	"context"
	"io"
	"strconv"

	"sen/internal/control"
)

// firstWallet pays when nobody says who does.
const firstWallet = "0900000001"

type payCmd struct {
	Order  string `arg:"" name:"order" help:"Its order_url, zp_trans_token or app_trans_id."`
	Wallet string `placeholder:"PHONE" help:"The wallet that pays, or whose owner's card does. Default: ${wallet}, or with --card a guest."`
	Card   string `placeholder:"NUMBER" help:"The test card that pays, from \"sen card list\"."`
	OTP    string `name:"otp" placeholder:"CODE" help:"What its holder types in if the bank asks. Default: nothing yet."`
	App    int64  `default:"2553" help:"The app that an app_trans_id belongs to. Default: ${default}."`
}

// Run pays the order. No PIN is asked: the sandbox is the developer's.
func (p *payCmd) Run(ctx context.Context, c *console) error {
	in := control.PayOrder{Order: p.Order, App: p.App, Wallet: p.Wallet, Card: p.Card, OTP: p.OTP}
	if p.Card != "" {
		return c.payByCard(ctx, in)
	}
	if in.Wallet == "" {
		in.Wallet = firstWallet
	}
	paid, err := c.control().Pay(ctx, in)
	if err != nil {
		return err
	}
	return c.print(paid, func(w io.Writer) { writePayment(w, paid) })
}

func (c *console) payByCard(ctx context.Context, in control.PayOrder) error {
	charge, err := c.control().PayByCard(ctx, in)
	if err != nil {
		return err
	}
	return c.print(charge, func(w io.Writer) {
		facts(w,
			"amount", amount(charge.Amount),
			"card", charge.Card,
			"bank", charge.Bank,
			"zp_trans_id", strconv.FormatInt(charge.Number, 10),
			"state", chargeState(charge.State))
	})
}

// chargeState says in words what the state means.
func chargeState(state string) string {
	switch state {
	case "otp":
		return "otp: the bank waits for a code, on the order's page or with --otp"
	case "unknown":
		return "unknown: the bank has not answered; it is asked again"
	}
	return state
}
