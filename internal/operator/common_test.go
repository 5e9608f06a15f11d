package operator

import (
	"errors"
	"strings"
	"testing"
)

// TestCommonPasswords gives passwords that are guessed early, and such as are
// not.
func TestCommonPasswords(t *testing.T) {
	t.Parallel()
	about := []string{"lan.nguyen", "https://pay.phohien.example:8443"}
	for _, refused := range []string{
		"password1234", "Password2026!", "P@ssw0rd2026!", "passwordpassword", "administrator", "qwertyuiop123", "1qaz2wsx3edc",
		"zxcvbnm,./123", "111111111111", "123456789012", "987654321098", "abcabcabcabc", "aaaaaaaabbbb", "letmein2024!!",
		"iloveyou2020", "accommodation", "lan.nguyen2026", "NguyenLan1990", "phohien-2026!", "zalopay123456", "SenGateway2026",
		"abcdefghijklmnop", "operator2026!!", "0987654321qwerty", "lannguyenlannguyen", "Ab1!Ab1!Ab1!", "matkhau123456",
	} {
		if err := checkPassword(refused, about...); !errors.Is(err, ErrCommon) {
			t.Errorf("%q: %v", refused, err)
		}
	}
	for _, taken := range []string{
		"correct horse battery", "a password that is long", "tau chay qua cau Long Bien", "mưa rơi trên mái tôn cũ", "x7#kQ!v29mZp",
		"lan đi chợ mua 3 quả dưa", "🐟🐠🐡🦈🐙🦑🐚🦀🐬🐳🐋🦭", NewPassword(),
	} {
		if err := checkPassword(taken, about...); err != nil {
			t.Errorf("%q: %v", taken, err)
		}
	}
	long := 0
	for word := range commonWords() {
		if len(word) < minPassword {
			continue
		}
		if long++; len(word) > longestWord || !guessable(word, nil) || !guessable(strings.ToUpper(word), nil) {
			t.Errorf("%q of the list is taken", word)
		}
	}
	if long < 3000 {
		t.Errorf("%d words of the list are as long as a password, want 3000", long)
	}
}
