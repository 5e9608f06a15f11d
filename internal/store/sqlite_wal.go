package store

import "github.com/ncruces/go-sqlite3/vfs"

// buffering registers the disk of that name anew, but with a write-ahead log
// whose frames go to it in one piece instead of two calls for each page; a paced
// one is for checkpoints. It returns its name.
func buffering(disk string, paced bool) string {
	name := "sen-" + disk
	if paced {
		name = "sen-paced-" + disk
	}
	vfs.Register(name, files{disk, paced})
	return name
}

// files opens what SQLite asks for on the disk of that name.
type files struct {
	disk  string
	paced bool
}

func (f files) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	return f.buffered(vfs.Find(f.disk).Open(name, flags))
}

func (f files) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	if under, ok := vfs.Find(f.disk).(vfs.VFSFilename); ok {
		return f.buffered(under.OpenFilename(name, flags))
	}
	return f.Open(name.String(), flags)
}

func (f files) Delete(path string, syncDir bool) error { return vfs.Find(f.disk).Delete(path, syncDir) }

func (f files) FullPathname(path string) (string, error) { return vfs.Find(f.disk).FullPathname(path) }

func (f files) Access(path string, flags vfs.AccessFlag) (bool, error) {
	return vfs.Find(f.disk).Access(path, flags)
}

func (f files) buffered(file vfs.File, flags vfs.OpenFlag, err error) (vfs.File, vfs.OpenFlag, error) {
	switch {
	case err != nil:
	case flags&vfs.OPEN_WAL != 0:
		file = &walFile{File: file}
	case f.paced && flags&vfs.OPEN_MAIN_DB != 0:
		file = &pacedFile{File: file}
	}
	return file, flags, err
}

// maxUnwritten is where a log's frames are written though nobody asked for it,
// in bytes.
const maxUnwritten = 1 << 20

// A walFile is a write-ahead log that keeps what is written to it until the
// transaction is synced. Frames that were not synced are of no use to anybody
// else: other connections are told of them after the sync, and after a crash
// they may be missing anyway. This connection's own reads see them.
type walFile struct {
	vfs.File

	at        int64 // where unwritten starts
	unwritten []byte
}

func (f *walFile) WriteAt(p []byte, off int64) (int, error) {
	if off != f.at+int64(len(f.unwritten)) || len(f.unwritten)+len(p) > maxUnwritten {
		if err := f.flush(); err != nil {
			return 0, err
		}
		f.at = off
	}
	f.unwritten = append(f.unwritten, p...)
	return len(p), nil
}

// flush writes what is kept. If that fails it is forgotten, as a write that
// failed is: SQLite takes the transaction back.
func (f *walFile) flush() error {
	if len(f.unwritten) == 0 {
		return nil
	}
	_, err := f.File.WriteAt(f.unwritten, f.at)
	f.at += int64(len(f.unwritten))
	f.unwritten = f.unwritten[:0]
	return err
}

func (f *walFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.flush(); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, off)
}

func (f *walFile) Sync(flags vfs.SyncFlag) error {
	if err := f.flush(); err != nil {
		return err
	}
	return f.File.Sync(flags)
}

func (f *walFile) Truncate(size int64) error {
	if err := f.flush(); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

func (f *walFile) Size() (int64, error) {
	if err := f.flush(); err != nil {
		return 0, err
	}
	return f.File.Size()
}

// Close drops what is kept: it was not synced.
func (f *walFile) Close() error { return f.File.Close() }

// Unwrap lets SQLite ask the file below for what else it can do.
func (f *walFile) Unwrap() vfs.File { return f.File }
