package bank_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen/internal/bank"
	"sen/internal/money"
)

func TestParseNumber(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, scheme, masked string }{
		{"4111111111111111", "VISA", "411111******1111"},
		{"4111 1111-1111 1111", "VISA", "411111******1111"},
		{"5555555555554444", "MASTERCARD", "555555******4444"},
		{"2221000000000009", "MASTERCARD", "222100******0009"},
		{"3530111333300000", "JCB", "353011******0000"},
		{"9704540000000062", "NAPAS", "970454******0062"},
		{"9704540000000000", "NAPAS", "970454******0000"}, // a domestic bank has digits of its own
		{"9704540000000000123", "NAPAS", "970454*********0123"},
		{"4222222222222", "VISA", "422222***2222"},
		{"", "", ""},
		{"4", "", ""},
		{"411111111111", "", ""},
		{"41111111111111111111", "", ""},
		{"4111111111111112", "", ""}, // check digit
		{"378282246310005", "", ""},  // not taken here
		{"411111111111111a", "", ""}, //
		{"４１１１１１１１１１１１１１１１", "", ""}, // not these digits
		{"0000000000000000", "", ""},
		{"4111111111111111\n", "", ""},
		{"2720990000000007", "MASTERCARD", "272099******0007"},
	} {
		n, err := bank.ParseNumber(tt.in)
		if tt.scheme == "" {
			if err == nil || strings.Contains(err.Error(), "4111") {
				t.Errorf("%q: %v, %v, want a refusal without the number", tt.in, n, err)
			}
			continue
		}
		if err != nil || n.Scheme() != tt.scheme || n.Masked() != tt.masked {
			t.Errorf("%q: %s %s, %v, want %s %s", tt.in, n.Scheme(), n.Masked(), err, tt.scheme, tt.masked)
		}
	}
}

// TestMasking prints a card in every way that ends up in a log.
func TestMasking(t *testing.T) {
	t.Parallel()
	card := bank.Card{Number: "4111111111111111", Expiry: "1239", CVV: "987"}
	charge := bank.Charge{Ref: 1, Card: card, Amount: 5}
	for _, v := range []any{card, &card, card.Number, &card.Number, charge, &charge, []bank.Card{card}} {
		var printed strings.Builder
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			fmt.Fprintf(&printed, verb+"\n", v)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Errorf("%T: %v", v, err)
		}
		var log bytes.Buffer
		timeless := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey { // its digits could be the secret's
				return slog.Attr{}
			}
			return a
		}}
		for _, h := range []slog.Handler{slog.NewTextHandler(&log, timeless), slog.NewJSONHandler(&log, timeless)} {
			slog.New(h).Info("card", "it", v)
		}
		all := printed.String() + string(text) + log.String()
		for _, secret := range []string{"4111111111111111", "987", fmt.Sprintf("%x", "4111111111111111"), fmt.Sprintf("%X", "4111111111111111")} {
			if strings.Contains(all, secret) {
				t.Errorf("%T: %q is in %s", v, secret, all)
			}
		}
	}
}

// memory is a bank's ledger.
type memory struct {
	mu      sync.Mutex
	records map[int64]bank.Record
}

func (m *memory) BankRecord(_ context.Context, ref int64) (bank.Record, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, found := m.records[ref]
	return r, found, nil
}

func (m *memory) ChangeBankRecord(_ context.Context, ref int64, change func(*bank.Record, bool) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, found := m.records[ref]
	err := change(&r, found)
	if err == nil && r.Ref != 0 {
		m.records[ref] = r
	}
	return err
}

type testBank struct {
	*bank.Simulator
	now time.Time
}

func newBank() *testBank {
	b := &testBank{now: time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)}
	b.Simulator = &bank.Simulator{Ledger: &memory{records: map[int64]bank.Record{}}, Now: func() time.Time { return b.now }}
	return b
}

func charge(ref int64, n bank.Number, amount money.Amount) bank.Charge {
	return bank.Charge{Ref: ref, Card: bank.Card{Number: n, Expiry: "1239", CVV: "123"}, Amount: amount}
}

// TestSimulator authorises each card, twice, and asks what became of it.
func TestSimulator(t *testing.T) {
	t.Parallel()
	type outcomes struct{ Silent, First, Asked, Later string }
	for _, tt := range []struct {
		behaviour bank.Behaviour
		domestic  outcomes
		foreign   outcomes
	}{
		{bank.Good, outcomes{"", "otp", "otp", "otp"}, outcomes{"", "approved", "approved", "approved"}},
		{bank.Lost, outcomes{"", "declined stolen", "declined stolen", "declined stolen"}, outcomes{"", "declined stolen", "declined stolen", "declined stolen"}},
		{bank.Empty, outcomes{"", "declined no_money", "declined no_money", "declined no_money"}, outcomes{"", "declined no_money", "declined no_money", "declined no_money"}},
		{bank.TimeOut, outcomes{"silent", "", "pending", "declined timeout"}, outcomes{"silent", "", "pending", "declined timeout"}},
		{bank.Late, outcomes{"silent", "", "pending", "approved"}, outcomes{"silent", "", "pending", "approved"}},
		{bank.Flaky, outcomes{"silent", "", "approved", "approved"}, outcomes{}},
		{bank.Unrefundable, outcomes{"", "otp", "otp", "otp"}, outcomes{}},
	} {
		for _, c := range bank.TestCards() {
			if c.Behaviour != tt.behaviour {
				continue
			}
			want := tt.foreign
			if c.Number.Domestic() {
				want = tt.domestic
			}
			b := newBank()
			var got outcomes
			out, err := b.Authorise(t.Context(), charge(1, c.Number, 5))
			if got.First = say(out); err != nil {
				got.Silent = "silent"
			}
			got.Asked = say(b.ask(t, 1))
			b.now = b.now.Add(time.Minute)
			got.Later = say(b.ask(t, 1))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", c.Behaviour, c.Number, diff)
			}
		}
	}
}

func say(o bank.Outcome) string { return strings.TrimSpace(string(o.State) + " " + string(o.Reason)) }

func (b *testBank) ask(t *testing.T, ref int64) bank.Outcome {
	t.Helper()
	out, err := b.Ask(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAuthoriseOnce charges twice under one reference, the second time more: a
// bank knows a charge by its reference.
func TestAuthoriseOnce(t *testing.T) {
	t.Parallel()
	b := newBank()
	for _, c := range []bank.Charge{charge(1, "4111111111111111", 5), charge(1, "4000000000009979", 500)} {
		if out, err := b.Authorise(t.Context(), c); err != nil || out.State != bank.Approved {
			t.Errorf("%v, %v", out, err)
		}
	}
	if r, _, _ := b.Ledger.BankRecord(t.Context(), 1); r.Amount != 5 {
		t.Errorf("the bank took %v, want 5", r.Amount)
	}
}

// TestAuthoriseAgainWhileSilent asks the bank again before it has an answer: it
// must not give one early.
func TestAuthoriseAgainWhileSilent(t *testing.T) {
	t.Parallel()
	for _, n := range []bank.Number{"9704540000000039", "9704540000000104"} {
		b := newBank()
		if _, err := b.Authorise(t.Context(), charge(1, n, 5)); err == nil {
			t.Errorf("%s: the bank answered", n)
		}
		if out, err := b.Authorise(t.Context(), charge(1, n, 5)); err != nil || out.State != bank.Pending {
			t.Errorf("%s: %v, %v, want pending", n, out, err)
		}
	}
}

func TestOTP(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		codes string
		want  string
	}{
		{"right", "approved"},
		{"wrong right", "approved"},
		{"wrong wrong right", "approved"},
		{"wrong wrong wrong", "declined otp_wrong"},
		{"wrong wrong wrong right", "declined otp_wrong"},
		{"right wrong", "approved"},
		{"", "otp"},
	} {
		b := newBank()
		if _, err := b.Authorise(t.Context(), charge(1, "9704540000000062", 5)); err != nil {
			t.Fatal(err)
		}
		for _, code := range strings.Fields(tt.codes) {
			if _, err := b.Confirm(t.Context(), 1, strings.Replace(code, "right", bank.OTP, 1)); err != nil {
				t.Fatal(err)
			}
		}
		if got := say(b.ask(t, 1)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.codes, got, tt.want)
		}
	}
	if out, err := newBank().Confirm(t.Context(), 9, bank.OTP); err != nil || out.State != bank.Unknown {
		t.Errorf("a code for nothing: %v, %v", out, err)
	}
}

// TestVoid voids charges in every state: what is void takes nothing, ever.
func TestVoid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		card bank.Number
		want bank.State
	}{
		{"never arrived", "", bank.Declined},
		{"waits for a code", "9704540000000062", bank.Declined},
		{"approved", "4111111111111111", bank.Approved},
		{"declined", "4000000000009979", bank.Declined},
	} {
		b := newBank()
		if tt.card != "" {
			if _, err := b.Authorise(t.Context(), charge(1, tt.card, 5)); err != nil {
				t.Fatal(err)
			}
		}
		out, err := b.Void(t.Context(), 1)
		if err != nil || out.State != tt.want {
			t.Errorf("%s: %v, %v, want %s", tt.name, out, err, tt.want)
		}
		late, err := b.Authorise(t.Context(), charge(1, "4111111111111111", 5))
		if err != nil || late.State != tt.want {
			t.Errorf("%s: authorised after that: %v, %v, want %s", tt.name, late, err, tt.want)
		}
		if again, err := b.Confirm(t.Context(), 1, bank.OTP); err != nil || again.State != tt.want {
			t.Errorf("%s: confirmed after that: %v, %v, want %s", tt.name, again, err, tt.want)
		}
	}
}

// TestVoidAgainstConfirm lets the two race: whoever loses is told what won.
func TestVoidAgainstConfirm(t *testing.T) {
	t.Parallel()
	for range 200 {
		b := newBank()
		if _, err := b.Authorise(t.Context(), charge(1, "9704540000000062", 5)); err != nil {
			t.Fatal(err)
		}
		var voided, confirmed bank.Outcome
		var errs [2]error
		var both sync.WaitGroup
		both.Go(func() { voided, errs[0] = b.Void(t.Context(), 1) })
		both.Go(func() { confirmed, errs[1] = b.Confirm(t.Context(), 1, bank.OTP) })
		both.Wait()
		if end := b.ask(t, 1); errs != [2]error{} || voided != end || confirmed != end || end.State == bank.NeedsOTP {
			t.Fatalf("voided %v, confirmed %v, in the end %v, %v", voided, confirmed, end, errs)
		}
	}
}

// TestRefund gives back what was taken, and refuses more than that.
func TestRefund(t *testing.T) {
	t.Parallel()
	b := newBank()
	for ref, n := range map[int64]bank.Number{1: "4111111111111111", 2: "4000000000009979", 3: "9704990000000018"} {
		if _, err := b.Authorise(t.Context(), charge(ref, n, 10)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Confirm(t.Context(), 3, bank.OTP); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		ref, charge int64
		amount      money.Amount
		want        string
	}{
		{11, 1, 4, "approved"},
		{11, 1, 4, "approved"}, // the same again is the same
		{12, 1, 11, "declined refused"},
		{13, 1, 6, "approved"},
		{15, 2, 1, "declined refused"},
		{16, 99, 1, "declined refused"},
		{17, 3, 1, "declined no_refunds"},
	} {
		if out, err := b.Refund(t.Context(), tt.ref, tt.charge, tt.amount); err != nil || say(out) != tt.want {
			t.Errorf("refund %d of %v: %v, %v, want %s", tt.ref, tt.amount, out, err, tt.want)
		}
	}
}

// TestOutage sees that nothing gets through, and that nothing is remembered.
func TestOutage(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]bank.Channel{"outage": newBank(), "closed": bank.Closed{}} {
		if b, ok := s.(*testBank); ok {
			b.SetOutage(true)
		}
		ctx := t.Context()
		_, authorised := s.Authorise(ctx, charge(1, "4111111111111111", 5))
		_, confirmed := s.Confirm(ctx, 1, bank.OTP)
		_, asked := s.Ask(ctx, 1)
		_, voided := s.Void(ctx, 1)
		_, refunded := s.Refund(ctx, 2, 1, 5)
		for i, err := range []error{authorised, confirmed, asked, voided, refunded, s.Reachable(ctx)} {
			if err == nil {
				t.Errorf("%s: call %d got through", name, i)
			}
		}
		if b, ok := s.(*testBank); ok {
			b.SetOutage(false)
			if out := b.ask(t, 1); out.State != bank.Unknown {
				t.Errorf("the bank heard of it: %v", out)
			}
		}
	}
}
