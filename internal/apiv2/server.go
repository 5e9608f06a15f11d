// Package apiv2 speaks the second version of the merchant API: every call but two
// is a POST, every business answer has HTTP status 200, and return_code and
// sub_return_code say what became of it. Calls of the first version, which are
// the same in other words, take the same road (first.go).
package apiv2

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sen"
	"sen/internal/apiv1"
	"sen/internal/exchange"
	"sen/internal/merchant"
	"sen/internal/metric"
	"sen/internal/pay"
	"sen/internal/scenario"
	"sen/internal/trace"
)

// Server serves the merchant API. All fields are needed unless they say not.
type Server struct {
	Pay  *pay.Service
	Apps *merchant.Directory
	Now  func() time.Time
	Log  *slog.Logger
	// OrderURL returns the address of an order's payment page.
	OrderURL func(o pay.Order) string
	// VerificationURL returns the address at which a card holder proves to the
	// bank who they are.
	VerificationURL func(o pay.Order) string
	// BindingLinks returns the addresses at which a user confirms a binding.
	BindingLinks func(b pay.Binding) BindingLinks
	// BankPage returns the address of the page on which a simulated bank pays the
	// order with that token; "" is no order.
	BankPage func(token string) string
	// Receivers are where receivers of disbursements go who can get none yet.
	Receivers ReceiverLinks
	// QRCode returns the text of an order's QR code.
	QRCode func(o pay.Order) string
	// CheckCallback refuses URLs that will not be called; nil: any is taken, and
	// what is wrong with it stands in the log of callbacks.
	CheckCallback func(url string) error
	// Explain adds to the text of a refusal what was wrong with the request, in
	// the language of that text. A sandbox does; a live gateway tells strangers
	// nothing.
	Explain bool
	// Moved returns how far a sandbox's clock was moved, and whether it stands
	// until it is; nil: it can't be moved.
	Moved func() (by time.Duration, stands bool)
	// Cards lists cards among the ways to pay.
	Cards bool
	// Scenarios makes a sandbox answer what it was told to; nil in a live
	// gateway.
	Scenarios *scenario.Book
	// Exchanges takes every call and its answer; nil: nobody does.
	Exchanges *exchange.Log

	// Ready reports why this node must not serve now; nil: it always may.
	Ready func(context.Context) error
	// Older reports whether nodes serve beside this one that know the second
	// version of the API only; nil: there are none.
	Older func() bool
	// Limits bounds how often apps call.
	Limits Limits
	// Crowd bounds how many calls are carried out at once.
	Crowd Crowd
	// Calls counts calls; nil: nobody does.
	Calls *Calls
}

// An operation is one call of the API.
type operation struct {
	*sen.Operation
	app     string // name of the member with the app's id
	members []member
	code    string             // the member that may be encrypted; "" for none
	whole   func(fields) error // checks members against each other; may be nil
	call    func(*Server, context.Context, merchant.App, fields) (reply, error)
	// empty writes the operation's own members into a refusal: typed clients
	// fail when one is missing.
	empty func(*answer, time.Time)
	// envelope writes the members that every answer has.
	envelope func(a *answer, v verdict)
	// second is the operation that this one of the first version comes to; nil
	// for an operation of the second version.
	second *operation
}

// A reply is what an operation found out.
type reply struct {
	value   int
	text    sen.Text // instead of the catalogue's, unless empty
	first   int      // what the first version answers for value when it has more than one word for it; else 0
	members func(*answer)

	mac     exchange.MAC     // also of a refusal
	subject exchange.Subject // what it was about, and what it changed
}

// allOperations are the calls that this server answers, in both versions.
var allOperations = sync.OnceValue(func() []operation { return append(operations(), firstOperations()...) })

// operations are those of the second version.
func operations() []operation {
	return []operation{
		createOrder, quickPay, queryOrder, cancelOrder, refundOrder, queryRefund,
		bindWallet, queryToken, queryBalance, payByToken, unbindWallet, queryUser,
		bindCard, queryCard, payByCardToken, unbindCard,
		listBanks, getDeepLinks,
		createZod, queryZodInvoice, queryZodStatus,
		disbursementUser, disbursementTopUp, disbursementQuery, disbursementBalance,
	}
}

// Handler returns the routes of the API.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, op := range allOperations() {
		mux.Handle(op.Path, s.serve(op))
	}
	for _, path := range prefixes {
		mux.Handle(path, http.HandlerFunc(s.unknown))
	}
	return mux
}

// prefixes are where nothing but this API is. A client that calls there expects
// JSON, whatever it was looking for.
var prefixes = []string{"/v2/", "/api/", "/zps/", firstPrefix}

// Paths returns the paths that Handler serves.
func Paths() []string {
	paths := slices.Clone(prefixes)
	for _, op := range allOperations() {
		paths = append(paths, op.Path)
	}
	return paths
}

// unknown answers a call of an operation that there is not.
func (s *Server) unknown(w http.ResponseWriter, r *http.Request) {
	began := s.Exchanges.Begin()
	number := s.Exchanges.Number(began)
	_ = s.numbered(w, r, number) // nothing is logged
	if s.Calls != nil {
		s.Calls.Unknown.Inc()
	}
	v := verdict{lang: languageOf(r.Header.Get("Accept-Language"))}
	v.status = lookup(createOrder.Operation, malformed)
	if s.Explain {
		v.reason = sen.Text{
			EN: "there is no operation " + quote(r.URL.Path) + "; there are " + operationPaths(),
			VI: "không có thao tác " + quote(r.URL.Path) + "; có " + operationPaths(),
		}.In(v.lang)
	}
	a := &answer{}
	if strings.HasPrefix(r.URL.Path, firstPrefix) {
		v.first = apiv1.Code(createOrder.Name, "", v.status)
		firstEnvelope(a, v)
	} else {
		envelope(a, v)
	}
	body := a.end()
	s.Exchanges.Take(true, func() exchange.Entry {
		return entry(r, handled{number: number, began: began, status: v.status, http: http.StatusNotFound, answer: body})
	})
	writeHeader(w, http.StatusNotFound, len(body))
	_, _ = w.Write(body) // a client that is gone can't be told
}

func operationPaths() string {
	var paths []string
	for _, op := range allOperations() {
		paths = append(paths, op.Path)
	}
	return strings.Join(paths, ", ")
}

// serve is the one road for a request: read, identify, let through, call,
// answer.
func (s *Server) serve(op operation) http.Handler {
	count := s.Calls.of(op.Name)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived, began := metric.Now(), s.Exchanges.Begin()
		number := s.Exchanges.Number(began)
		var sent fields
		var body []byte
		err := s.Crowd.full()
		if err == nil {
			sent, body, err = s.read(w, r, op)
		}
		f := sent.named(op.Operation)
		if s.Explain {
			r = keepWire(r, body)
		}
		ctx := s.numbered(w, r, number)
		if err == nil && s.Ready != nil {
			err = s.Ready(ctx)
		}
		var rule scenario.Rule
		looked := s.looks(ctx)
		if err == nil {
			rule, err = s.rule(r, op, f)
		}
		e := rule.Effect
		hold(w, r, e)
		looked.End()
		var rep reply
		switch {
		case err != nil:
		case e.Forced:
			rep = reply{value: e.Value, members: s.emptyMembers(op)}
		default:
			rep, err = s.answer(ctx, op, f)
		}
		status, answer := s.write(ctx, r, op, rep, err)
		count.done(status.Value, arrived)
		tell(trace.Of(ctx), op, status)
		s.Exchanges.Take(blamesCaller(status.Value), func() exchange.Entry {
			return entry(r, handled{number, began, op, merchant.ID(f.number(op.app)), sent, body, rep, err, rule, status, httpStatus(err), answer})
		})
		crowded := errors.Is(err, errCrowded)
		if crowded {
			w.Header().Set("Retry-After", "1")
		}
		send(w, r, httpStatus(err), answer, e.Break)
		if crowded {
			hesitate(w, r)
		}
	})
}

// looks begins the part of a call in which a sandbox looks what it was told to
// answer, and holds the call up.
func (s *Server) looks(ctx context.Context) *trace.Span {
	if s.Scenarios == nil {
		return nil
	}
	return trace.Begin(ctx, "rules")
}

// tell says what a call was and what it was answered.
func tell(span *trace.Span, op operation, st sen.Status) {
	span.Rename(op.Name)
	span.Number("sen.return_code", int64(st.ReturnCode))
	span.Number("sen.sub_return_code", int64(st.Value))
	span.Fail(st.Value == systemValue(op.Name))
}

// numbered tells the caller the number of a call, and the log too.
func (s *Server) numbered(w http.ResponseWriter, r *http.Request, number exchange.ID) context.Context {
	if number == 0 {
		return r.Context()
	}
	text := strconv.FormatInt(int64(number), 10)
	w.Header().Set(trace.Header, text)
	return trace.WithRequest(r.Context(), text)
}

// write makes the body of an answer, or of a refusal, and says which it is.
func (s *Server) write(ctx context.Context, r *http.Request, op operation, rep reply, err error) (sen.Status, []byte) {
	v := verdict{lang: languageOf(r.Header.Get("Accept-Language"))}
	if err != nil {
		rep = reply{value: s.value(ctx, op, err), members: s.emptyMembers(op)}
		if s.Explain {
			v.reason = op.explain(err, v.lang)
		}
	}
	v.status, v.text = lookup(op.Operation, rep.value), rep.text
	v.first = v.status.Value
	a := &answer{}
	if op.second != nil {
		v.first, a.spell = firstCode(op, rep, err, v.status), apiv1.Name
	}
	op.envelope(a, v)
	if rep.members != nil {
		rep.members(a)
	}
	return v.status, a.end()
}

func (s *Server) emptyMembers(op operation) func(*answer) {
	return func(a *answer) { op.empty(a, s.Now()) }
}

func (s *Server) read(w http.ResponseWriter, r *http.Request, op operation) (fields, []byte, error) {
	if r.Method != op.Method {
		w.Header().Set("Allow", op.Method)
		return nil, nil, on(errMethod, "", "the method must be "+op.Method+", not "+r.Method, "phương thức phải là "+op.Method+", không phải "+r.Method)
	}
	return readFields(w, r, op.Operation)
}

func (s *Server) answer(ctx context.Context, op operation, f fields) (rep reply, err error) {
	defer func() {
		// A bug is one more failure of ours. Without this the caller's
		// connection would break, and it could not tell that from a network.
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if err := s.Crowd.enter(); err != nil {
		return reply{}, err
	}
	defer s.Crowd.leave()
	if err := op.checkShape(f); err != nil {
		return reply{}, err
	}
	app, err := s.identify(op, f)
	if err == nil {
		f, err = s.verified(ctx, op, app, f)
	}
	if err != nil {
		return reply{mac: verdictOn(err)}, err
	}
	rep, err = s.admit(ctx, op, app, op.inSecond(f))
	rep.mac = exchange.MACGood
	return rep, err
}

// admit lets a call of a known app through, unless the operation is closed or
// the app called it too often.
func (s *Server) admit(ctx context.Context, op operation, app merchant.App, f fields) (reply, error) {
	now := s.Now()
	if s.Apps.Closed(op.Name, app.ID, now) {
		return reply{}, errMaintenance
	}
	if err := s.Limits.allow(ctx, app, op.Name, now); err != nil {
		return reply{}, err
	}
	rep, err := op.call(s, merchant.WithCaller(ctx, app.ID), app, f)
	return rep, s.inBoth(err, f, now)
}

// mac is a member of every request. That it is wrong is found out when the app
// is known.
var mac = member{"mac", true, 0, signature}

// identify finds the app.
func (s *Server) identify(op operation, f fields) (merchant.App, error) {
	app, err := s.Apps.App(merchant.ID(f.number(op.app)))
	if err != nil {
		return merchant.App{}, on(merchant.ErrUnknown, op.app, "is wrong: there is no enabled app "+f.get(op.app)+" here",
			"không đúng: ở đây không có app "+f.get(op.app)+" đang bật")
	}
	return app, nil
}

// verified checks that the app signed the characters received. The members that
// it returns are to be carried out: an encrypted payment code stands in the clear
// there, and the mac may cover it in either form. Both are known to nobody but
// the app, so that neither lets anybody else make one of the other.
func (s *Server) verified(ctx context.Context, op operation, app merchant.App, f fields) (fields, error) {
	opened := f.opened(op.code, app)
	if s.signed(op, app, f) || (op.code != "" && s.signed(op, app, opened)) {
		return opened, nil
	}
	return nil, s.badMAC(ctx, op, app, f)
}

func (s *Server) signed(op operation, app merchant.App, f fields) bool {
	return signed(op, app, app.Key1, f) || (app.Overlaps(s.Now()) && signed(op, app, app.OldKey1, f))
}

// signed reports whether the app made the characters received under that key.
func signed(op operation, app merchant.App, key1 string, f fields) bool {
	if !op.RSA {
		return op.Verify(key1, f.get("mac"), f.get)
	}
	public, err := merchant.ParsePublicKey(app.Disbursement.PublicKey)
	return err == nil && sen.VerifyRSA(public, op.Sign(key1, f.get), f.get("sig"))
}

// value turns an error into the value to answer. What is not a refusal is our
// own failure: it is logged, and the caller learns no more than that.
func (s *Server) value(ctx context.Context, op operation, err error) int {
	v, known := valueOf(op.Name, err)
	if !known {
		s.Log.ErrorContext(ctx, "operation failed", "operation", op.Name, "error", err)
	}
	return v
}
