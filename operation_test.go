package sen_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"sen"
)

func TestOperations(t *testing.T) {
	t.Parallel()
	want := []string{
		"create_order /v2/create",
		"query_order /v2/query",
		"cancel_order /v2/cancel",
		"refund_order /v2/refund",
		"query_refund /v2/query_refund",
		"create_binding_wallet /v2/agreement/bind",
		"query_payment_token_wallet /v2/agreement/query",
		"query_balance_wallet /v2/agreement/balance",
		"pay_by_token_wallet /v2/agreement/pay",
		"unbinding_wallet /v2/agreement/unbind",
		"query_user_info /v2/agreement/query_user",
		"create_binding_card /v2/tokenization/bind",
		"query_binding_card /v2/tokenization/query",
		"pay_by_token_card /v2/tokenization/pay",
		"unbinding_card /v2/tokenization/unbind",
		"quick_pay /v2/quick_pay",
		"list_banks /api/getlistmerchantbanks",
		"get_bank_deep_links /zps/api/v2/get_bank_deep_link",
		"create_zod /v2/zod",
		"query_zod_invoice /v2/zod/invoice",
		"query_zod_status /v2/zod/status",
		"disbursement_user /v2/disbursement/user",
		"disbursement_topup /v2/disbursement/topup",
		"disbursement_txn /v2/disbursement/txn",
		"disbursement_balance /v2/disbursement/balance",
	}
	var got []string
	paths := map[string]bool{}
	for _, op := range sen.Operations() {
		got = append(got, op.Name+" "+op.Path)
		if paths[op.Path] {
			t.Errorf("%s: path %s is already taken", op.Name, op.Path)
		}
		paths[op.Path] = true
		if op.Shared != "" && !paths[op.Shared] {
			t.Errorf("%s: shares %s, which no operation before it has", op.Name, op.Shared)
		}
		method := http.MethodPost
		if op == sen.OpQueryZodInvoice || op == sen.OpQueryZodStatus {
			method = http.MethodGet
		}
		if op.Method != method || op.Key != sen.Key1 {
			t.Errorf("%s: method %s, key %d", op.Name, op.Method, op.Key)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %s\nwant %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestOperationsIsACopy(t *testing.T) {
	t.Parallel()
	sen.Operations()[0] = nil
	if sen.Operations()[0] != sen.OpCreateOrder {
		t.Error("a caller changed the table")
	}
}

func TestRefundFee(t *testing.T) {
	t.Parallel()
	const bare, zero, fee = "2553|1|10000|back|5", "2553|1|10000|0|back|5", "2553|1|10000|500|back|5"
	tests := []struct {
		fee  string
		want []string
	}{
		{"", []string{bare}},
		{"0", []string{zero, bare}},
		{"500", []string{fee}},
	}
	for _, test := range tests {
		sent := map[string]string{
			"app_id": "2553", "zp_trans_id": "1", "amount": "10000", "description": "back", "timestamp": "5",
			"refund_fee_amount": test.fee,
		}
		value := func(member string) string { return sent[member] }
		var got []string
		for input := range sen.OpRefundOrder.Inputs(value, "k") {
			got = append(got, string(input))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("fee %q: got %q, want %q", test.fee, got, test.want)
		}
		for _, input := range []string{bare, zero, fee} {
			mac := sen.Sign("k", []byte(input))
			if got, want := sen.OpRefundOrder.Verify("k", mac, value), slices.Contains(test.want, input); got != want {
				t.Errorf("fee %q, mac of %q: got %t, want %t", test.fee, input, got, want)
			}
		}
	}
}

func TestAbsentMembersAreEmpty(t *testing.T) {
	t.Parallel()
	value := func(member string) string {
		return map[string]string{"app_id": "2553", "app_trans_id": "260102_bind0001", "identifier": "user123"}[member]
	}
	got := string(sen.OpCreateBindingWallet.AppendInput([]byte("before "), value, "k"))
	if want := "before 2553|260102_bind0001|||user123||"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestStatusOfSharedPaths holds what is answered where two operations share a
// path against both tables.
func TestStatusOfSharedPaths(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		op    *sen.Operation
		value int
		want  string
	}{
		{sen.OpPayByTokenCard, -7223, "pay_by_token_card"},
		{sen.OpPayByTokenWallet, -7223, "pay_by_token_card"},
		{sen.OpPayByTokenCard, -1019, "pay_by_token_wallet"},
		{sen.OpUnbindingWallet, -7216, "unbinding_card"},
		{sen.OpPayByTokenWallet, -101, "pay_by_token_wallet"},
		{sen.OpUnbindingCard, -7223, ""},
		{sen.OpCreateOrder, -7002, ""},
		{sen.OpCreateBindingCard, -1011, ""},
	} {
		if st, ok := tt.op.Status(tt.value); st.Operation != tt.want || ok != (tt.want != "") {
			t.Errorf("%s %d: the meaning of %q, %v, want that of %q", tt.op.Name, tt.value, st.Operation, ok, tt.want)
		}
	}
}
