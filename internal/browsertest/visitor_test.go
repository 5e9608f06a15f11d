//go:build browser

// Package browsertest drives a real browser against a real gateway: what no
// test without one can see is whether script, policy and redirects agree.
package browsertest

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a test waits for any one thing.
const patience = 2 * time.Minute

// A visitor is somebody with a browser of their own.
type visitor struct {
	t   *testing.T
	ctx context.Context

	mu      sync.Mutex
	console []string // what the browser complained of
	ends    chan end
}

// An end is what the page says with which a payment or a binding ends.
type end struct{ Heading, Amount, Number string }

// endOf tells of each such page when it has come. It leads to the shop by itself a
// few seconds later, and on a busy machine a test that asks comes too late.
const endOf = `addEventListener("DOMContentLoaded", () => {
	if (!document.querySelector(".result")) return;
	const text = (selector) => document.querySelector(selector)?.innerText ?? "";
	senEnd(JSON.stringify({Heading: text(".result h1"), Amount: text(".amount"), Number: text(".facts .number")}));
})`

// ended waits for the next page of an end.
func (v *visitor) ended(heading string) end {
	v.t.Helper()
	late := time.After(patience)
	for {
		select {
		case e := <-v.ends:
			if e.Heading == heading {
				return e
			}
			v.t.Logf("it ends with %q", e.Heading)
		case <-late:
			v.t.Fatalf("no page says %q", heading)
		}
	}
}

// leaves follows the link to the shop, unless the page has done so by itself.
func (v *visitor) leaves() {
	v.t.Helper()
	ask[bool](v, `(() => { const link = document.querySelector('a[href$="/return"]'); link?.click(); return link !== null })()`)
}

// listen takes down what the browser complains of. A policy that is broken shows
// nowhere else: the page only lacks something. What a test did not ask about
// fails it at the end.
func (v *visitor) listen() {
	v.t.Helper()
	if err := chromedp.Listen(v.ctx, func(ev any) {
		if said, ok := ev.(*runtime.EventBindingCalled); ok && said.Name == "senEnd" {
			var e end
			if err := json.Unmarshal([]byte(said.Payload), &e); err == nil {
				v.ends <- e
			}
			return
		}
		e, ok := ev.(*log.EventEntryAdded)
		if !ok || !aboutHeaders(e.Entry) {
			return
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		v.console = append(v.console, e.Entry.Text)
	}); err != nil {
		v.t.Fatal(err)
	}
	if _, err := chromedp.Call(v.ctx, log.Enable, cdp.Empty{}); err != nil {
		v.t.Fatal(err)
	}
	if _, err := chromedp.Call(v.ctx, runtime.AddBinding, runtime.AddBindingParams{Name: "senEnd"}); err != nil {
		v.t.Fatal(err)
	}
	if _, err := chromedp.Call(v.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: endOf}); err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() {
		for _, text := range slices.Compact(slices.Sorted(slices.Values(v.complaints()))) {
			v.t.Errorf("the browser complains: %s", text)
		}
	})
}

// aboutHeaders reports whether the browser says that a page broke its policy, or
// that it did not take one of the headers that are there to protect it. Which
// features it knows by name is a matter of its version.
func aboutHeaders(e *log.Entry) bool {
	if strings.Contains(e.Text, "Unrecognized feature") {
		return false
	}
	return e.Source == log.EntrySourceSecurity || slices.ContainsFunc(
		[]string{"Content Security Policy", "Permissions-Policy", "Permissions policy", "Cross-Origin"},
		func(word string) bool { return strings.Contains(e.Text, word) })
}

// complaints returns what was taken down until now, and forgets it.
func (v *visitor) complaints() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	all := v.console
	v.console = nil
	return all
}

// open starts a browser in a window of a phone's size. It speaks lang on the
// pages of the gateway at base.
func open(t *testing.T, base, lang string) *visitor {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(390, 844), chromedp.DisableGPU,
		chromedp.WSURLReadTimeout(patience),
		chromedp.NoSandbox, // containers run tests as root, under which the sandbox does not start
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
	)
	if path := os.Getenv("SEN_CHROMIUM"); path != "" {
		options = append(options, chromedp.ExecPath(path))
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	v := &visitor{t: t, ctx: ctx, ends: make(chan end, 100)}
	v.listen()
	v.do("take a phone", chromedp.EmulateViewport(390, 844)) // no window can be that narrow
	v.visit(base + "/wallet?lang=" + lang)
	return v
}

func (v *visitor) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	for _, step := range steps {
		took(v, what, step)
	}
}

// took returns what came of a step. A step that met a page on its way out is
// taken again, on the one that follows.
func took[T any](v *visitor, what string, step chromedp.Action[T]) T {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	for {
		got, err := chromedp.Run(ctx, step)
		if err == nil {
			return got
		}
		if _, left := errors.AsType[*cdproto.Error](err); left && ctx.Err() == nil {
			continue
		}
		where, _ := chromedp.Run(v.ctx, chromedp.Location()) // for the message only
		v.t.Fatalf("%s at %s: %v", what, where, err)
	}
}

func (v *visitor) visit(url string) {
	v.t.Helper()
	v.do("visit "+url, chromedp.Navigate(url))
}

// press clicks on what can be seen there.
func (v *visitor) press(selector string) {
	v.t.Helper()
	v.do("press "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// signIn fills in the sign-in form of the page and sends it.
func (v *visitor) signIn(phone, pin string) {
	v.t.Helper()
	v.do("sign in",
		chromedp.SendKeys(chromedp.CSS("#phone"), phone),
		chromedp.SendKeys(chromedp.CSS("#pin"), pin+"\r"))
}

// enterCard fills in the card form of the page and sends it.
func (v *visitor) enterCard(number, month string) {
	v.t.Helper()
	v.do("enter a card",
		chromedp.SendKeys(chromedp.CSS("#card-number"), number),
		chromedp.SendKeys(chromedp.CSS("#card-month"), month+"\r"))
}

// enterCode fills in the bank's form for a code and sends it.
func (v *visitor) enterCode(otp string) {
	v.t.Helper()
	v.do("enter a code", chromedp.SendKeys(chromedp.CSS("#otp"), otp+"\r"))
}

// read waits until there is something to see and returns its text.
func (v *visitor) read(selector string) string {
	v.t.Helper()
	return took(v, "see "+selector, func(ctx context.Context, tab *chromedp.Target) (string, error) {
		if _, err := chromedp.WaitVisible(chromedp.CSS(selector))(ctx, tab); err != nil {
			return "", err
		}
		return chromedp.Text(chromedp.CSS(selector))(ctx, tab)
	})
}

// wantText waits until that is to be read there: a page that is on its way out
// can still be read for a moment.
func (v *visitor) wantText(selector, want string) {
	v.t.Helper()
	got := v.read(selector)
	for late := time.Now().Add(patience); got != want && time.Now().Before(late); {
		got = v.read(selector)
	}
	if got != want {
		v.t.Errorf("%s says %q, want %q", selector, got, want)
	}
}
