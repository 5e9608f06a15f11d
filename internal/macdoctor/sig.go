package macdoctor

import (
	"bytes"
	"crypto"
	"crypto/md5" //nolint:gosec // to recognise what a client used, not to protect anything
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sen"
)

// sigMember is what an operation has whose mac is signed and not sent.
const sigMember = "sig"

// diagnoseSig is Diagnose for an operation whose sig is an RSA signature of the
// mac: how sig is written, who made it and in which form, and then which mac it
// signs, for which the mistakes that lead to macs are made.
func diagnoseSig(c Case, s *search, d Diagnosis) Diagnosis {
	sig := c.get(sigMember)
	switch {
	case c.App.Public == nil:
		return d.say(Finding{Cause: SigNoKey})
	case sen.VerifyRSA(c.App.Public, c.Operation.Sign(c.App.Key1, c.get), sig):
		return d.say(Finding{Cause: Good})
	case isHex(sig) && len(sig) == sen.MACLength:
		return d.say(Finding{Cause: SigMAC})
	}
	form, raw := readSig(sig, c.App.Public.Size())
	if raw == nil {
		return d.say(Finding{Cause: SigForm})
	}
	x := &opening{search: s, form: form, raw: raw}
	found := x.diagnose()
	d.Theirs = s.theirs
	if found = append(form, found...); len(found) == 0 {
		found = []Finding{{Cause: SigForm}} // another spelling of base64 than ours, such as bits after its end
	}
	return d.say(found...)
}

// readSig undoes what clients do to a signature on its way into the request. raw
// is nil if nothing can be read.
func readSig(sig string, size int) (form []Finding, raw []byte) {
	add := func(cause Cause, next string) {
		if next != sig {
			form, sig = append(form, Finding{Cause: cause}), next
		}
	}
	add(SigPadded, strings.Trim(sig, " \t\"'`<>;,{}"))
	if decoded, err := url.PathUnescape(sig); err == nil {
		add(SigURLEncoded, decoded)
	}
	add(SigLineBreaks, strings.NewReplacer("\r", "", "\n", "", `\r`, "", `\n`, "").Replace(sig))
	add(SigPlusAsSpace, strings.ReplaceAll(sig, " ", "+"))
	if raw, err := hex.DecodeString(strings.NewReplacer("-", "", ":", "").Replace(sig)); err == nil && len(raw) >= size {
		return append(form, Finding{Cause: SigHex}), raw
	}
	add(SigURLSafe, strings.NewReplacer("-", "+", "_", "/").Replace(sig))
	bare := strings.TrimRight(sig, "=")
	if padded := bare + strings.Repeat("=", -len(bare)&3); len(padded) > len(sig) {
		add(SigUnpadded, padded)
	}
	raw, err := base64.StdEncoding.DecodeString(sig)
	if err != nil {
		return nil, nil
	}
	if inner, err := hex.DecodeString(string(raw)); err == nil && len(inner) >= size {
		return append(form, Finding{SigEncodedTwice, "base64 of hexadecimal digits"}), inner
	}
	if inner, err := base64.StdEncoding.DecodeString(string(raw)); err == nil && len(inner) >= size {
		return append(form, Finding{SigEncodedTwice, "base64 of base64"}), inner
	}
	return form, raw
}

// CheckSealed tells what can be seen from outside of an encrypted payment code
// under the key: how it is written, and that another key may have made it. What is
// in it can't be seen without the gateway's key. An empty text means nothing.
func CheckSealed(code string, key *rsa.PublicKey) (what, fix sen.Text) {
	form, raw := readSig(code, key.Size())
	// Gateways read either alphabet, with or without padding.
	form = only(form, func(f Finding) bool { return f.Cause != SigURLSafe && f.Cause != SigUnpadded })
	switch {
	case raw == nil:
		form = []Finding{{Cause: SigForm}}
	case len(raw) != key.Size() || new(big.Int).SetBytes(raw).Cmp(key.N) >= 0:
		form = append(form, Finding{Cause: CodeOtherKey})
	}
	d := Diagnosis{}.say(form...)
	return d.What, d.Fix
}

// An opening is a signature, opened with the public key. Nothing is trusted for
// what is in it: it only explains.
type opening struct {
	*search
	form []Finding // how it was written
	raw  []byte
}

func (x *opening) diagnose() []Finding {
	public := x.c.App.Public
	if len(x.raw) != public.Size() {
		if of := x.otherApp(); of != nil {
			return of
		}
		return []Finding{{SigKeySize, strconv.Itoa(len(x.raw)) + " bytes instead of " + strconv.Itoa(public.Size())}}
	}
	backwards := slices.Clone(x.raw)
	slices.Reverse(backwards)
	for _, one := range []struct {
		cause Cause
		raw   []byte
	}{{"", x.raw}, {SigByteOrder, backwards}} {
		found, ok := x.signed(open(public, one.raw))
		if !ok {
			found, ok = x.pss(one.raw)
		}
		if ok {
			return append(named(Finding{Cause: one.cause}), found...)
		}
	}
	if of := x.otherApp(); of != nil {
		return of
	}
	return []Finding{{Cause: SigOtherKey}}
}

// open is what the owner of the key put into a signature.
func open(public *rsa.PublicKey, sig []byte) []byte {
	n := new(big.Int).Exp(new(big.Int).SetBytes(sig), big.NewInt(int64(public.E)), public.N)
	return n.FillBytes(make([]byte, public.Size()))
}

// content is what stands behind the padding of PKCS #1 v1.5.
func content(opened []byte) (block byte, text []byte, ok bool) {
	const fewest = 8 // bytes of padding
	if len(opened) < fewest+3 || opened[0] != 0 || opened[1] != 1 && opened[1] != 2 {
		return 0, nil, false
	}
	end := bytes.IndexByte(opened[2:], 0)
	if end < fewest || opened[1] == 1 && len(bytes.Trim(opened[2:2+end], "\xff")) > 0 {
		return 0, nil, false
	}
	return opened[1], opened[3+end:], true
}

// A signedHash is a hash that signatures are made over, and what stands before
// its sum there.
type signedHash struct {
	name   string
	id     crypto.Hash
	prefix string
	sum    func([]byte) []byte
}

var signedHashes = []signedHash{
	{"SHA-256", crypto.SHA256, "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20", func(b []byte) []byte { s := sha256.Sum256(b); return s[:] }},
	{"SHA-1", crypto.SHA1, "\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14", func(b []byte) []byte { s := sha1.Sum(b); return s[:] }}, //nolint:gosec // as above
	{"SHA-512", crypto.SHA512, "\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40", func(b []byte) []byte { s := sha512.Sum512(b); return s[:] }},
	{"SHA-384", crypto.SHA384, "\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30", func(b []byte) []byte { s := sha512.Sum384(b); return s[:] }},
	{"SHA-224", crypto.SHA224, "\x30\x2d\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x04\x05\x00\x04\x1c", func(b []byte) []byte { s := sha256.Sum224(b); return s[:] }},
	{"MD5", crypto.MD5, "\x30\x20\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05\x05\x00\x04\x10", func(b []byte) []byte { s := md5.Sum(b); return s[:] }}, //nolint:gosec // as above
}

// signed says what a signature by the right key holds; ok is false if another key
// made it, or another scheme.
func (x *opening) signed(opened []byte) (found []Finding, ok bool) {
	block, text, ok := content(opened)
	if !ok {
		if bare := bytes.TrimLeft(opened, "\x00"); len(bare) <= sha512.Size*2 {
			return x.of(Finding{Cause: SigNoPadding}, bare), true
		}
		return nil, false
	}
	if block == 2 {
		return x.of(Finding{Cause: SigEncrypted}, text), true
	}
	for i, h := range signedHashes {
		if sum, ok := bytes.CutPrefix(text, []byte(h.prefix)); ok {
			why := Finding{}
			if i > 0 {
				why = Finding{SigOtherHash, h.name}
			}
			return x.over(why, h.sum, sum), true
		}
	}
	return x.of(Finding{Cause: SigNoDigest}, text), true
}

// of explains a signature that holds a text, or its sum, as it is.
func (x *opening) of(why Finding, text []byte) []Finding {
	if bytes.Equal(signedHashes[0].sum(x.right()), text) {
		return named(why)
	}
	itself := func(t []byte) []byte { return t }
	if found := x.over(why, itself, text); !slices.Contains(found, Finding{Cause: SigOtherText}) {
		return found
	}
	return x.over(why, signedHashes[0].sum, text)
}

// right is the mac that is to be signed.
func (x *opening) right() []byte { return []byte(x.c.Operation.Sign(x.c.App.Key1, x.c.get)) }

// A sigForm is what a client makes of a mac before it signs it.
type sigForm struct {
	why Finding
	of  func(mac []byte) []byte
}

func around(before, after string) func([]byte) []byte {
	return func(mac []byte) []byte { return []byte(before + string(mac) + after) }
}

func macBytes(mac []byte) []byte {
	raw, _ := hex.DecodeString(string(mac)) // we wrote it
	return raw
}

var sigForms = []sigForm{
	{Finding{Cause: SigMACBytes}, macBytes},
	{Finding{Cause: SigMACCase}, bytes.ToUpper},
	{Finding{Cause: SigMACBase64}, func(mac []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(macBytes(mac))) }},
	{Finding{SigMACPadded, "a line end after it"}, around("", "\n")},
	{Finding{SigMACPadded, "a line end after it"}, around("", "\r\n")},
	{Finding{SigMACPadded, "quotation marks around it"}, around(`"`, `"`)},
	{Finding{SigHashedTwice, ""}, signedHashes[0].sum},
	{Finding{SigHashedTwice, "in hexadecimal digits"}, func(mac []byte) []byte {
		return []byte(hex.EncodeToString(signedHashes[0].sum(mac)))
	}},
}

// over explains a signature by the right key that holds want, which sum makes of
// the text that was signed.
func (x *opening) over(why Finding, sum func([]byte) []byte, want []byte) []Finding {
	if bytes.Equal(sum(x.right()), want) {
		return named(why)
	}
	s := x.search
	s.form, s.want, s.left, s.hash = nil, want, budget, hashes[sha256.Size]
	for _, f := range sigForms {
		s.wrap = func(text []byte) []byte { return sum(f.of(text)) }
		if s.few() {
			return append(named(why, f.why), s.found...)
		}
	}
	s.wrap, s.plain = sum, true
	if s.few() || s.wholes() {
		return append(named(why, Finding{Cause: SigPlainText}), s.found...)
	}
	s.plain, s.left = false, budget
	if s.search() {
		return append(named(why), s.found...)
	}
	return named(why, Finding{Cause: SigOtherText})
}

func named(why ...Finding) []Finding {
	return only(why, func(f Finding) bool { return f.Cause != "" })
}

// few tries one mistake beside what is done to the mac.
func (s *search) few() bool {
	own, base := []signer{s.own}, []layout{s.base}
	return s.tryAll(own, base, nil) || s.tryAll(s.signers(), base, nil) || s.tryAll(own, s.layouts(), nil)
}

// pss looks for the other padding, under the same key.
func (x *opening) pss(raw []byte) (found []Finding, ok bool) {
	mac := x.right()
	forms := append([]sigForm{{Finding{}, bytes.Clone}, {Finding{Cause: SigPlainText}, func([]byte) []byte {
		return x.base.append(nil, x.search, x.values, x.own.text)
	}}}, sigForms...)
	for i, h := range signedHashes {
		for _, f := range forms {
			if rsa.VerifyPSS(x.c.App.Public, h.id, h.sum(f.of(mac)), raw, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto}) != nil {
				continue
			}
			why := named(Finding{Cause: SigPSS}, f.why)
			if i > 0 {
				why = append(why, Finding{SigOtherHash, h.name})
			}
			return why, true
		}
	}
	return nil, false
}

// otherApp names another app of this gateway whose key made the signature.
func (x *opening) otherApp() []Finding {
	for _, a := range x.c.Others[:min(len(x.c.Others), mostOthers)] {
		if a.Public == nil || a.Public.Equal(x.c.App.Public) || a.Public.Size() != len(x.raw) {
			continue
		}
		if _, _, ok := content(open(a.Public, x.raw)); ok {
			return []Finding{{SigOtherAppKey, "app " + strconv.FormatInt(a.ID, 10)}}
		}
	}
	return nil
}
