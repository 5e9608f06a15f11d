package apiv2

import (
	"context"
	"errors"
	"strconv"
	"time"

	"sen"
	"sen/internal/exchange"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

// ReceiverLinks are where receivers go whom a merchant can't pay out to yet.
type ReceiverLinks struct {
	Onboarding string // opens a wallet
	Upgrade    string // says what the wallet may hold, and how it may hold more
}

// noReceiver is what is answered of a telephone number that has no wallet.
const noReceiver = -101

// fundInLimit is what is answered when the receiver's wallet can't hold the
// amount.
const fundInLimit = -406

var disbursementUser = operation{
	Operation: sen.OpDisbursementUser,
	app:       "app_id",
	members: []member{
		{"app_id", true, 10, integer},
		{"phone", true, 20, identifier},
		{"time", true, 0, millis},
		mac,
	},
	call:     (*Server).disbursementUser,
	empty:    func(a *answer, _ time.Time) { writeReceiver(a, receiver{}) },
	envelope: envelope,
}

type receiver struct{ reference, id, name, phone, onboarding string }

func (s *Server) disbursementUser(ctx context.Context, app merchant.App, f fields) (reply, error) {
	if err := s.Pay.CheckTime("time", f.instant("time")); err != nil {
		return reply{}, err
	}
	w, err := s.Pay.Receiver(ctx, app, f.get("phone"))
	if err != nil {
		return helped(err, pay.ErrReceiver, noReceiver, func(a *answer) { writeReceiver(a, receiver{onboarding: s.Receivers.Onboarding}) })
	}
	found := receiver{reference: s.Pay.IDs.Secret(referenceBytes), id: s.Pay.ReceiverID(app.ID, w.ID), name: w.Name, phone: w.Phone}
	return reply{value: sen.Success, members: func(a *answer) { writeReceiver(a, found) }}, nil
}

// referenceBytes is how much chance a reference_id has.
const referenceBytes = 15

func writeReceiver(a *answer, r receiver) {
	data := &answer{}
	data.text("reference_id", r.reference)
	data.text("m_u_id", r.id)
	data.text("name", r.name)
	data.text("phone", r.phone)
	data.text("onboarding_url", r.onboarding)
	a.raw("data", string(data.end()))
}

// base64Text is not checked as a text: another one is wrong as a signature.
var base64Text = form{Form: Form{Pattern: `^[A-Za-z0-9+/]+={0,2}$`}}

var disbursementTopUp = operation{
	Operation: sen.OpDisbursementTopUp,
	app:       "app_id",
	members: []member{
		{"app_id", true, 10, integer},
		{"payment_id", true, 50, identifier},
		{"partner_order_id", true, 50, identifier},
		{"m_u_id", true, 64, identifier},
		{"amount", true, 0, amount},
		{"description", true, 256, text},
		{"partner_embed_data", true, maxText, jsonObject},
		{"reference_id", false, 64, text},
		{"extra_info", true, maxText, jsonObject},
		{"time", true, 0, millis},
		{"sig", true, 0, base64Text},
	},
	call:     (*Server).disbursementTopUp,
	empty:    func(a *answer, _ time.Time) { writeDisbursement(a, disbursed{}) },
	envelope: envelope,
}

func (s *Server) disbursementTopUp(ctx context.Context, app merchant.App, f fields) (reply, error) {
	d, err := s.Pay.Disburse(ctx, pay.NewDisbursement{
		App:            app,
		PaymentID:      f.get("payment_id"),
		PartnerOrderID: f.get("partner_order_id"),
		Receiver:       f.get("m_u_id"),
		Amount:         money.Amount(f.number("amount")),
		Description:    f.get("description"),
		EmbedData:      f.get("partner_embed_data"),
		ExtraInfo:      f.get("extra_info"),
		Time:           f.instant("time"),
	})
	if err != nil {
		return helped(err, pay.ErrFundIn, fundInLimit, func(a *answer) {
			writeDisbursement(a, disbursed{upgrade: s.Receivers.Upgrade})
		})
	}
	return s.disbursement(ctx, d)
}

// helped answers a refusal that brings a link with it; any other stays what it
// is.
func helped(err, refusal error, value int, members func(*answer)) (reply, error) {
	if !errors.Is(err, refusal) {
		return reply{}, err
	}
	return reply{value: value, members: members}, nil
}

var disbursementQuery = operation{
	Operation: sen.OpDisbursementQuery,
	app:       "app_id",
	members: []member{
		{"app_id", true, 10, integer},
		{"partner_order_id", true, 50, identifier},
		{"time", true, 0, millis},
		mac,
	},
	call:     (*Server).disbursementQuery,
	empty:    func(a *answer, _ time.Time) { writeDisbursement(a, disbursed{}) },
	envelope: envelope,
}

func (s *Server) disbursementQuery(ctx context.Context, app merchant.App, f fields) (reply, error) {
	if err := s.Pay.CheckTime("time", f.instant("time")); err != nil {
		return reply{}, err
	}
	d, err := s.Pay.Disbursement(ctx, app.ID, f.get("partner_order_id"))
	if err != nil {
		return reply{}, err
	}
	return s.disbursement(ctx, d)
}

type disbursed struct {
	pay.Disbursement
	receiver, phone, upgrade string
}

// disbursementStatus is status on the wire; 0 is that of a refusal.
var disbursementStatus = map[pay.DisbursementState]int64{
	pay.DisbursementSucceeded: 1, pay.DisbursementFailed: 2, pay.DisbursementRunning: 3, pay.DisbursementHeld: 3, pay.DisbursementPending: 4,
}

func (s *Server) disbursement(ctx context.Context, d pay.Disbursement) (reply, error) {
	w, err := s.Pay.Wallet(ctx, d.Wallet)
	if err != nil {
		return reply{}, err
	}
	known := disbursed{Disbursement: d, receiver: s.Pay.ReceiverID(d.App, d.Wallet), phone: w.Phone}
	return reply{
		value:   sen.Success,
		members: func(a *answer) { writeDisbursement(a, known) },
		subject: exchange.Subject{AppTransID: d.PartnerOrderID},
	}, nil
}

// writeDisbursement writes the members of both operations: clients that share a
// type between them fail when one is missing.
func writeDisbursement(a *answer, d disbursed) {
	number, paid, at := "", "", int64(0)
	if d.Number != 0 {
		number, at = strconv.FormatInt(d.Number, 10), d.CreatedAt.UnixMilli()
	}
	if d.State == pay.DisbursementSucceeded {
		paid, at = number, d.ClosedAt.UnixMilli()
	}
	data := &answer{}
	data.text("order_id", number)
	data.number("status", disbursementStatus[d.State])
	data.text("m_u_id", d.receiver)
	data.text("phone", d.phone)
	data.number("amount", int64(d.Amount))
	data.text("description", d.Description)
	data.number("partner_fee", 0)
	data.number("zlp_fee", 0)
	data.text("extra_info", d.ExtraInfo)
	data.number("time", at)
	data.text("zp_trans_id", paid)
	data.text("result_url", "")
	data.text("upgrade_url", d.upgrade)
	a.raw("data", string(data.end()))
}

var disbursementBalance = operation{
	Operation: sen.OpDisbursementBalance,
	app:       "app_id",
	members: []member{
		{"app_id", true, 10, integer},
		{"payment_id", true, 50, identifier},
		{"time", true, 0, millis},
		mac,
	},
	call:     (*Server).disbursementBalance,
	empty:    func(a *answer, _ time.Time) { writeBalance(a, 0) },
	envelope: envelope,
}

func (s *Server) disbursementBalance(ctx context.Context, app merchant.App, f fields) (reply, error) {
	if err := s.Pay.CheckTime("time", f.instant("time")); err != nil {
		return reply{}, err
	}
	balance, err := s.Pay.DisbursementBalance(ctx, app, f.get("payment_id"))
	if err != nil {
		return reply{}, err
	}
	return reply{value: sen.Success, members: func(a *answer) { writeBalance(a, balance) }}, nil
}

func writeBalance(a *answer, balance money.Amount) {
	data := &answer{}
	data.number("balance", int64(balance))
	a.raw("data", string(data.end()))
}
