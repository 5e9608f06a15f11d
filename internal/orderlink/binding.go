package orderlink

import (
	"net/url"
	"strings"
)

// The paths of links to bindings, and of the pages behind them.
const (
	BindingPath      = "/binding"
	BindingShortPath = "/oauthbe/agreement/"
	BindingPagePath  = "/binding/"
)

// BindingParameter is the query parameter of a link that names the binding.
const BindingParameter = "binding_token"

// BindingURL returns the link to the binding with that token.
func BindingURL(base, token string) string {
	return base + BindingPath + "?" + BindingParameter + "=" + url.QueryEscape(token)
}

// BindingShortURL returns the link to the same that is put into QR codes.
func BindingShortURL(base, token string) string {
	return base + BindingShortPath + url.PathEscape(token)
}

// BindingPage returns where the page of the binding with that token is, below
// the gateway's address.
func BindingPage(token string) string { return BindingPagePath + url.PathEscape(token) }

// Tokens returns the token of the order or of the binding that a link names,
// whatever its host: one that was given out under another address still names
// the same. It returns none for any other text.
func Tokens(link string) (order, binding string) {
	u, err := url.Parse(link)
	if err != nil {
		return "", ""
	}
	if token, _, err := Parse(u.Query().Get(Parameter)); err == nil {
		return token, ""
	}
	if token := u.Query().Get(BindingParameter); token != "" {
		return "", token
	}
	if token, ok := strings.CutPrefix(u.Path, PagePath); ok {
		return token, ""
	}
	for _, path := range []string{BindingShortPath, BindingPagePath} {
		if token, ok := strings.CutPrefix(u.Path, path); ok {
			return "", token
		}
	}
	return "", ""
}
