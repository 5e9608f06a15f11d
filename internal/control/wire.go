package control

import (
	"time"

	"sen/internal/callback"
	"sen/internal/exchange"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/store"
)

// The values that cross the control API. Times are RFC 3339, amounts whole
// đồng, ids numbers unless they are too large for a double to hold: those are
// text.

// Status is what a sandbox says about itself.
type Status struct {
	Version string `json:"version"`
	BaseURL string `json:"base_url"`
	Clock   Clock  `json:"clock"`
}

// Clock is the sandbox's time.
type Clock struct {
	Now    time.Time `json:"now"`
	Offset string    `json:"offset"`           // how far ahead of the machine's clock, or of where it began if it stands, as in 15m0s
	Stands bool      `json:"stands,omitempty"` // it stands still until it is moved
}

// MoveClock moves the clock; exactly one member is given.
type MoveClock struct {
	Advance string     `json:"advance,omitempty"` // as in 15m, 24h, -1h
	Set     *time.Time `json:"set,omitempty"`
	Reset   bool       `json:"reset,omitempty"` // back to the machine's clock, or to where it began if it stands
}

// PayOrder pays an order from a wallet without its PIN.
type PayOrder struct {
	Order  string `json:"order"`            // order_url, zp_trans_token or app_trans_id
	App    int64  `json:"app,omitempty"`    // needed with an app_trans_id
	Wallet string `json:"wallet,omitempty"` // phone number: pay from its balance, or with its owner's card
	Card   string `json:"card,omitempty"`   // or a test card's number: pay from that
	OTP    string `json:"otp,omitempty"`    // for a card whose bank asks; none: leave it in flight
}

// Charge is a payment by card that is, or was, under way.
type Charge struct {
	Number  int64  `json:"zp_trans_id"`
	Card    string `json:"card"`
	Bank    string `json:"bank_code"`
	Channel int64  `json:"channel"`
	Amount  int64  `json:"amount"`
	State   string `json:"state"` // started, otp, unknown, succeeded, failed
	Reason  string `json:"reason,omitempty"`
}

// TestCard is a card that the simulated bank knows, and how it goes.
type TestCard struct {
	Number    string `json:"number"`
	Bank      string `json:"bank_code"`
	Behaviour string `json:"behaviour"`
}

// Bank is the simulated bank.
type Bank struct {
	Outage bool `json:"outage"` // no call gets through
}

// Order is an order with all that came of it.
type Order struct {
	App         int64      `json:"app_id"`
	AppTransID  string     `json:"app_trans_id"`
	Token       string     `json:"zp_trans_token"`
	Amount      int64      `json:"amount"`
	Description string     `json:"description"`
	State       string     `json:"state"` // created, paid, expired, cancelled
	Failure     string     `json:"failure,omitempty"`
	CreatedAt   time.Time  `json:"created_at"`
	ExpiresAt   time.Time  `json:"expires_at"`
	Payment     *Payment   `json:"payment,omitempty"`
	Callbacks   []Callback `json:"callbacks"` // null in a list
}

// Payment is money taken for an order.
type Payment struct {
	Number      int64     `json:"zp_trans_id"`
	Wallet      string    `json:"wallet"`         // empty: a card of nobody that we know
	Card        string    `json:"card,omitempty"` // masked
	Bank        string    `json:"bank_code,omitempty"`
	Channel     int64     `json:"channel"`
	Amount      int64     `json:"amount"`
	MerchantFee int64     `json:"merchant_fee"`
	Refunded    int64     `json:"refunded"`
	At          time.Time `json:"at"`
}

// Callback is a call owed to a merchant's server.
type Callback struct {
	ID        string     `json:"id"`
	App       int64      `json:"app_id"`
	Subject   string     `json:"subject"`
	URL       string     `json:"url"`
	State     string     `json:"state"` // due, delivered, failed, unaddressed, dropped
	Attempts  int        `json:"attempts"`
	CreatedAt time.Time  `json:"created_at"`
	DueAt     *time.Time `json:"due_at,omitempty"`
	Body      string     `json:"body,omitempty"`    // only when one is asked for
	History   []Attempt  `json:"history,omitempty"` // likewise
}

// Attempt is what came of one call.
type Attempt struct {
	N       int       `json:"n"`
	At      time.Time `json:"at"`
	TookMS  float64   `json:"took_ms"`
	Status  int       `json:"status"`
	Outcome string    `json:"outcome"` // accepted, refused, repeat, held, lost
	Error   string    `json:"error,omitempty"`
	Answer  string    `json:"answer,omitempty"`
	Mishap  string    `json:"mishap,omitempty"` // what a callback rule did to it
	Rule    string    `json:"rule,omitempty"`   // which rule
	Sent    string    `json:"sent,omitempty"`   // what was sent, if not the callback's body
}

// CallbackRule lets callbacks go wrong on their way.
type CallbackRule struct {
	ID         string     `json:"id,omitempty"`
	App        int64      `json:"app_id,omitempty"`       // 0: all
	Subject    string     `json:"subject,omitempty"`      // order or binding; empty: both
	AppTransID string     `json:"app_trans_id,omitempty"` // pattern with * and ?; empty: all
	Kind       string     `json:"kind"`                   // delay, after_expiry, reorder, drop, duplicate, duplicate_at_once, slow, invalid_json, truncate, changed, key1, other_key, wrong_amount, unknown_order
	Delay      string     `json:"delay,omitempty"`        // as in 10m: of delay, reorder (at most) and slow
	Calls      int64      `json:"calls,omitempty"`        // 0: until it is removed
	ExpiresAt  *time.Time `json:"expires_at,omitempty"`
}

// Replay sends a callback again, to URL if one is given.
type Replay struct {
	URL string `json:"url,omitempty"`
}

// Refund is a refund.
type Refund struct {
	Number    int64     `json:"refund_id"`
	App       int64     `json:"app_id"`
	MRefundID string    `json:"m_refund_id"`
	Payment   int64     `json:"zp_trans_id"`
	Amount    int64     `json:"amount"`
	Fee       int64     `json:"refund_fee_amount"`
	State     string    `json:"state"` // pending, running, blocked, succeeded, failed
	Failure   string    `json:"failure,omitempty"`
	CreatedAt time.Time `json:"created_at"`
}

// Decision approves or rejects a refund that waits for it.
type Decision struct {
	Approve bool `json:"approve"`
}

// Wallet is a test wallet.
type Wallet struct {
	Phone       string `json:"phone"`
	Name        string `json:"name"`
	Balance     int64  `json:"balance"`
	RefillTo    int64  `json:"refill_to,omitempty"`
	Locked      bool   `json:"locked"`
	PaymentsOff bool   `json:"payments_off"`
	HasPIN      bool   `json:"has_pin"`
	KYC         int    `json:"kyc"` // 0 unverified, 1 basic, 2 full
	Limits      Limits `json:"limits"`
}

// Limits bound what a wallet may spend; 0 or absent: no such limit.
type Limits struct {
	DayAll      int64 `json:"day_all,omitempty"`
	DayWallet   int64 `json:"day_wallet,omitempty"`
	DayBank     int64 `json:"day_bank,omitempty"`
	DayCard     int64 `json:"day_card,omitempty"`
	MonthAll    int64 `json:"month_all,omitempty"`
	MonthWallet int64 `json:"month_wallet,omitempty"`
	MonthBank   int64 `json:"month_bank,omitempty"`
	MonthCard   int64 `json:"month_card,omitempty"`
}

// Conditions changes a wallet; what is not given stays.
type Conditions struct {
	Locked      *bool `json:"locked,omitempty"`
	PaymentsOff *bool `json:"payments_off,omitempty"`
	KYC         *int  `json:"kyc,omitempty"`

	DayAll      *int64 `json:"day_all,omitempty"`
	DayWallet   *int64 `json:"day_wallet,omitempty"`
	DayBank     *int64 `json:"day_bank,omitempty"`
	DayCard     *int64 `json:"day_card,omitempty"`
	MonthAll    *int64 `json:"month_all,omitempty"`
	MonthWallet *int64 `json:"month_wallet,omitempty"`
	MonthBank   *int64 `json:"month_bank,omitempty"`
	MonthCard   *int64 `json:"month_card,omitempty"`
}

// Amount is how much to move.
type Amount struct {
	Amount int64 `json:"amount"`
}

// App is a merchant's app and its terms.
type App struct {
	ID          int64  `json:"app_id"`
	Name        string `json:"name"`
	Key1        string `json:"key1"`
	Key2        string `json:"key2"`
	CallbackURL string `json:"callback_url"`
	RedirectURL string `json:"redirect_url"`
	Disabled    bool   `json:"disabled"`
	Balance     int64  `json:"balance"` // what we hold for the merchant
	Owes        int64  `json:"owes"`    // what the merchant owes us

	RatePerSecond      int64  `json:"rate_per_second"`
	FeeBP              int64  `json:"fee_bp"`
	RefundApprovalFrom int64  `json:"refund_approval_from"`
	RefundPeriod       string `json:"refund_period"`
	ReceivableLimit    int64  `json:"receivable_limit"`
	TokenLife          string `json:"token_life"`
	TokenDayCount      int64  `json:"token_day_count"`
	TokenDayAmount     int64  `json:"token_day_amount"`
}

// A CodeKey is the public half of an app's key for payment codes.
type CodeKey struct {
	App       int64  `json:"app_id"`
	PublicKey string `json:"public_key"` // PEM
}

// ChangeApp changes an app; what is not given stays.
type ChangeApp struct {
	CallbackURL        *string `json:"callback_url,omitempty"`
	RedirectURL        *string `json:"redirect_url,omitempty"`
	Disabled           *bool   `json:"disabled,omitempty"`
	RatePerSecond      *int64  `json:"rate_per_second,omitempty"`
	FeeBP              *int64  `json:"fee_bp,omitempty"`
	RefundApprovalFrom *int64  `json:"refund_approval_from,omitempty"`
	RefundPeriod       *string `json:"refund_period,omitempty"` // as in 720h
	ReceivableLimit    *int64  `json:"receivable_limit,omitempty"`
	TokenLife          *string `json:"token_life,omitempty"` // as in 8760h
	TokenDayCount      *int64  `json:"token_day_count,omitempty"`
	TokenDayAmount     *int64  `json:"token_day_amount,omitempty"`
}

// Payouts is how an app pays out to wallets, and what it has for it.
type Payouts struct {
	App        int64  `json:"app_id"`
	PaymentID  string `json:"payment_id"`            // empty: the app may not pay out
	PublicKey  string `json:"public_key"`            // PEM
	PrivateKey string `json:"private_key,omitempty"` // PEM; only the one that sandboxes come with is known
	Held       bool   `json:"held"`                  // payouts are taken, and wait
	ReviewFrom int64  `json:"review_from"`           // payouts of that many dong are held until they are released; 0: none
	Balance    int64  `json:"balance"`               // dong left to pay out
}

// ChangePayouts registers the public key of an app, holds its payouts up, or says
// from which amount on each waits to be released; what is not given stays.
type ChangePayouts struct {
	PaymentID  string `json:"payment_id,omitempty"` // with public_key only
	PublicKey  string `json:"public_key,omitempty"` // PEM or base64, RSA of 2048 to 8192 bits
	Held       *bool  `json:"held,omitempty"`
	ReviewFrom *int64 `json:"review_from,omitempty"` // dong; 0: none waits
}

// FundPayouts puts money into the disbursement account of an app.
type FundPayouts struct {
	Amount    int64  `json:"amount"`              // dong
	Reference string `json:"reference,omitempty"` // as of the transfer that brought it; the same one is booked once
}

// Disbursement is money that a merchant pays out to a wallet.
type Disbursement struct {
	Number         int64      `json:"order_id"`
	App            int64      `json:"app_id"`
	PartnerOrderID string     `json:"partner_order_id"`
	Phone          string     `json:"phone"`
	Amount         int64      `json:"amount"`
	Description    string     `json:"description"`
	State          string     `json:"state"`             // running, pending, held, succeeded or failed
	Failure        string     `json:"failure,omitempty"` // why it failed
	Hold           string     `json:"hold,omitempty"`    // why it was held last: above review_from, or by_hand
	CreatedAt      time.Time  `json:"created_at"`
	HeldAt         *time.Time `json:"held_at,omitempty"`
	ReleasedAt     *time.Time `json:"released_at,omitempty"`
	ClosedAt       *time.Time `json:"closed_at,omitempty"`
}

// Binding is the consent of a wallet's or a card's owner to be charged by an app.
type Binding struct {
	ID          string     `json:"binding_id"`
	Kind        string     `json:"kind"` // WALLET or CARD
	App         int64      `json:"app_id"`
	AppTransID  string     `json:"app_trans_id"`
	Identifier  string     `json:"identifier"`
	PayToken    string     `json:"pay_token,omitempty"` // once confirmed
	MaxAmount   int64      `json:"max_amount"`
	State       string     `json:"state"` // pending, confirmed, cancelled, disabled, lapsed
	CreatedAt   time.Time  `json:"created_at"`
	ConfirmBy   time.Time  `json:"confirm_by"`
	ConfirmedAt *time.Time `json:"confirmed_at,omitempty"`
	EndsAt      *time.Time `json:"ends_at,omitempty"`
}

// Consent answers a binding in the name of a wallet's owner.
type Consent struct {
	Wallet  string `json:"wallet,omitempty"`  // phone number, to confirm
	Card    string `json:"card,omitempty"`    // or a test card's number
	OTP     string `json:"otp,omitempty"`     // for a card whose bank asks
	Decline bool   `json:"decline,omitempty"` // or this
}

// EndBinding ends a binding in the name of its user, or of an operator.
type EndBinding struct {
	Operator bool `json:"operator,omitempty"`
}

// Campaign gives payers a discount.
type Campaign struct {
	Code         string    `json:"code"`
	Apps         []int64   `json:"apps,omitempty"` // none: every app
	StartsAt     time.Time `json:"starts_at"`
	EndsAt       time.Time `json:"ends_at"`
	Budget       int64     `json:"budget"`
	Spent        int64     `json:"spent,omitempty"`
	UsesPerPayer int64     `json:"uses_per_payer,omitempty"`
	MinAmount    int64     `json:"min_amount,omitempty"`
	Discount     int64     `json:"discount"`
}

// Window is a maintenance window.
type Window struct {
	ID        string     `json:"id,omitempty"`
	Operation string     `json:"operation,omitempty"` // name as in the catalogue; empty: all
	App       int64      `json:"app_id,omitempty"`    // 0: all
	From      *time.Time `json:"from,omitempty"`      // default: now
	Until     *time.Time `json:"until,omitempty"`     // default: until it is lifted
}

// ChangeCampaign changes a campaign; what is not given stays.
type ChangeCampaign struct {
	EndsAt       *time.Time `json:"ends_at,omitempty"`
	Budget       *int64     `json:"budget,omitempty"`
	UsesPerPayer *int64     `json:"uses_per_payer,omitempty"`
	MinAmount    *int64     `json:"min_amount,omitempty"`
	Discount     *int64     `json:"discount,omitempty"`
}

// Rule forces how calls are answered.
type Rule struct {
	ID        string            `json:"id,omitempty"`
	Operation string            `json:"operation,omitempty"` // name as in the catalogue; empty: all
	App       int64             `json:"app_id,omitempty"`    // 0: all
	Match     map[string]string `json:"match,omitempty"`     // members that the request must have
	Value     *int              `json:"value,omitempty"`     // sub_return_code to answer
	Delay     string            `json:"delay,omitempty"`     // as in 2s
	Break     string            `json:"break,omitempty"`     // hang, reset, truncate, http_500, http_502, http_503, not_json, empty
	Calls     int64             `json:"calls,omitempty"`     // 0: until it is removed
	ExpiresAt *time.Time        `json:"expires_at,omitempty"`
}

// Fault makes the sandbox's store refuse transactions, as a full disk would.
// Calls, For or both bound it.
type Fault struct {
	ID    string     `json:"id,omitempty"`
	App   int64      `json:"app_id,omitempty"` // 0: all, the gateway's own work included
	Calls int64      `json:"calls,omitempty"`  // transactions that fail; 0: as many as come
	For   string     `json:"for,omitempty"`    // as in 10m, in the sandbox's time; only in requests
	Until *time.Time `json:"until,omitempty"`  // only in answers
}

// Request is a call of the merchant API and its answer, as they were kept.
type Request struct {
	ID        string    `json:"id"`
	At        time.Time `json:"at"` // by the machine's clock, or by the sandbox's if that stands
	TookMS    float64   `json:"took_ms"`
	App       int64     `json:"app_id"`
	Operation string    `json:"operation"` // empty: a path that no operation has
	Method    string    `json:"method"`
	Path      string    `json:"path"`
	Remote    string    `json:"remote"`

	Headers  exchange.Headers `json:"headers"`
	Fields   []exchange.Field `json:"fields"`
	Body     *string          `json:"body"` // null: it was not kept, because it is too long or something in it is masked
	BodySize int              `json:"body_size"`

	MAC        string `json:"mac"` // good, wrong; empty: nobody looked
	HTTPStatus int    `json:"http_status"`
	ReturnCode int    `json:"return_code"`
	Value      int    `json:"sub_return_code"`
	Answer     string `json:"answer"`
	Reason     string `json:"reason,omitempty"`
	Rule       string `json:"rule,omitempty"`     // that interfered, if it is kept
	Scenario   string `json:"scenario,omitempty"` // what was done then, written as in the header

	AppTransID string `json:"app_trans_id,omitempty"`
	MRefundID  string `json:"m_refund_id,omitempty"`
	Payment    int64  `json:"zp_trans_id,omitempty"`
	Refund     int64  `json:"refund_id,omitempty"`
	Change     string `json:"change,omitempty"` // order_created, order_cancelled, order_paid, payment_started, payment_failed, refund_accepted, binding_created, binding_ended

	Callbacks []Callback `json:"callbacks,omitempty"` // of its order or binding; only when one is asked for
}

// Requests is a page of the log, the newest first.
type Requests struct {
	Requests []Request `json:"requests"`
	Kept     int64     `json:"kept"`    // since the sandbox was started
	Dropped  int64     `json:"dropped"` // likewise, because more came than can be written
}

// Export is a program that makes a request again.
type Export struct {
	Language string `json:"language"`
	File     string `json:"file"`
	Run      string `json:"run"` // with key1 in the environment
	Program  string `json:"program"`
}

// NewApp adds an app with keys of its own.
type NewApp struct {
	ID   int64  `json:"app_id"`
	Name string `json:"name"`
}

// NewWallet opens a wallet with nothing in it.
type NewWallet struct {
	Phone string `json:"phone"`
	Name  string `json:"name"`
	PIN   string `json:"pin,omitempty"` // six digits; empty: none yet
	KYC   int    `json:"kyc"`
}

// Ledger is what a look at the whole ledger found.
type Ledger struct {
	OK       bool     `json:"ok"`
	Accounts int64    `json:"accounts"`
	Entries  int64    `json:"entries"`
	Postings int64    `json:"postings"`
	Payments int64    `json:"payments"`
	Refunds  int64    `json:"refunds"`
	Seals    Seals    `json:"seals"`
	Problems []string `json:"problems"`
}

// Seals is what was found of the chains of seals over the entries.
type Seals struct {
	Database string `json:"database"` // the name that chance gave it; "": nothing is sealed
	Head     string `json:"head"`     // of the list of chains
	Chains   int64  `json:"chains"`
	Seals    int64  `json:"seals"`
	Entries  int64  `json:"entries"` // in seals
	Before   int64  `json:"before"`  // of them from before there were seals
	Adopted  int64  `json:"adopted"` // of them on an operator's word
	Tagged   bool   `json:"tagged"`  // whether the keys were at hand
}

// Failure is the body of every refusal.
type Failure struct {
	Error Error `json:"error"`
}

// Error is a refusal, on the wire and in a client.
type Error struct {
	Code    string `json:"code"` // stable
	Message string `json:"message"`
	Field   string `json:"field,omitempty"`  // the input at fault
	Detail  string `json:"detail,omitempty"` // what was wrong with it
}

// Error returns all of it in one line.
func (e *Error) Error() string {
	about := e.Field
	if e.Field != "" && e.Detail != "" {
		about += ": "
	}
	if about += e.Detail; about != "" {
		about = " (" + about + ")"
	}
	return e.Code + ": " + e.Message + about
}

// LedgerOf is what a report says on the wire.
func LedgerOf(rep *store.Report) Ledger {
	problems := rep.Problems
	if problems == nil {
		problems = []string{}
	}
	return Ledger{
		Seals: sealsOf(rep.Seals),
		OK:    rep.OK(), Accounts: rep.Accounts, Entries: rep.Entries, Postings: rep.Postings,
		Payments: rep.Payments, Refunds: rep.Refunds, Problems: problems,
	}
}

func sealsOf(s store.Seals) Seals {
	out := Seals{
		Database: s.Database, Chains: s.Chains, Seals: s.Seals, Entries: s.Entries,
		Before: s.Before, Adopted: s.Adopted, Tagged: s.Tagged,
	}
	if len(s.Heads) > 0 {
		out.Head = s.Heads[0].Hash.String()
	}
	return out
}

func wirePayment(p pay.Payment, w pay.Wallet) *Payment {
	return &Payment{
		Number: p.Number, Wallet: w.Phone, Channel: int64(p.Channel), Amount: int64(p.Amount),
		MerchantFee: int64(p.MerchantFee), Refunded: int64(p.Refunded), At: p.At, Card: p.Card, Bank: p.BankCode,
	}
}

func wireRefund(r pay.Refund) Refund {
	return Refund{
		Number: r.Number, App: int64(r.App), MRefundID: r.MRefundID, Payment: r.Payment,
		Amount: int64(r.Amount), Fee: int64(r.Fee), State: string(r.State), Failure: string(r.Failure), CreatedAt: r.CreatedAt,
	}
}

func wireWallet(w pay.Wallet, balance money.Amount) Wallet {
	return Wallet{
		Phone: w.Phone, Name: w.Name, Balance: int64(balance), RefillTo: int64(w.RefillTo),
		Locked: !w.LockedAt.IsZero(), PaymentsOff: !w.PaymentsOffAt.IsZero(), HasPIN: w.PINHash != "",
		KYC: int(w.KYC), Limits: wireLimits(w.Limits),
	}
}

func wireLimits(l pay.Limits) Limits {
	return Limits{
		DayAll: int64(l.Day[pay.AllSources]), DayWallet: int64(l.Day[pay.FromWallet]),
		DayBank: int64(l.Day[pay.FromBank]), DayCard: int64(l.Day[pay.FromCard]),
		MonthAll: int64(l.Month[pay.AllSources]), MonthWallet: int64(l.Month[pay.FromWallet]),
		MonthBank: int64(l.Month[pay.FromBank]), MonthCard: int64(l.Month[pay.FromCard]),
	}
}

func wireCallback(d callback.Delivery) Callback {
	return Callback{
		ID: idText(int64(d.ID)), App: int64(d.App), Subject: string(d.Subject), URL: d.URL, State: string(d.State),
		Attempts: d.Attempts, CreatedAt: d.CreatedAt, DueAt: given(d.DueAt),
	}
}

func wireAttempt(a callback.Attempt) Attempt {
	out := Attempt{
		N: a.N, At: a.At, TookMS: float64(a.Took.Microseconds()) / 1000, Status: a.Status,
		Outcome: string(a.Outcome), Error: a.Err, Answer: a.Answer,
		Mishap: a.Mishap, Sent: string(a.Sent),
	}
	if a.Rule != 0 {
		out.Rule = idText(a.Rule)
	}
	return out
}

func wireApp(a merchant.App, balance, owes money.Amount) App {
	return App{
		ID: int64(a.ID), Name: a.Name, Key1: a.Key1, Key2: a.Key2, CallbackURL: a.CallbackURL, RedirectURL: a.RedirectURL,
		Disabled: !a.Enabled(), Balance: int64(balance), Owes: int64(owes),
		RatePerSecond: a.Terms.RatePerSecond, FeeBP: a.Terms.FeeBP, RefundApprovalFrom: int64(a.Terms.RefundApprovalFrom),
		RefundPeriod: a.Terms.RefundPeriod.String(), ReceivableLimit: int64(a.Terms.ReceivableLimit),
		TokenLife: a.Terms.TokenLife.String(), TokenDayCount: a.Terms.TokenDayCount, TokenDayAmount: int64(a.Terms.TokenDayAmount),
	}
}

func wireWindow(w merchant.Window) Window {
	return Window{ID: idText(w.ID), Operation: w.Operation, App: int64(w.App), From: given(w.From), Until: given(w.Until)}
}

// given is nil for a time that has not come.
func given(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// Settle closes days of an app, or of all apps, up to and including one.
type Settle struct {
	App int64  `json:"app_id,omitempty"` // 0: all
	Day string `json:"day,omitempty"`    // YYYY-MM-DD; empty: the day before the present one
}

// Settlement closes a day of an app. Amounts have the sign of what they do to what
// the merchant is owed.
type Settlement struct {
	App    int64     `json:"app_id"`
	Day    string    `json:"day"`
	Number int64     `json:"number"` // of the payout; 0: nothing was moved
	At     time.Time `json:"at"`

	Payments       int64 `json:"payments"`
	PaymentAmount  int64 `json:"payment_amount"`
	FeeAmount      int64 `json:"fee_amount"`
	Refunds        int64 `json:"refunds"`
	RefundAmount   int64 `json:"refund_amount"`
	Reversals      int64 `json:"reversals"`
	ReversalAmount int64 `json:"reversal_amount"`
	Payouts        int64 `json:"payouts"` // by hand
	PayoutAmount   int64 `json:"payout_amount"`
	Net            int64 `json:"net"`

	CarriedIn  int64 `json:"carried_in"` // negative: the merchant's debt
	PaidBack   int64 `json:"paid_back"`
	PaidOut    int64 `json:"paid_out"`
	CarriedOut int64 `json:"carried_out"`
}

// File is a file and its signature.
type File struct {
	Name string `json:"name"`
	Data string `json:"data"`
	MAC  string `json:"mac,omitempty"`
}

// Reconcile asks to compare an app's day with what others say of it.
type Reconcile struct {
	App      int64    `json:"app_id"`
	Day      string   `json:"day,omitempty"`           // YYYY-MM-DD; empty: the day before the present one
	Merchant *string  `json:"merchant_file,omitempty"` // CSV; null: none
	Reports  []string `json:"reports,omitempty"`       // of channels, CSV; empty: the simulated bank is asked
}

// Reconciled says what was compared and what differs.
type Reconciled struct {
	App         int64        `json:"app_id"`
	Day         string       `json:"day"`
	Settled     bool         `json:"settled"`
	Payments    int          `json:"payments"`
	Refunds     int          `json:"refunds"`
	Claims      int          `json:"merchant_lines"`
	Moved       int          `json:"channel_lines"`
	Differences []Difference `json:"differences"`
}

// Difference is one thing that two sides say differently.
type Difference struct {
	Kind       string `json:"kind"`
	AppTransID string `json:"app_trans_id,omitempty"`
	Payment    int64  `json:"zp_trans_id,omitempty"`
	MRefundID  string `json:"m_refund_id,omitempty"`
	Number     int64  `json:"number,omitempty"` // of an entry, an account, a callback, or a movement at the channel
	Line       int    `json:"line,omitempty"`   // of the other side's file
	Ours       string `json:"ours"`
	Theirs     string `json:"theirs"`
	Advice     string `json:"advice"`
}

// PaymentCode is what a payer shows to a shop. It pays one order, for a minute.
type PaymentCode struct {
	Code      string    `json:"code"`
	ExpiresAt time.Time `json:"expires_at"`
}
