package vault

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"sen/internal/bank"

	"sen/internal/ledger"
)

// Vault encrypts and decrypts. It can be used by several goroutines, also while
// its keys change.
type Vault struct {
	file        string
	fingerprint []byte
	seals       *ledger.Keys
	ring        atomic.Pointer[ring]
}

// A ring is the keys at one time.
type ring struct {
	ids    []KeyID // oldest first; the last one is the newest
	use    KeyID
	direct tink.AEAD // for what is short and read at once
	// envelope gives each text a key of its own.
	envelope *aead.KMSEnvelopeAEAD
}

// A KeyID names a version of the keys. 0 is none.
type KeyID uint32

// String writes the id as files and messages have it.
func (k KeyID) String() string { return fmt.Sprintf("%08x", uint32(k)) }

// ParseKey reads what String wrote.
func ParseKey(text string) (KeyID, error) {
	n, err := strconv.ParseUint(text, 16, 32)
	return KeyID(n), err
}

// ErrUnknownKey says that something was encrypted with a key that is not in the
// file.
var ErrUnknownKey = errors.New("the file with the keys lacks the key that is in use: copy the file of another node over it")

// errSealed says that a text is damaged, was made for another place, or is under
// keys that are not here. Which of them is not told apart.
var errSealed = errors.New("a stored secret can't be opened with these keys")

// take uses the keys of the file; use 0 is the newest of them.
func (v *Vault) take(k keyFile, use KeyID) error {
	handle, err := k.handle()
	if err != nil {
		return err
	}
	info := handle.KeysetInfo()
	r := &ring{use: use}
	for _, key := range info.GetKeyInfo() {
		if key.GetKeyId() != info.GetPrimaryKeyId() {
			r.ids = append(r.ids, KeyID(key.GetKeyId()))
		}
	}
	r.ids = append(r.ids, KeyID(info.GetPrimaryKeyId()))
	if use == 0 {
		r.use = r.newest()
	}
	if !slices.Contains(r.ids, r.use) {
		return fmt.Errorf("%w (%s)", ErrUnknownKey, r.use)
	}
	if err := r.make(handle); err != nil {
		return err
	}
	v.ring.Store(r)
	return nil
}

func (r *ring) newest() KeyID { return r.ids[len(r.ids)-1] }

func (r *ring) make(handle *keyset.Handle) error {
	manager := keyset.NewManagerFromHandle(handle)
	if err := manager.SetPrimary(uint32(r.use)); err != nil {
		return err
	}
	handle, err := manager.Handle()
	if err != nil {
		return err
	}
	if r.direct, err = aead.New(handle); err != nil {
		return err
	}
	r.envelope = aead.NewKMSEnvelopeAEAD2(aead.AES256GCMKeyTemplate(), r.direct)
	return nil
}

// Use encrypts with that key from now on; 0 is the newest. It reads the file
// again, and is ErrUnknownKey when the key is not in it.
func (v *Vault) Use(key KeyID) error {
	k, err := read(v.file)
	if err == nil && string(k.Fingerprint) != string(v.fingerprint) {
		err = errors.New("the file with the keys was replaced by that of another vault")
	}
	if err == nil {
		err = v.take(k, key)
	}
	if err != nil {
		return fmt.Errorf("vault keys in %s: %w", v.file, err)
	}
	return nil
}

// Keys returns the keys, the newest last, and the one in use.
func (v *Vault) Keys() (all []KeyID, use KeyID) {
	r := v.ring.Load()
	return slices.Clone(r.ids), r.use
}

// Seal encrypts the number of the card with that id. The id is bound into the
// text, so that it can't be moved to another row.
func (v *Vault) Seal(card int64, n bank.Number) ([]byte, error) {
	return v.ring.Load().envelope.Encrypt([]byte(n), associated(card))
}

// Reveal decrypts what Seal made.
func (v *Vault) Reveal(card int64, sealed []byte) (bank.Number, error) {
	n, err := v.ring.Load().envelope.Decrypt(sealed, associated(card))
	return bank.Number(n), err
}

// Reseal brings the number of a card under the key in use; changed is false when
// it is already.
func (v *Vault) Reseal(card int64, sealed []byte) (again []byte, changed bool, err error) {
	if key, _ := KeyOfCard(sealed); key == v.ring.Load().use {
		return sealed, false, nil
	}
	n, err := v.Reveal(card, sealed)
	if err != nil {
		return nil, false, err
	}
	again, err = v.Seal(card, n)
	return again, err == nil, err
}

func associated(card int64) []byte { return strconv.AppendInt([]byte("card "), card, 10) }

// prefix begins every text that was sealed. No key or password begins so.
const prefix = "sealed:"

// Sealed reports whether a stored text is one that SealText made. Texts that were
// stored before there was a vault for them are not.
func Sealed(text string) bool { return strings.HasPrefix(text, prefix) }

// SealText encrypts a short text. place says where it is stored, as in
// "apps/2553/key1": it can be opened for no other place.
func (v *Vault) SealText(place, text string) (string, error) {
	sealed, err := v.ring.Load().direct.Encrypt([]byte(text), []byte("text "+place))
	return prefix + base64.RawURLEncoding.EncodeToString(sealed), err
}

// RevealText decrypts what SealText made.
func (v *Vault) RevealText(place, sealed string) (string, error) {
	text, err := unwrap(sealed)
	if err == nil {
		text, err = v.ring.Load().direct.Decrypt(text, []byte("text "+place))
	}
	if err != nil {
		return "", fmt.Errorf("%w (%s)", errSealed, place)
	}
	return string(text), nil
}

// Current reports whether a text is sealed under the key in use.
func (v *Vault) Current(sealed string) bool {
	key, ok := KeyOfText(sealed)
	return ok && key == v.ring.Load().use
}

func unwrap(sealed string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimPrefix(sealed, prefix))
}

// KeyOfText returns the key under which a text is; ok is false for one that is
// not sealed.
func KeyOfText(sealed string) (key KeyID, ok bool) {
	if !Sealed(sealed) {
		return 0, false
	}
	text, err := unwrap(sealed)
	if err != nil {
		return 0, false
	}
	return keyOf(text)
}

// KeyOfCard returns the key under which a sealed number is.
func KeyOfCard(sealed []byte) (key KeyID, ok bool) {
	const length = 4 // of the text's own key, which comes first
	if len(sealed) < length {
		return 0, false
	}
	return keyOf(sealed[length:])
}

// keyOf reads the id that Tink puts in front: a 1 and four bytes.
func keyOf(text []byte) (KeyID, bool) {
	if len(text) < 5 || text[0] != 1 {
		return 0, false
	}
	return KeyID(binary.BigEndian.Uint32(text[1:])), true
}
