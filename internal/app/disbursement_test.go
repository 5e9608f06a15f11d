package app_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
	"sen/internal/merchant"
	"sen/internal/pay"
	"sen/internal/sandbox"
	"sen/internal/store"
)

const (
	locked     = "0900000007"
	unverified = "0900000010" // holds more than it may be paid
)

// payer is a shop that pays out.
type payer struct {
	*shop
	key *rsa.PrivateKey
}

func openPayer(t testing.TB, set ...func(*app.Config)) *payer {
	t.Helper()
	s := openShop(t, set...)
	key, err := sen.ParsePrivateKey(s.payouts(2553).PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return &payer{s, key}
}

func (s *shop) payouts(id int64) control.Payouts {
	s.t.Helper()
	return apptest.Control[control.Payouts](s.Gateway, http.MethodGet, "/control/apps/"+strconv.FormatInt(id, 10)+"/disbursement", nil)
}

func (p *payer) change(c control.ChangePayouts) control.Payouts {
	p.t.Helper()
	return apptest.Control[control.Payouts](p.Gateway, http.MethodPost, "/control/apps/2553/disbursement", c)
}

func (p *payer) fund(amount int64) control.Payouts {
	p.t.Helper()
	return apptest.Control[control.Payouts](p.Gateway, http.MethodPost, "/control/apps/2553/disbursement/fund", control.Amount{Amount: amount})
}

func (p *payer) receiver(phone string) string {
	p.t.Helper()
	a := p.call(sen.OpDisbursementUser, members{"phone": phone, "time": p.now()})
	id, _ := data(a)["m_u_id"].(string)
	if a.Sub != 1 || id == "" || data(a)["name"] == "" || data(a)["phone"] != phone {
		p.t.Fatalf("receiver %s: %s", phone, a.Body)
	}
	return id
}

func (p *payer) now() string { return strconv.FormatInt(p.Now().UnixMilli(), 10) }

// TestReceiversAreNotForAll asks for the name behind a telephone number as an app
// that may not pay out.
func TestReceiversAreNotForAll(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	made := apptest.Control[control.App](s.Gateway, http.MethodPost, "/control/apps", control.NewApp{ID: 77, Name: "Quán mới"})
	s.app = sen.App{ID: 77, Key1: made.Key1}
	for _, phone := range []string{"0900000001", locked, "0911111111"} {
		a := s.call(sen.OpDisbursementUser, members{"phone": phone, "time": strconv.FormatInt(s.Now().UnixMilli(), 10)})
		if a.Sub != -401 || data(a)["name"] != "" || data(a)["m_u_id"] != "" || !strings.Contains(a.Body, "public key") {
			s.t.Errorf("%s: %s", phone, a.Body)
		}
	}
}

// payout is a good request.
func (p *payer) payout(id, receiver, amount string) members {
	return members{
		"payment_id": "CASHIN", "partner_order_id": id, "m_u_id": receiver, "amount": amount, "description": "Lương tháng 11",
		"partner_embed_data": `{"store": "s2"}`, "extra_info": "{}", "time": p.now(),
	}
}

// sign signs a payout, unless it has a signature already.
func (p *payer) sign(m members) members {
	p.t.Helper()
	m = m.with(members{"app_id": "2553"})
	if m["sig"] == "" {
		sig, err := sen.SignRSA(p.key, p.hmac(m))
		if err != nil {
			p.t.Fatal(err)
		}
		m["sig"] = sig
	}
	return m
}

func (p *payer) hmac(m members) string {
	m = m.with(members{"app_id": "2553"})
	return sen.OpDisbursementTopUp.Sign(p.app.Key1, func(name string) string { return m[name] })
}

func (p *payer) topUp(m members) answer {
	p.t.Helper()
	return p.send(http.MethodPost, sen.OpDisbursementTopUp.Path, "application/json", p.sign(m).json(p.t))
}

func (p *payer) asked(id string) answer {
	p.t.Helper()
	return p.call(sen.OpDisbursementQuery, members{"partner_order_id": id, "time": p.now()})
}

// status waits until a payout is in a status.
func (p *payer) status(id string, want float64) answer {
	p.t.Helper()
	var a answer
	apptest.Wait(p.t, "the payout "+id, func() bool {
		a = p.asked(id)
		return data(a)["status"] == want
	})
	return a
}

func (p *payer) left() float64 {
	p.t.Helper()
	a := p.call(sen.OpDisbursementBalance, members{"payment_id": "CASHIN", "time": p.now()})
	balance, ok := data(a)["balance"].(float64)
	if a.Sub != 1 || !ok {
		p.t.Fatalf("balance: %s", a.Body)
	}
	return balance
}

func (p *payer) has(phone string) int64 {
	p.t.Helper()
	for _, w := range apptest.Control[[]control.Wallet](p.Gateway, http.MethodGet, "/control/wallets", nil) {
		if w.Phone == phone {
			return w.Balance
		}
	}
	p.t.Fatalf("no wallet %s", phone)
	return 0
}

func data(a answer) map[string]any {
	object, _ := a.Object["data"].(map[string]any)
	return object
}

// TestDisbursement pays out to a wallet, once.
func TestDisbursement(t *testing.T) {
	t.Parallel()
	p := openPayer(t)
	before, had := p.left(), p.has(spare)
	receiver := p.receiver(spare)
	if again := p.receiver(spare); again != receiver {
		t.Errorf("the receiver is %s, then %s", receiver, again)
	}
	a := p.topUp(p.payout("p1", receiver, "120000"))
	got := data(a)
	number, _ := got["order_id"].(string)
	if a.Code != 1 || a.Sub != 1 || got["status"] != 1.0 || number == "" || got["m_u_id"] != receiver || got["phone"] != spare ||
		got["amount"] != 120000.0 || got["extra_info"] != "{}" || got["upgrade_url"] != "" || got["time"] == 0.0 {
		t.Fatalf("got %s", a.Body)
	}
	if p.left() != before-120000 || p.has(spare) != had+120000 {
		t.Errorf("left %v of %v; the wallet has %d, had %d", p.left(), before, p.has(spare), had)
	}
	q := p.asked("p1")
	if q.Sub != 1 || data(q)["status"] != 1.0 || data(q)["zp_trans_id"] != number || data(q)["description"] != "Lương tháng 11" {
		t.Errorf("query: %s", q.Body)
	}
	for _, again := range []members{p.payout("p1", receiver, "120000"), p.payout("p1", "nobody", "1")} {
		if a := p.topUp(again); a.Code != 2 || a.Sub != -68 {
			t.Errorf("the same again: %s", a.Body)
		}
	}
	if p.left() != before-120000 {
		t.Errorf("paid out twice: %v left", p.left())
	}
	p.CheckLedger()
}

// TestDisbursementRefusals brings about what a merchant can be told.
func TestDisbursementRefusals(t *testing.T) {
	t.Parallel()
	p := openPayer(t)
	to := p.receiver(spare)
	good := p.payout("r", to, "1000")
	foreign := p.call(sen.OpDisbursementUser, members{"app_id": "2554", "phone": spare, "time": p.now(), "mac": sen.Sign(p.App(2554).Key1, []byte("2554|"+spare+"|"+p.now()))})
	user := func(phone string) members { return members{"phone": phone, "time": p.now()} }
	for _, c := range []struct {
		name string
		a    answer
		sub  int
		why  string
	}{
		{"user: no wallet", p.call(sen.OpDisbursementUser, user("0912345678")), -101, ""},
		{"user: no telephone number", p.call(sen.OpDisbursementUser, user("12345")), -401, "ten digits"},
		{"user: locked", p.call(sen.OpDisbursementUser, user(locked)), -1011, ""},
		{"user: old", p.call(sen.OpDisbursementUser, user(spare).with(members{"time": millis(-16 * time.Minute)})), -401, "behind the server"},
		{"user: mac", p.call(sen.OpDisbursementUser, user(spare).with(members{"mac": strings.Repeat("0", 64)})), -402, "app_id|phone|time"},
		{"topup: nobody", p.topUp(good.with(members{"m_u_id": "m"})), -101, "/v2/disbursement/user"},
		{"topup: another app's receiver", p.topUp(good.with(members{"m_u_id": data(foreign)["m_u_id"].(string)})), -101, "this app"},
		{"topup: full", p.topUp(good.with(members{"m_u_id": p.receiver(unverified)})), -406, ""},
		{"topup: no amount", p.topUp(good.with(members{"amount": "0"})), -401, "amount"},
		{"topup: account", p.topUp(good.with(members{"payment_id": "OTHER"})), -401, "payment_id"},
		{"topup: no sig", p.send("POST", "/v2/disbursement/topup", "application/json", p.sign(good).with(members{"sig": "-"}).json(t)), -401, "sig"},
		{"txn: unknown", p.asked("none"), -101, ""},
		{"balance: account", p.call(sen.OpDisbursementBalance, members{"payment_id": "OTHER", "time": p.now()}), -401, "payment_id"},
	} {
		if c.a.HTTP != 200 || c.a.Code != 2 || c.a.Sub != c.sub || !strings.Contains(c.a.SubText, c.why) || data(c.a) == nil {
			t.Errorf("%s: want %d %q, got %s", c.name, c.sub, c.why, c.a.Body)
		}
	}
	none, full := p.call(sen.OpDisbursementUser, user("0912345678")), p.topUp(good.with(members{"m_u_id": p.receiver(unverified)}))
	if data(none)["onboarding_url"] != p.URL+"/wallet/sign-up" || data(full)["upgrade_url"] != p.URL+"/wallet/limits" {
		t.Errorf("links: %s %s", none.Body, full.Body)
	}
	if a := p.asked("r"); a.Sub != -101 {
		t.Errorf("a refusal was kept: %s", a.Body)
	}
	p.close(sen.OpDisbursementTopUp)
	if a := p.topUp(good); a.Sub != -503 {
		t.Errorf("maintenance: %s", a.Body)
	}
	p.CheckLedger()
}

// TestDisbursementSignatures makes the mistakes that clients make with sig, and
// reads what the sandbox says to them.
func TestDisbursementSignatures(t *testing.T) {
	t.Parallel()
	p := openPayer(t)
	m := p.payout("s", p.receiver(spare), "1000").with(members{"app_id": "2553"})
	mac := p.hmac(m)
	raw, err := hex.DecodeString(mac)
	if err != nil {
		t.Fatal(err)
	}
	plainText := string(sen.OpDisbursementTopUp.AppendInput(nil, func(name string) string { return m[name] }, ""))
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(key *rsa.PrivateKey, text string) string {
		sig, err := sen.SignRSA(key, text)
		if err != nil {
			t.Fatal(err)
		}
		return sig
	}
	sum := sha256.Sum256([]byte(mac))
	pss, err := rsa.SignPSS(rand.Reader, p.key, crypto.SHA256, sum[:], nil)
	if err != nil {
		t.Fatal(err)
	}
	for sig, why := range map[string]string{
		sign(p.key, plainText):                               "make its HMAC first",
		sign(p.key, string(raw)):                             "hexadecimal digits",
		sign(p.key, strings.ToUpper(mac)):                    "capital letters",
		sign(p.key, sen.Sign(p.app.Key2, []byte(plainText))): "key2",
		sign(p.key, sen.Sign(p.app.Key1, []byte("x"))):       "over another mac",
		sign(stranger, mac):                                  "another private key",
		base64.StdEncoding.EncodeToString(pss):               "PKCS #1 v1.5",
		mac:                                                  "is the mac itself",
		"%%%":                                                "not base64",
		"AAAA":                                               "another key made it",
	} {
		a := p.topUp(m.with(members{"sig": sig}))
		if a.Sub != -402 || !strings.Contains(a.SubText, why) || !strings.Contains(a.SubText, plainText) {
			t.Errorf("want %q, got %s", why, a.Body)
		}
	}
	if a := p.topUp(m); a.Sub != 1 {
		t.Errorf("the right one: %s", a.Body)
	}
}

// TestDisbursementWaits follows payouts that can't be made at once: while the
// operator holds them up, and while the account does not cover them.
func TestDisbursementWaits(t *testing.T) {
	t.Parallel()
	p := openPayer(t)
	to, hold, free := p.receiver(spare), true, false
	had, before := p.has(spare), int64(p.left())
	if !p.change(control.ChangePayouts{Held: &hold}).Held {
		t.Fatal("not held")
	}
	for _, id := range []string{"h1", "h2"} {
		if a := p.topUp(p.payout(id, to, "1000")); a.Sub != 1 || data(a)["status"] != 3.0 || data(a)["time"] == 0.0 {
			t.Fatalf("held: %s", a.Body)
		}
	}
	if q := p.asked("h1"); data(q)["zp_trans_id"] != "" || p.has(spare) != had {
		t.Errorf("paid while held: %s", q.Body)
	}
	rejected := p.numberOf("h2")
	p.reject(rejected, http.StatusOK)
	p.reject(rejected, http.StatusConflict)
	p.change(control.ChangePayouts{Held: &free})
	p.status("h1", 1)
	p.status("h2", 2)
	p.reject(p.numberOf("h1"), http.StatusConflict)

	more := strconv.FormatInt(before+5000, 10)
	if a := p.topUp(p.payout("f1", to, more)); a.Sub != 1 || data(a)["status"] != 4.0 {
		t.Fatalf("not covered: %s", a.Body)
	}
	if a := p.topUp(p.payout("f2", to, "1000")); data(a)["status"] != 1.0 {
		t.Errorf("what is covered must not wait: %s", a.Body)
	}
	p.fund(10000)
	p.status("f1", 1)
	if got := p.has(spare); got != had+before+5000+2000 {
		t.Errorf("the wallet has %d", got)
	}
	if p.left() != float64(before-1000-1000+10000)-float64(before+5000) {
		t.Errorf("%v is left", p.left())
	}

	// The wallet is locked while its payout waits.
	p.change(control.ChangePayouts{Held: &hold})
	p.topUp(p.payout("l1", to, "1000"))
	apptest.Control[control.Wallet](p.Gateway, http.MethodPatch, "/control/wallets/"+spare, control.Conditions{Locked: &hold})
	p.change(control.ChangePayouts{Held: &free})
	p.status("l1", 2)
	if d := p.payoutOf("l1"); d.Failure != "receiver_locked" || d.ClosedAt == nil {
		t.Errorf("got %+v", d)
	}
	p.CheckLedger()
}

func (p *payer) payoutOf(id string) control.Disbursement {
	p.t.Helper()
	return apptest.Control[control.Disbursement](p.Gateway, http.MethodGet, "/control/disbursements/2553/"+id, nil)
}

func (p *payer) numberOf(id string) int64 { return p.payoutOf(id).Number }

func (p *payer) reject(number int64, want int) {
	p.t.Helper()
	status, body := apptest.TryControl(p.Gateway, http.MethodPost, "/control/disbursements/"+strconv.FormatInt(number, 10)+"/reject", nil)
	if status != want {
		p.t.Errorf("reject: %d %s", status, body)
	}
}

// TestDisbursementRace spends an account that covers half of what is asked for
// at once, and repeats each call: never more than there is, never twice.
func TestDisbursementRace(t *testing.T) {
	t.Parallel()
	p := openPayer(t)
	to := p.receiver(spare)
	half := strconv.FormatInt(int64(p.left())/4, 10)
	had := p.has(spare)
	var wg sync.WaitGroup
	answers := make(chan answer, 32)
	for i := range 16 {
		m := p.payout("race"+strconv.Itoa(i/2), to, half)
		wg.Go(func() { answers <- p.topUp(m) })
	}
	wg.Wait()
	close(answers)
	status, duplicates := map[any]int{}, 0
	for a := range answers {
		if a.Sub == -68 {
			duplicates++
			continue
		}
		status[data(a)["status"]]++
	}
	if status[1.0] != 4 || status[4.0] != 4 || duplicates != 8 {
		t.Errorf("statuses %v, %d duplicates", status, duplicates)
	}
	if p.left() != 0 || p.has(spare) != had+4*(1_000_000_000/4) {
		t.Errorf("%v is left, the wallet has %d", p.left(), p.has(spare))
	}
	p.CheckLedger()
}

// TestDisbursementSDK pays out with the SDK.
func TestDisbursementSDK(t *testing.T) {
	t.Parallel()
	p := openPayer(t)
	client := sen.NewClient(p.app, sen.WithBaseURL(p.URL), sen.WithClock(p.Now), sen.WithHTTPClient(plain), sen.WithPrivateKey(p.key))
	user, err := client.Disbursements.User(t.Context(), sen.DisbursementUserRequest{Phone: spare})
	if err != nil || user.Data.Name == "" {
		t.Fatal(user, err)
	}
	request := sen.DisbursementTopupRequest{PartnerOrderID: "sdk", MUID: user.Data.MUID, Amount: 5000, Description: "Hoàn ứng"}
	paid, err := client.Disbursements.TopUp(t.Context(), request)
	if err != nil || paid.Data.Status != sen.DisbursementPaid || !paid.Data.Status.Final() {
		t.Fatal(paid, err)
	}
	var refused *sen.Error
	if _, err := client.Disbursements.TopUp(t.Context(), request); !errors.As(err, &refused) || refused.Code() != sen.CodeDuplicate {
		t.Errorf("again: %v", err)
	}
	asked, err := client.Disbursements.Query(t.Context(), sen.DisbursementTxnRequest{PartnerOrderID: "sdk"})
	if err != nil || asked.Data.ZPTransID != paid.Data.OrderID || asked.Data.Amount != 5000 {
		t.Error(asked, err)
	}
	left, err := client.Disbursements.Balance(t.Context(), sen.DisbursementBalanceRequest{})
	if err != nil || float64(left.Data.Balance) != p.left() {
		t.Error(left, err)
	}
	keyless := sen.NewClient(p.app, sen.WithBaseURL(p.URL), sen.WithClock(p.Now), sen.WithHTTPClient(plain))
	if _, err := keyless.Disbursements.TopUp(t.Context(), request); err == nil || !strings.Contains(err.Error(), "WithPrivateKey") {
		t.Errorf("without a key: %v", err)
	}
}

// TestDisbursementKeys registers another key: the one of before is worth nothing
// then, and what is no key is refused.
func TestDisbursementKeys(t *testing.T) {
	t.Parallel()
	p := openPayer(t)
	if shown := p.payouts(15555); shown.PaymentID != "CASHIN" || shown.PrivateKey == "" || shown.Balance != 1_000_000_000 {
		t.Errorf("the sample's app: %+v", shown)
	}
	to := p.receiver(spare)
	for _, bad := range []string{"x", "QUJD", sandbox.PIN} {
		if status, body := apptest.TryControl(p.Gateway, http.MethodPost, "/control/apps/2553/disbursement", control.ChangePayouts{PublicKey: bad}); status != http.StatusBadRequest {
			t.Errorf("%q: %d %s", bad, status, body)
		}
	}
	fresh, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	changed := p.change(control.ChangePayouts{PublicKey: pemOf(t, &fresh.PublicKey), PaymentID: "PAYROLL-1"})
	if changed.PaymentID != "PAYROLL-1" || changed.PrivateKey != "" {
		t.Errorf("got %+v", changed)
	}
	m := p.payout("k", to, "1000").with(members{"payment_id": "PAYROLL-1"})
	if a := p.topUp(m); a.Sub != -402 {
		t.Errorf("the old key: %s", a.Body)
	}
	p.key = fresh
	if a := p.topUp(m); a.Sub != 1 || data(a)["status"] != 1.0 {
		t.Errorf("the new key: %s", a.Body)
	}
}

func pemOf(t testing.TB, key *rsa.PublicKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// decide asks an operator's decision about a payout, and returns the status of
// the answer.
func (p *payer) decide(number int64, decision string) int {
	p.t.Helper()
	status, _ := apptest.TryControl(p.Gateway, http.MethodPost, "/control/disbursements/"+strconv.FormatInt(number, 10)+"/"+decision, nil)
	return status
}

// wants checks what the merchant is told of a payout, and what operators see.
func (p *payer) wants(id string, status float64, state string) {
	p.t.Helper()
	if a := p.asked(id); a.Sub != 1 || data(a)["status"] != status {
		p.t.Errorf("%s: the merchant is told %s", id, a.Body)
	}
	if d := p.payoutOf(id); d.State != state {
		p.t.Errorf("%s is %s, want %s", id, d.State, state)
	}
}

// TestDisbursementReview holds payouts from an amount on and by hand, and
// releases one from many sides at once: it is paid out once.
func TestDisbursementReview(t *testing.T) {
	t.Parallel()
	p := openPayer(t)
	to, from, hold, free := p.receiver(spare), int64(5000), true, false
	had, before := p.has(spare), p.left()
	if got := p.change(control.ChangePayouts{ReviewFrom: &from}).ReviewFrom; got != from {
		t.Fatalf("held from %d", got)
	}
	if a := p.topUp(p.payout("small", to, "4999")); data(a)["status"] != 1.0 {
		t.Errorf("below the amount: %s", a.Body)
	}
	if a := p.topUp(p.payout("large", to, "5000")); a.Sub != 1 || data(a)["status"] != 3.0 {
		t.Errorf("the amount itself: %s", a.Body)
	}
	large := p.numberOf("large")
	if d := p.payoutOf("large"); d.State != "held" || d.Hold != "above" || d.HeldAt == nil || d.ReleasedAt != nil {
		t.Errorf("got %+v", d)
	}
	for _, of := range []string{"0", "2553"} {
		all := apptest.Control[[]control.Disbursement](p.Gateway, http.MethodGet, "/control/disbursements/"+of+"?state=held", nil)
		if len(all) != 1 || all[0].Number != large {
			t.Errorf("held of app %s: %+v", of, all)
		}
	}
	p.fund(1) // wakes what waits, and not what is held
	p.Advance(time.Hour)
	p.wants("large", 3, "held")
	for decision, want := range map[string]int{"hold": http.StatusConflict, "forget": http.StatusNotFound} {
		if got := p.decide(large, decision); got != want {
			t.Errorf("%s: %d", decision, got)
		}
	}

	var wg sync.WaitGroup
	statuses := make(chan int, 8)
	for range cap(statuses) {
		wg.Go(func() { statuses <- p.decide(large, "release") })
	}
	wg.Wait()
	close(statuses)
	counts := map[int]int{}
	for s := range statuses {
		counts[s]++
	}
	if counts[http.StatusOK] != 1 || counts[http.StatusConflict] != 7 {
		t.Errorf("released with %v", counts)
	}
	p.wants("large", 1, "succeeded")
	if p.has(spare) != had+4999+5000 || p.left() != before+1-4999-5000 {
		t.Errorf("the wallet has %d, %v is left", p.has(spare), p.left())
	}
	for _, decision := range []string{"hold", "release", "reject"} {
		if got := p.decide(large, decision); got != http.StatusConflict {
			t.Errorf("%s of what is paid out: %d", decision, got)
		}
	}
	if got := p.decide(1, "release"); got != http.StatusNotFound {
		t.Errorf("none: %d", got)
	}

	// The app's payouts are held up too: one that is released waits for that.
	p.change(control.ChangePayouts{Held: &hold})
	p.topUp(p.payout("both", to, "6000"))
	p.topUp(p.payout("hand", to, "100"))
	p.decide(p.numberOf("both"), "release")
	p.wants("both", 3, "running")
	p.decide(p.numberOf("hand"), "hold")
	p.change(control.ChangePayouts{Held: &free})
	p.status("both", 1)
	p.wants("hand", 3, "held")

	// What can't be received any more fails when it is released.
	apptest.Control[control.Wallet](p.Gateway, http.MethodPatch, "/control/wallets/"+spare, control.Conditions{Locked: &hold})
	p.decide(p.numberOf("hand"), "release")
	p.wants("hand", 2, "failed")
	if got := p.payoutOf("hand").Failure; got != "receiver_locked" {
		t.Errorf("failed by %s", got)
	}
	p.CheckLedger()
}

// TestLivePayoutReview runs the commands of an operator beside a live gateway.
func TestLivePayoutReview(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	var place app.Where
	var a merchant.App
	g := apptest.Start(t, func(c *app.Config) {
		c.Mode, c.PublicURL = app.Live, "https://pay.example"
		place = livePlace(t, c)
		a = livePayer(t, place, key)
	})
	keep := func(f func(k control.Bookkeeper) error) {
		t.Helper()
		if err := app.KeepBooks(t.Context(), place, func(k control.Bookkeeper, _ bool) error { return f(k) }); err != nil {
			t.Fatal(err)
		}
	}
	keep(func(k control.Bookkeeper) error {
		in := control.FundPayouts{Amount: 100_000, Reference: "VCB 2611220042"}
		if _, err := k.FundPayouts(t.Context(), 7, in); err != nil {
			return err
		}
		if _, err := k.FundPayouts(t.Context(), 7, in); !errors.Is(err, pay.ErrFunded) {
			t.Errorf("the same reference: %v", err)
		}
		return nil
	})
	client := sen.NewClient(sen.App{ID: 7, Key1: a.Key1, Key2: a.Key2}, sen.WithBaseURL(g.URL), sen.WithClock(func() time.Time { return apptest.Noon }),
		sen.WithHTTPClient(plain), sen.WithPrivateKey(key))
	user, err := client.Disbursements.User(t.Context(), sen.DisbursementUserRequest{Phone: "0912345678"})
	if err != nil {
		t.Fatal(err)
	}
	pays := func(id string, amount int64) int64 {
		t.Helper()
		d, err := client.Disbursements.TopUp(t.Context(), sen.DisbursementTopupRequest{PartnerOrderID: id, MUID: user.Data.MUID, Amount: amount, Description: "Lương"})
		if err != nil || d.Data.Status != 3 {
			t.Fatalf("%s: %+v, %v", id, d, err)
		}
		n, err := strconv.ParseInt(d.Data.OrderID, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	first, second := pays("first", 60_000), pays("second", 55_000)
	keep(func(k control.Bookkeeper) error {
		d, err := k.ReleasePayout(t.Context(), first)
		if err != nil || d.State != "succeeded" {
			t.Errorf("released: %+v, %v", d, err)
		}
		if _, err := k.ReleasePayout(t.Context(), first); !errors.Is(err, pay.ErrDisbursementClosed) {
			t.Errorf("released twice: %v", err)
		}
		if d, err = k.ReleasePayout(t.Context(), second); d.State != "pending" { // 40 000 are left
			t.Errorf("released without cover: %+v, %v", d, err)
		}
		if d, err = k.HoldPayout(t.Context(), second); d.Hold != "by_hand" {
			t.Errorf("held by hand: %+v, %v", d, err)
		}
		_, err = k.RejectPayout(t.Context(), second)
		return err
	})
	for id, want := range map[string]sen.DisbursementStatus{"first": sen.DisbursementPaid, "second": sen.DisbursementFailed} {
		apptest.Wait(t, "what the merchant is told of "+id, func() bool { // what another process did is seen a moment later
			asked, err := client.Disbursements.Query(t.Context(), sen.DisbursementTxnRequest{PartnerOrderID: id})
			return err == nil && asked.Data.Status == want
		})
	}
	keep(func(k control.Bookkeeper) error {
		w, err := k.Pay.WalletByPhone(t.Context(), "0912345678")
		if err != nil {
			return err
		}
		if _, has, err := k.Pay.WalletBalance(t.Context(), w.ID); err != nil || has != 90_000 { // 30 000 before
			t.Errorf("the wallet has %v, %v", has, err)
		}
		wantRecords(t, k.Store, "payouts_change payouts_change payouts_fund payout_release payout_release payout_hold payout_reject")
		return nil
	})
}

// livePayer makes app 7 of a live gateway that pays out, and a wallet.
func livePayer(t *testing.T, place app.Where, key *rsa.PrivateKey) merchant.App {
	t.Helper()
	a, err := app.CreateApp(t.Context(), place, app.Live, merchant.App{ID: 7, Name: "Sen"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.OpenDisbursement(t.Context(), place, 7, "", pemOf(t, &key.PublicKey)); err != nil {
		t.Fatal(err)
	}
	from := int64(50_000)
	err = app.KeepBooks(t.Context(), place, func(k control.Bookkeeper, _ bool) error {
		_, err := k.ChangePayouts(t.Context(), 7, control.ChangePayouts{ReviewFrom: &from})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	tradeAt(t, place, a, apptest.Noon)
	return a
}

// wantRecords wants those actions in the audit log, the oldest first, each by the
// command line.
func wantRecords(t *testing.T, s *store.Store, want string) {
	t.Helper()
	all, err := s.Records(t.Context(), store.RecordSearch{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range slices.Backward(all) {
		got = append(got, string(r.Action))
		if !strings.HasPrefix(r.Actor, "command line") || r.App != 7 || r.Became == "" {
			t.Errorf("%+v", r)
		}
	}
	if strings.Join(got, " ") != want {
		t.Errorf("the audit log has %q, want %q", got, want)
	}
}
