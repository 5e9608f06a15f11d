package vault

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzReadFile reads whatever stands where the keys should: it is refused, or
// its keys encrypt and decrypt.
func FuzzReadFile(f *testing.F) {
	file := filepath.Join(f.TempDir(), "vault.json")
	if _, err := create(file); err != nil {
		f.Fatal(err)
	}
	good, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"keys":{},"fingerprint":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := parse(text)
		if err != nil {
			return
		}
		v := &Vault{fingerprint: k.Fingerprint}
		if err := v.take(k, 0); err != nil {
			return
		}
		if r := v.ring.Load(); r.newest() == 0 || len(r.ids) == 0 {
			t.Errorf("taken without keys: %+v", r.ids)
		}
	})
}

// FuzzParseKey reads names of keys, as the database has them.
func FuzzParseKey(f *testing.F) {
	for _, seed := range []string{"00000000", "ffffffff", "1", "", "-1", "100000000", "0x1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		k, err := ParseKey(text)
		if err != nil {
			return
		}
		if again, err := ParseKey(k.String()); err != nil || again != k {
			t.Errorf("%q is %v, which is read as %v, %v", text, k, again, err)
		}
	})
}
