package cli

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTable(t *testing.T) {
	t.Parallel()
	tb := newTable("NAME", ">BALANCE", "STATE")
	tb.add("Đỗ Văn Khánh", amount(50_000), "locked")
	tb.add("O", amount(-1_234_567), "-")
	var got strings.Builder
	tb.write(&got, "none")
	const want = `NAME                BALANCE   STATE
Đỗ Văn Khánh       50.000 ₫   locked
O              -1.234.567 ₫   -
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestTableEmpty(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	newTable("NAME").write(&got, "Nobody.")
	if got.String() != "Nobody.\n" {
		t.Errorf("got %q", got.String())
	}
}

func TestFacts(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	facts(&got, "a", "1", "a long name that is left out", "", "bc", "2")
	if want := "a    1\nbc   2\n"; got.String() != want {
		t.Errorf("got %q, want %q", got.String(), want)
	}
}

func TestMoment(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 31, 17, 30, 0, 0, time.UTC)
	if got, want := moment(at), "2027-01-01 00:30:00 GMT+7"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAhead(t *testing.T) {
	t.Parallel()
	for offset, want := range map[string]string{
		"0s":      "the machine's clock",
		"15m0.4s": "15m0s ahead of the machine's clock",
		"-1h0m0s": "1h0m0s behind the machine's clock",
		"strange": "strange",
	} {
		if got := ahead(offset); got != want {
			t.Errorf("%s: got %q, want %q", offset, got, want)
		}
	}
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for bp, want := range map[int64]string{0: "0.00 %", 5: "0.05 %", 150: "1.50 %", 10_000: "100.00 %"} {
		if got := percent(bp); got != want {
			t.Errorf("%d: got %q, want %q", bp, got, want)
		}
	}
}

// The time in a bubble stands still while the test works.
func TestUntil(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	for _, c := range []struct {
		name    string
		ready   time.Duration
		fails   error
		wait    time.Duration
		want    bool
		atLeast time.Duration
		atMost  time.Duration
	}{
		{"at once", 0, nil, time.Minute, true, 0, 0},
		{"later", time.Second, nil, time.Minute, true, time.Second, 1100 * time.Millisecond},
		{"never", time.Hour, nil, time.Minute, false, time.Minute, time.Minute},
		{"no patience", time.Hour, nil, 0, false, 0, 0},
		{"failure", 0, failed, time.Minute, false, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				got, err := until(t.Context(), c.wait, func() (bool, error) {
					return c.fails == nil && time.Since(began) >= c.ready, c.fails
				})
				took := time.Since(began)
				if got != c.want || !errors.Is(err, c.fails) || took < c.atLeast || took > c.atMost {
					t.Errorf("%v, %v after %v, want %v, %v after %v to %v", got, err, took, c.want, c.fails, c.atLeast, c.atMost)
				}
			})
		})
	}
}
