package clock_test

import (
	"testing"
	"time"

	"sen/internal/clock"
)

func TestClock(t *testing.T) {
	t.Parallel()
	machine := time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
	c := &clock.Clock{Machine: func() time.Time { return machine }}
	woken := 0
	c.OnMove(func() { woken++ })
	c.OnMove(func() {
		if c.Offset() != 0 && !c.Now().Equal(machine.Add(c.Offset())) {
			t.Error("told before the clock had moved")
		}
		woken++
	})
	for i, offset := range []time.Duration{0, time.Hour, -48 * time.Hour, time.Nanosecond} {
		c.Move(offset)
		if got := c.Now(); !got.Equal(machine.Add(offset)) || c.Offset() != offset {
			t.Errorf("at %v: %v", offset, got)
		}
		if woken != 2*(i+1) {
			t.Errorf("%d calls after %d moves", woken, i+1)
		}
	}
	machine = machine.Add(time.Minute) // it goes on from where it is
	if got := c.Now(); !got.Equal(machine.Add(time.Nanosecond)) {
		t.Errorf("a minute later: %v", got)
	}
	var real clock.Clock
	if before := time.Now(); real.Now().Before(before) {
		t.Error("the zero clock is behind the machine's")
	}
}
