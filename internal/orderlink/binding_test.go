package orderlink_test

import (
	"testing"

	"sen/internal/orderlink"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ link, order, binding string }{
		{orderlink.OrderURL("https://pay.example", "tok", 7), "tok", ""},
		{orderlink.OrderURL("", "tok", 7), "tok", ""},
		{"https://elsewhere.example/pay/v2/qr?x=1&order=eyJ6cHRyYW5zdG9rZW4iOiJ0b2siLCJhcHBpZCI6N30", "tok", ""},
		{"https://pay.example" + orderlink.Page("tok"), "tok", ""},
		{orderlink.BindingURL("https://pay.example", "b"), "", "b"},
		{orderlink.BindingShortURL("https://pay.example", "b"), "", "b"},
		{"https://pay.example" + orderlink.BindingPage("b"), "", "b"},
		{"", "", ""},
		{"https://pay.example/", "", ""},
		{"https://pay.example/openinapp?order=!", "", ""},
		{"a text with %zz", "", ""},
	} {
		order, binding := orderlink.Tokens(c.link)
		if order != c.order || binding != c.binding {
			t.Errorf("%q names order %q and binding %q, want %q and %q", c.link, order, binding, c.order, c.binding)
		}
	}
}
