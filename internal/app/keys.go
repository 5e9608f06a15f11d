package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sen/internal/clock"
	"sen/internal/pay"
	"sen/internal/secret"
	"sen/internal/store"
	"sen/internal/vault"
)

// The keys of secrets: ADR 0019 has the order of steps in which they change
// while gateways serve.

// Settings about the keys of secrets.
const (
	// vaultSetting is the name under which nodes keep which vault is theirs.
	vaultSetting = "vault"
	// keySetting is the name under which they keep which key of it encrypts. There
	// is none before anything is sealed.
	keySetting = "vault_key"
)

// Where is a database, and the directory with the keys of its secrets.
type Where struct {
	Data string // the directory
	URL  string // of the server that has the database; "": it is in the directory
	// Machine is the machine's clock; nil: time.Now.
	Machine func() time.Time
}

func (w Where) now() time.Time { return (&clock.Clock{Machine: w.Machine}).Now() }

// Database is the place of the database alone.
func (w Where) Database() string { return cmp.Or(w.URL, w.Data) }

// unlock gives a store the keys in a directory, and makes them if nothing was
// sealed yet. It reports whether secrets are sealed: while a node serves that
// could not open them, they are not.
func unlock(ctx context.Context, s *store.Store, dir string) (v *vault.Vault, sealing bool, err error) {
	sealed, err := hasSecrets(ctx, s)
	if err != nil {
		return nil, false, err
	}
	// With the data on a server, nobody has made the directory before.
	if err := store.MakeDirectory(dir); err != nil {
		return nil, false, fmt.Errorf("make the directory for the keys of secrets: %w: choose another one with --data", err)
	}
	if v, err = vault.Open(filepath.Join(dir, vaultFile), sealed); err != nil {
		return nil, false, err
	}
	if err := checkVault(ctx, s, v, dir); err != nil {
		return nil, false, err
	}
	if sealing, err = beginSealing(ctx, s, v); err != nil {
		return nil, false, err
	}
	s.Unlock(v, sealing)
	return v, sealing, nil
}

// hasSecrets reports whether anything is sealed.
func hasSecrets(ctx context.Context, s *store.Store) (bool, error) {
	key, err := s.Setting(ctx, keySetting)
	if err != nil || key != "" {
		return true, err
	}
	return s.HasCards(ctx)
}

// checkVault refuses keys that are not those of the database: what is sealed
// with them no other node could open.
func checkVault(ctx context.Context, s *store.Store, v *vault.Vault, dir string) error {
	mine := v.Fingerprint("which vault is this")
	kept, err := s.EnsureSetting(ctx, vaultSetting, mine)
	if err == nil && kept != mine {
		err = fmt.Errorf("%s has other keys than the nodes that serve from this database: copy theirs over it", filepath.Join(dir, vaultFile))
	}
	return err
}

// beginSealing chooses the key that encrypts: the one that is in use, or the
// newest when nothing was sealed before.
func beginSealing(ctx context.Context, s *store.Store, v *vault.Vault) (bool, error) {
	kept, err := s.Setting(ctx, keySetting)
	if err != nil {
		return false, err
	}
	if kept == "" {
		_, newest := v.Keys()
		if everyNode, err := nodesHave(ctx, s, newest); err != nil || !everyNode {
			return false, err
		}
		if kept, err = s.EnsureSetting(ctx, keySetting, newest.String()); err != nil {
			return false, err
		}
	}
	key, err := vault.ParseKey(kept)
	if err != nil {
		return false, fmt.Errorf("the kept key of secrets: %w", err)
	}
	return true, v.Use(key)
}

// nodesHave reports whether every node that serves has the key.
func nodesHave(ctx context.Context, s *store.Store, key vault.KeyID) (bool, error) {
	all, err := s.NodeKeys(ctx, time.Now())
	lacks := func(keys string) bool { return !slices.Contains(strings.Fields(keys), key.String()) }
	return err == nil && !slices.ContainsFunc(all, lacks), err
}

// openVault reads the keys of secrets, and seals what an older version stored in
// the clear.
func (g *Gateway) openVault(ctx context.Context) (err error) {
	sealing := false
	if g.vault, sealing, err = unlock(ctx, g.store, g.config.Data); err != nil {
		return err
	}
	g.pins, g.passwords = secret.NewPINs(g.chance("pins")), secret.NewPINs(rand.Reader)
	g.resealing = &resealing{}
	if !sealing {
		g.config.Log.WarnContext(ctx, "a node of an older version serves from this database: secrets stay in the clear until it stops")
		return nil
	}
	return g.seal(ctx)
}

// seal brings all secrets but the numbers of cards under the key in use. Those
// may be many: they come in the background.
func (g *Gateway) seal(ctx context.Context) error {
	g.pins.SetPepper(g.vault.Pepper())
	g.passwords.SetPepper(g.vault.Pepper())
	changed, clear, err := g.store.ResealTexts(ctx)
	if err != nil {
		return err
	}
	if changed > 0 {
		g.config.Log.InfoContext(ctx, "secrets were sealed under the key in use", "secrets", changed, "clear_before", clear)
	}
	if clear == 0 {
		return nil
	}
	return g.store.Scrub(ctx)
}

// useKey makes the vault encrypt with the key that all nodes use. A node that
// lacks the key does not serve.
func (g *Gateway) useKey(ctx context.Context) error {
	kept, err := g.store.Setting(ctx, keySetting)
	if err != nil || kept == "" {
		return err
	}
	key, err := vault.ParseKey(kept)
	if err != nil {
		return err
	}
	if _, use := g.vault.Keys(); use != key {
		if err := g.vault.Use(key); err != nil {
			return err
		}
	}
	g.store.Unlock(g.vault, true)
	return nil
}

// resealing is how far this process is with the numbers of cards. It looks at
// all of them once after it started and after each new key, and once more for
// what others wrote with the key before while it looked.
type resealing struct {
	key     vault.KeyID // under which the cards are brought
	last    pay.CardID
	changed int // in this pass
	done    bool
}

// keepKeys takes over a new key: it reads the file again, tells the others what
// is in it, and when all nodes have the newest key it is used, and what is under
// older ones is sealed anew.
func (g *Gateway) keepKeys(ctx context.Context) (more bool, err error) {
	if err := g.readKeys(); err != nil {
		return false, err
	}
	if err := g.noteKeys(ctx); err != nil {
		return false, err
	}
	if err := g.lookForOlder(ctx); err != nil {
		return false, err
	}
	mine, err := g.mine(ctx, "keys", leaseOfWork)
	if err != nil || !mine {
		return false, err
	}
	if err := g.turnKey(ctx); err != nil {
		return false, err
	}
	return g.resealCards(ctx)
}

// lookForOlder finds out whether nodes of a version serve that came before keys of
// secrets did. A node that has just joined has noted none for a moment; so one
// that was not there before counts when it is seen again.
func (g *Gateway) lookForOlder(ctx context.Context) error {
	if g.node.Alone {
		return nil
	}
	all, err := g.store.NodeKeys(ctx, time.Now())
	if err != nil {
		return err
	}
	are := slices.Contains(all, "")
	older := are && g.olderSeen
	g.olderSeen = are
	if g.older.Swap(older) && !older {
		g.config.Log.InfoContext(ctx, "no node of an older version serves any more: the first version of the API is open")
	}
	return nil
}

// readKeys takes over what was added to the file.
func (g *Gateway) readKeys() error {
	_, use := g.vault.Keys()
	return g.vault.Use(use)
}

// noteKeys tells the other nodes which keys this one has.
func (g *Gateway) noteKeys(ctx context.Context) error {
	if g.node.Alone {
		return nil
	}
	all, _ := g.vault.Keys()
	var names []string
	for _, key := range all {
		names = append(names, key.String())
	}
	return g.store.NoteKeys(ctx, g.node.ID, strings.Join(names, " "))
}

// turnKey begins to use the newest key when every node has it.
func (g *Gateway) turnKey(ctx context.Context) error {
	all, use := g.vault.Keys()
	newest := all[len(all)-1]
	kept, err := g.store.Setting(ctx, keySetting)
	if err != nil || (newest == use && kept != "") {
		return err
	}
	if everyNode, err := nodesHave(ctx, g.store, newest); err != nil || !everyNode {
		return err
	}
	if err := g.store.SetSetting(ctx, keySetting, newest.String()); err != nil {
		return err
	}
	g.config.Log.InfoContext(ctx, "every node has the newest key of secrets: it is used from now on", "key", newest.String())
	if err := g.node.Changed(ctx); err != nil {
		return err
	}
	return g.seal(ctx)
}

// resealCards brings some numbers of cards under the key in use.
func (g *Gateway) resealCards(ctx context.Context) (more bool, err error) {
	r := g.resealing
	if _, use := g.vault.Keys(); r.key != use {
		*r = resealing{key: use}
	}
	if r.done {
		return false, nil
	}
	last, changed, err := g.store.ResealCards(ctx, r.last)
	r.changed += changed
	if err != nil {
		return false, err
	}
	if r.last = last; last != 0 {
		return true, nil
	}
	r.done, r.changed = r.changed == 0, 0
	return false, nil
}

// RotateVault adds a key to the vault in a data directory. Gateways take it over
// while they serve.
func RotateVault(dir string) error { return noVault(dir, vault.Rotate(filepath.Join(dir, vaultFile))) }

func noVault(dir string, err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no vault in %s: no gateway has served from there", dir)
	}
	return err
}

// VaultState is how far a change of the keys of secrets is.
type VaultState struct {
	Keys []VaultKey `json:"keys"` // the newest last
	// Clear is how many secrets are not sealed at all.
	Clear int `json:"clear"`
	// NodesBehind is how many nodes serve that lack the newest key.
	NodesBehind int `json:"nodes_behind"`
	// Next is what is left to do; "": nothing.
	Next string `json:"next,omitempty"`
}

// A VaultKey is a key of secrets, and what is under it.
type VaultKey struct {
	ID      string `json:"id"`
	InUse   bool   `json:"in_use"`
	Missing bool   `json:"missing,omitempty"` // from the file
	Secrets int    `json:"secrets"`
	Cards   int    `json:"cards"`
}

// Vault looks at every secret in a database, and says how far a change of keys is.
func Vault(ctx context.Context, w Where) (st VaultState, err error) {
	err = withVault(ctx, w, func(s *store.Store, v *vault.Vault) (err error) {
		st, err = vaultState(ctx, s, v)
		return err
	})
	return st, err
}

// withVault runs f with the database and the keys of its secrets, and changes
// neither.
func withVault(ctx context.Context, w Where, f func(*store.Store, *vault.Vault) error) error {
	v, err := vault.Open(filepath.Join(w.Data, vaultFile), true)
	if err != nil {
		return err
	}
	return inside(ctx, w.Database(), func(s *store.Store) error {
		kept, err := s.Setting(ctx, vaultSetting)
		if err == nil && kept != "" && kept != v.Fingerprint("which vault is this") {
			err = fmt.Errorf("%s is not the vault of this database", filepath.Join(w.Data, vaultFile))
		}
		if err != nil {
			return err
		}
		return f(s, v)
	})
}

func vaultState(ctx context.Context, s *store.Store, v *vault.Vault) (st VaultState, err error) {
	kept, err := s.Setting(ctx, keySetting)
	if err != nil {
		return st, err
	}
	all, newest := v.Keys()
	for _, key := range all {
		st.Keys = append(st.Keys, VaultKey{ID: key.String(), InUse: key.String() == kept})
	}
	under := func(key vault.KeyID) *VaultKey {
		i := slices.IndexFunc(st.Keys, func(k VaultKey) bool { return k.ID == key.String() })
		if i < 0 {
			st.Keys = slices.Insert(st.Keys, 0, VaultKey{ID: key.String(), Missing: true})
			i = 0
		}
		return &st.Keys[i]
	}
	err = s.EachSecret(ctx, func(stored string) {
		if key, ok := vault.KeyOfText(stored); ok {
			under(key).Secrets++
			return
		}
		st.Clear++
	}, func(sealed []byte) {
		key, _ := vault.KeyOfCard(sealed)
		under(key).Cards++
	})
	if err != nil {
		return st, err
	}
	nodes, err := s.NodeKeys(ctx, time.Now())
	for _, keys := range nodes {
		if !slices.Contains(strings.Fields(keys), newest.String()) {
			st.NodesBehind++
		}
	}
	st.Next = st.next(newest.String())
	return st, err
}

// next says what is left to do.
func (st VaultState) next(newest string) string {
	left := 0
	for _, k := range st.Keys[:len(st.Keys)-1] {
		left += k.Secrets + k.Cards
	}
	inUse := st.Keys[len(st.Keys)-1].InUse
	switch {
	case st.NodesBehind > 0:
		return fmt.Sprintf("%d nodes lack key %s: copy vault.json to all of them, or replace those of an older version", st.NodesBehind, newest)
	case !inUse:
		return "no gateway has begun to use key " + newest + " yet: one that serves does within seconds"
	case left > 0 || st.Clear > 0:
		return fmt.Sprintf("%d secrets are under older keys and %d in the clear: a gateway that serves seals them anew", left, st.Clear)
	case len(st.Keys) > 1:
		return "nothing needs the older keys: sen vault retire removes them from the file; keep a copy as long as you keep backups from before"
	}
	return ""
}

// ErrKeysNeeded is the refusal to remove keys that something is sealed with.
var ErrKeysNeeded = errors.New("the older keys are needed")

// RetireKeys removes all keys but the newest from the vault in a data directory,
// if nothing in the database needs them.
func RetireKeys(ctx context.Context, w Where) (st VaultState, err error) {
	err = withVault(ctx, w, func(s *store.Store, v *vault.Vault) error {
		if st, err = vaultState(ctx, s, v); err != nil {
			return err
		}
		last := st.Keys[len(st.Keys)-1]
		if st.Clear > 0 || st.NodesBehind > 0 || !last.InUse {
			return fmt.Errorf("%w: %s", ErrKeysNeeded, st.Next)
		}
		for _, k := range st.Keys[:len(st.Keys)-1] {
			if k.Secrets+k.Cards > 0 {
				return fmt.Errorf("%w: %s", ErrKeysNeeded, st.Next)
			}
		}
		if err := vault.Retire(filepath.Join(w.Data, vaultFile)); err != nil {
			return err
		}
		st.Keys, st.Next = []VaultKey{last}, ""
		return nil
	})
	return st, err
}
