package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"sen"
	"sen/internal/mishap"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"${enum}."`
}

// Help says where the output goes.
func (completionCmd) Help() string {
	return `Have it read when your shell starts:

  bash   echo 'source <(sen completion bash)' >> ~/.bashrc
  zsh    echo 'source <(sen completion zsh)' >> ~/.zshrc      (after compinit)
  fish   sen completion fish > ~/.config/fish/completions/sen.fish`
}

// Each script hands the words of the line to sen complete, the last of which is
// being typed, and offers the lines that come back.
var completionScripts = map[string]string{
	"bash": `_sen() {
  local IFS=$'\n'
  COMPREPLY=($(sen complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _sen sen
`,
	"zsh": `#compdef sen
_sen() {
  local -a found
  found=(${(f)"$(sen complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( $#found )); then compadd -a found; else _files; fi
}
compdef _sen sen
`,
	"fish": `function __sen_complete
  set -l words (commandline -opc) (commandline -ct)
  sen complete -- $words[2..-1] 2>/dev/null
end
complete -c sen -f -a '(__sen_complete)'
`,
}

// Run prints the script.
func (s *completionCmd) Run(c *console) error {
	if c.json {
		return c.print(map[string]string{"shell": s.Shell, "script": completionScripts[s.Shell]}, nil)
	}
	_, err := fmt.Fprint(c.out, completionScripts[s.Shell])
	return err
}

type completeCmd struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

// Run prints what the last word can be.
func (k *completeCmd) Run(c *console, app *kong.Application) error {
	words := k.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	for _, one := range complete(app.Node, singular(words)) {
		if _, err := fmt.Fprintln(c.out, one); err != nil {
			return err
		}
	}
	return nil
}

// complete returns what the last of the words can be, after the others.
func complete(node *kong.Node, words []string) []string {
	if len(words) == 0 {
		words = []string{""}
	}
	last := words[len(words)-1]
	arguments, expects := 0, (*kong.Flag)(nil)
	for _, word := range words[:len(words)-1] {
		switch {
		case expects != nil:
			expects = nil
		case strings.HasPrefix(word, "-"):
			if f := flagNamed(node, word); f != nil && !f.IsBool() && !strings.Contains(word, "=") {
				expects = f
			}
		default:
			if sub := childNamed(node, word); sub != nil {
				node, arguments = sub, 0
			} else {
				arguments++
			}
		}
	}
	switch {
	case expects != nil:
		return beginning(valuesOf(expects.Value), last)
	case strings.HasPrefix(last, "-"):
		return beginning(flagsOf(node), last)
	case arguments < len(node.Positional):
		return beginning(argumentsOf(node, arguments), last)
	}
	return beginning(childrenOf(node), last)
}

func beginning(all []string, with string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return !strings.HasPrefix(s, with) })
}

func childNamed(node *kong.Node, name string) *kong.Node {
	for _, sub := range node.Children {
		if sub.Type == kong.CommandNode && sub.Name == name {
			return sub
		}
	}
	return nil
}

func childrenOf(node *kong.Node) (names []string) {
	for _, sub := range node.Children {
		if sub.Type == kong.CommandNode && !sub.Hidden {
			names = append(names, sub.Name)
		}
	}
	return names
}

func allFlags(node *kong.Node) (all []*kong.Flag) {
	for ; node != nil; node = node.Parent {
		all = append(all, node.Flags...)
	}
	return all
}

func flagsOf(node *kong.Node) (names []string) {
	for _, f := range allFlags(node) {
		if !f.Hidden {
			names = append(names, "--"+f.Name)
		}
	}
	return names
}

func flagNamed(node *kong.Node, word string) *kong.Flag {
	name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
	for _, f := range allFlags(node) {
		if f.Name == name || f.Short != 0 && string(f.Short) == name {
			return f
		}
	}
	return nil
}

// argumentsOf are the known values of an argument.
func argumentsOf(node *kong.Node, n int) []string {
	return valuesOf(node.Positional[n])
}

// valuesOf are what a flag or an argument can be, if that is known.
func valuesOf(v *kong.Value) []string {
	switch {
	case v.Enum != "":
		return v.EnumSlice()
	case v.Tag.Get("complete") != "":
		return candidates[v.Tag.Get("complete")]()
	}
	return nil
}

// candidates are lists that are named by the tag complete.
var candidates = map[string]func() []string{
	"operation": operationNames,
	"kind":      func() []string { return strings.Split(mishap.Names(), ", ") },
	"trigger": func() (all []string) {
		for _, e := range events {
			all = append(all, e.name)
		}
		for kind := range strings.SplitSeq(mishap.Names(), ", ") {
			all = append(all, "callback."+kind)
		}
		return append(all, operationNames()...)
	},
}

func operationNames() (all []string) {
	for _, op := range sen.Operations() {
		all = append(all, op.Name)
	}
	return all
}
