// Command sbom writes, as CycloneDX JSON, what a Go binary is made of, with the
// licence of each module. It fails when a module is missing that 'go version -m'
// names, and when a licence is not among those that a document allows.
package main

import (
	"bytes"
	"cmp"
	"debug/buildinfo"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
)

func main() {
	allowed := flag.String("allowed", "", "file whose line 'Allowed in the binary:' lists licences in backquotes")
	flag.Parse()
	if flag.NArg() != 1 || *allowed == "" {
		fmt.Fprintln(os.Stderr, "usage: sbom -allowed FILE BINARY")
		os.Exit(2)
	}
	out, err := run(flag.Arg(0), *allowed)
	if err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
	_, _ = os.Stdout.Write(out)
}

func run(binary, allowed string) ([]byte, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	b, err := describe(info, binary)
	if err != nil {
		return nil, err
	}
	list, err := allowedIn(allowed)
	if err != nil {
		return nil, err
	}
	told, err := exec.Command("go", "version", "-m", binary).Output()
	if err != nil {
		return nil, fmt.Errorf("go version -m: %w", err)
	}
	if problems := b.check(modulesIn(told), list); len(problems) > 0 {
		return nil, fmt.Errorf("%s", strings.Join(problems, "\nsbom: "))
	}
	text, err := json.MarshalIndent(b, "", "  ")
	return append(text, '\n'), err
}

// bill is a bill of materials; see https://cyclonedx.org/docs/1.6/json. It has no
// time and no number of its own, so that the same binary has the same.
type bill struct {
	Format       string       `json:"bomFormat"`
	Spec         string       `json:"specVersion"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version,omitempty"`
	Licences   []choice   `json:"licenses,omitempty"`
	PURL       string     `json:"purl,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type choice struct {
	License struct {
		ID string `json:"id"`
	} `json:"license"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn,omitempty"`
}

func describe(info *debug.BuildInfo, binary string) (*bill, error) {
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	b := &bill{Format: "CycloneDX", Spec: "1.6", Version: 1}
	b.Metadata.Component = component{Type: "application", Ref: "main", Name: info.Main.Path, Properties: []property{{"go:version", info.GoVersion}}}
	std, err := licencesIn(strings.TrimSpace(string(goroot)))
	if err != nil {
		return nil, fmt.Errorf("the standard library: %w", err)
	}
	b.add(component{Name: "std", Version: info.GoVersion}, std)
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		found, err := licencesOf(m)
		if err != nil {
			return nil, fmt.Errorf("%s in %s: %w", m.Path, filepath.Base(binary), err)
		}
		b.add(component{Name: m.Path, Version: m.Version, Properties: []property{{"go:sum", m.Sum}}}, found)
	}
	refs := make([]string, 0, len(b.Components))
	for _, c := range b.Components {
		refs = append(refs, c.Ref)
	}
	b.Dependencies = []dependency{{"main", refs}}
	return b, nil
}

func (b *bill) add(c component, licences []string) {
	c.Type, c.PURL = "library", "pkg:golang/"+c.Name+"@"+c.Version
	c.Ref = c.PURL
	for _, id := range licences {
		var l choice
		l.License.ID = id
		c.Licences = append(c.Licences, l)
	}
	b.Components = append(b.Components, c)
}

// licencesOf reads the licences of a module where the go command keeps it.
func licencesOf(m *debug.Module) ([]string, error) {
	out, err := exec.Command("go", "mod", "download", "-json", m.Path+"@"+m.Version).Output()
	if err != nil {
		return nil, fmt.Errorf("go mod download: %w: %s", err, out)
	}
	var kept struct{ Dir string }
	if err := json.Unmarshal(out, &kept); err != nil {
		return nil, err
	}
	return licencesIn(kept.Dir)
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense)([._-].*)?$`)

// licencesIn knows the licences in the files at the top of a module; all must be
// known.
func licencesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, e := range entries {
		if e.IsDir() || !licenceFile.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		id := licence(string(text))
		if id == "" {
			return nil, fmt.Errorf("the licence in %s is not known", e.Name())
		}
		all = append(all, id)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no file with a licence in %s", dir)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// licence names the licence that a text is, by SPDX's identifiers; "": none that
// is known here. Words are compared without what stands between them.
func licence(text string) string {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	for _, l := range []struct {
		id    string
		words []string
	}{
		{"Apache-2.0", []string{"apache license version 2.0"}},
		{"MPL-2.0", []string{"mozilla public license", "2.0"}},
		{"AGPL-3.0-only", []string{"gnu affero general public license"}},
		{"LGPL-3.0-only", []string{"gnu lesser general public license"}},
		{"GPL-3.0-only", []string{"gnu general public license"}},
		{"Unlicense", []string{"this is free and unencumbered software"}},
		{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "endorse or promote"}},
		{"BSD-2-Clause", []string{"redistribution and use in source and binary forms"}},
		{"MIT-0", []string{"permission is hereby granted, free of charge", "without restriction", "mit no attribution"}},
		{"MIT", []string{"permission is hereby granted, free of charge", "the above copyright notice and this permission notice"}},
		{"ISC", []string{"permission to use, copy, modify, and"}},
	} {
		if !slices.ContainsFunc(l.words, func(w string) bool { return !strings.Contains(text, w) }) {
			return l.id
		}
	}
	return ""
}

// modulesIn reads the modules in what 'go version -m' says.
func modulesIn(told []byte) (all []string) {
	for line := range bytes.Lines(told) {
		fields := strings.Fields(string(line))
		if len(fields) >= 3 && (fields[0] == "dep" || fields[0] == "=>") {
			if fields[0] == "=>" && len(all) > 0 {
				all = all[:len(all)-1] // stands in for the one before
			}
			all = append(all, fields[1]+"@"+fields[2])
		}
	}
	return all
}

var quoted = regexp.MustCompile("`([^`]+)`")

func allowedIn(file string) (all []string, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "Allowed in the binary:"); ok {
			for _, m := range quoted.FindAllStringSubmatch(rest, -1) {
				all = append(all, m[1])
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no line that begins with 'Allowed in the binary:'", file)
	}
	return all, nil
}

// check compares the bill with the modules that there are and the licences that
// are allowed.
func (b *bill) check(modules, allowed []string) (problems []string) {
	var have []string
	for _, c := range b.Components {
		have = append(have, c.Name+"@"+c.Version)
		if len(c.Licences) == 0 {
			problems = append(problems, c.Name+" has no licence")
		}
		for _, l := range c.Licences {
			if !slices.Contains(allowed, l.License.ID) {
				problems = append(problems, c.Name+" is under "+cmp.Or(l.License.ID, "no licence")+", which is not allowed")
			}
		}
	}
	if len(modules) == 0 {
		problems = append(problems, "'go version -m' names no module")
	}
	for _, m := range modules {
		if !slices.Contains(have, m) {
			problems = append(problems, m+" is in the binary and not in the bill")
		}
	}
	if len(have) != len(modules)+1 { // the standard library is named by nobody else
		problems = append(problems, fmt.Sprintf("the bill has %d components, the binary %d modules", len(have)-1, len(modules)))
	}
	return problems
}
