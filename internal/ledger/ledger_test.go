package ledger_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sen/internal/ledger"
	"sen/internal/money"
)

func TestAccount(t *testing.T) {
	t.Parallel()
	for _, kind := range []ledger.Kind{ledger.Wallet, ledger.Payable, ledger.Receivable, ledger.Fees, ledger.Promotions, ledger.Clearing} {
		for _, owner := range []int64{0, 1, 38, 2553, 1<<59 - 1} {
			a := ledger.Account(kind, owner)
			if a.Kind() != kind || a.Owner() != owner || a < 0 {
				t.Errorf("account of %v %d is %d: %v %d", kind, owner, int64(a), a.Kind(), a.Owner())
			}
		}
	}
	// Stored numbers: the tables name them too.
	if a := ledger.Account(ledger.Clearing, 38); a != 614 || a.String() != "clearing/38" {
		t.Errorf("the clearing account of wallets is %d, %v", int64(a), a)
	}
	if s := ledger.Account(9, 1).String(); s != "kind 9/1" {
		t.Errorf("a kind that there is not: %s", s)
	}
}

func TestNewEntry(t *testing.T) {
	t.Parallel()
	type p = ledger.Posting
	for _, c := range []struct {
		name     string
		postings []p
		want     error
	}{
		{"two", []p{{2, 5}, {1, -5}}, nil},
		{"three", []p{{3, -5}, {1, 2}, {2, 3}}, nil},
		{"zeros are left out", []p{{3, 0}, {2, 5}, {1, -5}}, nil},
		{"none", nil, ledger.ErrUnbalanced},
		{"zeros only", []p{{1, 0}, {2, 0}}, ledger.ErrUnbalanced},
		{"one", []p{{1, 5}}, ledger.ErrUnbalanced},
		{"one account twice", []p{{1, 5}, {1, -5}}, ledger.ErrUnbalanced},
		{"one too much", []p{{1, 5}, {2, -4}}, ledger.ErrUnbalanced},
		{"past an int64", []p{{1, math.MaxInt64}, {2, 1}, {3, math.MinInt64}}, money.ErrOverflow},
		{"zero after a wrap", []p{{1, math.MinInt64}, {2, math.MinInt64}}, money.ErrOverflow},
	} {
		e, err := ledger.NewEntry(1, ledger.TopUp, time.Time{}, c.postings...)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if err == nil && !slices.IsSortedFunc(e.Postings, func(a, b p) int { return int(a.Account - b.Account) }) {
			t.Errorf("%s: %v is not in order", c.name, e.Postings)
		}
	}
	unordered := ledger.Entry{Postings: []p{{2, 5}, {1, -5}}}
	if err := unordered.Check(); !errors.Is(err, ledger.ErrUnbalanced) {
		t.Errorf("out of order: %v, want ErrUnbalanced", err)
	}
	zero := ledger.Entry{Postings: []p{{1, 0}, {2, 0}}}
	if err := zero.Check(); !errors.Is(err, ledger.ErrUnbalanced) {
		t.Errorf("postings of zero: %v, want ErrUnbalanced", err)
	}
}

// TestEntriesBalance lets NewEntry take or refuse anything: what it takes
// moves no money in or out of all accounts together.
func TestEntriesBalance(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var postings []ledger.Posting
		var sum int64
		for range rapid.IntRange(0, 4).Draw(t, "n") {
			p := ledger.Posting{
				Account: ledger.AccountID(rapid.Int64Range(1, 8).Draw(t, "account")),
				Amount:  money.Amount(rapid.Int64Range(-3, 3).Draw(t, "amount")),
			}
			postings, sum = append(postings, p), sum+int64(p.Amount)
		}
		if rapid.Bool().Draw(t, "balance it") {
			postings = append(postings, ledger.Posting{Account: 9, Amount: money.Amount(-sum)})
			sum = 0
		}
		e, err := ledger.NewEntry(1, ledger.TopUp, time.Time{}, postings...)
		seen, twice, moves := map[ledger.AccountID]bool{}, false, 0
		for _, p := range postings {
			if p.Amount != 0 {
				twice = twice || seen[p.Account]
				seen[p.Account], moves = true, moves+1
			}
		}
		if want := sum == 0 && !twice && moves >= 2; (err == nil) != want {
			t.Fatalf("%v: %v", postings, err)
		}
		if err == nil && len(e.Postings) != moves {
			t.Fatalf("%v became %v", postings, e.Postings)
		}
	})
}
