package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sen"
	"sen/internal/app/apptest"
)

// A smuggle is a request behind which another one hides. INNER is a good request
// for an order, LENGTH how long it is in decimal, and HEX in hexadecimal.
type smuggle struct{ name, text string }

const (
	innocent = "POST /v2/query HTTP/1.1\r\nHost: x\r\n"
	looking  = "GET /v2/query HTTP/1.1\r\nHost: x\r\n"
	chunked  = "Transfer-Encoding: chunked\r\n"
)

var smuggles = []smuggle{
	{"a length and chunks", innocent + "Content-Length: LENGTH\r\n" + chunked + "\r\n0\r\n\r\nINNER"},
	{"chunks and a length", innocent + chunked + "Content-Length: LENGTH\r\n\r\n0\r\n\r\nINNER"},
	{"a short length and chunks", innocent + "Content-Length: 5\r\n" + chunked + "\r\n0\r\n\r\nINNER"},
	{"a length of 0 and chunks", innocent + "Content-Length: 0\r\n" + chunked + "\r\nHEX\r\nINNER\r\n0\r\n\r\n"},
	{"two lengths, the first one 0", innocent + "Content-Length: 0\r\nContent-Length: LENGTH\r\n\r\nINNER"},
	{"two lengths, the last one 0", innocent + "Content-Length: LENGTH\r\nContent-Length: 0\r\n\r\nINNER"},
	{"two lengths in one line", innocent + "Content-Length: LENGTH, 0\r\n\r\nINNER"},
	{"two lengths in one line, turned", innocent + "Content-Length: 0, LENGTH\r\n\r\nINNER"},
	{"a length with a plus", innocent + "Content-Length: +LENGTH\r\n\r\nINNER"},
	{"a length in hexadecimal", innocent + "Content-Length: 0xHEX\r\n\r\nINNER"},
	{"a length with a fraction", innocent + "Content-Length: 0.5\r\n\r\nINNER"},
	{"a length with an underscore", innocent + "Content-Length: 1_0\r\n\r\nINNER"},
	{"an empty length", innocent + "Content-Length:\r\n\r\nINNER"},
	{"a negative length", innocent + "Content-Length: -1\r\n\r\nINNER"},
	{"a length that overflows", innocent + "Content-Length: 18446744073709551616\r\n\r\nINNER"},
	{"a space before the colon of the length", innocent + "Content-Length : LENGTH\r\n\r\nINNER"},
	{"a tab before the colon of the length", innocent + "Content-Length\t: LENGTH\r\n\r\nINNER"},
	{"a space before the colon of the chunks", innocent + "Content-Length: LENGTH\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\nINNER"},
	{"a folded length", innocent + "Content-Length:\r\n LENGTH\r\n\r\nINNER"},
	{"folded chunks", innocent + "Content-Length: LENGTH\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\nINNER"},
	{"chunks folded behind another coding", innocent + "Content-Length: LENGTH\r\nTransfer-Encoding: x\r\n chunked\r\n\r\n0\r\n\r\nINNER"},
	{"a folded line at the beginning", "POST /v2/query HTTP/1.1\r\n X: y\r\nHost: x\r\nContent-Length: LENGTH\r\n\r\nINNER"},
	{"chunks with a vertical tab", innocent + "Content-Length: LENGTH\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\nINNER"},
	{"chunks with a NUL", innocent + "Content-Length: LENGTH\r\nTransfer-Encoding: chunked\x00\r\n\r\n0\r\n\r\nINNER"},
	{"chunks in quotes", innocent + "Content-Length: LENGTH\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\nINNER"},
	{"chunks of another name", innocent + "Content-Length: LENGTH\r\nTransfer_Encoding: chunked\r\n\r\nINNER"},
	{"chunks and identity", innocent + "Content-Length: LENGTH\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\nINNER"},
	{"identity and chunks", innocent + "Content-Length: LENGTH\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\nINNER"},
	{"identity", innocent + "Content-Length: LENGTH\r\nTransfer-Encoding: identity\r\n\r\nINNER"},
	{"chunks twice", innocent + chunked + chunked + "\r\n0\r\n\r\nINNER"},
	{"chunks twice in one line", innocent + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\nINNER"},
	{"chunks and another coding", innocent + chunked + "Transfer-Encoding: x\r\n\r\n0\r\n\r\nINNER"},
	{"chunks in HTTP/1.0", "POST /v2/query HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\nContent-Length: LENGTH\r\n" + chunked + "\r\n0\r\n\r\nINNER"},
	{"a chunk with an extension", innocent + chunked + "Content-Length: 3\r\n\r\n0;x=\"\r\n\r\nINNER"},
	{"an extension with a bare line feed", innocent + chunked + "\r\n5;x\nhello\r\n0\r\n\r\nINNER"},
	{"a chunk's size with a bare line feed", innocent + chunked + "\r\n0\n\nINNER"},
	{"a chunk's size with a bare carriage return", innocent + chunked + "\r\n0\r\rINNER"},
	{"a chunk's size with a plus", innocent + chunked + "\r\n+0\r\n\r\nINNER"},
	{"a chunk's size with 0x", innocent + chunked + "\r\n0x0\r\n\r\nINNER"},
	{"a chunk's size with a space in front", innocent + chunked + "\r\n 0\r\n\r\nINNER"},
	{"a chunk's size that is negative", innocent + chunked + "\r\n-1\r\n\r\nINNER"},
	{"a chunk's size that overflows", innocent + chunked + "\r\n10000000000000000\r\nINNER"},
	{"a chunk's size of letters", innocent + chunked + "\r\nzz\r\n\r\nINNER"},
	{"a chunk without its end", innocent + chunked + "\r\n1\r\naX\r\n0\r\n\r\nINNER"},
	{"a trailer that is a length", innocent + chunked + "\r\n0\r\nContent-Length: LENGTH\r\n\r\nINNER"},
	{"a trailer that is no header", innocent + chunked + "\r\n0\r\nINNER"},
	{"an extension without end", innocent + chunked + "\r\n1;" + strings.Repeat("x", 70_000) + "\r\na\r\n0\r\n\r\nINNER"},
	{"a body of a GET", looking + "Content-Length: LENGTH\r\n\r\nINNER"},
	{"chunks of a GET", looking + chunked + "\r\nHEX\r\nINNER\r\n0\r\n\r\n"},
	{"a body that waits to be asked for", innocent + "Expect: 100-continue\r\nContent-Length: LENGTH\r\n\r\nINNER"},
	{"a body of a GET that waits to be asked for", looking + "Expect: 100-continue\r\nContent-Length: LENGTH\r\n\r\nINNER"},
	{"a bare carriage return in a header", innocent + "X: a\rContent-Length: LENGTH\r\n\r\nINNER"},
	{"a bare carriage return at the end", innocent + "Content-Length: LENGTH\r\r\n\r\nINNER"},
	{"a NUL in a header", innocent + "X: a\x00b\r\nContent-Length: LENGTH\r\n\r\nINNER"},
	{"a header without colon", innocent + "Content-Length LENGTH\r\n\r\nINNER"},
	{"a header without name", innocent + ": x\r\nContent-Length: LENGTH\r\n\r\nINNER"},
	{"two hosts", innocent + "Host: y\r\nContent-Length: LENGTH\r\n\r\nINNER"},
	{"a host with a space", "POST /v2/query HTTP/1.1\r\nHost: x y\r\nContent-Length: LENGTH\r\n\r\nINNER"},
	{"a method with a colon", "POST: /v2/query HTTP/1.1\r\nHost: x\r\nContent-Length: LENGTH\r\n\r\nINNER"},
	{"a space in the path", "POST /v2/query /v2/create HTTP/1.1\r\nHost: x\r\nContent-Length: LENGTH\r\n\r\nINNER"},
	{"a tab in the line", "POST\t/v2/query\tHTTP/1.1\r\nHost: x\r\nContent-Length: LENGTH\r\n\r\nINNER"},
	{"no version", "POST /v2/query\r\nHost: x\r\nContent-Length: LENGTH\r\n\r\nINNER"},
	{"another version", "POST /v2/query HTTP/1.9\r\nHost: x\r\nContent-Length: LENGTH\r\n" + chunked + "\r\n0\r\n\r\nINNER"},
	{"a version with a tail", "POST /v2/query HTTP/1.1x\r\nHost: x\r\nContent-Length: LENGTH\r\n\r\nINNER"},
	{"HTTP/2 that begins with its preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nINNER"},
	{"a tunnel", "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\nContent-Length: LENGTH\r\n\r\nINNER"},
	{"an upgrade to HTTP/2 over plain text", innocent + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\nContent-Length: LENGTH\r\n\r\nINNER"},
	{"an upgrade to a web socket", looking + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\nContent-Length: LENGTH\r\n\r\nINNER"},
	{"the length among the headers of this hop", innocent + "Connection: close, Content-Length\r\nContent-Length: LENGTH\r\n\r\nINNER"},
	{"the chunks among the headers of this hop", innocent + "Connection: Transfer-Encoding\r\n" + chunked + "\r\nHEX\r\nINNER\r\n0\r\n\r\n"},
}

// answered is a status line.
var answered = regexp.MustCompile(`HTTP/1\.[01] (\d{3})`)

// TestSmuggling hides a signed request for an order behind another request, at the
// gateway and at the proxy that we recommend before it.
func TestSmuggling(t *testing.T) {
	t.Parallel()
	t.Run("gateway", func(t *testing.T) {
		t.Parallel()
		s := openShop(t)
		s.hurry(2 * time.Second)
		s.smuggle(strings.TrimPrefix(s.URL, "http://"))
	})
	t.Run("nginx", func(t *testing.T) {
		t.Parallel()
		s := openShop(t)
		s.hurry(2 * time.Second)
		s.smuggle(nginx(t, strings.TrimPrefix(s.URL, "http://")))
	})
}

func (s *shop) smuggle(addr string) {
	var all sync.WaitGroup
	for i, v := range smuggles {
		all.Go(func() {
			suffix := "smuggled" + strconv.Itoa(i)
			inner := "POST /v2/create?" + s.signed(sen.OpCreateOrder, order(suffix)).form() + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
			text := replaceAll(v.text, "LENGTH", strconv.Itoa(len(inner)), "HEX", strconv.FormatInt(int64(len(inner)), 16), "INNER", inner)
			got := s.exchange(addr, text)
			answers := 0
			for _, m := range answered.FindAllStringSubmatch(got, -1) {
				if m[1] == "101" {
					s.t.Errorf("%s: another protocol was agreed on: %q", v.name, got)
				}
				if m[1] != "100" {
					answers++
				}
			}
			if answers > 1 {
				s.t.Errorf("%s: %d answers: %q", v.name, answers, got)
			}
		})
	}
	all.Wait()
	// What was left half said holds up nobody.
	s.madeInTime(order("after"))
	s.hurry(0)
	for i, v := range smuggles {
		if a := s.call(sen.OpQueryOrder, queried("smuggled"+strconv.Itoa(i))); a.Sub != -101 {
			s.t.Errorf("%s: the hidden request was served: %s", v.name, a.Body)
		}
	}
}

// exchange sends the text, says that there is no more, and returns what comes
// back until the connection is closed.
func (s *shop) exchange(addr, text string) string {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		s.t.Error(err)
		return ""
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		s.t.Error(err)
	}
	// The other side may answer and close before it has read everything.
	_, _ = io.WriteString(conn, text)
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
	var got bytes.Buffer
	if _, err := io.Copy(&got, conn); err != nil && strings.Contains(err.Error(), "timeout") {
		s.t.Errorf("the connection is kept: %q", text)
	}
	return got.String()
}

// nginx starts one before the gateway, with the files that we give to operators,
// and returns its address.
func nginx(t *testing.T, gateway string) string {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("not run: no nginx found")
	}
	dir := t.TempDir()
	addr := apptest.ReserveAddress(t)
	shared := readConf(t, "sen.conf")
	shared = regexp.MustCompile(`(?s)upstream sen \{.*?\n\}`).ReplaceAllString(shared, "upstream sen {\n    server "+gateway+";\n    keepalive 64;\n}")
	shared = strings.ReplaceAll(shared, "error_log /dev/stderr crit;", "")
	site := replaceAll(readConf(t, "sandbox.conf"), "listen 8080;", "listen "+addr+";", "access_log /dev/stdout sen;", "access_log off;")
	conf := fmt.Sprintf("daemon off; master_process off; worker_processes 1; pid %s/pid; error_log %s/errors;\nevents { worker_connections 512; }\nhttp {\n", dir, dir)
	for _, name := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		conf += fmt.Sprintf("%s_temp_path %s/%s;\n", name, dir, name)
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(conf+shared+site+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	command := exec.CommandContext(ctx, program, "-p", dir, "-e", filepath.Join(dir, "errors"), "-c", file)
	var said bytes.Buffer
	command.Stderr = &said
	if err := command.Start(); err != nil {
		stop()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = command.Wait() // it was stopped
	})
	apptest.Wait(t, "nginx", func() bool {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return addr
}

func readConf(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "nginx", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
