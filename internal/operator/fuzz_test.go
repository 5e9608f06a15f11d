package operator

import (
	"testing"
	"time"
)

// FuzzMatchCode holds typed codes against secrets of any form.
func FuzzMatchCode(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	secret := NewSecret()
	f.Add(secret, CodeAt(secret, now), int64(0))
	f.Add(secret, "000000", now.Unix()/codeEvery)
	f.Add("", "", int64(0))
	f.Add("not base32!", "123456", int64(-1))
	f.Add(secret+"=", "12345６", int64(1))
	f.Fuzz(func(t *testing.T, secret, code string, last int64) {
		step, ok := matchCode(secret, code, now, last)
		if !ok {
			return
		}
		if key, err := secretText.DecodeString(secret); err != nil || codeAt(key, step) != code || step <= last {
			t.Errorf("%q is taken for step %d of %q, after %d", code, step, secret, last)
		}
	})
}

// FuzzTakeRecovery tries recovery codes: one that is taken is gone, and no other.
func FuzzTakeRecovery(f *testing.F) {
	codes, hashes := newRecovery()
	for _, code := range append(codes, "", "----", "aaaa-aaaa-aaaa-aaaa-aaaa-aaaa") {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		o := &Operator{TOTP: NewSecret(), Recovery: append([]string(nil), hashes...)}
		if !o.takeCode(code, time.Unix(1_800_000_000, 0)) {
			if len(o.Recovery) != len(hashes) {
				t.Errorf("%q was refused and used up", code)
			}
			return
		}
		if len(o.Recovery) == len(hashes)-1 && o.takeCode(code, time.Unix(1_800_000_000, 0)) && len(o.Recovery) < len(hashes)-1 {
			t.Errorf("%q was taken twice", code)
		}
	})
}

// FuzzCheck takes operators of any name, role and apps: those that are taken can
// be written into a log line and an address as they are.
func FuzzCheck(f *testing.F) {
	f.Add("ann", "operator")
	f.Add("a/b", "merchant")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, name, role string) {
		o := Operator{Name: name, Role: Role(role)}
		if o.Check() != nil {
			return
		}
		for _, c := range name {
			if c <= ' ' || c > '~' || c == '/' || c == '"' {
				t.Errorf("the name %q is taken", name)
			}
		}
	})
}
