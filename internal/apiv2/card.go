package apiv2

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"sen"
	"sen/internal/exchange"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

var bindCard = operation{
	Operation: sen.OpCreateBindingCard,
	app:       "app_id",
	members: []member{
		{"app_id", true, 10, integer},
		{"req_date", true, 0, millis},
		{"app_trans_id", true, 40, identifier},
		{"identifier", true, 256, label},
		{"binding_type", true, 0, oneOf("WALLET", "CARD")},
		{"binding_mode", true, 0, oneOf("BIND", "BIND_AND_PAY")},
		{"device_type", true, 0, oneOf("MOBILE", "DESKTOP")},
		{"binding_data", true, maxText, jsonObject},
		{"payment_data", true, maxText, jsonObject},
		mac,
	},
	call:     (*Server).bindCard,
	empty:    func(a *answer, _ time.Time) { writeCardBound(a, "", "") },
	envelope: envelope,
}

// bindingData and paymentData are what the two JSON members hold.
type bindingData struct {
	RedirectURL      string `json:"redirect_url"`
	RedirectDeepLink string `json:"redirect_deep_link"`
	CallbackURL      string `json:"callback_url"`
}

type paymentData struct {
	Amount      json.Number `json:"amount"`
	Description string      `json:"description"`
	CallbackURL string      `json:"callback_url"`
	EmbedData   string      `json:"embed_data"`
}

func (s *Server) bindCard(ctx context.Context, app merchant.App, f fields) (reply, error) {
	var data bindingData
	if err := json.Unmarshal([]byte(f.get("binding_data")), &data); err != nil {
		return reply{}, errMalformed.On("binding_data", "its members must be text")
	}
	if err := s.checkCallback("binding_data", data.CallbackURL); err != nil {
		return reply{}, err
	}
	n := pay.NewBinding{
		App:              app,
		AppTransID:       f.get("app_trans_id"),
		Kind:             pay.BindingKind(f.get("binding_type")),
		Identifier:       f.get("identifier"),
		Data:             f.get("binding_data"),
		CallbackURL:      data.CallbackURL,
		RedirectURL:      data.RedirectURL,
		RedirectDeepLink: data.RedirectDeepLink,
		ReqDate:          f.instant("req_date"),
	}
	if f.get("binding_mode") == "BIND_AND_PAY" {
		var err error
		if n.Pay, err = orderToBind(app, f, n); err != nil {
			return reply{}, err
		}
		if err := s.checkCallback("payment_data", n.Pay.CallbackURL); err != nil {
			return reply{}, err
		}
	}
	b, err := s.Pay.CreateBinding(ctx, n)
	if err != nil {
		return reply{}, err
	}
	return reply{
		value:   sen.Success,
		members: func(a *answer) { writeCardBound(a, b.Token, s.BindingLinks(b).QR) },
		subject: exchange.Subject{Order: int64(b.Order), Binding: int64(b.Key), Change: exchange.BindingCreated},
	}, nil
}

// orderToBind is the order that is paid while its card is bound.
func orderToBind(app merchant.App, f fields, n pay.NewBinding) (*pay.NewOrder, error) {
	if n.Kind != pay.CardBinding {
		return nil, errMalformed.On("binding_mode", "BIND_AND_PAY needs binding_type CARD")
	}
	var data paymentData
	if err := json.Unmarshal([]byte(f.get("payment_data")), &data); err != nil {
		return nil, errMalformed.On("payment_data", "its members must be an amount and text")
	}
	amount, err := money.Parse(data.Amount.String())
	if err != nil {
		return nil, errMalformed.On("payment_data", "its amount "+detail(err).Error())
	}
	if data.EmbedData == "" {
		data.EmbedData = "{}"
	}
	return &pay.NewOrder{
		App: app, AppTransID: n.AppTransID, AppUser: n.Identifier, AppTime: n.ReqDate, Amount: amount,
		Description: data.Description, Item: "[]", EmbedData: data.EmbedData, CallbackURL: data.CallbackURL,
		RedirectURL: n.RedirectURL, Life: pay.DefaultLife,
	}, nil
}

func writeCardBound(a *answer, token, page string) {
	a.text("binding_token", token)
	a.text("binding_url", page)
	a.text("binding_qr_link", page)
	a.text("reform_url", "")
}

var queryCard = operation{
	Operation: sen.OpQueryBindingCard,
	app:       "app_id",
	members:   queryToken.members,
	call:      (*Server).queryCard,
	empty:     func(a *answer, _ time.Time) { writeCard(a, pay.BindingStatus{}, BindingLinks{}, "") },
	envelope:  envelope,
}

func (s *Server) queryCard(ctx context.Context, app merchant.App, f fields) (reply, error) {
	if err := s.Pay.CheckTime("req_date", f.instant("req_date")); err != nil {
		return reply{}, err
	}
	st, err := s.Pay.BindingStatus(ctx, app.ID, f.get("app_trans_id"))
	if err != nil {
		return reply{}, err
	}
	rep := reply{value: sen.Success, subject: exchange.Subject{Order: int64(st.Order.Key), Binding: int64(st.Binding.Key)}}
	switch {
	case st.Binding.Pending(s.Now()):
		rep.value = sen.Processing
	case st.Binding.ConfirmedAt.IsZero():
		return reply{}, pay.ErrBindingNotFound.On("app_trans_id", "this binding was not confirmed within 15 minutes")
	}
	orderURL := ""
	if st.Order.Key != 0 {
		orderURL = s.OrderURL(st.Order)
	}
	rep.members = func(a *answer) { writeCard(a, st, s.BindingLinks(st.Binding), orderURL) }
	return rep, nil
}

// writeCard gives what the documentation lists, and what the guide says one
// gets: the token to pay with, and the card by its first and last digits.
func writeCard(a *answer, st pay.BindingStatus, l BindingLinks, orderURL string) {
	b := st.Binding
	a.text("binding_token", b.Token)
	a.text("binding_qr_link", l.QR)
	a.text("deep_link", l.DeepLink)
	a.text("short_link", l.Short)
	a.number("order_no", int64(st.Order.Key))
	a.text("order_token", st.Order.Token)
	a.text("order_url", orderURL)
	paid := ""
	if st.Order.Payment != 0 {
		paid = strconv.FormatInt(st.Order.Payment, 10)
	}
	a.text("zp_trans_id", paid)
	if b.ConfirmedAt.IsZero() {
		a.number("status", 0)
		return
	}
	a.number("status", int64(bindingStatus(b)))
	a.text("binding_id", b.Token)
	a.text("pay_token", b.PayToken)
	a.text("card_number", st.Card.Masked)
	a.text("bank_code", st.Card.BankCode)
}

var payByCardToken = operation{
	Operation: sen.OpPayByTokenCard,
	app:       "app_id",
	members:   payByToken.members,
	call:      (*Server).payByCardTokenNow,
	empty:     func(a *answer, _ time.Time) { writePaidByCard(a, pay.Receipt{}, "") },
	envelope:  envelope,
}

func (s *Server) payByCardTokenNow(ctx context.Context, app merchant.App, f fields) (reply, error) {
	if err := s.Pay.CheckTime("req_date", f.instant("req_date")); err != nil {
		return reply{}, err
	}
	return s.payByCardToken(ctx, app, f)
}

// payByCardToken answers success only when the bank has approved. A holder who
// must prove who they are is sent to the page for that. That the bank declined
// has no value in this operation's table: the answer is that there is no final
// result here, and the query of the order tells it.
func (s *Server) payByCardToken(ctx context.Context, app merchant.App, f fields) (reply, error) {
	rc, c, err := s.Pay.PayByCardToken(ctx, tokenPayment(app, f))
	if err != nil && !errors.Is(err, pay.ErrBankDeclined) {
		return reply{}, err
	}
	rep := reply{value: sen.Processing, subject: chargedSubject(rc, c, err)}
	verification := ""
	switch {
	case rc.Payment.Number != 0:
		rep.value = sen.Success
	case c.State == pay.ChargeOTP:
		verification = s.VerificationURL(rc.Order)
	}
	rep.members = func(a *answer) { writePaidByCard(a, rc, verification) }
	return rep, nil
}

func writePaidByCard(a *answer, rc pay.Receipt, verification string) {
	writePaid(a, rc)
	a.text("verification_url", verification)
}

var unbindCard = operation{
	Operation: sen.OpUnbindingCard,
	app:       "app_id",
	members:   unbindWallet.members,
	call:      (*Server).unbindWallet,
	empty:     noMembers,
	envelope:  envelope,
}
