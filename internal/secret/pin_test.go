package secret_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"sen/internal/pay"
	"sen/internal/secret"
)

var _ pay.PINs = (*secret.PINs)(nil)

func TestPINs(t *testing.T) {
	t.Parallel()
	pins := secret.NewPINs(rand.Reader)
	hash, err := pins.Hash("111111")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("Hash = %s, want the PHC format with its cost", hash)
	}
	again, err := pins.Hash("111111")
	if err != nil || again == hash {
		t.Errorf("the same PIN twice: %s, %v, want another hash", again, err)
	}
	if !pins.Check(hash, "111111") {
		t.Error("the right PIN is refused")
	}
	if pins.Check(hash, "111112") {
		t.Error("a wrong PIN is accepted")
	}
}

// A hash from the test file of the reference implementation.
func TestCheckReference(t *testing.T) {
	t.Parallel()
	const hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if !secret.NewPINs(rand.Reader).Check(hash, "password") {
		t.Error("the reference hash is refused")
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	pins := secret.NewPINs(rand.Reader)
	hash, err := pins.Hash("111111")
	if err != nil {
		t.Fatal(err)
	}
	zero := "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, bad := range []string{
		"", "111111", zero, hash[:len(hash)-4], hash + "$", strings.Replace(hash, "argon2id", "argon2i", 1),
		strings.Replace(hash, "v=19", "v=16", 1), strings.Replace(hash, "m=19456", "m=99999999", 1),
		strings.Replace(hash, "t=2", "t=0", 1), strings.Replace(hash, "p=1$", "p=257$", 1),
		strings.Replace(hash, "p=1$", "p=1,x=2$", 1),
	} {
		if pins.Check(bad, "111111") {
			t.Errorf("Check(%q) accepts", bad)
		}
	}
}

func TestHashWithoutChance(t *testing.T) {
	t.Parallel()
	broken := errors.New("no chance")
	if hash, err := secret.NewPINs(iotest.ErrReader(broken)).Hash("111111"); !errors.Is(err, broken) {
		t.Errorf("Hash = %q, %v, want %v", hash, err, broken)
	}
}
