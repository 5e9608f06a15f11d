package sen_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sen"
)

type callbackVector struct {
	Name  string
	AppID int `json:"app_id"`
	Type  int
	Data  string
	MAC   string
}

func TestCallbackVectors(t *testing.T) {
	t.Parallel()
	vectors := readJSON[[]callbackVector](t, "seen/callbacks.json")
	if len(vectors) == 0 {
		t.Fatal("no vectors")
	}
	for _, v := range vectors {
		shop := app(t, v.AppID)
		body := shop.SealCallback([]byte(v.Data), v.Type)
		if want := `,"mac":"` + v.MAC + `","type":1}`; !strings.HasSuffix(string(body), want) {
			t.Errorf("%s: got %s, want it to end %s", v.Name, body, want)
		}
		got, err := shop.ParseCallback(body)
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		// The members of the sample are all known and in order, so writing them again gives the same text.
		if again := string(got.Order.Data()); again != v.Data || got.Data != v.Data {
			t.Errorf("%s: got %s\nwant %s", v.Name, again, v.Data)
		}
		if got.Order.ZPTransID != 200904000000389 || got.Order.Channel != sen.MethodWallet {
			t.Errorf("%s: got %+v", v.Name, got.Order)
		}
	}
}

func TestSealCallback(t *testing.T) {
	t.Parallel()
	shop := sen.App{ID: 1, Key2: "k"}
	got := string(shop.SealCallback([]byte(`{"a":"<&>é"}`), 2))
	want := `{"data":"{\"a\":\"<&>é\"}","mac":"` + sen.Sign("k", []byte(`{"a":"<&>é"}`)) + `","type":2}`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestAgreementCallback(t *testing.T) {
	t.Parallel()
	shop := app(t, 2553)
	sent := sen.AgreementCallback{
		AppID: 2553, AppTransID: "260102_bind0001", BindingID: "260102qQ", PayToken: "NJLH", ServerTime: 1767312060,
		MerchantUserID: "user<1>", Status: sen.BindingConfirmed, MsgType: sen.BindingCreatedMessage, ZPUserID: "Bs8", MaskedUserPhone: "****3801",
	}
	const want = `{"app_id":2553,"app_trans_id":"260102_bind0001","binding_id":"260102qQ","pay_token":"NJLH","server_time":1767312060,` +
		`"merchant_user_id":"user<1>","status":1,"msg_type":1,"zp_user_id":"Bs8","masked_user_phone":"****3801"}`
	if got := string(sent.Data()); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	got, err := shop.ParseCallback(shop.SealCallback(sent.Data(), sen.AgreementCallbackType))
	if err != nil || got.Agreement == nil || *got.Agreement != sent || got.Order != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}

// callbackTests are bodies and how a merchant of app 1 with key "k" takes them.
func callbackTests() []struct {
	name, body string
	mac        bool // whether the error is ErrMAC
	answer     string
} {
	const (
		badMAC     = `{"return_code":-1,"return_message":"mac not equal"}`
		unreadable = `{"return_code":2,"return_message":"the callback cannot be read"}`
	)
	shop := sen.App{ID: 1, Key2: "k"}
	good := string(shop.SealCallback([]byte(`{"app_id":1,"zp_trans_id":5}`), 1))
	return []struct {
		name, body string
		mac        bool
		answer     string
	}{
		{"other data", strings.Replace(good, `\"app_id\":1`, `\"app_id\":10`, 1), true, badMAC},
		{"other key", string(sen.App{ID: 1, Key2: "K"}.SealCallback([]byte(`{"app_id":1,"zp_trans_id":5}`), 1)), true, badMAC},
		{"no mac", `{"data":"{\"app_id\":1,\"zp_trans_id\":5}","type":1}`, true, badMAC},
		{"other app", string(shop.SealCallback([]byte(`{"app_id":2,"zp_trans_id":5}`), 1)), false, unreadable},
		{"unknown type", string(shop.SealCallback([]byte(`{"app_id":1,"zp_trans_id":5}`), 3)), false, unreadable},
		{"a binding as an order", string(shop.SealCallback([]byte(`{"app_id":1,"binding_id":"b"}`), 1)), false, unreadable},
		{"an order as a binding", string(shop.SealCallback([]byte(`{"app_id":1,"zp_trans_id":5}`), 2)), false, unreadable},
		{"data is no JSON", string(shop.SealCallback([]byte(`app_id=1`), 1)), false, unreadable},
		{"no JSON", "data=1&mac=2", false, unreadable},
		{"nothing", "", false, unreadable},
		{"too long", `{"data":"` + strings.Repeat("x", 1<<16) + `"}`, true, `{"return_code":2,"return_message":"the body cannot be read"}`},
	}
}

func TestParseCallbackRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range callbackTests() {
		got, err := sen.App{ID: 1, Key2: "k"}.ParseCallback([]byte(test.body))
		if err == nil || got != nil || errors.Is(err, sen.ErrMAC) != test.mac {
			t.Errorf("%s: got %+v, %v", test.name, got, err)
		}
	}
}

func TestCallbackHandler(t *testing.T) {
	t.Parallel()
	shop := sen.App{ID: 1, Key2: "k"}
	body := string(shop.SealCallback(sen.OrderCallback{AppID: 1, ZPTransID: 5, Amount: 7}.Data(), sen.OrderCallbackType))
	var failure error
	var seen *sen.Callback
	handler := sen.CallbackHandler(shop, func(_ context.Context, c *sen.Callback) error {
		seen = c
		return failure
	})

	if got := post(handler, body); got != `{"return_code":1,"return_message":"success"}` || seen == nil || seen.Order.Amount != 7 {
		t.Errorf("accepted: got %s, saw %+v", got, seen)
	}
	failure = errors.New("the database password is hunter2")
	if got := post(handler, body); got != `{"return_code":0,"return_message":"not accepted now, send it again"}` {
		t.Errorf("failed: got %s", got)
	}
	failure = fmt.Errorf("order 7: %w", sen.ErrNotWanted)
	if got := post(handler, body); got != `{"return_code":2,"return_message":"not wanted"}` {
		t.Errorf("not wanted: got %s", got)
	}
	seen = nil
	for _, test := range callbackTests() {
		if got := post(handler, test.body); got != test.answer || seen != nil {
			t.Errorf("%s: got %s, saw %+v", test.name, got, seen)
		}
	}
}

func post(handler http.Handler, body string) string {
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/callback", strings.NewReader(body)))
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		return http.StatusText(w.Code) + " " + w.Body.String()
	}
	return w.Body.String()
}

func TestCallbackHandlerTakesOnlyPOST(t *testing.T) {
	t.Parallel()
	handler := sen.CallbackHandler(sen.App{}, func(context.Context, *sen.Callback) error { return nil })
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/callback", nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != http.MethodPost {
		t.Errorf("got %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

// FuzzParseCallback looks for bodies that are accepted without the right mac, or
// sealed and not read back.
func FuzzParseCallback(f *testing.F) {
	shop := sen.App{ID: 1, Key2: "k"}
	f.Add([]byte(`{"app_id":1,"app_user":"a","zp_trans_id":5}`), 1)
	f.Add([]byte(`{"app_id":1,"binding_id":"b"}`), 2)
	f.Add([]byte(`{"data":"{}","mac":"00","type":1}`), 3)
	f.Fuzz(func(t *testing.T, data []byte, typ int) {
		if got, err := shop.ParseCallback(data); err == nil && !sen.Verify("k", []byte(got.Data), macOf(data)) {
			t.Errorf("%q was accepted", data)
		}
		body := shop.SealCallback(data, typ)
		got, err := shop.ParseCallback(body)
		if err == nil && (got.Data != string(data) || got.Type != typ) {
			t.Errorf("sealed %q of type %d, got %+v", data, typ, got)
		}
		if errors.Is(err, sen.ErrMAC) && json.Valid(data) && strings.ToValidUTF8(string(data), "") == string(data) {
			t.Errorf("the mac of %q does not survive", data)
		}
		if _, err := (sen.App{ID: 1, Key2: "other"}).ParseCallback(body); err == nil {
			t.Errorf("%q was accepted under another key", body)
		}
	})
}

func macOf(body []byte) string {
	var sealed struct{ MAC string }
	_ = json.Unmarshal(body, &sealed)
	return sealed.MAC
}
