package app_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"sen"
	"sen/internal/apiv1"
	"sen/internal/app/apptest"
	"sen/internal/control"
)

// firstOp is the operation of the first version that does what op does.
func firstOp(t testing.TB, op *sen.Operation) *sen.Operation {
	t.Helper()
	for _, f := range apiv1.Operations() {
		if f.Second == op {
			return f.Operation
		}
	}
	t.Fatalf("the first version has no %s", op.Name)
	return nil
}

// first sends a request of the second version in the words of the first.
func (s *shop) first(op *sen.Operation, m members) answer {
	s.t.Helper()
	renamed := members{}
	for name, value := range m {
		renamed[apiv1.Name(name)] = value
	}
	a := s.call(firstOp(s.t, op), renamed)
	for name := range a.Object {
		if strings.Contains(name, "_") {
			s.t.Errorf("an answer of the first version has the member %s: %s", name, a.Body)
		}
	}
	return a
}

// TestFirstVersion goes through an order's life in the first version, each
// member and mac written out, as old clients have them.
func TestFirstVersion(t *testing.T) {
	t.Parallel()
	to := newReceiver(t)
	to.then(says(200, `{"returncode":1,"returnmessage":"ok"}`))
	s := openShop(t)
	const item, embed = `[{"itemid":"à"}]`, `{"merchantinfo":"x"}`
	sign := func(parts ...string) string { return sen.Sign(s.app.Key1, []byte(strings.Join(parts, "|"))) }
	post := func(path string, m members) answer {
		return s.send(http.MethodPost, "/v001/tpe/"+path, "application/x-www-form-urlencoded", m.form())
	}
	create := members{
		"appid": "2553", "apptransid": "261122_old", "appuser": "An", "apptime": millis(0), "amount": "50000", "embeddata": embed,
		"item": item, "description": "Tea", "bankcode": "zalopayapp", "callbackurl": to.URL,
		"mac": sign("2553", "261122_old", "An", "50000", millis(0), embed, item),
	}
	made := post("createorder", create)
	if link, _ := made.Object["orderurl"].(string); made.Sub != 1 || made.Object["zptranstoken"] == "" || !strings.HasPrefix(link, s.URL) {
		t.Fatalf("create: %s", made.Body)
	}
	query := members{"appid": "2553", "apptransid": "261122_old", "mac": sign("2553", "261122_old", s.app.Key1)}
	if a := post("getstatusbyapptransid", query); a.Sub != -49 || a.Object["isprocessing"] != false || a.Object["zptransid"] != 0.0 {
		t.Errorf("query before it is paid: %s", a.Body)
	}
	p := s.payFrom("old", rich)
	number := sen.TransID(p.Number).String()
	a := post("getstatusbyapptransid", query)
	if a.Sub != 1 || a.Object["amount"] != 50000.0 || a.Object["discountamount"] != 0.0 || !strings.Contains(a.Body, `"zptransid":`+number) {
		t.Errorf("query of the paid order: %s", a.Body)
	}
	if other := s.call(sen.OpQueryOrder, members{"app_trans_id": "261122_old"}); other.Sub != 1 {
		t.Errorf("the second version says of it: %s", other.Body)
	}
	if c := s.attempted(s.Order(2553, "261122_old").Callbacks[0].ID, 1); c.State != "delivered" {
		t.Errorf("the callback: %+v", c)
	}
	s.firstCallback(to.got()[0], number, item, embed)

	refund := members{
		"appid": "2553", "mrefundid": "261122_2553_old", "zptransid": number, "amount": "20000", "timestamp": millis(0), "description": "back",
		"mac": sign("2553", number, "20000", "back", millis(0)),
	}
	if a := post("partialrefund", refund); a.Sub <= 1 || a.Object["refundid"] == 0.0 {
		t.Errorf("refund: %s", a.Body)
	}
	if a := post("partialrefund", refund); a.Sub != -23 {
		t.Errorf("the same refund again: %s", a.Body)
	}
	status := members{"appid": "2553", "mrefundid": "261122_2553_old", "timestamp": millis(0), "mac": sign("2553", "261122_2553_old", millis(0))}
	apptest.Wait(t, "the refund", func() bool { return post("getpartialrefundstatus", status).Sub == 1 })
}

// firstCallback checks a callback's mac and each of its members, in order.
func (s *shop) firstCallback(body, number, item, embed string) {
	s.t.Helper()
	var sealed map[string]string
	if err := json.Unmarshal([]byte(body), &sealed); err != nil || len(sealed) != 2 {
		s.t.Fatalf("%v: %s", err, body)
	}
	if !sen.Verify(s.app.Key2, []byte(sealed["data"]), sealed["mac"]) {
		s.t.Errorf("the mac does not verify: %s", body)
	}
	at := millis(0)
	before, user, _ := strings.Cut(sealed["data"], `"merchantuserid":"`)
	want := `{"appid":2553,"apptransid":"261122_old","apptime":` + at + `,"appuser":"An","amount":50000,"embeddata":` + strconv.Quote(embed) +
		`,"item":` + strconv.Quote(item) + `,"zptransid":` + number + `,"servertime":` + at + `,"channel":38,`
	if before != want || !strings.HasSuffix(user, `","userfeeamount":0,"discountamount":0}`) {
		s.t.Errorf("got  %s\nwant %s", sealed["data"], want)
	}
}

// TestFirstRefusals makes the refusals that the first version has words for.
func TestFirstRefusals(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	if a := s.first(sen.OpCreateOrder, order("a")); a.Sub != 1 {
		t.Fatal(a.Body)
	}
	p := s.payFrom("a", rich)
	if a := s.first(sen.OpCreateOrder, order("late")); a.Sub != 1 {
		t.Fatal(a.Body)
	}
	refund := members{
		"m_refund_id": "261122_2553_1", "zp_trans_id": sen.TransID(p.Number).String(), "amount": "50000", "timestamp": millis(0), "description": "x",
	}
	for _, c := range []struct {
		name string
		op   *sen.Operation
		m    members
		want int
		says string // in the text, for the developer
	}{
		{"the same order", sen.OpCreateOrder, order("a"), -68, ""},
		{"no such app", sen.OpCreateOrder, order("b").with(members{"app_id": "77"}), -2, "appid"},
		{"a wrong mac", sen.OpCreateOrder, order("b").with(members{"mac": strings.Repeat("0", 64)}), -53, "appid|apptransid|appuser|amount|apptime|embeddata|item"},
		{"another clock", sen.OpCreateOrder, order("b").with(members{"app_time": millis(16 * time.Minute)}), -54, "apptime"},
		{"another day", sen.OpCreateOrder, order("b").with(members{"app_trans_id": "261121_b"}), -92, "apptransid must begin with 261122"},
		{"no description", sen.OpCreateOrder, order("b").with(members{"description": "-"}), -79, "description is missing"},
		{"no such order", sen.OpQueryOrder, members{"app_trans_id": "261122_none"}, -49, ""},
		{"no transid", sen.OpQueryOrder, members{"app_trans_id": "x"}, -92, "apptransid"},
		{"too much back", sen.OpRefundOrder, refund.with(members{"amount": "50001"}), 2, ""}, // found out later
		{"no such payment", sen.OpRefundOrder, refund.with(members{"m_refund_id": "261122_2553_2", "zp_trans_id": "261122000009999"}), -8, ""},
		{"a refund of yesterday", sen.OpRefundOrder, refund.with(members{"m_refund_id": "261121_2553_3"}), -25, "mrefundid"},
		{"a wrong mac of a refund", sen.OpRefundOrder, refund.with(members{"mac": strings.Repeat("0", 64)}), -3, "appid|zptransid|amount|description|timestamp"},
		{"no such refund", sen.OpQueryRefund, members{"m_refund_id": "261122_2553_9", "timestamp": millis(0)}, -21, ""},
	} {
		if a := s.first(c.op, c.m); a.Sub != c.want || !strings.Contains(a.SubText, c.says) || a.HTTP != http.StatusOK {
			t.Errorf("%s: want %d and %q, got %s", c.name, c.want, c.says, a.Body)
		}
	}
	apptest.Wait(t, "the refund that is too much", func() bool {
		return s.first(sen.OpQueryRefund, members{"m_refund_id": "261122_2553_1", "timestamp": millis(0)}).Sub == -14
	})
	s.SetClock(apptest.Noon.Add(15 * time.Minute))
	if a := s.first(sen.OpQueryOrder, members{"app_trans_id": "261122_late"}); a.Sub != -54 {
		t.Errorf("an order whose time is up: %s", a.Body)
	}
	if a := s.send(http.MethodPost, "/v001/tpe/nothing", "", ""); a.HTTP != http.StatusNotFound || a.Sub != -79 {
		t.Errorf("an unknown path: %d %s", a.HTTP, a.Body)
	}
}

// TestFirstUnsigned sends beside signed members the same ones under the names of
// the second version, which no mac covers.
func TestFirstUnsigned(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	create := firstOp(t, sen.OpCreateOrder)
	m := members{}
	for name, value := range order("a") {
		m[apiv1.Name(name)] = value
	}
	m = s.signed(create, m)
	m["app_trans_id"] = "261122_forged"
	if a := s.send(create.Method, create.Path+"?app_trans_id=261122_forged", "application/x-www-form-urlencoded", m.form()); a.Sub != 1 {
		t.Fatal(a.Body)
	}
	if o := s.Order(2553, "261122_a"); o.AppTransID != "261122_a" {
		t.Errorf("got the order %+v", o)
	}
}

// TestFirstIsTheSame shows that what holds for an operation holds in both
// versions: a closed one, what a sandbox is told to answer, the rate, and the
// log of requests.
func TestFirstIsTheSame(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	apptest.Control[control.Rule](s.Gateway, http.MethodPost, "/control/rules", control.Rule{
		Operation: sen.OpCreateOrder.Name, Match: map[string]string{"app_trans_id": "261122_forced"}, Value: new(-68),
	})
	if a := s.first(sen.OpCreateOrder, order("forced")); a.Sub != -68 {
		t.Errorf("forced: %s", a.Body)
	}
	if a := s.first(sen.OpCreateOrder, order("free")); a.Sub != 1 {
		t.Errorf("not forced: %s", a.Body)
	}
	r := s.asProgram("261122_free", "/v001/tpe/createorder", "apptransid")
	if r.Path != "/v001/tpe/createorder" || r.Operation != sen.OpCreateOrder.Name || r.MAC != "good" {
		t.Errorf("the log has %+v", r)
	}
}

// asProgram finds the one call about an order in the log, and reads it as a
// program that has all of texts.
func (s *shop) asProgram(appTransID string, texts ...string) control.Request {
	s.t.Helper()
	all := apptest.Control[control.Requests](s.Gateway, http.MethodGet, "/control/requests?app_trans_id="+appTransID, nil).Requests
	if len(all) == 0 {
		s.t.Fatal("the log has nothing")
	}
	r := all[len(all)-1] // the first: the newest come first
	as := apptest.Control[control.Export](s.Gateway, http.MethodGet, "/control/requests/"+r.ID+"/export?as=curl", nil)
	for _, text := range texts {
		if !strings.Contains(as.Program, text) {
			s.t.Errorf("the program has no %s: %s", text, as.Program)
		}
	}
	return r
}

// TestFirstForged makes a sandbox forge a callback of the first version: it
// stays one of the first version.
func TestFirstForged(t *testing.T) {
	t.Parallel()
	to := newReceiver(t)
	s := openShop(t)
	s.mishap(control.CallbackRule{Kind: "wrong_amount", AppTransID: "261122_f*", Calls: 1})
	if a := s.first(sen.OpCreateOrder, order("f").with(members{"callback_url": to.URL})); a.Sub != 1 {
		t.Fatal(a.Body)
	}
	s.payFrom("f", rich)
	s.attempted(s.Order(2553, "261122_f").Callbacks[0].ID, 1)
	var sealed map[string]string
	if err := json.Unmarshal([]byte(to.got()[0]), &sealed); err != nil || len(sealed) != 2 {
		t.Fatalf("%v: %s", err, to.got()[0])
	}
	if !sen.Verify(s.app.Key2, []byte(sealed["data"]), sealed["mac"]) || !strings.Contains(sealed["data"], `"amount":51000`) {
		t.Errorf("got %s", to.got()[0])
	}
}
