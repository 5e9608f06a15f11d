package apiv2

import (
	"context"
	"time"

	"sen"
	"sen/internal/bank"
	"sen/internal/exchange"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

// BindingLinks are the addresses at which a user confirms a binding.
type BindingLinks struct {
	DeepLink string // opens a wallet on the same phone
	QR       string // page that shows a code to scan, and the way to confirm
	Short    string // what a merchant writes into a code of its own
}

// maxText bounds members for which the documentation has no length.
const maxText = 2048

var bindWallet = operation{
	Operation: sen.OpCreateBindingWallet,
	app:       "app_id",
	members: []member{
		{"app_id", true, 10, integer},
		{"app_trans_id", true, 40, identifier},
		{"req_date", true, 0, millis},
		{"identifier", true, 256, label},
		{"max_amount", false, 0, fee},
		{"binding_type", false, 0, walletType},
		{"binding_data", false, maxText, jsonObject},
		{"callback_url", false, maxText, text},
		{"redirect_url", false, maxText, text},
		{"redirect_deep_link", false, maxText, text},
	},
	call:     (*Server).bindWallet,
	empty:    func(a *answer, _ time.Time) { writeBound(a, "", BindingLinks{}) },
	envelope: envelope,
}

func (s *Server) bindWallet(ctx context.Context, app merchant.App, f fields) (reply, error) {
	if err := s.checkCallback("callback_url", f.get("callback_url")); err != nil {
		return reply{}, err
	}
	b, err := s.Pay.CreateBinding(ctx, pay.NewBinding{
		App:              app,
		AppTransID:       f.get("app_trans_id"),
		Kind:             pay.WalletBinding,
		Identifier:       f.get("identifier"),
		MaxAmount:        money.Amount(f.number("max_amount")),
		Data:             f.get("binding_data"),
		CallbackURL:      f.get("callback_url"),
		RedirectURL:      f.get("redirect_url"),
		RedirectDeepLink: f.get("redirect_deep_link"),
		ReqDate:          f.instant("req_date"),
	})
	if err != nil {
		return reply{}, err
	}
	return reply{
		value:   sen.Success,
		members: func(a *answer) { writeBound(a, b.Token, s.BindingLinks(b)) },
		subject: exchange.Subject{Binding: int64(b.Key), Change: exchange.BindingCreated},
	}, nil
}

// writeBound gives every link under both names that clients look for: those of
// the documentation, and those that the provider really sends.
func writeBound(a *answer, token string, l BindingLinks) {
	a.text("binding_token", token)
	a.text("binding_id", token)
	a.text("deep_link", l.DeepLink)
	a.text("binding_qr_link", l.QR)
	a.text("binding_url", l.QR)
	a.text("short_link", l.Short)
}

// noMembers is for operations whose refusals are the envelope alone.
func noMembers(*answer, time.Time) {}

var queryToken = operation{
	Operation: sen.OpQueryPaymentTokenWallet,
	app:       "app_id",
	members: []member{
		{"app_id", true, 10, integer},
		{"app_trans_id", true, 40, identifier},
		{"req_date", true, 0, millis},
	},
	call:     (*Server).queryToken,
	empty:    noMembers,
	envelope: envelope,
}

func (s *Server) queryToken(ctx context.Context, app merchant.App, f fields) (reply, error) {
	if err := s.Pay.CheckTime("req_date", f.instant("req_date")); err != nil {
		return reply{}, err
	}
	st, err := s.Pay.BindingStatus(ctx, app.ID, f.get("app_trans_id"))
	if err != nil {
		return reply{}, err
	}
	now := s.Now()
	b := st.Binding
	switch {
	case b.Pending(now):
		return reply{value: sen.Processing, subject: exchange.Subject{Binding: int64(b.Key)}}, nil
	case b.ConfirmedAt.IsZero():
		return reply{}, pay.ErrBindingNotFound.On("app_trans_id", "this binding was not confirmed within 15 minutes")
	}
	data := agreement(st, s.Pay.BindingUser(b), now).Data()
	return reply{
		value:   sen.Success,
		members: func(a *answer) { a.raw("data", string(data)) },
		subject: exchange.Subject{Binding: int64(b.Key)},
	}, nil
}

var queryBalance = operation{
	Operation: sen.OpQueryBalanceWallet,
	app:       "app_id",
	members: []member{
		{"app_id", true, 10, integer},
		{"identifier", true, 256, label},
		{"pay_token", true, 256, identifier},
		{"amount", true, 0, amount},
		{"req_date", true, 0, millis},
	},
	call:     (*Server).queryBalance,
	empty:    func(a *answer, _ time.Time) { a.raw("data", "null"); a.number("discount_amount", 0) },
	envelope: envelope,
}

func (s *Server) queryBalance(ctx context.Context, app merchant.App, f fields) (reply, error) {
	if err := s.Pay.CheckTime("req_date", f.instant("req_date")); err != nil {
		return reply{}, err
	}
	tb, err := s.Pay.TokenBalance(ctx, app, f.get("pay_token"), f.get("identifier"), money.Amount(f.number("amount")))
	if err != nil {
		return reply{}, err
	}
	return reply{value: sen.Success, members: func(a *answer) {
		one := &answer{}
		one.number("channel", int64(tb.Channel))
		one.truth("payable", tb.Payable)
		one.text("bank_code", balanceBank[tb.Channel])
		a.raw("data", "["+string(one.end())+"]")
		a.number("discount_amount", int64(tb.Discount))
	}}, nil
}

// balanceBank names the source of each channel as this operation does.
var balanceBank = map[pay.Channel]string{
	pay.WalletChannel:   "zp_app",
	pay.CardChannel:     bank.International,
	pay.DomesticChannel: "",
}

var payByToken = operation{
	Operation: sen.OpPayByTokenWallet,
	app:       "app_id",
	members: []member{
		{"app_id", true, 10, integer},
		{"identifier", true, 256, label},
		{"zp_trans_token", true, 256, identifier},
		{"pay_token", true, 256, identifier},
		{"req_date", true, 0, millis},
	},
	call:     (*Server).payByToken,
	empty:    func(a *answer, _ time.Time) { writePaid(a, pay.Receipt{}) },
	envelope: envelope,
}

// payByToken answers when the money has moved: success here is final.
func (s *Server) payByToken(ctx context.Context, app merchant.App, f fields) (reply, error) {
	if err := s.Pay.CheckTime("req_date", f.instant("req_date")); err != nil {
		return reply{}, err
	}
	kind, err := s.Pay.TokenKind(ctx, f.get("pay_token"))
	if err != nil {
		return reply{}, err
	}
	if kind == pay.CardBinding {
		return s.payByCardToken(ctx, app, f)
	}
	rc, err := s.Pay.PayByToken(ctx, tokenPayment(app, f))
	if err != nil {
		return reply{}, err
	}
	return reply{value: sen.Success, members: func(a *answer) { writePaid(a, rc) }, subject: paidSubject(rc)}, nil
}

func tokenPayment(app merchant.App, f fields) pay.TokenPayment {
	return pay.TokenPayment{
		App:        app,
		PayToken:   f.get("pay_token"),
		Identifier: f.get("identifier"),
		OrderToken: f.get("zp_trans_token"),
	}
}

func writePaid(a *answer, rc pay.Receipt) {
	a.text("app_trans_id", rc.Order.AppTransID)
	a.number("zp_trans_id", rc.Payment.Number)
}

var unbindWallet = operation{
	Operation: sen.OpUnbindingWallet,
	app:       "app_id",
	members: []member{
		{"app_id", true, 10, integer},
		{"identifier", true, 256, label},
		{"binding_id", true, 256, identifier},
		{"req_date", true, 0, millis},
	},
	call:     (*Server).unbindWallet,
	empty:    noMembers,
	envelope: envelope,
}

func (s *Server) unbindWallet(ctx context.Context, app merchant.App, f fields) (reply, error) {
	if err := s.Pay.CheckTime("req_date", f.instant("req_date")); err != nil {
		return reply{}, err
	}
	b, err := s.Pay.EndBinding(ctx, f.get("binding_id"), pay.Ender{Merchant: app.ID, Identifier: f.get("identifier")})
	if err != nil {
		return reply{}, err
	}
	return reply{value: sen.Success, subject: exchange.Subject{
		AppTransID: b.AppTransID, Binding: int64(b.Key), Change: exchange.BindingEnded,
	}}, nil
}

var queryUser = operation{
	Operation: sen.OpQueryUserInfo,
	app:       "app_id",
	members: []member{
		{"app_id", true, 10, integer},
		{"access_token", true, 256, identifier},
		{"req_date", true, 0, millis},
	},
	call:     (*Server).queryUser,
	empty:    func(a *answer, _ time.Time) { a.text("phone", "") },
	envelope: envelope,
}

func (s *Server) queryUser(ctx context.Context, app merchant.App, f fields) (reply, error) {
	if err := s.Pay.CheckTime("req_date", f.instant("req_date")); err != nil {
		return reply{}, err
	}
	w, err := s.Pay.TokenUser(ctx, app.ID, f.get("access_token"))
	if err != nil {
		return reply{}, err
	}
	return reply{value: sen.Success, members: func(a *answer) { a.text("phone", w.MaskedPhone()) }}, nil
}
