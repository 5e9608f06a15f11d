package simtest

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sen"
)

// What a run can be told by the environment; 'make simulate' does.
const (
	envSeed  = "SEN_SIMULATE_SEED"  // the first seed; the others follow
	envSteps = "SEN_SIMULATE_STEPS" // of each seed
	envHours = "SEN_SIMULATE_HOURS" // how long to go on; none: one seed
	envOnly  = "SEN_SIMULATE_ONLY"  // the steps to make, as in 3,17,20
	envEvery = "SEN_SIMULATE_EVERY" // after how many steps all rows are looked at
)

// simulate runs a plan to its end.
func simulate(t *testing.T, p plan) *sim {
	t.Helper()
	dir, err := os.MkdirTemp(memory(), "sen-simulation-") //nolint:usetesting // a test's own directory lasts as long as the test, and a disk is slow
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.begin(dir)
	if err != nil {
		t.Fatal(err)
	}
	s.run()
	if err := s.end(); err != nil {
		t.Error(err)
	}
	return s
}

// memory is a directory whose files are on no disk, if there is one: nothing
// here pulls a plug.
func memory() string {
	const shm = "/dev/shm"
	if info, err := os.Stat(shm); err == nil && info.IsDir() {
		return shm
	}
	return ""
}

// failed reports what a simulation found, and how to see it again.
func (s *sim) failed(t *testing.T) {
	t.Helper()
	if len(s.found) == 0 {
		return
	}
	small := shrink(t, s)
	for _, v := range small.found {
		t.Errorf("%v", v)
	}
	only := make([]string, len(small.only))
	for i, n := range small.only {
		only[i] = strconv.Itoa(n)
	}
	t.Errorf("seed %d broke invariant %d at step %d. Again, with the %d steps that it takes:\n\n\tmake simulate SEED=%d STEPS=%d ONLY=%s\n\nThe end of it:\n%s",
		s.seed, s.found[0].rule, s.step, len(small.only), s.seed, s.step, strings.Join(only, ","), small.tail(24))
}

// shrink leaves out steps as long as the same invariant breaks.
func shrink(t *testing.T, s *sim) *sim {
	t.Helper()
	const patience = 20 * time.Second
	best, until := s, time.Now().Add(patience)
	steps := s.only
	if steps == nil {
		for i := 1; i <= s.step; i++ {
			steps = append(steps, i)
		}
	}
	best.only = steps
	for size := len(steps) / 2; size > 0; size /= 2 {
		for at := 0; at < len(steps) && time.Now().Before(until); {
			fewer := slices.Concat(steps[:at], steps[min(at+size, len(steps)):])
			if len(fewer) == 0 {
				break
			}
			p := s.plan
			p.only, p.steps, p.every = fewer, s.step, 1
			again := simulate(t, p)
			if len(again.found) > 0 && again.found[0].rule == s.found[0].rule {
				best, steps = again, fewer
			} else {
				at += size
			}
		}
	}
	return best
}

// TestSeeds simulates seeds that are always the same, and one of the day.
func TestSeeds(t *testing.T) {
	day := uint64(time.Now().Unix() / 86_400)
	for _, seed := range []uint64{1, 2, 4, day} {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			s := simulate(t, plan{seed: seed, steps: 250})
			s.failed(t)
			t.Logf("%d requests, %d values, digest %s", s.asked.Load(), len(s.reached), s.sum())
		})
	}
}

// TestSame runs a seed twice: each request, answer and callback is the same, to
// the byte.
func TestSame(t *testing.T) {
	t.Parallel()
	first, second := simulate(t, plan{seed: 5, steps: 250}), simulate(t, plan{seed: 5, steps: 250})
	if first.sum() == second.sum() {
		return
	}
	for i := range min(len(first.lines), len(second.lines)) {
		if first.lines[i] != second.lines[i] {
			t.Fatalf("the same seed came to two histories:\n%s\n%s", first.lines[i], second.lines[i])
		}
	}
	t.Fatal("the same seed came to two histories")
}

// TestSimulate runs what the environment says, until something fails.
func TestSimulate(t *testing.T) {
	if os.Getenv(envSeed) == "" {
		t.Skip("not run: a long simulation (make simulate)")
	}
	p := plan{seed: uint64(variable(t, envSeed, 1)), steps: int(variable(t, envSteps, 1000)), every: int(variable(t, envEvery, 25))}
	for text := range strings.SplitSeq(os.Getenv(envOnly), ",") {
		if n, err := strconv.Atoi(text); err == nil {
			p.only, p.every = append(p.only, n), 1
		}
	}
	began := time.Now()
	end := began.Add(time.Duration(variable(t, envHours, 0) * float64(time.Hour)))
	sum := tally{reached: map[reached]int{}, made: map[string]int{}}
	for {
		s := simulate(t, p)
		sum.add(s)
		if s.failed(t); t.Failed() || p.only != nil || !time.Now().Before(end) {
			break
		}
		p.seed++
	}
	t.Log(sum.report(time.Since(began)))
}

// variable reads a number from the environment.
func variable(t *testing.T, name string, otherwise float64) float64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// A tally is what simulations came to together.
type tally struct {
	seeds, steps, asked, full, lives, crowds int
	reached                                  map[reached]int
	made                                     map[string]int
}

func (t *tally) add(s *sim) {
	t.seeds++
	t.asked += int(s.asked.Load())
	t.full += s.full
	t.lives += s.lives
	t.crowds += s.crowds
	for k, n := range s.reached {
		t.reached[k] += n
	}
	for k, n := range s.made {
		t.made[k] += n
		t.steps += n
	}
}

// report says how much was simulated, and which values were not reached.
func (t *tally) report(took time.Duration) string {
	documented, there, forced, all := 0, 0, 0, 0
	operations := map[string]bool{}
	var missing []string
	for _, st := range sen.Statuses() {
		if st.Operation == sen.RedirectStatus {
			continue
		}
		earned := t.reached[reached{st.Operation, st.Value, false}] > 0
		if earned {
			all++
			operations[st.Operation] = true
		}
		if !st.Documented {
			continue
		}
		documented++
		switch {
		case earned:
			there++
		case t.reached[reached{st.Operation, st.Value, true}] > 0:
			forced++
			missing = append(missing, fmt.Sprint(st.Operation, " ", st.Value, " (forced)"))
		default:
			missing = append(missing, fmt.Sprint(st.Operation, " ", st.Value))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d seeds, %d steps in %v (%.0f a second), %d requests, %d crowds, %d looks at all rows, %d lives of the gateway\n",
		t.seeds, t.steps, took.Round(time.Second), float64(t.steps)/took.Seconds(), t.asked, t.crowds, t.full, t.lives)
	fmt.Fprintf(&b, "%d operations; of %d documented values %d were earned, and %d more forced; earned with those that are not documented: %d\n",
		len(operations), documented, there, forced, all)
	fmt.Fprintf(&b, "not earned: %s\n", strings.Join(missing, ", "))
	for _, name := range slices.Sorted(maps.Keys(t.made)) {
		fmt.Fprintf(&b, "%8d %s\n", t.made[name], name)
	}
	return b.String()
}
