package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sen/internal/callback"
	"sen/internal/clock"
	"sen/internal/control"
	"sen/internal/fault"
	"sen/internal/merchant"
	"sen/internal/node"
	"sen/internal/operator"
	"sen/internal/secret"
	"sen/internal/store"
)

// What an operator does to a database by hand, beside the gateways that serve
// from it if there are any: each of them has the change when the command ends.
// Its place is a data directory or the URL of a server.

// maxName is how many characters the name of an app may have: payers see it
// on a telephone.
const maxName = 100

var errName = fault.New(fault.Invalid, "name_invalid", "The name of an app has 1 to 100 printable characters.")

// CreateApp makes an app with keys of its own in a database, which must be of
// that mode. One that is new becomes a live gateway's; a sandbox comes to
// be by serving it.
func CreateApp(ctx context.Context, place Where, mode Mode, a merchant.App) (merchant.App, error) {
	a.CreatedAt = new(clock.Clock).Now()
	a, err := withKeys(a, Config{Mode: mode}.reach(), rand.Reader)
	if err != nil {
		return merchant.App{}, err
	}
	err = administer(ctx, place, mode, func(s *store.Store, _ *secret.PINs) error { return s.InsertApp(ctx, a) })
	return a, err
}

// addApp keeps a new app of a sandbox that serves.
func (g *Gateway) addApp(ctx context.Context, a merchant.App) (merchant.App, error) {
	a, err := withKeys(a, g.config.reach(), g.keys)
	if err != nil {
		return merchant.App{}, err
	}
	return a, g.store.InsertApp(ctx, a)
}

// withKeys completes an app.
func withKeys(a merchant.App, reach callback.Reach, chance io.Reader) (merchant.App, error) {
	if err := giveKeys(&a, chance); err != nil {
		return a, err
	}
	return a, checkApp(a, reach)
}

func giveKeys(a *merchant.App, chance io.Reader) (err error) {
	if a.Key1, err = newKey(chance); err == nil {
		a.Key2, err = newKey(chance)
	}
	return err
}

// RotateKeys gives an app new keys. The ones that it had are good for overlap
// longer; 0 voids them at once.
func RotateKeys(ctx context.Context, place Where, id merchant.ID, overlap time.Duration) (merchant.App, error) {
	return changeKeys(ctx, place, id, func(a *merchant.App, now time.Time) error { return replaceKeys(a, rand.Reader, now, overlap) })
}

// DropOldKeys voids the keys that an app had before its present ones.
func DropOldKeys(ctx context.Context, place Where, id merchant.ID) (merchant.App, error) {
	return changeKeys(ctx, place, id, func(a *merchant.App, _ time.Time) error {
		a.DropOldKeys()
		return nil
	})
}

// changeKeys changes the keys of an app, by the time of the gateway that serves.
func changeKeys(ctx context.Context, place Where, id merchant.ID, change func(*merchant.App, time.Time) error) (a merchant.App, err error) {
	err = unlocked(ctx, place, func(s *store.Store, _ *secret.PINs) error {
		moved, err := s.Setting(ctx, control.ClockSetting)
		if err != nil {
			return err
		}
		offset, _ := strconv.ParseInt(moved, 10, 64) // no setting: the clock was not moved
		now := place.now().Add(time.Duration(offset))
		a, err = s.UpdateApp(ctx, id, func(a *merchant.App) error { return change(a, now) })
		return err
	})
	return a, err
}

// OpenDisbursement registers the public key with which an app signs what it pays
// out to wallets.
func OpenDisbursement(ctx context.Context, place Where, id merchant.ID, paymentID, publicKey string) (a merchant.App, err error) {
	err = unlocked(ctx, place, func(s *store.Store, pins *secret.PINs) error {
		var was, became string
		noted := operator.WithNote(ctx, operator.Note{
			Record: newOperators(s, pins).Record(byHand(), operator.PayoutsChanged, merchant.App{ID: id}.String(), id),
			Detail: func() (string, string) { return was, became },
		})
		a, err = s.UpdateApp(noted, id, func(a *merchant.App) error {
			was = a.Disbursement.String()
			err := a.Disbursement.Open(paymentID, publicKey)
			became = a.Disbursement.String()
			return err
		})
		return err
	})
	return a, err
}

// byHand is who runs the command, as the system calls them.
func byHand() operator.Operator {
	by := operator.ByHand
	if who, err := user.Current(); err == nil {
		by.Name += ", " + who.Username
	}
	return by
}

// MaxOverlap is how long the keys of before can stay good.
const MaxOverlap = 90 * 24 * time.Hour

var errOverlap = fault.New(fault.Invalid, "overlap_invalid", "Old keys can stay good for 0 to 90 days.")

// replaceKeys draws new keys for an app.
func replaceKeys(a *merchant.App, chance io.Reader, now time.Time, overlap time.Duration) error {
	if overlap < 0 || overlap > MaxOverlap {
		return errOverlap
	}
	fresh := merchant.App{}
	if err := giveKeys(&fresh, chance); err != nil {
		return err
	}
	a.ReplaceKeys(fresh.Key1, fresh.Key2, now, now.Add(overlap))
	return nil
}

// Place is how a database is called in messages, without what it takes to get
// in.
func Place(place string) string { return store.Name(place) }

func checkApp(a merchant.App, reach callback.Reach) error {
	if strings.TrimSpace(a.Name) == "" || utf8.RuneCountInString(a.Name) > maxName || strings.ContainsFunc(a.Name, unicode.IsControl) {
		return errName
	}
	if a.CallbackURL != "" {
		if err := reach.Check(a.CallbackURL); err != nil {
			return err
		}
	}
	return a.Check()
}

// administer runs f on the database, if that is of the mode.
func administer(ctx context.Context, place Where, mode Mode, f func(*store.Store, *secret.PINs) error) error {
	if mode == Live {
		if err := makeStore(ctx, place.Database()); err != nil {
			return err
		}
	}
	return unlocked(ctx, place, func(s *store.Store, pins *secret.PINs) error {
		kept, err := s.EnsureSetting(ctx, modeSetting, string(mode))
		if err != nil {
			return err
		}
		if kept != string(mode) {
			return modeError(place.Database(), Mode(kept))
		}
		return f(s, pins)
	})
}

// unlocked is change with the keys of secrets. Of a server whose secrets are not
// sealed yet they may be missing: then what is written is sealed by the first
// gateway that serves from there.
func unlocked(ctx context.Context, place Where, f func(*store.Store, *secret.PINs) error) error {
	return change(ctx, place.Database(), func(s *store.Store) error {
		pins := secret.NewPINs(rand.Reader)
		if place.Data == "" {
			if sealed, err := hasSecrets(ctx, s); err != nil || sealed {
				return errors.Join(err, store.ErrNoKeys)
			}
			return f(s, pins)
		}
		v, sealing, err := unlock(ctx, s, place.Data)
		if err != nil {
			return err
		}
		if sealing {
			pins.SetPepper(v.Pepper())
		}
		return f(s, pins)
	})
}

func modeError(place string, kept Mode) error {
	if kept == Sandbox {
		return fmt.Errorf("%s belongs to a sandbox: add --sandbox if you mean it, or choose another place with --data or --database", store.Name(place))
	}
	return fmt.Errorf("%s belongs to a %s gateway: leave --sandbox out, or choose another place with --data or --database", store.Name(place), kept)
}

// makeStore makes the tables unless they are there. Those of a server may
// change under the processes that serve from it.
func makeStore(ctx context.Context, place string) error {
	if !store.IsServer(place) {
		_, err := os.Stat(filepath.Join(place, store.FileName))
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	s, err := store.Serve(ctx, place)
	if err != nil {
		return err
	}
	return s.Close()
}

// change is inside for what nodes keep in memory: it returns when those that
// serve have it.
func change(ctx context.Context, place string, f func(*store.Store) error) error {
	return inside(ctx, place, func(s *store.Store) error {
		if err := f(s); err != nil {
			return err
		}
		return node.Await(ctx, s, time.Now)
	})
}

func inside(ctx context.Context, place string, f func(*store.Store) error) error {
	s, err := store.Open(ctx, place)
	if err != nil {
		return err
	}
	return errors.Join(f(s), s.Close())
}
