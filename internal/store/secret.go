package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sen/internal/merchant"
	"sen/internal/pay"
)

// Sealer encrypts what nobody may read who has the database: a vault. place says
// where a text is stored; it opens for that place only.
type Sealer interface {
	SealText(place, text string) (string, error)
	RevealText(place, sealed string) (string, error)
	// Current reports whether a text is sealed under the key in use.
	Current(sealed string) bool
	// Reseal brings the number of a card under the key in use.
	Reseal(card int64, sealed []byte) (again []byte, changed bool, err error)
}

// sealedPrefix begins every sealed text. What was stored by a version that
// sealed nothing begins otherwise.
const sealedPrefix = "sealed:"

// ErrNoKeys says that a secret was asked for and nobody gave its keys.
var ErrNoKeys = errors.New("the secrets in this database are sealed: say where their keys are, with --data DIR, the directory of vault.json")

// secrets is how a store turns secrets into what is stored, and back.
type secrets struct {
	keys Sealer
	// seal says that what is written is sealed. It is not while a node serves
	// that could not open it.
	seal bool
}

// Unlock gives the store the keys of its secrets. Without, it can't read those
// that are sealed. With seal, those that it writes are.
func (s *Store) Unlock(keys Sealer, seal bool) { s.secrets.Store(&secrets{keys, seal}) }

func (s *Store) sealText(place, text string) (string, error) {
	k := s.secrets.Load()
	if k == nil || !k.seal || text == "" {
		return text, nil
	}
	return k.keys.SealText(place, text)
}

func (s *Store) revealText(place, stored string) (string, error) {
	if !strings.HasPrefix(stored, sealedPrefix) {
		return stored, nil
	}
	k := s.secrets.Load()
	if k == nil {
		return "", ErrNoKeys
	}
	return k.keys.RevealText(place, stored)
}

// current reports whether a stored text is as it would be written now.
func (s *Store) current(stored string) bool {
	k := s.secrets.Load()
	return stored == "" || k == nil || !k.seal || k.keys.Current(stored)
}

// again seals a stored text as it would be written now.
func (s *Store) again(place, stored string) (string, error) {
	if s.current(stored) {
		return stored, nil
	}
	text, err := s.revealText(place, stored)
	if err != nil {
		return "", err
	}
	return s.sealText(place, text)
}

func placeOfApp(id merchant.ID, column string) string {
	return "apps/" + strconv.FormatInt(int64(id), 10) + "/" + column
}

func placeOfSetting(name string) string { return "settings/" + name }

// appSecrets are the secret columns of an app, each with where it is.
func appSecrets(a *merchant.App) map[string]*string {
	return map[string]*string{
		placeOfApp(a.ID, "key1"): &a.Key1, placeOfApp(a.ID, "key2"): &a.Key2,
		placeOfApp(a.ID, "old_key1"): &a.OldKey1, placeOfApp(a.ID, "old_key2"): &a.OldKey2,
		placeOfApp(a.ID, "code_key"): &a.CodeKey,
	}
}

// openApp turns the secrets of an app as it is stored into what they are.
func (s *Store) openApp(a *merchant.App) (err error) {
	for place, text := range appSecrets(a) {
		if *text, err = s.revealText(place, *text); err != nil {
			return fmt.Errorf("keys of %s: %w", a, err)
		}
	}
	return nil
}

// closeApp turns the secrets of an app into what is stored. What did not change
// since it was read, as was, keeps the text that it had, as stored.
func (s *Store) closeApp(a, was, stored merchant.App) (merchant.App, error) {
	before, kept := appSecrets(&was), appSecrets(&stored)
	for place, text := range appSecrets(&a) {
		if had, ok := before[place]; ok && *had == *text {
			*text = *kept[place]
			continue
		}
		sealed, err := s.sealText(place, *text)
		if err != nil {
			return a, err
		}
		*text = sealed
	}
	return a, nil
}

// secretSettings are the settings that nobody may read.
var secretSettings = []string{"user_key"}

// EnsureSecret is EnsureSetting for what nobody may read.
func (s *Store) EnsureSecret(ctx context.Context, name, value string) (kept string, err error) {
	if !slices.Contains(secretSettings, name) {
		return "", fmt.Errorf("the setting %s is not listed as a secret", name)
	}
	sealed, err := s.sealText(placeOfSetting(name), value)
	if err != nil {
		return "", err
	}
	if kept, err = s.EnsureSetting(ctx, name, sealed); err != nil {
		return "", err
	}
	return s.revealText(placeOfSetting(name), kept)
}

// A storedSecret is a column of a row that holds a secret.
type storedSecret struct {
	place, stored string
	update        string // $1 is the key of the row, $2 what is written, $3 what was
	key           any
}

const (
	secretsOfApps      = `SELECT id, key1, key2, old_key1, old_key2, code_key FROM apps`
	secretsOfOperators = `SELECT name, totp FROM operators WHERE totp <> ''`

	setKey1    = `UPDATE apps SET key1 = $2 WHERE id = $1 AND key1 = $3`
	setKey2    = `UPDATE apps SET key2 = $2 WHERE id = $1 AND key2 = $3`
	setOldKey1 = `UPDATE apps SET old_key1 = $2 WHERE id = $1 AND old_key1 = $3`
	setOldKey2 = `UPDATE apps SET old_key2 = $2 WHERE id = $1 AND old_key2 = $3`
	setCodeKey = `UPDATE apps SET code_key = $2 WHERE id = $1 AND code_key = $3`
	setTOTP    = `UPDATE operators SET totp = $2 WHERE name = $1 AND totp = $3`
	setSecret  = `UPDATE settings SET value = $2 WHERE name = $1 AND value = $3`
)

// storedSecrets returns all secrets but the numbers of cards, as they are stored.
func (s *Store) storedSecrets(ctx context.Context) (all []storedSecret, err error) {
	err = s.engine.scan(ctx, func(t *tx) error {
		all = nil
		err := t.rows(secretsOfApps, nil, func(scan func(...any) error) error {
			var id int64
			var texts [5]string
			err := scan(&id, &texts[0], &texts[1], &texts[2], &texts[3], &texts[4])
			columns := [5]string{"key1", "key2", "old_key1", "old_key2", "code_key"}
			for i, update := range []string{setKey1, setKey2, setOldKey1, setOldKey2, setCodeKey} {
				all = append(all, storedSecret{placeOfApp(merchant.ID(id), columns[i]), texts[i], update, id})
			}
			return err
		})
		if err != nil {
			return err
		}
		err = t.rows(secretsOfOperators, nil, func(scan func(...any) error) error {
			var name, text string
			err := scan(&name, &text)
			all = append(all, storedSecret{placeOfTOTP(name), text, setTOTP, name})
			return err
		})
		if err != nil {
			return err
		}
		for _, name := range secretSettings {
			err := t.rows(settingByName, []any{name}, func(scan func(...any) error) error {
				var text string
				err := scan(&text)
				all = append(all, storedSecret{placeOfSetting(name), text, setSecret, name})
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return slices.DeleteFunc(all, func(x storedSecret) bool { return x.stored == "" }), err
}

func placeOfTOTP(name string) string { return "operators/" + name + "/totp" }

// ResealTexts seals all secrets but the numbers of cards under the key in use:
// those that are in the clear, and those under keys before it. It returns how
// many it changed, and how many of them had been in the clear. A secret that
// somebody changes meanwhile is sealed by whoever does.
func (s *Store) ResealTexts(ctx context.Context) (changed, clear int, err error) {
	all, err := s.storedSecrets(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, x := range all {
		if s.current(x.stored) {
			continue
		}
		sealed, err := s.again(x.place, x.stored)
		if err != nil {
			return changed, clear, err
		}
		err = s.update(ctx, func(t *tx) error {
			_, err := t.exec(x.update, x.key, sealed, x.stored)
			return err
		})
		if err != nil {
			return changed, clear, err
		}
		changed++
		if !strings.HasPrefix(x.stored, sealedPrefix) {
			clear++
		}
	}
	return changed, clear, nil
}

const (
	cardsAfter = `SELECT id, sealed FROM cards WHERE id > $1 AND sealed IS NOT NULL ORDER BY id LIMIT $2`
	resealCard = `UPDATE cards SET sealed = $2 WHERE id = $1 AND sealed = $3`
)

// cardsAtOnce is how many cards are looked at in one piece.
const cardsAtOnce = 200

type storedCard struct {
	id     int64
	sealed []byte
}

func (s *Store) cardsAfter(ctx context.Context, after int64) (all []storedCard, err error) {
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(cardsAfter, []any{after, int64(cardsAtOnce)}, func(scan func(...any) error) error {
			var c storedCard
			err := scan(&c.id, &c.sealed)
			all = append(all, c)
			return err
		})
	})
	return all, err
}

// ResealCards brings some card numbers, those after the given card, under the
// key in use. It returns the last card that it looked at, 0 when there are no
// more, and how many it changed.
func (s *Store) ResealCards(ctx context.Context, after pay.CardID) (last pay.CardID, changed int, err error) {
	k := s.secrets.Load()
	if k == nil {
		return 0, 0, ErrNoKeys
	}
	all, err := s.cardsAfter(ctx, int64(after))
	if err != nil || len(all) == 0 {
		return 0, 0, err
	}
	for _, c := range all {
		again, needed, err := k.keys.Reseal(c.id, c.sealed)
		if err != nil {
			return 0, changed, fmt.Errorf("card %d: %w", c.id, err)
		}
		if !needed {
			continue
		}
		err = s.update(ctx, func(t *tx) error {
			_, err := t.exec(resealCard, c.id, again, c.sealed)
			return err
		})
		if err != nil {
			return 0, changed, err
		}
		changed++
	}
	return pay.CardID(all[len(all)-1].id), changed, nil
}

// EachSecret calls text with every stored secret and card with every sealed card
// number, as they are stored.
func (s *Store) EachSecret(ctx context.Context, text func(stored string), card func(sealed []byte)) error {
	all, err := s.storedSecrets(ctx)
	if err != nil {
		return err
	}
	for _, x := range all {
		text(x.stored)
	}
	for after := int64(0); ; {
		cards, err := s.cardsAfter(ctx, after)
		if err != nil || len(cards) == 0 {
			return err
		}
		for _, c := range cards {
			card(c.sealed)
		}
		after = cards[len(cards)-1].id
	}
}

const keysOfNodes = `SELECT vault_keys FROM nodes WHERE leased_until > $1`

// NodeKeys returns which keys of secrets each node has that holds a lease at that
// time of the machine's, as NoteKeys wrote them; "" is a node that knows of none.
func (s *Store) NodeKeys(ctx context.Context, machine time.Time) (all []string, err error) {
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(keysOfNodes, []any{micros(machine)}, func(scan func(...any) error) error {
			var keys string
			err := scan(&keys)
			all = append(all, keys)
			return err
		})
	})
	return all, err
}

const noteKeys = `UPDATE nodes SET vault_keys = $2 WHERE id = $1 AND vault_keys <> $2`

// NoteKeys writes which keys of secrets a node has.
func (s *Store) NoteKeys(ctx context.Context, node int64, keys string) error {
	return s.update(ctx, func(t *tx) error {
		_, err := t.exec(noteKeys, node, keys)
		return err
	})
}

// Scrub removes from the files of the embedded database what was overwritten in
// its tables: the log of changes, and pages that are free. A server's files are
// its operator's matter.
func (s *Store) Scrub(ctx context.Context) error {
	e, ok := s.engine.(*embedded)
	if !ok {
		return nil
	}
	return e.scrub(ctx)
}
