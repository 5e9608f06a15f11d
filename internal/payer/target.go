package payer

import (
	"net/url"
	"slices"
)

// unsafeSchemes run or show something in the name of this site, or on the
// payer's own machine. Any other scheme may be a merchant's app.
var unsafeSchemes = []string{"javascript", "data", "vbscript", "file", "blob", "filesystem", "about", "view-source"}

// SafeTarget reports whether a payer may be led to the address that a merchant
// gave, signed with its key.
func SafeTarget(target string) bool {
	u, err := url.Parse(target)
	if err != nil || u.Scheme == "" || slices.Contains(unsafeSchemes, u.Scheme) {
		return false
	}
	return u.Scheme != "http" && u.Scheme != "https" || u.Host != ""
}
