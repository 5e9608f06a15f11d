package conformance

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sen"
	"sen/internal/clock"
	"sen/internal/control"
)

// The app and the wallet that belong to these checks, in every sandbox.
const (
	ownApp    = 113
	ownName   = "sen codes check"
	ownWallet = "0990000113"
	ownPIN    = "113113"
)

// A bench is a sandbox under test.
type bench struct {
	control *control.Client
	http    *http.Client
	target  string
	app     sen.App
	clock   clock.Clock // the sandbox's
	stands  bool        // the sandbox's clock does, until it is moved
	ahead   time.Duration
	undos   []func(context.Context) error
	seen    func(Call) // is told of every call; nil: nobody is
}

// callTimeout bounds one call.
const callTimeout = 2 * time.Minute

func open(ctx context.Context, target string) (*bench, error) {
	b := &bench{
		control: control.NewClient(target), target: strings.TrimRight(target, "/"),
		http: &http.Client{Timeout: callTimeout},
	}
	if err := b.readClock(ctx); err != nil {
		return nil, err
	}
	if err := b.openApp(ctx); err != nil {
		return nil, err
	}
	return b, b.openWallet(ctx)
}

func (b *bench) openApp(ctx context.Context) error {
	a, err := b.control.App(ctx, ownApp)
	if refusal, ok := errors.AsType[*control.Error](err); ok && refusal.Code == "app_unknown" {
		a, err = b.control.AddApp(ctx, control.NewApp{ID: ownApp, Name: ownName})
	}
	if err != nil {
		return err
	}
	b.app = sen.App{ID: ownApp, Key1: a.Key1, Key2: a.Key2}
	return b.plainApp(ctx, false)
}

// plainApp gives the app terms that are in nobody's way. Between runs it is
// disabled: its orders are nobody's business.
func (b *bench) plainApp(ctx context.Context, disabled bool) error {
	_, err := b.control.ChangeApp(ctx, ownApp, control.ChangeApp{
		Disabled: &disabled, CallbackURL: new(""), RatePerSecond: new(int64(0)), FeeBP: new(int64(0)),
		RefundApprovalFrom: new(int64(0)), RefundPeriod: new("0s"), ReceivableLimit: new(int64(0)),
		TokenLife: new("0s"), TokenDayCount: new(int64(0)), TokenDayAmount: new(int64(0)),
	})
	return err
}

// funds are what the wallet has at least when a run begins.
const funds = 10_000_000

func (b *bench) openWallet(ctx context.Context) error {
	_, err := b.control.OpenWallet(ctx, control.NewWallet{Phone: ownWallet, Name: ownName, PIN: ownPIN, KYC: 2})
	if refusal, ok := errors.AsType[*control.Error](err); err != nil && (!ok || refusal.Code != "wallet_exists") {
		return err
	}
	if err := b.plainWallet(ctx); err != nil {
		return err
	}
	w, err := b.control.ChangeWallet(ctx, ownWallet, control.Conditions{})
	if err == nil && w.Balance < funds {
		_, err = b.control.TopUp(ctx, ownWallet, funds)
	}
	return err
}

func (b *bench) plainWallet(ctx context.Context) error {
	none := new(int64(0))
	_, err := b.control.ChangeWallet(ctx, ownWallet, control.Conditions{
		Locked: new(false), PaymentsOff: new(false), KYC: new(2),
		DayAll: none, DayWallet: none, DayBank: none, DayCard: none,
		MonthAll: none, MonthWallet: none, MonthBank: none, MonthCard: none,
	})
	return err
}

// close leaves the sandbox as it was, but for an app that is disabled and a
// wallet that nobody uses.
func (b *bench) close(ctx context.Context) error {
	err := errors.Join(b.undo(ctx), b.plainApp(ctx, true))
	if b.ahead != 0 {
		_, back := b.control.MoveClock(ctx, control.MoveClock{Advance: (-b.ahead).String()})
		err = errors.Join(err, back)
	}
	return err
}

// later keeps how to undo a change that a case makes.
func (b *bench) later(undo func(context.Context) error) { b.undos = append(b.undos, undo) }

// undo undoes also what a run changed that was interrupted.
func (b *bench) undo(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	var err error
	for _, undo := range b.undos {
		err = errors.Join(err, undo(ctx))
	}
	b.undos = nil
	return err
}

// changeApp changes the terms of the app until the case is over.
func (b *bench) changeApp(ctx context.Context, change control.ChangeApp) error {
	b.later(func(ctx context.Context) error { return b.plainApp(ctx, false) })
	_, err := b.control.ChangeApp(ctx, ownApp, change)
	return err
}

// changeWallet changes the wallet until the case is over.
func (b *bench) changeWallet(ctx context.Context, change control.Conditions) error {
	b.later(b.plainWallet)
	_, err := b.control.ChangeWallet(ctx, ownWallet, change)
	return err
}

func (b *bench) readClock(ctx context.Context) error {
	c, err := b.control.Clock(ctx)
	if err != nil {
		return err
	}
	if b.stands = c.Stands; b.stands {
		b.clock.Machine = func() time.Time { return c.Now }
		return nil
	}
	b.clock.Move(0)
	b.clock.Move(c.Now.Sub(b.clock.Now()))
	return nil
}

// advance lets time pass in the sandbox.
func (b *bench) advance(ctx context.Context, d time.Duration) error {
	if _, err := b.control.MoveClock(ctx, control.MoveClock{Advance: d.String()}); err != nil {
		return err
	}
	b.ahead += d
	return b.readClock(ctx)
}

func (b *bench) now() string { return millis(b.clock.Now()) }

func millis(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }

// newID makes an app_trans_id that no earlier run has made.
func (b *bench) newID() string { return sen.AppTransID(b.clock.Now(), suffix()) }

func suffix() string { return strings.ToLower(rand.Text()[:12]) }

// members are those of a request.
type members map[string]string

// value makes a call and returns the value that answers it.
func (b *bench) value(ctx context.Context, op *sen.Operation, m members) (int, error) {
	a, err := b.call(ctx, op, m, b.app.Key1, "")
	return a.value(), err
}

// An answer holds the members that these checks look at.
type answer struct {
	Sub          *int   `json:"sub_return_code"`
	OrderToken   string `json:"zp_trans_token"`
	BindingID    string `json:"binding_id"`
	BindingToken string `json:"binding_token"`
}

func (a answer) value() int {
	if a.Sub == nil {
		return 0
	}
	return *a.Sub
}

// call makes a call, signed with key, and brings a rule of its own when scenario
// is not empty.
func (b *bench) call(ctx context.Context, op *sen.Operation, m members, key, scenario string) (a answer, err error) {
	status, text, err := b.post(ctx, op, m, key, scenario)
	if err != nil {
		return answer{}, err
	}
	if err := json.Unmarshal(text, &a); err != nil || a.Sub == nil {
		return answer{}, fmt.Errorf("%s: HTTP %d and no answer of the merchant API", op.Name, status)
	}
	return a, nil
}

func (b *bench) post(ctx context.Context, op *sen.Operation, m members, key, scenario string) (int, []byte, error) {
	sent := members{}
	for name, value := range m {
		sent[name] = value
	}
	sent[op.Signed[0]] = strconv.Itoa(b.app.ID)
	sent["mac"] = op.Sign(key, func(name string) string { return sent[name] })
	body, err := json.Marshal(sent)
	if err != nil {
		return 0, nil, err
	}
	r, err := http.NewRequestWithContext(ctx, op.Method, b.target+op.Path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if scenario != "" {
		r.Header.Set("Sen-Scenario", scenario)
	}
	response, err := b.http.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }() // it was read to its end, or is of no use
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err == nil && b.seen != nil {
		b.seen(Call{Operation: op.Name, Request: sent, HTTPStatus: response.StatusCode, Answer: string(text)})
	}
	return response.StatusCode, text, err
}

// until asks again and again until the answer is no longer unwanted. Where the
// clock stands, time must be made to pass meanwhile.
func (b *bench) until(ctx context.Context, unwanted int, ask func() (int, error)) (int, error) {
	const pause, patience = 20 * time.Millisecond, 2 * time.Minute
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		got, err := ask()
		if err != nil || got != unwanted {
			return got, err
		}
		if b.stands {
			if err := b.advance(ctx, time.Second); err != nil {
				return got, err
			}
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return got, fmt.Errorf("still %d after %v", got, patience)
		case <-timer.C:
		}
	}
}
