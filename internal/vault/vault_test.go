package vault_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sen/internal/bank"
	"sen/internal/vault"
)

const number bank.Number = "4111111111111111"

func open(t *testing.T, file string) *vault.Vault {
	t.Helper()
	v, err := vault.Open(file, false)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func seal(t *testing.T, v *vault.Vault, card int64, n bank.Number) []byte {
	t.Helper()
	sealed, err := v.Seal(card, n)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestSeal(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "vault.json")
	v := open(t, file)
	sealed := seal(t, v, 7, number)
	if bytes.Contains(sealed, []byte(number)) || bytes.Equal(sealed, seal(t, v, 7, number)) {
		t.Error("what was sealed is the number itself, or always the same")
	}
	for _, w := range []*vault.Vault{v, open(t, file)} {
		if n, err := w.Reveal(7, sealed); err != nil || n != number {
			t.Errorf("revealed %v, %v", n, err)
		}
	}
	if n, err := v.Reveal(8, sealed); err == nil || n != "" {
		t.Errorf("revealed %v of another card", n)
	}
	other := open(t, filepath.Join(t.TempDir(), "vault.json"))
	if n, err := other.Reveal(7, sealed); err == nil || n != "" {
		t.Errorf("revealed %v with other keys", n)
	}
	if v.Fingerprint(number) != open(t, file).Fingerprint(number) || v.Fingerprint(number) == v.Fingerprint("4111111111111112") ||
		v.Fingerprint(number) == other.Fingerprint(number) {
		t.Error("fingerprints must differ by number and by vault, and by nothing else")
	}
}

// TestTampered changes each byte in turn, and cuts the text at each place.
func TestTampered(t *testing.T) {
	t.Parallel()
	v := open(t, filepath.Join(t.TempDir(), "vault.json"))
	sealed := seal(t, v, 7, number)
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		for _, text := range [][]byte{bad, sealed[:i]} {
			if n, err := v.Reveal(7, text); err == nil {
				t.Fatalf("byte %d of %d: revealed %v", i, len(sealed), n)
			}
		}
	}
}

func TestRotate(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "vault.json")
	before := open(t, file)
	old := seal(t, before, 7, number)
	for range 3 {
		if err := vault.Rotate(file); err != nil {
			t.Fatal(err)
		}
	}
	after := open(t, file)
	if n, err := after.Reveal(7, old); err != nil || n != number {
		t.Errorf("an old card: %v, %v", n, err)
	}
	if after.Fingerprint(number) != before.Fingerprint(number) {
		t.Error("the fingerprint changed")
	}
	if n, err := before.Reveal(7, seal(t, after, 7, number)); err == nil {
		t.Errorf("the new key is none: the old ones reveal %v", n)
	}
}

// TestFile looks at the file: whoever reads it and the database has the cards.
func TestFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "vault.json")
	// A process that died while it wrote may have left this, readable to all.
	if err := os.WriteFile(file+".new", []byte("half a file"), 0o644); err != nil { //nolint:gosec // the mode is the point
		t.Fatal(err)
	}
	open(t, file)
	for range 2 {
		info, err := os.Stat(file)
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
		}
		if _, err := os.Stat(file + ".new"); !os.IsNotExist(err) {
			t.Errorf("a file was left behind: %v", err)
		}
		if err := vault.Rotate(file); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBadFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := filepath.Join(dir, "good.json")
	open(t, good)
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		t.Fatal(err)
	}
	with := func(name, value string) string {
		out := map[string]json.RawMessage{"keys": parts["keys"], "fingerprint": parts["fingerprint"]}
		out[name] = json.RawMessage(value)
		text, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for name, text := range map[string]string{
		"empty": "", "garbage": "\x00\xff", "half": string(text[:len(text)/2]), "no object": "[]",
		"no keys": with("keys", "{}"), "null keys": with("keys", "null"), "short fingerprint": with("fingerprint", `"AAAA"`),
		"no fingerprint": with("fingerprint", "null"),
	} {
		file := filepath.Join(dir, "bad.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := vault.Open(file, false); err == nil {
			t.Errorf("%s: opened", name)
		}
		if err := vault.Rotate(file); err == nil {
			t.Errorf("%s: rotated", name)
		}
		if left, err := os.ReadFile(file); err != nil || string(left) != text {
			t.Errorf("%s: the file was changed, %v", name, err)
		}
	}
	if err := vault.Rotate(filepath.Join(dir, "missing.json")); !os.IsNotExist(err) {
		t.Errorf("rotating a missing file: %v", err)
	}
}

// TestCrashBeforeRename leaves what a process that died in the middle does: the
// file of before, which must still be the vault.
func TestCrashBeforeRename(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "vault.json")
	v := open(t, file)
	sealed := seal(t, v, 7, number)
	if err := os.WriteFile(file+".new", []byte(`{"keys":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := open(t, file).Reveal(7, sealed); err != nil || n != number {
		t.Errorf("revealed %v, %v", n, err)
	}
}

// TestLost opens a vault whose keys are gone although cards need them.
func TestLost(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "vault.json")
	if _, err := vault.Open(file, true); !errors.Is(err, vault.ErrLost) {
		t.Errorf("Open = %v, want %v", err, vault.ErrLost)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("new keys were made: %v", err)
	}
	if _, err := vault.Open(file, false); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Open(file, true); err != nil {
		t.Errorf("with its keys back: %v", err)
	}
}

// TestText seals texts for places: a text that is moved to another place, or
// changed in any byte, opens for none.
func TestText(t *testing.T) {
	t.Parallel()
	v := open(t, filepath.Join(t.TempDir(), "vault.json"))
	const secret, place = "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL", "apps/2553/key1"
	sealed, err := v.SealText(place, secret)
	if err != nil {
		t.Fatal(err)
	}
	if !vault.Sealed(sealed) || vault.Sealed(secret) || strings.Contains(sealed, secret) {
		t.Errorf("sealed is %q", sealed)
	}
	if got, err := v.RevealText(place, sealed); err != nil || got != secret {
		t.Errorf("revealed %q, %v", got, err)
	}
	for _, other := range []string{"apps/2553/key2", "apps/2554/key1", "", "card 7"} {
		if got, err := v.RevealText(other, sealed); err == nil {
			t.Errorf("revealed %q for %q", got, other)
		}
	}
	for i := len("sealed:"); i < len(sealed); i++ {
		bad := sealed[:i] + string("AB"[btoi(sealed[i] == 'A')]) + sealed[i+1:]
		if bad == sealed || i == len(sealed)-1 { // the last letter has bits that mean nothing
			continue
		}
		if got, err := v.RevealText(place, bad); err == nil {
			t.Fatalf("letter %d changed: revealed %q", i, got)
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestOverlap changes the keys while two processes have the vault open: what one
// of them seals the other can open at every step, and a key that is not in the
// file is never used.
func TestOverlap(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "vault.json")
	a, b := open(t, file), open(t, file)
	ids, use := a.Keys()
	if len(ids) != 1 || ids[0] != use || use == 0 {
		t.Fatalf("keys %v, in use %v", ids, use)
	}
	card := seal(t, a, 7, number)
	text, err := a.SealText("x", "secret")
	if err != nil {
		t.Fatal(err)
	}
	if err := vault.Rotate(file); err != nil {
		t.Fatal(err)
	}
	for _, v := range []*vault.Vault{a, b} { // both have the new key, and use the old one
		if err := v.Use(use); err != nil {
			t.Fatal(err)
		}
		if key, ok := vault.KeyOfCard(seal(t, v, 8, number)); !ok || key != use || !v.Current(text) {
			t.Errorf("encrypted with %v, %v; want %v", key, ok, use)
		}
	}
	if err := a.Use(0); err != nil {
		t.Fatal(err)
	}
	ids, newest := a.Keys()
	if len(ids) != 2 || newest == use || ids[1] != newest || a.Current(text) {
		t.Fatalf("keys %v, in use %v", ids, newest)
	}
	again, changed, err := a.Reseal(7, card)
	if err != nil || !changed {
		t.Fatalf("reseal: %v, %v", changed, err)
	}
	if n, err := b.Reveal(7, again); err != nil || n != number {
		t.Errorf("the process that uses the old key revealed %v, %v", n, err)
	}
	if _, changed, err := a.Reseal(7, again); err != nil || changed {
		t.Errorf("resealed twice: %v, %v", changed, err)
	}
	if err := vault.Retire(file); err != nil {
		t.Fatal(err)
	}
	after := open(t, file)
	if n, err := after.Reveal(7, again); err != nil || n != number {
		t.Errorf("under the key that is left: %v, %v", n, err)
	}
	if n, err := after.Reveal(7, card); err == nil {
		t.Errorf("the retired key still reveals %v", n)
	}
	if err := b.Use(use); !errors.Is(err, vault.ErrUnknownKey) {
		t.Errorf("use of a retired key: %v", err)
	}
	if n, err := b.Reveal(7, card); err != nil || n != number {
		t.Errorf("a refused change took the keys that were there: %v, %v", n, err)
	}
}
