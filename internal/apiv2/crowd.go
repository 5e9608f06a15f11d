package apiv2

import (
	"sync/atomic"

	"sen/internal/fault"
)

// errCrowded means that more calls are being carried out than the gateway can
// answer in time.
var errCrowded = fault.New(fault.Limited, "crowded", "The gateway has more calls than it can carry out: call again in a second.")

// A Crowd bounds how many signed calls are carried out at once. Those beyond
// are refused before anything is done for them: a call that waits behind
// thousands is answered when its merchant has long stopped to wait, and costs
// memory meanwhile. The time that an accepted call takes is then at most the
// bound divided by the throughput.
type Crowd struct {
	Most   int64 // 0: any number
	inside atomic.Int64
}

// enter takes a place, or reports errCrowded. Who got one gives it back with
// leave.
func (c *Crowd) enter() error {
	if n := c.inside.Add(1); c.Most > 0 && n > c.Most {
		c.inside.Add(-1)
		return errCrowded
	}
	return nil
}

func (c *Crowd) leave() { c.inside.Add(-1) }
