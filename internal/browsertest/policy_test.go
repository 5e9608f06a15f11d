//go:build browser

package browsertest

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestBrowserPolicy breaks the policy of a page, to see that such a thing is
// noticed: every other test fails when its browser says anything of the kind.
func TestBrowserPolicy(t *testing.T) {
	t.Parallel()
	g := start(t)
	v := open(t, g.url, "en")
	if said := v.complaints(); len(said) != 0 {
		t.Errorf("before anything was broken: %q", said)
	}
	const planted = `(() => { const s = document.createElement("script"); s.textContent = "window.planted = 1"; document.body.append(s); return window.planted === undefined })()`
	refused, err := chromedp.Run(v.ctx, chromedp.Evaluate[bool](planted))
	if err != nil {
		t.Fatal(err)
	}
	if !refused {
		t.Error("the script was run")
	}
	var said []string
	for late := time.Now().Add(patience / 3); len(said) == 0 && time.Now().Before(late); {
		v.read("h1") // a turn of the browser, which says what it has to
		said = v.complaints()
	}
	if !strings.Contains(strings.Join(said, "\n"), "Content Security Policy") {
		t.Errorf("the browser says only %q", said)
	}
}
