// Package sandbox furnishes a new sandbox: the apps whose keys the provider
// publishes for trying things out, and one wallet for each condition that a
// wallet can be in.
package sandbox

import (
	"context"
	"crypto/x509"
	_ "embed" // the key
	"encoding/pem"
	"errors"
	"sync"
	"time"

	"sen"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

// PIN is the PIN of every test wallet that has one.
const PIN = "111111"

// Apps returns the apps. Their ids and keys stand in the provider's public
// documentation and samples, so code written for its sandbox works unchanged.
func Apps() []merchant.App {
	apps := []merchant.App{
		{ID: 2553, Name: "Sen Coffee", Key1: "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL", Key2: "kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz"},
		{ID: 2554, Name: "Sen Market", Key1: "sdngKKJmqEMzvh5QQcdD2A9XBSKUNaYn", Key2: "trMrHtvjo6myautxDUiAcYsVtaeQ8nhf"},
		{ID: 553, Name: "Sen Books", Key1: "9phuAOYhan4urywHTh0ndEXiV3pKHr5Q", Key2: "Iyz2habzyr7AG8SgvoBCbKwKi3UzlLi3"},
		{ID: 554, Name: "Sen Travel", Key1: "8NdU5pG5R2spGHGhyO99HN1OhD8IQJBn", Key2: "uUfsWgfLkRLzq6W2uNXTCxrfxs51auny"},
		{ID: 15847, Name: "Sen Fashion", Key1: "0U93tRzdWEkMLVNYH90aBu5ca0Psql8T", Key2: "PurTcToVhvUt7vR2jO6He4lh3nfNEiks"},
		{ID: 1274, Name: "Sen Tickets", Key1: "ejKNaRmcrufs7Rx6sC7t8jIyl2fINVcO", Key2: "9HZqtlWLOEaYxVlXFFGrfnZqbehYsPAD"},
		// The app of the provider's sample of disbursement, which has no key2.
		{ID: 15555, Name: "Sen Payroll", Key1: "2uFWRt7qFGdUNjwBQb4DtEia3QOHJmoO", Key2: "SenSandboxHasItsOwnKey2For15555x"},
	}
	for i := range apps {
		if err := apps[i].Disbursement.Open(merchant.DefaultPaymentID, publicKey()); err != nil {
			panic(err) // the embedded key is a good one
		}
	}
	return apps
}

// disbursementKey signs payouts of every app of a sandbox. It is ours, made for
// this, and public: it protects nothing. It is the base64 of PKCS #8.
//
//go:embed disbursement_key.txt
var disbursementKey string

// PrivateKey returns, as PEM, the key that signs the payouts of an app with that
// public key, if it is the one that sandboxes come with.
func PrivateKey(d merchant.Disbursement) (text string, ok bool) {
	if d.PublicKey == "" || d.PublicKey != publicKey() {
		return "", false
	}
	return "-----BEGIN PRIVATE KEY-----\n" + disbursementKey + "-----END PRIVATE KEY-----\n", true
}

// publicKey is the other half of disbursementKey, as PEM.
var publicKey = sync.OnceValue(func() string {
	key, err := sen.ParsePrivateKey(disbursementKey)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
})

// fund is what each app of a sandbox has to pay out.
const fund money.Amount = 1_000_000_000

// PublicKeys returns every key that anyone can read in public: a live gateway
// must not know any of them.
func PublicKeys() map[string]bool {
	keys := map[string]bool{
		"A53q3asfJ9qQMEVDUuruW86nIloLoAUq": true, // 553 in another sample
	}
	for _, app := range Apps() {
		keys[app.Key1], keys[app.Key2] = true, true
	}
	return keys
}

// A Wallet is a test wallet and what is particular about it.
type Wallet struct {
	Phone, Name, Condition string

	balance money.Amount
	refill  money.Amount
	kyc     pay.KYC
	limits  pay.Limits
	noPIN   bool
	locked  bool
	off     bool
}

const rich money.Amount = 100_000_000

// Wallets returns the test wallets.
func Wallets() []Wallet {
	wallets := []Wallet{
		{Phone: "0900000001", Name: "Nguyễn Văn An", Condition: "always has 100.000.000 ₫", balance: rich, refill: rich},
		{Phone: "0900000002", Name: "Trần Thị Bình", Condition: "also always has 100.000.000 ₫", balance: rich, refill: rich},
		{Phone: "0900000003", Name: "Lê Văn Cường", Condition: "has 5.000.000 ₫, spent as it pays", balance: 5_000_000},
		{Phone: "0900000004", Name: "Phạm Thị Dung", Condition: "has 50.000 ₫: pays the sample order once", balance: 50_000},
		{Phone: "0900000005", Name: "Hoàng Văn Em", Condition: "has 49.999 ₫: one đồng short of the sample order", balance: 49_999},
		{Phone: "0900000006", Name: "Vũ Thị Giang", Condition: "is empty"},
		{Phone: "0900000007", Name: "Đặng Văn Hải", Condition: "is locked by the operator", balance: 1_000_000, locked: true},
		{Phone: "0900000008", Name: "Bùi Thị Hoa", Condition: "has payments switched off by its owner", balance: 1_000_000, off: true},
		{Phone: "0900000009", Name: "Đỗ Văn Khánh", Condition: "has no PIN yet", balance: 1_000_000, noPIN: true},
		{Phone: "0900000010", Name: "Hồ Thị Lan", Condition: "is unverified: at most 2.000.000 ₫ a payment", balance: rich, refill: rich},
		{Phone: "0900000011", Name: "Công Tằng Tôn Nữ Thị Minh Nguyệt Khuê", Condition: "may spend 100.000 ₫ a day", balance: rich, refill: rich, limits: pay.Limits{Day: pay.ByScope{pay.AllSources: 100_000}}},
		{Phone: "0900000012", Name: "O", Condition: "may spend 200.000 ₫ a month", balance: rich, refill: rich, limits: pay.Limits{Month: pay.ByScope{pay.AllSources: 200_000}}},
	}
	for i := range wallets {
		if w := &wallets[i]; w.Phone != unverified {
			w.kyc = pay.Full
		}
	}
	return wallets
}

// unverified is the one wallet whose owner we hardly know.
const unverified = "0900000010"

// Store is what a new sandbox is written to.
type Store interface {
	InsertApp(ctx context.Context, a merchant.App) error
}

// Furnish fills a sandbox that is empty, or that an earlier call was still
// filling when the process died.
func Furnish(ctx context.Context, store Store, service *pay.Service, now time.Time) error {
	for _, app := range Apps() {
		app.CreatedAt = now
		if err := store.InsertApp(ctx, app); err != nil && !errors.Is(err, merchant.ErrExists) {
			return err
		}
	}
	if err := service.Apps.Refresh(ctx); err != nil {
		return err
	}
	for _, app := range Apps() {
		if err := fundOnce(ctx, service, app.ID); err != nil {
			return err
		}
	}
	// Hashing a PIN is slow on purpose; one hash serves all test wallets.
	hash, err := service.HashPIN(PIN)
	if err != nil {
		return err
	}
	for _, w := range Wallets() {
		if err := open(ctx, service, w, hash, now); err != nil {
			return err
		}
	}
	return nil
}

func fundOnce(ctx context.Context, service *pay.Service, app merchant.ID) error {
	has, err := service.Disbursable(ctx, app)
	if err != nil || has > 0 {
		return err
	}
	return service.FundDisbursements(ctx, app, fund, "")
}

func open(ctx context.Context, service *pay.Service, w Wallet, hash string, now time.Time) error {
	if w.noPIN {
		hash = ""
	}
	wallet, err := service.OpenWallet(ctx, pay.Wallet{
		Phone: w.Phone, Name: w.Name, PINHash: hash, RefillTo: w.refill, KYC: w.kyc, Limits: w.limits,
	})
	if errors.Is(err, pay.ErrWalletExists) {
		wallet, err = service.WalletByPhone(ctx, w.Phone)
	}
	if err != nil {
		return err
	}
	_, has, err := service.WalletBalance(ctx, wallet.ID)
	if err != nil {
		return err
	}
	if has < w.balance { // nobody is served before all is here, so nobody has spent any
		if _, err := service.TopUp(ctx, w.Phone, w.balance); err != nil {
			return err
		}
	}
	if w.locked || w.off {
		_, err := service.ChangeWallet(ctx, w.Phone, func(wallet *pay.Wallet) error {
			wallet.Lock(w.locked, now)
			wallet.SwitchPayments(w.off, now)
			return nil
		})
		return err
	}
	return nil
}
