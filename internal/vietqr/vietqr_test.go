package vietqr_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sen/internal/money"
	"sen/internal/vietqr"
)

// Texts that the provider's gateway gave out.
var recorded = map[string]vietqr.Code{
	"00020101021226520010vn.zalopay0203001010627000503173916460741942585138620010A00000072701320006970454011899ZP23237O000015450208QRIBFTTA5204739953037045405690005802VN62210817391646074194258516304766E": {
		GUID: "vn.zalopay", Class: "270005", Version: "001", Reference: "39164607419425851",
		BIN: "970454", Account: "99ZP23237O00001545", Amount: 69_000, Purpose: "39164607419425851",
	},
	"00020101021226530010vn.zalopay01061800050203001031816357958197287719338620010A00000072701320006970454011899ZP26002O021728580208QRIBFTTA5204739953037045405300005802VN6304DECA": {
		GUID: "vn.zalopay", Class: "180005", Version: "001", Reference: "163579581972877193",
		BIN: "970454", Account: "99ZP26002O02172858", Amount: 30_000,
	},
}

func TestParseRecorded(t *testing.T) {
	t.Parallel()
	for text, want := range recorded {
		got, err := vietqr.Parse(text)
		if err != nil {
			t.Errorf("Parse(%s): %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Parse(%s) (-want +got):\n%s", text, diff)
		}
	}
}

// The second recorded text has its fields in our order and so comes out the
// same, character by character.
func TestEncodeRecorded(t *testing.T) {
	t.Parallel()
	const text = "00020101021226530010vn.zalopay01061800050203001031816357958197287719338620010A00000072701320006970454011899ZP26002O021728580208QRIBFTTA5204739953037045405300005802VN6304DECA"
	if diff := cmp.Diff(text, recorded[text].Encode()); diff != "" {
		t.Errorf("Encode (-want +got):\n%s", diff)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	good := vietqr.DefaultIssuer().Encode("ACWH4QMH_wQUF_PxXGs4X4pg", 42, 50_000)
	for name, text := range map[string]string{
		"empty":          "",
		"short":          "63",
		"wrong checksum": good[:len(good)-1] + "x",
		"lower case":     good[:len(good)-4] + strings.ToLower(good[len(good)-4:]) + " ",
		"changed amount": strings.Replace(good, "540550000", "540590000", 1),
		"cut":            good[:40],
	} {
		if code, err := vietqr.Parse(text); !errors.Is(err, vietqr.ErrText) {
			t.Errorf("%s: Parse(%q) = %v, %v, want ErrText", name, text, code, err)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(1, 2))
	text := func(most int) string {
		b := make([]byte, chance.IntN(most+1))
		for i := range b {
			b[i] = byte(' ' + chance.IntN('~'-' '))
		}
		return string(b)
	}
	for range 2_000 {
		want := vietqr.Code{
			GUID: text(20), Class: text(6), Version: text(3), Reference: text(30),
			BIN: text(6), Account: text(19), Amount: money.Amount(chance.Int64N(int64(money.Max) + 1)), Purpose: text(25),
		}
		got, err := vietqr.Parse(want.Encode())
		if err != nil {
			t.Fatalf("Parse(%q): %v", want.Encode(), err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("round trip of %+v (-want +got):\n%s", want, diff)
		}
	}
}

func TestEncodeTooLong(t *testing.T) {
	t.Parallel()
	for _, code := range []vietqr.Code{
		{Reference: strings.Repeat("1", 100)},
		{GUID: strings.Repeat("g", 60), Reference: strings.Repeat("1", 60)}, // together
		{Amount: money.Max + 1},
	} {
		if text := code.Encode(); text != "" {
			t.Errorf("Encode of %+v = %q, want nothing", code, text)
		}
	}
}

func TestAccount(t *testing.T) {
	t.Parallel()
	issuer := vietqr.DefaultIssuer()
	for _, number := range []int64{0, 1, 35, 36, 1 << 40, math.MaxInt64} {
		account := issuer.Account(number)
		if len(account) != 18 || !strings.HasPrefix(account, "99SN") {
			t.Errorf("Account(%d) = %q, want 18 characters that begin with 99SN", number, account)
		}
		if got, ok := issuer.Number(account); !ok || got != number {
			t.Errorf("Number(%q) = %d, %t, want %d", account, got, ok, number)
		}
	}
	for _, account := range []string{"", "99SN", "98SN00000000000001", "99SN0000000000000!", "99SN0000000000000a", "99SN-0000000000001", "99SNZZZZZZZZZZZZZZ"} {
		if got, ok := issuer.Number(account); ok {
			t.Errorf("Number(%q) = %d, want refusal", account, got)
		}
	}
}

func TestIssuerCheck(t *testing.T) {
	t.Parallel()
	if err := vietqr.DefaultIssuer().Check(); err != nil {
		t.Errorf("the default issuer is refused: %v", err)
	}
	for field, i := range map[string]vietqr.Issuer{
		"guid":   {GUID: strings.Repeat("g", 33), BIN: "999997", Prefix: "99SN"},
		"bin":    {GUID: "vn.sen", BIN: "99999", Prefix: "99SN"},
		"prefix": {GUID: "vn.sen", BIN: "999997", Prefix: "99sn"},
	} {
		if err := i.Check(); !errors.Is(err, vietqr.ErrIssuer) || !strings.Contains(err.Error(), field) {
			t.Errorf("Check of %+v = %v, want a refusal of %s", i, err, field)
		}
	}
}

// FuzzParse holds that whatever is accepted can be written again and says the
// same.
func FuzzParse(f *testing.F) {
	for text := range recorded {
		f.Add(text)
	}
	f.Add(vietqr.DefaultIssuer().Encode("ACWH4QMH_wQUF_PxXGs4X4pg", 42, 50_000))
	f.Fuzz(func(t *testing.T, text string) {
		code, err := vietqr.Parse(text)
		if err != nil {
			return
		}
		again := code.Encode()
		if again == "" {
			return // sub-tags in a shorter form than ours, too long in ours
		}
		got, err := vietqr.Parse(again)
		if err != nil {
			t.Fatalf("Parse(%q), made from %q: %v", again, text, err)
		}
		if diff := cmp.Diff(code, got); diff != "" {
			t.Errorf("%q made from %q (-want +got):\n%s", again, text, diff)
		}
	})
}
