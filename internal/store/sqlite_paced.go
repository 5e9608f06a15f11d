package store

import "github.com/ncruces/go-sqlite3/vfs"

// pacedAt is how much of a checkpoint is on its way to the disk at once, in
// bytes.
const pacedAt = 512 << 10

// A pacedFile is the database as the checkpointer sees it, who copies the log
// into it. That is tens of megabytes, and for as long as the disk takes for
// them, commits, which sync the log, would wait in line. In small pieces they
// wait for one piece.
type pacedFile struct {
	vfs.File

	unsynced int
}

func (f *pacedFile) WriteAt(p []byte, off int64) (int, error) {
	n, err := f.File.WriteAt(p, off)
	if f.unsynced += n; err == nil && f.unsynced >= pacedAt {
		err = f.Sync(vfs.SYNC_NORMAL | vfs.SYNC_DATAONLY)
	}
	return n, err
}

func (f *pacedFile) Sync(flags vfs.SyncFlag) error {
	f.unsynced = 0
	return f.File.Sync(flags)
}

// SharedMemory is that of the file below: without it there is no write-ahead
// log.
func (f *pacedFile) SharedMemory() vfs.SharedMemory {
	if under, ok := f.File.(vfs.FileSharedMemory); ok {
		return under.SharedMemory()
	}
	return nil
}

// Unwrap lets SQLite ask the file below for what else it can do.
func (f *pacedFile) Unwrap() vfs.File { return f.File }
