package cli

import (
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"sen/internal/control"
)

type campaignCmd struct {
	Add  campaignAddCmd  `cmd:"" help:"Open a campaign: orders name it in promotioninfo, and their payers pay less."`
	Set  campaignSetCmd  `cmd:"" help:"Change a campaign; what is not named stays."`
	End  campaignEndCmd  `cmd:"" help:"End a campaign now."`
	List campaignListCmd `cmd:"" help:"List the campaigns."`
}

type campaignAddCmd struct {
	Code     string        `arg:"" help:"Its code, as orders name it."`
	Discount dong          `required:"" placeholder:"N" help:"Dong off one payment."`
	Budget   dong          `required:"" placeholder:"N" help:"Dong for all payments together."`
	App      []int64       `placeholder:"N" help:"An app that may use it; may be repeated. Default: all."`
	For      time.Duration `default:"720h" placeholder:"DURATION" help:"How long it runs, from now, in the sandbox's time. Default: ${default}."`
	Uses     int64         `placeholder:"N" help:"How often one payer may use it. Default: as often as the budget lasts."`
	From     dong          `placeholder:"N" help:"The smallest amount that it is for, in dong. Default: any."`
}

// Run opens the campaign.
func (a *campaignAddCmd) Run(ctx context.Context, c *console) error {
	now, err := c.control().Clock(ctx)
	if err != nil {
		return err
	}
	out, err := c.control().OpenCampaign(ctx, control.Campaign{
		Code: a.Code, Apps: a.App, StartsAt: now.Now, EndsAt: now.Now.Add(a.For), Budget: int64(a.Budget),
		UsesPerPayer: a.Uses, MinAmount: int64(a.From), Discount: int64(a.Discount),
	})
	if err != nil {
		return err
	}
	return c.print(out, func(w io.Writer) { writeCampaigns(w, out) })
}

type campaignSetCmd struct {
	Code     string         `arg:"" help:"The campaign."`
	Discount *dong          `placeholder:"N" help:"Dong off one payment."`
	Budget   *dong          `placeholder:"N" help:"Dong for all payments together; not below what was spent."`
	Uses     *int64         `placeholder:"N" help:"How often one payer may use it; 0: as often as the budget lasts."`
	From     *int64         `placeholder:"N" help:"The smallest amount that it is for, in dong; 0: any."`
	For      *time.Duration `placeholder:"DURATION" help:"How long it still runs, from now, in the sandbox's time."`
}

// Run changes the campaign.
func (s *campaignSetCmd) Run(ctx context.Context, c *console) error {
	change := control.ChangeCampaign{
		Budget: (*int64)(s.Budget), UsesPerPayer: s.Uses, MinAmount: s.From, Discount: (*int64)(s.Discount),
	}
	if s.For != nil {
		now, err := c.control().Clock(ctx)
		if err != nil {
			return err
		}
		ends := now.Now.Add(*s.For)
		change.EndsAt = &ends
	}
	return c.changeCampaign(ctx, s.Code, change)
}

type campaignEndCmd struct {
	Code string `arg:"" help:"The campaign."`
}

// Run ends the campaign.
func (e *campaignEndCmd) Run(ctx context.Context, c *console) error {
	now, err := c.control().Clock(ctx)
	if err != nil {
		return err
	}
	return c.changeCampaign(ctx, e.Code, control.ChangeCampaign{EndsAt: &now.Now})
}

func (c *console) changeCampaign(ctx context.Context, code string, change control.ChangeCampaign) error {
	out, err := c.control().ChangeCampaign(ctx, code, change)
	if err != nil {
		return err
	}
	return c.print(out, func(w io.Writer) { writeCampaigns(w, out) })
}

type campaignListCmd struct{}

// Run lists the campaigns.
func (campaignListCmd) Run(ctx context.Context, c *console) error {
	all, err := c.control().Campaigns(ctx)
	if err != nil {
		return err
	}
	return c.print(all, func(w io.Writer) { writeCampaigns(w, all...) })
}

func writeCampaigns(w io.Writer, all ...control.Campaign) {
	t := newTable("CAMPAIGN", "APPS", ">DISCOUNT", ">FROM", "USES", ">SPENT", ">BUDGET", "ENDS")
	for _, one := range all {
		var apps []string
		for _, app := range one.Apps {
			apps = append(apps, strconv.FormatInt(app, 10))
		}
		t.add(one.Code, orAll(strings.Join(apps, " ")), amount(one.Discount), orAny(one.MinAmount, amount(one.MinAmount)),
			orAny(one.UsesPerPayer, digits(one.UsesPerPayer)), amount(one.Spent), amount(one.Budget), moment(one.EndsAt))
	}
	t.write(w, "No campaigns.")
}
