package apiv2

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"sen"
)

// FuzzReadJSON compares our reading of a JSON object with the library's:
// whatever we accept it accepts, and it reads the same strings.
func FuzzReadJSON(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` {"a":"b"} `, `{"a":1,"b":[1,{"c":"]"}],"d":null,"e":true}`, `{"a":"\u00e0\/\"\\"}`,
		`{"a":"\ud83d\ude00","b":"\ufffd"}`, `{"a" : -1.5e+10 , "b":{"x":"}"} }`, `{"\u0061":"1"}`, `{"":""}`,
		`{"a":"\\"}`, `{"a":"\ud83d"}`, `{"a":1,"a":2}`, `[]`, `{"a":"\\ud83d"}`, `{"a":"�\ud83d"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		body = bytes.TrimSpace(body)
		if len(body) == 0 {
			return
		}
		var got fields
		if err := got.readJSON(body); err != nil {
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatalf("read %q, which the library refuses: %v", body, err)
		}
		if len(got) != len(want) {
			t.Fatalf("%d members, the library has %d: %q", len(got), len(want), body)
		}
		for _, m := range got {
			checkMember(t, m, want[m.name])
		}
	})
}

func checkMember(t *testing.T, m field, raw json.RawMessage) {
	t.Helper()
	want := string(raw)
	switch {
	case want == "null":
		want = ""
	case strings.HasPrefix(want, `"`):
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
	}
	if m.value != want {
		t.Errorf("%q is %q, the library reads %q", m.name, m.value, want)
	}
	// What has been read can be signed: it goes out as it came in.
	text, err := json.Marshal(m.value)
	var back string
	if err != nil || json.Unmarshal(text, &back) != nil || back != m.value {
		t.Errorf("%q does not survive: %q", m.value, back)
	}
}

// FuzzReadForm compares our reading of a form with the library's.
func FuzzReadForm(f *testing.F) {
	for _, seed := range []string{
		"", "a=b", "a=b&c=d+e%20f", "&&a&=x&b==", "a=%e1%bb%87", "a=%zz", "a=1&a=2", "a=[{\"b\":1,2}]", "a;b=c", "%61=b", "a=%",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got fields
		if err := got.readForm(fromBody, text); err != nil {
			return
		}
		// The library refuses semicolons that are not escaped, because older
		// programs took them for separators. Ours never did.
		want, err := url.ParseQuery(strings.ReplaceAll(text, ";", "%3B"))
		if err != nil {
			t.Fatalf("read %q, which the library refuses: %v", text, err)
		}
		if len(got) != len(want) {
			t.Fatalf("%d members, the library has %d: %q", len(got), len(want), text)
		}
		for _, m := range got {
			if values := want[m.name]; len(values) != 1 || values[0] != m.value {
				t.Errorf("%q is %q, the library reads %q", m.name, m.value, values)
			}
		}
	})
}

// TestReadXMLParcels reads members that have elements in them, which are JSON in the
// other encodings.
func TestReadXMLParcels(t *testing.T) {
	t.Parallel()
	const body = `<ZOD><receiver><contact>0912345678</contact></receiver>
		<orderInfo><trackingNumber>0001</trackingNumber><description>Giày "A"</description><amount>400000</amount></orderInfo>
		<orderInfo> <amount>04</amount> </orderInfo></ZOD>`
	var got fields
	if err := got.readXML([]byte(body)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"receiver":  `{"contact":"0912345678"}`,
		"orderInfo": `[{"trackingNumber":"0001","description":"Giày \"A\"","amount":400000},{"amount":"04"}]`,
	} {
		if got.get(name) != want {
			t.Errorf("%s is %s, want %s", name, got.get(name), want)
		}
	}
}

// FuzzReadXML compares our reading of flat documents with the library's own way to
// read one into a struct.
func FuzzReadXML(f *testing.F) {
	for _, seed := range []string{
		"<a/>", "<a><b>c</b></a>", "<?xml version='1.0'?><!-- x --><r xmlns='urn:x'> <a>1</a>\n<b/> </r>", "<r><a><![CDATA[{\"x\":\"<&>\"}]]></a></r>",
		"<r><a>&lt;&#233;&amp;</a></r>", "<!DOCTYPE r [<!ENTITY x 'y'>]><r><a>&x;</a></r>", "<r><a>1</a><a>2</a></r>", "<r>x</r>", "<r/><r/>", "<r><a>",
		"<r><orderInfo><amount>1</amount></orderInfo><orderInfo><amount>x</amount></orderInfo></r>", "<r><a><b><c><d><e/></d></c></b></a></r>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got fields
		if err := got.readXML([]byte(text)); err != nil {
			return
		}
		var want struct {
			Members []struct {
				XMLName xml.Name
				Text    string `xml:",chardata"`
				Parts   []struct {
					XMLName xml.Name
				} `xml:",any"`
			} `xml:",any"`
		}
		if err := xml.Unmarshal([]byte(text), &want); err != nil {
			t.Fatalf("read %q, which the library refuses: %v", text, err)
		}
		for _, m := range want.Members {
			value := got.get(m.XMLName.Local)
			if len(m.Parts) > 0 {
				if !json.Valid([]byte(value)) {
					t.Errorf("%q has %q, which is no JSON", text, value)
				}
			} else if m.XMLName.Local != xmlList && value != m.Text {
				t.Errorf("%q has %q in %s, the library reads %q", text, value, m.XMLName.Local, m.Text)
			}
		}
	})
}

// FuzzReadFields reads requests of any type; none may make it panic.
func FuzzReadFields(f *testing.F) {
	for _, contentType := range []string{"", "application/json", "text/plain", "multipart/form-data; boundary=b", "multipart/form-data", "application/xml", "x/y", ";"} {
		f.Add(contentType, "a=b", []byte("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--"))
		f.Add(contentType, "", []byte(`{"a":1}`))
	}
	f.Fuzz(func(t *testing.T, contentType, query string, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/v2/create", bytes.NewReader(body))
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", contentType)
		got, _, err := readFields(httptest.NewRecorder(), r, sen.OpCreateZod)
		if err == nil && len(got) > maxFields {
			t.Errorf("%d members", len(got))
		}
		if _, known := valueOf("create_order", err); err != nil && !known {
			t.Errorf("an error that has no value: %v", err)
		}
	})
}

// TestAnswerText sees that texts reach the client as they are.
func TestAnswerText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "Trà đá", `"\`, "a\x00\n\x7f", "\u2028<>&", "😀", "\xff"} {
		a := &answer{}
		a.text("x", text)
		var got struct{ X string }
		if err := json.Unmarshal(a.end(), &got); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if want := strings.ToValidUTF8(text, "\uFFFD"); got.X != want {
			t.Errorf("got %q, want %q", got.X, want)
		}
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ệ", 100)
	for _, c := range []struct{ in, want string }{
		{"", `""`},
		{"5e4", `"5e4"`},
		{"a\nb\x00", `"a\nb\x00"`},
		{long[:180], `"` + long[:180] + `"`},
		{long, `"` + long[:180] + `"…`},
		{strings.Repeat("x", 1000), `"` + strings.Repeat("x", 60) + `"…`},
	} {
		if got := quote(c.in); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
