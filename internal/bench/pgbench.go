package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// pgbench is PostgreSQL's own yardstick: its built-in transaction after TPC-B,
// five statements in a transaction, prepared.
const pgbench = "pgbench"

// pgbenchScale is the number of branches, which are the rows that its callers
// wait for.
const pgbenchScale = 10

// pgbenchCallers are the numbers of callers that it is run with: one that suits
// a small machine, and one that suits most others.
func pgbenchCallers() []int { return []int{16, 64} }

// A tpcb is pgbench over a database of its own.
type tpcb struct {
	program string
	args    []string
	env     []string
}

// openPgbench fills the database, or returns nil when there is no pgbench.
func openPgbench(ctx context.Context, dsn string) (*tpcb, error) {
	program, err := exec.LookPath(pgbench)
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // it is not there, which is for the report to say
	}
	config, err := pgconn.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	// As the floor: under SERIALIZABLE nineteen of twenty of its transactions are
	// refused because of each other, and what is left says nothing of the server.
	config.RuntimeParams["default_transaction_isolation"] = "read committed"
	t := &tpcb{program: program, env: append(os.Environ(), "PGPASSWORD="+config.Password, "PGOPTIONS="+options(config.RuntimeParams))}
	t.args = []string{forPgbench(dsn, config.RuntimeParams)}
	_, err = t.run(ctx, "--initialize", "--quiet", "--scale", strconv.Itoa(pgbenchScale))
	return t, err
}

// forPgbench is the URL as it may stand in a list of processes, without the
// settings of a session: PostgreSQL's own programs take none of those there.
func forPgbench(dsn string, settings map[string]string) string {
	u, err := url.Parse(dsn)
	if err != nil { // several hosts: pgbench has to make do with what it finds
		return dsn
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	query := u.Query()
	for name := range settings {
		query.Del(name)
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// options are settings of a session as those programs take them.
func options(settings map[string]string) string {
	var all []string
	for name, value := range settings {
		all = append(all, "-c "+name+"="+strings.ReplaceAll(value, " ", `\ `))
	}
	return strings.Join(all, " ")
}

func (t *tpcb) run(ctx context.Context, flags ...string) (string, error) {
	cmd := exec.CommandContext(ctx, t.program, append(flags, t.args...)...) //nolint:gosec // our own arguments
	cmd.Env = t.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", pgbench, err, out)
	}
	return string(out), err
}

var (
	tpcbCalls = regexp.MustCompile(`transactions actually processed: (\d+)`)
	tpcbRate  = regexp.MustCompile(`tps = ([0-9.]+) \(without initial connection time\)`)
)

var errPgbench = errors.New("pgbench says something else than expected")

// measure runs it with so many callers. It knows whole seconds only.
func (t *tpcb) measure(ctx context.Context, callers int, d time.Duration) (calls int64, took time.Duration, err error) {
	seconds := max(1, int(d.Round(time.Second)/time.Second))
	out, err := t.run(ctx, "--no-vacuum", "--protocol", "prepared", "--client", strconv.Itoa(callers),
		"--jobs", "2", "--time", strconv.Itoa(seconds))
	if err != nil {
		return 0, 0, err
	}
	n, rate := tpcbCalls.FindStringSubmatch(out), tpcbRate.FindStringSubmatch(out)
	if n != nil && n[1] == "0" { // on a busy machine the time went by with connecting
		return 0, time.Duration(seconds) * time.Second, nil
	}
	if n == nil || rate == nil {
		return 0, 0, fmt.Errorf("%w:\n%s", errPgbench, out)
	}
	calls, err = strconv.ParseInt(n[1], 10, 64)
	if err != nil {
		return 0, 0, err
	}
	perSecond, err := strconv.ParseFloat(rate[1], 64)
	if err != nil || perSecond <= 0 {
		return 0, 0, fmt.Errorf("%w:\n%s", errPgbench, out)
	}
	return calls, time.Duration(float64(calls) / perSecond * float64(time.Second)), nil
}
