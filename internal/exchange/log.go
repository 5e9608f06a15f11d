package exchange

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/scenario"
)

// An Entry is what the road of a request knows about an exchange. It is taken
// as it is, by reference, and made into an Exchange by the writer: the request
// waits for none of that. Nobody may change what it refers to.
type Entry struct {
	ID        ID // as Number drew it; 0: it is drawn when the entry is written
	Began     time.Time
	App       merchant.ID
	Operation string
	Method    string
	Path      string
	Headers   Headers
	Remote    string

	Fields iter.Seq[Field] // nil for none
	Body   []byte

	MAC        MAC
	HTTPStatus int
	ReturnCode int
	Value      int
	Answer     []byte
	Err        error              // the refusal, or nil
	Why        func(error) string // says in words what Err found; it may be slow

	Rule    int64
	Effect  scenario.Effect
	Subject Subject

	took time.Duration
}

// size is what an entry keeps from being collected, in bytes: the fields are
// about as long as the body that they were read from.
func (e *Entry) size() int64 { return int64(2*len(e.Body) + len(e.Answer)) }

// Store is where exchanges are kept.
type Store interface {
	// InsertExchanges keeps exchanges and returns how many it kept: not those
	// whose id is taken.
	InsertExchanges(ctx context.Context, all []Exchange) (kept int, err error)
	// PruneExchanges deletes at most n: those before a time, and the oldest of
	// those that are more than most. It reports whether there may be more.
	PruneExchanges(ctx context.Context, most int, before time.Time, n int) (more bool, err error)
}

// Log takes exchanges and has them written; see ADR 0014. Taking one never waits: what comes
// faster than it can be written is dropped, and counted. A nil Log takes
// nothing.
type Log struct {
	store    Store
	now      func() time.Time
	ids      *id.Source
	redactor Redactor

	queue   lane
	reserve lane
	writing sync.Mutex
	streams streams
	kept    atomic.Int64
	dropped atomic.Int64 // by the store
	full    atomic.Int64 // for want of room
	seen    int64        // value of full at the last batch
}

// A lane is a queue that is bounded by number and by bytes. A place is taken
// before the entry is made, so that one for which there is no place costs
// nothing.
type lane struct {
	entries chan Entry
	taken   atomic.Int64
	bytes   atomic.Int64
	most    int64
}

// Bounds of the log. 256 in 200 ms are 1,280 a second: no developer makes as
// many. While more comes than there is room for, the log is a sample anyway, and
// 160 a second leave a gateway under full load all but a hundredth of its time.
const (
	queued   = 1024
	reserved = 128 // more places, for refusals that say a request was wrong
	batch    = 256
	sample   = 32
	// Every is the time between batches.
	Every = 200 * time.Millisecond

	queuedBytes   = 16 << 20
	reservedBytes = 2 << 20
)

// NewLog returns a log over the store. now is the machine's clock.
func NewLog(store Store, now func() time.Time, ids *id.Source, r Redactor) *Log {
	return &Log{
		store: store, now: now, ids: ids, redactor: r,
		queue:   lane{entries: make(chan Entry, queued), most: queuedBytes},
		reserve: lane{entries: make(chan Entry, reserved), most: reservedBytes},
	}
}

// Begin returns when an exchange begins.
func (l *Log) Begin() time.Time {
	if l == nil {
		return time.Time{}
	}
	return l.now()
}

// Number draws the number of an exchange that began then: what its caller is
// told is what it will be kept under, if there is room for it. A nil Log draws
// none.
func (l *Log) Number(began time.Time) ID {
	if l == nil {
		return 0
	}
	return ID(l.ids.Key(began, 0))
}

// Take takes an exchange if there is room, and calls entry only then. An
// important one, a refusal from which a developer learns, finds room when others
// do not.
func (l *Log) Take(important bool, entry func() Entry) {
	if l == nil {
		return
	}
	if l.queue.enter() {
		l.put(&l.queue, entry())
		return
	}
	if important && l.reserve.enter() {
		l.put(&l.reserve, entry())
		return
	}
	l.full.Add(1)
}

func (l *Log) put(n *lane, e Entry) {
	e.took = l.now().Sub(e.Began)
	n.bytes.Add(e.size())
	n.entries <- e // there is a place: it was taken before
}

// enter takes a place. The entry may then make the queue longer than its bound
// in bytes, by itself.
func (n *lane) enter() bool {
	if n.bytes.Load() >= n.most {
		return false
	}
	if n.taken.Add(1) > int64(cap(n.entries)) {
		n.taken.Add(-1)
		return false
	}
	return true
}

// drain moves what waits to all, until that has n entries.
func (n *lane) drain(all []Entry, most int) []Entry {
	for len(all) < most {
		select {
		case e := <-n.entries:
			n.taken.Add(-1)
			n.bytes.Add(-e.size())
			all = append(all, e)
		default:
			return all
		}
	}
	return all
}

// WriteBatch writes one batch of what waits. A worker calls it again and again,
// with a pause of Every.
func (l *Log) WriteBatch(ctx context.Context) (more bool, err error) {
	n := batch
	if full := l.full.Load(); full != l.seen {
		n, l.seen = sample, full
	}
	_, err = l.write(ctx, n)
	return false, err
}

// Flush writes what waits now, so that who looks finds what came before.
func (l *Log) Flush(ctx context.Context) error {
	for range 1 + (queued+reserved)/batch {
		if n, err := l.write(ctx, batch); err != nil || n < batch {
			return err
		}
	}
	return nil
}

// write writes at most that many in one transaction, and then tells those who
// watch. What the store does not take is lost: trying again would let more and
// more wait.
func (l *Log) write(ctx context.Context, most int) (n int, err error) {
	l.writing.Lock()
	defer l.writing.Unlock()
	entries := l.reserve.drain(make([]Entry, 0, min(most, len(l.queue.entries)+len(l.reserve.entries))), most)
	entries = l.queue.drain(entries, most)
	if len(entries) == 0 {
		return 0, nil
	}
	slices.SortStableFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Began.UnixNano(), b.Began.UnixNano()) })
	all := make([]Exchange, len(entries))
	for i := range entries {
		all[i] = l.exchange(&entries[i])
	}
	// What was taken from the queue is nowhere else: it is written also when the
	// one who wanted to look has gone, or we stop.
	kept, err := l.store.InsertExchanges(context.WithoutCancel(ctx), all)
	l.kept.Add(int64(kept))
	l.dropped.Add(int64(len(all) - kept))
	if err == nil {
		l.streams.send(all)
	}
	return len(all), err
}

// Counts returns how many exchanges were kept since the process began, and how
// many were not.
func (l *Log) Counts() (kept, dropped int64) { return l.kept.Load(), l.dropped.Load() + l.full.Load() }

// Waiting is how many exchanges wait to be written.
func (l *Log) Waiting() int { return len(l.queue.entries) + len(l.reserve.entries) }

// A Pruner keeps the log from growing for ever.
type Pruner struct {
	Store Store
	Now   func() time.Time // the machine's
	Most  int              // exchanges
	Age   time.Duration    // of the oldest
}

// Once deletes a small batch of what is too much.
func (p *Pruner) Once(ctx context.Context) (more bool, err error) {
	return p.Store.PruneExchanges(ctx, p.Most, p.Now().Add(-p.Age), batch)
}

// How much is kept unless somebody says otherwise.
const (
	DefaultMost = 100_000
	DefaultAge  = 7 * 24 * time.Hour
)
