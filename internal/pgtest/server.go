//go:build unix

package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// readyWithin is how long a server may take to start; one that recovers from a
// kill under load reads its log first.
const readyWithin = time.Minute

// immediate ends a server without tidying up what nobody will read; it still
// gives its shared memory back.
const immediate = syscall.SIGQUIT

// Options change what a server does.
type Options struct {
	// NoSync lets commits not wait for the disk, and keeps the data in memory
	// where there is enough. For suites that don't kill the machine, it changes
	// nothing but their speed.
	NoSync bool
}

// folderPattern is of the folders of servers.
const folderPattern = "sen-postgres-*"

// folder is where the server's own folder is made; "" is the system's place for
// temporary files, and TMPDIR's, if somebody chose one. A database for each test
// is a thousand files to be made and removed, which costs ten times as much on a
// disk.
func (o Options) folder() string {
	const enough = 4 << 30 // bytes; databases go with their tests, and a log has one or two
	if !o.NoSync || os.Getenv("TMPDIR") != "" || roomIn(sharedMemory) < enough {
		return ""
	}
	sweep(sharedMemory)
	return sharedMemory
}

// sweep removes the folders of servers whose starter was killed: they would take
// memory until the machine is started anew.
func sweep(dir string) {
	const old = time.Hour
	left, _ := filepath.Glob(filepath.Join(dir, folderPattern)) // fails on a malformed pattern only
	for _, folder := range left {
		info, err := os.Stat(folder)
		if err == nil && time.Since(info.ModTime()) > old && len(processesIn(folder)) == 0 {
			_ = os.RemoveAll(folder) // somebody else's stays
		}
	}
}

// A Server is a PostgreSQL of its own: in a temporary folder, on a free port
// of the loopback, behind a password that nobody else has.
type Server struct {
	Installation

	options  Options
	as       *account
	dir      string
	port     int
	password string
	process  *process
}

// NewServer creates a database cluster and starts its server. The caller stops it.
func NewServer(ctx context.Context, i Installation, o Options) (*Server, error) {
	as, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(o.folder(), folderPattern)
	if err != nil {
		return nil, err
	}
	s := &Server{Installation: i, options: o, as: as, dir: dir, password: newPassword()}
	if err = s.initialize(ctx); err == nil {
		err = s.Start(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// DSN returns the URL of the server's superuser.
func (s *Server) DSN() string {
	return fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%d/postgres?sslmode=disable", s.password, s.port)
}

// Log returns the path of what the server wrote about itself.
func (s *Server) Log() string { return filepath.Join(s.dir, "log") }

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// initialize runs initdb. It does not wait for the disk: a folder that lives
// for a test is not there after a power cut anyway.
func (s *Server) initialize(ctx context.Context) error {
	secret := filepath.Join(s.dir, "password")
	if err := os.WriteFile(secret, []byte(s.password), 0o600); err != nil {
		return err
	}
	if err := s.as.give(s.dir); err != nil {
		return err
	}
	initdb := exec.CommandContext(ctx, s.program("initdb"), "--pgdata", s.data(), "--username", "postgres",
		"--auth", "password", "--pwfile", secret, "--encoding", "UTF8", "--no-locale", "--no-sync", "--no-instructions")
	initdb.SysProcAttr, initdb.Dir = s.as.attributes(), s.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", explain(err, initdb.Path, s.as), out)
	}
	return nil
}

// Start starts the server, for the first time or after Kill, and returns when
// it answers. It keeps its port from then on.
func (s *Server) Start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	if s.port != 0 {
		return s.startOn(ctx, s.port)
	}
	var last error
	for range 3 { // somebody else may take a free port before we do
		ports, err := freePorts(1)
		if err != nil {
			return err
		}
		if err = s.startOn(ctx, ports[0]); err == nil || ctx.Err() != nil {
			return err
		}
		last = err
	}
	return last
}

func (s *Server) startOn(ctx context.Context, port int) error {
	log, err := os.OpenFile(s.Log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()                                                // the server has its own descriptor
	cmd := exec.Command(s.program("postgres"), s.arguments(port)...) //nolint:noctx // ends with Stop or Kill
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, log, log
	if s.process, err = start(cmd, s.as, immediate); err != nil {
		return err
	}
	s.port = port
	if err := s.ready(ctx); err != nil {
		s.Kill()
		s.port = 0
		return fmt.Errorf("%v did not start: %w\n%s", s.Installation, err, tail(s.Log()))
	}
	return nil
}

func (s *Server) arguments(port int) []string {
	settings := []string{
		"port=" + strconv.Itoa(port), "listen_addresses=127.0.0.1", "unix_socket_directories=",
		"max_connections=200", "log_line_prefix=%m [%p] %d ",
		"dynamic_shared_memory_type=mmap", // in the folder, so that it goes with the folder after a kill
		"fsync=" + strconv.FormatBool(!s.options.NoSync),
	}
	args := []string{"-D", s.data()}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return args
}

// ready waits until the server answers.
func (s *Server) ready(ctx context.Context) error {
	for {
		conn, err := pgconn.Connect(ctx, s.DSN())
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.process.done:
			return s.process.err
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Kill ends the server as a power cut would, with all that it has forked, and
// returns when it is gone. Start starts it again.
func (s *Server) Kill() {
	killIn(s.data())
	s.end(syscall.SIGKILL)
}

// Stop ends the server and removes its folder.
func (s *Server) Stop() error {
	s.end(immediate)
	return os.RemoveAll(s.dir)
}

func (s *Server) end(signal syscall.Signal) {
	if s.process == nil {
		return
	}
	_ = s.process.Signal(signal) // it may have ended by itself
	<-s.process.done
}
