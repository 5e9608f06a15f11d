package crashtest

import (
	"bytes"
	"maps"
	"math/rand/v2"
)

// A replay is a disk that knows what is on it for good and what is not yet,
// after some events of a log.
type replay struct {
	files  map[int]*replayed
	now    map[string]int // names as processes see them
	always map[string]int // names that are there for good
	names  []event        // created or deleted, but not for good
}

type replayed struct {
	forced  []byte // there for good
	now     []byte
	pending []event // between the two
}

func newReplay() *replay {
	return &replay{files: map[int]*replayed{}, now: map[string]int{}, always: map[string]int{}}
}

// begin puts a file on the disk for good.
func (r *replay) begin(name string, number int, data []byte) {
	r.files[number] = &replayed{forced: bytes.Clone(data), now: bytes.Clone(data)}
	r.now[name], r.always[name] = number, number
}

// step goes on by one event.
func (r *replay) step(e event) {
	f := r.files[e.file]
	switch e.kind {
	case create:
		r.files[e.file] = &replayed{}
		r.now[e.name] = e.file
		r.names = append(r.names, e)
	case remove:
		delete(r.now, e.name)
		r.names = append(r.names, e)
	case forceDir:
		r.always, r.names = maps.Clone(r.now), nil
	case write, truncate:
		f.now = apply(f.now, e)
		f.pending = append(f.pending, e)
	case force:
		for _, p := range f.pending {
			f.forced = apply(f.forced, p)
		}
		f.pending = nil
	case forget:
		f.pending = nil
	}
}

func apply(data []byte, e event) []byte {
	end := e.off
	if e.kind == write {
		end = max(int64(len(data)), e.off+int64(len(e.data)))
	}
	if grow := end - int64(len(data)); grow > 0 {
		data = append(data, make([]byte, grow)...)
	}
	data = data[:end]
	if e.kind == write {
		copy(data[e.off:], e.data)
	}
	return data
}

// forced is what is left when nothing survives that was not forced.
func (r *replay) forced() image {
	return r.image(r.always, func(f *replayed) []byte { return f.forced })
}

// named is forced, but all names are there, or gone: file systems that keep a
// journal of names and none of contents do that.
func (r *replay) named() image { return r.image(r.now, func(f *replayed) []byte { return f.forced }) }

// written is what is left when everything survives.
func (r *replay) written() image { return r.image(r.now, func(f *replayed) []byte { return f.now }) }

func (r *replay) image(names map[string]int, of func(*replayed) []byte) image {
	i := image{}
	for name, number := range names {
		i[name] = bytes.Clone(of(r.files[number]))
	}
	return i
}

// torn is written, and then the first n sectors of one more event, which is a
// write.
func (r *replay) torn(e event, n int) image {
	i := r.written()
	e.data = e.data[:min(int64(len(e.data)), cut(e.off, n)-e.off)]
	i[e.name] = apply(i[e.name], e)
	return i
}

// cut is where the nth sector from off on ends.
func cut(off int64, n int) int64 { return (off/sector + int64(n)) * sector }

// sectors is how many a write touches.
func sectors(e event) int {
	if e.kind != write || len(e.data) == 0 {
		return 0
	}
	return int((e.off+int64(len(e.data))-1)/sector - e.off/sector + 1)
}

// shuffled is what is left when chance chooses, sector by sector and name by name,
// what survives of that which was not forced.
func (r *replay) shuffled(seed uint64) image {
	chance := rand.New(rand.NewPCG(seed, 0))
	names := maps.Clone(r.always)
	for _, e := range r.names {
		switch {
		case chance.IntN(2) == 0:
		case e.kind == create:
			names[e.name] = e.file
		default:
			delete(names, e.name)
		}
	}
	return r.image(names, func(f *replayed) []byte {
		data := bytes.Clone(f.forced)
		for _, e := range f.pending {
			for _, part := range split(e) {
				if chance.IntN(2) == 0 {
					data = apply(data, part)
				}
			}
		}
		return data
	})
}

// split cuts a write into its sectors.
func split(e event) []event {
	if e.kind != write {
		return []event{e}
	}
	var parts []event
	for off, end := e.off, e.off+int64(len(e.data)); off < end; {
		to := min(cut(off, 1), end)
		parts = append(parts, event{kind: write, file: e.file, name: e.name, off: off, data: e.data[off-e.off : to-e.off]})
		off = to
	}
	return parts
}
