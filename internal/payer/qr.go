package payer

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// QR is a QR code as an SVG path over a square of Size modules.
type QR struct {
	Size int
	Path string
}

// quiet is the margin that a scanner needs, in modules.
const quiet = 4

// DrawQR returns the code of a text. Dark modules that touch in a row are one
// rectangle, which keeps the path short and free of seams.
func DrawQR(text string) (QR, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return QR{}, fmt.Errorf("draw a QR code: %w", err)
	}
	size := code.Bounds().Dx()
	dark := func(x, y int) bool { return x < size && code.At(x, y) == color.Black }
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			from := x
			for dark(x, y) {
				x++
			}
			if n := x - from; n > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, n, n)
			}
		}
	}
	return QR{Size: size + 2*quiet, Path: path.String()}, nil
}
