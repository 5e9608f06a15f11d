// Package cli is the command line: one struct per command, its help in its
// tags, its work in Run.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"sen"
)

// commands is the whole command line. Only settings can come from the
// environment: what a command does is always written in the command.
type commands struct {
	Server string `env:"SEN_SERVER" placeholder:"URL" help:"The sandbox to talk to. Default: ${local}."`
	JSON   bool   `name:"json" help:"Print JSON instead of text."`

	Serve   serveCmd   `cmd:"" help:"Start the gateway: a sandbox unless --mode says live."`
	Version versionCmd `cmd:"" help:"Print the version."`

	Completion completionCmd `cmd:"" help:"Print a script that completes commands in your shell."`
	Complete   completeCmd   `cmd:"" hidden:""`

	Order        orderCmd        `cmd:"" group:"sandbox" help:"Create orders as a merchant does, and see what came of them."`
	Pay          payCmd          `cmd:"" group:"sandbox" help:"Pay an order from a test wallet, or by a test card."`
	Decline      declineCmd      `cmd:"" group:"sandbox" help:"Pay an order by a test card that is declined."`
	Refund       refundCmd       `cmd:"" group:"sandbox" help:"Refund payments, and approve refunds that wait for it."`
	Disbursement disbursementCmd `cmd:"" group:"sandbox" help:"Pay out to wallets as a merchant does; fund it, and register public keys."`
	Binding      bindingCmd      `cmd:"" group:"sandbox" help:"Bind wallets and cards, and pay by their tokens."`
	Callback     callbackCmd     `cmd:"" group:"sandbox" help:"See what the merchant's server was told, and tell it again."`

	Trigger     triggerCmd     `cmd:"" group:"sandbox" help:"Bring about an event, or a value that an operation answers."`
	Requests    requestsCmd    `cmd:"" group:"sandbox" help:"Look up what merchants asked and were answered, and write it as code."`
	Listen      listenCmd      `cmd:"" group:"sandbox" help:"Print requests and callbacks as they come; send callbacks to your own server."`
	Clock       clockCmd       `cmd:"" group:"sandbox" help:"Read and move the sandbox's clock."`
	Wallet      walletCmd      `cmd:"" group:"sandbox" help:"List, change and top up test wallets."`
	Card        cardCmd        `cmd:"" group:"sandbox" help:"List the test cards."`
	Bank        bankCmd        `cmd:"" group:"sandbox" help:"Make the simulated bank fail, and see what it moved."`
	Campaign    campaignCmd    `cmd:"" group:"sandbox" help:"Give payers discounts."`
	Maintenance maintenanceCmd `cmd:"" group:"sandbox" help:"Close operations for maintenance."`
	Rule        ruleCmd        `cmd:"" group:"sandbox" help:"Force how calls are answered: values, delays, broken answers."`
	Fault       faultCmd       `cmd:"" group:"sandbox" help:"Make the gateway itself fail, to see what merchants see then."`
	MAC         macCmd         `cmd:"" name:"mac" group:"sandbox" help:"Sign requests, and find out why a mac was refused."`
	Certify     certifyCmd     `cmd:"" group:"sandbox" help:"Check your server: good callbacks, repeats, forgeries and rubbish."`
	Sandbox     sandboxCmd     `cmd:"" group:"sandbox" help:"Make sandboxes inside the running one, each for one test or person."`
	OpenAPI     openapiCmd     `cmd:"" name:"openapi" group:"sandbox" help:"Print the OpenAPI 3.1 description of the merchant API and of callbacks."`
	Codes       codesCmd       `cmd:"" group:"sandbox" help:"Look values up, and hold a sandbox against all of them."`

	App        appCmd        `cmd:"" group:"admin" help:"Manage merchants' apps: those of a sandbox, and those in a data directory."`
	Operator   operatorCmd   `cmd:"" group:"admin" help:"Manage who may use the console."`
	Ledger     ledgerCmd     `cmd:"" group:"admin" help:"Check the books."`
	Settlement settlementCmd `cmd:"" group:"admin" help:"Close days, pay out what they earned, and write the files about it."`
	Reconcile  reconcileCmd  `cmd:"" group:"admin" help:"Hold a day's books against the channels' and the merchant's."`
	Backup     backupCmd     `cmd:"" group:"admin" help:"Copy the embedded database to a file, while it is served from, and check the copy."`
	Restore    restoreCmd    `cmd:"" group:"admin" help:"Put such a file into a new data directory."`
	Migrate    migrateCmd    `cmd:"" group:"admin" help:"Move data from one database to another."`
	Vault      vaultCmd      `cmd:"" group:"admin" help:"Manage the keys of stored cards."`

	benchCommands
}

const description = "An e-wallet and payment gateway that speaks the Zalopay merchant API. Not affiliated with Zalopay."

// helpWidth keeps help readable in a wide window.
const helpWidth = 100

// Run runs the command line and returns the exit status: 0 when it did what
// was asked, 1 when it could not, 2 when it did not understand.
func Run(version string, args []string, stdout, stderr io.Writer) int {
	status := -1
	var c commands
	parser, err := newParser(&c, stdout, stderr, func(s int) { status = s })
	if err != nil {
		fmt.Fprintln(stderr, "sen:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(hideSigns(singular(args)))
	if status >= 0 { // help was asked for and given
		return status
	}
	if err != nil {
		fmt.Fprintln(stderr, "sen:", strings.ReplaceAll(err.Error(), minus, "-")) // as it was typed: see hideSigns
		fmt.Fprintf(stderr, "Run %q for help.\n", helpFor(err))
		return 2
	}
	k.Bind(parser.Model)
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(&console{out: stdout, err: stderr, version: version, server: c.Server, json: c.JSON}); err != nil {
		fmt.Fprintln(stderr, "sen:", strings.TrimPrefix(err.Error(), "sen: "))
		return 1
	}
	return 0
}

func newParser(c *commands, stdout, stderr io.Writer, exit func(int)) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("sen"),
		kong.Description(description),
		kong.Writers(stdout, stderr),
		kong.Exit(exit),
		kong.Vars{"local": sen.LocalURL, "wallet": firstWallet},
		kong.ExplicitGroups([]kong.Group{
			{Key: "sandbox", Title: "Commands for a running sandbox:"},
			{Key: "admin", Title: "Commands for operators:"},
		}),
		kong.ConfigureHelp(kong.HelpOptions{
			Compact: true, FlagsLast: true, NoExpandSubcommands: true, WrapUpperBound: helpWidth,
		}),
	)
}

// singulars are the commands that people also know in the plural. They are no
// aliases of the parser, which would write both names wherever it writes one.
var singulars = map[string]string{"orders": "order", "refunds": "refund", "bindings": "binding", "callbacks": "callback", "rules": "rule", "settlements": "settlement"}

// singular writes the command in the singular, if it has a plural.
func singular(args []string) []string {
	out := slices.Clone(args)
	for i := 0; i < len(out); i++ {
		if out[i] == "--server" {
			i++ // its value is no command
		} else if !strings.HasPrefix(out[i], "-") {
			if one, ok := singulars[out[i]]; ok {
				out[i] = one
			}
			break
		}
	}
	return out
}

// helpFor returns the command that explains what was not understood.
func helpFor(err error) string {
	if p, ok := errors.AsType[*kong.ParseError](err); ok && p.Context != nil {
		if node := p.Context.Selected(); node != nil {
			return node.FullPath() + " --help"
		}
		for i := len(p.Context.Path) - 1; i >= 0; i-- {
			if c := p.Context.Path[i].Command; c != nil {
				return c.FullPath() + " --help"
			}
		}
	}
	return "sen --help"
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(c *console) error {
	return c.print(map[string]string{"version": c.version}, func(w io.Writer) { fmt.Fprintln(w, "sen", c.version) })
}
