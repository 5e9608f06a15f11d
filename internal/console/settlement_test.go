package console_test

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/settlement"
	"sen/internal/store"
)

// TestSettle settles a day, and reads its files as the merchant who is paid.
func TestSettle(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	mine, other := s.trade(t, s.App, "0911000001", "mine"), s.trade(t, s.other, "0911000002", "theirs")
	day := pay.DayOf(s.Clock.Now())
	b := s.as(t, operator.Admin)
	b.Send("/console/settlements", url.Values{"app": {""}}).Want(t, "the day is not over", http.StatusOK, "No day that is over was left to settle.")
	s.Clock.Move(24 * time.Hour)
	b.Send("/console/settlements", url.Values{"app": {"2553"}}).Want(t, "one app", http.StatusOK, "All days that are over are settled.", "02/01/2026", "50.000 ₫")
	if r := s.records(t, store.RecordSearch{})[0]; r.Action != operator.DaySettled || r.App != ours || r.Became != string(day) {
		t.Errorf("the record is %+v", r)
	}
	_, err := s.Store.Settlement(t.Context(), theirs, day)
	if !errors.Is(err, pay.ErrSettlementNotFound) {
		t.Errorf("the other app: %v", err)
	}
	b.Send("/console/settlements", url.Values{"app": {""}}).Want(t, "the other", http.StatusOK, "Their Shop")
	b.Send("/console/settlements", url.Values{"app": {""}}).Want(t, "again", http.StatusOK, "No day that is over was left to settle.")

	path := "/console/settlements/2553/" + string(day)
	b.Get(path+"?lang=vi").Want(t, "in Vietnamese", http.StatusOK, "Đã chi trả", "50.000 ₫")
	m := s.as(t, operator.Merchant)
	m.Get("/console/settlements").Lack(t, "the list", "Their Shop", "7001", "Settle the days")
	page := m.Get(path)
	page.Want(t, "the day", http.StatusOK, "Paid out", "50.000 ₫")
	page.Lack(t, "the day", "/console/ledger")
	name := settlement.FileName(settlement.Transactions, ours, day)
	file, mac := m.Get(path+"/"+name), m.Get(path+"/"+name+settlement.MACSuffix)
	if !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(file.Body, strconv.Itoa(int(mine.payment.Number))) {
		t.Errorf("the file: %v %s", file.Header, file.Body)
	}
	app, err := s.Apps.App(ours)
	if err == nil {
		err = settlement.Verify(app.Key2, []byte(file.Body), []byte(mac.Body))
	}
	if err != nil {
		t.Error(err)
	}
	for _, foreign := range []string{
		"/console/settlements/7001/" + string(day), "/console/settlements/7001/" + string(day) + "/" + settlement.FileName(settlement.Totals, theirs, day),
		path + "/other.csv", "/console/settlements/2553/2026-13-01", "/console/settlements/2553/2025-01-01",
	} {
		p := m.Get(foreign)
		p.Want(t, foreign, http.StatusNotFound)
		p.Lack(t, foreign, strconv.Itoa(int(other.payment.Number)))
	}
}
