package cli

import (
	"context"
	"io"

	"sen/internal/control"
)

type payCmd struct {
	Order  string `arg:"" name:"order" help:"Its order_url, zp_trans_token or app_trans_id."`
	Wallet string `default:"0900000001" placeholder:"PHONE" help:"The wallet that pays. Default: ${default}."`
	App    int64  `default:"2553" help:"The app that an app_trans_id belongs to. Default: ${default}."`
}

// Run pays the order. No PIN is asked: the sandbox is the developer's.
func (p *payCmd) Run(ctx context.Context, c *console) error {
	paid, err := c.control().Pay(ctx, control.PayOrder{Order: p.Order, App: p.App, Wallet: p.Wallet})
	if err != nil {
		return err
	}
	return c.print(paid, func(w io.Writer) { writePayment(w, paid) })
}
