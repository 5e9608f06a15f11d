package tokentest

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen"
	"sen/internal/app/apptest"
	"sen/internal/control"
)

// TestBindingLinks reads the answer under both families of names.
func TestBindingLinks(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	_, made := s.ask(t, nil)
	token := made.BindingToken
	if len(token) != 32 || made.BindingID != token || made.BindingURL != made.BindingQRLink {
		t.Errorf("token %q, id %q, url %q, qr link %q", token, made.BindingID, made.BindingURL, made.BindingQRLink)
	}
	for name, want := range map[string][2]string{
		"binding_qr_link": {made.BindingQRLink, s.URL + "/binding?binding_token=" + token},
		"short_link":      {made.ShortLink, s.URL + "/oauthbe/agreement/" + token},
		"deep_link":       {made.DeepLink, "sen://launch/app/730?view=authorize&b=" + token},
	} {
		if want[0] != want[1] {
			t.Errorf("%s: got %s, want %s", name, want[0], want[1])
		}
	}
}

// TestBindingCallbacks follows a binding through the callbacks that it owes. The
// SDK has checked the mac of each.
func TestBindingCallbacks(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	by := map[string]func(control.Binding) error{
		"user": func(b control.Binding) error {
			_, err := s.Control.EndBinding(t.Context(), b.ID, control.EndBinding{})
			return err
		},
		"operator": func(b control.Binding) error {
			_, err := s.Control.EndBinding(t.Context(), b.ID, control.EndBinding{Operator: true})
			return err
		},
		"merchant": func(b control.Binding) error {
			_, err := s.client.Bindings.End(t.Context(), sen.UnbindingWalletRequest{BindingID: b.ID, Identifier: user})
			return err
		},
	}
	for who, end := range by {
		b := s.bind(t, rich, func(in *sen.CreateBindingWalletRequest) {
			in.CallbackURL, in.BindingData = s.url, `{"plan": "monthly"}`
		})
		want := sen.AgreementCallback{
			AppID: s.app.ID, AppTransID: b.AppTransID, BindingID: b.ID, PayToken: b.PayToken, MerchantUserID: user,
			Status: sen.BindingConfirmed, MsgType: sen.BindingCreatedMessage, MaskedUserPhone: "****0001", BindingData: `{"plan": "monthly"}`,
		}
		s.wantCallback(t, who+" confirmed", want)
		if err := end(b); err != nil {
			t.Fatal(err)
		}
		want.Status, want.MsgType = sen.BindingCancelled, sen.BindingChangedMessage
		if who == "operator" {
			want.Status = sen.BindingDisabled
		}
		s.wantCallback(t, who+" ended", want)
		wantCode(t, who+": the token", s.pay(t, b, 1000), sen.CodeBindingEnded)
	}
}

// wantCallback wants the next callback, and the same from a query.
func (s *shop) wantCallback(t *testing.T, what string, want sen.AgreementCallback) {
	t.Helper()
	c := <-s.heard
	if c.Type != sen.AgreementCallbackType || c.Agreement == nil {
		t.Fatalf("%s: got a callback of type %d", what, c.Type)
	}
	queried, err := s.client.Bindings.Query(t.Context(), sen.QueryPaymentTokenWalletRequest{AppTransID: want.AppTransID})
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for from, got := range map[string]sen.AgreementCallback{"callback": *c.Agreement, "query": *queried.Data} {
		// Seconds: as milliseconds it would be a date in 1970, or beyond 50000.
		if off := time.Since(time.Unix(got.ServerTime, 0)).Abs(); off > time.Hour {
			t.Errorf("%s, %s: server_time %d is %v off", what, from, got.ServerTime, off)
		}
		if got.ZPUserID == "" {
			t.Errorf("%s, %s: no zp_user_id", what, from)
		}
		got.ServerTime, got.ZPUserID = 0, ""
		got.ExpiryTimestampMS = want.ExpiryTimestampMS // see TestTokenEnds
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", what, from, diff)
		}
	}
}

// TestConsentTwice confirms twice: the same wallet changes nothing, and another
// is too late. The merchant hears of it once.
func TestConsentTwice(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	b := s.bind(t, rich, func(in *sen.CreateBindingWalletRequest) { in.CallbackURL = s.url })
	first, err := s.Control.Binding(t.Context(), b.ID)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Control.Consent(t.Context(), first.ID, control.Consent{Wallet: rich})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the binding after the second consent (-first +second):\n%s", diff)
	}
	_, err = s.Control.Consent(t.Context(), first.ID, control.Consent{Wallet: alsoRich})
	wantRefused(t, "another wallet", err, "binding_over")
	_, err = s.Control.Consent(t.Context(), first.ID, control.Consent{Decline: true})
	wantRefused(t, "decline", err, "binding_over")
	all, err := s.Control.Callbacks(t.Context(), 10)
	if err != nil || len(all) != 1 {
		t.Errorf("%d callbacks, %v, want 1", len(all), err)
	}
}

// TestUnanswered follows bindings whose users decline or say nothing.
func TestUnanswered(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	query := func(id string) (*sen.QueryPaymentTokenWalletResponse, error) {
		return s.client.Bindings.Query(t.Context(), sen.QueryPaymentTokenWalletRequest{AppTransID: id})
	}
	declined, made := s.ask(t, nil)
	if _, err := s.Control.Consent(t.Context(), made.BindingID, control.Consent{Decline: true}); err != nil {
		t.Fatal(err)
	}
	_, err := query(declined)
	wantCode(t, "declined", err, sen.CodeNotFound)
	_, err = s.client.Bindings.Create(t.Context(), sen.CreateBindingWalletRequest{AppTransID: declined, Identifier: user})
	wantCode(t, "the identifier again", err, sen.CodeDuplicate)

	silent, made := s.ask(t, nil)
	s.MoveClock(t, control.MoveClock{Advance: "14m50s"})
	if got, err := query(silent); err != nil || !got.Pending() || got.Data != nil {
		t.Errorf("before the 15 minutes: got %+v, %v, want pending without data", got, err)
	}
	s.MoveClock(t, control.MoveClock{Advance: "10s"})
	_, err = query(silent)
	wantCode(t, "after 15 minutes", err, sen.CodeNotFound)
	_, err = s.Control.Consent(t.Context(), made.BindingID, control.Consent{Wallet: rich})
	wantRefused(t, "a late consent", err, "binding_over")
	_, err = s.Control.EndBinding(t.Context(), made.BindingID, control.EndBinding{})
	wantRefused(t, "the end of what never began", err, "binding_not_found")
}

// TestTokenEnds uses a token up to its end date.
func TestTokenEnds(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.terms(t, control.ChangeApp{TokenLife: new("24h")})
	b := s.bind(t, rich, func(in *sen.CreateBindingWalletRequest) { in.CallbackURL = s.url })
	if got, want := (<-s.heard).Agreement.ExpiryTimestampMS, b.EndsAt.UnixMilli(); got != want {
		t.Errorf("expiry_timestamp_in_ms %d, want %d", got, want)
	}
	s.MoveClock(t, control.MoveClock{Advance: "23h59m"})
	wantCode(t, "before the end", s.pay(t, b, 1000), 0)
	s.MoveClock(t, control.MoveClock{Set: b.EndsAt})
	wantCode(t, "at the end: pay", s.pay(t, b, 1000), sen.CodeTokenExpired)
	_, err := s.client.Bindings.Balance(t.Context(), sen.QueryBalanceWalletRequest{PayToken: b.PayToken, Identifier: user, Amount: 1})
	wantCode(t, "at the end: balance", err, sen.CodeTokenExpired)
	_, err = s.client.Bindings.User(t.Context(), sen.QueryUserInfoRequest{AccessToken: b.PayToken})
	wantCode(t, "at the end: user", err, sen.CodeBindingEnded)
}

// TestForeignTokens uses a token under another identifier, and from another app.
func TestForeignTokens(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	b := s.bind(t, rich, nil)
	_, order := s.order(t, 1000, "")
	other := s.Merchant(t, 2554)
	theirs, err := other.Orders.Create(t.Context(), sen.CreateOrderRequest{AppTransID: s.newID(), AppUser: user, Amount: 1000, Description: "x"})
	if err != nil {
		t.Fatal(err)
	}
	for who, c := range map[string]struct {
		client          *sen.Client
		identifier, pay string
	}{"another identifier": {s.client, "user 8", order}, "another app": {other, user, theirs.ZPTransToken}} {
		_, err := c.client.Bindings.Balance(t.Context(), sen.QueryBalanceWalletRequest{PayToken: b.PayToken, Identifier: c.identifier, Amount: 1})
		wantCode(t, who+": balance", err, sen.CodeForeignToken)
		_, err = c.client.Bindings.Pay(t.Context(), sen.PayByTokenWalletRequest{PayToken: b.PayToken, Identifier: c.identifier, ZPTransToken: c.pay})
		wantCode(t, who+": pay", err, sen.CodeForeignToken)
		_, err = c.client.Bindings.End(t.Context(), sen.UnbindingWalletRequest{BindingID: b.ID, Identifier: c.identifier})
		wantCode(t, who+": end", err, sen.CodeForeignToken)
	}
	_, err = other.Bindings.User(t.Context(), sen.QueryUserInfoRequest{AccessToken: b.PayToken})
	wantCode(t, "another app: user", err, sen.CodeNotFound)
	_, err = s.payOrder(t, b, theirs.ZPTransToken)
	wantCode(t, "another app's order", err, sen.CodeInvalid)
	got, err := s.client.Bindings.User(t.Context(), sen.QueryUserInfoRequest{AccessToken: b.PayToken})
	if err != nil || got.Phone != "****0001" {
		t.Errorf("the app itself: got %+v, %v, want ****0001", got, err)
	}
}

// TestPayOnce pays one order fifty times at once, and once more.
func TestPayOnce(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	b := s.bind(t, spendable, nil)
	id, order := s.order(t, 70_000, "")
	numbers := make([]sen.TransID, 51)
	call := func(i int) error {
		paid, err := s.payOrder(t, b, order)
		if err == nil {
			numbers[i] = paid.ZPTransID
		}
		return err
	}
	if diff := cmp.Diff(map[sen.Code]int{0: 50}, counted(t, 50, call)); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	wantCode(t, "once more", call(50), 0)
	for _, n := range numbers {
		if n == 0 || n != numbers[0] {
			t.Fatalf("zp_trans_id %v, want the same everywhere", numbers)
		}
	}
	w, err := s.Control.TopUp(t.Context(), spendable, 1)
	if want := int64(5_000_000 - 70_000 + 1); err != nil || w.Balance != want {
		t.Errorf("the wallet has %d, %v, want %d", w.Balance, err, want)
	}
	another := s.bind(t, rich, nil)
	_, err = s.payOrder(t, another, order)
	wantCode(t, "by another token", err, sen.CodeInvalid)
	if o, err := s.Control.Order(t.Context(), int64(s.app.ID), id); err != nil || o.State != "paid" || len(o.Callbacks) != 1 {
		t.Errorf("the order: %+v, %v, want one paid with one callback", o, err)
	}
	s.wantLedger(t)
}

// TestPayInFlight pays an order by token while a bank is asked about a card for
// it. The refusal is the caller's to understand, not a failure of ours.
func TestPayInFlight(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	b := s.bind(t, spendable, nil)
	id, order := s.order(t, 1000, "")
	const asksForCode = "9704540000000062"
	if _, err := s.Control.PayByCard(t.Context(), control.PayOrder{Order: order, Card: asksForCode}); err != nil {
		t.Fatal(err)
	}
	_, err := s.payOrder(t, b, order)
	wantCode(t, "while a card is asked", err, sen.CodeInvalid)
	if o, err := s.Control.Order(t.Context(), int64(s.app.ID), id); err != nil || o.State != "processing" {
		t.Errorf("the order: %+v, %v, want it in flight still", o, err)
	}
}

// TestEndWhilePaying ends a binding while a hundred payments run. What the
// merchant has when the end is answered is all that it ever gets.
func TestEndWhilePaying(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	b := s.bind(t, spendable, nil)
	const n = 100
	orders := make([]string, n+1)
	for i := range orders {
		_, orders[i] = s.order(t, 1000, "")
	}
	first, done := make(chan struct{}, n), make(chan map[sen.Code]int)
	go func() {
		done <- counted(t, n, func(i int) error {
			_, err := s.payOrder(t, b, orders[i])
			first <- struct{}{}
			return err
		})
	}()
	<-first
	if _, err := s.client.Bindings.End(t.Context(), sen.UnbindingWalletRequest{BindingID: b.ID, Identifier: user}); err != nil {
		t.Fatal(err)
	}
	before, err := s.Control.App(t.Context(), int64(s.app.ID))
	if err != nil {
		t.Fatal(err)
	}
	answers := <-done
	_, err = s.payOrder(t, b, orders[n])
	wantCode(t, "after the end", err, sen.CodeBindingEnded)
	after, err := s.Control.App(t.Context(), int64(s.app.ID))
	if err != nil || before.Balance != after.Balance || before.Balance != int64(answers[0])*1000 || answers[0] == 0 {
		t.Errorf("the merchant had %d when the end was answered, has %d now, and was answered %v", before.Balance, after.Balance, answers)
	}
	if answers[0]+answers[sen.CodeBindingEnded] != n {
		t.Errorf("answers %v, want success or %d only", answers, int(sen.CodeBindingEnded))
	}
	s.wantLedger(t)
}

// TestDisabledApp switches an app off: its users can still leave, and refunds of
// all apps still run.
func TestDisabledApp(t *testing.T) {
	t.Parallel()
	s := openShopAt(t, apptest.StartSandboxSlow(t, time.Minute))
	b := s.bind(t, rich, nil)
	mine, theirs := s.refund(t, s.client, 2553), s.refund(t, s.Merchant(t, 2554), 2554)
	s.terms(t, control.ChangeApp{Disabled: new(true)})
	if _, err := s.Control.EndBinding(t.Context(), b.ID, control.EndBinding{}); err != nil {
		t.Errorf("the user's end: %v", err)
	}
	s.MoveClock(t, control.MoveClock{Advance: "1m"}) // the delay of refunds
	s.wantRefunded(t, 2554, theirs)
	s.wantRefunded(t, 2553, mine)
}

// refund asks for a refund of a new payment.
func (s *shop) refund(t *testing.T, c *sen.Client, app int) (id string) {
	t.Helper()
	order, err := c.Orders.Create(t.Context(), sen.CreateOrderRequest{AppTransID: s.newID(), AppUser: user, Amount: 1000, Description: "x"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Control.Pay(t.Context(), control.PayOrder{Order: order.OrderURL, Wallet: rich})
	if err != nil {
		t.Fatal(err)
	}
	id = sen.MRefundID(s.Clock.Now(), app, strconv.FormatInt(s.ids.Add(1), 10))
	_, err = c.Refunds.Create(t.Context(), sen.RefundOrderRequest{MRefundID: id, ZPTransID: sen.TransID(p.Number), Amount: 1000, Description: "x"})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// wantRefunded waits for a refund to succeed.
func (s *shop) wantRefunded(t *testing.T, app int64, id string) {
	t.Helper()
	var state string
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
		r, err := s.Control.Refund(t.Context(), app, id)
		if err != nil {
			t.Fatal(err)
		}
		if state = r.State; state == "succeeded" {
			return
		}
	}
	t.Errorf("the refund %s of app %d is %s, want succeeded", id, app, state)
}
