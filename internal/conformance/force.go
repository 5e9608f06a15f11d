package conformance

import (
	"context"
	"errors"
	"strconv"

	"sen"
	"sen/internal/control"
)

// everyNth is how many values there are for one that is also forced by the
// header of a call.
const everyNth = 5

// force has the value answered by a rule, and some by a header too.
func (b *bench) force(ctx context.Context, key Key, i int) Outcome {
	op := operation(key.Operation)
	got, err := b.byRule(ctx, op, key.Value)
	if err == nil && got == key.Value && i%everyNth == 0 {
		var a answer
		a, err = b.call(ctx, op, members{}, "", "value="+strconv.Itoa(key.Value))
		got = a.value()
	}
	return outcome(key, got, err)
}

// byRule sets a rule for one call, makes the call, and sees that the rule is
// used up.
func (b *bench) byRule(ctx context.Context, op *sen.Operation, value int) (got int, err error) {
	rule, err := b.control.AddRule(ctx, control.Rule{Operation: op.Name, App: ownApp, Value: &value, Calls: 1})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, b.control.RemoveRule(context.WithoutCancel(ctx), rule.ID)) }()
	if got, err = b.value(ctx, op, members{}); err != nil {
		return got, err
	}
	left, err := b.control.Rules(ctx)
	for _, r := range left {
		if r.ID == rule.ID {
			return got, errors.New("the rule for one call was not used up by it")
		}
	}
	return got, err
}

// operation finds an operation by its name in the catalogue.
func operation(name string) *sen.Operation {
	for _, op := range sen.Operations() {
		if op.Name == name {
			return op
		}
	}
	return nil
}
