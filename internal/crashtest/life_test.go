package crashtest

import (
	"errors"
	"testing"
	"time"
)

// TestCrashWhileStartingAndStopping takes the power away after each thing that a
// gateway asks of the disk from its start to its end: on a disk with nothing on
// it, on one that a gateway has left in order, and on one that was left in the
// midst of work.
func TestCrashWhileStartingAndStopping(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(*testing.T) image{"first": nothing, "next": inOrder, "after a crash": inTheMidst} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDisk(t, before(t))
			start := d.mark()
			began := time.Now()
			tr, err := newTrial(t).on(d)
			if err != nil {
				t.Fatal(err)
			}
			j := newJudge(tr, flow{})
			if j.clean, err = tr.look(); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(tr.sound(), tr.stop()); err != nil {
				t.Fatal(err)
			}
			j.report(start, d.since(), nil, began)
		})
	}
}

func nothing(*testing.T) image { return nil }

func inOrder(t *testing.T) image {
	t.Helper()
	made, err := furnished()
	if err != nil {
		t.Fatal(err)
	}
	return made.disk
}

func inTheMidst(t *testing.T) image {
	t.Helper()
	j := flow{prepare: all(creating(1), paying(1, thin), writingBack, creating(2), paying(2, thin))}.begin(t)
	left := j.disk.now()
	if err := j.stop(); err != nil {
		t.Fatal(err)
	}
	return left
}
