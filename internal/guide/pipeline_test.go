//go:build unix

package guide_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.yaml.in/yaml/v3"

	"sen/internal/app/apptest"
	"sen/internal/web"
)

// A step is a line of a pipeline, or several. Each starts in a shell of its own,
// or all in one.
type pipeline struct {
	steps []string
	apart bool
}

// TestPipelines does what the CI pages say that a runner should.
func TestPipelines(t *testing.T) {
	if testing.Short() {
		t.Skip("not run: builds the program")
	}
	files := map[string]string{}
	for _, b := range blocks(string(mustRead(t, sourceOf(web.English, "ci")))) {
		if b.rest != "" {
			files[b.rest] = strings.Join(b.lines, "\n") + "\n"
		}
	}
	t.Run("GitHub", func(t *testing.T) {
		t.Parallel()
		runPipeline(t, files, github(t, files[".github/workflows/payments.yml"]))
	})
	t.Run("GitLab", func(t *testing.T) {
		t.Parallel()
		runPipeline(t, files, gitlab(t, files[".gitlab-ci.yml"]))
	})
}

func github(t *testing.T, text string) pipeline {
	t.Helper()
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct{ Run, If string }
		}
	}
	if err := yaml.Unmarshal([]byte(text), &workflow); err != nil {
		t.Fatal(err)
	}
	p := pipeline{apart: true}
	for _, s := range workflow.Jobs["test"].Steps {
		if s.Run != "" {
			p.steps = append(p.steps, s.Run)
		}
	}
	return p
}

func gitlab(t *testing.T, text string) pipeline {
	t.Helper()
	var jobs map[string]struct {
		Before []string `yaml:"before_script"`
		Script []string
	}
	if err := yaml.Unmarshal([]byte(text), &jobs); err != nil {
		t.Fatal(err)
	}
	return pipeline{steps: append(jobs["payments"].Before, jobs["payments"].Script...)}
}

// runPipeline plays the runner: it has checked the project out, and the source
// of Sen where the steps look for it.
func runPipeline(t *testing.T, files map[string]string, p pipeline) {
	t.Helper()
	if len(p.steps) < 3 {
		t.Fatalf("the pipeline has the steps %q only", p.steps)
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir, temp := t.TempDir(), t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if p.apart {
		if err := os.Symlink(root, filepath.Join(dir, "sen")); err != nil {
			t.Fatal(err)
		}
	} else if out, err := exec.CommandContext(t.Context(), "git", "-C", root, "rev-parse", "HEAD").CombinedOutput(); err != nil {
		t.Skipf("not run: the source is not in git: %s", out)
	}
	address := apptest.ReserveAddress(t)
	cmd := exec.CommandContext(t.Context(), "bash", "-eo", "pipefail", "-c", script(p))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "SEN_SERVER=http://"+address, "SEN_ADDR="+address, "SEN_REPOSITORY="+root,
		"RUNNER_TEMP="+temp, "GITHUB_PATH="+filepath.Join(temp, "path"), "CI_PROJECT_DIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that what runs on in the background can be ended
	log, err := os.Create(filepath.Join(temp, "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	err = cmd.Start()
	if err == nil {
		err = cmd.Wait()
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	said := string(mustRead(t, log.Name()))
	if err != nil || !strings.Contains(said, "The ledger is right.") {
		t.Errorf("the pipeline: %v\n%s", err, said)
	}
	_ = log.Close()
}

// script is the pipeline as one. What GitHub's steps add to GITHUB_PATH is in
// the path of those after them.
func script(p pipeline) string {
	if !p.apart {
		return strings.Join(p.steps, "\n")
	}
	var b strings.Builder
	b.WriteString("touch \"$GITHUB_PATH\"\n")
	for _, s := range p.steps {
		fmt.Fprintf(&b, "PATH=\"$(paste -sd: \"$GITHUB_PATH\"):$PATH\" bash -eo pipefail <<'END OF STEP'\n%s\nEND OF STEP\n", s)
	}
	return b.String()
}
