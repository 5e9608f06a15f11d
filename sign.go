package sen

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
)

// MACLength is the length of a mac as text, in characters.
const MACLength = 2 * sha256.Size

// Sign returns the HMAC-SHA256 of input under key as 64 lower-case hexadecimal
// digits. The key is used as the characters it is written in; it is not decoded.
func Sign(key string, input []byte) string {
	var text [MACLength]byte
	sum := digest(key, input)
	hex.Encode(text[:], sum[:])
	return string(text[:])
}

// Verify reports whether mac is the signature of input under key. It accepts
// hexadecimal digits of either case, and takes the same time for every mac of
// the right form, so that an answer does not reveal how many digits were right.
func Verify(key string, input []byte, mac string) bool {
	given, ok := decodeMAC(mac)
	sum := digest(key, input)
	return subtle.ConstantTimeCompare(given[:], sum[:]) == 1 && ok
}

// digest is the HMAC of RFC 2104, written out. A server computes one for every
// request, and crypto/hmac costs seven allocations each time, which is most of
// what reading a small request costs; this costs none. A test holds it against
// crypto/hmac.
func digest(key string, input []byte) [sha256.Size]byte {
	var inner [sha256.BlockSize + inputRoom]byte
	var outer [sha256.BlockSize + sha256.Size]byte
	pad := blockKey(key)
	for i, b := range pad {
		inner[i] = b ^ 0x36
		outer[i] = b ^ 0x5c
	}
	sum := sha256.Sum256(append(inner[:sha256.BlockSize], input...))
	copy(outer[sha256.BlockSize:], sum[:])
	return sha256.Sum256(outer[:])
}

// blockKey fills one block with the key; a longer key is replaced by its hash.
func blockKey(key string) (block [sha256.BlockSize]byte) {
	if len(key) > sha256.BlockSize {
		sum := sha256.Sum256([]byte(key))
		copy(block[:], sum[:])
		return block
	}
	copy(block[:], key)
	return block
}

// decodeMAC is false for a mac of another length too: hex.Decode would write
// past the end of the sum for a longer one.
func decodeMAC(mac string) (sum [sha256.Size]byte, ok bool) {
	if len(mac) != MACLength {
		return sum, false
	}
	var text [MACLength]byte
	copy(text[:], mac)
	_, err := hex.Decode(sum[:], text[:])
	return sum, err == nil
}
