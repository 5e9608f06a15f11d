package exchange

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// exchange makes what is kept of an entry: bounded, and without what must not
// be in it.
func (l *Log) exchange(e *Entry) Exchange {
	x := Exchange{
		ID: e.ID, At: e.Began.UTC().Truncate(time.Microsecond), Took: e.took,
		App: e.App, Operation: e.Operation, Method: clip(e.Method, maxName), Path: clip(e.Path, maxHeader), Remote: e.Remote,
		Headers: Headers{
			ContentType: clip(e.Headers.ContentType, maxHeader), UserAgent: clip(e.Headers.UserAgent, maxHeader),
			AcceptLanguage: clip(e.Headers.AcceptLanguage, maxHeader), Scenario: clip(e.Headers.Scenario, maxHeader),
		},
		BodySize: len(e.Body),
		MAC:      e.MAC, HTTPStatus: e.HTTPStatus, ReturnCode: e.ReturnCode, Value: e.Value,
		Answer: clip(string(e.Answer), maxAnswer),
		Rule:   e.Rule, Effect: e.Effect.String(), Subject: e.Subject,
	}
	if x.ID == 0 {
		x.ID = l.Number(e.Began)
	}
	if e.Err != nil {
		x.Reason = clip(e.Why(e.Err), maxValue)
	}
	if e.Fields != nil {
		x.Fields = slices.Collect(e.Fields)
	}
	x.nameSubject()
	for i := range x.Fields {
		x.Fields[i].bound()
	}
	if len(e.Body) <= MaxBody {
		x.Body = bytes.Clone(e.Body) // the buffer that it was read into is larger
	}
	l.redactor.redact(&x)
	return x
}

// nameSubject takes from the request what the answer did not say. The first
// version of the API writes the names without underscores, and ZOD in two ways.
func (x *Exchange) nameSubject() {
	for i := range x.Fields {
		f := &x.Fields[i]
		switch name := strings.ReplaceAll(f.Name, "_", ""); {
		case (name == "apptransid" || name == "mcRefId" || name == "mcrefid") && x.Subject.AppTransID == "":
			x.Subject.AppTransID = clip(f.Value, maxName)
		case name == "mrefundid" && x.Subject.MRefundID == "":
			x.Subject.MRefundID = clip(f.Value, maxName)
		case name == "zptransid" && x.Subject.Payment == 0:
			x.Subject.Payment, _ = strconv.ParseInt(f.Value, 10, 64) // what is no number is none's
		}
	}
}

func (f *Field) bound() {
	if len(f.Value) > maxValue {
		f.Value, f.Cut = clip(f.Value, maxValue), true
	}
	f.Name = clip(f.Name, maxHeader)
}

// clip returns the first bytes of a text as whole characters. Not every engine
// keeps a NUL, or what is not UTF-8.
func clip(s string, most int) string {
	if len(s) > most {
		s = s[:most]
		for range utf8.UTFMax - 1 { // the rest of a character that was cut in two
			if r, n := utf8.DecodeLastRuneInString(s); r == utf8.RuneError && n == 1 {
				s = s[:len(s)-1]
			}
		}
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "\uFFFD"), "\uFFFD")
}
