// Broken requests in the ways of Go clients. Prints one JSON record a line.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"net/url"
	"os"
	"strings"
	"time"
)

const (
	key1  = "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL"
	key2  = "kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz"
	k2554 = "sdngKKJmqEMzvh5QQcdD2A9XBSKUNaYn"
	k7001 = "3f8a1c0d9be24756a1f0c3d2e4b59687"
	now   = 1795345088221
)

func sum(h func() hash.Hash, key, text string) []byte {
	m := hmac.New(h, []byte(key))
	m.Write([]byte(text))
	return m.Sum(nil)
}

func mac(key, text string) string { return hex.EncodeToString(sum(sha256.New, key, text)) }

type pairs [][2]string

func (p pairs) get(name string) string {
	for _, one := range p {
		if one[0] == name {
			return one[1]
		}
	}
	return ""
}

func (p pairs) with(name, value string) pairs {
	out := append(pairs{}, p...)
	for i := range out {
		if out[i][0] == name {
			out[i][1] = value
			return out
		}
	}
	return append(out, [2]string{name, value})
}

func (p pairs) join(sep string, names ...string) string {
	var all []string
	for _, n := range names {
		all = append(all, p.get(n))
	}
	return strings.Join(all, sep)
}

var names = []string{"app_id", "app_trans_id", "app_user", "amount", "app_time", "embed_data", "item"}

func text(p pairs) string { return p.join("|", names...) }

func emit(op string, p pairs, m, cause, how string, app int) {
	p = p.with("mac", m)
	r := map[string]any{"language": "go", "operation": op, "app_id": app, "cause": cause}
	switch how {
	case "json": // a map: sorted, and <, > and & escaped
		fields := map[string]any{}
		for _, one := range p {
			fields[one[0]] = one[1]
		}
		body, _ := json.Marshal(fields)
		r["content_type"], r["body"] = "application/json", string(body)
	default:
		v := url.Values{}
		for _, one := range p {
			v.Set(one[0], one[1])
		}
		r["content_type"], r["body"] = "application/x-www-form-urlencoded", v.Encode()
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(r)
}

type embed struct {
	RedirectURL string `json:"redirecturl"`
	Campaign    string `json:"campaign"`
}

func plainJSON(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
	return strings.TrimSpace(b.String())
}

var data = embed{"https://shop.example/r?a=1&b=<2>", "Tết"}

func order() pairs {
	return pairs{{"app_id", "2553"}, {"app_user", "Hoàng Văn Em"}, {"app_trans_id", "261122_go1"}, {"app_time", fmt.Sprint(now)}, {"amount", "3000000"},
		{"item", `[{"sku":"a","qty":2}]`}, {"embed_data", plainJSON(data)}, {"description", "Tết"}, {"bank_code", ""}}
}

func create(cause, how string, f func(p pairs) string) {
	emit("create_order", order(), f(order()), cause, how, 2553)
}

func main() {
	escaped, _ := json.Marshal(data)
	create("json_escapes", "json", func(p pairs) string { return mac(key1, text(p.with("embed_data", string(escaped)))) })
	create("json_escapes", "form", func(p pairs) string { return mac(key1, text(p.with("embed_data", string(escaped)))) })
	create("newline", "json", func(p pairs) string { return mac(key1, text(p.with("embed_data", plainJSON(data)+"\n"))) }) // Encoder adds it
	create("json_key_order", "json", func(p pairs) string {
		m := map[string]string{"redirecturl": data.RedirectURL, "campaign": data.Campaign}
		return mac(key1, text(p.with("embed_data", plainJSON(m))))
	})
	create("object_text", "json", func(p pairs) string {
		return mac(key1, text(p.with("embed_data", fmt.Sprint(map[string]string{"redirecturl": data.RedirectURL, "campaign": data.Campaign}))))
	})
	create("json_double_encoded", "json", func(p pairs) string {
		b, _ := json.Marshal(p.get("embed_data"))
		return mac(key1, text(p.with("embed_data", string(b))))
	})
	create("number_format", "json", func(p pairs) string { return mac(key1, text(p.with("amount", fmt.Sprintf("%v", 3000000.0)))) })
	create("number_format", "form", func(p pairs) string { return mac(key1, text(p.with("amount", fmt.Sprintf("%.2f", 3000000.0)))) })
	create("number_format", "form", func(p pairs) string { return mac(key1, text(p.with("amount", fmt.Sprintf("%x", 3000000)))) })
	create("time_unit", "json", func(p pairs) string { return mac(key1, text(p.with("app_time", fmt.Sprint(now/1000)))) })
	create("time_unit", "json", func(p pairs) string { return mac(key1, text(p.with("app_time", fmt.Sprint(now*1000000)))) })
	create("time_format", "json", func(p pairs) string {
		return mac(key1, text(p.with("app_time", time.UnixMilli(now).UTC().Format(time.RFC3339))))
	})
	create("time_taken_twice", "json", func(p pairs) string { return mac(key1, text(p.with("app_time", fmt.Sprint(now+5)))) })
	create("null_in_text", "json", func(p pairs) string { return mac(key1, text(p.with("app_user", fmt.Sprint(nil)))) })
	create("quoted_value", "json", func(p pairs) string { return mac(key1, text(p.with("amount", fmt.Sprintf("%q", "3000000")))) })
	create("url_encoded", "form", func(p pairs) string {
		for _, n := range names {
			p = p.with(n, url.QueryEscape(p.get(n)))
		}
		return mac(key1, text(p))
	})
	create("url_encoded", "form", func(p pairs) string {
		return mac(key1, text(p.with("embed_data", url.PathEscape(p.get("embed_data")))))
	})
	create("names_in_text", "form", func(p pairs) string {
		v := url.Values{}
		for _, n := range names {
			v.Set(n, p.get(n))
		}
		s, _ := url.QueryUnescape(v.Encode())
		return mac(key1, s)
	})
	create("mac_base64", "json", func(p pairs) string { return base64.StdEncoding.EncodeToString(sum(sha256.New, key1, text(p))) })
	create("hash_twice", "json", func(p pairs) string { h := sha256.Sum256([]byte(text(p))); return mac(key1, string(h[:])) })
	create("plain_hash", "json", func(p pairs) string {
		h := sha256.Sum256([]byte(key1 + "|" + text(p)))
		return hex.EncodeToString(h[:])
	})
	create("plain_hash", "json", func(p pairs) string { h := md5.Sum([]byte(key1 + text(p))); return hex.EncodeToString(h[:]) })
	create("plain_hash", "json", func(p pairs) string {
		h := sha256.New()
		h.Write([]byte(text(p)))
		return hex.EncodeToString(h.Sum(nil))
	})
	create("other_hash", "json", func(p pairs) string { return hex.EncodeToString(sum(sha1.New, key1, text(p))) })
	create("other_hash", "json", func(p pairs) string { return hex.EncodeToString(sum(sha512.New512_256, key1, text(p))) })
	create("arguments_swapped", "json", func(p pairs) string { return mac(text(p), key1) })
	create("key_padded", "json", func(p pairs) string { return mac(key1+"\n", text(p)) })
	create("key_padded", "json", func(p pairs) string { return mac(fmt.Sprintf("%q", key1), text(p)) })
	create("key_placeholder", "json", func(p pairs) string { return mac("${KEY1}", text(p)) })
	create("key_empty", "json", func(p pairs) string { return mac(os.Getenv("NO_SUCH_KEY1"), text(p)) })
	create("other_app_key", "json", func(p pairs) string { return mac(k2554, text(p)) })
	create("key2", "json", func(p pairs) string { return mac(key2, text(p)) })
	create("order_of_members", "json", func(p pairs) string {
		return mac(key1, p.join("|", "app_id", "app_trans_id", "app_user", "app_time", "amount", "embed_data", "item"))
	})
	create("body_signed", "json", func(p pairs) string {
		m := map[string]string{}
		for _, one := range p {
			m[one[0]] = one[1]
		}
		b, _ := json.Marshal(m)
		return mac(key1, string(b))
	})
	create("separator", "json", func(p pairs) string { return mac(key1, p.join("", names...)) })
	create("separator", "json", func(p pairs) string { return mac(key1, p.join("\n", names...)) })
	create("key2+json_escapes", "json", func(p pairs) string { return mac(key2, text(p.with("embed_data", string(escaped)))) })
	create("text_encoded", "json", func(p pairs) string { return mac(key1, hex.EncodeToString([]byte(text(p)))) })

	q := pairs{{"app_id", "7001"}, {"app_trans_id", "261122_go1"}}
	raw, _ := hex.DecodeString(k7001)
	emit("query_order", q, mac(string(raw), "7001|261122_go1|"+k7001), "key_decoded_hex", "form", 7001)
	emit("query_order", q, mac(k7001, "7001|261122_go1"), "key1_missing", "json", 7001)
	emit("query_order", q, mac(k7001, "7001|261122_go1|"+key1), "other_app_key", "json", 7001)
	emit("cancel_order", q, mac(k7001, k7001+"|7001|261122_go1"), "order_of_members", "json", 7001)
	r := pairs{{"app_id", "2553"}, {"m_refund_id", "261122_2553_g"}, {"zp_trans_id", "261122000000389"}, {"amount", "1000"}, {"timestamp", fmt.Sprint(now)}, {"description", "trả lại"}, {"refund_fee_amount", "0"}}
	emit("refund_order", r, mac(key1, r.join("|", "app_id", "zp_trans_id", "amount", "description", "refund_fee_amount", "timestamp")), "order_of_members", "form", 2553)
	emit("refund_order", r, mac(key1, r.with("refund_fee_amount", "").join("|", "app_id", "zp_trans_id", "amount", "refund_fee_amount", "description", "timestamp")), "empty_or_default", "form", 2553)
	emit("refund_order", r.with("refund_fee_amount", "10"), mac(key1, r.join("|", "app_id", "zp_trans_id", "amount", "description", "timestamp")), "refund_fee", "json", 2553)
	emit("refund_order", r.with("refund_fee_amount", ""), mac(key1, r.join("|", "app_id", "zp_trans_id", "amount", "refund_fee_amount", "description", "timestamp")), "refund_fee", "json", 2553)
	emit("list_banks", pairs{{"appid", "2553"}, {"reqtime", fmt.Sprint(now)}}, mac(key1, fmt.Sprintf("2553|%d", now+1)), "time_taken_twice", "form", 2553)
	for i := range 6 {
		h := sha256.Sum256(fmt.Appendf(nil, "go %d", i))
		if i%2 == 0 {
			create("unknown", []string{"json", "form", "form"}[i/2], func(pairs) string { return hex.EncodeToString(h[:]) })
		} else {
			emit("query_order", q, hex.EncodeToString(h[:]), "unknown", "form", 7001)
		}
	}
}
