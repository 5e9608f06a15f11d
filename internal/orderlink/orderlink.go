// Package orderlink builds and reads the links to the hosted pages of orders
// and bindings. It is a package of its own because the API, which gives links
// out, and the pages, which read them, must not import each other, and the API
// has no use for the templates and sessions of package web.
package orderlink

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"

	"sen/internal/fault"
	"sen/internal/merchant"
)

// Path is where a link leads, below the gateway's address.
const Path = "/openinapp"

// PagePath is where the pages of orders are.
const PagePath = "/checkout/"

// Page returns where the page of the order with that token is, below the
// gateway's address.
func Page(token string) string { return PagePath + url.PathEscape(token) }

// Parameter is the query parameter that carries the payload.
const Parameter = "order"

// ErrInvalid refuses a payload that names no order.
var ErrInvalid = fault.New(fault.Invalid, "order_link", "The link does not name an order.")

// payload is compact JSON in base64 on the wire; the names are the protocol's.
type payload struct {
	Token string      `json:"zptranstoken"`
	App   merchant.ID `json:"appid"`
}

// maxPayload is far more than any link that was given out has.
const maxPayload = 512

// escapes are for the characters of base64 that mean something in a query.
var escapes = strings.NewReplacer("+", "%2B", "/", "%2F")

// OrderURL returns the link to the order with that token. base is the
// gateway's address, such as https://pay.example.
func OrderURL(base, token string, app merchant.ID) string {
	// The encoder can't fail: a string and a number.
	text, _ := json.Marshal(payload{Token: token, App: app})
	order := base64.StdEncoding.EncodeToString(text)
	// The padding stays as it is: merchants compare links with recorded ones.
	order = escapes.Replace(order)
	return strings.TrimSuffix(base, "/") + Path + "?" + Parameter + "=" + order
}

// Parse reads the payload of a link, already freed of percent signs. It takes
// the standard and the URL alphabet, padded or not, and a plus sign that came
// as a space: links were written in all of these forms.
func Parse(order string) (token string, app merchant.ID, err error) {
	if len(order) > maxPayload {
		return "", 0, ErrInvalid
	}
	order = strings.NewReplacer(" ", "+", "-", "+", "_", "/").Replace(order)
	text, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(order, "="))
	if err != nil {
		return "", 0, ErrInvalid.Because(err)
	}
	var p payload
	if err := json.Unmarshal(text, &p); err != nil {
		return "", 0, ErrInvalid.Because(err)
	}
	if p.Token == "" || p.App <= 0 {
		return "", 0, ErrInvalid
	}
	return p.Token, p.App, nil
}
