package apiv2

import (
	"time"

	"sen"
	"sen/internal/metric"
)

// Calls counts the calls of the merchant API.
type Calls struct {
	Operations []*Call
	Unknown    metric.Counter // paths that are no operation's
}

// A Call is what is counted of one operation.
type Call struct {
	Operation string
	Seconds   metric.Durations // from the first byte read until the answer is ready
	Outcomes  []Outcome
}

// An Outcome is one value that the operation answers. There are as many as the
// catalogue has, so to count one is to find it in a short list.
type Outcome struct {
	Value, ReturnCode int
	Count             metric.Counter
}

// NewCalls returns the counts of all operations, at zero.
func NewCalls() *Calls {
	c := &Calls{}
	for _, op := range operations() {
		call := &Call{Operation: op.Name}
		for _, st := range sen.Statuses() {
			if st.Operation == op.Name {
				call.Outcomes = append(call.Outcomes, Outcome{Value: st.Value, ReturnCode: st.ReturnCode})
			}
		}
		c.Operations = append(c.Operations, call)
	}
	return c
}

// of returns the counts of an operation. Without any they are counted for
// nobody.
func (c *Calls) of(operation string) *Call {
	if c != nil {
		for _, call := range c.Operations {
			if call.Operation == operation {
				return call
			}
		}
	}
	return &Call{}
}

// done counts one call that began then.
func (c *Call) done(value int, began time.Time) {
	c.Seconds.Since(began)
	for i := range c.Outcomes {
		if c.Outcomes[i].Value == value {
			c.Outcomes[i].Count.Inc()
			return
		}
	}
}
