package macdoctor

import (
	"crypto/md5" //nolint:gosec // to recognise what a client did to its key
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
)

// A signer is the key of a mac, and what stands for key1 inside its text.
type signer struct {
	why       Finding
	likely    bool
	mac, text string
	shown     string // instead of text, where people read it
}

// mostOthers bounds how many other apps' keys are tried, and likelyOthers how
// many of them together with other mistakes.
const (
	mostOthers   = 200
	likelyOthers = 6
)

// signers are the keys that a client may have used instead of key1, those that
// are tried with other mistakes too before the rest.
func (s *search) signers() []signer {
	a := s.c.App
	all := s.wrong(Finding{Cause: Key2}, true, a.Key2, "<key2>")
	for i, other := range s.c.Others[:min(len(s.c.Others), mostOthers)] {
		id, likely := strconv.FormatInt(other.ID, 10), i < likelyOthers
		all = append(all, s.wrong(Finding{OtherAppKey, "key1 of app " + id}, likely, other.Key1, "<key1 of app "+id+">")...)
		all = append(all, s.wrong(Finding{OtherAppKey, "key2 of app " + id}, likely, other.Key2, "<key2 of app "+id+">")...)
	}
	for i, pad := range []string{"\n", " ", "\r\n", "\r", "\t", "\x00", "\ufeff", ";", ",", "\\n"} {
		all = append(all, s.wrong(Finding{KeyPadded, strconv.Quote(pad) + " after it"}, i < 2, a.Key1+pad, "<key1>"+pad)...)
		all = append(all, s.wrong(Finding{KeyPadded, strconv.Quote(pad) + " before it"}, i == 1, pad+a.Key1, pad+"<key1>")...)
	}
	for _, q := range []string{`""`, `''`, "``", "  ", "\n\n", "<>", "[]", "{}", "()"} {
		all = append(all, s.wrong(Finding{KeyPadded, q + " around it"}, false, q[:1]+a.Key1+q[1:], q[:1]+"<key1>"+q[1:])...)
		all = append(all, s.wrong(Finding{KeyPadded, q + " around it and a line end"}, false, q[:1]+a.Key1+q[1:]+"\n", q[:1]+"<key1>"+q[1:]+"\n")...)
	}
	all = append(all, s.coded()...)
	all = append(all, s.cut()...)
	for _, p := range []string{
		"key1", "<key1>", "undefined", "null", "None", "YOUR_KEY1", "<YOUR_KEY1>", "YOUR_KEY", "your_key1", "KEY1",
		"ZALOPAY_KEY1", "${KEY1}", "${key1}", "$key1", "process.env.KEY1", "xxx", "secret", "key", "test", "MAC_KEY", "hmac_key", "false", "true",
	} {
		all = append(all, s.wrong(Finding{KeyPlaceholder, p}, false, p, p)...)
	}
	all = append(all, s.wrong(Finding{KeyPlaceholder, "the app's id"}, false, strconv.FormatInt(a.ID, 10), strconv.FormatInt(a.ID, 10))...)
	all = append(all, s.wrong(Finding{KeyJoined, ""}, false, a.Key1+a.Key2, "<key1><key2>")...)
	all = append(all, s.wrong(Finding{KeyJoined, ""}, false, a.Key2+a.Key1, "<key2><key1>")...)
	all = append(all, s.wrong(Finding{KeyJoined, ""}, false, a.Key1+"|"+a.Key2, "<key1>|<key2>")...)
	return all
}

// wrong is a wrong key: as the key of the mac, in the text, or both where the
// text has one.
func (s *search) wrong(why Finding, likely bool, key, shown string) []signer {
	right := s.c.App.Key1
	if key == right {
		return nil
	}
	both := signer{why, likely, key, key, shown}
	if s.base.order[len(s.base.order)-1] != s.key {
		return []signer{both}
	}
	if key == "" || why.Cause == KeyPadded { // a text that ends otherwise is another mistake
		return []signer{both, {why, likely, key, right, "<key1>"}}
	}
	return []signer{both, {why, likely, key, right, "<key1>"}, {why, false, right, key, shown}}
}

// coded are keys that went through a decoder or an encoder.
func (s *search) coded() (all []signer) {
	add := func(c Cause, note string, likely bool, key, shown string) {
		all = append(all, s.wrong(Finding{c, note}, likely, key, shown)...)
	}
	key := s.c.App.Key1
	add(KeyEmpty, "", true, "", "")
	if raw, err := hex.DecodeString(key); err == nil {
		add(KeyDecodedHex, "", true, string(raw), "<key1 as bytes>")
	} else if raw := hexPrefix(key); raw != "" {
		add(KeyDecodedHex, "", false, raw, "<the start of key1 as bytes>")
	}
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if raw, err := enc.DecodeString(strings.TrimRight(key, "=")); err == nil {
			add(KeyDecodedBase64, "", true, string(raw), "<key1 as bytes>")
			break
		}
	}
	add(KeyEncoded, "base64", false, base64.StdEncoding.EncodeToString([]byte(key)), "<key1 in base64>")
	add(KeyEncoded, "base64", false, base64.RawStdEncoding.EncodeToString([]byte(key)), "<key1 in base64>")
	add(KeyEncoded, "hexadecimal digits", false, hex.EncodeToString([]byte(key)), "<key1 in hexadecimal>")
	add(KeyEncoded, "hexadecimal digits", false, strings.ToUpper(hex.EncodeToString([]byte(key))), "<key1 in hexadecimal>")
	add(KeyCase, "in lower case", false, strings.ToLower(key), "<key1 in lower case>")
	add(KeyCase, "in upper case", false, strings.ToUpper(key), "<key1 in upper case>")
	sum, old := sha256.Sum256([]byte(key)), md5.Sum([]byte(key)) //nolint:gosec // as above
	add(KeyHashed, "SHA-256", false, hex.EncodeToString(sum[:]), "<hash of key1>")
	add(KeyHashed, "SHA-256", false, string(sum[:]), "<hash of key1>")
	add(KeyHashed, "MD5", false, hex.EncodeToString(old[:]), "<hash of key1>")
	return all
}

// hexPrefix is what a decoder that stops at the first other character makes of
// a key.
func hexPrefix(key string) string {
	n := strings.IndexFunc(key, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) })
	raw, _ := hex.DecodeString(key[:max(n, 0)&^1])
	return string(raw)
}

// cut are keys that lost characters at either end.
func (s *search) cut() (all []signer) {
	key := s.c.App.Key1
	for n := 1; n < min(len(key), 64); n++ {
		note := " characters at its end are missing"
		if n == 1 {
			note = " character at its end is missing"
		}
		all = append(all, s.wrong(Finding{KeyTruncated, strconv.Itoa(n) + note}, false, key[:len(key)-n], "<the start of key1>")...)
		note = strings.ReplaceAll(note, "end", "beginning")
		all = append(all, s.wrong(Finding{KeyTruncated, strconv.Itoa(n) + note}, false, key[n:], "<the end of key1>")...)
	}
	return all
}
