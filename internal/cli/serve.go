package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"sen/internal/app"
	"sen/internal/trace"
)

const defaultData = "./sen-data"

type serveCmd struct {
	Addr          string        `default:"127.0.0.1:8080" env:"SEN_ADDR" help:"Address to listen on. Port 0 takes any free one."`
	Data          string        `default:"./sen-data" type:"path" env:"SEN_DATA" placeholder:"DIR" help:"Directory of the embedded database. Default: ./sen-data."`
	Archive       string        `type:"path" env:"SEN_ARCHIVE" placeholder:"DIR" help:"Directory on another disk, where the embedded database is archived as it is written: sen restore makes it again as it was at any moment."`
	Database      string        `env:"SEN_DATABASE" placeholder:"URL" help:"Database server instead of the embedded database, as in postgres://sen:password@localhost/sen. Any number of gateways may share one. --data then holds only the keys of secrets."`
	Mode          string        `default:"sandbox" enum:"sandbox,live" env:"SEN_MODE" help:"sandbox: test apps and wallets, a clock that can be moved, reasons in refusals. live: none of that."`
	PublicURL     string        `name:"public-url" placeholder:"URL" env:"SEN_PUBLIC_URL" help:"Address that payers and merchants reach the gateway by, when it is not --addr."`
	TLSCert       string        `name:"tls-cert" type:"path" env:"SEN_TLS_CERT" placeholder:"FILE" help:"Certificate chain in PEM, to serve https without a proxy. Read again when it changes, and on SIGHUP."`
	TLSKey        string        `name:"tls-key" type:"path" env:"SEN_TLS_KEY" placeholder:"FILE" help:"Key of the certificate, in PEM."`
	ACMEDomain    []string      `name:"acme-domain" env:"SEN_ACME_DOMAIN" placeholder:"NAME" help:"Have this name certified by Let's Encrypt, whose terms you accept with it. The gateway must be reachable on port 443 of that name."`
	ACMEDirectory string        `name:"acme-directory" env:"SEN_ACME_DIRECTORY" placeholder:"URL" help:"Another authority that speaks ACME."`
	RedirectAddr  string        `name:"redirect-addr" env:"SEN_REDIRECT_ADDR" placeholder:"ADDR" help:"Address where plain HTTP is sent on to https, as in :80."`
	MetricsAddr   string        `placeholder:"ADDRESS" env:"SEN_METRICS_ADDR" help:"A second address, for /metrics only, as in 127.0.0.1:9090: for whoever watches the gateway, not for the world. A sandbox has /metrics at --addr too."`
	RefundDelay   time.Duration `default:"1s" env:"SEN_REFUND_DELAY" help:"How long a refund takes at least."`
	Clock         *timestamp    `placeholder:"TIME" env:"SEN_CLOCK" help:"Where a sandbox's clock begins, as in 2026-01-02T07:00:00+07:00. It then stands until it is moved (sen clock)."`
	Seed          *uint64       `placeholder:"N" env:"SEN_SEED" help:"Make a sandbox repeatable: with the same seed and --clock, the same requests get the same answers, identifiers and callbacks. Everybody can guess its secrets."`
	DrainDelay    time.Duration `default:"0s" env:"SEN_DRAIN_DELAY" help:"How long requests are still served, and /readyz says no, after it is told to stop: longer than a load balancer takes to notice."`
	Sandboxes     int           `default:"50" env:"SEN_SANDBOXES" help:"How many sandboxes may be made inside this one (sen sandbox), each of which takes about 3 MB; 0: none."`
	AtOnce        int64         `default:"256" env:"SEN_AT_ONCE" help:"How many calls of merchants are carried out at once. Those beyond are refused at once with -429 and Retry-After."`
	LogFormat     string        `default:"text" enum:"text,json" env:"SEN_LOG_FORMAT" help:"Form of the log lines: ${enum}."`
	LogLevel      string        `default:"info" enum:"debug,info,warn,error" env:"SEN_LOG_LEVEL" help:"Least important log lines that are written: ${enum}."`
	OTLPEndpoint  string        `name:"otlp-endpoint" placeholder:"URL" env:"OTEL_EXPORTER_OTLP_ENDPOINT" help:"Collector of OpenTelemetry that traces are sent to, by OTLP over HTTP as JSON, as in http://127.0.0.1:4318. Headers for it come from OTEL_EXPORTER_OTLP_HEADERS."`
	Quiet         bool          `short:"q" help:"Do not print the welcome."`
}

// Run serves until it is told to stop.
func (s *serveCmd) Run(ctx context.Context, c *console) error {
	config := app.Config{
		Mode: app.Mode(s.Mode), Addr: s.Addr, Data: s.Data, Database: s.Database, PublicURL: s.PublicURL, MetricsAddr: s.MetricsAddr, Drain: s.DrainDelay,
		RefundDelay: s.RefundDelay, Version: c.version, Log: s.logger(c.err), Seed: s.Seed, Worlds: cmp.Or(s.Sandboxes, -1), AtOnce: s.AtOnce,
	}
	config.TLS = app.TLS{Cert: s.TLSCert, Key: s.TLSKey, Domains: s.ACMEDomain, Directory: s.ACMEDirectory, RedirectAddr: s.RedirectAddr}
	config.Archive = s.Archive
	config.Traces = tracesTo(s.OTLPEndpoint)
	if s.Clock != nil {
		config.Start = time.Time(*s.Clock)
	}
	collectLess()
	var err error
	if config.Listener, err = inherited(); err != nil {
		return err
	}
	g, err := app.Open(ctx, config)
	if err != nil {
		return err
	}
	if s.Mode == string(app.Sandbox) && !s.Quiet {
		if err := welcome(ctx, c.out, g, s.Data); err != nil {
			return errors.Join(err, g.Close())
		}
	}
	if s.PublicURL != "" {
		fmt.Fprintf(c.out, "Listening on %s\n", g.Addr())
	}
	fmt.Fprintf(c.out, "Sen %s is ready at %s\n", c.version, g.BaseURL)
	defer onHangUp(g.ReloadTLS)()
	return g.Run(ctx)
}

// tracesTo is how traces go to a collector. What it must be told comes from the
// environment only, since it may be a secret: NAME=VALUE, with commas between,
// encoded as in a URL.
func tracesTo(endpoint string) trace.Config {
	c := trace.Config{Endpoint: endpoint, Service: os.Getenv("OTEL_SERVICE_NAME"), Headers: map[string]string{}}
	for pair := range strings.SplitSeq(os.Getenv("OTEL_EXPORTER_OTLP_HEADERS"), ",") {
		name, value, _ := strings.Cut(pair, "=")
		if text, err := url.PathUnescape(strings.TrimSpace(value)); err == nil && name != "" {
			c.Headers[strings.TrimSpace(name)] = text
		}
	}
	return c
}

// collectLess lets four times of what is in use gather before it is collected,
// unless the operator says otherwise. Little is in use at any time, so it
// costs some 20 MB under load and saves a twentieth of the processor time.
func collectLess() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// onHangUp calls reload for each SIGHUP until it is stopped.
func onHangUp(reload func()) (stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	over := make(chan struct{})
	go func() {
		for {
			select {
			case <-signals:
				reload()
			case <-over:
				return
			}
		}
	}()
	return func() { signal.Stop(signals); close(over) }
}

func (s *serveCmd) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(s.LogLevel)) // which the parser has checked
	options := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
