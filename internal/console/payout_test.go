package console_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"sen"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/store"
	"sen/internal/web/webtest"
)

// payOut asks for a payout, as the app's merchant does.
func (s *site) payOut(t *testing.T, app merchant.App, to pay.Wallet, id string, amount money.Amount) pay.Disbursement {
	t.Helper()
	d, err := s.Pay.Disburse(t.Context(), pay.NewDisbursement{
		App: app, PaymentID: app.Disbursement.PaymentID, PartnerOrderID: id, Receiver: s.Pay.ReceiverID(app.ID, to.ID), Amount: amount,
		Description: "payout " + id, EmbedData: "{}", ExtraInfo: "{}", Time: s.Clock.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// wantRecords wants the newest records of a subject to be those, as "action actor".
func (s *site) wantRecords(t *testing.T, subject string, want ...string) {
	t.Helper()
	all := s.records(t, store.RecordSearch{Subject: subject})
	if len(all) < len(want) {
		t.Errorf("only %d records of %s", len(all), subject)
	}
	for i, r := range all[:min(len(all), len(want))] {
		if string(r.Action)+" "+r.Actor+" "+r.Became != want[i] {
			t.Errorf("record %d of %s is %+v, want %s", i, subject, r, want[i])
		}
	}
}

// TestPayouts decides about payouts that are held, and looks at what everybody
// sees of it.
func TestPayouts(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	s.add(t)
	tr := s.trade(t, s.App, "0900000001", "ours")
	had := s.Balance(t, tr.wallet.ID)
	page := tr.fill("/console/payouts/{number}")
	number := strconv.Itoa(int(tr.payout.Number))
	ann, sue, shop := s.by(t, "ann"), s.by(t, "sue"), s.by(t, "max")
	ann.Get("/console").Want(t, "the overview", http.StatusOK, "Payouts to review")
	for name, b := range map[string]*webtest.Browser{"sue": sue, "max": shop} {
		for _, path := range []string{"/console/payouts", page} {
			p := b.Get(path)
			p.Want(t, path+" by "+name, http.StatusOK, "salary_ours", "To review", "for its amount", "5.000 ₫")
			p.Lack(t, path+" by "+name, "/release", "/reject")
		}
	}
	ann.Get("/console/payouts").Want(t, "the list", http.StatusOK, page+"/release", page+"/reject")
	ann.Lang = "vi"
	ann.Get(page).Want(t, "in Vietnamese", http.StatusOK, "Chờ xét duyệt", "vì số tiền", "Cho chi", "Diễn biến")
	ann.Lang = "en"
	for q, found := range map[string]bool{"q=" + number: true, "q=salary_ours": true, "state=held": true, "state=failed": false, "q=salary": false, "app=7001": false} {
		if got := strings.Contains(ann.Get("/console/payouts?"+q).Body, `href="`+page+`"`); got != found {
			t.Errorf("%s finds it: %v", q, got)
		}
	}

	back := url.Values{"back": {page}}
	ann.Send(page+"/hold", back).Want(t, "hold it again", http.StatusOK, "The payout is held already.")
	ann.Send(page+"/release", back).Want(t, "release, not covered", http.StatusOK, "The payout was released.", "Not covered")
	ann.Send(page+"/release", back).Want(t, "release again", http.StatusOK, "somebody has released it already")
	ann.Send(page+"/hold", back).Want(t, "hold by hand", http.StatusOK, "The payout is held.", "by hand")
	fund := func(amount, reference string) webtest.Page {
		return ann.Send("/console/payouts/accounts/2553/fund", url.Values{"amount": {amount}, "reference": {reference}})
	}
	fund("7.000", "VCB 1").Want(t, "fund", http.StatusOK, "The money is booked.", "7.000 ₫")
	fund("7000", "VCB 1").Want(t, "fund by the same transfer", http.StatusOK, "Money was booked under this reference before.")
	fund("0", "VCB 2").Want(t, "fund nothing", http.StatusOK, "Amount: ")
	fund("1000", "").Want(t, "fund without a reference", http.StatusOK, "Give the reference of the transfer")
	ann.Send(page+"/release", back).Want(t, "release", http.StatusOK, "The payout was released.", "Paid out to the wallet", "Booked in the ledger")
	for _, deed := range []string{"/release", "/reject", "/hold"} {
		ann.Send(page+deed, back).Want(t, deed+" when it is over", http.StatusOK, "What became of this payout is final.")
	}
	if got := s.Balance(t, tr.wallet.ID); got != had+5000 {
		t.Errorf("the wallet has %s, had %s", got, had)
	}
	s.wantRecords(t, "payout "+number, "payout_release ann released", "payout_hold ann held", "payout_release ann released")
	s.wantRecords(t, "app 2553", "payouts_fund ann +7000 VCB 1")
	sue.Get(page).Want(t, "who did what", http.StatusOK, "Released a payout", "ann")
	shop.Get(page).Lack(t, "for the merchant", "Released a payout", "/console/wallets/", "ann")

	rejected := s.payOut(t, tr.app, tr.wallet, "rejected", 900)
	path := "/console/payouts/" + strconv.Itoa(int(rejected.Number))
	ann.Send(path+"/reject", url.Values{"back": {path}}).Want(t, "reject", http.StatusOK, "The payout was rejected.", "rejected by an operator")
	s.ask(t, sen.OpDisbursementQuery, s.App, map[string]string{"partner_order_id": "rejected", "time": strconv.FormatInt(s.Clock.Now().UnixMilli(), 10)})
	shop.Get(path).Want(t, "the merchant's call", http.StatusOK, "disbursement_txn", "Failed: nothing was paid out")
}

// TestPayoutAccount holds the payouts of an app up, and changes from which amount
// on they are looked at.
func TestPayoutAccount(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	tr := s.trade(t, s.App, "0900000001", "ours")
	page := "/console/payouts/accounts/2553"
	b, cookies := s.signedIn(t)
	list := s.listen(t, b, cookies, "/console/payouts")
	b.Send(page+"/review", url.Values{"review_from": {"2.000"}}).Want(t, "the amount", http.StatusOK, "2.000 ₫")
	b.Send(page+"/review", url.Values{"review_from": {"-1"}}).Want(t, "no amount", http.StatusOK, "Review from: ", `role="alert"`)
	b.Send(page+"/hold", url.Values{"held": {"yes"}}).Want(t, "hold", http.StatusOK, "All payouts held up", "Let payouts go again")
	app, err := s.Apps.App(ours)
	if err != nil || !app.Disbursement.Held() || app.Disbursement.ReviewFrom != 2000 {
		t.Fatalf("%+v, %v", app.Disbursement, err)
	}
	small := s.payOut(t, app, tr.wallet, "small", 1999)
	list.want(t, "changed")
	if small.State != pay.DisbursementRunning {
		t.Errorf("while the app is held up: %s", small.State)
	}
	b.Send(page+"/hold", url.Values{"held": {"no"}}).Want(t, "let go", http.StatusOK, "Pays out", "Hold all payouts up")
	s.wantRecords(t, "app 2553", "payouts_change sandbox/operator "+s.disbursement(t).String())
	for _, path := range []string{page, "/console/payouts/accounts"} {
		m := s.as(t, operator.Merchant).Get(path)
		m.Want(t, path+" by the merchant", http.StatusOK, "CASHIN", "2.000 ₫")
		m.Lack(t, path+" by the merchant", "/fund", "/review", "/console/ledger")
	}
	// An app without a key has an account, and nothing to do there.
	b.Get("/console/payouts/accounts/7001").Want(t, "without a key", http.StatusOK, "May not pay out")
	b.Send("/console/payouts/accounts/7001/fund", url.Values{"amount": {"1"}, "reference": {"x"}}).Want(t, "fund it", http.StatusOK, "its public key is missing")
}

func (s *site) disbursement(t *testing.T) merchant.Disbursement {
	t.Helper()
	a, err := s.Apps.App(ours)
	if err != nil {
		t.Fatal(err)
	}
	return a.Disbursement
}
