// Package ledger holds the rules of double entry. It does no I/O: what it
// says is right, package store makes durable.
//
// Money enters and leaves through clearing accounts, so the balances of all
// accounts together are always zero. What we owe (wallets, payables) is
// positive; what we are owed (receivables, money held outside) is negative.
package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"sen/internal/fault"
	"sen/internal/money"
)

// Kind is what an account is for.
type Kind int64

// The kinds of account. The numbers are stored: never change one.
const (
	Wallet     Kind = 1 // owner: wallet. Floor 0
	Payable    Kind = 2 // owner: app. What we owe the merchant. Floor 0
	Receivable Kind = 3 // owner: app. What the merchant owes us, negative. Floor: minus its limit
	Fees       Kind = 4 // owner: app. What we earned from it
	Promotions Kind = 5 // owner: app. What was spent on discounts, negative
	Clearing   Kind = 6 // owner: channel. Money outside, negative
	// Disbursement is what a merchant gave us to pay out to wallets. Owner: app.
	// Floor 0.
	Disbursement Kind = 7
)

var kindNames = map[Kind]string{
	Wallet: "wallet", Payable: "payable", Receivable: "receivable",
	Fees: "fees", Promotions: "promotions", Clearing: "clearing",
	Disbursement: "disbursement",
}

// String returns the kind's name.
func (k Kind) String() string {
	if name, ok := kindNames[k]; ok {
		return name
	}
	return fmt.Sprintf("kind %d", int64(k))
}

// Bounded reports whether accounts of the kind have a floor, so that money may
// be refused to leave them.
func (k Kind) Bounded() bool {
	return k == Wallet || k == Payable || k == Receivable || k == Disbursement
}

const kindBits = 4

// AccountID names an account: its kind and its owner in one number, so that
// nobody has to look up which account belongs to whom.
type AccountID int64

// Account returns the account of that kind of that owner, a number between 0
// and 2^59.
func Account(kind Kind, owner int64) AccountID {
	return AccountID(owner<<kindBits | int64(kind))
}

// Kind returns what the account is for.
func (a AccountID) Kind() Kind { return Kind(a & (1<<kindBits - 1)) }

// Owner returns whose account it is.
func (a AccountID) Owner() int64 { return int64(a) >> kindBits }

// String returns kind and owner, as in payable/2553.
func (a AccountID) String() string { return fmt.Sprintf("%v/%d", a.Kind(), a.Owner()) }

// Reason is why an entry was made.
type Reason string

// The reasons for an entry. They are stored: never change one.
const (
	Payment Reason = "payment"
	Refund  Reason = "refund"
	TopUp   Reason = "topup"
	Payout  Reason = "payout"
	// RefundReversal undoes a refund that a bank refused to carry.
	RefundReversal Reason = "refund_reversal"
	// Settlement pays out what was collected for a merchant on a day.
	Settlement Reason = "settlement"
	// Funding is what a merchant gives us to pay out, Disbursed what a wallet got
	// of it.
	Funding   Reason = "funding"
	Disbursed Reason = "disbursement"
)

// An Entry is one movement of money. Its ID is the movement's own number, so
// the table's primary key alone makes a movement happen at most once.
type Entry struct {
	ID       int64
	Reason   Reason
	At       time.Time
	Postings []Posting
}

// A Posting changes the balance of one account.
type Posting struct {
	Account AccountID
	Amount  money.Amount // positive: into the account
}

// Refusals of this package.
var (
	ErrUnbalanced = fault.New(fault.Internal, "entry_unbalanced", "The postings of the entry are not well formed.")
	// ErrFloor means that a posting would take an account below its floor, or
	// out of an account that may not be debited.
	ErrFloor = fault.New(fault.Declined, "balance_insufficient", "The balance of the account is too low.")
)

// NewEntry returns an entry over the postings that are not zero, in the one
// order in which every entry touches accounts: two entries can then never
// wait for each other.
func NewEntry(id int64, reason Reason, at time.Time, postings ...Posting) (Entry, error) {
	e := Entry{ID: id, Reason: reason, At: at}
	for _, p := range postings {
		if p.Amount != 0 {
			e.Postings = append(e.Postings, p)
		}
	}
	slices.SortFunc(e.Postings, func(a, b Posting) int { return cmp.Compare(a.Account, b.Account) })
	return e, e.Check()
}

// Check tells whether the entry is balanced: at least two postings, to
// different accounts in ascending order, none of zero, together zero.
func (e Entry) Check() error {
	if len(e.Postings) < 2 {
		return ErrUnbalanced.On("postings", "fewer than two")
	}
	var sum money.Amount
	for i, p := range e.Postings {
		if p.Amount == 0 {
			return ErrUnbalanced.On("postings", "a posting of zero")
		}
		if i > 0 && e.Postings[i-1].Account >= p.Account {
			return ErrUnbalanced.On("postings", "accounts not ascending")
		}
		var err error
		if sum, err = sum.Add(p.Amount); err != nil {
			return err
		}
	}
	if sum != 0 {
		return ErrUnbalanced.On("postings", "the sum is "+sum.Digits())
	}
	return nil
}
