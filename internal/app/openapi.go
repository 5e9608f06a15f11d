package app

import (
	"context"
	"net/http"

	"sen/internal/exchange"
	"sen/internal/merchant"
	"sen/internal/openapi"
	"sen/internal/sandbox"
)

// mountDescription serves what the merchant API is, for programs and people.
func (g *Gateway) mountDescription(mux *http.ServeMux) {
	s := &openapi.Server{Site: g.site, BaseURL: g.BaseURL, Now: g.clock.Now}
	if g.config.Mode == Sandbox {
		s.Sandbox = &openapi.Sandbox{
			App: int64(sandbox.Apps()[0].ID), API: g.api, Key1: g.key1, PrivateKey: g.privateKey, Sent: g.sent,
			PaymentCode: g.paymentCode, Payer: sandbox.Wallets()[0].Phone,
		}
	}
	handler := s.Handler()
	for _, path := range openapi.Patterns() {
		mux.Handle(path, handler)
	}
}

func (g *Gateway) key1(app int64) string {
	a, err := g.apps.App(merchant.ID(app))
	if err != nil {
		return "" // nobody's; what it signs is refused
	}
	return a.Key1
}

func (g *Gateway) privateKey(app int64) (text string, known bool) {
	a, err := g.apps.App(merchant.ID(app))
	if err != nil {
		return "", false
	}
	return sandbox.PrivateKey(a.Disbursement)
}

// paymentCode has the first wallet of the sandbox show a code.
func (g *Gateway) paymentCode(ctx context.Context) (string, error) {
	w, err := g.pay.WalletByPhone(ctx, sandbox.Wallets()[0].Phone)
	if err != nil {
		return "", err
	}
	code, _, err := g.pay.IssuePaymentCode(ctx, w.ID)
	return code, err
}

// sent finds the call of an operation that had the mac. Others may have called
// since, but not many.
func (g *Gateway) sent(ctx context.Context, op string, app int64, mac string) (int64, error) {
	const recent = 50
	if err := g.exchanges.Flush(ctx); err != nil {
		return 0, err
	}
	all, err := g.store.Exchanges(ctx, exchange.Filter{Operation: op, App: merchant.ID(app)}, 0, recent)
	for _, x := range all {
		for _, f := range x.Fields {
			if (f.Name == "mac" || f.Name == "sig") && f.Value == mac {
				return int64(x.ID), err
			}
		}
	}
	return 0, err
}
