package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"sen"
	"sen/internal/app/apptest"
	"sen/internal/control"
)

// strict sees that the gateway answers what the SDK's types know, and nothing
// else.
type strict struct{ t testing.TB }

func (s strict) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := plain.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	answers := map[string]any{
		sen.OpCreateOrder.Path: new(sen.CreateOrderResponse), sen.OpQueryOrder.Path: new(sen.QueryOrderResponse),
		sen.OpCancelOrder.Path: new(sen.CancelOrderResponse), sen.OpRefundOrder.Path: new(sen.RefundOrderResponse),
		sen.OpQueryRefund.Path: new(sen.QueryRefundResponse), sen.OpListBanks.Path: new(sen.ListBanksResponse),
		sen.OpQueryPaymentTokenWallet.Path: new(sen.QueryPaymentTokenWalletResponse),
		sen.OpPayByTokenWallet.Path:        new(sen.PayByTokenWalletResponse),
		sen.OpUnbindingWallet.Path:         new(sen.UnbindingWalletResponse),
		sen.OpCreateBindingCard.Path:       new(sen.CreateBindingCardResponse),
		sen.OpQueryBindingCard.Path:        new(sen.QueryBindingCardResponse),
		sen.OpPayByTokenCard.Path:          new(sen.PayByTokenCardResponse),
		sen.OpUnbindingCard.Path:           new(sen.UnbindingCardResponse),
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(answers[r.URL.Path]); err != nil {
		s.t.Errorf("%s: %v: %s", r.URL.Path, err, body)
	}
	return res, nil
}

func (s *shop) client() *sen.Client {
	return sen.NewClient(s.app, sen.WithBaseURL(s.URL+"/"), sen.WithClock(s.Now), sen.WithRetries(0),
		sen.WithHTTPClient(&http.Client{Transport: strict{s.t}, Timeout: 2 * time.Minute}))
}

// TestSDK goes through the life of an order as a merchant's program does.
func TestSDK(t *testing.T) {
	t.Parallel()
	to := newReceiver(t)
	s := openShop(t)
	ctx, c := t.Context(), s.client()
	request := sen.CreateOrderRequest{
		AppTransID: sen.AppTransID(s.Now(), "sdk"), AppUser: "Nguyễn Văn An", Amount: 50_000, Description: "Trà & <bánh>",
		Item: `[{"itemid":"1"}]`, EmbedData: `{"note":"a/b"}`, CallbackURL: to.URL, BankCode: "zalopayapp", ExpireSeconds: 300,
		Title: "Title", DeviceInfo: "{}", SubAppID: "s", Phone: "0900", Email: "a@b.example", Address: "1 Lê Lợi", RedirectURL: "http://shop.example",
	}
	made, err := c.Orders.Create(ctx, request)
	if err != nil || made.ZPTransToken == "" || made.OrderToken != made.ZPTransToken || !strings.HasPrefix(made.OrderURL, s.URL) || made.QRCode == "" {
		t.Fatalf("create: %+v, %v", made, err)
	}
	name := sen.QueryOrderRequest{AppTransID: request.AppTransID}
	if q, err := c.Orders.Query(ctx, name); err != nil || q.Paid() || !q.Pending() || q.Amount != 0 || q.ZPTransID != 0 {
		t.Errorf("query of an unpaid order: %+v, %v", q, err)
	}
	s.Pay(made.OrderURL, rich) // whatever a developer has at hand
	paid, err := c.Orders.Query(ctx, name)
	if err != nil || !paid.Paid() || paid.Amount != 50_000 || paid.ServerTime != apptest.Noon.UnixMilli() {
		t.Fatalf("query of a paid order: %+v, %v", paid, err)
	}
	apptest.Wait(t, "the callback", func() bool { return len(to.got()) == 1 })
	cb, err := s.app.ParseCallback([]byte(to.got()[0]))
	if err != nil || cb.Order.ZPTransID != paid.ZPTransID || cb.Order.EmbedData != request.EmbedData || cb.Order.AppUser != request.AppUser {
		t.Errorf("callback: %+v, %v", cb, err)
	}

	m := sen.MRefundID(s.Now(), s.app.ID, "sdk")
	r, err := c.Refunds.Create(ctx, sen.RefundOrderRequest{MRefundID: m, ZPTransID: paid.ZPTransID, Amount: 20_000, RefundFeeAmount: 500, Description: "Trả lại"})
	if err != nil || !r.Pending() || r.RefundID == 0 {
		t.Fatalf("refund: %+v, %v", r, err)
	}
	apptest.Wait(t, "the refund", func() bool {
		q, err := c.Refunds.Query(ctx, sen.QueryRefundRequest{MRefundID: m})
		return err != nil || q.Done()
	})
	banks, err := c.Banks.List(ctx)
	if err != nil || len(banks.Banks["38"]) != 1 || banks.Banks["38"][0].PMCID != sen.MethodWallet {
		t.Errorf("banks: %+v, %v", banks, err)
	}
	s.CheckLedger()
}

// TestSDKRefusals sees each refusal arrive as the error that it is, with all
// members in place.
func TestSDKRefusals(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ctx, c := t.Context(), s.client()
	request := sen.CreateOrderRequest{AppTransID: "261122_a", AppUser: "u", Amount: 50_000, Description: "d"}
	if _, err := c.Orders.Create(ctx, request); err != nil {
		t.Fatal(err)
	}
	p := s.payFrom("a", rich)
	s.terms(control.ChangeApp{RefundApprovalFrom: ptr(int64(40_000))})
	refund := sen.RefundOrderRequest{MRefundID: "261122_2553_a", ZPTransID: sen.TransID(p.Number), Amount: 1, Description: "d"}
	if _, err := c.Refunds.Create(ctx, refund); err != nil {
		t.Fatal(err)
	}
	stranger := sen.NewClient(sen.App{ID: 2553, Key1: "wrong"}, sen.WithBaseURL(s.URL), sen.WithClock(s.Now),
		sen.WithHTTPClient(&http.Client{Transport: strict{t}}))
	for _, x := range []struct {
		name string
		call func() error
		want sen.Code
	}{
		{"create again", func() error { _, err := c.Orders.Create(ctx, request); return err }, sen.CodeDuplicate},
		{"create nothing", func() error { _, err := c.Orders.Create(ctx, sen.CreateOrderRequest{}); return err }, sen.CodeInvalid},
		{"query nothing", func() error { _, err := c.Orders.Query(ctx, sen.QueryOrderRequest{}); return err }, sen.CodeInvalid},
		{"query another", func() error {
			_, err := c.Orders.Query(ctx, sen.QueryOrderRequest{AppTransID: "261122_b"})
			return err
		}, sen.CodeNotFound},
		{"cancel", func() error {
			_, err := c.Orders.Cancel(ctx, sen.CancelOrderRequest{AppTransID: "261122_a"})
			return err
		}, sen.CodeAlreadyPaid},
		{"refund again", func() error { _, err := c.Refunds.Create(ctx, refund); return err }, sen.CodeDuplicateRefund},
		{"query another refund", func() error {
			_, err := c.Refunds.Query(ctx, sen.QueryRefundRequest{MRefundID: "261122_2553_b"})
			return err
		}, sen.CodeNotFound},
		{"a stranger's query", func() error {
			_, err := stranger.Orders.Query(ctx, sen.QueryOrderRequest{AppTransID: "261122_a"})
			return err
		}, sen.CodeUnauthorized},
		{"a stranger's bank list", func() error { _, err := stranger.Banks.List(ctx); return err }, sen.CodeUnauthorized},
	} {
		err := x.call()
		var refused *sen.Error
		if !errors.Is(err, x.want) || !errors.As(err, &refused) || refused.Status.Value != int(x.want) {
			t.Errorf("%s: got %v, want %v", x.name, err, x.want)
		}
	}
	// An operator has to look at it first: no error, and not done.
	refund.MRefundID, refund.Amount = "261122_2553_c", 49_000
	if _, err := c.Refunds.Create(ctx, refund); err != nil {
		t.Fatal(err)
	}
	q, err := c.Refunds.Query(ctx, sen.QueryRefundRequest{MRefundID: refund.MRefundID})
	if err != nil || q.Done() || !q.Pending() || q.SubReturnCode != -1 {
		t.Errorf("got %+v, %v", q, err)
	}
}
