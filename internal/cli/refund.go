package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"sen"
	"sen/internal/control"
)

type refundCmd struct {
	Create  refundCreateCmd  `cmd:"" help:"Ask for a refund as a merchant does."`
	Show    refundShowCmd    `cmd:"" help:"Show a refund."`
	List    refundListCmd    `cmd:"" help:"List the refunds that wait for approval, or all."`
	Approve refundApproveCmd `cmd:"" help:"Let a refund run that waits for approval."`
	Reject  refundRejectCmd  `cmd:"" help:"Refuse a refund that waits for approval."`
}

type refundCreateCmd struct {
	Payment     int64  `arg:"" name:"zp_trans_id" help:"The payment, from \"sen order show\"."`
	Amount      dong   `required:"" placeholder:"N" help:"Amount in dong."`
	App         int64  `default:"2553" help:"The app that was paid. Default: ${default}."`
	Description string `default:"Refund made with sen" placeholder:"TEXT" help:"The reason."`
}

// Run asks for the refund through the merchant API.
func (r *refundCreateCmd) Run(ctx context.Context, c *console) error {
	client, now, err := c.merchant(ctx, r.App)
	if err != nil {
		return err
	}
	id := sen.MRefundID(now.Now(), int(r.App), newSuffix())
	_, err = client.Refunds.Create(ctx, sen.RefundOrderRequest{
		MRefundID: id, ZPTransID: sen.TransID(r.Payment), Amount: int64(r.Amount), Description: r.Description,
	})
	if err != nil {
		return explain(err)
	}
	made, err := c.control().Refund(ctx, r.App, id)
	if err != nil {
		return err
	}
	return c.print(made, func(w io.Writer) {
		c.writeRefund(w, made)
		facts(w, "see it", program()+" refund show "+id+c.flags(r.App))
	})
}

func (c *console) writeRefund(w io.Writer, r control.Refund) {
	fee, approve := "", ""
	if r.Fee != 0 {
		fee = amount(r.Fee)
	}
	if r.State == "pending" {
		approve = fmt.Sprintf("%s refund approve %d%s", program(), r.Number, c.flags(defaultApp))
	}
	facts(w,
		"m_refund_id", r.MRefundID,
		"refund_id", strconv.FormatInt(r.Number, 10),
		"zp_trans_id", strconv.FormatInt(r.Payment, 10),
		"amount", amount(r.Amount),
		"fee withheld", fee,
		"state", refundState(r),
		"created", moment(r.CreatedAt),
		"approve it", approve)
}

// refundState says in words what the state means.
func refundState(r control.Refund) string {
	switch r.State {
	case "pending":
		return "pending: waits for approval"
	case "running":
		return "running: will be carried out in a moment"
	case "blocked":
		return "blocked: the merchant's funds do not cover it yet"
	case "failed":
		return "failed: " + r.Failure
	}
	return r.State
}

type refundShowCmd struct {
	MRefundID string        `arg:"" name:"m_refund_id" help:"The merchant's identifier of the refund."`
	App       int64         `default:"2553" help:"The app it belongs to. Default: ${default}."`
	Wait      time.Duration `default:"0s" help:"Wait that long for a result. Default: do not."`
}

// Run shows the refund.
func (r *refundShowCmd) Run(ctx context.Context, c *console) error {
	var out control.Refund
	final, err := until(ctx, r.Wait, func() (final bool, err error) {
		out, err = c.control().Refund(ctx, r.App, r.MRefundID)
		return out.State == "succeeded" || out.State == "failed", err
	})
	if err != nil {
		return err
	}
	err = c.print(out, func(w io.Writer) { c.writeRefund(w, out) })
	if err == nil && !final && r.Wait > 0 {
		err = fmt.Errorf("no result within %v", r.Wait)
	}
	return err
}

type refundListCmd struct {
	All   bool `help:"Also those that do not wait, the newest first."`
	Limit int  `default:"20" help:"How many at most, with --all. Default: ${default}."`
}

// Run lists the refunds.
func (l *refundListCmd) Run(ctx context.Context, c *console) error {
	if l.All {
		all, err := c.control().RecentRefunds(ctx, l.Limit)
		return c.printRefunds(all, err, "No refunds.")
	}
	all, err := c.control().Refunds(ctx)
	return c.printRefunds(all, err, "No refund waits for approval.")
}

func (c *console) printRefunds(all []control.Refund, err error, none string) error {
	if err != nil {
		return err
	}
	return c.print(all, func(w io.Writer) {
		t := newTable("REFUND", "APP", ">AMOUNT", "PAYMENT", "STATE", "CREATED", "M_REFUND_ID")
		for _, r := range all {
			t.add(r.Number, r.App, amount(r.Amount), r.Payment, r.State, moment(r.CreatedAt), r.MRefundID)
		}
		t.write(w, none)
	})
}

type refundApproveCmd struct {
	ID int64 `arg:"" name:"refund_id" help:"The refund, from the list."`
}

// Run approves the refund.
func (r *refundApproveCmd) Run(ctx context.Context, c *console) error {
	return c.decide(ctx, r.ID, true)
}

type refundRejectCmd struct {
	ID int64 `arg:"" name:"refund_id" help:"The refund, from the list."`
}

// Run rejects the refund.
func (r *refundRejectCmd) Run(ctx context.Context, c *console) error {
	return c.decide(ctx, r.ID, false)
}

func (c *console) decide(ctx context.Context, number int64, approve bool) error {
	out, err := c.control().Decide(ctx, number, approve)
	if err != nil {
		return err
	}
	return c.print(out, func(w io.Writer) { c.writeRefund(w, out) })
}
