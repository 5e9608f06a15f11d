package sen_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"

	"sen"
)

// TestSignIsHMAC holds the written-out HMAC against the library's, over keys
// shorter and longer than a block and inputs around the size of the buffer.
func TestSignIsHMAC(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	letters := func(n int) []byte {
		text := make([]byte, n)
		for i := range text {
			text[i] = byte(random.UintN(256))
		}
		return text
	}
	for _, keySize := range []int{0, 1, 32, 63, 64, 65, 128, 300} {
		for _, size := range []int{0, 1, 55, 64, 511, 512, 513, 5000} {
			key, input := letters(keySize), letters(size)
			h := hmac.New(sha256.New, key)
			h.Write(input)
			want := hex.EncodeToString(h.Sum(nil))
			if got := sen.Sign(string(key), input); got != want {
				t.Errorf("key of %d bytes, input of %d: got %s, want %s", keySize, size, got, want)
			}
		}
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	input := []byte("2553|260102_demo0001|1767312000000")
	mac := sen.Sign("secret", input)
	other := sen.Sign("secret", []byte("2553|260102_demo0002|1767312000000"))
	tests := []struct {
		name string
		mac  string
		want bool
	}{
		{"right", mac, true},
		{"upper case", strings.ToUpper(mac), true},
		{"of another input", other, false},
		{"of another key", sen.Sign("Secret", input), false},
		{"empty", "", false},
		{"one digit short", mac[1:], false},
		{"one digit long", mac + "0", false},
		{"not hexadecimal", mac[:63] + "g", false},
		{"zeros", strings.Repeat("0", sen.MACLength), false},
	}
	for _, test := range tests {
		if got := sen.Verify("secret", input, test.mac); got != test.want {
			t.Errorf("%s: got %t, want %t", test.name, got, test.want)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	input := []byte("2553|260102_demo0001|user123|50000|1767312000000|{}|[]")
	b.ReportAllocs()
	for b.Loop() {
		sen.Sign("PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL", input)
	}
}

func BenchmarkVerifyRequest(b *testing.B) {
	sent := map[string]string{
		"app_id": "2553", "app_trans_id": "260102_demo0001", "app_user": "user123", "amount": "50000",
		"app_time": "1767312000000", "embed_data": "{}", "item": "[]",
	}
	value := func(member string) string { return sent[member] }
	const key, mac = "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL", "4263d9277935e6946c044a1bfb3fa5a282efcf42529e3c22e9c2cc6c5d0f2347"
	b.ReportAllocs()
	for b.Loop() {
		if !sen.OpCreateOrder.Verify(key, mac, value) {
			b.Fatal("the mac does not verify")
		}
	}
}
