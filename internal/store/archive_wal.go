package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The write-ahead log of SQLite, as https://www.sqlite.org/fileformat.html#walformat
// has it: a header, and then frames, each a page with a head of its own. The
// last frame of a transaction says how many pages the database has after it.
const (
	walHead      = 32
	walFrameHead = 24
	walMagic     = 0x377f0682 // the lowest bit: checksums are over big-endian numbers
	walVersion   = 3007000
)

// walSum is the checksum of a log up to some frame.
type walSum [2]uint32

// A walPlace is after so many frames of a log.
type walPlace struct {
	salt   [8]byte // of the log: it has another one whenever it is started anew
	frames int64
	sum    walSum
}

// A walLog is a write-ahead log that is being read.
type walLog struct {
	io.ReaderAt

	order    binary.ByteOrder
	pageSize int
	start    walPlace
}

// errNoWAL says that there is no write-ahead log, or none yet.
var errNoWAL = errors.New("no write-ahead log")

func openWAL(f io.ReaderAt) (*walLog, error) {
	var head [walHead]byte
	if _, err := f.ReadAt(head[:], 0); errors.Is(err, io.EOF) {
		return nil, errNoWAL
	} else if err != nil {
		return nil, err
	}
	l := &walLog{ReaderAt: f, order: binary.LittleEndian, pageSize: int(binary.BigEndian.Uint32(head[8:]))}
	magic := binary.BigEndian.Uint32(head[:])
	if magic&1 == 1 {
		l.order = binary.BigEndian
	}
	if magic&^1 != walMagic || binary.BigEndian.Uint32(head[4:]) != walVersion || !validPageSize(l.pageSize) {
		return nil, errNoWAL
	}
	l.start.salt = [8]byte(head[16:24])
	l.start.sum = l.add(walSum{}, head[:24])
	if !l.start.sum.is(head[24:]) {
		return nil, errNoWAL
	}
	return l, nil
}

func validPageSize(n int) bool { return n >= 512 && n <= 65536 && n&(n-1) == 0 }

// add is the checksum after eight bytes, or a multiple of that, more.
func (l *walLog) add(s walSum, p []byte) walSum {
	for ; len(p) >= 8; p = p[8:] {
		s[0] += l.order.Uint32(p) + s[1]
		s[1] += l.order.Uint32(p[4:]) + s[0]
	}
	return s
}

// is reports whether p, from a head, is the checksum.
func (s walSum) is(p []byte) bool {
	return s[0] == binary.BigEndian.Uint32(p) && s[1] == binary.BigEndian.Uint32(p[4:])
}

// A walFrame is one page as a transaction has left it.
type walFrame struct {
	place walPlace // after it
	page  uint32   // its number, from 1
	size  uint32   // of the database in pages, if the transaction ends here; or 0
	data  []byte   // valid until the next one is read
}

// errFrame says that a frame is none of this log: it is left from the log
// before, or was never written whole.
var errFrame = errors.New("no frame of this log")

// frames calls each with the frames after a place, up to the one of number
// until. It ends with errFrame at the first that is none.
func (l *walLog) frames(after walPlace, until int64, each func(walFrame) error) error {
	buf := make([]byte, walFrameHead+l.pageSize)
	for after.frames < until {
		if _, err := l.ReadAt(buf, l.offset(after.frames)); errors.Is(err, io.EOF) {
			return errFrame
		} else if err != nil {
			return err
		}
		sum := l.add(l.add(after.sum, buf[:8]), buf[walFrameHead:])
		if [8]byte(buf[8:16]) != after.salt || !sum.is(buf[16:]) {
			return errFrame
		}
		after.frames++
		after.sum = sum
		f := walFrame{place: after, page: binary.BigEndian.Uint32(buf), size: binary.BigEndian.Uint32(buf[4:]), data: buf[walFrameHead:]}
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

func (l *walLog) offset(frame int64) int64 { return walHead + frame*int64(walFrameHead+l.pageSize) }

// place is where a log is after so many frames, all of which were committed.
func (l *walLog) place(frames int64) (walPlace, error) {
	at := l.start
	if frames == 0 {
		return at, nil
	}
	var head [walFrameHead]byte
	if _, err := l.ReadAt(head[:], l.offset(frames-1)); err != nil {
		return at, fmt.Errorf("frame %d of the write-ahead log: %w", frames, err)
	}
	if [8]byte(head[8:16]) != at.salt {
		return at, errFrame
	}
	at.frames = frames
	at.sum = walSum{binary.BigEndian.Uint32(head[16:]), binary.BigEndian.Uint32(head[20:])}
	return at, nil
}
