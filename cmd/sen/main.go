// Command sen is an e-wallet and payment gateway that speaks the Zalopay
// merchant API.
package main

import (
	"os"

	"sen/internal/cli"
)

// version is set when the binary is built.
var version = "dev"

func main() { os.Exit(cli.Run(version, os.Args[1:], os.Stdout, os.Stderr)) }
