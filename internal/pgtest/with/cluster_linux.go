package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"sen/internal/pgtest"
)

// withNodes runs the command with the database that SEN_TEST_DISTRIBUTED
// lists, or with a cluster of its own.
func withNodes(ctx context.Context, isolation string, command []string, stdout, stderr io.Writer) (status int, err error) {
	if nodes := os.Getenv(pgtest.EnvNodes); nodes != "" {
		dsn, err := pgtest.AnyNode(nodes)
		if err != nil {
			return 2, fmt.Errorf("%s: %w", pgtest.EnvNodes, err)
		}
		return execute(ctx, command, []string{pgtest.Env + "=" + isolated(dsn, isolation)}, stdout, stderr)
	}
	if err := pgtest.CanCluster(ctx); err != nil {
		fmt.Fprintf(stdout, "not run: a cluster of PostgreSQL (install patroni, etcd-server and postgresql, or set %s: %s)\n",
			pgtest.EnvNodes, strings.ReplaceAll(err.Error(), "\n", ", "))
		return 0, nil
	}
	cluster, err := pgtest.NewCluster(ctx)
	if err != nil {
		return 2, err
	}
	defer func() { err = errors.Join(err, cluster.Stop()) }()
	desk, err := openDesk(ctx, cluster)
	if err != nil {
		return 2, err
	}
	defer desk.Close()
	return execute(ctx, command, environment(cluster, desk, isolation), stdout, stderr)
}

// environment describes a cluster to the command's tests. They kill and
// restart nodes by calling this program again, which asks its first self.
func environment(cluster *pgtest.Cluster, desk *desk, isolation string) []string {
	nodes := make([]string, pgtest.Nodes)
	for i := range nodes {
		nodes[i] = isolated(cluster.NodeDSN(i), isolation)
	}
	return []string{
		pgtest.Env + "=" + isolated(cluster.DSN(), isolation),
		pgtest.EnvNodes + "=" + strings.Join(nodes, ","),
		pgtest.EnvKill + "=" + desk.command("kill"),
		pgtest.EnvRestart + "=" + desk.command("restart"),
		pgtest.EnvPause + "=" + desk.command("pause"),
		pgtest.EnvResume + "=" + desk.command("resume"),
	}
}

// A desk takes orders for the nodes of a cluster.
type desk struct {
	*http.Server

	address string
}

func openDesk(ctx context.Context, cluster *pgtest.Cluster) (*desk, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /kill/{node}", always(cluster.Kill))
	mux.HandleFunc("POST /pause/{node}", always(cluster.Pause))
	mux.HandleFunc("POST /resume/{node}", order(func(i int) error { return cluster.Resume(ctx, i) }))
	mux.HandleFunc("POST /restart/{node}", order(func(i int) error { return cluster.Start(ctx, i) }))
	d := &desk{&http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}, listener.Addr().String()}
	go d.Serve(listener) //nolint:errcheck // ends with Close
	return d, nil
}

func always(f func(node int)) http.HandlerFunc {
	return order(func(i int) error { f(i); return nil })
}

func order(f func(node int) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		i, err := strconv.Atoi(r.PathValue("node"))
		if err == nil && (i < 0 || i >= pgtest.Nodes) {
			err = fmt.Errorf("no node %d: there are 0 to %d", i, pgtest.Nodes-1)
		}
		if err == nil {
			err = f(i)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}
}

// command returns what gives an order, for a shell.
func (d *desk) command(what string) string {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0] // as we were called
	}
	return fmt.Sprintf("'%s' -tell http://%s/%s/{node}", self, d.address, what)
}

// tell gives an order.
func tell(ctx context.Context, url string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
	if err != nil {
		return 2, err
	}
	client := http.Client{Timeout: 5 * time.Minute}
	resp, err := client.Do(req)
	if err != nil {
		return 2, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, err := io.ReadAll(resp.Body)
		return 1, errors.Join(errors.New(string(text)), err)
	}
	return 0, nil
}
