package orderlink_test

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"

	"sen/internal/merchant"
	"sen/internal/orderlink"
)

const token = "ACWH4QMH_wQUF_PxXGs4X4pg"

func TestOrderURL(t *testing.T) {
	t.Parallel()
	got := orderlink.OrderURL("https://pay.example/", token, 2553)
	const want = "https://pay.example/openinapp?order=eyJ6cHRyYW5zdG9rZW4iOiJBQ1dINFFNSF93UVVGX1B4WEdzNFg0cGciLCJhcHBpZCI6MjU1M30="
	if got != want {
		t.Errorf("OrderURL = %s, want %s", got, want)
	}
}

// Every link is read back through a real query string, whatever its base64
// looks like.
func TestOrderURLParse(t *testing.T) {
	t.Parallel()
	for _, token := range []string{token, "??>>~~", "a", "ab", "ûÿþ"} {
		link, err := url.Parse(orderlink.OrderURL("http://localhost:8080", token, 7))
		if err != nil {
			t.Fatal(err)
		}
		got, app, err := orderlink.Parse(link.Query().Get(orderlink.Parameter))
		if got != token || app != 7 || err != nil {
			t.Errorf("Parse of %s = %q, %d, %v, want %q, 7", link, got, app, err, token)
		}
	}
}

func TestParseForms(t *testing.T) {
	t.Parallel()
	// This payload has both of the characters in which the alphabets differ.
	text := []byte(`{"zptranstoken":"~~~???>>>","appid":2553}`)
	std := base64.StdEncoding.EncodeToString(text)
	if !strings.ContainsAny(std, "+") || !strings.ContainsAny(std, "/") {
		t.Fatalf("the payload %s does not test the alphabets", std)
	}
	for name, order := range map[string]string{
		"standard":             std,
		"standard, not padded": base64.RawStdEncoding.EncodeToString(text),
		"url":                  base64.URLEncoding.EncodeToString(text),
		"url, not padded":      base64.RawURLEncoding.EncodeToString(text),
		"plus became a space":  strings.ReplaceAll(std, "+", " "),
	} {
		token, app, err := orderlink.Parse(order)
		if token != "~~~???>>>" || app != merchant.ID(2553) || err != nil {
			t.Errorf("%s: Parse(%q) = %q, %d, %v", name, order, token, app, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for _, order := range []string{
		"", "=", "%%%", "eyJ6", encode("null"), encode("[]"), encode("{}"), encode(`{"zptranstoken":"x"}`),
		encode(`{"zptranstoken":"x","appid":-1}`), encode(`{"zptranstoken":7,"appid":1}`),
		encode(`{"zptranstoken":"x","appid":1} and more`), encode(`{"zptranstoken":"` + strings.Repeat("x", 600) + `","appid":1}`),
	} {
		if token, app, err := orderlink.Parse(order); !errors.Is(err, orderlink.ErrInvalid) {
			t.Errorf("Parse(%q) = %q, %d, %v, want ErrInvalid", order, token, app, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("eyJ6cHRyYW5zdG9rZW4iOiJBQ1dINFFNSF93UVVGX1B4WEdzNFg0cGciLCJhcHBpZCI6MjU1M30=")
	f.Fuzz(func(t *testing.T, order string) {
		token, app, err := orderlink.Parse(order)
		if err == nil && (token == "" || app <= 0) {
			t.Errorf("Parse(%q) = %q, %d without an error", order, token, app)
		}
	})
}
