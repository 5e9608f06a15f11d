package walletapp_test

import (
	"net/http"
	"regexp"
	"strconv"
	"testing"

	"sen/internal/id"
	"sen/internal/pay"
)

var shownCode = regexp.MustCompile(`data-code="(28[0-9]{16})"`)

// TestPaymentCode shows codes as a payer sees them: each look is another code,
// each pays once, and the database never has one that could be used.
func TestPaymentCode(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 200_000)
	b := s.owner(t, phone)
	show := func() string {
		t.Helper()
		page := b.Get("/wallet/code")
		page.Want(t, "the code", http.StatusOK, `class="qr"`, "2.000.000")
		if page.Header.Get("Refresh") != "60" || page.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("the header is %v", page.Header)
		}
		found := shownCode.FindStringSubmatch(page.Body)
		if found == nil {
			t.Fatal("the page shows no code")
		}
		return found[1]
	}
	first, second := show(), show()
	if first == second {
		t.Error("the same code twice")
	}
	s.WantNowhere(t, first, second)
	for i, code := range []string{first, second} { // one that was shown a moment ago is still good
		now := s.Clock.Now()
		if _, err := s.Pay.QuickPay(t.Context(), pay.NewOrder{
			App: s.App, AppTransID: id.Day(now) + "_till" + strconv.Itoa(i), AppUser: "till", AppTime: now,
			Amount: 50_000, Description: "Tea", Item: "[]", EmbedData: "{}",
		}, code); err != nil {
			t.Fatal(err)
		}
	}
	s.wantBalance(t, w.ID, 100_000)
	s.change(t, phone, func(w *pay.Wallet) { w.Lock(true, s.Clock.Now()) })
	b.Get("/wallet/code").Lack(t, "the code of a locked wallet", "data-code")
}
