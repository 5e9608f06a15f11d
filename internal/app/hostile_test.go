package app_test

import (
	"bufio"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sen"
)

// TestMalformed sends what no good client sends. Each is refused with a value
// and an HTTP status that the documentation knows, and with JSON.
func TestMalformed(t *testing.T) {
	t.Parallel()
	const (
		formType = "application/x-www-form-urlencoded"
		jsonType = "application/json"
	)
	s := openShop(t)
	good := s.signed(sen.OpCreateOrder, order("h"))
	goodJSON := good.json(t)
	changed := func(changes members) string { return s.signed(sen.OpCreateOrder, order("h").with(changes)).form() }
	raw := func(name, value string) string {
		return s.signed(sen.OpCreateOrder, order("h").with(members{name: value})).jsonRaw(t, name)
	}
	amount := func(text string) string { return raw("amount", text) }
	for _, c := range []struct {
		name, contentType, body string
		status                  int
		text                    string
	}{
		{"broken JSON", jsonType, goodJSON[:len(goodJSON)-1], 200, "not a JSON object"},
		{"text after JSON", jsonType, goodJSON + "x", 200, "not a JSON object"},
		{"two objects", jsonType, goodJSON + goodJSON, 200, "not a JSON object"},
		{"an array", jsonType, "[" + goodJSON + "]", 200, "not a JSON object"},
		{"a string", jsonType, `"x"`, 200, "not a JSON object"},
		{"null", jsonType, `null`, 200, "not a JSON object"},
		{"an empty object", jsonType, `{}`, 200, "app_id is missing"},
		{"nothing", jsonType, ``, 200, "app_id is missing"},
		{"space", jsonType, " \n\t", 200, "app_id is missing"},
		{"a byte order mark", jsonType, "\uFEFF" + goodJSON, 200, "not a JSON object"},
		{"100,000 brackets", jsonType, repeat("[", 100_000), 200, "not a JSON object"},
		{"nested too deep", jsonType, `{"x":` + repeat("[", 20_000) + repeat("]", 20_000) + "," + goodJSON[1:], 200, "not a JSON object"},
		{"a member twice", jsonType, `{"amount":"50000",` + goodJSON[1:], 200, "amount is given twice"},
		{"a member twice, once escaped", jsonType, `{"\u0061mount":"50000",` + goodJSON[1:], 200, "amount is given twice"},
		{"a form's member twice", formType, good.form() + "&amount=50000", 200, "amount is given twice"},
		{"10,000 members", jsonType, "{" + manyMembers(10_000) + goodJSON[1:], 200, "more than 100 members"},
		{"10,000 members in a form", formType, repeat("&a=", 10_000), 200, "a is given twice"},
		{"10 MB", jsonType, `{"x":"` + repeat("x", 10<<20) + `"}`, 413, "128 kB"},
		{"10 MB of a form", formType, repeat("x", 10<<20), 413, "128 kB"},
		{"just too large", jsonType, repeat(" ", 128<<10) + "{", 413, "128 kB"},
		{"JSON called a form", formType, goodJSON, 200, "but it is JSON"},
		{"a form called JSON", jsonType, good.form(), 200, "it is a form: send application/x-www-form-urlencoded"},
		{"XML", "application/xml", "<a/>", 415, "takes no XML"},
		{"an absurd type", repeat("x", 1000), "x", 415, "Content-Type"},
		{"a type that can't be read", "application/json/json; ;;=", goodJSON, 415, "Content-Type"},
		{"multipart without boundary", "multipart/form-data", "x", 200, "multipart"},
		{"multipart cut off", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx", 200, "multipart"},
		{"multipart without names", "multipart/form-data; boundary=b", "--b\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--", 200, "given twice"},
		{"a bad escape", formType, "app_id=%zz", 200, "hexadecimal"},
		{"an escape cut off", formType, "app_id=%4", 200, "hexadecimal"},
		{"invalid UTF-8 in a form", formType, "app_user=%ff&" + good.form(), 200, "not UTF-8"},
		{"invalid UTF-8 in a form's name", formType, "%ff=1&" + good.form(), 200, "not UTF-8"},
		{"invalid UTF-8 in JSON", jsonType, `{"x":"` + "\xff" + `",` + goodJSON[1:], 200, "not UTF-8"},
		{"invalid UTF-8 in multipart", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\xff\r\n--b--", 200, "not UTF-8"},
		{"UTF-16", jsonType, "{\x00}\x00", 200, "not a JSON object"},
		{"a high surrogate alone", jsonType, raw("app_user", `"\ud83d"`), 200, "half of a pair"},
		{"a low surrogate alone", jsonType, raw("app_user", `"\ude00x"`), 200, "half of a pair"},
		{"two high surrogates", jsonType, raw("app_user", `"\ud83d\ud83d"`), 200, "half of a pair"},
		{"half a pair behind its replacement", jsonType, raw("app_user", `"\ufffd\ud83d"`), 200, "half of a pair"},
		{"half a pair in a name", jsonType, `{"\ud83d":1,` + goodJSON[1:], 200, "half of a pair"},
		{"NUL", formType, changed(members{"app_user": "a\x00b"}), 200, "app_user has a NUL"},
		{"an escaped NUL", jsonType, raw("app_user", `"a\u0000b"`), 200, "app_user has a NUL"},
		{"a separator in the identifier", formType, changed(members{"app_trans_id": "261122_a|b"}), 200, "app_trans_id may not hold"},
		{"a line in the identifier", formType, changed(members{"app_trans_id": "261122_a\nb"}), 200, "app_trans_id may not hold"},
		{"a negative amount", jsonType, amount("-1"), 200, `amount must be written in digits only, as in 50000, not "-1"`},
		{"no amount", jsonType, amount("0"), 200, `amount must be at least 1, not "0"`},
		{"a fraction", jsonType, amount("50000.00"), 200, `not "50000.00"`},
		{"an exponent", jsonType, amount("5e4"), 200, `not "5e4"`},
		{"a huge amount", jsonType, amount("10000000000000"), 200, "at most 9999999999999"},
		{"an overflow", jsonType, amount(repeat("9", 30)), 200, "at most 9999999999999"},
		{"an overlong number", jsonType, amount(repeat("9", 50_000)), 200, `9"…`},
		{"an overlong number of zeros", formType, changed(members{"app_id": repeat("0", 1000) + "2553"}), 200, "app_id has 1004 characters, at most 10"},
		{"a plus sign", formType, changed(members{"amount": "+50000"}), 200, "digits only"},
		{"foreign digits", formType, changed(members{"amount": "５００００"}), 200, "digits only"},
		{"an array for an amount", jsonType, amount("[50000]"), 200, "digits only"},
		{"true for an amount", jsonType, amount("true"), 200, "digits only"},
		{"null for an amount", jsonType, raw("amount", "null"), 200, "amount is missing"},
		{"a time that overflows", formType, changed(members{"app_time": "9223372036854775807"}), 200, "after the year 3000"},
		{"a negative time", formType, changed(members{"app_time": "-1"}), 200, "app_time must be a time in milliseconds"},
		{"an app beyond 31 bits", formType, changed(members{"app_id": "4294969849"}), 200, "no enabled app"},
		{"a negative app", formType, changed(members{"app_id": "-2553"}), 200, "app_id must be a whole number"},
		{"item that is no array", formType, changed(members{"item": "{}"}), 200, "item must be a JSON array"},
		{"embed_data that is no object", formType, changed(members{"embed_data": "[]"}), 200, "embed_data must be a JSON object"},
		{"embed_data that ends early", formType, changed(members{"embed_data": `{"a":`}), 200, "embed_data must be a JSON object"},
		{"too long by one", formType, changed(members{"app_user": repeat("ệ", 51)}), 200, "app_user has 51 characters, at most 50"},
		{"another currency", formType, changed(members{"currency": "USD"}), 200, "currency must be VND"},
		{"a life too short", formType, changed(members{"expire_duration_seconds": "299"}), 200, "300 to 2592000"},
		{"a life too long", formType, changed(members{"expire_duration_seconds": "2592001"}), 200, "300 to 2592000"},
		{"a mac too short", formType, good.with(members{"mac": "ab"}).form(), 200, "HMAC-SHA256"},
		{"a mac too long", formType, good.with(members{"mac": good["mac"] + "00"}).form(), 200, "HMAC-SHA256"},
		{"a mac that is no hex", formType, good.with(members{"mac": repeat("zz", 32)}).form(), 200, "HMAC-SHA256"},
	} {
		a := s.send(http.MethodPost, "/v2/create", c.contentType, c.body)
		if a.HTTP != c.status || a.Code != 2 || (a.Sub != -401 && a.Sub != -402) || !strings.Contains(a.SubText, c.text) {
			t.Errorf("%s: got %d %s\nwant HTTP %d with %q", c.name, a.HTTP, a.Body, c.status, c.text)
		}
		if len(a.Body) > 8<<10 {
			t.Errorf("%s: an answer of %d bytes", c.name, len(a.Body))
		}
	}
	if a := s.call(sen.OpQueryOrder, queried("h")); a.Sub != -101 {
		t.Errorf("one of them made an order: %s", a.Body)
	}
	if lines := s.Log.Lines("level=ERROR"); len(lines) > 0 {
		t.Errorf("logged as a failure of ours: %q", lines)
	}
}

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`"m` + strconv.Itoa(i) + `":1,`)
	}
	return b.String()
}

// TestMethodsAndPaths looks at everything around the six operations.
func TestMethodsAndPaths(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	body := s.signed(sen.OpCreateOrder, order("p")).form()
	for _, c := range []struct {
		method, path string
		status       int
		text         string
	}{
		{"GET", "/v2/create?" + body, 405, "the method must be POST, not GET"},
		{"HEAD", "/v2/create", 405, ""},
		{"PUT", "/v2/create", 405, "not PUT"},
		{"DELETE", "/v2/query", 405, ""},
		{"PATCH", "/v2/refund", 405, ""},
		{"OPTIONS", "/v2/create", 405, ""},
		{"GET", "/api/getlistmerchantbanks", 405, ""},
		{"POST", "/v2/create/", 404, `there is no operation "/v2/create/"; there are /v2/create, `},
		{"POST", "/v2/", 404, ""},
		{"POST", "/v2/nothing", 404, ""},
		{"GET", "/v2/nothing", 404, ""},
		{"HEAD", "/v2/nothing", 404, ""},
		{"POST", "/v2/Create", 404, ""},
		{"POST", "/v2/create%00", 404, ""},
		{"POST", "/v2/create%2f..%2fquery", 404, ""},
		{"POST", "/v2/getbanklist", 404, "/api/getlistmerchantbanks"},
		{"POST", "/api/nothing", 404, ""},
		{"POST", "//v2/create", 200, "app_id is missing"}, // redirected with its method and body,
		{"POST", "/v2/../v2/nothing", 404, ""},
	} {
		a := s.send(c.method, c.path, "application/x-www-form-urlencoded", "")
		if a.HTTP != c.status || !strings.Contains(a.SubText, c.text) || c.method != "HEAD" && a.Sub != -401 && a.Object["returncode"] == nil {
			t.Errorf("%s %s: got %d %s\nwant HTTP %d with %q", c.method, c.path, a.HTTP, a.Body, c.status, c.text)
		}
	}
	if a := s.call(sen.OpQueryOrder, queried("p")); a.Sub != -101 {
		t.Errorf("one of them made an order: %s", a.Body)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	const formType = "application/x-www-form-urlencoded"
	body := s.signed(sen.OpQueryOrder, queried("none")).form()
	var zipped strings.Builder
	w := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(w, body)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		header http.Header
		body   string
		status int
		sub    int
	}{
		{"gzip", header("Content-Encoding", "gzip", "Content-Type", formType), zipped.String(), 415, -401},
		{"no coding", header("Content-Encoding", "identity", "Content-Type", formType), body, 200, -101},
		{"absurd", header("Content-Type", formType, "X-A", repeat("x", 30_000), "Accept", repeat("*/*,", 2000), "Cookie", repeat("a=b; ", 1000),
			"X-Forwarded-For", "' OR 1=1 --", "X-HTTP-Method-Override", "DELETE", "Range", "bytes=0-1", "If-None-Match", "*",
			"Origin", "null"), body, 200, -101},
	} {
		a := s.sendWith(http.MethodPost, "/v2/query", c.header, c.body)
		if a.HTTP != c.status || a.Sub != c.sub {
			t.Errorf("%s: got %d %s", c.name, a.HTTP, a.Body)
		}
	}
}

// TestRawConnections speaks HTTP badly. A client may be refused or cut off, but
// it never keeps the gateway waiting, and never reaches an order.
func TestRawConnections(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.hurry(2 * time.Second)
	inner := s.signed(sen.OpCreateOrder, order("inner")).form()
	post := "POST /v2/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	smuggled := "POST /v2/create?" + inner + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
	var open sync.WaitGroup
	for _, c := range []struct{ name, text, want string }{
		{"a length that is too large", post + "Content-Length: 1000\r\n\r\nx", "-401"},
		{"a negative length", post + "Content-Length: -1\r\n\r\n", "HTTP/1.1 400"},
		{"a length of letters", post + "Content-Length: many\r\n\r\n", "HTTP/1.1 400"},
		{"a length beyond numbers", post + "Content-Length: 99999999999999999999\r\n\r\n", "HTTP/1.1 400"},
		{"a length of terabytes", post + "Content-Length: 9000000000000000000\r\n\r\nx", "-401"},
		{"two lengths", post + "Content-Length: 0\r\nContent-Length: 5\r\n\r\n" + smuggled, "HTTP/1.1 400"},
		{"a length and chunks", post + "Content-Length: " + strconv.Itoa(len(smuggled)) + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, "-401"},
		{"chunks, oddly written", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 501"},
		{"chunks twice", post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 501"},
		{"chunks without end", post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "-401"},
		{"a chunk of letters", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "-401"},
		{"a space before the colon", "POST /v2/create HTTP/1.1\r\nHost: x\r\nContent-Length : 0\r\n\r\n", "HTTP/1.1 400"},
		{"no host", "POST /v2/create HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
		{"two hosts", "POST /v2/create HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "HTTP/1.1 400"},
		{"another protocol", "SSH-2.0-x\r\n\r\n", "HTTP/1.1 400"},
		{"HTTP/2 without asking", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 400"},
		{"headers without end", post + repeat("X-A: "+repeat("y", 1000)+"\r\n", 100), "HTTP/1.1 431"},
		{"headers that never end", "POST /v2/create HTTP/1.1\r\nHost: x\r\nX-A: y", ""},
		{"a method of letters", "BREW /v2/create HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 405"},
		{"a path that is an address", "POST http://other/v2/create HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "-401"},
		{"a path of a star", "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 "},
		{"silence", "", ""},
	} {
		open.Go(func() {
			got := s.speak(c.text)
			for tries := 0; got == "" && c.want != "" && tries < 20; tries++ {
				got = s.speak(c.text) // a busy machine may have taken all the time for it
			}
			if !strings.Contains(got, c.want) || c.want == "" && got != "" {
				t.Errorf("%s: got %q, want %q", c.name, got, c.want)
			}
		})
	}
	open.Wait()
	s.hurry(0)
	if a := s.call(sen.OpQueryOrder, queried("inner")); a.Sub != -101 {
		t.Errorf("a smuggled request was served: %s", a.Body)
	}
}

// speak sends the text on a connection of its own and returns everything that
// comes back until the gateway closes it.
func (s *shop) speak(text string) string {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		s.t.Error(err)
		return ""
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		s.t.Error(err)
	}
	// The gateway may answer and close before it has read everything.
	_, _ = io.WriteString(conn, text)
	var got strings.Builder
	if _, err := io.Copy(&got, bufio.NewReader(conn)); err != nil && strings.Contains(err.Error(), "timeout") {
		s.t.Errorf("the gateway keeps the connection: %q", text)
	}
	return got.String()
}

// TestSlowClients sees that many clients who never finish are cut off, and
// hold up nobody meanwhile.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.hurry(2 * time.Second)
	var slow sync.WaitGroup
	for i := range 50 {
		text := "POST /v2/create HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\na"
		if i%2 == 0 {
			text = "POST /v2/create HTTP/1.1\r\nHo"
		}
		slow.Go(func() { s.speak(text) })
	}
	s.madeInTime(order("quick"))
	slow.Wait()
	if lines := s.Log.Lines("level=ERROR"); len(lines) > 0 {
		t.Errorf("logged as a failure of ours: %q", lines)
	}
}
