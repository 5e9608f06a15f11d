package apiv2

import (
	"net/http"
	"sync/atomic"
	"time"

	"sen/internal/fault"
)

// errCrowded means that more calls are being carried out than the gateway can
// answer in time.
var errCrowded = fault.New(fault.Limited, "crowded", "The gateway has more calls than it can carry out: call again in a second.")

// A Crowd bounds how many calls are carried out at once. Those beyond are refused
// before anything is done for them: a call that waits behind
// thousands is answered when its merchant has long stopped to wait, and costs
// memory meanwhile. The time that an accepted call takes is then at most the
// bound divided by the throughput.
type Crowd struct {
	Most   int64 // 0: any number
	inside atomic.Int64
}

// full reports errCrowded while there is no place. Whoever still has to read a
// request takes none: a client may send slowly.
func (c *Crowd) full() error {
	if c.Most > 0 && c.inside.Load() >= c.Most {
		return errCrowded
	}
	return nil
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

// crowdPause is how long nothing more is read from a connection whose call was
// refused. Its client was told to come again in a second; one that does not
// listen would take from the calls that were let in what refusing costs.
const crowdPause = 100 * time.Millisecond

// hesitate sends what was answered, and reads nothing more for a while.
func hesitate(w http.ResponseWriter, r *http.Request) {
	if http.NewResponseController(w).Flush() == nil { // or the client would wait for its answer
		pause(r.Context(), crowdPause)
	}
}
