package sen

import (
	"context"
	"errors"
)

// A Call is what a client is about to do.
type Call struct {
	Operation *Operation
	App       int    // app_id
	ID        string // app_trans_id or m_refund_id of what is made; empty for calls that make nothing
}

// A Result is how a call ended.
type Result struct {
	Tries    int      // how often the request was sent, at least 1
	Envelope Envelope // of the answer, refusals included; zero if none came
	Err      error    // as the caller gets it; it holds no secrets
}

// An Observer is told when a call begins, and by the function that it returns
// when the call has ended, tries included. The call goes on under the context
// that it returns, so an [http.RoundTripper] below, given by [WithHTTPClient],
// finds there what the observer put in, such as the span of a trace. It is called
// by whoever calls the client, also at the same time.
type Observer func(ctx context.Context, call Call) (context.Context, func(Result))

// WithObserver lets o see every call: for traces, metrics or a log. It sees no
// bodies, keys, macs or tokens.
func WithObserver(o Observer) Option {
	return func(c *Client) { c.observer = o }
}

// observed makes a call under the eyes of the observer, if there is one.
func observed[T answer](ctx context.Context, c *Client, op *Operation, id string, call func(context.Context) (*T, int, error)) (*T, error) {
	if c.observer == nil {
		result, _, err := call(ctx)
		return result, err
	}
	ctx, ended := c.observer(ctx, Call{Operation: op, App: c.app.ID, ID: id})
	result, tries, err := call(ctx)
	told := Result{Tries: tries, Err: err}
	var refused *Error
	switch {
	case result != nil:
		told.Envelope = (*result).envelope()
	case errors.As(err, &refused):
		told.Envelope = refused.Envelope
	}
	ended(told)
	return result, err
}
