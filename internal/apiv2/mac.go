package apiv2

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"

	"sen"
	"sen/internal/macdoctor"
	"sen/internal/merchant"
)

// badMAC says what the client did to get this mac, or this signature of one, what
// to change, and over which text it should have been made.
func (s *Server) badMAC(ctx context.Context, op operation, app merchant.App, f fields) error {
	if !s.Explain {
		return errMAC
	}
	d := macdoctor.Diagnose(macdoctor.Case{
		Operation: op.Operation, Members: f.members(), Wire: wireOf(ctx),
		App: patient(op, app), Others: s.otherApps(op, app.ID), Reveal: true,
	})
	return told{errMAC, d.Line(int64(app.ID))}
}

// patient is the app with the keys that matter to the operation.
func patient(op operation, a merchant.App) macdoctor.App {
	p := macdoctor.App{ID: int64(a.ID), Key1: a.Key1, Key2: a.Key2}
	if op.RSA {
		p.Public, _ = merchant.ParsePublicKey(a.Disbursement.PublicKey) // an app without one has none
	}
	return p
}

// otherApps are those whose keys a client may have taken by mistake.
func (s *Server) otherApps(op operation, but merchant.ID) (others []macdoctor.App) {
	for _, a := range s.Apps.All() {
		if a.ID != but {
			others = append(others, patient(op, a))
		}
	}
	return others
}

func (f fields) members() []macdoctor.Member {
	all := make([]macdoctor.Member, len(f))
	for i := range f {
		all[i] = macdoctor.Member{Name: f[i].name, Value: f[i].value}
	}
	return all
}

// told is a refusal whose reason is known in both languages.
type told struct {
	error
	reason sen.Text
}

// Unwrap returns the refusal.
func (t told) Unwrap() error { return t.error }

type wireKey struct{}

// keepWire keeps a request as it came in for the refusal that may have to
// explain it.
func keepWire(r *http.Request, body []byte) *http.Request {
	wire := macdoctor.Wire{ContentType: r.Header.Get("Content-Type"), Query: r.URL.RawQuery, Body: body}
	return r.WithContext(context.WithValue(r.Context(), wireKey{}, wire))
}

func wireOf(ctx context.Context) macdoctor.Wire {
	wire, _ := ctx.Value(wireKey{}).(macdoctor.Wire)
	return wire
}

// ReadMembers reads a request as the server does, and checks what can be
// checked without knowing the app. The error, if there is one, says in English
// what is wrong with the request; the members read until then are returned
// too.
func ReadMembers(op *sen.Operation, contentType, query string, body []byte) ([]macdoctor.Member, error) {
	r := &http.Request{
		Method: http.MethodPost, URL: &url.URL{RawQuery: query},
		Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(bytes.NewReader(body)),
	}
	f, _, err := readFields(nil, r, op)
	if err != nil {
		return f.members(), shape(explain(err, "en"))
	}
	f = f.named(op)
	for _, known := range allOperations() {
		if known.Operation != op {
			continue
		}
		if err := known.checkShape(f); err != nil {
			return f.members(), shape(known.explain(err, "en"))
		}
	}
	return f.members(), nil
}

// checkShape looks at each member, then at what they say together.
func (op *operation) checkShape(f fields) error {
	if err := f.check(op.members); err != nil || op.whole == nil {
		return err
	}
	return op.whole(op.inSecond(f))
}
