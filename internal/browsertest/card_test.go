//go:build browser

package browsertest

import (
	"fmt"
	"testing"
	"time"

	"sen"
	"sen/internal/bank"
	"sen/internal/control"
)

// A test card of the bank SBI, and what may be seen of it.
const (
	domesticCard = "9704 5400 0000 0062"
	maskedCard   = "970454******0062"
)

const wrongOTP = "222222"

// wantPaid checks what the shop hears of a paid order from both sides.
func (g *gateway) wantPaid(t *testing.T, appTransID string, want sen.Redirect) {
	t.Helper()
	want.AppID, want.AppTransID, want.Status = shop.ID, appTransID, sen.Success
	if got := g.landed(t); *got != want {
		t.Errorf("the redirect says %+v, want %+v", *got, want)
	}
	c := g.heard(t).Order
	if c == nil || c.AppTransID != appTransID || c.Amount != want.Amount || c.Channel != want.PMCID ||
		c.DiscountAmount != want.DiscountAmount {
		t.Errorf("the callback says %+v, want %+v", c, want)
	}
}

// A guest pays with a card, after typing the code of the bank wrong once.
func TestBrowserPayByCard(t *testing.T) {
	t.Parallel()
	g := start(t)
	v := open(t, g.url, "vi")
	appTransID, o := g.order(t, 51_000)
	v.visit(o.OrderURL)
	v.press(`a[href="?method=domestic"]`)
	v.enterCard(domesticCard, "1018")
	v.wantText("h1", "Nhập mã của ngân hàng")
	v.wantText(".facts .number", "51.000 ₫")
	v.enterCode(wrongOTP)
	v.wantText(".notice.bad", "Mã OTP không đúng. Hãy xem lại tin nhắn của ngân hàng rồi nhập lại.")
	v.enterCode(bank.OTP)
	v.ended("Thanh toán thành công")
	v.leaves()
	v.wantText("#said", fmt.Sprintf("%s: 1 of 51000 by %d, cart 42", appTransID, sen.MethodDomesticCard))
	g.wantPaid(t, appTransID, sen.Redirect{PMCID: 39, BankCode: "SBI", Amount: 51_000})
}

// A discount is seen before it is taken, and told to the shop.
func TestBrowserPromotion(t *testing.T) {
	t.Parallel()
	g := start(t)
	now := time.Now()
	_, err := g.control.OpenCampaign(t.Context(), control.Campaign{
		Code: "TET", StartsAt: now.Add(-time.Hour), EndsAt: now.Add(time.Hour), Budget: 100_000, UsesPerPayer: 1, Discount: 7_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	v := open(t, g.url, "en")
	appTransID, o := g.orderWith(t, 52_000, `{"promotioninfo":"{\"campaigncode\":\"TET\"}"}`)
	v.visit(o.OrderURL)
	v.wantText(".amount", "45.000 ₫")
	v.wantText("#discount", "−7.000 ₫")
	v.signIn(payer, pin)
	v.wantText(`form[action$="/pay"] button`, "Pay 45.000 ₫")
	v.wantText("#discount", "−7.000 ₫")
	v.press(`form[action$="/pay"] button`)
	if e := v.ended("Payment successful"); e.Amount != "45.000 ₫" {
		t.Errorf("paid %s", e.Amount)
	}
	v.leaves()
	v.wantText("#said", fmt.Sprintf("%s: 1 of 52000 by %d, cart 42", appTransID, sen.MethodWallet))
	g.wantPaid(t, appTransID, sen.Redirect{PMCID: sen.MethodWallet, Amount: 52_000, DiscountAmount: 7_000})
	g.wantSpent(t, 45_000)
}

// A payer links a card to the wallet and pays with it, typing it once only.
func TestBrowserLinkedCard(t *testing.T) {
	t.Parallel()
	g := start(t)
	v := open(t, g.url, "vi")
	v.signIn(payer, pin)
	v.press(`a[href="/wallet/account"]`)
	v.press(`.menu a[href="/wallet/cards"]`)
	v.press(`a[href="/wallet/cards/link"]`)
	v.enterCard(domesticCard, "1018")
	v.wantText("h1", "Nhập mã của ngân hàng")
	v.enterCode(wrongOTP)
	v.read(".notice.bad")
	v.enterCode(bank.OTP)
	v.wantText("[role=status]", "Đã liên kết thẻ.")
	v.wantText(".lines strong", "NAPAS")
	v.wantText(".lines .number", "•••• 0062")

	appTransID, o := g.order(t, 54_000)
	v.visit(o.OrderURL)
	v.press(`form[action$="/card"] button`)
	v.wantText("h1", "Nhập mã của ngân hàng")
	v.enterCode(bank.OTP)
	v.ended("Thanh toán thành công")
	v.leaves()
	g.wantPaid(t, appTransID, sen.Redirect{PMCID: 39, BankCode: "SBI", Amount: 54_000})
	g.wantSpent(t, 0)

	v.visit(g.url + "/wallet/cards")
	v.press(`form[action$="/remove"] button`)
	v.wantText("[role=status]", "Đã gỡ thẻ.")
	v.wantText("section .quiet", "Ví của bạn chưa liên kết thẻ nào.")
}

// A card is stored for the shop, which charges it; its holder types in the code
// where the answer to the charge leads.
func TestBrowserBindCard(t *testing.T) {
	t.Parallel()
	g := start(t)
	v := open(t, g.url, "en")
	b := call[sen.CreateBindingCardResponse](t, g, "/v2/tokenization/bind", map[string]string{
		"app_trans_id": sen.AppTransID(time.Now(), "bindcard"), "identifier": "lan", "binding_type": "CARD",
		"binding_mode": "BIND", "device_type": "MOBILE", "payment_data": "{}",
		"binding_data": fmt.Sprintf(`{"redirect_url":"%s/linked?user=lan","callback_url":"%s/callback"}`, g.shopURL, g.shopURL),
	})
	if b.ReturnCode != sen.Success {
		t.Fatalf("the bind was refused: %+v", b)
	}
	v.visit(b.BindingQRLink)
	v.enterCard(domesticCard, "1018")
	v.wantText("h1", "Enter the code from your bank")
	v.enterCode(wrongOTP)
	v.read(".notice.bad")
	v.enterCode(bank.OTP)
	if e := v.ended("The card is stored"); e.Number != maskedCard {
		t.Errorf("stored %s", e.Number)
	}
	v.leaves()
	v.wantText("#said", b.BindingToken+": 1, user lan")
	agreed := g.wantAgreement(t, b.BindingToken, sen.BindingConfirmed, sen.BindingCreatedMessage)
	if agreed.CardNumber != maskedCard || agreed.BankCode != "SBI" {
		t.Errorf("the callback names the card %s of %s, want %s of SBI", agreed.CardNumber, agreed.BankCode, maskedCard)
	}

	appTransID, o := g.order(t, 53_000)
	charge := call[sen.PayByTokenCardResponse](t, g, "/v2/tokenization/pay", map[string]string{
		"identifier": "lan", "zp_trans_token": o.ZPTransToken, "pay_token": agreed.PayToken,
	})
	if charge.ReturnCode != sen.Processing || charge.VerificationURL == "" {
		t.Fatalf("charging the card: %+v, want it to wait for its holder", charge)
	}
	v.visit(charge.VerificationURL)
	v.wantText("h1", "Enter the code from your bank")
	v.enterCode(bank.OTP)
	v.ended("Payment successful")
	v.leaves()
	g.wantPaid(t, appTransID, sen.Redirect{PMCID: 39, BankCode: "SBI", Amount: 53_000})
}
