package examples_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"
)

// TestQR compares what the browser draws with what a library makes of the same,
// under whichever mask that chose.
func TestQR(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("not run: node not found")
	}
	for _, length := range []int{1, 17, 18, 106, 107, 134, 135, 154, 155, 230, 231, 321, 322, 523, 524, 858} {
		text := strings.Repeat("https://a.example/?b=ế", 50)[:length]
		text = strings.ToValidUTF8(text, "?")
		want, err := qr.Encode(text, qr.L, qr.Unicode)
		if err != nil {
			t.Fatal(err)
		}
		drawn, matched := masks(t, text), false
		size := want.Bounds().Dx()
		for _, rows := range drawn {
			matched = matched || same(rows, size, func(x, y int) bool {
				r, _, _, _ := want.At(x, y).RGBA()
				return r == 0
			})
		}
		if !matched {
			t.Errorf("%d characters: none of %d masks has the library's %d × %d modules", length, len(drawn), size, size)
		}
	}
}

// masks draws a text under each of the eight masks.
func masks(t *testing.T, text string) (drawn [][][]bool) {
	t.Helper()
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	program := `import { qr } from "./qr.mjs"; console.log(JSON.stringify([0,1,2,3,4,5,6,7].map((m) => qr(` + string(quoted) + `, m))))`
	out, err := exec.CommandContext(t.Context(), "node", "--input-type=module", "-e", program).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := json.Unmarshal(out, &drawn); err != nil {
		t.Fatal(err)
	}
	return drawn
}

func same(rows [][]bool, size int, dark func(x, y int) bool) bool {
	if len(rows) != size {
		return false
	}
	for y, row := range rows {
		for x, got := range row {
			if got != dark(x, y) {
				return false
			}
		}
	}
	return true
}
