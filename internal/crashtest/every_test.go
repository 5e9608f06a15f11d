package crashtest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"sen/internal/control"
)

// What is tried is chosen by the environment: everything; or, in rounds that have a
// number, all crashes and syncs, and a fifth of the other faults; or a little.
const (
	everyVar = "SEN_TEST_EVERY_FAULT"
	roundVar = "SEN_TEST_FAULT_ROUND"
)

// thorough makes every disk that can be left be tried with a whole gateway, and
// tears every write after each of its sectors.
func thorough() bool { return os.Getenv(everyVar) != "" }

// brief is for those who just run the tests.
func brief() bool { return !thorough() && os.Getenv(roundVar) == "" }

// shuffles is how often chance chooses what survives of the writes that were not
// forced.
func shuffles() uint64 {
	switch {
	case thorough():
		return 8
	case brief():
		return 1
	}
	return 2
}

// A ruin is a disk as it was left.
type ruin struct {
	how string
	image
}

// ruins are the disks that can be left when the power goes after r, of which next
// is about to be written, if anything is.
func ruins(r *replay, at int, next *event) []ruin {
	all := []ruin{{"all was written", r.written()}, {"only what was forced", r.forced()}, {"only what was forced, and names", r.named()}}
	for n := range shuffles() {
		all = append(all, ruin{fmt.Sprintf("some sectors, chosen by %d", n), r.shuffled(uint64(at)<<8 | n)})
	}
	if next == nil || brief() && at%4 != 0 {
		return all
	}
	count := sectors(*next)
	for n := 1; n < count; n++ {
		if thorough() || n == 1+at%(count-1) {
			all = append(all, ruin{fmt.Sprintf("the first %d of %d sectors of the next write", n, count), r.torn(*next, n)})
		}
	}
	return all
}

// A state is what SQLite makes of a disk that was left.
type state struct {
	order int // of the commit that it is of
	lines []string
}

// A judge holds what is on disks that were left against what was answered.
type judge struct {
	*trial
	flow  flow
	clean []string // what it comes to when nothing goes wrong

	known  map[uint64]*state            // by what is on the disk
	seen   map[[sha256.Size]byte]*state // by what is in the database
	states int
	served int // disks that a gateway was started on
}

// recover lets SQLite have a disk that was left, and returns what it finds there.
func (j *judge) recover(left image) (key [sha256.Size]byte, all []string, err error) {
	if len(left[database]) == 0 && len(left[database+"-wal"]) == 0 {
		return key, nil, nil // the gateway has not begun
	}
	d := newDisk(j.t, left)
	defer d.forget()
	conn, err := sqlite3.Open(d.url())
	if err != nil {
		return key, nil, fmt.Errorf("open: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := conn.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return key, nil, fmt.Errorf("checkpoint: %w", err)
	}
	key = sha256.Sum256(d.now()[database])
	if j.seen[key] != nil {
		return key, nil, nil
	}
	st, _, err := conn.Prepare("PRAGMA integrity_check")
	if err != nil {
		return key, nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	for st.Step() {
		if text := st.ColumnText(0); text != "ok" {
			return key, nil, fmt.Errorf("integrity_check: %s", text)
		}
	}
	if err := st.Err(); err != nil {
		return key, nil, err
	}
	all, err = lines(conn)
	return key, all, err
}

// judge looks at a disk that was left. whole says that it is one on which all was
// written, so that what is there is a commit. It returns the state.
func (j *judge) judge(left image, whole bool) (*state, error) {
	sum := left.sum()
	if s := j.known[sum]; s != nil {
		return s, nil
	}
	s, err := j.newly(left, whole)
	if err == nil {
		j.known[sum] = s
	}
	return s, err
}

func (j *judge) newly(left image, whole bool) (*state, error) {
	key, all, err := j.recover(left)
	if err != nil {
		return nil, err
	}
	s, known := j.seen[key]
	if !known {
		if !whole {
			return nil, errors.New("there is something that was never committed: half a transaction")
		}
		s = &state{order: j.states, lines: all}
		j.states++
		j.seen[key] = s
	}
	if known && !thorough() {
		return s, nil
	}
	j.served++
	return s, j.goOn(left)
}

// goOn starts a gateway on a disk that was left, and asks it for everything
// again: that must come to the same as if nothing had gone wrong.
func (j *judge) goOn(left image) error {
	d := newDisk(j.t, left)
	defer d.forget()
	tr, err := j.on(d)
	if err != nil {
		return fmt.Errorf("a gateway does not start: %w", err)
	}
	err = errors.Join(tr.sound(), j.again(tr))
	return errors.Join(err, tr.stop())
}

// again asks for everything again.
func (j *judge) again(tr *trial) error {
	_, failed := j.flow.run(tr)
	if inFlight(failed) { // the bank is asked first what came of it
		if err := tr.wait("1m"); err != nil {
			return err
		}
		_, failed = j.flow.run(tr)
	}
	if len(failed) > 0 {
		return fmt.Errorf("asked again: %w", errors.Join(failed...))
	}
	if err := errors.Join(tr.settle(), tr.sound()); err != nil {
		return fmt.Errorf("after it was asked again: %w", err)
	}
	all, err := tr.look()
	if err != nil {
		return err
	}
	if d := differ(j.clean, all); d != "" {
		return fmt.Errorf("asked again, it comes to something else:%s", d)
	}
	return tr.work()
}

// inFlight reports whether what was asked for is under way already.
func inFlight(failed []error) bool {
	return slices.ContainsFunc(failed, func(err error) bool {
		refusal, ok := errors.AsType[*control.Error](err)
		return ok && refusal.Code == "order_in_flight" || errors.Is(err, errInFlight)
	})
}

// query returns the first column of the first row.
func (tr *trial) query(text string) (value string, err error) {
	conn, err := sqlite3.Open(tr.disk.url())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	st, _, err := conn.Prepare(text)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if !st.Step() {
		return "", errors.Join(st.Err(), errors.New("there is nothing"))
	}
	return st.ColumnText(0), nil
}

// look returns the summary of a gateway that serves.
func (tr *trial) look() (all []string, err error) {
	conn, err := sqlite3.Open(tr.disk.url())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return lines(conn)
}

// begin prepares a flow at a gateway on a new disk.
func (f flow) begin(t testing.TB) *judge {
	t.Helper()
	made, err := furnished()
	if err != nil {
		t.Fatal(err)
	}
	tr, err := newTrial(t).on(newDisk(t, made.disk))
	if err != nil {
		t.Fatal(err)
	}
	if f.prepare != nil {
		if err := f.prepare(tr); err != nil {
			t.Fatal(err)
		}
	}
	if err := calling(tr); err != nil {
		t.Fatal(err)
	}
	return newJudge(tr, f)
}

func newJudge(tr *trial, f flow) *judge {
	return &judge{trial: tr, flow: f, known: map[uint64]*state{}, seen: map[[sha256.Size]byte]*state{}}
}

// record runs a flow without any fault, and once more, which must change nothing.
func (j *judge) record() (start *replay, log []event, got []answered, err error) {
	start = j.disk.mark()
	got, failed := j.flow.run(j.trial)
	log = j.disk.since()
	err = errors.Join(append(failed, j.settle(), j.sound())...)
	if err == nil {
		j.clean, err = j.look()
	}
	if err == nil {
		err = j.again(j.trial)
	}
	return start, log, got, errors.Join(err, j.stop())
}

// TestCrashEverywhere takes the power away after each thing that the disk is
// asked to do while a gateway does what it is asked to do.
func TestCrashEverywhere(t *testing.T) {
	t.Parallel()
	for _, f := range flows() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			j := f.begin(t)
			start := time.Now()
			r, log, got, err := j.record()
			if err != nil {
				t.Fatalf("without any fault: %v", err)
			}
			j.report(r, log, got, start)
		})
	}
}

// report judges every disk that can be left, and fails the test for what is wrong.
func (j *judge) report(r *replay, log []event, got []answered, start time.Time) {
	j.t.Helper()
	left, problems := j.crash(r, log, got)
	for i, p := range problems {
		if i == 10 {
			j.t.Errorf("and %d more", len(problems)-i)
			break
		}
		j.t.Error(p)
	}
	j.t.Logf("%d events, %d disks that could be left, %d states, %d gateways started on them, %v",
		len(log), left, j.states, j.served, time.Since(start).Round(time.Millisecond))
}

// crash judges every disk that can be left, and says what is wrong with it.
func (j *judge) crash(r *replay, log []event, got []answered) (left int, problems []string) {
	committed := make([]int, len(log)+1) // the last commit that is written, after each event
	for at := range len(log) + 1 {
		var next *event
		if at < len(log) {
			next = &log[at]
		}
		already := slices.DeleteFunc(slices.Clone(got), func(a answered) bool { return a.events > at })
		least := 0
		for _, a := range already {
			least = max(least, committed[a.events])
		}
		for i, ruin := range ruins(r, at, next) {
			left++
			whole := i == 0
			s, err := j.judge(ruin.image, whole)
			where := fmt.Sprintf("after %d of %d events, %s", at, len(log), ruin.how)
			if err != nil {
				problems = append(problems, fmt.Sprintf("%s: %v", where, err))
				if s == nil {
					continue
				}
			}
			if whole {
				committed[at] = s.order
				for _, a := range already {
					least = max(least, committed[a.events])
				}
			}
			for _, p := range j.flow.wrong(already, s.lines) {
				problems = append(problems, where+": "+p)
			}
			if s.order < least {
				problems = append(problems, fmt.Sprintf("%s: what was committed before an answer is gone", where))
			}
		}
		if next != nil {
			r.step(*next)
		}
	}
	return left, problems
}
