package walletapp_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"testing"
	"time"

	"sen/internal/bank"
	"sen/internal/pay"
	"sen/internal/web/webtest"
)

// Test cards, as people type them.
const (
	goodCard = "9704 5400 0000 0062"
	lostCard = "9704 5400 0000 0013"
	lateCard = "9704 5400 0000 0104"
	visaCard = "4111-1111-1111-1111"
)

func link(b *webtest.Browser, method, number string) webtest.Page {
	return b.Send("/wallet/cards/link", url.Values{
		"method": {method}, "card_number": {number}, "card_month": {"12/39"}, "cvv": {"987"},
	})
}

var otpForm = regexp.MustCompile(`action="(/wallet/cards/checks/[0-9]+)/otp"`)

// checkOf returns the path of the check whose page asks for a code.
func checkOf(t *testing.T, a webtest.Page) string {
	t.Helper()
	m := otpForm.FindStringSubmatch(a.Body)
	if m == nil {
		t.Fatalf("no code is asked for:\n%s", a.Body)
	}
	return m[1]
}

func TestLinkCard(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 0)
	s.OpenWallet(t, "0900000002", 0)
	b, other := s.owner(t, phone), s.owner(t, "0900000002")
	b.Get("/wallet/cards").Want(t, "none", http.StatusOK, "No card is linked", `href="/wallet/cards/link"`)
	b.Get("/wallet/cards/link").Want(t, "form", http.StatusOK, `name="card_number"`, "You are not charged", "Month of issue")
	b.Get("/wallet/cards/link?method=international").Want(t, "form", http.StatusOK, `name="cvv"`)

	a := link(b, "domestic", goodCard)
	a.Want(t, "asked for a code", http.StatusOK, "Enter the code from your bank", "970454******0062")
	a.Lack(t, "asked for a code", "9704540000000062", "9704 5400 0000 0062 ", "Shop")
	check := checkOf(t, a)
	b.Get(check+"/state").Want(t, "state", http.StatusOK, `"state":"otp"`, `"seconds_left":300`)
	for _, path := range []string{check, check + "/state", "/wallet/cards/checks/1", "/wallet/cards/checks/x"} {
		other.Get(path).Want(t, "another's "+path, http.StatusNotFound)
	}
	other.Do(http.MethodPost, check+"/otp", url.Values{"otp": {bank.OTP}}).Want(t, "another's code", http.StatusNotFound)
	b.Send(check+"/otp", url.Values{"otp": {"222222"}}).Want(t, "wrong code", http.StatusOK, `role="alert"`, "The code is wrong", `name="otp"`)
	a = b.Send(check+"/otp", url.Values{"otp": {bank.OTP}})
	a.Want(t, "linked", http.StatusOK, `role="status"`, "The card is linked", "NAPAS", "•••• 0062", "SBI", "/remove\"")
	a.Lack(t, "linked", "970454")
	b.Get(check+"/state").Want(t, "state", http.StatusOK, `"state":"succeeded"`)
	link(b, "domestic", goodCard).Want(t, "again", http.StatusOK, "linked to your wallet already", `name="card_number"`)
	link(b, "international", visaCard).Want(t, "a second", http.StatusOK, "VISA", "•••• 1111", "•••• 0062")
	s.wantBalance(t, w.ID, 0)

	cards, err := s.Pay.WalletCards(t.Context(), w.ID)
	if err != nil || len(cards) != 2 {
		t.Fatalf("the wallet has %d cards (%v)", len(cards), err)
	}
	remove := func(c pay.Card) string { return "/wallet/cards/" + strconv.FormatInt(int64(c.ID), 10) + "/remove" }
	for _, c := range cards {
		other.Send(remove(c), url.Values{}).Want(t, "another's", http.StatusOK, "No card is linked")
	}
	b.Get("/wallet/cards").Want(t, "both are there", http.StatusOK, "•••• 1111", "•••• 0062")
	for range 2 { // a second press is no mistake
		a = b.Send(remove(cards[0]), url.Values{})
		a.Want(t, "removed", http.StatusOK, "The card is removed", "•••• 0062")
		a.Lack(t, "removed", "•••• 1111")
	}
	b.Send("/wallet/cards/x/remove", url.Values{}).Want(t, "garbage", http.StatusOK, "•••• 0062")
	for _, path := range []string{remove(cards[1]), "/wallet/cards/link", check + "/otp"} {
		b.Do(http.MethodPost, path, url.Values{}, "Sec-Fetch-Site", "cross-site").Want(t, "foreign "+path, http.StatusForbidden)
	}
}

// What keeps a card from being linked is told where it can be typed again, and
// nothing of what was typed is there.
func TestLinkCardRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 0)
	b := s.owner(t, phone)
	for _, c := range []struct{ name, method, number, want string }{
		{"not a card", "domestic", "9704", "The card number is wrong"},
		{"another kind", "domestic", visaCard, "another kind"},
		{"no method", "wallet", goodCard, "not offered here"},
		{"lost", "domestic", lostCard, "reported lost"},
		{"lost, international", "international", "4000000000009979", "reported lost"},
		{"unknown to its bank", "domestic", "9704540000009999", "declined the card"},
	} {
		a := link(b, c.method, c.number)
		a.Want(t, c.name, http.StatusOK, `role="alert"`, c.want, `name="card_number"`)
		a.Lack(t, c.name, `value="`+c.number, "987")
	}
	a := link(b, "domestic", lateCard)
	a.Want(t, "silent", http.StatusOK, "Waiting for the bank", "/state\"")
	s.Clock.Move(time.Minute)
	if _, err := s.Pay.RunCharges(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.Get("/wallet/cards").Want(t, "approved late", http.StatusOK, "•••• 0104")
	s.change(t, phone, func(w *pay.Wallet) { w.Lock(true, s.Clock.Now()) })
	link(b, "domestic", goodCard).Want(t, "locked", http.StatusOK, "the wallet is locked")
	if cards, err := s.Pay.WalletCards(t.Context(), w.ID); err != nil || len(cards) != 1 {
		t.Errorf("the wallet has %d cards (%v), want 1", len(cards), err)
	}
}

func TestLinkCardKeepsSecrets(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 0)
	b := s.owner(t, phone)
	check := checkOf(t, link(b, "domestic", goodCard))
	b.Send(check+"/otp", url.Values{"otp": {"232323"}})
	b.Send(check+"/otp", url.Values{"otp": {bank.OTP}})
	link(b, "international", visaCard)
	s.log.WantRoutes(t, []string{"/wallet/cards/link", "/wallet/cards/checks/{number}/otp"},
		[]string{"9704540000000062", goodCard, "0000 0062", visaCard, "4111111111111111", "12/39", "232323", bank.OTP})
}
