package conformance

import (
	"cmp"
	"context"
	"fmt"
)

// A Call is one call of the merchant API and its answer.
type Call struct {
	Operation  string            `json:"operation"`
	Request    map[string]string `json:"request"`
	HTTPStatus int               `json:"http_status"`
	Answer     string            `json:"answer"`
}

// Triggered is how a value was brought about.
type Triggered struct {
	Operation string `json:"operation"`
	Value     int    `json:"value"`
	App       int    `json:"app_id"`
	Calls     []Call `json:"calls"` // the last one was answered with the value
}

// Trigger brings about the state that earns a value in the sandbox at target, as
// Run does, and returns the calls that it took. The same app, wallet and limits
// apply.
func Trigger(ctx context.Context, target string, key Key) (out Triggered, err error) {
	play := cases()[key]
	if play == nil {
		return out, fmt.Errorf("nobody knows how %s is earned: have it forced by a rule", key)
	}
	b, err := open(ctx, target)
	if err != nil {
		return out, err
	}
	defer func() {
		err = cmp.Or(err, b.close(context.WithoutCancel(ctx)))
	}()
	out = Triggered{Operation: key.Operation, Value: key.Value, App: ownApp}
	b.seen = func(c Call) { out.Calls = append(out.Calls, c) }
	earned := b.earn(ctx, key, play)
	b.seen = nil
	if earned.State != OK {
		err = fmt.Errorf("%s did not come about: %s", key, earned.Detail)
	}
	return out, err
}
