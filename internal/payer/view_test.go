package payer

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/google/go-cmp/cmp"

	"sen/internal/vietqr"
	"sen/internal/web/webtest"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	webtest.CheckTexts(t, os.DirFS("."))
}

// The path, painted, is the code that the library made.
func TestDrawQR(t *testing.T) {
	t.Parallel()
	text := vietqr.DefaultIssuer().Encode("ACWH4QMH_wQUF_PxXGs4X4pg", 42, 50_000)
	drawn, err := DrawQR(text)
	if err != nil {
		t.Fatal(err)
	}
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	want := map[[2]int]bool{}
	for y := range code.Bounds().Dy() {
		for x := range code.Bounds().Dx() {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				want[[2]int{x + quiet, y + quiet}] = true
			}
		}
	}
	got := map[[2]int]bool{}
	for part := range strings.SplitSeq(strings.TrimSuffix(drawn.Path, "z"), "z") {
		var x, y, n, back int
		if _, err := fmt.Sscanf(part, "M%d %dh%dv1h-%d", &x, &y, &n, &back); err != nil || n != back {
			t.Fatalf("part %q of the path: %v", part, err)
		}
		for i := range n {
			got[[2]int{x + i, y}] = true
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 400 {
		t.Errorf("%d dark modules (-want +got):\n%s", len(want), diff)
	}
	if want := code.Bounds().Dx() + 2*quiet; drawn.Size != want {
		t.Errorf("Size is %d, want %d", drawn.Size, want)
	}
}

func TestDrawQRTooLong(t *testing.T) {
	t.Parallel()
	if _, err := DrawQR(strings.Repeat("x", 10_000)); err == nil {
		t.Error("a text of 10,000 characters became a QR code")
	}
}

func TestUntil(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for left, want := range map[time.Duration]Deadline{
		-time.Second:               {0, "00:00", 0},
		0:                          {0, "00:00", 0},
		time.Nanosecond:            {1, "00:01", 0},
		59 * time.Second:           {59, "00:59", 0},
		15 * time.Minute:           {900, "15:00", 0},
		time.Hour:                  {3600, "1:00:00", 0},
		48*time.Hour - time.Second: {172_799, "47:59:59", 0},
		30 * 24 * time.Hour:        {2_592_000, "", 30},
	} {
		if got := Until(now.Add(left), now); got != want {
			t.Errorf("with %v left: %v, want %v", left, got, want)
		}
	}
}
