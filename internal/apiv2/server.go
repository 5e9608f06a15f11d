// Package apiv2 speaks the second version of the merchant API: every call is a
// POST, every business answer has HTTP status 200, and return_code and
// sub_return_code say what became of it.
package apiv2

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sen"
	"sen/internal/fault"
	"sen/internal/merchant"
	"sen/internal/pay"
	"sen/internal/scenario"
)

// Server serves the merchant API. All fields are needed unless they say not.
type Server struct {
	Pay  *pay.Service
	Apps *merchant.Directory
	Now  func() time.Time
	Log  *slog.Logger
	// OrderURL returns the address of an order's payment page.
	OrderURL func(o pay.Order) string
	// BindingLinks returns the addresses at which a user confirms a binding.
	BindingLinks func(b pay.Binding) BindingLinks
	// QRCode returns the text of an order's QR code.
	QRCode func(o pay.Order) string
	// Explain adds to the text of a refusal what was wrong with the request. A
	// sandbox does; a live gateway tells strangers nothing.
	Explain bool
	// Scenarios makes a sandbox answer what it was told to; nil in a live
	// gateway.
	Scenarios *scenario.Book

	limits limiter
}

// An operation is one call of the API.
type operation struct {
	*sen.Operation
	app     string // name of the member with the app's id
	members []member
	call    func(*Server, context.Context, merchant.App, fields) (reply, error)
	// empty writes the operation's own members into a refusal: typed clients
	// fail when one is missing.
	empty func(*answer, time.Time)
	// envelope writes the members that every answer has.
	envelope func(a *answer, v verdict)
}

// A reply is what an operation found out.
type reply struct {
	value   int
	text    sen.Text // instead of the catalogue's, unless empty
	members func(*answer)
}

// operations are the calls that this server answers.
func operations() []operation {
	return []operation{
		createOrder, queryOrder, cancelOrder, refundOrder, queryRefund,
		bindWallet, queryToken, queryBalance, payByToken, unbindWallet, queryUser,
		listBanks,
	}
}

// Handler returns the routes of the API.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, op := range operations() {
		mux.Handle(op.Path, s.serve(op))
	}
	return mux
}

// Paths returns the paths that Handler serves.
func Paths() []string {
	var paths []string
	for _, op := range operations() {
		paths = append(paths, op.Path)
	}
	return paths
}

// serve is the one road for a request: read, identify, let through, call,
// answer.
func (s *Server) serve(op operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, err := s.read(w, r, op)
		var e scenario.Effect
		if err == nil {
			e, err = s.effect(r, op, f)
		}
		hold(w, r, e)
		var rep reply
		switch {
		case err != nil:
		case e.Forced:
			rep = reply{value: e.Value, members: s.emptyMembers(op)}
		default:
			rep, err = s.answer(r.Context(), op, f)
		}
		send(w, r, httpStatus(err), s.write(r, op, rep, err), e.Break)
	})
}

// write makes the body of an answer, or of a refusal.
func (s *Server) write(r *http.Request, op operation, rep reply, err error) []byte {
	v := verdict{lang: languageOf(r.Header.Get("Accept-Language"))}
	if err != nil {
		rep = reply{value: s.value(r.Context(), op, err), members: s.emptyMembers(op)}
		if s.Explain {
			v.reason = reason(err)
		}
	}
	v.status, v.text = lookup(op.Name, rep.value), rep.text
	a := &answer{}
	op.envelope(a, v)
	if rep.members != nil {
		rep.members(a)
	}
	return a.end()
}

func (s *Server) emptyMembers(op operation) func(*answer) {
	return func(a *answer) { op.empty(a, s.Now()) }
}

func (s *Server) read(w http.ResponseWriter, r *http.Request, op operation) (fields, error) {
	if r.Method != op.Method {
		w.Header().Set("Allow", op.Method)
		return nil, errMethod.On("", "the method must be "+op.Method+", not "+r.Method)
	}
	return readFields(w, r)
}

func (s *Server) answer(ctx context.Context, op operation, f fields) (reply, error) {
	if err := f.check(op.members); err != nil {
		return reply{}, err
	}
	app, err := s.identify(op, f)
	if err != nil {
		return reply{}, err
	}
	now := s.Now()
	if s.Apps.Closed(op.Name, app.ID, now) {
		return reply{}, errMaintenance
	}
	if !s.limits.allow(app, op.Name, now) {
		return reply{}, errLimited
	}
	return op.call(s, merchant.WithCaller(ctx, app.ID), app, f)
}

// identify finds the app and checks that it signed the characters received.
func (s *Server) identify(op operation, f fields) (merchant.App, error) {
	app, err := s.Apps.App(merchant.ID(f.number(op.app)))
	if err != nil {
		return merchant.App{}, merchant.ErrUnknown.On(op.app, "no enabled app "+f.get(op.app))
	}
	mac := f.get("mac")
	if mac == "" {
		return merchant.App{}, errMAC.On("mac", "is missing")
	}
	if !op.Verify(app.Key1, mac, f.get) {
		return merchant.App{}, s.badMAC(op, app, f)
	}
	return app, nil
}

// badMAC says over which text the mac should have been made. The key itself
// is part of that text in some operations; its name stands in for it.
func (s *Server) badMAC(op operation, app merchant.App, f fields) error {
	if !s.Explain {
		return errMAC
	}
	signed := op.AppendInput(nil, f.get, "<key1>")
	return errMAC.On("mac", "must be the hexadecimal HMAC-SHA256, with key1 of app "+
		strconv.FormatInt(int64(app.ID), 10)+", of "+strings.Join(members(op.Operation, f), "|")+
		", here: "+string(signed))
}

// members names what the mac of this request covers.
func members(op *sen.Operation, f fields) []string {
	var names []string
	for _, name := range op.Signed {
		if name != op.Optional || f.get(name) != "" {
			names = append(names, name)
		}
	}
	return names
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

// reason says in one line what was wrong with the request, where the value
// alone does not.
func reason(err error) string {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Kind == fault.Internal {
		return ""
	}
	return strings.TrimSpace(e.Field + " " + e.Detail)
}
