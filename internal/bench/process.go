package bench

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// A process is what the system tells about one. Only Linux does.
type process struct {
	parent int
	own    time.Duration // of the processor, so far
	ended  time.Duration // of its children that have ended
}

// ticks is the unit of times in /proc on every Linux that Go runs on.
const ticks = 100

func processOf(pid int) (p process, ok bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return p, false
	}
	// The name of the program may have spaces in it; it ends with the last ")".
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	const parent, user, system, endedUser, endedSystem = 1, 11, 12, 13, 14 // the 4th and the 14th to 17th of all
	if len(fields) <= endedSystem {
		return p, false
	}
	var n [endedSystem + 1]int64
	for _, i := range []int{parent, user, system, endedUser, endedSystem} {
		if n[i], err = strconv.ParseInt(fields[i], 10, 64); err != nil {
			return p, false
		}
	}
	p.parent = int(n[parent])
	p.own = time.Duration(n[user]+n[system]) * time.Second / ticks
	p.ended = time.Duration(n[endedUser]+n[endedSystem]) * time.Second / ticks
	return p, true
}

// familyTime returns the processor time that a process and its children have
// used, those included that have ended.
func familyTime(root int) (time.Duration, bool) {
	const tries = 10
	var sum time.Duration
	for range tries {
		before, ok := processOf(root)
		if !ok {
			return 0, false
		}
		sum = before.own + before.ended + childrenTime(root)
		// A child that ends meanwhile is counted twice or not at all.
		if after, ok := processOf(root); ok && after.ended == before.ended {
			break
		}
	}
	return sum, true
}

func childrenTime(parent int) (sum time.Duration) {
	entries, _ := os.ReadDir("/proc") // the root was there, and so is this
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if p, ok := processOf(pid); ok && p.parent == parent {
			sum += p.own
		}
	}
	return sum
}
