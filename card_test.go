package sen_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sen"
)

var cardBinding = sen.CreateBindingCardRequest{AppTransID: "260102_user7", Identifier: "user 7"}

func TestCreateCardBinding(t *testing.T) {
	t.Parallel()
	c := gateway(t, sen.OpCreateBindingCard,
		accepted+`"binding_token":"B1","binding_url":"https://b","binding_qr_link":"https://b","reform_url":""}`,
		`half an ans`, refused+`-68}`)
	got, err := c.Cards.Create(t.Context(), cardBinding)
	if err != nil || got.BindingToken != "B1" || got.BindingURL != "https://b" || got.BindingQRLink != got.BindingURL {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = c.Cards.Create(t.Context(), cardBinding)
	if arrived, ok := errors.AsType[*sen.ArrivedError](err); !ok || arrived.ID != cardBinding.AppTransID {
		t.Errorf("after a lost answer: %v, want an *ArrivedError", err)
	}
}

func TestCardBindingMembers(t *testing.T) {
	t.Parallel()
	least := map[string]string{
		"app_id": "2553", "app_trans_id": "260102_user7", "identifier": "user 7", "req_date": fmt.Sprint(noon.UnixMilli()),
		"binding_type": "CARD", "binding_mode": "BIND", "device_type": "DESKTOP", "binding_data": "{}", "payment_data": "{}",
	}
	most := map[string]string{
		"app_id": "2553", "app_trans_id": "260102_user7", "identifier": "u", "req_date": "5",
		"binding_type": "CARD", "binding_mode": "BIND_AND_PAY", "device_type": "MOBILE",
		"binding_data": `{"callback_url":"https://c","redirect_url":"https://r?a=1&b=2","redirect_deep_link":"shop://r","embed_data":"e"}`,
		"payment_data": `{"amount":9,"description":"tea","callback_url":"https://p","embed_data":"{}"}`,
	}
	for _, tt := range []struct {
		name    string
		request sen.CreateBindingCardRequest
		want    map[string]string
	}{
		{"least", cardBinding, least},
		{"most", sen.CreateBindingCardRequest{
			AppTransID: "260102_user7", Identifier: "u", ReqDate: 5, DeviceType: sen.DeviceMobile,
			CallbackURL: "https://c", RedirectURL: "https://r?a=1&b=2", RedirectDeepLink: "shop://r", EmbedData: "e",
			Payment: &sen.CardPayment{Amount: 9, Description: "tea", CallbackURL: "https://p", EmbedData: "{}"},
		}, most},
	} {
		got := sentBy(t, func(c *sen.Client) error { _, err := c.Cards.Create(t.Context(), tt.request); return err })
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: members (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestQueryCardBinding(t *testing.T) {
	t.Parallel()
	c := gateway(t, sen.OpQueryBindingCard, pending+`3}`,
		accepted+`"binding_token":"B1","status":1,"binding_id":"B1","pay_token":"P1","card_number":"411111******1111","bank_code":"CC"}`,
		accepted+`"binding_token":"B1","status":3}`, refused+`-101}`)
	request := sen.QueryBindingCardRequest{AppTransID: cardBinding.AppTransID}
	if got, err := c.Cards.Query(t.Context(), request); err != nil || !got.Pending() || got.Confirmed() {
		t.Errorf("before the holder answers: %+v, %v", got, err)
	}
	got, err := c.Cards.Query(t.Context(), request)
	if err != nil || !got.Confirmed() || got.PayToken != "P1" || got.CardNumber != "411111******1111" {
		t.Errorf("confirmed: %+v, %v", got, err)
	}
	if got, err = c.Cards.Query(t.Context(), request); err != nil || got.Confirmed() || got.Status != sen.BindingCancelled {
		t.Errorf("ended: %+v, %v", got, err)
	}
	if _, err = c.Cards.Query(t.Context(), request); !errors.Is(err, sen.CodeNotFound) {
		t.Errorf("lapsed: %v, want %v", err, sen.CodeNotFound)
	}
}

func TestPayByCard(t *testing.T) {
	t.Parallel()
	c := gateway(t, sen.OpPayByTokenCard,
		pending+`3,"app_trans_id":"260102_1","zp_trans_id":0,"verification_url":"https://v"}`,
		accepted+`"app_trans_id":"260102_1","zp_trans_id":260102000000123,"verification_url":""}`, refused+`-7223}`)
	request := sen.PayByTokenCardRequest{PayToken: "P1", Identifier: "user 7", ZPTransToken: "T1"}
	got, err := c.Cards.Pay(t.Context(), request)
	if err != nil || !got.Pending() || got.VerificationURL != "https://v" {
		t.Errorf("before the code: %+v, %v", got, err)
	}
	if got, err = c.Cards.Pay(t.Context(), request); err != nil || got.Pending() || got.ZPTransID != 260102000000123 {
		t.Errorf("paid: %+v, %v", got, err)
	}
	_, err = c.Cards.Pay(t.Context(), request)
	if refusal, ok := errors.AsType[*sen.Error](err); !ok || refusal.Status.Value != -7223 {
		t.Errorf("forgotten card: %v, want -7223", err)
	}
}

func TestEndCard(t *testing.T) {
	t.Parallel()
	c := gateway(t, sen.OpUnbindingCard, accepted[:len(accepted)-1]+`}`, refused+`-7216}`)
	request := sen.UnbindingCardRequest{BindingID: "B1", Identifier: "user 7"}
	if _, err := c.Cards.End(t.Context(), request); err != nil {
		t.Error(err)
	}
	_, err := c.Cards.End(t.Context(), request)
	if refusal, ok := errors.AsType[*sen.Error](err); !ok || refusal.Status.Value != -7216 {
		t.Errorf("wrong identifier: %v, want -7216", err)
	}
}
