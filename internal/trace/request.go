// Package trace knows for which request work is done: the number that its answer
// and every log line about it have, and the trace that it is part of. ADR 0020
// has the reasoning.
package trace

import (
	"context"
	"encoding/hex"
	"log/slog"
)

// Header has the number of a request in its answer. That of a call of the
// merchant API is also its number in the log of requests.
const Header = "X-Request-Id"

type requestKey struct{}

// WithRequest returns a context of work for the request with that number.
func WithRequest(ctx context.Context, number string) context.Context {
	return context.WithValue(ctx, requestKey{}, number)
}

// Request returns the number of the request that work is done for; "" when it is
// the gateway's own.
func Request(ctx context.Context) string {
	number, _ := ctx.Value(requestKey{}).(string)
	return number
}

// Handler adds the request and its trace, if there are, to every line.
func Handler(h slog.Handler) slog.Handler {
	if wrapped, ok := h.(handler); ok {
		return wrapped
	}
	return handler{h}
}

type handler struct{ slog.Handler }

// Handle implements slog.Handler.
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if number := Request(ctx); number != "" {
		r.AddAttrs(slog.String("request", number))
	}
	if s := Of(ctx); s != nil {
		r.AddAttrs(slog.String("trace", hex.EncodeToString(s.trace[:])))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }
