// Package vault keeps card numbers. It is the only package that turns one into
// bytes to be stored, or back: each number is encrypted under a key of its own,
// which is encrypted under a key that is not in the database.
package vault

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"sen/internal/bank"
	"sen/internal/ledger"
)

// Vault encrypts and decrypts card numbers, and knows the keys of the ledger's
// seals.
type Vault struct {
	envelope    *aead.KMSEnvelopeAEAD
	fingerprint []byte
	seals       *ledger.Keys
}

// keyFile is what the file outside the database holds. Whoever has it and the
// database has the cards.
type keyFile struct {
	Keys        json.RawMessage `json:"keys"`        // Tink keyset; the primary one encrypts
	Fingerprint []byte          `json:"fingerprint"` // key of the fingerprints; never changes
}

const fileMode = 0o600

// ErrLost says that the keys are gone while there is something to open with
// them. New ones would hide that until the first card is needed.
var ErrLost = errors.New("the file with the keys is gone, and stored cards need them: put it back from a backup")

// Open reads the keys from file. If there is none it makes one, unless
// something is sealed already: then it is ErrLost.
func Open(file string, sealed bool) (*Vault, error) {
	k, err := read(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && sealed:
		err = ErrLost
	case errors.Is(err, fs.ErrNotExist):
		k, err = create(file)
	}
	if err != nil {
		return nil, fmt.Errorf("vault keys in %s: %w", file, err)
	}
	handle, err := k.handle()
	if err != nil {
		return nil, fmt.Errorf("vault keys in %s: %w", file, err)
	}
	kek, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("vault keys in %s: %w", file, err)
	}
	seals, err := ledger.NewKeys(k.Fingerprint)
	if err != nil {
		return nil, err
	}
	return &Vault{envelope: aead.NewKMSEnvelopeAEAD2(aead.AES256GCMKeyTemplate(), kek), fingerprint: k.Fingerprint, seals: seals}, nil
}

// Seals are the keys of the ledger's seals. They are derived from the key that
// never changes, so new keys for cards leave them as they are.
func (v *Vault) Seals() *ledger.Keys { return v.seals }

// SealsIn reads the keys of the ledger's seals from file; the error is
// fs.ErrNotExist when there is no such file.
func SealsIn(file string) (*ledger.Keys, error) {
	k, err := read(file)
	if err != nil {
		return nil, fmt.Errorf("vault keys in %s: %w", file, err)
	}
	return ledger.NewKeys(k.Fingerprint)
}

// Rotate adds a new key to file, which encrypts from the next Open on. What
// the old keys encrypted stays readable.
func Rotate(file string) error {
	k, err := read(file)
	if err != nil {
		return err
	}
	handle, err := k.handle()
	if err != nil {
		return err
	}
	manager := keyset.NewManagerFromHandle(handle)
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return err
	}
	if err := manager.SetPrimary(id); err != nil {
		return err
	}
	if handle, err = manager.Handle(); err != nil {
		return err
	}
	return write(file, handle, k.Fingerprint)
}

// Seal encrypts the number of the card with that id. The id is bound into the
// text, so that it can't be moved to another row.
func (v *Vault) Seal(card int64, n bank.Number) ([]byte, error) {
	return v.envelope.Encrypt([]byte(n), associated(card))
}

// Reveal decrypts what Seal made.
func (v *Vault) Reveal(card int64, sealed []byte) (bank.Number, error) {
	n, err := v.envelope.Decrypt(sealed, associated(card))
	return bank.Number(n), err
}

// Fingerprint tells whether two cards are the same one, to those who have the
// key only.
func (v *Vault) Fingerprint(n bank.Number) string {
	mac := hmac.New(sha256.New, v.fingerprint)
	mac.Write([]byte(n))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func associated(card int64) []byte { return strconv.AppendInt([]byte("card "), card, 10) }

func read(file string) (k keyFile, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return k, err
	}
	if err := json.Unmarshal(text, &k); err != nil {
		return k, err
	}
	if len(k.Fingerprint) < sha256.Size {
		return k, errors.New("the fingerprint key is missing")
	}
	return k, nil
}

func create(file string) (keyFile, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return keyFile{}, err
	}
	fingerprint := make([]byte, sha256.Size)
	if _, err := rand.Read(fingerprint); err != nil {
		return keyFile{}, err
	}
	if err := write(file, handle, fingerprint); err != nil {
		return keyFile{}, err
	}
	return read(file)
}

func (k keyFile) handle() (*keyset.Handle, error) {
	return insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(k.Keys)))
}

// write replaces the file as a whole: a crash leaves the old one or the new.
func write(file string, handle *keyset.Handle, fingerprint []byte) error {
	var keys bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&keys)); err != nil {
		return err
	}
	text, err := json.Marshal(keyFile{Keys: keys.Bytes(), Fingerprint: fingerprint})
	if err != nil {
		return err
	}
	return replace(file, text)
}

// replace writes beside the file first. What a process that died left there may
// be readable to others: it goes.
func replace(file string, text []byte) error {
	beside := file + ".new"
	if err := os.Remove(beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(beside, file); err != nil {
		return err
	}
	return syncDir(filepath.Dir(file))
}

// syncDir makes a new name last: cards that are encrypted under keys whose file
// was lost with the power are lost too.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" { // directories can't be synced there
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
