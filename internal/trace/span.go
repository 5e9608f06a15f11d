package trace

import (
	"context"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

// A Span is something that was done, and how long it took. It has names, numbers
// and codes in it; never bodies, macs, tokens or paths. All methods of a nil one
// do nothing, so that those who tell it something need not know whether anybody
// listens. A span belongs to the goroutine that began it.
type Span struct {
	tracer *Tracer
	place
	above      [8]byte // span that this one is part of; zero: none
	name       string
	kind       kind
	attributes []attribute
	failed     bool
	began      time.Time
	ended      time.Time
}

// A place is where in a trace something is, as W3C's traceparent and tracestate
// say it.
type place struct {
	trace   [16]byte
	span    [8]byte
	sampled bool   // whether somebody wants to see it
	state   string // of other systems, passed on
}

type kind int

// The kinds, with the numbers of OTLP.
const (
	internal kind = 1
	server   kind = 2
	client   kind = 3
)

// An attribute is a text or a number.
type attribute struct {
	key    string
	text   string
	number int64
	isText bool
}

type spanKey struct{}

// Of returns the span that work is part of; nil: nobody traces it.
func Of(ctx context.Context) *Span {
	s, _ := ctx.Value(spanKey{}).(*Span)
	return s
}

// Begin begins a part of what ctx is part of; nil if nobody traces that.
func Begin(ctx context.Context, name string) *Span {
	above := Of(ctx)
	if above == nil {
		return nil
	}
	return above.tracer.begin(name, internal, above.place)
}

// Rename gives the span another name.
func (s *Span) Rename(name string) {
	if s != nil && name != "" {
		s.name = name
	}
}

// Text tells the span a text. An empty one is not told.
func (s *Span) Text(key, value string) {
	if s != nil && value != "" {
		s.attributes = append(s.attributes, attribute{key: key, text: value, isText: true})
	}
}

// Number tells the span a number.
func (s *Span) Number(key string, value int64) {
	if s != nil {
		s.attributes = append(s.attributes, attribute{key: key, number: value})
	}
}

// Fail says that what was done did not succeed, if so.
func (s *Span) Fail(failed bool) {
	if s != nil {
		s.failed = failed
	}
}

// End ends the span. It is not to be used after that.
func (s *Span) End() {
	if s != nil {
		s.ended = time.Now()
		s.tracer.take(s)
	}
}

// The headers of W3C's Trace Context.
const (
	parentHeader = "Traceparent"
	stateHeader  = "Tracestate"
)

// mostState is how much of others' state is passed on, in bytes.
const mostState = 512

// Inject tells whoever is called which span calls.
func Inject(ctx context.Context, h http.Header) {
	s := Of(ctx)
	if s == nil {
		return
	}
	h.Set(parentHeader, s.parent())
	if s.state != "" {
		h.Set(stateHeader, s.state)
	}
}

// parent is the place as traceparent has it.
func (p place) parent() string {
	flags := "00"
	if p.sampled {
		flags = "01"
	}
	return "00-" + hex.EncodeToString(p.trace[:]) + "-" + hex.EncodeToString(p.span[:]) + "-" + flags
}

// Cause says what ctx is part of, in a text that is kept with what it owes: the
// span, the number of the request, and what other systems pass on. It is "" when
// nobody traces it.
func Cause(ctx context.Context) string {
	s := Of(ctx)
	if s == nil {
		return ""
	}
	state := s.state
	if strings.ContainsFunc(state, func(r rune) bool { return r < ' ' || r > '~' }) {
		state = "" // as a header it may be any bytes, and it is to be kept as text
	}
	return s.parent() + " " + Request(ctx) + " " + state
}

// caused reads what Cause wrote. Of what is none, nothing is the cause.
func caused(cause string) (p place, request string) {
	parts := strings.SplitN(cause, " ", 3)
	if len(parts) < 3 {
		return place{}, ""
	}
	return calling(http.Header{parentHeader: {parts[0]}, stateHeader: {parts[2]}}), parts[1]
}

// calling reads which span calls. What is not as it should be is no caller's: the
// trace then begins here.
func calling(h http.Header) (p place) {
	const version, traceID, spanID, flags = 2, 32, 16, 2
	text := h.Get(parentHeader)
	parts := strings.Split(text, "-")
	if len(parts) < 4 || len(parts[0]) != version || len(parts[1]) != traceID || len(parts[2]) != spanID || len(parts[3]) != flags {
		return place{}
	}
	if parts[0] == "ff" || parts[0] == "00" && len(parts) > 4 || strings.ToLower(text) != text {
		return place{}
	}
	var first, last [1]byte
	for _, part := range []struct {
		into []byte
		from string
	}{{first[:], parts[0]}, {p.trace[:], parts[1]}, {p.span[:], parts[2]}, {last[:], parts[3]}} {
		if _, err := hex.Decode(part.into, []byte(part.from)); err != nil {
			return place{}
		}
	}
	if p.trace == [16]byte{} || p.span == [8]byte{} {
		return place{}
	}
	p.sampled = last[0]&1 == 1
	if state := strings.Join(h.Values(stateHeader), ","); len(state) <= mostState {
		p.state = state
	}
	return p
}
