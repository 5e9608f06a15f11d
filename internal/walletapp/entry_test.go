package walletapp_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sen/internal/pay"
	"sen/internal/paytest"
)

func signUp(phone, name, pin, again string) url.Values {
	return url.Values{"phone": {phone}, "name": {name}, "new_pin": {pin}, "new_pin_again": {again}}
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.Get("/wallet/sign-up?lang=vi").Want(t, "in Vietnamese", http.StatusOK, "Mở ví mới", "không có tin nhắn")
	b.Get("/wallet/sign-up?lang=en")
	a := b.Send("/wallet/sign-up", signUp("+84 912 345 678", "  Nguyễn  Thị Lan ", "246810", "246810"))
	a.Want(t, "opened", http.StatusOK, `role="status"`, "Your wallet is open", "Nguyễn Thị Lan", "****5678", "0 ₫")
	w, err := s.Pay.WalletByPhone(t.Context(), "0912345678")
	if err != nil || w.KYC != pay.Unverified {
		t.Errorf("the wallet has level %d (%v), want unverified", w.KYC, err)
	}
	signIn(s.browser(t), "0912345678", "246810").Want(t, "signed in anew", http.StatusOK, "Nguyễn Thị Lan")
}

func TestSignUpRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.OpenWallet(t, phone, 0)
	b := s.browser(t)
	for name, c := range map[string]struct {
		form url.Values
		want string
	}{
		"taken phone":   {signUp(phone, "Lan", "246810", "246810"), "There is a wallet with this phone number already"},
		"bad phone":     {signUp("12", "Lan", "246810", "246810"), "A phone number has ten digits"},
		"no name":       {signUp("0912345678", " ", "246810", "246810"), "A name has 1 to 60"},
		"long name":     {signUp("0912345678", strings.Repeat("ă", 61), "246810", "246810"), "A name has 1 to 60"},
		"strange name":  {signUp("0912345678", "a\x00b", "246810", "246810"), "A name has 1 to 60"},
		"short PIN":     {signUp("0912345678", "Lan", "2468", "2468"), "A PIN has six digits"},
		"letters":       {signUp("0912345678", "Lan", "24681a", "24681a"), "A PIN has six digits"},
		"different PIN": {signUp("0912345678", "Lan", "246810", "246811"), "The two PINs are not the same"},
	} {
		a := b.Do(http.MethodPost, "/wallet/sign-up", c.form)
		a.Want(t, name, http.StatusUnprocessableEntity, `role="alert"`, c.want, `value="`+c.form.Get("phone")+`"`)
		a.Lack(t, name, "246810")
	}
	if _, err := s.Pay.WalletByPhone(t.Context(), "0912345678"); err == nil {
		t.Error("a refused form opened a wallet")
	}
	a := b.Do(http.MethodPost, "/wallet/sign-up", signUp(`"><script>x</script>`, `"><script>y</script>`, "1", "2"))
	a.Lack(t, "escaping", "<script>")
	b.Do(http.MethodPost, "/wallet/sign-up", signUp(strings.Repeat("0", 1<<17), "a", "1", "1")).
		Want(t, "large form", http.StatusRequestEntityTooLarge)
}

// The first PIN of a wallet can be set once, by whoever comes first; the
// second and all after need to know it.
func TestFirstPIN(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, err := s.Pay.OpenWallet(t.Context(), pay.Wallet{Phone: "0900000009", Name: "Khánh"})
	if err != nil {
		t.Fatal(err)
	}
	s.OpenWallet(t, phone, 0)
	b := s.browser(t)
	signIn(b, w.Phone, "111111").Want(t, "no PIN", http.StatusOK, "This wallet has no PIN yet", "/wallet/first-pin")
	refuse := func(name string, form url.Values, want string) {
		t.Helper()
		a := s.browser(t).Do(http.MethodPost, "/wallet/first-pin", form)
		a.Want(t, name, http.StatusUnprocessableEntity, `role="alert"`, want)
	}
	refuse("different", signUp(w.Phone, "", "246810", "1"), "The two PINs are not the same")
	refuse("shape", signUp(w.Phone, "", "1", "1"), "A PIN has six digits")
	refuse("unknown", signUp("0911111111", "", "246810", "246810"), "There is no wallet with this phone number")
	refuse("bad phone", signUp("1", "", "246810", "246810"), "A phone number has ten digits")
	refuse("a wallet with a PIN", signUp(phone, "", "246810", "246810"), "This wallet has a PIN already")
	s.change(t, w.Phone, func(w *pay.Wallet) { w.Lock(true, s.Clock.Now()) })
	refuse("locked", signUp(w.Phone, "", "246810", "246810"), "the wallet is locked")
	s.change(t, w.Phone, func(w *pay.Wallet) { w.Lock(false, s.Clock.Now()) })

	b.Get("/wallet/first-pin?lang=vi").Want(t, "in Vietnamese", http.StatusOK, "Đặt mã PIN lần đầu")
	b.Get("/wallet/first-pin?lang=en")
	b.Send("/wallet/first-pin", signUp("0900 000 009", "", "246810", "246810")).Want(t, "set", http.StatusOK, "The PIN is set", "Khánh")
	refuse("again", signUp(w.Phone, "", "135791", "135791"), "This wallet has a PIN already")
	signIn(s.browser(t), w.Phone, "246810").Want(t, "signed in", http.StatusOK, "Khánh")
}

// A live gateway offers nothing that needs proof which nobody asks for.
func TestLive(t *testing.T) {
	t.Parallel()
	s := newSiteOf(t, false)
	w := s.OpenWallet(t, phone, 0)
	if _, err := s.Pay.OpenWallet(t.Context(), pay.Wallet{Phone: "0900000009", Name: "Khánh"}); err != nil {
		t.Fatal(err)
	}
	visitor, owner := s.browser(t), s.owner(t, phone)
	a := visitor.Get("/wallet")
	a.Want(t, "welcome", http.StatusOK, "be opened here yet")
	a.Lack(t, "welcome", "/wallet/sign-up", "/wallet/first-pin", "no real money")
	visitor.Get("/wallet/sign-up").Want(t, "sign-up", http.StatusOK, "proof that the phone number is yours")
	visitor.Get("/wallet/first-pin").Want(t, "first PIN", http.StatusOK, "offered in a sandbox only")
	visitor.Do(http.MethodPost, "/wallet/sign-up", signUp("0912345678", "Lan", "246810", "246810")).
		Want(t, "sign-up", http.StatusForbidden, "offered in a sandbox only")
	visitor.Do(http.MethodPost, "/wallet/first-pin", signUp("0900000009", "", "246810", "246810")).
		Want(t, "first PIN", http.StatusForbidden, "offered in a sandbox only")
	owner.Get("/wallet").Lack(t, "home", "/wallet/top-up")
	owner.Get("/wallet/top-up").Lack(t, "top-up", `name="amount"`)
	owner.Do(http.MethodPost, "/wallet/top-up", url.Values{"key": {"k"}, "amount": {"1000"}}).
		Want(t, "top-up", http.StatusForbidden, "offered in a sandbox only")
	for _, common := range []string{"123456", "654321", "111111", "121212", "123123", "112233", "000111", "135791"} {
		wanted := common != "135791"
		a := owner.Do(http.MethodPost, "/wallet/pin", url.Values{"pin": {paytest.PIN}, "new_pin": {common}, "new_pin_again": {common}})
		if refused := a.Status == http.StatusUnprocessableEntity && strings.Contains(a.Body, "tried first"); refused != wanted {
			t.Errorf("the PIN %s: status %d", common, a.Status)
		}
	}
	s.wantBalance(t, w.ID, 0)
	if _, err := s.Pay.WalletByPhone(t.Context(), "0912345678"); err == nil {
		t.Error("a live gateway opened a wallet")
	}
	if n, err := s.Pay.WalletByPhone(t.Context(), "0900000009"); err != nil || n.PINHash != "" {
		t.Errorf("a live gateway set a first PIN (%v)", err)
	}
}
