package apiv2

import (
	"errors"
	"iter"
	"net/http"
	"strconv"
	"time"

	"sen"
	"sen/internal/exchange"
	"sen/internal/merchant"
	"sen/internal/pay"
	"sen/internal/scenario"
)

// handled is what the road of a request found out on its way.
type handled struct {
	number    exchange.ID
	began     time.Time
	operation operation
	app       merchant.ID
	fields    fields
	body      []byte
	reply     reply
	err       error
	rule      scenario.Rule
	status    sen.Status
	http      int
	answer    []byte
}

// entry is a call for the log, as references to what is there anyway.
func entry(r *http.Request, h handled) exchange.Entry {
	return exchange.Entry{
		ID: h.number, Began: h.began, App: h.app, Operation: h.operation.name(),
		Method: r.Method, Path: r.URL.Path, Remote: r.RemoteAddr,
		Headers: exchange.Headers{
			ContentType: r.Header.Get("Content-Type"), UserAgent: r.Header.Get("User-Agent"),
			AcceptLanguage: r.Header.Get("Accept-Language"), Scenario: r.Header.Get(scenario.Header),
		},
		Fields: h.fields.all(), Body: h.body,
		MAC: h.reply.mac, HTTPStatus: sentStatus(h.http, h.rule.Effect.Break),
		ReturnCode: h.status.ReturnCode, Value: h.status.Value, Answer: h.answer, Err: h.err, Why: h.operation.why,
		Rule: h.rule.ID, Effect: h.rule.Effect, Subject: h.reply.subject,
	}
}

// why is the reason of a refusal as the log keeps it.
func (op *operation) why(err error) string { return op.explain(err, "en") }

// name is empty for a call of no operation.
func (op *operation) name() string {
	if op.Operation == nil {
		return ""
	}
	return op.Name
}

// all yields the members in the order received.
func (f fields) all() iter.Seq[exchange.Field] {
	return func(yield func(exchange.Field) bool) {
		for i := range f {
			if !yield(exchange.Field{Name: f[i].name, Value: f[i].value, InQuery: f[i].from == fromQuery}) {
				return
			}
		}
	}
}

// sentStatus is the status that the caller really got; 0 for none.
func sentStatus(status int, b scenario.Break) int {
	switch b {
	case scenario.Hang, scenario.Reset:
		return 0
	case scenario.ServerErr, scenario.Gateway, scenario.Away:
		code, _ := strconv.Atoi(string(b[len("http_"):]))
		return code
	case scenario.Whole, scenario.Truncate, scenario.NoJSON, scenario.Empty:
	}
	return status
}

// blamesCaller reports whether a value says that the request was wrong: a log
// that has room for few should have those.
func blamesCaller(value int) bool {
	return value == malformed || value == malformedCard || value == unsigned || value < deepLinkSystem && value > malformedCard
}

// verdictOn is what a refusal to identify the caller says about the mac: of an
// app that there is not, nothing.
func verdictOn(err error) exchange.MAC {
	if errors.Is(err, errMAC) {
		return exchange.MACWrong
	}
	return exchange.MACUnchecked
}

func subjectOf(rc pay.Receipt) exchange.Subject {
	return exchange.Subject{AppTransID: rc.Order.AppTransID, Order: int64(rc.Order.Key), Payment: rc.Payment.Number}
}

// paidSubject says which order a token paid, unless an earlier call did.
func paidSubject(rc pay.Receipt) exchange.Subject {
	about := subjectOf(rc)
	if !rc.Repeated && rc.Payment.Number != 0 {
		about.Change = exchange.OrderPaid
	}
	return about
}

// chargedSubject says what became of a charge by token.
func chargedSubject(rc pay.Receipt, c pay.Charge, err error) exchange.Subject {
	about := paidSubject(rc)
	switch {
	case rc.Repeated || rc.Payment.Number != 0:
	case err != nil || c.State == pay.ChargeFailed:
		about.Change = exchange.PaymentFailed
	default:
		about.Change = exchange.PaymentStarted
	}
	return about
}
