package merchant_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"sen/internal/merchant"
	"sen/internal/money"
)

func app() merchant.App {
	return merchant.App{ID: 1, Key1: "sixteen-letters!", Key2: "sixteen-letters?"}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*merchant.App)
		want   error
	}{
		{"as it should be", func(*merchant.App) {}, nil},
		{"the largest id", func(a *merchant.App) { a.ID = 1<<31 - 1 }, nil},
		{"no id", func(a *merchant.App) { a.ID = 0 }, merchant.ErrTerms},
		{"a negative id", func(a *merchant.App) { a.ID = -1 }, merchant.ErrTerms},
		{"too large an id", func(a *merchant.App) { a.ID = 1 << 31 }, merchant.ErrTerms},
		{"a short key1", func(a *merchant.App) { a.Key1 = a.Key1[1:] }, merchant.ErrKey},
		{"a short key2", func(a *merchant.App) { a.Key2 = "" }, merchant.ErrKey},
		{"a key with a space", func(a *merchant.App) { a.Key1 = "sixteen letters!" }, merchant.ErrKey},
		{"a key with an accent", func(a *merchant.App) { a.Key2 += "é" }, merchant.ErrKey},
		{"the most of everything", func(a *merchant.App) {
			a.Terms = merchant.Terms{RatePerSecond: 1_000_000, FeeBP: 10_000, RefundApprovalFrom: money.Max, RefundPeriod: 3650 * 24 * time.Hour, ReceivableLimit: money.Max}
		}, nil},
		{"too high a rate", func(a *merchant.App) { a.Terms.RatePerSecond = 1_000_001 }, merchant.ErrTerms},
		{"a negative rate", func(a *merchant.App) { a.Terms.RatePerSecond = -1 }, merchant.ErrTerms},
		{"more than all as a fee", func(a *merchant.App) { a.Terms.FeeBP = 10_001 }, merchant.ErrTerms},
		{"a negative fee", func(a *merchant.App) { a.Terms.FeeBP = -1 }, merchant.ErrTerms},
		{"approval from too much", func(a *merchant.App) { a.Terms.RefundApprovalFrom = money.Max + 1 }, merchant.ErrTerms},
		{"approval from below nothing", func(a *merchant.App) { a.Terms.RefundApprovalFrom = -1 }, merchant.ErrTerms},
		{"too long a period", func(a *merchant.App) { a.Terms.RefundPeriod = 3650*24*time.Hour + 1 }, merchant.ErrTerms},
		{"a negative period", func(a *merchant.App) { a.Terms.RefundPeriod = -1 }, merchant.ErrTerms},
		{"too high a limit", func(a *merchant.App) { a.Terms.ReceivableLimit = money.Max + 1 }, merchant.ErrTerms},
		{"a negative limit", func(a *merchant.App) { a.Terms.ReceivableLimit = -1 }, merchant.ErrTerms},
	} {
		a := app()
		c.change(&a)
		if err := a.Check(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestKeysStayIn(t *testing.T) {
	t.Parallel()
	a := app()
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "app", a, "at", &a)
	for _, text := range []string{log.String(), fmt.Sprint(a), fmt.Sprintf("%v %+v %#v %s", a, a, a, a), fmt.Sprintf("%+v", []merchant.App{a})} {
		if strings.Contains(text, "sixteen") {
			t.Errorf("a key is in %q", text)
		}
	}
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
	off := app()
	off.ID, off.DisabledAt = 2, now
	register := merchant.Register{
		Apps: map[merchant.ID]merchant.App{1: app(), 2: off},
		Windows: []merchant.Window{
			{Operation: "a", App: 1, From: now, Until: now.Add(time.Hour)},
			{Operation: "b", From: now},
		},
	}
	broken := false
	d := &merchant.Directory{Load: func(context.Context) (merchant.Register, error) {
		if broken {
			return merchant.Register{}, errors.New("on purpose")
		}
		return register, nil
	}}
	if _, err := d.App(1); !errors.Is(err, merchant.ErrUnknown) || d.Closed("a", 1, now) {
		t.Errorf("before the first look: %v", err)
	}
	if err := d.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	broken = true
	if err := d.Refresh(t.Context()); err == nil {
		t.Error("Refresh hides the failure")
	}
	for id, want := range map[merchant.ID][2]bool{1: {true, true}, 2: {false, true}, 3: {false, false}} {
		_, err := d.App(id)
		_, known := d.Known(id)
		if (err == nil) != want[0] || (known == nil) != want[1] {
			t.Errorf("app %d: %v, %v", id, err, known)
		}
	}
	for _, c := range []struct {
		operation string
		app       merchant.ID
		at        time.Duration
		want      bool
	}{
		{"a", 1, 0, true},
		{"a", 1, -1, false},
		{"a", 1, time.Hour - 1, true},
		{"a", 1, time.Hour, false},
		{"a", 2, 0, false},
		{"b", 2, 1000 * time.Hour, true},
		{"b", 2, -1, false},
		{"c", 1, 0, false},
	} {
		if got := d.Closed(c.operation, c.app, now.Add(c.at)); got != c.want {
			t.Errorf("%s of app %d at %v: closed %v", c.operation, c.app, c.at, got)
		}
	}
}
