// Package conformance holds a gateway against the catalogue: for every value
// that the provider documents it brings about the state that earns the value,
// through the same doors that merchants and operators use, and sees exactly that
// value come back; then it forces the value by a rule.
package conformance

import (
	"cmp"
	"context"
	"fmt"
	"strconv"

	"sen"
)

// A Key names one value of one operation.
type Key struct {
	Operation string
	Value     int
}

// String is how people write it.
func (k Key) String() string { return k.Operation + " " + strconv.Itoa(k.Value) }

// State is what came of one part of a check.
type State string

// The states.
const (
	OK      State = "ok"
	Failed  State = "failed"  // another value came, or none
	Missing State = "missing" // nobody has written a case
)

// An Outcome is what came of one part of a check, and why.
type Outcome struct {
	State  State  `json:"state"`
	Detail string `json:"detail,omitempty"`
}

// A Result is what came of the check of one value.
type Result struct {
	Operation string  `json:"operation"`
	Value     int     `json:"value"`
	Name      string  `json:"name"`
	Earned    Outcome `json:"earned"`
	Forced    Outcome `json:"forced"`
}

// A Report is what came of a run.
type Report struct {
	Results []Result `json:"results"`
	Earned  int      `json:"earned"`
	Forced  int      `json:"forced"`
	OK      bool     `json:"ok"`
}

func (r *Report) add(one Result) {
	if one.Earned.State == OK {
		r.Earned++
	}
	if one.Forced.State == OK {
		r.Forced++
	}
	r.OK = r.OK && one.Earned.State == OK && one.Forced.State == OK
	r.Results = append(r.Results, one)
}

// Documented returns the values that the provider documents, in the order of
// its operations.
func Documented() []sen.Status {
	var all []sen.Status
	for _, st := range sen.Statuses() {
		if st.Documented {
			all = append(all, st)
		}
	}
	return all
}

// Run checks the sandbox at target and tells each of every result as it comes.
// It works with an app and a wallet of its own, which it makes if they are not
// there, moves the clock ahead by some minutes and back, and leaves everything
// else alone. One run at a time: two would meet at that app.
func Run(ctx context.Context, target string, each func(Result)) (rep Report, err error) {
	b, err := open(ctx, target)
	if err != nil {
		return Report{}, err
	}
	defer func() {
		err = cmp.Or(err, b.close(context.WithoutCancel(ctx)))
	}()
	rep.OK = true
	all := cases()
	for i, st := range Documented() {
		if ctx.Err() != nil {
			return rep, ctx.Err()
		}
		key := Key{st.Operation, st.Value}
		one := Result{Operation: st.Operation, Value: st.Value, Name: st.Name}
		one.Earned = b.earn(ctx, key, all[key])
		one.Forced = b.force(ctx, key, i)
		rep.add(one)
		each(one)
	}
	return rep, nil
}

// earn plays the case and undoes what it changed.
func (b *bench) earn(ctx context.Context, key Key, play scene) Outcome {
	if play == nil {
		return Outcome{Missing, "there is no case"}
	}
	got, err := play(ctx, b)
	if undone := b.undo(ctx); err == nil {
		err = undone
	}
	return outcome(key, got, err)
}

func outcome(key Key, got int, err error) Outcome {
	switch {
	case err != nil:
		return Outcome{Failed, err.Error()}
	case got != key.Value:
		return Outcome{Failed, fmt.Sprintf("got %d", got)}
	}
	return Outcome{State: OK}
}
