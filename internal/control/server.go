// Package control is the API behind the command line and CI: what a merchant's
// developer does to a sandbox that no merchant and no payer could do. A live
// gateway does not have it.
package control

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"sen/internal/bank"
	"sen/internal/callback"
	"sen/internal/clock"
	"sen/internal/exchange"
	"sen/internal/fault"
	"sen/internal/merchant"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/store"
	"sen/internal/trace"
)

// Server serves the control API. All exported fields are needed but Stands.
type Server struct {
	Pay   *pay.Service
	Store *store.Store
	// PrivateKey returns, as PEM, the private key of a public one that the sandbox
	// came with.
	PrivateKey func(merchant.Disbursement) (text string, known bool)
	Apps       *merchant.Directory
	Bank       *bank.Simulator
	Clock      *clock.Clock
	Stands     bool // the clock does, until it is moved
	Log        *slog.Logger
	Version    string
	BaseURL    string
	// Exchanges is the log of the merchant API.
	Exchanges *exchange.Log
	// Changed returns when every node has what was written before in memory:
	// apps, maintenance, rules, faults and settings.
	Changed func(context.Context) error
	// Record begins a line of the audit log.
	Record func(a operator.Action, subject string, app merchant.ID) operator.Record
	// Sandboxes are those inside this one.
	Sandboxes Sandboxes
	// OrderToken reads the token in an order_url.
	OrderToken func(orderURL string) (token string, ok bool)
	// AddApp keeps a new app and gives it keys.
	AddApp func(context.Context, merchant.App) (merchant.App, error)
	// NewCodeKey makes a key for payment codes, as an app keeps it.
	NewCodeKey func() (private string, err error)
	// CallbackOwed is called when a replay made work.
	CallbackOwed func()

	pins lastPIN
}

// Refusals of this package.
var (
	errBody      = fault.New(fault.Invalid, "body_malformed", "The body is not the JSON object that this call takes.")
	errNotFound  = fault.New(fault.NotFound, "not_found", "There is nothing under this path.")
	errMedia     = fault.New(fault.Invalid, "content_type", "Send Content-Type: application/json.")
	errDuration  = fault.New(fault.Invalid, "duration_invalid", "A duration is written like 15m, 24h or -1h30m.")
	errClockFar  = fault.New(fault.Invalid, "clock_range", "The clock can be set from 2020 to 2080.")
	errChoice    = fault.New(fault.Invalid, "choice", "Give exactly one of advance, set and reset.")
	errWindow    = fault.New(fault.NotFound, "maintenance_unknown", "There is no maintenance window with this id.")
	errOperation = fault.New(fault.Invalid, "operation_unknown", "There is no such operation.")
	errTimes     = fault.New(fault.Invalid, "maintenance_times", "A maintenance must end after it begins.")
	errCampaign  = fault.New(fault.NotFound, "campaign_unknown", "There is no campaign with this code.")
	errNeedsApp  = fault.New(fault.Invalid, "app_needed", "An app_trans_id needs the app it belongs to.")
)

// Handler returns the routes, all below /control/.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range s.routes() {
		mux.Handle(pattern, s.adapt(h))
	}
	mux.HandleFunc("GET /control/requests/stream", s.streamRequests)
	// Pages of other origins may not steer a sandbox through the developer's
	// own browser.
	return http.NewCrossOriginProtection().Handler(mux)
}

func (s *Server) routes() map[string]func(*http.Request) (any, error) {
	return map[string]func(*http.Request) (any, error){
		"GET /control/status":                          s.status,
		"GET /control/clock":                           s.clock,
		"POST /control/clock":                          s.moveClock,
		"POST /control/pay":                            s.pay,
		"GET /control/orders":                          s.orders,
		"GET /control/orders/{app}/{transID}":          s.order,
		"GET /control/callbacks":                       s.callbacks,
		"GET /control/callbacks/{id}":                  s.callback,
		"POST /control/callbacks/{id}/replay":          s.replay,
		"GET /control/callback-rules":                  s.callbackRules,
		"POST /control/callback-rules":                 s.addCallbackRule,
		"DELETE /control/callback-rules":               s.clearCallbackRules,
		"DELETE /control/callback-rules/{id}":          s.removeCallbackRule,
		"GET /control/refunds":                         s.refunds,
		"GET /control/refunds/{app}/{refundID}":        s.refund,
		"POST /control/refunds/{number}/decide":        s.decide,
		"GET /control/wallets":                         s.wallets,
		"POST /control/wallets":                        s.openWallet,
		"PATCH /control/wallets/{phone}":               s.changeWallet,
		"POST /control/wallets/{phone}/topup":          s.topUp,
		"POST /control/wallets/{phone}/code":           s.paymentCode,
		"GET /control/apps":                            s.apps,
		"POST /control/apps":                           s.addApp,
		"GET /control/apps/{app}":                      s.oneApp,
		"PATCH /control/apps/{app}":                    s.changeApp,
		"POST /control/apps/{app}/payout":              s.payOut,
		"GET /control/apps/{app}/disbursement":         s.payouts,
		"POST /control/apps/{app}/disbursement":        s.changePayouts,
		"POST /control/apps/{app}/disbursement/fund":   s.fundPayouts,
		"GET /control/disbursements/{app}":             s.disbursements,
		"GET /control/disbursements/{app}/{orderID}":   s.disbursement,
		"POST /control/disbursements/{number}/hold":    s.decideDisbursement(Bookkeeper.HoldPayout),
		"POST /control/disbursements/{number}/release": s.decideDisbursement(Bookkeeper.ReleasePayout),
		"POST /control/disbursements/{number}/reject":  s.decideDisbursement(Bookkeeper.RejectPayout),
		"POST /control/apps/{app}/code-key":            s.codeKey,
		"GET /control/bindings":                        s.bindings,
		"GET /control/bindings/{id}":                   s.binding,
		"POST /control/bindings/{id}/consent":          s.consent,
		"POST /control/bindings/{id}/end":              s.endBinding,
		"GET /control/cards":                           s.cards,
		"POST /control/bindings/{id}/forget":           s.forgetCard,
		"GET /control/bank":                            s.bank,
		"POST /control/bank":                           s.setBank,
		"GET /control/campaigns":                       s.campaigns,
		"POST /control/campaigns":                      s.openCampaign,
		"PATCH /control/campaigns/{code}":              s.changeCampaign,
		"GET /control/rules":                           s.rules,
		"POST /control/rules":                          s.addRule,
		"DELETE /control/rules":                        s.clearRules,
		"DELETE /control/rules/{id}":                   s.removeRule,
		"GET /control/faults":                          s.faults,
		"POST /control/faults":                         s.inject,
		"DELETE /control/faults":                       s.mend,
		"GET /control/maintenance":                     s.windows,
		"POST /control/maintenance":                    s.announce,
		"DELETE /control/maintenance/{id}":             s.lift,
		"GET /control/ledger":                          s.ledger,
		"GET /control/settlements":                     s.settlements,
		"POST /control/settlements":                    s.settle,
		"GET /control/settlements/{app}/{day}":         s.settlementFiles,
		"POST /control/reconcile":                      s.reconcile,
		"GET /control/bank/report":                     s.bankReport,
		"GET /control/requests":                        s.requests,
		"GET /control/requests/{id}":                   s.request,
		"GET /control/requests/{id}/export":            s.exportRequest,
		"GET /control/sandboxes":                       s.sandboxes,
		"POST /control/sandboxes":                      s.addSandbox,
		"DELETE /control/sandboxes/{name}":             s.deleteSandbox,
		"/":                                            func(*http.Request) (any, error) { return nil, errNotFound },
	}
}

// maxFiles is for the one call that brings files of others.
const (
	maxBody  = 64 << 10
	maxFiles = 32 << 20
)

// adapt answers with what the handler returns, or with the one form of a
// refusal.
func (s *Server) adapt(h func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		most := int64(maxBody)
		if r.Pattern == "POST /control/reconcile" {
			most = maxFiles
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		result, err := h(r)
		status := http.StatusOK
		if err != nil {
			status, result = s.failure(w, r, err)
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		_ = enc.Encode(result) // a client that is gone can't be told
	})
}

var statuses = map[fault.Kind]int{
	fault.Invalid:      http.StatusBadRequest,
	fault.Unauthorized: http.StatusUnauthorized,
	fault.Forbidden:    http.StatusForbidden,
	fault.NotFound:     http.StatusNotFound,
	fault.Conflict:     http.StatusConflict,
	fault.Declined:     http.StatusPaymentRequired,
	fault.Limited:      http.StatusTooManyRequests,
	fault.Unavailable:  http.StatusServiceUnavailable,
}

// failure says no. Only what must not happen has a number, by which the log has
// it too.
func (s *Server) failure(w http.ResponseWriter, r *http.Request, err error) (int, Failure) {
	var f Failure
	e, ok := errors.AsType[*fault.Error](err)
	status, known := 0, false
	if ok {
		status, known = statuses[e.Kind]
	}
	if !known {
		number := rand.Text()[:12]
		w.Header().Set(trace.Header, number)
		s.Log.ErrorContext(trace.WithRequest(r.Context(), number), "control call failed", "path", r.Pattern, "error", err)
		f.Error.Code, f.Error.Message = "internal", "Something went wrong inside; the log of the server says what."
		return http.StatusInternalServerError, f
	}
	f.Error = Error{Code: e.Code, Message: e.Message, Field: e.Field, Detail: e.Detail}
	return status, f
}

// read fills v from the body. Members that the call does not know are refused:
// a misspelt one would silently do nothing.
func read(r *http.Request, v any) error {
	if ct := r.Header.Get("Content-Type"); ct != "application/json" {
		return errMedia
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		return errBody.On("", err.Error())
	}
	return nil
}

func (s *Server) status(*http.Request) (any, error) {
	return Status{Version: s.Version, BaseURL: s.BaseURL, Clock: s.now()}, nil
}

func (s *Server) ledger(r *http.Request) (any, error) {
	rep, err := s.Store.Verify(r.Context())
	if err != nil {
		return nil, err
	}
	return LedgerOf(rep), nil
}

func idText(id int64) string { return strconv.FormatInt(id, 10) }

// pathNumber reads a number from the path; what is none names nothing.
func pathNumber(r *http.Request, name string) (int64, error) {
	n, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil {
		return 0, errNotFound
	}
	return n, nil
}

const (
	pageDefault = 50
	pageMax     = 500
)

// page reads how many rows are asked for.
func page(r *http.Request) (int, error) {
	text := r.URL.Query().Get("limit")
	if text == "" {
		return pageDefault, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > pageMax {
		return 0, errBody.On("limit", "must be 1 to 500")
	}
	return n, nil
}

func (s *Server) callbacks(r *http.Request) (any, error) {
	n, err := page(r)
	if err != nil {
		return nil, err
	}
	before := int64(1<<63 - 1)
	if text := r.URL.Query().Get("before"); text != "" {
		if before, err = strconv.ParseInt(text, 10, 64); err != nil {
			return nil, errBody.On("before", "must be the id of a callback")
		}
	}
	all, err := s.Store.Deliveries(r.Context(), callback.ID(before), n)
	if err != nil {
		return nil, err
	}
	out := make([]Callback, 0, len(all))
	for _, d := range all {
		out = append(out, wireCallback(d))
	}
	return out, nil
}

func (s *Server) callback(r *http.Request) (any, error) {
	id, err := pathNumber(r, "id")
	if err != nil {
		return nil, err
	}
	d, attempts, err := s.Store.DeliveryHistory(r.Context(), callback.ID(id))
	if err != nil {
		return nil, err
	}
	out := wireCallback(d)
	out.Body = string(d.Body)
	for _, a := range attempts {
		out.History = append(out.History, wireAttempt(a))
	}
	return out, nil
}

func (s *Server) replay(r *http.Request) (any, error) {
	id, err := pathNumber(r, "id")
	if err != nil {
		return nil, err
	}
	var in Replay
	if err := read(r, &in); err != nil {
		return nil, err
	}
	if in.URL != "" {
		if _, err := callback.Target(in.URL); err != nil {
			return nil, err
		}
	}
	d, err := s.Store.ReplayDelivery(r.Context(), callback.ID(id), s.Clock.Now(), in.URL)
	if err != nil {
		return nil, err
	}
	s.CallbackOwed()
	return wireCallback(d), nil
}

func (s *Server) now() Clock {
	return Clock{Now: s.Clock.Now(), Offset: s.Clock.Offset().Round(time.Millisecond).String(), Stands: s.Stands}
}

func (s *Server) clock(*http.Request) (any, error) { return s.now(), nil }

func (s *Server) moveClock(r *http.Request) (any, error) {
	var in MoveClock
	if err := read(r, &in); err != nil {
		return nil, err
	}
	offset := s.Clock.Offset()
	switch {
	case in.Advance != "" && in.Set == nil && !in.Reset:
		d, err := time.ParseDuration(in.Advance)
		if err != nil {
			return nil, errDuration.On("advance", "")
		}
		offset = between(offset, d)
	case in.Advance == "" && in.Set != nil && !in.Reset:
		offset = between(offset, in.Set.Sub(s.Clock.Now()))
	case in.Advance == "" && in.Set == nil && in.Reset:
		offset = 0
	default:
		return nil, errChoice
	}
	if year := s.Clock.Now().Add(offset - s.Clock.Offset()).UTC().Year(); year < 2020 || year > 2080 {
		return nil, errClockFar // row keys count time from 2020, for 69 years
	}
	// A sandbox that is restarted goes on in its own time.
	if err := s.Store.SetSetting(r.Context(), ClockSetting, idText(int64(offset))); err != nil {
		return nil, err
	}
	err := s.Changed(r.Context())
	return s.now(), err
}

// between adds two durations of which the second may be absurd.
func between(a, b time.Duration) time.Duration {
	const century = 100 * 365 * 24 * time.Hour
	return a + min(max(b, -century), century)
}

// ClockSetting is the name under which the clock's offset is kept, in
// nanoseconds.
const ClockSetting = "clock_offset"

// OutageSetting is the name under which it is kept that the simulated bank can't
// be reached: "" when it can.
const OutageSetting = "bank_outage"
