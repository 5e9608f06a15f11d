package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"sen/internal/trace"
)

// maxBody is far more than any form of the pages has.
const maxBody = 64 << 10

// Wrap puts the middleware of all pages around a handler. The first of the
// list sees a request first.
func (s *Site) Wrap(h http.Handler) http.Handler {
	list := []func(http.Handler) http.Handler{
		s.identify,
		s.log,
		s.harden,
		s.recover,
		s.refuseForeign,
		limitBody,
		s.speak,
		s.Sessions.LoadAndSave,
	}
	for i := len(list) - 1; i >= 0; i-- {
		h = list[i](h)
	}
	return h
}

// entry is what the log line of a request says that only its handler knows.
type entry struct {
	ID    string
	Route string // the pattern: a path can hold a token, which opens an order
	Err   error
}

type entryKey struct{}

func entryOf(r *http.Request) *entry {
	if e, ok := r.Context().Value(entryKey{}).(*entry); ok {
		return e
	}
	return &entry{}
}

// identify gives each request an identifier that the log and the page show.
func (s *Site) identify(next http.Handler) http.Handler {
	const idBytes = 9
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := &entry{ID: s.IDs.Secret(idBytes)}
		w.Header().Set(trace.Header, e.ID)
		ctx := trace.WithRequest(r.Context(), e.ID)
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, entryKey{}, e)))
	})
}

// log writes one line for each request: no path, query, body or address.
func (s *Site) log(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.Now()
		rec := &recorder{ResponseWriter: w}
		next.ServeHTTP(rec, r)
		s.counted.Seconds.Since(began)
		s.counted.Answers[min(rec.status/100, 5)].Inc()
		e := entryOf(r)
		span := trace.Of(r.Context())
		span.Rename(e.Route)
		span.Number("http.response.status_code", int64(rec.status))
		span.Fail(e.Err != nil)
		line := s.Log.With("method", r.Method, "route", e.Route,
			"status", rec.status, "took", s.Now().Sub(began).Round(time.Microsecond))
		if e.Err != nil {
			line.ErrorContext(r.Context(), "page failed", "error", e.Err)
			return
		}
		line.InfoContext(r.Context(), "page")
	})
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController find what is underneath.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// policy lets a page load and send to its own origin only. A redirect after a
// form counts as sending, so the way back to a shop is a link.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// powers are what a page of ours never asks a browser for, so that nothing that
// gets into one can either.
const powers = "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), " +
	"geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), microphone=(), midi=(), payment=(), " +
	"picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()"

// harden sets the headers that make browsers careful. The referrer stays
// within the site: to other sites a token in an address would leak, but with
// none at all browsers send "Origin: null" with our own forms, and where they
// send no Sec-Fetch-Site (http on a local network, as when a phone tries a
// sandbox) such a form could not be told from a foreign one. A page has its
// windows to itself: a shop that opens one keeps no hold on it.
func (s *Site) harden(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", powers)
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

type panicError struct {
	cause any
	stack []byte
}

// Error implements error.
func (p *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", p.cause, p.stack) }

// recover turns a panic into the failure page.
func (s *Site) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w}
		defer func() {
			cause := recover()
			if cause == http.ErrAbortHandler { //nolint:errorlint // a panic's value, never wrapped
				panic(cause)
			}
			if cause != nil {
				s.recovered(w, r, cause, rec.status != 0)
			}
		}()
		next.ServeHTTP(rec, r)
	})
}

// refuseForeign refuses forms that another site sends in a payer's name.
func (s *Site) refuseForeign(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(s.Handle(func(http.ResponseWriter, *http.Request) error { return errForeign }))
	return guard.Handler(next)
}

func limitBody(next http.Handler) http.Handler { return http.MaxBytesHandler(next, maxBody) }
