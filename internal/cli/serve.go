package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"sen/internal/app"
	"sen/internal/sandbox"
)

type serveCmd struct {
	Addr        string        `default:"127.0.0.1:8080" help:"Address to listen on. Port 0 takes any free one."`
	Data        string        `default:"./sen-data" type:"path" help:"Directory of the embedded database."`
	Mode        string        `default:"sandbox" enum:"sandbox,live" help:"sandbox: test apps and wallets, a clock that can be moved, reasons in refusals. live: none of that."`
	PublicURL   string        `name:"public-url" placeholder:"URL" help:"Address that payers and merchants reach the gateway by, when it is not --addr."`
	RefundDelay time.Duration `default:"1s" help:"How long a refund takes at least."`
	LogFormat   string        `default:"text" enum:"text,json" help:"Form of the log lines: ${enum}."`
	Quiet       bool          `short:"q" help:"Do not print the welcome."`
}

// Run serves until it is told to stop.
func (s *serveCmd) Run(ctx context.Context, c *console) error {
	g, err := app.Open(ctx, app.Config{
		Mode: app.Mode(s.Mode), Addr: s.Addr, Data: s.Data, PublicURL: s.PublicURL,
		RefundDelay: s.RefundDelay, Version: c.version, Log: s.logger(c.err),
	})
	if err != nil {
		return err
	}
	if s.Mode == string(app.Sandbox) && !s.Quiet {
		welcome(c.out, g, s.Data)
	}
	fmt.Fprintf(c.out, "Sen %s is ready at %s\n", c.version, g.BaseURL)
	return g.Run(ctx)
}

func (s *serveCmd) logger(w io.Writer) *slog.Logger {
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// welcome tells a developer everything that is needed for a first payment.
func welcome(w io.Writer, g *app.Gateway, data string) {
	t := tabwriter.NewWriter(w, 0, 8, 3, ' ', 0)
	defer t.Flush()
	fmt.Fprintf(t, "Sen sandbox. No real money. Not affiliated with Zalopay.\n\n")
	fmt.Fprintf(t, "Point your Zalopay code at %s   (data: %s)\n\n", g.BaseURL, data)
	fmt.Fprintf(t, "APP\tNAME\tKEY1\tKEY2\n")
	for _, a := range sandbox.Apps() {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\n", a.ID, a.Name, a.Key1, a.Key2)
	}
	fmt.Fprintf(t, "\nWALLET\tPIN\t\n")
	for _, wl := range sandbox.Wallets() {
		pin := sandbox.PIN
		if strings.Contains(wl.Condition, "no PIN") {
			pin = "-"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", wl.Phone, pin, wl.Condition)
	}
	fmt.Fprintf(t, "\n")
}
