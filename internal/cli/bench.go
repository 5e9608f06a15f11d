package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/bench"
)

// benchCommands measure the gateway.
type benchCommands struct {
	Bench      benchCmd      `cmd:"" group:"admin" help:"Measure the gateway under load, on this machine and in a temporary directory."`
	BenchServe benchServeCmd `cmd:"" hidden:"" help:"Start a gateway to be measured, with a yardstick beside it."`
}

type benchCmd struct {
	Duration    time.Duration `default:"2s" help:"How long each workload is measured at each concurrency."`
	Concurrency []int         `default:"1,16,64,256" help:"Numbers of callers."`
	Merchants   int           `default:"1000" placeholder:"N" help:"How many merchants orders and payments by token are spread over. Default: 1000."`
	Wallets     int           `default:"10000" placeholder:"N" help:"How many wallets payments by token are spread over. Default: 10000."`
	Only        []string      `placeholder:"WORKLOAD" help:"Workloads to run, all if not given: ceiling, create, query-unpaid, query-paid, pay, pay-token, pay-token-hot, create-pay, refund, pay-callback, day, and with --database the yardsticks floor and pgbench."`
	Database    string        `placeholder:"URL" help:"Measure with that database server, as in postgres://sen:password@localhost/postgres. The role must be allowed to make databases: the run has its own, and drops them."`
	DatabasePID int           `name:"database-pid" placeholder:"PID" help:"First process of that server, for its processor time. A PostgreSQL on this machine is found without."`
	Rate        float64       `placeholder:"N" help:"Make N calls per second, whether those before are answered or not; without, each caller waits for its answer."`
	Target      string        `placeholder:"URL" help:"Measure the sandbox that runs there instead of a new one. It is filled with orders, merchants and wallets."`
	App         int           `placeholder:"ID" help:"With --target: measure any gateway, as that merchant. Its key1 is read from SEN_BENCH_KEY1; orders are created and queried, and nobody pays them."`
	Key1        string        `name:"bench-key1" hidden:"" env:"SEN_BENCH_KEY1"`
	Dir         string        `type:"existingdir" placeholder:"DIR" help:"Make the temporary directory there, to measure another disk."`
	Grow        int64         `placeholder:"ORDERS" help:"Measure nothing: make a sandbox in --dir as it is after so many orders, or let one go on to so many."`
	Against     string        `type:"existingdir" placeholder:"DIR" help:"Compare the sandbox in that data directory with a new one: start-up, orders, queries, payments, pages of the console. Some orders are added to it."`
	Profiles    bool          `hidden:"" help:"Let the measured process give out profiles."`
}

// Run measures and prints what came of it.
func (b *benchCmd) Run(ctx context.Context, c *console) error {
	if b.Grow != 0 {
		return b.grow(ctx, c)
	}
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	for _, n := range b.Concurrency {
		if n < 1 {
			return fmt.Errorf("%d callers can't measure anything", n)
		}
	}
	config := bench.Config{
		Binary: binary, Target: b.Target, Database: b.Database, DatabasePID: b.DatabasePID, Dir: b.Dir,
		Merchants: b.Merchants, Wallets: b.Wallets, Duration: b.Duration, Concurrency: b.Concurrency,
		App: sen.App{ID: b.App, Key1: b.Key1}, Rate: b.Rate, Only: b.Only, Profiles: b.Profiles, Progress: c.err,
	}
	if b.Against != "" {
		return b.against(ctx, c, config)
	}
	report, err := bench.Run(ctx, config)
	if ctx.Err() != nil {
		return errors.New("stopped before it was done")
	}
	if err != nil {
		return err
	}
	if c.json {
		err = report.JSON(c.out)
	} else {
		err = report.Text(c.out)
	}
	if n := report.Errors(); err == nil && n > 0 {
		err = fmt.Errorf("%d answers were not as expected", n)
	}
	return err
}

// against compares a sandbox with a new one.
func (b *benchCmd) against(ctx context.Context, c *console, config bench.Config) error {
	found, err := bench.Against(ctx, config, b.Against)
	switch {
	case ctx.Err() != nil:
		return errors.New("stopped before it was done")
	case err != nil:
		return err
	case c.json:
		return found.JSON(c.out)
	}
	return found.Text(c.out)
}

// grown says how large a sandbox was made.
type grown struct {
	Data   string `json:"data"`
	Orders int64  `json:"orders"`
	Bytes  int64  `json:"bytes"` // of the database file
}

// grow makes a sandbox to be measured.
func (b *benchCmd) grow(ctx context.Context, c *console) error {
	if b.Dir == "" {
		return errors.New("say with --dir where the sandbox is to be made, or goes on growing")
	}
	log := slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	began, first := time.Now(), int64(-1) //nolint:forbidigo // how quickly this machine does it
	err := app.Grow(ctx, app.Growth{Dir: b.Dir, Orders: b.Grow, Log: log, Progress: func(n int64) {
		if first < 0 {
			began, first = time.Now(), n //nolint:forbidigo // how quickly this machine does it
			return
		}
		fmt.Fprintf(c.err, "%d orders, %.0f a second\n", n, float64(n-first)/time.Since(began).Seconds()) //nolint:forbidigo // how quickly this machine does it
	}})
	if ctx.Err() != nil {
		return errors.New("stopped before it was done: the same command goes on")
	}
	if err != nil {
		return err
	}
	info, err := os.Stat(filepath.Join(b.Dir, app.DatabaseFile))
	if err != nil {
		return err
	}
	made := grown{Data: b.Dir, Orders: b.Grow, Bytes: info.Size()}
	return c.print(made, func(w io.Writer) { fmt.Fprintf(w, "%s: %d orders, %d MB\n", made.Data, made.Orders, made.Bytes>>20) })
}

type benchServeCmd struct {
	serveCmd
	Profiles bool
}

// Run serves until it is told to stop, or until whoever started it is gone.
func (s *benchServeCmd) Run(ctx context.Context, c *console) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // it ends with whoever holds the other side
		stop()
	}()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	yardstick := &http.Server{Handler: bench.Yardstick(s.Profiles), ReadHeaderTimeout: time.Minute}
	defer func() { _ = yardstick.Close() }() // nothing of it is worth waiting for
	go func() { _ = yardstick.Serve(listener) }()
	fmt.Fprintf(c.out, "The yardstick is ready at http://%s\n", listener.Addr())
	return s.serveCmd.Run(ctx, c)
}
