package payer

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"sen/internal/id"
)

// Open is the state of what still waits for its payer; the script of a page
// loads it anew when it reads any other.
const Open = "open"

// A Deadline is how long is left, as a page shows it.
type Deadline struct {
	Seconds int64
	Text    string // as a clock shows it
	Days    int64  // instead of Text when there are at least two
}

// Until returns the time left from now to end. A begun second counts as a whole
// one, so that 0 means that the time is up.
func Until(end, now time.Time) Deadline {
	const day = 24 * 60 * 60
	s := max(0, int64((end.Sub(now)+time.Second-1)/time.Second))
	if s >= 2*day {
		return Deadline{Seconds: s, Days: s / day}
	}
	hours, minutes, rest := s/3600, s/60%60, s%60
	if hours > 0 {
		return Deadline{Seconds: s, Text: fmt.Sprintf("%d:%02d:%02d", hours, minutes, rest)}
	}
	return Deadline{Seconds: s, Text: fmt.Sprintf("%02d:%02d", minutes, rest)}
}

// Day returns the day of a time in Vietnam as people there write it.
func Day(at time.Time) string { return at.In(id.Vietnam).Format("02/01/2006") }

// Moment returns a time in Vietnam to the second.
func Moment(at time.Time) string { return at.In(id.Vietnam).Format("15:04:05 02/01/2006") }

// WriteState answers the script of a page: the state, and what is left of the
// time while it is Open.
func WriteState(w http.ResponseWriter, state string, left Deadline) error {
	body, err := json.Marshal(struct {
		State       string `json:"state"`
		SecondsLeft int64  `json:"seconds_left"`
	}{state, left.Seconds})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(body)
	return err
}
