package macdoctor

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // to recognise what a client used, not to protect anything
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// A hasher makes a mac of a text under a key.
type hasher struct {
	name string // empty: the right one
	sum  func(key string, text []byte) []byte
}

// hashes by the length of what they make, in bytes. The length of a mac tells
// which of them to try with all other mistakes.
var hashes = map[int]hasher{
	16: {"HMAC-MD5", hmacOf(md5.New)},
	20: {"HMAC-SHA1", hmacOf(sha1.New)},
	28: {"HMAC-SHA224", hmacOf(sha256.New224)},
	32: {"", rightHash},
	48: {"HMAC-SHA384", hmacOf(sha512.New384)},
	64: {"HMAC-SHA512", hmacOf(sha512.New)},
}

func hmacOf(h func() hash.Hash) func(string, []byte) []byte {
	return func(key string, text []byte) []byte {
		m := hmac.New(h, []byte(key))
		m.Write(text)
		return m.Sum(nil)
	}
}

// rightHash is the function of the merchant API.
func rightHash(key string, text []byte) []byte {
	sum := digest(key, append(make([]byte, sha256.BlockSize), text...))
	return sum[:]
}

// digest is the HMAC-SHA256 of what follows the first block of buf, which it
// overwrites. A diagnosis makes thousands, so this one allocates nothing. A
// test holds it against the SDK.
func digest(key string, buf []byte) [sha256.Size]byte {
	var pad [sha256.BlockSize]byte
	if copy(pad[:], key); len(key) > len(pad) {
		sum := sha256.Sum256([]byte(key))
		pad = [sha256.BlockSize]byte{}
		copy(pad[:], sum[:])
	}
	var outer [sha256.BlockSize + sha256.Size]byte
	for i, b := range pad {
		buf[i], outer[i] = b^0x36, b^0x5c
	}
	sum := sha256.Sum256(buf)
	copy(outer[sha256.BlockSize:], sum[:])
	return sha256.Sum256(outer[:])
}

// matches reports whether the text in s.buf, behind the block that is kept
// free, has the mac that came.
func (s *search) matches(key string) bool {
	s.left -= len(s.buf) + overhead
	if s.plain {
		return bytes.Equal(s.wrap(s.buf[sha256.BlockSize:]), s.want)
	}
	if s.hash.name != "" {
		return bytes.Equal(s.hash.sum(key, s.buf[sha256.BlockSize:]), s.want)
	}
	sum := digest(key, s.buf)
	return s.came(sum[:])
}

// came reports whether it was a mac of these bytes that came, or that was signed.
func (s *search) came(sum []byte) bool {
	if s.wrap == nil {
		return bytes.Equal(sum, s.want)
	}
	return bytes.Equal(s.wrap(hex.AppendEncode(nil, sum)), s.want)
}

// room is the start of s.buf, to append a text to.
func (s *search) room() []byte {
	if s.buf == nil {
		s.buf = make([]byte, sha256.BlockSize, 1<<10)
	}
	return s.buf[:sha256.BlockSize]
}

// otherHashes tries what else can be done with a key and a text.
func (s *search) otherHashes() bool { return s.tryHashes(s.own, s.base, s.values) }

// hashPairs tries the same with one more mistake.
func (s *search) hashPairs(signers []signer, layouts []layout, changes []change) bool {
	s.usualHashes = true
	defer func() { s.usualHashes = false }()
	for _, g := range signers {
		if s.tryHashes(g, s.base, s.values) {
			return true
		}
	}
	for _, l := range layouts {
		if s.tryHashes(s.own, l, s.values) {
			return true
		}
	}
	values := slices.Clone(s.values)
	for _, ch := range changes {
		ch.apply(values)
		if s.tryHashes(s.own, s.base, values, ch.why) {
			return true
		}
		ch.undo(values, s.values)
	}
	return false
}

func (s *search) tryHashes(g signer, l layout, values []string, why ...Finding) bool {
	text := l.append(nil, s, values, g.text)
	for _, h := range strangeHashes {
		if s.wrap == nil && h.size != len(s.want) || s.usualHashes && !h.usual {
			continue
		}
		s.left -= 2*len(text) + overhead
		if s.left < 0 {
			return false
		}
		if s.came(h.sum(g.mac, text)) {
			s.form = only(s.form, func(f Finding) bool { return f.Cause != OtherHash })
			return s.keep(s.show(l, values, g), append([]Finding{g.why, {h.cause, h.note}, l.why}, why...)...)
		}
	}
	return false
}

type strangeHash struct {
	cause Cause
	note  string
	size  int
	usual bool // also tried together with other mistakes
	sum   func(key string, text []byte) []byte
}

// strangeHashes are plain hashes of key and text, and the right function with
// its arguments in each other's place.
var strangeHashes = func() (all []strangeHash) {
	for _, h := range []struct {
		name string
		make func() hash.Hash
	}{
		{"SHA-256", sha256.New},
		{"MD5", md5.New},
		{"SHA-1", sha1.New},
		{"SHA-512", sha512.New},
		{"SHA-384", sha512.New384},
		{"SHA-224", sha256.New224},
		{"SHA-512/256", sha512.New512_256},
		{"SHA3-256", func() hash.Hash { return sha3.New256() }},
	} {
		all = append(all, plainHashes(h.name, h.make)...)
	}
	return all
}()

func plainHashes(name string, h func() hash.Hash) (all []strangeHash) {
	size := h().Size()
	plain := func(parts ...string) []byte {
		d := h()
		for _, p := range parts {
			d.Write([]byte(p))
		}
		return d.Sum(nil)
	}
	add := func(cause Cause, note string, sum func(string, string) []byte) {
		usual := len(all) < 2 && (name == "SHA-256" || size != sha256.Size)
		all = append(all, strangeHash{cause, note, size, usual, func(key string, text []byte) []byte { return sum(key, string(text)) }})
	}
	add(PlainHash, name+" of text and key", func(k, t string) []byte { return plain(t, k) })
	add(PlainHash, name+" of text, | and key", func(k, t string) []byte { return plain(t, "|", k) })
	add(PlainHash, name+" of key and text", func(k, t string) []byte { return plain(k, t) })
	add(PlainHash, name+" of key, | and text", func(k, t string) []byte { return plain(k, "|", t) })
	add(PlainHash, name+" of the text without a key", func(_, t string) []byte { return plain(t) })
	add(PlainHash, name+" of key, text and key", func(k, t string) []byte { return plain(k, t, k) })
	add(ArgumentsSwapped, "HMAC of "+name, func(k, t string) []byte { return hmacOf(h)(t, []byte(k)) })
	add(HashTwice, "the text was hashed with "+name+" first", func(k, t string) []byte {
		return hmacOf(h)(k, []byte(hex.EncodeToString(plain(t))))
	})
	add(HashTwice, "the text was hashed with "+name+" first", func(k, t string) []byte { return hmacOf(h)(k, plain(t)) })
	add(HashTwice, "the mac was hashed with "+name+" again", func(k, t string) []byte {
		return plain(hex.EncodeToString(hmacOf(h)(k, []byte(t))))
	})
	add(HashTwice, "the mac was signed again", func(k, t string) []byte {
		return hmacOf(h)(k, []byte(hex.EncodeToString(hmacOf(h)(k, []byte(t)))))
	})
	if name != "SHA-256" {
		add(OtherHash, "HMAC of "+name, func(k, t string) []byte { return hmacOf(h)(k, []byte(t)) })
	}
	return all
}

// A reading is what the characters of a mac may stand for.
type reading struct {
	found []Finding
	sum   []byte
}

// readings takes off what clients put around a mac, and undoes other ways to
// write it.
func (s *search) readings() (all []reading) {
	mac := s.c.mac()
	if sum, err := hex.DecodeString(mac); err == nil && len(sum) > 0 {
		if twice, err := hex.DecodeString(string(sum)); err == nil && len(twice) > 0 {
			return []reading{{[]Finding{{MACHexTwice, ""}}, twice}}
		}
		if hashes[len(sum)].sum != nil {
			return []reading{{nil, sum}}
		}
	}
	bare := strings.Trim(mac, " \t\r\n\"'`<>;,{}")
	for _, prefix := range []string{"0x", "0X", "sha256=", "SHA256=", "hmac=", "mac=", "\\x"} {
		bare = strings.TrimPrefix(bare, prefix)
	}
	if sum, err := hex.DecodeString(bare); err == nil && bare != mac {
		all = append(all, reading{[]Finding{{MACPadded, ""}}, sum})
	}
	for _, sep := range []string{"-", ":", " "} {
		if sum, err := hex.DecodeString(strings.ReplaceAll(bare, sep, "")); err == nil && strings.Contains(bare, sep) {
			all = append(all, reading{[]Finding{{MACHyphens, ""}}, sum})
		}
	}
	return append(all, readBase64(bare)...)
}

func readBase64(mac string) (all []reading) {
	mac = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/", " ", "+").Replace(mac), "=")
	sum, err := base64.RawStdEncoding.DecodeString(mac)
	if err != nil {
		return nil
	}
	all = append(all, reading{[]Finding{{MACBase64, ""}}, sum})
	if inner, err := hex.DecodeString(string(sum)); err == nil && len(inner) > 0 {
		all = append(all, reading{[]Finding{{MACBase64, "of its hexadecimal digits"}}, inner})
	}
	return all
}

// odd looks for the right mac, or one with another key, written in a way that
// loses digits.
func (s *search) odd() bool {
	s.form = nil
	for _, g := range append([]signer{s.own}, s.signers()...) {
		sum := rightHash(g.mac, s.base.append(nil, s, s.values, g.text))
		if cause := oddForm(strings.ToLower(s.c.mac()), sum); cause != "" {
			return s.keep(s.show(s.base, s.values, g), g.why, Finding{Cause: cause})
		}
		if !g.likely {
			break
		}
	}
	return false
}

func oddForm(mac string, sum []byte) Cause {
	const telling = 8 // digits that nobody hits by chance
	right := hex.EncodeToString(sum)
	var bytewise, extended strings.Builder
	for _, b := range sum {
		bytewise.WriteString(strconv.FormatUint(uint64(b), 16))
		extended.WriteString(strconv.FormatUint(uint64(uint32(int32(int8(b)))), 16)) //nolint:gosec // the overflow is the mistake
	}
	switch {
	case mac == bytewise.String(), mac == new(big.Int).SetBytes(sum).Text(16) && len(mac) < len(right):
		return MACLeadingZeros
	case mac == extended.String():
		return MACSignExtended
	case mac == new(big.Int).SetBytes(sum).Text(10):
		return MACDecimal
	case len(mac) >= telling && len(mac) < len(right) && (strings.HasPrefix(right, mac) || strings.HasSuffix(right, mac)):
		return MACTruncated
	case len(mac) > len(right) && strings.HasPrefix(mac, right):
		return MACPadded
	}
	return ""
}

func isHex(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil
}
