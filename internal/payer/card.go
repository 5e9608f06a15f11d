package payer

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sen/internal/bank"
	"sen/internal/fault"
	"sen/internal/money"
	"sen/internal/pay"
)

// A Method is a way to pay that a page offers. It stands in addresses.
type Method string

// The methods.
const (
	ByWallet        Method = "wallet"
	ByDomestic      Method = "domestic"
	ByInternational Method = "international"
)

// MethodParameter names the method in the address of a page and in a card form.
const MethodParameter = "method"

// CardMethods are the methods that need a card.
func CardMethods() []Method { return []Method{ByDomestic, ByInternational} }

// MethodOf is the method of money that came in through the channel.
func MethodOf(c pay.Channel) Method {
	switch c {
	case pay.DomesticChannel:
		return ByDomestic
	case pay.CardChannel:
		return ByInternational
	case pay.WalletChannel, pay.PayoutChannel:
	}
	return ByWallet
}

// A Choice is a method as the template "methods" shows it.
type Choice struct {
	Method Method
	Label  string // key of a text
	Chosen bool
}

var methodLabels = map[Method]string{
	ByWallet:        "payer.by_wallet",
	ByDomestic:      "payer.by_domestic",
	ByInternational: "payer.by_international",
}

// Choices returns the methods as the template shows them: none where there is
// nothing to choose.
func Choices(offered []Method, chosen Method) (all []Choice) {
	if len(offered) < 2 {
		return nil
	}
	for _, m := range offered {
		all = append(all, Choice{m, methodLabels[m], m == chosen})
	}
	return all
}

// Choose returns the first of the wishes that is offered, or else the first
// that is; "" where nothing is.
func Choose(offered []Method, wishes ...Method) Method {
	for _, m := range append(wishes, offered...) {
		if slices.Contains(offered, m) {
			return m
		}
	}
	return ""
}

// Chosen returns the page's address with the method, if it is one that needs a
// card: the one that a page shows by itself is not worth an address.
func Chosen(path string, m Method) string {
	if !slices.Contains(CardMethods(), m) {
		return path
	}
	return path + "?" + url.Values{MethodParameter: {string(m)}}.Encode()
}

// A CardForm is what the templates "card-fields" and "test-cards" show. What
// somebody typed is never in it: a form that is shown again is empty.
type CardForm struct {
	Method Method
	Tests  []TestCard // in a sandbox
	OTP    string     // of the test cards
}

// A TestCard is a card of the simulated bank, to be copied from a page.
type TestCard struct {
	Number    string // in groups of four
	Behaviour string // key of a text
}

var behaviours = map[bank.Behaviour]string{
	bank.Good:    "payer.test_good",
	bank.Lost:    "payer.test_lost",
	bank.Empty:   "payer.test_empty",
	bank.TimeOut: "payer.test_timeout",
	bank.Late:    "payer.test_late",
}

// CardForm returns the form for cards of the method, with one test card of
// each behaviour in a sandbox.
func (d *Desk) CardForm(m Method) CardForm {
	f := CardForm{Method: m, OTP: bank.OTP}
	if !d.Site.Sandbox {
		return f
	}
	told := map[bank.Behaviour]bool{}
	for _, c := range bank.TestCards() {
		text := behaviours[c.Behaviour]
		if c.Number.Domestic() != (m == ByDomestic) || text == "" || told[c.Behaviour] {
			continue
		}
		told[c.Behaviour] = true
		f.Tests = append(f.Tests, TestCard{grouped(string(c.Number)), text})
	}
	return f
}

func grouped(digits string) string {
	var groups []string
	for group := range slices.Chunk([]byte(digits), 4) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, " ")
}

// Refusals of the forms for cards.
var (
	ErrCardKind   = fault.New(fault.Invalid, "card_kind", "The card is of another kind than the form is for.")
	ErrNotOffered = fault.New(fault.Declined, "method_not_offered", "This way to pay is not offered here.")
)

// ReadCard returns what was typed into a card form, and the method that it was
// typed in for even when it is refused.
func ReadCard(r *http.Request, offered []Method) (bank.Card, Method, error) {
	form, err := ReadForm(r)
	if err != nil {
		return bank.Card{}, "", err
	}
	m := Method(form.Get(MethodParameter))
	if !slices.Contains(CardMethods(), m) || !slices.Contains(offered, m) {
		return bank.Card{}, "", ErrNotOffered
	}
	number, err := bank.ParseNumber(form.Get("card_number"))
	if err != nil {
		return bank.Card{}, m, err
	}
	if number.Domestic() != (m == ByDomestic) {
		return bank.Card{}, m, ErrCardKind
	}
	month := strings.NewReplacer("/", "", " ", "").Replace(form.Get("card_month"))
	return bank.Card{Number: number, Expiry: month, CVV: strings.TrimSpace(form.Get("cvv"))}, m, nil
}

// ReadOTP returns the code that was typed in. What can't be one does not reach
// the bank, which counts.
func ReadOTP(r *http.Request) (string, error) {
	form, err := ReadForm(r)
	if err != nil {
		return "", err
	}
	const shortest, longest = 4, 8
	otp := strings.TrimSpace(form.Get("otp"))
	if len(otp) < shortest || len(otp) > longest || strings.Trim(otp, "0123456789") != "" {
		return "", pay.ErrOTPWrong
	}
	return otp, nil
}

// States of what waits for a bank, beside Open.
const (
	Proving = "otp"        // the holder must type in a code
	Waiting = "processing" // the bank has not answered
)

// ChargeState returns the state of a page whose charge is under way, and how
// long it stays in it.
func ChargeState(c pay.Charge, now time.Time) (string, Deadline) {
	if c.State == pay.ChargeOTP {
		return Proving, Until(c.DueAt, now)
	}
	return Waiting, Deadline{}
}

// A ChargeView is what the template "charge" shows of a charge under way.
type ChargeView struct {
	Path    string // of the page
	Shop    string
	Amount  money.Amount // 0: a card is only checked
	Card    string       // masked
	State   string
	Left    Deadline
	TestOTP string // in a sandbox
	Leave   string // where to, or ""
}

// ChargeView returns what to show of the charge on the page at path.
func (d *Desk) ChargeView(w http.ResponseWriter, path, shop string, c pay.Charge, now time.Time) ChargeView {
	v := ChargeView{Path: path, Shop: shop, Amount: c.Amount - c.Discount, Card: c.Masked}
	v.State, v.Left = ChargeState(c, now)
	if v.State == Waiting {
		w.Header().Set("Refresh", "5; url="+path) // scripts look more often
	}
	if d.Site.Sandbox {
		v.TestOTP = bank.OTP
	}
	return v
}

// declines maps why a bank declined to keys of texts.
var declines = map[bank.Reason]string{
	bank.Stolen:     "payer.declined_stolen",
	bank.NoMoney:    "payer.declined_no_money",
	bank.TimedOut:   "payer.declined_timeout",
	bank.WrongOTP:   "payer.declined_otp_wrong",
	bank.LateOTP:    "payer.declined_otp_late",
	bank.WrongDates: "payer.declined_dates",
}

// DeclinedCode returns the code of the notice that says what Declined does.
func DeclinedCode(why bank.Reason) string {
	if declines[why] == "" {
		why = bank.Refused
	}
	return "declined_" + string(why)
}

// Declined returns the key of the text that says why the bank declined and what
// to do.
func Declined(why bank.Reason) string {
	if key := declines[why]; key != "" {
		return key
	}
	return "payer.declined"
}
