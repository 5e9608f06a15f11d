package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A database is a server on which the run makes databases of its own.
type database struct {
	url  string
	conn *pgconn.PgConn
	root int // the server's first process; 0: elsewhere, or not found
	made []string
}

// openDatabase connects to the server. root is its first process, 0: look for
// it.
func openDatabase(ctx context.Context, url string, root int) (*database, error) {
	if !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
		return nil, errors.New("give --database a URL like postgres://user:password@host:5432/postgres")
	}
	conn, err := pgconn.Connect(ctx, url)
	if err != nil {
		return nil, err // without the password
	}
	d := &database{url: url, conn: conn, root: root}
	if root != 0 {
		if _, ok := processOf(root); !ok {
			return nil, errors.Join(fmt.Errorf("there is no process %d, or the system does not tell about it", root), d.close())
		}
		return d, nil
	}
	d.root = d.findRoot()
	return d, nil
}

// findRoot returns the parent of the process that serves our connection, if
// that is on this machine. A process elsewhere can have the same number as one
// here, so its title must name our end of the connection.
func (d *database) findRoot() int {
	pid := int(d.conn.PID())
	title, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil || !strings.HasPrefix(string(title), "postgres: ") {
		return 0
	}
	end := "[local]"
	if tcp, ok := d.conn.Conn().LocalAddr().(*net.TCPAddr); ok {
		end = "(" + strconv.Itoa(tcp.Port) + ")"
	}
	p, ok := processOf(pid)
	if !ok || !strings.Contains(string(title), end) {
		return 0
	}
	return p.parent
}

// cpu returns the processor time that the server has used, all of it.
func (d *database) cpu() (time.Duration, bool) {
	if d == nil || d.root == 0 {
		return 0, false
	}
	return familyTime(d.root)
}

// create makes an empty database and returns its URL.
func (d *database) create(ctx context.Context) (string, error) {
	name := "sen_bench_" + strings.ToLower(rand.Text())
	if err := d.exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", fmt.Errorf("make a database for this run: %w", err)
	}
	d.made = append(d.made, name)
	return withDatabase(d.url, name), nil
}

// withDatabase returns the URL with another database. It works on the text:
// net/url refuses several hosts.
func withDatabase(url, name string) string {
	scheme, rest, _ := strings.Cut(url, "://")
	rest, query, hasQuery := strings.Cut(rest, "?")
	hosts, _, _ := strings.Cut(rest, "/")
	url = scheme + "://" + hosts + "/" + name
	if hasQuery {
		url += "?" + query
	}
	return url
}

// describe says what the server is, and what its commits wait for.
func (d *database) describe(ctx context.Context) (string, error) {
	var parts []string
	for _, name := range []string{"server_version", "fsync", "synchronous_commit"} {
		all, err := d.conn.Exec(ctx, "SHOW "+name).ReadAll()
		if err != nil || len(all) != 1 || len(all[0].Rows) != 1 {
			return "", errors.Join(errors.New("ask the server for "+name), err)
		}
		parts = append(parts, string(all[0].Rows[0][0]))
	}
	where := "on this machine"
	if d.root == 0 {
		where = "not seen on this machine, so its processor time is not known"
	}
	return fmt.Sprintf("PostgreSQL %s (%s); fsync %s, synchronous_commit %s", parts[0], where, parts[1], parts[2]), nil
}

func (d *database) exec(ctx context.Context, sql string) error {
	_, err := d.conn.Exec(ctx, sql).ReadAll()
	return err
}

// close drops what was made, whoever still uses it.
func (d *database) close() error {
	const enough = time.Minute
	ctx, cancel := context.WithTimeout(context.Background(), enough)
	defer cancel()
	var errs error
	for _, name := range d.made {
		errs = errors.Join(errs, d.exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"))
	}
	return errors.Join(errs, d.conn.Close(ctx))
}

// yardsticks are what the server does without us, on the same machine at the
// same time. They are to be closed before the database is.
func (b *bench) yardsticks(ctx context.Context) (all []workload, closed func(), err error) {
	closed = func() {}
	if b.database != nil && b.wanted(floor) {
		url, err := b.database.create(ctx)
		if err != nil {
			return nil, closed, err
		}
		t, err := openFloor(ctx, url, b.Merchants, b.Wallets)
		if err != nil {
			return nil, closed, fmt.Errorf("%s: %w", floor, err)
		}
		closed = t.close
		all = append(all, workload{
			name: floor, what: "transfer in one statement by hand", yardstick: true, callers: floorCallers, prepare: t.prepare, op: t.pay,
		})
	}
	if b.database != nil && b.wanted(pgbench) {
		more, err := b.openPgbench(ctx)
		if err != nil {
			return nil, closed, err
		}
		all = append(all, more...)
	}
	return all, closed, nil
}

func (b *bench) openPgbench(ctx context.Context) (all []workload, err error) {
	url, err := b.database.create(ctx)
	if err != nil {
		return nil, err
	}
	b.say("preparing %s\n", pgbench)
	t, err := openPgbench(ctx, url)
	if err != nil {
		return nil, err
	}
	if t == nil {
		b.report.NotRun = append(b.report.NotRun, pgbench+" (it is not on the PATH; it comes with the package postgresql)")
		return nil, nil
	}
	for _, callers := range pgbenchCallers() {
		all = append(all, workload{
			name: pgbench, what: "pgbench's built-in transaction after TPC-B", yardstick: true, callers: callers,
			external: func(ctx context.Context, d time.Duration) (int64, time.Duration, error) {
				return t.measure(ctx, callers, d)
			},
		})
	}
	return all, nil
}
