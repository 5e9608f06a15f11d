package guide_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"sen/internal/app/apptest"
	"sen/internal/cli"
	"sen/internal/guide"
	"sen/internal/web"
)

// TestMain lets the snippets run this very program under the name sen.
func TestMain(m *testing.M) {
	if strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") == "sen" {
		os.Exit(cli.Run("dev", os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// A block is fenced code of a page.
type block struct {
	kind, rest string // "console fails" has both
	section    string // the heading it stands under
	lines      []string
	first      int // the line of the page where it begins
}

var fence = regexp.MustCompile("^```(.*)$")

func blocks(markdown string) (all []block) {
	section, open := "", false
	var b block
	for i, text := range strings.Split(markdown, "\n") {
		m := fence.FindStringSubmatch(text)
		switch {
		case m != nil && open:
			all, open = append(all, b), false
		case m != nil:
			open = true
			kind, rest, _ := strings.Cut(m[1], " ")
			b = block{kind: kind, rest: rest, section: section, first: i + 1}
		case open:
			b.lines = append(b.lines, text)
		case strings.HasPrefix(text, "#"):
			section = text
		}
	}
	return all
}

// TestSameInBothLanguages: the pages have the same headings, the same code, and
// the same links and images.
func TestSameInBothLanguages(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)]+)\)`)
	language := regexp.MustCompile(`\.(vi|en)\.webp|^\.\./(vi|en)/README`)
	for _, name := range guide.Names {
		var levels, code, links [2][]string
		for i, l := range web.Langs {
			text := string(mustRead(t, sourceOf(l, name)))
			for _, b := range blocks(text) {
				if b.kind == "mermaid" {
					b.lines = nil // in the words of the language
				}
				code[i] = append(code[i], fmt.Sprint(b.kind, " ", b.rest, "\n", strings.Join(b.lines, "\n")))
				text = strings.Replace(text, strings.Join(b.lines, "\n"), "", 1)
			}
			levels[i] = regexp.MustCompile(`(?m)^#+ `).FindAllString(text, -1)
			for _, m := range link.FindAllStringSubmatch(text, -1) {
				links[i] = append(links[i], language.ReplaceAllString(m[1], ""))
			}
		}
		for what, pair := range map[string][2][]string{"headings": levels, "code": code, "links": links} {
			if a, b := strings.Join(pair[0], "\n"), strings.Join(pair[1], "\n"); a != b {
				t.Errorf("%s: the %s are\n%s\nin %s and\n%s\nin %s", name, what, a, web.Langs[0], b, web.Langs[1])
			}
		}
	}
}

// TestSnippets runs the code of every page, in order, against a sandbox of its
// own. A console block has commands after "$ ", and what they print; a line "…"
// stands for any lines, and numbers, times and tokens may be others. A command
// must succeed unless the block says "fails". A block that names a file is that
// file; text, and nothing else, is not run.
func TestSnippets(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil || runtime.GOOS == "windows" {
		t.Skip("not run: the snippets are for bash")
	}
	for _, name := range guide.Names {
		t.Run(name, func(t *testing.T) {
			if !*update { // which is read again by another test
				t.Parallel()
			}
			runPage(t, name)
		})
	}
}

func runPage(t *testing.T, name string) {
	t.Helper()
	file := sourceOf(web.Vietnamese, name)
	markdown := string(mustRead(t, file))
	all := blocks(markdown)
	if len(all) == 0 {
		return
	}
	if _, err := exec.LookPath("jq"); err != nil && strings.Contains(markdown, "| jq") {
		t.Skip("not run: no jq here")
	}
	s := newSession(t)
	for _, b := range all {
		switch {
		case b.kind == "console":
			if program := s.lacks(b); program != "" {
				// What comes later may show what this would have made.
				t.Skipf("not run: %s from %q on (no %s here)", name, b.section, program)
			}
			if s.unbuilt(b) {
				t.Skipf("not run: %s from %q on, since the TypeScript SDK is not built; make sdk-typescript builds it, and runs this", name, b.section)
			}
			s.console(t, name, b)
		case b.kind == "mermaid" || b.kind == "text":
		case b.rest != "":
			s.write(t, b)
		default:
			t.Errorf("%s:%d: a block of %q has no file name, so nothing runs it", file, b.first, b.kind)
		}
	}
	for _, written := range s.written {
		if !s.used[written] && !strings.HasSuffix(written, ".yml") { // those are run by another test
			t.Errorf("%s: no command uses %s", file, written)
		}
	}
}

// A session is a shell in a directory of its own.
type session struct {
	dir     string
	sandbox *apptest.Sandbox
	shop    string // the address instead of 127.0.0.1:9000
	in      io.Writer
	out     *bufio.Reader
	written []string
	needSDK []string // of these, the ones that import the TypeScript SDK
	used    map[string]bool
}

func newSession(t *testing.T) *session {
	t.Helper()
	s := &session{dir: t.TempDir(), sandbox: apptest.StartSandbox(t), shop: apptest.ReserveAddress(t), used: map[string]bool{}}
	bin := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, "sen")); err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(root, filepath.Join(s.dir, "sen")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(s.dir, "node_modules"), 0o700); err != nil { // as npm install does
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(root, "sdk", "typescript"), filepath.Join(s.dir, "node_modules", "sen-sdk")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "bash", "--norc")
	cmd.Dir = s.dir
	// -trimpath: what was built once is found again, though the directory is another one.
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "SEN_SERVER="+s.sandbox.URL,
		"LANG=C.UTF-8", "TZ=Asia/Ho_Chi_Minh", "NO_COLOR=1", "PYTHONUNBUFFERED=1", "GOFLAGS=-trimpath", "GOWORK=")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = write, write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = write.Close()
	t.Cleanup(func() {
		_, _ = io.WriteString(in, "kill -9 $(jobs -p) 2>/dev/null\nexit\n")
		_ = in.Close()
		_ = cmd.Wait()
		_ = out.Close()
	})
	s.in, s.out = in, bufio.NewReader(out)
	_, _ = io.WriteString(in, "set -o pipefail\n")
	return s
}

// Addresses in the pages, which are other ones here.
const (
	shownGateway = "127.0.0.1:8080"
	shownShop    = "127.0.0.1:9000"
)

var shownPort = regexp.MustCompile(`\b9000\b`)

func (s *session) real(text string) string {
	_, port, _ := net.SplitHostPort(s.shop)
	text = strings.NewReplacer("http://"+shownGateway, s.sandbox.URL, shownShop, s.shop).Replace(text)
	return shownPort.ReplaceAllString(text, port)
}

func (s *session) shown(text string) string {
	_, port, _ := net.SplitHostPort(s.shop)
	return strings.NewReplacer(" --server "+s.sandbox.URL, "", s.sandbox.URL, "http://"+shownGateway, s.shop, shownShop,
		":"+port, ":9000", s.dir, "~/shop").Replace(text)
}

func (s *session) write(t *testing.T, b block) {
	t.Helper()
	file := filepath.Join(s.dir, filepath.FromSlash(b.rest))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(s.real(strings.Join(b.lines, "\n")+"\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	s.written = append(s.written, b.rest)
	if strings.Contains(strings.Join(b.lines, "\n"), `from "sen-sdk`) {
		s.needSDK = append(s.needSDK, b.rest)
	}
}

var programs = regexp.MustCompile(`(?m)(?:^\$ |\| *)(node|python3|php|go|openssl|curl)\b`)

// lacks names a program that the block needs and that is not here.
func (s *session) lacks(b block) string {
	for _, m := range programs.FindAllStringSubmatch(strings.Join(b.lines, "\n"), -1) {
		if _, err := exec.LookPath(m[1]); err != nil {
			return m[1]
		}
	}
	return ""
}

// unbuilt reports whether the block runs a file that imports the TypeScript SDK,
// which is not built here.
func (s *session) unbuilt(b block) bool {
	_, err := os.Stat(filepath.Join(s.dir, "node_modules", "sen-sdk", "dist"))
	return err != nil && slices.ContainsFunc(s.needSDK, func(file string) bool {
		return strings.Contains(strings.Join(b.lines, "\n"), file)
	})
}

// console runs the commands of a block and compares what they print.
func (s *session) console(t *testing.T, name string, b block) {
	t.Helper()
	var now []string
	for i := 0; i < len(b.lines); {
		command, ok := strings.CutPrefix(b.lines[i], "$ ")
		if !ok {
			t.Fatalf("%s: a console block begins with %q, not with a command", name, b.lines[i])
		}
		now = append(now, b.lines[i])
		i++
		for strings.HasSuffix(command, "\\") {
			now = append(now, b.lines[i])
			command += "\n" + b.lines[i]
			i++
		}
		from := i
		for i < len(b.lines) && !strings.HasPrefix(b.lines[i], "$ ") {
			i++
		}
		said, status := s.run(t, command)
		if (status != 0) != (b.rest == "fails") {
			t.Fatalf("%s: %q ended with %d:\n%s", name, command, status, said)
		}
		want := b.lines[from:i]
		if same(want, said) {
			now = append(now, want...)
			continue
		}
		if !*update {
			t.Errorf("%s: %q prints\n%s\nand not\n%s", name, command, said, strings.Join(want, "\n"))
		}
		if said != "" {
			now = append(now, strings.Split(said, "\n")...)
		}
	}
	if *update {
		for _, l := range web.Langs {
			replace(t, sourceOf(l, name), strings.Join(b.lines, "\n"), strings.Join(now, "\n"))
		}
	}
}

func replace(t *testing.T, file, before, after string) {
	t.Helper()
	text := strings.Replace(string(mustRead(t, file)), before+"\n```", after+"\n```", 1)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil { //nolint:gosec // for everybody to read
		t.Fatal(err)
	}
}

const patience = 2 * time.Minute

// run runs a command and returns what it printed and how it ended. What it says
// of callbacks does not depend on how fast they are: they are waited for. A
// command in the background is one that serves at the shop's address.
func (s *session) run(t *testing.T, command string) (said string, status int) {
	t.Helper()
	s.settle(t)
	for _, file := range s.written {
		if strings.Contains(command, file) || strings.Contains(command, "./"+filepath.Dir(file)+"/") {
			s.used[file] = true
		}
	}
	const end = "--end of output--"
	if strings.HasPrefix(command, "kill ") {
		defer s.listens(t, false)
	}
	if strings.HasSuffix(command, "&") {
		_, _ = fmt.Fprintf(s.in, "%s\n", s.real(command))
		s.listens(t, true)
		command = "true"
	}
	_, _ = fmt.Fprintf(s.in, "%s\nprintf '\\n%s%%d\\n' $?\n", s.real(command), end)
	var out strings.Builder
	for {
		text, err := s.out.ReadString('\n')
		if code, ok := strings.CutPrefix(text, end); ok {
			_, _ = fmt.Sscan(code, &status)
			return strings.Trim(ended.ReplaceAllString(s.shown(out.String()), ""), "\n"), status
		}
		out.WriteString(text)
		if err != nil {
			t.Fatalf("%s: the shell ended: %v\n%s", command, err, &out)
		}
	}
}

// ended is how the shell tells of a shop that was stopped.
var ended = regexp.MustCompile(`(?m)^bash: line \d+: +\d+ (?:Terminated|Killed).*\n?`)

// listens waits until the shop serves, or does so no more.
func (s *session) listens(t *testing.T, want bool) {
	t.Helper()
	for late := time.Now().Add(patience); time.Now().Before(late); time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("tcp", s.shop)
		if err == nil {
			_ = c.Close()
		}
		if (err == nil) == want {
			return
		}
	}
	t.Fatalf("the shop serves: %v, want %v", !want, want)
}

// settle waits until every callback was tried.
func (s *session) settle(t *testing.T) {
	t.Helper()
	untried := errors.New("not tried")
	for late := time.Now().Add(patience); untried != nil; time.Sleep(5 * time.Millisecond) {
		all, err := s.sandbox.Control.Callbacks(t.Context(), 20)
		if err != nil {
			t.Fatal(err)
		}
		untried = nil
		for _, c := range all {
			if c.State == "due" && c.Attempts == 0 {
				untried = fmt.Errorf("callback %s was not tried", c.ID)
			}
		}
		if untried != nil && time.Now().After(late) {
			t.Fatal(untried)
		}
	}
}

var changing = []*regexp.Regexp{
	regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.\d]*)(?: GMT\+7|\+07:00|Z)?`), // times
	regexp.MustCompile(`\d{4}-\d\d-\d\d`),
	regexp.MustCompile(`\d{6}_\w+`),                                              // identifiers of merchants
	regexp.MustCompile(`[A-Za-z0-9+/=_-]{22,}`),                                  // tokens and macs
	regexp.MustCompile(`\b\d+(?:\.\d+)? (?:µs|ms|s)\b|\b(?:\d+h)?\d+m[\d.]+s\b`), // how long something took
	regexp.MustCompile(`127\.0\.0\.1:\d{5}\b`),                                   // sandboxes inside
	regexp.MustCompile(`\b[A-Z0-9]{16,}\b`),                                      // keys and passwords
	regexp.MustCompile(`\d{8,}`),                                                 // numbers of payments, times
	regexp.MustCompile(` {2,}`),                                                  // columns are as wide as what is in them
}

// same compares what was printed with what a page shows.
func same(shown []string, said string) bool {
	pattern := `^`
	for i, text := range shown {
		if text == "…" {
			pattern += `(?:.*\n)*?`
			continue
		}
		pattern += regexp.QuoteMeta(blur(text))
		pattern = strings.ReplaceAll(pattern, "…", `.*`)
		if i >= 0 {
			pattern += `\n`
		}
	}
	if said != "" {
		said += "\n"
	}
	return regexp.MustCompile(pattern + `$`).MatchString(blur(said))
}

func blur(text string) string {
	for _, r := range changing {
		text = r.ReplaceAllString(text, "#")
	}
	return strings.ReplaceAll(text, " \n", "\n")
}
