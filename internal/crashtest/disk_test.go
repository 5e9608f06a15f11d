package crashtest

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// sector is the least that a disk writes at once, in bytes.
const sector = 512

// What a disk is asked to do that outlasts the process.
type kind int

const (
	create   kind = iota // a name, for an empty file
	write                // bytes of a file
	truncate             // or extend, a file
	force                // a file: what was written to it is there for good
	forceDir             // the names: who was created is there for good, who was deleted is gone
	remove               // a name
	forget               // what was written to a file since its last sync: a later one does not bring it back
)

func (k kind) String() string {
	return [...]string{"create", "write", "truncate", "sync", "sync the directory", "delete", "forget"}[k]
}

// An event is one thing that a disk was asked to do.
type event struct {
	kind kind
	file int    // number of the file; 0: none
	name string // of the file
	off  int64  // where the bytes go, or the new size
	data []byte
}

func (e event) String() string {
	return fmt.Sprintf("%v %s, %d bytes at %d", e.kind, e.name, len(e.data), e.off)
}

// An image is what is on a disk when the power comes back: contents by name.
type image map[string][]byte

// sum tells images apart.
func (i image) sum() uint64 {
	var h maphash.Hash
	h.SetSeed(imageSeed)
	for _, name := range slices.Sorted(maps.Keys(i)) {
		fmt.Fprintf(&h, "%s %d\n", name, len(i[name]))
		_, _ = h.Write(i[name])
	}
	return h.Sum64()
}

var imageSeed = maphash.MakeSeed()

// A disk is a file system in memory, for SQLite. It keeps what it is asked to
// do, in order, so that the disk that would be left by a loss of power after any
// of it can be made; see crash. Files of its own that nobody ever sees again, such
// as temporary ones, are not kept.
type disk struct {
	name string // under which the driver knows it
	shm  string // where what connections share goes; it does not outlast a process

	mu     sync.Mutex
	names  map[string]*content
	serial int
	log    []event
	// fail says what becomes of an event, or of a read, instead of what should.
	// It is called with mu locked.
	fail func(e event) error
	read func(name string) error
	// dirty are the events since the last sync, by file; see lose.
	dirty map[int][]undo
}

// A content is a file: its bytes, as processes see them, and who has locked it.
type content struct {
	number  int
	name    string
	data    []byte
	private bool // never on the disk

	shared            int
	reserved, pending *handle
	exclusive         *handle
}

// An undo is what a write went over.
type undo struct {
	off, size int64 // size of the file before
	old       []byte
}

var disks atomic.Int64

// newDisk returns a disk with an image on it.
func newDisk(t testing.TB, from image) *disk {
	t.Helper()
	d := emptyDisk(filepath.Join(t.TempDir(), "shm"), from)
	t.Cleanup(d.forget)
	return d
}

// emptyDisk is newDisk for whoever forgets it.
func emptyDisk(shm string, from image) *disk {
	d := &disk{
		name: fmt.Sprintf("crash%d", disks.Add(1)), shm: shm,
		names: map[string]*content{}, dirty: map[int][]undo{},
	}
	for name, data := range from {
		d.serial++
		d.names[name] = &content{number: d.serial, name: name, data: append([]byte(nil), data...)}
	}
	vfs.Register(d.name, d)
	return d
}

// forget takes the disk from the driver.
func (d *disk) forget() { vfs.Unregister(d.name) }

// now returns what a process that dies leaves behind.
func (d *disk) now() image {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := image{}
	for name, c := range d.names {
		i[name] = append([]byte(nil), c.data...)
	}
	return i
}

// events returns how many there were.
func (d *disk) events() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.log)
}

// mark begins the log anew, with all that is on the disk there for good, and
// returns that.
func (d *disk) mark() *replay {
	start := d.now()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.log, d.dirty = nil, map[int][]undo{}
	r := newReplay()
	for name, data := range start {
		r.begin(name, d.names[name].number, data)
	}
	return r
}

// since returns the log.
func (d *disk) since() []event {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]event(nil), d.log...)
}

// when sets what fails.
func (d *disk) when(fail func(event) error, read func(name string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail, d.read = fail, read
}

// well ends what when began, and returns how many things came meanwhile.
func (d *disk) well(came *int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail, d.read = nil, nil
	return *came
}

// note asks for what is to become of an event and keeps it. mu is locked.
func (d *disk) note(c *content, e event) error {
	if c != nil {
		if c.private {
			return nil
		}
		e.file, e.name = c.number, c.name
	}
	if d.fail != nil {
		switch err := d.fail(e); {
		case errors.Is(err, errIgnored):
			return nil
		case err != nil:
			return err
		}
	}
	d.log = append(d.log, e)
	switch e.kind {
	case write:
		from, to := min(e.off, int64(len(c.data))), min(e.off+int64(len(e.data)), int64(len(c.data)))
		d.dirty[c.number] = append(d.dirty[c.number], undo{e.off, int64(len(c.data)), append([]byte(nil), c.data[from:to]...)})
	case truncate:
		from := min(e.off, int64(len(c.data)))
		d.dirty[c.number] = append(d.dirty[c.number], undo{from, int64(len(c.data)), append([]byte(nil), c.data[from:]...)})
	case force:
		delete(d.dirty, c.number)
	case create, forceDir, remove, forget:
	}
	return nil
}

// loseIn undoes, or forgets, what was written to a file since its last sync. mu is
// locked.
func (d *disk) loseIn(number int, undone bool) {
	if undone {
		d.lose(number)
		return
	}
	delete(d.dirty, number)
	d.log = append(d.log, event{kind: forget, file: number})
}

// lose makes the writes since a file's last sync undone, as a system may that
// could not write them. mu is locked.
func (d *disk) lose(number int) {
	for _, c := range d.names {
		if c.number != number {
			continue
		}
		undone := d.dirty[number]
		for i := len(undone) - 1; i >= 0; i-- {
			u := undone[i]
			c.resize(u.size)
			copy(c.data[min(u.off, u.size):], u.old)
		}
		delete(d.dirty, number)
		d.log = append(d.log,
			event{kind: truncate, file: c.number, name: c.name},
			event{kind: write, file: c.number, name: c.name, data: append([]byte(nil), c.data...)},
			event{kind: force, file: c.number, name: c.name})
	}
}

func (c *content) resize(size int64) {
	if size <= int64(len(c.data)) {
		c.data = c.data[:size]
		return
	}
	c.data = append(c.data, make([]byte, size-int64(len(c.data)))...)
}

func (c *content) put(b []byte, off int64) {
	if end := off + int64(len(b)); end > int64(len(c.data)) {
		c.resize(end)
	}
	copy(c.data[off:], b)
}

// Open opens a file, as SQLite does.
func (d *disk) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if name == "" {
		return &handle{disk: d, content: &content{private: true}}, flags, nil
	}
	h := &handle{disk: d, flags: flags}
	c := d.names[name]
	if c == nil {
		if flags&vfs.OPEN_CREATE == 0 {
			return nil, flags, sqlite3.CANTOPEN
		}
		d.serial++
		c = &content{number: d.serial, name: name}
		if err := d.note(c, event{kind: create}); err != nil {
			return nil, flags, err
		}
		d.names[name] = c
	}
	h.content = c
	// As the driver does on a real disk: the name of a journal is forced with
	// its first sync.
	h.newborn = flags&vfs.OPEN_CREATE != 0 && flags&(vfs.OPEN_MAIN_JOURNAL|vfs.OPEN_SUPER_JOURNAL|vfs.OPEN_WAL) != 0
	h.shm = vfs.NewSharedMemory(fmt.Sprintf("%s-%d", d.shm, c.number), flags)
	return h, flags, nil
}

// Delete removes a name.
func (d *disk) Delete(name string, forced bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.names[name] == nil {
		return sqlite3.IOERR_DELETE_NOENT
	}
	if err := d.note(d.names[name], event{kind: remove}); err != nil {
		return err
	}
	delete(d.names, name)
	if forced {
		return d.note(nil, event{kind: forceDir})
	}
	return nil
}

// Access reports whether there is a file.
func (d *disk) Access(name string, _ vfs.AccessFlag) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.names[name] != nil, nil
}

// FullPathname is the name alone: gateways with other directories share images.
func (d *disk) FullPathname(name string) (string, error) { return filepath.Base(name), nil }

// url names the database on the disk to the driver.
func (d *disk) url() string {
	return "file:" + database + "?" + url.Values{"vfs": {d.name}, "_pragma": {"busy_timeout(5000)"}}.Encode()
}

// A handle is a file that a connection has open.
type handle struct {
	*content
	disk    *disk
	flags   vfs.OpenFlag
	lock    vfs.LockLevel
	shm     vfs.SharedMemory
	newborn bool
}

var _ vfs.FileSharedMemory = (*handle)(nil)

func (h *handle) SharedMemory() vfs.SharedMemory { return h.shm }

func (h *handle) Close() error {
	if h.shm != nil {
		_ = h.shm.Close() // as the driver does: it may not be open
	}
	return h.Unlock(vfs.LOCK_NONE)
}

func (h *handle) ReadAt(b []byte, off int64) (int, error) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if h.disk.read != nil && !h.private {
		if err := h.disk.read(h.name); err != nil {
			var short shortRead
			if errors.As(err, &short) {
				return copy(b[:len(b)/2], h.data[min(off, int64(len(h.data))):]), io.ErrUnexpectedEOF
			}
			return 0, err
		}
	}
	if off >= int64(len(h.data)) {
		return 0, io.EOF
	}
	n := copy(b, h.data[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// errIgnored lets a disk say that it did what it did not.
var errIgnored = errors.New("ignored")

// shortRead is a read that brings half of what was asked for.
type shortRead struct{}

func (shortRead) Error() string { return "short read" }

func (h *handle) WriteAt(b []byte, off int64) (int, error) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if err := h.disk.note(h.content, event{kind: write, off: off, data: append([]byte(nil), b...)}); err != nil {
		return 0, err
	}
	h.put(b, off)
	return len(b), nil
}

func (h *handle) Truncate(size int64) error {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if err := h.disk.note(h.content, event{kind: truncate, off: size}); err != nil {
		return err
	}
	h.resize(size)
	return nil
}

// SizeHint extends a file, as the driver does on a real disk.
func (h *handle) SizeHint(size int64) error {
	if now, _ := h.Size(); size <= now {
		return nil
	}
	return h.Truncate(size)
}

func (h *handle) Sync(vfs.SyncFlag) error {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if err := h.disk.note(h.content, event{kind: force}); err != nil {
		return err
	}
	if h.newborn {
		h.newborn = false
		return h.disk.note(nil, event{kind: forceDir})
	}
	return nil
}

func (h *handle) Size() (int64, error) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	return int64(len(h.data)), nil
}

func (h *handle) SectorSize() int { return 4096 }

// DeviceCharacteristics are those that the driver takes a real disk to have.
func (h *handle) DeviceCharacteristics() vfs.DeviceCharacteristic {
	return vfs.IOCAP_POWERSAFE_OVERWRITE | vfs.IOCAP_SUBPAGE_READ
}

func (h *handle) Lock(to vfs.LockLevel) error {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if h.lock >= to {
		return nil
	}
	c := h.content
	switch to {
	case vfs.LOCK_SHARED:
		if c.pending != nil || c.exclusive != nil {
			return sqlite3.BUSY
		}
		c.shared++
	case vfs.LOCK_RESERVED:
		if c.reserved != nil {
			return sqlite3.BUSY
		}
		c.reserved = h
	default:
		if c.reserved != nil && c.reserved != h || c.pending != nil && c.pending != h {
			return sqlite3.BUSY
		}
		c.pending = h
		if c.shared > 1 {
			h.lock = vfs.LOCK_PENDING
			return sqlite3.BUSY
		}
		c.exclusive = h
	}
	h.lock = to
	return nil
}

func (h *handle) Unlock(to vfs.LockLevel) error {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if h.lock <= to {
		return nil
	}
	c := h.content
	for _, by := range []**handle{&c.reserved, &c.pending, &c.exclusive} {
		if *by == h {
			*by = nil
		}
	}
	if to == vfs.LOCK_NONE {
		c.shared--
	}
	h.lock = to
	return nil
}

func (h *handle) CheckReservedLock() (bool, error) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	return h.reserved != nil, nil
}

func (h *handle) LockState() vfs.LockLevel { return h.lock }
