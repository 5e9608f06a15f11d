//go:build linux

package pgtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Nodes is how many servers a Cluster has: one leads, at least one follows in
// step, and one may be missing.
const Nodes = 3

// Times of the cluster, in seconds. A leader that died is replaced when its
// lease has run out, and the next round of the followers has seen that.
const (
	lease        = 20 // the shortest that Patroni takes
	round        = 5
	retry        = 5
	settleWithin = 3 * time.Minute
)

// A Cluster is a leader and its followers under Patroni, each on a port of the
// loopback, with one etcd that knows who leads. Commits are on two nodes
// before they are answered; without a follower in step nothing is committed.
type Cluster struct {
	installation Installation
	as           *account
	dir          string
	password     string
	etcdPort     int
	etcd         *process
	nodes        [Nodes]*node
	client       http.Client
}

// A node is one server and the Patroni that runs it.
type node struct {
	name    string
	dir     string
	port    int // of PostgreSQL
	api     int // of Patroni
	patroni *process
}

// CanCluster returns nil if what a Cluster needs is installed, or what is missing.
func CanCluster(ctx context.Context) error {
	_, err := clusterInstallation(ctx)
	for _, program := range []string{"patroni", "etcd"} {
		if _, missing := exec.LookPath(program); missing != nil {
			err = errors.Join(err, missing)
		}
	}
	return err
}

// clusterInstallation returns the newest PostgreSQL that has all programs that
// Patroni calls.
func clusterInstallation(ctx context.Context) (Installation, error) {
	all := Installations(ctx)
	i := slices.IndexFunc(all, func(i Installation) bool {
		_, err := os.Stat(i.program("pg_rewind"))
		return err == nil
	})
	if i < 0 {
		return Installation{}, errors.New("no PostgreSQL with pg_rewind found: install the package postgresql")
	}
	return all[i], nil
}

// NewCluster starts a cluster and returns when all its nodes are up and one
// follows in step. The caller stops it.
func NewCluster(ctx context.Context) (*Cluster, error) {
	i, err := clusterInstallation(ctx)
	if err != nil {
		return nil, err
	}
	as, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "sen-cluster-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{installation: i, as: as, dir: dir, password: newPassword(), client: http.Client{Timeout: 2 * time.Second}}
	if err := c.prepare(); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	if err := c.launch(ctx); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// prepare writes what the nodes need to start.
func (c *Cluster) prepare() error {
	ports, err := freePorts(2*Nodes + 2)
	if err != nil {
		return err
	}
	c.etcdPort = ports[0]
	for i := range c.nodes {
		n := &node{name: fmt.Sprint("node", i), port: ports[2+2*i], api: ports[3+2*i]}
		n.dir = filepath.Join(c.dir, n.name)
		c.nodes[i] = n
		if err := os.Mkdir(n.dir, 0o755); err != nil {
			return err
		}
		config, err := json.MarshalIndent(c.config(n), "", "  ") // every JSON is a YAML
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(n.dir, "patroni.yml"), config, 0o600); err != nil {
			return err
		}
	}
	if err := c.as.give(c.dir); err != nil {
		return err
	}
	return c.startEtcd(ports[1])
}

func (c *Cluster) startEtcd(peerPort int) (err error) {
	client, peer := loopback("http", c.etcdPort), loopback("http", peerPort)
	c.etcd, err = c.run(c.dir, "etcd", "--enable-v2", "--data-dir", filepath.Join(c.dir, "etcd"),
		"--listen-client-urls", client, "--advertise-client-urls", client,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer)
	return err
}

// launch starts the nodes: the first leads, the others copy it.
func (c *Cluster) launch(ctx context.Context) error {
	for i := range c.nodes {
		if err := c.startNode(i); err != nil {
			return err
		}
		if i == 0 {
			if err := c.await(ctx, "the first leader", func() bool { return c.Leader() == 0 }); err != nil {
				return err
			}
		}
	}
	return c.await(ctx, "a follower in step", c.complete)
}

// DSN returns the URL of the superuser at whichever node leads.
func (c *Cluster) DSN() string {
	hosts := make([]string, Nodes)
	for i, n := range c.nodes {
		hosts[i] = loopback("", n.port)
	}
	return c.url(strings.Join(hosts, ",")) + "&target_session_attrs=read-write"
}

// NodeDSN returns the URL of the superuser at one node, 0 to Nodes-1.
func (c *Cluster) NodeDSN(i int) string { return c.url(loopback("", c.nodes[i].port)) }

// url has a limit for connecting, because a node that is paused does not refuse.
func (c *Cluster) url(hosts string) string {
	return "postgres://postgres:" + c.password + "@" + hosts + "/postgres?sslmode=disable&connect_timeout=3"
}

// Leader returns the node that leads, by its own account, or -1 if none says so.
func (c *Cluster) Leader() int {
	for i := range c.nodes {
		if c.says(i, "/leader") {
			return i
		}
	}
	return -1
}

// Kill ends everything on a node at once, as a power cut would.
func (c *Cluster) Kill(i int) {
	killIn(c.nodes[i].dir)
	if p := c.nodes[i].patroni; p != nil {
		<-p.done
	}
}

// Start starts a node that was killed while the others run, and returns when
// the cluster could lose one again: until a follower is known to be in step,
// nobody would replace a leader that dies.
func (c *Cluster) Start(ctx context.Context, i int) error {
	if err := c.startNode(i); err != nil {
		return err
	}
	return c.await(ctx, c.nodes[i].name+" to be back", c.complete)
}

// Pause stops everything on a node without ending it: it neither answers nor refuses.
func (c *Cluster) Pause(i int) {
	for before := -1; ; { // until nothing new was forked meanwhile
		n := signalIn(c.nodes[i].dir, syscall.SIGSTOP)
		if n == before {
			return
		}
		before = n
	}
}

// Resume lets a paused node go on, and returns when the cluster could lose one
// again.
func (c *Cluster) Resume(ctx context.Context, i int) error {
	c.wake(i)
	return c.await(ctx, c.nodes[i].name+" to be back", c.complete)
}

func (c *Cluster) wake(i int) { signalIn(c.nodes[i].dir, syscall.SIGCONT) }

// Stop ends the cluster and removes its folder.
func (c *Cluster) Stop() error {
	for i, n := range c.nodes {
		if n == nil {
			continue
		}
		c.wake(i)
		if n.patroni != nil {
			_ = n.patroni.Kill() // it may be dead already
			<-n.patroni.done
		}
		n.shutDown()
		c.Kill(i)
	}
	if c.etcd != nil {
		_ = c.etcd.Kill() // the same
		<-c.etcd.done
	}
	return os.RemoveAll(c.dir)
}

// shutDown asks the node's server to end, so that it gives shared memory back.
func (n *node) shutDown() {
	text, err := os.ReadFile(filepath.Join(n.dir, "data", "postmaster.pid"))
	if err != nil {
		return // does not run
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil || !slices.Contains(processesIn(n.dir), pid) {
		return // was killed, and left the file
	}
	_ = syscall.Kill(pid, syscall.SIGQUIT) // if it fails, Kill is next
	for limit := time.Now().Add(10 * time.Second); len(processesIn(n.dir)) > 0 && time.Now().Before(limit); {
		time.Sleep(5 * time.Millisecond)
	}
}

func (c *Cluster) startNode(i int) (err error) {
	n := c.nodes[i]
	n.patroni, err = c.run(n.dir, "patroni", filepath.Join(n.dir, "patroni.yml"))
	return err
}

// run starts a program of the cluster in a folder, by which it is found again.
func (c *Cluster) run(dir, name string, args ...string) (*process, error) {
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()                  // the program has its own descriptor
	cmd := exec.Command(name, args...) //nolint:noctx // ends with Stop or Kill
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	return start(cmd, c.as, syscall.SIGTERM)
}

// await waits until something holds of the cluster.
func (c *Cluster) await(ctx context.Context, what string, holds func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	for !holds() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w\n%s", what, ctx.Err(), c.logs())
		case <-c.etcd.done:
			return fmt.Errorf("etcd ended: %w\n%s", c.etcd.err, c.logs())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

func (c *Cluster) logs() string {
	text := "etcd: " + tail(filepath.Join(c.dir, "log"))
	for _, n := range c.nodes {
		text += "\n" + n.name + ": " + tail(filepath.Join(n.dir, "log"))
	}
	return text
}

// says asks a node's Patroni a question that it answers with 200 or not.
func (c *Cluster) says(i int, question string) bool {
	return c.get(i, question, nil) == nil
}

// complete tells whether every node is up and one follows in step.
func (c *Cluster) complete() bool {
	var answer struct {
		Members []struct{ Role, State string }
	}
	if c.get(0, "/cluster", &answer) != nil {
		return false
	}
	running, inStep := 0, false
	for _, m := range answer.Members {
		if m.State == "running" || m.State == "streaming" {
			running++
		}
		inStep = inStep || m.Role == "sync_standby"
	}
	return running == Nodes && inStep
}

func (c *Cluster) get(i int, path string, into any) error {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, loopback("http", c.nodes[i].api)+path, nil)
	if err != nil {
		return err
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

func loopback(scheme string, port int) string {
	host := "127.0.0.1:" + strconv.Itoa(port)
	if scheme != "" {
		host = scheme + "://" + host
	}
	return host
}
