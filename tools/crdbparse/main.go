// Command crdbparse reads statements, each ended by a zero byte, from its
// standard input and has the parser of CockroachDB read them.
package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/parser"
)

func main() {
	all, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	texts := strings.Split(strings.TrimSuffix(string(all), "\x00"), "\x00")
	failed := 0
	for _, text := range texts {
		if _, err := parser.Parse(text); err != nil {
			failed++
			fmt.Printf("%v\n%s\n\n", err, text)
		}
	}
	fmt.Printf("%d statements read, %d of them wrong\n", len(texts), failed)
	if failed > 0 || len(texts) < 100 {
		os.Exit(1)
	}
}
