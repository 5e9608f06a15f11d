package sen_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"sen"
)

func TestRedirectVectors(t *testing.T) {
	t.Parallel()
	type vector struct {
		Source     string
		AppID      int `json:"app_id"`
		Parameters map[string]string
		Checksum   string
	}
	vectors := readJSON[[]vector](t, "seen/redirects.json")
	if len(vectors) != 8 {
		t.Errorf("%d redirects, want 8", len(vectors))
	}
	for _, v := range vectors {
		shop := app(t, v.AppID)
		values := url.Values{"checksum": {v.Checksum}}
		for name, value := range v.Parameters {
			values.Set(name, value)
		}
		redirect, err := shop.VerifyRedirect(values)
		if err != nil {
			t.Errorf("%v: %v", v.Parameters, err)
			continue
		}
		if redirect.Paid() != (v.Parameters["status"] == "1") || redirect.AppTransID != v.Parameters["apptransid"] {
			t.Errorf("%v: got %+v", v.Parameters, redirect)
		}
		got, err := shop.RedirectURL("https://shop.example/back", *redirect)
		if want := "https://shop.example/back?" + values.Encode(); err != nil || got != want {
			t.Errorf("got %s, %v\nwant %s", got, err, want)
		}
		values.Set("amount", "1")
		if _, err := shop.VerifyRedirect(values); !errors.Is(err, sen.ErrMAC) {
			t.Errorf("%v with another amount: got %v", v.Parameters, err)
		}
	}
}

func TestRedirectURL(t *testing.T) {
	t.Parallel()
	shop := sen.App{ID: 1, Key2: "k"}
	redirect := sen.Redirect{AppID: 1, AppTransID: "260102_a b", PMCID: 38, Amount: 5, Status: 1}
	added := "amount=5&appid=1&apptransid=260102_a+b&bankcode=&checksum=" +
		sen.Sign("k", []byte("1|260102_a b|38||5|0|1")) + "&discountamount=0&pmcid=38&status=1"
	for target, want := range map[string]string{
		"https://shop.example":                         "https://shop.example?" + added,
		"https://shop.example/?":                       "https://shop.example/?" + added,
		"https://shop.example/r?b=2&a=%31":             "https://shop.example/r?b=2&a=%31&" + added,
		"https://shop.example/r?x#/done":               "https://shop.example/r?x&" + added + "#/done",
		"https://shop.example/r?status=9&k=1&%61mount": "https://shop.example/r?k=1&" + added,
		"myapp://pay":                                  "myapp://pay?" + added,
		"myapp://pay?cart=1":                           "myapp://pay?cart=1&" + added,
		"myapp:pay":                                    "myapp:pay?" + added,
		" http://localhost:3000/result":                "http://localhost:3000/result?" + added,
	} {
		got, err := shop.RedirectURL(target, redirect)
		if err != nil || got != want {
			t.Errorf("%s: got %s, %v\nwant %s", target, got, err, want)
		}
	}
	for _, target := range []string{"", "/relative", "shop.example/r", "JavaScript:alert(1)", "data:text/html,x", "vbscript:x", "http://a b/", "<YOUR_MERCHANT_HOST>/x"} {
		if got, err := shop.RedirectURL(target, redirect); err == nil {
			t.Errorf("%q: got %s", target, got)
		}
	}
}

func TestVerifyRedirectRefuses(t *testing.T) {
	t.Parallel()
	shop := sen.App{ID: 1, Key2: "k"}
	signed := func(input string) url.Values {
		values := url.Values{"checksum": {sen.Sign("k", []byte(input))}}
		for i, part := range strings.Split(input, "|") {
			values.Set(sen.RedirectFormula.Signed[i], part)
		}
		return values
	}
	twice := signed("1|a|38||5|0|1")
	twice.Add("status", "-54")
	tests := []struct {
		name   string
		values url.Values
		mac    bool
	}{
		{"nothing", url.Values{}, true},
		{"no checksum", url.Values{"appid": {"1"}, "status": {"1"}}, true},
		{"other app", signed("2|a|38||5|0|1"), false},
		{"amount is no number", signed("1|a|38||five|0|1"), false},
		{"status is missing", signed("1|a|38||5|0|"), false},
		{"status twice", twice, false},
	}
	for _, test := range tests {
		got, err := shop.VerifyRedirect(test.values)
		if err == nil || got != nil || errors.Is(err, sen.ErrMAC) != test.mac {
			t.Errorf("%s: got %+v, %v", test.name, got, err)
		}
	}
	mine := signed("1|a|38||5|0|1")
	mine.Set("cart", "7")
	if _, err := shop.VerifyRedirect(mine); err != nil {
		t.Errorf("a parameter of the merchant's own: %v", err)
	}
}

// FuzzVerifyRedirect looks for query strings that are accepted without the right
// checksum, and for redirects that do not survive their URL.
func FuzzVerifyRedirect(f *testing.F) {
	shop := sen.App{ID: 1, Key2: "k"}
	f.Add("https://shop.example/r?a=1", "260102_a", "CC", int64(5), 1)
	f.Add("myapp://pay?status=2&status=3", "é|&", "", int64(-1), -49)
	f.Add("https://shop.example/?;%zz=1&checksum", "", "a\x00", int64(0), 0)
	f.Fuzz(func(t *testing.T, target, id, bank string, amount int64, status int) {
		if values, err := url.ParseQuery(target); err == nil {
			checksum := values.Get("checksum")
			if got, err := shop.VerifyRedirect(values); err == nil && !sen.RedirectFormula.Verify("k", checksum, values.Get) {
				t.Errorf("%q was accepted as %+v", target, got)
			}
		}
		want := sen.Redirect{AppID: 1, AppTransID: id, BankCode: bank, Amount: amount, Status: status}
		made, err := shop.RedirectURL(target, want)
		if err != nil {
			return
		}
		u, err := url.Parse(made)
		if err != nil {
			t.Fatalf("%q: %v", made, err)
		}
		got, err := shop.VerifyRedirect(u.Query())
		if err != nil || *got != want {
			t.Errorf("%q: got %+v, %v, want %+v", made, got, err, want)
		}
	})
}
