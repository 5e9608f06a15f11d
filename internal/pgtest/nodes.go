package pgtest

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// Variables that describe a database of several nodes.
const (
	EnvNodes   = "SEN_TEST_DISTRIBUTED"         // URLs, one per node, separated by commas
	EnvKill    = "SEN_TEST_DISTRIBUTED_KILL"    // a command of the shell that kills node {node}, counted from 0
	EnvRestart = "SEN_TEST_DISTRIBUTED_RESTART" // one that starts it again, and returns when it runs
	EnvPause   = "SEN_TEST_DISTRIBUTED_PAUSE"   // one that stops it without ending it
	EnvResume  = "SEN_TEST_DISTRIBUTED_RESUME"  // one that lets it go on
)

// NodeSet is a database of several nodes that a test may kill.
type NodeSet struct {
	urls                         []string
	kill, restart, pause, resume string
}

// DistributedNodes returns the nodes that SEN_TEST_DISTRIBUTED lists, and
// skips the test if there are none or no way to kill them. DSN gives databases
// on them: run both by 'make test-distributed'.
func DistributedNodes(tb testing.TB) *NodeSet {
	tb.Helper()
	n := &NodeSet{
		kill: os.Getenv(EnvKill), restart: os.Getenv(EnvRestart),
		pause: os.Getenv(EnvPause), resume: os.Getenv(EnvResume),
	}
	if list := os.Getenv(EnvNodes); list != "" {
		n.urls = strings.Split(list, ",")
	}
	if len(n.urls) == 0 || n.kill == "" || n.restart == "" {
		tb.Skip("not run: death of nodes (make test-distributed, or set " + EnvNodes + ", " + EnvKill + " and " + EnvRestart + ")")
	}
	return n
}

// Len returns how many nodes there are.
func (n *NodeSet) Len() int { return len(n.urls) }

// At returns the URL of the same database at node i only.
func (n *NodeSet) At(tb testing.TB, i int, dsn string) string {
	tb.Helper()
	config, err := pgconn.ParseConfig(dsn)
	if err != nil {
		tb.Fatal(err)
	}
	at, err := withDatabase(n.urls[i], config.Database)
	if err != nil {
		tb.Fatalf("%s: %v", EnvNodes, err)
	}
	return at
}

// Of returns the node that a connection leads to, or -1.
func (n *NodeSet) Of(conn *pgconn.PgConn) int {
	address := conn.Conn().RemoteAddr().String()
	return slices.IndexFunc(n.urls, func(url string) bool {
		config, err := pgconn.ParseConfig(url)
		return err == nil && config.Host+":"+strconv.Itoa(int(config.Port)) == address
	})
}

// Kill kills node i.
func (n *NodeSet) Kill(tb testing.TB, i int) {
	tb.Helper()
	shell(tb, n.kill, i)
}

// Restart starts node i again.
func (n *NodeSet) Restart(tb testing.TB, i int) {
	tb.Helper()
	shell(tb, n.restart, i)
}

// Pause stops node i without ending it: it neither answers nor refuses. It
// skips the test if there is no way to do so.
func (n *NodeSet) Pause(tb testing.TB, i int) {
	tb.Helper()
	if n.pause == "" || n.resume == "" {
		tb.Skip("not run: paused nodes (set " + EnvPause + " and " + EnvResume + ")")
	}
	shell(tb, n.pause, i)
}

// Resume lets node i go on.
func (n *NodeSet) Resume(tb testing.TB, i int) {
	tb.Helper()
	shell(tb, n.resume, i)
}

func shell(tb testing.TB, template string, node int) {
	tb.Helper()
	command := strings.ReplaceAll(template, "{node}", strconv.Itoa(node))
	if out, err := exec.CommandContext(tb.Context(), "sh", "-c", command).CombinedOutput(); err != nil {
		tb.Fatalf("%s: %v\n%s", command, err, out)
	}
}

// AnyNode returns the URL of whichever of several nodes takes writes: the
// parameters of the first, the hosts of all.
func AnyNode(nodes string) (string, error) {
	var hosts []string
	urls := strings.Split(nodes, ",")
	for _, url := range urls {
		start, end, err := hostOf(url)
		if err != nil {
			return "", err
		}
		hosts = append(hosts, url[start:end])
	}
	if slices.Contains(hosts, "") {
		return "", errors.New("a URL without a host")
	}
	any, err := withHost(urls[0], strings.Join(hosts, ","))
	if err != nil || strings.Contains(any, "target_session_attrs=") {
		return any, err
	}
	mark := "?"
	if strings.Contains(any, "?") {
		mark = "&"
	}
	return any + mark + "target_session_attrs=read-write", nil
}
