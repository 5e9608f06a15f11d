package payer

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzForms reads forms of cards and codes as anybody may send them.
func FuzzForms(f *testing.F) {
	for _, seed := range []string{
		"method=international&card_number=4111+1111+1111+1111&card_month=12%2F29&cvv=123", "method=domestic&card_number=9704", "otp=123456", "otp=12%00", "%zz", "a=b;c=d", "",
	} {
		f.Add("application/x-www-form-urlencoded", seed)
	}
	f.Add("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"otp\"\r\n\r\n1234\r\n--b--")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		sent := func() *http.Request {
			r := httptest.NewRequest(http.MethodPost, "/x", strings.NewReader(body))
			r.Header.Set("Content-Type", contentType)
			return r
		}
		if otp, err := ReadOTP(sent()); err == nil && (len(otp) < 4 || len(otp) > 8 || strings.Trim(otp, "0123456789") != "") {
			t.Errorf("the code is %q", otp)
		}
		card, method, err := ReadCard(sent(), CardMethods())
		if err == nil && (method == "" || card.Number.Scheme() == "") {
			t.Errorf("a card %q of the method %q is taken", card.Number, method)
		}
	})
}
