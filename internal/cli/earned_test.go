package cli_test

import (
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"sen/internal/cli"
)

// TestEarnedCommands reads the commands that the console tells people to run:
// each must be one that sen understands. There is no server for them.
func TestEarnedCommands(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../console/earned.json")
	if err != nil {
		t.Fatal(err)
	}
	var earned map[string]map[string]struct{ Run string }
	if err := json.Unmarshal(data, &earned); err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("{operation}", "query_order", "AMOUNT", "100", "NUMBER", "4111111111111111")
	var commands []string
	for _, values := range earned {
		for _, one := range values {
			for line := range strings.Lines(one.Run) {
				commands = append(commands, strings.TrimSpace(fill.Replace(line)))
			}
		}
	}
	slices.Sort(commands)
	commands = slices.Compact(commands)
	if len(commands) < 20 {
		t.Errorf("only %d commands were found", len(commands))
	}
	for _, command := range commands {
		args, ok := strings.CutPrefix(command, "sen ")
		if !ok || strings.HasPrefix(args, "serve ") {
			continue // which would serve
		}
		var said strings.Builder
		if status := cli.Run("test", append(strings.Fields(args), "--server", "http://127.0.0.1:1"), io.Discard, &said); status != 1 {
			t.Errorf("%s: status %d, want 1, as nobody answers: %s", command, status, said.String())
		}
	}
}
