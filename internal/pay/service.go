// Package pay holds the rules of the gateway: orders, payments, refunds,
// wallets. What must change together is here, behind one Store, and nothing
// here knows HTTP or SQL.
package pay

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"

	"sen/internal/bank"
	"sen/internal/callback"
	"sen/internal/fault"
	"sen/internal/id"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
)

// Service carries out what callers ask for. All fields are needed.
type Service struct {
	Store   Store
	Apps    *merchant.Directory
	Now     func() time.Time
	Machine func() time.Time // the machine's own time, for leases
	IDs     *id.Source
	Numbers *id.Numbers
	PINs    PINs
	// RenderOrder writes the exact bytes of the callback for a paid order.
	RenderOrder func(merchant.App, Order, Payment) ([]byte, error)
	// RenderBinding writes the exact bytes of the callback about a binding.
	RenderBinding func(merchant.App, BindingStatus, time.Time) ([]byte, error)
	// UserKey keys the identifiers under which apps know payers.
	UserKey []byte
	// RefundDelay is how long a refund takes at least.
	RefundDelay time.Duration
	// NoteLost hears that the note about a failed attempt could not be kept.
	NoteLost func(ctx context.Context, key OrderKey, err error)
	// Bank is the way to cards, and Vault keeps their numbers.
	Bank  bank.Channel
	Vault Vault
	// InTurn does what is due one after another, in the order in which it fell
	// due: slower, and the same again.
	InTurn bool
	// CallbackOwed, RefundOwed, ChargeOwed and DisbursementOwed are called after a commit that
	// made work.
	CallbackOwed, RefundOwed, ChargeOwed, DisbursementOwed func()
	// Moved counts the money that this process moved; nil: nobody does.
	Moved *Moved
}

// PINs hashes and checks the PINs of wallets.
type PINs interface {
	Hash(pin string) (string, error)
	// Check reports whether the PIN is the hashed one. With an empty hash it
	// takes as long as with one and says no.
	Check(hash, pin string) bool
	// Stale reports whether the hash would be made otherwise now.
	Stale(hash string) bool
}

// ErrStale says that a row is no longer what was read. Update runs its
// function again; no caller ever sees it.
var ErrStale = fault.New(fault.Conflict, "stale", "The data changed meanwhile.")

// Store keeps everything. Update and View give their function a transaction;
// fn may run more than once and must touch nothing but its transaction and
// variables that it sets anew in each run.
type Store interface {
	// Update commits what fn wrote, durably, or nothing when fn fails.
	Update(ctx context.Context, fn func(Tx) error) error
	// View lets fn read one consistent state.
	View(ctx context.Context, fn func(Reader) error) error
}

// Reader reads. What does not exist is the noun's own not-found refusal.
type Reader interface {
	Order(ctx context.Context, key OrderKey) (Order, error)
	OrderByTransID(ctx context.Context, app merchant.ID, appTransID string) (Order, error)
	Payment(ctx context.Context, number int64) (Payment, error)
	Refund(ctx context.Context, number int64) (Refund, error)
	RefundByMerchantID(ctx context.Context, app merchant.ID, mRefundID string) (Refund, error)
	Wallet(ctx context.Context, w WalletID) (Wallet, error)
	WalletByPhone(ctx context.Context, phone string) (Wallet, error)
	Balance(ctx context.Context, account ledger.AccountID) (money.Amount, error)
	// Postings returns what an entry moved.
	Postings(ctx context.Context, entry int64) ([]ledger.Posting, error)
	Binding(ctx context.Context, key BindingKey) (Binding, error)
	BindingByTransID(ctx context.Context, app merchant.ID, appTransID string) (Binding, error)
	// PaymentCode returns the code with that hash, or ErrCode.
	PaymentCode(ctx context.Context, hash string) (PaymentCode, error)
	Spending(ctx context.Context, w WalletID) (Spending, error)
	// SpentBetween sums the closed months from one, included, to another, not
	// included, both as yyMM.
	SpentBetween(ctx context.Context, w WalletID, from, to string) (money.Amount, error)
	// Campaign returns the campaign, or ErrPromotion.
	Campaign(ctx context.Context, code string) (Campaign, error)
	CampaignsRunning(ctx context.Context, now time.Time) ([]Campaign, error)
	CampaignUses(ctx context.Context, code string, w WalletID) (int64, error)
	Card(ctx context.Context, card CardID) (Card, error)
	// WalletCards returns the cards that are linked to the wallet, the one that
	// was used last first.
	WalletCards(ctx context.Context, w WalletID) ([]Card, error)
	Charge(ctx context.Context, number int64) (Charge, error)
	// OpenCharge returns the charge that keeps an order in flight, or
	// ErrChargeNotFound; OpenBindingCharge the one that checks a card.
	OpenCharge(ctx context.Context, o OrderKey) (Charge, error)
	OpenBindingCharge(ctx context.Context, b BindingKey) (Charge, error)
	// LastCharge returns the latest charge of an order, open or not, or
	// ErrChargeNotFound; LastBindingCharge the latest of a binding.
	LastCharge(ctx context.Context, o OrderKey) (Charge, error)
	LastBindingCharge(ctx context.Context, b BindingKey) (Charge, error)
	// ChargesDue and RefundsDue report whether there are some to claim.
	ChargesDue(ctx context.Context, now, machine time.Time) (bool, error)
	RefundsDue(ctx context.Context, now, machine time.Time) (bool, error)
	Disbursement(ctx context.Context, number int64) (Disbursement, error)
	DisbursementByPartnerID(ctx context.Context, app merchant.ID, partnerOrderID string) (Disbursement, error)
	// DisbursementsDue returns the numbers of at most n disbursements that are to
	// be tried at now, the oldest first.
	DisbursementsDue(ctx context.Context, now time.Time, n int) ([]int64, error)
	// LastSettlement returns the latest settlement of an app, or a zero one.
	LastSettlement(ctx context.Context, app merchant.ID) (Settlement, error)
	// FirstUnsettled returns when the app's first movement was that lies from one
	// time, included, to another, not included, and is in no settlement; or a zero
	// time.
	FirstUnsettled(ctx context.Context, app merchant.ID, from, until time.Time) (time.Time, error)
}

// Tx reads and writes. Every write that depends on something read carries its
// condition and reports ErrStale when the condition no longer holds.
type Tx interface {
	Reader

	// InsertOrder reports false, and writes nothing, when the app used the
	// app_trans_id before or the key is taken.
	InsertOrder(ctx context.Context, o Order) (bool, error)
	// MoveOrder writes state, payment, failure and closing time of an order
	// that is still in state from.
	MoveOrder(ctx context.Context, o Order, from OrderState) error
	// ExpireOrders closes at most n orders whose time was up at now.
	ExpireOrders(ctx context.Context, now time.Time, n int) (int, error)

	InsertPayment(ctx context.Context, p Payment) error
	// ReserveRefund counts the amount as refunded, or reports ErrRefundAmount
	// when less than that is left of the payment.
	ReserveRefund(ctx context.Context, payment int64, amount money.Amount) error
	// ReleaseRefund takes a reservation back.
	ReleaseRefund(ctx context.Context, payment int64, amount money.Amount) error

	// InsertRefund reports false when the app used the m_refund_id before.
	InsertRefund(ctx context.Context, r Refund) (bool, error)
	// ClaimRefundMAC keeps that a refund was asked for under a mac, and reports
	// false when one was before, of the same app.
	ClaimRefundMAC(ctx context.Context, r Refund, mac string) (bool, error)
	// MoveRefund writes state, failure, due and closing time of a refund that
	// is still in state from and under the lease that was read, and ends the
	// lease.
	MoveRefund(ctx context.Context, r Refund, from RefundState) error
	// ClaimRefunds takes at most n refunds that are due at now and that nobody
	// has at that time of the machine's. Of the running ones of a payment only
	// the oldest is taken.
	ClaimRefunds(ctx context.Context, now, machine, until time.Time, n int) ([]Refund, error)
	// UnclaimRefund gives a claim back if it is still the same.
	UnclaimRefund(ctx context.Context, r Refund) error

	InsertWallet(ctx context.Context, w Wallet) (bool, error)
	// UpdateWallet writes name, PIN and conditions of a wallet that still is
	// what the caller read, and stops or frees the debits of its account.
	UpdateWallet(ctx context.Context, w, was Wallet) error
	// NotePIN writes the count of wrong PINs and the end of the pause of a
	// wallet whose count is still what the caller read.
	NotePIN(ctx context.Context, w WalletID, failures, was int, until time.Time) error

	// ClaimTopUp reports false when the wallet used the key for a top-up before.
	ClaimTopUp(ctx context.Context, w WalletID, key string) (bool, error)

	InsertPaymentCode(ctx context.Context, c PaymentCode) error
	// UsePaymentCode notes what a code paid that paid nothing before.
	UsePaymentCode(ctx context.Context, hash string, o OrderKey) error
	// DropPaymentCodes forgets the codes of a wallet whose time was up at now.
	DropPaymentCodes(ctx context.Context, w WalletID, now time.Time) error

	// InsertBinding reports false when the app used the app_trans_id for a
	// binding before or the key is taken.
	InsertBinding(ctx context.Context, b Binding) (bool, error)
	// MoveBinding writes state, wallet and times of a binding that is still in
	// state from.
	MoveBinding(ctx context.Context, b Binding, from BindingState) error
	// UseBinding writes the counters of a binding that is still confirmed and
	// whose counters still are what the caller read. UnuseBinding does so of one
	// in any state.
	UseBinding(ctx context.Context, b, was Binding) error
	UnuseBinding(ctx context.Context, b, was Binding) error
	// LapseBindings closes at most n bindings that nobody confirmed in time.
	LapseBindings(ctx context.Context, now time.Time, n int) (int, error)

	// KeepSpending writes the counters if they still have the version of sp.
	KeepSpending(ctx context.Context, sp Spending) error
	// CloseMonth keeps what was paid in a month that is over.
	CloseMonth(ctx context.Context, w WalletID, month string, amount money.Amount) error
	// CorrectMonth takes an amount off a month that is over, if it has that much.
	CorrectMonth(ctx context.Context, w WalletID, month string, amount money.Amount) error

	// InsertCard reports false when the key is taken.
	InsertCard(ctx context.Context, c Card) (bool, error)
	// DeleteCard removes the number of a card and keeps the rest.
	DeleteCard(ctx context.Context, card CardID, at time.Time) error
	// LinkCard gives a stored card that is nobody's yet to the wallet.
	LinkCard(ctx context.Context, card CardID, w WalletID, at time.Time) error
	// UseCard notes when a card was used that is still linked to the wallet;
	// UnlinkCard removes the number of one that is.
	UseCard(ctx context.Context, card CardID, w WalletID, at time.Time) error
	UnlinkCard(ctx context.Context, card CardID, w WalletID, at time.Time) error
	InsertCharge(ctx context.Context, c Charge) error
	// MoveCharge writes state, reason, due and closing time of a charge that is
	// still in state from and under the lease that was read, and ends the lease.
	MoveCharge(ctx context.Context, c Charge, from ChargeState) error
	// ClaimCharges takes at most n charges that are due at now and that nobody
	// has at that time of the machine's; ClaimCharge one that is open, due or
	// not, and reports whether it could.
	ClaimCharges(ctx context.Context, now, machine, until time.Time, n int) ([]Charge, error)
	ClaimCharge(ctx context.Context, number int64, machine, until time.Time) (bool, error)
	// UnclaimCharge gives a claim back if it is still the same.
	UnclaimCharge(ctx context.Context, c Charge) error

	// ReleaseCampaign gives back a discount whose payment failed.
	ReleaseCampaign(ctx context.Context, code string, w WalletID, discount money.Amount) error
	InsertCampaign(ctx context.Context, c Campaign) (bool, error)
	// UpdateCampaign writes everything of a campaign whose spending is still what
	// was read.
	UpdateCampaign(ctx context.Context, c Campaign) error
	// UseCampaign takes a discount from the budget and counts a use of the
	// payer, or reports ErrPromotion or ErrPromotionEligible.
	UseCampaign(ctx context.Context, c Campaign, w WalletID, discount money.Amount) error

	// Post makes the entry: each account moves only if it stays at or above
	// its floor and may be debited, else ledger.ErrFloor.
	Post(ctx context.Context, e ledger.Entry) error

	// SettleMovements puts every movement of the app from one time to another that
	// is in no settlement yet into that of a day, and sums all that are in it.
	SettleMovements(ctx context.Context, app merchant.ID, day Day, from, until time.Time) (Totals, error)
	// HoldAccount keeps the balance of an account as it is until the transaction
	// ends; several are held in ascending order.
	HoldAccount(ctx context.Context, account ledger.AccountID) error
	// InsertSettlement reports ErrStale when the day of the app is closed.
	InsertSettlement(ctx context.Context, st Settlement) error

	// InsertDisbursement reports false when the app used the partner_order_id
	// before.
	InsertDisbursement(ctx context.Context, d Disbursement) (bool, error)
	// MoveDisbursement writes state, failure, hold and times of a disbursement
	// that is still in state from.
	MoveDisbursement(ctx context.Context, d Disbursement, from DisbursementState) error
	// ClaimFunding reports false when the app was given money to pay out under the
	// reference before.
	ClaimFunding(ctx context.Context, app merchant.ID, reference string) (bool, error)
	// WakeDisbursements makes those of an app due at now that wait.
	WakeDisbursements(ctx context.Context, app merchant.ID, now time.Time) error

	InsertDelivery(ctx context.Context, d callback.Delivery) error
}

// UserID returns the name under which an app knows the wallet's owner: stable
// for the two, of no use to another app.
func (s *Service) UserID(app merchant.ID, w WalletID) string {
	mac := hmac.New(sha256.New, s.UserKey)
	mac.Write(strconv.AppendInt(strconv.AppendInt(nil, int64(app), 10), -int64(w), 10))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// CheckTime tells whether a request's own time, in a member with that name,
// is near enough to ours.
func (s *Service) CheckTime(member string, at time.Time) error {
	return checkClock(member, at, s.Now())
}

// BindingUser returns the name under which the binding's app knows who made it:
// the wallet's owner, or whoever holds the card.
func (s *Service) BindingUser(b Binding) string {
	if b.Wallet != 0 {
		return s.UserID(b.App, b.Wallet)
	}
	return s.UserID(b.App, WalletID(b.Card))
}
