package console

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sen"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/operator"
	"sen/internal/pay"
)

func dong(n int64) string { return money.Amount(n).String() }

func appOf(a ledger.AccountID) merchant.ID { return merchant.ID(a.Owner()) }

// showLimits shows what bounds payers, and what bounds apps.
func (p *pages) showLimits(v *visit) (*view, error) {
	byLevel := &table{
		Caption: v.say("limits.levels"),
		Heads:   []head{{v.say("wallets.level"), false}, {v.say("limits.once"), true}, {v.say("limits.year"), true}},
	}
	for _, k := range []pay.KYC{pay.Unverified, pay.Basic, pay.Full} {
		once, year := k.Bounds()
		byLevel.add(cell{Text: v.say(levels[k])}, cell{Text: orNone(v, int64(once), once.String())}, cell{Text: orNone(v, int64(year), year.String())})
	}
	apps, err := v.apps()
	if err != nil {
		return nil, err
	}
	byApp := &table{
		Caption: v.say("limits.apps"), Empty: v.say("apps.none"),
		Heads: []head{
			{v.say("field.app"), false},
			{v.say("terms.rate"), true},
			{v.say("terms.token_count"), true},
			{v.say("terms.token_amount"), true},
			{v.say("terms.receivable"), true},
		},
	}
	apps, more := pageOfApps(apps, v.query("after"))
	if more {
		byApp.More = &link{address(root+"/limits", "after", itoa(int64(apps[len(apps)-1].ID))), v.say("wallets.next")}
	}
	for _, a := range apps {
		t := a.Terms
		byApp.add(v.app(a.ID), cell{Text: orNone(v, t.RatePerSecond, thousands(t.RatePerSecond))},
			cell{Text: orNone(v, t.TokenDayCount, thousands(t.TokenDayCount))},
			cell{Text: orNone(v, int64(t.TokenDayAmount), t.TokenDayAmount.String())}, cell{Text: t.ReceivableLimit.String()})
	}
	return &view{Title: v.say("limits.title"), Parts: []part{
		{Title: v.say("limits.levels"), Lead: v.say("limits.levels_lead"), Table: byLevel, Links: []link{{root + "/wallets", v.say("limits.of_wallet")}}},
		{Title: v.say("limits.apps"), Lead: v.say("limits.apps_lead"), Table: byApp},
	}}, nil
}

func (p *pages) showCampaigns(v *visit) (*view, error) {
	all, err := v.Store.Campaigns(v.ctx())
	if err != nil {
		return nil, err
	}
	t := &table{
		Caption: v.say("campaigns.title"), Empty: v.say("campaigns.none"),
		Heads: []head{
			{v.say("campaign.code"), false},
			{v.say("field.app"), false},
			{v.say("campaign.discount"), true},
			{v.say("campaign.spent"), true},
			{v.say("field.state"), false},
			{v.say("campaign.time"), false},
		},
	}
	for _, c := range all {
		t.add(v.campaignCells(c)...)
	}
	page := &view{Title: v.say("campaigns.title"), Lead: v.say("campaigns.lead"), Parts: []part{{Table: t}}}
	if v.who.May(operator.Change) {
		page.After = []part{{Title: v.say("campaigns.open"), Forms: []form{form{
			Action: root + "/campaigns", Button: v.say("campaigns.open"),
			Fields: append([]field{
				{Name: "code", Label: v.say("campaign.code"), Type: "text", Max: 50, Need: true},
				{Name: "apps", Label: v.say("campaign.apps"), Type: "text", Max: 200, Hint: v.say("campaign.apps_hint")},
				{Name: "starts_at", Label: v.say("campaign.from"), Type: "datetime-local", Value: fieldTime(v.now), Need: true},
			}, v.campaignFields(pay.Campaign{EndsAt: v.now.AddDate(0, 1, 0), Budget: 1_000_000, Discount: 10_000})...),
		}.withIDs("open")}}}
	}
	return page, nil
}

func (v *visit) campaignFields(c pay.Campaign) []field {
	return []field{
		{Name: "ends_at", Label: v.say("campaign.until"), Type: "datetime-local", Value: fieldTime(c.EndsAt), Need: true},
		amountField("budget", v.say("campaign.budget"), c.Budget),
		amountField("discount", v.say("campaign.discount"), c.Discount),
		amountField("min_amount", v.say("campaign.least"), c.MinAmount),
		{Name: "uses_per_payer", Label: v.say("campaign.uses"), Type: "text", Mode: "numeric", Value: itoa(c.UsesPerPayer), Max: 9, Hint: v.say("terms.zero")},
	}
}

func (v *visit) campaignCells(c pay.Campaign) []cell {
	code := cell{Text: c.Code, Mono: true}
	if v.who.May(operator.Change) {
		code.Href = root + "/campaigns/" + pathEscape(c.Code)
	}
	apps := v.say("field.any_app")
	if len(c.Apps) > 0 {
		apps = appList(c.Apps)
	}
	s := cell{Text: v.say("campaigns.running"), Tone: good}
	switch {
	case v.now.Before(c.StartsAt):
		s = cell{Text: v.say("campaigns.to_come"), Tone: waiting}
	case !v.now.Before(c.EndsAt):
		s = cell{Text: v.say("campaigns.over"), Tone: over}
	case c.Spent+c.Discount > c.Budget:
		s = cell{Text: v.say("campaigns.used_up"), Tone: bad}
	}
	return []cell{
		code,
		{Text: apps},
		{Text: c.Discount.String()},
		{Text: c.Spent.String(), Small: v.say("campaigns.of", "budget", c.Budget)},
		s,
		{Text: moment(c.StartsAt), Small: moment(c.EndsAt)},
	}
}

func appList(apps []merchant.ID) string {
	var names []string
	for _, a := range apps {
		names = append(names, itoa(int64(a)))
	}
	return strings.Join(names, ", ")
}

// campaign returns the campaign in the path.
func (v *visit) campaign() (c pay.Campaign, err error) {
	err = v.Pay.Store.View(v.ctx(), func(r pay.Reader) (err error) {
		c, err = r.Campaign(v.ctx(), v.r.PathValue("code"))
		return err
	})
	if refusal(err) != "" {
		err = errNoScreen
	}
	return c, err
}

func (p *pages) showCampaign(v *visit) (*view, error) {
	c, err := v.campaign()
	if err != nil {
		return nil, err
	}
	cells := v.campaignCells(c)
	page := &view{Title: c.Code, Mark: &cells[4], Back: &link{root + "/campaigns", v.say("campaigns.title")}}
	page.Parts = []part{{Facts: []fact{
		{v.say("field.app"), cells[1]}, {v.say("campaign.spent"), cells[3]}, {v.say("campaign.from"), cell{Text: moment(c.StartsAt)}},
	}}}
	page.After = []part{{Title: v.say("campaigns.change"), Forms: []form{form{
		Action: root + "/campaigns/" + pathEscape(c.Code), Button: v.say("field.save"), Fields: v.campaignFields(c),
	}.withIDs("change")}}}
	return page, nil
}

// readCampaign reads what of a campaign can be changed at any time.
func (v *visit) readCampaign(c *pay.Campaign) (err error) {
	if c.EndsAt, err = v.formTime("ends_at"); err != nil {
		return err
	}
	for name, amount := range map[string]*money.Amount{"budget": &c.Budget, "discount": &c.Discount, "min_amount": &c.MinAmount} {
		if *amount, err = v.formAmount(name); err != nil {
			return err
		}
	}
	c.UsesPerPayer, err = v.formNumber("uses_per_payer")
	return err
}

func campaignText(c pay.Campaign) string {
	return fmt.Sprintf("apps=%s ends=%s budget=%s discount=%s least=%s uses=%d", appList(c.Apps), moment(c.EndsAt), c.Budget.Digits(),
		c.Discount.Digits(), c.MinAmount.Digits(), c.UsesPerPayer)
}

func (p *pages) openCampaign(v *visit) (to, code string, err error) {
	to = root + "/campaigns"
	c := pay.Campaign{Code: v.form("code")}
	if c.StartsAt, err = v.formTime("starts_at"); err != nil {
		return to, "", err
	}
	if err = v.readCampaign(&c); err != nil {
		return to, "", err
	}
	for name := range strings.FieldsFuncSeq(v.form("apps"), func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.ParseInt(name, 10, 64)
		if err != nil {
			return to, "", errNumber.On("app_id", "")
		}
		c.Apps = append(c.Apps, merchant.ID(n))
	}
	ctx := v.noted(operator.CampaignOpened, "campaign "+c.Code, 0, func() (string, string) { return "", campaignText(c) })
	return to, doneCreate, p.Pay.OpenCampaign(ctx, c)
}

func (p *pages) changeCampaign(v *visit) (to, code string, err error) {
	was, err := v.campaign()
	if err != nil {
		return "", "", err
	}
	to = root + "/campaigns/" + pathEscape(was.Code)
	wanted := was
	if err := v.readCampaign(&wanted); err != nil {
		return to, "", err
	}
	var before, after string
	ctx := v.noted(operator.CampaignChanged, "campaign "+was.Code, 0, func() (string, string) { return before, after })
	_, err = p.Pay.ChangeCampaign(ctx, was.Code, func(c *pay.Campaign) {
		before = campaignText(*c)
		c.EndsAt, c.Budget, c.Discount, c.MinAmount, c.UsesPerPayer = wanted.EndsAt, wanted.Budget, wanted.Discount, wanted.MinAmount, wanted.UsesPerPayer
		after = campaignText(*c)
	})
	return to, doneSave, err
}

func (p *pages) showMaintenance(v *visit) (*view, error) {
	reg, err := v.Store.Register(v.ctx())
	if err != nil {
		return nil, err
	}
	t := &table{
		Caption: v.say("maintenance.title"), Empty: v.say("maintenance.none"),
		Heads: []head{{v.say("maintenance.operation"), false}, {v.say("field.app"), false}, {v.say("maintenance.from"), false}, {v.say("maintenance.until"), false}, {v.say("field.state"), false}},
	}
	for _, w := range reg.Windows {
		t.add(v.windowCells(w)...)
	}
	page := &view{Title: v.say("maintenance.title"), Lead: v.say("maintenance.lead"), Parts: []part{{Table: t}}}
	if v.who.May(operator.Change) {
		apps, err := v.chooseApp(0)
		if err != nil {
			return nil, err
		}
		page.After = []part{{Title: v.say("maintenance.announce"), Forms: []form{form{
			Action: root + "/maintenance", Button: v.say("maintenance.announce"),
			Fields: []field{
				v.chooseOperation(""), apps,
				{Name: "from", Label: v.say("maintenance.from"), Type: "datetime-local", Value: fieldTime(v.now), Need: true},
				{Name: "until", Label: v.say("maintenance.until"), Type: "datetime-local", Hint: v.say("maintenance.open_end")},
			},
		}.withIDs("announce")}}}
	}
	return page, nil
}

func (v *visit) windowCells(w merchant.Window) []cell {
	operation := cell{Text: w.Operation, Mono: true}
	if w.Operation == "" {
		operation = cell{Text: v.say("field.any_operation")}
	}
	app := cell{Text: v.say("field.any_app")}
	if w.App != 0 {
		app = v.app(w.App)
	}
	s := cell{Text: v.say("maintenance.now"), Tone: bad}
	switch {
	case v.now.Before(w.From):
		s = cell{Text: v.say("maintenance.to_come"), Tone: waiting}
	case !w.Until.IsZero() && !v.now.Before(w.Until):
		s = cell{Text: v.say("maintenance.over"), Tone: over}
	}
	if v.who.May(operator.Change) {
		number := itoa(w.ID)
		s.Forms = []form{form{Action: root + "/maintenance/" + number + "/lift", Button: v.say("maintenance.lift"), Plain: true}.withIDs("lift-" + number)}
	}
	return []cell{operation, app, {Text: moment(w.From)}, {Text: moment(w.Until)}, s}
}

// chooseOperation offers the operations of the merchant API, and all.
func (v *visit) chooseOperation(chosen string) field {
	options := []option{{"", v.say("field.any_operation"), false}}
	for _, op := range sen.Operations() {
		options = append(options, option{op.Name, op.Name, op.Name == chosen})
	}
	return field{Name: "operation", Label: v.say("maintenance.operation"), Type: "select", Options: options}
}

// formOperation reads which operation is meant; empty is all.
func (v *visit) formOperation() (string, error) {
	name := v.form("operation")
	if _, ok := sen.FindOperation(name); !ok && name != "" {
		return "", errForm
	}
	return name, nil
}

// formApp reads which app is meant; empty is all.
func (v *visit) formApp() (merchant.ID, error) {
	n, err := v.formNumber("app")
	if err != nil || n == 0 {
		return 0, err
	}
	a, err := v.findApp(merchant.ID(n))
	if err != nil {
		return 0, merchant.ErrUnknown
	}
	return a.ID, nil
}

func windowText(w merchant.Window) string {
	return fmt.Sprintf("operation=%s app=%d from=%s until=%s", w.Operation, w.App, moment(w.From), moment(w.Until))
}

func (p *pages) announce(v *visit) (to, code string, err error) {
	to = root + "/maintenance"
	w := merchant.Window{ID: p.Pay.IDs.Key(v.now, 0)}
	if w.Operation, err = v.formOperation(); err != nil {
		return to, "", err
	}
	if w.App, err = v.formApp(); err != nil {
		return to, "", err
	}
	if w.From, err = v.formTime("from"); err != nil {
		return to, "", err
	}
	if w.Until, err = v.formTime("until"); err != nil {
		return to, "", err
	}
	if w.From.IsZero() {
		w.From = v.now
	}
	if !w.Until.IsZero() && !w.Until.After(w.From) {
		return to, "", errTimes.On("until", "")
	}
	ctx := v.noted(operator.WindowAnnounced, "maintenance "+itoa(w.ID), w.App, func() (string, string) { return "", windowText(w) })
	if err := p.Store.InsertWindow(ctx, w); err != nil {
		return to, "", err
	}
	return to, doneAnnounce, p.Changed(v.ctx())
}

func (p *pages) lift(v *visit) (to, code string, err error) {
	id, err := v.number("id")
	if err != nil {
		return "", "", err
	}
	reg, err := v.Store.Register(v.ctx())
	if err != nil {
		return "", "", err
	}
	i := slices.IndexFunc(reg.Windows, func(w merchant.Window) bool { return w.ID == id })
	if i < 0 {
		return "", "", errNoScreen
	}
	was := reg.Windows[i]
	ctx := v.noted(operator.WindowLifted, "maintenance "+itoa(id), was.App, func() (string, string) { return windowText(was), "" })
	if _, err := p.Store.DeleteWindow(ctx, id); err != nil {
		return "", "", err
	}
	return root + "/maintenance", doneLift, p.Changed(v.ctx())
}
