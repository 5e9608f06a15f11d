package pgtest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

// Types of messages, of clients and of servers.
const (
	msgParse     = 'P'
	msgBind      = 'B'
	msgExecute   = 'E'
	msgSync      = 'S'
	msgFlush     = 'H'
	msgQuery     = 'Q'
	msgFunction  = 'F'
	msgTerminate = 'X'
	msgCopyData  = 'd'
	msgCopyDone  = 'c'
	msgCopyFail  = 'f'

	msgKey          = 'K'
	msgReady        = 'Z'
	msgComplete     = 'C'
	msgEmpty        = 'I'
	msgSuspended    = 's'
	msgError        = 'E'
	msgParameter    = 'S'
	msgNotification = 'A'
	msgCopyIn       = 'G'
	msgCopyBoth     = 'W'
)

// A packet is one message as it is on the wire: type, length, body.
type packet []byte

func (p packet) kind() byte   { return p[0] }
func (p packet) body() []byte { return p[5:] }

// longest is more than any test sends in one message.
const longest = 1 << 28

func readPacket(r io.Reader) (packet, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	return readRest(r, head[:], binary.BigEndian.Uint32(head[1:]), 1)
}

// readStartup reads the first message of a connection, which has no type.
func readStartup(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	return readRest(r, head[:], binary.BigEndian.Uint32(head[:]), 0)
}

// readRest reads what follows the length, which counts itself but not the type.
func readRest(r io.Reader, head []byte, length uint32, extra int) ([]byte, error) {
	if length < 4 || length > longest {
		return nil, fmt.Errorf("a message of %d bytes", length)
	}
	whole := make([]byte, int(length)+extra)
	n := copy(whole, head)
	_, err := io.ReadFull(r, whole[n:])
	return whole, err
}

// startupCode tells what the first message wants.
func startupCode(p []byte) uint32 {
	if len(p) < 8 {
		return 0
	}
	return binary.BigEndian.Uint32(p[4:])
}

const (
	codeCancel = 80877102
	codeTLS    = 80877103
	codeGSS    = 80877104
)

// A message of pgproto3 that can be written.
type encoder interface {
	Encode(dst []byte) ([]byte, error)
}

func encode(messages ...encoder) (packet, error) {
	var out []byte
	var err error
	for _, m := range messages {
		if out, err = m.Encode(out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// errorPacket is the answer that a fault gives.
func errorPacket(severity, code string) (packet, error) {
	return encode(&pgproto3.ErrorResponse{
		Severity: severity, SeverityUnlocalized: severity, Code: code, Message: "injected by the test",
	})
}

// marker is what the server is made to stumble over.
const marker = "sen_injected_fault"

// isMarked tells whether an error of the server is that one.
func isMarked(p packet) bool {
	var e pgproto3.ErrorResponse
	return e.Decode(p.body()) == nil && strings.Contains(e.Message, marker)
}

// A session remembers what the names in a client's messages mean.
type session struct {
	statements map[string]string
	portals    map[string]string
}

func newSession() session {
	return session{statements: map[string]string{}, portals: map[string]string{}}
}

// read tells what a client's message is about.
func (s session) read(p packet) (m Message, err error) {
	m.Type = p.kind()
	switch m.Type {
	case msgQuery:
		var q pgproto3.Query
		err = q.Decode(p.body())
		m.SQL = q.String
	case msgParse:
		var parse pgproto3.Parse
		err = parse.Decode(p.body())
		s.statements[parse.Name], m.SQL = parse.Query, parse.Query
	case msgBind:
		var bind pgproto3.Bind
		err = bind.Decode(p.body())
		m.SQL = s.statements[bind.PreparedStatement]
		s.portals[bind.DestinationPortal] = m.SQL
	case msgExecute:
		var execute pgproto3.Execute
		err = execute.Decode(p.body())
		m.SQL = s.portals[execute.Portal]
	}
	m.Commit = m.executes() && isCommit(m.SQL)
	if err != nil {
		err = errors.Join(fmt.Errorf("message %q of a client", m.Type), err)
	}
	return m, err
}
