package apiv2

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"sen"
	"sen/internal/exchange"
	"sen/internal/fault"
	"sen/internal/merchant"
	"sen/internal/pay"
)

// getDeepLinks is for payers who are on a telephone, and can't scan the VietQR
// code that it shows.
var getDeepLinks = operation{
	Operation: sen.OpGetBankDeepLinks,
	app:       "app_id",
	members: []member{
		{"app_id", true, 10, integer},
		{"bank_codes", false, 500, bankCodes},
		{"os_type", true, 0, oneOf(sen.OSiOS, sen.OSAndroid)},
		{"order_token", false, 64, identifier},
		mac,
	},
	call:     (*Server).getDeepLinks,
	empty:    func(a *answer, _ time.Time) { a.raw("data", "[]") },
	envelope: envelope,
}

var bankCodes = form{areBankCodes, Form{Pattern: `^[A-Za-z0-9]+(,[A-Za-z0-9]+)*$`}}

func areBankCodes(s string) error {
	for code := range strings.SplitSeq(s, ",") {
		if code == "" || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return shape("must be the codes of banks with commas between them and no spaces, as in VTB,BIDV")
		}
	}
	return nil
}

var errBankCodes = fault.New(fault.NotFound, "bank_unknown", "There is no such bank here.")

// An appBank is a bank whose app a link would open.
type appBank struct{ name, short, full string }

// appBanks are banks as the sandbox plays them: every link leads to its own
// simulated bank, and none has a logo.
var appBanks = []appBank{
	{"SBI", "SBI", "Ngân hàng thử nghiệm SBI"},
	{"VTB", "VietinBank", "VietinBank (mô phỏng)"},
	{"VCB", "Vietcombank", "Vietcombank (mô phỏng)"},
	{"BIDV", "BIDV", "BIDV (mô phỏng)"},
}

func (s *Server) getDeepLinks(ctx context.Context, app merchant.App, f fields) (reply, error) {
	banks, err := s.banksCalled(f.get("bank_codes"))
	if err != nil {
		return reply{}, err
	}
	rep := reply{value: sen.Success}
	token := f.get("order_token")
	if token != "" {
		o, err := s.Pay.OrderByToken(ctx, token)
		if err == nil && o.App != app.ID {
			err = pay.ErrOrderNotFound
		}
		if err == nil {
			rep.subject = exchange.Subject{AppTransID: o.AppTransID, Order: int64(o.Key)}
			err = o.Payable(s.Now())
		}
		if err != nil {
			return rep, err
		}
	}
	rep.members = func(a *answer) { writeDeepLinks(a, banks, s.BankPage(token), token != "") }
	return rep, nil
}

// banksCalled returns the banks with those codes, or all that there are.
func (s *Server) banksCalled(codes string) (banks []appBank, err error) {
	known := appBanks
	if !s.Cards {
		known = nil
	}
	if codes == "" {
		return known, nil
	}
	for name := range strings.SplitSeq(codes, ",") {
		at := slices.IndexFunc(known, func(b appBank) bool { return strings.EqualFold(b.name, name) })
		if at < 0 {
			return nil, unknownBank(name, known)
		}
		banks = append(banks, known[at])
	}
	return banks, nil
}

func unknownBank(name string, known []appBank) error {
	var names []string
	for _, b := range known {
		names = append(names, b.name)
	}
	list := strings.Join(names, ", ")
	return on(errBankCodes, "bank_codes", "has "+quote(name)+", which is no bank here: there are "+list,
		"có "+quote(name)+", không phải ngân hàng ở đây: chỉ có "+list)
}

// writeDeepLinks writes one link for each bank. All lead to one page: which bank
// the payer's money comes from is simulated there.
func writeDeepLinks(a *answer, banks []appBank, page string, filled bool) {
	var all []string
	for _, b := range banks {
		one := &answer{}
		one.text("bank_code", b.name)
		one.text("short_name", b.short)
		one.text("full_name", b.full)
		one.text("logo_url", "")
		one.text("deep_link", page)
		one.truth("is_auto_fill", filled)
		all = append(all, string(one.end()))
	}
	a.raw("data", "["+strings.Join(all, ",")+"]")
}

// deepLinkValues say which member of a request for deep links is wrong, where
// other operations have one value for all.
var deepLinkValues = map[string]int{"app_id": -6101, "os_type": -6102, "mac": -6103, "bank_codes": -6105, "order_token": -6106}

// deepLinkValue returns the value for what is wrong with a member.
func deepLinkValue(operation string, err error) (value int, ok bool) {
	e, isFault := errors.AsType[*fault.Error](err)
	if operation != sen.OpGetBankDeepLinks.Name || !isFault || !errors.Is(err, errMalformed) {
		return 0, false
	}
	value, ok = deepLinkValues[e.Field]
	return value, ok
}
