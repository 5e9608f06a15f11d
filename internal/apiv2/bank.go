package apiv2

import (
	"context"
	"strconv"
	"time"

	"sen"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

// The bank list is older than the rest of the API: its names have no
// underscores, and its answer has one code instead of two.
var listBanks = operation{
	Operation: sen.OpListBanks,
	app:       "appid",
	members: []member{
		{"appid", true, 10, integer},
		{"reqtime", true, 0, millis},
		mac,
	},
	call:     (*Server).listBanks,
	empty:    func(a *answer, _ time.Time) { a.raw("banks", "{}") },
	envelope: firstEnvelope,
}

// A method is one way to pay that the cashier offers.
type method struct {
	channel  pay.Channel
	bankCode string
	name     string
	min, max money.Amount
}

// Methods are listed only where they work.
var (
	walletMethod = method{pay.WalletChannel, "zalopayapp", "Ví Sen", 1, money.Max}
	cardMethods  = []method{
		{pay.CardChannel, "CC", "Thẻ quốc tế", 1, money.Max},
		{pay.DomesticChannel, "SBI", "Ngân hàng thử nghiệm SBI", 1, money.Max},
	}
)

func (s *Server) listBanks(context.Context, merchant.App, fields) (reply, error) {
	all := []method{walletMethod}
	if s.Cards {
		all = append(all, cardMethods...)
	}
	return reply{value: sen.Success, members: func(a *answer) { writeBanks(a, all) }}, nil
}

func writeBanks(a *answer, all []method) {
	banks := &answer{}
	for i, m := range all {
		one := &answer{}
		one.text("bankcode", m.bankCode)
		one.text("name", m.name)
		one.number("displayorder", int64(i+1))
		one.number("pmcid", int64(m.channel))
		one.number("minamount", int64(m.min))
		one.number("maxamount", int64(m.max))
		banks.raw(strconv.FormatInt(int64(m.channel), 10), "["+string(one.end())+"]")
	}
	a.raw("banks", string(banks.end()))
}
