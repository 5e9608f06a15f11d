package merchant

import "context"

type callerKey struct{}

// WithCaller returns a context that says for which app work is done.
func WithCaller(ctx context.Context, app ID) context.Context {
	return context.WithValue(ctx, callerKey{}, app)
}

// Caller returns the app that work is done for, or 0 when it is nobody's but
// the gateway's own.
func Caller(ctx context.Context) ID {
	app, _ := ctx.Value(callerKey{}).(ID)
	return app
}
