package money_test

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sen/internal/money"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		want money.Amount
		ok   bool
	}{
		{"1", 1, true},
		{"50000", 50_000, true},
		{"007", 7, true},
		{"9999999999999", money.Max, true},
		{strings.Repeat("0", 100) + "1", 1, true},
		{"10000000000000", 0, false},
		{"9223372036854775807", 0, false},
		{"9223372036854775808", 0, false},
		{"18446744073709551617", 0, false}, // 1 after a wrap
		{"0", 0, false},
		{"", 0, false},
		{"-1", 0, false},
		{"+1", 0, false},
		{" 1", 0, false},
		{"1 ", 0, false},
		{"1.0", 0, false},
		{"1e3", 0, false},
		{"1_000", 0, false},
		{"1,000", 0, false},
		{"0x10", 0, false},
		{"１", 0, false},
		{"NaN", 0, false},
	} {
		got, err := money.Parse(c.in)
		if got != c.want || (err == nil) != c.ok || (!c.ok && !errors.Is(err, money.ErrInvalid)) {
			t.Errorf("Parse(%q) = %d, %v, want %d, %v", c.in, got, err, c.want, c.ok)
		}
	}
	for in, ok := range map[string]bool{"0": true, "000": true, "1": true, "": false, "-0": false, "10000000000000": false} {
		if _, err := money.ParseZero(in); (err == nil) != ok {
			t.Errorf("ParseZero(%q): %v", in, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "1", "0", "9999999999999", "10000000000000", "-1", "1e3", "１", "00000000000000000000001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := money.Parse(s)
		if err != nil {
			if got != 0 {
				t.Errorf("Parse(%q) = %d with %v", s, got, err)
			}
			return
		}
		if got < 1 || got > money.Max {
			t.Errorf("Parse(%q) = %d", s, got)
		}
		if trimmed := strings.TrimLeft(s, "0"); got.Digits() != trimmed {
			t.Errorf("Parse(%q) writes itself as %s", s, got.Digits())
		}
	})
}

func TestAdd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b, want money.Amount
		ok         bool
	}{
		{1, 2, 3, true},
		{-1, 1, 0, true},
		{math.MaxInt64, 0, math.MaxInt64, true},
		{math.MaxInt64 - 1, 1, math.MaxInt64, true},
		{math.MaxInt64, 1, 0, false},
		{1, math.MaxInt64, 0, false},
		{math.MinInt64, 0, math.MinInt64, true},
		{math.MinInt64 + 1, -1, math.MinInt64, true},
		{math.MinInt64, -1, 0, false},
		{-1, math.MinInt64, 0, false},
		{math.MinInt64, math.MinInt64, 0, false},
		{math.MinInt64, math.MaxInt64, -1, true},
	} {
		got, err := c.a.Add(c.b)
		if got != c.want || (err == nil) != c.ok || (!c.ok && !errors.Is(err, money.ErrOverflow)) {
			t.Errorf("%d + %d = %d, %v, want %d, %v", c.a, c.b, got, err, c.want, c.ok)
		}
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, bp := rapid.Int64Range(0, int64(money.Max)).Draw(t, "amount"), rapid.Int64Range(0, 10_000).Draw(t, "bp")
		want := new(big.Int).Mul(big.NewInt(a), big.NewInt(bp))
		want.Quo(want, big.NewInt(10_000))
		if got := money.Amount(a).Share(bp); int64(got) != want.Int64() {
			t.Errorf("%d bp of %d = %d, want %v", bp, a, got, want)
		}
	})
	if got := money.Max.Share(10_000); got != money.Max {
		t.Errorf("all of Max = %d", got)
	}
}

func TestString(t *testing.T) {
	t.Parallel()
	for a, want := range map[money.Amount]string{
		0: "0 ₫", 7: "7 ₫", 999: "999 ₫", 1000: "1.000 ₫", 1_234_500: "1.234.500 ₫", -1: "-1 ₫", -999: "-999 ₫", -1000: "-1.000 ₫",
		money.Max: "9.999.999.999.999 ₫", math.MinInt64: "-9.223.372.036.854.775.808 ₫",
	} {
		if got := a.String(); got != want {
			t.Errorf("String = %q, want %q", got, want)
		}
		if got := a.Digits(); got != strconv.FormatInt(int64(a), 10) {
			t.Errorf("Digits = %q", got)
		}
	}
}
