package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"sen/internal/ledger"
	"sen/internal/pay"
)

const walletColumns = `id, phone, name, pin_hash, pin_failures, pin_pause, locked_at, payments_off_at,
	refill_to, kyc, limits, created_at`

func scanWallet(scan func(...any) error) (w pay.Wallet, err error) {
	var limits string
	err = scan(&w.ID, &w.Phone, &w.Name, &w.PINHash, &w.PINFailures, instant{&w.PINPause},
		instant{&w.LockedAt}, instant{&w.PaymentsOffAt}, &w.RefillTo, &w.KYC, &limits, instant{&w.CreatedAt})
	if errors.Is(err, sql.ErrNoRows) {
		err = pay.ErrWalletNotFound
	}
	if err != nil || limits == "" {
		return w, err
	}
	return w, json.Unmarshal([]byte(limits), &w.Limits)
}

// limitsText is how limits are stored; most wallets have none.
func limitsText(l pay.Limits) string {
	if l == (pay.Limits{}) {
		return ""
	}
	text, err := json.Marshal(l)
	if err != nil { // numbers can always be marshalled
		panic(err)
	}
	return string(text)
}

func (t *tx) wallet(text string, args ...any) (pay.Wallet, error) {
	return scanWallet(func(dest ...any) error { return t.row(text, args, dest...) })
}

const walletByID = `SELECT ` + walletColumns + ` FROM wallets WHERE id = $1`

// Wallet returns the wallet with that id.
func (t *tx) Wallet(_ context.Context, id pay.WalletID) (pay.Wallet, error) {
	return t.wallet(walletByID, int64(id))
}

const walletByPhone = `SELECT ` + walletColumns + ` FROM wallets WHERE phone = $1`

// WalletByPhone returns the wallet with that phone number.
func (t *tx) WalletByPhone(_ context.Context, phone string) (pay.Wallet, error) {
	return t.wallet(walletByPhone, phone)
}

const insertWallet = `
INSERT INTO wallets (` + walletColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT DO NOTHING`

// InsertWallet adds a wallet and its empty account, unless its phone number is
// taken.
func (t *tx) InsertWallet(ctx context.Context, w pay.Wallet) (bool, error) {
	n, err := t.exec(insertWallet, int64(w.ID), w.Phone, w.Name, w.PINHash, int64(w.PINFailures), micros(w.PINPause),
		micros(w.LockedAt), micros(w.PaymentsOffAt), int64(w.RefillTo), int64(w.KYC), limitsText(w.Limits),
		micros(w.CreatedAt))
	if err != nil || n == 0 {
		return false, err
	}
	zero := int64(0)
	if err := t.openAccount(ledger.Account(ledger.Wallet, int64(w.ID)), &zero); err != nil {
		return false, err
	}
	return true, t.stopDebits(ctx, w)
}

const updateWallet = `
UPDATE wallets SET name = $2, pin_hash = $3, locked_at = $4, payments_off_at = $5, refill_to = $6, kyc = $7, limits = $8
WHERE id = $1 AND name = $9 AND pin_hash = $10 AND refill_to = $13 AND kyc = $14 AND limits = $15
	AND locked_at IS NOT DISTINCT FROM $11 AND payments_off_at IS NOT DISTINCT FROM $12`

// UpdateWallet writes the wallet's name, PIN, conditions and limits, if they
// are still what was read: a lock must not vanish because its owner changed the
// name.
func (t *tx) UpdateWallet(ctx context.Context, w, was pay.Wallet) error {
	err := t.swap(updateWallet, int64(w.ID),
		w.Name, w.PINHash, micros(w.LockedAt), micros(w.PaymentsOffAt), int64(w.RefillTo), int64(w.KYC), limitsText(w.Limits),
		was.Name, was.PINHash, micros(was.LockedAt), micros(was.PaymentsOffAt), int64(was.RefillTo), int64(was.KYC), limitsText(was.Limits))
	if err != nil {
		return err
	}
	return t.stopDebits(ctx, w)
}

const stopDebits = `UPDATE accounts SET no_debits_at = $2 WHERE id = $1`

// stopDebits writes a wallet's conditions where every payment must pass: in
// the update of its account. A lock set while a payment runs can't be missed.
func (t *tx) stopDebits(_ context.Context, w pay.Wallet) error {
	since := w.LockedAt
	if since.IsZero() {
		since = w.PaymentsOffAt
	}
	return t.swap(stopDebits, int64(ledger.Account(ledger.Wallet, int64(w.ID))), micros(since))
}

const notePIN = `
UPDATE wallets SET pin_failures = $2, pin_pause = $4 WHERE id = $1 AND pin_failures = $3`

// NotePIN writes the count of wrong PINs.
func (t *tx) NotePIN(_ context.Context, id pay.WalletID, failures, was int, until time.Time) error {
	return t.swap(notePIN, int64(id), int64(failures), int64(was), micros(until))
}

const walletsAfter = `SELECT ` + walletColumns + ` FROM wallets WHERE phone > $1 ORDER BY phone LIMIT $2`

// Wallets returns at most n wallets whose phone numbers come after the given
// one.
func (s *Store) Wallets(ctx context.Context, after string, n int) (all []pay.Wallet, err error) {
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(walletsAfter, []any{after, int64(n)}, func(scan func(...any) error) error {
			w, err := scanWallet(scan)
			all = append(all, w)
			return err
		})
	})
	return all, err
}
