package cli

import (
	"context"
	"io"
	"strings"

	"sen/internal/control"
)

type walletCmd struct {
	List        walletListCmd        `cmd:"" help:"List the wallets and what is in them."`
	Lock        walletLockCmd        `cmd:"" help:"Lock a wallet as its operator."`
	Unlock      walletUnlockCmd      `cmd:"" help:"Unlock a wallet."`
	PaymentsOff walletPaymentsOffCmd `cmd:"" help:"Switch payments off as the wallet's owner."`
	PaymentsOn  walletPaymentsOnCmd  `cmd:"" help:"Switch payments on again."`
	Set         walletSetCmd         `cmd:"" help:"Change a wallet's verification level and its spending limits."`
	Topup       walletTopUpCmd       `cmd:"" name:"topup" help:"Put money into a wallet."`
	Code        walletCodeCmd        `cmd:"" help:"Show a payment code, for a shop that calls /v2/quick_pay."`
}

type walletListCmd struct{}

// Run lists the wallets.
func (walletListCmd) Run(ctx context.Context, c *console) error {
	all, err := c.control().Wallets(ctx)
	if err != nil {
		return err
	}
	return c.print(all, func(w io.Writer) { writeWallets(w, all...) })
}

func writeWallets(w io.Writer, all ...control.Wallet) {
	t := newTable("WALLET", ">BALANCE", "CONDITION", "NAME")
	for _, wl := range all {
		t.add(wl.Phone, amount(wl.Balance), condition(wl), wl.Name)
	}
	t.write(w, "No wallets.")
}

func condition(w control.Wallet) string {
	var all []string
	for _, c := range []struct {
		applies bool
		text    string
	}{{w.Locked, "locked"}, {w.PaymentsOff, "payments off"}, {!w.HasPIN, "no PIN"}, {w.RefillTo > 0, "refilled"}} {
		if c.applies {
			all = append(all, c.text)
		}
	}
	return orDash(strings.Join(all, ", "))
}

// phoneArg is the wallet that a command is about.
type phoneArg struct {
	Phone string `arg:"" help:"Its phone number."`
}

// change changes the wallet's conditions and shows what it is like now.
func (p phoneArg) change(ctx context.Context, c *console, change control.Conditions) error {
	w, err := c.control().ChangeWallet(ctx, p.Phone, change)
	if err != nil {
		return err
	}
	return c.print(w, func(out io.Writer) { writeWallets(out, w) })
}

type walletLockCmd struct{ phoneArg }

// Run locks the wallet.
func (l *walletLockCmd) Run(ctx context.Context, c *console) error {
	return l.change(ctx, c, control.Conditions{Locked: new(true)})
}

type walletUnlockCmd struct{ phoneArg }

// Run unlocks the wallet.
func (l *walletUnlockCmd) Run(ctx context.Context, c *console) error {
	return l.change(ctx, c, control.Conditions{Locked: new(false)})
}

type walletPaymentsOffCmd struct{ phoneArg }

// Run switches payments off.
func (l *walletPaymentsOffCmd) Run(ctx context.Context, c *console) error {
	return l.change(ctx, c, control.Conditions{PaymentsOff: new(true)})
}

type walletPaymentsOnCmd struct{ phoneArg }

// Run switches payments on.
func (l *walletPaymentsOnCmd) Run(ctx context.Context, c *console) error {
	return l.change(ctx, c, control.Conditions{PaymentsOff: new(false)})
}

type walletSetCmd struct {
	phoneArg
	KYC         *int   `name:"kyc" placeholder:"N" help:"Verification level: 0 unverified, 1 basic, 2 full."`
	DayAll      *int64 `placeholder:"N" help:"Dong that it may spend in a day; 0: any amount."`
	DayWallet   *int64 `placeholder:"N" help:"Likewise, from its balance."`
	DayBank     *int64 `placeholder:"N" help:"Likewise, from linked banks and domestic cards."`
	DayCard     *int64 `placeholder:"N" help:"Likewise, from international cards."`
	MonthAll    *int64 `placeholder:"N" help:"Dong that it may spend in a month; 0: any amount."`
	MonthWallet *int64 `placeholder:"N" help:"Likewise, from its balance."`
	MonthBank   *int64 `placeholder:"N" help:"Likewise, from linked banks and domestic cards."`
	MonthCard   *int64 `placeholder:"N" help:"Likewise, from international cards."`
}

// Run changes the wallet.
func (s *walletSetCmd) Run(ctx context.Context, c *console) error {
	w, err := c.control().ChangeWallet(ctx, s.Phone, control.Conditions{
		KYC: s.KYC, DayAll: s.DayAll, DayWallet: s.DayWallet, DayBank: s.DayBank, DayCard: s.DayCard,
		MonthAll: s.MonthAll, MonthWallet: s.MonthWallet, MonthBank: s.MonthBank, MonthCard: s.MonthCard,
	})
	if err != nil {
		return err
	}
	return c.print(w, func(out io.Writer) { writeWallet(out, w) })
}

// writeWallet shows all of a wallet. Limits that it does not have are left out.
func writeWallet(w io.Writer, wl control.Wallet) {
	limit := func(n int64) string {
		if n == 0 {
			return ""
		}
		return amount(n)
	}
	l := wl.Limits
	facts(w,
		"wallet", wl.Phone,
		"name", wl.Name,
		"balance", amount(wl.Balance),
		"condition", condition(wl),
		"verification", []string{"0 unverified", "1 basic", "2 full"}[wl.KYC],
		"a day", limit(l.DayAll),
		"a day from the balance", limit(l.DayWallet),
		"a day from banks", limit(l.DayBank),
		"a day from cards", limit(l.DayCard),
		"a month", limit(l.MonthAll),
		"a month from the balance", limit(l.MonthWallet),
		"a month from banks", limit(l.MonthBank),
		"a month from cards", limit(l.MonthCard))
}

type walletCodeCmd struct{ phoneArg }

// Run shows a code.
func (w *walletCodeCmd) Run(ctx context.Context, c *console) error {
	code, err := c.control().PaymentCode(ctx, w.Phone)
	if err != nil {
		return err
	}
	return c.print(code, func(out io.Writer) {
		facts(out, "payment_code", code.Code, "good until", moment(code.ExpiresAt), "pays", "one order, at most 2.000.000 ₫")
	})
}

type walletTopUpCmd struct {
	phoneArg
	Amount dong `arg:"" help:"Amount in dong."`
}

// Run tops the wallet up.
func (t *walletTopUpCmd) Run(ctx context.Context, c *console) error {
	w, err := c.control().TopUp(ctx, t.Phone, int64(t.Amount))
	if err != nil {
		return err
	}
	return c.print(w, func(out io.Writer) { writeWallets(out, w) })
}
