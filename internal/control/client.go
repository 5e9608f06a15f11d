package control

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A Client calls the control API of a sandbox. It is safe for concurrent use.
type Client struct {
	base string
	http *http.Client
}

// callTimeout bounds one call; checking the whole ledger is the slowest.
const callTimeout = 30 * time.Second

// NewClient returns a client of the sandbox at base, such as
// http://127.0.0.1:8080.
func NewClient(base string) *Client {
	return &Client{base: strings.TrimRight(base, "/"), http: &http.Client{Timeout: callTimeout}}
}

// UnreachableError says that nobody answers at URL.
type UnreachableError struct {
	URL   string
	cause error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no Sen at %s: start one with `sen serve`, or name another with --server (%v)", e.URL, e.cause)
}

// Unwrap returns why.
func (e *UnreachableError) Unwrap() error { return e.cause }

// NotSandboxError says that whoever answers at URL has no control API.
type NotSandboxError struct {
	URL    string
	Status int
}

func (e *NotSandboxError) Error() string {
	if e.Status == http.StatusServiceUnavailable {
		return fmt.Sprintf("%s can't answer now (HTTP %d): it may have lost its database; its log says more", e.URL, e.Status)
	}
	return fmt.Sprintf("%s answers (HTTP %d), but not as a sandbox: a live gateway cannot be controlled", e.URL, e.Status)
}

// call sends in, unless it is nil, and reads the answer.
func call[T any](ctx context.Context, c *Client, method, path string, in any) (out T, err error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return out, err
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+"/control"+path, body)
	if err != nil {
		return out, err
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(r)
	if err != nil {
		return out, c.lost(ctx, err)
	}
	defer func() { _ = response.Body.Close() }() // it was read to its end, or is of no use
	return out, c.read(response, &out)
}

// lost tells a caller who gave up from a server that is not there.
func (c *Client) lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if u, ok := err.(*url.Error); ok { //nolint:errorlint // the outermost one repeats the method and the URL
		err = u.Err
	}
	return &UnreachableError{URL: c.base, cause: err}
}

// answerLimit is far above a full page of anything, and holds the files of a day
// with some hundred thousand movements.
const answerLimit = 64 << 20

func (c *Client) read(response *http.Response, out any) error {
	text, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", c.base, err)
	}
	if response.StatusCode == http.StatusOK {
		if json.Unmarshal(text, out) != nil {
			return &NotSandboxError{c.base, response.StatusCode}
		}
		return nil
	}
	var f Failure
	if json.Unmarshal(text, &f) != nil || f.Error.Code == "" {
		return &NotSandboxError{c.base, response.StatusCode}
	}
	return &f.Error
}

// path joins segments, each escaped.
func path(segments ...string) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteString("/" + url.PathEscape(s))
	}
	return b.String()
}

// Status returns what the sandbox says about itself.
func (c *Client) Status(ctx context.Context) (Status, error) {
	return call[Status](ctx, c, http.MethodGet, "/status", nil)
}

// Clock returns the sandbox's time.
func (c *Client) Clock(ctx context.Context) (Clock, error) {
	return call[Clock](ctx, c, http.MethodGet, "/clock", nil)
}

// MoveClock moves the sandbox's clock.
func (c *Client) MoveClock(ctx context.Context, m MoveClock) (Clock, error) {
	return call[Clock](ctx, c, http.MethodPost, "/clock", m)
}

// Pay pays an order from a wallet.
func (c *Client) Pay(ctx context.Context, p PayOrder) (Payment, error) {
	return call[Payment](ctx, c, http.MethodPost, "/pay", p)
}

// PayByCard pays an order with a test card. What comes back may still be under
// way: the bank waits for a code, or has not answered.
func (c *Client) PayByCard(ctx context.Context, p PayOrder) (Charge, error) {
	return call[Charge](ctx, c, http.MethodPost, "/pay", p)
}

// Cards returns the test cards and how they go.
func (c *Client) Cards(ctx context.Context) ([]TestCard, error) {
	return call[[]TestCard](ctx, c, http.MethodGet, "/cards", nil)
}

// Bank returns how the simulated bank is.
func (c *Client) Bank(ctx context.Context) (Bank, error) {
	return call[Bank](ctx, c, http.MethodGet, "/bank", nil)
}

// SetBank makes the simulated bank unreachable, or reachable again.
func (c *Client) SetBank(ctx context.Context, b Bank) (Bank, error) {
	return call[Bank](ctx, c, http.MethodPost, "/bank", b)
}

// Order returns an app's order with all that came of it.
func (c *Client) Order(ctx context.Context, app int64, appTransID string) (Order, error) {
	return call[Order](ctx, c, http.MethodGet, path("orders", idText(app), appTransID), nil)
}

// Callbacks returns the newest callbacks, at most limit of them.
func (c *Client) Callbacks(ctx context.Context, limit int) ([]Callback, error) {
	return call[[]Callback](ctx, c, http.MethodGet, "/callbacks?limit="+strconv.Itoa(limit), nil)
}

// Callback returns a callback with its body and its history.
func (c *Client) Callback(ctx context.Context, id string) (Callback, error) {
	return call[Callback](ctx, c, http.MethodGet, path("callbacks", id), nil)
}

// Replay makes a callback due again. The attempt follows by itself: Callback
// tells what came of it.
func (c *Client) Replay(ctx context.Context, id string, r Replay) (Callback, error) {
	return call[Callback](ctx, c, http.MethodPost, path("callbacks", id, "replay"), r)
}

// Refunds returns the refunds that wait for approval, the oldest first.
func (c *Client) Refunds(ctx context.Context) ([]Refund, error) {
	return call[[]Refund](ctx, c, http.MethodGet, "/refunds?limit="+strconv.Itoa(pageMax), nil)
}

// RecentRefunds returns refunds, whatever became of them, the newest first.
func (c *Client) RecentRefunds(ctx context.Context, limit int) ([]Refund, error) {
	return call[[]Refund](ctx, c, http.MethodGet, "/refunds?all=true&limit="+strconv.Itoa(limit), nil)
}

// Orders returns orders, of one app unless app is 0, the newest first.
func (c *Client) Orders(ctx context.Context, app int64, limit int) ([]Order, error) {
	query := "?limit=" + strconv.Itoa(limit)
	if app != 0 {
		query += "&app=" + strconv.FormatInt(app, 10)
	}
	return call[[]Order](ctx, c, http.MethodGet, "/orders"+query, nil)
}

// Refund returns an app's refund.
func (c *Client) Refund(ctx context.Context, app int64, mRefundID string) (Refund, error) {
	return call[Refund](ctx, c, http.MethodGet, path("refunds", idText(app), mRefundID), nil)
}

// Decide approves or rejects a refund that waits for it.
func (c *Client) Decide(ctx context.Context, number int64, approve bool) (Refund, error) {
	return call[Refund](ctx, c, http.MethodPost, path("refunds", idText(number), "decide"), Decision{Approve: approve})
}

// Wallets returns all wallets, by phone number.
func (c *Client) Wallets(ctx context.Context) (all []Wallet, err error) {
	for after := ""; ; after = all[len(all)-1].Phone {
		query := url.Values{"limit": {strconv.Itoa(pageMax)}, "after": {after}}
		some, err := call[[]Wallet](ctx, c, http.MethodGet, "/wallets?"+query.Encode(), nil)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		if len(some) < pageMax {
			return all, nil
		}
	}
}

// ChangeWallet changes the conditions of a wallet.
func (c *Client) ChangeWallet(ctx context.Context, phone string, change Conditions) (Wallet, error) {
	return call[Wallet](ctx, c, http.MethodPatch, path("wallets", phone), change)
}

// PaymentCode makes a code that pays one order from the wallet.
func (c *Client) PaymentCode(ctx context.Context, phone string) (PaymentCode, error) {
	return call[PaymentCode](ctx, c, http.MethodPost, path("wallets", phone, "code"), nil)
}

// TopUp puts money into a wallet.
func (c *Client) TopUp(ctx context.Context, phone string, amount int64) (Wallet, error) {
	return call[Wallet](ctx, c, http.MethodPost, path("wallets", phone, "topup"), Amount{amount})
}

// Apps returns all apps, by id.
func (c *Client) Apps(ctx context.Context) ([]App, error) {
	return call[[]App](ctx, c, http.MethodGet, "/apps", nil)
}

// App returns one app.
func (c *Client) App(ctx context.Context, id int64) (App, error) {
	return call[App](ctx, c, http.MethodGet, path("apps", idText(id)), nil)
}

// ChangeApp changes an app.
func (c *Client) ChangeApp(ctx context.Context, id int64, change ChangeApp) (App, error) {
	return call[App](ctx, c, http.MethodPatch, path("apps", idText(id)), change)
}

// CodeKey returns the key with which an app may encrypt payment codes, and has it
// made if there is none.
func (c *Client) CodeKey(ctx context.Context, id int64) (CodeKey, error) {
	return call[CodeKey](ctx, c, http.MethodPost, path("apps", idText(id), "code-key"), nil)
}

// PayOut gives a merchant a part of what is held for it.
func (c *Client) PayOut(ctx context.Context, id, amount int64) (App, error) {
	return call[App](ctx, c, http.MethodPost, path("apps", idText(id), "payout"), Amount{amount})
}

// Payouts returns how an app pays out to wallets.
func (c *Client) Payouts(ctx context.Context, app int64) (Payouts, error) {
	return call[Payouts](ctx, c, http.MethodGet, path("apps", idText(app), "disbursement"), nil)
}

// ChangePayouts changes how an app pays out to wallets.
func (c *Client) ChangePayouts(ctx context.Context, app int64, change ChangePayouts) (Payouts, error) {
	return call[Payouts](ctx, c, http.MethodPost, path("apps", idText(app), "disbursement"), change)
}

// FundPayouts puts money into the disbursement account of an app.
func (c *Client) FundPayouts(ctx context.Context, app int64, in FundPayouts) (Payouts, error) {
	return call[Payouts](ctx, c, http.MethodPost, path("apps", idText(app), "disbursement", "fund"), in)
}

// Disbursements returns at most limit disbursements of an app in that state, the
// newest first; with app 0 of every app, with "" in any state.
func (c *Client) Disbursements(ctx context.Context, app int64, state string, limit int) ([]Disbursement, error) {
	return call[[]Disbursement](ctx, c, http.MethodGet, "/disbursements/"+idText(app)+"?limit="+strconv.Itoa(limit)+"&state="+url.QueryEscape(state), nil)
}

// Disbursement returns a disbursement of an app.
func (c *Client) Disbursement(ctx context.Context, app int64, partnerOrderID string) (Disbursement, error) {
	return call[Disbursement](ctx, c, http.MethodGet, path("disbursements", idText(app), partnerOrderID), nil)
}

// HoldDisbursement has a disbursement that is open wait until it is released or
// rejected.
func (c *Client) HoldDisbursement(ctx context.Context, number int64) (Disbursement, error) {
	return call[Disbursement](ctx, c, http.MethodPost, path("disbursements", idText(number), "hold"), nil)
}

// ReleaseDisbursement pays a disbursement out that is held.
func (c *Client) ReleaseDisbursement(ctx context.Context, number int64) (Disbursement, error) {
	return call[Disbursement](ctx, c, http.MethodPost, path("disbursements", idText(number), "release"), nil)
}

// RejectDisbursement ends a disbursement that waits.
func (c *Client) RejectDisbursement(ctx context.Context, number int64) (Disbursement, error) {
	return call[Disbursement](ctx, c, http.MethodPost, path("disbursements", idText(number), "reject"), nil)
}

// Settlements returns at most limit settlements of one app, or with 0 of all, the
// newest first.
func (c *Client) Settlements(ctx context.Context, app int64, limit int) ([]Settlement, error) {
	query := url.Values{"app": {idText(app)}, "limit": {strconv.Itoa(limit)}}
	return call[[]Settlement](ctx, c, http.MethodGet, "/settlements?"+query.Encode(), nil)
}

// Settle closes days.
func (c *Client) Settle(ctx context.Context, s Settle) ([]Settlement, error) {
	return call[[]Settlement](ctx, c, http.MethodPost, "/settlements", s)
}

// SettlementFiles returns the files of a day that is closed.
func (c *Client) SettlementFiles(ctx context.Context, app int64, day string) ([]File, error) {
	return call[[]File](ctx, c, http.MethodGet, path("settlements", idText(app), day), nil)
}

// Reconcile compares an app's day with what others say of it.
func (c *Client) Reconcile(ctx context.Context, in Reconcile) (Reconciled, error) {
	return call[Reconciled](ctx, c, http.MethodPost, "/reconcile", in)
}

// BankReport returns what the simulated bank says that it moved on a day; "" is
// the day before.
func (c *Client) BankReport(ctx context.Context, day string) (File, error) {
	return call[File](ctx, c, http.MethodGet, "/bank/report?"+url.Values{"day": {day}}.Encode(), nil)
}

// AddApp adds an app.
func (c *Client) AddApp(ctx context.Context, a NewApp) (App, error) {
	return call[App](ctx, c, http.MethodPost, "/apps", a)
}

// OpenWallet opens a wallet.
func (c *Client) OpenWallet(ctx context.Context, w NewWallet) (Wallet, error) {
	return call[Wallet](ctx, c, http.MethodPost, "/wallets", w)
}

// Bindings returns a wallet's newest bindings, at most limit of them.
func (c *Client) Bindings(ctx context.Context, wallet string, limit int) ([]Binding, error) {
	query := url.Values{"wallet": {wallet}, "limit": {strconv.Itoa(limit)}}
	return call[[]Binding](ctx, c, http.MethodGet, "/bindings?"+query.Encode(), nil)
}

// Binding returns a binding.
func (c *Client) Binding(ctx context.Context, id string) (Binding, error) {
	return call[Binding](ctx, c, http.MethodGet, path("bindings", id), nil)
}

// Consent answers a binding in the name of a wallet's owner.
func (c *Client) Consent(ctx context.Context, id string, consent Consent) (Binding, error) {
	return call[Binding](ctx, c, http.MethodPost, path("bindings", id, "consent"), consent)
}

// EndBinding ends a binding in the name of its user, or of an operator.
func (c *Client) EndBinding(ctx context.Context, id string, by EndBinding) (Binding, error) {
	return call[Binding](ctx, c, http.MethodPost, path("bindings", id, "end"), by)
}

// ForgetCard deletes the card behind a binding from the vault.
func (c *Client) ForgetCard(ctx context.Context, id string) (Binding, error) {
	return call[Binding](ctx, c, http.MethodPost, path("bindings", id, "forget"), nil)
}

// Campaigns returns the campaigns, by code.
func (c *Client) Campaigns(ctx context.Context) ([]Campaign, error) {
	return call[[]Campaign](ctx, c, http.MethodGet, "/campaigns", nil)
}

// OpenCampaign adds a campaign.
func (c *Client) OpenCampaign(ctx context.Context, campaign Campaign) (Campaign, error) {
	return call[Campaign](ctx, c, http.MethodPost, "/campaigns", campaign)
}

// Rules returns the rules that still force something, the oldest first.
func (c *Client) Rules(ctx context.Context) ([]Rule, error) {
	return call[[]Rule](ctx, c, http.MethodGet, "/rules", nil)
}

// AddRule adds a rule.
func (c *Client) AddRule(ctx context.Context, r Rule) (Rule, error) {
	return call[Rule](ctx, c, http.MethodPost, "/rules", r)
}

// RemoveRule removes a rule.
func (c *Client) RemoveRule(ctx context.Context, id string) error {
	_, err := call[Rule](ctx, c, http.MethodDelete, path("rules", id), nil)
	return err
}

// ClearRules removes all rules.
func (c *Client) ClearRules(ctx context.Context) error {
	_, err := call[[]Rule](ctx, c, http.MethodDelete, "/rules", nil)
	return err
}

// CallbackRules returns the rules that still meet callbacks, the oldest first.
func (c *Client) CallbackRules(ctx context.Context) ([]CallbackRule, error) {
	return call[[]CallbackRule](ctx, c, http.MethodGet, "/callback-rules", nil)
}

// AddCallbackRule adds a rule by which callbacks go wrong.
func (c *Client) AddCallbackRule(ctx context.Context, r CallbackRule) (CallbackRule, error) {
	return call[CallbackRule](ctx, c, http.MethodPost, "/callback-rules", r)
}

// RemoveCallbackRule removes one.
func (c *Client) RemoveCallbackRule(ctx context.Context, id string) error {
	_, err := call[CallbackRule](ctx, c, http.MethodDelete, path("callback-rules", id), nil)
	return err
}

// ClearCallbackRules removes all of them.
func (c *Client) ClearCallbackRules(ctx context.Context) error {
	_, err := call[[]CallbackRule](ctx, c, http.MethodDelete, "/callback-rules", nil)
	return err
}

// Faults returns the faults that are not over, the oldest first.
func (c *Client) Faults(ctx context.Context) ([]Fault, error) {
	return call[[]Fault](ctx, c, http.MethodGet, "/faults", nil)
}

// Inject makes the store fail.
func (c *Client) Inject(ctx context.Context, f Fault) (Fault, error) {
	return call[Fault](ctx, c, http.MethodPost, "/faults", f)
}

// Mend ends all faults.
func (c *Client) Mend(ctx context.Context) error {
	_, err := call[[]Fault](ctx, c, http.MethodDelete, "/faults", nil)
	return err
}

// Windows returns the maintenance windows, the oldest first.
func (c *Client) Windows(ctx context.Context) ([]Window, error) {
	return call[[]Window](ctx, c, http.MethodGet, "/maintenance", nil)
}

// Announce starts a maintenance.
func (c *Client) Announce(ctx context.Context, w Window) (Window, error) {
	return call[Window](ctx, c, http.MethodPost, "/maintenance", w)
}

// Lift ends a maintenance.
func (c *Client) Lift(ctx context.Context, id string) (Window, error) {
	return call[Window](ctx, c, http.MethodDelete, path("maintenance", id), nil)
}

// Ledger checks the whole ledger.
func (c *Client) Ledger(ctx context.Context) (Ledger, error) {
	return call[Ledger](ctx, c, http.MethodGet, "/ledger", nil)
}

// ChangeCampaign changes a campaign; what is not given stays.
func (c *Client) ChangeCampaign(ctx context.Context, code string, change ChangeCampaign) (Campaign, error) {
	return call[Campaign](ctx, c, http.MethodPatch, "/campaigns/"+url.PathEscape(code), change)
}

// Requests returns requests of the log, the newest first. The query has the
// members that the call takes: app, operation, app_trans_id, value, from, to,
// before and limit.
func (c *Client) Requests(ctx context.Context, query url.Values) (Requests, error) {
	return call[Requests](ctx, c, http.MethodGet, "/requests?"+query.Encode(), nil)
}

// Request returns a request with the callbacks of its order or binding.
func (c *Client) Request(ctx context.Context, id string) (Request, error) {
	return call[Request](ctx, c, http.MethodGet, path("requests", id), nil)
}

// Export returns a program that makes a request again.
func (c *Client) Export(ctx context.Context, id, language string) (Export, error) {
	return call[Export](ctx, c, http.MethodGet, path("requests", id, "export")+"?as="+url.QueryEscape(language), nil)
}

// longestEvent is above every request that is kept, in bytes.
const longestEvent = 4 << 20

// Watch calls each with every request as it is kept, and missed with how many
// it has missed so far, until ctx ends, one of them fails, or the sandbox stops:
// that is no error. The query has the members of a filter; ready is called once
// nothing more can be missed.
func (c *Client) Watch(ctx context.Context, query url.Values, ready func(), each func(Request) error, missed func(int64)) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/control/requests/stream?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	response, err := (&http.Client{}).Do(r) // without a time-out: it goes on
	if err != nil {
		return c.lost(ctx, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.Header.Get("Content-Type") != "text/event-stream" {
		return cmp.Or(c.read(response, new(any)), error(&NotSandboxError{c.base, response.StatusCode}))
	}
	ready()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, longestEvent)
	name := ""
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "event":
			name = value
		case "data":
			if err := heard(name, value, each, missed); err != nil {
				return err
			}
		}
	}
	if ctx.Err() != nil {
		return nil
	}
	return lines.Err()
}

func heard(event, data string, each func(Request) error, missed func(int64)) error {
	switch event {
	case requestEvent:
		var one Request
		if err := json.Unmarshal([]byte(data), &one); err != nil {
			return err
		}
		return each(one)
	case droppedEvent:
		var n struct{ Dropped int64 }
		if err := json.Unmarshal([]byte(data), &n); err != nil {
			return err
		}
		missed(n.Dropped)
	}
	return nil
}
