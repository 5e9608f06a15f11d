package web

import (
	"bytes"
	"errors"
	"net/http"
	"runtime/debug"
	"strings"

	"sen/internal/fault"
)

// errorPage says that something went wrong.
type errorPage struct {
	Title     string // keys of texts
	Detail    string
	RequestID string
	Home      string // where to go instead; "": there is nowhere
}

// home is the first page of the part of the site that an address is in.
func home(path string) string {
	for _, first := range []string{"/console", "/wallet"} {
		if path == first || strings.HasPrefix(path, first+"/") {
			return first
		}
	}
	return "/"
}

// statuses maps what a caller can do about a refusal to the status of a page.
var statuses = map[fault.Kind]int{
	fault.Internal:     http.StatusInternalServerError,
	fault.Invalid:      http.StatusBadRequest,
	fault.Unauthorized: http.StatusUnauthorized,
	fault.Forbidden:    http.StatusForbidden,
	fault.NotFound:     http.StatusNotFound,
	fault.Conflict:     http.StatusConflict,
	fault.Declined:     http.StatusPaymentRequired,
	fault.Limited:      http.StatusTooManyRequests,
	fault.Unavailable:  http.StatusServiceUnavailable,
}

// A Handler answers a request, or returns why it could not.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Handle makes an http.Handler of a Handler. It is the only place where an
// error becomes a page.
func (s *Site) Handle(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		entryOf(r).Route = r.Pattern
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// fail answers with the page for an error.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	page := errorPage{Title: "error.request", Detail: "error.request_detail", RequestID: entryOf(r).ID, Home: home(r.URL.Path)}
	status := statuses[fault.KindOf(err)]
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		status = http.StatusRequestEntityTooLarge
	}
	switch status {
	case http.StatusInternalServerError:
		entryOf(r).Err = err
		s.writeFailure(w, r)
		return
	case http.StatusNotFound:
		page.Title, page.Detail = "error.not_found", "error.not_found_detail"
	}
	if err := s.errors.Write(w, r, status, page); err != nil {
		entryOf(r).Err = err
		s.writeFailure(w, r)
	}
}

// NotFound is the page for an address where nothing is. Requests by a method
// that an address does not take see it too.
func (s *Site) NotFound() http.Handler {
	return s.Handle(func(http.ResponseWriter, *http.Request) error { return errNoPage })
}

// Refusals of the pages themselves.
var (
	errNoPage  = fault.New(fault.NotFound, "no_page", "There is no such page.")
	errForeign = fault.New(fault.Forbidden, "foreign_form", "The form was sent from another site.")
)

// idPlace stands for the request id in the failure pages.
const idPlace = "@request-id@"

// renderFailures makes the pages for what must not happen, so that showing
// one can't fail for the same reason.
func (s *Site) renderFailures() (map[Lang][]byte, error) {
	pages := map[Lang][]byte{}
	for _, l := range Langs {
		buf, err := s.errors.render(l, errorPage{Title: "error.ours", Detail: "error.ours_detail", RequestID: idPlace})
		if err != nil {
			return nil, err
		}
		pages[l] = buf.Bytes()
	}
	return pages, nil
}

func (s *Site) writeFailure(w http.ResponseWriter, r *http.Request) {
	l, _ := chooseLang(r)
	body := bytes.ReplaceAll(s.failures[l], []byte(idPlace), []byte(entryOf(r).ID))
	writeHTML(w, http.StatusInternalServerError, body)
}

// sessionFailed answers when the session could not be read or written.
func (s *Site) sessionFailed(w http.ResponseWriter, r *http.Request, err error) {
	entryOf(r).Err = err
	s.writeFailure(w, r)
}

// recovered answers when a handler panicked, unless it had begun to answer.
func (s *Site) recovered(w http.ResponseWriter, r *http.Request, cause any, begun bool) {
	e := entryOf(r)
	e.Err = &panicError{cause: cause, stack: debug.Stack()}
	if !begun {
		s.writeFailure(w, r)
	}
}
