package operator

import (
	"testing"
	"time"
)

// TestCodeAt has the examples of RFC 6238, their last six digits.
func TestCodeAt(t *testing.T) {
	t.Parallel()
	secret := secretText.EncodeToString([]byte("12345678901234567890"))
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := CodeAt(secret, time.Unix(at, 0)); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
	if a, b := NewSecret(), NewSecret(); a == b || len(a) != 32 {
		t.Errorf("secrets %q and %q", a, b)
	}
}
