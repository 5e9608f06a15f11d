//go:build unix

package pgtest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	mathrand "math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
)

// A process is a program that was started in the background.
type process struct {
	*os.Process
	done chan struct{} // closed when it has ended
	err  error         // how; to be read after done
}

// start starts the command as the given account in a process group of its own,
// so that ctrl-C reaches whoever uses the server before it reaches the server.
// If this process dies first, it gets the signal.
func start(cmd *exec.Cmd, as *account, orphaned syscall.Signal) (*process, error) {
	cmd.SysProcAttr = as.attributes()
	cmd.SysProcAttr.Setpgid = true
	whenOrphaned(cmd.SysProcAttr, orphaned)
	p := &process{done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel means the thread when it says parent, so the thread stays.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		p.Process = cmd.Process
		started <- nil
		p.err = cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, explain(err, cmd.Path, as)
	}
	return p, nil
}

// explain adds to an error what can be done about it.
func explain(err error, path string, as *account) error {
	if as != nil && errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w (PostgreSQL does not run as root, so %s is run as %s: its folders must be readable for all)", err, path, as.name)
	}
	return err
}

// An account is who runs servers for us; nil is ourselves.
type account struct {
	name     string
	uid, gid uint32
}

// unprivileged returns the account that shall run servers: PostgreSQL refuses
// to run as root.
func unprivileged() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil //nolint:nilnil // no other account than ours
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		return &account{name, uint32(uid), uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")
}

func (a *account) attributes() *syscall.SysProcAttr {
	if a == nil {
		return &syscall.SysProcAttr{}
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: a.uid, Gid: a.gid}}
}

// give makes the account the owner of a folder and what is in it.
func (a *account) give(dir string) error {
	if a == nil {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(a.uid), int(a.gid))
	})
}

// freePorts returns ports of the loopback that nobody listens on. They lie
// below those that systems give to outgoing connections, so that none of these
// takes the port of a server that is dead for a moment.
func freePorts(n int) (ports []int, err error) {
	const lowest, highest = 15_000, 32_000
	for tries := 0; len(ports) < n; tries++ {
		l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: lowest + mathrand.IntN(highest-lowest)})
		if err != nil {
			if tries == 1_000 {
				return nil, fmt.Errorf("no free port: %w", err)
			}
			continue
		}
		defer l.Close() // all stay taken until the last is found
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// newPassword returns one that needs no escaping in a URL.
func newPassword() string { return rand.Text() }

// tail returns the end of a log, for an error.
func tail(path string) string {
	const most = 2_000
	f, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > most {
		_, _ = f.Seek(-most, io.SeekEnd) // if it fails, the text is longer
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
