package crashtest

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"sen"
	"sen/internal/control"
)

// A fault is a way in which a disk fails without taking the process with it.
type fault struct {
	name string
	// arm makes the nth thing fail, and tells how many came.
	arm func(d *disk, n int) (came *int)
	// always says that it is tried at each thing that can fail, on every run.
	always bool
}

// faults are all of them.
func faults() []fault {
	return []fault{
		{name: "a write fails", arm: atWrite(func(e event) error { return failure(e) }, false)},
		{name: "the disk is full for a while", arm: atWrite(func(event) error { return sqlite3.FULL }, true)},
		{name: "a sync fails", always: true, arm: atSync(func(*disk, event) {}, false)},
		{name: "a sync fails, and what was written stays in memory only", always: true, arm: atSync(func(d *disk, e event) { d.loseIn(e.file, false) }, false)},
		{name: "a sync fails, and what was written is gone", always: true, arm: atSync(func(d *disk, e event) { d.loseIn(e.file, true) }, false)},
		{name: "all syncs fail for a while", always: true, arm: atSync(func(d *disk, e event) { d.loseIn(e.file, false) }, true)},
		{name: "a read fails", arm: atRead(sqlite3.IOERR_READ)},
		{name: "a read is short", arm: atRead(shortRead{})},
	}
}

// failure is what SQLite hears of a thing that failed.
func failure(e event) error {
	switch e.kind {
	case truncate:
		return sqlite3.IOERR_TRUNCATE
	case create:
		return sqlite3.CANTOPEN
	case remove:
		return sqlite3.IOERR_DELETE
	default:
		return sqlite3.IOERR_WRITE
	}
}

// atWrite lets the nth thing fail that is no sync, and with lasting all after it.
func atWrite(how func(event) error, lasting bool) func(*disk, int) *int {
	return func(d *disk, n int) *int {
		came := 0
		d.when(func(e event) error {
			if e.kind == force || e.kind == forceDir {
				return nil
			}
			if came++; came == n || lasting && came > n {
				return how(e)
			}
			return nil
		}, nil)
		return &came
	}
}

func atSync(also func(*disk, event), lasting bool) func(*disk, int) *int {
	return func(d *disk, n int) *int {
		came := 0
		d.when(func(e event) error {
			if e.kind != force {
				return nil
			}
			if came++; came == n || lasting && came > n {
				also(d, e)
				return sqlite3.IOERR_FSYNC
			}
			return nil
		}, nil)
		return &came
	}
}

func atRead(how error) func(*disk, int) *int {
	return func(d *disk, n int) *int {
		came := 0
		d.when(nil, func(string) error {
			if came++; came == n {
				return how
			}
			return nil
		})
		return &came
	}
}

// part is which of the things that can fail are tried: all of them, or of each
// five one, another one in each round.
func part(n int) bool {
	if thorough() {
		return true
	}
	round, _ := strconv.Atoi(os.Getenv(roundVar)) // none: the first
	return (n+round)%5 == 0
}

// TestFaultsEverywhere lets the disk fail at each thing that it is asked to do,
// in each way that there is: whatever was answered with success is on the disk, a
// failure is told as one, and the gateway goes on when the disk does.
func TestFaultsEverywhere(t *testing.T) {
	t.Parallel()
	for i, f := range flows() {
		if brief() && i%9 != 2 {
			continue // make faults has the time
		}
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			j := f.begin(t)
			before := j.disk.now()
			if _, _, _, err := j.record(); err != nil {
				t.Fatalf("without any fault: %v", err)
			}
			for _, fault := range faults() {
				t.Run(fault.name, func(t *testing.T) {
					start := time.Now()
					tried := j.everywhere(t, before, fault)
					t.Logf("%d faults, %v", tried, time.Since(start).Round(time.Millisecond))
				})
			}
		})
	}
}

// everywhere tries a fault at the first thing, the second, and so on, until there
// are no more.
func (j *judge) everywhere(t *testing.T, before image, fault fault) (tried int) {
	t.Helper()
	for n := 1; ; n++ {
		if !fault.always && !part(n) {
			continue // whether there is an nth is found out at the next that is tried
		}
		fired, err := j.with(before, fault, n)
		if err != nil {
			t.Errorf("at %d: %v", n, err)
		}
		if !fired {
			return tried
		}
		tried++
	}
}

// with lets the nth thing fail, and says whether there was one.
func (j *judge) with(before image, fault fault, n int) (fired bool, err error) {
	d := newDisk(j.t, before)
	defer d.forget()
	tr, err := j.on(d)
	if err != nil {
		return false, err
	}
	r := d.mark()
	came := fault.arm(d, n)
	got, failed := j.flow.run(tr)
	fired = d.well(came) >= n
	for _, e := range d.since() {
		r.step(e)
	}
	for _, f := range failed {
		if !unknown(f) {
			err = errors.Join(err, fmt.Errorf("a failure of the disk was told as something else: %w", f))
		}
	}
	got = slices.DeleteFunc(got, func(a answered) bool { return j.flow.steps[a.step].due })
	if e := j.again(tr); e != nil {
		err = errors.Join(err, fmt.Errorf("the disk is well again: %w", e))
	}
	if e := tr.stop(); e != nil {
		err = errors.Join(err, fmt.Errorf("stop: %w", e))
	}
	if e := j.holds(r.forced(), got); e != nil {
		err = errors.Join(err, fmt.Errorf("the power went after it: %w", e))
	}
	return fired, err
}

// holds reports whether what was answered is on a disk that was left, and whether
// a gateway can go on from there.
func (j *judge) holds(left image, got []answered) error {
	_, all, err := newJudge(j.trial, j.flow).recover(left)
	if err != nil {
		return err
	}
	for _, p := range j.flow.wrong(got, all) {
		return errors.New(p)
	}
	return j.goOn(left)
}

// unknown reports whether an answer says that the gateway does not know, or that
// it could not do it, as opposed to that it may not.
func unknown(err error) bool {
	if refusal, ok := errors.AsType[*sen.Error](err); ok {
		return refusal.Code() == sen.CodeInternal
	}
	if refusal, ok := errors.AsType[*control.Error](err); ok {
		return refusal.Code == "internal" || inFlight([]error{err})
	}
	return true
}
