package app_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/bank"
	"sen/internal/control"
	"sen/internal/pgtest"
)

// What the holders of test cards type in.
const (
	atmCard  = "9704540000000062"
	visaCard = "4111111111111111"
	cardCode = "111111"
)

// boundCard has a holder bind a card for the user u1.
func (s *shop) boundCard(suffix, card string, pay *sen.CardPayment) *sen.QueryBindingCardResponse {
	s.t.Helper()
	ctx, c := s.t.Context(), s.client()
	request := sen.CreateBindingCardRequest{AppTransID: "261122_" + suffix, Identifier: "u1", Payment: pay}
	made, err := c.Cards.Create(ctx, request)
	if err != nil {
		s.t.Fatal(err)
	}
	if q, err := c.Cards.Query(ctx, sen.QueryBindingCardRequest{AppTransID: request.AppTransID}); err != nil || !q.Pending() {
		s.t.Fatalf("query before the holder answers: %+v, %v", q, err)
	}
	if _, err := s.operator().Consent(ctx, made.BindingToken, control.Consent{Card: card, OTP: cardCode}); err != nil {
		s.t.Fatal(err)
	}
	b, err := c.Cards.Query(ctx, sen.QueryBindingCardRequest{AppTransID: request.AppTransID})
	if err != nil || !b.Confirmed() {
		s.t.Fatalf("query: %+v, %v", b, err)
	}
	return b
}

// ordered makes an order and returns the token that pays it.
func (s *shop) ordered(suffix string) string {
	s.t.Helper()
	s.made(order(suffix))
	return s.Order(s.app.ID, "261122_"+suffix).Token
}

func (s *shop) operator() *control.Client { return control.NewClient(s.URL) }

// TestSDKCards goes through the life of a bound card as a merchant's program
// does: at the paths of cards, and at those of wallets that cards share.
func TestSDKCards(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ctx, c := t.Context(), s.client()
	b := s.boundCard("card", visaCard, nil)
	if b.CardNumber != "411111******1111" || b.BindingID != b.BindingToken || b.OrderNo != 0 || b.ZPTransID != "" {
		t.Errorf("binding: %+v", b)
	}
	shared, err := c.Bindings.Query(ctx, sen.QueryPaymentTokenWalletRequest{AppTransID: "261122_card"})
	if err != nil || !shared.Confirmed() || shared.Data.PayToken != b.PayToken || shared.Data.CardNumber != b.CardNumber ||
		shared.Data.BankCode != b.BankCode || shared.Data.MaskedUserPhone != "" {
		t.Errorf("query at the wallets' path: %+v, %v", shared, err)
	}

	token := s.ordered("a")
	paid, err := c.Cards.Pay(ctx, sen.PayByTokenCardRequest{PayToken: b.PayToken, Identifier: "u1", ZPTransToken: token})
	if err != nil || paid.Pending() || paid.ZPTransID == 0 {
		t.Fatalf("pay: %+v, %v", paid, err)
	}
	again, err := c.Bindings.Pay(ctx, sen.PayByTokenWalletRequest{PayToken: b.PayToken, Identifier: "u1", ZPTransToken: token})
	if err != nil || again.ZPTransID != paid.ZPTransID {
		t.Errorf("pay again, at the wallets' path: %+v, %v", again, err)
	}
	o := s.Order(s.app.ID, "261122_a")
	want := &control.Payment{
		Number: int64(paid.ZPTransID), Card: b.CardNumber, Bank: b.BankCode, Channel: int64(sen.MethodInternationalCard), Amount: 50_000, At: s.Now(),
	}
	if diff := gocmp.Diff(want, o.Payment); diff != "" {
		t.Errorf("payment (-want +got):\n%s", diff)
	}

	_, err = c.Bindings.End(ctx, sen.UnbindingWalletRequest{BindingID: b.BindingID, Identifier: "u2"})
	if refusal, ok := errors.AsType[*sen.Error](err); !ok || refusal.SubReturnCode != -7216 {
		t.Errorf("unbind as another user, at the wallets' path: %v, want -7216", err)
	}
	if _, err := c.Cards.End(ctx, sen.UnbindingCardRequest{BindingID: b.BindingID, Identifier: "u1"}); err != nil {
		t.Error(err)
	}
	if q, err := c.Cards.Query(ctx, sen.QueryBindingCardRequest{AppTransID: "261122_card"}); err != nil || q.Status != sen.BindingCancelled {
		t.Errorf("query of an ended binding: %+v, %v", q, err)
	}
	s.CheckLedger()
}

// TestSDKCardWithCode pays by the card of a bank that wants a code.
func TestSDKCardWithCode(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ctx, c := t.Context(), s.client()
	b := s.boundCard("first", atmCard, &sen.CardPayment{Amount: 70_000, Description: "Trà"})
	first, err := c.Orders.Query(ctx, sen.QueryOrderRequest{AppTransID: "261122_first"})
	if err != nil || !first.Paid() || first.Amount != 70_000 || b.ZPTransID != fmt.Sprint(int64(first.ZPTransID)) {
		t.Errorf("the order paid while binding: %+v, %v; binding: %+v", first, err, b)
	}

	token := s.ordered("a")
	for range 2 { // asking again changes nothing
		paid, err := c.Cards.Pay(ctx, sen.PayByTokenCardRequest{PayToken: b.PayToken, Identifier: "u1", ZPTransToken: token})
		if err != nil || !paid.Pending() || paid.ZPTransID != 0 || paid.VerificationURL != s.URL+"/checkout/"+token {
			t.Fatalf("pay: %+v, %v", paid, err)
		}
	}
	q, err := c.Orders.Query(ctx, sen.QueryOrderRequest{AppTransID: "261122_a"})
	if err != nil || !q.Pending() || !q.IsProcessing {
		t.Errorf("query while the bank waits: %+v, %v", q, err)
	}
	s.CheckLedger()
}

// TestTokenTermsOfCards pays more often by a card than the app's terms allow:
// cards have no word for that of their own, and it is no failure of ours.
func TestTokenTermsOfCards(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.terms(control.ChangeApp{TokenDayCount: ptr(int64(1))})
	b := s.boundCard("card", visaCard, nil)
	for i, want := range []int{0, -1019} {
		request := sen.PayByTokenCardRequest{PayToken: b.PayToken, Identifier: "u1", ZPTransToken: s.ordered(fmt.Sprint(i))}
		_, err := s.client().Cards.Pay(t.Context(), request)
		got := 0
		if refusal, ok := errors.AsType[*sen.Error](err); ok {
			got = refusal.SubReturnCode
		}
		if got != want {
			t.Errorf("payment %d: %v, want %d", i, err, want)
		}
	}
}

// callsForLeaks is how many payments TestNoCardLeaks makes: enough to meet every
// card in every way, or as many as the variable says.
func callsForLeaks(t *testing.T) int {
	t.Helper()
	text := cmp.Or(os.Getenv("SEN_LEAK_CALLS"), "200")
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestNoCardLeaks pays, declines, binds and refunds by every test card, then
// looks for the numbers in everything that the gateway wrote, sent and said.
func TestNoCardLeaks(t *testing.T) {
	t.Parallel()
	to := newReceiver(t)
	said := &apptest.Log{}
	s := openShop(t, func(c *app.Config) {
		c.Log = slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	cards := apptest.Control[[]control.TestCard](s.Gateway, "GET", "/control/cards", nil)
	cards = slices.DeleteFunc(cards, func(c control.TestCard) bool { return c.Behaviour == string(bank.Slow) }) // takes its time, and leaks no more
	for i := range callsForLeaks(t) {
		s.useCard(t, cards[i%len(cards)].Number, fmt.Sprint(i), to.URL, said)
	}
	s.Advance(10 * time.Minute)
	apptest.Wait(t, "callbacks", func() bool { return len(to.got()) > 0 })
	all := pgtest.Contents(t, s.Place())
	if stored := strings.Join(slices.Collect(maps.Values(all)), ""); !strings.Contains(stored, "411111******1111") {
		t.Error("no card is there even masked: the test shows nothing")
	}
	all["logs and answers"], all["callbacks"] = said.String(), strings.Join(to.got(), "\n")
	for where, text := range all {
		for _, c := range cards {
			if strings.Contains(text, c.Number) {
				t.Errorf("%s is in %s", c.Number, where)
			}
		}
	}
	s.CheckLedger()
}

// useCard goes one way with a card, and keeps every answer.
func (s *shop) useCard(t *testing.T, card, suffix, hook string, said io.Writer) {
	t.Helper()
	s.made(order(suffix).with(members{"callback_url": hook}))
	paid := control.PayOrder{Order: "261122_" + suffix, App: 2553, Card: card, OTP: cardCode, Wallet: rich}
	bound := s.call(sen.OpCreateBindingCard, members{
		"app_trans_id": "261122_b" + suffix, "req_date": millis(0), "identifier": "u1", "binding_type": "CARD", "binding_mode": "BIND",
		"device_type": "MOBILE", "binding_data": `{"callback_url":"` + hook + `"}`, "payment_data": "{}",
	})
	var token struct {
		BindingToken string `json:"binding_token"`
	}
	if err := json.Unmarshal([]byte(bound.Body), &token); err != nil {
		t.Fatal(err)
	}
	for path, in := range map[string]any{
		"/control/pay": paid, "/control/bindings/" + token.BindingToken + "/consent": control.Consent{Card: card, OTP: "000000"},
	} {
		_, body := apptest.TryControl(s.Gateway, "POST", path, in)
		fmt.Fprintf(said, "%s\n", body)
	}
	for _, a := range []answer{
		s.call(sen.OpQueryOrder, queried(suffix)),
		s.call(sen.OpQueryBindingCard, members{"app_trans_id": "261122_b" + suffix, "req_date": millis(0)}),
	} {
		fmt.Fprintf(said, "%s\n", a.Body)
	}
	if p := s.Order(2553, "261122_"+suffix).Payment; p != nil {
		s.call(sen.OpRefundOrder, refund(suffix, p.Number, 1000))
	}
}
