// Package examples holds what the shops of all languages share: how they look,
// and the QR code that their pages draw.
package examples

import "embed"

// Assets has shop.css and qr.mjs.
//
//go:embed shop.css qr.mjs
var Assets embed.FS
