package console

import (
	"fmt"
	"strings"
	"time"

	"sen/internal/callback"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/operator"
)

func appPath(app merchant.ID) string { return root + "/apps/" + itoa(int64(app)) }

func (p *pages) showApps(v *visit) (*view, error) {
	apps, err := v.apps()
	if err != nil {
		return nil, err
	}
	page := &view{Title: v.say("apps.title"), Lead: v.say("apps.lead")}
	t := &table{
		Caption: v.say("apps.title"), Empty: v.say("apps.none"),
		Heads: []head{{v.say("field.app"), false}, {v.say("field.state"), false}, {v.say("callbacks.url"), false}, {v.say("field.created"), false}},
	}
	apps, more := pageOfApps(apps, v.query("after"))
	if more {
		t.More = &link{address(root+"/apps", "after", itoa(int64(apps[len(apps)-1].ID))), v.say("wallets.next")}
	}
	for _, a := range apps {
		t.add(v.app(a.ID), v.appState(a), cell{Text: a.CallbackURL}, cell{Text: moment(a.CreatedAt)})
	}
	page.Parts = []part{{Table: t}}
	if v.who.May(operator.Change) {
		page.After = []part{{Title: v.say("apps.create"), Forms: []form{form{
			Action: root + "/apps", Lead: v.say("apps.create_lead"), Button: v.say("apps.create"),
			Fields: []field{
				{Name: "id", Label: v.say("field.app_id"), Type: "text", Mode: "numeric", Max: 10, Need: true},
				{Name: "name", Label: v.say("apps.name"), Type: "text", Max: 100, Need: true},
				{Name: "callback_url", Label: v.say("apps.callback_url"), Type: "url", Max: 2000},
			},
		}.withIDs("create")}}}
	}
	return page, nil
}

// pageOfApps returns the apps of a page that begins after the app with that
// number.
func pageOfApps(apps []merchant.App, after string) (page []merchant.App, more bool) {
	for len(apps) > 0 && after != "" {
		first := itoa(int64(apps[0].ID))
		if len(first) > len(after) || (len(first) == len(after) && first > after) {
			break
		}
		apps = apps[1:]
	}
	if len(apps) > rows {
		return apps[:rows], true
	}
	return apps, false
}

func (v *visit) appState(a merchant.App) cell {
	if a.Enabled() {
		return cell{Text: v.say("apps.enabled"), Tone: good}
	}
	return cell{Text: v.say("apps.disabled"), Tone: bad, Small: moment(a.DisabledAt)}
}

// pathApp returns the app in the path, if the visitor may see it.
func (v *visit) pathApp() (merchant.App, error) {
	n, err := v.number("app")
	if err != nil {
		return merchant.App{}, err
	}
	return v.findApp(merchant.ID(n))
}

func (p *pages) showApp(v *visit) (*view, error) {
	a, err := v.pathApp()
	if err != nil {
		return nil, err
	}
	mark := v.appState(a)
	page := &view{Title: a.Label(), Lead: itoa(int64(a.ID)), Mark: &mark, Back: &link{root + "/apps", v.say("apps.title")}}
	accounts, err := v.Store.Accounts(v.ctx(), appAccounts(a.ID))
	if err != nil {
		return nil, err
	}
	page.Parts = []part{
		{Title: v.say("apps.money"), ID: "money", Facts: v.accountFacts(accounts)},
		{Title: v.say("apps.terms"), ID: "terms", Facts: v.termFacts(a.Terms), Links: v.appLinks(a.ID)},
	}
	if v.who.May(operator.SetAddresses) {
		page.After = append(page.After, part{Title: v.say("apps.addresses"), Forms: []form{form{
			Action: appPath(a.ID) + "/addresses", Button: v.say("field.save"),
			Fields: []field{
				{Name: "callback_url", Label: v.say("apps.callback_url"), Type: "url", Value: a.CallbackURL, Max: 2000, Hint: v.say("apps.callback_hint")},
				{Name: "redirect_url", Label: v.say("apps.redirect_url"), Type: "url", Value: a.RedirectURL, Max: 2000, Hint: v.say("apps.redirect_hint")},
			},
		}.withIDs("addresses")}})
	}
	if v.who.May(operator.UseKeys) {
		page.After = append(page.After, v.keyPart(a))
		page.After = append(page.After, v.codeKeyPart(a))
	}
	if v.who.May(operator.Change) {
		page.After = append(page.After, v.termPart(a), v.ablePart(a))
	}
	return page, nil
}

func appAccounts(app merchant.ID) (ids []ledger.AccountID) {
	for _, k := range []ledger.Kind{ledger.Payable, ledger.Receivable, ledger.Fees, ledger.Promotions, ledger.Disbursement} {
		ids = append(ids, ledger.Account(k, int64(app)))
	}
	return ids
}

func (v *visit) appLinks(app merchant.ID) []link {
	number := itoa(int64(app))
	return []link{
		{address(root+"/orders", "app", number), v.say("menu.orders")},
		{address(root+"/refunds", "app", number), v.say("menu.refunds")},
		{address(root+"/payouts", "app", number), v.say("menu.payouts")},
		{payoutAccountPath(app), v.say("payouts.account")},
		{address(root+"/callbacks", "app", number), v.say("menu.callbacks")},
		{address(root+"/bindings", "app", number), v.say("menu.bindings")},
	}
}

func (v *visit) termFacts(t merchant.Terms) []fact {
	none := func(n int64, text string) cell { return cell{Text: orNone(v, n, text)} }
	return []fact{
		{v.say("terms.rate"), none(t.RatePerSecond, thousands(t.RatePerSecond))},
		{v.say("terms.fee"), cell{Text: fmt.Sprintf("%d", t.FeeBP), Small: fmt.Sprintf("%d,%02d %%", t.FeeBP/100, t.FeeBP%100)}},
		{v.say("terms.approval"), none(int64(t.RefundApprovalFrom), t.RefundApprovalFrom.String())},
		{v.say("terms.refund_period"), none(int64(t.RefundPeriod), t.RefundPeriod.String())},
		{v.say("terms.receivable"), cell{Text: t.ReceivableLimit.String()}},
		{v.say("terms.token_life"), none(int64(t.TokenLife), t.TokenLife.String())},
		{v.say("terms.token_count"), none(t.TokenDayCount, thousands(t.TokenDayCount))},
		{v.say("terms.token_amount"), none(int64(t.TokenDayAmount), t.TokenDayAmount.String())},
	}
}

func (v *visit) termPart(a merchant.App) part {
	t := a.Terms
	number := func(name, label string, n int64) field {
		return field{Name: name, Label: label, Type: "text", Mode: "numeric", Value: itoa(n), Max: 13}
	}
	duration := func(name, label string, d time.Duration) field {
		return field{Name: name, Label: label, Type: "text", Value: d.String(), Max: 20, Hint: v.say("terms.duration_hint")}
	}
	return part{Title: v.say("apps.edit"), ID: "edit", Forms: []form{form{
		Action: appPath(a.ID) + "/terms", Lead: v.say("terms.lead"), Button: v.say("field.save"),
		Fields: []field{
			{Name: "name", Label: v.say("apps.name"), Type: "text", Value: a.Name, Max: 100, Need: true},
			number("rate_per_second", v.say("terms.rate"), t.RatePerSecond),
			number("fee_bp", v.say("terms.fee"), t.FeeBP),
			number("refund_approval_from", v.say("terms.approval"), int64(t.RefundApprovalFrom)),
			duration("refund_period", v.say("terms.refund_period"), t.RefundPeriod),
			number("receivable_limit", v.say("terms.receivable"), int64(t.ReceivableLimit)),
			duration("token_life", v.say("terms.token_life"), t.TokenLife),
			number("token_day_count", v.say("terms.token_count"), t.TokenDayCount),
			number("token_day_amount", v.say("terms.token_amount"), int64(t.TokenDayAmount)),
		},
	}.withIDs("terms")}}
}

func (v *visit) ablePart(a merchant.App) part {
	f := form{
		Action: appPath(a.ID) + "/able", Fold: v.say("apps.disable"), Lead: v.say("apps.disable_lead"), Button: v.say("apps.disable"), Danger: true,
		Fields: []field{hidden("disabled", "yes")},
	}
	if !a.Enabled() {
		f = form{Action: appPath(a.ID) + "/able", Button: v.say("apps.enable"), Fields: []field{hidden("disabled", "no")}}
	}
	return part{Title: v.say("apps.able"), Forms: []form{f.withIDs("able")}}
}

func (v *visit) keyPart(a merchant.App) part {
	p := part{Title: v.say("apps.keys"), ID: "keys", Lead: v.say("apps.keys_lead"), Facts: []fact{
		{"key1", cell{Text: masked(a.Key1), Mono: true}}, {"key2", cell{Text: masked(a.Key2), Mono: true}},
	}, Forms: []form{
		form{Action: appPath(a.ID) + "/keys", Button: v.say("apps.show_keys"), Plain: true}.withIDs("keys"),
		form{
			Action: appPath(a.ID) + "/rotate", Fold: v.say("apps.rotate"), Lead: v.say("apps.rotate_lead"), Button: v.say("apps.rotate_now"), Danger: true,
			Fields: []field{{Name: "overlap", Label: v.say("apps.overlap"), Type: "select", Options: []option{
				{"24h", v.say("apps.overlap_day"), true}, {"168h", v.say("apps.overlap_week"), false}, {"0s", v.say("apps.overlap_none"), false},
			}}},
		}.withIDs("rotate"),
	}}
	if a.Overlaps(v.now) {
		p.Facts = append(p.Facts, fact{v.say("apps.old_until"), cell{Text: moment(a.OldUntil), Tone: waiting}})
		p.Forms = append(p.Forms, form{
			Action: appPath(a.ID) + "/drop-old-keys", Fold: v.say("apps.drop_old"), Lead: v.say("apps.drop_old_lead"), Button: v.say("apps.drop_old"), Danger: true,
		}.withIDs("drop-old"))
	}
	return p
}

// codeKeyPart shows the public key for payment codes, or offers to make one.
func (v *visit) codeKeyPart(a merchant.App) part {
	p := part{Title: v.say("apps.code_key"), ID: "code-key", Lead: v.say("apps.code_key_lead")}
	if public, err := a.PublicCodeKey(); err == nil {
		p.Code = public
		return p
	}
	p.Forms = []form{form{Action: appPath(a.ID) + "/code-key", Button: v.say("apps.code_key_make"), Plain: true}.withIDs("code-key-make")}
	return p
}

// masked is enough of a key to tell it from another.
func masked(key string) string {
	const shown = 4
	if len(key) < 4*shown {
		return "••••"
	}
	return "••••••••" + key[len(key)-shown:]
}

// showKeys shows the keys of an app once, as the answer to a form, and puts on
// record that it did before it does.
func (p *pages) showKeys(v *visit) (*view, error) {
	a, err := v.pathApp()
	if err != nil {
		return nil, err
	}
	if err := p.Operators.Store.AddRecord(v.ctx(), p.Operators.Record(v.who, operator.KeysShown, a.String(), a.ID)); err != nil {
		return nil, err
	}
	return v.keyPage(a), nil
}

func (v *visit) keyPage(a merchant.App) *view {
	return &view{
		Title: v.say("apps.keys_of", "name", a.Label()), Back: &link{appPath(a.ID), a.Label()}, Lead: v.say("apps.keys_shown"),
		Parts: []part{{Facts: []fact{
			{"app_id", cell{Text: itoa(int64(a.ID)), Mono: true}}, {"key1", cell{Text: a.Key1, Mono: true}}, {"key2", cell{Text: a.Key2, Mono: true}},
		}}},
	}
}

// changeApp changes the app in the path and puts on record how it was.
func (v *visit) changeApp(action operator.Action, change func(*merchant.App) error) (to string, err error) {
	a, err := v.pathApp()
	if err != nil {
		return "", err
	}
	var was, became string
	ctx := v.noted(action, a.String(), a.ID, func() (string, string) { return was, became })
	_, err = v.Store.UpdateApp(ctx, a.ID, func(a *merchant.App) error {
		before := *a
		err := change(a)
		was, became = differences(before, *a)
		return err
	})
	if err == nil {
		err = v.Changed(v.ctx())
	}
	return appPath(a.ID), err
}

// differences writes what differs between an app as it was and as it became.
// That keys changed is said, and not from what to what.
func differences(was, became merchant.App) (from, to string) {
	var before, after []string
	compare := func(name, a, b string) {
		if a != b {
			before, after = append(before, name+"="+a), append(after, name+"="+b)
		}
	}
	compare("name", was.Name, became.Name)
	compare("callback_url", was.CallbackURL, became.CallbackURL)
	compare("redirect_url", was.RedirectURL, became.RedirectURL)
	compare("rate_per_second", itoa(was.Terms.RatePerSecond), itoa(became.Terms.RatePerSecond))
	compare("fee_bp", itoa(was.Terms.FeeBP), itoa(became.Terms.FeeBP))
	compare("refund_approval_from", was.Terms.RefundApprovalFrom.Digits(), became.Terms.RefundApprovalFrom.Digits())
	compare("refund_period", was.Terms.RefundPeriod.String(), became.Terms.RefundPeriod.String())
	compare("receivable_limit", was.Terms.ReceivableLimit.Digits(), became.Terms.ReceivableLimit.Digits())
	compare("token_life", was.Terms.TokenLife.String(), became.Terms.TokenLife.String())
	compare("token_day_count", itoa(was.Terms.TokenDayCount), itoa(became.Terms.TokenDayCount))
	compare("token_day_amount", was.Terms.TokenDayAmount.Digits(), became.Terms.TokenDayAmount.Digits())
	compare("enabled", fmt.Sprint(was.Enabled()), fmt.Sprint(became.Enabled()))
	if was.Key1 != became.Key1 || was.Key2 != became.Key2 {
		before, after = append(before, "the old keys"), append(after, "new keys")
	}
	compare("code_key", given(was.CodeKey), given(became.CodeKey))
	compare("old_keys_until", moment(was.OldUntil), moment(became.OldUntil))
	return strings.Join(before, " "), strings.Join(after, " ")
}

// given says that there is a secret.
func given(secret string) string {
	if secret == "" {
		return ""
	}
	return "made"
}

func (p *pages) createApp(v *visit) (to, code string, err error) {
	to = root + "/apps"
	n, err := v.formNumber("id")
	if err != nil {
		return to, "", errNumber.On("app_id", "")
	}
	a := merchant.App{ID: merchant.ID(n), Name: v.form("name"), CallbackURL: v.form("callback_url"), CreatedAt: v.now}
	ctx := v.noted(operator.AppCreated, a.String(), a.ID, func() (string, string) {
		_, became := differences(merchant.App{Key1: a.Key1, Key2: a.Key2}, a)
		return "", became
	})
	if a, err = p.AddApp(ctx, a); err != nil {
		return to, "", err
	}
	return appPath(a.ID), doneCreate, p.Changed(v.ctx())
}

func (p *pages) setAddresses(v *visit) (to, code string, err error) {
	to, err = v.changeApp(operator.AppChanged, func(a *merchant.App) error {
		a.CallbackURL, a.RedirectURL = v.form("callback_url"), v.form("redirect_url")
		if a.RedirectURL != "" { // otherwise the app has none any more; likewise below
			if _, err := callback.Target(a.RedirectURL); err != nil {
				return err
			}
		}
		if a.CallbackURL != "" {
			return p.Reach.Check(a.CallbackURL)
		}
		return nil
	})
	return to, doneSave, err
}

func (p *pages) setTerms(v *visit) (to, code string, err error) {
	to, err = v.changeApp(operator.AppChanged, func(a *merchant.App) error {
		if a.Name = v.form("name"); a.Name == "" {
			return errAppName
		}
		a.TermsAt = v.now
		t := &a.Terms
		for name, n := range map[string]*int64{
			"rate_per_second": &t.RatePerSecond, "fee_bp": &t.FeeBP, "token_day_count": &t.TokenDayCount,
			"refund_approval_from": (*int64)(&t.RefundApprovalFrom), "receivable_limit": (*int64)(&t.ReceivableLimit),
			"token_day_amount": (*int64)(&t.TokenDayAmount),
		} {
			if *n, err = v.formNumber(name); err != nil {
				return err
			}
		}
		if t.RefundPeriod, err = v.formDuration("refund_period"); err != nil {
			return err
		}
		t.TokenLife, err = v.formDuration("token_life")
		return err
	})
	return to, doneSave, err
}

func (p *pages) setAble(v *visit) (to, code string, err error) {
	to, err = v.changeApp(operator.AppChanged, func(a *merchant.App) error {
		a.DisabledAt = time.Time{}
		if v.form("disabled") == "yes" {
			a.DisabledAt = v.now
		}
		return nil
	})
	return to, doneSave, err
}

func (p *pages) rotateKeys(v *visit) (to, code string, err error) {
	overlap, err := v.formDuration("overlap")
	if err != nil {
		return root + "/apps", "", err
	}
	to, err = v.changeApp(operator.KeysRotated, func(a *merchant.App) error {
		return p.ReplaceKeys(a, overlap)
	})
	return to, doneRotate, err
}

// makeCodeKey gives the app a key for payment codes, unless it has one.
func (p *pages) makeCodeKey(v *visit) (to, code string, err error) {
	private, err := p.NewCodeKey()
	if err != nil {
		return root + "/apps", "", err
	}
	to, err = v.changeApp(operator.CodeKeyMade, func(a *merchant.App) error {
		if a.CodeKey == "" {
			a.CodeKey = private
		}
		return nil
	})
	return to, doneSave, err
}

// dropOldKeys ends the time in which the keys of before are good too.
func (p *pages) dropOldKeys(v *visit) (to, code string, err error) {
	to, err = v.changeApp(operator.KeysRotated, func(a *merchant.App) error {
		a.DropOldKeys()
		return nil
	})
	return to, doneDropKeys, err
}
