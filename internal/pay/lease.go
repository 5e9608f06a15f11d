package pay

import (
	"context"
	"errors"
	"sync"
	"time"

	"sen/internal/fault"
)

// leaseTime is how long a worker has a refund or a charge to itself. It
// outlives the patience with a bank, so that only a process that is gone, or
// was stopped for long, loses one; then somebody else goes on with it.
const leaseTime = 2 * bankPatience

// A Lease names a claim: it is when the claim ends, in microseconds of the
// machine's time, and later than any before on the same row; 0 is none. What is
// written about a row carries the lease under which the row was claimed, so
// that a worker who comes back too late writes nothing.
type Lease int64

func (s *Service) newLease() (machine, until time.Time) {
	machine = s.Machine()
	return machine, machine.Add(leaseTime)
}

func leaseUntil(until time.Time) Lease { return Lease(until.UnixMicro()) }

// claim looks whether there is work, and takes some: most looks find nothing,
// and a read disturbs nobody.
func claim[T any](ctx context.Context, s *Service,
	due func(r Reader, now, machine time.Time) (bool, error), take func(tx Tx, now, machine, until time.Time) ([]T, error),
) (claimed []T, err error) {
	now := s.Now()
	machine, until := s.newLease()
	var some bool
	err = s.Store.View(ctx, func(r Reader) (err error) {
		some, err = due(r, now, machine)
		return err
	})
	if err != nil || !some {
		return nil, err
	}
	err = s.Store.Update(ctx, func(tx Tx) (err error) {
		claimed, err = take(tx, now, machine, until)
		return err
	})
	return claimed, err
}

// together does the work at the same time: a store that commits for many at
// once then does it for these, and one that can't be done holds up no other.
func together[T any](inTurn bool, all []T, work func(T) error) (err error) {
	if inTurn {
		for _, one := range all {
			err = errors.Join(err, work(one))
		}
		return err
	}
	failures := make(chan error, len(all))
	var done sync.WaitGroup
	for _, one := range all {
		done.Go(func() {
			if err := work(one); err != nil {
				failures <- err
			}
		})
	}
	done.Wait()
	close(failures)
	for failed := range failures {
		err = errors.Join(err, failed)
	}
	return err
}

// errKeyTaken says that another process drew the same key. No caller sees it.
var errKeyTaken = fault.New(fault.Conflict, "key_taken", "The key is taken.")

// withKey runs fn with keys until one of them is not taken.
func (s *Service) withKey(now time.Time, fn func(key int64) error) error {
	for {
		if err := fn(s.IDs.Key(now, 0)); !errors.Is(err, errKeyTaken) {
			return err
		}
	}
}
