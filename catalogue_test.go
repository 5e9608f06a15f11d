package sen_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"sen"
)

// documentedValues repeats the provider's tables by hand, so that a value lost
// or invented in the catalogue is noticed.
var documentedValues = map[string][]int{
	"create_order":               {-68, -401, -402, -429, -500, -999},
	"query_order":                {-54, -63, -92, -101, -217, -332, -333, -401, -402, -429, -500, -999, -1330, -1331, -1332, -1333, -1340, -1341, -1342, -1343},
	"cancel_order":               {-101, -401, -403, -429, -500, -999},
	"refund_order":               {0, -13, -101, -401, -402, -429, -500, -999, -32},
	"query_refund":               {-1, -2, -13, -14, -16, -32, -101, -401, -402, -429, -500, -999},
	"create_binding_wallet":      {-68, -401, -402, -500, -1801},
	"query_payment_token_wallet": {-101, -401, -402, -500, -1801},
	"query_balance_wallet":       {-101, -401, -402, -500, -1002, -1007, -1009, -1011, -1800, -1801},
	"pay_by_token_wallet":        {-101, -401, -402, -500, -1002, -1007, -1009, -1010, -1011, -1013, -1019, -1800, -1801},
	"unbinding_wallet":           {-101, -401, -402, -500, -1011, -1801},
	"query_user_info":            {-401, -402, -500, -1801},
	"create_binding_card":        {-68, -500, -7002},
	"query_binding_card":         {-101, -500, -7002},
	"pay_by_token_card":          {-500, -7002, -7202, -7032, -7041, -7217, -7223},
	"unbinding_card":             {-101, -500, -7002, -7216},
}

// otherValues are those that occur beside the documented ones.
var otherValues = map[string][]int{
	"create_order":               {1},
	"query_order":                {1, 3},
	"cancel_order":               {1, -402},
	"refund_order":               {1, 2, -23},
	"query_refund":               {0, 1, 2},
	"create_binding_wallet":      {1, -429},
	"query_payment_token_wallet": {1, 3, -429},
	"query_balance_wallet":       {1, -429},
	"pay_by_token_wallet":        {1, 3, -429},
	"unbinding_wallet":           {1, -429},
	"query_user_info":            {1, -101, -429, -1002},
	"create_binding_card":        {1, -402, -429},
	"query_binding_card":         {1, 3, -402, -429},
	"pay_by_token_card":          {1, 3, -402, -429},
	"unbinding_card":             {1, -402, -429},
	"quick_pay":                  {1, -68, -101, -401, -402, -429, -500, -999, -1009, -1010, -1013, -1800},
	"list_banks":                 {1, -401, -402, -429, -500, -999},
	"get_bank_deep_links":        {1, -401, -429, -6100, -6101, -6102, -6103, -6105, -6106},
	"create_zod":                 {1, -68, -401, -402, -429, -500, -999},
	"query_zod_invoice":          {1, -101, -401, -402, -429, -500, -999},
	"query_zod_status":           {1, -101, -401, -402, -429, -500, -999},
	"disbursement_user":          {1, -101, -401, -402, -429, -500, -503, -1011},
	"disbursement_topup":         {1, -68, -101, -401, -402, -406, -429, -500, -503, -1011},
	"disbursement_txn":           {1, -101, -401, -402, -429, -500, -503},
	"disbursement_balance":       {1, -401, -402, -429, -500, -503},
	"redirect": {
		1, -49, -54, -59, -63, -217, -332, -333,
		-1330, -1331, -1332, -1333, -1340, -1341, -1342, -1343,
	},
}

func TestCatalogueIsComplete(t *testing.T) {
	t.Parallel()
	total := 0
	for _, op := range sen.Operations() {
		checkValues(t, op.Name, true, documentedValues[op.Name])
		checkValues(t, op.Name, false, otherValues[op.Name])
		total += len(documentedValues[op.Name])
	}
	checkValues(t, sen.RedirectStatus, true, nil)
	checkValues(t, sen.RedirectStatus, false, otherValues[sen.RedirectStatus])
	if total != 113 || len(documentedValues) != 15 {
		t.Errorf("%d documented values of %d operations, want 113 of 15", total, len(documentedValues))
	}
}

func checkValues(t *testing.T, operation string, documented bool, want []int) {
	t.Helper()
	var got []int
	for _, status := range sen.Statuses() {
		if status.Operation == operation && status.Documented == documented {
			got = append(got, status.Value)
		}
	}
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("%s, documented %t: got %v, want %v", operation, documented, got, want)
	}
}

func TestEveryStatusIsWhole(t *testing.T) {
	t.Parallel()
	codes := []int{sen.Success, sen.Failure, sen.Processing}
	retries := []sen.Retry{sen.RetryNever, sen.RetrySame, sen.RetryChanged, sen.RetryQuery}
	finalities := []sen.Finality{sen.Final, sen.Open, sen.NoObject}
	for _, status := range sen.Statuses() {
		name := fmt.Sprintf("%s %d", status.Operation, status.Value)
		if status.Name == "" || !slices.Contains(codes, status.ReturnCode) ||
			!slices.Contains(retries, status.Retry) || !slices.Contains(finalities, status.Finality) {
			t.Errorf("%s: name %q, return code %d, retry %q, finality %q",
				name, status.Name, status.ReturnCode, status.Retry, status.Finality)
		}
		if status.ReturnCode == sen.Processing && status.Finality != sen.Open {
			t.Errorf("%s is being processed, and its finality is %q", name, status.Finality)
		}
		checkText(t, name+" text", status.Text, false)
		checkText(t, name+" meaning", status.Meaning, true)
		checkText(t, name+" action", status.Action, true)
	}
}

// checkText wants both languages, whole sentences where they are sentences, and
// Vietnamese that is written as such.
func checkText(t *testing.T, name string, text sen.Text, sentence bool) {
	t.Helper()
	for lang, words := range map[string]string{"vi": text.VI, "en": text.EN} {
		if words == "" || strings.TrimSpace(words) != words || strings.Contains(words, "  ") {
			t.Errorf("%s (%s): %q", name, lang, words)
		}
		if sentence && !strings.HasSuffix(words, ".") {
			t.Errorf("%s (%s) is no sentence: %q", name, lang, words)
		}
	}
	marked := strings.ContainsFunc(text.VI, func(r rune) bool { return r > unicode.MaxASCII && unicode.IsLetter(r) })
	if !marked || !utf8.ValidString(text.VI) {
		t.Errorf("%s has no Vietnamese letter: %q", name, text.VI)
	}
	if strings.ContainsFunc(text.EN, func(r rune) bool { return r > unicode.MaxASCII }) {
		t.Errorf("%s is not plain English: %q", name, text.EN)
	}
}

func TestAdviceOnSigningNamesTheFormula(t *testing.T) {
	t.Parallel()
	for _, op := range sen.Operations() {
		unsigned := -402
		if op == sen.OpGetBankDeepLinks {
			unsigned = -6103
		}
		status, ok := sen.Lookup(op.Name, unsigned)
		var members []string
		for _, member := range op.Signed {
			if member != op.Optional {
				members = append(members, member)
			}
		}
		formula := "(" + strings.Join(members, "|") + ")"
		if !ok || !strings.Contains(status.Action.VI, formula) || !strings.Contains(status.Action.EN, formula) {
			t.Errorf("%s: the action of %d does not name %s: %q", op.Name, unsigned, formula, status.Action)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	tests := []struct {
		operation  string
		value      int
		returnCode int
		finality   sen.Finality
		retry      sen.Retry
		text       string
		upper      string
	}{
		{"create_order", 1, 1, sen.Open, sen.RetryNever, "Giao dịch thành công", "Giao dịch thành công"},
		{"create_order", -68, 2, sen.NoObject, sen.RetryChanged, "Mã giao dịch bị trùng", "Giao dịch thất bại"},
		{"create_order", -500, 2, sen.NoObject, sen.RetryQuery, "Lỗi hệ thống", "Giao dịch thất bại"},
		{"query_order", 3, 3, sen.Open, sen.RetrySame, "Giao dịch chưa được thực hiện", "Giao dịch chưa được thực hiện"},
		{"query_order", -54, 2, sen.Final, sen.RetryNever, "Đơn hàng đã hết hạn", "Giao dịch thất bại"},
		{"query_order", -63, 2, sen.Open, sen.RetrySame, "Số dư ví không đủ", "Giao dịch thất bại"},
		{"query_order", -217, 2, sen.Open, sen.RetrySame, "Ngân hàng từ chối giao dịch", "Giao dịch thất bại"},
		{"cancel_order", -402, 2, sen.NoObject, sen.RetryChanged, "Thông tin xác thực không đúng", "Giao dịch thất bại"},
		{"refund_order", 2, 3, sen.Open, sen.RetryQuery, "Giao dịch đang refund!", "Giao dịch đang refund!"},
		{"query_refund", -1, 3, sen.Open, sen.RetrySame, "Giao dịch hoàn tiền đang chờ duyệt", "Giao dịch hoàn tiền đang chờ duyệt"},
		{"query_refund", 1, 1, sen.Final, sen.RetryNever, "Giao dịch thành công!", "Giao dịch thành công!"},
		{"pay_by_token_wallet", 3, 3, sen.Open, sen.RetryQuery, "Giao dịch đang xử lý", "Giao dịch đang xử lý"},
		{"create_binding_wallet", 1, 1, sen.Open, sen.RetryNever, "Giao dịch thành công.", "Giao dịch thành công."},
		{"redirect", -49, 2, sen.Open, sen.RetryQuery, "Người dùng chưa thanh toán", "Giao dịch thất bại"},
	}
	for _, test := range tests {
		status, ok := sen.Lookup(test.operation, test.value)
		if !ok {
			t.Errorf("%s %d is not in the catalogue", test.operation, test.value)
			continue
		}
		if status.ReturnCode != test.returnCode || status.Finality != test.finality || status.Retry != test.retry {
			t.Errorf("%s %d: got %d %s %s", test.operation, test.value, status.ReturnCode, status.Finality, status.Retry)
		}
		if status.Text.VI != test.text || status.ReturnMessage().VI != test.upper {
			t.Errorf("%s %d: got texts %q and %q", test.operation, test.value, status.Text.VI, status.ReturnMessage().VI)
		}
	}
}

func TestLookupOfUnknownValues(t *testing.T) {
	t.Parallel()
	for _, key := range []struct {
		operation string
		value     int
	}{{"create_order", -54}, {"refund_order", -68}, {"create_order", 0}, {"", -401}, {"no_such", 1}} {
		if status, ok := sen.Lookup(key.operation, key.value); ok {
			t.Errorf("%s %d: got %+v", key.operation, key.value, status)
		}
	}
	if code, ok := sen.LookupReturnCode(4); ok {
		t.Errorf("return code 4: got %+v", code)
	}
}

func TestReturnCodes(t *testing.T) {
	t.Parallel()
	want := map[int]string{1: "SUCCESS", 2: "FAIL", 3: "PROCESSING"}
	for value, name := range want {
		code, ok := sen.LookupReturnCode(value)
		if !ok || code.Name != name {
			t.Errorf("%d: got %q, %t", value, code.Name, ok)
		}
		checkText(t, name, code.Text, false)
		checkText(t, name, code.Meaning, true)
		checkText(t, name, code.Action, true)
	}
	checkText(t, "cancelled", sen.OrderCancelledText(), false)
}

func TestTextIn(t *testing.T) {
	t.Parallel()
	text := sen.Text{VI: "một", EN: "one"}
	for lang, want := range map[string]string{"vi": "một", "": "một", "en": "one", "en-US": "one", "EN": "one", "fr": "một", "eng": "một"} {
		if got := text.In(lang); got != want {
			t.Errorf("%q: got %q, want %q", lang, got, want)
		}
	}
}

func TestStatusesIsACopy(t *testing.T) {
	t.Parallel()
	first := sen.Statuses()[0]
	sen.Statuses()[0].Value = 99
	if got := sen.Statuses()[0]; got != first {
		t.Errorf("a caller changed the catalogue: %+v", got)
	}
}

func TestLookupDoesNotAllocate(t *testing.T) {
	sen.Lookup("create_order", 1) // the first use reads the file
	if allocs := testing.AllocsPerRun(100, func() { sen.Lookup("query_order", -1343) }); allocs != 0 {
		t.Errorf("a lookup allocates %v times", allocs)
	}
}
