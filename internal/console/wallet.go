package console

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"sen/internal/ledger"
	"sen/internal/money"
	"sen/internal/operator"
	"sen/internal/pay"
)

func (p *pages) showWallets(v *visit) (*view, error) {
	page := &view{Title: v.say("wallets.title"), Watched: true}
	page.Top = []part{{Filter: new(form{
		Action: root + "/wallets", Get: true, Button: v.say("field.search"), Clear: v.say("field.clear"),
		Fields: []field{{Name: "phone", Label: v.say("wallets.phone"), Type: "search", Value: v.query("phone"), Max: 20, Mode: "tel"}},
	}.withIDs("find"))}}
	all, more, err := v.walletsAsked()
	if err != nil {
		return nil, err
	}
	t, err := v.wallets(all)
	if err != nil {
		return nil, err
	}
	if more {
		t.More = &link{address(root+"/wallets", "after", all[len(all)-1].Phone), v.say("wallets.next")}
	}
	page.Parts = []part{{Table: t}}
	return page, nil
}

// walletsAsked returns the wallet with the number that was asked for, or the
// next of all.
func (v *visit) walletsAsked() (all []pay.Wallet, more bool, err error) {
	if asked := v.query("phone"); asked != "" {
		phone, err := pay.Phone(asked)
		if err != nil {
			return nil, false, nil //nolint:nilerr // no wallet has a number like that
		}
		w, err := v.Pay.WalletByPhone(v.ctx(), phone)
		if errors.Is(err, pay.ErrWalletNotFound) {
			return nil, false, nil
		}
		return []pay.Wallet{w}, false, err
	}
	all, err = v.Store.Wallets(v.ctx(), v.query("after"), rows+1)
	if len(all) > rows {
		return all[:rows], true, err
	}
	return all, false, err
}

func (v *visit) wallets(all []pay.Wallet) (*table, error) {
	t := &table{
		Caption: v.say("wallets.title"), Empty: v.say("wallets.none"),
		Heads: []head{
			{v.say("wallets.wallet"), false},
			{v.say("wallets.balance"), true},
			{v.say("field.state"), false},
			{v.say("wallets.level"), false},
			{v.say("field.created"), false},
		},
	}
	var ids []ledger.AccountID
	for _, w := range all {
		ids = append(ids, ledger.Account(ledger.Wallet, int64(w.ID)))
	}
	accounts, err := v.Store.Accounts(v.ctx(), ids)
	if err != nil {
		return nil, err
	}
	balances := map[ledger.AccountID]money.Amount{}
	for _, a := range accounts {
		balances[a.ID] = a.Balance
	}
	for i, w := range all {
		t.add(cell{Text: w.MaskedPhone(), Small: w.Name, Href: walletPath(w.ID)}, cell{Text: balances[ids[i]].String()},
			v.walletState(w), cell{Text: v.say(levels[w.KYC])}, cell{Text: moment(w.CreatedAt)})
	}
	return t, nil
}

var levels = map[pay.KYC]string{pay.Unverified: "level.none", pay.Basic: "level.basic", pay.Full: "level.full"}

func (v *visit) walletState(w pay.Wallet) cell {
	switch {
	case !w.LockedAt.IsZero():
		return cell{Text: v.say("wallets.locked"), Tone: bad, Small: moment(w.LockedAt)}
	case !w.PaymentsOffAt.IsZero():
		return cell{Text: v.say("wallets.off"), Tone: waiting, Small: moment(w.PaymentsOffAt)}
	case w.PINHash == "":
		return cell{Text: v.say("wallets.no_pin"), Tone: waiting}
	}
	return cell{Text: v.say("wallets.open"), Tone: good}
}

// wallet returns the wallet in the path and its balance.
func (v *visit) wallet() (pay.Wallet, money.Amount, error) {
	n, err := v.number("id")
	if err != nil {
		return pay.Wallet{}, 0, err
	}
	return v.Pay.WalletBalance(v.ctx(), pay.WalletID(n))
}

func (p *pages) showWallet(v *visit) (*view, error) {
	w, balance, err := v.wallet()
	if err != nil {
		return nil, err
	}
	spent, err := v.Pay.Spent(v.ctx(), w.ID)
	if err != nil {
		return nil, err
	}
	mark := v.walletState(w)
	page := &view{
		Title: w.Name, Lead: w.MaskedPhone(), Mark: &mark, Watched: true, Back: &link{root + "/wallets", v.say("wallets.title")},
	}
	account := ledger.Account(ledger.Wallet, int64(w.ID))
	facts := []fact{
		{v.say("wallets.balance"), cell{Text: balance.String(), Href: accountPath(account)}},
		{v.say("wallets.level"), cell{Text: v.say(levels[w.KYC])}},
		{v.say("wallets.wrong_pins"), cell{Text: itoa(int64(w.PINFailures)), Small: pausedUntil(w)}},
		{v.say("field.created"), cell{Text: moment(w.CreatedAt)}},
	}
	lines, err := v.movements(w)
	if err != nil {
		return nil, err
	}
	bindings, err := v.Store.BindingsOfWallet(v.ctx(), w.ID, math.MaxInt64, few)
	if err != nil {
		return nil, err
	}
	page.Parts = []part{
		{Facts: facts},
		{Title: v.say("wallets.spent"), ID: "spent", Table: v.spending(w, spent)},
		{Title: v.say("wallets.movements"), ID: "movements", Table: lines, Links: []link{{accountPath(account), v.say("wallets.all_movements")}}},
		{Title: v.say("bindings.title"), ID: "bindings", Table: v.bindings(bindings)},
	}
	if v.who.May(operator.Change) {
		page.After = v.walletForms(w)
	}
	return page, nil
}

func pausedUntil(w pay.Wallet) string {
	if w.PINPause.IsZero() {
		return ""
	}
	return moment(w.PINPause)
}

// few is how many lines a part of a page has that leads to a list.
const few = 10

func (v *visit) movements(w pay.Wallet) (*table, error) {
	all, err := v.Store.Movements(v.ctx(), w.ID, math.MaxInt64, few)
	if err != nil {
		return nil, err
	}
	t := &table{
		Caption: v.say("wallets.movements"), Empty: v.say("wallets.no_movements"),
		Heads: []head{{v.say("ledger.entry"), false}, {v.say("ledger.reason"), false}, {v.say("ledger.at"), false}, {v.say("field.amount"), true}},
	}
	for _, m := range all {
		t.add(cell{Text: itoa(m.Number), Href: root + "/ledger/entries/" + itoa(m.Number), Mono: true},
			cell{Text: word(v, reasons, m.Reason), Small: m.Description}, cell{Text: moment(m.At)}, cell{Text: signed(m.Amount)})
	}
	return t, nil
}

var scopes = map[pay.Scope]string{
	pay.AllSources: "scope.all", pay.FromWallet: "scope.wallet", pay.FromBank: "scope.bank", pay.FromCard: "scope.card",
}

var scopeList = []pay.Scope{pay.AllSources, pay.FromWallet, pay.FromBank, pay.FromCard}

func (v *visit) spending(w pay.Wallet, sp pay.Spending) *table {
	t := &table{
		Caption: v.say("wallets.spent"),
		Heads: []head{
			{v.say("wallets.source"), false},
			{v.say("wallets.today"), true},
			{v.say("wallets.day_limit"), true},
			{v.say("wallets.this_month"), true},
			{v.say("wallets.month_limit"), true},
		},
	}
	for _, s := range scopeList {
		t.add(cell{Text: v.say(scopes[s])}, cell{Text: sp.ByDay[s].String()}, cell{Text: orNone(v, int64(w.Limits.Day[s]), w.Limits.Day[s].String())},
			cell{Text: sp.ByMonth[s].String()}, cell{Text: orNone(v, int64(w.Limits.Month[s]), w.Limits.Month[s].String())})
	}
	return t
}

func (v *visit) walletForms(w pay.Wallet) []part {
	to := walletPath(w.ID)
	lock := form{Action: to + "/lock", Fold: v.say("wallets.lock"), Lead: v.say("wallets.lock_lead"), Button: v.say("wallets.lock"), Danger: true, Fields: []field{hidden("locked", "yes")}}
	if !w.LockedAt.IsZero() {
		lock = form{Action: to + "/lock", Button: v.say("wallets.unlock"), Fields: []field{hidden("locked", "no")}}
	}
	off := form{Action: to + "/payments", Fold: v.say("wallets.switch_off"), Lead: v.say("wallets.off_lead"), Button: v.say("wallets.switch_off"), Danger: true, Fields: []field{hidden("off", "yes")}}
	if !w.PaymentsOffAt.IsZero() {
		off = form{Action: to + "/payments", Button: v.say("wallets.switch_on"), Fields: []field{hidden("off", "no")}}
	}
	limits := form{Action: to + "/limits", Lead: v.say("wallets.limits_lead"), Button: v.say("field.save")}
	limits.Fields = append(limits.Fields, field{Name: "kyc", Label: v.say("wallets.level"), Type: "select", Options: choose(itoa(int64(w.KYC)),
		option{"0", v.say(levels[pay.Unverified]), false}, option{"1", v.say(levels[pay.Basic]), false}, option{"2", v.say(levels[pay.Full]), false})})
	for _, s := range scopeList {
		limits.Fields = append(limits.Fields,
			amountField("day_"+s.String(), v.say("wallets.day_of", "source", v.say(scopes[s])), w.Limits.Day[s]),
			amountField("month_"+s.String(), v.say("wallets.month_of", "source", v.say(scopes[s])), w.Limits.Month[s]))
	}
	parts := []part{
		{Title: v.say("wallets.limits"), Forms: []form{limits.withIDs("limits")}},
		{Title: v.say("wallets.conditions"), Forms: []form{lock.withIDs("lock"), off.withIDs("off")}},
	}
	if v.Lab != nil {
		parts = append(parts, part{Title: v.say("wallets.top_up"), Forms: []form{form{
			Action: to + "/top-up", Button: v.say("wallets.top_up"), Fields: []field{amountField("amount", v.say("field.amount"), 100_000)},
		}.withIDs("top-up")}})
	}
	return parts
}

func amountField(name, label string, value money.Amount) field {
	return field{Name: name, Label: label, Type: "text", Mode: "numeric", Value: value.Digits(), Max: 13, Need: true}
}

// changeWallet changes the wallet in the path and puts on record how it was.
func (v *visit) changeWallet(change func(*pay.Wallet) error) (to, code string, err error) {
	w, _, err := v.wallet()
	if err != nil {
		return "", "", err
	}
	var was, became string
	ctx := v.noted(operator.WalletChanged, "wallet "+itoa(int64(w.ID)), 0, func() (string, string) { return was, became })
	_, err = v.Pay.ChangeWallet(ctx, w.Phone, func(w *pay.Wallet) error {
		was = walletText(*w)
		err := change(w)
		became = walletText(*w)
		return err
	})
	return walletPath(w.ID), doneSave, err
}

// walletText is what of a wallet can be changed here, as it goes on record.
func walletText(w pay.Wallet) string {
	parts := []string{fmt.Sprintf("level=%d", w.KYC)}
	if !w.LockedAt.IsZero() {
		parts = append(parts, "locked")
	}
	if !w.PaymentsOffAt.IsZero() {
		parts = append(parts, "payments off")
	}
	for _, s := range scopeList {
		if l := w.Limits.Day[s]; l != 0 {
			parts = append(parts, "day_"+s.String()+"="+l.Digits())
		}
		if l := w.Limits.Month[s]; l != 0 {
			parts = append(parts, "month_"+s.String()+"="+l.Digits())
		}
	}
	return strings.Join(parts, " ")
}

func (p *pages) lockWallet(v *visit) (to, code string, err error) {
	return v.changeWallet(func(w *pay.Wallet) error {
		w.Lock(v.form("locked") == "yes", v.now)
		return nil
	})
}

func (p *pages) switchPayments(v *visit) (to, code string, err error) {
	return v.changeWallet(func(w *pay.Wallet) error {
		w.SwitchPayments(v.form("off") == "yes", v.now)
		return nil
	})
}

func (p *pages) setLimits(v *visit) (to, code string, err error) {
	return v.changeWallet(func(w *pay.Wallet) error {
		level, err := v.formNumber("kyc")
		if err != nil {
			return err
		}
		w.KYC = pay.KYC(level)
		for _, s := range scopeList {
			if w.Limits.Day[s], err = v.formAmount("day_" + s.String()); err != nil {
				return err
			}
			if w.Limits.Month[s], err = v.formAmount("month_" + s.String()); err != nil {
				return err
			}
		}
		return nil
	})
}

// topUp gives a sandbox's wallet money.
func (p *pages) topUp(v *visit) (to, code string, err error) {
	w, _, err := v.wallet()
	if err != nil {
		return "", "", err
	}
	to = walletPath(w.ID)
	amount, err := v.formAmount("amount")
	if err != nil {
		return to, "", err
	}
	ctx := v.noted(operator.WalletToppedUp, "wallet "+itoa(int64(w.ID)), 0, func() (string, string) { return "", amount.Digits() })
	_, err = p.Pay.TopUp(ctx, w.Phone, amount)
	return to, doneTopUp, err
}
