package store

import (
	"bufio"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"
)

// A log of an archive is a line that says so, and then records, each of which is
//
//	length   4 bytes, of what is compressed
//	kind     1 byte
//	at       8 bytes, microseconds since 1970
//	salt     8 bytes, frame 8 bytes: where in which write-ahead log it ends
//	page     4 bytes, the size of a page
//	size     4 bytes, of the database in pages after it
//	pages    compressed by DEFLATE; each is its number, 4 bytes, and what it holds
//	sum      32 bytes, SHA-256 over the sum before it and all of the above
//
// with numbers in big-endian order. So nothing can be changed, left out or put
// elsewhere without notice, but for an end that is missing.
const archiveMagic = "sen archive 1\n"

const (
	archiveHead = 37
	// A record has so many bytes of pages at most: a transaction that changed
	// more takes several records.
	archiveMost = 1 << 20
	// Longer ones, compressed, are none of ours.
	archiveLongest = 2 * archiveMost
)

type recordKind byte

const (
	recordPages  recordKind = 1 // a part of a transaction
	recordCommit recordKind = 2 // its last part
	recordBase   recordKind = 3 // from here on, base.db can be used
)

// A record is one of a log, without its pages.
type record struct {
	kind     recordKind
	at       time.Time
	place    walPlace // without its sum
	pageSize uint32
	size     uint32
}

func (r record) head(length int) []byte {
	b := make([]byte, 0, archiveHead)
	b = binary.BigEndian.AppendUint32(b, uint32(length)) //nolint:gosec // at most archiveLongest
	b = append(b, byte(r.kind))
	b = binary.BigEndian.AppendUint64(b, uint64(r.at.UnixMicro())) //nolint:gosec // and back
	b = append(b, r.place.salt[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.place.frames)) //nolint:gosec // a count
	b = binary.BigEndian.AppendUint32(b, r.pageSize)
	return binary.BigEndian.AppendUint32(b, r.size)
}

func readHead(b []byte) (r record, length int) {
	r.kind = recordKind(b[4])
	r.at = time.UnixMicro(int64(binary.BigEndian.Uint64(b[5:]))) //nolint:gosec // as above
	r.place.salt = [8]byte(b[13:21])
	r.place.frames = int64(binary.BigEndian.Uint64(b[21:]) & math.MaxInt64) //nolint:gosec // cut off
	r.pageSize, r.size = binary.BigEndian.Uint32(b[29:]), binary.BigEndian.Uint32(b[33:])
	return r, int(binary.BigEndian.Uint32(b))
}

// An archiveLog is one that is being written.
type archiveLog struct {
	file *os.File
	w    *bufio.Writer
	sum  [sha256.Size]byte
	last time.Time // of the last record; later ones are never earlier
	base bool      // base.db can be used from some record on
}

func createLog(file string) (*archiveLog, error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the operator names the directory
	if err != nil {
		return nil, err
	}
	l := &archiveLog{file: f, w: newLogWriter(f), sum: sha256.Sum256([]byte(archiveMagic))}
	if _, err := l.w.WriteString(archiveMagic); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return l, nil
}

func newLogWriter(f *os.File) *bufio.Writer { return bufio.NewWriterSize(f, 1<<16) }

// add writes a record. A clock that was set back makes it as late as the one
// before.
func (l *archiveLog) add(r record, compressed []byte) error {
	if r.at.Before(l.last) {
		r.at = l.last
	}
	l.last = r.at
	head := r.head(len(compressed))
	l.sum = chained(l.sum, head, compressed)
	for _, p := range [][]byte{head, compressed, l.sum[:]} {
		if _, err := l.w.Write(p); err != nil {
			return err
		}
	}
	return nil
}

func chained(before [sha256.Size]byte, head, compressed []byte) (sum [sha256.Size]byte) {
	h := sha256.New()
	h.Write(before[:])
	h.Write(head)
	h.Write(compressed)
	h.Sum(sum[:0])
	return sum
}

// sync returns when what was added is on disk.
func (l *archiveLog) sync() error { return errors.Join(l.w.Flush(), l.file.Sync()) }

func (l *archiveLog) close() error { return errors.Join(l.w.Flush(), l.file.Close()) }

// A pager compresses the pages of records.
type pager struct {
	out   bytes.Buffer
	w     *flate.Writer
	bytes int // before they were compressed
}

func newPager() *pager {
	p := &pager{}
	p.w, _ = flate.NewWriter(&p.out, flate.BestSpeed) // fails with an unknown level only
	return p
}

func (p *pager) add(page uint32, data []byte) error {
	p.bytes += len(data)
	_, err := p.w.Write(binary.BigEndian.AppendUint32(nil, page))
	if err == nil {
		_, err = p.w.Write(data)
	}
	return err
}

// take returns what was added, until the next page is.
func (p *pager) take() ([]byte, error) {
	if err := p.w.Close(); err != nil {
		return nil, err
	}
	b := p.out.Bytes()
	p.out.Reset()
	p.w.Reset(&p.out)
	p.bytes = 0
	return b, nil
}

// ErrArchiveDamaged says that a log is not as it was written.
var ErrArchiveDamaged = errors.New("the archive was damaged or changed")

// errNoArchive is said of a log that is none of ours.
var errNoArchive = errors.New("that is no archive of sen's")

// A logReader reads the records of a log.
type logReader struct {
	r   *bufio.Reader
	at  int64 // where the next record begins
	sum [sha256.Size]byte
}

func readLog(r io.Reader) (*logReader, error) {
	l := &logReader{r: bufio.NewReaderSize(r, 1<<16), sum: sha256.Sum256([]byte(archiveMagic)), at: int64(len(archiveMagic))}
	magic := make([]byte, len(archiveMagic))
	if _, err := io.ReadFull(l.r, magic); err != nil || string(magic) != archiveMagic {
		return nil, errors.Join(errNoArchive, err)
	}
	return l, nil
}

// next returns a record and its pages as they are compressed. The log has ended
// with io.EOF, also where the last record was not written to its end.
func (l *logReader) next() (record, []byte, error) {
	var head [archiveHead]byte
	if _, err := io.ReadFull(l.r, head[:]); err != nil {
		return record{}, nil, ended(err)
	}
	r, length := readHead(head[:])
	if length > archiveLongest || r.kind < recordPages || r.kind > recordBase || !validPageSize(int(r.pageSize)) {
		return record{}, nil, l.damaged()
	}
	rest := make([]byte, length+sha256.Size)
	if _, err := io.ReadFull(l.r, rest); err != nil {
		return record{}, nil, ended(err)
	}
	sum := chained(l.sum, head[:], rest[:length])
	if !bytes.Equal(sum[:], rest[length:]) {
		return record{}, nil, l.damaged()
	}
	l.sum = sum
	l.at += int64(archiveHead + len(rest))
	return r, rest[:length], nil
}

func (l *logReader) damaged() error { return fmt.Errorf("%w, at byte %d", ErrArchiveDamaged, l.at) }

func isEnd(err error) bool { return errors.Is(err, io.EOF) && !errors.Is(err, ErrArchiveDamaged) }

func ended(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return io.EOF
	}
	return err
}

// unpack calls each with the pages of a record.
func (r record) unpack(compressed []byte, each func(page uint32, data []byte) error) error {
	if len(compressed) == 0 {
		return nil
	}
	in := io.LimitReader(flate.NewReader(bytes.NewReader(compressed)), archiveLongest)
	buf := make([]byte, 4+r.pageSize)
	for {
		_, err := io.ReadFull(in, buf)
		if errors.Is(err, io.EOF) {
			return nil
		}
		page := binary.BigEndian.Uint32(buf)
		if err != nil || page == 0 {
			return errors.Join(ErrArchiveDamaged, err)
		}
		if err := each(page, buf[4:]); err != nil {
			return err
		}
	}
}
