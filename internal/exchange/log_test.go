package exchange

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen/internal/id"
	"sen/internal/merchant"
)

// shelf is a store that can be told to fail.
type shelf struct {
	kept    []Exchange
	batches int
	err     error
}

func (s *shelf) InsertExchanges(ctx context.Context, all []Exchange) (int, error) {
	if err := errors.Join(s.err, ctx.Err()); err != nil {
		return 0, err
	}
	s.batches++
	s.kept = append(s.kept, all...)
	return len(all), nil
}

func (s *shelf) PruneExchanges(context.Context, int, time.Time, int) (bool, error) { return false, nil }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func newLog(s *shelf, live bool) *Log {
	now := noon
	clock := func() time.Time { now = now.Add(time.Millisecond); return now }
	keys := func(app merchant.ID) []string { return map[merchant.ID][]string{7: {"k3y-one", "k3y-two"}}[app] }
	return NewLog(s, clock, &id.Source{Rand: rand.Reader, Shards: 1}, Redactor{Keys: keys, Live: live})
}

func take(l *Log, important bool, value int) {
	began := l.Begin()
	l.Take(important, func() Entry { return Entry{Began: began, Value: value} })
}

func TestLogKeepsOrder(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	l := newLog(s, false)
	for i := range 5 {
		take(l, false, i)
	}
	watched, stop := l.Watch()
	defer stop()
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, x := range s.kept {
		if x.Value != i || i > 0 && x.ID <= s.kept[i-1].ID || x.Took != time.Millisecond || int64(x.ID) < id.First(x.At) {
			t.Errorf("exchange %d is %+v", i, x)
		}
		if got := <-watched.C; got.ID != x.ID {
			t.Errorf("the one who watches got %d, want %d", got.ID, x.ID)
		}
	}
	if kept, dropped := l.Counts(); kept != 5 || dropped != 0 || len(s.kept) != 5 {
		t.Errorf("%d kept, %d dropped", kept, dropped)
	}
}

// TestLogFull fills the queue: more good ones find no room, refusals find the
// reserve until that is full too, and all are counted. It counts allocations, so
// it runs alone.
func TestLogFull(t *testing.T) {
	s := &shelf{}
	l := newLog(s, false)
	for range queued + 10 {
		take(l, false, 1)
	}
	for range reserved + 5 {
		take(l, true, -402)
	}
	made := false
	l.Take(false, func() Entry { made = true; return Entry{} })
	if made {
		t.Error("an entry was made for which there was no room")
	}
	if allocs := testing.AllocsPerRun(100, func() { take(l, true, 1) }); allocs != 0 {
		t.Errorf("a full log costs %v allocations", allocs)
	}
	_, before := l.Counts()
	if want := int64(10 + 5 + 1 + 101); before != want {
		t.Errorf("%d dropped, want %d", before, want)
	}
	if _, err := l.WriteBatch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := l.WriteBatch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(s.kept) != sample+batch || s.batches != 2 { // a small one while there was no room
		t.Errorf("two batches wrote %d in %d transactions, want %d", len(s.kept), s.batches, sample+batch)
	}
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	refused := slices.IndexFunc(s.kept, func(x Exchange) bool { return x.Value == -402 })
	if len(s.kept) != queued+reserved || refused < 0 {
		t.Errorf("%d kept, want %d, and refusals among them", len(s.kept), queued+reserved)
	}
	take(l, false, 1)
	if _, after := l.Counts(); after != before {
		t.Error("there is no room after everything was written")
	}
}

// TestLogBytes fills the queue with few large requests.
func TestLogBytes(t *testing.T) {
	t.Parallel()
	l := newLog(&shelf{}, false)
	body := make([]byte, 128<<10)
	n := 0
	for ; n < queued; n++ {
		l.Take(false, func() Entry { return Entry{Body: body} })
		if _, dropped := l.Counts(); dropped > 0 {
			break
		}
	}
	if most := queuedBytes/(2*len(body)) + 1; n > most {
		t.Errorf("%d requests of 128 kB wait, want %d at most", n, most)
	}
}

func TestLogStoreFails(t *testing.T) {
	t.Parallel()
	s := &shelf{err: errors.New("the disk is full")}
	l := newLog(s, false)
	take(l, false, 1)
	if _, err := l.WriteBatch(t.Context()); !errors.Is(err, s.err) {
		t.Errorf("WriteBatch = %v, want the store's error", err)
	}
	if kept, dropped := l.Counts(); kept != 0 || dropped != 1 {
		t.Errorf("%d kept, %d dropped, want 0 and 1", kept, dropped)
	}
}

// TestLogImpatient has somebody look who is gone before the batch is written.
func TestLogImpatient(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	l := newLog(s, false)
	take(l, false, 1)
	ctx, gone := context.WithCancel(t.Context())
	gone()
	if err := l.Flush(ctx); err != nil || len(s.kept) != 1 {
		t.Errorf("%d kept, %v, want the one that waited", len(s.kept), err)
	}
}

func TestNoLog(t *testing.T) {
	t.Parallel()
	var l *Log
	take(l, true, 1)
}

// TestStreamSlow has somebody watch who does not look.
func TestStreamSlow(t *testing.T) {
	t.Parallel()
	l := newLog(&shelf{}, false)
	s, stop := l.Watch()
	defer stop()
	for range streamed + 3 {
		take(l, false, 1)
	}
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.Dropped() != 3 {
		t.Errorf("%d were missed, want 3", s.Dropped())
	}
	l.EndStreams()
	n := 0
	for range s.C {
		n++
	}
	if n != streamed {
		t.Errorf("%d came, want %d", n, streamed)
	}
	if s, _ := l.Watch(); s.C != nil {
		if _, open := <-s.C; open {
			t.Error("a stream of a log that is closed is open")
		}
	}
}

func redacted(live bool, x Exchange) Exchange {
	r := Redactor{Live: live, Keys: func(merchant.ID) []string { return []string{"k3y-one", "k3y-two"} }}
	r.redact(&x)
	return x
}

func TestRedactText(t *testing.T) {
	t.Parallel()
	const visa = "4111111111111111"
	for text, want := range map[string][2]string{ // in a sandbox, in a live gateway
		"số thẻ " + visa + "!":          {"số thẻ ••••!", "số thẻ ••••!"},
		"4111 1111 1111 1111":           {"••••", "••••"},
		"4111-1111-1111-1111":           {"••••", "••••"},
		"x3782 822463 10005y":           {"x••••y", "x••••y"},
		"9704000000000018":              {"••••", "••••"},
		"4111111111111112":              {"4111111111111112", "4111111111111112"}, // does not check
		"1764000000003":                 {"1764000000003", "1764000000003"},       // checks, and is a time
		"261122000000004":               {"261122000000004", "261122000000004"},   // checks, and is a payment
		`{"cvv":"123","x":1}`:           {`{"cvv":"••••","x":1}`, `{"cvv":"••••","x":1}`},
		`{\"otp\": \"123456\"}`:         {`{\"otp\": \"••••\"}`, `{\"otp\": \"••••\"}`},
		"pin=123456&a=b":                {"pin=••••&a=b", "pin=••••&a=b"},
		"a text with k3y-one inside":    {"a text with •••• inside", "a text with •••• inside"},
		`{"mac":"abc","pay_token":"T"}`: {`{"mac":"abc","pay_token":"T"}`, `{"mac":"••••","pay_token":"••••"}`},
		`{"contact":"Nguyễn Lan"}`:      {`{"contact":"Nguyễn Lan"}`, `{"contact":"••••"}`},
		"gọi 0912345678 nhé":            {"gọi 0912345678 nhé", "gọi ••••678 nhé"},
		"+84912345678":                  {"+84912345678", "+••••678"},
		"":                              {"", ""},
	} {
		for i, live := range []bool{false, true} {
			got := redacted(live, Exchange{Answer: text, Fields: []Field{{Name: "description", Value: text}}})
			if got.Answer != want[i] || got.Fields[0].Value != want[i] || got.Fields[0].Hidden != (want[i] != text) {
				t.Errorf("live %v: %q becomes %q and %+v, want %q", live, text, got.Answer, got.Fields[0], want[i])
			}
		}
	}
}

// TestRedactDigest lets macs be, which the console explains and the pages that send
// requests look for: one in 400 has digits in a row that could be a card's. What is
// not as long as a digest, or could go on beside it, is masked.
func TestRedactDigest(t *testing.T) {
	t.Parallel()
	const mac, visa = "5d8f6cce532a7aeb57196be62344095936793400b3aeb3580d248b17d5518a86", "4111111111111111"
	r := &Redactor{}
	for _, text := range []string{mac, strings.ToUpper(mac), "mac=" + mac + "&a=1", `{"mac":"` + mac + `"}`, mac[20:52], mac + mac} {
		if got := r.text(text, nil); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
	for i := range 10_000 {
		sum := sha256.Sum256([]byte(strconv.Itoa(i)))
		if text := hex.EncodeToString(sum[:]); r.text(text, nil) != text {
			t.Errorf("%q becomes %q", text, r.text(text, nil))
		}
	}
	for _, text := range []string{
		mac[1:], "a" + mac, mac + "z", "4 " + mac, mac + "-1", "abcdef" + visa, visa + "abcdef", "x" + mac[:23] + visa + "a" + mac[40:],
		"4111 1111 1111 1111", mac[:12] + "4111-1111-1111-1111",
	} {
		if got := r.text(text, nil); !strings.Contains(got, mask) {
			t.Errorf("%q stays", text)
		}
	}
}

// TestRedactBody looks at whole requests: a body is shown only if nothing in it
// is hidden.
func TestRedactBody(t *testing.T) {
	t.Parallel()
	good := []Field{{Name: "app_id", Value: "7"}, {Name: "phone", Value: "0912345678"}, {Name: "mac", Value: strings.Repeat("a", 64)}}
	for name, c := range map[string]struct {
		fields  []Field
		body    string
		sandbox bool // the body is shown there
		hidden  []string
	}{
		"good":                   {good, "app_id=7&phone=0912345678&mac=aaa", true, []string{"phone", "mac"}},
		"an invoice":             {[]Field{{Name: "appId", Value: "7"}, {Name: "receiver", Value: `{"contact":"Lan"}`}}, `{"appId":7,"receiver":{"contact":"Lan"}}`, true, []string{"receiver"}},
		"card":                   {[]Field{{Name: "description", Value: "4111111111111111"}}, "description=4111%2011111111111111", false, []string{"description"}},
		"own key":                {[]Field{{Name: "key1", Value: "whatever"}}, "key1=whatever", false, []string{"key1"}},
		"unreadable":             {nil, `{"app_id":7,`, true, nil},
		"unreadable, with a key": {nil, `{"app_id":7,"x":"k3y-two"`, false, nil},
	} {
		sandbox := redacted(false, Exchange{Fields: slices.Clone(c.fields), Body: []byte(c.body)})
		if (sandbox.Body != nil) != c.sandbox {
			t.Errorf("%s: the body of a sandbox is %q", name, sandbox.Body)
		}
		live := redacted(true, Exchange{Fields: slices.Clone(c.fields), Body: []byte(c.body)})
		if live.Body != nil {
			t.Errorf("%s: the body of a live gateway is %q", name, live.Body)
		}
		var hidden []string
		for _, f := range live.Fields {
			if f.Hidden {
				hidden = append(hidden, f.Name)
			}
		}
		if diff := cmp.Diff(c.hidden, hidden); diff != "" {
			t.Errorf("%s: hidden in a live gateway (-want +got):\n%s", name, diff)
		}
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		most int
		want string
	}{
		{"abc", 3, "abc"}, {"abcd", 3, "abc"}, {"sẽ", 3, "s"}, {"sẽ", 4, "sẽ"}, {"😀😀", 7, "😀"}, {"a\x00b\xff", 9, "a\uFFFDb\uFFFD"},
	} {
		if got := clip(c.text, c.most); got != c.want {
			t.Errorf("clip(%q, %d) = %q, want %q", c.text, c.most, got, c.want)
		}
	}
}
