package checkout

import (
	"fmt"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"
	"github.com/google/go-cmp/cmp"

	"sen/internal/vietqr"
)

// The path, painted, is the code that the library made.
func TestDrawQR(t *testing.T) {
	t.Parallel()
	text := vietqr.DefaultIssuer().Encode("ACWH4QMH_wQUF_PxXGs4X4pg", 42, 50_000)
	drawn, err := drawQR(text)
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
	if _, err := drawQR(strings.Repeat("x", 10_000)); err == nil {
		t.Error("a text of 10,000 characters became a QR code")
	}
}

func TestReadItems(t *testing.T) {
	t.Parallel()
	many := "[" + strings.TrimSuffix(strings.Repeat(`{"itemname":"a"},`, 13), ",") + "]"
	for _, c := range []struct {
		text string
		want []item
		more int
	}{
		{"", nil, 0},
		{"[]", nil, 0},
		{"{}", nil, 0},
		{"not JSON", nil, 0},
		{`["a",7,null,{}]`, nil, 0},
		{`[{"itemname":"a","itemquantity":2,"itemprice":1500}]`, []item{{"a", "2", 1500}}, 0},
		{`[{"itemname":"a","itemquantity":"2","itemprice":"1500"}]`, []item{{"a", "2", 1500}}, 0},
		{`[{"itemname":"a","itemquantity":1.5,"itemprice":-3}]`, []item{{"a", "", 0}}, 0},
		{`[{"itemname":" "},{"itemname":7},{"itemname":"b","itemprice":{}}]`, []item{{"b", "", 0}}, 0},
		{many, slicesOf(item{Name: "a"}, maxItems), 3},
	} {
		got, more := readItems(c.text)
		if diff := cmp.Diff(c.want, got); diff != "" || more != c.more {
			t.Errorf("readItems(%s): %d more, want %d (-want +got):\n%s", c.text, more, c.more, diff)
		}
	}
}

func slicesOf(it item, n int) (all []item) {
	for range n {
		all = append(all, it)
	}
	return all
}

func TestClockText(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[int64]string{
		0: "00:00", 59: "00:59", 900: "15:00", 3600: "1:00:00", 86_400: "24:00:00", 172_799: "47:59:59",
	} {
		if got, days := clockText(seconds); got != want || days != 0 {
			t.Errorf("clockText(%d) = %q, %d days, want %q", seconds, got, days, want)
		}
	}
	if got, days := clockText(2_592_000); got != "" || days != 30 {
		t.Errorf("clockText of 30 days = %q, %d", got, days)
	}
}
