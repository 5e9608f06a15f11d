package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"sen"
	"sen/internal/control"
	"sen/internal/sandbox"
)

// A market is the merchants and payers over which work is spread.
type market struct {
	mu      sync.Mutex
	apps    []sen.App
	wallets []string // phone numbers
	spread  []*payer // of each wallet, with one of the merchants
	hot     []*payer // of each wallet, with the first merchant
}

// A payer is a wallet that lets a merchant charge it.
type payer struct {
	app        sen.App
	wallet     string
	identifier string
	token      string
}

// haveApps makes merchants until there are n.
func (w *work) haveApps(ctx context.Context, n int) error {
	return w.prepare(ctx, n-len(w.market.apps), func(c *caller) error {
		var app control.App
		err := c.patiently(func() error {
			return c.untilFree(func() (int, error) {
				id := 100_000_000 + rand.Int64N(2_000_000_000) //nolint:gosec // a name, not a secret
				return c.control("/control/apps", control.NewApp{ID: id, Name: "Bench"}, &app)
			})
		})
		w.market.add(func(m *market) { m.apps = append(m.apps, sen.App{ID: int(app.ID), Key1: app.Key1}) })
		return err
	})
}

// money is what a wallet of the market has: enough for any run.
const money = 1_000_000_000_000

// haveWallets makes wallets until there are n: ordinary ones, of owners that are
// known well enough to pay any amount.
func (w *work) haveWallets(ctx context.Context, n int) error {
	return w.prepare(ctx, n-len(w.market.wallets), func(c *caller) error {
		var phone string
		err := c.patiently(func() error {
			return c.untilFree(func() (int, error) {
				phone = fmt.Sprintf("09%08d", 1_000_000+rand.Int64N(99_000_000)) //nolint:gosec // a name, not a secret
				return c.control("/control/wallets", control.NewWallet{Phone: phone, Name: "Bench", PIN: sandbox.PIN, KYC: verified}, nil)
			})
		})
		if err == nil {
			err = c.patiently(func() error {
				_, err := c.control("/control/wallets/"+phone+"/topup", control.Amount{Amount: money}, nil)
				return err
			})
		}
		w.market.add(func(m *market) { m.wallets = append(m.wallets, phone) })
		return err
	})
}

// haveSpread makes each wallet the payer of one merchant.
func (w *work) haveSpread(ctx context.Context, merchants, wallets int) error {
	if err := w.haveApps(ctx, merchants); err != nil {
		return err
	}
	if err := w.haveWallets(ctx, wallets); err != nil {
		return err
	}
	return w.havePayers(ctx, &w.market.spread, func(n int) sen.App { return w.market.apps[n%len(w.market.apps)] })
}

// haveHot makes each wallet a payer of the same merchant.
func (w *work) haveHot(ctx context.Context, wallets int) error {
	if err := w.haveApps(ctx, 1); err != nil {
		return err
	}
	if err := w.haveWallets(ctx, wallets); err != nil {
		return err
	}
	return w.havePayers(ctx, &w.market.hot, func(int) sen.App { return w.market.apps[0] })
}

// havePayers has each wallet agree with the merchant that is its nth's.
func (w *work) havePayers(ctx context.Context, all *[]*payer, appOf func(n int) sen.App) error {
	next := len(*all)
	return w.prepare(ctx, len(w.market.wallets)-len(*all), func(c *caller) error {
		p := &payer{}
		w.market.add(func(m *market) {
			p.app, p.wallet, p.identifier = appOf(next), m.wallets[next], "user"+strconv.Itoa(next)
			next++
		})
		err := c.patiently(func() error { return w.agree(c, p) })
		w.market.add(func(*market) { *all = append(*all, p) })
		return err
	})
}

// agree binds the payer's wallet to the merchant.
func (w *work) agree(c *caller, p *payer) error {
	r := c.request(sen.OpCreateBindingWallet.Path, formType)
	r.bind(p, w.transID(), w.millis())
	body, err := c.api(sen.OpCreateBindingWallet, r, succeeded)
	if err != nil {
		return err
	}
	id, _ := text(body, "binding_id")
	var b control.Binding
	if _, err := c.control("/control/bindings/"+id+"/consent", control.Consent{Wallet: p.wallet}, &b); err != nil {
		return err
	}
	p.token = b.PayToken
	return nil
}

func (m *market) add(change func(*market)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(m)
}

// control makes a call of the control API.
func (c *caller) control(path string, in, out any) (status int, err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return 0, err
	}
	r := newRequest(c.addr.host, path, jsonType)
	r.body = body
	status, answer, err := c.do(r.bytes())
	if err == nil && status != http.StatusOK {
		err = unexpected(strings.TrimPrefix(path, "/control/"), status, bytes.TrimSpace(answer))
	}
	if err != nil || out == nil {
		return status, err
	}
	return status, json.Unmarshal(answer, out)
}

// untilFree makes something under a name that is drawn anew when it is taken:
// a sandbox may have been measured before.
func (*caller) untilFree(try func() (int, error)) error {
	const tries = 10
	var err error
	for range tries {
		var status int
		if status, err = try(); status != http.StatusConflict {
			return err
		}
	}
	return err
}
