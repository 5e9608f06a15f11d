package callback_test

import (
	"testing"
	"time"

	"sen/internal/callback"
)

func TestNext(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
	for _, c := range []struct {
		outcome callback.Outcome
		round   int
		state   callback.State
		after   time.Duration
	}{
		{callback.Accepted, 1, callback.Delivered, 0},
		{callback.Accepted, 9, callback.Delivered, 0},
		{callback.Refused, 1, callback.Failed, 0},
		{callback.Repeat, 1, callback.Due, 15 * time.Second},
		{callback.Repeat, 2, callback.Due, time.Minute},
		{callback.Repeat, 3, callback.Due, 5 * time.Minute},
		{callback.Repeat, 4, callback.Failed, 0}, // one call and three repeats
		{callback.Repeat, 5, callback.Failed, 0}, // after crashes that lost an attempt
	} {
		want := time.Time{}
		if c.after > 0 {
			want = now.Add(c.after)
		}
		if state, due := callback.Next(c.outcome, c.round, now); state != c.state || !due.Equal(want) {
			t.Errorf("Next(%s, %d) = %s, %v, want %s, %v", c.outcome, c.round, state, due, c.state, want)
		}
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		answer string
		want   callback.Outcome
	}{
		{200, `{"return_code":1,"return_message":"success"}`, callback.Accepted},
		{201, `{"return_code":1}`, callback.Accepted},
		{200, `{"returncode":1}`, callback.Accepted},
		{200, `{"return_code":"1"}`, callback.Accepted},
		{200, " {\"return_code\" : 1}\n", callback.Accepted},
		{200, `{"return_code":2}`, callback.Refused},
		{200, `{"return_code":-1}`, callback.Refused},
		{200, `{"return_code":-9223372036854775808}`, callback.Refused},
		{200, `{"return_code":2,"returncode":1}`, callback.Refused},
		{200, `{"return_code":0}`, callback.Repeat},
		{200, `{"return_code":3}`, callback.Repeat},
		{200, `{"return_code":1.5}`, callback.Repeat},
		{200, `{"return_code":9223372036854775808}`, callback.Repeat},
		{200, `{"return_code":1e400}`, callback.Repeat},
		{200, `{"return_code":true}`, callback.Repeat},
		{200, `{"return_code":"yes"}`, callback.Repeat},
		{200, `{"return_code":""}`, callback.Repeat},
		{200, `{"return_code":null}`, callback.Repeat},
		{200, `{"return_code":[1]}`, callback.Repeat},
		{200, `{}`, callback.Repeat},
		{200, `null`, callback.Repeat},
		{200, `1`, callback.Repeat},
		{200, `[]`, callback.Repeat},
		{200, ``, callback.Repeat},
		{200, `OK`, callback.Repeat},
		{200, `<html>`, callback.Repeat},
		{200, `{"return_code":1`, callback.Repeat},
		{200, `{"return_code":1}{`, callback.Repeat},
		{200, "\xff", callback.Repeat},
		{199, `{"return_code":1}`, callback.Repeat},
		{300, `{"return_code":1}`, callback.Repeat},
		{302, `{"return_code":1}`, callback.Repeat},
		{404, `{"return_code":2}`, callback.Repeat},
		{500, `{"return_code":1}`, callback.Repeat},
		{0, ``, callback.Repeat},
	} {
		got, why := callback.Read(c.status, []byte(c.answer))
		if got != c.want || (why == "") != (got == callback.Accepted) {
			t.Errorf("Read(%d, %q) = %s, %q, want %s", c.status, c.answer, got, why, c.want)
		}
	}
}

func TestTarget(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://shop.example/callback":        "https://shop.example/callback",
		"  https://shop.example/callback \r\n": "https://shop.example/callback",
		"http://127.0.0.1:8080/":               "http://127.0.0.1:8080/",
		"http://[::1]:80/x?a=1&b=%20":          "http://[::1]:80/x?a=1&b=%20",
		"HTTPS://shop.example":                 "https://shop.example",
		"https://shop.example/{id}":            "https://shop.example/%7Bid%7D",
		"":                                     "",
		"   ":                                  "",
		"shop.example/callback":                "",
		"//shop.example/":                      "",
		"/callback":                            "",
		"https://":                             "",
		"https:///callback":                    "",
		"http://:8080/callback":                "",
		"http:shop.example":                    "",
		"ftp://shop.example/":                  "",
		"javascript:alert(1)":                  "",
		"file:///etc/passwd":                   "",
		"https://<your-domain>/callback":       "",
		"https://{domain}/callback":            "",
		"https://shop.example:port/":           "",
		"https://shop.example/%zz":             "",
		"https://shop.example/\x00":            "",
	} {
		u, err := callback.Target(raw)
		switch {
		case want == "" && err == nil:
			t.Errorf("Target(%q) = %v, want an error", raw, u)
		case want != "" && (err != nil || u.String() != want):
			t.Errorf("Target(%q) = %v, %v, want %s", raw, u, err, want)
		}
	}
}
