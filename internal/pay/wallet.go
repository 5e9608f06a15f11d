package pay

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"sen/internal/fault"
	"sen/internal/ledger"
	"sen/internal/money"
)

// WalletID names a wallet inside the gateway.
type WalletID int64

// A Wallet is a payer's account with us. Its balance is the ledger's.
type Wallet struct {
	ID      WalletID
	Phone   string // ten digits, beginning with 0
	Name    string
	PINHash string // empty: no PIN set yet
	// Conditions, zero while they do not apply.
	LockedAt      time.Time // by an operator
	PaymentsOffAt time.Time // by its owner
	// RefillTo is a sandbox wallet's promise: after it paid, its balance is
	// filled up to that much again.
	RefillTo    money.Amount
	KYC         KYC
	Limits      Limits
	PINFailures int
	PINPause    time.Time // no PIN is looked at before then
	CreatedAt   time.Time
}

// Refusals about wallets.
var (
	ErrWalletNotFound = fault.New(fault.NotFound, "wallet_not_found", "There is no wallet with this phone number.")
	ErrWalletExists   = fault.New(fault.Conflict, "wallet_exists", "There is a wallet with this phone number already.")
	ErrWalletLocked   = fault.New(fault.Declined, "wallet_locked", "The wallet is locked.")
	ErrPaymentsOff    = fault.New(fault.Declined, "wallet_payments_off", "The owner has switched payments off.")
	ErrPINNotSet      = fault.New(fault.Declined, "pin_not_set", "The wallet has no PIN yet.")
	ErrPINWrong       = fault.New(fault.Unauthorized, "pin_wrong", "The phone number or the PIN is wrong.")
	ErrPINPaused      = fault.New(fault.Limited, "pin_paused", "Too many wrong PINs. Try again later.")
	ErrPINShape       = fault.New(fault.Invalid, "pin_shape", "A PIN has six digits.")
	ErrPhone          = fault.New(fault.Invalid, "phone_invalid", "A phone number has ten digits and begins with 0.")
	ErrKYCLevel       = fault.New(fault.Invalid, "kyc_level", "A verification level is 0, 1 or 2.")
	ErrBalanceLow     = fault.New(fault.Declined, "balance_low", "The balance of the wallet is too low.")
)

// Guessing a PIN: after maxPINFailures wrong ones in a row the wallet looks at
// none for pinPause.
const (
	maxPINFailures = 5
	pinPause       = 15 * time.Minute
)

// MayPay reports why the wallet can't pay anything, or nil if it can.
func (w Wallet) MayPay() error {
	switch {
	case !w.LockedAt.IsZero():
		return ErrWalletLocked
	case !w.PaymentsOffAt.IsZero():
		return ErrPaymentsOff
	case w.PINHash == "":
		return ErrPINNotSet
	}
	return nil
}

// mayUseCards is MayPay for cards, which need no PIN of the wallet.
func (w Wallet) mayUseCards() error {
	if err := w.MayPay(); err != nil && !errors.Is(err, ErrPINNotSet) {
		return err
	}
	return nil
}

// MaskedPhone returns the last four digits behind asterisks.
func (w Wallet) MaskedPhone() string {
	if w.Phone == "" {
		return ""
	}
	return "****" + w.Phone[max(0, len(w.Phone)-4):]
}

// separators are what people write between the digits.
var separators = strings.NewReplacer(" ", "", ".", "", "-", "")

// Phone returns the number in its one form: ten digits beginning with 0. It
// takes +84, 84, spaces, dots and hyphens.
func Phone(s string) (string, error) {
	s = separators.Replace(s)
	if rest, ok := strings.CutPrefix(s, "+84"); ok {
		s = "0" + rest
	} else if rest, ok := strings.CutPrefix(s, "84"); ok && len(rest) == 9 {
		s = "0" + rest
	}
	if len(s) != 10 || s[0] != '0' || !digits(s) {
		return "", ErrPhone
	}
	return s, nil
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// OpenWallet makes a wallet with an empty account.
func (s *Service) OpenWallet(ctx context.Context, w Wallet) (Wallet, error) {
	phone, err := Phone(w.Phone)
	if err != nil {
		return Wallet{}, err
	}
	w.Phone, w.CreatedAt = phone, s.Now()
	err = s.withKey(w.CreatedAt, func(key int64) error {
		w.ID = WalletID(key)
		return s.Store.Update(ctx, func(tx Tx) error {
			inserted, err := tx.InsertWallet(ctx, w)
			if err != nil || inserted {
				return err
			}
			_, err = tx.WalletByPhone(ctx, phone)
			switch {
			case err == nil:
				return ErrWalletExists
			case errors.Is(err, ErrWalletNotFound):
				return errKeyTaken
			}
			return err
		})
	})
	return w, err
}

// HashPIN returns what is stored of a PIN of six digits.
func (s *Service) HashPIN(pin string) (string, error) {
	if len(pin) != 6 || !digits(pin) {
		return "", ErrPINShape
	}
	return s.PINs.Hash(pin)
}

// CommonPIN reports whether a PIN is among those that are tried first: digits at
// the same distance, as in 123456, a part of it again and again, or each digit
// twice or thrice.
func CommonPIN(pin string) bool {
	steps := map[byte]bool{}
	for i := 1; i < len(pin); i++ {
		steps[pin[i]-pin[i-1]] = true
	}
	if len(steps) <= 1 {
		return true
	}
	for n := 2; n <= len(pin)/2; n++ {
		groups := slices.Collect(slices.Chunk([]byte(pin), n))
		alike := func(g []byte) bool { return bytes.Equal(g, groups[0]) }
		single := func(g []byte) bool { return bytes.Count(g, g[:1]) == n }
		if every(groups, alike) || every(groups, single) {
			return true
		}
	}
	return false
}

func every(groups [][]byte, is func([]byte) bool) bool {
	return !slices.ContainsFunc(groups, func(g []byte) bool { return !is(g) })
}

// SignIn returns the wallet whose phone and PIN these are. Whether the phone
// or the PIN is wrong is not told; of a refusal it is the wallet that was tried,
// if there is one.
func (s *Service) SignIn(ctx context.Context, phone, pin string) (Wallet, error) {
	phone, err := Phone(phone)
	if err != nil {
		return Wallet{}, err
	}
	w, err := s.WalletByPhone(ctx, phone)
	if errors.Is(err, ErrWalletNotFound) {
		s.PINs.Check("", pin) // so that time does not tell either
		return Wallet{}, ErrPINWrong
	}
	if err != nil {
		return Wallet{}, err
	}
	if w.PINHash == "" {
		return w, ErrPINNotSet
	}
	now := s.Now()
	if now.Before(w.PINPause) {
		return w, ErrPINPaused
	}
	id := w.ID
	if err := s.countPIN(ctx, &w, now); err != nil {
		return Wallet{ID: id}, err
	}
	if !s.PINs.Check(w.PINHash, pin) {
		if w.PINFailures >= maxPINFailures {
			return w, ErrPINPaused
		}
		return w, ErrPINWrong
	}
	if err := s.clearPIN(ctx, w); err != nil {
		return Wallet{}, err
	}
	return s.freshenPIN(ctx, w, pin)
}

// freshenPIN stores a PIN that was right as it would be stored now: hashes of
// before lack what is mixed into them today.
func (s *Service) freshenPIN(ctx context.Context, w Wallet, pin string) (Wallet, error) {
	if !s.PINs.Stale(w.PINHash) {
		return w, nil
	}
	hash, err := s.PINs.Hash(pin)
	if err != nil {
		return Wallet{}, err
	}
	old := w.PINHash
	return s.ChangeWallet(ctx, w.Phone, func(w *Wallet) error {
		if w.PINHash == old { // or else the owner has just chosen another
			w.PINHash = hash
		}
		return nil
	})
}

// countPIN counts a try before it is made, so that tries made at the same time
// or cut off by a crash count too.
func (s *Service) countPIN(ctx context.Context, w *Wallet, now time.Time) error {
	id := w.ID // a run that is given up leaves w empty
	return s.Store.Update(ctx, func(tx Tx) (err error) {
		if *w, err = tx.Wallet(ctx, id); err != nil {
			return err
		}
		if now.Before(w.PINPause) {
			return ErrPINPaused
		}
		was := w.PINFailures
		if was >= maxPINFailures { // the pause is over
			w.PINFailures = 0
		}
		w.PINFailures++
		if w.PINFailures >= maxPINFailures {
			w.PINPause = now.Add(pinPause)
		}
		return tx.NotePIN(ctx, w.ID, w.PINFailures, was, w.PINPause)
	})
}

func (s *Service) clearPIN(ctx context.Context, w Wallet) error {
	return s.Store.Update(ctx, func(tx Tx) error {
		now, err := tx.Wallet(ctx, w.ID)
		if err != nil {
			return err
		}
		return tx.NotePIN(ctx, w.ID, 0, now.PINFailures, time.Time{})
	})
}

// WalletByPhone returns the wallet, or ErrWalletNotFound.
func (s *Service) WalletByPhone(ctx context.Context, phone string) (w Wallet, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		w, err = r.WalletByPhone(ctx, phone)
		return err
	})
	return w, err
}

// Wallet returns the wallet, or ErrWalletNotFound.
func (s *Service) Wallet(ctx context.Context, id WalletID) (w Wallet, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		w, err = r.Wallet(ctx, id)
		return err
	})
	return w, err
}

// WalletBalance returns a wallet and what is in it.
func (s *Service) WalletBalance(ctx context.Context, id WalletID) (w Wallet, balance money.Amount, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		if w, err = r.Wallet(ctx, id); err != nil {
			return err
		}
		balance, err = r.Balance(ctx, ledger.Account(ledger.Wallet, int64(id)))
		return err
	})
	return w, balance, err
}

// ChangeWallet applies change to the wallet's conditions and limits and writes
// them.
func (s *Service) ChangeWallet(ctx context.Context, phone string, change func(*Wallet) error) (w Wallet, err error) {
	err = s.Store.Update(ctx, func(tx Tx) (err error) {
		was, err := tx.WalletByPhone(ctx, phone)
		if err != nil {
			return err
		}
		w = was
		if err := change(&w); err != nil {
			return err
		}
		if _, ok := kycLimits[w.KYC]; !ok && w.KYC != Full {
			return ErrKYCLevel
		}
		return tx.UpdateWallet(ctx, w, was)
	})
	return w, err
}

// Lock locks or frees the wallet.
func (w *Wallet) Lock(locked bool, now time.Time) { since(&w.LockedAt, locked, now) }

// SwitchPayments switches the wallet's payments off or on.
func (w *Wallet) SwitchPayments(off bool, now time.Time) { since(&w.PaymentsOffAt, off, now) }

// since sets at to now or to zero as want says, and leaves a time alone that
// already says so.
func since(at *time.Time, want bool, now time.Time) {
	switch {
	case !want:
		*at = time.Time{}
	case at.IsZero():
		*at = now
	}
}

// TopUp moves money from outside into the wallet.
func (s *Service) TopUp(ctx context.Context, phone string, amount money.Amount) (w Wallet, err error) {
	if err := positive(amount); err != nil {
		return Wallet{}, err
	}
	now := s.Now()
	number, err := s.Numbers.Next(ctx, now)
	if err != nil {
		return Wallet{}, err
	}
	err = s.Store.Update(ctx, func(tx Tx) (err error) {
		if w, err = tx.WalletByPhone(ctx, phone); err != nil {
			return err
		}
		return postTopUp(ctx, tx, w, number, amount, now)
	})
	return w, err
}

// positive refuses to move money backwards: a payout of less than nothing
// would be a payment by nobody.
func positive(amount money.Amount) error {
	if amount <= 0 || amount > money.Max {
		return money.ErrInvalid.On("amount", "must be 1 to "+money.Max.Digits())
	}
	return nil
}

// maxTopUpKey is far more than the keys that pages draw have.
const maxTopUpKey = 64

// ErrTopUpKey refuses a key that no page drew.
var ErrTopUpKey = fault.New(fault.Invalid, "topup_key", "The key of the top-up is not valid.")

// TopUpOnce is TopUp for a payer who may send the same form twice: a key moves
// money once.
func (s *Service) TopUpOnce(ctx context.Context, id WalletID, key string, amount money.Amount) error {
	if key == "" || len(key) > maxTopUpKey {
		return ErrTopUpKey
	}
	if err := positive(amount); err != nil {
		return err
	}
	now := s.Now()
	number, err := s.Numbers.Next(ctx, now)
	if err != nil {
		return err
	}
	return s.Store.Update(ctx, func(tx Tx) error {
		w, err := tx.Wallet(ctx, id)
		if err != nil {
			return err
		}
		fresh, err := tx.ClaimTopUp(ctx, id, key)
		if err != nil || !fresh {
			return err
		}
		return postTopUp(ctx, tx, w, number, amount, now)
	})
}

// refill keeps the promise of a sandbox wallet that always has money.
func (s *Service) refill(ctx context.Context, tx Tx, w Wallet, number int64, now time.Time) error {
	if w.RefillTo == 0 {
		return nil
	}
	balance, err := tx.Balance(ctx, ledger.Account(ledger.Wallet, int64(w.ID)))
	if err != nil || balance >= w.RefillTo {
		return err
	}
	return postTopUp(ctx, tx, w, number, w.RefillTo-balance, now)
}

func postTopUp(ctx context.Context, tx Tx, w Wallet, number int64, amount money.Amount, now time.Time) error {
	entry, err := ledger.NewEntry(number, ledger.TopUp, now,
		ledger.Posting{Account: ledger.Account(ledger.Clearing, int64(WalletChannel)), Amount: -amount},
		ledger.Posting{Account: ledger.Account(ledger.Wallet, int64(w.ID)), Amount: amount},
	)
	if err != nil {
		return err
	}
	return tx.Post(ctx, entry)
}
