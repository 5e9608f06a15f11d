package sen_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"sen"
)

func TestIdentifiers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		now  time.Time
		want string
	}{
		{time.Date(2026, 1, 2, 16, 59, 59, 0, time.UTC), "260102"},
		{time.Date(2026, 1, 2, 17, 0, 0, 0, time.UTC), "260103"},
		{time.Date(2026, 12, 31, 23, 0, 0, 0, time.FixedZone("", -10*60*60)), "270101"},
	}
	for _, test := range tests {
		if got, want := sen.AppTransID(test.now, "cart-42"), test.want+"_cart-42"; got != want {
			t.Errorf("%v: got %s, want %s", test.now, got, want)
		}
		if got, want := sen.MRefundID(test.now, 2553, "7"), test.want+"_2553_7"; got != want {
			t.Errorf("%v: got %s, want %s", test.now, got, want)
		}
	}
}

func TestAppKeepsItsSecrets(t *testing.T) {
	t.Parallel()
	shop := sen.App{ID: 2553, Key1: "first-secret", Key2: "second-secret"}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("started", "app", shop)
	slog.New(slog.NewTextHandler(&log, nil)).Info("started", "app", shop)
	shown := fmt.Sprintf("%v %+v %#v %s\n", shop, shop, shop, shop) + log.String()
	if strings.Contains(shown, "secret") || strings.Count(shown, "2553") != 6 {
		t.Errorf("got %s", shown)
	}
}
