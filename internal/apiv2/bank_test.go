package apiv2

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sen"
	"sen/internal/merchant"
)

// The list has what works: cards only where there is a way to them.
func TestListBanks(t *testing.T) {
	t.Parallel()
	wallet := []sen.Bank{{BankCode: "zalopayapp", Name: "Ví Sen", DisplayOrder: 1, PMCID: 38, MinAmount: 1, MaxAmount: 9_999_999_999_999}}
	for cards, want := range map[bool]map[string][]sen.Bank{
		false: {"38": wallet},
		true: {
			"38": wallet,
			"36": {{BankCode: "CC", Name: "Thẻ quốc tế", DisplayOrder: 2, PMCID: 36, MinAmount: 1, MaxAmount: 9_999_999_999_999}},
			"39": {{BankCode: "SBI", Name: "Ngân hàng thử nghiệm SBI", DisplayOrder: 3, PMCID: 39, MinAmount: 1, MaxAmount: 9_999_999_999_999}},
		},
	} {
		rep, err := (&Server{Cards: cards}).listBanks(t.Context(), merchant.App{}, fields{})
		if err != nil || rep.value != sen.Success {
			t.Fatalf("listBanks: %d, %v", rep.value, err)
		}
		a := &answer{}
		rep.members(a)
		var got struct {
			Banks map[string][]sen.Bank `json:"banks"`
		}
		if err := json.Unmarshal(a.end(), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got.Banks); diff != "" {
			t.Errorf("with cards %t (-want +got):\n%s", cards, diff)
		}
	}
}
