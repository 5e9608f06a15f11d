package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"sen"
	"sen/internal/app/apptest"
)

// A recorded request is what somebody else's client once sent.
type recorded struct {
	Method, Path, Query, Body string
	ContentType               string `json:"content_type"`
	AppID                     int    `json:"app_id"`
}

// An outcome is what a recorded request must come to in a gateway that has
// answered the requests before it in the same file.
type outcome struct {
	File, Path string
	N          int   // which of the file's requests, from 1
	At         int64 // the request's own time, in milliseconds
	Code, Sub  int   // of the bank list only Sub
}

func readTestdata[T any](t testing.TB, elem ...string) (v T) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	if err == nil {
		err = json.Unmarshal(data, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestRecordedRequests replays what real clients sent, byte for byte, at the
// time at which they sent it.
func TestRecordedRequests(t *testing.T) {
	t.Parallel()
	wire := filepath.Join("..", "..", "testdata", "wire")
	expected := map[string]map[int]outcome{}
	for _, o := range readTestdata[[]outcome](t, "testdata", "outcomes.json") {
		if expected[o.File] == nil {
			expected[o.File] = map[int]outcome{}
		}
		expected[o.File][o.N] = o
	}
	files, err := filepath.Glob(filepath.Join(wire, "*.json"))
	if err != nil || len(files) != len(expected) {
		t.Fatalf("%d files, %d of them with outcomes, %v", len(files), len(expected), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &shop{apptest.Start(t), t, sen.App{}}
			requests := readTestdata[[]recorded](t, file)
			for i, r := range requests {
				o, known := expected[name][i+1]
				switch {
				case known && o.Path == r.Path:
					s.replay(r, o)
				case served(r.Path):
					t.Errorf("request %d, %s, has no outcome", i+1, r.Path)
				}
			}
			for i, r := range requests { // the same query, once the order is paid
				o := expected[name][i+1]
				if o.Path == sen.OpQueryOrder.Path && o.Sub == sen.Processing {
					s.Pay(s.Order(r.AppID, transID(t, r)).Token, rich)
					o.Code, o.Sub = sen.Success, sen.Success
					s.replay(r, o)
				}
			}
			s.CheckLedger()
		})
	}
}

func served(path string) bool {
	for _, o := range operations {
		if o.op.Path == path {
			return true
		}
	}
	return false
}

func (s *shop) replay(r recorded, o outcome) {
	s.t.Helper()
	s.SetClock(time.UnixMilli(o.At))
	path := r.Path
	if r.Query != "" {
		path += "?" + r.Query
	}
	a := s.send(r.Method, path, r.ContentType, r.Body)
	if a.HTTP != 200 || a.Code != o.Code || a.Sub != o.Sub {
		s.t.Errorf("request %d: got %d %s\nwant %d/%d", o.N, a.HTTP, a.Body, o.Code, o.Sub)
	}
	if r.Path != sen.OpCreateOrder.Path {
		return
	}
	if url, _ := a.Object["order_url"].(string); url == "" || a.Object["zp_trans_token"] == "" {
		s.t.Errorf("request %d: no way to pay: %s", o.N, a.Body)
	}
}

// transID finds the identifier in a request of any encoding.
func transID(t testing.TB, r recorded) string {
	t.Helper()
	var body struct {
		AppTransID string `json:"app_trans_id"`
	}
	if json.Unmarshal([]byte(r.Body), &body) == nil {
		return body.AppTransID
	}
	v, err := parseForm(r.Query + "&" + r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return v.Get("app_trans_id")
}

// TestEncodings sends one order in every form that clients use.
func TestEncodings(t *testing.T) {
	t.Parallel()
	const (
		formType = "application/x-www-form-urlencoded"
		jsonType = "application/json"
	)
	s := openShop(t)
	n := 0
	next := func(changes members) members {
		n++
		return s.signed(sen.OpCreateOrder, order("e"+strconv.Itoa(n)).with(changes))
	}
	path := sen.OpCreateOrder.Path
	for _, c := range []struct {
		name string
		send func() answer
	}{
		{"JSON of strings", func() answer { return s.send("POST", path, jsonType, next(nil).json(t)) }},
		{"JSON of numbers", func() answer {
			return s.send("POST", path, jsonType, next(nil).jsonRaw(t, "app_id", "amount", "app_time"))
		}},
		{"JSON with real values in embed_data and item", func() answer {
			m := next(members{"embed_data": `{"a" : [1, {"b":"c"}]}`, "item": `[ {"itemid":"x"} ]`})
			return s.send("POST", path, jsonType, m.jsonRaw(t, "embed_data", "item", "amount"))
		}},
		{"JSON, charset", func() answer { return s.send("POST", path, "application/json; charset=UTF-8", next(nil).json(t)) }},
		{"JSON, quoted charset", func() answer { return s.send("POST", path, `Application/JSON ; Charset="utf-8"`, next(nil).json(t)) }},
		{"JSON, broken parameter", func() answer { return s.send("POST", path, "application/json; charset", next(nil).json(t)) }},
		{"JSON without a type", func() answer { return s.send("POST", path, "", next(nil).json(t)) }},
		{"JSON as text", func() answer { return s.send("POST", path, "text/plain;charset=UTF-8", next(nil).json(t)) }},
		{"JSON with space around", func() answer { return s.send("POST", path, jsonType, "\r\n "+next(nil).json(t)+"\n") }},
		{"JSON with escapes", func() answer {
			m := next(members{"description": "Trà/é😀", "embed_data": `{"redirecturl":"http:\/\/shop.example\/b"}`})
			text := replaceAll(m.json(t), "/", `\/`, "à", `\u00e0`, "é", `\u00E9`, "😀", `\ud83d\ude00`)
			return s.send("POST", path, jsonType, text)
		}},
		{"JSON, null and empty optionals, unknown members", func() answer {
			text := next(members{"title": "", "currency": "", "callback_url": ""}).json(t)
			return s.send("POST", path, jsonType, `{"sub_app_id":null,"order_type":"GOODS","userip":{"a":[null]},"x":1e400,`+text[1:])
		}},
		{"form", func() answer { return s.send("POST", path, formType, next(nil).form()) }},
		{"form, charset", func() answer { return s.send("POST", path, formType+"; charset=utf-8", next(nil).form()) }},
		{"form without a type", func() answer { return s.send("POST", path, "", next(nil).form()) }},
		{"form, spaces as plus", func() answer {
			return s.send("POST", path, formType, next(members{"app_user": "Nguyen An", "item": `[{"a b": 1}]`}).form())
		}},
		{"form, spaces as %20", func() answer {
			return s.send("POST", path, formType, replaceAll(next(members{"app_user": "Nguyen An"}).form(), "+", "%20"))
		}},
		{"form, plus signs", func() answer { return s.send("POST", path, formType, next(members{"app_user": "1+1=2&3"}).form()) }},
		{"form, nothing escaped that need not be", func() answer {
			m := next(members{"item": `[{"a":1,"b":[2,3]}]`})
			return s.send("POST", path, formType, replaceAll(m.form(), "%5B", "[", "%5D", "]", "%3A", ":", "%2C", ",", "%7B", "{", "%7D", "}", "%22", `"`))
		}},
		{"form, lower-case escapes", func() answer {
			return s.send("POST", path, formType, replaceAll(next(nil).form(), "%7B", "%7b", "%5B", "%5b"))
		}},
		{"form, empty pairs and empty optionals", func() answer {
			return s.send("POST", path, formType, "&&currency=&title=&"+next(nil).form()+"&&bank_code")
		}},
		{"form, semicolons", func() answer { return s.send("POST", path, formType, next(members{"app_user": "a;b"}).form()+"&x;y=1") }},
		{"query string", func() answer { return s.send("POST", path+"?"+next(nil).form(), formType, "") }},
		{"query string without a type", func() answer { return s.send("POST", path+"?"+next(nil).form(), "", "") }},
		{"query string, JSON type", func() answer { return s.send("POST", path+"?"+next(nil).form(), jsonType, "") }},
		{"query string, unheard-of type", func() answer { return s.send("POST", path+"?"+next(nil).form(), "application/x-whatever", "") }},
		{"query string and body, half each", func() answer {
			m := next(nil)
			mac := m["mac"]
			return s.send("POST", path+"?mac="+mac, formType, m.with(members{"mac": "-"}).form())
		}},
		{"body beats query string", func() answer {
			return s.send("POST", path+"?amount=1&mac=0&app_trans_id=x", formType, next(nil).form())
		}},
		{"multipart", func() answer { return s.sendMultipart(path, next(members{"description": "Trà đá"})) }},
		{"upper-case mac", func() answer {
			m := next(nil)
			return s.send("POST", path, formType, m.with(members{"mac": upper(m["mac"])}).form())
		}},
		{"the longest request, in its query string", func() answer {
			long := func(open, end string) string { return open + repeat("ệ", 2048-len(open)-len(end)) + end }
			m := next(members{"embed_data": long(`{"a":"`, `"}`), "item": long(`["`, `"]`), "description": repeat("đ", 256), "app_user": repeat("ệ", 50)})
			return s.send("POST", path+"?"+m.form(), formType, "")
		}},
		{"the longest request, every letter an escape", func() answer {
			m := next(members{"embed_data": `{"a":"` + repeat("ệ", 2048-8) + `"}`, "item": `["` + repeat("ệ", 2048-4) + `"]`, "address": repeat("đ", 1024)})
			return s.send("POST", path, jsonType, replaceAll(m.json(t), "ệ", `\u1ec7`, "đ", `\u0111`))
		}},
	} {
		if a := c.send(); a.HTTP != 200 || a.Code != 1 || a.Sub != 1 {
			t.Errorf("%s: got %d %s", c.name, a.HTTP, a.Body)
		}
	}
}

// TestBodyBeatsQuery sees that it is the body's order that is made.
func TestBodyBeatsQuery(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	body, query := s.signed(sen.OpCreateOrder, order("body")), s.signed(sen.OpCreateOrder, order("query"))
	for range 2 {
		s.send("POST", "/v2/create?"+query.form(), "application/json", body.json(t))
	}
	if got := s.call(sen.OpQueryOrder, queried("body")); got.Sub != 3 {
		t.Errorf("the body's order: %s", got.Body)
	}
	if got := s.call(sen.OpQueryOrder, queried("query")); got.Sub != -101 {
		t.Errorf("the query string's order: %s", got.Body)
	}
}

// TestLanguages sees which language the texts are in.
func TestLanguages(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	st, _ := sen.Lookup("query_order", -101)
	code, _ := sen.LookupReturnCode(sen.Failure)
	for _, c := range []struct{ header, want string }{
		{"", st.Text.VI},
		{"vi", st.Text.VI},
		{"vi-VN,vi;q=0.9,en;q=0.8", st.Text.VI},
		{"en", st.Text.EN},
		{"en-US,en;q=0.5", st.Text.EN},
		{"en;q=0.1,vi;q=0.9", st.Text.VI},
		{"fr,en;q=0.5", st.Text.EN},
		{"fr", st.Text.VI},
		{"*", st.Text.VI},
		{"*;q=0.5", st.Text.VI},
		{";;;q=,-,en_", st.Text.VI},
		{repeat("en-", 5000), st.Text.VI},
		{repeat("a,", 10000), st.Text.VI},
	} {
		a := s.sendWith("POST", "/v2/query", header("Accept-Language", c.header, "Content-Type", "application/x-www-form-urlencoded"),
			s.signed(sen.OpQueryOrder, queried("none")).form())
		lang, reason := "vi", "Ứng dụng này không có đơn hàng như vậy."
		if c.want == st.Text.EN {
			lang, reason = "en", "This app has no such order."
		}
		if want := c.want + ": " + reason; a.SubText != want || a.Text != code.Text.In(lang) {
			t.Errorf("%.40q: got %s, want %q and %q", c.header, a.Body, want, code.Text.In(lang))
		}
	}
}

// TestAnswerMembers holds the members of every answer still: typed clients
// fail on one that is missing.
func TestAnswerMembers(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	envelope := []string{"return_code", "return_message", "sub_return_code", "sub_return_message"}
	for _, c := range []struct {
		op   *sen.Operation
		m    members
		more []string
	}{
		{sen.OpCreateOrder, order("a"), []string{"zp_trans_token", "order_url", "order_token", "qr_code"}},
		{sen.OpQueryOrder, queried("a"), []string{"is_processing", "amount", "discount_amount", "zp_trans_id", "server_time"}},
		{sen.OpCancelOrder, queried("a"), nil},
		{sen.OpRefundOrder, refund("a", 1, 1), []string{"refund_id"}},
		{sen.OpQueryRefund, refundQuery("a"), nil},
	} {
		for _, m := range []members{c.m, c.m.with(members{"mac": "0"}), {}} { // accepted or not found; unsigned; empty
			checkMembers(t, c.op.Name, s.call(c.op, m).Object, append(append([]string{}, envelope...), c.more...))
		}
	}
	checkMembers(t, "list_banks", s.call(sen.OpListBanks, members{}).Object, []string{"returncode", "returnmessage", "banks"})
}
