package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"sen/internal/control"
)

// decliningCard is a test card that its bank declines at once.
const decliningCard = "9704540000000047"

type declineCmd struct {
	Order string `arg:"" name:"order" help:"Its order_url, zp_trans_token or app_trans_id."`
	For   string `default:"no_money" enum:"no_money,lost,unknown" help:"Why: ${enum}. Default: ${default}."`
	App   int64  `default:"2553" help:"The app that an app_trans_id belongs to. Default: ${default}."`
}

// decliningCards are declined for these reasons.
var decliningCards = map[string]string{"no_money": decliningCard, "lost": "9704540000000013", "unknown": "9704540000009999"}

// declinedPayment is a payment that was declined.
type declinedPayment struct {
	Order  string `json:"order"`
	Card   string `json:"card"`
	Reason string `json:"reason"`
}

// Run tries to pay the order with a card that is declined. The order can still be
// paid afterwards.
func (d *declineCmd) Run(ctx context.Context, c *console) error {
	card := decliningCards[d.For]
	reason, err := c.declineBy(ctx, control.PayOrder{Order: d.Order, App: d.App, Card: card})
	if err != nil {
		return err
	}
	return c.print(declinedPayment{d.Order, card, reason}, func(w io.Writer) {
		fmt.Fprintln(w, "The payment was declined; the order can still be paid.")
		fmt.Fprintln(w)
		facts(w, "card", card, "reason", reason)
	})
}

// bankDeclined is the code of a refusal by a bank.
const bankDeclined = "bank"

// declineBy pays by a card and wants its bank to decline it.
func (c *console) declineBy(ctx context.Context, in control.PayOrder) (reason string, err error) {
	charge, err := c.control().PayByCard(ctx, in)
	if refusal, ok := errors.AsType[*control.Error](err); ok && refusal.Code == bankDeclined {
		return refusal.Message, nil
	}
	if err == nil {
		err = fmt.Errorf("the bank did not decline the card: the payment is %s", chargeState(charge.State))
	}
	return "", err
}
