// Package vault keeps secrets: the numbers of cards, the keys of apps and what
// else nobody may read who has a copy of the database. It is the only package
// that turns one into something to be stored, or back. The keys are in a file
// beside the database; several versions of them can be in use, so that they
// change while gateways serve.
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

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"sen/internal/bank"
	"sen/internal/ledger"
)

// keyFile is what the file outside the database holds. Whoever has it and the
// database has the cards and the keys of apps.
type keyFile struct {
	Keys        json.RawMessage `json:"keys"`        // Tink keyset; the primary one is the newest
	Fingerprint []byte          `json:"fingerprint"` // key of the fingerprints, and of the pepper; never changes
}

const fileMode = 0o600

// ErrLost says that the keys are gone while there is something to open with
// them. New ones would hide that until the first secret is needed.
var ErrLost = errors.New("the file with the keys is gone, and stored secrets need them: put it back from a backup, or from another node that serves from the same database")

// Open reads the keys from file. If there is none it makes one, unless
// something is sealed already: then it is ErrLost. The newest key encrypts,
// until Use says otherwise.
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
	seals, err := ledger.NewKeys(k.Fingerprint)
	if err != nil {
		return nil, err
	}
	v := &Vault{file: file, fingerprint: k.Fingerprint, seals: seals}
	if err := v.take(k, 0); err != nil {
		return nil, fmt.Errorf("vault keys in %s: %w", file, err)
	}
	return v, nil
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

// Rotate adds a new key to file. Gateways read it while they serve, and encrypt
// with it as soon as all of them have it. What the old keys encrypted stays
// readable.
func Rotate(file string) error {
	return edit(file, func(m *keyset.Manager, _ *keyset.Handle) error {
		id, err := m.Add(aead.AES256GCMKeyTemplate())
		if err != nil {
			return err
		}
		return m.SetPrimary(id)
	})
}

// Retire removes all keys but the newest from file. What they encrypted is lost:
// the caller has made sure that there is nothing.
func Retire(file string) error {
	return edit(file, func(m *keyset.Manager, h *keyset.Handle) error {
		info := h.KeysetInfo()
		for _, k := range info.GetKeyInfo() {
			if k.GetKeyId() == info.GetPrimaryKeyId() {
				continue
			}
			if err := m.Delete(k.GetKeyId()); err != nil {
				return err
			}
		}
		return nil
	})
}

func edit(file string, change func(*keyset.Manager, *keyset.Handle) error) error {
	k, err := read(file)
	if err != nil {
		return err
	}
	handle, err := k.handle()
	if err != nil {
		return err
	}
	manager := keyset.NewManagerFromHandle(handle)
	if err := change(manager, handle); err != nil {
		return err
	}
	if handle, err = manager.Handle(); err != nil {
		return err
	}
	return write(file, handle, k.Fingerprint)
}

// Fingerprint tells whether two cards are the same one, to those who have the
// key only.
func (v *Vault) Fingerprint(n bank.Number) string {
	return base64.RawURLEncoding.EncodeToString(v.derive(string(n)))
}

// Pepper is what goes into every hash of a PIN or password beside its salt: who
// has the database alone can't try any. It never changes, because no hash can be
// made again without what was hashed.
func (v *Vault) Pepper() []byte { return v.derive("pepper of PINs and passwords, 1") }

func (v *Vault) derive(text string) []byte {
	mac := hmac.New(sha256.New, v.fingerprint)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func read(file string) (k keyFile, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return k, err
	}
	return parse(text)
}

func parse(text []byte) (k keyFile, err error) {
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
