package bench

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// An address is where a gateway is.
type address struct {
	host string // and port
	tls  bool
}

// parseAddress reads a gateway's URL.
func parseAddress(target string) (address, error) {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return address{}, fmt.Errorf("the target %q must begin with http:// or https:// and name a host, and nothing else", target)
	}
	a := address{host: u.Host, tls: u.Scheme == "https"}
	switch {
	case u.Port() != "":
	case a.tls:
		a.host += ":443"
	default:
		a.host += ":80"
	}
	return a, nil
}

func (a address) dial() (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout}
	if a.tls {
		return tls.DialWithDialer(&d, "tcp", a.host, nil) //nolint:noctx // the deadline bounds it
	}
	return d.Dial("tcp", a.host) //nolint:noctx // the same
}

// A conn is one keep-alive connection to the server. The library's client
// costs more than the server's share of a small request, and generator and
// server use the same processors, so this one does only what answers to us
// need: HTTP/1.1 with a Content-Length, or in chunks.
type conn struct {
	addr     address
	nc       net.Conn
	in       *bufio.Reader
	body     []byte
	deadline time.Time
}

const dialTimeout = 10 * time.Second

// until bounds everything that happens on the connection, so that a server
// that stops answering stops the run and not the clock.
func (c *conn) until(deadline time.Time) error {
	c.deadline = deadline
	if c.nc == nil {
		return nil
	}
	return c.nc.SetDeadline(deadline)
}

func (c *conn) open() error {
	nc, err := c.addr.dial()
	if err != nil {
		return err
	}
	c.nc, c.in = nc, bufio.NewReaderSize(nc, 4<<10)
	return nc.SetDeadline(c.deadline)
}

func (c *conn) close() {
	if c.nc != nil {
		_ = c.nc.Close() // nothing was left to be written
		c.nc = nil
	}
}

// do sends a request and returns the answer. The body is good until the next
// one. After an error the connection is opened anew by the next request.
func (c *conn) do(request []byte) (status int, body []byte, err error) {
	if c.nc == nil {
		if err := c.open(); err != nil {
			return 0, nil, err
		}
	}
	if _, err = c.nc.Write(request); err == nil {
		status, body, err = c.read()
	}
	if err != nil {
		c.close()
	}
	return status, body, err
}

var (
	lengthHeader = []byte("Content-Length: ")
	closeHeader  = []byte("Connection: close")
	// Of our own gateway's answers none is in chunks; a proxy may make some.
	chunkedHeader = []byte("Transfer-Encoding: chunked")
	errLength     = errors.New("the answer has no Content-Length")
)

func (c *conn) read() (status int, body []byte, err error) {
	line, err := c.line()
	if err != nil {
		return 0, nil, err
	}
	if len(line) < len("HTTP/1.1 200") || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, nil, fmt.Errorf("the answer begins with %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, nil, fmt.Errorf("the answer begins with %q", line)
	}
	length, last, err := c.headers()
	if err != nil {
		return status, nil, err
	}
	if length == inChunks {
		body, err = io.ReadAll(httputil.NewChunkedReader(c.in))
		if err == nil {
			_, err = c.line() // the empty one after the last chunk
		}
		if last {
			c.close()
		}
		return status, body, err
	}
	if cap(c.body) < length {
		c.body = make([]byte, length)
	}
	body = c.body[:length]
	if _, err = io.ReadFull(c.in, body); err == nil && last {
		c.close()
	}
	return status, body, err
}

// Lengths of a body that is not a number of bytes.
const (
	unstated = -1
	inChunks = -2
)

// headers reads to the end of the headers. last says that the server closes
// the connection after this answer.
func (c *conn) headers() (length int, last bool, err error) {
	length = unstated
	for {
		line, err := c.line()
		if err != nil {
			return 0, false, err
		}
		switch {
		case len(line) == 0 && length == unstated:
			return 0, false, errLength
		case len(line) == 0:
			return length, last, nil
		case bytes.HasPrefix(line, lengthHeader):
			if length, err = strconv.Atoi(string(line[len(lengthHeader):])); err != nil || length < 0 {
				return 0, false, errLength
			}
		case bytes.Equal(line, chunkedHeader):
			length = inChunks
		case bytes.Equal(line, closeHeader):
			last = true
		}
	}
}

func (c *conn) line() ([]byte, error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	return bytes.TrimRight(line, "\r\n"), nil
}
