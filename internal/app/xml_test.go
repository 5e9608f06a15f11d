package app_test

import (
	"encoding/xml"
	"strings"
	"testing"

	"sen"
)

// asXML writes the members under any root, each as text.
func asXML(m members) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<Request>\n")
	for name, value := range m {
		b.WriteString("  <" + name + ">")
		_ = xml.EscapeText(&b, []byte(value)) // a Builder takes everything
		b.WriteString("</" + name + ">\n")
	}
	return b.String() + "</Request>"
}

// TestXML sends the operations that are documented to take XML as it, and then
// documents that no gateway should believe.
func TestXML(t *testing.T) {
	t.Parallel()
	const kind = "application/xml"
	p := openPayer(t)
	for _, op := range sen.Operations() {
		a := p.send("POST", op.Path, kind, "<x/>")
		if want := map[bool]int{true: 200, false: 415}[op.XML]; op.Method == "POST" && a.HTTP != want {
			t.Errorf("%s: HTTP %d, want %d: %s", op.Name, a.HTTP, want, a.Body)
		}
	}

	till := p.signed(sen.OpQuickPay, scanned("till", p.code(spare)).with(members{"embed_data": `{"a":"Trà <đá> & \"chanh\"\n"}`}))
	if a := p.send("POST", "/v2/quick_pay", kind, asXML(till)); a.Sub != 1 || a.Object["zp_trans_id"] == 0.0 {
		t.Errorf("quick pay: %s", a.Body)
	}
	payout := p.payout("x", p.receiver(spare), "1000").with(members{"app_id": "2553"})
	sig, err := sen.SignRSA(p.key, p.hmac(payout))
	if err != nil {
		t.Fatal(err)
	}
	if a := p.send("POST", "/v2/disbursement/topup", "text/xml; charset=utf-8", asXML(payout.with(members{"sig": sig}))); a.Sub != 1 {
		t.Errorf("payout: %s", a.Body)
	}
	bind := p.signed(sen.OpCreateBindingWallet, members{"app_trans_id": "261122_bind", "identifier": "An", "req_date": p.now()})
	if a := p.send("POST", "/v2/agreement/bind", kind, asXML(bind)); a.Sub != 1 {
		t.Errorf("binding: %s", a.Body)
	}

	parcels := invoice("a").with(members{"receiver": "", "orderInfo": ""})
	zod := asXML(p.signed(sen.OpCreateZod, parcels))
	nested := func(elements string) string {
		text := strings.NewReplacer("<receiver></receiver>", "<receiver><contact>0912345678</contact></receiver>", "<orderInfo></orderInfo>", elements).Replace(zod)
		if strings.Count(text, "<receiver>") != 1 {
			t.Fatal(text)
		}
		return text
	}
	one := "<orderInfo><trackingNumber>0001</trackingNumber><description>Giày &amp; dép</description><amount>400000</amount></orderInfo>"
	if a := p.send("POST", "/v2/zod", kind, nested(one+one)); a.Object["subReturnCode"] != 1.0 {
		t.Errorf("parcels: %s", a.Body)
	}
	for name, c := range map[string]struct{ body, says string }{
		"a document type":   {`<!DOCTYPE r [<!ENTITY a "2553">]><r><app_id>&a;</app_id></r>`, "not XML"},
		"an unknown entity": {`<r><app_id>&a;</app_id></r>`, "not XML"},
		"a file":            {`<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>`, "not XML"},
		"another encoding":  {`<?xml version="1.0" encoding="UTF-16"?><r/>`, "not XML"},
		"not UTF-8":         {"<r>\xff</r>", "not UTF-8"},
		"two roots":         {`<r/><r/>`, "not XML"},
		"more behind it":    {`<r><app_id>1</app_id></r><`, "not XML"},
		"a type behind it":  {`<r><app_id>1</app_id></r><!DOCTYPE r>`, "not XML"},
		"text in the root":  {`<r>x<app_id>1</app_id></r>`, "not XML"},
		"cut off":           {`<r><app_id>2553`, "not XML"},
		"too deep":          {`<r>` + repeat("<a>", 5000) + repeat("</a>", 5000) + `</r>`, "not XML"},
		"a member twice":    {`<r><app_id>1</app_id><app_id>1</app_id></r>`, "app_id is given twice"},
		"JSON":              {`{"app_id":2553}`, "not XML"},
		"10 MB":             {`<r>` + repeat(" ", 10<<20) + `</r>`, "128 kB"},
	} {
		if a := p.send("POST", "/v2/quick_pay", kind, c.body); a.Sub == 1 || !strings.Contains(a.SubText, c.says) {
			t.Errorf("%s: %s", name, a.Body)
		}
	}
}
