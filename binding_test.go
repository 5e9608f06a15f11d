package sen_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sen"
)

var binding = sen.CreateBindingWalletRequest{AppTransID: "260102_user7", Identifier: "user 7"}

func TestCreateBinding(t *testing.T) {
	t.Parallel()
	c := gateway(t, sen.OpCreateBindingWallet, accepted+`"binding_token":"B1","binding_id":"B1","deep_link":"sen://x",
		"binding_qr_link":"https://qr","binding_url":"https://qr","short_link":"https://s"}`)
	got, err := c.Bindings.Create(t.Context(), binding)
	if err != nil {
		t.Fatal(err)
	}
	want := &sen.CreateBindingWalletResponse{
		Envelope:     sen.Envelope{ReturnCode: 1, ReturnMessage: "ok", SubReturnCode: 1, SubReturnMessage: "ok"},
		BindingToken: "B1", BindingID: "B1", DeepLink: "sen://x", BindingQRLink: "https://qr", BindingURL: "https://qr", ShortLink: "https://s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

// sentBy returns the members that a call sends.
func sentBy(t *testing.T, call func(*sen.Client) error) map[string]string {
	t.Helper()
	var sent map[string]string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent = received(t, r)
		fmt.Fprint(w, `{"return_code":1}`)
	}))
	t.Cleanup(server.Close)
	if err := call(sen.NewClient(app(t, 2553), sen.WithBaseURL(server.URL), sen.WithClock(clockAtNoon))); err != nil {
		t.Fatal(err)
	}
	delete(sent, "mac")
	return sent
}

// TestBindingMembers checks that what was not given is not sent: the mac covers
// an absent member as nothing, and a zero as a zero.
func TestBindingMembers(t *testing.T) {
	t.Parallel()
	at := fmt.Sprint(noon.UnixMilli())
	tests := map[string]struct {
		call func(*sen.Client) error
		want map[string]string
	}{
		"least": {
			func(c *sen.Client) error { _, err := c.Bindings.Create(t.Context(), binding); return err },
			map[string]string{"app_id": "2553", "app_trans_id": "260102_user7", "identifier": "user 7", "req_date": at},
		},
		"most": {
			func(c *sen.Client) error {
				_, err := c.Bindings.Create(t.Context(), sen.CreateBindingWalletRequest{
					AppTransID: "260102_user7", Identifier: "u", ReqDate: 5, MaxAmount: 9, BindingType: "WALLET", BindingData: "{}",
					CallbackURL: "https://c", RedirectURL: "https://r", RedirectDeepLink: "shop://r",
				})
				return err
			},
			map[string]string{
				"app_id": "2553", "app_trans_id": "260102_user7", "identifier": "u", "req_date": "5", "max_amount": "9",
				"binding_type": "WALLET", "binding_data": "{}", "callback_url": "https://c", "redirect_url": "https://r",
				"redirect_deep_link": "shop://r",
			},
		},
	}
	for name, tt := range tests {
		if diff := cmp.Diff(tt.want, sentBy(t, tt.call)); diff != "" {
			t.Errorf("%s: members (-want +got):\n%s", name, diff)
		}
	}
}

// TestCreateBindingArrived covers a binding whose answer was lost.
func TestCreateBindingArrived(t *testing.T) {
	t.Parallel()
	c := gateway(t, sen.OpCreateBindingWallet, `half an ans`, refused+`-68}`)
	_, err := c.Bindings.Create(t.Context(), binding)
	arrived, ok := errors.AsType[*sen.ArrivedError](err)
	if !ok || arrived.ID != binding.AppTransID || !errors.Is(err, sen.CodeDuplicate) {
		t.Errorf("got %v, want an *ArrivedError about %s", err, binding.AppTransID)
	}
}

func TestQueryBinding(t *testing.T) {
	t.Parallel()
	c := gateway(t, sen.OpQueryPaymentTokenWallet,
		pending+`3}`,
		accepted+`"data":{"app_id":2553,"app_trans_id":"260102_user7","binding_id":"B1","pay_token":"P1","server_time":1767312000,
			"merchant_user_id":"user 7","status":1,"msg_type":1,"masked_user_phone":"****0001"}}`,
		accepted+`"data":{"binding_id":"B1","status":3,"msg_type":2}}`,
		refused+`-101}`)
	request := sen.QueryPaymentTokenWalletRequest{AppTransID: binding.AppTransID}
	got, err := c.Bindings.Query(t.Context(), request)
	if err != nil || !got.Pending() || got.Confirmed() || got.Data != nil {
		t.Errorf("before the user answers: got %+v, %v, want a pending result", got, err)
	}
	got, err = c.Bindings.Query(t.Context(), request)
	if err != nil || got.Pending() || !got.Confirmed() || got.Data.PayToken != "P1" || got.Data.ServerTime != 1767312000 {
		t.Errorf("confirmed: got %+v, %v", got, err)
	}
	got, err = c.Bindings.Query(t.Context(), request)
	if err != nil || got.Confirmed() || got.Data.Status != sen.BindingCancelled {
		t.Errorf("ended: got %+v, %v", got, err)
	}
	if _, err = c.Bindings.Query(t.Context(), request); !errors.Is(err, sen.CodeNotFound) {
		t.Errorf("lapsed: got %v, want %v", err, sen.CodeNotFound)
	}
}

func TestQueryBalance(t *testing.T) {
	t.Parallel()
	c := gateway(t, sen.OpQueryBalanceWallet,
		accepted+`"data":[{"channel":38,"payable":true,"bank_code":"zp_app"}],"discount_amount":500}`,
		accepted+`"data":[{"channel":38,"payable":false,"bank_code":"zp_app"}],"discount_amount":0}`,
		accepted+`"data":null,"discount_amount":0}`,
		refused+`-1007}`)
	request := sen.QueryBalanceWalletRequest{PayToken: "P1", Identifier: "user 7", Amount: 50000}
	for i, want := range []bool{true, false, false} {
		got, err := c.Bindings.Balance(t.Context(), request)
		if err != nil || got.Payable() != want {
			t.Errorf("answer %d: got %+v, %v, want payable %v", i, got, err, want)
		}
	}
	if _, err := c.Bindings.Balance(t.Context(), request); !errors.Is(err, sen.CodeTokenExpired) {
		t.Errorf("got %v, want %v", err, sen.CodeTokenExpired)
	}
}

// TestPayByToken repeats a call whose answer was lost: that is safe, and the
// caller sees nothing of it.
func TestPayByToken(t *testing.T) {
	t.Parallel()
	c := gateway(t, sen.OpPayByTokenWallet, `{"return_`,
		accepted+`"app_trans_id":"260102_demo0001","zp_trans_id":260102000000123}`, refused+`-1010,"app_trans_id":"","zp_trans_id":0}`)
	request := sen.PayByTokenWalletRequest{PayToken: "P1", Identifier: "user 7", ZPTransToken: "ACx"}
	got, err := c.Bindings.Pay(t.Context(), request)
	if err != nil || got.ZPTransID != 260102000000123 || got.AppTransID != "260102_demo0001" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err = c.Bindings.Pay(t.Context(), request); !errors.Is(err, sen.CodeCannotPay) {
		t.Errorf("got %v, want %v", err, sen.CodeCannotPay)
	}
}

func TestEndBinding(t *testing.T) {
	t.Parallel()
	c := gateway(t, sen.OpUnbindingWallet, accepted+`"x":0}`, refused+`-101}`)
	request := sen.UnbindingWalletRequest{BindingID: "B1", Identifier: "user 7"}
	if _, err := c.Bindings.End(t.Context(), request); err != nil {
		t.Error(err)
	}
	if _, err := c.Bindings.End(t.Context(), request); !errors.Is(err, sen.CodeNotFound) {
		t.Errorf("got %v, want %v", err, sen.CodeNotFound)
	}
}

func TestQueryUser(t *testing.T) {
	t.Parallel()
	c := gateway(t, sen.OpQueryUserInfo, accepted+`"phone":"****0001"}`, refused+`-1002,"phone":""}`)
	request := sen.QueryUserInfoRequest{AccessToken: "P1"}
	got, err := c.Bindings.User(t.Context(), request)
	if err != nil || got.Phone != "****0001" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := c.Bindings.User(t.Context(), request); !errors.Is(err, sen.CodeBindingEnded) {
		t.Errorf("got %v, want %v", err, sen.CodeBindingEnded)
	}
}
