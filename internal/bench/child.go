package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A child is the product, started as its users start it.
type child struct {
	URL     string
	Ceiling string // where the yardstick answers, if it was asked for
	cmd     *exec.Cmd
	stdin   io.Closer
}

// goodbye is how long a child has to end when it is told to.
const goodbye = 25 * time.Second

// start runs the binary with the arguments and waits until it says that it is
// ready. The child's log is added to a file. An empty database is the embedded one.
func start(ctx context.Context, binary, data, log, database string, args ...string) (*child, error) {
	logged, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = logged.Close() }() // the child has its own
	// Every setting that the environment could have is given here: a child
	// with a public URL would have us ask whoever has it.
	args = append(args, "--addr", "127.0.0.1:0", "--data", data, "--mode", "sandbox", "--public-url", "")
	cmd := exec.CommandContext(ctx, binary, args...) //nolint:gosec // our own binary
	cmd.Stderr = logged
	// Not an argument: everyone on the machine can read those.
	cmd.Env = append(os.Environ(), "SEN_DATABASE="+database)
	// A child that is asked politely closes its data; Windows can't ask.
	cmd.Cancel = func() error { return interrupt(cmd.Process) }
	cmd.WaitDelay = goodbye
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, stdin: stdin}
	if err := c.awaitReady(stdout); err != nil {
		c.stop()
		return nil, fmt.Errorf("%s %s: %w\n%s", filepath.Base(binary), args[0], err, tail(log))
	}
	return c, nil
}

func interrupt(p *os.Process) error {
	if err := p.Signal(os.Interrupt); err != nil {
		return p.Kill()
	}
	return nil
}

const (
	readyWords   = " is ready at "
	ceilingWords = "The yardstick" + readyWords
)

func (c *child) awaitReady(stdout io.Reader) error {
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		before, url, ok := strings.Cut(lines.Text(), readyWords)
		switch {
		case !ok:
		case before+readyWords == ceilingWords:
			c.Ceiling = url
		default:
			c.URL = url
			go func() { _, _ = io.Copy(io.Discard, stdout) }() // so that it never waits for us
			return nil
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("it ended before it was ready: %w", err)
	}
	return errors.New("it ended before it was ready")
}

// stop ends the child and waits for it.
func (c *child) stop() {
	_ = interrupt(c.cmd.Process)
	_ = c.stdin.Close()
	timer := time.AfterFunc(goodbye, func() { _ = c.cmd.Process.Kill() })
	defer timer.Stop()
	_ = c.cmd.Wait() // what it thought of being ended is of no interest
}

// tail returns the end of a file, for a message.
func tail(file string) string {
	text, _ := os.ReadFile(file) // without it there is less to say
	const most = 2_000
	return string(text[max(0, len(text)-most):])
}

// cpu returns the processor time that the child has used. Only Linux tells
// about another process that still runs.
func (c *child) cpu() (time.Duration, bool) {
	p, ok := processOf(c.cmd.Process.Pid)
	return p.own, ok
}

// rss returns the memory that the child has in use, and had at most, in bytes; 0
// when the system does not tell.
func (c *child) rss() (now, most int64) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(c.cmd.Process.Pid) + "/status")
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(text)) {
		name, rest, _ := strings.Cut(line, ":")
		kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64) // of other lines it is not asked
		switch name {
		case "VmRSS":
			now = kb << 10
		case "VmHWM":
			most = kb << 10
		}
	}
	return now, most
}
