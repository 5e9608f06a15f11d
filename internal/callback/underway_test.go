package callback_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"sen/internal/callback"
)

// nothingDue is a queue that is empty.
type nothingDue struct{ callback.Queue }

func (nothingDue) ClaimDeliveries(context.Context, time.Time, time.Time, time.Duration, int) ([]callback.Delivery, error) {
	return nil, nil
}

// Metrics ask how many calls are being made from the first moment on.
func TestUnderwayBeforeTheFirst(t *testing.T) {
	t.Parallel()
	for range 100 {
		d := &callback.Dispatcher{Queue: nothingDue{}, Now: time.Now, Machine: time.Now}
		var both sync.WaitGroup
		both.Go(func() {
			if n := d.Underway(); n != 0 {
				t.Errorf("%d calls, and none is due", n)
			}
		})
		both.Go(func() {
			if _, err := d.Once(t.Context()); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
	}
}
