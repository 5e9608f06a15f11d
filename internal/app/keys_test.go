package app_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
	"sen/internal/merchant"
	"sen/internal/pgtest"
	"sen/internal/sandbox"
	"sen/internal/secret"
	"sen/internal/store"
)

// stored returns everything that is kept in a place, and the files beside it but
// the keys.
func stored(t *testing.T, g *apptest.Gateway) string {
	t.Helper()
	all := pgtest.Contents(t, g.Place())
	delete(all, "vault.json")
	return fmt.Sprint(all)
}

// holds lists which of the secrets are in the text.
func holds(text string, secrets []string) (found []string) {
	for _, s := range secrets {
		if strings.Contains(text, s) {
			found = append(found, s)
		}
	}
	return found
}

// TestNothingInTheClear looks for the keys of apps in every byte that a sandbox
// keeps: while it serves, with its log of changes, after new keys were made, and
// in a backup.
func TestNothingInTheClear(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	made := apptest.Control[control.App](s.Gateway, http.MethodPost, "/control/apps", control.NewApp{ID: 77, Name: "Quán mới"})
	secrets := []string{made.Key1, made.Key2}
	for _, a := range sandbox.Apps() {
		secrets = append(secrets, a.Key1, a.Key2)
	}
	rotated, err := app.RotateKeys(t.Context(), where(s.Gateway), 2554, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	secrets = append(secrets, rotated.Key1, rotated.Key2)
	if a := s.call(sen.OpCreateOrder, order("clear")); a.Sub != 1 {
		t.Fatalf("the keys are of no use: %s", a.Body)
	}
	if found := holds(stored(t, s.Gateway), secrets); len(found) > 0 {
		t.Errorf("while it serves: %q are stored in the clear", found)
	}
	if !pgtest.Wanted() {
		file := filepath.Join(t.TempDir(), "backup.db")
		if _, err := app.Backup(t.Context(), s.Dir, file); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if found := holds(string(data), secrets); len(found) > 0 {
			t.Errorf("in a backup: %q are in the clear", found)
		}
	}
	s.Stop()
	if found := holds(stored(t, s.Gateway), secrets); len(found) > 0 {
		t.Errorf("after it stopped: %q are stored in the clear", found)
	}
}

// where is a gateway's database, and the directory with its keys.
func where(g *apptest.Gateway) app.Where {
	w := app.Where{Data: g.Dir, Machine: func() time.Time { return apptest.Noon }}
	if store.IsServer(g.Place()) {
		w.URL = g.Place()
	}
	return w
}

// TestClearSecretsAreSealed starts on data that an older version left, with keys
// in the clear and a PIN without pepper: all of it is sealed, nothing of it is
// lost, and starting again changes nothing.
func TestClearSecretsAreSealed(t *testing.T) {
	t.Parallel()
	const apps, pin = 60, "135790"
	var secrets []string
	g := apptest.Start(t, func(c *app.Config) {
		if pgtest.Wanted() {
			c.Database = pgtest.DSN(t)
		}
		c.Mode, c.PublicURL = app.Live, "https://pay.example"
		place := app.Where{Data: c.Data, URL: c.Database}
		s, err := store.Serve(t.Context(), place.Database())
		if err != nil {
			t.Fatal(err)
		}
		for i := range apps {
			a := merchant.App{ID: merchant.ID(100 + i), Name: "Sen", Key1: rand.Text(), Key2: rand.Text(), CreatedAt: apptest.Noon}
			if err := s.InsertApp(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			secrets = append(secrets, a.Key1, a.Key2)
		}
		userKey := base64.StdEncoding.EncodeToString([]byte(rand.Text()))
		secrets = append(secrets, userKey)
		if _, err := s.EnsureSetting(t.Context(), "user_key", userKey); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if found := holds(fmt.Sprint(pgtest.Contents(t, place.Database())), secrets); len(found) != len(secrets) {
			t.Fatalf("%d of %d secrets are there: the test does not find them", len(found), len(secrets))
		}
	})
	check := func() {
		t.Helper()
		if found := holds(stored(t, g), secrets); len(found) > 0 {
			t.Errorf("%d of %d secrets are still there", len(found), len(secrets))
		}
		for i := range apps {
			s := &shop{g, t, sen.App{ID: 100 + i, Key1: secrets[2*i], Key2: secrets[2*i+1]}}
			if a := s.call(sen.OpCreateOrder, order("o").with(members{"app_id": fmt.Sprint(s.app.ID)})); a.Sub != 1 && a.Sub != -68 {
				t.Fatalf("app %d lost its keys: %s", s.app.ID, a.Body)
			}
		}
	}
	check()
	var first, second string
	g.Restart(func() { first = sealedKey(t, g, 100) })
	g.Restart(func() { second = sealedKey(t, g, 100) })
	if first == "" || first != second {
		t.Errorf("a start sealed again what was sealed: %q, then %q", first, second)
	}
	check()
}

// sealedKey is key1 of an app, as it is stored.
func sealedKey(t *testing.T, g *apptest.Gateway, id int) (text string) {
	t.Helper()
	driver, dsn := "sqlite3", "file:"+filepath.Join(g.Place(), "sen.db")
	if store.IsServer(g.Place()) {
		driver, dsn = "pgx", g.Place()
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	err = db.QueryRowContext(t.Context(), fmt.Sprintf("SELECT key1 FROM apps WHERE id = %d", id)).Scan(&text)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return text
}

// TestPINGetsPepper signs a payer in whose PIN an older version hashed: the hash
// is made anew with what is not in the database, and is of no use without it.
func TestPINGetsPepper(t *testing.T) {
	t.Parallel()
	pins := secret.NewPINs(rand.Reader)
	old, err := pins.Hash("135790")
	if err != nil {
		t.Fatal(err)
	}
	pins.SetPepper([]byte("pepper"))
	if !pins.Check(old, "135790") || !pins.Stale(old) {
		t.Error("a hash of before is not known, or not stale")
	}
	fresh, err := pins.Hash("135790")
	if err != nil {
		t.Fatal(err)
	}
	other := secret.NewPINs(rand.Reader)
	if !pins.Check(fresh, "135790") || pins.Stale(fresh) || pins.Check(fresh, "135791") || other.Check(fresh, "135790") {
		t.Error("a peppered hash must be good with the pepper and with nothing else")
	}
	other.SetPepper([]byte("salt"))
	if other.Check(fresh, "135790") {
		t.Error("another pepper is as good")
	}
}

// TestKeysChangeWhileNodesServe gives two nodes, each with a file of its own, a
// new key one after the other: none encrypts with it before both have it, then
// everything is sealed anew, and the old key can go. All that time both serve.
func TestKeysChangeWhileNodesServe(t *testing.T) {
	t.Parallel()
	nodes := startNodes(t, 1)
	other := t.TempDir()
	copyKeys := func() {
		data, err := os.ReadFile(filepath.Join(nodes[0].Dir, "vault.json"))
		if err == nil {
			err = os.WriteFile(filepath.Join(other, "vault.new"), data, 0o600)
		}
		if err == nil {
			err = os.Rename(filepath.Join(other, "vault.new"), filepath.Join(other, "vault.json"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	copyKeys()
	nodes = append(nodes, openShop(t, func(c *app.Config) {
		c.Data = other
		c.OpenStore = func(ctx context.Context, _ string) (*store.Store, error) { return store.Open(ctx, nodes[0].Place()) }
	}))
	at := where(nodes[0].Gateway)
	state := func() app.VaultState {
		t.Helper()
		st, err := app.Vault(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	serial := 0
	serve := func() {
		t.Helper()
		for _, n := range nodes {
			serial++
			if a := n.call(sen.OpCreateOrder, order(fmt.Sprintf("k%d", serial))); a.Sub != 1 {
				t.Fatalf("a node answered %s", a.Body)
			}
		}
	}
	apptest.Wait(t, "both nodes to say which keys they have", func() bool { return state().NodesBehind == 0 })
	if st := state(); len(st.Keys) != 1 || !st.Keys[0].InUse || st.Clear != 0 || st.Keys[0].Secrets == 0 || st.Next != "" {
		t.Fatalf("before: %+v", st)
	}
	if err := app.RotateVault(nodes[0].Dir); err != nil {
		t.Fatal(err)
	}
	apptest.Wait(t, "the first node to have the new key", func() bool { return state().NodesBehind == 1 })
	if st := state(); len(st.Keys) != 2 || !st.Keys[0].InUse || st.Keys[1].Secrets != 0 || !strings.Contains(st.Next, "copy vault.json") {
		t.Errorf("with one node behind: %+v", st)
	}
	if _, err := app.RetireKeys(t.Context(), at); !errors.Is(err, app.ErrKeysNeeded) {
		t.Errorf("the keys in use could be retired: %v", err)
	}
	serve()
	copyKeys()
	apptest.Wait(t, "everything to be under the new key", func() bool {
		st := state()
		return st.Keys[1].InUse && st.Keys[0].Secrets+st.Keys[0].Cards == 0
	})
	serve()
	if st, err := app.RetireKeys(t.Context(), at); err != nil || len(st.Keys) != 1 {
		t.Fatalf("retired: %+v, %v", st, err)
	}
	copyKeys()
	for _, n := range nodes {
		n.Restart(nil)
	}
	serve()
}

// TestCardsOutliveTheirKey gives a gateway a new key while merchants charge cards
// whose numbers are under the old one, and holders bind more: each token pays
// before, all the while, when the old key is gone, and after a restart without it.
func TestCardsOutliveTheirKey(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	at := where(s.Gateway)
	bound := []*sen.QueryBindingCardResponse{s.boundCard("visa", visaCard, nil), s.boundCard("master", "5555555555554444", nil)}
	serial := 0
	pay := func(when string) {
		t.Helper()
		for _, b := range bound {
			serial++
			paid, err := s.client().Cards.Pay(t.Context(), sen.PayByTokenCardRequest{
				PayToken: b.PayToken, Identifier: "u1", ZPTransToken: s.ordered(fmt.Sprintf("p%d", serial)),
			})
			if err != nil || paid.ZPTransID == 0 {
				t.Fatalf("%s, card %s pays: %+v, %v", when, b.CardNumber, paid, err)
			}
		}
	}
	state := func() app.VaultState {
		t.Helper()
		st, err := app.Vault(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	pay("before")
	if st := state(); len(st.Keys) != 1 || st.Keys[0].Cards != len(bound) {
		t.Fatalf("before: %+v", st)
	}
	if err := app.RotateVault(s.Dir); err != nil {
		t.Fatal(err)
	}
	if _, err := app.RetireKeys(t.Context(), at); !errors.Is(err, app.ErrKeysNeeded) {
		t.Errorf("a key that cards are under could be retired: %v", err)
	}
	bound = append(bound, s.boundCard("late", visaCard, nil))
	apptest.Wait(t, "every card to be under the new key", func() bool {
		pay("while the key changes")
		st := state()
		return st.Keys[1].InUse && st.Keys[0].Secrets+st.Keys[0].Cards == 0
	})
	bound = append(bound, s.boundCard("new", visaCard, nil))
	if st := state(); st.Keys[1].Cards != len(bound) {
		t.Errorf("of %d cards %d are under the new key", len(bound), st.Keys[1].Cards)
	}
	if st, err := app.RetireKeys(t.Context(), at); err != nil || len(st.Keys) != 1 {
		t.Fatalf("retired: %+v, %v", st, err)
	}
	pay("without the old key")
	s.Restart(nil)
	pay("after a restart without it")
	s.CheckLedger()
}

// TestMerchantKeysOverlap gives an app new keys while its shop goes on: both pairs
// are good, what we send is signed with the old key2, and after the overlap only
// the new pair is.
func TestMerchantKeysOverlap(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	old := s.App(2553)
	to := newReceiver(t)
	made, err := app.RotateKeys(t.Context(), where(s.Gateway), 2553, 48*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	fresh := sen.App{ID: 2553, Key1: made.Key1, Key2: made.Key2}
	if fresh.Key1 == old.Key1 || fresh.Key2 == old.Key2 || fresh.Key1 == fresh.Key2 {
		t.Fatal("the keys are not new")
	}
	serial := 0
	today := func() (string, members) {
		serial++
		id := s.Now().In(sen.Zone()).Format("060102") + fmt.Sprintf("_k%d", serial)
		return id, order("").with(members{"app_trans_id": id, "app_time": fmt.Sprint(s.Now().UnixMilli()), "callback_url": to.URL})
	}
	try := func(with sen.App) int {
		_, m := today()
		return (&shop{s.Gateway, t, with}).call(sen.OpCreateOrder, m).Sub
	}
	knows := func(with sen.App, answer int) { // a gateway that has its data to itself looks now and then
		t.Helper()
		apptest.Wait(t, "the gateway to know the keys", func() bool { return try(with) == answer })
	}
	signed := func() []byte {
		t.Helper()
		id, m := today()
		page, _ := (&shop{s.Gateway, t, fresh}).made(m).Object["order_url"].(string)
		s.Pay(page, rich)
		s.attempted(s.Order(2553, id).Callbacks[0].ID, 1)
		all := to.got()
		return []byte(all[len(all)-1])
	}
	knows(fresh, 1)
	if a, b := try(old), try(fresh); a != 1 || b != 1 {
		t.Errorf("in the overlap the old keys get %d and the new ones %d, want 1 for both", a, b)
	}
	if body := signed(); !opens(old, body) || opens(fresh, body) {
		t.Errorf("in the overlap a callback must be signed with the old key2: %s", body)
	}
	s.Advance(49 * time.Hour)
	if a, b := try(old), try(fresh); a != -402 || b != 1 {
		t.Errorf("after it the old keys get %d and the new ones %d, want -402 and 1", a, b)
	}
	if body := signed(); opens(old, body) || !opens(fresh, body) {
		t.Errorf("after it a callback must be signed with the new key2: %s", body)
	}
	again, err := app.RotateKeys(t.Context(), where(s.Gateway), 2553, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	knows(sen.App{ID: 2553, Key1: again.Key1}, 1)
	if got := try(fresh); got != 1 {
		t.Errorf("in the second overlap the keys of before get %d", got)
	}
	if _, err := app.DropOldKeys(t.Context(), where(s.Gateway), 2553); err != nil {
		t.Fatal(err)
	}
	knows(fresh, -402)
	if got := try(sen.App{ID: 2553, Key1: again.Key1}); got != 1 {
		t.Errorf("after its end the new keys get %d, want 1", got)
	}
}

func opens(a sen.App, body []byte) bool {
	_, err := a.ParseCallback(body)
	return err == nil
}
