package storetest

import (
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

var numbers = map[string]func(*testing.T, *fixture){
	"Numbers/begin at 1 each day":           numbersBegin,
	"Numbers/reservations never overlap":    numbersRace,
	"Numbers/of an earlier day go on there": numbersEarlier,
}

func (f *fixture) reserve(day string, n int64) int64 {
	f.t.Helper()
	first, err := f.ReserveNumbers(f.t.Context(), day, n)
	if err != nil {
		f.t.Fatalf("ReserveNumbers: %v", err)
	}
	return first
}

func numbersBegin(t *testing.T, f *fixture) {
	for _, c := range []struct {
		day  string
		n    int64
		want int64
	}{{"260314", 1000, 1}, {"260314", 1, 1001}, {"260314", 1000, 1002}, {"260315", 5, 1}, {"260315", 5, 6}} {
		if got := f.reserve(c.day, c.n); got != c.want {
			t.Errorf("%d of %s begin at %d, want %d", c.n, c.day, got, c.want)
		}
	}
}

func numbersEarlier(t *testing.T, f *fixture) {
	f.reserve("260315", 10)
	f.reserve("260314", 10)
	if a, b := f.reserve("260314", 10), f.reserve("260315", 10); a != 11 || b != 11 {
		t.Errorf("after a jump back and forth: %d and %d, want 11 and 11", a, b)
	}
}

func numbersRace(t *testing.T, f *fixture) {
	var mu sync.Mutex
	taken := map[int64]bool{}
	errs := together(8, func(i int) error {
		for range 10 {
			n := int64(1 + i%3)
			first, err := f.ReserveNumbers(t.Context(), "260314", n)
			if err != nil {
				return err
			}
			mu.Lock()
			for number := first; number < first+n; number++ {
				if taken[number] {
					t.Errorf("%d was given out twice", number)
				}
				taken[number] = true
			}
			mu.Unlock()
		}
		return nil
	})
	if err := unexpected(errs); err != nil {
		t.Fatal(err)
	}
	if last := slices.Max(slices.Collect(maps.Keys(taken))); last != int64(len(taken)) {
		t.Errorf("%d numbers, the last of which is %d", len(taken), last)
	}
}

var settings = map[string]func(*testing.T, *fixture){
	"Setting/is what was set last":  setSetting,
	"Setting/is ensured once":       ensureSetting,
	"Setting/one of many ensures":   ensureRace,
	"Setting/any text is a setting": settingTexts,
}

func (f *fixture) settingIs(name, want string) {
	f.t.Helper()
	if got, err := f.Setting(f.t.Context(), name); got != want || err != nil {
		f.t.Errorf("Setting(%q) = %q, %v, want %q", name, got, err, want)
	}
}

func setSetting(t *testing.T, f *fixture) {
	f.settingIs("mode", "")
	for _, value := range []string{"a", "b", ""} {
		if err := f.SetSetting(t.Context(), "mode", value); err != nil {
			t.Fatal(err)
		}
		f.settingIs("mode", value)
	}
	f.settingIs("Mode", "")
}

func ensureSetting(t *testing.T, f *fixture) {
	for _, value := range []string{"first", "second"} {
		if got, err := f.EnsureSetting(t.Context(), "key", value); got != "first" || err != nil {
			t.Errorf("EnsureSetting(%q) = %q, %v, want the first", value, got, err)
		}
	}
	f.settingIs("key", "first")
}

func ensureRace(t *testing.T, f *fixture) {
	kept := make([]string, 12)
	errs := together(len(kept), func(i int) (err error) {
		kept[i], err = f.EnsureSetting(t.Context(), "key", string(rune('a'+i)))
		return err
	})
	if err := unexpected(errs); err != nil {
		t.Fatal(err)
	}
	if slices.Sort(kept); kept[0] != kept[len(kept)-1] {
		t.Errorf("callers were told different values: %q", kept)
	}
}

func settingTexts(t *testing.T, f *fixture) {
	for _, text := range tricky {
		if err := f.SetSetting(t.Context(), "name"+text, text); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range tricky {
		f.settingIs("name"+text, text)
	}
}

var apps = map[string]func(*testing.T, *fixture){
	"App/comes back as it went in": appRoundTrip,
	"App/is inserted or not":       insertApp,
	"App/changes":                  updateApp,
	"App/changes of many add up":   updateAppRace,
	"App/has its accounts":         appAccounts,
	"App/a limit below the debt":   limitBelowDebt,
	"Maintenance/windows":          windows,
}

func (f *fixture) register() merchant.Register {
	f.t.Helper()
	r, err := f.Register(f.t.Context())
	if err != nil {
		f.t.Fatalf("Register: %v", err)
	}
	return r
}

// open is how two apps are compared: their own methods hide the keys.
func open(a merchant.App) any {
	type plain merchant.App
	return plain(a)
}

func (f *fixture) appIs(want merchant.App) {
	f.t.Helper()
	got := f.register().Apps[want.ID]
	if open(got) != open(want) {
		f.t.Errorf("App:\ngot  %+v\nwant %+v", open(got), open(want))
	}
}

func fullApp() merchant.App {
	return merchant.App{
		ID: 1<<31 - 1, Name: "Quán Sen 🪷", Key1: "0123456789abcdef", Key2: "fedcba9876543210", CodeKey: "MIIE",
		CallbackURL: "https://a.example/?x=1&y=đ", RedirectURL: "app://back", CreatedAt: at, DisabledAt: at.Add(time.Second),
		Terms: merchant.Terms{
			RatePerSecond: 1_000_000, FeeBP: 10_000, RefundApprovalFrom: money.Max, RefundPeriod: 3650 * 24 * time.Hour, ReceivableLimit: money.Max,
		},
		Disbursement: merchant.Disbursement{HeldAt: at, ReviewFrom: money.Max},
	}
}

func appRoundTrip(t *testing.T, f *fixture) {
	if r := f.register(); len(r.Apps) != 0 || len(r.Windows) != 0 {
		t.Errorf("an empty store has %v", r)
	}
	want := fullApp()
	if err := f.InsertApp(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	f.appIs(want)
	f.appIs(f.app(merchant.Terms{}))
}

func insertApp(t *testing.T, f *fixture) {
	a := f.app(merchant.Terms{})
	again := a
	again.Name = "another"
	if err := f.InsertApp(t.Context(), again); !errors.Is(err, merchant.ErrExists) {
		t.Errorf("InsertApp = %v, want ErrExists", err)
	}
	f.appIs(a)
}

func updateApp(t *testing.T, f *fixture) {
	was := f.app(merchant.Terms{})
	want := fullApp()
	want.ID, want.CreatedAt = was.ID, was.CreatedAt
	got, err := f.UpdateApp(t.Context(), was.ID, func(a *merchant.App) error {
		*a = want
		return nil
	})
	if open(got) != open(want) || err != nil {
		t.Errorf("UpdateApp = %+v, %v, want %+v", open(got), err, open(want))
	}
	f.appIs(want)
	for name, c := range map[string]struct {
		id     merchant.ID
		change func(*merchant.App) error
		want   error
	}{
		"no such app":     {1, func(*merchant.App) error { return nil }, merchant.ErrUnknown},
		"a failed change": {was.ID, func(a *merchant.App) error { a.Name = "x"; return errTest }, errTest},
		"a bad change":    {was.ID, func(a *merchant.App) error { a.Terms.FeeBP = 10_001; return nil }, merchant.ErrTerms},
	} {
		if _, err := f.UpdateApp(t.Context(), c.id, c.change); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	f.appIs(want)
}

func updateAppRace(t *testing.T, f *fixture) {
	a := f.app(merchant.Terms{})
	errs := together(8, func(int) error {
		_, err := f.UpdateApp(t.Context(), a.ID, func(a *merchant.App) error {
			a.Terms.FeeBP++
			return nil
		})
		return err
	})
	if err := unexpected(errs); err != nil {
		t.Fatal(err)
	}
	a.Terms.FeeBP = 8
	f.appIs(a)
}

func appAccounts(_ *testing.T, f *fixture) {
	a := f.app(merchant.Terms{})
	for _, kind := range []ledger.Kind{ledger.Payable, ledger.Receivable, ledger.Fees, ledger.Promotions, ledger.Disbursement} {
		if got := f.balance(ledger.Account(kind, int64(a.ID))); got != 0 {
			f.t.Errorf("%v: %v", kind, got)
		}
	}
	f.sound()
}

// limitBelowDebt lowers a limit under what the merchant owes already.
func limitBelowDebt(t *testing.T, f *fixture) {
	a := f.app(merchant.Terms{ReceivableLimit: 100})
	debt := ledger.Account(ledger.Receivable, int64(a.ID))
	owe := func(amount money.Amount) error {
		e := f.entry(debt, clearing, amount)
		return f.Update(t.Context(), func(tx pay.Tx) error { return tx.Post(t.Context(), e) })
	}
	limit := func(to money.Amount) {
		_, err := f.UpdateApp(t.Context(), a.ID, func(a *merchant.App) error { a.Terms.ReceivableLimit = to; return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := owe(80); err != nil {
		t.Fatal(err)
	}
	limit(50)
	if err := owe(1); !errors.Is(err, ledger.ErrFloor) {
		t.Errorf("owing more than the new limit: %v, want ErrFloor", err)
	}
	limit(90)
	if err := owe(10); err != nil {
		t.Errorf("owing up to the raised limit: %v", err)
	}
	f.sound()
}

func windows(t *testing.T, f *fixture) {
	want := []merchant.Window{
		{ID: 1, Operation: "order.create", App: 7, From: at, Until: at.Add(time.Hour)},
		{ID: 2, From: at},
	}
	for _, w := range want {
		if err := f.InsertWindow(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, f.register().Windows); diff != "" {
		t.Errorf("Windows (-want +got):\n%s", diff)
	}
	for _, want := range []bool{true, false} {
		if found, err := f.DeleteWindow(t.Context(), 1); found != want || err != nil {
			t.Errorf("DeleteWindow = %v, %v, want %v", found, err, want)
		}
	}
	if diff := cmp.Diff(want[1:], f.register().Windows); diff != "" {
		t.Errorf("Windows after the deletion (-want +got):\n%s", diff)
	}
}

var sessions = map[string]func(*testing.T, *fixture){
	"Session/lives until it ends": sessionLife,
	"Session/is swept in batches": sweepSessions,
}

func (f *fixture) sessionIs(token string, now time.Time, want []byte) {
	f.t.Helper()
	got, found, err := f.Session(f.t.Context(), token, now)
	if err != nil || found != (want != nil) || !cmp.Equal(got, want, cmpopts.EquateEmpty()) {
		f.t.Errorf("Session(%q) = %q, %v, %v, want %q", token, got, found, err, want)
	}
}

func (f *fixture) putSession(token string, data []byte, expires time.Time) {
	f.t.Helper()
	if err := f.PutSession(f.t.Context(), token, data, expires); err != nil {
		f.t.Fatalf("PutSession: %v", err)
	}
}

func sessionLife(t *testing.T, f *fixture) {
	f.sessionIs("a", at, nil)
	f.putSession("a", []byte{0, 1, 0xff}, at)
	f.putSession("b", []byte{}, at.Add(time.Hour))
	f.sessionIs("a", at.Add(-time.Microsecond), []byte{0, 1, 0xff})
	f.sessionIs("a", at, nil)
	f.sessionIs("b", at, []byte{})
	f.putSession("a", []byte("again"), at.Add(time.Hour))
	f.sessionIs("a", at, []byte("again"))
	for range 2 {
		if err := f.DeleteSession(t.Context(), "a"); err != nil {
			t.Error(err)
		}
	}
	f.sessionIs("a", at, nil)
	f.sessionIs("b", at, []byte{})
}

func sweepSessions(t *testing.T, f *fixture) {
	const batch = 500
	errs := together(batch+1, func(i int) error {
		return f.PutSession(t.Context(), string(rune(0x4e00+i)), []byte("x"), at)
	})
	if err := unexpected(errs); err != nil {
		t.Fatal(err)
	}
	f.putSession("alive", []byte("x"), at.Add(time.Microsecond))
	for _, want := range []bool{true, false} {
		if more, err := f.DeleteExpiredSessions(t.Context(), at); more != want || err != nil {
			t.Errorf("DeleteExpiredSessions = %v, %v, want %v", more, err, want)
		}
	}
	f.sessionIs("\u4e00", at.Add(-time.Second), nil)
	f.sessionIs("alive", at, []byte("x"))
}
