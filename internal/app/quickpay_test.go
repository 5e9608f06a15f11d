package app_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
)

func (s *shop) code(wallet string) string {
	s.t.Helper()
	return apptest.Control[control.PaymentCode](s.Gateway, http.MethodPost, "/control/wallets/"+wallet+"/code", nil).Code
}

// scanned is a good request to be paid with a code.
func scanned(suffix, code string) members {
	return order(suffix).with(members{"payment_code": code, "userIP": "203.0.113.7"})
}

// TestQuickPay pays at a till, once for each code, and tells the merchant like
// any other payment.
func TestQuickPay(t *testing.T) {
	t.Parallel()
	to := newReceiver(t)
	s := openShop(t)
	code := s.code(spare)
	if len(code) != 18 || !strings.HasPrefix(code, "28") {
		t.Fatalf("the code is %q", code)
	}
	a := s.call(sen.OpQuickPay, scanned("till", code).with(members{"callback_url": to.URL}))
	if a.Code != 1 || a.Sub != 1 || a.Object["is_processing"] != false || a.Object["zp_trans_id"] == 0.0 {
		t.Fatalf("got %s", a.Body)
	}
	q := s.call(sen.OpQueryOrder, members{"app_trans_id": "261122_till"})
	if q.Sub != 1 || q.Object["zp_trans_id"] != a.Object["zp_trans_id"] || q.Object["amount"] != 50000.0 {
		t.Errorf("query: %s", q.Body)
	}
	s.attempted(s.Order(2553, "261122_till").Callbacks[0].ID, 1)
	if cb, err := s.app.ParseCallback([]byte(to.got()[0])); err != nil || cb.Order.AppTransID != "261122_till" || cb.Order.Channel != 38 {
		t.Errorf("callback: %v %s", err, to.got()[0])
	}
	s.asProgram("261122_till", "/v2/quick_pay", "payment_code")
	if again := s.call(sen.OpQuickPay, scanned("till", s.code(spare))); again.Sub != -68 {
		t.Errorf("the same order again: %s", again.Body)
	}
	if second := s.call(sen.OpQuickPay, scanned("second", code)); second.Sub != -101 || !strings.Contains(second.SubText, "has paid an order") {
		t.Errorf("the same code again: %s", second.Body)
	}
}

// TestQuickPayRefusals brings about what a till can be told.
func TestQuickPayRefusals(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	old, used := s.code(rich), s.code(empty)
	s.SetClock(apptest.Noon.Add(90 * time.Second))
	fresh := s.code(rich)
	for _, c := range []struct {
		name    string
		m       members
		sub     int
		says    string
		queried int // what a query of the order says then; 0: there is none
	}{
		{"no such code", scanned("a", "280000000000000000"), -101, "no such payment code", 3},
		{"too old", scanned("b", old), -101, "time is up", 3},
		{"too much", scanned("c", fresh).with(members{"amount": "2000001"}), -1013, "2,000,000", 3},
		{"a code that is too old, of an empty wallet", scanned("d", used), -101, "time is up", 3},
		{"nothing in it", scanned("e", s.code(empty)), -1010, "", -63},
		{"no code", scanned("f", "-"), -401, "payment_code", -101},
		{"a mac without the code", scanned("g", fresh).with(members{"mac": sen.OpCreateOrder.Sign(s.app.Key1, func(n string) string {
			return scanned("g", fresh).with(members{"app_id": "2553"})[n]
		})}), -402, "payment_code", -101},
	} {
		a := s.call(sen.OpQuickPay, c.m)
		if a.Code != 2 || a.Sub != c.sub || !strings.Contains(a.SubText, c.says) || a.Object["zp_trans_id"] != 0.0 {
			t.Errorf("%s: got %s", c.name, a.Body)
		}
		if q := s.call(sen.OpQueryOrder, members{"app_trans_id": c.m["app_trans_id"]}); q.Sub != c.queried {
			t.Errorf("%s: the query says %s", c.name, q.Body)
		}
	}
	if a := s.call(sen.OpQuickPay, scanned("h", fresh)); a.Sub != 1 {
		t.Errorf("a code that was refused for its amount only: %s", a.Body)
	}
	apptest.Control[control.Wallet](s.Gateway, http.MethodPatch, "/control/wallets/"+other, control.Conditions{Locked: new(true)})
	if status, body := apptest.TryControl(s.Gateway, http.MethodPost, "/control/wallets/"+other+"/code", nil); status == http.StatusOK {
		t.Errorf("a locked wallet shows a code: %s", body)
	}
}

// TestQuickPayOnce shows one code to many tills at the same time.
func TestQuickPayOnce(t *testing.T) {
	t.Parallel()
	const tills = 8
	s := openShop(t)
	code := s.code(spare)
	got := make(chan int, tills)
	for i := range tills {
		go func() { got <- s.call(sen.OpQuickPay, scanned("till"+string(rune('a'+i)), code)).Sub }()
	}
	counts := map[int]int{}
	for range tills {
		counts[<-got]++
	}
	if counts[1] != 1 || counts[-101] != tills-1 {
		t.Errorf("values and how many tills had each: %v", counts)
	}
	for _, w := range apptest.Control[[]control.Wallet](s.Gateway, http.MethodGet, "/control/wallets", nil) {
		if w.Phone == spare && w.Balance != 5_000_000-50_000 {
			t.Errorf("the wallet has %d", w.Balance)
		}
	}
	if l := s.CheckLedger(); len(l.Problems) != 0 {
		t.Errorf("the ledger: %q", l.Problems)
	}
}

// TestQuickPaySDK pays with the Go SDK, and in the first version.
func TestQuickPaySDK(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	client := sen.NewClient(s.app, sen.WithBaseURL(s.URL), sen.WithClock(func() time.Time { return apptest.Noon }))
	request := sen.QuickPayRequest{AppTransID: "261122_sdk", AppUser: "till 1", Amount: 50000, Description: "Tea", PaymentCode: s.code(rich), UserIP: "203.0.113.7"}
	res, err := client.Orders.QuickPay(t.Context(), request)
	if err != nil || res.ZPTransID == 0 {
		t.Fatalf("%+v, %v", res, err)
	}
	request.AppTransID = "261122_sdk2"
	_, err = client.Orders.QuickPay(t.Context(), request)
	if e, ok := errors.AsType[*sen.Error](err); !ok || e.Code() != -101 {
		t.Errorf("the same code again: %v", err)
	}
	if a := s.first(sen.OpQuickPay, scanned("old", s.code(rich))); a.Sub != 1 || a.Object["zptransid"] == 0.0 {
		t.Errorf("in the first version: %s", a.Body)
	}
	if a := s.first(sen.OpQuickPay, scanned("old2", "281")); a.Sub != -101 {
		t.Errorf("in the first version, with no such code: %s", a.Body)
	}
}

// codeKey is the key with which app 2553 may encrypt codes.
func (s *shop) codeKey() *rsa.PublicKey {
	s.t.Helper()
	made := apptest.Control[control.CodeKey](s.Gateway, http.MethodPost, "/control/apps/2553/code-key", nil)
	key, err := sen.ParseCodeKey(made.PublicKey)
	if err != nil {
		s.t.Fatal(err)
	}
	return key
}

// seal encrypts a code as clients do.
func (s *shop) seal(key *rsa.PublicKey, code string) string {
	s.t.Helper()
	sealed, err := rsa.EncryptPKCS1v15(rand.Reader, key, []byte(code)) //nolint:staticcheck // as clients do
	if err != nil {
		s.t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(sealed)
}

// TestQuickPaySealed pays with codes that are encrypted: the mac may cover the
// code in either form, in either version, and with the SDK.
func TestQuickPaySealed(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	key := s.codeKey()
	if again := s.codeKey(); !again.Equal(key) {
		t.Error("asking again makes another key")
	}
	over := func(code string, m members) members {
		covered := m.with(members{"app_id": "2553", "payment_code": code})
		return m.with(members{"mac": sen.OpQuickPay.Sign(s.app.Key1, func(name string) string { return covered[name] })})
	}
	code := s.code(rich)
	sealed := scanned("sealed", s.seal(key, code))
	if a := s.call(sen.OpQuickPay, over(code, sealed)); a.Sub != 1 || a.Object["zp_trans_id"] == 0.0 {
		t.Errorf("a mac over the code: %s", a.Body)
	}
	if a := s.call(sen.OpQuickPay, scanned("sealed2", s.seal(key, s.code(rich)))); a.Sub != 1 {
		t.Errorf("a mac over what is sent: %s", a.Body)
	}
	if a := s.first(sen.OpQuickPay, scanned("sealed3", s.seal(key, s.code(rich)))); a.Sub != 1 {
		t.Errorf("in the first version: %s", a.Body)
	}
	if a := s.call(sen.OpQuickPay, over("281234567890123456", scanned("sealed4", s.seal(key, s.code(rich))))); a.Sub != -402 {
		t.Errorf("a mac over another code: %s", a.Body)
	}
	client := sen.NewClient(s.app, sen.WithBaseURL(s.URL), sen.WithClock(func() time.Time { return apptest.Noon }), sen.WithCodeKey(key))
	res, err := client.Orders.QuickPay(t.Context(), sen.QuickPayRequest{
		AppTransID: "261122_sealed5", AppUser: "till 1", Amount: 50000, Description: "Tea", PaymentCode: s.code(rich),
	})
	if err != nil || res.ZPTransID == 0 {
		t.Errorf("by the SDK: %+v, %v", res, err)
	}
	s.asProgram("261122_sealed", "/v2/quick_pay", "payment_code")
	if text := stored(t, s.Gateway); strings.Contains(text, code) {
		t.Error("a code is kept in the clear")
	}
}

// TestSealedCodesTellNothing compares what is answered to a code that nobody has
// with what is answered to texts that can't be decrypted: nothing may differ.
func TestSealedCodesTellNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	key := s.codeKey()
	damaged := []byte(s.seal(key, s.code(rich)))
	damaged[50] ^= 1
	var answers []string
	for i, code := range []string{
		s.seal(key, "280000000000000000"), s.seal(key, "28"), string(damaged), base64.StdEncoding.EncodeToString(make([]byte, 256)),
		strings.Repeat("A", 344), strings.Repeat("!", 344),
	} {
		suffix := "none" + string(rune('a'+i))
		a := s.call(sen.OpQuickPay, scanned(suffix, code))
		q := s.call(sen.OpQueryOrder, members{"app_trans_id": "261122_" + suffix})
		if a.Sub != -101 || q.Sub != 3 {
			t.Errorf("code %d: %s, and the query %s", i, a.Body, q.Body)
		}
		answers = append(answers, a.Body)
	}
	if same := slices.Compact(answers); len(same) != 1 {
		t.Errorf("answers differ: %q", same)
	}
}

// TestSealedCodesAcrossNewKeys gives the vault a new key: keys for payment codes
// are sealed anew, are not stored in the clear, and go on to open codes.
func TestSealedCodesAcrossNewKeys(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	key := s.codeKey()
	before, err := app.Vault(t.Context(), where(s.Gateway))
	if err != nil {
		t.Fatal(err)
	}
	if err := app.RotateVault(s.Dir); err != nil {
		t.Fatal(err)
	}
	apptest.Wait(t, "everything to be under the new key", func() bool {
		st, err := app.Vault(t.Context(), where(s.Gateway))
		return err == nil && len(st.Keys) == 2 && st.Keys[1].InUse && st.Keys[0].Secrets == 0 && st.Keys[1].Secrets == before.Keys[0].Secrets
	})
	if _, err := app.RetireKeys(t.Context(), where(s.Gateway)); err != nil {
		t.Fatal(err)
	}
	s.Restart(nil)
	if a := s.call(sen.OpQuickPay, scanned("rotated", s.seal(key, s.code(rich)))); a.Sub != 1 {
		t.Errorf("got %s", a.Body)
	}
	if again := s.codeKey(); !again.Equal(key) {
		t.Error("the key is another one")
	}
}

// TestQuickPayClosed closes the operation by its name, and forces a value of it.
func TestQuickPayClosed(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	apptest.Control[control.Rule](s.Gateway, http.MethodPost, "/control/rules", control.Rule{Operation: "quick_pay", Value: new(-1010), Calls: 1})
	if a := s.call(sen.OpQuickPay, scanned("a", s.code(rich))); a.Sub != -1010 {
		t.Errorf("forced: %s", a.Body)
	}
	if a := s.call(sen.OpQuickPay, scanned("a", s.code(rich))); a.Sub != 1 {
		t.Errorf("not forced any more: %s", a.Body)
	}
	apptest.Control[control.Window](s.Gateway, http.MethodPost, "/control/maintenance", control.Window{Operation: "quick_pay"})
	if a := s.call(sen.OpQuickPay, scanned("b", s.code(rich))); a.Sub != -999 {
		t.Errorf("closed: %s", a.Body)
	}
	if a := s.call(sen.OpCreateOrder, order("c")); a.Sub != 1 {
		t.Errorf("creating an order is not closed: %s", a.Body)
	}
}
